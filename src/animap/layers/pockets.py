"""Pockets: dated perimeters that morph from state to state, clipped to land."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.rings import Morph, morph
from animap.layers.base import (
    Bare,
    Candidate,
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
from animap.layers.lettering import text_box
from animap.marks import Area, Paths, Shown, Text, faded
from animap.sources import Row
from animap.timeline import Instant, Presence, When
from animap.types import Words

__all__ = ["Outline", "Pocket", "Pockets", "PocketsData", "PocketsLayer", "State"]

State = Literal["held", "encircled", "besieged", "fallen"]
STATES: tuple[State, ...] = ("held", "encircled", "besieged", "fallen")


class Pockets(LayerOptions):
    """Options of a layer of pockets."""

    kind: Literal["pockets"] = "pockets"

    def read(self, survey: Survey) -> PocketsData:
        """Read polygons with `pocket`, `name`, `date`, `state`, `source`, and `until`, `garrison` …"""
        table = survey.reader.table(
            self.file,
            "polygon",
            ("pocket", "name", "date", "state", "source"),
            self.fields,
            crs=self.crs,
            optional_geometry=True,
        )
        groups: dict[str, list[Row]] = {}
        for row in table:
            if survey.wanted(self, row):
                groups.setdefault(row.required("pocket"), []).append(row)
        found = [self._pocket(name, rows, survey) for name, rows in groups.items()]
        return PocketsData(tuple(p for p in found if p))

    def _pocket(self, name: str, rows: Sequence[Row], survey: Survey) -> Pocket | None:
        before = len(survey.report.problems)
        outlines = []
        for row in rows:
            when, until = survey.dated(self, row, "date"), survey.dated(self, row, "until")
            state = row.one_of("state", STATES)
            if not row.text("date") and row.has("date"):
                survey.report.error("'date' is empty", row.where, "say from when this outline holds")
            if row.geometry is None and state != "fallen":
                survey.report.error(
                    "has no geometry", row.where, "draw the outline; only a fallen pocket has none"
                )
            if when and until and until.instant < when.instant:
                survey.report.error(f"holds until {until}, before its date {when}", row.where, "swap the two")
            row.required("source")
            if when:
                stays = until.instant if until else when.instant
                outlines.append(
                    Outline(when, stays, state, row.geometry or shapely.MultiPolygon(), row.where)
                )
        outlines.sort(key=lambda o: o.when.instant)
        for a, b in zip(outlines, outlines[1:], strict=False):
            if a.when.instant == b.when.instant:
                survey.report.error(
                    f"pocket '{name}' has two states at one instant, {b.when}",
                    b.where,
                    f"the other: {a.where}",
                )
            elif a.until > b.when.instant:
                survey.report.error(
                    f"pocket '{name}' still holds its last outline on {b.when}", b.where, "shorten 'until'"
                )
            if a.state == "fallen":
                survey.report.error(f"pocket '{name}' has fallen already", b.where, "remove one of the two")
        if len(survey.report.problems) > before or not outlines:
            return None
        first = rows[0]
        return Pocket(
            name,
            survey.named(first),
            tuple(outlines),
            first.words("garrison"),
            first.text("commander"),
            first.text("operation"),
            first.flag("detail"),
            first.text("source"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A perimeter (map metres) from `when` until `until`, after which it turns into the next."""

    when: When
    until: Instant
    state: str
    shape: BaseGeometry
    where: str


@dataclass(frozen=True, slots=True, eq=False)
class Pocket:
    """A pocket's outlines in order; the last one may be its fall."""

    id: str
    names: Words
    outlines: tuple[Outline, ...]
    garrison: Words
    commander: str
    operation: str
    detail: bool
    source: str


@dataclass(frozen=True, eq=False)
class PocketsData:
    """Pockets in file order."""

    pockets: tuple[Pocket, ...]

    def prepare(self, setting: Setting) -> Layer:
        """Perimeters in one style."""
        return PocketsLayer(setting, tuple(_Siege(p, setting) for p in self.pockets))


class Perimeter:
    """The outline of a pocket at any instant, in map metres, before it is clipped to land."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self._outlines = [o for o in outlines if not o.shape.is_empty]
        fall = outlines[-1]
        self.start = outlines[0].when.instant
        self.fall = fall.when.instant if fall.state == "fallen" else math.inf
        self._morphs: dict[int, Morph] = {}

    def at(self, instant: Instant) -> tuple[int, float]:
        """Which outline it is at an instant, and how far (0 to 1) it has turned into the next."""
        index = max((i for i, o in enumerate(self._outlines) if o.when.instant <= instant), default=0)
        here = self._outlines[index]
        if index + 1 == len(self._outlines) or instant <= here.until:
            return index, 0.0
        following = self._outlines[index + 1].when.instant
        return index, (instant - here.until) / (following - here.until)

    def shape(self, index: int, share: float) -> BaseGeometry:
        """The outline `share` of the way from one state to the next."""
        if share == 0:
            return self._outlines[index].shape
        if index not in self._morphs:
            self._morphs[index] = morph(self._outlines[index].shape, self._outlines[index + 1].shape)
        return self._morphs[index].at(share)

    def state(self, index: int) -> str:
        """State in which the pocket is with an outline."""
        return self._outlines[index].state

    @property
    def extent(self) -> BaseGeometry:
        """Everything that any of the outlines holds."""
        return shapely.union_all([o.shape for o in self._outlines])


class _Siege:
    """One pocket in one style."""

    def __init__(self, pocket: Pocket, setting: Setting) -> None:
        self.pocket, self._setting = pocket, setting
        self.perimeter = Perimeter(pocket.outlines)
        rim = 30 * setting.metres_per_unit
        self._land = shapely.intersection(
            setting.land, shapely.box(*self.perimeter.extent.buffer(rim).bounds)
        )
        clock, style = setting.clock, setting.style.pockets
        self.start = max(0.0, clock.second_of(self.perimeter.start))
        fall = clock.second_of(self.perimeter.fall)
        self.presence = Presence(self.start, fall + style.fade, style.fade, style.fade)
        self.fall = fall
        self._areas = lru_cache(maxsize=4)(self._area)

    def marks(self, moment: Moment) -> list[Shown]:
        share = self.presence.at(moment.second)
        if not share:
            return []
        index, turned = self.perimeter.at(min(moment.instant, self.perimeter.fall))
        return faded(self._areas(index, round(turned, 5)), share)

    def on_land(self, index: int, turned: float) -> BaseGeometry:
        """The outline as it is drawn."""
        shape = self.perimeter.shape(index, turned)
        return shape if self._setting.land.is_empty else shapely.intersection(shape, self._land)

    def _area(self, index: int, turned: float) -> tuple[Area, ...]:
        style = self._setting.style.pockets
        pen = {"held": style.held, "encircled": style.encircled}.get(
            self.perimeter.state(index), style.besieged
        )
        paths = Paths.of_geometry(_polygons(self.on_land(index, turned)))
        hatch = None if self.perimeter.state(index) == "held" else style.hatch
        return (Area(paths=paths, fill=style.fill, hatch=hatch, pen=pen),)

    def name(self) -> Name | None:
        """The pocket's name; none where its outline leaves nothing on land."""
        setting, style = self._setting, self._setting.style.pockets
        text = setting.book.pick(self.pocket.names)
        lasting = max(range(len(self.perimeter._outlines)), key=self._days)
        shape = self.on_land(lasting, 0.0)
        if shape.is_empty:
            return None
        x0, y0, x1, y1 = shape.bounds
        corners = setting.view.to_page(shapely.get_coordinates(shapely.box(x0, y0, x1, y1)), setting.page)
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        size, gap = style.name.size, 7.0
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        spots: list[tuple[float, float, Literal["left", "centre", "right"], float]] = [
            (middle_x, top - gap, "centre", 0.0),
            (left - gap, middle_y + size * 0.26, "right", 0.0),
            (left, top - gap, "right", 0.5),
            (right + gap, top + size * 0.26, "left", 1.5),
            (middle_x, top - gap - size, "centre", 1.5),
            (left - gap, top - gap, "right", 1.0),
            (left, top - gap, "left", 0.7),
            (left, top - gap - size, "left", 1.7),
            (right, top - gap - size, "right", 1.7),
            (left - gap, bottom, "right", 1.0),
            (right + gap, middle_y + size * 0.26, "left", 3.0),
            (middle_x, bottom + gap + size * 0.7, "centre", 3.0),
            (right + gap, bottom, "left", 4.0),
        ]
        candidates = []
        for x, y, align, cost in spots:
            mark = Text(
                text=text, at=(x, y), lettering=style.name, align=align, language=setting.book.language
            )
            box = text_box(text, style.name, x, y, align, setting.book.language)
            candidates.append(Candidate((mark,), (box,), cost))
        priority = 3.5 if not self.pocket.detail else 14.0
        stop = self.fall + style.fade
        return Name(f"pocket:{self.pocket.id}", tuple(candidates), priority, self.start, stop, style.fade)

    def _days(self, index: int) -> float:
        outlines = self.perimeter._outlines
        end = outlines[index + 1].when.instant if index + 1 < len(outlines) else self.perimeter.fall
        return end - outlines[index].when.instant


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a clipped shape; where it only touches the coast it leaves lines and points."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    return shapely.MultiPolygon([g for g in shapely.get_parts(shape) if g.geom_type == "Polygon"])


@dataclass(frozen=True, eq=False)
class PocketsLayer(Bare):
    """Pockets in one style, language and size."""

    sieges: tuple[_Siege, ...] = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Every pocket that stands."""
        for siege in self.sieges:
            yield from siege.marks(moment)

    def names(self) -> Sequence[Name]:
        """Pockets are named beside their outline, toward the sea or where there is room."""
        return [name for siege in self.sieges if (name := siege.name())]

    def obstacles(self) -> Sequence[Obstacle]:
        """None: names may lie on a pocket."""
        return ()

    def events(self) -> Sequence[Event]:
        """The fall of each pocket of the story."""
        return [
            Event(s.perimeter.fall, 2)
            for s in self.sieges
            if not s.pocket.detail and math.isfinite(s.perimeter.fall)
        ]

    def legend(self) -> Sequence[LegendItem]:
        """A besieged pocket, from when there is one."""
        if not self.sieges:
            return ()
        text = self.setting.book.say("pocket_besieged")
        start = min(s.start for s in self.sieges)
        return [LegendItem("pocket", text, "pocket", (self.setting.style.pockets.besieged.colour,), start)]
