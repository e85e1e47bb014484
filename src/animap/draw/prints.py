"""A mark as the canvas would print it, put together from its tiles."""

from __future__ import annotations

from dataclasses import dataclass

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
    rect, words = spread(rasterise(mark, Eye(view, page)), page)
    return Print(rect, straight(words))
