"""The date: what one reads first. And, beside it, how much faster than at first the days run."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from animap.layers.base import Bare, Moment, Obstacle, Setting
from animap.layers.furniture.haste import Cue, cue_width
from animap.layers.furniture.layout import Layout
from animap.layers.lettering import line_height, width_of
from animap.marks import Area, Mark, Shown, Text, box
from animap.style import Lettering, Style
from animap.timeline import Instant, day_of
from animap.words import Book, book

__all__ = ["DateDisplay", "date_width"]

_DAY_FIRST = re.compile(r"(\d+)(\D*?)[\s\u00a0\u202f]+(.+)")
_SMALL, _RAISED = 0.36, 0.36
"""Size of a raised ending (1er) and its height over the line, as shares of the figures' size."""


def date_width(style: Style, languages: Sequence[str], start: Instant, end: Instant) -> float:
    """Units that the widest date of a period takes, with its weekday and the cue of speed."""
    days = {day_of(i).replace(day=1) for i in (*_steps(start, end, 20.0), end - 1)}
    week = [dt.date(2024, 1, 1) + dt.timedelta(n) for n in range(7)]
    widest = 0.0
    for said in map(book, languages):
        furniture, column = style.furniture, _column(style, said)
        months = (width_of(_split(said, day)[2], furniture.date, said.language) for day in days)
        names = (width_of(said.weekday(day), furniture.weekday, said.language) for day in week)
        beside = cue_width(style, said) + furniture.weekday.size
        widest = max(widest, column + max(months), column + max(names) + beside)
    return widest


def _steps(start: Instant, end: Instant, step: float) -> list[Instant]:
    return [start + n * step for n in range(int((end - start) // step) + 1)]


@dataclass(frozen=True, eq=False)
class DateDisplay(Bare):
    """The day's number in a column of its own, so that months stay in place; the weekday over the month."""

    layout: Layout
    ground: tuple[Mark, ...] = field(init=False, repr=False)
    cue: Cue = field(init=False, repr=False)

    def __post_init__(self) -> None:
        style, panel = self.setting.style.furniture, self.layout.date
        ground = Area(
            paths=box(*panel, style.panel_radius), fill=style.panel, pen=style.panel_edge, space="page"
        )
        object.__setattr__(self, "ground", (ground,))
        _, first, _ = _lines_at(self.layout, self.setting.style)
        cue = Cue.of(self.setting, (panel[2] - self.layout.pad, first))
        object.__setattr__(self, "cue", cue)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The panel, the day and the cue; new objects only when the day changes."""
        return (*self.ground, *_lines(self.setting, self.layout, moment.day), *self.cue.marks(moment))

    def obstacles(self) -> Sequence[Obstacle]:
        """The panel."""
        return [Obstacle(self.layout.date)]


def _split(said: Book, day: dt.date) -> tuple[str, str, str]:
    """Number, what follows it closely, and the rest; a date that does not begin with its day is all rest."""
    text = said.date(day)
    match = _DAY_FIRST.fullmatch(text)
    return (match[1], match[2], match[3]) if match else ("", "", text)


def _column(style: Style, said: Book) -> float:
    """Width that the day's number takes, with what follows it, up to the month."""
    furniture = style.furniture
    number, ending, _ = _split(said, dt.date(2024, 1, 1))
    if not number:
        return 0.0
    figures = furniture.day or furniture.date
    figure = max(width_of(n * 2, figures, said.language) for n in "0123")
    close = figures.size * (_SMALL if ending.isalpha() else 1.0)
    tail = width_of(ending, figures, said.language) / figures.size * close
    return figure + tail + furniture.date.size * (0.34 if ending.isalpha() else 0.22)


def _lines_at(layout: Layout, style: Style) -> tuple[float, float, float]:
    """Left end of the text, baselines of the weekday and of the date."""
    left, top, _, _ = layout.date
    furniture = style.furniture
    up = top + layout.pad * 0.6
    return (
        left + layout.pad,
        up + furniture.weekday.size * 0.8,
        up + line_height(furniture.weekday) + furniture.date.size * 0.74,
    )


@lru_cache(maxsize=8)
def _lines(setting: Setting, layout: Layout, day: dt.date) -> tuple[Text, ...]:
    style, said = setting.style.furniture, setting.book
    language = said.language
    left, first, second = _lines_at(layout, setting.style)
    number, ending, rest = _split(said, day)
    column = left + _column(setting.style, said)
    texts = [Text(text=rest, at=(column, second), lettering=style.date, language=language)]
    if style.show_weekday:
        texts.append(
            Text(text=said.weekday(day), at=(column, first), lettering=style.weekday, language=language)
        )
    if not number:
        return tuple(texts)
    figures = style.day or style.date
    edge = left + max(width_of(n * 2, figures, language) for n in "0123")
    texts.append(Text(text=number, at=(edge, second), lettering=figures, align="right", language=language))
    if ending:
        raised = ending.isalpha()
        size = figures.size * (_SMALL if raised else 1.0)
        at = (edge, second - (figures.size * _RAISED if raised else 0.0))
        small = _sized(figures, size)
        texts.append(Text(text=ending, at=at, lettering=small, language=language))
    return tuple(texts)


def _sized(lettering: Lettering, size: float) -> Lettering:
    return lettering.model_copy(update={"size": size})
