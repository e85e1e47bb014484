"""Pictures in flight: everything moves, so marks go straight onto the picture, one over the other."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from animap.draw.painter import inks
from animap.draw.press import word
from animap.draw.sprite import picture
from animap.draw.stack import mark_of, opacity_of
from animap.marks import Area, Faded, Frame, Page, Shown
from animap.types import Pixels

__all__ = ["Flight"]


class Flight:
    """Draws frames of one page, each anew."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._agg = RendererAgg(page.width, page.height, 72)
        self._gc = self._agg.new_gc()
        self._rgba: Pixels = np.asarray(self._agg.buffer_rgba())

    def drawn(self, frame: Frame, opacity: float) -> Pixels:
        """The picture `(h, w, 4)` with straight alpha over a background so opaque; the next changes it."""
        self._rgba.view(np.uint32)[..., 0] = word(frame.background, opacity)
        for shown in frame.marks:
            self._draw(shown, frame)
        return self._rgba

    def _draw(self, shown: Shown, frame: Frame) -> None:
        """A hatch is cut out by a clip path, which Agg tells from the last one by its address alone: only a
        fresh renderer is sure not to take one for another.
        """
        mark = mark_of(shown)
        if not isinstance(shown, Faded) and not (isinstance(mark, Area) and mark.hatch):
            for ink in inks(mark, frame.view, self._page):
                if not ink.empty:
                    ink.draw(self._agg)
            return
        alone = picture(mark, frame.view, self._page)
        if alone is None:
            return
        left, top, words = alone
        pixels = np.ascontiguousarray(words[::-1]).view(np.uint8).reshape(*words.shape, 4)
        # Agg's image blending knows no opacity of its own.
        pixels[..., 3] = np.round(np.arange(256) * opacity_of(shown)).astype(np.uint8)[pixels[..., 3]]
        self._agg.draw_image(self._gc, left, self._page.height - top - len(pixels), pixels)
