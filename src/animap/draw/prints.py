"""A mark as the canvas would print it, put together from its tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animap.draw.painter import Eye
from animap.draw.press import spread, straight
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
    (x, y, _, _), words = spread(rasterise(mark, Eye(view, page)), page)
    rows, columns = (np.flatnonzero(words.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Print((0, 0, 0, 0), np.zeros((0, 0, 4), np.uint8))
    left, top, right, bottom = (int(n) for n in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    return Print((x + left, y + top, x + right, y + bottom), straight(words[top:bottom, left:right]))
