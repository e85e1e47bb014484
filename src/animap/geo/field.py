"""When a front reached which place: a smooth field of instants over the map, and its contours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.contours import BLOCK, Contours
from animap.geo.smooth import blurred, finer
from animap.types import Floats

__all__ = ["ArrivalField", "arrival_field", "stretched"]

_CACHED = 1 << 15
"""Numbers that are worked on at once."""
_ROUNDS, _EXACT = 60, 1e-9
"""Times that places are met one after the other, at most; days within which they are."""
_APART = 1.0
"""Metres under which two places are one."""
_SOFTNESS = 1.6
"""Nodes over which the sheet's creases are smoothed."""
_PULL = 9.0
"""Nodes within which a place pulls the smoothed field back to its own instant."""


@dataclass(frozen=True)
class ArrivalField:
    """Instants `(rows, columns)` at grid nodes `x` `(columns,)`, `y` `(rows,)` in metres."""

    x: Floats
    y: Floats
    instants: Floats

    def __getstate__(self) -> dict[str, Floats]:
        # Only what it is travels to workers, and counts in a digest: not what has been worked out from it.
        return {"x": self.x, "y": self.y, "instants": self.instants}

    def at(self, xy: Floats) -> Floats:
        """Instants at places `(n, 2)`, bilinear between nodes."""
        (i, j), (u, v) = self._cell(xy)
        z = self.instants
        result: Floats = (
            z[j, i] * (1 - u) * (1 - v)
            + z[j, i + 1] * u * (1 - v)
            + z[j + 1, i] * (1 - u) * v
            + z[j + 1, i + 1] * u * v
        )
        return result

    def _cell(self, xy: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        fx = np.clip((xy[:, 0] - self.x[0]) / (self.x[1] - self.x[0]), 0, len(self.x) - 1.000001)
        fy = np.clip((xy[:, 1] - self.y[0]) / (self.y[1] - self.y[0]), 0, len(self.y) - 1.000001)
        i, j = fx.astype(int), fy.astype(int)
        return (i, j), (fx - i, fy - j)

    @cached_property
    def _contours(self) -> Contours:
        return Contours(self.x, self.y, self.instants, *self._blocks)

    def later_than(self, instant: float) -> BaseGeometry:
        """The area that the front has not reached at an instant; it only ever shrinks."""
        rings = [shapely.LinearRing(ring) for ring in self.rings(instant) if len(ring) > 3]
        if not rings:
            return shapely.MultiPolygon()
        shells = [shapely.Polygon(ring) for ring in rings if ring.is_ccw]
        holes: list[list[shapely.LinearRing]] = [[] for _ in shells]
        for ring in rings:
            if not ring.is_ccw:
                # In the least of the shells that it lies in, which are within each other.
                around = np.flatnonzero(shapely.intersects_xy(shells, *ring.coords[0])).tolist()
                for n in sorted(around, key=lambda n: shells[n].area)[:1]:
                    holes[n].append(ring)
        area = shapely.MultiPolygon(
            [shapely.Polygon(shell.exterior, inner) for shell, inner in zip(shells, holes, strict=True)]
        )
        if area.is_valid:
            return area
        # Where rings touch: what is valid is what an odd number of them lie round.
        return _together(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))

    def rings(self, instant: float) -> list[Floats]:
        """The edges of that area `(k, 2)`, also where the grid ends; the area is on their left."""
        return self._contours.rings(instant)

    def contours(self, instant: float) -> list[Floats]:
        """Where the front is at an instant: lines `(k, 2)` with what is still occupied on their left."""
        return self._contours.lines(instant)

    @cached_property
    def _blocks(self) -> tuple[Floats, Floats]:
        """The earliest and the latest instants of blocks of the grid, each `(rows, columns)`."""
        rows, columns = (np.arange(0, n - 1, BLOCK) for n in self.instants.shape)
        top, right = (
            np.minimum(np.append(at[1:], n), n - 1)
            for at, n in zip((rows, columns), self.instants.shape, strict=True)
        )

        def of_blocks(extreme: np.ufunc) -> Floats:
            # The last row and column of a block are the next one's first.
            down = extreme(extreme.reduceat(self.instants, rows, axis=0), self.instants[top])
            across: Floats = extreme(extreme.reduceat(down, columns, axis=1), down[:, right])
            return across

        return of_blocks(np.minimum), of_blocks(np.maximum)


def _together(shape: BaseGeometry) -> shapely.MultiPolygon:
    """The polygons of a shape; lines and points, which have no area, are left out."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def stretched(places: Floats, instants: Floats, at: Floats) -> Floats:
    """Instants at `at` `(m, 2)` on a sheet stretched over the evidence `(n, 2)`, which has no swings."""
    # Cones on all places, whose slopes add up to none, and a level: so far off the sheet is flat.
    count = len(places)
    system = np.ones((count + 1, count + 1))
    system[:count, :count] = -_distances(places, places)
    system[count, count] = 0
    *slopes, level = np.linalg.solve(system, np.append(instants, 0.0))
    # Not `@`: its threads wait for each other longer than so little work takes.
    values = [level - np.einsum("ij,j", _distances(some, places), slopes) for some in _batches(at, count)]
    result: Floats = np.clip(np.concatenate(values), instants.min(), instants.max())
    return result


def _batches(at: Floats, places: int) -> list[Floats]:
    """Places `(m, 2)` in batches whose distances to others fit into a processor's cache."""
    return list(np.array_split(at, max(1, len(at) * places // _CACHED)))


def arrival_field(
    bounds: tuple[float, float, float, float], places: Floats, instants: Floats, cell: float, firm: int
) -> ArrivalField:
    """The field over a box of metres that has the instants `(n,)` at the places `(n, 2)`.

    The first `firm` places are met exactly (to the minute, between the nodes); the others, where a firm
    one lies close by, give way to it. `cell` is the distance of nodes in metres.
    """
    keep = _distinct(places, firm, cell)
    places, instants = places[keep], instants[keep]
    firm = int((np.flatnonzero(keep) < firm).sum())
    left, bottom, right, top = bounds
    x = np.arange(left - cell, right + 2 * cell, cell)
    y = np.arange(bottom - cell, top + 2 * cell, cell)
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    sheet = stretched(places, instants, nodes).reshape(len(y), len(x))
    # The sheet has a crease at every piece of evidence: smooth it, then draw it back to what is firm.
    for axis in (0, 1):
        sheet = blurred(sheet, _SOFTNESS, axis, "edge")
    soft = ArrivalField(x, y, sheet)
    if firm:
        soft = _pulled(soft, places[:firm], instants[:firm], _PULL * cell)
    return _met(_halved(soft), places[:firm], instants[:firm])


def _distinct(places: Floats, firm: int, cell: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(len(places), dtype=bool)
    for i in range(len(places)):
        others = places[:i][keep[:i]]
        near = _APART if i < firm else 3 * cell
        if len(others) and np.hypot(*(others - places[i]).T).min() < near:
            keep[i] = False
    return keep


def _pulled(field: ArrivalField, places: Floats, instants: Floats, reach: float) -> ArrivalField:
    """The field carried to the instants at places by smooth bumps (Wendland's), each `reach` metres wide."""
    missing = instants - field.at(places)
    heights = np.linalg.lstsq(_bump(_distances(places, places) / reach), missing, rcond=1e-6)[0]
    z = field.instants.copy()
    for (x, y), height in zip(places.tolist(), heights.tolist(), strict=True):
        columns, rows = (
            slice(*np.searchsorted(nodes, (at - reach, at + reach)))
            for nodes, at in ((field.x, x), (field.y, y))
        )
        away = np.hypot(field.x[columns] - x, field.y[rows, None] - y)
        z[rows, columns] += height * _bump(away / reach)
    return ArrivalField(field.x, field.y, z)


def _bump(away: Floats) -> Floats:
    """How high a bump is `away` reaches from its middle: 1 there, and 0 from 1 on."""
    return np.maximum(1 - away, 0) ** 4 * (4 * away + 1)


def _distances(a: Floats, b: Floats) -> Floats:
    """Metres from each of `(n, 2)` to each of `(m, 2)`, `(n, m)`."""
    x, y = (a[:, axis, None] - b[:, axis] for axis in (0, 1))
    result: Floats = np.sqrt(x * x + y * y)
    return result


def _halved(field: ArrivalField) -> ArrivalField:
    """The field with a node more between any two, on a cubic spline, so that contours have no corners."""
    return ArrivalField(
        np.linspace(field.x[0], field.x[-1], 2 * len(field.x) - 1),
        np.linspace(field.y[0], field.y[-1], 2 * len(field.y) - 1),
        finer(np.ascontiguousarray(finer(field.instants.T).T)),
    )


def _met(field: ArrivalField, places: Floats, instants: Floats) -> ArrivalField:
    """The field with the four nodes around each place moved until the place has its instant."""
    if not len(places):
        return field
    (i, j), (u, v) = field._cell(places)
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v])
    rows, columns = np.stack([j, j, j + 1, j + 1]), np.stack([i, i + 1, i, i + 1])
    z = field.instants.copy()
    for _ in range(_ROUNDS):
        most = 0.0
        for n in range(len(places)):
            w, at = weights[:, n], (rows[:, n], columns[:, n])
            missing = instants[n] - w @ z[at]
            z[at] += missing * w / (w @ w)
            most = max(most, abs(missing))
        # Only places that share a node move one another.
        if most < _EXACT:
            break
    return ArrivalField(field.x, field.y, z)
