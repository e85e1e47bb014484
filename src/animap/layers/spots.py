"""Places for a town's name around its symbol, with the day of its liberation beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from animap.layers.base import Candidate, Note
from animap.layers.lettering import line_height, text_box, width_of
from animap.marks import Text
from animap.style import Lettering

__all__ = ["Day", "around"]

Align: TypeAlias = Literal["left", "centre", "right"]

_BELOW, _WITHOUT = 0.2, 0.6
"""How much less liked a day is on a line of its own than after the name, and none at all than one: less
than any other place for the name, which stays when the day has gone."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day to be told beside a name from one film second to another."""

    text: str
    lettering: Lettering
    start: float
    stop: float


def around(
    text: str,
    at: tuple[float, float],
    page: tuple[float, float],
    gap: float,
    lettering: Lettering,
    language: str,
    day: Day | None = None,
) -> Iterable[Candidate]:
    """Candidates around a symbol, the best liked first (right, left, above, below, corners).

    `at` is the symbol's place in map metres, `page` the same in units, `gap` its distance in units.
    """
    rise = lettering.size * 0.26
    diagonal = gap * 0.72
    places: tuple[tuple[float, float, Align], ...] = (
        (gap, rise, "left"),
        (diagonal, -diagonal, "left"),
        (diagonal, diagonal + 2 * rise, "left"),
        (-gap, rise, "right"),
        (-diagonal, -diagonal, "right"),
        (-diagonal, diagonal + 2 * rise, "right"),
        (0.0, -gap - rise * 0.4, "centre"),
        (0.0, gap + lettering.size * 0.66, "centre"),
    )
    setter = _Setter(text, at, page, lettering, language, day)
    for cost, (dx, dy, align) in enumerate(places):
        if day and align == "left":
            yield setter.after(dx, dy, cost)
        if day:
            yield setter.beyond(dx, dy, align, cost + _BELOW)
        yield setter.alone(dx, dy, align, cost + (_WITHOUT if day else 0.0))


@dataclass(frozen=True, slots=True)
class _Setter:
    text: str
    at: tuple[float, float]
    page: tuple[float, float]
    lettering: Lettering
    language: str
    day: Day | None

    def alone(self, dx: float, dy: float, align: Align, cost: float) -> Candidate:
        """The name without a day."""
        mark, box = self._line(self.text, self.lettering, dx, dy, align)
        return Candidate((mark,), (box,), cost)

    def after(self, dx: float, dy: float, cost: float) -> Candidate:
        """The day behind the name, on its baseline."""
        assert self.day
        beyond = width_of(self.text, self.lettering, self.language) + self.lettering.size * 0.32
        return self._both((dx, dy, "left"), (dx + beyond, dy, "left"), cost)

    def beyond(self, dx: float, dy: float, align: Align, cost: float) -> Candidate:
        """The day on a line of its own, on the side away from the symbol."""
        assert self.day
        step = line_height(self.lettering) * 0.86 if dy < 0 else -line_height(self.day.lettering)
        return self._both((dx, dy, align), (dx, dy - step, align), cost)

    def _both(
        self, name: tuple[float, float, Align], told: tuple[float, float, Align], cost: float
    ) -> Candidate:
        assert self.day
        mark, box = self._line(self.text, self.lettering, *name)
        day, room = self._line(self.day.text, self.day.lettering, *told)
        note = Note(self.day.start, self.day.stop, (day,), (room,))
        return Candidate((mark,), (box,), cost, notes=(note,))

    def _line(
        self, text: str, lettering: Lettering, dx: float, dy: float, align: Align
    ) -> tuple[Text, tuple[float, float, float, float]]:
        mark = Text(
            text=text,
            at=self.at,
            offset=(dx, dy),
            lettering=lettering,
            align=align,
            language=self.language,
            space="map",
        )
        return mark, text_box(text, lettering, self.page[0] + dx, self.page[1] + dy, align, self.language)
