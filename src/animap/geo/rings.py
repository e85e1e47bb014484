"""Morphing one perimeter into another: valid outlines, areas in between, shared boundary still.

Parts that overlap belong together. One part that becomes one part moves ring by ring, its points
paired so that common boundary is paired with itself. Where that would cross itself, lose area or
where parts split or merge, a front sweeps what is lost and what is gained. The way is chosen once,
in `morph`; `Morph.at` only evaluates it, and checks what it hands out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from animap.geo._pairing import pair_rings
from animap.geo._tracks import (
    Ease,
    Front,
    MovingPart,
    MovingRing,
    Track,
    front,
    pole_of,
    polygons_of,
    toward_pole,
)
from animap.types import Floats

__all__ = ["Morph", "morph"]

_SLACK = 0.02
"""Areas in between may leave the range of the two ends by this share."""

_EDGE = 1e-8
"""Fractions nearer than this to an end are taken as this far from it."""

_MATCH = 0.15
"""Parts belong together from this overlap on, as a share of the smaller one."""

_SAMPLES: Floats = np.unique(
    np.concatenate([np.linspace(0, 1, 65)[1:-1], [1e-6, 1e-4, 2e-3, 7e-3, 0.993, 0.998, 0.9999, 1 - 1e-6]])
)
"""Fractions at which a way is tried before it is taken."""


@dataclass(frozen=True, eq=False)
class Morph:
    """A way from `before` to `after`, both multipolygons in metres."""

    before: MultiPolygon
    after: MultiPolygon
    tracks: tuple[Track, ...]
    """What moves; empty when nothing does."""

    def at(self, fraction: float) -> MultiPolygon:
        """Outline in metres at a fraction of the way; 0 is `before`, 1 is `after`, beyond is clamped.

        The result is valid, has only polygons, is empty only where an end is empty, and its area is
        within 2 % of the range between the ends' areas. Raises `ValueError` for NaN.
        """
        if math.isnan(fraction):
            raise ValueError("fraction is not a number")
        if fraction >= 1:
            return self.after
        if fraction <= 0 or not self.tracks:
            return self.before
        fraction = min(max(fraction, _EDGE), 1 - _EDGE)
        shape = _assembled(self.tracks, fraction)
        if self._good(shape):
            return shape
        shape = _assembled(self._spare, fraction)
        if self._good(shape):
            return shape
        shape = _assembled(self._spare, fraction, exact=True)
        if self._good(shape):
            return shape
        return self.before if self.before and (fraction < 0.5 or not self.after) else self.after

    def _good(self, shape: MultiPolygon) -> bool:
        low, high = sorted((self.before.area, self.after.area))
        inside = low * (1 - _SLACK) <= shape.area <= high * (1 + _SLACK)
        return bool(inside and shape.area > 0 and shape.is_valid)

    @cached_property
    def _spare(self) -> tuple[Track, ...]:
        """A way that needs no luck: fronts only, each in ground of its own, areas even."""
        tracks: list[Track] = []
        for olds, news in _groups(list(self.before.geoms), list(self.after.geoms), 0.0):
            if olds and news:
                tracks.append(front(_whole(olds), _whole(news)).paced(0.0))
            else:
                tracks += [front(part, pole_of(part)).paced(0.0) for part in olds]
                tracks += [front(pole_of(part), part).paced(0.0) for part in news]
        return tuple(tracks)


def morph(a: BaseGeometry, b: BaseGeometry) -> Morph:
    """Prepare the way from `a` to `b`, each a valid `Polygon` or `MultiPolygon` in metres, or empty.

    Raises `ValueError` for other kinds of geometry and for invalid ones.
    """
    before, after = _checked(a), _checked(b)
    if before.equals(after):
        return Morph(before, after, ())
    total = before.area, after.area
    for tracks in _plans(list(before.geoms), list(after.geoms)):
        if _fits(tracks, *total):
            return Morph(before, after, tracks)
    bare = Morph(before, after, ())
    return Morph(before, after, bare._spare)


def _checked(shape: BaseGeometry) -> MultiPolygon:
    if shape.is_empty:
        return MultiPolygon()
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ValueError(f"a perimeter is a polygon or multipolygon, not a {shape.geom_type}")
    if not shape.is_valid:
        raise ValueError(f"invalid perimeter: {shapely.is_valid_reason(shape)}")
    flat = shapely.force_2d(shape)
    parts = [p for p in shapely.get_parts(flat) if not p.is_empty]
    return flat if isinstance(flat, MultiPolygon) and len(parts) == len(flat.geoms) else MultiPolygon(parts)


def _plans(olds: list[Polygon], news: list[Polygon]) -> Iterator[tuple[Track, ...]]:
    """Ways to try, the best-looking first."""
    moving: list[Track] = []
    paired: list[tuple[BaseGeometry, BaseGeometry]] = []
    alone_old: list[Polygon] = []
    alone_new: list[Polygon] = []
    swept: list[tuple[BaseGeometry, BaseGeometry]] = []
    for group_old, group_new in _groups(olds, news, _MATCH):
        if not group_new:
            alone_old += group_old
        elif not group_old:
            alone_new += group_new
        elif len(group_old) == len(group_new) == 1 and (part := _moving(group_old[0], group_new[0])):
            moving.append(part)
            paired.append((group_old[0], group_new[0]))
        else:
            swept.append((_whole(group_old), _whole(group_new)))
    wandering: list[Front] = []
    always = len(olds) == len(news) == 1
    for old, new in _neighbours(alone_old, alone_new, always):
        alone_old = [p for p in alone_old if p is not old]
        alone_new = [p for p in alone_new if p is not new]
        if part := _moving(old, new):
            moving.append(part)
        else:
            wandering.append(front(old, new, moving=True))
    fading: list[Track] = [toward_pole(part, Ease.FADE) for part in alone_old]
    fading += [toward_pole(part, Ease.GROW) for part in alone_new]
    fronts = [front(*pair) for pair in swept] + wandering
    for pace in (1.0, 0.7, 0.4, 0.0) if fronts else (1.0,):
        yield (*moving, *(f.paced(pace) for f in fronts), *fading)
    if paired and len(moving) == len(paired):
        fronts += [front(*pair) for pair in paired]
        for pace in (1.0, 0.7, 0.4, 0.0):
            yield (*(f.paced(pace) for f in fronts), *fading)


def _fits(tracks: tuple[Track, ...], before: float, after: float) -> bool:
    """Whether the areas stay in range and moving parts do not run into each other."""
    area = sum((track.area(_SAMPLES) for track in tracks), np.zeros(len(_SAMPLES)))
    low, high = min(before, after), max(before, after)
    if area.min() < low * (1 - 0.75 * _SLACK) or area.max() > high * (1 + 0.75 * _SLACK):
        return False
    swept = any(isinstance(track, Front) for track in tracks)
    if len(tracks) == 1 and not swept:
        return True
    for fraction in _SAMPLES[:: 3 if swept else 1]:
        shape = _assembled(tracks, float(fraction))
        if not shape.is_valid or not low * (1 - _SLACK) <= shape.area <= high * (1 + _SLACK):
            return False
    return True


def _assembled(tracks: Sequence[Track], fraction: float, exact: bool = False) -> MultiPolygon:
    parts = [part for track in tracks for part in (track.exact(fraction) if exact else track.at(fraction))]
    shape = MultiPolygon(parts)
    if shape.is_valid:
        return shape
    # Tracks met, or a ring touches itself for an instant between two samples of the preparation.
    return MultiPolygon(polygons_of(shapely.union_all(shapely.make_valid(parts))))


def _moving(old: Polygon, new: Polygon) -> MovingPart | None:
    """One part becoming one part by moving its rings, if that works all the way."""
    shared = shapely.intersection(old, new).area / min(old.area, new.area)
    for aligned in (False, True) if shared > 0.3 else (True, False):
        part = _ring_by_ring(old, new, aligned)
        if part is not None and _smooth(part, old, new, shared):
            return part
    return None


def _ring_by_ring(old: Polygon, new: Polygon, aligned: bool) -> MovingPart | None:
    shell = _paired_ring(_open(old.exterior), _open(new.exterior), aligned)
    if shell is None:
        return None
    holes: list[MovingRing] = []
    left = {i: Polygon(ring) for i, ring in enumerate(old.interiors)}
    came = {j: Polygon(ring) for j, ring in enumerate(new.interiors)}
    overlaps = sorted(
        (-shapely.intersection(p, q).area / min(p.area, q.area), i, j)
        for i, p in left.items()
        for j, q in came.items()
    )
    for overlap, i, j in overlaps:
        if -overlap > _MATCH and i in left and j in came:
            hole = _paired_ring(_open(left.pop(i).exterior), _open(came.pop(j).exterior), aligned)
            if hole is None:
                return None
            holes.append(hole)
    holes += [toward_pole(hole, Ease.FADE).shell for hole in left.values()]
    holes += [toward_pole(hole, Ease.GROW).shell for hole in came.values()]
    return MovingPart(shell, tuple(holes))


def _paired_ring(first: Floats, second: Floats, aligned: bool) -> MovingRing | None:
    start, end = pair_rings(first, second, aligned)
    return MovingRing(start, end - start) if len(start) >= 3 else None


def _smooth(part: MovingPart, old: Polygon, new: Polygon, shared: float) -> bool:
    """Whether the part stays valid and in range, and does not leave ground that both ends hold."""
    area = part.area(_SAMPLES)
    low, high = sorted((old.area, new.area))
    if area.min() < low * (1 - 0.75 * _SLACK) or area.max() > high * (1 + 0.75 * _SLACK):
        return False
    shapes = np.array(part.series(_SAMPLES), dtype=object)
    if not shapely.is_valid(shapes).all():
        return False
    if shared <= 0.5:
        return True
    kept, ground = shapely.intersection(old, new), shapely.union(old, new)
    some = shapes[len(shapes) // 4 :: len(shapes) // 4][:3]
    missing = shapely.area(shapely.difference(kept, some)).max() / kept.area
    beyond = shapely.area(shapely.difference(some, ground)).max() / ground.area
    return bool(missing < 0.1 and beyond < 0.1)


def _groups(
    olds: list[Polygon], news: list[Polygon], least: float
) -> list[tuple[list[Polygon], list[Polygon]]]:
    """Sets of parts that hang together by overlaps above `least` of the smaller part."""
    label = list(range(len(olds) + len(news)))
    tree = shapely.STRtree(news)
    pairs = tree.query(olds, predicate="intersects").T if olds and news else np.empty((0, 2), dtype=np.intp)
    for i, j in sorted(map(tuple, pairs.tolist())):
        overlap = shapely.intersection(olds[i], news[j]).area
        if overlap > least * min(olds[i].area, news[j].area):
            one, other = label[i], label[len(olds) + j]
            label = [min(one, other) if x in (one, other) else x for x in label]
    return [
        (
            [p for p, x in zip(olds, label, strict=False) if x == group],
            [p for p, x in zip(news, label[len(olds) :], strict=True) if x == group],
        )
        for group in sorted(set(label))
    ]


def _neighbours(olds: list[Polygon], news: list[Polygon], always: bool) -> Iterator[tuple[Polygon, Polygon]]:
    """Parts without overlap that may be one part having moved: nearest first, each used once."""
    pairs = sorted(
        (old.centroid.distance(new.centroid), i, j)
        for i, old in enumerate(olds)
        for j, new in enumerate(news)
    )
    done_old: set[int] = set()
    done_new: set[int] = set()
    for away, i, j in pairs:
        near = away < 1.5 * (math.sqrt(olds[i].area) + math.sqrt(news[j].area))
        if (near or always) and i not in done_old and j not in done_new:
            done_old.add(i)
            done_new.add(j)
            yield olds[i], news[j]


def _whole(parts: Iterable[Polygon]) -> BaseGeometry:
    parts = list(parts)
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _open(ring: BaseGeometry) -> Floats:
    return shapely.get_coordinates(ring)[:-1]
