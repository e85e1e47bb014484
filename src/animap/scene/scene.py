"""`Scene.frame(i)`: a pure function of the index, on which stills, parallel rendering and resuming rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from animap.errors import Problem
from animap.film import Film
from animap.film.wall import Wall
from animap.layers import BasemapData, Data, Event, LabelLayer, Layer, Moment, Setting
from animap.layers.base import FADE, Obstacle
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
from animap.layers.wordless import Wordless, wordless
from animap.marks import Frame, Page, Shown
from animap.scene.camera import camera_of
from animap.scene.staged import Staged, Versions
from animap.scene.stages import Stages
from animap.style import Style
from animap.style.colour import with_alpha
from animap.timeline import day_of
from animap.types import PARTS, Part, Words
from animap.words import Book, book, well_set

__all__ = ["Scene", "Take", "layout_of"]


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
    layers: tuple[Layer, ...]
    """From the bottom up."""
    origins: tuple[object, ...]
    """What each layer follows from beside its setting and the camera: a layer of the map from its number
    among the film's, names from what they keep clear of, a piece of furniture from all that is in it."""

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
        self.layers, self.origins = zip(*self._build(), strict=True)

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

    def flies(self, index: int) -> bool:
        """Whether the camera moves in a frame."""
        return self.camera.moves(float(self.clock.second(index)))

    def needs(self, index: int) -> int:
        """The last station of the camera that has to be known for a frame, by number."""
        # Names that go when the camera leaves fade before that: whether they go, the next station tells.
        fade = max(FADE, self.style.labels.fade)
        return self.camera.leg(float(self.clock.second(index)) + fade)[1]

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

    def _build(self) -> Iterator[tuple[Layer, object]]:
        """Map layers in the film's order, names over them, furniture over all; with each its origin."""
        settings, take = self._settings(), self.take
        versions = [Versions(data, settings) for data in self.film.layers]
        self.maps = tuple(kind[0] for kind in versions)
        furniture = list(self._furniture(self.maps))
        moves = len(set(settings)) > 1
        unseen = {n for n, data in enumerate(self.film.layers) if _part_of(data) not in take.show}
        for number, kind in enumerate(versions):
            if number not in unseen:
                staged = moves and kind[0].scaled
                yield Staged(self.setting, self.camera, kind) if staged else kind[0], number
        fixed = [o for layer in furniture for o in layer.obstacles()]
        fixed += [Obstacle(box) for box in take.wall.hidden] if take.wall else []
        stages = Stages(self.camera, settings, versions, fixed, frozenset(unseen))
        self._names = LabelLayer.of(settings[0], stages)
        beside = [layer for layer in furniture if _part_of(layer) in take.show]
        if take.text:
            yield Curtained(self.setting, self._names), (fixed, sorted(unseen))
        else:
            # In step with the film that has words: the same map, pictures and seconds.
            beside = [Wordless(self.setting, layer) for layer in beside if wordless(layer)]
        yield from ((layer, layer) for layer in beside)

    def _settings(self) -> Sequence[Setting]:
        """What layers are drawn in at each station; the same object where the camera comes back to a view."""
        first, made = self.setting.view, {}
        for view in (station.view for station in self.camera.stations):
            if view not in made:
                passing = self.camera.passing(view)
                made[view] = replace(self.setting, view=view, passing=passing, zoom=first.width / view.width)
        return [made[station.view] for station in self.camera.stations]

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
