"""A language's phrase book: what animap itself writes into a film, and how it writes dates."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from unicodedata import normalize

from babel import Locale
from babel.dates import format_date, get_month_names

from animap.types import Words
from animap.words.spacing import well_set

__all__ = ["Book", "book", "languages"]

_VOWELS = tuple("aeiouy")
_FOLDER = Path(__file__).parent / "locales"


def languages() -> list[str]:
    """Languages that animap itself speaks."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@cache
def book(language: str) -> Book:
    """The phrase book of a language; KeyError for one that has none."""
    path = _FOLDER / f"{language}.toml"
    if not path.is_file():
        raise KeyError(language)
    return Book(language, Locale.parse(language), tomllib.loads(path.read_text("utf-8")))


@dataclass(frozen=True, eq=False)
class Book:
    """Phrases by key and dates by day."""

    language: str
    locale: Locale
    phrases: dict[str, str]

    def say(self, key: str, **values: object) -> str:
        """A phrase with its gaps filled in."""
        return well_set(self.phrases[key].format(**values), self.language)

    def pick(self, words: Words) -> str:
        """The text in this language, else the one that holds for all, else nothing."""
        return well_set(words.get(self.language) or words.get("") or "", self.language)

    def date(self, day: dt.date) -> str:
        """`31 août 1944`, `1er septembre 1944`."""
        text: str = format_date(day, self.phrases["date"], self.locale)
        return self._first(day, text)

    def short_date(self, day: dt.date) -> str:
        """`5 sept.`"""
        text: str = format_date(day, self.phrases["short_date"], self.locale)
        return self._first(day, text)

    def weekday(self, day: dt.date) -> str:
        """`jeudi`"""
        text: str = format_date(day, "EEEE", self.locale)
        return text

    def month(self, day: dt.date, width: Literal["wide", "abbreviated", "narrow"] = "wide") -> str:
        """`septembre`, or `sept.` where `width` is `abbreviated`, or `S` where it is `narrow`."""
        text: str = get_month_names(width, "stand-alone", self.locale)[day.month]
        return text

    def of(self, name: str) -> str:
        """A name after "of": `d’Arras`, `du Havre`, `of Arras`."""
        if self.language == "fr":
            for article, joined in (("Le ", "du "), ("Les ", "des ")):
                if name.startswith(article):
                    return joined + name.removeprefix(article)
            if normalize("NFD", name)[:1].lower() in _VOWELS:
                return f"d’{name}"
        return self.say("of", name=name)

    def month_and_year(self, day: dt.date) -> str:
        """`septembre 1944`"""
        text: str = format_date(day, "MMMM y", self.locale)
        return text

    def between(self, first: str, last: str) -> str:
        """Two dates as a span that says once how both end: `6–10 septembre 1944`."""
        begun, ended = first.split(" "), last.split(" ")
        while len(begun) > 1 and begun[-1] == ended[-1]:
            begun, ended = begun[:-1], ended[:-1]
        if begun == ended:
            return last
        rest = last.split(" ")
        dash = "–" if len(begun) == 1 and len(rest) > 1 else " – "
        return f"{' '.join(begun)}{dash}{last}"

    def number(self, value: float) -> str:
        """A number with the language's separators."""
        from babel.numbers import format_decimal

        text: str = format_decimal(value, locale=self.locale)
        return text

    def _first(self, day: dt.date, text: str) -> str:
        # CLDR does not know that French counts the first of a month as "premier".
        return text.replace("1 ", "1er ", 1) if self.language == "fr" and day.day == 1 else text
