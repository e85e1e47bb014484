"""One mark as a sprite: a small transparent picture, cut into tiles.

Every mark is rasterised whole, once; frames are composed from its tiles. So a pixel never depends on
which part of the frame happens to be redrawn: a partial redraw equals a full one, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

from animap.draw.painter import Eye, Ink, hatch_lines, inks
from animap.draw.press import Sprite, cut, masked, merged
from animap.draw.raster import RasterInk
from animap.draw.traces import Trace, print_paths
from animap.marks import Mark, Page

__all__ = ["Sheet", "printed", "rasterise", "sheets"]

Sheet: TypeAlias = Trace | Sprite
"""A layer of a mark: a trace to be printed, or tiles."""


def rasterise(mark: Mark, eye: Eye) -> Sprite:
    """Draw a mark alone, and cut it into tiles; what lies outside the page is cut off."""
    return printed(sheets(mark, eye), eye.page)


def printed(layers: Iterable[Sheet], page: Page) -> Sprite:
    """Layers over each other, from the bottom up, as one."""
    sprites: list[Sprite] = []
    for _, run in groupby(layers, type):
        alike = list(run)
        traces = [layer for layer in alike if isinstance(layer, Trace)]
        sprites += [print_paths(traces, page)] if traces else []
        sprites += [layer for layer in alike if isinstance(layer, Sprite)]
    return merged(sprites, page)


def sheets(mark: Mark, eye: Eye, *, swift: bool = False) -> Iterator[Sheet]:
    """What a mark is made of, from the bottom up; `swift` for one that is seen in flight."""
    for ink in inks(mark, eye, swift=swift):
        if not ink.empty:
            yield from _layers(ink, eye.page)


def _layers(ink: Ink | RasterInk, page: Page) -> Iterator[Sheet]:
    """Fill, stroke and hatch of an ink, from the bottom up."""
    if isinstance(ink, RasterInk):
        left, _, _, top = ink.bounds()
        yield cut(ink.resampled(), (int(left), int(page.height - top)), page)
        return
    outline = ink.outline
    if ink.fill:
        yield Trace(*outline, ink.fill)
    # A pen without width draws nothing, where the press takes a trace without one for an area.
    if ink.pen and ink.pen.width > 0:
        yield Trace(*outline, ink.pen.colour, ink.pen.width, ink.pen.dash)
    if ink.hatch and ink.hatch.width > 0:
        lines = Trace(*hatch_lines(outline, ink.hatch), ink.hatch.colour, ink.hatch.width)
        yield masked(print_paths([lines], page), print_paths([Trace(*outline, "#000000")], page), page)
