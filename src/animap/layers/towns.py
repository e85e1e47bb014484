"""Towns: a symbol by rank that takes the liberator's colour on its day, and a name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
import shapely

from animap.layers.base import (
    Bare,
    Event,
    Layer,
    LayerOptions,
    LegendItem,
    Moment,
    Name,
    Obstacle,
    Setting,
    Survey,
)
from animap.layers.doubts import day_told
from animap.layers.presence_options import Entrance, only
from animap.layers.spots import Day, around
from animap.marks import Mark, Points, Shown, faded
from animap.style import Pen
from animap.style.colour import rgba, with_alpha
from animap.timeline import When, ease
from animap.types import Words

__all__ = ["Town", "Towns", "TownsData", "TownsLayer"]

_PART, _PARTS = 64, 16
"""Towns in the smallest run that is drawn as one, and runs in the next larger one."""


class Towns(LayerOptions):
    """Options of a layer of towns."""

    kind: Literal["towns"] = "towns"
    enter: Annotated[Entrance, only("pulse", "fade", "grow", "none")] | None = None
    """How a town takes its liberator's colour: a `pulse` is a ring that widens. As the style has it unless
    given."""

    def read(self, survey: Survey) -> TownsData:
        """Read points with `id`, `name`, `source`, and `liberated`, `by`, `rank`, `note`, `disputed`."""
        table = survey.reader.table(
            self.file, "point", ("id", "name", "liberated", "source"), self.fields, crs=self.crs
        )
        table.unique("id")
        towns = []
        for row in table:
            if not survey.wanted(self, row) or not isinstance(row.geometry, shapely.Point):
                continue
            by = survey.formation(row, "by") if row.text("by") else ""
            liberated = survey.dated(self, row, "liberated")
            rank = max(1, int(row.number("rank", 3)))
            disputed = row.when("disputed")
            towns.append(
                Town(
                    row.required("id"),
                    (row.geometry.x, row.geometry.y),
                    survey.named(row),
                    rank,
                    liberated,
                    by,
                    survey.formations[by].nation if by in survey.formations else "",
                    row.required("source"),
                    row.text("note"),
                    disputed,
                    row.flag("detail"),
                    (liberated is not None and liberated.doubtful) or disputed is not None,
                )
            )
        return TownsData(tuple(towns), self.enter)


@dataclass(frozen=True, slots=True)
class Town:
    """A town and its day; `at` in map metres."""

    id: str
    at: tuple[float, float]
    names: Words
    rank: int
    liberated: When | None
    by: str
    nation: str
    source: str
    note: str
    disputed: When | None
    detail: bool
    doubtful: bool = False
    """Whether the day is approximate, uncertain or disputed."""


@dataclass(frozen=True, eq=False)
class TownsData:
    """Towns in file order."""

    towns: tuple[Town, ...]
    enter: Entrance | None = None

    def prepare(self, setting: Setting) -> Layer:
        """Towns by the second at which they are freed."""
        whens = [t.liberated.instant if t.liberated else math.inf for t in self.towns]
        seconds = setting.clock.seconds_of(whens) if whens else np.empty(0)
        order = np.argsort(seconds, kind="stable")
        style = setting.style.towns
        enter = self.enter or Entrance(kind="pulse", seconds=style.pulse_seconds, ease="cubic-out")
        signs = [_Sign(self.towns[i], float(seconds[i]), enter, setting) for i in order]
        return TownsLayer(setting, _Run(signs))


class _Sign:
    """One town in one style: its symbol before and after, and how one becomes the other."""

    def __init__(self, town: Town, second: float, enter: Entrance, setting: Setting) -> None:
        style = setting.style.towns
        self.town, self.second, self._enter = town, second, enter
        self.radius = style.radii[min(town.rank, len(style.radii)) - 1]
        self.colour = setting.style.nation(town.nation) if town.nation else style.free
        self._xy = np.array([town.at])
        self._style = style
        self.occupied = Points(xy=self._xy, radius=self.radius, fill=style.occupied, pen=style.edge)
        dot = Points(xy=self._xy, radius=self.radius, fill=self.colour, pen=style.edge)
        self.free: tuple[Points, ...] = (dot,)
        if town.doubtful and style.doubt:
            # As pale as the style's pen: where doubtful towns crowd, their rings must not shout.
            pale = with_alpha(self.colour, rgba(style.doubt.colour)[3])
            pen = style.doubt.model_copy(update={"colour": pale})
            self.free = (Points(xy=self._xy, radius=self.radius + style.doubt_gap, pen=pen), dot)
        self.settles = second + enter.lasts

    def marks(self, second: float) -> list[Shown]:
        """The symbol, and while it is being freed what leads from one colour to the other."""
        if second < self.second:
            return [self.occupied]
        if second >= self.settles:
            return list(self.free)
        elapsed = second - self.second
        match self._enter.kind:
            case "grow":
                size = self._enter.share(elapsed)
                return [self.occupied, *(_sized(mark, size) for mark in self.free)]
            case "fade":
                return [self.occupied, *faded(self.free, self._enter.share(elapsed))]
            case _:
                return self._pulse(elapsed)

    def _pulse(self, elapsed: float) -> list[Shown]:
        """A ring that widens and pales, and the dot changing colour in the first part of it."""
        share = elapsed / self._enter.lasts
        # A great town's ring reaches further than a village's.
        reach = self._style.pulse * (0.5 + 0.5 * self.radius / self._style.radii[0])
        radius = self.radius + max(0.0, reach - self.radius) * self._enter.share(elapsed)
        # The line thins as the ring widens, as one on water does.
        pen = Pen(colour=self.colour, width=self._style.pulse_width * (1 - 0.6 * share))
        ring = Points(xy=self._xy, radius=radius, pen=pen)
        turning = ease("sine-in-out", 4 * share)
        before = [self.occupied] if turning < 1 else []
        return [*faded([ring], 1 - ease("quad-in", share)), *before, *faded(self.free, turning)]


def _sized(mark: Points, size: float) -> Points:
    return replace(mark, radius=mark.radius * max(0.0, size))


class _Run:
    """Towns freed one after the other: one set of marks before all of them, one after, and in between what
    its parts show. So a frame costs what changes in it, and not what there is."""

    def __init__(self, signs: Sequence[_Sign]) -> None:
        self.signs = signs
        self._first = min((s.second for s in signs), default=math.inf)
        self._last = max((s.settles for s in signs), default=-math.inf)
        size = _PART
        while size * _PARTS < len(signs):
            size *= _PARTS
        few = len(signs) <= _PART
        self._parts = () if few else tuple(_Run(signs[i : i + size]) for i in range(0, len(signs), size))

    def marks(self, second: float) -> Iterable[Shown]:
        """Symbols at a second of film."""
        if second < self._first:
            return self._before
        if second >= self._last:
            return self._after
        return (mark for part in self._parts or self.signs for mark in part.marks(second))

    @cached_property
    def _before(self) -> tuple[Mark, ...]:
        return _together(s.occupied for s in self.signs)

    @cached_property
    def _after(self) -> tuple[Mark, ...]:
        return _together(mark for s in self.signs for mark in s.free)


def _together(points: Iterable[Points]) -> tuple[Mark, ...]:
    """Symbols that look alike as one mark each, small towns below great ones."""
    groups: dict[tuple[float, str | None, Pen | None], list[Points]] = {}
    for mark in points:
        groups.setdefault((mark.radius, mark.fill, mark.pen), []).append(mark)
    # Rings, which have no fill, lie under all dots.
    return tuple(
        Points(xy=np.concatenate([m.xy for m in alike]), radius=radius, fill=fill, pen=pen)
        for (radius, fill, pen), alike in sorted(
            groups.items(), key=lambda item: (item[0][1] is not None, item[0][0])
        )
    )


@dataclass(frozen=True, eq=False)
class TownsLayer(Bare):
    """Towns in one style, language and size."""

    run: _Run = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Symbols, the towns that were freed first at the bottom."""
        return self.run.marks(moment.second)

    def signs(self) -> Sequence[_Sign]:
        """Every town, in order of liberation."""
        return self.run.signs

    def names(self) -> Sequence[Name]:
        """Great towns and those of the story are named throughout, lesser ones around their day."""
        return [name for sign in self.signs() if (name := self._name(sign))]

    def obstacles(self) -> Sequence[Obstacle]:
        """Symbols stay free of names; those of lesser towns, as far as possible."""
        spots = []
        for sign in self.signs():
            x, y = self.setting.view.to_page(np.array([sign.town.at]), self.setting.page)[0]
            r = sign.radius + 1
            spots.append(Obstacle((x - r, y - r, x + r, y + r), soft=sign.town.rank > 3))
        return spots

    def events(self) -> Sequence[Event]:
        """Liberations of the story."""
        pick = self.setting.book.pick
        return [
            Event(s.town.liberated.instant, 2 if s.town.rank <= 2 else 1, pick(s.town.names))
            for s in self.signs()
            if s.town.liberated and not s.town.detail
        ]

    def legend(self) -> Sequence[LegendItem]:
        """An occupied and a liberated town."""
        book, style = self.setting.book, self.setting.style.towns
        signs = list(self.signs())
        if not signs:
            return ()
        free = tuple(dict.fromkeys(s.colour for s in signs if math.isfinite(s.second)))[:3] or (style.free,)
        items = [
            LegendItem("town-occupied", book.say("town_occupied"), "town", (style.occupied,), -math.inf),
            LegendItem("town-free", book.say("town_free"), "town", free, -math.inf),
        ]
        doubtful = [s for s in signs if s.town.doubtful and math.isfinite(max(s.second, 0.0))]
        if doubtful and style.doubt:
            first = min(doubtful, key=lambda s: s.second)
            items.append(LegendItem("doubt", book.say("date_doubt"), "doubt", (first.colour,), first.second))
        return items

    def _name(self, sign: _Sign) -> Name | None:
        town, style, book = sign.town, self.setting.style.labels, self.setting.book
        x, y = self.setting.view.to_page(np.array([town.at]), self.setting.page)[0]
        page = self.setting.page
        if not (0 < x < page.across and 0 < y < page.down):
            return None
        lettering = style.ranks[min(town.rank, len(style.ranks)) - 1]
        text = book.pick(town.names)
        # Twice as close there is room for the next rank.
        keep = style.keep + math.floor(math.log2(max(1.0, self.setting.zoom)) + 0.5)
        throughout = not town.detail or town.rank <= keep
        start = -math.inf if throughout else sign.second - 0.2
        stop = math.inf if throughout else sign.second + style.linger
        if not throughout and not math.isfinite(sign.second):
            return None
        priority = town.rank + (0 if not town.detail else 10) + (0 if throughout else 30)
        gap = sign.radius + style.gap
        day = self._day(sign, min(stop, sign.second + self.setting.style.towns.date_seconds))
        candidates = tuple(around(text, town.at, (x, y), gap, lettering, book.language, day))
        return Name(f"town:{town.id}", candidates, priority, start, stop, style.fade)

    def _day(self, sign: _Sign, stop: float) -> Day | None:
        """The day of liberation, where the film shows how it comes."""
        lettering, when = self.setting.style.towns.date, sign.town.liberated
        if lettering is None or when is None or not math.isfinite(sign.second) or stop <= sign.second:
            return None
        text = day_told(self.setting.book, when, disputed=sign.town.disputed is not None)
        return Day(text, lettering, sign.second, stop)
