"""One axis in one style: where its head is, how old the body behind it is, its nation's sign."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from animap.geo.lines import lengths, part
from animap.layers.base import Moment, Setting
from animap.layers.flags import roundel
from animap.layers.presence_options import Entrance, Look
from animap.layers.walks import Advance, fork
from animap.marks import Badge, Limb, Mark
from animap.style import Memory
from animap.timeline import ease
from animap.types import Floats

__all__ = ["STEPS", "Plan", "State", "Trek"]

STEPS = 14
"""Steps in which a wake pales: so many that none is seen."""
_TICK = 3.0
"""Times a second at which a wake ages where nothing moves."""
_HAND_OVER = 1.0
"""Film seconds in which a head gives way to the axis that goes on from it."""
_LEAST = 200.0
"""Metres below which an arrow does not show."""
_FINE = 0.1
"""Units by which an arrow moves at least: what would be less is not drawn anew."""
_BARE = 2.6
"""Lengths of a head after which a branch has all of its own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stays of movements and how arrows come and go, as style and film say."""

    memory: Memory
    enter: Entrance
    exit: Entrance | None

    @property
    def brief(self) -> bool:
        """Whether only the recent movement is an arrow."""
        return self.memory in ("mark", "none")


@dataclass(frozen=True, slots=True)
class State:
    """All that a limb's shape depends on; metres along the axis, in steps too small to be seen."""

    start: float
    metres: float
    head: float
    size: float
    fresh: tuple[int, ...]
    short: bool
    """Whether only a stretch of the axis is an arrow, with a tail of its own."""


class Trek:
    """One axis in one style."""

    def __init__(self, advance: Advance, setting: Setting, trunk: Trek | None) -> None:
        style = setting.style.advances
        self.advance, self.style, self._setting = advance, style, setting
        self.walk = advance.walk
        # Arrow and sign ask for the same instant.
        self._metres_at = lru_cache(maxsize=1)(self.walk.metres_at)
        self.xy = self.walk.curve.xy
        self._along = lengths(self.xy)
        self.colour = setting.style.nation(advance.formation.nation)
        clock = setting.clock
        self.start = max(0.0, clock.second_of(float(self.walk.instants[0])))
        self.stop = min(float(clock.seconds), clock.second_of(float(self.walk.instants[-1])))
        self.heir: Trek | None = None
        at = fork(trunk.walk.curve, advance.points[0].at) if trunk else None
        self.trunk = trunk if at is not None else None
        self.width = style.detail_width if advance.detail else style.width
        self.tail = style.tail
        if self.trunk is not None and at is not None:
            self._join(self.trunk, at)
        self._latest: tuple[State, Limb] | None = None
        self._step = max(1.0, setting.finest * _FINE)

    @property
    def joined(self) -> bool:
        """Whether it leaves its trunk on the way, and not where that ends."""
        return self.trunk is not None and self.trunk.heir is not self

    def _join(self, trunk: Trek, at: float) -> None:
        """Leave a trunk within its body; at its end, take over from its head."""
        whole = float(trunk.walk.metres[-1])
        if whole - at < max(1.0, trunk.width * self._setting.metres_per_unit):
            self.tail = min(1.4, trunk.width / self.width)
            trunk.heir = trunk.heir or self
            return
        if not self.advance.detail:
            self.width *= self.style.branch
        there = trunk.width * (trunk.tail + (1 - trunk.tail) * at / whole)
        self.tail = min(0.85, there / self.width)

    @cached_property
    def _passages(self) -> tuple[Floats, Floats]:
        """Film seconds and the metres walked by then."""
        clock = self._setting.clock
        count = max(2, math.ceil(8 * (self.stop - self.start)) + 1)
        seconds = np.linspace(self.start, max(self.stop, self.start), count)
        metres = [self.walk.metres_at(instant) for instant in clock.instants_at(seconds).tolist()]
        metres[-1] = float(self.walk.metres[-1]) if self.stop < float(clock.seconds) else metres[-1]
        return seconds, np.array(metres)

    def metres_by(self, second: float) -> float:
        """Metres walked by a second of film; 0 before the axis begins."""
        seconds, metres = self._passages
        return float(np.interp(second, seconds, metres)) if second >= self.start else 0.0

    def second_at(self, metres: float) -> float:
        """Film second at which the head has come so far."""
        seconds, passed = self._passages
        return float(np.interp(metres, passed, seconds))

    def rests(self, plan: Plan) -> float:
        """Film second from which on its state stays as it is: it has come, paled and handed over."""
        paled = self.stop + self.style.past_seconds + 1 / _TICK
        handed_over = self.heir.start + _HAND_OVER if self.heir else -math.inf
        return max(self.start + plan.enter.lasts, paled, handed_over)

    def age(self, second: float) -> float:
        """How far the whole axis is past, 0 to 1."""
        gone = self.style.past_seconds
        return ease("sine-in-out", (second - self.stop) / gone if gone else 1.0)

    def state(self, moment: Moment, plan: Plan, look: Look) -> State | None:
        """What is seen of it at a moment, None for nothing."""
        second = moment.second
        if second < self.start and self.start > 0:
            return None
        metres = self._metres_at(moment.instant)
        start = 0.0
        if plan.brief:
            least = self.style.head_length * self.width * 1.8 * self._setting.metres_per_unit
            start = max(0.0, min(self.metres_by(second - self.style.past_seconds), metres - least))
        tip = start + (metres - start) * look.drawn if second < self.stop else metres
        start = start if second < self.stop else metres - (metres - start) * look.drawn
        if tip - start < _LEAST or look.size <= 0:
            return None
        head = 1.0
        if self.heir is not None:
            head -= ease("sine-in-out", (second - self.heir.start) / _HAND_OVER)
        step = self._step
        tip = min(math.ceil(tip / step) * step, float(self._along[-1]))
        fresh = _wake(self, second, tip, step + 10) if plan.memory == "wake" else ()
        short = plan.brief or start > 0
        return State(start // step * step, tip, round(head, 3), round(look.size, 3), fresh, short)

    def limb(self, state: State) -> Limb:
        """The limb of a state; the same object while the state is the same."""
        if self._latest is None or self._latest[0] != state:
            self._latest = (state, self._limb(state))
        return self._latest[1]

    def _limb(self, state: State) -> Limb:
        width, style = self.width * state.size, self.style
        long = width * style.head_length
        share = state.head
        if self.joined:
            # A branch grows its head once it is out of its trunk: two heads in one place look like a crown.
            share *= ease("sine-in-out", state.metres / (_BARE * long * self._setting.metres_per_unit))
        head = (width * style.head_width * share, long * share)
        return Limb(
            xy=self._way(state),
            width=width,
            tip=math.inf if state.short else state.metres,
            tail=self.tail,
            head=head if share > 0 else (0.0, 0.0),
            swallow=0.0 if self.trunk else style.swallow,
            joined=self.trunk is not None and state.start == 0,
            fresh=tuple(float(d) - state.start for d in state.fresh),
        )

    def _way(self, state: State) -> Floats:
        """The axis, or the stretch that is an arrow; the same array while that is the same."""
        if not state.short:
            return self.xy
        ends = state.start, state.metres
        if self._stretch is None or self._stretch[:2] != ends:
            self._stretch = *ends, part(self.xy, self._along, *ends)
        return self._stretch[2]

    _stretch: tuple[float, float, Floats] | None = None

    def badge(self, moment: Moment) -> tuple[Mark, float] | None:
        """The nation's sign behind the head and its opacity."""
        style, unit = self.style, self._setting.scale_at(moment)
        if not style.badge:
            return None
        behind = (self.width * style.head_length * 0.9 + style.badge) * unit
        at = self._metres_at(moment.instant) - behind
        # It comes once the body is long enough to carry it.
        come = min(1.0, (at / unit - style.badge) / (2 * style.badge))
        if come <= 0 or (moment.second < self.start and self.start > 0):
            return None
        return self._badge(at // self._step * self._step), come

    def _badge(self, metres: float) -> Mark:
        if self._sign is None or self._sign[0] != metres:
            x, y = (float(np.interp(metres, self._along, self.xy[:, k])) for k in (0, 1))
            nation = self.advance.formation.nation
            mark = roundel(nation, (x, y), self.style.badge, self.style.badge_edge)
            plain = Badge(at=(x, y), radius=self.style.badge, parts=(), edge=self.style.badge_edge)
            self._sign = metres, mark or plain
        return self._sign[1]

    _sign: tuple[float, Mark] | None = None


def _wake(trek: Trek, second: float, tip: float, near: float) -> tuple[int, ...]:
    """Metres from which on the body is younger than each step's age; the tip for those `near` it."""
    moments = math.floor(second * _TICK) / _TICK - _ages(trek.style.past_seconds)
    seconds, metres = trek._passages
    reached = np.where(moments >= trek.start, np.interp(moments, seconds, metres), 0.0)
    end = math.ceil(tip)
    steps = np.minimum(np.where(reached < tip - near, np.floor(reached / 10) * 10, end), end)
    return tuple(steps.astype(int).tolist())


@lru_cache(maxsize=8)
def _ages(seconds: float) -> Floats:
    """Ages below which each step of a wake holds: those at which a sine has come halfway to it."""
    return np.array([seconds * math.acos(2 * (n - 0.5) / STEPS - 1) / math.pi for n in range(1, STEPS + 1)])
