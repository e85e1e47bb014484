"""Rows of a layer's data: values by column, geometry in map metres, and where each row stands."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from animap.errors import Report
from animap.explain import nearest, split_hint
from animap.timeline.dates import When
from animap.types import Words

__all__ = ["Row", "Table"]

_TRUE, _FALSE = ("true", "yes", "1", "oui", "ja"), ("false", "no", "0", "non", "nein", "nee", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One feature; readers of cells tell the report what is wrong and return a stand-in."""

    where: str
    values: Mapping[str, Any]
    geometry: BaseGeometry | None
    report: Report

    @property
    def table(self) -> str:
        """The file that the row stands in."""
        return self.where.partition(", ")[0]

    def has(self, column: str) -> bool:
        """Whether the file has the column, in any language; if not, that was reported with the file."""
        return any(
            k == column or (k.startswith(f"{column}_") and len(k) == len(column) + 3) for k in self.values
        )

    def text(self, column: str) -> str:
        """A cell as text, `""` when empty."""
        value = self.values.get(column)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value).strip()

    def required(self, column: str) -> str:
        """A cell that must not be empty."""
        text = self.text(column)
        if not text and self.has(column):
            self.report.error(f"'{column}' is empty", self.where, "fill it in")
        return text

    def words(self, column: str) -> Words:
        """Text per language, from `column_fr`, `column_en` …; a plain `column` counts for every language."""
        found = {
            key.removeprefix(f"{column}_"): self.text(key)
            for key in self.values
            if key.startswith(f"{column}_") and len(key) == len(column) + 3 and self.text(key)
        }
        plain = self.text(column)
        return {"": plain, **found} if plain else found

    def when(self, column: str) -> When | None:
        """A date, None when empty or impossible (which is reported)."""
        value = self.values.get(column)
        if not isinstance(value, dt.date):
            value = self.text(column)
        if not value:
            return None
        try:
            return When.of(value)
        except ValueError as cause:
            what, hint = split_hint(cause)
            self.report.error(what, f"{self.where}, {column}", hint or "correct the date")
            return None

    def number(self, column: str, default: float) -> float:
        """A number, the default when empty."""
        text = self.text(column)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.report.error(f"'{text}' is not a number", f"{self.where}, {column}", "write for example 2")
            return default
        return value

    def flag(self, column: str) -> bool:
        """Yes or no, no when empty."""
        text = self.text(column).lower()
        if text not in _TRUE + _FALSE:
            self.report.error(
                f"'{text}' is neither true nor false", f"{self.where}, {column}", "write true or false"
            )
        return text in _TRUE

    def one_of(self, column: str, known: Iterable[str]) -> str:
        """A word out of a known list."""
        text = self.required(column)
        known = sorted(known)
        if text and text not in known:
            hint = f"{nearest(text, known)}known: {', '.join(known[:40])}"
            self.report.error(f"unknown {column} '{text}'", f"{self.where}, {column}", hint)
        return text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in file order; `name` is the file as the film names it.

    `refused` counts rows that were left out because their geometry was reported.
    """

    name: str
    rows: tuple[Row, ...]
    columns: frozenset[str]
    refused: int = 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def unique(self, column: str) -> None:
        """Report every value of a column that stands twice."""
        seen: dict[str, Row] = {}
        for row in self.rows:
            key = row.text(column)
            if key and key in seen:
                row.report.error(
                    f"{column} '{key}' stands twice", row.where, f"first in {seen[key].where}; rename one"
                )
            seen.setdefault(key, row)
