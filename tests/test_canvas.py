"""The canvas draws only what changed, and nobody can tell: byte for byte what a full redraw gives."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from unittest import mock

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from animap import native
from animap.draw import Canvas, figure, limbs, press, stamps, traces
from animap.draw.press import Sprite
from animap.draw.stack import mark_of
from animap.encode import yuv
from animap.film import load_film
from animap.geo.lines import lengths
from animap.marks import (
    Area,
    Arrow,
    Badge,
    Faded,
    Frame,
    Line,
    Mark,
    Page,
    Paths,
    Points,
    Shown,
    Text,
    TextAlong,
    View,
    box,
)
from animap.scene import Scene, Take
from animap.style import Hatch, Lettering, Pen, load_style
from animap.timeline import When
from animap.types import Pixels, Rect
from conftest import FilmFolder

ODD = Page(97, 61)
VIEW = View(0, 0, 97)
LETTERING = load_style("atlas").furniture.caption.model_copy(update={"size": 260, "halo": "#ffffff80"})


def framed(marks: Sequence[Shown], page: Page = ODD, view: View = VIEW, ground: str = "#c0d0e0") -> Frame:
    return Frame(0, Fraction(0), 0.0, page, view, ground, tuple(marks))


def fully(frame: Frame) -> Pixels:
    return Canvas(frame.page, full=True).draw(frame).pixels


# --- random marks --------------------------------------------------------------------------------------

colours = st.sampled_from(["#b23a2a", "#2f6a4a80", "#39499b20", "#000000"])
spots = st.tuples(st.floats(-60, 60), st.floats(-40, 40))
lines = st.lists(spots, min_size=2, max_size=6, unique=True).map(np.array)
pens = st.builds(
    Pen,
    colour=colours,
    width=st.floats(10, 90),
    dash=st.sampled_from([(), (120.0, 60.0)]),
)
hatches = st.none() | st.builds(Hatch, colour=colours, width=st.just(20), spacing=st.floats(60, 200))
rings = st.tuples(spots, st.floats(4, 40), st.booleans()).map(
    lambda ring: Paths.of_geometry(
        shapely.Point(ring[0])
        .buffer(ring[1])
        .difference(shapely.Point(ring[0]).buffer(ring[1] / 2) if ring[2] else shapely.Polygon())
    )
)
letterings: st.SearchStrategy[Lettering] = st.just(LETTERING)
words = st.sampled_from(["Ypres", "2 < 3", "ï", ""])
marks: st.SearchStrategy[Mark] = st.one_of(
    st.builds(Points, xy=lines, radius=st.floats(20, 200), fill=colours, pen=st.none() | pens),
    st.builds(Line, paths=lines.map(lambda xy: Paths.of([xy])), pen=pens, casing=st.none() | pens),
    st.builds(Area, paths=rings, fill=st.none() | colours, hatch=hatches, pen=st.none() | pens),
    st.builds(Arrow, xy=lines, fill=colours, width=st.floats(30, 200), casing=st.none() | pens,
              head=st.just((300.0, 300.0)), shadow=st.sampled_from([None, ("#00000040", 30.0, 40.0, 20.0)]),
              fresh=st.just((20.0,)), steps=st.sampled_from([(1.0,), (0.3, 0.9)])),
    st.builds(Badge, at=spots, radius=st.floats(20, 200), edge=st.none() | pens,
              parts=st.builds(lambda c: ((box(-1, -1, 1, 0), c),), colours)),
    st.builds(Text, text=words, at=spots, lettering=letterings, angle=st.sampled_from([0.0, 33.0]),
              space=st.just("map")),
    st.builds(TextAlong, text=words, xy=lines, lettering=letterings),
)  # fmt: skip


@st.composite
def films(draw: st.DrawFn) -> list[list[Shown]]:
    """Frames over a few marks that come, go, fade, change their order, and stay for a while."""
    pool = draw(st.lists(marks, min_size=1, max_size=6))
    opacities = st.sampled_from([1.0, 1.0, 0.5, 0.25])
    shown = st.builds(
        lambda mark, opacity: mark if opacity == 1 else Faded(mark, opacity), st.sampled_from(pool), opacities
    )
    frames: list[list[Shown]] = []
    for _ in range(draw(st.integers(2, 6))):
        frame = draw(st.lists(shown, max_size=7) | st.permutations(pool).map(list))
        # Long enough for the lowest marks to join the ground.
        frames += [frame] * draw(st.sampled_from([1, 1, 12]))
        top = draw(shown)
        frames += [[*frame, top], frame] * draw(st.sampled_from([0, 6]))
    return frames


@pytest.mark.skipif(
    not native.LIBRARY.takes_wide(), reason="only one library is made for this kind of processor, or used"
)
@given(st.lists(marks, min_size=1, max_size=6), st.booleans())
@settings(deadline=None, max_examples=60)
def test_every_kind_of_processor_draws_the_same(drawn: list[Mark], flying: bool) -> None:
    frame = replace(framed(drawn), flying=flying)
    pictures = []
    for library in (native.LIBRARY, native.opened()):
        with ExitStack() as stack:
            for module in (press, traces, limbs, stamps, yuv):
                own = module._declared(library)  # type: ignore[attr-defined]
                stack.enter_context(mock.patch.object(module, "_PRESS", own))
            figure._placed.cache_clear()
            picture = Canvas(ODD, full=True).draw(frame).pixels[:60, :96]
            planes = yuv.Planes(96, 60)
            planes.take(picture)
            pictures.append((picture.copy(), planes.frame.to_ndarray()))
    for one, other in zip(*pictures, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("flying", [False, True])
def test_a_pen_without_width_draws_nothing(*, flying: bool) -> None:
    bent = Paths.of([np.array([(-40.0, -20.0), (0.0, 25.0), (40.0, -20.0)])])
    pen = Pen(colour="#b23a2a", width=0)
    around = Area(paths=Paths.of([np.concatenate([bent.xy, bent.xy[:1]])]), fill=None, pen=pen)
    line = Line(paths=bent, pen=pen, casing=pen)
    points = Points(xy=bent.xy, radius=200, fill="#c0d0e0", pen=pen)
    frame = replace(framed([line, around, points]), flying=flying)
    assert (fully(frame) == (0xC0, 0xD0, 0xE0)).all()


A = Points(xy=np.array([(0.0, 0.0)]), radius=300, fill="#b23a2a80")
B = Points(xy=np.array([(5.0, 5.0)]), radius=300, fill="#2f6a4a80")


@given(films())
@example([[A, B, A], [B, A]])
@example([[A, B], [B, A]])
@example([[A, A], [A]])
@example([[A], [Faded(A, 0.5), A]])
@settings(deadline=None, max_examples=30)
def test_any_series_of_marks_is_drawn_as_if_each_frame_were_the_first(frames: list[list[Shown]]) -> None:
    canvas, before = Canvas(ODD), None
    for shown in frames:
        frame = framed(shown)
        known = canvas.shows(frame)
        picture = canvas.draw(frame)
        assert picture.pixels.tobytes() == fully(frame).tobytes()
        assert (picture.changed is None) == (before is None)
        if before is not None and picture.changed is not None:
            assert_covered(before, picture.pixels, picture.changed)
            assert not known or (before == picture.pixels).all()
        before = picture.pixels.copy()


def touch(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def assert_covered(before: Pixels, after: Pixels, changed: Sequence[Rect]) -> None:
    """Every pixel that differs lies in one of the rectangles; these lie on the picture, apart."""
    differs = (before != after).any(axis=-1)
    height, width = differs.shape
    for number, (left, top, right, bottom) in enumerate(changed):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert not any(touch(changed[number], other) for other in changed[:number])
        differs[top:bottom, left:right] = False
    assert not differs.any()


# --- the small film ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(make_film: Callable[[], FilmFolder]) -> FilmFolder:
    return make_film()


def scene_of(folder: FilmFolder, page: Page, style: str = "atlas") -> Scene:
    film = load_film(folder.folder)
    return Scene(film, load_style(style), Take(page, Fraction(12), "fr"))


@pytest.fixture(scope="module")
def scene(folder: FilmFolder) -> Scene:
    return scene_of(folder, Page(320, 180))


@pytest.fixture(scope="module")
def pictures(scene: Scene) -> list[bytes]:
    """Every frame of the small film, drawn alone."""
    return [fully(scene.frame(index)).tobytes() for index in range(scene.frames)]


def test_the_film_in_order_is_the_same_byte_for_byte(scene: Scene, pictures: list[bytes]) -> None:
    canvas, before, redrawn = Canvas(scene.take.page), None, 0
    for index, expected in enumerate(pictures):
        picture = canvas.draw(scene.frame(index))
        assert picture.pixels.tobytes() == expected, index
        if before is not None:
            assert picture.changed is not None
            assert_covered(before, picture.pixels, picture.changed)
            redrawn += sum((r - l) * (b - t) for l, t, r, b in picture.changed)
        before = picture.pixels.copy()
    # It would be no use otherwise.
    assert redrawn < 0.5 * len(pictures) * 320 * 180


@pytest.mark.parametrize("seed", ["reverse", 1, 2])
def test_frames_in_any_order_are_the_same_byte_for_byte(
    scene: Scene, pictures: list[bytes], seed: str | int
) -> None:
    order = list(range(scene.frames))[::-1]
    if seed != "reverse":
        random.Random(seed).shuffle(order)
    canvas = Canvas(scene.take.page)
    for index in order:
        assert canvas.draw(scene.frame(index)).pixels.tobytes() == pictures[index], index


@pytest.mark.parametrize(("width", "height"), [(321, 179), (64, 113), (101, 101)])
@pytest.mark.parametrize("style", ["night", "lesson"])
def test_odd_pages_and_other_styles_are_the_same_byte_for_byte(
    folder: FilmFolder, width: int, height: int, style: str
) -> None:
    scene = scene_of(folder, Page(width, height), style)
    canvas = Canvas(scene.take.page)
    for index in range(0, scene.frames, 3):
        frame = scene.frame(index)
        assert canvas.draw(frame).pixels.tobytes() == fully(frame).tobytes(), index


def test_shows_tells_frames_that_need_no_drawing(scene: Scene, pictures: list[bytes]) -> None:
    canvas = Canvas(scene.take.page)
    spared = 0
    for index in range(scene.frames):
        frame = scene.frame(index)
        if canvas.shows(frame):
            assert pictures[index] == pictures[index - 1]
            spared += 1
        picture = canvas.draw(frame)
        assert canvas.shows(frame)
        assert canvas.draw(frame).changed == ()
        assert picture.pixels.shape == (180, 320, 3)
    assert spared > 0
    full = Canvas(scene.take.page, full=True)
    full.draw(scene.frame(0))
    assert not full.shows(scene.frame(0))


def test_a_title_that_stands_is_drawn_once(make_film: Callable[[], FilmFolder]) -> None:
    folder = make_film()
    folder.edit("film.toml", "opening = 1.0", "opening = 4.0")
    scene = scene_of(folder, Page(320, 180))
    canvas = Canvas(scene.take.page)
    canvas.draw(scene.frame(0))
    # Before it fades, for 0.8 s.
    assert all(canvas.shows(scene.frame(index)) for index in range(1, 36))
    assert not canvas.shows(scene.frame(45))


def test_another_view_or_ground_is_drawn_afresh() -> None:
    canvas = Canvas(ODD)
    for frame in (
        framed([A]),
        framed([A], view=View(9, 0, 97)),
        framed([A], view=View(9, 0, 50)),
        framed([A], ground="#000000"),
        framed([]),
    ):
        assert not canvas.shows(frame)
        assert canvas.draw(frame).pixels.tobytes() == fully(frame).tobytes()


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot draw a frame of"):
        Canvas(ODD).draw(framed([], page=Page(61, 97)))


def test_no_more_sprites_are_kept_than_the_frame_has_marks(scene: Scene) -> None:
    def alive() -> int:
        gc.collect()
        return sum(isinstance(thing, Sprite) for thing in gc.get_objects())

    canvas, others, arrows = Canvas(scene.take.page), alive(), 0
    for index in range(scene.frames):
        frame = scene.frame(index)
        canvas.draw(frame)
        # Arrows that have just left may still become others.
        arrows = max(arrows, sum(isinstance(mark_of(shown), Arrow) for shown in frame.marks))
        assert alive() - others <= len(frame.marks) + arrows


@given(st.floats(0.05, 0.95))
def test_fading_twice_to_the_same_share_does_not_add_up(opacity: float) -> None:
    canvas = Canvas(ODD)
    once = canvas.draw(framed([Faded(A, opacity)])).pixels.copy()
    canvas.draw(framed([A]))
    canvas.draw(framed([]))
    assert (canvas.draw(framed([Faded(A, opacity)])).pixels == once).all()


def test_marks_off_the_page_or_without_shape_draw_nothing() -> None:
    nothing = fully(framed([]))
    far = np.array([(1e7, 1e7), (1e7 + 1, 1e7)])
    unseen: list[Mark] = [
        Points(xy=far, radius=30, fill="#000000"),
        Points(xy=np.empty((0, 2)), radius=30, fill="#000000"),
        Line(paths=Paths.of([far]), pen=Pen(colour="#000000", width=3)),
        Line(paths=Paths.of([]), pen=Pen(colour="#000000", width=3)),
        Area(paths=Paths.of([]), fill="#000000"),
        Arrow(xy=far[:1], fill="#000000", width=10),
        Text(text="", at=(0, 0), lettering=LETTERING),
        Text(text="   ", at=(0, 0), lettering=LETTERING),
        TextAlong(text="", xy=far, lettering=LETTERING),
    ]
    assert (fully(framed(unseen)) == nothing).all()


rects = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 30), st.integers(0, 30)).map(
    lambda r: (r[0], r[1], r[0] + r[2], r[1] + r[3])
)


# --- growing arrows ----------------------------------------------------------------------


def test_a_growing_and_paling_arrow_is_drawn_as_if_each_state_were_the_first() -> None:
    page = Page(400, 300)
    turn = np.linspace(0, 2 * np.pi, 80)
    # It crosses itself, and winds out of the page.
    way = np.column_stack([-150 + turn * 60, 120 * np.sin(2 * turn)])
    along = lengths(way)
    canvas, changed = Canvas(page), 0
    for number, tip in enumerate(np.linspace(5, along[-1] + 5, 40).tolist()):
        old = tip - 60
        arrow = Arrow(
            xy=way,
            fill="#b23a2a",
            width=40,
            tip=tip,
            tail=0.4,
            head=(90.0, 90.0),
            swallow=0.7,
            fresh=(max(0.0, old), max(0.0, old + 20), max(0.0, old + 40)),
            steps=(0.3, 0.5, 0.7, 0.9),
            casing=Pen(colour="#ffffff", width=8),
            shadow=("#00000060", 4.0, 7.0, 12.0),
        )
        frame = framed([A, arrow], page, View(0, 0, 400))
        picture = canvas.draw(frame)
        assert picture.pixels.tobytes() == fully(frame).tobytes(), number
        changed += sum((r - l) * (b - t) for l, t, r, b in picture.changed or ())
    # It would be no use otherwise.
    assert changed < 0.4 * 40 * 400 * 300


def test_the_end_of_a_very_long_arrow_is_as_dark_as_that_of_a_short_one() -> None:
    page, view = Page(400, 300), View(0, 0, 400)

    def body(start: float) -> Pixels:
        way = np.array([(start, 3.0), (150.0, 3.0)])
        fresh = tuple(max(0.0, 150 - start - back) for back in (2000, 1000))
        arrow = Arrow(xy=way, fill="#000000", width=9, fresh=fresh, steps=(0.1, 0.1, 1.0), head=(0.0, 0.0))
        return fully(framed([arrow], page, view))

    short = body(-900)
    assert short.min() == 0
    assert np.abs(body(-40_000).astype(int) - short).max() <= 2


def test_what_changes_under_something_opaque_is_no_change() -> None:
    lid = Area(paths=box(0, 0, 2000, 2000), fill="#c0d0e0", space="page")
    low = [Points(xy=np.array([(x, 0.0)]), radius=300, fill="#b23a2a") for x in (0.0, 9.0)]
    canvas = Canvas(ODD)
    canvas.draw(framed([low[0], lid]))
    assert canvas.draw(framed([low[1], lid])).changed == ()
    assert canvas.draw(framed([low[1], Faded(lid, 0.5)])).changed
    assert canvas.draw(framed([low[0], Faded(lid, 0.5)])).changed


@pytest.mark.parametrize(
    "day", ["1944-09-03T14:00", "1944-09-06T16:00", "1944-09-19", "1945-01-15", "1945-04-20"]
)
def test_our_film_in_order_is_the_same_byte_for_byte(ours: Scene, day: str) -> None:
    """Among them days on which the camera flies."""
    first = ours.clock.frame_of(When.of(day).earliest)
    canvas = Canvas(ours.take.page)
    for index in range(first, first + 5):
        frame = ours.frame(index)
        assert canvas.draw(frame).pixels.tobytes() == fully(frame).tobytes()


@pytest.fixture(scope="module")
def ours() -> Scene:
    return Scene(load_film(), load_style("atlas"), Take(Page(640, 360), Fraction(12), "fr"))
