"""What the press prints is what geometry says, and what Agg, another rasteriser, draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from animap.draw.painter import Eye
from animap.draw.press import Laid, Sprite, changed, compose, cut, merged, spread, straight
from animap.draw.sprite import rasterise
from animap.draw.tiles import SIDE, across
from animap.draw.traces import Trace, paint, print_paths
from animap.marks import Area, Image, Page, View, box
from animap.style import Hatch
from animap.types import Floats, Pixels

PAGE = Page(331, 213)
MOVE, LINE, CLOSE = 1, 2, 79
ALL = np.arange(across(PAGE.width) * -(-PAGE.height // SIDE), dtype=np.int32)
corners = st.tuples(st.floats(-300, 700), st.floats(-300, 500))


def laid_out(sprite: Sprite, page: Page = PAGE) -> Pixels:
    """A sprite on the page, RGBA with colours multiplied by alpha."""
    (left, top, right, bottom), words = spread(sprite, page)
    whole = np.zeros((page.height, page.width), np.uint32)
    whole[top:bottom, left:right] = words
    return whole.view(np.uint8).reshape(page.height, page.width, 4)


def cover_of(sprite: Sprite, page: Page = PAGE) -> NDArray[np.int64]:
    return laid_out(sprite, page)[..., 3].astype(int)


def print_path(
    xy: Floats,
    codes: NDArray[np.generic],
    colour: str,
    page: Page,
    width: float = 0.0,
    dash: Sequence[float] = (),
) -> Sprite:
    return print_paths([Trace(xy, codes.astype(np.uint8), colour, width, tuple(dash))], page)


def by_agg(path: Path, width: float = 0.0, dash: tuple[float, ...] = ()) -> NDArray[np.int64]:
    renderer = RendererAgg(PAGE.width, PAGE.height, 72)
    gc = renderer.new_gc()
    gc.set_snap(False)
    gc.set_joinstyle("round")
    gc.set_capstyle("butt" if dash else "round")
    gc.set_linewidth(width)
    gc.set_foreground((0, 0, 0, 1), isRGBA=True)
    if dash:
        gc.set_dashes(0, list(dash))
    path.should_simplify = False
    renderer.draw_path(gc, path, IdentityTransform(), None if width else (0, 0, 0, 1))
    return np.asarray(renderer.buffer_rgba())[..., 3].astype(int)


def ring_of(xy: Floats) -> Path:
    return Path(np.concatenate([xy, xy[:1]]), [MOVE, *[LINE] * (len(xy) - 1), CLOSE])


@given(st.lists(corners, min_size=3, max_size=12, unique=True), st.sampled_from(["#b23a2a", "#2f6a4a80"]))
@example([(20.0, 20.5), (301.0, 20.5), (301.0, 180.0), (20.0, 180.0)], "#2f6a4a80")
@example([(-50.0, -50.0), (500.0, -50.0), (500.0, 400.0), (-50.0, 400.0)], "#b23a2a")
@settings(deadline=None, max_examples=80)
def test_an_area_is_covered_as_agg_covers_it(ring: list[tuple[float, float]], colour: str) -> None:
    # Round its middle, so that it does not cross itself: winding within a pixel is rounded either way.
    middle = np.mean(ring, axis=0)
    path = ring_of(np.array(sorted(ring, key=lambda c: np.arctan2(c[1] - middle[1], c[0] - middle[0]))))
    ours = cover_of(print_path(path.vertices, path.codes, colour, PAGE))
    theirs = by_agg(path) * (128 / 255 if len(colour) > 7 else 1)
    # Slivers at a corner apart, where Agg rounds to 1/256 of a pixel.
    assert (np.abs(ours - theirs) > 4).sum() <= 3 * len(ring)
    assert np.abs(ours - theirs).mean() < 0.05 + (0.5 if len(colour) > 7 else 0)


@given(
    st.lists(st.tuples(st.floats(20, 310), st.floats(20, 190)), min_size=2, max_size=7, unique=True),
    st.floats(0.4, 18),
    st.sampled_from([(), (9.0, 4.0), (7.0, 3.0, 1.5, 3.0)]),
    st.booleans(),
)
@example([(20.0, 20.0), (20.0, 20.0), (200.0, 20.0), (20.0, 20.0)], 8.0, (), True)
@settings(deadline=None, max_examples=80)
def test_a_stroke_is_covered_as_agg_covers_it(
    way: list[tuple[float, float]], width: float, dash: tuple[float, ...], closed: bool
) -> None:
    xy = np.array(way)
    # Where dashes begin on a ring is each one's own choice.
    path = ring_of(xy) if closed and not dash else Path(xy, [MOVE, *[LINE] * (len(xy) - 1)])
    ours = cover_of(print_path(path.vertices, path.codes, "#000000", PAGE, width, dash))
    difference = np.abs(ours - by_agg(path, width, dash))
    # At the inside of bends, Agg leaves and adds what a pen would not.
    assert (difference > 48).sum() <= 6 * len(xy) + (6 * width if not dash else 30 * len(xy))
    assert difference.mean() < 1.5


@given(st.integers(0, 10**6), st.floats(0.6, 9.0), st.floats(0.05, 0.15))
def test_a_stroke_that_bends_softly_covers_what_lies_within_half_its_width(
    seed: int, width: float, bend: float
) -> None:
    chance = np.random.default_rng(seed)
    heading = np.cumsum(chance.normal(0, bend, 40))
    steps = np.column_stack([np.cos(heading), np.sin(heading)]) * chance.uniform(1.5, 5, (40, 1))
    line = np.cumsum(steps, axis=0)
    line += np.array([PAGE.width, PAGE.height]) / 2 - line.mean(axis=0)
    cover = cover_of(print_path(line, np.array([MOVE] + [LINE] * 39), "#000000", PAGE, width)) / 255
    within = shapely.buffer(shapely.LineString(line * (1, -1) + (0, PAGE.height)), width / 2, quad_segs=32)
    rows, columns = np.nonzero((cover > 0) & (cover < 1))
    pixels = shapely.box(columns, rows, columns + 1, rows + 1)
    off = cover[rows, columns] - shapely.area(shapely.intersection(pixels, within))
    # Where it meets itself, areas are added and not united: there are few such pixels.
    assert np.abs(off).mean() < 0.012
    assert abs(off.mean()) < 0.004


def test_a_stroke_never_lightens_where_it_crosses_itself_or_turns_sharply() -> None:
    t = np.linspace(0, 2 * np.pi, 400)
    eight = np.column_stack([165 + 120 * np.sin(t), 106 + 80 * np.sin(2 * t)])
    spikes = np.array([(20, 20), (300, 22), (20, 24), (300, 190), (22, 26)], float)
    for xy in (eight, spikes):
        codes = np.array([MOVE, *[LINE] * (len(xy) - 1)], np.uint8)
        covered = cover_of(print_path(xy, codes, "#000000", PAGE, 6.0))
        columns, rows = np.floor(xy[:, 0]).astype(int), np.floor(PAGE.height - xy[:, 1]).astype(int)
        assert (covered[rows, columns] == 255).all()


@pytest.mark.parametrize("radius", [0.7, 4.0, 60.0])
def test_curves_are_as_round_as_their_size_shows(radius: float) -> None:
    circle = Path.unit_circle()
    xy = circle.vertices * radius + (151.3, 99.8)
    disc = cover_of(print_path(xy, circle.codes, "#000000", PAGE)).sum() / 255
    assert disc == pytest.approx(np.pi * radius**2, rel=0.02, abs=0.05)
    if radius < 1:
        return
    rim = cover_of(print_path(xy, circle.codes, "#000000", PAGE, 0.8)).sum() / 255
    assert rim == pytest.approx(2 * np.pi * radius * 0.8, rel=0.03, abs=0.1)


def test_a_shape_that_moves_by_part_of_a_pixel_keeps_its_area() -> None:
    square = np.array([(40, 40), (90, 40), (90, 75), (40, 75)], float)
    areas = {
        round(cover_of(print_path(p.vertices, p.codes, "#000000", PAGE)).sum() / 255)
        for p in (ring_of(square + np.array([i / 7, i / 5])) for i in range(35))
    }
    assert areas == {50 * 35}


@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.booleans())
@settings(deadline=None, max_examples=40)
def test_sprites_lie_over_each_other_as_alpha_says(seed: int, opacity: float, split: bool) -> None:
    random = np.random.default_rng(seed)
    sprites, colours = [], ["#b23a2a", "#2f6a4a80", "#39499b20"]
    for colour in colours:
        path = ring_of(random.uniform(-50, 350, (5, 2)))
        sprites.append(print_path(path.vertices, path.codes, colour, PAGE))
    tiles = -(-PAGE.width // SIDE) * -(-PAGE.height // SIDE)
    numbers = np.arange(tiles, dtype=np.int32)
    ground, pixels = np.full((tiles, SIDE * SIDE), 0xFF806040, np.uint32), np.zeros((213, 331, 3), np.uint8)
    layers = [Laid.of(sprites[0]), Laid.of(sprites[1], opacity), Laid.of(sprites[2])]
    if split:
        # What has joined the ground is under the rest all the same.
        compose(ground, layers[:1], numbers, PAGE)
        layers = layers[1:]
    compose(ground, layers, numbers, PAGE, pixels)
    expected = np.full((213, 331, 3), (0x40, 0x60, 0x80), float)
    for sprite, share in zip(sprites, (1.0, opacity, 1.0), strict=True):
        ink = laid_out(sprite).astype(float) * share
        expected = ink[..., :3] + expected * (1 - ink[..., 3:] / 255)
    assert np.abs(pixels - expected).max() <= 2


def test_merged_sprites_are_as_opaque_as_their_parts_and_differ_where_they_do() -> None:
    shapes = [[(0, 0), (140, 0), (140, 140)], [(60, 60), (200, 60), (200, 200)]]
    paths = [ring_of(np.array(xy, float)) for xy in shapes]
    one, other = (print_path(p.vertices, p.codes, "#b23a2a", PAGE) for p in paths)
    both = merged([one, other], PAGE)
    assert len(one.lid)
    assert set(one.lid) | set(other.lid) <= set(both.lid)
    rows, columns = np.nonzero(np.any(laid_out(both) != laid_out(one), axis=2))
    differing, _ = changed([], [(0, both, one)], PAGE)
    assert set(differing) == set(rows // SIDE * -(-PAGE.width // SIDE) + columns // SIDE)
    assert not len(changed([], [(0, both, merged([one, other], PAGE))], PAGE)[0])


tiled = st.dictionaries(
    st.integers(0, len(ALL) - 1), st.tuples(st.integers(0, 2), st.booleans()), max_size=30
)


def tiles_of(made: dict[int, tuple[int, bool]]) -> Sprite:
    """A sprite of tiles, each of one pixel value, opaque or not."""
    numbers = np.array(sorted(made), np.int32)
    words = np.array([made[n][0] for n in numbers], np.uint32)
    pixels = np.repeat(words, SIDE * SIDE).reshape(-1, SIDE, SIDE)
    return Sprite.of(numbers, pixels, np.array([made[n][1] for n in numbers], np.bool_))


@given(
    st.lists(st.tuples(tiled, st.booleans()), max_size=4),
    st.lists(st.tuples(st.integers(0, 4), tiled, tiled), max_size=4),
)
@settings(deadline=None)
def test_changes_show_where_marks_differ_and_none_that_stays_hides_them(
    stay: list[tuple[dict[int, tuple[int, bool]], bool]],
    turn: list[tuple[int, dict[int, tuple[int, bool]], dict[int, tuple[int, bool]]]],
) -> None:
    staying = [Laid.of(tiles_of(made), 1.0 if whole else 0.5) for made, whole in stay]
    changes = [(min(rank, len(stay)), tiles_of(one), tiles_of(other)) for rank, one, other in turn]
    numbers, rects = changed(staying, changes, PAGE)
    expected = {
        number
        for rank, one, other in turn
        for number in one.keys() | other.keys()
        if number not in one or number not in other or one[number][0] != other[number][0]
        if not any(whole and made.get(number, (0, False))[1] for made, whole in stay[min(rank, len(stay)) :])
    }
    assert numbers.tolist() == sorted(expected)
    covered = np.zeros((PAGE.height, PAGE.width), int)
    for left, top, right, bottom in rects:
        covered[top:bottom, left:right] += 1
    wanted = np.isin(ALL, numbers).reshape(-1, -(-PAGE.width // SIDE))
    assert (covered == np.kron(wanted, np.ones((SIDE, SIDE), int))[: PAGE.height, : PAGE.width]).all()


def test_a_hatch_ends_where_its_area_does() -> None:
    hatch = Hatch(colour="#000000", width=20, spacing=60)
    hatched = Area(paths=box(200, 200, 700, 600), hatch=hatch, space="page")
    full = Area(paths=hatched.paths, fill="#000000", space="page")
    inked, inside = (cover_of(rasterise(area, Eye(View(0, 0, 1), PAGE))) > 0 for area in (hatched, full))
    assert inked.any()
    assert not (inked & ~inside).any()
    assert 0.2 < inked.sum() / inside.sum() < 0.6


def test_a_picture_keeps_its_colours_and_its_alpha() -> None:
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = (200, 90, 10), 128
    unit = PAGE.unit
    image = Image(pixels=pixels, corners=(40 / unit, 50 / unit, 70 / unit, 70 / unit), space="page")
    (left, top, right, bottom), words = spread(rasterise(image, Eye(View(0, 0, 1), PAGE)), PAGE)
    shown = straight(words)[55 - top, 50 - left]
    assert right > left
    assert bottom > top
    assert np.abs(shown.astype(int) - (200, 90, 10, 128)).max() <= 1


@pytest.mark.parametrize("bend", [10.0, 13.7])
def test_a_dash_that_ends_at_a_bend_is_there(bend: float) -> None:
    xy = np.array([(20, 100.5), (20 + bend, 100.5), (200, 100.5)])
    covered = cover_of(print_path(xy, np.array([MOVE, LINE, LINE]), "#000000", PAGE, 1.0, (10.0, 6.0)))
    row = covered[PAGE.height - 101] == 255
    assert row.sum() == 10 * 11 + 4
    assert row[20:30].all()
    assert not row[30:36].any()


def test_an_odd_number_of_dashes_takes_turns() -> None:
    xy, codes = np.array([(20, 100.5), (221, 100.5)]), np.array([MOVE, LINE], np.uint8)
    ways = [print_path(xy, codes, "#000000", PAGE, 2.0, dash) for dash in ((7.0,), (7.0, 7.0))]
    assert (laid_out(ways[0]) == laid_out(ways[1])).all()
    assert (
        0.4
        < (cover_of(ways[0]) > 0).sum() / (cover_of(print_path(xy, codes, "#000000", PAGE, 2.0)) > 0).sum()
        < 0.6
    )


@pytest.mark.parametrize("dash", [(0.0, 0.0), (0.0,), (1e-12, 1e-12), (float("inf"), 1.0)])
def test_dashes_without_gaps_to_be_seen_are_a_line(dash: tuple[float, ...]) -> None:
    xy, codes = np.array([(20, 100), (120, 140), (221, 100)], float), np.array([MOVE, LINE, LINE], np.uint8)
    covered = cover_of(print_path(xy, codes, "#000000", PAGE, 4.0, dash))
    assert (covered[PAGE.height - 1 - np.array([110, 119, 130]), [45, 69, 95]] == 255).all()


def test_dashes_of_a_line_from_far_off_stay_where_they_were() -> None:
    near, far = (
        cover_of(
            print_path(
                np.array([(x, 50.5), (300, 50.5)]), np.array([MOVE, LINE]), "#000000", PAGE, 3.0, (6.0, 4.0)
            )
        )
        for x in (-1000.0, -9e8)
    )
    assert (near == far).all()
    assert 0 < (near[162] == 0).sum() < PAGE.width / 2


@given(
    st.lists(
        st.tuples(
            st.floats(),
            st.floats() | st.sampled_from([0.0, 32.0, 1e9, -1e15, 1e308, 5e-324]),
            st.sampled_from([0, MOVE, LINE, LINE, 3, 4, CLOSE]),
        ),
        max_size=8,
    ),
    st.floats(0) | st.sampled_from([0.0, 2.0]),
    st.lists(st.floats(0), max_size=3),
    st.sampled_from([Page(1, 1), Page(33, 32), PAGE]),
)
@example([(5e-307, 213.0, MOVE), (0.0, 100.0, LINE)], 0.3, [], PAGE)
@settings(deadline=None, max_examples=150)
def test_no_path_is_too_strange(
    points: list[tuple[float, float, int]], width: float, dash: list[float], page: Page
) -> None:
    xy = np.array([point[:2] for point in points], float).reshape(-1, 2)
    codes = np.array([point[2] for point in points], np.uint8)
    sprite = print_path(xy, codes, "#2f6a4a80", page, width, dash)
    ink = laid_out(sprite, page)
    assert (ink[..., :3] <= ink[..., 3:]).all()
    assert ink.max() <= 128


strokes = st.tuples(
    st.lists(corners, min_size=3, max_size=6, unique=True),
    st.sampled_from(["#b23a2a", "#2f6a4a80", "#ffffff"]),
    st.sampled_from([0.0, 0.0, 3.0]),
)


@given(st.lists(strokes, max_size=6))
@example([([(-50.0, -50.0), (500.0, -50.0), (500.0, 400.0), (-50.0, 400.0)], "#b23a2a", 0.0)] * 2)
@settings(deadline=None, max_examples=60)
def test_paths_printed_together_or_painted_are_as_if_laid_one_by_one(
    drawn: list[tuple[list[tuple[float, float]], str, float]],
) -> None:
    rings = [(ring_of(np.array(ring)), colour, width) for ring, colour, width in drawn]
    paths = [Trace(r.vertices, r.codes.astype(np.uint8), colour, width) for r, colour, width in rings]
    single = [print_paths([path], PAGE) for path in paths]
    together = print_paths(paths, PAGE)
    assert (laid_out(together) == laid_out(merged(single, PAGE))).all()
    # Where nothing shows through all of them, it does not through what they are together.
    assert set(together.lid) >= {number for sprite in single for number in sprite.lid}
    pictures = []
    for painted in (True, False):
        ground = np.full((len(ALL), SIDE * SIDE), 0xFF336699, np.uint32)
        if painted:
            paint(ground, paths, PAGE)
        else:
            compose(ground, [Laid.of(sprite) for sprite in single], ALL, PAGE)
        pictures.append(np.zeros((PAGE.height, PAGE.width, 3), np.uint8))
        compose(ground, (), ALL, PAGE, pictures[-1])
    assert (pictures[0] == pictures[1]).all()


def test_colours_stay_while_anything_is_drawn_in_them() -> None:
    ring = ring_of(np.array([(0.0, 0.0), (331.0, 0.0), (331.0, 213.0), (0.0, 213.0)]))
    codes = ring.codes.astype(np.uint8)
    # More than are remembered, and the lowest of them shown by the one tile that all share.
    colours = [f"#{n:06x}" for n in range(0xB23A2A, 0xB23A2A + 300)]
    traces = [Trace(ring.vertices, codes, colour) for colour in colours]
    sprites = [print_paths([trace], PAGE) for trace in traces]
    assert (laid_out(sprites[0])[..., :3] == (0xB2, 0x3A, 0x2A)).all()
    together = print_paths([*traces, *reversed(traces)], PAGE)
    assert (laid_out(together)[..., :3] == (0xB2, 0x3A, 0x2A)).all()


def test_a_colour_that_was_forgotten_in_between_is_held_twice() -> None:
    def boxed(left: float, right: float, colour: str) -> Trace:
        ring = ring_of(np.array([(left, 0.0), (right, 0.0), (right, 213.0), (left, 213.0)]))
        return Trace(ring.vertices, ring.codes.astype(np.uint8), colour)

    others = [boxed(96.0, 192.0, f"#{n:06x}") for n in range(1, 301)]
    sprite = print_paths([boxed(0.0, 96.0, "#b23a2a"), *others, boxed(192.0, 331.0, "#b23a2a")], PAGE)
    held = [(flat.ctypes.data, flat.ctypes.data + flat.nbytes) for flat in sprite.held]
    for tile in sprite.tiles.tolist():
        assert any(first <= tile < last for first, last in held)


def test_a_picture_partly_off_the_page_is_cut_at_its_edges() -> None:
    pixels = np.full((PAGE.height + 90, PAGE.width + 90, 4), (200, 90, 10, 255), np.uint8)
    assert (cover_of(cut(pixels, (-40, -50), PAGE)) == 255).all()
    covered = cover_of(cut(pixels, (PAGE.width - 3, PAGE.height - 2), PAGE))
    assert covered.sum() == 3 * 2 * 255
    assert not len(cut(pixels, (PAGE.width + 50, -5000), PAGE).numbers)


def test_points_and_codes_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="no path"):
        print_path(np.zeros((3, 2)), np.array([MOVE, LINE], np.uint8), "#000000", PAGE)


def test_what_lies_far_off_the_page_or_nowhere_leaves_nothing() -> None:
    for xy in (
        [(1e7, 1e7), (1e7 + 5, 1e7), (1e7, 1e7 + 5)],
        [(0, float("nan")), (5, 5), (9, 1)],
        [(-9e8, 40), (-8e8, 60), (-9e8, 80)],
    ):
        path = ring_of(np.array(xy))
        for width in (0.0, 3.0):
            assert not len(print_path(path.vertices, path.codes, "#000000", PAGE, width).numbers)
    wide = ring_of(np.array([(-9e8, -9e8), (9e8, -9e8), (9e8, 9e8), (-9e8, 9e8)]))
    assert (cover_of(print_path(wide.vertices, wide.codes, "#000000", PAGE)) == 255).all()
