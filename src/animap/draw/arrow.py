"""The outline of a campaign arrow: tapered body and barbed head in one ring, sound at every bend."""

from __future__ import annotations

import numpy as np
import shapely

from animap.geo.lines import lengths, part
from animap.types import Floats

__all__ = ["arrow_outline"]

_SLICE = 0.4
"""Length of a slice of the body, as a share of the body's width."""
_BARB = 0.22


def arrow_outline(xy: Floats, width: float, tail: float, head: tuple[float, float]) -> shapely.Polygon:
    """Polygon of an arrow along a path `(n, 2)`, tail first; all lengths in the path's own unit.

    `width` is the body's at the head, `tail` the share of it at the tail, `head` (width, length) of the
    head. An arrow shorter than its head is drawn as a smaller head; one without length or width is empty.
    """
    along = lengths(xy)
    total = float(along[-1])
    if min(total, width, *head) <= 0:
        return shapely.Polygon()
    shrink = min(1.0, total / head[1])
    width, (head_width, head_length) = width * shrink, (head[0] * shrink, head[1] * shrink)
    body = part(xy, along, 0.0, total - head_length)
    base = body[-1:] if len(body) else xy[:1]
    tip, axis, reach = xy[-1], xy[-1] - base[0], float(np.hypot(*(xy[-1] - base[0])))
    if reach < head_length / 2:
        # The way turns back within the head, which then points as the way ends.
        axis = tip - xy[along < total][-1]
    axis = axis / np.hypot(*axis)
    notch = tip - axis * head_length * (1 - _BARB)
    way = [body if len(body) else base]
    if not head_length / 2 <= reach <= head_length * (1 - _BARB):
        way.append(notch[None])
    pieces = [_head(tip, axis, notch, head_width, head_length)]
    middle = np.concatenate(way)
    if len(middle) > 1:
        pieces += _body(_even(middle, width * _SLICE), width, tail)
    outline = shapely.union_all(pieces)
    assert isinstance(outline, shapely.Polygon)
    # Slices leave slivers between them where the way turns sharply; where it goes round, it stays open.
    open_ = [ring for ring in outline.interiors if shapely.Polygon(ring).area >= width**2]
    return shapely.Polygon(outline.exterior, open_)


def _even(xy: Floats, step: float) -> Floats:
    """The path cut into slices of equal length, so that the taper is even."""
    along = lengths(xy)
    count = max(2, int(np.ceil(along[-1] / step)) + 1)
    at = np.linspace(0, along[-1], count)
    return np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])])


def _normals(direction: Floats) -> Floats:
    """Unit vectors to the left of `(n, 2)` directions; zero where there is none."""
    size = np.hypot(direction[:, 0], direction[:, 1])
    return np.column_stack([-direction[:, 1], direction[:, 0]]) / np.where(size > 0, size, 1)[:, None]


def _body(xy: Floats, width: float, tail: float) -> list[shapely.Polygon]:
    """The tapered body: whole where that is sound, else in pieces that overlap."""
    half = width / 2 * (tail + (1 - tail) * np.linspace(0, 1, len(xy)))
    side = _normals(np.gradient(xy, axis=0)) * half[:, None]
    left, right = xy + side, xy - side
    whole = shapely.Polygon(np.concatenate([left, right[::-1]]))
    if whole.is_valid:
        return [whole]
    # A bend tighter than the body is wide: slices and round joints, each sound by itself.
    across = _normals(np.diff(xy, axis=0))
    here, there = across * half[:-1, None], across * half[1:, None]
    corners = [xy[:-1] + here, xy[1:] + there, xy[1:] - there, xy[:-1] - here]
    slices = np.asarray(shapely.polygons(np.stack(corners, axis=1)))
    joints = np.asarray(shapely.buffer(shapely.points(xy[1:-1]), half[1:-1], quad_segs=6))
    return [piece for piece in (*slices, *joints) if piece.area > 0]


def _head(tip: Floats, axis: Floats, notch: Floats, width: float, length: float) -> shapely.Polygon:
    foot, across = tip - axis * length, np.array([-axis[1], axis[0]])
    return shapely.Polygon([tip, foot + across * width / 2, notch, foot - across * width / 2])
