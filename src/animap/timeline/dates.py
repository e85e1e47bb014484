"""Historical dates, written as EDTF (ISO 8601-2, level 1) and placed on one axis of days.

An `Instant` counts days in the proleptic Gregorian calendar (1 January of the year 1 is day 1), civil and
local: no time zones, nothing that starts in 1970. A date known to the day only happens at noon of it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Instant", "When", "day_of", "instant_of_day"]

Instant: TypeAlias = float
"""Days since 31 December of the year 0, with the time of day as fraction."""

_POINT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?)?)?(?P<mark>[~?%]?)"
)
_HABIT = re.compile(r"(?P<day>\d{1,2})[/. -](?P<month>\d{1,2})[/. -](?P<year>\d{4})")
_OPEN = ("", "..")


def instant_of_day(day: dt.date, hour: float = 0.0) -> Instant:
    """Instant of an hour (0 to 24) of a day."""
    return day.toordinal() + hour / 24.0


def day_of(instant: Instant) -> dt.date:
    """The calendar day that holds an instant."""
    return dt.date.fromordinal(math.floor(instant))


@dataclass(frozen=True, slots=True)
class When:
    """A historical date with what is not known about it.

    `earliest` and `latest` bound what it may mean (instants; `latest` is the first one after it; infinite
    for an open interval); `approximate` is EDTF's `~`, `uncertain` its `?`.
    """

    text: str
    earliest: Instant
    latest: Instant
    approximate: bool = False
    uncertain: bool = False
    timed: bool = False

    @property
    def instant(self) -> Instant:
        """Where the film lets it happen: the hour given, else the middle of what it may mean."""
        if self.timed or math.isinf(self.latest):
            return self.earliest
        if math.isinf(self.earliest):
            return self.latest
        return (self.earliest + self.latest) / 2

    @property
    def days(self) -> float:
        """Length in days of what it may mean; 0 when the hour is known."""
        return 0.0 if self.timed else self.latest - self.earliest

    @property
    def doubtful(self) -> bool:
        """Whether the day itself is not certain."""
        return self.approximate or self.uncertain or self.days > 1

    @classmethod
    def of(cls, value: object) -> When:
        """Read a date from text, a TOML or pandas date; ValueError says what is wrong and how to write it."""
        if isinstance(value, When):
            return value
        if isinstance(value, dt.datetime):
            if value.tzinfo is not None:
                raise ValueError(
                    f"'{value.isoformat()}' has a time zone; write civil local time: {value:%Y-%m-%dT%H:%M}"
                )
            midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
            # Not strftime, which writes the year 999 with three digits.
            return cls.of(value.isoformat(timespec="seconds")[: 10 if midnight else 19])
        if isinstance(value, dt.date):
            return cls.of(value.isoformat())
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a date; write it like 1944-09-05")
        return (
            _interval(value.strip())
            if "/" in value and not _HABIT.fullmatch(value.strip())
            else _point(value.strip())
        )

    def __str__(self) -> str:
        return self.text


def _interval(text: str) -> When:
    first, _, last = text.partition("/")
    if first in _OPEN and last in _OPEN:
        raise ValueError(f"'{text}' has neither a beginning nor an end")
    a = None if first in _OPEN else _point(first.strip())
    b = None if last in _OPEN else _point(last.strip())
    if a and b and b.latest <= a.earliest:
        raise ValueError(f"'{text}' ends before it begins")
    return When(
        text,
        a.earliest if a else -math.inf,
        b.latest if b else math.inf,
        any(p.approximate for p in (a, b) if p),
        any(p.uncertain for p in (a, b) if p),
    )


def _point(text: str) -> When:
    match = _POINT.fullmatch(text)
    if match is None:
        raise ValueError(_advice(text))
    year = int(match["year"])
    if year < 1:
        raise ValueError(f"'{text}': years run from 0001 to 9999")
    mark = match["mark"]
    approximate, uncertain = mark in ("~", "%"), mark in ("?", "%")
    if match["month"] is None:
        first, days = dt.date(year, 1, 1), 365 + calendar.isleap(year)
    else:
        month = int(match["month"])
        if not 1 <= month <= 12:
            raise ValueError(f"'{text}' has a month {month}; months run from 01 to 12 (year-month-day)")
        length = calendar.monthrange(year, month)[1]
        if match["day"] is None:
            first, days = dt.date(year, month, 1), length
        else:
            day = int(match["day"])
            if not 1 <= day <= length:
                raise ValueError(
                    f"'{text}' does not exist: {calendar.month_name[month]} {year} has {length} days"
                )
            first, days = dt.date(year, month, day), 1
    start = instant_of_day(first)
    if match["hour"] is None:
        return When(text, start, start + days, approximate, uncertain)
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        raise ValueError(f"'{text}' has no such time of day; times run from 00:00 to 24:00")
    at = start + (hour * 3600 + minute * 60 + second) / 86400
    return When(text, at, at, approximate, uncertain, timed=True)


def _advice(text: str) -> str:
    habit = _HABIT.fullmatch(text)
    if habit:
        month, day = int(habit["month"]), int(habit["day"])
        if day <= 12 < month:
            # As Americans write it.
            month, day = day, month
        iso = f"{habit['year']}-{month:02d}-{day:02d}"
        return f"'{text}' is not an ISO date; write the year first: {iso}"
    return f"'{text}' is not a date; write 1944-09-05, 1944-09-05T20:00, 1944-09~ or 1944-09-05/1944-09-06"
