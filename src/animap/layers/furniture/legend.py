"""The legend, which explains what is or has been on the map, and the scale bar under it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from animap.layers.base import Bare, LegendItem, Moment, Obstacle, Rect, Setting
from animap.layers.flags import roundel
from animap.layers.lettering import line_height, width_of
from animap.marks import Area, Arrow, Line, Mark, Paths, Points, Shown, Text, box, faded
from animap.timeline import Presence

__all__ = ["Legend", "round_length"]

_PAD, _SYMBOL, _FADE = 16.0, 52.0, 0.5


def round_length(longest: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 … that is no longer than `longest`."""
    power: float = 10.0 ** math.floor(math.log10(longest))
    return next(n * power for n in (5, 2, 1) if n * power <= longest)


@dataclass(frozen=True, eq=False)
class Legend(Bare):
    """Lines that come when what they explain comes; each has its place from the start."""

    corner: tuple[float, float]
    items: Sequence[LegendItem]
    ground: tuple[Mark, ...] = field(init=False, repr=False)
    lines: tuple[tuple[Presence, tuple[Mark, ...]], ...] = field(init=False, repr=False)
    frame: Rect = field(init=False)

    def __post_init__(self) -> None:
        style, book = self.setting.style.furniture, self.setting.book
        step = line_height(style.legend) * 1.06
        widest = max((width_of(i.text, style.legend, book.language) for i in self.items), default=0.0)
        width = _SYMBOL + widest + 2 * _PAD
        bar, scale_marks = _scale_bar(self.setting, max(width - 2 * _PAD, 120.0))
        right, bottom = self.corner
        foot = style.small.size * 2.6
        top = bottom - (step * len(self.items) + foot + 2 * _PAD)
        left = right - max(width, bar + 2 * _PAD)
        object.__setattr__(self, "frame", (left, top, right, bottom))
        panel = Area(
            paths=box(*self.frame, style.panel_radius), fill=style.panel, pen=style.panel_edge, space="page"
        )
        scale = tuple(scale_marks(left + _PAD, bottom - _PAD))
        object.__setattr__(self, "ground", (panel, *scale))
        lines = []
        for n, item in enumerate(self.items):
            y = top + _PAD + step * (n + 0.5)
            marks = (*_symbol(item, left + _PAD, y, self.setting), self._text(item, left + _PAD + _SYMBOL, y))
            lines.append((Presence(item.start, enter=_FADE), marks))
        object.__setattr__(self, "lines", tuple(lines))

    def _text(self, item: LegendItem, x: float, y: float) -> Text:
        lettering, language = self.setting.style.furniture.legend, self.setting.book.language
        return Text(text=item.text, at=(x, y + lettering.size * 0.31), lettering=lettering, language=language)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The panel with the scale, and the lines whose time has come."""
        yield from self.ground
        for presence, marks in self.lines:
            yield from faded(marks, presence.at(moment.second))

    def obstacles(self) -> Sequence[Obstacle]:
        """The whole panel."""
        return [Obstacle(self.frame)]


def _symbol(item: LegendItem, x: float, y: float, setting: Setting) -> Iterable[Mark]:
    style = setting.style
    if item.symbol == "town":
        step = 14.0
        first = x + 20 - step * (len(item.colours) - 1) / 2
        for n, colour in enumerate(item.colours):
            xy = np.array([(first + n * step, y)])
            yield Points(xy=xy, radius=6.5, fill=colour, pen=style.towns.edge, space="page")
    elif item.symbol == "arrow":
        yield Arrow(
            xy=np.array([(x, y), (x + 20, y), (x + 40, y)]),
            fill=item.colours[0],
            width=9.0,
            tail=style.advances.tail,
            head=(21.0, 19.0),
            casing=style.advances.casing,
            swallow=style.advances.swallow,
            space="page",
        )
        sign = roundel(item.sign, (x + 7, y), 10.0, style.advances.badge_edge, "page")
        if sign and style.advances.badge:
            yield sign
    elif item.symbol == "area":
        edge = style.territory.front or style.basemap.border
        yield Area(paths=box(x + 2, y - 9, x + 38, y + 9, 2), fill=item.colours[0], space="page")
        right = np.array([(x + 38, y - 9), (x + 38, y + 9)])
        yield Line(paths=Paths.of([right]), pen=edge, space="page")
    else:
        pockets = style.pockets
        yield Area(
            paths=box(x + 2, y - 9, x + 38, y + 9, 6),
            fill=pockets.fill,
            hatch=pockets.hatch,
            pen=pockets.besieged,
            space="page",
        )


def _scale_bar(setting: Setting, longest: float) -> tuple[float, _ScaleMarks]:
    kilometres = round_length(longest * setting.metres_per_unit / 1000)
    width = kilometres * 1000 / setting.metres_per_unit
    return width, _ScaleMarks(setting, kilometres, width)


@dataclass(frozen=True, eq=False)
class _ScaleMarks:
    setting: Setting
    kilometres: float
    width: float

    def __call__(self, x: float, y: float) -> Iterable[Mark]:
        style, book = self.setting.style.furniture, self.setting.book
        right = x + self.width
        bar = np.array([(x, y - 7), (x, y), (right, y), (right, y - 7)])
        yield Line(paths=Paths.of([bar]), pen=style.scalebar, space="page")
        text = book.say("kilometres", n=book.number(self.kilometres))
        at = ((x + right) / 2, y - 9)
        yield Text(text=text, at=at, lettering=style.small, align="centre", language=book.language)
