"""A mark as the canvas would print it, put together from its tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animap.draw.sprite import rasterise
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
    tiles = rasterise(mark, view, page).tiles.values()
    left, top = min((t.x for t in tiles), default=0), min((t.y for t in tiles), default=0)
    right = max((t.x + t.pixels.shape[1] for t in tiles), default=0)
    bottom = max((t.y + t.pixels.shape[0] for t in tiles), default=0)
    pixels = np.zeros((bottom - top, right - left, 4), np.uint8)
    for tile in tiles:
        high, wide = tile.pixels.shape[:2]
        x, y = tile.x - left, tile.y - top
        pixels[y : y + high, x : x + wide] = tile.pixels[::-1]
    return Print((left, top, right, bottom), pixels)
