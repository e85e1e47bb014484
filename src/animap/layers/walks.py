"""Axes of advance as history: dated way-points, the smooth line through them, and the pace on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import shapely

from animap.geo.lines import Curve, curve_through, lengths
from animap.geo.smooth import Monotone, monotone
from animap.layers.base import Formation
from animap.timeline import Instant, When
from animap.types import Floats

__all__ = ["Advance", "Walk", "WayPoint", "fork", "one_day", "rooted", "walk"]

_DAYLIGHT = (0.25, 0.75)
"""Share of a day, 6 to 18 o'clock, over which way-points known to the same day only are spread."""


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A place on an axis (map metres); without a date it only shapes the line."""

    at: tuple[float, float]
    when: When | None
    place: str
    where: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Advance:
    """A troop axis."""

    id: str
    formation: Formation
    points: tuple[WayPoint, ...]
    detail: bool
    branch_of: str
    source: str
    heading: float | None = None
    """Direction (radians, counter-clockwise from east) in which the axis it branches off runs there."""

    @property
    def walk(self) -> Walk:
        """Its curve and its pace."""
        return walk(self.points, self.heading)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """How far along its curve an axis has come at which instant."""

    curve: Curve
    instants: Floats
    metres: Floats
    _progress: Monotone

    def metres_at(self, instant: Instant) -> float:
        """Metres walked; 0 before the first date, the whole length from the last on."""
        if instant <= self.instants[0]:
            return 0.0
        if instant >= self.instants[-1]:
            return float(self.metres[-1])
        return self._progress(instant)


def walk(points: Sequence[WayPoint], heading: float | None = None) -> Walk:
    """The curve of an axis and the pace at which it is walked: never back, and on time at every date.

    With a `heading` it sets out in that direction, as far as that suits where it leads.
    """
    curve = curve_through(np.array([p.at for p in points]), heading)
    dated = [i for i, p in enumerate(points) if p.when is not None]
    instants = np.array(_instants([when for p in points if (when := p.when) is not None]))
    metres = curve.at[dated]
    return Walk(curve, instants, metres, monotone(instants, metres))


def one_day(a: When, b: When) -> bool:
    """Whether both are the same day and the hour of one is not known, so that either may come first."""
    return max(a.days, b.days) == 1 and math.floor(a.earliest) == math.floor(b.earliest)


def _instants(whens: Sequence[When]) -> list[Instant]:
    """Instants of way-points; those of one day share out its daylight in order, one alone comes at noon."""
    result: list[Instant] = []
    for day, group in groupby(whens, key=lambda w: w.earliest if w.days == 1 else None):
        run = list(group)
        if day is None:
            result += [when.instant for when in run]
            continue
        following = whens[len(result) + len(run) :][:1]
        before = result[-1] if result and result[-1] >= day else None
        after = following[0].instant if following and following[0].instant < day + 1 else None
        low, high = (day + share for share in _DAYLIGHT)
        low, high = max(low, before or low), min(high, after or high)
        if low >= high:
            # A known hour leaves no daylight: it gets dark.
            before, after = before or day, after or day + 1
            low, high = before, after
        skip, more = int(before is not None), int(after is not None)
        places = np.linspace(low, high, len(run) + skip + more)[skip:].tolist()
        result += places[: len(run)] if len(run) + skip + more > 1 else [(low + high) / 2]
    return result


_NEAR = 3000.0
"""Metres from an axis within which another one that says so branches off it."""


def fork(trunk: Curve, at: tuple[float, float]) -> float | None:
    """Distance along a curve at which another one leaves it from `at`, or None where they do not meet."""
    line = shapely.LineString(trunk.xy)
    point = shapely.Point(at)
    return float(line.project(point)) if line.distance(point) <= _NEAR else None


def rooted(advances: Sequence[Advance]) -> tuple[Advance, ...]:
    """Branches turned so that they leave their trunk as it runs."""
    known = {a.id: a for a in advances}
    done: dict[str, Advance] = {}

    def root(advance: Advance, seen: frozenset[str]) -> Advance:
        if advance.id not in done:
            trunk = known.get(advance.branch_of)
            if trunk is not None and trunk.id not in seen:
                trunk = root(trunk, seen | {advance.id})
                advance = replace(advance, heading=_heading(trunk.walk.curve, advance.points[0].at))
            done[advance.id] = advance
        return done[advance.id]

    return tuple(root(a, frozenset({a.id})) for a in advances)


def _heading(trunk: Curve, at: tuple[float, float]) -> float | None:
    metres = fork(trunk, at)
    if metres is None:
        return None
    along = lengths(trunk.xy)
    # Taken from behind, so that where the trunk ends or turns at the fork, it is the way it came.
    ends = np.clip([metres - _NEAR, metres], 0, along[-1])
    x, y = np.interp(ends, along, trunk.xy[:, 0]), np.interp(ends, along, trunk.xy[:, 1])
    return None if ends[0] == ends[1] else math.atan2(y[1] - y[0], x[1] - x[0])
