"""When a front reached which place: a smooth field of instants over the map, and its contours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from scipy.interpolate import RBFInterpolator
from shapely.geometry.base import BaseGeometry

from animap.types import Floats

__all__ = ["ArrivalField", "arrival_field"]

_ROUNDS = 60
_NEAR = 1500.0
"""Metres within which two pieces of evidence count as one place."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalField:
    """Instants `(rows, columns)` at grid nodes `x` `(columns,)`, `y` `(rows,)` in metres."""

    x: Floats
    y: Floats
    instants: Floats

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

    def later_than(self, instant: float) -> BaseGeometry:
        """The area that the front has not reached at an instant; it only ever shrinks."""
        generator = contour_generator(
            self.x, self.y, self.instants, fill_type=FillType.OuterOffset, corner_mask=True
        )
        points, offsets = generator.filled(instant, np.inf)[:2]
        polygons = [
            shapely.Polygon(p[o[0] : o[1]], [p[a:b] for a, b in zip(o[1:], o[2:], strict=False)])
            for p, o in zip(points, offsets, strict=True)
            if p is not None and o is not None and o[1] - o[0] > 3
        ]
        return shapely.make_valid(shapely.MultiPolygon(polygons)) if polygons else shapely.MultiPolygon()


def arrival_field(
    bounds: tuple[float, float, float, float], places: Floats, instants: Floats, cell: float, firm: int
) -> ArrivalField:
    """The field over a box of metres that has the instants `(n,)` at the places `(n, 2)`.

    The first `firm` places are met exactly (to the minute, between the nodes); the others, where a firm
    one lies close by, give way to it. `cell` is the distance of nodes in metres.
    """
    keep = _distinct(places, firm)
    places, instants = places[keep], instants[keep]
    firm = int((np.flatnonzero(keep) < firm).sum())
    left, bottom, right, top = bounds
    x = np.arange(left - cell, right + 2 * cell, cell)
    y = np.arange(bottom - cell, top + 2 * cell, cell)
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    # Distances as kernel: like a sheet stretched over the evidence, it has no swings between it.
    surface = RBFInterpolator(places, instants, kernel="linear", degree=0)(nodes)
    surface = np.clip(surface, instants.min(), instants.max())
    field = ArrivalField(x, y, surface.reshape(len(y), len(x)))
    return _met(field, places[:firm], instants[:firm])


def _distinct(places: Floats, firm: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(len(places), dtype=bool)
    for i in range(len(places)):
        others = places[:i][keep[:i]]
        near = _NEAR * (1 if i < firm else 4)
        if len(others) and np.hypot(*(others - places[i]).T).min() < near:
            keep[i] = i < firm and bool(np.hypot(*(others - places[i]).T).min() > 1)
    return keep


def _met(field: ArrivalField, places: Floats, instants: Floats) -> ArrivalField:
    """The field with the four nodes around each place moved until the place has its instant."""
    if not len(places):
        return field
    (i, j), (u, v) = field._cell(places)
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v])
    rows, columns = np.stack([j, j, j + 1, j + 1]), np.stack([i, i + 1, i, i + 1])
    z = field.instants.copy()
    for _ in range(_ROUNDS):
        for n in range(len(places)):
            w, at = weights[:, n], (rows[:, n], columns[:, n])
            z[at] += (instants[n] - w @ z[at]) * w / (w @ w)
    return ArrivalField(field.x, field.y, z)
