"""What marks look like: strokes and fills in pixels, the same for pixels, SVG and PDF.

Every shape is a path; nothing snaps to pixels and nothing is simplified, so what moves moves smoothly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.draw.arrow_layers import arrow_layers
from animap.draw.raster import RasterInk
from animap.geo.lines import lengths
from animap.marks import (
    Area,
    Arrow,
    Badge,
    Group,
    Image,
    Line,
    Mark,
    Page,
    Points,
    Space,
    Text,
    TextAlong,
    View,
)
from animap.style import Hatch, Lettering, Pen
from animap.style.shaping import Glyphs, shape
from animap.types import Floats

__all__ = ["Eye", "Ink", "Outline", "hatch_lines", "inks", "placements"]

_MOVE, _LINE, _CUBIC, _CLOSE = 1, 2, 4, 79


class Outline(NamedTuple):
    """Vertices `(n, 2)` with matplotlib's path codes `(n,)`."""

    xy: Floats
    codes: NDArray[np.uint8]


def _circle() -> Outline:
    """The unit circle, as eight Bézier curves."""
    angle = np.linspace(0, 2 * np.pi, 9)
    on = np.column_stack([np.cos(angle), np.sin(angle)])
    reach = 4 / 3 * math.tan(np.pi / 16) * np.column_stack([-on[:, 1], on[:, 0]])
    curves = np.stack([on[:-1] + reach[:-1], on[1:] - reach[1:], on[1:]], axis=1).reshape(-1, 2)
    codes = [_MOVE, *[_CUBIC] * len(curves), _CLOSE]
    return Outline(np.concatenate([on[:1], curves, on[:1]]), np.array(codes, np.uint8))


def _polygon(corners: list[tuple[float, float]], size: float) -> Outline:
    codes = [_MOVE, *[_LINE] * (len(corners) - 1), _CLOSE]
    return Outline(np.array([*corners, corners[0]]) * size, np.array(codes, np.uint8))


_CIRCLE = _circle()
_SYMBOLS: dict[str, Outline] = {
    "circle": _CIRCLE,
    "square": _polygon([(-1, -1), (1, -1), (1, 1), (-1, 1)], 0.886),
    "diamond": _polygon([(0, -1), (1, 0), (0, 1), (-1, 0)], 1.25),
    "triangle": _polygon([(0, 1.2), (1.04, -0.6), (-1.04, -0.6)], 1),
}


@dataclass(frozen=True, slots=True)
class Ink:
    """One stroke or fill of a mark in pixels, y upward."""

    outline: Outline
    fill: str | None = None
    pen: Pen | None = None
    hatch: Hatch | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not len(self.outline.xy)


def inks(mark: Mark, eye: Eye, *, swift: bool = False) -> list[Ink | RasterInk]:
    """What a mark looks like, from the bottom up; `swift` if only in flight."""
    return (
        _arrow(mark, eye, swift=True)
        if swift and isinstance(mark, Arrow)
        else _PAINTERS[type(mark)](mark, eye)
    )


@dataclass(frozen=True, slots=True)
class Eye:
    """From either space to pixels with y upward, as renderers count."""

    view: View
    page: Page
    unit: float = field(init=False, compare=False)
    """Pixels in a unit."""
    _scale: float = field(init=False, compare=False)
    """Pixels in a map metre."""
    _corner: complex = field(init=False, compare=False)
    """Where the map's origin is, in pixels."""

    def __post_init__(self) -> None:
        view, page = self.view, self.page
        scale = page.width / view.width
        object.__setattr__(self, "unit", page.unit)
        object.__setattr__(self, "_scale", scale)
        left, bottom = page.width / 2 - view.x * scale, page.height / 2 - view.y * scale
        object.__setattr__(self, "_corner", complex(left, bottom))

    def pixels(self, xy: Floats, space: Space) -> Floats:
        """Coordinates `(n, 2)` of a space in pixels."""
        if space == "page":
            return xy * (self.unit, -self.unit) + (0.0, self.page.height)
        found: Floats = np.multiply(xy, self._scale, order="C")
        # Both coordinates at once: numpy takes eight times as long for rows of two.
        found.view(np.complex128)[:] += self._corner
        return found

    def pen(self, pen: Pen) -> Pen:
        """A pen whose lengths are pixels."""
        return _in_pixels(pen, self.unit)

    def hatch(self, hatch: Hatch) -> Hatch:
        """A hatch whose lengths are pixels."""
        u = self.unit
        return hatch.model_copy(update={"width": hatch.width * u, "spacing": hatch.spacing * u})


@lru_cache(maxsize=256)
def _in_pixels(pen: Pen, unit: float) -> Pen:
    dash = tuple(length * unit for length in pen.dash)
    return pen.model_copy(update={"width": pen.width * unit, "dash": dash})


def _compound(xy: Floats, starts: Any, *, closed: bool) -> Outline:
    codes = np.full(len(xy), _LINE, dtype=np.uint8)
    codes[starts] = _MOVE
    if closed and len(starts):
        codes[np.append(starts[1:], len(xy)) - 1] = _CLOSE
    return Outline(xy, codes)


def _points(mark: Points, eye: Eye) -> list[Ink]:
    if not len(mark.xy):
        return []
    symbol, count = _symbol(mark.symbol, mark.radius * eye.unit), len(mark.xy)
    xy = eye.pixels(mark.xy, mark.space)[:, None] + symbol.xy
    outline = Outline(xy.reshape(-1, 2), np.tile(symbol.codes, count) if count > 1 else symbol.codes)
    return [Ink(outline, mark.fill, eye.pen(mark.pen) if mark.pen else None)]


@lru_cache(maxsize=64)
def _symbol(name: str, radius: float) -> Outline:
    """A symbol round the origin, its radius in pixels."""
    symbol = _SYMBOLS[name]
    return Outline(symbol.xy * radius, symbol.codes)


def _line(mark: Line, eye: Eye) -> list[Ink]:
    if not len(mark.paths.xy):
        return []
    outline = _compound(eye.pixels(mark.paths.xy, mark.space), mark.paths.starts, closed=False)
    pens = [mark.casing, mark.pen] if mark.casing else [mark.pen]
    return [Ink(outline, None, eye.pen(pen)) for pen in pens]


def _area(mark: Area, eye: Eye) -> list[Ink]:
    if not len(mark.paths.xy):
        return []
    outline = _compound(eye.pixels(mark.paths.xy, mark.space), mark.paths.starts, closed=True)
    hatch = eye.hatch(mark.hatch) if mark.hatch else None
    layers = []
    if mark.fill or hatch:
        layers.append(Ink(outline, mark.fill, hatch=hatch))
    if mark.pen:
        layers.append(Ink(outline, None, eye.pen(mark.pen)))
    return layers


def _arrow(mark: Arrow, eye: Eye, *, swift: bool = False) -> list[Ink | RasterInk]:
    return [
        Ink(_compound(paths.xy, paths.starts, closed=True), colour)
        for paths, colour in arrow_layers(mark, eye, swift=swift)
    ]


def _badge(mark: Badge, eye: Eye) -> list[Ink]:
    at, size = eye.pixels(np.array([mark.at]), mark.space)[0], mark.radius * eye.unit
    upright = np.array([size, -size])
    layers = [
        Ink(_compound(paths.xy * upright + at, paths.starts, closed=True), colour)
        for paths, colour in mark.parts
    ]
    if mark.edge:
        rim = Outline(_CIRCLE.xy * size + at, _CIRCLE.codes)
        layers.append(Ink(rim, None, eye.pen(mark.edge)))
    return layers


def _image(mark: Image, eye: Eye) -> list[RasterInk]:
    left, top, right, bottom = mark.corners
    (x0, y1), (x1, y0) = eye.pixels(np.array([(left, top), (right, bottom)]), mark.space).tolist()
    return [RasterInk(mark.pixels, (x0, y0, x1, y1), (eye.page.width, eye.page.height))]


def _group(mark: Group, eye: Eye) -> list[Ink | RasterInk]:
    return [ink for part in mark.marks for ink in inks(part, eye)]


def _lettered(outline: Outline, lettering: Lettering, eye: Eye) -> list[Ink]:
    if not len(outline.xy):
        return []
    ink = Ink(outline, lettering.colour)
    if lettering.halo is None:
        return [ink]
    width = 2 * lettering.halo_width * eye.unit
    return [Ink(outline, None, Pen(colour=lettering.halo, width=width)), ink]


def _shaped(text: str, lettering: Lettering, language: str) -> Glyphs:
    return shape(
        lettering.cased(text), lettering.font, lettering.features, round(lettering.tracking, 4), language
    )


def _text(mark: Text | TextAlong, eye: Eye) -> list[Ink]:
    size = mark.lettering.size * eye.unit
    glyphs = _shaped(mark.text, mark.lettering, mark.language).glyphs
    placed, codes = [], []
    for (outline, code), (x, y, angle) in zip(glyphs, placements(mark, eye), strict=False):
        if len(outline):
            placed.append(_turned(outline * size, angle) + np.array([x, y]))
            codes.append(code)
    if not placed:
        return []
    return _lettered(Outline(np.concatenate(placed), np.concatenate(codes)), mark.lettering, eye)


def placements(mark: Text | TextAlong, eye: Eye) -> list[tuple[float, float, float]]:
    """Where each glyph of a text has its origin, in pixels, y upward, and its angle in radians; none where
    the line has no length."""
    glyphs = _shaped(mark.text, mark.lettering, mark.language)
    size = mark.lettering.size * eye.unit
    if isinstance(mark, Text):
        return _in_a_row(mark, glyphs, size, eye)
    line = eye.pixels(mark.xy, mark.space)
    if len(line) < 2:
        return []
    along = lengths(line)
    start = along[-1] * mark.middle - glyphs.width * size / 2
    placed = []
    for pen, advance in zip(glyphs.pens, glyphs.advances, strict=True):
        here, angle = _along(line, along, start + (pen[0] + advance / 2) * size, size)
        back = np.array([[-advance / 2, pen[1] - glyphs.cap_height / 2]]) * size
        x, y = (_turned(back, angle)[0] + here).tolist()
        placed.append((x, y, angle))
    return placed


def _in_a_row(mark: Text, glyphs: Glyphs, size: float, eye: Eye) -> list[tuple[float, float, float]]:
    angle = math.radians(mark.angle)
    back = {"left": 0.0, "centre": glyphs.width / 2, "right": glyphs.width}[mark.align]
    at = eye.pixels(np.array([mark.at]), mark.space)[0]
    at = at + np.array([mark.offset[0], -mark.offset[1]]) * eye.unit
    origins = _turned((glyphs.pens - np.array([back, 0.0])) * size, angle) + at
    return [(x, y, angle) for x, y in origins.tolist()]


def _turned(xy: Floats, angle: float) -> Floats:
    if not angle:
        return xy
    c, s = math.cos(angle), math.sin(angle)
    turned: Floats = xy @ np.array([[c, s], [-s, c]])
    return turned


def _along(line: Floats, along: Floats, distance: float, window: float) -> tuple[Floats, float]:
    """Place on a line and its direction there, taken over a window so that letters do not jitter."""
    around = np.clip([distance - window / 2, distance, distance + window / 2], 0, along[-1])
    x, y = np.interp(around, along, line[:, 0]), np.interp(around, along, line[:, 1])
    overshoot = distance - min(max(distance, 0.0), along[-1])
    angle = math.atan2(y[2] - y[0], x[2] - x[0])
    return np.array([x[1] + overshoot * math.cos(angle), y[1] + overshoot * math.sin(angle)]), angle


def hatch_lines(outline: Outline, hatch: Hatch) -> Outline:
    """Parallel lines over an outline's box, on a grid fixed to the page so that they never crawl."""
    (x0, y0), (x1, y1) = outline.xy.min(axis=0), outline.xy.max(axis=0)
    angle = math.radians(hatch.angle)
    along, across = (
        np.array([math.cos(angle), math.sin(angle)]),
        np.array([-math.sin(angle), math.cos(angle)]),
    )
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    low, high = (corners @ along).min(), (corners @ along).max()
    first = math.ceil((corners @ across).min() / hatch.spacing)
    last = math.floor((corners @ across).max() / hatch.spacing)
    steps = np.arange(first, last + 1) * hatch.spacing
    ends = np.stack([steps[:, None] * across + low * along, steps[:, None] * across + high * along], axis=1)
    return _compound(ends.reshape(-1, 2), np.arange(0, 2 * len(steps), 2), closed=False)


_PAINTERS: dict[type, Callable[[Any, Eye], list[Any]]] = {
    Points: _points,
    Line: _line,
    Area: _area,
    Arrow: _arrow,
    Badge: _badge,
    Text: _text,
    TextAlong: _text,
    Image: _image,
    Group: _group,
}
