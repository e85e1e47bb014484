"""The figure of a campaign arrow: tapered bodies, swallow tail and barbed heads that turn with the path.

A limb is made of *pieces*, rings that overlap and all run the same way round: filled together by
non-zero winding they are one figure however the way winds, crosses itself or meets other limbs. That is
cheap enough for every frame. `arrow_outline` joins them into one sound polygon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from animap.geo.lines import lengths, part
from animap.types import Floats

__all__ = ["Body", "Cast", "Mould", "Shape", "Spine", "arrow_outline", "head_pieces", "joined", "pieces"]

_SLICE = 0.4
"""Length of a slice of the body, as a share of the body's width."""
_BARB = 0.22
_SAG = 0.14
"""How far a head may bend off its straight axis, as a share of its length: more would fold its barbs."""
_FLARE = 0.3
_ROUND = 6


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a limb is like; lengths in the unit of its path `xy` `(n, 2)`, the rest as in `marks.Limb`.

    `whole` is the length over which the body tapers, that of the path unless given.
    """

    xy: Floats
    width: float
    tail: float
    head: tuple[float, float]
    swallow: float = 0.0
    joined: bool = False
    whole: float | None = None


def arrow_outline(
    xy: Floats, width: float, tail: float, head: tuple[float, float], swallow: float = 0.0
) -> shapely.Polygon:
    """Polygon of an arrow along a path `(n, 2)`, tail first; all lengths in the path's own unit.

    `width` is the body's at the head, `tail` the share of it at the tail, `head` (width, length) of the
    head. An arrow shorter than its head is drawn as a smaller head; one without length or width is empty.
    """
    outline = joined(pieces(Shape(xy, width, tail, head, swallow)), width)
    return outline if isinstance(outline, shapely.Polygon) else shapely.Polygon()


def joined(rings: Iterable[Floats], width: float) -> BaseGeometry:
    """Pieces of one or several limbs as one sound geometry, without the slivers of sharp bends."""
    sound: list[BaseGeometry] = []
    for ring in rings:
        polygon = shapely.Polygon(ring)
        # A way that crosses itself leaves a ring that does; by winding it is filled all the same.
        sound.append(polygon if polygon.is_valid else _wound(ring))
    union = shapely.union_all(sound)
    whole = [
        # Slices leave slivers where the way turns sharply; where it goes round, it stays open.
        shapely.Polygon(p.exterior, [r for r in p.interiors if shapely.Polygon(r).area >= width**2])
        for p in shapely.get_parts(union)
        if isinstance(p, shapely.Polygon)
    ]
    return whole[0] if len(whole) == 1 else shapely.MultiPolygon(whole)


def _wound(ring: Floats) -> BaseGeometry:
    """A strip that crosses itself, left side forth and right side back, as the union of its slices."""
    count = len(ring) // 2
    # The notch of a swallow tail, the odd vertex at the end, is lost here.
    left, right = ring[:count], ring[: 2 * count][::-1][:count]
    quads = np.asarray(shapely.polygons(np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)))
    return shapely.union_all(quads[shapely.is_valid(quads)])


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """A limb ready to be drawn whole or in part: its head and its body, grown on all sides."""

    total: float
    head: Floats | None
    body: Body | None
    offset: float

    def pieces(self, start: float = 0.0) -> list[Floats]:
        """Rings `(k, 2)` from the distance `start` on to the tip, all counter-clockwise and left open.
        The head is whole as long as its tip is."""
        if start >= self.total:
            return []
        rings = [] if self.head is None else [self.head]
        return rings + (self.body.pieces(start + self.offset if start > 0 else 0.0) if self.body else [])


@dataclass(frozen=True, slots=True, eq=False)
class Mould:
    """What all casts of a limb share, however far they are grown: its head, and the spine of its body."""

    shape: Shape
    total: float
    head: Floats | None
    spine: Spine | None

    @classmethod
    def of(cls, shape: Shape) -> Mould:
        """The mould of a limb; without length or width there is nothing to cast."""
        along = lengths(shape.xy)
        total = float(along[-1]) if len(along) else 0.0
        headless = shape.head == (0.0, 0.0)
        if min(total, shape.width) <= 0 or (min(shape.head) <= 0 and not headless):
            return cls(shape, 0.0, None, None)
        shrink = 1.0 if headless else min(1.0, total / shape.head[1])
        width, head = shape.width * shrink, (shape.head[0] * shrink, shape.head[1] * shrink)
        way, ring = part(shape.xy, along, 0.0, total - head[1]), None
        if not headless:
            axis = _axis(shape.xy, along, head[1])
            ring = _head(axis, head[0])
            way = way if len(way) else shape.xy[:1]
            reach = float(np.hypot(*(axis[-1] - way[-1])))
            # The body ends within the head, between the barbs, unless the way has brought it there already.
            if not head[1] / 2 <= reach <= head[1] * 0.78:
                way = np.concatenate([way, axis[2:3]])
        way = way[np.concatenate([[True], np.any(np.diff(way, axis=0) != 0, axis=1)])]
        return cls(shape, total, ring, Spine.of(way, width, shape) if len(way) > 1 else None)

    def cast(self, grow: float = 0.0) -> Cast:
        """The limb `grow` wider on all sides."""
        head = None if self.head is None else _grown(self.head, grow)
        if self.spine is None:
            return Cast(self.total, head, None, 0.0)
        offset = 0.0 if self.shape.joined else max(0.0, grow)
        return Cast(self.total, head, self.spine.body(grow, offset), offset)


def pieces(shape: Shape, start: float = 0.0, grow: float = 0.0) -> list[Floats]:
    """Rings of a limb from the distance `start` on; see `Cast`."""
    return Mould.of(shape).cast(grow).pieces(start)


def head_pieces(
    xy: Floats, along: Floats, tip: float, head: tuple[float, float], half: float
) -> list[Floats]:
    """Rings of a head (width, length) with its tip at a distance along a way, and of the neck below it.

    The neck, `half` as wide as the body, reaches from behind the foot of the head into its middle: the body
    may end anywhere near the foot, however the way bends there. `along` is `lengths(xy)`.
    """
    way = part(xy, along, tip - 2 * head[1] - 2 * half, tip)
    if len(way) < 2:
        return []
    axis = _axis(way, lengths(way), head[1])
    rings = [_head(axis, head[0])]
    if tip <= head[1]:
        return rings
    at = np.array([max(0.0, tip - head[1] - half), tip - head[1]])
    feet = np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])])
    stops = np.concatenate([feet, axis[2:3]])
    across = _normals(np.diff(stops, axis=0)) * half
    rings += [
        np.array([a - n, b - n, b + n, a + n]) for a, b, n in zip(stops, stops[1:], across, strict=False)
    ]
    return [*rings, _disc(stops[1], half)]


def _axis(xy: Floats, along: Floats, length: float) -> Floats:
    """The bent axis of the head, `(9, 2)`, from its foot to the tip."""
    total = float(along[-1])
    at = np.array([total - length, total - length / 2, total])
    foot, middle, tip = np.column_stack([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])])
    chord = tip - foot
    reach = float(np.hypot(*chord))
    if reach < length / 2:
        # The way turns back within the head, which then points as the way ends.
        chord = tip - xy[along < total][-1]
        chord = chord / np.hypot(*chord) * length
        foot, middle, reach = tip - chord, tip - chord / 2, length
    ahead = chord / reach
    aside = np.array([-ahead[1], ahead[0]])
    sag = float(np.clip((middle - (foot + tip) / 2) @ aside, -_SAG * reach, _SAG * reach))
    # A head does not shrink where the way to its foot is not straight.
    foot = tip - ahead * length
    t = np.linspace(0, 1, 9)[:, None]
    bent: Floats = foot + t * (tip - foot) + 4 * t * (1 - t) * sag * aside
    return bent


def _head(axis: Floats, width: float) -> Floats:
    side = _normals(np.gradient(axis, axis=0)) * (width / 2 * np.linspace(1, 0, len(axis)))[:, None]
    t = np.linspace(0, 1, len(axis))
    notch = np.array([[np.interp(_BARB, t, axis[:, k]) for k in (0, 1)]])
    return np.concatenate([(axis - side)[:-1], axis[-1:], (axis + side)[:-1][::-1], notch])


def _grown(ring: Floats, grow: float) -> Floats:
    if not grow:
        return ring
    if grow < 0:
        less = shapely.Polygon(ring).buffer(grow, join_style="mitre")
        return shapely.get_coordinates(max(shapely.get_parts(less), key=lambda part: part.area).exterior)[:-1]
    # Round its edge and not its area, and the greatest part: rounding tears heads far smaller than `grow`.
    parts = shapely.get_parts(shapely.LinearRing(ring).buffer(grow, quad_segs=_ROUND))
    outline = max(parts, key=lambda part: part.area)
    return shapely.get_coordinates(shapely.orient_polygons(outline).exterior)[:-1]


def _normals(direction: Floats) -> Floats:
    """Unit vectors to the left of `(n, 2)` directions; zero where there is none."""
    size = np.hypot(direction[:, 0], direction[:, 1])
    return np.column_stack([-direction[:, 1], direction[:, 0]]) / np.where(size > 0, size, 1)[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Spine:
    """A way cut into even slices: vertices `xy`, distances `at`, normals and half widths there, and how deep
    the notch of its tail is."""

    xy: Floats
    at: Floats
    normals: Floats
    half: Floats
    notch: float
    cap: tuple[bool, bool]

    @classmethod
    def of(cls, way: Floats, width: float, shape: Shape) -> Spine:
        """Of a way `(n, 2)`, n ≥ 2, without vertices in one place."""
        along = lengths(way)
        total = float(along[-1])
        count = max(2, int(np.ceil(total / (width * _SLICE))) + 1)
        at = np.linspace(0, total, count)
        xy = np.column_stack([np.interp(at, along, way[:, 0]), np.interp(at, along, way[:, 1])])
        whole = shape.whole or total
        half = width / 2 * (shape.tail + (1 - shape.tail) * np.minimum(1, at / whole))
        notch = 0.0
        if shape.swallow and whole > 3 * width:
            half = half + half[0] * _FLARE * np.clip(1 - at / (2 * width * shape.tail), 0, 1) ** 2
            notch = shape.swallow * 2 * half[0]
        return cls(xy, at, _normals(np.gradient(xy, axis=0)), half, notch, (shape.joined, shape.head[1] <= 0))

    def body(self, grow: float = 0.0, offset: float = 0.0) -> Body:
        """The body `grow` wider on both sides, and longer at its tail by an offset."""
        xy, at, normals, half = self.xy, self.at, self.normals, self.half
        if offset:
            tail = xy[0] + np.array([-normals[0, 1], normals[0, 0]]) * offset
            xy, at = np.concatenate([tail[None], xy]), np.concatenate([[0.0], at + offset])
            normals, half = np.concatenate([normals[:1], normals]), np.concatenate([half[:1], half])
        half = half + grow
        side = normals * half[:, None]
        left, right = xy + side, xy - side
        step = np.diff(xy, axis=0)
        # On the inner side of a bend tighter than the body is wide, the edge runs backward.
        forth = [
            (np.diff(edge, axis=0) * step).sum(axis=1) > 0.02 * (step**2).sum(axis=1)
            for edge in (left, right)
        ]
        folds = ~(forth[0] & forth[1])
        near = folds.copy()
        near[1:] |= folds[:-1]
        near[:-1] |= folds[1:]
        return Body(xy, at, half, left, right, near, 0.0 if grow else self.notch, self.cap)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A way cut into slices: vertices `xy`, half widths and both sides, and which slices fold."""

    xy: Floats
    at: Floats
    half: Floats
    left: Floats
    right: Floats
    folds: NDArray[np.bool_]
    notch: float
    cap: tuple[bool, bool]

    def pieces(self, start: float) -> list[Floats]:
        """Strips where the body is sound, slices and round joints where it folds, from a distance on."""
        if start >= self.at[-1]:
            return []
        first = int(np.searchsorted(self.at, max(start, 0.0), "right")) - 1
        share = (max(start, 0.0) - self.at[first]) / (self.at[first + 1] - self.at[first])
        cut = [edge.copy()[first:] for edge in (self.xy, self.left, self.right)]
        for edge in cut:
            edge[0] += (edge[1] - edge[0]) * share
        rings = self._strips(cut[1], cut[2], first, notched=start <= 0)
        half = self.half[first:]
        folds = np.flatnonzero(self.folds[first:])
        joints = sorted({*folds.tolist(), *(folds + 1).tolist()})
        joints += [0] if self.cap[0] and start <= 0 else []
        joints += [len(half) - 1] if self.cap[1] else []
        return rings + [_disc(cut[0][i], half[i]) for i in joints]

    def until(self, stop: float) -> Body:
        """The body cut off at a distance."""
        if stop >= self.at[-1]:
            return self
        last = max(1, int(np.searchsorted(self.at, stop, "left")))
        share = (stop - self.at[last - 1]) / (self.at[last] - self.at[last - 1])

        def cut(values: Floats) -> Floats:
            short = values[: last + 1].copy()
            short[-1] = short[-2] + (short[-1] - short[-2]) * share
            return short

        return Body(
            cut(self.xy),
            cut(self.at),
            cut(self.half),
            cut(self.left),
            cut(self.right),
            self.folds[:last],
            self.notch,
            (self.cap[0], False),
        )

    def _strips(self, left: Floats, right: Floats, first: int, *, notched: bool) -> list[Floats]:
        folds = self.folds[first:]
        edges = np.flatnonzero(np.diff(folds.astype(int))) + 1
        rings: list[Floats] = []
        for run in np.split(np.arange(len(folds)), edges):
            low, high = int(run[0]), int(run[-1]) + 1
            if folds[low]:
                rings += [self._slice(first + i) for i in range(low, high)]
                continue
            tail = []
            if low == 0 and notched and self.notch and self.at[high] > 2 * self.notch:
                tail = [np.array([[np.interp(self.notch, self.at, self.xy[:, k]) for k in (0, 1)]])]
            rings.append(np.concatenate([right[low : high + 1], left[low : high + 1][::-1], *tail]))
        return rings

    def _slice(self, i: int) -> Floats:
        across = _normals(np.diff(self.xy[i : i + 2], axis=0))[0]
        here, there = across * self.half[i], across * self.half[i + 1]
        a, b = self.xy[i], self.xy[i + 1]
        return np.array([a - here, b - there, b + there, a + here])


_CIRCLE = np.column_stack(
    [f(np.linspace(0, 2 * np.pi, 4 * _ROUND, endpoint=False)) for f in (np.cos, np.sin)]
)


def _disc(at: Floats, radius: float) -> Floats:
    disc: Floats = at + _CIRCLE * radius
    return disc
