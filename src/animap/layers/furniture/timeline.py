"""The time line: the film's period with its months, its events, and where we are.

It is drawn in film time, so that the cursor moves evenly; months are as wide as the film dwells on them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from animap.layers.base import Bare, Event, Moment, Obstacle, Rect
from animap.layers.lettering import width_of
from animap.marks import Area, Line, Mark, Paths, Points, Shown, Text, box
from animap.style import Pen
from animap.timeline import Instant, day_of, instant_of_day
from animap.types import Floats

__all__ = ["TimeLine"]

_TICK_GAP = 0.3
"""Least distance of ticks as a share of the lettering's size."""
_BEFORE, _AFTER = 7.0, 2.0
"""Units before a month's name and after it."""
_Width: TypeAlias = Literal["wide", "abbreviated", "narrow"]


@dataclass(frozen=True, eq=False)
class TimeLine(Bare):
    """A bar along the bottom: done and to come, months and days below, events above."""

    frame: Rect
    occasions: Sequence[Event]
    hidden: Sequence[Rect] = ()
    """Strips of the page that nobody sees: no month's name stands across one."""
    ground: tuple[Mark, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ground", tuple(self._ground()))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The bar, the part of it that is done, and the cursor."""
        return (*self.ground, *self._done(round(self._x_at(moment.second), 2)))

    def obstacles(self) -> Sequence[Obstacle]:
        """The whole strip."""
        return [Obstacle(self.frame)]

    @property
    def _rail(self) -> tuple[float, float, float]:
        """Left and right end of the rail and its height on the page."""
        left, top, right, bottom = self.frame
        return left + 18, right - 18, top + (bottom - top) * 0.42

    def _x_at(self, second: float) -> float:
        left, right, _ = self._rail
        clock = self.setting.clock
        first, last = clock.opening, float(clock.seconds) - clock.ending
        share = (second - first) / (last - first) if last > first else 1.0
        return left + (right - left) * min(1.0, max(0.0, share))

    def _xs_of(self, instants: Sequence[Instant]) -> list[float]:
        left, right, _ = self._rail
        return [
            left if second < 0 else right if second == float("inf") else self._x_at(second)
            for second in self.setting.clock.seconds_of(instants).tolist()
        ]

    def _ground(self) -> Iterable[Mark]:
        style, book = self.setting.style.furniture, self.setting.book
        left, right, y = self._rail
        pen = style.timeline_tick
        yield Area(
            paths=box(*self.frame, style.panel_radius), fill=style.panel, pen=style.panel_edge, space="page"
        )
        yield Line(paths=_rule(left, right, y), pen=style.timeline, space="page")
        yield Line(paths=self._ticks(y), pen=Pen(colour=pen.colour, width=pen.width * 0.6), space="page")
        ticks = []
        for x, start, text in self._placed(self._months()):
            ticks.append(np.array([(x, y - 1), (x, y + style.timeline_text.size * 0.9)]))
            at = (start, y + style.timeline_text.size * 1.4)
            yield Text(text=text, at=at, lettering=style.timeline_text, language=book.language)
        yield Line(paths=Paths.of(ticks), pen=pen, space="page")
        size = style.timeline_text.size
        for great, high, width in ((False, 0.55, 0.11), (True, 0.9, 0.17)):
            alike = [e.instant for e in self.occasions if (e.weight > 1) == great]
            places = {round(x, 1) for x in self._xs_of(alike)}
            foot = y - style.timeline.width / 2
            marks = [np.array([(x, foot - size * high), (x, foot)]) for x in sorted(places)]
            if marks:
                stroke = Pen(colour=style.timeline_event, width=size * width)
                yield Line(paths=Paths.of(marks), pen=stroke, space="page")

    def _ticks(self, y: float) -> Paths:
        """Days where the film dwells on them, weeks where it hurries: dense ticks are fast days."""
        clock, size = self.setting.clock, self.setting.style.furniture.timeline_text.size
        days = range(math.ceil(clock.start), math.floor(clock.end) + 1)
        at = self._xs_of([float(day) for day in days])
        found: list[Floats] = []
        for n, day in enumerate(days):
            weekday = day_of(float(day)).weekday()
            week = max(0, n - weekday), min(len(days) - 1, n - weekday + 7)
            wide = (at[week[1]] - at[week[0]]) / max(1, week[1] - week[0])
            if wide >= size * _TICK_GAP or (weekday == 0 and wide * 7 >= size * _TICK_GAP):
                found.append(np.array([(at[n], y), (at[n], y + size * 0.5)]))
        return Paths.of(found)

    def _placed(self, months: Sequence[tuple[float, Sequence[str]]]) -> list[tuple[float, float, str]]:
        """Where each month begins, where its name does, and the name: clear of what nobody sees."""
        end, found = self._rail[1], list[tuple[float, float, str]]()
        for x, names in reversed(months):
            places = [(self._clear(x + _BEFORE, self._width_of(name)), name) for name in names]
            fitting = [p for p in places if p[0] + self._width_of(p[1]) <= end - _AFTER + 0.01]
            start, name = fitting[0] if fitting else (x + _BEFORE, "")
            found.append((x, start, name))
            end = x if name else end
        return found[::-1]

    def _clear(self, x: float, width: float) -> float:
        """Where words so wide may begin, from `x` on."""
        _, top, _, bottom = self.frame
        for left, above, right, below in sorted(self.hidden):
            if above < bottom and top < below and left - _AFTER < x + width and x < right + _BEFORE:
                x = right + _BEFORE
        return x

    def _width_of(self, text: str) -> float:
        lettering = self.setting.style.furniture.timeline_text
        return width_of(text, lettering, self.setting.book.language)

    def _months(self) -> list[tuple[float, Sequence[str]]]:
        """Where each month begins and how it is written, all short ones alike; then how it might be."""
        book = self.setting.book
        days = list(_months(self.setting.clock.start, self.setting.clock.end))
        at = self._xs_of([instant_of_day(day) for day in days])
        ends = self._xs_of([instant_of_day(_next_month(day)) for day in days])

        def fits(n: int, width: _Width, months: int = 1) -> bool:
            end = ends[min(n + months, len(days)) - 1]
            return self._width_of(book.month(days[n], width)) <= end - at[n] - _BEFORE - _AFTER

        long = [n for n in range(len(days)) if fits(n, "wide")]
        rest = [n for n in range(len(days)) if n not in long]
        # Nor does a month stand out only because its name is short.
        narrow = 1.8 * max((ends[n] - at[n] for n in rest), default=0.0)
        rest += [n for n in long if ends[n] - at[n] < narrow]
        long = [n for n in long if n not in rest]
        # Wide where there is room; the others all abbreviated or all by their initial.
        short: _Width = "abbreviated" if all(fits(n, "abbreviated") for n in rest) else "narrow"
        texts = {n: book.month(days[n], "wide") for n in long}
        # Where even initials are too wide, every other month or every third has one, counted from January.
        steps = (s for s in (1, 2, 3, 4, 6) if all(fits(n, short, s) for n in _every(s, rest, days)))
        step = next(steps, 12)
        if step > 1:
            roomy = [n for n in rest if fits(n, "abbreviated")]
            texts |= {n: book.month(days[n], "abbreviated") for n in roomy}
            rest = [n for n in rest if n not in roomy]
        texts |= {n: book.month(days[n], short) for n in _every(step, rest, days) if fits(n, short, step)}
        ways: Sequence[_Width] = ("abbreviated", "narrow")
        shorter = {n: [book.month(days[n], way) for way in ways] for n in texts}
        return [(at[n], (texts[n], *shorter[n]) if n in texts else ()) for n in range(len(days))]

    def _done(self, x: float) -> tuple[Mark, ...]:
        return _progress(self, x)


@lru_cache(maxsize=4)
def _progress(line: TimeLine, x: float) -> tuple[Mark, ...]:
    style = line.setting.style.furniture
    left, _, y = line._rail
    cursor = Points(
        xy=np.array([(x, y)]),
        radius=8.5,
        fill=style.timeline_cursor,
        pen=Pen(colour=style.panel, width=2.5),
        space="page",
    )
    if x <= left + 0.5:
        return (cursor,)
    return (Line(paths=_rule(left, x, y), pen=style.timeline_done, space="page"), cursor)


def _every(step: int, which: Sequence[int], days: Sequence[dt.date]) -> list[int]:
    return [n for n in which if (days[n].month - 1) % step == 0]


def _rule(left: float, right: float, y: float) -> Paths:
    return Paths.of([np.array([(left, y), (right, y)])])


def _months(start: Instant, end: Instant) -> Iterable[dt.date]:
    day = day_of(start).replace(day=1)
    while instant_of_day(day) < end:
        yield day
        day = _next_month(day)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
