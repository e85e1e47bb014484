"""One mark as a sprite: a small transparent picture, cut into tiles.

Every mark is rasterised whole, once; frames are composed from its tiles. So a pixel never depends on
which part of the frame happens to be redrawn: a partial redraw equals a full one, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from animap.draw.painter import Eye, Ink, hatch_lines, inks
from animap.draw.press import Sprite, cut, masked, merged, print_path
from animap.draw.raster import RasterInk
from animap.marks import Mark, Page

__all__ = ["rasterise", "sheets"]


def rasterise(mark: Mark, eye: Eye) -> Sprite:
    """Draw a mark alone, and cut it into tiles; what lies outside the page is cut off."""
    return merged(sheets(mark, eye), eye.page)


def sheets(mark: Mark, eye: Eye, *, swift: bool = False) -> list[Sprite]:
    """The sprites, from the bottom up, that are a mark; `swift` for one that is seen in flight."""
    layers = inks(mark, eye.view, eye.page, swift=swift)
    return [sprite for ink in layers if not ink.empty for sprite in _sprites(ink, eye.page)]


def _sprites(ink: Ink | RasterInk, page: Page) -> Iterator[Sprite]:
    """Fill, stroke and hatch of an ink, from the bottom up."""
    if isinstance(ink, RasterInk):
        left, _, _, top = ink.bounds()
        yield cut(ink.resampled(), (int(left), int(page.height - top)), page)
        return
    xy, codes = ink.outline
    if ink.fill:
        yield print_path(xy, codes, ink.fill, page)
    if ink.pen:
        yield print_path(xy, codes, ink.pen.colour, page, ink.pen.width, ink.pen.dash)
    if ink.hatch:
        lines = hatch_lines(ink.outline, ink.hatch)
        hatched = print_path(lines.xy, lines.codes, ink.hatch.colour, page, ink.hatch.width)
        yield masked(hatched, print_path(xy, codes, "#000000", page), page)
