"""A picture among the marks: relief, or a tone over the whole page, resampled to the page's own pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from animap.types import Pixels

__all__ = ["RasterInk"]


@dataclass(frozen=True, slots=True)
class RasterInk:
    """RGBA pixels over `box` (left, bottom, right, top in pixels of the page, y upward)."""

    pixels: Pixels
    box: tuple[float, float, float, float]
    page: tuple[int, int]
    """Width and height of the page: what lies outside is not worked out."""

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in whole pixels, cut to the page."""
        left, bottom, right, top = self.box
        width, height = self.page
        return (
            max(0, math.floor(left)),
            max(0, math.floor(bottom)),
            min(width, math.ceil(right)),
            min(height, math.ceil(top)),
        )

    @property
    def empty(self) -> bool:
        """Whether nothing of it is on the page."""
        left, bottom, right, top = self.bounds()
        return right <= left or top <= bottom

    def plot(self, renderer: Any, scale: float, opacity: float) -> None:
        """Draw with a vector renderer of matplotlib's, in another unit and paler."""
        left, bottom, _, _ = self.bounds()
        pixels = self.resampled()
        pixels[..., 3] = np.round(pixels[..., 3] * opacity)
        gc = renderer.new_gc()
        renderer.draw_image(gc, left * scale, bottom * scale, pixels)
        gc.restore()

    def resampled(self) -> Pixels:
        """Top row first, a pixel a pixel of the page, between samples by straight lines."""
        left, bottom, right, top = self.bounds()
        x0, y0, x1, y1 = self.box
        rows, columns = self.pixels.shape[:2]
        across, down = columns / (x1 - x0), rows / (y1 - y0)
        place = (across, 0.0, (left - x0) * across, 0.0, down, (y1 - top) * down)
        # Pillow weighs colours by what they cover, so that edges do not turn dark.
        source = Image.fromarray(np.ascontiguousarray(self.pixels))
        size = int(right - left), int(top - bottom)
        resampled = source.transform(size, Image.Transform.AFFINE, place, Image.Resampling.BILINEAR)
        return np.array(resampled)
