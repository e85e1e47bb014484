"""What happens in a film, in words: one event after the other, with its place, its sources and its doubts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from shapely.geometry.base import BaseGeometry

from animap.beside.places import Gazetteer
from animap.film import Film
from animap.film.references import keys_of
from animap.layers import AdvancesData, PocketsData, TownsData
from animap.layers.base import Formation
from animap.layers.captions import Caption
from animap.layers.doubts import date_in_full, day_told, doubts_in_words
from animap.layers.pockets import Pocket
from animap.layers.towns import Town
from animap.layers.walks import Advance, WayPoint
from animap.timeline import Instant, When, day_of
from animap.words import Book, book

__all__ = ["Happening", "happenings"]


@dataclass(frozen=True, slots=True)
class Happening:
    """An event in one language: when the film lets it happen, what, what is in doubt, what proves it.

    `kind` is `caption`, `advance`, `town` or `pocket`; `id` that of the row; `sources` are keys.
    """

    kind: str
    id: str
    when: When
    text: str
    doubts: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def instant(self) -> Instant:
        """Where the film lets it happen."""
        return self.when.instant


_ORDER = ("caption", "advance", "town", "pocket")


def happenings(film: Film, language: str) -> list[Happening]:
    """All events of a film in the order of days; of one day the caption first, which sums it up."""
    teller = _Teller(film, book(language))
    found = list(teller.all())
    return sorted(found, key=lambda h: (math.floor(h.instant), _ORDER.index(h.kind), h.instant))


class _Teller:
    """Tells each layer's events in one language."""

    def __init__(self, film: Film, say: Book) -> None:
        self._film, self._say = film, say
        self._towns = [t for data in film.layers if isinstance(data, TownsData) for t in data.towns]
        self._places = Gazetteer(self._towns, say)

    def all(self) -> Iterable[Happening]:
        for caption in self._film.captions.captions:
            yield self._caption(caption)
        for town in self._towns:
            if town.liberated:
                yield self._town(town, town.liberated)
        for data in self._film.layers:
            if isinstance(data, AdvancesData):
                for advance in data.advances:
                    yield self._advance(advance)
            if isinstance(data, PocketsData):
                for pocket in data.pockets:
                    yield from self._pocket(pocket)

    def _caption(self, caption: Caption) -> Happening:
        text = self._say.pick(caption.text)
        if caption.when.days > 1:
            # How long it holds, not a doubt about its date.
            text += f" ({date_in_full(self._say, caption.when)})"
        return Happening("caption", caption.id, caption.when, text, (), keys_of(caption.source))

    def _town(self, town: Town, when: When) -> Happening:
        formation = self._film.formations.get(town.by)
        text = self._say.say("told_town", town=self._places.told(town))
        if formation:
            text += f" ({self._troops(formation)})"
        doubts = doubts_in_words(self._say, when, town.disputed)
        return Happening("town", town.id, when, text, doubts, keys_of(town.source))

    def _advance(self, advance: Advance) -> Happening:
        dated = [p for p in advance.points if p.when is not None]
        stops = [
            f"{name} ({self._days([p.when for p in points if p.when])})"
            for name, group in groupby(dated, key=self._stop)
            if (points := list(group))
        ]
        text = self._say.say("told_advance", who=self._troops(advance.formation), stops=", ".join(stops))
        when = dated[0].when
        assert when is not None  # the reader refuses an axis whose first way-point has no date
        keys = dict.fromkeys(key for p in advance.points for key in keys_of(p.source))
        return Happening("advance", advance.id, when, text, (), tuple(keys))

    def _stop(self, point: WayPoint) -> str:
        town = next((t for t in self._towns if t.id == point.place), None)
        return self._say.pick(town.names) if town else self._places.near(point.at)

    def _days(self, whens: Sequence[When]) -> str:
        """The days at one stop of an axis."""
        first, last = whens[0], whens[-1]
        if day_of(first.instant) == day_of(last.instant):
            return day_told(self._say, first)
        begun, done = (self._say.short_date(day_of(w.instant)) for w in (first, last))
        return self._say.say("date_between", first=begun, last=done)

    def _troops(self, formation: Formation) -> str:
        return ", ".join(w for w in (self._say.pick(formation.names), formation.commander) if w)

    def _pocket(self, pocket: Pocket) -> Iterable[Happening]:
        before = ""
        for n, outline in enumerate(pocket.outlines):
            state = self._say.say(f"told_{'changed' if outline.state == before else outline.state}")
            text = self._say.say("told_pocket", pocket=self._say.pick(pocket.names), state=state)
            details = [self._area(outline.shape)] if outline.state != "fallen" else []
            if n == 0:
                details += [pocket.commander, self._say.pick(pocket.garrison)]
            if told := ", ".join(d for d in details if d):
                text += f" ({told})"
            before = outline.state
            other = When.of(outline.disputed) if outline.disputed else None
            doubts = doubts_in_words(self._say, outline.when, other)
            yield Happening("pocket", pocket.id, outline.when, text, doubts, keys_of(outline.source))

    def _area(self, shape: BaseGeometry) -> str:
        """How much land an outline holds, to two figures, which is more than outlines are worth."""
        land = self._film.land
        square = (shape.intersection(land) if not land.is_empty else shape).area / 1e6
        if square < 1:
            return ""
        digits = 1 - math.floor(math.log10(square))
        return self._say.say("told_area", n=self._say.number(round(square, min(0, digits))))
