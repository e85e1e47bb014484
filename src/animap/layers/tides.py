"""Land that is still occupied at an instant: derived from all that is dated, or as it was drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.field import ArrivalField, arrival_field, stretched
from animap.geo.lines import enclosed, lengths
from animap.layers.advances import AdvancesData
from animap.layers.base import Data, Rect
from animap.layers.perimeter import Perimeter, polygons
from animap.layers.towns import TownsData
from animap.layers.walks import Walk
from animap.marks import Paths
from animap.timeline import Instant
from animap.types import Floats

__all__ = ["Authored", "Derived", "Tide", "derived", "drawn_by_hand"]

_STEP = 6000.0
"""Metres between the places at which an axis, or a closed ring, counts as evidence."""
_OUTSIDE = 2500.0
"""Metres outside a pocket at which its besiegers stand."""
_COARSE = 100.0
"""Metres by which the far edge of what is said may be off."""
_LATE = 0.3
"""Days by which an axis may follow the towns and still tell when land was freed."""


class Tide(Protocol):
    """Land that is still occupied at an instant, before pockets are added."""

    @property
    def scope(self) -> BaseGeometry:
        """Where anything is said at all."""

    def area(self, instant: Instant) -> BaseGeometry:
        """Polygons in map metres, shells counter-clockwise; they may reach beyond the scope."""

    def rings(self, instant: Instant) -> list[Floats]:
        """Their outlines `(n, 2)`, to be filled by winding."""

    @property
    def bounds(self) -> Rect:
        """Left, bottom, right, top of all of them."""

    def contours(self, instant: Instant) -> list[Floats]:
        """Their edges as lines `(n, 2)` with occupied land on the left."""

    @property
    def settled(self) -> Instant:
        """From when on nothing changes."""


@dataclass(frozen=True)
class Derived:
    """From an arrival field; pieces under `speck` square metres are left out unless a town stands in them."""

    field: ArrivalField
    scope: BaseGeometry
    speck: float
    towns: Floats
    instants: Floats

    @property
    def bounds(self) -> Rect:
        """Those of the field."""
        x, y = self.field.x, self.field.y
        return float(x[0]), float(y[0]), float(x[-1]), float(y[-1])

    @cached_property
    def settled(self) -> Instant:
        """When the front reaches the last node."""
        return float(self.field.instants.max())

    def area(self, instant: Instant) -> BaseGeometry:
        """What the front has not reached."""
        whole = self.field.later_than(instant)
        if all(self._large(ring) for ring in self.field.rings(instant)):
            return whole
        kept = [
            shapely.Polygon(
                part.exterior, [h for h in part.interiors if self._counts(np.asarray(h.coords), instant)]
            )
            for part in shapely.get_parts(whole)
            if self._counts(np.asarray(part.exterior.coords), instant)
        ]
        return shapely.MultiPolygon(kept)

    def rings(self, instant: Instant) -> list[Floats]:
        """The field's, as a rule: what is left out is small, and seldom."""
        rings = self.field.rings(instant)
        if all(self._large(ring) for ring in rings):
            return rings
        return Paths.of_geometry(self.area(instant)).parts()

    def contours(self, instant: Instant) -> list[Floats]:
        """Contours of the field."""
        lines = self.field.contours(instant)
        return [x for x in lines if not np.array_equal(x[0], x[-1]) or self._counts(x, instant)]

    def _large(self, ring: Floats) -> bool:
        return abs(enclosed(ring)) >= self.speck

    def _counts(self, ring: Floats, instant: Instant) -> bool:
        """Whether a ring is large, or has a town in it that says that it must be there."""
        if self._large(ring):
            return True
        shape = shapely.Polygon(ring)
        inside = shapely.contains_xy(shape, self.towns)
        # A ring of occupied land lies round towns that wait; a hole in it, round towns that are free.
        waits = self.instants[inside] > instant
        return bool(waits.all() if shape.exterior.is_ccw else ~waits.any()) and bool(inside.any())


@dataclass(frozen=True)
class Authored:
    """From dated outlines, each `Perimeter` one stretch of land."""

    perimeters: tuple[Perimeter, ...]
    scope: BaseGeometry

    @property
    def bounds(self) -> Rect:
        """Those of all outlines."""
        left, bottom, right, top = shapely.total_bounds([p.extent for p in self.perimeters]).tolist()
        return left, bottom, right, top

    @property
    def settled(self) -> Instant:
        """When the last outline has its last shape."""
        ends = [o.when.instant for p in self.perimeters for o in p.outlines]
        return max([*ends, *(p.fall for p in self.perimeters if math.isfinite(p.fall))])

    def area(self, instant: Instant) -> BaseGeometry:
        """The outlines of the instant."""
        standing = [p.shape(*p.at(instant)) for p in self.perimeters if p.start <= instant < p.fall]
        return polygons(shapely.orient_polygons(shapely.union_all(standing)))

    def rings(self, instant: Instant) -> list[Floats]:
        """Those of the instant."""
        return Paths.of_geometry(self.area(instant)).parts()

    def contours(self, instant: Instant) -> list[Floats]:
        """The same."""
        return self.rings(instant)


def drawn_by_hand(perimeters: Sequence[Perimeter], land: BaseGeometry) -> Authored:
    """Occupied land as a film's own outlines have it."""
    whole = shapely.union_all([p.extent for p in perimeters])
    return Authored(tuple(perimeters), whole if land.is_empty else _shores(land, whole).intersection(whole))


def derived(
    layers: Sequence[Data],
    pockets: Sequence[Perimeter],
    land: BaseGeometry,
    reach: float,
    cell: float,
    speck: float,
) -> Derived | None:
    """The front that follows from a film's towns, axes and pockets; None where too little is dated.

    `reach` and `cell` are in metres, `speck` in square metres.
    """
    held = shapely.union_all([p.extent for p in pockets]) if pockets else shapely.Polygon()
    shapely.prepare(held)
    firm = [
        (t.at, t.liberated.instant)
        for data in layers
        if isinstance(data, TownsData)
        for t in data.towns
        if t.liberated is not None and not shapely.contains_xy(held, *t.at)
    ]
    passed = [
        place
        for data in layers
        if isinstance(data, AdvancesData)
        for advance in data.advances
        for place in _passages(advance.walk)
        if not shapely.contains_xy(held, *place[0])
    ]
    passed += [place for p in pockets for place in _besiegers(p, held, land)]
    if len(firm) + len(passed) < 3:
        return None
    passed = _told_first(firm, passed)
    places = np.array([at for at, _ in firm + passed], dtype=float)
    instants = np.array([when for _, when in firm + passed])
    scope = _scope(places, held, land, reach)
    field = arrival_field(scope.bounds, places, instants, cell, len(firm))
    return Derived(field, scope, speck, places[: len(firm)], instants[: len(firm)])


Evidence = tuple[tuple[float, float], Instant]


def _passages(way: Walk) -> Iterable[Evidence]:
    """Places along an axis and the instants at which its head was there."""
    instants = np.linspace(way.instants[0], way.instants[-1], 200)
    metres = np.array([way.metres_at(i) for i in instants.tolist()])
    xy, along = way.curve.xy, lengths(way.curve.xy)
    for at in np.arange(0, along[-1] + 1, _STEP):
        x, y = np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])
        yield (float(x), float(y)), float(np.interp(at, metres, instants))


def _besiegers(perimeter: Perimeter, held: BaseGeometry, land: BaseGeometry) -> Iterable[Evidence]:
    """Places on land round a pocket whose ring has closed: its besiegers are there."""
    if not math.isfinite(perimeter.closed):
        return
    outline = next(o for o in perimeter.outlines if o.when.instant >= perimeter.closed)
    ring = outline.shape.buffer(_OUTSIDE).boundary
    for at in np.arange(0, ring.length, _STEP):
        x, y = shapely.get_coordinates(ring.interpolate(at))[0]
        if not shapely.contains_xy(held, x, y) and (land.is_empty or shapely.contains_xy(land, x, y)):
            yield (float(x), float(y)), perimeter.closed


def _told_first(firm: list[Evidence], passed: list[Evidence]) -> list[Evidence]:
    """Passages through land that was not free already by what the towns say.

    Troops that pass show that land was free by then, not that it was occupied until then.
    """
    if len(firm) < 3 or not passed:
        return passed
    known = np.array([at for at, _ in firm]), np.array([when for _, when in firm])
    free = stretched(*known, np.array([at for at, _ in passed]))
    return [p for p, when in zip(passed, free.tolist(), strict=True) if p[1] <= when + _LATE]


def _scope(places: Floats, held: BaseGeometry, land: BaseGeometry, reach: float) -> BaseGeometry:
    """Land within `reach` of evidence, without deep bays; shores without any evidence are left out."""
    points = shapely.points(_thinned(places, reach / 15))

    def around(metres: float, quad_segs: int) -> BaseGeometry:
        # Discs united: to buffer all points as one takes a hundred times as long.
        return shapely.union_all([*np.asarray(shapely.buffer(points, metres, quad_segs=quad_segs)), held])

    # Rounded coarsely, to some hundred metres: this only bridges bays, and its edge is no front.
    inner = around(0.8 * reach, 6).simplify(_COARSE).buffer(reach, quad_segs=6).buffer(-reach, quad_segs=6)
    near = shapely.intersection(inner, around(reach, 32))
    if land.is_empty:
        return near
    return shapely.intersection(near, _shores(land, shapely.MultiPoint(places)))


def _thinned(places: Floats, cell: float) -> Floats:
    """One place of each square `cell` metres wide in which there are any."""
    _, first = np.unique(np.floor(places / cell), axis=0, return_index=True)
    return places[first]


def _shores(land: BaseGeometry, evidence: BaseGeometry) -> BaseGeometry:
    """Land that has evidence on it, and a little of the sea, so that no gap is left at the coast."""
    shores = [g for g in shapely.get_parts(land) if g.intersects(evidence)]
    return shapely.union_all(shores).simplify(300).buffer(1500)
