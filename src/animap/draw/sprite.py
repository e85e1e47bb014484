"""One mark as a small transparent picture, cut into tiles.

Every mark is rasterised whole, once; frames are composed from its tiles. So a pixel never depends on
which part of the frame happens to be redrawn: a partial redraw equals a full one, byte for byte.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray

from animap.draw.painter import Eye, Ink, inks
from animap.draw.raster import RasterInk
from animap.draw.tiles import SIDE, Tiles, across, inked, touching
from animap.marks import Badge, Mark, Page, Paths, View
from animap.style import Pen
from animap.types import Pixels

__all__ = ["Sprite", "Tile", "picture", "rasterise"]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """RGBA `(h, w, 4)`, bottom row first as Agg blits them, with its upper left corner at `x`, `y`."""

    x: int
    y: int
    pixels: Pixels

    def same(self, other: Tile | None) -> bool:
        """Whether two tiles of one place look alike."""
        if other is None or other is self:
            return other is self
        return (self.x, self.y) == (other.x, other.y) and self.pixels.tobytes() == other.pixels.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """The tiles of the page in which a mark has ink, by number; and where there is one, all of it at once."""

    tiles: Mapping[int, Tile]
    whole: Tile | None = None
    opaque: frozenset[int] = frozenset()
    """The tiles under which nothing shows."""


_NOTHING = Sprite({})


def rasterise(mark: Mark, view: View, page: Page) -> Sprite:
    """Draw a mark alone, and cut it into tiles; what lies outside the page is cut off."""
    if isinstance(mark, Badge):
        drawn = _set(mark, Eye(view, page))
        return _cut(drawn, page) if drawn else _NOTHING
    layers = inks(mark, view, page)
    touched = _strewn(layers, page)
    if touched is not None:
        return _gathered(layers, touched, page)
    drawn = _drawn(layers, page)
    return _cut(drawn, page) if drawn else _NOTHING


def picture(mark: Mark, view: View, page: Page) -> Tile | None:
    """A mark alone, in one piece; None where none of it is on the page."""
    return _drawn(inks(mark, view, page), page)


def _drawn(layers: Sequence[Ink | RasterInk], page: Page) -> Tile | None:
    boxes = np.array([ink.bounds() for ink in layers if not ink.empty])
    if not len(boxes) or not np.isfinite(boxes).all():
        return None
    left, bottom = (math.floor(v) for v in boxes[:, :2].min(axis=0))
    right, top = (math.ceil(v) for v in boxes[:, 2:].max(axis=0))
    left, right = max(0, left), min(page.width, right)
    bottom, top = max(0, bottom), min(page.height, top)
    if right <= left or top <= bottom:
        return None
    renderer = RendererAgg(right - left, top - bottom, 72)
    for ink in layers:
        ink.draw(renderer, -left, -bottom)
    return Tile(left, page.height - top, np.asarray(renderer.buffer_rgba())[::-1])


def _cut(drawn: Tile, page: Page) -> Sprite:
    pixels, left, top = drawn.pixels[::-1], drawn.x, drawn.y
    height, width = pixels.shape[:2]
    found = inked(pixels.view(np.uint32)[..., 0] != _CLEAR, left, top)
    # Thin things are not worth keeping as a whole.
    dense = 2 * len(found) * SIDE * SIDE > height * width
    upward = np.ascontiguousarray(pixels[::-1]) if dense else pixels[::-1]
    tiles, opaque = {}, []
    for row, column in found:
        number = row * across(page.width) + column
        x, y = max(left, column * SIDE), max(top, row * SIDE)
        right, bottom = min(left + width, (column + 1) * SIDE), min(top + height, (row + 1) * SIDE)
        part = upward[top + height - bottom : top + height - y, x - left : right - left]
        tiles[number] = Tile(x, y, part if dense else np.ascontiguousarray(part))
        full = (right - x, bottom - y) == _sides(row, column, page)
        if full and part[0, 0, 3] == 255 and (part[..., 3] == 255).all():
            opaque.append(number)
    return Sprite(tiles, Tile(left, top, upward) if dense else None, frozenset(opaque))


def _strewn(layers: Sequence[Ink | RasterInk], page: Page) -> Tiles | None:
    """The tiles that a long thin mark may touch; None for others.

    A line across the page has little ink and a large box, which would have to be cleared and looked through.
    """
    count = 0.0
    strokes = []
    for ink in layers:
        if isinstance(ink, RasterInk) or ink.hatch:
            return None
        if not ink.empty:
            left, bottom, right, top = ink.bounds()
            count = max(count, (right - left) * (top - bottom))
            strokes.append(ink)
    if not (_ROOMY < count < math.inf):
        return None
    boxes = np.concatenate([ink.boxes() for ink in strokes])
    boxes[:, [1, 3]] = page.height - boxes[:, [3, 1]]
    touched = touching(boxes, page.width, page.height)
    return touched if touched.sum() * SIDE * SIDE * _LOOSE < count else None


_ROOMY = (8 * SIDE) ** 2
"""Pixels of a box from which on it is looked whether there is much in it."""
_LOOSE = 3
"""Times as large as what is touched: gathering costs more a pixel."""


def _gathered(layers: Sequence[Ink | RasterInk], touched: Tiles, page: Page) -> Sprite:
    """Draw onto a clear page that is kept, take the touched tiles from it, and leave it clear."""
    rows, columns = touched.shape
    renderer, grid = _clear_page(columns, rows)
    for ink in layers:
        if not ink.empty:
            ink.draw(renderer, 0, rows * SIDE - page.height)
    row, column = np.nonzero(touched)
    words = grid[row, :, column]
    grid[row, :, column] = _CLEAR
    inked = np.flatnonzero((words != _CLEAR).any(axis=(1, 2)))
    upward = np.ascontiguousarray(words[inked, ::-1]).view(np.uint8).reshape(-1, SIDE, SIDE, 4)
    tiles = {}
    for pixels, r, c in zip(upward, row[inked].tolist(), column[inked].tolist(), strict=True):
        wide, down = _sides(r, c, page)
        tiles[r * columns + c] = Tile(c * SIDE, r * SIDE, pixels[SIDE - down :, :wide])
    return Sprite(tiles)


@lru_cache(maxsize=2)
def _clear_page(columns: int, rows: int) -> tuple[RendererAgg, NDArray[np.uint32]]:
    """A renderer of whole tiles without ink, and its pixels by tile row, row, tile column, column."""
    renderer = RendererAgg(columns * SIDE, rows * SIDE, 72)
    words = np.asarray(renderer.buffer_rgba()).view(np.uint32)
    return renderer, words.reshape(rows, SIDE, columns, SIDE)


_EIGHTHS = 8
"""Places within a pixel at which a badge may stand: it moves as smoothly as can be seen, and is drawn once
for each of them."""
_Disc: TypeAlias = tuple[tuple[tuple[Paths, str], ...], Pen | None, float]
"""What badges of one look have in common: parts, edge and radius."""


def _set(mark: Badge, eye: Eye) -> Tile | None:
    """A badge in its place, cut to the page."""
    page, steps = eye.page, np.round(eye.pixels(np.array([mark.at]), mark.space)[0] * _EIGHTHS)
    if not np.isfinite(steps).all():
        return None
    (column, east), (row, north) = (divmod(int(step), _EIGHTHS) for step in steps)
    drawn = _badge((mark.parts, mark.edge, mark.radius), east, north, page)
    if drawn is None:
        return None
    x, y = drawn.x + column, drawn.y - row
    height, width = drawn.pixels.shape[:2]
    left, right = max(0, -x), min(width, page.width - x)
    top, bottom = max(0, -y), min(height, page.height - y)
    if right <= left or bottom <= top:
        return None
    return Tile(x + left, y + top, drawn.pixels[height - bottom : height - top, left:right])


@lru_cache(maxsize=512)
def _badge(disc: _Disc, east: int, north: int, page: Page) -> Tile | None:
    """A badge so many eighths right of and above the lower left corner of the page."""
    parts, edge, radius = disc
    margin = math.ceil(2 * radius * page.unit) + 4
    x, y = margin + east / _EIGHTHS, page.height - margin - north / _EIGHTHS
    mark = Badge(at=(x / page.unit, y / page.unit), radius=radius, parts=parts, edge=edge, space="page")
    drawn = _drawn(inks(mark, View(0, 0, 1), page), page)
    return drawn and Tile(drawn.x - margin, drawn.y + margin, drawn.pixels)


_CLEAR = np.array([255, 255, 255, 0], np.uint8).view(np.uint32)[0]
"""What Agg leaves where there is no ink."""


def _sides(row: int, column: int, page: Page) -> tuple[int, int]:
    """Pixels across and down of a tile on the page."""
    return min(SIDE, page.width - column * SIDE), min(SIDE, page.height - row * SIDE)
