"""Dated outlines that turn into one another: of pockets, and of land drawn as occupied."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.rings import Morph, morph
from animap.layers.base import LayerOptions, Survey
from animap.sources import Row
from animap.timeline import Instant, When

__all__ = ["STATES", "Outline", "Perimeter", "State", "polygons", "read_outlines"]

State = Literal["held", "encircled", "besieged", "fallen"]
STATES: tuple[State, ...] = ("held", "encircled", "besieged", "fallen")


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A perimeter (map metres) from `when` until `until`, after which it turns into the next."""

    when: When
    until: Instant
    state: str
    shape: BaseGeometry
    where: str
    doubtful: bool = False
    """Whether its date is approximate, uncertain or disputed."""
    source: str = ""
    disputed: str = ""
    """Another date that references give."""


def read_outlines(
    options: LayerOptions, name: str, rows: Sequence[Row], survey: Survey, *, states: bool = True
) -> tuple[Outline, ...]:
    """Outlines of one perimeter by date; without `states` a row without geometry is its end."""
    outlines = []
    for row in rows:
        when, until = survey.dated(options, row, "date"), survey.dated(options, row, "until")
        state = row.one_of("state", STATES) if states else "fallen" if row.geometry is None else "held"
        if not row.text("date") and row.has("date"):
            survey.report.error("'date' is empty", row.where, "say from when this outline holds")
        if row.geometry is None and state != "fallen":
            survey.report.error(
                "has no geometry", row.where, "draw the outline; only a fallen pocket has none"
            )
        if when and until and until.instant < when.instant:
            survey.report.error(f"holds until {until}, before its date {when}", row.where, "swap the two")
        source, disputed = row.required("source"), row.text("disputed")
        if when:
            stays = until.instant if until else when.instant
            shape = row.geometry or shapely.MultiPolygon()
            doubtful = when.doubtful or bool(disputed)
            outlines.append(Outline(when, stays, state, shape, row.where, doubtful, source, disputed))
    outlines.sort(key=lambda o: o.when.instant)
    _check_order(name, outlines, survey, "pocket" if states else "perimeter")
    return tuple(outlines)


def _check_order(name: str, outlines: Sequence[Outline], survey: Survey, kind: str) -> None:
    for a, b in zip(outlines, outlines[1:], strict=False):
        if a.when.instant == b.when.instant:
            survey.report.error(
                f"{kind} '{name}' has two states at one instant, {b.when}", b.where, f"the other: {a.where}"
            )
        elif a.until > b.when.instant:
            survey.report.error(
                f"{kind} '{name}' still holds its last outline on {b.when}", b.where, "shorten 'until'"
            )
        if a.state == "fallen":
            survey.report.error(f"{kind} '{name}' has fallen already", b.where, "remove one of the two")


class Perimeter:
    """The outline of a pocket at any instant, in map metres, before it is clipped to land."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self.outlines = tuple(o for o in outlines if not o.shape.is_empty)
        fall = outlines[-1]
        self.start = outlines[0].when.instant
        self.fall = fall.when.instant if fall.state == "fallen" else math.inf
        closed = [o.when.instant for o in outlines if o.state in ("encircled", "besieged")]
        self.closed = closed[0] if closed else math.inf
        """When the ring around it closes; infinite if that never happens."""
        self._instants = [o.when.instant for o in self.outlines]
        self._morphs: dict[int, Morph] = {}
        # Tint, hatching and line all ask for the same shape.
        self.shape = lru_cache(maxsize=2)(self._shape)

    def at(self, instant: Instant) -> tuple[int, float]:
        """Which outline it is at an instant, and how far (0 to 1) it has turned into the next."""
        index = max(bisect.bisect_right(self._instants, instant) - 1, 0)
        here = self.outlines[index]
        if index + 1 == len(self.outlines) or instant <= here.until:
            return index, 0.0
        following = self.outlines[index + 1].when.instant
        return index, (instant - here.until) / (following - here.until)

    def _shape(self, index: int, share: float) -> BaseGeometry:
        """The outline `share` of the way from one state to the next."""
        if share == 0:
            return self.outlines[index].shape
        if index not in self._morphs:
            self._morphs[index] = morph(self.outlines[index].shape, self.outlines[index + 1].shape)
        return self._morphs[index].at(share)

    def state(self, index: int) -> str:
        """State in which the pocket is with an outline."""
        return self.outlines[index].state

    def days(self, index: int) -> float:
        """Days from an outline to the next, or to the fall."""
        last = index + 1 == len(self.outlines)
        end = self.fall if last else self.outlines[index + 1].when.instant
        return end - self.outlines[index].when.instant

    @cached_property
    def extent(self) -> BaseGeometry:
        """Everything that any of the outlines holds."""
        return shapely.union_all([o.shape for o in self.outlines])


def polygons(shape: BaseGeometry, least: float = 0.0) -> BaseGeometry:
    """The polygons of a shape that are larger than `least` square metres, without lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    kept = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > least)]
    return shapely.multipolygons(kept) if len(kept) else shapely.MultiPolygon()
