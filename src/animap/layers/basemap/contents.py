"""What a base map holds, in map metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.projection import Extent, Projection
from animap.sources import Heights
from animap.types import Floats, Words

__all__ = ["Contents", "Place", "River", "limits_of"]

_ON_A_SIDE = 1e-4
"""Degrees within which an outline runs along the side of a box."""
_STEP = 0.05
"""Degrees between points along such a side: it is straight in degrees, not on the map."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name of a country, region or sea, and the places where it may stand, the best one first."""

    kind: str
    names: Words
    spots: tuple[tuple[tuple[float, float], float], ...]
    """Each a point and an angle in degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class River:
    """A line of water; rank 1 is the greatest."""

    line: BaseGeometry
    rank: int
    names: Words


@dataclass(frozen=True, eq=False)
class Contents:
    """The base map as it was read."""

    projection: Projection
    land: BaseGeometry
    lakes: BaseGeometry
    limits: BaseGeometry | None
    """Where the land was cut off by a box; None where all its outline is coast."""
    rivers: tuple[River, ...]
    borders: tuple[BaseGeometry, ...]
    departments: tuple[BaseGeometry, ...]
    places: tuple[Place, ...]
    relief: Heights | None


def limits_of(land: BaseGeometry, projection: Projection) -> tuple[BaseGeometry, BaseGeometry | None]:
    """(land, box): the box of longitude and latitude that the data was cut to, in map metres.

    Data is taken for cut where its outline runs along a side of its own box; such sides get points in
    between, so that land and box follow the same curve on the map.
    """
    if land.is_empty:
        return land, None
    degrees = shapely.transform(land, projection.degrees)
    box = Extent(*degrees.bounds)
    if not _runs_along(degrees, box):
        return land, None
    sides = shapely.segmentize(shapely.box(box.west, box.south, box.east, box.north), _STEP)
    dense = shapely.segmentize(degrees, _STEP)
    return projection.geometry(dense), projection.geometry(sides)


def _runs_along(land: BaseGeometry, box: Extent) -> bool:
    xy: Floats = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(land)))
    on = [
        np.abs(xy[:, axis] - side) < _ON_A_SIDE
        for axis, side in ((0, box.west), (0, box.east), (1, box.south), (1, box.north))
    ]
    return any(bool((here[1:] & here[:-1]).any()) for here in on)
