"""The sheet that a curator signs: each caption with its picture, its sources and the dates in doubt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from animap.beside.captions import cues_of
from animap.beside.events import Happening, happenings
from animap.draw import Canvas
from animap.encode import Signal, write_still
from animap.encode.base import whole, writing
from animap.layers.doubts import date_in_full
from animap.layers.lettering import broken, line_height
from animap.marks import Frame, Image, Line, Mark, Page, Paths, Text, View
from animap.render.still import still_pixels
from animap.scene import Scene
from animap.style import Lettering, Pen
from animap.timeline import day_of
from animap.types import Pixels

__all__ = ["signing_sheet"]

_DPI = 200
_A4 = Page(round(8.27 * _DPI), round(11.69 * _DPI))
_MARGIN, _GAP, _STILL = 60.0, 34.0, 470.0
"""Units, of which the page is 1080 wide."""
_FADING = 0.4
"""Seconds before the end of a caption in which it is not shown in full."""
_INK, _PALE = "#222222", "#666666"


def signing_sheet(scene: Scene, path: Path) -> int:
    """Write the sheet as PDF or, its pages one under the other, as PNG; the number of its stills.

    Each still is the last frame of its caption's day, when all that it tells has come. OutputError
    where the file cannot be written.
    """
    frames, stills = _pages(scene)
    title = scene.setting.book.pick(scene.film.spec.title)
    if path.suffix.lower() == ".pdf":
        from animap.draw.vector import write_pages

        with whole(path) as temporary, writing(path):
            # The format is read off the suffix, which a temporary name does not have.
            named = temporary.with_suffix(".pdf")
            write_pages(frames, named, _DPI, {"Title": title})
            named.replace(temporary)
    else:
        pixels = np.concatenate([Canvas(_A4).draw(frame).pixels for frame in frames])
        signal = Signal(pixels.shape[1], pixels.shape[0], scene.take.fps, title, scene.take.language)
        write_still(path, np.ascontiguousarray(pixels), signal)
    return stills


def _pages(scene: Scene) -> tuple[list[Frame], int]:
    film, say = scene.film, scene.setting.book
    told = happenings(film, say.language)
    keys = {key: n for n, key in enumerate(dict.fromkeys(k for h in told for k in h.sources), 1)}
    flow = _Flow(_Type.of(scene), f"{say.pick(film.spec.title)} · {say.language}")
    flow.paragraph(say.pick(film.spec.title), flow.type.title)
    flow.paragraph(f"{say.say('sign_title')} · {say.pick(film.spec.subtitle)}", flow.type.body)
    flow.space(_GAP)
    scenes = list(_scenes(scene, told))
    for index, events in scenes:
        flow.picture(still_pixels(scene, index), list(_lines(scene, index, events, keys, flow.type)))
    if keys:
        flow.paragraph(say.say("sources"), flow.type.head)
        for key, number in keys.items():
            reference = film.references.get(key)
            flow.paragraph(f"{number}  {reference.title if reference else key}", flow.type.small)
        flow.space(_GAP)
    flow.fields([say.say("sign_remarks"), "", "", say.say("sign_name"), say.say("sign_date")])
    return flow.frames(), len(scenes)


def _scenes(scene: Scene, told: Sequence[Happening]) -> Iterator[tuple[int, list[Happening]]]:
    """A frame for each caption, with the caption and what happens from its day to the next one's."""
    cues = {cue.id: cue for cue in cues_of(scene.film, scene.clock, scene.take.language)}
    captions = [h for h in told if h.kind == "caption" and h.id in cues]
    starts = [h.instant for h in captions]
    bounds = [-math.inf, *starts[1:], math.inf] if captions else [-math.inf, math.inf]
    if not captions:
        yield scene.frames - 1, list(told)
    for caption, (start, stop) in zip(captions, pairwise(bounds), strict=False):
        others = [h for h in told if h.kind != "caption" and start <= h.instant < stop]
        cue = cues[caption.id]
        fading = math.ceil(_FADING * scene.take.fps)
        # The date in the picture should be the caption's own, or soon after where days run fast.
        evening = scene.clock.frame_of(math.floor(caption.instant) + 1) - 1
        seen = max(cue.start + fading, evening)
        yield max(cue.start, min(seen, cue.stop - 1 - fading)), [caption, *others]


@dataclass(frozen=True, slots=True)
class _Type:
    """The letters of the sheet: those of the film, dark on white."""

    title: Lettering
    head: Lettering
    body: Lettering
    small: Lettering
    language: str

    @classmethod
    def of(cls, scene: Scene) -> _Type:
        style = scene.style.furniture
        plain = {"halo": None, "tracking": 0.0, "capitals": False}

        def cut(lettering: Lettering, size: float, colour: str) -> Lettering:
            return lettering.model_copy(update={**plain, "size": size, "colour": colour})

        return cls(
            cut(style.title, 34, _INK),
            cut(style.legend_title, 20, _INK),
            cut(style.caption, 18, _INK),
            cut(style.caption, 13, _PALE),
            scene.take.language,
        )


def _lines(
    scene: Scene, index: int, events: Sequence[Happening], keys: dict[str, int], type: _Type
) -> Iterator[tuple[str, Lettering]]:
    """What stands beside a still."""
    say = scene.setting.book
    captions = [event for event in events if event.kind == "caption"]
    day = date_in_full(say, captions[0].when) if captions else say.date(scene.day(index))
    yield f"{day} · {float(scene.clock.second(index)):.1f} s", type.head
    for event in captions:
        yield event.text, type.body
        yield f"{say.say('sources')} {_numbers(event, keys)}", type.small
    doubtful = [event for event in events if event.doubts]
    if doubtful:
        yield say.say("sign_doubts"), type.small.model_copy(update={"colour": _INK})
    for event in doubtful:
        about = f"{say.short_date(day_of(event.instant))} · {event.text}: {'; '.join(event.doubts)}"
        yield f"{about} ({_numbers(event, keys)})", type.small


def _numbers(event: Happening, keys: dict[str, int]) -> str:
    return ", ".join(str(keys[key]) for key in event.sources)


@dataclass
class _Flow:
    """Marks from the top of the first page down, page after page."""

    type: _Type
    foot: str
    pages: list[list[Mark]] = field(default_factory=lambda: [[]])
    y: float = _MARGIN

    def space(self, height: float) -> None:
        self.y += height

    def paragraph(self, text: str, lettering: Lettering, left: float = _MARGIN) -> None:
        for line in broken(text, lettering, _A4.across - _MARGIN - left, self.type.language):
            self._need(line_height(lettering))
            at = (left, self.y + lettering.size * 0.88)
            self._add(Text(text=line, at=at, lettering=lettering, language=self.type.language))
            self.y += line_height(lettering)

    def picture(self, pixels: Pixels, lines: Sequence[tuple[str, Lettering]]) -> None:
        """A still with lines to its right; what is longer than the still runs on below it."""
        height = _STILL * pixels.shape[0] / pixels.shape[1]
        self._need(height)
        page, top = len(self.pages), self.y
        opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
        corners = (_MARGIN, top, _MARGIN + _STILL, top + height)
        self._add(Image(pixels=np.concatenate([pixels, opaque], axis=2), corners=corners, space="page"))
        for text, lettering in lines:
            self.paragraph(text, lettering, _MARGIN + _STILL + 0.6 * _GAP)
            self.space(0.3 * lettering.size)
        if len(self.pages) == page:
            self.y = max(self.y, top + height)
        self.space(_GAP)

    def fields(self, labels: Sequence[str]) -> None:
        """Lines to write on, together on one page."""
        step = 3 * self.type.body.size
        self._need(step * len(labels))
        for label in labels:
            self.y += step
            self._add(
                Text(text=label, at=(_MARGIN, self.y), lettering=self.type.body, language=self.type.language)
            )
            rule = np.array([(_MARGIN + 220, self.y + 4), (_A4.across - _MARGIN, self.y + 4)])
            self._add(Line(paths=Paths.of([rule]), pen=Pen(colour=_PALE, width=1.0), space="page"))

    def frames(self) -> list[Frame]:
        return [
            Frame(n, Fraction(0), 0.0, _A4, View(0, 0, 1), "#ffffff", (*marks, self._footer(n + 1)))
            for n, marks in enumerate(self.pages)
        ]

    def _footer(self, number: int) -> Text:
        text = f"{self.foot} · {number}/{len(self.pages)}"
        at = (_MARGIN, _A4.down - 0.5 * _MARGIN)
        return Text(text=text, at=at, lettering=self.type.small, language=self.type.language)

    def _need(self, height: float) -> None:
        if self.y + height > _A4.down - _MARGIN:
            self.pages.append([])
            self.y = _MARGIN

    def _add(self, mark: Mark) -> None:
        self.pages[-1].append(mark)
