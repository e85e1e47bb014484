"""Morphs between perimeters: valid, in range, steady, and still where nothing changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from animap.geo.rings import morph

Random = np.random.Generator

# Longitudes and latitudes of outlines of 1944: two dates each of Boulogne, Colmar and Dunkirk.
REAL = {
    "B2": [
        [
            (1.55, 50.795),
            (1.612, 50.79),
            (1.66, 50.785),
            (1.66, 50.755),
            (1.645, 50.735),
            (1.638, 50.715),
            (1.65, 50.69),
            (1.64, 50.668),
            (1.58, 50.665),
            (1.54, 50.665),
            (1.53, 50.73),
        ],
    ],
    "B3": [
        [
            (1.55, 50.795),
            (1.612, 50.79),
            (1.65, 50.78),
            (1.645, 50.755),
            (1.615, 50.742),
            (1.585, 50.742),
            (1.55, 50.745),
        ],
        [
            (1.54, 50.735),
            (1.588, 50.73),
            (1.603, 50.715),
            (1.62, 50.695),
            (1.655, 50.688),
            (1.64, 50.668),
            (1.58, 50.665),
            (1.54, 50.665),
        ],
    ],
    "D2": [
        [
            (2.225, 51.06),
            (2.232, 51.02),
            (2.245, 50.995),
            (2.28, 50.975),
            (2.32, 50.964),
            (2.345, 50.968),
            (2.385, 50.963),
            (2.41, 50.957),
            (2.44, 50.96),
            (2.465, 50.972),
            (2.5, 50.985),
            (2.525, 51.02),
            (2.545, 51.05),
            (2.555, 51.085),
            (2.555, 51.12),
            (2.4, 51.1),
            (2.28, 51.085),
        ],
    ],
    "D3": [
        [
            (2.225, 51.06),
            (2.232, 51.02),
            (2.245, 50.995),
            (2.28, 50.975),
            (2.32, 50.964),
            (2.345, 50.968),
            (2.385, 50.963),
            (2.41, 50.957),
            (2.44, 50.96),
            (2.465, 50.972),
            (2.49, 50.99),
            (2.502, 51.035),
            (2.508, 51.06),
            (2.505, 51.075),
            (2.5, 51.11),
            (2.4, 51.1),
            (2.28, 51.085),
        ],
    ],
    "M2": [
        [
            (7.8, 48.43),
            (7.72, 48.42),
            (7.66, 48.39),
            (7.58, 48.31),
            (7.47, 48.235),
            (7.42, 48.2),
            (7.33, 48.155),
            (7.28, 48.135),
            (7.18, 48.12),
            (7.1, 48.08),
            (7.016, 48.038),
            (7.0, 47.98),
            (7.06, 47.9),
            (7.11, 47.83),
            (7.15, 47.8),
            (7.24, 47.79),
            (7.32, 47.79),
            (7.4, 47.79),
            (7.48, 47.74),
            (7.53, 47.71),
            (7.57, 47.8),
            (7.61, 47.95),
            (7.61, 48.05),
            (7.63, 48.12),
            (7.7, 48.2),
            (7.8, 48.34),
        ],
    ],
    "M3": [
        [
            (7.6, 48.1),
            (7.53, 48.06),
            (7.45, 48.05),
            (7.4, 48.055),
            (7.37, 48.1),
            (7.28, 48.125),
            (7.18, 48.11),
            (7.1, 48.08),
            (7.016, 48.038),
            (7.0, 47.98),
            (7.06, 47.9),
            (7.11, 47.83),
            (7.17, 47.805),
            (7.24, 47.8),
            (7.32, 47.8),
            (7.4, 47.795),
            (7.48, 47.74),
            (7.53, 47.71),
            (7.57, 47.8),
            (7.61, 47.95),
        ],
    ],
}


# --- shapes -----------------------------------------------------------------------------------------


def convex(rng: Random) -> BaseGeometry:
    return shapely.convex_hull(shapely.multipoints(rng.normal(size=(int(rng.integers(4, 20)), 2))))


def star(rng: Random, corners: int = 0) -> BaseGeometry:
    n = corners or int(rng.integers(3, 30))
    turn = (np.arange(n) + rng.uniform(0, 0.8, n)) / n * 2 * math.pi
    reach = 1 - rng.uniform(0, 0.9) * rng.uniform(0, 1, n)
    return Polygon(np.c_[reach * np.cos(turn), reach * np.sin(turn)])


def bent(rng: Random) -> BaseGeometry:
    line = LineString(np.cumsum(rng.normal(size=(int(rng.integers(2, 6)), 2)), axis=0) * 0.6)
    return line.buffer(rng.uniform(0.05, 0.5), quad_segs=2, cap_style=str(rng.choice(["round", "flat"])))


def comb(rng: Random) -> BaseGeometry:
    teeth = int(rng.integers(2, 6))
    bars = [box(i + 0.1, 0, i + rng.uniform(0.3, 0.9), rng.uniform(0.6, 2.5)) for i in range(teeth)]
    return affinity.scale(shapely.union_all([box(0, 0, teeth, 0.4), *bars]), 2 / teeth, 1)


def sliver(rng: Random) -> BaseGeometry:
    width = 10 ** rng.uniform(-4, -1)
    thin = Polygon([(0, 0), (2, 0), (2.1, width), (rng.uniform(-0.1, 1), width)])
    return affinity.rotate(thin, rng.uniform(0, 360))


def holed(rng: Random) -> BaseGeometry:
    shape = (star, convex, bent)[int(rng.integers(3))](rng)
    west, south, east, north = shape.bounds
    for _ in range(int(rng.integers(1, 4))):
        hole = affinity.scale(star(rng, 6), 0.2, 0.2, origin=(0, 0))
        less = shape.difference(affinity.translate(hole, rng.uniform(west, east), rng.uniform(south, north)))
        shape = less if less.geom_type == "Polygon" and not less.is_empty else shape
    return shape


def one(rng: Random) -> BaseGeometry:
    return (convex, star, bent, comb, holed, sliver)[int(rng.integers(6))](rng)


def several(rng: Random) -> BaseGeometry:
    count = int(rng.integers(2, 5))
    return shapely.union_all([affinity.translate(one(rng), *rng.uniform(-1.6, 1.6, 2)) for _ in range(count)])


def some(rng: Random) -> BaseGeometry:
    return several(rng) if rng.uniform() < 0.2 else one(rng)


def detailed(rng: Random) -> BaseGeometry:
    turn = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(80, 200))))
    waves = (rng.uniform(0, 0.2) * np.cos(k * turn + rng.uniform(0, 6)) for k in range(2, 6))
    reach = 1 + np.sum(list(waves), axis=0)
    return Polygon(np.c_[reach * np.cos(turn), reach * np.sin(turn)])


def placed(rng: Random, shape: BaseGeometry) -> BaseGeometry:
    return affinity.translate(affinity.scale(shape, 0.6, 0.6), *rng.normal(size=2) * 0.8)


# --- pairs ------------------------------------------------------------------------------------------

Pair = tuple[BaseGeometry, BaseGeometry]


def free(rng: Random) -> Pair:
    return some(rng), some(rng)


def shifted(rng: Random) -> Pair:
    shape = some(rng)
    return shape, affinity.translate(shape, *rng.normal(size=2) * 10 ** rng.uniform(-2, 0.5))


def turned(rng: Random) -> Pair:
    shape = some(rng)
    return shape, affinity.rotate(shape, rng.uniform(0, 360))


def stretched(rng: Random) -> Pair:
    shape = some(rng)
    return shape, affinity.scale(shape, *10 ** rng.uniform(-1, 0.5, 2))


def split(rng: Random) -> Pair:
    shape, width = some(rng), 10 ** rng.uniform(-2, 0)
    middle = shape.representative_point()
    blade = affinity.rotate(box(-20, -width, 20, width), rng.uniform(0, 360), origin=(0, 0))
    return shape, shape.difference(affinity.translate(blade, middle.x, middle.y))


def attacked(rng: Random) -> Pair:
    shape = some(rng)
    return shape, shape.difference(placed(rng, one(rng)))


def pushed(rng: Random) -> Pair:
    shape = some(rng)
    return shape, shape.difference(placed(rng, one(rng))).union(placed(rng, one(rng)))


def nested(rng: Random) -> Pair:
    shape = some(rng)
    return shape, shape.buffer(-rng.uniform(0.01, 0.3))


def parted(rng: Random) -> Pair:
    shape = several(rng)
    return shape, shapely.union_all([p for p in shapely.get_parts(shape) if rng.uniform() < 0.5])


def filled(rng: Random) -> Pair:
    shape = holed(rng)
    return shape, Polygon(shape.exterior)


def distant(rng: Random) -> Pair:
    return some(rng), affinity.translate(some(rng), *rng.normal(size=2) * 20)


def both_several(rng: Random) -> Pair:
    return several(rng), several(rng)


def born(rng: Random) -> Pair:
    return Polygon(), some(rng)


def dwarfed(rng: Random) -> Pair:
    return some(rng), affinity.scale(some(rng), *[10 ** rng.uniform(-4, -2)] * 2)


def fine(rng: Random) -> Pair:
    return detailed(rng), detailed(rng)


def cells(rng: Random) -> Pair:
    """Outlines on one grid: shared stretches, parts and holes that touch in points."""
    chosen = (rng.uniform(size=(5, 5)) < rng.uniform(0.3, 0.9) for _ in range(2))
    a, b = (shapely.union_all([box(i, j, i + 1, j + 1) for i, j in np.argwhere(c)]) for c in chosen)
    return a, b


FAMILIES: dict[Callable[[Random], Pair], int] = {
    free: 150, shifted: 110, turned: 110, stretched: 110, split: 130, attacked: 130, pushed: 110, nested: 110,
    parted: 80, filled: 120, distant: 70, both_several: 60, born: 120, dwarfed: 80, fine: 30, cells: 60,
}  # fmt: skip


def polygons(shape: BaseGeometry) -> MultiPolygon:
    clean = shape if shape.is_valid else shape.buffer(0)
    parts = [
        p for p in shapely.get_parts(shapely.get_parts(clean)) if p.geom_type == "Polygon" and p.area > 0
    ]
    return MultiPolygon(parts)


def on_map(rng: Random, pair: Pair) -> tuple[MultiPolygon, MultiPolygon]:
    """Metres of some projection, 1 to 60 km, in either order."""
    size = 10 ** rng.uniform(3, 4.8)
    east, north = rng.uniform(-1e6, 7e6, 2)
    a, b = (
        MultiPolygon()
        if s.is_empty
        else polygons(affinity.affine_transform(s, [size, 0, 0, size, east, north]))
        for s in pair
    )
    return (b, a) if rng.uniform() < 0.5 else (a, b)


def check(a: BaseGeometry, b: BaseGeometry, fractions: list[float]) -> None:
    way = morph(a, b)
    low, high = sorted((a.area, b.area))
    for fraction in fractions:
        shape = way.at(fraction)
        assert shape.geom_type == "MultiPolygon"
        assert shape.is_valid, f"at {fraction}: {shapely.is_valid_reason(shape)}"
        assert low * 0.98 <= shape.area <= high * 1.02, f"at {fraction}: {low} {shape.area} {high}"
        assert not shape.is_empty or high == 0 or (low == 0 and fraction in (0, 1))


def largest_step(a: BaseGeometry, b: BaseGeometry, step: float = 0.01) -> float:
    """Largest move of the outline in one step, as a share of the pair's extent."""
    way = morph(a, b)
    west, south, east, north = shapely.union(a, b).bounds
    shapes = [way.at(f) for f in np.arange(0, 1 + step / 2, step)]
    moves = [p.hausdorff_distance(q) for p, q in pairwise(shapes)]
    return max(moves) / math.hypot(east - west, north - south)


def real(name: str) -> MultiPolygon:
    scale = np.array([111_320 * math.cos(math.radians(50)), 111_320])
    return MultiPolygon([Polygon(np.array(ring) * scale) for ring in REAL[name]])


FRACTIONS = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]
REAL_PAIRS = [("B2", "B3"), ("M2", "M3"), ("D2", "D3")]
COAST = [(0, 0), (9_000, 1_500), (20_000, 400), (31_000, 2_600), (40_000, 0)]


# --- whatever the pair ------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_valid_and_in_range_between_any_two(family: Callable[[Random], Pair]) -> None:
    @settings(
        max_examples=FAMILIES[family], deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(seed=st.integers(0, 2**32 - 1), fractions=st.lists(st.floats(0, 1), min_size=3, max_size=3))
    def holds(seed: int, fractions: list[float]) -> None:
        rng = np.random.default_rng(seed)
        a, b = on_map(rng, family(rng))
        check(a, b, [0.001, 0.3, 0.5, 0.97, *fractions])

    holds()


@settings(max_examples=60, deadline=None, database=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_ends_are_the_given_shapes_and_the_way_is_always_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = on_map(rng, free(rng))
    way, again = morph(a, b), morph(a, b)
    assert way.at(0.0).equals_exact(a, 0)
    assert way.at(1.0).equals_exact(b, 0)
    late = way.at(0.7)
    assert again.at(0.2).equals_exact(way.at(0.2), 0)
    assert again.at(0.7).equals_exact(late, 0)


@settings(max_examples=60, deadline=None, database=None)
@given(seed=st.integers(0, 2**32 - 1), shift=st.floats(0, 3))
def test_convex_shapes_move_steadily(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    a, b = on_map(rng, (convex(rng), affinity.translate(convex(rng), shift)))
    assert largest_step(a, b, 0.02) < 0.1


@settings(max_examples=60, deadline=None, database=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_coast_stays_still_whatever_happens_on_land(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def pocket() -> Polygon:
        inland = np.linspace(38_000, 2_000, int(rng.integers(2, 9)))
        return Polygon([*COAST, *((x, -rng.uniform(3_000, 25_000)) for x in inland)])

    way = morph(pocket(), pocket())
    coast = LineString(COAST)
    for fraction in (0.1, 0.5, 0.8):
        outline = way.at(fraction).boundary
        assert shapely.difference(coast, outline.buffer(1e-3)).is_empty
        assert set(COAST) <= set(map(tuple, shapely.get_coordinates(outline).tolist()))


# --- one by one -------------------------------------------------------------------------------------


def test_a_coastal_pocket_shrinks_from_the_attacked_side() -> None:
    before = Polygon([*COAST, (38_000, -20_000), (20_000, -24_000), (1_000, -18_000)])
    after = before.difference(box(24_000, -30_000, 50_000, -9_000))
    way = morph(before, after)
    for fraction in np.linspace(0.05, 0.95, 19):
        shape = way.at(float(fraction))
        corners = set(map(tuple, shapely.get_coordinates(shape).tolist()))
        assert set(COAST) <= corners
        assert {(20_000.0, -24_000.0), (1_000.0, -18_000.0)} <= corners
        assert shape.difference(before).area < 1e-6 * before.area
        assert after.difference(shape).area < 1e-3 * before.area
    assert way.at(0.5).boundary.distance(Point(38_000, -20_000)) > 2_000


def test_a_split_pinches_and_parts_without_leaving_the_ground() -> None:
    before = box(0, 0, 30_000, 10_000)
    after = MultiPolygon([box(0, 0, 12_000, 10_000), box(17_000, 0, 30_000, 10_000)])
    way = morph(before, after)
    counts = [len(way.at(f).geoms) for f in np.linspace(0, 1, 41)]
    assert counts[0] == 1
    assert counts[-1] == 2
    assert counts == sorted(counts)
    for fraction in FRACTIONS:
        shape = way.at(fraction)
        assert after.difference(shape).area < 1e-6 * before.area
        assert shape.difference(before).area < 1e-6 * before.area
        assert {(0.0, 0.0), (30_000.0, 10_000.0)} <= set(map(tuple, shapely.get_coordinates(shape).tolist()))
    check(before, after, FRACTIONS)


def test_a_merge_is_one_part_in_the_end() -> None:
    before = MultiPolygon([Point(0, 0).buffer(5_000), Point(13_000, 0).buffer(4_000)])
    after = box(-5_000, -5_000, 17_000, 5_000)
    way = morph(before, after)
    assert len(way.at(0.05).geoms) == 2
    assert len(way.at(0.98).geoms) == 1
    check(before, after, FRACTIONS)


def test_parts_are_paired_by_overlap_and_not_by_order() -> None:
    left, right = box(0, 0, 5_000, 5_000), box(20_000, 0, 26_000, 5_000)
    way = morph(MultiPolygon([left, right]), MultiPolygon([right.buffer(-500), left.buffer(-500)]))
    ground = MultiPolygon([left.buffer(1), right.buffer(1)])
    assert all(ground.contains(way.at(f)) for f in FRACTIONS)


def test_a_lost_part_shrinks_where_it_is_and_the_other_stays() -> None:
    stays, goes = box(0, 0, 8_000, 8_000), box(30_000, 0, 34_000, 4_000)
    way = morph(MultiPolygon([stays, goes]), stays)
    for fraction in FRACTIONS:
        kept, lost = sorted(way.at(fraction).geoms, key=lambda p: p.bounds[0])
        assert kept.equals(stays)
        assert goes.buffer(1e-6).contains(lost)
        assert lost.area == pytest.approx((1 - fraction) * goes.area)


@pytest.mark.parametrize("closing", [False, True])
def test_holes_open_and_close_inside(closing: bool) -> None:
    whole = box(0, 0, 20_000, 15_000)
    hole = Polygon([(5_000, 5_000), (11_000, 5_000), (11_000, 10_000), (5_000, 8_000)])
    pair = (whole.difference(hole), whole)
    way = morph(*pair) if closing else morph(*pair[::-1])
    for fraction in FRACTIONS:
        (part,) = way.at(fraction).geoms
        assert Polygon(part.exterior).equals(whole)
        (ring,) = part.interiors
        assert hole.buffer(1e-3).contains(Polygon(ring))


def test_a_hole_moves_with_its_part() -> None:
    before = box(0, 0, 10_000, 10_000).difference(box(4_000, 4_000, 6_000, 6_000))
    half = morph(before, affinity.translate(before, 1_500, 0)).at(0.5)
    (ring,) = half.geoms[0].interiors
    assert Polygon(ring).centroid.distance(Point(5_750, 5_000)) < 200
    check(before, affinity.translate(before, 1_500, 0), FRACTIONS)


def test_far_apart_shapes_travel() -> None:
    before = box(0, 0, 10_000, 6_000)
    after = affinity.rotate(affinity.translate(box(0, 0, 9_000, 7_000), 150_000, 90_000), 20)
    half = morph(before, after).at(0.5)
    assert half.centroid.distance(LineString([before.centroid, after.centroid]).centroid) < 1_000
    assert largest_step(before, after) < 0.02


def test_a_turned_bar_does_not_twist_through_itself() -> None:
    bar = box(-20_000, -3_000, 20_000, 3_000)
    check(bar, affinity.rotate(bar, 90), FRACTIONS)
    check(bar, affinity.rotate(bar, 55), FRACTIONS)
    assert largest_step(bar, affinity.rotate(bar, 55)) < 0.05


def test_an_outline_as_fine_as_a_survey_moves_like_a_plain_one_and_rests_where_it_is_shared() -> None:
    turn = np.linspace(0, 2 * np.pi, 6000, endpoint=False)
    old = np.column_stack([np.cos(turn), np.sin(turn)]) * 1e5
    new = old.copy()
    # A bulge on a quarter of it; the rest is the same, point by point.
    new[1500:3000] *= 1 + 0.2 * np.sin(np.linspace(0, np.pi, 1500))[:, None]
    fine, plain = (morph(Polygon(old[::n]), Polygon(new[::n])) for n in (1, 30))
    for share in (0.25, 0.5, 0.75):
        between = fine.at(share)
        assert between.area == pytest.approx(plain.at(share).area, rel=0.01)
        assert shapely.distance(shapely.points(old[3500:5500]), between.boundary).max() < 1e-6


def test_the_same_outline_rests() -> None:
    shape = real("M2")
    way = morph(shape, MultiPolygon([p.reverse() for p in shape.geoms]))
    assert way.at(0.4).equals_exact(shape, 0)


def test_empty_ends() -> None:
    shape = real("D2")
    assert morph(Polygon(), MultiPolygon()).at(0.5).is_empty
    growing, fading = morph(Polygon(), shape), morph(shape, MultiPolygon())
    assert growing.at(0).is_empty
    assert fading.at(1).is_empty
    for fraction in (1e-12, *FRACTIONS, 1 - 1e-12):
        for part, share in ((growing.at(fraction), fraction), (fading.at(fraction), 1 - fraction)):
            assert part.is_valid
            assert part.area > 0
            assert part.area == pytest.approx(share * shape.area, rel=1e-6, abs=1e-7 * shape.area)


def test_polygons_are_taken_and_fractions_clamped() -> None:
    a, b = box(0, 0, 1_000, 1_000), box(0, 0, 1_000, 500)
    way = morph(a, b)
    assert way.at(-0.1).equals_exact(MultiPolygon([a]), 0)
    assert way.at(1.1).equals_exact(MultiPolygon([b]), 0)
    assert way.at(0.5).symmetric_difference(box(0, 0, 1_000, 750)).area < 1


def test_what_cannot_be_morphed() -> None:
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(ValueError, match="Self-intersection"):
        morph(bow, box(0, 0, 1, 1))
    with pytest.raises(ValueError, match="LineString"):
        morph(box(0, 0, 1, 1), LineString([(0, 0), (1, 1)]))
    with pytest.raises(ValueError, match="not a number"):
        morph(bow.buffer(0), box(0, 0, 1, 1)).at(math.nan)


@pytest.mark.parametrize(("first", "second"), REAL_PAIRS)
def test_real_perimeters(first: str, second: str) -> None:
    a, b = real(first), real(second)
    check(a, b, [*np.linspace(0.002, 0.998, 60).tolist()])
    assert largest_step(a, b) < 0.08
    common = shapely.intersection(a.boundary, b.boundary)
    still = [line for line in shapely.get_parts(common) if line.length > 0]
    way = morph(a, b)
    for fraction in FRACTIONS:
        outline = way.at(fraction).boundary.buffer(0.01)
        assert all(outline.contains(line) for line in still)
