"""`Scene.frame(i)`: a pure function of the index, on which stills, parallel rendering and resuming rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from animap.film import Film
from animap.layers import Event, LabelLayer, Layer, Moment, Setting
from animap.layers.furniture import (
    Curtained,
    DateDisplay,
    EndCard,
    Layout,
    Legend,
    Needs,
    TimeLine,
    TitleCard,
    date_width,
)
from animap.layers.labels import Stage
from animap.marks import Frame, Page, Shown
from animap.scene.camera import camera_of
from animap.style import Style
from animap.timeline import day_of
from animap.types import Words
from animap.words import Book, book, well_set

__all__ = ["Scene", "Take", "layout_of"]

_LOOKS = 24
"""Views on a flight at which names are looked at for overlaps."""


@dataclass(frozen=True, slots=True)
class Take:
    """What one output asks of a film: size in pixels, frames per second, language."""

    page: Page
    fps: Fraction
    language: str


def layout_of(film: Film, style: Style, page: Page) -> Layout:
    """Where furniture stands: the same in all languages of the film."""
    spec = film.spec

    def lines(width: float) -> int:
        return film.captions.lines_needed(style, spec.spoken, width)

    date = date_width(style, spec.spoken, spec.period.start.earliest, spec.period.end.latest)
    locator = film.locator.aspect if film.locator else None
    return Layout.of(page, style.furniture, Needs(lines, date, locator))


class Scene:
    """A film in one style, language and size."""

    def __init__(self, film: Film, style: Style, take: Take) -> None:
        self.film, self.style, self.take = film, style, take
        self.clock = film.clock(take.fps)
        self.layout = layout_of(film, style, take.page)
        self.camera = camera_of(film, take.page, self.clock, self.layout.free)
        self.setting = Setting(
            style,
            book(take.language),
            take.page,
            self.camera.widest,
            self.clock,
            film.land,
            film.formations,
            film.layers,
            self.camera.closest,
        )
        self.layers = tuple(self._build())

    @property
    def frames(self) -> int:
        """Number of frames in the film."""
        return self.clock.frames

    def frame(self, index: int) -> Frame:
        """The frame at an index, 0 to `frames - 1`; IndexError outside."""
        if not 0 <= index < self.frames:
            raise IndexError(f"the film has frames 0 to {self.frames - 1}, not {index}")
        moment = self.moment(index)
        return self.assembled(index, (mark for layer in self.layers for mark in layer.marks(moment)))

    def moment(self, index: int) -> Moment:
        """What a layer is told of the frame at an index."""
        return Moment(index, float(self.clock.second(index)), self.clock.instant(index))

    def assembled(self, index: int, marks: Iterable[Shown]) -> Frame:
        """The frame at an index, given the marks that all layers have at its moment, from the bottom up."""
        moment = self.moment(index)
        view, ground = self.camera.at(moment.second), self.style.basemap.land
        second = self.clock.second(index)
        return Frame(index, second, moment.instant, self.take.page, view, ground, tuple(marks))

    def day(self, index: int) -> dt.date:
        """The day that a frame shows."""
        return day_of(self.clock.instant(index))

    def labels(self) -> LabelLayer:
        """The layer of placed names."""
        return self._names

    def _build(self) -> Iterator[Layer]:
        """Map layers in the film's order, names over them, furniture over all."""
        film, setting = self.film, self.setting
        maps = [data.prepare(setting) for data in film.layers]
        furniture = list(self._furniture(maps))
        yield from maps
        self._names = self._labels(maps, furniture)
        yield Curtained(setting, self._names)
        yield from furniture

    def _labels(self, maps: Sequence[Layer], furniture: Sequence[Layer]) -> LabelLayer:
        """Names placed for each station of the camera."""
        stages, flights = [], []
        fixed = [o for layer in furniture for o in layer.obstacles()]
        stations = self.camera.stations
        for station in stations:
            setting, layers = self.setting, maps
            if station.view != setting.view:
                setting = replace(setting, view=station.view)
                layers = [data.prepare(setting) for data in self.film.layers]
            names = [name for layer in layers for name in layer.names()]
            obstacles = [*fixed, *(o for layer in layers for o in layer.obstacles())]
            stages.append(Stage(setting, names, obstacles, station.arrives, station.leaves))
        for a, b in pairwise(stations):
            steps = np.linspace(a.leaves, b.arrives, _LOOKS)
            flights.append([self.camera.at(second) for second in steps.tolist()])
        return LabelLayer.of(stages, flights)

    def _furniture(self, maps: Sequence[Layer]) -> Iterator[Layer]:
        setting, spec, layout = self.setting, self.film.spec, self.layout
        captions = self.film.captions.prepare(
            setting, layout.caption, layout.pad, self.film.readings, rises=layout.caption_rises
        )
        events: list[Event] = [e for layer in (*maps, captions) for e in layer.events()]
        legend = [item for layer in maps for item in layer.legend()]
        say = setting.book
        yield Curtained(setting, DateDisplay(setting, layout))
        yield captions
        yield Curtained(setting, TimeLine(setting, layout.timeline, events))
        yield Curtained(setting, Legend(setting, layout, legend))
        if self.film.locator and layout.locator:
            yield Curtained(setting, self.film.locator.prepare(setting, layout.locator))
        yield TitleCard(setting, say.pick(spec.title), say.pick(spec.subtitle))
        yield EndCard(
            setting,
            say.pick(spec.title),
            [_line(w, say) for w in spec.credits.sources],
            [_line(w, say) for w in spec.credits.lines],
        )


def _line(words: Words | str, say: Book) -> str:
    return well_set(words, say.language) if isinstance(words, str) else say.pick(words)
