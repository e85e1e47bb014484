"""The names of all layers as they are shown: placed for each rest of the camera, carried over its flights.

Stages are solved one after the other, as far as the asked second needs them: a still waits for no more.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np

from animap.layers.base import Bare, Candidate, Moment, Name, Obstacle, Rect, Setting
from animap.layers.lettering import text_box
from animap.layers.placing import LEADER_COST, LEAST_SHOWN, Placed, meet, place
from animap.marks import Line, Page, Paths, Shown, Text, View, faded
from animap.timeline import Presence

__all__ = ["LabelLayer", "Stage", "Standing"]

_Shown: TypeAlias = tuple[tuple[Presence, Candidate], ...]
"""Names as they are set, from the bottom up, and when each is there."""

_STAYING = 3.0
"""How much cheaper a place is in which the name stood already."""


def _further_off(name: Name, setting: Setting) -> Name:
    """The name with places further from its symbol, to which a leader line points.

    Only for names that stay: a crowd of passing ones is no clearer for lines.
    """
    pen = setting.style.labels.leader
    near = name.candidates[0].marks[0] if name.candidates else None
    transient = math.isfinite(name.start)
    if (
        transient
        or not name.points
        or pen is None
        or not isinstance(near, Text)
        or near.space != "map"
        or near.angle
    ):
        return name
    x, y = setting.view.to_page(np.array([near.at]), setting.page)[0]
    scale = setting.metres_per_unit
    more = []
    for distance in (34.0, 52.0, 72.0):
        for step in range(16):
            turn = math.tau * step / 16
            dx, dy = distance * math.cos(turn), -distance * math.sin(turn)
            align: Literal["left", "right"] = "left" if dx >= 0 else "right"
            mark = replace(near, offset=(dx, dy + near.lettering.size * 0.26), align=align)
            box = text_box(near.text, near.lettering, x + dx, y + mark.offset[1], align, near.language)
            ends = np.array([near.at, (near.at[0] + dx * 0.9 * scale, near.at[1] - dy * 0.9 * scale)])
            leader = Line(paths=Paths.of([ends]), pen=pen)
            more.append(
                Candidate((leader, mark), (box,), LEADER_COST + distance / 12, name.candidates[0].start)
            )
    return replace(name, candidates=(*name.candidates, *more))


@dataclass(frozen=True, eq=False)
class Stage:
    """What there is to name while the camera rests: `setting` has the view, the seconds bound the rest.

    `coming` are views on the flight to it. Names whose ids are `hidden` keep their places free and are not
    shown.
    """

    setting: Setting
    names: Sequence[Name]
    obstacles: Sequence[Obstacle]
    arrives: float = -math.inf
    leaves: float = math.inf
    coming: Sequence[View] = ()
    hidden: Container[str] = frozenset()

    def within(self) -> list[Name]:
        """The names that are shown in this time, their spans cut to it; none that would only flash up."""
        cut = [
            replace(n, start=max(n.start, self.arrives), stop=min(n.stop, self.leaves)) for n in self.names
        ]
        return [n for n in cut if n.stop - n.start >= LEAST_SHOWN]


@dataclass(frozen=True, eq=False)
class Standing(Bare):
    """Names that have their places."""

    shown: _Shown = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_there", lru_cache(maxsize=2)(self._between))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Names of the moment."""
        second = moment.second
        there: _Shown = self._there(bisect.bisect_right(self._turns, second))  # type: ignore[attr-defined]
        for presence, candidate in there:
            share = presence.at(second)
            if not share:
                continue
            yield from faded(candidate.marks, share)
            for note in candidate.notes:
                if note.start <= second < note.stop:
                    soft = Presence(note.start, note.stop, note.fade, note.fade)
                    yield from faded(note.marks, min(share, soft.at(second)))

    @cached_property
    def _turns(self) -> list[float]:
        """Seconds at which a name comes or has gone."""
        return sorted({second for presence, _ in self.shown for second in (presence.start, presence.stop)})

    def _between(self, turn: int) -> _Shown:
        """Names that are there after so many turns, up to the next."""
        # Most are not; to ask each of them in every frame would take longer than to set the others.
        second = self._turns[turn - 1] if turn else -math.inf
        return tuple(one for one in self.shown if one[0].start <= second < one[0].stop)


@dataclass(frozen=True, eq=False)
class LabelLayer(Bare):
    """The names of all layers, placed stage by stage when a second of theirs is first asked for.

    While the camera flies only those names are shown that stand alike before and after, and do not meet
    on the way; the others fade out before it and in after it.
    """

    _course: _Course = field(repr=False)

    @classmethod
    def of(cls, setting: Setting, stages: Iterable[Stage]) -> LabelLayer:
        """Names of stages in the order of time, which can be gone through again; each is fetched when it is
        needed."""
        return cls(setting, _Course(stages))

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers get names that have their places: they need neither the others nor how it came about.
        if self.settled:
            return Standing, (self.setting, self._course.shown)
        return LabelLayer, (self.setting, self._course)

    @property
    def settled(self) -> bool:
        """Whether the names of all stages have their places."""
        return self._course.finished

    @property
    def placed(self) -> Sequence[Placed]:
        """All names that found a place, for each stage of theirs."""
        self._course.finish()
        return self._course.placed

    @property
    def left_out(self) -> Sequence[Name]:
        """Names that found a place in no stage."""
        self._course.finish()
        found = {p.name.id for p in self._course.placed}
        return [name for name in self._course.failed.values() if name.id not in found]

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Names of the moment."""
        self._course.reach(moment.second)
        if self._standing.shown is not self._course.shown:
            object.__setattr__(self, "_standing", Standing(self.setting, self._course.shown))
        return self._standing.marks(moment)

    @cached_property
    def _standing(self) -> Standing:
        return Standing(self.setting, self._course.shown)


class _Course:
    """Stages solved so far, and what came of them."""

    def __init__(self, stages: Iterable[Stage], shown: _Shown = (), settled: float = -math.inf) -> None:
        self.placed: list[Placed] = []
        self.failed: dict[str, Name] = {}
        self.shown = shown
        self._stages, self._settled = stages, settled
        self._ahead: Iterator[Stage] | None = None
        self._told: list[tuple[_Told, bool]] = []
        self._going_on: dict[str, _Told] = {}
        self._before: Stage | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # What was placed serves as far as it goes. Who needs more begins again: how it came about, all that
        # names might have been set like, is much more than all that a picture needs.
        return _Course, (self._stages, self.shown, self._settled)

    @property
    def finished(self) -> bool:
        """Whether all stages are solved."""
        return self._settled == math.inf

    def finish(self) -> None:
        """Solve all stages."""
        self.reach(math.inf)

    def reach(self, second: float) -> None:
        """Solve so many stages that later ones change nothing at this second of film."""
        if second >= self._settled and self._ahead is None:
            self._ahead = iter(self._stages)
        while self._ahead and second >= self._settled:
            stage = next(self._ahead, None)
            if stage is None:
                self._settled, self._before = math.inf, None
                return
            self._solve(stage)

    def _solve(self, stage: Stage) -> None:
        page, going_on = stage.setting.page, self._going_on
        names = [_further_off(_settled(name, going_on), stage.setting) for name in stage.within()]
        placed, failed = place(names, stage.obstacles, page.across, page.down)
        self.failed |= {name.id: name for name in failed}
        self.placed += placed
        carried = _carried(going_on, placed, self._before, stage.coming) if self._before else set()
        now = {}
        for p in placed:
            old = going_on.get(p.name.id)
            if old and p.name.id in carried:
                old.stop = p.span[1]
                now[p.name.id] = old
            else:
                now[p.name.id] = _Told(p, *p.span)
                self._told.append((now[p.name.id], p.name.id in stage.hidden))
        self._going_on, self._before = now, stage
        # Whether a name fades out as the camera leaves, the next stage tells.
        self._settled = stage.leaves - max((p.name.fade for p in placed), default=0.0)
        # Lesser names lie under greater ones.
        self._told.sort(key=lambda told: -told[0].placed.name.priority)
        self.shown = tuple((t.presence(), t.placed.candidate) for t, hidden in self._told if not hidden)


class _Told:
    """A name as it stands, and from when to when."""

    def __init__(self, placed: Placed, start: float, stop: float) -> None:
        self.placed, self.start, self.stop = placed, start, stop

    def presence(self) -> Presence:
        fade = self.placed.name.fade
        return Presence(self.start, self.stop, fade, fade)


def _settled(name: Name, before: Mapping[str, _Told]) -> Name:
    """The name with the place it had before made cheaper: it would rather stay."""
    old = before.get(name.id)
    if old is None:
        return name
    had = old.placed.candidate
    return replace(
        name,
        candidates=tuple(
            replace(c, cost=c.cost - _STAYING) if _same_place(c, had) else c for c in name.candidates
        ),
    )


def _same_place(a: Candidate, b: Candidate) -> bool:
    """Whether two candidates set a name alike beside one point of the map."""
    x, y = a.marks[-1] if a.marks else None, b.marks[-1] if b.marks else None
    return (
        isinstance(x, Text)
        and isinstance(y, Text)
        and len(a.marks) == len(b.marks) == 1
        and x.space == y.space == "map"
        and (x.at, x.offset, x.align, x.text) == (y.at, y.offset, y.align, y.text)
    )


def _carried(
    before: Mapping[str, _Told], placed: Sequence[Placed], stage: Stage, flight: Sequence[View]
) -> set[str]:
    """Names that can be shown all through a flight."""
    page = stage.setting.page
    alike = [
        p
        for p in sorted(placed, key=lambda p: p.name.priority)
        if p.name.id in before
        and before[p.name.id].stop >= stage.leaves
        and _same_place(p.candidate, before[p.name.id].placed.candidate)
    ]
    anchors = {}
    for p in alike:
        mark = p.candidate.marks[0]
        assert isinstance(mark, Text)
        x, y = stage.setting.view.to_page(np.array([mark.at]), page)[0]
        boxes = [(l - x, t - y, r - x, b - y) for l, t, r, b in before[p.name.id].placed.candidate.boxes]
        anchors[p.name.id] = (mark.at, boxes)
    carried: list[str] = []
    for name, (at, boxes) in anchors.items():
        if not any(
            meet(_moved(q, other_at, view, page), _moved(r, at, view, page))
            for view in flight
            for other in carried
            for other_at, others in (anchors[other],)
            for q in others
            for r in boxes
        ):
            carried.append(name)
    return set(carried)


def _moved(box: Rect, at: tuple[float, float], view: View, page: Page) -> Rect:
    x, y = view.to_page(np.array([at]), page)[0]
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y
