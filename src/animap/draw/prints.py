"""A mark as the canvas would print it, put together from its tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animap.draw.painter import Eye
from animap.draw.press import straight
from animap.draw.sprite import rasterise
from animap.draw.tiles import SIDE, across
from animap.marks import Mark, Page, View
from animap.types import Pixels, Rect

__all__ = ["Print", "printed"]


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """RGBA `pixels`, top row first, and where they stand: left, top, right, bottom."""

    rect: Rect
    pixels: Pixels


def printed(mark: Mark, view: View, page: Page) -> Print:
    """The ink of a mark; nothing at all where none of it is on the page."""
    sprite = rasterise(mark, Eye(view, page))
    if not len(sprite.numbers):
        return Print((0, 0, 0, 0), np.zeros((0, 0, 4), np.uint8))
    row, column = np.divmod(sprite.numbers, across(page.width))
    top, left, bottom, right = row.min(), column.min(), row.max() + 1, column.max() + 1
    grid = np.zeros((bottom - top, SIDE, right - left, SIDE), np.uint32)
    grid[row - top, :, column - left] = sprite.pixels()
    x, y = int(left) * SIDE, int(top) * SIDE
    rect = x, y, min(page.width, int(right) * SIDE), min(page.height, int(bottom) * SIDE)
    whole = grid.reshape((bottom - top) * SIDE, -1)[: rect[3] - y, : rect[2] - x]
    return Print(rect, straight(whole))
