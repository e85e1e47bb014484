"""Occupied land: a tint whose edge, the front, moves.

The front follows from all that is dated on the map: the arrival field has the day of every dated town and
the passage of every axis, land is occupied where it says later than now and inside every pocket, and
nothing is said further than `reach` from evidence. Or a `file` has dated outlines, drawn by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from animap.geo.fence import Fence
from animap.geo.rails import Rails
from animap.geo.teeth import Riders, ride
from animap.layers.base import Bare, Layer, LayerOptions, LegendItem, Moment, Setting, Survey
from animap.layers.basemap import BasemapData
from animap.layers.front import Front, Turned, held_by, hold_outs
from animap.layers.perimeter import Perimeter, polygons, read_outlines
from animap.layers.pockets import PocketsData
from animap.layers.presence_options import AT_ONCE, Entrance, only
from animap.layers.tides import Tide, derived, drawn_by_hand
from animap.marks import Area, Line, Mark, Paths, Shown, faded
from animap.sources import Row
from animap.style.colour import rgba
from animap.timeline import Instant
from animap.types import Floats

__all__ = ["Territory", "TerritoryData", "TerritoryLayer"]

_BASINS, _SHORE, _STUB, _CLEAR = 5.0, 2.5, 14.0, 6.0
"""Units: water that the front runs across; its distance from the coast and from pockets; its least length."""
_TEETH_EVERY = 0.3
"""Film seconds between the steps at which teeth are followed."""


class Territory(LayerOptions):
    """Options of the occupied land: derived from the film's towns, axes and pockets, or out of a file."""

    kind: Literal["territory"] = "territory"
    file: str = ""
    """Dated outlines, `date`, `until`, `source` and an `id` where there are several; instead of deriving."""
    reach: Annotated[float, Field(gt=1, le=500)] = 30.0
    """Kilometres from dated evidence beyond which the map says nothing."""
    cell: Annotated[float, Field(ge=0.2, le=50)] = 2.0
    """Kilometres between the nodes of the field."""
    enter: Annotated[Entrance, only("fade", "none")] = AT_ONCE
    """How tint and front come once the film has opened."""
    speck: Annotated[float, Field(ge=0, le=10000)] = 20.0
    """Square kilometres under which a piece of land is left out, unless a town says otherwise."""

    def read(self, survey: Survey) -> TerritoryData:
        """Read the outlines, if there are any: else the evidence is in the other layers."""
        return TerritoryData(
            self._outlines(survey) if self.file else (),
            self.reach * 1e3,
            self.cell * 1e3,
            self.speck * 1e6,
            self.enter,
        )

    def _outlines(self, survey: Survey) -> tuple[Perimeter, ...]:
        table = survey.reader.table(
            self.file, "polygon", ("date", "source"), self.fields, crs=self.crs, optional_geometry=True
        )
        groups: dict[str, list[Row]] = {}
        for row in table:
            if survey.wanted(self, row):
                groups.setdefault(row.text("id"), []).append(row)
        found = [read_outlines(self, name, rows, survey, states=False) for name, rows in groups.items()]
        return tuple(Perimeter(outlines) for outlines in found if outlines)


@dataclass(frozen=True, eq=False)
class TerritoryData:
    """Outlines drawn by hand; else how far evidence reaches and how fine the field is, in (square) metres."""

    perimeters: tuple[Perimeter, ...]
    reach: float
    cell: float
    speck: float
    enter: Entrance = AT_ONCE

    @cached_property
    def _known(self) -> list[tuple[Setting, Front]]:
        """The front last derived, and for which setting."""
        return []

    def prepare(self, setting: Setting) -> Layer:
        """The field, computed once for a scene: it is the same from wherever the camera looks."""
        place = setting.data.index(self) if self in setting.data else len(setting.data)
        later = setting.data[place + 1 :]
        covered = setting.mapped and any(isinstance(data, BasemapData) for data in later)
        for known, front in self._known:
            if known.data is setting.data and known.land is setting.land:
                return TerritoryLayer(setting, front, covered, self.enter, lowest=place == 0)
        self._known[:] = [(setting, self._front(setting))]
        return TerritoryLayer(setting, self._known[0][1], covered, self.enter, lowest=place == 0)

    def _front(self, setting: Setting) -> Front:
        pockets = held_by(setting.data)
        tide: Tide | None = (
            drawn_by_hand(self.perimeters, setting.land)
            if self.perimeters
            else derived(setting.data, pockets, setting.land, self.reach, self.cell, self.speck)
        )
        left = () if self.perimeters else hold_outs(setting.data, pockets)
        return Front(tide, pockets, setting.land, left)


@dataclass(frozen=True, eq=False)
class TerritoryLayer(Bare):
    """The tint and the front line in one style; `covered` where a basemap's sea is painted over it, `lowest`
    where nothing lies under it."""

    scaled: ClassVar[bool] = True

    front: Front = field(repr=False)
    covered: bool
    enter: Entrance
    lowest: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cut_out", lru_cache(maxsize=2)(self._cut))
        object.__setattr__(self, "_lined", lru_cache(maxsize=2)(self._draw_line))
        object.__setattr__(self, "_left", lru_cache(maxsize=4)(self._tint_left))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Tint and line; the same objects while the front rests."""
        share = self._entered(moment.second)
        if self.front.tide is None or not share:
            return
        # To the minute: nothing is computed again while history stands still.
        rested = min(math.floor(moment.instant * 1440) / 1440, self.front.settled)
        turned = self.front.turned(moment.instant)
        yield from faded([self._tint(rested, turned)], share)
        if cover := self._cover:
            yield cover
        yield from self._leaving(moment.second, share)
        yield from faded(self._lined(rested, turned), share)  # type: ignore[attr-defined]

    def _entered(self, second: float) -> float:
        if self.enter.kind == "none":
            return 1.0
        return self.enter.look(second - self.setting.clock.opening).opacity

    def _leaving(self, second: float, share: float) -> Iterable[Shown]:
        """The tint of pockets that have fallen, while they dissolve."""
        for number, (fall, leave) in enumerate(zip(self._falls, self._exits, strict=True)):
            if fall <= second < fall + leave.lasts:
                left: tuple[Mark, ...] = self._left(number)  # type: ignore[attr-defined]
                yield from faded(left, share * leave.share(fall + leave.lasts - second))

    @cached_property
    def _exits(self) -> list[Entrance]:
        """How each pocket goes, in the order of the front's."""
        held = (data for data in self.setting.data if isinstance(data, PocketsData))
        return [data.leaving(self.setting) for data in held for _ in data.pockets]

    @cached_property
    def _falls(self) -> list[float]:
        clock = self.setting.clock
        return [clock.second_of(p.fall) if math.isfinite(p.fall) else math.inf for p in self.front.pockets]

    def _tint_left(self, pocket: int) -> tuple[Mark, ...]:
        last = self.front.pockets[pocket].outlines[-1].shape
        others = shapely.union_all(self.front.parts(*self._at_fall(pocket)))
        return (self._area(Paths.of_geometry(self._on_land(shapely.difference(last, others)))),)

    def _at_fall(self, pocket: int) -> tuple[Instant, Turned]:
        fall = self.front.pockets[pocket].fall
        return fall, self.front.turned(fall)

    def _tint(self, rested: Instant, turned: Turned) -> Area:
        if self._runs_over:
            colour = self.setting.style.territory.occupied
            # Kept by the front alone: all views of the camera have to show the same object.
            return self.front.tint(rested, turned, colour, beyond=self._cover is not None)
        cut: Area = self._cut_out(rested, turned)  # type: ignore[attr-defined]
        return cut

    def _cut(self, rested: Instant, turned: Turned) -> Area:
        """The tint where nothing covers what runs over the coast."""
        whole = shapely.union_all(self.front.parts(rested, turned))
        return self._area(Paths.of_geometry(self._on_land(whole)))

    @property
    def _runs_over(self) -> bool:
        """Whether the tint may run over the coast: it is covered there, or there is none."""
        return self.covered or self.setting.land.is_empty

    @property
    def _cover(self) -> Area | None:
        """Land over a tint that runs on where nothing is said: cutting each tint takes longer."""
        colour = self.setting.style.basemap.land
        if not (self.covered and self.lowest) or rgba(colour)[3] < 1:
            return None
        return self.front.cover(colour)

    def _on_land(self, shape: BaseGeometry) -> BaseGeometry:
        return polygons(shape if self._runs_over else shapely.intersection(shape, self.setting.land))

    def _area(self, paths: Paths) -> Area:
        return Area(paths=paths, fill=self.setting.style.territory.occupied)

    def _draw_line(self, rested: Instant, turned: Turned) -> tuple[Mark, ...]:
        style, unit = self.setting.style.territory, self.setting.metres_per_unit
        if style.front is None or self.front.tide is None:
            return ()
        found = self.front.line(rested, turned, self._seen, _CLEAR * unit)
        rails = Rails(found)
        long = rails.lengths > _STUB * unit
        if not long.all():
            rails = Rails([line for line, enough in zip(found, long.tolist(), strict=True) if enough])
        front = Line(paths=Paths(rails.xy, rails.starts[:-1]), pen=style.front, casing=style.casing)
        if not style.teeth or not len(rails):
            return (front,)
        bitten = _bitten(rails, *self._riders(rested).at(rested), style.teeth_spacing * unit)
        cut = rails.teeth(*bitten, style.teeth_width * unit, style.teeth * unit)
        return front, Area(paths=Paths.alike(cut), fill=style.front.colour)

    @cached_property
    def _seen(self) -> Fence:
        """Where the front may be drawn: on land off the coast, and not at the edge of what is known."""
        unit = self.setting.metres_per_unit
        assert self.front.tide
        scope, land = self.front.tide.scope, self.setting.land
        if land.is_empty:
            return Fence(polygons(scope.buffer(-_SHORE * unit)))
        near = shapely.intersection(land, scope.envelope).simplify(0.5 * unit)
        firm = near.buffer(_BASINS * unit).buffer(-(_BASINS + _SHORE) * unit)
        return Fence(polygons(shapely.intersection(firm, scope.buffer(-1500 - unit).buffer(1500))))

    def _riders(self, instant: Instant) -> Riders:
        """Teeth followed from the first step at which the front moves, halfway only if that tells."""
        halfway = Riders(self._halfway, ()).tells(instant)
        return self._followed_halfway if halfway else self._followed

    @cached_property
    def _steps(self) -> Floats:
        clock = self.setting.clock
        seconds = np.arange(0.0, float(clock.seconds) + _TEETH_EVERY, _TEETH_EVERY)
        return np.unique(np.minimum(clock.instants_at(seconds), self.front.settled))

    @property
    def _halfway(self) -> Floats:
        return self._steps[: len(self._steps) // 2]

    @cached_property
    def _followed_halfway(self) -> Riders:
        return self._ridden(self._halfway)

    @cached_property
    def _followed(self) -> Riders:
        return self._ridden(self._steps)

    def _ridden(self, instants: Floats) -> Riders:
        spacing = self.setting.style.territory.teeth_spacing * self.setting.metres_per_unit
        return ride(instants, self.front.followed(tuple(instants.tolist())), spacing)

    def legend(self) -> Sequence[LegendItem]:
        """Occupied land."""
        if self.front.tide is None:
            return ()
        text = self.setting.book.say("territory_occupied")
        return [LegendItem("territory", text, "area", (self.setting.style.territory.occupied,), -math.inf)]


def _bitten(
    rails: Rails, places: Floats, sizes: Floats, spacing: float
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Teeth set on the lines they are nearest to: line numbers, metres along them, sizes."""
    on, along, away = rails.nearest(places)
    near = away < 0.4 * spacing
    on, along = on[near], along[near]
    # Toward the ends of a line that is not a ring teeth shrink: none is cut off at the coast.
    room = np.where(rails.rings[on], math.inf, np.minimum(along, rails.lengths[on] - along))
    return on, along, sizes[near] * np.clip(room / (0.6 * spacing), 0, 1)
