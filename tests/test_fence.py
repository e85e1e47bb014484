"""Lines cut to an area, as shapely cuts them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from animap.geo.fence import Fence
from animap.types import Floats

coordinates = st.integers(-40, 140).map(lambda n: n / 1.7)
lines = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=25).map(lambda p: np.array(p))


@st.composite
def areas(draw: st.DrawFn) -> BaseGeometry:
    """Discs and boxes united, with holes; nothing of it at round numbers."""
    places = st.tuples(st.floats(0, 60), st.floats(0, 60), st.floats(2, 30))
    parts = [
        shapely.Point(x, y).buffer(r, quad_segs=draw(st.integers(1, 9))) for x, y, r in draw(st.lists(places))
    ]
    parts += [shapely.box(x, y, x + r, y + 2 * r) for x, y, r in draw(st.lists(places, max_size=3))]
    holes = [shapely.Point(x, y).buffer(r / 3) for x, y, r in draw(st.lists(places, max_size=4))]
    whole = shapely.difference(shapely.union_all(parts), shapely.union_all(holes))
    return shapely.MultiPolygon([g for g in shapely.get_parts(whole) if g.geom_type == "Polygon"])


@settings(max_examples=300, deadline=None)
@given(areas(), lines, st.booleans())
def test_a_line_is_cut_as_shapely_cuts_it(area: BaseGeometry, line: Floats, ring: bool) -> None:
    line = np.concatenate([line, line[:1]]) if ring else line
    parts = Fence(area).within([line])
    expected = [
        shapely.intersection(shapely.LineString(p), area).length for p in zip(line, line[1:], strict=False)
    ]
    drawn = sum(shapely.LineString(part).length for part in parts)
    # An edge that a line runs along is in or out, as rounding will have it.
    edges = [
        shapely.intersection(shapely.LineString(p), area.boundary).length
        for p in zip(line, line[1:], strict=False)
    ]
    assert sum(expected) - sum(edges) - 1e-6 <= drawn <= sum(expected) + 1e-6
    for part in parts:
        assert len(part) > 1
        assert shapely.covers(area.buffer(1e-6), shapely.LineString(part))
    if ring and len(parts) > 1:
        # None is parted where the ring begins.
        assert not ((parts[0][0] == line[0]).all() and (parts[-1][-1] == line[0]).all())


@given(areas(), st.lists(lines, max_size=3))
@settings(max_examples=50, deadline=None)
@example(shapely.MultiPolygon(), [np.array([(0.0, 0.0), (1.0, 1.0)])])
def test_a_fence_that_has_travelled_cuts_the_same(area: BaseGeometry, several: list[Floats]) -> None:
    fence = Fence(area)
    there = pickle.loads(pickle.dumps(fence))
    here = fence.within(several)
    assert [part.tolist() for part in there.within(several)] == [part.tolist() for part in here]
    assert [p.tolist() for line in several for p in fence.within([line])] == [p.tolist() for p in here]


def test_stretches_keep_their_direction_and_points() -> None:
    fence = Fence(shapely.MultiPolygon([shapely.box(0, 0, 10, 10)]))
    line = np.array([(-5.0, 5.0), (3.0, 5.0), (7.0, 5.0), (20.0, 5.0), (20.0, 8.0), (-2.0, 8.0)])
    first, second = fence.within([line])
    assert first.tolist() == [[0, 5], [3, 5], [7, 5], [10, 5]]
    assert second.tolist() == pytest.approx(np.array([[10, 8], [0, 8]]))
    inside = np.array([(1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (1.0, 1.0)])
    assert [part.tolist() for part in fence.within([inside])] == [inside.tolist()]


def test_what_is_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="no line"):
        Fence(shapely.MultiPolygon()).within([np.zeros((3, 3))])
