"""A picture among the marks: relief, or a tone over the whole page, resampled to the page's own pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from animap.types import Floats, Pixels

__all__ = ["RasterInk"]


@dataclass(frozen=True, slots=True)
class RasterInk:
    """RGBA pixels over `box` (left, bottom, right, top in pixels of the page, y upward)."""

    pixels: Pixels
    box: tuple[float, float, float, float]
    page: tuple[int, int]
    """Width and height of the page: what lies outside is not worked out."""
    scale: float = 1.0
    opacity: float = 1.0

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

    def scaled(self, scale: float, opacity: float = 1.0) -> RasterInk:
        """The same picture in another unit and paler."""
        return RasterInk(self.pixels, self.box, self.page, self.scale * scale, self.opacity * opacity)

    def draw(self, renderer: Any, dx: float = 0.0, dy: float = 0.0) -> None:
        """Draw with the origin moved by whole pixels."""
        if self.empty:
            return
        left, bottom, _, _ = self.bounds()
        gc = renderer.new_gc()
        # Agg takes the bottom row first, as files take the top one; vector renderers flip by themselves.
        picture = self._resampled()
        flipped = picture[::-1] if hasattr(renderer, "buffer_rgba") else picture
        x, y = left * self.scale + dx, bottom * self.scale + dy
        renderer.draw_image(gc, x, y, np.ascontiguousarray(flipped))
        gc.restore()

    def _resampled(self) -> Pixels:
        """Top row first, a pixel a pixel of the page, between samples by straight lines."""
        left, bottom, right, top = self.bounds()
        x0, y0, x1, y1 = self.box
        rows, columns = self.pixels.shape[:2]
        x = ((np.arange(left, right) + 0.5 - x0) / (x1 - x0)) * columns - 0.5
        y = ((y1 - (np.arange(top, bottom, -1) - 0.5)) / (y1 - y0)) * rows - 0.5
        source: Floats = self.pixels.astype(float)
        # Colours weigh as much as they cover, or edges would turn dark.
        source[..., :3] *= source[..., 3:] / 255
        mixed = _between(_between(source, y, 0), x, 1)
        alpha = mixed[..., 3:]
        colours = np.divide(mixed[..., :3] * 255, alpha, out=np.zeros_like(mixed[..., :3]), where=alpha > 0)
        inside = ((x > -1) & (x < columns))[None, :] & ((y > -1) & (y < rows))[:, None]
        alpha = alpha * inside[..., None] * self.opacity
        return np.round(np.concatenate([colours, alpha], axis=2)).clip(0, 255).astype(np.uint8)


def _between(values: Floats, at: Floats, axis: int) -> Floats:
    low = np.clip(np.floor(at), 0, values.shape[axis] - 1).astype(int)
    high = np.minimum(low + 1, values.shape[axis] - 1)
    share = np.clip(at - low, 0, 1).reshape([-1 if i == axis else 1 for i in range(3)])
    mixed: Floats = values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return mixed
