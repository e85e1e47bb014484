"""Pairing the points of two rings so that what they share stays where it is."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LinearRing

from animap.types import Floats

__all__ = ["pair_rings"]

Places: TypeAlias = NDArray[np.intp]
"""Numbers of points of a ring, `(k,)`."""

_POINTS = 72
"""A ring is cut into about this many steps; its own vertices come on top."""

_MOST = 1200
"""Points of a ring that are paired one by one: of finer rings so many, the others in step between them."""

_STARTS = 24
"""Rotations of the second ring that the pairing tries."""

_RELAX = 12
"""Rounds of evening out the pairing between points that coincide or are corners alike."""

_CORNER = 0.4
"""Turn in radians from which a point is a corner."""

_TURN = 0.02
"""Weight of unlike directions against distance, in squares of the ring's size."""


def pair_rings(first: Floats, second: Floats, aligned: bool) -> tuple[Floats, Floats]:
    """Pair two rings point by point by cyclic dynamic time warping of squared distance.

    `first` `(n, 2)` and `second` `(m, 2)` are open rings (last point not repeated) in metres. Points
    that both outlines pass through are paired with themselves. With `aligned` the rings are laid on
    each other by their centroids before distances are taken, which is right for shapes that moved.
    Returns two `(k, 2)` open rings that run anticlockwise.
    """
    first, second = _anticlockwise(first), _anticlockwise(second)
    common = np.empty((0, 2)) if aligned else _common(first, second)
    step = max(_length(first), _length(second)) / _POINTS
    p, q = _denser(first, common, step), _denser(second, common, step)
    shift = _centre(second) - _centre(first) if aligned else np.zeros(2)
    some, others = _stations(p, q), _stations(q, p)
    a, b = p[some], q[others]
    cost = _costs(a + shift, b)
    rows, columns = _warp(cost)
    at: tuple[Floats, Floats] = rows.astype(float), columns.astype(float)
    if len(rows) >= 8:
        bends, turns = _bends(a)[rows], _bends(b)[columns]
        corners = (bends * turns > 0) & (np.minimum(np.abs(bends), np.abs(turns)) > _CORNER)
        held = corners | (cost[rows, columns] == 0)
        at = _relaxed(some[rows], others[columns], (len(p), len(q)), held)
    return _thin(_between(p, at[0]), _between(q, at[1]))


def _stations(ring: Floats, other: Floats) -> Places:
    """The points of a ring that are paired: all, or evenly chosen ones.

    Of stretches that both rings share these are the ends and others, the same ones in both.
    """
    count = len(ring)
    if max(count, len(other)) <= _MOST:
        return np.arange(count)
    shared = np.isin(ring @ (1, 1j), other @ (1, 1j))
    begins = shared != np.roll(shared, 1)
    run = np.maximum.accumulate(np.where(begins, np.arange(count), 0))
    every = -(-max(count, len(other)) // _MOST)
    return np.flatnonzero(begins | np.roll(begins, -1) | ((np.arange(count) - run) % every == 0))


def _anticlockwise(ring: Floats) -> Floats:
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return ring if float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) > 0 else ring[::-1]


def _length(ring: Floats) -> float:
    return float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum())


def _centre(ring: Floats) -> Floats:
    point = shapely.centroid(shapely.polygons(ring))
    return np.array([shapely.get_x(point), shapely.get_y(point)], dtype=np.float64)


def _common(first: Floats, second: Floats) -> Floats:
    """Points `(k, 2)` where the two outlines cross or where a shared stretch begins, ends or bends."""
    shared = shapely.intersection(shapely.linearrings(first), shapely.linearrings(second))
    return np.unique(shapely.get_coordinates(shared), axis=0)


def _denser(ring: Floats, extra: Floats, step: float) -> Floats:
    """Ring with the points `extra` (on its edges) put in and every edge cut to at most `step`."""
    edges = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    along = np.concatenate([[0.0], np.cumsum(edges)])
    total = float(along[-1])
    if len(extra):
        where = shapely.line_locate_point(LinearRing(ring), shapely.points(extra))
        where = np.where(where >= total, 0.0, where)
        positions = np.concatenate([along[:-1], where])
        points = np.concatenate([ring, extra])
        order = np.argsort(positions, kind="stable")
        positions, points = positions[order], points[order]
        gap = np.diff(positions, append=positions[0] + total)
        # A common point next to a vertex is that vertex, in the spelling both rings share.
        common = order >= len(ring)
        keep = np.ones(len(points), dtype=bool)
        near = 1e-9 * total
        for i in np.flatnonzero(gap <= near):
            j = (i + 1) % len(points)
            if keep[i] and keep[j]:
                keep[i if common[j] else j] = False
        if keep.sum() >= 3:
            points = points[keep]
        ring = points
        edges = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    counts = np.maximum(1, np.ceil(edges / step - 1e-9)).astype(np.intp)
    start = np.repeat(np.arange(len(ring)), counts)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[start]
    following = np.roll(ring, -1, axis=0)
    denser: Floats = ring[start] + (following[start] - ring[start]) * share[:, None]
    return denser


def _costs(p: Floats, q: Floats) -> Floats:
    """Cost `(n, m)` of pairing each point of `p` with each of `q`, in square metres."""
    away = ((p[:, None, :] - q[None, :, :]) ** 2).sum(axis=2)
    size = float(np.ptp(np.concatenate([p, q]), axis=0).max())
    cost: Floats = away + _TURN * size**2 * 0.1 * (1 - _headings(p) @ _headings(q).T)
    cost[away <= (1e-8 * size) ** 2] = 0.0
    return cost


def _headings(ring: Floats) -> Floats:
    along = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    headings: Floats = along / np.maximum(np.hypot(*along.T), 1e-12)[:, None]
    return headings


def _warp(cost: Floats) -> tuple[Places, Places]:
    """Cheapest cyclic way through `cost`: rows and columns, each step going on by 0 or 1 in both."""
    n, m = cost.shape
    flat = int(np.argmin(cost))
    first, best = flat // m, flat % m
    starts = np.unique(np.append(np.linspace(0, m, min(m, _STARTS), endpoint=False).astype(np.intp), best))
    rows = np.append((first + np.arange(n)) % n, first)
    columns = (starts[:, None] + np.arange(m + 1)) % m
    totals = _sweep(cost, rows, columns)[-1][:, -1]
    begin = int(starts[int(np.argmin(totals))])
    way = (begin + np.arange(m + 1)) % m
    table = np.stack([row[0] for row in _sweep(cost, rows, way[None, :], keep=True)])
    i, j = n, m
    trail = [(i, j)]
    while i or j:
        if i == 0:
            j -= 1
        elif j == 0:
            i -= 1
        else:
            up, left, both = table[i - 1, j], table[i, j - 1], table[i - 1, j - 1]
            if both <= up and both <= left:
                i, j = i - 1, j - 1
            elif up <= left:
                i -= 1
            else:
                j -= 1
        trail.append((i, j))
    steps = np.array(trail[:0:-1], dtype=np.intp)
    return rows[steps[:, 0]], way[steps[:, 1]]


def _sweep(cost: Floats, rows: Places, columns: Places, keep: bool = False) -> list[Floats]:
    """Accumulated cost row by row for several starts at once; the last row, or with `keep` all."""
    here: Floats = np.cumsum(cost[rows[0]][columns], axis=1)
    kept = [here]
    for row in rows[1:]:
        own = cost[row][columns]
        so_far = np.cumsum(own, axis=1)
        reach = here.copy()
        np.minimum(reach[:, 1:], here[:, :-1], out=reach[:, 1:])
        here = so_far + np.minimum.accumulate(reach - so_far + own, axis=1)
        if keep:
            kept.append(here)
    return kept if keep else [here]


def _bends(ring: Floats) -> Floats:
    """Turn at each point `(n,)` in radians, left positive."""
    along = np.roll(ring, -1, axis=0) - ring
    towards = np.arctan2(along[:, 1], along[:, 0])
    turn: Floats = np.remainder(towards - np.roll(towards, 1) + np.pi, 2 * np.pi) - np.pi
    return turn


def _relaxed(
    rows: Places, columns: Places, counts: tuple[int, ...], held: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Even out the steps of a way through rings of `counts` points, without touching the pairs `held`.

    Returns places `(k,)` on the two rings, counted in points with fractions; every point of either
    ring is among them, so that both rings come out whole.
    """
    n, m = counts
    u = rows[0] + np.concatenate([[0], np.cumsum(np.diff(rows) % n)]).astype(np.float64)
    v = columns[0] + np.concatenate([[0], np.cumsum(np.diff(columns) % m)]).astype(np.float64)
    for _ in range(_RELAX):
        for way, lap in ((u, n), (v, m)):
            padded = np.concatenate([[way[-1] - lap], way, [way[0] + lap]])
            way[:] = np.where(held, way, 0.25 * padded[:-2] + 0.5 * way + 0.25 * padded[2:])
    # One lap and its neighbours, so that every point of one lap finds its partner.
    u = np.concatenate([u - n, u, u + n])
    v = np.concatenate([v - m, v, v + m])
    from_rows = np.arange(n, dtype=np.float64) + np.ceil(u[len(u) // 3])
    from_columns = np.arange(m, dtype=np.float64) + np.ceil(v[len(v) // 3])
    places = np.concatenate(
        [
            np.stack([from_rows, np.interp(from_rows, u, v)], axis=1),
            np.stack([np.interp(from_columns, v, u), from_columns], axis=1),
        ]
    )
    begin = np.array([u[len(u) // 3], v[len(v) // 3]])
    laps = np.array([n, m], dtype=np.float64)
    early, late = places.sum(axis=1) < begin.sum(), places.sum(axis=1) >= (begin + laps).sum()
    places = places + laps * (early.astype(np.float64) - late)[:, None]
    places = places[np.argsort(places.sum(axis=1), kind="stable")]
    places = np.maximum.accumulate(places, axis=0)
    return places[:, 0], places[:, 1]


def _between(ring: Floats, places: Floats | Places) -> Floats:
    """Points `(k, 2)` of an open ring at places counted in points, with fractions."""
    whole = np.floor(places)
    i = whole.astype(np.intp) % len(ring)
    return ring[i] + (ring[(i + 1) % len(ring)] - ring[i]) * (places - whole)[:, None]


def _thin(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Drop pairs that lie on the way between their neighbours in both rings alike."""
    both = np.concatenate([p, q], axis=1)
    both = both[np.any(both != np.roll(both, 1, axis=0), axis=1)]
    if len(both) < 4:
        return both[:, :2], both[:, 2:]
    tiny = 1e-9 * float(np.ptp(both, axis=0).max())
    # Whole runs go at once only while every point dropped stays on the chord: greedy from a kept point.
    kept = [0]
    count = len(both)
    anchor = 0
    for i in range(1, count):
        chord = both[(i + 1) % count] - both[anchor]
        inner = both[anchor + 1 : i + 1] - both[anchor]
        square = float(chord @ chord)
        share = inner @ chord / square if square else np.zeros(len(inner))
        off = np.abs(inner - share[:, None] * chord).max()
        if off > tiny or share.min() < 0 or share.max() > 1:
            kept.append(i)
            anchor = i
    if len(kept) < 3:
        return both[:, :2], both[:, 2:]
    return both[kept, :2], both[kept, 2:]
