"""One mark as a small transparent picture, cut into tiles.

Every mark is rasterised whole, once; frames are composed from its tiles. So a pixel never depends on
which part of the frame happens to be redrawn: a partial redraw equals a full one, byte for byte.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from animap.draw.painter import inks
from animap.draw.tiles import SIDE, across, inked
from animap.marks import Mark, Page, View
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
    drawn = picture(mark, view, page)
    return _cut(drawn, page) if drawn else _NOTHING


def picture(mark: Mark, view: View, page: Page) -> Tile | None:
    """A mark alone, in one piece; None where none of it is on the page."""
    layers = inks(mark, view, page)
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


_CLEAR = np.array([255, 255, 255, 0], np.uint8).view(np.uint32)[0]
"""What Agg leaves where there is no ink."""


def _sides(row: int, column: int, page: Page) -> tuple[int, int]:
    """Pixels across and down of a tile on the page."""
    return min(SIDE, page.width - column * SIDE), min(SIDE, page.height - row * SIDE)
