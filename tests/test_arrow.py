"""The outline of a campaign arrow: one sound ring, however the way winds."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from animap.draw.arrow import arrow_outline, joined, limb_rings
from animap.draw.limbs import Outline, Shape
from animap.geo.lines import lengths, part
from animap.types import Floats

WIDTH, TAIL, HEAD = 15.0, 0.4, (35.0, 34.0)
"""As the atlas draws them."""


Test = Callable[..., None]


def outlined(xy: Floats, scale: float = 1.0) -> shapely.Polygon:
    outline = arrow_outline(xy * scale, WIDTH * scale, TAIL, (HEAD[0] * scale, HEAD[1] * scale))
    assert isinstance(outline, shapely.Polygon)
    return outline


def pieces(limb: Shape, start: float = 0.0, grow: float = 0.0) -> list[Floats]:
    return limb_rings([limb], Outline([start], grow))


@st.composite
def ways(draw: st.DrawFn) -> Floats:
    """Paths as rivers, mistakes and small pictures make them: zigzags, hairpins, specks, long marches."""
    step = draw(st.sampled_from([0.02, 1.0, 7.0, 40.0, 400.0]))
    sharp = draw(st.sampled_from([0.3, 1.2, math.pi]))
    at, heading, points = np.array([500.0, 300.0]), draw(st.floats(-math.pi, math.pi)), []
    points.append(at)
    for _ in range(draw(st.integers(1, 14))):
        heading += draw(st.floats(-sharp, sharp) | st.sampled_from([0.0, math.pi, -math.pi]))
        at = at + step * draw(st.floats(0.05, 1)) * np.array([math.cos(heading), math.sin(heading)])
        points.append(at)
    return np.array(points)


HAIRPIN = np.array([(0.0, 0.0), (200.0, 0.0), (0.0, 0.0)])
CLOSED = np.array([(0.0, 0.0), (200.0, 0.0), (200.0, 100.0), (0.0, 0.0)])
BACK_IN_THE_HEAD = np.array([(0.0, 0.0), (300.0, 0.0), (283.0, 0.0)])
TWICE = np.array([(0.0, 0.0), (0.0, 0.0), (100.0, 0.0), (100.0, 0.0)])


def odd_ways(test: Test) -> Test:
    for xy in (HAIRPIN, CLOSED, BACK_IN_THE_HEAD, TWICE):
        test = example(xy)(test)
    return test


@odd_ways
@given(ways())
@settings(deadline=None, max_examples=300)
def test_an_arrow_is_one_sound_ring(xy: Floats) -> None:
    outline = outlined(xy)
    assert outline.is_valid
    assert outline.area > 0
    assert np.isfinite(shapely.get_coordinates(outline)).all()


@odd_ways
@given(ways())
@settings(deadline=None)
def test_the_tip_is_reached_and_the_way_is_covered(xy: Floats) -> None:
    outline = outlined(xy)
    along = lengths(xy)
    assert outline.distance(shapely.Point(xy[-1])) < 1e-6
    tail = outline.distance(shapely.Point(xy[0]))
    if along[-1] > HEAD[1]:
        assert tail < WIDTH
        body = shapely.LineString(part(xy, along, 0.0, float(along[-1]) - HEAD[1]))
        assert outline.buffer(WIDTH / 2).covers(body)


@odd_ways
@given(ways())
@settings(deadline=None)
def test_an_arrow_is_no_bigger_than_its_body_and_head(xy: Floats) -> None:
    outline = outlined(xy)
    length = float(lengths(xy)[-1])
    shrink = min(1.0, length / HEAD[1])
    head = HEAD[0] * HEAD[1] / 2 * shrink**2
    assert outline.area <= head + (length + WIDTH * shrink) * WIDTH * shrink * 1.1
    # Nothing lies farther from the way than the head is wide.
    corners = shapely.points(outline.exterior.coords)
    assert shapely.distance(shapely.LineString(xy), corners).max() <= 1.2 * max(HEAD) * shrink + 1e-6


@odd_ways
@given(ways())
@settings(deadline=None)
def test_bends_tear_no_holes(xy: Floats) -> None:
    # What the way goes round is a hole; what a sharp bend might tear open is smaller than the body.
    assert all(shapely.Polygon(ring).area >= WIDTH**2 for ring in outlined(xy).interiors)


def test_a_loop_that_the_way_really_makes_stays_open() -> None:
    turn = np.linspace(0, 2 * math.pi, 60)
    loop = np.column_stack([100 * np.sin(turn), 100 - 100 * np.cos(turn)])
    way = np.concatenate([[(-200.0, 0.0)], loop, [(200.0, 0.0)]])
    (hole,) = outlined(way).interiors
    assert shapely.Polygon(hole).area == pytest.approx(math.pi * 93**2, rel=0.1)


@given(ways(), st.sampled_from([0.25, 0.5, 4.0]))
@settings(deadline=None)
def test_an_arrow_looks_the_same_at_every_size(xy: Floats, scale: float) -> None:
    small, big = outlined(xy), outlined(xy, scale)
    assert big.area == pytest.approx(small.area * scale**2, rel=1e-3)
    back = shapely.transform(big, lambda c: c / scale)
    assert shapely.symmetric_difference(small, back).area <= 2e-3 * small.area + 1e-6


def test_a_straight_arrow_tapers_from_tail_to_head() -> None:
    outline = outlined(np.array([(0.0, 0.0), (300.0, 0.0)]))

    def thickness(x: float) -> float:
        return outline.intersection(shapely.LineString([(x, -50), (x, 50)])).length

    assert thickness(1) == pytest.approx(WIDTH * TAIL, rel=0.05)
    assert thickness(130) == pytest.approx(WIDTH * 0.7, rel=0.05)
    assert thickness(260) == pytest.approx(WIDTH, rel=0.05)
    assert thickness(300 - HEAD[1] / 2) == pytest.approx(HEAD[0] / 2, rel=0.05)
    assert outline.bounds == pytest.approx((0, -HEAD[0] / 2, 300, HEAD[0] / 2))


@given(st.floats(0.01, 33), st.floats(-math.pi, math.pi))
@settings(deadline=None)
def test_an_arrow_that_sets_out_is_a_small_head(length: float, heading: float) -> None:
    xy = np.array([(0.0, 0.0), (length * math.cos(heading), length * math.sin(heading))])
    outline = outlined(xy)
    whole = HEAD[0] * HEAD[1] / 2
    assert 0.5 * whole < outline.area / (length / HEAD[1]) ** 2 < 1.3 * whole


def test_arrows_grow_without_leaps() -> None:
    turn = np.linspace(0, 4 * math.pi, 400)
    way = np.column_stack([turn * 40, 60 * np.sin(turn)])
    along = lengths(way)
    areas = [outlined(part(way, along, 0, float(d))).area for d in np.arange(20, along[-1], 4)]
    assert max(abs(b - a) for a, b in zip(areas, areas[1:], strict=False)) < 4 * WIDTH * 3


@pytest.mark.parametrize("xy", [np.empty((0, 2)), np.array([(1.0, 2.0)]), np.array([(1.0, 2.0)] * 3)])
def test_no_way_no_arrow(xy: Floats) -> None:
    assert arrow_outline(xy, WIDTH, TAIL, HEAD).is_empty


def test_a_way_that_turns_back_within_the_head_keeps_its_head() -> None:
    outline = outlined(BACK_IN_THE_HEAD)
    assert outline.bounds[3] - outline.bounds[1] == pytest.approx(HEAD[0])
    assert outline.bounds[2] == pytest.approx(283 + HEAD[1])


def test_a_style_may_ask_for_no_width() -> None:
    assert arrow_outline(HAIRPIN, 0.0, TAIL, (0.0, 0.0)).is_empty


@st.composite
def forks(draw: st.DrawFn) -> list[Shape]:
    """A trunk and branches that leave it somewhere on their own ways."""
    trunk = draw(ways().filter(lambda xy: lengths(xy)[-1] > 3 * HEAD[1]))
    along = lengths(trunk)
    limbs = [Shape(trunk, WIDTH, TAIL, HEAD, draw(st.sampled_from([0.0, 0.7])))]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.floats(0.05, 0.95)) * (along[-1] - HEAD[1])
        foot = np.array([np.interp(at, along, trunk[:, k]) for k in (0, 1)])
        way = draw(ways())
        head = draw(st.sampled_from([HEAD, (0.0, 0.0)]))
        limbs.append(Shape(way - way[0] + foot, WIDTH * 0.6, 0.8, head, joined=True))
    return limbs


@given(forks())
@settings(deadline=None, max_examples=150)
def test_a_fork_is_one_sound_figure_with_a_head_for_each_way(limbs: list[Shape]) -> None:
    rings = [ring for limb in limbs for ring in pieces(limb)]
    figure = joined(rings, WIDTH)
    assert figure.is_valid
    # Slices may cut off the very point of a hairpin, and with it a speck of a branch.
    assert isinstance(figure.buffer(WIDTH / 10), shapely.Polygon)
    for limb in limbs:
        assert figure.distance(shapely.Point(limb.xy[-1])) < 1e-6
    apart = sum(joined(pieces(limb), WIDTH).area for limb in limbs)
    assert figure.area <= apart + 2 * WIDTH**2


@given(forks(), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=100)
def test_the_younger_part_of_an_arrow_lies_within_the_older(limbs: list[Shape], a: float, b: float) -> None:
    low, high = sorted((a, b))
    for limb in limbs:
        total = float(lengths(limb.xy)[-1])
        # Slivers aside, which a sharp bend leaves wherever it is cut.
        older, younger = (joined(pieces(limb, share * total), WIDTH) for share in (low, high))
        assert younger.is_empty or older.buffer(WIDTH / 20).covers(younger)


@given(forks())
@settings(deadline=None, max_examples=100)
def test_pieces_run_the_same_way_round_so_that_together_they_fill_one_figure(limbs: list[Shape]) -> None:
    for limb in limbs:
        for ring in pieces(limb, grow=2.0):
            # A strip that crosses itself has no way round; its slices have.
            if shapely.Polygon(ring).is_valid:
                assert shapely.LinearRing(ring).is_ccw


def test_a_head_turns_with_the_path() -> None:
    turn = np.linspace(0, math.pi / 2, 60)
    bend = np.column_stack([60 * np.sin(turn), 60 - 60 * np.cos(turn)])
    outline = outlined(np.concatenate([[(-200.0, 0.0)], bend]))
    # Stiff, its axis would be the chord; bent, it holds the arc's middle halfway up the head.
    middle = np.array(
        [60 * np.sin(math.pi / 2 - HEAD[1] / 120), 60 - 60 * np.cos(math.pi / 2 - HEAD[1] / 120)]
    )
    inward = np.array([0.0, 60.0]) - middle
    inward /= np.hypot(*inward)
    across = outline.intersection(shapely.LineString([middle - inward * 25, middle + inward * 25]))
    centre = across.centroid
    assert math.dist((centre.x, centre.y), middle) < 1.0


def test_a_swallow_tail_is_notched_and_flares() -> None:
    way = np.array([(0.0, 0.0), (300.0, 0.0)])
    plain, tailed = outlined(way), arrow_outline(way, WIDTH, TAIL, HEAD, 0.8)
    assert plain.covers(shapely.Point(1, 0))
    assert not tailed.covers(shapely.Point(1, 0))
    assert tailed.covers(shapely.Point(WIDTH, 0))
    assert tailed.intersection(shapely.LineString([(0.5, -20), (0.5, 20)])).bounds[3] > WIDTH * TAIL / 2
