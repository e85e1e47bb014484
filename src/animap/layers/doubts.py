"""What is not certain: days that are approximate, uncertain, between two days, or disputed."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from animap.sources import Row
from animap.timeline import When, day_of
from animap.words import Book

__all__ = ["Doubt", "date_in_full", "day_told", "doubt_of", "doubts_in_words"]

Kind: TypeAlias = Literal["approximate", "uncertain", "interval", "disputed"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A fact whose date is in doubt: which row, its date, and the `other` date that references give."""

    what: str
    where: str
    date: str
    kinds: tuple[Kind, ...]
    other: str
    source: str
    note: str

    def __str__(self) -> str:
        told = f"{self.what}: {self.date} {', '.join(self.kinds)}"
        return f"{told}{f', or {self.other}' if self.other else ''} ({self.source}; {self.where})"


def doubt_of(row: Row, when: When) -> Doubt | None:
    """What is in doubt about a row's date, None where nothing is."""
    other = row.text("disputed")
    found: list[Kind] = []
    if when.approximate:
        found.append("approximate")
    if when.uncertain:
        found.append("uncertain")
    # A caption stands for a while: that says nothing about what it tells.
    if when.days > 1 and not row.has("text"):
        found.append("interval")
    if other:
        found.append("disputed")
    if not found:
        return None
    names = [row.text(column) for column in ("id", "pocket", "axis", "place", "state")]
    what = " ".join(name for name in names if name)
    return Doubt(what, row.where, str(when), tuple(found), other, row.text("source"), row.text("note"))


def day_told(book: Book, when: When, *, disputed: bool = False) -> str:
    """A date in few letters, with what is not known about it: `4 sept.`, `v. 4 sept.`, `4–6 sept. ?`."""
    text = _plain(book, when)
    if when.approximate:
        text = book.say("date_about", date=text)
    return book.say("date_unsure", date=text) if when.uncertain or disputed else text


def _plain(book: Book, when: When) -> str:
    if when.days <= 1 or not math.isfinite(when.days):
        return book.short_date(day_of(when.instant))
    first, last = day_of(when.earliest), day_of(when.latest - 1e-6)
    if "/" not in when.text:
        whole_year = (last - first) > dt.timedelta(days=31)
        return str(first.year) if whole_year else book.month(first)
    words = book.short_date(first).split(" "), book.short_date(last).split(" ")
    begun = words[0][:-1] if words[0][-1] == words[1][-1] else words[0]
    return book.say("date_between", first=" ".join(begun), last=" ".join(words[1]))


def date_in_full(book: Book, when: When) -> str:
    """A date as a sentence needs it: `4 septembre 1944`, `du 4 septembre 1944 au 6 septembre 1944`."""
    if math.isinf(when.earliest):
        text = book.say("told_until", last=book.date(day_of(when.latest - 1e-6)))
    elif math.isinf(when.latest):
        text = book.say("told_from", first=book.date(day_of(when.earliest)))
    elif when.days <= 1:
        text = book.date(day_of(when.instant))
    else:
        first, last = day_of(when.earliest), day_of(when.latest - 1e-6)
        text = book.say("told_from_to", first=book.date(first), last=book.date(last))
    return book.say("told_about_date", date=text) if when.approximate and when.days <= 1 else text


def doubts_in_words(book: Book, when: When, other: When | None = None) -> tuple[str, ...]:
    """What is not known about a date, and the `other` one that references give: a phrase for each doubt."""
    found = []
    if when.days > 1:
        found.append(book.say("told_interval", date=date_in_full(book, when)))
    if when.approximate:
        found.append(book.say("told_approximate"))
    if when.uncertain:
        found.append(book.say("told_uncertain"))
    if other is not None:
        found.append(book.say("told_disputed", date=date_in_full(book, other)))
    return tuple(found)
