"""Large areas as tiles: only those that an edge crosses have pixels of their own.

Coverage is exact and gathered sparsely: each piece of an edge adds its height to its own pixel, as far as
it lies left of what is inside, and the rest to the next; sums along a row are the coverage. A tile that no
edge crosses is clear, or one flat tile shared by all frames.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from animap.draw.sprite import Sprite, Tile
from animap.draw.tiles import SIDE, across
from animap.marks import Area, Page, Paths
from animap.style.colour import rgba
from animap.types import Floats, Pixels

__all__ = ["fill", "worth"]

_LARGE = 512
"""Pixels across from which on an area is worth it."""
_FEW = 64
"""Rings up to which it is: many small ones have hardly an inside."""
_Ints = NDArray[np.intp]


def worth(mark: Area, xy: Floats) -> bool:
    """Whether an area, its vertices given in pixels, is plain and large."""
    plain = mark.fill is not None and mark.hatch is None and mark.pen is None
    plain = plain and len(mark.paths.starts) <= _FEW
    return plain and len(xy) > 2 and bool((np.ptp(xy, axis=0) > _LARGE).all())


def fill(paths: Paths, colour: str, page: Page) -> Sprite:
    """Rings in pixels, y upward, filled by winding (overlapping ones run the same way round)."""
    rows, columns = -(-page.height // SIDE), across(page.width)
    x, y, height = _cells(_edges(paths, page), rows * SIDE, columns * SIDE)
    row, column = y.astype(np.intp), np.floor(x).astype(np.intp)
    share = x - column
    # What lies left of a piece of edge within its pixel belongs to the next pixel on.
    at_row, at_column = np.concatenate([row, row]), np.concatenate([column, column + 1])
    weight = np.concatenate([height * (1 - share), height * share])
    inside = at_column < columns * SIDE
    at_row, at_column, weight = at_row[inside], at_column[inside], weight[inside]
    stripe = at_column // SIDE
    sums: Floats = _summed(at_row * columns + stripe, weight, rows * SIDE * columns).reshape(-1, columns)
    before: Floats = np.cumsum(sums, axis=1) - sums
    number = (at_row // SIDE) * columns + stripe
    level = before.reshape(rows, SIDE, columns)
    # An edge that runs along the rows has no height of its own: what lies right of its ends tells of it.
    uneven = (level.max(axis=1) - level.min(axis=1) > 1e-6).reshape(-1)
    crossed = np.flatnonzero((np.bincount(number, minlength=rows * columns) > 0) | uneven)
    tiles = _flat(before[::SIDE], crossed, colour, columns)
    opaque = frozenset(tiles) if rgba(colour)[3] >= 1 else frozenset()
    if not len(crossed):
        return Sprite(tiles, opaque=opaque)
    place = np.searchsorted(crossed, number)
    within = (place * SIDE + at_row % SIDE) * SIDE + at_column % SIDE
    own: Floats = _summed(within, weight, len(crossed) * SIDE * SIDE).reshape(-1, SIDE, SIDE)
    left = level.transpose(0, 2, 1).reshape(-1, SIDE)[crossed]
    own[:, :, 0] += left
    covered: NDArray[np.float32] = np.cumsum(own, axis=2, dtype=np.float32)
    np.abs(covered, out=covered)
    np.minimum(covered, 1, out=covered)
    pixels = _coloured(covered[:, ::-1], colour)
    for one, picture in zip(crossed.tolist(), pixels, strict=True):
        tiles[one] = Tile(one % columns * SIDE, one // columns * SIDE, picture)
    return Sprite(tiles, opaque=opaque)


def _flat(before: Floats, crossed: _Ints, colour: str, columns: int) -> dict[int, Tile]:
    """The tiles that are covered whole."""
    whole = np.abs(before.reshape(-1)) > 0.5
    whole[crossed] = False
    return {number: _full(number, colour, columns) for number in np.flatnonzero(whole).tolist()}


@lru_cache(maxsize=16384)
def _full(number: int, colour: str, columns: int) -> Tile:
    return Tile(
        number % columns * SIDE,
        number // columns * SIDE,
        _coloured(np.ones((SIDE, SIDE), np.float32), colour),
    )


def _coloured(covered: NDArray[np.float32], colour: str) -> Pixels:
    red, green, blue, alpha = rgba(colour)
    clear = np.array([round(255 * red), round(255 * green), round(255 * blue), 0], np.uint8).view(np.uint32)
    # A little more than half a step: sums that differ by nothing but rounding must not fall apart here.
    steps = (covered * np.float32(255 * alpha) + np.float32(0.5001)).astype(np.uint8)
    pixels = np.empty(covered.shape, np.uint32)
    pixels[:] = clear[0]
    words: Pixels = pixels.view(np.uint8).reshape(*covered.shape, 4)
    words[..., 3] = steps
    return words


def _edges(paths: Paths, page: Page) -> Floats:
    """Edges `(n, 4)`, x0 y0 x1 y1, y downward; each ring is closed."""
    ends = np.append(paths.starts[1:], len(paths.xy)) - 1
    following = np.arange(1, len(paths.xy) + 1)
    following[ends] = paths.starts
    xy = paths.xy * (1, -1) + (0, page.height)
    return np.concatenate([xy, xy[following]], axis=1)


def _cells(edges: Floats, bottom: int, right: int) -> tuple[Floats, Floats, Floats]:
    """Edges cut into pieces that each lie in one pixel: the middle of each (x, y) and its signed height.

    What lies above, below or right of the page is left out, what lies left of it moved to its edge.
    """
    x0, y0, x1, y1 = edges.T
    down = y1 > y0
    # Downward all, and the sign apart.
    x0, x1, y0, y1 = (np.where(down, a, b) for a, b in ((x0, x1), (x1, x0), (y0, y1), (y1, y0)))
    sign = np.where(down, 1.0, -1.0)
    keep = (y1 > y0) & (y1 > 0) & (y0 < bottom) & (np.minimum(x0, x1) < right)
    x0, y0, x1, y1, sign = (values[keep] for values in (x0, y0, x1, y1, sign))
    slope = (x1 - x0) / (y1 - y0)
    top, foot = np.maximum(y0, 0.0), np.minimum(y1, bottom)
    # One piece a row of pixels …
    first = np.floor(top)
    count = np.maximum(np.ceil(foot) - first, 0).astype(np.intp)
    which, step = _counted(count)
    row = first[which] + step
    a, b = np.maximum(row, top[which]), np.minimum(row + 1, foot[which])
    xa, xb = (x0[which] + (v - y0[which]) * slope[which] for v in (a, b))
    low, high = np.minimum(xa, xb), np.maximum(xa, xb)
    height, middle = (b - a) * sign[which], (a + b) / 2
    # … and of those one a pixel: none left of the page, where only the height counts.
    start = np.clip(np.floor(low), 0.0, right)
    count = np.maximum(np.minimum(np.ceil(high), right) - start, 1).astype(np.intp)
    piece, step = _counted(count)
    column = start[piece] + step
    low, high, width = low[piece], high[piece], (high - low)[piece]
    left = np.where(step == 0, low, np.maximum(low, column))
    end = np.minimum(high, column + 1)
    share = np.where(width > 0, (end - left) / np.where(width > 0, width, 1.0), 1.0)
    x = (np.maximum(left, column) + np.maximum(end, column)) / 2
    # Where a piece comes in from the left of the page, so much of its height counts from the edge on.
    x = np.where((left < 0) & (end > 0), end * end / 2 / np.where(end > left, end - left, 1.0), x)
    seen = share > 0
    x, y, height = x[seen], middle[piece][seen], (height[piece] * share)[seen]
    inside = x < right
    return x[inside], y[inside], height[inside]


def _summed(at: _Ints, weight: Floats, count: int) -> Floats:
    """Sums of weights by place, `(count,)`."""
    sums: NDArray[Any] = np.bincount(at, weight, count)
    return sums


def _counted(count: _Ints) -> tuple[_Ints, _Ints]:
    """For things that are repeated so many times: which it is, and the how-manieth time."""
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
