"""Toothed lines: triangles along a line that stay where they are, and move calmly with it."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from animap.geo.lines import lengths
from animap.types import Floats

__all__ = ["Riders", "Rode", "nearest", "ride", "spaced", "teeth", "teeth_on"]

_AT_ONCE = 1 << 14
"""Distances in a batch: as many as a processor keeps at hand, too few for BLAS to call for more threads."""


def teeth(line: Floats, run: Floats, along: Floats, sizes: Floats, base: float, height: float) -> Floats:
    """`teeth_on` one line `(n, 2)`; `run` is `lengths(line)`."""
    return teeth_on([line], [run], np.zeros(len(along), np.intp), along, sizes, base, height)


def teeth_on(
    lines: Sequence[Floats],
    runs: Sequence[Floats],
    numbers: NDArray[np.intp],
    along: Floats,
    sizes: Floats,
    base: float,
    height: float,
) -> Floats:
    """Triangles `(m, 4, 2)` on lines `(n, 2)`, pointing to their left; to their right with a negative height.

    `runs` are the lines' `lengths`. For each tooth, `numbers` `(k,)` say on which line it is, `along` `(k,)`
    how many metres from its beginning, and `sizes` `(k,)` are shares of `base` and `height` in metres.
    """
    some = sizes > 0.02
    numbers, along, sizes = numbers[some], along[some], sizes[some]
    ends = np.array([run[-1] for run in runs])[numbers]
    # The direction is taken over more than the base, so that a small bend does not turn a tooth.
    stretch = np.concatenate([along, np.maximum(along - base, 0), np.minimum(along + base, ends)])
    foot, before, after = np.split(_seats(lines, runs, np.tile(numbers, 3), stretch), 3)
    way = after - before
    length = np.hypot(way[:, 0], way[:, 1])
    way /= np.where(length > 0, length, 1)[:, None]
    left = np.column_stack([-way[:, 1], way[:, 0]])
    half, up = way * (base / 2 * sizes)[:, None], left * (height * sizes)[:, None]
    rings = np.stack([foot - half, foot + half, foot + up, foot - half], axis=1)
    # Triangles all turn the same way, else overlapping ones would cut holes into each other.
    return rings if height > 0 else rings[:, ::-1]


def spaced(length: float, anchor: float, spacing: float) -> tuple[Floats, Floats]:
    """Places along a line of `length` metres, evenly out from `anchor`, and their sizes (0 to 1).

    Toward the ends teeth shrink to nothing, so that none appears or vanishes at once where the line grows.
    """
    first, last = math.ceil(-anchor / spacing), math.floor((length - anchor) / spacing)
    along: Floats = np.asarray(anchor + np.arange(first, last + 1) * spacing, dtype=float)
    sizes: Floats = np.clip(np.minimum(along, length - along) / (0.75 * spacing), 0, 1).astype(float)
    return along, sizes


@dataclass(frozen=True)
class Rode:
    """One tooth that rides on a moving line: its places `(m, 2)` at steps `first` … `first + m - 1`."""

    first: int
    places: Floats

    @property
    def last(self) -> int:
        """The last step at which it is there."""
        return self.first + len(self.places) - 1


@dataclass(frozen=True)
class Riders:
    """Teeth that ride on a line whose shape is known at `instants` `(n,)`.

    A tooth moves across the line and never along it; where teeth crowd one goes, where they part one
    comes, each growing and shrinking over `soft` steps.
    """

    instants: Floats
    rode: tuple[Rode, ...]
    soft: int = 2

    @cached_property
    def _tracks(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """For every tooth its first step and in which row its places begin, with the end after the last;
        and the rows of all of them."""
        first = np.array([r.first for r in self.rode], dtype=np.intp)
        begin = np.cumsum([0, *(len(r.places) for r in self.rode)], dtype=np.intp)
        return first, begin, np.concatenate([np.empty((0, 2)), *(r.places for r in self.rode)])

    def tells(self, instant: float) -> bool:
        """Whether more steps after the last would change nothing at an instant."""
        return len(self.instants) > self.soft + 1 and instant <= self.instants[-self.soft - 2]

    def at(self, instant: float) -> tuple[Floats, Floats]:
        """Places `(k, 2)` and sizes `(k,)` at an instant, before they are set on the line."""
        step = float(np.interp(instant, self.instants, np.arange(len(self.instants))))
        first, begin, places = self._tracks
        last = first + np.diff(begin) - 1
        here = np.flatnonzero((first <= step) & (step <= last))
        since, left = step - first[here], last[here] - step
        grown = np.where(first[here] == 0, 1.0, since / self.soft)
        going = np.where(last[here] == len(self.instants) - 1, 1.0, left / self.soft)
        whole = since.astype(np.intp)
        row = begin[here] + whole
        following = np.minimum(row + 1, begin[here + 1] - 1)
        share = (since - whole)[:, None]
        sizes: Floats = np.minimum(1.0, np.minimum(grown, going))
        return places[row] * (1 - share) + places[following] * share, sizes


def ride(instants: Floats, lines: Iterable[Sequence[Floats]], spacing: float) -> Riders:
    """Teeth about `spacing` metres apart on lines that are known at `instants`.

    At each step every tooth goes to the nearest place on the new line; those closer than 0.6 of the
    spacing to another are given up, and gaps wider than 1.6 of it get new ones.
    """
    born: list[int] = []
    alive, places = np.empty(0, np.intp), np.empty((0, 2))
    walked: list[tuple[NDArray[np.intp], Floats]] = []
    for step, parts in enumerate(lines):
        parts = [part for part in parts if len(part) > 1]
        runs = [lengths(part) for part in parts]
        if len(alive) and parts:
            numbers, along, away = nearest(parts, runs, places)
            stay = _seated(numbers, along, away <= 3 * spacing, 0.6 * spacing)
            alive, numbers, along = alive[stay], numbers[stay], along[stay]
        else:
            alive, numbers, along = alive[:0], alive[:0], np.empty(0)
        new = [
            _gaps(part, run, np.sort(along[numbers == number]), spacing)
            for number, (part, run) in enumerate(zip(parts, runs, strict=True))
        ]
        come = sum(map(len, new))
        alive = np.concatenate([alive, np.arange(len(born), len(born) + come)])
        born += [step] * come
        numbers = np.concatenate([numbers, np.repeat(np.arange(len(new)), [len(at) for at in new])])
        places = _seats(parts, runs, numbers, np.concatenate([along, *new]))
        walked.append((alive, places))
    return Riders(np.asarray(instants, dtype=float), tuple(_rode(born, walked)))


def _seated(
    numbers: NDArray[np.intp], along: Floats, fit: NDArray[np.bool_], room: float
) -> NDArray[np.bool_]:
    """Which teeth, oldest first, keep a seat: those that are `fit` and `room` metres from any before them."""
    stay = fit.copy()
    order = np.lexsort((along, numbers))
    near = (np.diff(along[order]) < room) & (np.diff(numbers[order]) == 0)
    crowded = np.unique(np.concatenate([order[:-1][near], order[1:][near]]))
    rows: dict[int, list[float]] = {}
    # The oldest sit first: they give way to nobody.
    for tooth in crowded[fit[crowded]].tolist():
        row, metres = rows.setdefault(int(numbers[tooth]), []), float(along[tooth])
        seat = bisect.bisect(row, metres)
        # In a row in order only the neighbours can be too near.
        if any(abs(metres - x) < room for x in row[max(0, seat - 1) : seat + 1]):
            stay[tooth] = False
        else:
            row.insert(seat, metres)
    return stay


def _rode(born: Sequence[int], walked: Sequence[tuple[NDArray[np.intp], Floats]]) -> Iterable[Rode]:
    """Teeth out of those alive at each step and their places; none that is there for one step only."""
    if not walked:
        return
    teeth = np.concatenate([alive for alive, _ in walked])
    places = np.concatenate([places for _, places in walked])[np.argsort(teeth, kind="stable")]
    counts = np.bincount(teeth, minlength=len(born))
    for first, track in zip(born, np.split(places, np.cumsum(counts)[:-1]), strict=True):
        if len(track) > 1:
            yield Rode(first, track)


def _seats(
    lines: Sequence[Floats], runs: Sequence[Floats], numbers: NDArray[np.intp], along: Floats
) -> Floats:
    """Places `(k, 2)` at metres along the lines that have these numbers."""
    places = np.empty((len(numbers), 2))
    for number, (line, run) in enumerate(zip(lines, runs, strict=True)):
        mine = numbers == number
        at = along[mine]
        places[mine, 0], places[mine, 1] = np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 1])
    return places


def nearest(
    lines: Sequence[Floats], runs: Sequence[Floats], places: Floats
) -> tuple[NDArray[np.intp], Floats, Floats]:
    """For places `(k, 2)` the nearest of some lines `(n, 2)`: its number, metres along it, metres away.

    `runs` are the lines' `lengths`.
    """
    xy, run = np.concatenate(lines), np.concatenate(runs)
    number = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    at = _nearest_of(xy, places)
    best_along, best_away = run[at], np.hypot(*(places - xy[at]).T)
    # The nearest place lies on one of the two pieces that meet in the nearest vertex.
    a = np.stack([np.maximum(at - 1, 0), at])
    b = np.stack([at, np.minimum(at + 1, len(xy) - 1)])
    start, piece, whole = xy[a], xy[b] - xy[a], number[a] == number[b]
    square = (piece**2).sum(axis=-1)
    share = ((places - start) * piece).sum(axis=-1) / np.where(square > 0, square, 1)
    share = np.where(whole, np.clip(share, 0, 1), 0.0)
    off = places - start - share[..., None] * piece
    away = np.hypot(off[..., 0], off[..., 1])
    along = run[a] + share * (run[b] - run[a])
    for one in (0, 1):
        better = (away[one] < best_away) & whole[one]
        best_along = np.where(better, along[one], best_along)
        best_away = np.where(better, away[one], best_away)
    return number[at], best_along, best_away


def _nearest_of(vertices: Floats, places: Floats) -> NDArray[np.intp]:
    """For places `(k, 2)` the nearest of some vertices `(n, 2)`."""
    # Vertices are some hundred: to look at all of them is as quick as to sort them first. What all share of a
    # squared distance is left out; seen from one of them, squares keep their last metres.
    near, seen = vertices - vertices[0], -2 * (places - vertices[0])
    square, across = (near**2).sum(axis=1), np.ascontiguousarray(near.T)
    at = np.empty(len(places), np.intp)
    several = max(1, _AT_ONCE // len(near))
    for first in range(0, len(places), several):
        away = seen[first : first + several] @ across
        away += square
        at[first : first + several] = away.argmin(axis=1)
    return at


def _gaps(line: Floats, run: Floats, taken: Floats, spacing: float) -> Floats:
    """Metres along a line at which new teeth close the gaps between those there, which are in order."""
    length = float(run[-1])
    if length <= spacing:
        return np.empty(0)
    if not len(taken):
        count = max(1, round(length / spacing))
        return (np.arange(count) + 0.5) * length / count
    first, last = float(taken[0]), float(taken[-1])
    wide = np.flatnonzero(np.diff(taken) > 1.6 * spacing)
    new = [_between(a, b - a, spacing) for a, b in zip(taken[wide], taken[wide + 1], strict=True)]
    if np.array_equal(line[0], line[-1]):
        gap = length - last + first
        if gap > 1.6 * spacing:
            new.append(_between(last, gap, spacing) % length)
    else:
        new.append(np.arange(first - spacing, 0.4 * spacing, -spacing))
        new.append(np.arange(last + spacing, length - 0.4 * spacing, spacing))
    return np.concatenate([np.empty(0), *new])


def _between(start: float, gap: float, spacing: float) -> Floats:
    """Places that share out a gap evenly."""
    count = round(gap / spacing)
    return start + gap * np.arange(1, count) / count
