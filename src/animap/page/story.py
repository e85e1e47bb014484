"""The film as a page tells it: at which second each day and each event is, whatever the language."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from animap.film import Film
from animap.layers import TownsData
from animap.layers.captions import Caption, caption_spans
from animap.timeline import Clock, When, day_of
from animap.types import Words
from animap.words import Book

__all__ = ["Event", "Story", "date_told", "story_of"]

_COMING, _SETTLED, _LEAVING = 0.2, 0.4, 0.4
"""Seconds after which a caption can be read, and is all there; and before its end when it begins to go."""


@dataclass(frozen=True, slots=True)
class Event:
    """A caption and its film seconds.

    From `start` on it is told, at `show` it is there to be read, at `still` its day ends, or its caption;
    it takes `reading` seconds to read.
    """

    caption: Caption
    start: float
    show: float
    still: float
    reading: float


@dataclass(frozen=True, slots=True)
class Story:
    """Days and events of a film in the order of time; `places` are names by a town's id.

    `starts` are the film seconds at which each of the `days` begins, `stops` those that show it as it ends.
    """

    seconds: float
    opening: float
    days: tuple[dt.date, ...]
    starts: tuple[float, ...]
    stops: tuple[float, ...]
    events: tuple[Event, ...]
    places: Mapping[str, Words]


def story_of(film: Film, clock: Clock) -> Story:
    """The film on a clock, whose frame rate is that of the video."""
    first, after = math.floor(clock.start), math.ceil(clock.end)
    days = tuple(dt.date.fromordinal(n) for n in range(first, after))
    starts, stops = _days(clock, np.arange(first, after, dtype=float))
    towns = (town for data in film.layers if isinstance(data, TownsData) for town in data.towns)
    return Story(
        float(clock.seconds),
        clock.opening,
        days,
        tuple(starts),
        tuple(stops),
        tuple(_events(film, clock, dict(zip(days, stops, strict=True)))),
        {town.id: town.names for town in towns},
    )


def _days(clock: Clock, mornings: np.ndarray) -> tuple[list[float], list[float]]:
    """Seconds at which each day begins, and in the middle of the last frame that shows it."""
    rate = float(clock.fps)
    starts = np.maximum(0.0, clock.seconds_of(mornings))
    ends = np.append(starts[1:], max(starts[-1], clock.curtain))
    stops = (np.ceil(ends * rate - 1e-6) - 0.5) / rate
    # A day that runs by between two frames has none of its own.
    stops = np.where(stops < starts, (starts + ends) / 2, stops)
    return starts.tolist(), stops.tolist()


def _events(film: Film, clock: Clock, stops: Mapping[dt.date, float]) -> list[Event]:
    events = []
    spans = caption_spans(film.readings, clock)
    for caption, (start, stop), (_, reading) in zip(
        film.captions.captions, spans, film.readings, strict=True
    ):
        last = max(start, stop - _LEAVING)
        ends = stops[day_of(caption.when.instant)]
        # The date in the picture should be the event's own, unless days run faster than a caption comes.
        still = min(last, ends if ends >= start + _COMING else start + _SETTLED)
        events.append(Event(caption, start, min(start + _SETTLED, still), still, reading))
    return events


def date_told(book: Book, when: When) -> str:
    """A date in full, with what is not known about it: `6–10 septembre 1944`, `v. 4 septembre 1944`."""
    text = _plain(book, when)
    if when.approximate:
        text = book.say("date_about", date=text)
    return book.say("date_unsure", date=text) if when.uncertain else text


def _plain(book: Book, when: When) -> str:
    if when.days <= 1 or not math.isfinite(when.days):
        return book.date(day_of(when.instant))
    first, last = day_of(when.earliest), day_of(when.latest - 1e-6)
    told = book.date
    if len(when.text.split("/")[0].rstrip("~?%")) <= len("1944-09"):
        told = book.month_and_year
    return book.between(told(first), told(last))
