"""The date: what one reads first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from animap.layers.base import Bare, Moment, Obstacle, Setting
from animap.layers.furniture.layout import Layout
from animap.layers.lettering import line_height
from animap.marks import Area, Mark, Shown, Text, box

__all__ = ["DateDisplay"]


@dataclass(frozen=True, eq=False)
class DateDisplay(Bare):
    """Day, month and year, the weekday above; on the panel that it shares with the caption."""

    layout: Layout
    ground: tuple[Mark, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        style = self.setting.style.furniture
        panel = Area(
            paths=box(*self.layout.panel, style.panel_radius),
            fill=style.panel,
            pen=style.panel_edge,
            space="page",
        )
        object.__setattr__(self, "ground", (panel,))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The panel, and the day; new objects only when the day changes."""
        return (*self.ground, *_lines(self.setting, self.layout, moment.day))

    def obstacles(self) -> Sequence[Obstacle]:
        """The panel."""
        return [Obstacle(self.layout.panel)]


@lru_cache(maxsize=8)
def _lines(setting: Setting, layout: Layout, day: dt.date) -> tuple[Text, ...]:
    style, book = setting.style.furniture, setting.book
    left, top, _, _ = layout.date
    first = top + style.weekday.size * 0.8
    return (
        Text(text=book.weekday(day), at=(left, first), lettering=style.weekday, language=book.language),
        Text(
            text=book.date(day),
            at=(left, top + line_height(style.weekday) + style.date.size * 0.74),
            lettering=style.date,
            language=book.language,
        ),
    )
