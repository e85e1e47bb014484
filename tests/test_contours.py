"""Contours of heights on a grid, and the lines on which teeth sit."""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import Any
from unittest import mock

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from animap import native
from animap.geo import contours, fence, rails
from animap.geo.contours import BLOCK, Contours
from animap.geo.lines import enclosed
from animap.geo.rails import Rails
from animap.types import Floats

# Over several blocks, with plateaus, saddles, and nodes that are just as high as the level.
heights = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 3 * BLOCK), st.integers(2, 3 * BLOCK)),
    elements=st.integers(0, 4).map(float),
    fill=st.sampled_from([0.0, 2.0, 4.0]),
)


def contours_of(z: Floats) -> Contours:
    rows, columns = (np.arange(0, n - 1, BLOCK) for n in z.shape)
    blocks = [[z[r : r + BLOCK + 1, c : c + BLOCK + 1] for c in columns] for r in rows]
    lowest, highest = (np.array([[f(b) for b in row] for row in blocks]) for f in (np.min, np.max))
    return Contours(np.arange(z.shape[1]) * 10.0 + 3, np.arange(z.shape[0]) * 5.0 - 7, z, lowest, highest)


def crossings(z: Floats, level: float) -> int:
    high = z > level
    return int((high[1:] != high[:-1]).sum() + (high[:, 1:] != high[:, :-1]).sum())


@settings(max_examples=200, deadline=None)
@given(heights, st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.7, 2.0, 3.9, 4.0]))
def test_contours_cross_each_side_between_high_and_low_once(z: Floats, level: float) -> None:
    lines = contours_of(z).lines(level)
    passed = sum(len(line) - bool((line[0] == line[-1]).all() and len(line) > 2) for line in lines)
    # An open line may end in the node where it began; its two ends are crossings all the same.
    assert crossings(z, level) - len(lines) <= passed <= crossings(z, level)


@settings(max_examples=200, deadline=None)
@given(heights, st.sampled_from([-1.0, 0.5, 1.7, 2.5, 3.9, 4.5]))
def test_rings_lie_round_what_is_high_and_nothing_else(z: Floats, level: float) -> None:
    rings = contours_of(z).rings(level)
    assert all((ring[0] == ring[-1]).all() for ring in rings)
    x, y = np.meshgrid(np.arange(z.shape[1]) * 10.0 + 3, np.arange(z.shape[0]) * 5.0 - 7)
    # Nodes on the edge of the grid lie on rings: they are asked for a little further in.
    inward = [np.clip(at, at.min() + 0.01, at.max() - 0.01) for at in (x, y)]
    around = np.zeros(z.shape)
    for ring in rings:
        held = shapely.contains_xy(shapely.make_valid(shapely.Polygon(ring)), *inward)
        around += np.sign(enclosed(ring)) * held
    assert (around == (z > level)).all()


@pytest.mark.parametrize(("middle", "joined"), [(3.0, True), (-3.0, False)])
def test_where_two_contours_meet_in_a_cell_its_middle_decides(middle: float, joined: bool) -> None:
    z = np.array([[1.0 + middle, -1.0], [-1.0, 1.0 + middle]])
    z[z == 1.0 + middle] = 2.0 if joined else 0.5
    rings = contours_of(z).rings(0.0)
    assert len(rings) == (1 if joined else 2)


def test_the_same_level_twice_gives_lists_of_ones_own() -> None:
    made = contours_of(np.array([[0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]))
    made.rings(1.0).append(np.zeros((4, 2)))
    made.lines(1.0).clear()
    assert len(made.rings(1.0)) == len(made.lines(1.0)) == 1


@pytest.mark.skipif(
    not native.LIBRARY.takes_wide(), reason="only one library is made for this kind of processor, or used"
)
@settings(max_examples=50, deadline=None)
@given(heights, st.sampled_from([0.5, 1.7, 2.5]), st.lists(st.tuples(st.floats(-9, 99), st.floats(-9, 99))))
def test_every_kind_of_processor_finds_the_same(
    z: Floats, level: float, places: list[tuple[float, float]]
) -> None:
    found = []
    for library in (native.LIBRARY, native.opened()):
        with ExitStack() as stack:
            for module in (contours, fence, rails):
                own = module._declared(library)  # type: ignore[attr-defined]
                stack.enter_context(mock.patch.object(module, "_PRESS", own))
            lines = contours_of(z).lines(level)
            cut = fence.Fence(shapely.Point(40.3, 20.1).buffer(31.7)).within(lines)
            at = np.array(places, dtype=float).reshape(-1, 2)
            near = Rails(lines).nearest(at) if lines else ()
            teeth = Rails(lines).teeth(near[0], near[1], np.ones(len(at)), 2.0, 3.0) if near else np.empty(0)
        found.append([part.tobytes() for part in (*lines, *cut, *near, teeth)])
    assert found[0] == found[1]


def test_heights_that_fit_no_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit a grid"):
        Contours(np.arange(3.0), np.arange(4.0), np.zeros((3, 4)), np.zeros((1, 1)), np.zeros((1, 1)))


@st.composite
def dense(draw: st.DrawFn) -> Floats:
    """A line whose vertices lie closer than it bends, some of them at one place."""
    turns = draw(st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=60))
    way = np.cumsum(turns)
    steps = np.column_stack([np.cos(way), np.sin(way)]) * draw(st.sampled_from([0.0, 0.3, 1.0]))
    return np.concatenate([[(draw(st.floats(-80, 80)), 0.0)], steps]).cumsum(axis=0)


@settings(max_examples=150, deadline=None)
@given(st.lists(dense(), min_size=1, max_size=4), st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9))))
def test_the_nearest_of_several_lines_is_found(
    lines: list[Floats], places: list[tuple[float, float]]
) -> None:
    rails = Rails(lines)
    at = np.array(places, dtype=float).reshape(-1, 2)
    numbers, along, away = rails.nearest(at)
    shapes = [shapely.LineString(line) for line in lines]
    seats = rails.at(numbers, along)
    for place, seat, number, metres, off in zip(at, seats, numbers, along, away, strict=True):
        assert math.dist(place, seat) == pytest.approx(off, abs=1e-9)
        assert 0 <= metres <= rails.lengths[number]
        assert shapely.distance(shapes[number], shapely.Point(seat)) < 1e-9
        # The nearest vertex leads to the nearest place where vertices are dense.
        assert off <= min(shapely.distance(shape, shapely.Point(place)) for shape in shapes) + 0.6


@settings(max_examples=100, deadline=None)
@given(dense(), st.lists(st.floats(-10, 200)))
def test_a_place_along_a_line_is_where_it_says(line: Floats, along: list[float]) -> None:
    track = Rails([np.zeros((1, 2)), line])
    found = track.at(np.ones(len(along), np.int64), np.array(along))
    run = track.run[1:]
    assert track.run[0] == 0
    assert run[-1] == pytest.approx(shapely.LineString(line).length)
    for axis in (0, 1):
        assert np.allclose(found[:, axis], np.interp(along, run, line[:, axis]), atol=1e-9)


def test_small_teeth_are_left_out_and_rings_known() -> None:
    square = np.array([(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], float)
    rails = Rails([square, square[:3]])
    assert rails.rings.tolist() == [True, False]
    assert rails.lengths.tolist() == [36, 18]
    some = rails.teeth(np.array([0, 1, 1]), np.array([4.5, 4.5, 13.5]), np.array([1.0, 0.01, 0.5]), 2.0, 4.0)
    assert some[:, 2].tolist() == [[4.5, 4.0], [7.0, 4.5]]


@pytest.mark.parametrize(
    "asked",
    [
        lambda rails: rails.at(np.array([1]), np.array([0.0])),
        lambda rails: rails.at(np.array([-1]), np.array([0.0])),
        lambda rails: rails.at(np.array([0, 0]), np.array([0.0])),
        lambda rails: rails.teeth(np.array([0]), np.array([0.0]), np.ones(2), 1.0, 1.0),
        lambda _: Rails([np.empty((0, 2))]),
        lambda _: Rails([]).nearest(np.zeros((1, 2))),
        lambda rails: rails.nearest(np.zeros((2, 1))),
    ],
)
def test_what_would_read_beyond_the_lines_is_refused(asked: Any) -> None:
    with pytest.raises(ValueError, match=r"line|teeth|places"):
        asked(Rails([np.zeros((2, 2))]))
