"""Toothed lines: triangles along a line that stay where they are, and move calmly with it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from animap.geo.lines import lengths
from animap.types import Floats

__all__ = ["Riders", "Rode", "ride", "spaced", "teeth"]


def teeth(line: Floats, along: Floats, sizes: Floats, base: float, height: float) -> list[Floats]:
    """Triangles `(4, 2)` on a line `(n, 2)`, pointing to its left; to its right with a negative height.

    `along` `(k,)` are metres from the beginning; `sizes` `(k,)` are shares of `base` and `height` in metres.
    """
    run = lengths(line)

    def place(at: Floats) -> Floats:
        return np.column_stack([np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 1])])

    some = sizes > 0.02
    along, sizes = along[some], sizes[some]
    # The direction is taken over more than the base, so that a small bend does not turn a tooth.
    way = place(np.minimum(along + base, run[-1])) - place(np.maximum(along - base, 0))
    length = np.hypot(way[:, 0], way[:, 1])
    way /= np.where(length > 0, length, 1)[:, None]
    left = np.column_stack([-way[:, 1], way[:, 0]])
    foot = place(along)
    half, up = way * (base / 2 * sizes)[:, None], left * (height * sizes)[:, None]
    rings = np.stack([foot - half, foot + half, foot + up, foot - half], axis=1)
    # Triangles all turn the same way, else overlapping ones would cut holes into each other.
    return list(rings if height > 0 else rings[:, ::-1])


def spaced(length: float, anchor: float, spacing: float) -> tuple[Floats, Floats]:
    """Places along a line of `length` metres, evenly out from `anchor`, and their sizes (0 to 1).

    Toward the ends teeth shrink to nothing, so that none appears or vanishes at once where the line grows.
    """
    first, last = math.ceil(-anchor / spacing), math.floor((length - anchor) / spacing)
    along = anchor + np.arange(first, last + 1) * spacing
    sizes = np.clip(np.minimum(along, length - along) / (0.75 * spacing), 0, 1)
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

    def at(self, instant: float) -> tuple[Floats, Floats]:
        """Places `(k, 2)` and sizes `(k,)` at an instant, before they are set on the line."""
        step = float(np.interp(instant, self.instants, np.arange(len(self.instants))))
        places, sizes = [], []
        end = len(self.instants) - 1
        for tooth in self.rode:
            if not tooth.first <= step <= tooth.last:
                continue
            since, left = step - tooth.first, tooth.last - step
            grown = 1.0 if tooth.first == 0 else since / self.soft
            going = 1.0 if tooth.last == end else left / self.soft
            i = min(int(since), len(tooth.places) - 1)
            j = min(i + 1, len(tooth.places) - 1)
            share = since - i
            places.append(tooth.places[i] * (1 - share) + tooth.places[j] * share)
            sizes.append(min(1.0, grown, going))
        return np.array(places).reshape(-1, 2), np.array(sizes)


def ride(instants: Floats, lines: Iterable[Sequence[Floats]], spacing: float) -> Riders:
    """Teeth about `spacing` metres apart on lines that are known at `instants`.

    At each step every tooth goes to the nearest place on the new line; those closer than 0.6 of the
    spacing to another are given up, and gaps wider than 1.6 of it get new ones.
    """
    alive: list[tuple[int, list[Floats]]] = []
    done: list[Rode] = []
    for step, parts in enumerate(lines):
        runs = [(part, lengths(part), shapely.linestrings(part)) for part in parts if len(part) > 1]
        runs = [r for r in runs if r[1][-1] > spacing]
        seats = _seats(np.array([track[-1] for _, track in alive]).reshape(-1, 2), runs, 3 * spacing)
        staying: list[tuple[int, list[Floats]]] = []
        kept: list[list[float]] = [[] for _ in runs]
        # The oldest sit first: they give way to nobody.
        for (first, track), seat in zip(alive, seats, strict=True):
            if seat is None or any(abs(seat[1] - other) < 0.6 * spacing for other in kept[seat[0]]):
                done.append(Rode(first, np.array(track)))
                continue
            kept[seat[0]].append(seat[1])
            staying.append((first, [*track, seat[2]]))
        for number, (part, run, _) in enumerate(runs):
            closed = bool(np.allclose(part[0], part[-1]))
            for at in _gaps(sorted(kept[number]), float(run[-1]), spacing, closed=closed):
                place = np.array([np.interp(at, run, part[:, 0]), np.interp(at, run, part[:, 1])])
                staying.append((step, [place]))
        alive = staying
    done += [Rode(first, np.array(track)) for first, track in alive]
    return Riders(np.asarray(instants, dtype=float), tuple(r for r in done if len(r.places) > 1))


def _seats(
    places: Floats, runs: Sequence[tuple[Floats, Floats, shapely.LineString]], farthest: float
) -> list[tuple[int, float, Floats] | None]:
    """For each place the nearest line, metres along it and the point there; None where all are far."""
    if not runs or not len(places):
        return [None] * len(places)
    lines = np.array([run[2] for run in runs], dtype=object)
    points = shapely.points(places)
    away = shapely.distance(lines[:, None], points[None])
    nearest = away.argmin(axis=0)
    along = shapely.line_locate_point(lines[nearest], points)
    seats = shapely.get_coordinates(shapely.line_interpolate_point(lines[nearest], along))
    return [
        (int(n), float(a), seat) if away[n, i] < farthest else None
        for i, (n, a, seat) in enumerate(zip(nearest, along, seats, strict=True))
    ]


def _gaps(taken: list[float], length: float, spacing: float, *, closed: bool) -> list[float]:
    """Metres along a line at which new teeth close the gaps between those there."""
    if not taken:
        count = max(1, round(length / spacing))
        return [(i + 0.5) * length / count for i in range(count)]
    new: list[float] = []
    for a, b in zip(taken, taken[1:], strict=False):
        count = round((b - a) / spacing) if b - a > 1.6 * spacing else 1
        new += [a + (b - a) * i / count for i in range(1, count)]
    if closed:
        gap = length - taken[-1] + taken[0]
        count = round(gap / spacing) if gap > 1.6 * spacing else 1
        return new + [(taken[-1] + gap * i / count) % length for i in range(1, count)]
    new += list(np.arange(taken[0] - spacing, 0.4 * spacing, -spacing))
    return new + list(np.arange(taken[-1] + spacing, length - 0.4 * spacing, spacing))
