"""`Scene.frame(i)`: a pure function of the index, on which stills, parallel rendering and resuming rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from animap.film import Film
from animap.layers import Event, LabelLayer, Layer, Moment, Obstacle, Setting
from animap.layers.base import Rect
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
from animap.marks import Frame, Page, View
from animap.style import Style
from animap.timeline import day_of
from animap.types import Words
from animap.words import Book, book, well_set

__all__ = ["Scene", "Take", "layout_of", "view_of"]


@dataclass(frozen=True, slots=True)
class Take:
    """What one output asks of a film: size in pixels, frames per second, language."""

    page: Page
    fps: Fraction
    language: str


def view_of(film: Film, page: Page, free: Rect | None = None) -> View:
    """The view that holds the film's extent, whatever the page's shape.

    Where the page is taller than the extent, that stands in the middle of what is `free` of furniture,
    as far as it stays in the picture.
    """
    left, bottom, right, top = film.projection.bounds(film.extent)
    width = max(right - left, (top - bottom) * page.across / page.down)
    scale = width / page.across
    spare = max(0.0, page.down - (top - bottom) / scale) / 2
    middle = (free[1] + free[3]) / 2 if free else page.down / 2
    down = min(spare, max(-spare, middle - page.down / 2))
    return View((left + right) / 2, (bottom + top) / 2 + down * scale, width)


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
        self.view = view_of(film, take.page, self.layout.free)
        self.setting = Setting(
            style,
            book(take.language),
            take.page,
            self.view,
            self.clock,
            film.land,
            film.formations,
            film.layers,
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
        second = self.clock.second(index)
        moment = Moment(index, float(second), self.clock.instant(index))
        marks = tuple(mark for layer in self.layers for mark in layer.marks(moment))
        return Frame(index, second, moment.instant, self.take.page, self.view, self.style.basemap.land, marks)

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
        obstacles: list[Obstacle] = [o for layer in (*maps, *furniture) for o in layer.obstacles()]
        names = [name for layer in maps for name in layer.names()]
        yield from maps
        self._names = LabelLayer.of(setting, names, obstacles)
        yield Curtained(setting, self._names)
        yield from furniture

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
