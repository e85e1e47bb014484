"""Pockets: dated perimeters that morph from state to state, clipped to land."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

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
from animap.layers.perimeter import Outline, Perimeter, State, read_outlines
from animap.layers.presence_options import Entrance, only
from animap.layers.siege import Siege, siege_name
from animap.marks import Shown
from animap.sources import Row
from animap.types import Words

__all__ = ["Outline", "Perimeter", "Pocket", "Pockets", "PocketsData", "PocketsLayer", "State"]


class Pockets(LayerOptions):
    """Options of a layer of pockets."""

    kind: Literal["pockets"] = "pockets"
    enter: Annotated[Entrance, only("draw-on", "fade", "none")] | None = None
    """How the line closes round a pocket, and how fast its hatching comes; unless given, as the style
    has it."""
    exit: Annotated[Entrance, only("fade", "draw-on", "none")] | None = None
    """How a pocket goes when it falls; its hatching thins out while it does."""

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
        return PocketsData(tuple(p for p in found if p), self.enter, self.exit)

    def _pocket(self, name: str, rows: Sequence[Row], survey: Survey) -> Pocket | None:
        before = len(survey.report.problems)
        outlines = read_outlines(self, name, rows, survey)
        if len(survey.report.problems) > before or not outlines:
            return None
        first = rows[0]
        return Pocket(
            name,
            survey.named(first),
            outlines,
            survey.named(first, "garrison") if first.words("garrison") else {},
            first.text("commander"),
            first.text("operation"),
            first.flag("detail"),
            first.text("source"),
        )


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
    enter: Entrance | None = None
    exit: Entrance | None = None

    def prepare(self, setting: Setting) -> Layer:
        """Perimeters in one style."""
        sieges = (
            Siege(Perimeter(p.outlines), setting, self.enter, self.leaving(setting)) for p in self.pockets
        )
        return PocketsLayer(setting, self.pockets, tuple(sieges))

    def leaving(self, setting: Setting) -> Entrance:
        """How pockets go, as the film says or else the style."""
        return self.exit or Entrance(seconds=setting.style.pockets.dissolve_seconds, ease="cubic-out")


@dataclass(frozen=True, eq=False)
class PocketsLayer(Bare):
    """Pockets in one style, language and size."""

    scaled: ClassVar[bool] = True

    pockets: tuple[Pocket, ...] = field(repr=False)
    sieges: tuple[Siege, ...] = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Every pocket that stands."""
        for siege in self.sieges:
            yield from siege.marks(moment)

    def names(self) -> Sequence[Name]:
        """Pockets are named beside their outline, toward the sea or where there is room."""
        return [name for pair in self._pairs() if (name := self._name(*pair))]

    def _pairs(self) -> Iterable[tuple[Pocket, Siege]]:
        return zip(self.pockets, self.sieges, strict=True)

    def _name(self, pocket: Pocket, siege: Siege) -> Name | None:
        book = self.setting.book
        facts = [pocket.commander, book.pick(pocket.garrison)]
        told = ", ".join(fact for fact in facts if fact)
        # Long sieges choose first; then small pockets, which have the least choice.
        perimeter = siege.perimeter
        days, area = min(perimeter.fall, self.setting.clock.end) - perimeter.start, perimeter.extent.area
        priority = (
            (3.5 if not pocket.detail else 14.0) + 0.4 * math.exp(-days / 60) + 0.05 * area / (area + 2e8)
        )
        return siege_name(f"pocket:{pocket.id}", book.pick(pocket.names), told, siege, priority)

    def obstacles(self) -> Sequence[Obstacle]:
        """None: names may lie on a pocket."""
        return ()

    def events(self) -> Sequence[Event]:
        """The fall of each pocket of the story."""
        return [
            Event(siege.perimeter.fall, 2, self.setting.book.pick(pocket.names))
            for pocket, siege in self._pairs()
            if not pocket.detail and math.isfinite(siege.perimeter.fall)
        ]

    def legend(self) -> Sequence[LegendItem]:
        """A besieged pocket, from when there is one."""
        closed = [s.closed for s in self.sieges if math.isfinite(s.closed)]
        if not closed:
            return ()
        text = self.setting.book.say("pocket_besieged")
        colours = (self.setting.style.pockets.besieged.colour,)
        return [LegendItem("pocket", text, "pocket", colours, min(closed))]
