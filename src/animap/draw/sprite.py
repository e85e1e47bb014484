"""One mark as a small transparent picture, cut into tiles.

Every mark is rasterised whole, once; frames are composed from its tiles. So a pixel never depends on
which part of the frame happens to be redrawn: a partial redraw equals a full one, byte for byte.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from animap.draw.painter import Eye, Ink, inks
from animap.draw.press import EMPTY, Sprite, Words, cut, fill
from animap.draw.raster import RasterInk
from animap.draw.tiles import SIDE, Tiles, numbers_under, touching
from animap.marks import Area, Badge, Mark, Page, Paths, View
from animap.style import Pen

__all__ = ["Drawn", "picture", "rasterise"]


class Drawn(NamedTuple):
    """A picture with straight alpha, top row first, and where its upper left corner lies."""

    x: int
    y: int
    words: Words


def rasterise(mark: Mark, eye: Eye) -> Sprite:
    """Draw a mark alone, and cut it into tiles; what lies outside the page is cut off."""
    page = eye.page
    if isinstance(mark, Badge):
        drawn = _set(mark, eye)
        return _cut(drawn, page) if drawn else EMPTY
    if isinstance(mark, Area) and mark.fill and not mark.pen and not mark.hatch:
        xy = eye.pixels(mark.paths.xy, mark.space) * (1, -1) + (0, page.height)
        return fill(xy, mark.paths.starts, mark.fill, page) if np.isfinite(xy).all() else EMPTY
    layers = inks(mark, eye.view, page)
    touched = _strewn(layers, page)
    if touched is not None:
        return _gathered(layers, touched, page)
    drawn = _drawn(layers, page)
    return _cut(drawn, page) if drawn else EMPTY


def picture(mark: Mark, view: View, page: Page) -> Drawn | None:
    """A mark alone, in one piece; None where none of it is on the page."""
    return _drawn(inks(mark, view, page), page)


def _drawn(layers: Sequence[Ink | RasterInk], page: Page) -> Drawn | None:
    boxes = np.array([ink.bounds() for ink in layers if not ink.empty])
    if not len(boxes) or not np.isfinite(boxes).all():
        return None
    left, bottom = (math.floor(v) for v in boxes[:, :2].min(axis=0))
    right, top = (math.ceil(v) for v in boxes[:, 2:].max(axis=0))
    left, right = max(0, left), min(page.width, right)
    bottom, top = max(0, bottom), min(page.height, top)
    if right <= left or top <= bottom:
        return None
    renderer = RendererAgg(right - left, top - bottom, 72)
    for ink in layers:
        ink.draw(renderer, -left, -bottom)
    return Drawn(left, page.height - top, _words(renderer))


def _words(renderer: RendererAgg) -> Words:
    words: Words = np.asarray(renderer.buffer_rgba()).view(np.uint32)[..., 0]
    return words


def _cut(drawn: Drawn, page: Page) -> Sprite:
    x, y, words = drawn
    height, width = words.shape
    return cut(words, (x, y), numbers_under((x, y, x + width, y + height), page.width), page)


def _strewn(layers: Sequence[Ink | RasterInk], page: Page) -> Tiles | None:
    """The tiles that a long thin mark may touch; None for others.

    A line across the page has little ink and a large box, which would have to be cleared and looked through.
    """
    count = 0.0
    strokes = []
    for ink in layers:
        if isinstance(ink, RasterInk) or ink.hatch:
            return None
        if not ink.empty:
            left, bottom, right, top = ink.bounds()
            count = max(count, (right - left) * (top - bottom))
            strokes.append(ink)
    if not (_ROOMY < count < math.inf):
        return None
    boxes = np.concatenate([ink.boxes() for ink in strokes])
    boxes[:, [1, 3]] = page.height - boxes[:, [3, 1]]
    touched = touching(boxes, page.width, page.height)
    return touched if touched.sum() * SIDE * SIDE * _LOOSE < count else None


_ROOMY = (8 * SIDE) ** 2
"""Pixels of a box from which on it is looked whether there is much in it."""
_LOOSE = 3
"""Times as large as what is touched: gathering costs more a pixel."""


def _gathered(layers: Sequence[Ink | RasterInk], touched: Tiles, page: Page) -> Sprite:
    """Draw onto a clear page that is kept, take the touched tiles from it, and leave it clear."""
    renderer = _clear_page(page)
    for ink in layers:
        if not ink.empty:
            ink.draw(renderer)
    asked = np.flatnonzero(touched).astype(np.int32)
    return cut(_words(renderer), (0, 0), asked, page, wipe=_CLEAR)


@lru_cache(maxsize=2)
def _clear_page(page: Page) -> RendererAgg:
    return RendererAgg(page.width, page.height, 72)


_EIGHTHS = 8
"""Places within a pixel at which a badge may stand: it moves as smoothly as can be seen, and is drawn once
for each of them."""
_Disc: TypeAlias = tuple[tuple[tuple[Paths, str], ...], Pen | None, float]
"""What badges of one look have in common: parts, edge and radius."""


def _set(mark: Badge, eye: Eye) -> Drawn | None:
    """A badge in its place, cut to the page."""
    page, steps = eye.page, np.round(eye.pixels(np.array([mark.at]), mark.space)[0] * _EIGHTHS)
    if not np.isfinite(steps).all():
        return None
    (column, east), (row, north) = (divmod(int(step), _EIGHTHS) for step in steps)
    drawn = _badge((mark.parts, mark.edge, mark.radius), east, north, page)
    if drawn is None:
        return None
    x, y = drawn.x + column, drawn.y - row
    height, width = drawn.words.shape
    left, right = max(0, -x), min(width, page.width - x)
    top, bottom = max(0, -y), min(height, page.height - y)
    if right <= left or bottom <= top:
        return None
    return Drawn(x + left, y + top, drawn.words[top:bottom, left:right])


@lru_cache(maxsize=512)
def _badge(disc: _Disc, east: int, north: int, page: Page) -> Drawn | None:
    """A badge so many eighths right of and above the lower left corner of the page."""
    parts, edge, radius = disc
    margin = math.ceil(2 * radius * page.unit) + 4
    x, y = margin + east / _EIGHTHS, page.height - margin - north / _EIGHTHS
    mark = Badge(at=(x / page.unit, y / page.unit), radius=radius, parts=parts, edge=edge, space="page")
    drawn = _drawn(inks(mark, View(0, 0, 1), page), page)
    return drawn and Drawn(drawn.x - margin, drawn.y + margin, drawn.words)


_CLEAR = int(np.array([255, 255, 255, 0], np.uint8).view(np.uint32)[0])
"""What Agg leaves where there is no ink."""
