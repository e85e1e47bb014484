"""Lines in map metres: a smooth curve through way-points, lengths, parts of a line, softened bends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from animap.geo.smooth import blurred
from animap.types import Floats

__all__ = ["Curve", "curve_through", "enclosed", "lengths", "part", "softened"]

_STEPS = 24
_LONGEST_HANDLE = 0.4
_STEEPEST = 0.9
"""Radians by which a curve may set out off the straight way to its next point."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A polyline `(n, 2)` fine enough to look smooth; `at` `(k,)`: metres along it of its way-points."""

    xy: Floats
    at: Floats


def lengths(xy: Floats) -> Floats:
    """Metres from the beginning to each vertex of a line, `(n, 2)` → `(n,)`."""
    step = xy[1:] - xy[:-1]
    return np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])


def enclosed(ring: Floats) -> float:
    """The area in a ring `(n, 2)`, below 0 where it runs clockwise."""
    x, y = (ring - ring[0]).T
    # Seen from the first vertex, the way back to it adds nothing.
    return 0.5 * float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


def curve_through(points: Floats, setting_out: float | None = None) -> Curve:
    """A smooth curve through way-points `(k, 2)`, k ≥ 2, in order.

    It sets out in the direction `setting_out` (radians) if given, as far as the way ahead allows.

    Each piece is a cubic Bézier whose handles lie along the way-points' tangents (those of centripetal
    Catmull-Rom), so that the line has no corner. A handle covers at most 0.4 of the straight way and
    shrinks with the cosine of its turn off it: so a piece never runs past its way-points, never loops,
    and strays sideways by less than a sixth of its length however sharp the turns are.
    """
    points = np.asarray(points, dtype=float)
    step = np.diff(points, axis=0)
    chord = np.hypot(step[:, 0], step[:, 1])
    if len(points) < 2 or (chord <= 0).any():
        raise ValueError("a curve needs two way-points or more, no two in succession at one place")
    heading = _tangents(points, step, chord)
    if setting_out is not None:
        ahead = math.atan2(step[0, 1], step[0, 0])
        turn = math.remainder(setting_out - ahead, math.tau)
        heading[0] = ahead + min(max(turn, -_STEEPEST), _STEEPEST)
    t = np.linspace(0, 1, _STEPS + 1)[:, None]
    pieces, at = [points[:1]], [0.0]
    for i in range(len(step)):
        way = math.atan2(step[i, 1], step[i, 0])
        out = _handle(way, heading[i], chord[i])
        back = _handle(way, heading[i + 1], chord[i])
        a, d = points[i], points[i + 1]
        b, c = a + out, d - back
        piece = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        piece[-1] = d
        at.append(at[-1] + float(lengths(piece)[-1]))
        pieces.append(piece[1:])
    return Curve(np.concatenate(pieces), np.array(at))


def _tangents(points: Floats, step: Floats, chord: Floats) -> Floats:
    """Heading at each way-point, radians."""
    if len(points) == 2:
        return np.full(2, math.atan2(step[0, 1], step[0, 0]))
    pace = np.sqrt(chord)[:, None]
    slope = step / pace
    inner = (slope[:-1] * pace[1:] + slope[1:] * pace[:-1]) / (pace[:-1] + pace[1:])
    heading = np.arctan2(inner[:, 1], inner[:, 0])
    ways = np.arctan2(step[:, 1], step[:, 0])
    # The free ends bend as much as their other end, the other way round: an arc.
    first = 2 * ways[0] - heading[0]
    last = 2 * ways[-1] - heading[-1]
    return np.concatenate([[first], heading, [last]])


def _handle(way: float, heading: float, chord: float) -> Floats:
    # The further the tangent turns off the straight way, the shorter its handle.
    reach = _LONGEST_HANDLE * chord * max(0.0, math.cos(heading - way))
    return reach * np.array([math.cos(heading), math.sin(heading)])


def part(xy: Floats, along: Floats, start: float, stop: float) -> Floats:
    """The stretch of a line between two distances along it, `(m, 2)`; `along` is `lengths(xy)`."""
    start, stop = max(0.0, start), min(float(along[-1]), stop)
    if stop <= start:
        return np.empty((0, 2))
    inside = (along > start) & (along < stop)
    ends = np.array([[np.interp(d, along, xy[:, 0]), np.interp(d, along, xy[:, 1])] for d in (start, stop)])
    return np.concatenate([ends[:1], xy[inside], ends[1:]])


def softened(xy: Floats, reach: float) -> Floats:
    """A line `(n, 2)` without corners and without bends smaller than `reach` metres; its ends stay, and a
    ring stays one.
    """
    along = lengths(xy)
    steps = max(2, math.ceil(2 * along[-1] / reach))
    at = np.linspace(0.0, along[-1], steps + 1)
    even = np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])])
    if np.array_equal(xy[0], xy[-1]):
        ring = blurred(even[:-1], 2.0, 0, "wrap")
        return np.concatenate([ring, ring[:1]])
    # Mirrored through its ends the line goes on as it came, and so neither end moves.
    more = min(8, steps)
    longer = np.pad(even, ((more, more), (0, 0)), mode="reflect", reflect_type="odd")
    soft = blurred(longer, 2.0, 0, "symmetric")[more:-more]
    soft[[0, -1]] = xy[[0, -1]]
    return soft
