"""Captions: what happens, told in a sentence while it happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from animap.layers.base import Bare, Event, LayerOptions, Moment, Obstacle, Rect, Setting, Survey
from animap.layers.lettering import broken, line_height, width_of
from animap.marks import Area, Mark, Shown, Text, box, faded
from animap.timeline import Presence, When
from animap.types import Words

__all__ = ["Caption", "Captions", "CaptionsData", "CaptionsLayer", "caption_spans"]

_LEAST, _PER_CHARACTER = 3.0, 1 / 15
_FADE = 0.3


class Captions(LayerOptions):
    """Options of the captions' table."""

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
        return CaptionsData(tuple(sorted(found, key=lambda c: c.when.instant)))


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

    def lines_needed(self, setting: Setting, width: float) -> int:
        """Lines of the longest caption in a column `width` units wide."""
        return max((len(_lines(c, setting, width)) for c in self.captions), default=0)

    def prepare(self, setting: Setting, frame: Rect, pad: float, *, rises: bool) -> CaptionsLayer:
        """Captions in one style and language, set inside a box of the page with `pad` units around.

        A caption shorter than the box keeps its top, or its foot where it `rises`.
        """
        furniture, language = setting.style.furniture, setting.book.language
        style = furniture.caption
        told: list[tuple[Presence, tuple[Mark, ...]]] = []
        for caption, (start, stop) in zip(self.captions, caption_spans(self.captions, setting), strict=True):
            lines = _lines(caption, setting, frame[2] - frame[0])
            height = len(lines) * line_height(style)
            top = frame[3] - height if rises else frame[1]
            wide = max(width_of(line, style, language) for line in lines) if rises else frame[2] - frame[0]
            sides = frame[0] - pad, frame[0] + wide + pad
            panel = Area(
                paths=box(
                    sides[0], top - pad * 0.4, sides[1], top + height + pad * 0.45, furniture.panel_radius
                ),
                fill=furniture.panel,
                pen=furniture.panel_edge,
                space="page",
            )
            texts = [
                Text(
                    text=line,
                    at=(frame[0], top + style.size * 0.88 + n * line_height(style)),
                    lettering=style,
                    language=language,
                )
                for n, line in enumerate(lines)
            ]
            told.append((Presence(start, stop, _FADE, _FADE), (panel, *texts)))
        return CaptionsLayer(setting, self.captions, tuple(told), frame)


def _lines(caption: Caption, setting: Setting, width: float) -> list[str]:
    return broken(
        setting.book.pick(caption.text), setting.style.furniture.caption, width, setting.book.language
    )


def caption_spans(captions: Sequence[Caption], setting: Setting) -> list[tuple[float, float]]:
    """Film seconds in which each caption stands: from its day until read twice, or until the next one.

    Captions of one instant share the time until the next.
    """
    starts = [max(0.0, setting.clock.second_of(c.when.instant)) for c in captions]
    end = float(setting.clock.seconds) - setting.clock.ending * 0.5
    spans = []
    for i, (caption, start) in enumerate(zip(captions, starts, strict=True)):
        following = next((s for s in starts[i + 1 :] if s > start), end)
        alike = [j for j, s in enumerate(starts) if s == start]
        share = (min(following, end) - start) / len(alike)
        begin = start + share * alike.index(i)
        reading = max(_LEAST, len(setting.book.pick(caption.text)) * _PER_CHARACTER)
        spans.append((begin, begin + min(share, 2 * reading)))
    return spans


@dataclass(frozen=True, eq=False)
class CaptionsLayer(Bare):
    """Captions in one style, language and size."""

    captions: Sequence[Caption]
    told: tuple[tuple[Presence, tuple[Mark, ...]], ...] = field(repr=False)
    frame: Rect

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The caption of the moment."""
        for presence, marks in self.told:
            yield from faded(marks, presence.at(moment.second))

    def obstacles(self) -> Sequence[Obstacle]:
        """Each caption's panel while it stands."""
        return [
            Obstacle(_around(marks), presence.start, presence.stop) for presence, marks in self.told if marks
        ]

    def events(self) -> Sequence[Event]:
        """Every caption of the story is an event."""
        return [Event(c.when.instant) for c in self.captions if not c.detail]


def _around(marks: Sequence[Mark]) -> Rect:
    panel = next(mark for mark in marks if isinstance(mark, Area))
    (left, top), (right, bottom) = panel.paths.xy.min(axis=0), panel.paths.xy.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
