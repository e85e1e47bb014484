"""Captions: what happens, told in a sentence while it happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Annotated

from animap.layers.base import Bare, Event, LayerOptions, Moment, Obstacle, Rect, Setting, Survey
from animap.layers.lettering import broken, line_height, lines_needed, width_of
from animap.layers.presence_options import AT_ONCE, Entrance, Stay, only
from animap.marks import Area, Mark, Shown, Text, box, faded
from animap.style import Style
from animap.timeline import Clock, Reading, When
from animap.types import Words
from animap.words import book

__all__ = ["Caption", "Captions", "CaptionsData", "CaptionsLayer", "caption_spans"]

_LEAST = 3.0
_ABOVE, _BELOW = 0.4, 0.45
"""Shares of the padding over the first line and under the last."""


class Captions(LayerOptions):
    """Options of the captions' table."""

    enter: Annotated[Entrance, only("fade", "none")] = Entrance(kind="fade", seconds=0.3)
    exit: Annotated[Entrance, only("fade", "none")] = Entrance(kind="fade", seconds=0.3)

    def read(self, survey: Survey) -> CaptionsData:
        """Read rows with `date`, `text`, `source`, and `id`, `lon`, `lat`, `town`."""
        table = survey.reader.table(self.file, None, ("date", "text", "source"), self.fields)
        table.unique("id")
        found = []
        for row in table:
            if not survey.wanted(self, row):
                continue
            when = survey.dated(self, row, "date")
            if not row.text("date") and row.has("date"):
                row.report.error("'date' is empty", row.where, "say when it happens")
            words = survey.named(row, "text")
            source = row.required("source")
            if when is None:
                continue
            found.append(Caption(row.text("id"), when, words, row.text("town"), source, row.flag("detail")))
        return CaptionsData(tuple(sorted(found, key=lambda c: c.when.instant)), self.enter, self.exit)


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence and its day."""

    id: str
    when: When
    text: Words
    place: str
    source: str
    detail: bool


@dataclass(frozen=True, eq=False)
class CaptionsData:
    """Captions in the order of time."""

    captions: tuple[Caption, ...]
    enter: Entrance = AT_ONCE
    exit: Entrance = AT_ONCE

    def readings(self, languages: Sequence[str], per_second: float) -> tuple[Reading, ...]:
        """When each begins, and the seconds that it takes to read in its longest language."""
        return tuple(
            (
                caption.when.instant,
                max([_LEAST, *(len(book(lang).pick(caption.text)) / per_second for lang in languages)]),
            )
            for caption in self.captions
        )

    def lines_needed(self, style: Style, languages: Sequence[str], width: float) -> int:
        """Lines of the longest caption of all languages in a column `width` units wide."""
        texts = [(book(lang).pick(c.text), lang) for c in self.captions for lang in languages]
        lettering = style.furniture.caption
        return max((lines_needed(text, lettering, width, lang) for text, lang in texts), default=0)

    def prepare(
        self, setting: Setting, frame: Rect, pad: float, readings: Sequence[Reading], *, rises: bool
    ) -> CaptionsLayer:
        """Captions in one style and language, set inside a box of the page with `pad` units around.

        A caption shorter than the box keeps its top, or its foot where it `rises`.
        """
        spans = caption_spans(readings, setting.clock)
        told = tuple(
            (Stay(start, stop, self.enter, self.exit), _marks(caption, setting, frame, pad, rises))
            for caption, (start, stop) in zip(self.captions, spans, strict=True)
        )
        return CaptionsLayer(setting, self.captions, told, frame)


def _marks(caption: Caption, setting: Setting, frame: Rect, pad: float, rises: bool) -> tuple[Mark, ...]:
    furniture, language = setting.style.furniture, setting.book.language
    lettering, width = furniture.caption, frame[2] - frame[0]
    lines = _lines(caption, setting.style, language, width)
    height = len(lines) * line_height(lettering)
    top = frame[3] - height if rises else frame[1]
    wide = max(width_of(line, lettering, language) for line in lines) if rises else width
    panel = Area(
        paths=box(
            frame[0] - pad,
            top - pad * _ABOVE,
            frame[0] + wide + pad,
            top + height + pad * _BELOW,
            furniture.panel_radius,
        ),
        fill=furniture.panel,
        pen=furniture.panel_edge,
        space="page",
    )
    texts = (
        Text(
            text=line,
            at=(frame[0], top + lettering.size * 0.88 + n * line_height(lettering)),
            lettering=lettering,
            language=language,
        )
        for n, line in enumerate(lines)
    )
    return (panel, *texts)


def _lines(caption: Caption, style: Style, language: str, width: float) -> list[str]:
    return broken(book(language).pick(caption.text), style.furniture.caption, width, language)


def caption_spans(readings: Sequence[Reading], clock: Clock) -> list[tuple[float, float]]:
    """Film seconds in which each caption stands: from its day until read twice, or until the next one.

    Captions of one instant share the time until the next as they need it. No language has a part in it
    but through `readings`, so that captions change on the same frame in all of them.
    """
    starts = [max(clock.opening, second) for second in clock.seconds_of([at for at, _ in readings]).tolist()]
    spans: list[tuple[float, float]] = []
    for begin, group in groupby(range(len(readings)), key=lambda n: starts[n]):
        alike = list(group)
        end = max(begin, starts[alike[-1] + 1] if alike[-1] + 1 < len(starts) else clock.curtain)
        needed = sum(readings[n][1] for n in alike)
        at = begin
        for n in alike:
            share = (end - begin) * readings[n][1] / needed
            spans.append((at, at + min(share, 2 * readings[n][1])))
            at += share
    return spans


@dataclass(frozen=True, eq=False)
class CaptionsLayer(Bare):
    """Captions in one style, language and size."""

    captions: Sequence[Caption]
    told: tuple[tuple[Stay, tuple[Mark, ...]], ...] = field(repr=False)
    frame: Rect

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The caption of the moment."""
        for stay, marks in self.told:
            yield from faded(marks, stay.look(moment.second).opacity)

    def obstacles(self) -> Sequence[Obstacle]:
        """Each caption's panel while it stands."""
        return [Obstacle(_around(marks), stay.start, stay.stop) for stay, marks in self.told if marks]

    def events(self) -> Sequence[Event]:
        """Every caption of the story is an event."""
        pick = self.setting.book.pick
        return [Event(c.when.instant, what=pick(c.text)) for c in self.captions if not c.detail]


def _around(marks: Sequence[Mark]) -> Rect:
    panel = next(mark for mark in marks if isinstance(mark, Area))
    (left, top), (right, bottom) = panel.paths.xy.min(axis=0), panel.paths.xy.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
