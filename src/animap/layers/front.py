"""The front of occupied land, its pockets with it, at any instant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.fence import Fence
from animap.layers.base import Data
from animap.layers.perimeter import Perimeter, polygons
from animap.layers.pockets import PocketsData
from animap.layers.tides import Tide
from animap.layers.towns import TownsData
from animap.marks import Area, Paths
from animap.timeline import Instant
from animap.types import Floats

__all__ = ["Front", "Turned", "held_by", "hold_outs"]

_SLIVERS = 1e6
"""Square metres of pockets beyond what is said that nobody misses."""
_RIM = 10_000.0
"""Metres by which a cover is wider than what it covers: where two edges meet, a line would show."""
_HOLD_OUT = 1800.0
"""Metres of land about a town that holds out after the pocket it was in."""


Turned: TypeAlias = tuple[tuple[int, float] | None, ...]
"""For each pocket its outline and how far that has turned into the next, None once it has fallen."""


class Front:
    """Occupied land with its pockets, on land only."""

    def __init__(
        self,
        tide: Tide | None,
        pockets: Sequence[Perimeter],
        land: BaseGeometry,
        hold_outs: Sequence[tuple[BaseGeometry, Instant]] = (),
    ) -> None:
        self.tide, self.pockets, self.land, self.hold_outs = tide, tuple(pockets), land, tuple(hold_outs)
        self._area = lru_cache(maxsize=2)(self._in_scope)
        # Asked for by every view of the camera; most pockets rest while the front moves.
        self.tint = lru_cache(maxsize=2)(self._tint_of)
        self._covers: dict[str, Area | None] = {}
        self.followed = lru_cache(maxsize=2)(self._contours_at)
        self._outline = lru_cache(maxsize=32)(self._outline_of)
        self._margin = lru_cache(maxsize=64)(self._margin_of)

    def _contours_at(self, instants: tuple[Instant, ...]) -> list[list[Floats]]:
        """The edges of the tide at instants."""
        return [self.tide.contours(instant) for instant in instants] if self.tide else []

    def _in_scope(self, instant: Instant) -> BaseGeometry:
        if self.tide is None:
            return shapely.MultiPolygon()
        return polygons(shapely.intersection(self.tide.area(instant), self.tide.scope))

    def _rings(self, instant: Instant, *, beyond: bool) -> list[Floats]:
        if beyond and self.tide:
            return self.tide.rings(instant)
        return Paths.of_geometry(self._area(instant)).parts()

    def turned(self, instant: Instant) -> Turned:
        """Which outline every pocket has at an instant; what will be a pocket is not freed before."""
        return tuple(
            None if instant >= p.fall else (n, round(share, 4))
            for p in self.pockets
            for n, share in [p.at(max(instant, p.start))]
        )

    def parts(self, instant: Instant, turned: Turned) -> list[BaseGeometry]:
        """Occupied areas that may overlap, the coast not yet considered."""
        rounds = [shape for shape, until in self.hold_outs if instant < until]
        return [self._area(min(instant, self.settled)), *self._held(turned), *rounds]

    def _held(self, turned: Turned) -> list[BaseGeometry]:
        return [p.shape(*at) for p, at in zip(self.pockets, turned, strict=True) if at]

    def _tint_of(self, instant: Instant, turned: Turned, colour: str, *, beyond: bool) -> Area:
        """The `parts`, filled by winding: so they need not be united first. They may run on `beyond` what is
        said, where something will cover them."""
        rings = self._rings(min(instant, self.settled), beyond=beyond)
        for number, at in enumerate(turned):
            rings += self._outline(number, *at) if at else []
        for outline, until in self._rounds:
            rings += outline if instant < until else []
        return Area(paths=Paths.of(rings), fill=colour)

    def cover(self, colour: str) -> Area | None:
        """What covers a tint that runs on beyond what is said; None where it would hide a pocket, too.

        The same object for every view of the camera, here and where this is pickled to.
        """
        if colour not in self._covers:
            self._covers[colour] = self._cover_in(colour)
        return self._covers[colour]

    def _cover_in(self, colour: str) -> Area | None:
        if self.tide is None:
            return None
        held = shapely.union_all([*(p.extent for p in self.pockets), *(shape for shape, _ in self.hold_outs)])
        on_land = held if self.land.is_empty else shapely.intersection(held, self.land)
        if shapely.difference(on_land, self.tide.scope).area > _SLIVERS:
            return None
        rim = shapely.box(*self.tide.bounds).buffer(_RIM)
        return Area(paths=Paths.of_geometry(shapely.difference(rim, self.tide.scope)), fill=colour)

    def _outline_of(self, pocket: int, index: int, share: float) -> list[Floats]:
        return Paths.of_geometry(polygons(self.pockets[pocket].shape(index, share))).parts()

    @cached_property
    def _rounds(self) -> list[tuple[list[Floats], Instant]]:
        return [(Paths.of_geometry(polygons(shape)).parts(), until) for shape, until in self.hold_outs]

    def _margin_of(self, pocket: int, at: tuple[int, float], clear: float) -> BaseGeometry:
        return shapely.buffer(self.pockets[pocket].shape(*at), clear, quad_segs=3)

    def occupied(self, instant: Instant) -> BaseGeometry:
        """Occupied land in map metres."""
        whole = shapely.union_all(self.parts(instant, self.turned(instant)))
        return polygons(whole if self.land.is_empty else shapely.intersection(whole, self.land))

    @property
    def settled(self) -> Instant:
        """From when on nothing but pockets changes."""
        ends = [until for _, until in self.hold_outs]
        return max([self.tide.settled, *ends]) + 1e-3 if self.tide else -math.inf

    def line(self, instant: Instant, turned: Turned, seen: Fence, clear: float) -> list[Floats]:
        """The front where it is `seen`, `clear` metres away from pockets; occupied land on the left."""
        if self.tide is None or instant >= self.settled:
            return []
        found = seen.within(self.tide.contours(instant))
        held = [self._margin(number, at, clear) for number, at in enumerate(turned) if at]
        lines = shapely.MultiLineString(found)
        near = [margin for margin in held if margin.intersects(lines)]
        if not near:
            return found
        parts = shapely.get_parts(shapely.difference(lines, shapely.union_all(near)))
        # A line that only touches a margin leaves an empty piece, or a point.
        real = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(parts)
        # Merging would be free to turn lines round, and teeth with them.
        merged = shapely.line_merge(shapely.multilinestrings(parts[real]), directed=True)
        return [shapely.get_coordinates(p) for p in shapely.get_parts(merged)]


def held_by(layers: Iterable[Data]) -> list[Perimeter]:
    """Perimeters of all pockets of a film."""
    return [Perimeter(p.outlines) for d in layers if isinstance(d, PocketsData) for p in d.pockets]


def hold_outs(layers: Iterable[Data], pockets: Sequence[Perimeter]) -> list[tuple[BaseGeometry, Instant]]:
    """Small rounds of land about towns that a pocket has left before their day, until that day.

    The field knows nothing of them: weeks that lie a few kilometres apart would make it swing.
    """
    if not pockets:
        return []
    once = shapely.union_all([p.extent for p in pockets])
    found: list[tuple[BaseGeometry, Instant]] = []
    for town in (t for data in layers if isinstance(data, TownsData) for t in data.towns):
        if town.liberated is None or not shapely.contains_xy(once, *town.at):
            continue
        eve, at = town.liberated.earliest, shapely.Point(town.at)
        # Outlines in between stay in the box of all outlines, and most pockets lie elsewhere.
        near = [p for p in pockets if eve < p.fall and shapely.box(*p.extent.bounds).covers(at)]
        held = [p.shape(*p.at(max(eve, p.start))) for p in near]
        if not any(shapely.contains_xy(shape, *town.at) for shape in held):
            found.append((at.buffer(_HOLD_OUT), town.liberated.instant))
    return found
