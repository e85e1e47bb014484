"""Strokes as polygons and lines, and what of them is left to see under opaque ones.

For tools that lay down a picture of the base map first and draw all else over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import shapely
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from shapely import Geometry, LinearRing, LineString, Polygon

from benchmarks.strokes import Stroke

__all__ = ["Ring", "covered", "lines", "polygons"]

Ring: TypeAlias = NDArray[np.float64]
"""Vertices, the last the same as the first where it is closed."""


def covered(strokes: Iterable[Stroke]) -> Geometry:
    """The ground on which the strokes let nothing through."""
    return shapely.union_all(
        [_area(polygons(stroke)) for stroke in strokes if stroke.fill and stroke.fill[3] == 1]
    )


def polygons(stroke: Stroke, hidden: Geometry | None = None) -> list[list[Ring]]:
    """What a stroke fills, each polygon as its outer ring and its holes."""
    rings = [ring for ring in _rings(stroke) if len(ring) > 3]
    # Rings that run the other way than the first are holes, in whichever of the others they begin.
    turns = shapely.is_ccw([LinearRing(ring) for ring in rings])
    ways = [turn == turns[0] for turn in turns]
    found = [[ring] for ring, outer in zip(rings, ways, strict=True) if outer]
    for ring, outer in zip(rings, ways, strict=True):
        if not outer:
            around = (shape for shape in found if Outline(shape[0]).contains_point(ring[0]))
            next(around, found[0]).append(ring)
    return found if hidden is None else _parted(shapely.difference(_area(found), hidden))


def lines(stroke: Stroke, hidden: Geometry | None = None) -> list[Ring]:
    """What a stroke draws along."""
    found = _rings(stroke)
    if hidden is None:
        return found
    left = shapely.difference(shapely.multilinestrings([LineString(line) for line in found]), hidden)
    return [np.array(part.coords) for part in shapely.get_parts(shapely.line_merge(left))]


def _rings(stroke: Stroke) -> list[Ring]:
    return list(Outline(stroke.xy, stroke.codes).to_polygons(closed_only=False))


def _area(shapes: Sequence[Sequence[Ring]]) -> Geometry:
    return shapely.union_all([shapely.make_valid(Polygon(outer, holes)) for outer, *holes in shapes])


def _parted(area: Geometry) -> list[list[Ring]]:
    parts = [part for part in shapely.get_parts(area) if isinstance(part, Polygon) and not part.is_empty]
    return [[np.array(ring.coords) for ring in (part.exterior, *part.interiors)] for part in parts]
