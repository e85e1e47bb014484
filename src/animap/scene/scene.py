"""`Scene.frame(i)`: a pure function of the index, on which stills, parallel rendering and resuming rest."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np

from animap.errors import Problem
from animap.film import Film
from animap.film.wall import Wall
from animap.layers import BasemapData, Data, Event, LabelLayer, Layer, Moment, Setting
from animap.layers.base import Name, Obstacle
from animap.layers.captions import CaptionsLayer
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
from animap.layers.wordless import Wordless, wordless
from animap.marks import Frame, Page, Shown, View
from animap.scene.camera import camera_of
from animap.scene.staged import Staged, Versions
from animap.style import Style
from animap.style.colour import with_alpha
from animap.timeline import day_of
from animap.types import PARTS, Part, Words
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
    text: bool = True
    """Whether words are shown; without, the picture is that of any language, to be dubbed elsewhere."""
    show: tuple[Part, ...] = PARTS
    """What of the picture is shown; it stands where it would stand beside the rest."""
    wall: Wall | None = None
    """The screens that the page is cut into: no words stand across two, and cards stand on one."""

    @property
    def clear(self) -> bool:
        """Whether the picture is transparent where nothing is drawn."""
        return "map" not in self.show


def layout_of(film: Film, style: Style, page: Page, wall: Wall | None = None) -> Layout:
    """Where furniture stands: the same in all languages of the film."""
    spec = film.spec

    def lines(width: float) -> int:
        return film.captions.lines_needed(style, spec.spoken, width)

    date = date_width(style, spec.spoken, spec.period.start.earliest, spec.period.end.latest)
    locator = film.locator.aspect if film.locator else None
    return Layout.of(page, style.furniture, Needs(lines, date, locator), wall.screen if wall else None)


class Scene:
    """A film in one style, language and size; `maps` are its layers as the film's first view has them."""

    maps: tuple[Layer, ...]

    def __init__(self, film: Film, style: Style, take: Take) -> None:
        self.film, self.style, self.take = film, style, take
        self.clock = film.clock(take.fps)
        self.layout = layout_of(film, style, take.page, take.wall)
        self.camera = camera_of(film, take.page, self.clock, self.layout.free)
        self.setting = Setting(
            style,
            book(take.language),
            take.page,
            self.camera.stations[0].view,
            self.clock,
            film.land,
            film.formations,
            film.layers,
            screen=take.wall.central if take.wall else None,
            mapped=not take.clear,
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
        return self._framed(moment, (mark for layer in self.layers for mark in layer.marks(moment)))

    def moment(self, index: int) -> Moment:
        """What a layer is told of the frame at an index."""
        second = float(self.clock.second(index))
        return Moment(index, second, self.clock.instant(index), self.camera.at(second))

    def assembled(self, index: int, marks: Iterable[Shown]) -> Frame:
        """The frame at an index, given the marks that all layers have at its moment, from the bottom up."""
        return self._framed(self.moment(index), marks)

    def _framed(self, moment: Moment, marks: Iterable[Shown]) -> Frame:
        assert moment.view
        index, page, land = moment.frame, self.take.page, self.style.basemap.land
        second, flying = self.clock.second(index), self.camera.moves(moment.second)
        ground = with_alpha(land, 0) if self.take.clear else land
        return Frame(index, second, moment.instant, page, moment.view, ground, tuple(marks), flying)

    def begin(self, pool: Executor) -> None:
        """Begin beside everything else what takes long, for whoever will ask for frames all over the film."""
        for layer in self.layers:
            layer.begin(pool)

    def day(self, index: int) -> dt.date:
        """The day that a frame shows."""
        return day_of(self.clock.instant(index))

    def surprises(self) -> list[Problem]:
        """What is important and comes while the camera flies, when nobody can look at it."""
        return [
            Problem(
                f"the camera flies while this comes, on {day_of(event.instant)}: {event.what}",
                f"{self.film.file}, view.keys {n}",
                "say hold = true there, so that history waits, or change its 'at' or 'seconds'",
            )
            for n, (a, b) in enumerate(pairwise(self.camera.stations), 1)
            for event in self._events
            if a.leaves < self.clock.second_of(event.instant) < b.arrives
        ]

    def labels(self) -> LabelLayer:
        """The layer of placed names."""
        return self._names

    def _build(self) -> Iterator[Layer]:
        """Map layers in the film's order, names over them, furniture over all."""
        settings = self._settings()
        versions = [Versions(data, settings) for data in self.film.layers]
        self.maps = tuple(kind[0] for kind in versions)
        furniture = list(self._furniture(self.maps))
        moves = len(set(settings)) > 1
        for data, kind in zip(self.film.layers, versions, strict=True):
            if _part_of(data) in self.take.show:
                yield Staged(self.setting, self.camera, kind) if moves and kind[0].scaled else kind[0]
        self._names = LabelLayer.of(settings[0], self._stages(settings, versions, furniture))
        beside = [layer for layer in furniture if _part_of(layer) in self.take.show]
        if self.take.text:
            yield Curtained(self.setting, self._names)
            yield from beside
        else:
            # In step with the film that has words: the same map, pictures and seconds.
            yield from (Wordless(self.setting, layer) for layer in beside if wordless(layer))

    def _settings(self) -> Sequence[Setting]:
        """What layers are drawn in at each station; the same object where the camera comes back to a view."""
        first, made = self.setting.view, {}
        for view in (station.view for station in self.camera.stations):
            if view not in made:
                passing = self.camera.passing(view)
                made[view] = replace(self.setting, view=view, passing=passing, zoom=first.width / view.width)
        return [made[station.view] for station in self.camera.stations]

    def _stages(
        self, settings: Sequence[Setting], versions: Sequence[Versions], beside: Sequence[Layer]
    ) -> Iterator[Stage]:
        """What there is to name at each station of the camera."""
        fixed = [o for layer in beside for o in layer.obstacles()]
        fixed += [Obstacle(box) for box in self.take.wall.hidden] if self.take.wall else []
        known: dict[View, tuple[list[Name], list[Obstacle], frozenset[str]]] = {}
        left = -math.inf
        for n, station in enumerate(self.camera.stations):
            if station.view not in known:
                known[station.view] = self._nameable([kind[n] for kind in versions], fixed)
            names, obstacles, hidden = known[station.view]
            coming = (
                [self.camera.at(s) for s in np.linspace(left, station.arrives, _LOOKS).tolist()] if n else []
            )
            yield Stage(settings[n], names, obstacles, station.arrives, station.leaves, coming, hidden)
            left = station.leaves

    def _nameable(
        self, layers: Sequence[Layer], fixed: Sequence[Obstacle]
    ) -> tuple[list[Name], list[Obstacle], frozenset[str]]:
        """Names at one view, what they keep clear of, and the ids of those that are not shown."""
        names: list[Name] = []
        hidden: set[str] = set()
        for data, layer in zip(self.film.layers, layers, strict=True):
            own = layer.names()
            names += own
            if _part_of(data) not in self.take.show:
                hidden |= {name.id for name in own}
        hurdles = [o for layer in layers for o in layer.obstacles()]
        return names, [*fixed, *hurdles], frozenset(hidden)

    def _furniture(self, maps: Sequence[Layer]) -> Iterator[Layer]:
        setting, spec, layout = self.setting, self.film.spec, self.layout
        captions = self.film.captions.prepare(
            setting, layout.caption, layout.pad, self.film.readings, rises=layout.caption_rises
        )
        self._events: list[Event] = [e for layer in (*maps, captions) for e in layer.events()]
        legend = [item for layer in maps for item in layer.legend()]
        say = setting.book
        yield Curtained(setting, DateDisplay(setting, layout))
        yield captions
        hidden = self.take.wall.hidden if self.take.wall else ()
        yield Curtained(setting, TimeLine(setting, layout.timeline, self._events, hidden))
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


def _part_of(item: Data | Layer) -> Part:
    """What of the picture a layer of the map, or one that stands beside it, belongs to."""
    match item:
        case BasemapData():
            return "map"
        case CaptionsLayer():
            return "captions"
        case Curtained() | TitleCard() | EndCard():
            return "furniture"
    return "marks"


def _line(words: Words | str, say: Book) -> str:
    return well_set(words, say.language) if isinstance(words, str) else say.pick(words)
