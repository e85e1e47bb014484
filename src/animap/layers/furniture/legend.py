"""The legend, which explains what is or has been on the map, and the scale bar under it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from animap.geo.lines import lengths
from animap.geo.teeth import teeth
from animap.layers.base import Bare, LegendItem, Moment, Obstacle, Rect, Setting
from animap.layers.flags import roundel
from animap.layers.furniture.layout import Layout
from animap.layers.lettering import line_height, width_of
from animap.marks import Area, Arrow, Line, Mark, Paths, Points, Shown, Text, box, faded
from animap.timeline import Presence
from animap.types import Floats

__all__ = ["Legend", "round_length"]

_PAD, _SYMBOL, _COLUMN_GAP = 16.0, 52.0, 26.0
_RISE, _FADE, _TOGETHER = 0.5, 0.4, 1.0
"""Seconds: in which the panel rises, a line appears, and lines count as coming together."""


def round_length(longest: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 … that is no longer than `longest`."""
    power: float = 10.0 ** math.floor(math.log10(longest))
    return next(n * power for n in (5, 2, 1, 0.5) if n * power <= longest)


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A line of the legend with its cell, counted from the foot: row and column."""

    marks: tuple[Mark, ...]
    start: float
    row: int


@dataclass(frozen=True, eq=False)
class Legend(Bare):
    """Lines that come when what they explain comes, each above those before it: the panel rises with them.

    It stands in the lower right corner of `layout.legend_room`, in as many columns as it needs for its
    height; on tall pages in as many as the room is wide. So nothing that is shown ever moves, and nothing
    is kept free for what may come.
    """

    layout: Layout
    items: Sequence[LegendItem]
    frame: Rect = field(init=False)
    """The panel once all lines have come."""
    entries: tuple[_Entry, ...] = field(init=False, repr=False)
    longest: float = field(init=False)
    """Units that the scale bar may take."""

    def __post_init__(self) -> None:
        style, book = self.setting.style.furniture, self.setting.book
        items = _together(self.items, self.setting.clock.opening)
        widest = max((width_of(i.text, style.legend, book.language) for i in items), default=0.0)
        cell = max(_SYMBOL + widest, 120.0)
        columns = self._columns(len(items), cell)
        width = columns * cell + (columns - 1) * _COLUMN_GAP + 2 * _PAD
        right, bottom = self.layout.legend_room[2], self.layout.legend_foot(width)
        if self.layout.tall:
            # As wide as what stands above and below it.
            width = max(width, right - self.layout.legend_room[0])
        left, rows = right - width, math.ceil(len(items) / columns)
        top = bottom - self._foot - rows * self._step
        object.__setattr__(self, "frame", (left, top, right, bottom))
        object.__setattr__(self, "longest", cell)
        entries = []
        for n, item in enumerate(items):
            row, column = divmod(n, columns)
            x = left + _PAD + column * (width - 2 * _PAD + _COLUMN_GAP) / columns
            y = bottom - self._foot - self._step * (row + 0.5) + _PAD * 0.4
            marks = (*_symbol(item, x, y, self.setting), self._text(item, x + _SYMBOL, y))
            entries.append(_Entry(marks, item.start, row))
        object.__setattr__(self, "entries", tuple(entries))

    @property
    def _step(self) -> float:
        return line_height(self.setting.style.furniture.legend) * 1.06

    @property
    def _foot(self) -> float:
        """Height of the panel before the first line: the scale bar."""
        return self.setting.style.furniture.small.size * 1.5 + 2 * _PAD

    def _columns(self, count: int, cell: float) -> int:
        left, top, right, _ = self.layout.legend_room
        most = max(1, int((right - left - 2 * _PAD + _COLUMN_GAP) // (cell + _COLUMN_GAP)))
        if self.layout.tall:
            return min(most, 3, max(1, count))
        for columns in range(1, most):
            foot = self.layout.legend_foot(columns * (cell + _COLUMN_GAP) + 2 * _PAD)
            if self._foot + math.ceil(count / columns) * self._step <= foot - top:
                return columns
        return most

    def _text(self, item: LegendItem, x: float, y: float) -> Text:
        lettering, language = self.setting.style.furniture.legend, self.setting.book.language
        return Text(text=item.text, at=(x, y + lettering.size * 0.31), lettering=lettering, language=language)

    def _top(self, second: float) -> float:
        """Upper edge of the panel: a row rises with the first of its lines."""
        rows = {entry.row: entry.start for entry in reversed(self.entries)}
        risen = sum(Presence(start, enter=_RISE).at(second) for start in rows.values())
        return round(self.frame[3] - self._foot - self._step * risen, 2)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The panel with the scale, and the lines whose time has come."""
        yield _panel(self, self._top(moment.second))
        yield from _scale_bar(self, self.setting.scale_at(moment))
        for entry in self.entries:
            start = entry.start + (_RISE if entry.start > -math.inf else 0.0)
            yield from faded(entry.marks, Presence(start, enter=_FADE).at(moment.second))

    def obstacles(self) -> Sequence[Obstacle]:
        """The panel, each row from when it is there."""
        left, _, right, bottom = self.frame
        found = [Obstacle((left, self._top(0.0), right, bottom))]
        for entry in self.entries:
            if entry.start > -math.inf:
                top = self._top(entry.start + _RISE)
                found.append(Obstacle((left, top, right, bottom), entry.start))
        return found


@lru_cache(maxsize=16)
def _panel(legend: Legend, top: float) -> Mark:
    style = legend.setting.style.furniture
    left, _, right, bottom = legend.frame
    paths = box(left, top, right, bottom, style.panel_radius)
    return Area(paths=paths, fill=style.panel, pen=style.panel_edge, space="page")


def _together(items: Sequence[LegendItem], opening: float) -> list[LegendItem]:
    """Lines in the order in which they come; those that come within a second come as one, with the last.

    What comes before history moves is there from the start.
    """
    found: list[LegendItem] = []
    for item in sorted(items, key=lambda i: i.start, reverse=True):
        later = found[-1].start if found else math.inf
        start = later if later - item.start <= _TOGETHER else item.start
        found.append(replace(item, start=start if start > opening else -math.inf))
    return found[::-1]


def _symbol(item: LegendItem, x: float, y: float, setting: Setting) -> Iterable[Mark]:
    style = setting.style
    if item.symbol == "town":
        step = 14.0
        first = x + 20 - step * (len(item.colours) - 1) / 2
        for n, colour in enumerate(item.colours):
            xy = np.array([(first + n * step, y)])
            yield Points(xy=xy, radius=6.5, fill=colour, pen=style.towns.edge, space="page")
    elif item.symbol == "doubt":
        centre, radius = np.array([(x + 20, y)]), 6.5
        pen = style.towns.doubt and style.towns.doubt.model_copy(update={"colour": item.colours[0]})
        yield Points(xy=centre, radius=radius + style.towns.doubt_gap, pen=pen, space="page")
        yield Points(xy=centre, radius=radius, fill=item.colours[0], pen=style.towns.edge, space="page")
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
        yield from _teeth(right, style.territory.teeth_width, -style.territory.teeth, edge.colour)
    else:
        pockets = style.pockets
        ground = box(x + 2, y - 9, x + 38, y + 9, 6)
        yield Area(paths=ground, fill=pockets.fill, hatch=pockets.hatch, space="page")
        # As on a coast: no line toward the sea, here at the left.
        edge_xy = np.concatenate([ground.xy[7:23][::-1]])
        yield Line(paths=Paths.of([edge_xy]), pen=pockets.besieged, space="page")
        yield from _teeth(edge_xy, pockets.teeth_width, pockets.teeth * 0.8, pockets.besieged.colour)


def _teeth(line: Floats, width: float, height: float, colour: str) -> Iterable[Mark]:
    """Teeth on a line of the legend, to its left on the page with a positive height."""
    if height:
        run = lengths(line)
        count = max(2, round(run[-1] / (1.7 * width)))
        along = (np.arange(count) + 0.5) * run[-1] / count
        # The page counts downward: left and right change places.
        rings = teeth(line, along, np.ones(count), width, -height)
        yield Area(paths=Paths.alike(rings), fill=colour, space="page")


@lru_cache(maxsize=16)
def _scale_bar(legend: Legend, scale: float) -> tuple[Mark, ...]:
    """A bar of round length at the foot of the panel; `scale` is map metres in a unit."""
    style, book = legend.setting.style.furniture, legend.setting.book
    kilometres = round_length(legend.longest * scale / 1000)
    left, foot = legend.frame[0] + _PAD, legend.frame[3] - _PAD
    right = left + kilometres * 1000 / scale
    bar = np.array([(left, foot - 7), (left, foot), (right, foot), (right, foot - 7)])
    words = book.say("kilometres", n=book.number(kilometres))
    at = ((left + right) / 2, foot - 9)
    return (
        Line(paths=Paths.of([bar]), pen=style.scalebar, space="page"),
        Text(text=words, at=at, lettering=style.small, align="centre", language=book.language),
    )
