"""The outline of a campaign arrow: tapered body and barbed head in one ring, sound at every bend."""

from __future__ import annotations

import numpy as np
import shapely

from animap.geo.lines import lengths, part
from animap.types import Floats

__all__ = ["arrow_outline"]

_SLICE = 6.0
_BARB = 0.22


def arrow_outline(
    xy: Floats, width: float, tail: float, head: tuple[float, float]
) -> shapely.Polygon | shapely.MultiPolygon:
    """Polygon of an arrow along a path `(n, 2)`, tail first; all lengths in the path's own unit.

    `width` is the body's at the head, `tail` the share of it at the tail, `head` (width, length) of the
    head. An arrow shorter than its head is drawn as a smaller head. The body is a union of short tapered
    slices with round joints, so that it never cuts itself open at a sharp bend.
    """
    along = lengths(xy)
    total = float(along[-1]) if len(along) else 0.0
    if total <= 0:
        return shapely.Polygon()
    head_width, head_length = head
    shrink = min(1.0, total / head_length)
    head_width, head_length, width = head_width * shrink, head_length * shrink, width * shrink
    neck = total - head_length * (1 - _BARB)
    pieces: list[shapely.Geometry] = [_head(xy, along, total, head_width, head_length)]
    body = part(xy, along, 0.0, neck)
    if len(body) >= 2:
        pieces.append(_body(_even(body), width, tail))
    outline = shapely.union_all(pieces)
    return outline if isinstance(outline, shapely.Polygon | shapely.MultiPolygon) else shapely.Polygon()


def _even(xy: Floats) -> Floats:
    """The path cut into slices of equal length, so that the taper is even."""
    along = lengths(xy)
    count = max(2, int(np.ceil(along[-1] / _SLICE)) + 1)
    at = np.linspace(0, along[-1], count)
    return np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])])


def _normals(xy: Floats) -> Floats:
    direction = np.gradient(xy, axis=0)
    size = np.hypot(direction[:, 0], direction[:, 1])
    direction /= np.where(size > 0, size, 1)[:, None]
    return np.column_stack([-direction[:, 1], direction[:, 0]])


def _body(xy: Floats, width: float, tail: float) -> shapely.Geometry:
    half = width / 2 * (tail + (1 - tail) * np.linspace(0, 1, len(xy)))
    side = _normals(xy) * half[:, None]
    left, right = xy + side, xy - side
    ring = np.concatenate([left, right[::-1]])
    whole = shapely.Polygon(ring)
    if whole.is_valid:
        return whole
    # A bend tighter than the body is wide: build it from slices, each sound by itself.
    quads = np.asarray(shapely.polygons(np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)))
    joints = np.asarray(shapely.buffer(shapely.points(xy), half, quad_segs=6))
    return shapely.union_all(np.concatenate([np.asarray(shapely.convex_hull(quads)), joints]))


def _head(xy: Floats, along: Floats, total: float, width: float, length: float) -> shapely.Polygon:
    tip = xy[-1]
    base = part(xy, along, total - length, total)[0]
    axis = tip - base
    reach = float(np.hypot(*axis)) or 1.0
    axis = axis / reach
    across = np.array([-axis[1], axis[0]])
    foot = tip - axis * length
    notch = foot + axis * length * _BARB
    return shapely.Polygon([tip, foot + across * width / 2, notch, foot - across * width / 2])
