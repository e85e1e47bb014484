"""The two ways an outline gets from one date to the next: moving rings, and a moving front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from animap.geo.lines import enclosed
from animap.types import Floats

__all__ = [
    "Ease",
    "Front",
    "MovingPart",
    "MovingRing",
    "Track",
    "front",
    "pole_of",
    "polygons_of",
    "toward_pole",
]

_ARC = 8
"""Segments per quarter circle of a front."""


class Ease(Enum):
    """How far a ring has moved at a fraction: evenly, or so that a scaled shape's area goes evenly."""

    EVEN = "even"
    FADE = "fade"
    GROW = "grow"

    def __call__(self, fraction: Floats) -> Floats:
        """Way covered, 0..1, for fractions 0..1 of any shape."""
        if self is Ease.FADE:
            return 1.0 - np.sqrt(1.0 - fraction)
        return np.sqrt(fraction) if self is Ease.GROW else fraction


@dataclass(frozen=True, eq=False)
class MovingRing:
    """An open ring `(k, 2)` in metres whose points go straight by `way` `(k, 2)`."""

    start: Floats
    way: Floats
    ease: Ease = Ease.EVEN

    def at(self, fractions: Floats) -> Floats:
        """Rings `(len(fractions), k, 2)`."""
        return self.start + self.ease(fractions)[:, None, None] * self.way

    def area(self, fractions: Floats) -> Floats:
        """Unsigned areas in square metres, as many as fractions."""
        done = self.ease(fractions)
        still, moved = enclosed(self.start), enclosed(self.way)
        mixed = enclosed(self.start + self.way) - still - moved
        return np.abs(still + done * mixed + done**2 * moved)


@dataclass(frozen=True, eq=False)
class MovingPart:
    """A polygon whose shell and holes are moving rings."""

    shell: MovingRing
    holes: tuple[MovingRing, ...] = ()

    def at(self, fraction: float) -> list[Polygon]:
        """The polygon at one fraction, not checked."""
        return list(self.series(np.array([fraction])))

    def series(self, fractions: Floats) -> list[Polygon]:
        """One polygon per fraction, not checked."""
        shells = np.asarray(shapely.linearrings(self.shell.at(fractions)))
        if not self.holes:
            return list(np.asarray(shapely.polygons(shells)))
        holes = [np.asarray(shapely.linearrings(hole.at(fractions))) for hole in self.holes]
        return [shapely.polygons(shell, list(inner)) for shell, *inner in zip(shells, *holes, strict=True)]

    def area(self, fractions: Floats) -> Floats:
        """Areas in square metres."""
        return self.shell.area(fractions) - sum((h.area(fractions) for h in self.holes), np.zeros(1))

    def exact(self, fraction: float) -> list[Polygon]:
        """As `at`: moving rings have no table to be refined."""
        return self.at(fraction)


@dataclass(frozen=True, eq=False)
class Front:
    """What is lost recedes toward `after`, what is gained spreads from `before`.

    At any fraction the shape is (before ∩ after grown by s) ∪ (after ∩ before grown by t), with s going
    down to 0 and t up from 0. It holds all of before ∩ after and lies in before ∪ after, hence
    boundary common to both stays exactly in place, and the area is the sum of two tables. Either end may
    be a point: then the other one vanishes into it or grows out of it. `pace` 1 moves the front evenly,
    0 changes the area evenly. `way` is added evenly to all that is handed out, in metres east and
    north, for a shape that also moves; `after` is then where it would be without moving.
    """

    before: BaseGeometry
    after: BaseGeometry
    kept: float
    losing: tuple[Floats, Floats] | None
    gaining: tuple[Floats, Floats] | None
    pace: float = 1.0
    way: tuple[float, float] = (0.0, 0.0)

    def paced(self, pace: float) -> Front:
        """The same front with another pace, 0..1."""
        return replace(self, pace=pace)

    def at(self, fraction: float) -> list[Polygon]:
        """Polygons at one fraction."""
        at = np.array([fraction])
        s = None if self.losing is None else float(_reach(self.losing, 1 - at, self.pace)[0])
        t = None if self.gaining is None else float(_reach(self.gaining, at, self.pace)[0])
        return self._shape(s, t, fraction)

    def area(self, fractions: Floats) -> Floats:
        """Areas in square metres as the tables have them."""
        total = np.full(len(fractions), self.kept)
        for table, left in ((self.losing, 1 - fractions), (self.gaining, fractions)):
            if table is not None:
                total += np.interp(_reach(table, left, self.pace), *table) - table[1][0]
        return total

    def exact(self, fraction: float) -> list[Polygon]:
        """Polygons whose area is even in the fraction as nearly as bisection can make it."""
        s = t = None
        if self.losing is not None:
            s = _bisect(lambda x: _grown(self.before, self.after, x).area, self.losing, 1 - fraction)
        if self.gaining is not None:
            t = _bisect(lambda x: _grown(self.after, self.before, x).area, self.gaining, fraction)
        return self._shape(s, t, fraction)

    def _shape(self, s: float | None, t: float | None, fraction: float) -> list[Polygon]:
        parts = self._swept(s, t)
        if self.way == (0.0, 0.0):
            return parts
        return [translate(part, fraction * self.way[0], fraction * self.way[1]) for part in parts]

    def _swept(self, s: float | None, t: float | None) -> list[Polygon]:
        if s is None and t is None:
            return polygons_of(shapely.intersection(self.before, self.after))
        if t is None:
            return polygons_of(_grown(self.before, self.after, s or 0.0))
        if s is None:
            return polygons_of(_grown(self.after, self.before, t))
        pieces = _grown(self.before, self.after, s), _grown(self.after, self.before, t)
        return polygons_of(shapely.union(*pieces))


Track: TypeAlias = MovingPart | Front


def front(before: BaseGeometry, after: BaseGeometry, moving: bool = False) -> Front:
    """Measure the front between two valid shapes; one of them may be a `Point`.

    With `moving` the shapes are first laid on each other by their centroids, and the result wanders.
    """
    way = (0.0, 0.0)
    if moving:
        here, there = before.centroid, after.centroid
        way = (there.x - here.x, there.y - here.y)
        after = translate(after, -way[0], -way[1])
    kept = shapely.intersection(before, after).area if before.area and after.area else 0.0
    gap = before.distance(after)
    losing, gaining = _table(before, after, kept, gap), _table(after, before, kept, gap)
    return Front(before, after, kept, losing, gaining, way=way)


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """Its polygons, without dust: parts and holes under 1e-10 of the whole."""
    found = [p for p in shapely.get_parts(shapely.get_parts(geometry)) if p.geom_type == "Polygon" and p.area]
    if not found:
        return []
    dust = 1e-10 * sum(p.area for p in found)
    clean = []
    for part in found:
        if part.area <= dust:
            continue
        if part.interiors:
            wide = [hole for hole in part.interiors if Polygon(hole).area > dust]
            part = part if len(wide) == len(part.interiors) else Polygon(part.exterior, wide)
        clean.append(part)
    return clean


def toward_pole(part: Polygon, ease: Ease) -> MovingPart:
    """The part shrinking to (`FADE`) or growing from (`GROW`) its innermost point, keeping its shape."""
    pole = shapely.get_coordinates(pole_of(part))[0]
    rings = [shapely.get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors)]
    moving = tuple(
        MovingRing(r, pole - r, ease) if ease is Ease.FADE else MovingRing(pole + 0 * r, r - pole, ease)
        for r in rings
    )
    return MovingPart(moving[0], moving[1:])


def pole_of(part: Polygon) -> Point:
    """The point inside that is farthest from the outline, about."""
    west, south, east, north = part.bounds
    circle = shapely.maximum_inscribed_circle(part, tolerance=0.02 * max(east - west, north - south))
    pole = Point(shapely.get_coordinates(circle)[0])
    return pole if shapely.contains_properly(part, pole) else part.representative_point()


def _grown(shape: BaseGeometry, seed: BaseGeometry, reach: float) -> BaseGeometry:
    """`shape` as far as `reach` metres from `seed`."""
    return shapely.intersection(shape, shapely.buffer(seed, reach, quad_segs=_ARC))


def _table(shape: BaseGeometry, seed: BaseGeometry, kept: float, gap: float) -> tuple[Floats, Floats] | None:
    """Reaches in metres and areas of `shape` within them, both rising; None if nothing is to sweep."""
    whole = shape.area
    sweep = whole - kept
    if sweep <= 1e-12 * whole:
        return None

    def area(reach: float) -> float:
        return float(_grown(shape, seed, reach).area)

    west, south, east, north = shape.bounds
    low, high = gap, Point(west, south).distance(seed) + 1.01 * float(np.hypot(east - west, north - south))
    for _ in range(11):
        middle = (low + high) / 2
        low, high = (low, middle) if area(middle) >= whole - 1e-6 * sweep else (middle, high)
    reaches = list(np.linspace(gap, high, 9))
    areas = [kept, *(area(r) for r in reaches[1:-1]), whole]
    for _ in range(14):
        wide = [
            i
            for i in range(len(reaches) - 1)
            if areas[i + 1] - areas[i] > 0.06 * sweep and reaches[i + 1] - reaches[i] > 1e-7 * high
        ]
        if not wide or len(reaches) > 48:
            break
        for i in reversed(wide):
            middle = (reaches[i] + reaches[i + 1]) / 2
            reaches.insert(i + 1, middle)
            areas.insert(i + 1, area(middle))
    rising = np.clip(np.maximum.accumulate(areas), kept, whole)
    return np.array(reaches), rising


def _reach(table: tuple[Floats, Floats], filled: Floats, pace: float) -> Floats:
    """Reach in metres when the share `filled` of the sweep is to be there."""
    reaches, areas = table
    evenly = reaches[0] + (reaches[-1] - reaches[0]) * filled
    by_area = np.interp(areas[0] + (areas[-1] - areas[0]) * filled, areas, reaches)
    reach: Floats = pace * evenly + (1 - pace) * by_area
    return reach


def _bisect(area: Callable[[float], float], table: tuple[Floats, Floats], filled: float) -> float:
    reaches, areas = table
    target = float(areas[0] + (areas[-1] - areas[0]) * filled)
    low, high = float(reaches[0]), float(reaches[-1])
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if area(middle) >= target else (middle, high)
    return high
