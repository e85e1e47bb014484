"""Limbs of arrows as the press shapes them: what rings, chunks and heads cover is what geometry says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from animap.draw.arrow import joined, limb_rings
from animap.draw.limbs import Outline, Ribs, Shape, draw_limbs
from animap.draw.press import STAMP, degrees, print_stamps, spread
from animap.draw.relief import Relief
from animap.draw.stamps import Edge, Stamp, stamp_chunk, stamp_head
from animap.draw.traces import Trace, print_paths
from animap.marks import Page, Paths
from animap.types import Floats

PAGE = Page(331, 213)
WIDTH, HEAD = 15.0, (35.0, 34.0)
MOVE, LINE, CLOSE = 1, 2, 79


def arc(radius: float, turn: float) -> Floats:
    """A way on the page that bends evenly by an angle, to the left or to the right."""
    angle = np.linspace(0, abs(turn), 60)
    bend = math.copysign(radius, turn) * (1 - np.cos(angle))
    return np.column_stack([60 + radius * np.sin(angle), (30 if turn > 0 else 180) + bend])


bends = st.builds(arc, st.floats(70, 140), st.floats(1.0, 1.5) | st.floats(-1.5, -1.0))


def covered(paths: Paths, page: Page = PAGE) -> NDArray[np.int64]:
    """How far rings, filled together, cover the pixels of a page."""
    codes = np.full(len(paths.xy), LINE, np.uint8)
    codes[paths.starts] = MOVE
    codes[np.append(paths.starts[1:], len(paths.xy)) - 1] = CLOSE
    (left, top, right, bottom), words = spread(print_paths([Trace(paths.xy, codes, "#000000")], page), page)
    whole = np.zeros((page.height, page.width), np.uint32)
    whole[top:bottom, left:right] = words
    return (whole >> 24).astype(int)


def laid(stamps: list[Stamp], plane: int, page: Page = PAGE) -> NDArray[np.int64]:
    """The darkest that stamps have in a plane, on the page."""
    reach = 400
    whole = np.zeros((page.height + 2 * reach, page.width + 2 * reach), int)
    for left, top, right, bottom, ink in ((*s.rect, s.planes[plane]) for s in stamps):
        part = whole[top + reach : bottom + reach, left + reach : right + reach]
        np.maximum(part, ink, out=part)
    return whole[reach:-reach, reach:-reach]


def chunks(shape: Shape, edge: Edge, size: int = 8) -> list[Stamp]:
    body = Ribs.of(shape)
    assert body
    cased = body.grown(edge.casing) if edge.casing else body
    parts = [
        stamp_chunk(body, cased, first, min(first + size, body.slices), edge, PAGE)
        for first in range(0, body.slices, size)
    ]
    return [part for part in parts if part]


@given(bends, st.floats(4, 30), st.floats(-1, 9))
@settings(deadline=None)
def test_a_body_covers_its_way_as_wide_as_it_is_grown(way: Floats, width: float, grow: float) -> None:
    (paths,) = draw_limbs([Shape(way, width, 1.0, (0.0, 0.0))], [Outline([0.0], grow)])
    figure = shapely.union_all([shapely.Polygon(ring) for ring in paths.parts()])
    half = width / 2 + grow
    tail = shapely.Point(way[0]).buffer(half) if grow > 0 else shapely.Point(way[0])
    wanted = shapely.LineString(way).buffer(half, cap_style="flat")
    end = shapely.Point(way[-1]).buffer(half)
    # Straight where it begins, round where it ends.
    assert shapely.difference(figure, shapely.union_all([wanted, end, tail])).area <= 0.02 * wanted.area
    assert shapely.difference(shapely.union_all([wanted, end]), figure).area <= 0.02 * wanted.area


@given(bends, st.floats(0.5, 6))
@settings(deadline=None, max_examples=40)
def test_limbs_grow_in_flight_as_they_do_for_a_pen(way: Floats, grow: float) -> None:
    shape = Shape(way, WIDTH, 0.4, HEAD)
    (swift,) = draw_limbs([shape], [Outline([0.0], grow, grow)])
    fine = Paths.of_geometry(joined(limb_rings([shape], Outline([0.0], grow)), WIDTH))
    assert np.abs(covered(swift) - covered(fine)).mean() < 0.05


@given(bends, st.floats(-4, -0.2))
@settings(deadline=None, max_examples=40)
def test_limbs_shrink_in_flight_as_they_do_for_a_pen(way: Floats, grow: float) -> None:
    shape = Shape(way, WIDTH, 0.8, HEAD)
    (swift,) = draw_limbs([shape], [Outline([0.0], grow, grow)])
    fine = Paths.of_geometry(joined(limb_rings([shape], Outline([0.0], grow)), WIDTH))
    assert np.abs(covered(swift) - covered(fine)).mean() < 0.05


def test_a_head_smaller_than_what_it_shrinks_by_is_gone() -> None:
    shape = Shape(arc(100, 1.5), WIDTH, 0.4, (6.0, 6.0))
    whole, shrunk = draw_limbs([shape], [Outline([0.0]), Outline([0.0], 0.0, -4.0)])
    assert len(shrunk.starts) == len(whole.starts) - 1


@given(bends, st.booleans(), st.floats(0.2, 1))
@settings(deadline=None, max_examples=40)
def test_chunks_and_a_head_are_together_the_whole_arrow(way: Floats, casing: bool, share: float) -> None:
    total = float(np.hypot(*np.diff(way, axis=0).T).sum())
    tip, edge = max(60.0, share * total), Edge(3.0 if casing else 0.0)
    relief = Relief.of(Shape(way, WIDTH, 0.5, (0.0, 0.0)), edge, PAGE)
    assert relief
    shades = np.where(relief.grades < tip - HEAD[1], 255, 0).astype(np.uint8)
    head = relief.head(tip, HEAD)
    assert head
    rows = np.concatenate([relief.stamps(shades), np.array([head.record(255)], STAMP)])
    asked = np.arange(-(-PAGE.width // 32) * -(-PAGE.height // 32), dtype=np.int32)
    colours = np.concatenate([degrees(None), degrees("#ffffff"), degrees("#000000")])
    (left, top, right, bottom), words = spread(print_stamps(rows, asked, colours, PAGE), PAGE)
    alpha = np.zeros((PAGE.height, PAGE.width), int)
    alpha[top:bottom, left:right] = words >> 24
    shape = Shape(way, WIDTH, 0.5, HEAD, tip=tip)
    whole = covered(Paths.of_geometry(joined(limb_rings([shape], Outline([0.0], edge.casing)), WIDTH)))
    # But for the end of a slice beside the head, and what pixels on two edges have of both.
    assert np.abs(alpha - whole).mean() < 0.25
    assert (np.abs(alpha - whole) > 60).sum() <= 40


@given(bends, st.sampled_from([1, 3, 8]), st.sampled_from([0.0, 0.7]))
@settings(deadline=None, max_examples=40)
def test_each_pixel_of_a_body_belongs_to_one_chunk(way: Floats, size: int, swallow: float) -> None:
    shape, edge = Shape(way, WIDTH, 0.4, (0.0, 0.0), swallow), Edge(2.0, (3, 4), 1.5)
    few, many = chunks(shape, edge, 10_000), chunks(shape, edge, size)
    for plane in range(3):
        assert sum(int(s.planes[plane].sum()) for s in many) == laid(many, plane).sum()
        # However it is cut, but for the blur of what is far off.
        assert np.abs(laid(few, plane) - laid(many, plane)).max() <= 2


@pytest.mark.parametrize("deviation", [0.6, 1.35, 4.0, 12.0])
def test_a_shadow_is_as_soft_as_a_gaussian(deviation: float) -> None:
    shape = Shape(arc(90, 1.5), WIDTH, 0.5, (0.0, 0.0))
    (sharp,), (soft,) = (chunks(shape, Edge(0.0, (5, -7), blur), 10_000) for blur in (0.0, deviation))
    body = np.pad(laid([sharp], 2), 60).astype(np.uint8)
    by_pillow = np.asarray(Image.fromarray(body).filter(ImageFilter.GaussianBlur(deviation)), int)
    wanted = np.roll(by_pillow, (-7, 5), axis=(0, 1))[60:-60, 60:-60]
    assert np.abs(laid([soft], 0) - wanted).max() <= 6
    assert laid([soft], 0).sum() == pytest.approx(wanted.sum(), rel=0.01)


def test_a_shadow_is_as_old_as_what_casts_it() -> None:
    way = np.array([(60.0, 100.0), (200.0, 100.0)])
    (stamp,) = chunks(Shape(way, WIDTH, 1.0, (0.0, 0.0)), Edge(0.0, (24, 0), 1.0), 10_000)
    assert stamp.grades is not None
    left, top, *_ = stamp.rect
    row = 113 - top
    columns = np.arange(100, 160) - left
    assert np.array_equal(stamp.grades[0, row, columns + 24], stamp.grades[2, row, columns])


def test_a_shadow_falls_onto_the_page_from_beside_it() -> None:
    way = np.array([(-9.0, 20.0), (-9.0, 190.0)])
    (stamp,) = chunks(Shape(way, WIDTH, 1.0, (0.0, 0.0)), Edge(0.0, (12, 0), 1.0), 10_000)
    assert laid([stamp], 0)[100, 5] == 255
    assert not laid([stamp], 2).any()


def test_a_limb_without_a_head_has_a_round_end() -> None:
    way = np.array([(50.0, 100.0), (250.0, 100.0)])
    shape = Shape(way, 20.0, 1.0, (0.0, 0.0), tip=100.0)
    body = Ribs.of(shape)
    assert body
    end = stamp_head(shape, body, Edge(), PAGE)
    assert end
    assert laid([end], 2).sum() / 255 == pytest.approx(math.pi * 100, rel=0.02)


lengths = st.floats(0, 60) | st.sampled_from([0.0, 1e-12, 1e12, math.inf, math.nan, -1.0])
places = st.floats(-400, 700) | st.floats() | st.sampled_from([0.0, 32.0, 1e9, -1e15, 1e308, 5e-324])


@given(
    st.lists(st.tuples(places, places), max_size=6),
    st.tuples(lengths, lengths, lengths, lengths, lengths),
    st.floats() | st.floats(0, 300),
    st.tuples(st.floats(-9, 9), st.floats(-9, 9), st.floats(0, 9)),
    st.sampled_from([Page(1, 1), Page(33, 32), PAGE]),
)
@example([(50.0, 50.0), (50.0, 50.0)], (9.0, 1.0, 9.0, 9.0, 0.0), math.inf, (0.0, 0.0, 2.0), PAGE)
@example([(0.0, 0.0), (1e9, 1e9)], (1e-3, 1.0, 9.0, 9.0, 0.7), 200.0, (1.0, 1.0, 2.0), PAGE)
@settings(deadline=None, max_examples=150)
def test_no_limb_is_too_strange(
    way: list[tuple[float, float]],
    sizes: tuple[float, float, float, float, float],
    tip: float,
    grown: tuple[float, float, float],
    page: Page,
) -> None:
    width, tail, across, length, swallow = sizes
    grow, grow_heads, soft = grown
    shape = Shape(np.array(way, float).reshape(-1, 2), width, tail, (across, length), swallow, tip=tip)
    (paths,) = draw_limbs([shape], [Outline([0.0], grow, grow_heads)])
    assert np.isfinite(paths.xy).all()
    body, edge = Ribs.of(shape), Edge(abs(grow), (3, 4), soft)
    if body is None:
        assert not len(paths.xy)
        return
    found = stamp_head(shape, body, edge, page), stamp_chunk(body, body.grown(abs(grow)), 0, 1, edge, page)
    for stamp in found:
        if stamp is not None:
            left, top, right, bottom = stamp.rect
            assert stamp.planes.shape == (3, bottom - top, right - left)
            assert stamp.planes.any(axis=0).any(axis=0)[[0, -1]].all()


def test_points_that_are_no_way_are_refused() -> None:
    with pytest.raises(ValueError, match="no way"):
        draw_limbs([Shape(np.zeros((3, 3)), WIDTH, 0.4, HEAD)], [Outline([0.0])])


def test_limbs_of_a_figure_begin_where_each_is_told_to() -> None:
    one, other = Shape(arc(90, 1.5), WIDTH, 0.4, HEAD), Shape(arc(80, -0.8), WIDTH, 0.4, HEAD)
    both, late, none = draw_limbs([one, other], [Outline([0, 0]), Outline([60, 1e6]), Outline([1e6, 1e6])])
    (single,) = draw_limbs([one], [Outline([60])])
    assert np.array_equal(late.xy, single.xy)
    assert not len(none.starts)
    assert len(both.xy) > len(late.xy)


def test_an_outline_may_be_moved() -> None:
    shape = Shape(arc(90, 1.5), WIDTH, 0.4, HEAD)
    still, moved = draw_limbs([shape], [Outline([0]), Outline([0], right=3.0, up=-2.0)])
    assert np.allclose(moved.xy, still.xy + np.array([3.0, -2.0]))
