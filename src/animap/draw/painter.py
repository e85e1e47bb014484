"""Marks drawn with a matplotlib renderer, the same for Agg pixels, SVG and PDF.

Renderers are called directly: no artists, no figure, no pyplot. Every shape is a path; nothing snaps to
pixels and nothing is simplified, so what moves moves smoothly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, TransformedPath

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
from animap.style.colour import rgba, with_alpha
from animap.style.shaping import Glyphs, shape
from animap.types import Floats

__all__ = ["Eye", "Ink", "hatch_lines", "inks", "placements"]

_LINE, _CLOSE, _MOVE = Path.LINETO, Path.CLOSEPOLY, Path.MOVETO
Renderer: TypeAlias = Any
"""A matplotlib renderer; their common base class has no type hints."""

_SYMBOLS: dict[str, Path] = {
    "circle": Path.unit_circle(),
    "square": Path(np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * 0.886, closed=True),
    "diamond": Path(np.array([(0, -1), (1, 0), (0, 1), (-1, 0), (0, -1)]) * 1.25, closed=True),
    "triangle": Path(np.array([(0, 1.2), (1.04, -0.6), (-1.04, -0.6), (0, 1.2)]), closed=True),
}


@dataclass(frozen=True, slots=True)
class Ink:
    """One stroke or fill of a mark in pixels, y upward: what a renderer is told.

    `reach` is how far the ink may lie beyond the path's own box.
    """

    path: Path
    fill: str | None = None
    pen: Pen | None = None
    hatch: Hatch | None = None
    reach: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not len(self.path.vertices)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in pixels, ink included."""
        # Of the control points: no curve leaves them, and they cost nothing to look at.
        (x0, y0), (x1, y1) = self.path.vertices.min(axis=0), self.path.vertices.max(axis=0)
        more = self.reach + (self.pen.width if self.pen else 0.0)
        return x0 - more, y0 - more, x1 + more, y1 + more

    def boxes(self) -> Floats:
        """Boxes `(n, 4)` like `bounds` that hold all ink together: of strokes, or of filled rings."""
        xy, codes = self.path.vertices, self.path.codes
        starts = np.flatnonzero(codes == _MOVE)
        if self.fill or self.hatch or ((codes != _MOVE) & (codes != _LINE) & (codes != _CLOSE)).any():
            low, high = np.minimum.reduceat(xy, starts), np.maximum.reduceat(xy, starts)
        else:
            strokes = np.flatnonzero(codes[1:] != _MOVE)
            low = np.minimum(xy[strokes], xy[strokes + 1])
            high = np.maximum(xy[strokes], xy[strokes + 1])
        more = self.reach + (self.pen.width if self.pen else 0.0)
        return np.concatenate([low - more, high + more], axis=1)

    def scaled(self, scale: float, opacity: float = 1.0) -> Ink:
        """The same ink in another unit and paler."""

        def pale(colour: str) -> str:
            return with_alpha(colour, opacity)

        pen = self.pen and Pen(
            colour=pale(self.pen.colour),
            width=self.pen.width * scale,
            dash=tuple(d * scale for d in self.pen.dash),
        )
        hatch = self.hatch and self.hatch.model_copy(
            update={
                "colour": pale(self.hatch.colour),
                "width": self.hatch.width * scale,
                "spacing": self.hatch.spacing * scale,
            }
        )
        path = _path(self.path.vertices * scale, self.path.codes)
        return Ink(path, self.fill and pale(self.fill), pen, hatch, self.reach * scale)

    def draw(self, renderer: Renderer, dx: float = 0.0, dy: float = 0.0) -> None:
        """Draw with the origin moved by pixels."""
        gc = renderer.new_gc()
        gc.set_snap(False)
        gc.set_joinstyle("round")
        gc.set_capstyle("round")
        gc.set_linewidth(0)
        face = rgba(self.fill) if self.fill else None
        move = Affine2D().translate(dx, dy)
        if self.pen:
            gc.set_foreground(rgba(self.pen.colour), isRGBA=True)
            gc.set_linewidth(self.pen.width)
            if self.pen.dash:
                gc.set_capstyle("butt")
                gc.set_dashes(0, list(self.pen.dash))
        if self.fill or self.pen:
            renderer.draw_path(gc, self.path, move, face)
        gc.restore()
        if self.hatch:
            self._draw_hatch(renderer, self.hatch, move)

    def _draw_hatch(self, renderer: Renderer, hatch: Hatch, move: Affine2D) -> None:
        gc = renderer.new_gc()
        gc.set_snap(False)
        gc.set_capstyle("butt")
        gc.set_clip_path(TransformedPath(self.path, move))
        gc.set_foreground(rgba(hatch.colour), isRGBA=True)
        gc.set_linewidth(hatch.width)
        renderer.draw_path(gc, hatch_lines(self.path, hatch), move, None)
        gc.restore()


def inks(mark: Mark, view: View, page: Page, *, swift: bool = False) -> list[Ink | RasterInk]:
    """What a mark looks like in this view, from the bottom up; `swift` if only in flight."""
    eye = Eye(view, page)
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

    @property
    def unit(self) -> float:
        """Pixels in a unit."""
        return self.page.unit

    def pixels(self, xy: Floats, space: Space) -> Floats:
        """Coordinates `(n, 2)` of a space in pixels."""
        units = self.view.to_page(xy, self.page) if space == "map" else xy
        return np.column_stack([units[:, 0] * self.unit, self.page.height - units[:, 1] * self.unit])

    def pen(self, pen: Pen) -> Pen:
        """A pen whose lengths are pixels."""
        u = self.unit
        return pen.model_copy(update={"width": pen.width * u, "dash": tuple(d * u for d in pen.dash)})

    def hatch(self, hatch: Hatch) -> Hatch:
        """A hatch whose lengths are pixels."""
        u = self.unit
        return hatch.model_copy(update={"width": hatch.width * u, "spacing": hatch.spacing * u})


def _compound(xy: Floats, starts: Any, *, closed: bool) -> Path:
    codes = np.full(len(xy), _LINE, dtype=np.uint8)
    codes[starts] = _MOVE
    if closed and len(starts):
        codes[np.append(starts[1:], len(xy)) - 1] = _CLOSE
    return _path(xy, codes)


def _path(xy: Floats, codes: Any) -> Path:
    path = Path(xy, codes)
    path.should_simplify = False
    return path


def _points(mark: Points, eye: Eye) -> list[Ink]:
    if not len(mark.xy):
        return []
    symbol = _SYMBOLS[mark.symbol]
    xy = eye.pixels(mark.xy, mark.space)[:, None] + symbol.vertices * (mark.radius * eye.unit)
    # One path and not markers: Agg sets markers on whole pixels.
    path = _path(xy.reshape(-1, 2), np.tile(symbol.codes, len(mark.xy)))
    return [Ink(path, mark.fill, eye.pen(mark.pen) if mark.pen else None, reach=1)]


def _line(mark: Line, eye: Eye) -> list[Ink]:
    if not len(mark.paths.xy):
        return []
    path = _compound(eye.pixels(mark.paths.xy, mark.space), mark.paths.starts, closed=False)
    pens = [mark.casing, mark.pen] if mark.casing else [mark.pen]
    return [Ink(path, None, eye.pen(pen), reach=1) for pen in pens]


def _area(mark: Area, eye: Eye) -> list[Ink]:
    if not len(mark.paths.xy):
        return []
    path = _compound(eye.pixels(mark.paths.xy, mark.space), mark.paths.starts, closed=True)
    hatch = eye.hatch(mark.hatch) if mark.hatch else None
    layers = []
    if mark.fill or hatch:
        layers.append(Ink(path, mark.fill, hatch=hatch, reach=1))
    if mark.pen:
        layers.append(Ink(path, None, eye.pen(mark.pen), reach=1))
    return layers


def _arrow(mark: Arrow, eye: Eye, *, swift: bool = False) -> list[Ink | RasterInk]:
    return [
        Ink(_compound(paths.xy, paths.starts, closed=True), colour, reach=1)
        for paths, colour in arrow_layers(mark, eye, swift=swift)
    ]


def _badge(mark: Badge, eye: Eye) -> list[Ink]:
    at, size = eye.pixels(np.array([mark.at]), mark.space)[0], mark.radius * eye.unit
    upright = np.array([size, -size])
    layers = [
        Ink(_compound(paths.xy * upright + at, paths.starts, closed=True), colour, reach=1)
        for paths, colour in mark.parts
    ]
    if mark.edge:
        rim = Path.unit_circle()
        layers.append(Ink(_path(rim.vertices * size + at, rim.codes), None, eye.pen(mark.edge), reach=1))
    return layers


def _image(mark: Image, eye: Eye) -> list[RasterInk]:
    left, top, right, bottom = mark.corners
    (x0, y1), (x1, y0) = eye.pixels(np.array([(left, top), (right, bottom)]), mark.space).tolist()
    return [RasterInk(mark.pixels, (x0, y0, x1, y1), (eye.page.width, eye.page.height))]


def _group(mark: Group, eye: Eye) -> list[Ink | RasterInk]:
    return [ink for part in mark.marks for ink in inks(part, eye.view, eye.page)]


def _lettered(path: Path, lettering: Lettering, eye: Eye) -> list[Ink]:
    if not len(path.vertices):
        return []
    ink = Ink(path, lettering.colour, reach=1)
    if lettering.halo is None:
        return [ink]
    width = 2 * lettering.halo_width * eye.unit
    return [Ink(path, None, Pen(colour=lettering.halo, width=width), reach=1), ink]


def _shaped(text: str, lettering: Lettering, language: str) -> Glyphs:
    return shape(
        lettering.cased(text), lettering.font, lettering.features, round(lettering.tracking, 4), language
    )


def _text(mark: Text | TextAlong, eye: Eye) -> list[Ink]:
    size = mark.lettering.size * eye.unit
    glyphs = _shaped(mark.text, mark.lettering, mark.language).glyphs
    placed, codes = [], []
    for (outline, code), (x, y, angle) in zip(glyphs, placements(mark, eye.view, eye.page), strict=False):
        if len(outline):
            placed.append(_turned(outline * size, angle) + np.array([x, y]))
            codes.append(code)
    if not placed:
        return []
    return _lettered(_path(np.concatenate(placed), np.concatenate(codes)), mark.lettering, eye)


def placements(mark: Text | TextAlong, view: View, page: Page) -> list[tuple[float, float, float]]:
    """Where each glyph of a text has its origin, in pixels, y upward, and its angle in radians; none where
    the line has no length."""
    eye = Eye(view, page)
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


def hatch_lines(path: Path, hatch: Hatch) -> Path:
    """Parallel lines over the path's box, on a grid fixed to the page so that they never crawl."""
    x0, y0, x1, y1 = path.get_extents().extents
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
