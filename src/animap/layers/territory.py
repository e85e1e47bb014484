"""Occupied land: a tint whose edge, the front, follows from all that is dated on the map.

The arrival field has the day of every dated town and the passage of every axis. Land is occupied where
the field says later than now, and inside every pocket. Nothing is said further than `reach` from evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from animap.geo.field import ArrivalField, arrival_field
from animap.geo.lines import lengths
from animap.layers.advances import AdvancesData, Walk
from animap.layers.base import Bare, Layer, LegendItem, Moment, Setting, Survey
from animap.layers.pockets import Perimeter, PocketsData
from animap.layers.towns import TownsData
from animap.marks import Area, Line, Paths, Shown
from animap.timeline import Instant
from animap.types import Floats

__all__ = ["Territory", "TerritoryData", "TerritoryLayer"]

_STEP = 6000.0
"""Metres between the places at which an axis counts as evidence."""


class Territory(BaseModel):
    """Options of the occupied land, derived from the film's towns, axes and pockets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["territory"] = "territory"
    id: str = ""
    reach: Annotated[float, Field(gt=1, le=500)] = 30.0
    """Kilometres from dated evidence beyond which the map says nothing."""
    cell: Annotated[float, Field(ge=0.2, le=50)] = 2.0
    """Kilometres between the nodes of the field."""

    def read(self, survey: Survey) -> TerritoryData:  # noqa: ARG002
        """Nothing to read: the evidence is in the other layers."""
        return TerritoryData(self.reach * 1000, self.cell * 1000)


@dataclass(frozen=True)
class TerritoryData:
    """How far evidence reaches and how fine the field is, in metres."""

    reach: float
    cell: float

    def prepare(self, setting: Setting) -> Layer:
        """The field, computed once for a scene."""
        return TerritoryLayer(setting, Front.of(setting, self.reach, self.cell))


class Front:
    """Occupied land at any instant."""

    def __init__(
        self, arrivals: ArrivalField | None, scope: BaseGeometry, pockets: Sequence[Perimeter]
    ) -> None:
        self.arrivals, self.scope, self.pockets = arrivals, scope, pockets

    @classmethod
    def of(cls, setting: Setting, reach: float, cell: float) -> Front:
        """From the evidence of all layers of a film."""
        pockets = [
            Perimeter(p.outlines)
            for data in setting.data
            if isinstance(data, PocketsData)
            for p in data.pockets
        ]
        held = shapely.union_all([p.extent for p in pockets]) if pockets else shapely.Polygon()
        shapely.prepare(held)
        towns = [t for data in setting.data if isinstance(data, TownsData) for t in data.towns]
        firm = [
            (t.at, t.liberated.instant)
            for t in towns
            if t.liberated is not None and not held.contains(shapely.Point(t.at))
        ]
        passed = [
            place
            for data in setting.data
            if isinstance(data, AdvancesData)
            for advance in data.advances
            for place in _passages(advance.walk)
            if not held.contains(shapely.Point(place[0]))
        ]
        if len(firm) + len(passed) < 3:
            return cls(None, shapely.Polygon(), pockets)
        places = np.array([at for at, _ in firm + passed], dtype=float)
        instants = np.array([when for _, when in firm + passed])
        scope = _scope(places, held, setting.land, reach)
        arrivals = arrival_field(scope.bounds, places, instants, cell, len(firm))
        return cls(arrivals, scope, pockets)

    def occupied(self, instant: Instant) -> BaseGeometry:
        """Occupied area in map metres, coast not yet considered."""
        if self.arrivals is None:
            return shapely.Polygon()
        open_land = shapely.intersection(self.arrivals.later_than(instant), self.scope)
        held = [p.shape(*p.at(instant)) for p in self.pockets if p.start <= instant < p.fall]
        return shapely.union_all([open_land, *held])

    def line(self, instant: Instant) -> BaseGeometry:
        """The front: where occupied and free land meet, outside the pockets."""
        if self.arrivals is None:
            return shapely.LineString()
        late = shapely.intersection(self.arrivals.later_than(instant), self.scope)
        inner = shapely.intersection(late.boundary, self.scope.buffer(-self._rim))
        held = [p.shape(*p.at(instant)) for p in self.pockets if p.start <= instant < p.fall]
        return shapely.difference(inner, shapely.union_all(held)) if held else inner

    _rim = 400.0


def _passages(way: Walk) -> Iterable[tuple[tuple[float, float], Instant]]:
    """Places along an axis and the instants at which its head was there."""
    instants = np.linspace(way.instants[0], way.instants[-1], 200)
    metres = np.array([way.metres_at(i) for i in instants.tolist()])
    xy, along = way.curve.xy, lengths(way.curve.xy)
    for at in np.arange(0, along[-1] + 1, _STEP):
        x, y = np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])
        yield (float(x), float(y)), float(np.interp(at, metres, instants))


def _scope(places: Floats, held: BaseGeometry, land: BaseGeometry, reach: float) -> BaseGeometry:
    """Land near evidence; islands and shores without any are left out."""
    near = shapely.union_all(shapely.buffer(shapely.points(places), reach))
    near = shapely.union_all([near, held.buffer(reach / 3)]).buffer(reach / 2).buffer(-reach / 2)
    if land.is_empty:
        return near
    points = shapely.MultiPoint(places)
    shores = [g for g in shapely.get_parts(land) if g.intersects(points)]
    # A little into the sea, which is painted over it: no gap along the coast.
    return shapely.intersection(near, shapely.union_all(shores).simplify(300).buffer(1500))


@dataclass(frozen=True, eq=False)
class TerritoryLayer(Bare):
    """The tint and the front line in one style."""

    front: Front = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_drawn", lru_cache(maxsize=4)(self._draw))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Tint and line; the same objects while the front rests."""
        drawn: Iterable[Shown] = self._drawn(self._rested(moment.instant))  # type: ignore[attr-defined]
        return drawn

    def _rested(self, instant: Instant) -> Instant:
        """The instant to the minute, or the last one at which anything moved."""
        arrivals = self.front.arrivals
        if arrivals is None:
            return 0.0
        ends = [float(arrivals.instants.max())]
        ends += [p.fall for p in self.front.pockets if math.isfinite(p.fall)]
        return round(min(instant, max(ends) + 1e-3) * 1440) / 1440

    def _draw(self, instant: Instant) -> tuple[Shown, ...]:
        style = self.setting.style.territory
        area = Area(paths=Paths.of_geometry(_polygons(self.front.occupied(instant))), fill=style.occupied)
        if style.front is None:
            return (area,)
        lines = shapely.line_merge(self.front.line(instant))
        return area, Line(paths=Paths.of_geometry(lines), pen=style.front)

    def legend(self) -> Sequence[LegendItem]:
        """Occupied land."""
        text = self.setting.book.say("territory_occupied")
        return [LegendItem("territory", text, "area", (self.setting.style.territory.occupied,), -math.inf)]


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon(
        [g for g in shapely.get_parts(shapely.get_parts(shape)) if g.geom_type == "Polygon"]
    )
