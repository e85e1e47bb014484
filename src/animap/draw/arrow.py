"""The figure of a campaign arrow: tapered bodies, swallow tail and barbed heads that turn with the path.

A limb is made of *pieces*, rings that overlap and all run the same way round: filled together by
non-zero winding they are one figure however the way winds, crosses itself or meets other limbs. That is
cheap enough for every frame. `arrow_outline` joins them into one sound polygon.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.draw.limbs import Outline, Shape, draw_limbs
from animap.types import Floats

__all__ = ["arrow_outline", "joined", "limb_rings"]

_ROUND = 6


def arrow_outline(
    xy: Floats, width: float, tail: float, head: tuple[float, float], swallow: float = 0.0
) -> shapely.Polygon:
    """Polygon of an arrow along a path `(n, 2)`, tail first; all lengths in the path's own unit.

    `width` is the body's at the head, `tail` the share of it at the tail, `head` (width, length) of the
    head. An arrow shorter than its head is drawn as a smaller head; one without length or width is empty.
    """
    outline = joined(limb_rings([Shape(xy, width, tail, head, swallow)], Outline([0.0])), width)
    return outline if isinstance(outline, shapely.Polygon) else shapely.Polygon()


def limb_rings(shapes: Sequence[Shape], outline: Outline) -> list[Floats]:
    """The pieces of limbs from a distance on, grown, as rings `(k, 2)` that end where they began.

    Heads are grown by shapely, so that they have one edge and not overlapping ones: pens follow it.
    """
    rings = []
    for shape, start in zip(shapes, outline.starts, strict=True):
        (paths,) = draw_limbs([shape], [Outline([start], outline.grow, 0.0, outline.right, outline.up)])
        pieces = paths.parts()
        if pieces and min(shape.head) > 0:
            pieces[0] = _grown(pieces[0], outline.grow)
        rings += pieces
    return rings


def joined(rings: Iterable[Floats], width: float) -> BaseGeometry:
    """Pieces of one or several limbs as one sound geometry, without the slivers of sharp bends."""
    sound: list[BaseGeometry] = []
    for ring in rings:
        polygon = shapely.Polygon(ring)
        # A way that crosses itself leaves a ring that does; by winding it is filled all the same.
        sound.append(polygon if polygon.is_valid else _wound(ring[:-1]))
    union = shapely.union_all(sound)
    whole = [
        # Slices leave slivers where the way turns sharply; where it goes round, it stays open.
        shapely.Polygon(p.exterior, [r for r in p.interiors if shapely.Polygon(r).area >= width**2])
        for p in shapely.get_parts(union)
        if isinstance(p, shapely.Polygon)
    ]
    return whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)


def _wound(ring: Floats) -> BaseGeometry:
    """A strip that crosses itself, left side forth and right side back, as the union of its slices."""
    count = len(ring) // 2
    # The notch of a swallow tail, the odd vertex at the end, is lost here.
    left, right = ring[:count], ring[: 2 * count][::-1][:count]
    quads = np.asarray(shapely.polygons(np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)))
    return shapely.union_all(quads[shapely.is_valid(quads)])


def _grown(ring: Floats, grow: float) -> Floats:
    if not grow:
        return ring
    if grow < 0:
        less = shapely.Polygon(ring).buffer(grow, join_style="mitre")
        return shapely.get_coordinates(max(shapely.get_parts(less), key=lambda part: part.area).exterior)
    # Round its edge and not its area, and the greatest part: rounding tears heads far smaller than `grow`.
    parts = shapely.get_parts(shapely.LinearRing(ring).buffer(grow, quad_segs=_ROUND))
    outline = max(parts, key=lambda part: part.area)
    return shapely.get_coordinates(shapely.orient_polygons(outline).exterior)
