"""Toothed lines: triangles along a line that stay where they are, and move calmly with it."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from animap.geo.rails import Rails
from animap.types import Floats

__all__ = ["Riders", "Rode", "ride", "spaced", "teeth"]


def teeth(line: Floats, along: Floats, sizes: Floats, base: float, height: float) -> Floats:
    """`Rails.teeth` on one line `(n, 2)`."""
    return Rails([line]).teeth(np.zeros(len(along), np.int64), along, sizes, base, height)


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
        rails = Rails([part for part in parts if len(part) > 1])
        if len(alive) and len(rails):
            numbers, along, away = rails.nearest(places)
            stay = _seated(numbers, along, away <= 3 * spacing, 0.6 * spacing)
            alive, numbers, along = alive[stay], numbers[stay], along[stay]
        else:
            alive, numbers, along = alive[:0], np.empty(0, np.int64), np.empty(0)
        new = [
            _gaps(length, np.sort(along[numbers == number]), spacing, ring=ring)
            for number, (length, ring) in enumerate(
                zip(rails.lengths.tolist(), rails.rings.tolist(), strict=True)
            )
        ]
        come = sum(map(len, new))
        alive = np.concatenate([alive, np.arange(len(born), len(born) + come)])
        born += [step] * come
        numbers = np.concatenate([numbers, np.repeat(np.arange(len(new)), [len(at) for at in new])])
        places = rails.at(numbers, np.concatenate([along, *new]))
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


def _gaps(length: float, taken: Floats, spacing: float, *, ring: bool) -> Floats:
    """Metres along a line at which new teeth close the gaps between those there, which are in order."""
    if length <= spacing:
        return np.empty(0)
    if not len(taken):
        count = max(1, round(length / spacing))
        return (np.arange(count) + 0.5) * length / count
    first, last = float(taken[0]), float(taken[-1])
    wide = np.flatnonzero(np.diff(taken) > 1.6 * spacing)
    new = [_between(a, b - a, spacing) for a, b in zip(taken[wide], taken[wide + 1], strict=True)]
    if ring:
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
