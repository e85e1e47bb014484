"""One mark as a small transparent picture.

Every mark is rasterised once, whole, into its own rectangle; frames are composed from these. So a pixel
never depends on which part of the frame happens to be redrawn: a partial redraw equals a full one, byte
for byte.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from animap.draw.painter import inks
from animap.marks import Mark, Page, View
from animap.types import Pixels, Rect

__all__ = ["Sprite", "rasterise"]


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """RGBA `(h, w, 4)`, bottom row first as Agg blits them, and where they lie; None if nothing shows."""

    pixels: Pixels | None
    rect: Rect


_NOTHING = Sprite(None, (0, 0, 0, 0))


def rasterise(mark: Mark, view: View, page: Page) -> Sprite:
    """Draw a mark alone; what lies outside the page is cut off."""
    layers = inks(mark, view, page)
    boxes = np.array([ink.bounds() for ink in layers if not ink.empty])
    if not len(boxes) or not np.isfinite(boxes).all():
        return _NOTHING
    left, bottom = (math.floor(v) for v in boxes[:, :2].min(axis=0))
    right, top = (math.ceil(v) for v in boxes[:, 2:].max(axis=0))
    left, right = max(0, left), min(page.width, right)
    bottom, top = max(0, bottom), min(page.height, top)
    if right <= left or top <= bottom:
        return _NOTHING
    renderer = RendererAgg(right - left, top - bottom, 72)
    for ink in layers:
        ink.draw(renderer, -left, -bottom)
    pixels = np.ascontiguousarray(np.asarray(renderer.buffer_rgba())[::-1])
    return Sprite(pixels, (left, page.height - top, right, page.height - bottom))
