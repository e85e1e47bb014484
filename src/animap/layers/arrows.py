"""Campaign arrows over the film: which axes are one figure, how it comes, pales and goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from animap.layers.base import Moment, Setting
from animap.layers.presence_options import Entrance, Look
from animap.layers.treks import STEPS, Plan, State, Trek
from animap.layers.walks import Advance
from animap.marks import Arrow, Mark, Points, Shown, faded
from animap.timeline import ease

__all__ = ["Figure", "figures_of"]

_LEAVE = Entrance(kind="fade", seconds=1.0)


class Figure:
    """Axes that are drawn as one: a trunk and the branches of its nation."""

    def __init__(self, treks: Sequence[Trek], setting: Setting, plan: Plan, *, signed: bool) -> None:
        self.treks, self._plan, self._style = tuple(treks), plan, setting.style.advances
        self.start = min(t.start for t in treks)
        self.stop = max(t.stop for t in treks)
        self._leave = plan.exit or (_LEAVE if plan.brief else None)
        self._signed = [t for t in treks if signed and t.trunk is None]
        self._posts = [post for t in treks for post in _posts(t)] if plan.memory == "mark" else []
        self._latest: tuple[tuple[State | None, ...], Arrow | None] = ((), None)
        self._rests = max(t.rests(plan) for t in treks)
        self._rested: tuple[Arrow | None] | None = None
        past, style = self._style.past_opacity, self._style
        rise = [past + (style.opacity - past) * n / STEPS for n in range(STEPS + 1)]
        self._steps = tuple(rise) if plan.memory == "wake" else (1.0,)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The arrow, and the marks that it leaves behind."""
        for second, mark in self._posts:
            if moment.second >= second:
                yield mark
        arrow = self._arrow_at(moment)
        if arrow is not None:
            yield from faded([arrow], self._opacity(moment.second))

    def _arrow_at(self, moment: Moment) -> Arrow | None:
        """The arrow of a moment; the same object while nothing of it changes."""
        if moment.second < self.start:
            return None
        if moment.second >= self._rests:
            # What has come to rest need not be asked again: most of a film's arrows have.
            self._rested = self._rested or (self._arrow_of(moment),)
            return self._rested[0]
        return self._arrow_of(moment)

    def _arrow_of(self, moment: Moment) -> Arrow | None:
        states = tuple(t.state(moment, self._plan, self._look(t, moment.second)) for t in self.treks)
        if self._latest[0] != states:
            self._latest = states, self._arrow(states)
        return self._latest[1]

    def badges(self, moment: Moment) -> Iterable[Shown]:
        """Signs of the nation, which stay clearer than the body behind them."""
        for trek in self._signed:
            sign = trek.badge(moment)
            if sign:
                pale = 1 - (1 - self._style.past_opacity) / 2 * trek.age(moment.second)
                yield from faded([sign[0]], pale * sign[1] * self._presence(moment.second))

    def _look(self, trek: Trek, second: float) -> Look:
        """Size and length of a limb as it comes and goes; the figure's opacity is another matter."""
        look = self._plan.enter.look(second - trek.start) if trek.start > 0 else Look()
        if self._leave is not None:
            left = trek.stop + self._style.past_seconds - second
            gone = self._leave.look(left)
            if self._leave.kind == "fade" and trek.stop < self.stop:
                # A figure fades as one; a limb that is done before the others shrinks.
                gone = Look(size=gone.opacity)
            look = look & gone
        return look

    def _presence(self, second: float) -> float:
        come = self._plan.enter.look(second - self.start).opacity if self.start > 0 else 1.0
        left = self.stop + self._style.past_seconds - second
        return come * (self._leave.look(left).opacity if self._leave else 1.0)

    def _opacity(self, second: float) -> float:
        shown, style = self._presence(second), self._style
        if self._plan.memory == "wake":
            return shown
        if self._plan.brief:
            return shown * style.opacity
        age = (second - self.stop) / style.past_seconds if style.past_seconds else 1.0
        return shown * (style.opacity + (style.past_opacity - style.opacity) * ease("sine-in-out", age))

    def _arrow(self, states: Sequence[State | None]) -> Arrow | None:
        limbs = [t.limb(s) for t, s in zip(self.treks, states, strict=True) if s is not None]
        if not limbs:
            return None
        style, trunk = self._style, limbs[0]
        shadow = (style.shadow, *style.shadow_offset, style.shadow_soft) if style.shadow else None
        return Arrow(
            xy=trunk.xy,
            fill=self.treks[0].colour,
            width=trunk.width,
            tip=trunk.tip,
            tail=trunk.tail,
            head=trunk.head,
            swallow=trunk.swallow,
            fresh=trunk.fresh,
            branches=tuple(limbs[1:]),
            steps=self._steps,
            casing=style.casing,
            shadow=shadow,
        )


def _posts(trek: Trek) -> list[tuple[float, Mark]]:
    """Marks at the dated way-points of an axis, and the seconds from which on they stay."""
    places = zip(trek.advance.points, trek.walk.curve.at.tolist(), strict=True)
    return [
        (
            trek.second_at(metres),
            Points(
                xy=np.array([point.at]),
                radius=trek.width * 0.34,
                fill=trek.colour,
                pen=trek.style.casing,
                symbol="diamond",
            ),
        )
        for point, metres in places
        if point.when is not None
    ]


def figures_of(advances: Sequence[Advance], setting: Setting, plan: Plan) -> list[Figure]:
    """One figure for every axis that is no branch, with its branches and theirs of the same nation."""
    known = {a.id: a for a in advances}
    treks: dict[str, Trek] = {}

    def trek_of(advance: Advance, seen: frozenset[str]) -> Trek:
        if advance.id not in treks:
            trunk = known.get(advance.branch_of)
            same = trunk is not None and trunk.formation.nation == advance.formation.nation
            base = trek_of(trunk, seen | {trunk.id}) if trunk and same and trunk.id not in seen else None
            treks[advance.id] = Trek(advance, setting, base)
        return treks[advance.id]

    for advance in advances:
        trek_of(advance, frozenset({advance.id}))
    groups: dict[str, list[Trek]] = {}
    for trek in treks.values():
        root = trek
        while root.trunk is not None:
            root = root.trunk
        groups.setdefault(root.advance.id, []).append(trek)
    told = {t.advance.formation.nation for t in treks.values() if not t.advance.detail}
    return [
        Figure(
            group,
            setting,
            plan,
            signed=not group[0].advance.detail or group[0].advance.formation.nation not in told,
        )
        for group in groups.values()
    ]
