"""Furniture on pages of every shape: nothing overlaps, nothing leaves the margins, nothing moves."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import animap
from animap.film import Film, load_film
from animap.layers import LegendItem, Moment, Setting
from animap.layers.base import Rect
from animap.layers.furniture import Layout, Legend, Needs
from animap.layers.furniture.legend import round_length
from animap.layers.furniture.runs import broken_runs, runs_of, width_of_runs
from animap.layers.lettering import broken, line_height, width_of
from animap.marks import Area, Faded, Mark, Page, Shown, Text, View
from animap.scene.camera import view_of
from animap.scene.scene import layout_of
from animap.style import load_style
from animap.style.load import shipped_styles
from animap.words import book
from conftest import FilmFolder

SIZES = [(1920, 1080), (1080, 1920), (1080, 1080), (1440, 1080), (640, 360), (3840, 2160)]
LANGUAGES = ["fr", "en", "nl", "de"]
STYLES = sorted(shipped_styles())


@cache
def liberation() -> Film:
    return load_film()


def items(language: str) -> list[LegendItem]:
    """The lines of the shipped film's legend, without building its layers."""
    said = book(language)
    starts = {"US": 5.0, "CA": 5.2, "GB": 5.1, "PL": 5.3, "CZ": 60.0}
    found = [LegendItem(c, said.say(f"nation_{c}"), "arrow", ("#aa0000",), s) for c, s in starts.items()]
    found.append(LegendItem("pocket", said.say("pocket_besieged"), "pocket", ("#000000",), 20.0))
    ground = ("territory_occupied", "town_occupied", "town_free")
    found += [LegendItem(k, said.say(k), "town", ("#aa0000", "#00aa00"), -math.inf) for k in ground]
    return found


def setting_of(style: str, language: str, page: Page, layout: Layout) -> Setting:
    film = liberation()
    view, clock = view_of(film, page, layout.free), film.clock(Fraction(10))
    return Setting(load_style(style), book(language), page, view, clock, shapely.Polygon(), {})


def apart(a: Rect, b: Rect) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def within(box: Rect, page: Page, margin: float) -> bool:
    left, top, right, bottom = box
    return (
        min(left, top) >= margin - 0.01
        and right <= page.across - margin + 0.01
        and bottom <= page.down - margin + 0.01
    )


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("style", STYLES)
def test_nothing_overlaps_and_all_is_inside_the_margins(style: str, size: tuple[int, int]) -> None:
    page, furniture = Page(*size), load_style(style).furniture
    layout = layout_of(liberation(), load_style(style), page)
    for language in LANGUAGES:
        legend = Legend(setting_of(style, language, page, layout), layout, items(language))
        boxes = {
            "date": layout.date,
            "caption": layout.caption_panel,
            "timeline": layout.timeline,
            "legend": legend.frame,
        }
        if layout.locator:
            boxes["locator"] = layout.locator
        assert (layout.locator is not None) == (furniture.locator_size > 0)
        for name, box in boxes.items():
            assert within(box, page, furniture.margin), (language, name, box)
        for (a, first), (b, second) in combinations(boxes.items(), 2):
            assert apart(first, second), (language, a, first, b, second)
        left, top, right, bottom = legend.frame
        for text in (m for entry in legend.entries for m in entry.marks if isinstance(m, Text)):
            wide = width_of(text.text, text.lettering, language)
            assert left < text.at[0]
            assert text.at[0] + wide < right
            assert top < text.at[1] < bottom


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("style", STYLES)
def test_the_longest_caption_fits_in_every_language(style: str, size: tuple[int, int]) -> None:
    loaded, page = load_style(style), Page(*size)
    left, top, right, bottom = layout_of(liberation(), loaded, page).caption
    lettering = loaded.furniture.caption
    for language in LANGUAGES:
        for caption in liberation().captions.captions:
            lines = broken(book(language).pick(caption.text), lettering, right - left, language)
            assert len(lines) <= 2
            assert max(width_of(line, lettering, language) for line in lines) <= right - left
            assert len(lines) * line_height(lettering) <= bottom - top + 0.01


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_the_extent_is_in_the_picture_and_in_the_middle_of_what_is_free(size: tuple[int, int]) -> None:
    film, page = liberation(), Page(*size)
    layout = layout_of(film, load_style("atlas"), page)
    view = view_of(film, page, layout.free)
    left, bottom, right, top = film.projection.bounds(film.extent)
    corners = view.to_page(np.array([(left, top), (right, bottom)]), page)
    assert corners.min() >= -0.01
    assert (corners.max(axis=0) <= (page.across + 0.01, page.down + 0.01)).all()
    if layout.free[3] - layout.free[1] > corners[1, 1] - corners[0, 1]:
        assert layout.free[1] <= corners[0, 1]
        assert corners[1, 1] <= layout.free[3]


@given(
    st.integers(300, 3000),
    st.integers(300, 3000),
    st.integers(0, 3),
    st.floats(100, 560),
    st.none() | st.floats(0.5, 1.6),
    st.sampled_from(STYLES),
)
@settings(deadline=None, max_examples=60)
def test_boxes_keep_apart_on_any_page(
    width: int, height: int, lines: int, date: float, locator: float | None, style: str
) -> None:
    page, furniture = Page(width, height), load_style(style).furniture
    layout = Layout.of(page, furniture, Needs(lambda _: lines, date, locator))
    boxes = [layout.date, layout.caption_panel, layout.timeline]
    if lines == 0:
        boxes.remove(layout.caption_panel)
    if layout.locator:
        boxes.append(layout.locator)
    assert all(apart(a, b) for a, b in combinations(boxes, 2))
    assert all(within(box, page, furniture.margin) for box in boxes)


# --- the legend ----------------------------------------------------------------------------------------


def marks_at(legend: Legend, second: float) -> list[Shown]:
    return list(legend.marks(Moment(0, second, 0.0)))


def bare(mark: Shown) -> Mark:
    return mark.mark if isinstance(mark, Faded) else mark


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)], ids=str)
def test_the_legend_has_no_gaps_and_no_line_moves(size: tuple[int, int]) -> None:
    page = Page(*size)
    layout = layout_of(liberation(), load_style("atlas"), page)
    legend = Legend(setting_of("atlas", "fr", page, layout), layout, items("fr"))
    before: dict[str, tuple[float, float]] = {}
    heights = []
    for second in np.arange(0, 70, 0.2).tolist():
        shown = marks_at(legend, second)
        panel = bare(shown[0])
        assert isinstance(panel, Area)
        top = float(panel.paths.xy[:, 1].min())
        texts = {m.text: m.at for m in map(bare, shown) if isinstance(m, Text)}
        assert all(texts[text] == at for text, at in before.items())
        assert all(at[1] - 10 > top for at in texts.values())
        rows = sorted({round(at[1], 1) for at in texts.values()})[:-1]
        steps = [b - a for a, b in pairwise(rows)]
        assert not steps or max(steps) < min(steps) + 1, "a row is left out"
        before = texts
        heights.append(legend.frame[3] - top)
    assert heights == sorted(heights)
    assert len(before) == len(items("fr")) + 1
    assert heights[-1] == pytest.approx(legend.frame[3] - legend.frame[1], abs=0.02)


def test_lines_that_come_together_come_as_one() -> None:
    page = Page(1920, 1080)
    layout = layout_of(liberation(), load_style("atlas"), page)
    legend = Legend(setting_of("atlas", "fr", page, layout), layout, items("fr"))
    assert sorted({e.start for e in legend.entries}) == [-math.inf, 5.3, 20.0, 60.0]


def test_a_resting_legend_is_the_same_marks() -> None:
    page = Page(1920, 1080)
    layout = layout_of(liberation(), load_style("atlas"), page)
    legend = Legend(setting_of("atlas", "fr", page, layout), layout, items("fr"))
    first, second = marks_at(legend, 30.0), marks_at(legend, 40.0)
    assert all(a is b for a, b in zip(first, second, strict=True))


@given(st.floats(1.0, 1e7))
def test_the_scale_bar_has_a_round_length(longest: float) -> None:
    length = round_length(longest)
    assert longest / 2.5 - 1e-9 <= length <= longest
    assert f"{length:e}"[0] in "125"


# --- cards, date, locator ------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["Un", "livre", "*et son", "titre*", "*seul*,", "2011", "a*b"]), min_size=1))
@settings(deadline=None, max_examples=60)
def test_emphasis_keeps_the_words_and_the_width(words: list[str]) -> None:
    cards = load_style("atlas").cards
    text = " ".join(words)
    runs = runs_of(text, cards.source, cards.source_italic)
    lines = broken_runs(runs, 300.0, "fr")
    told = " ".join("".join(part for part, _ in line) for line in lines)
    assert told.replace("*", "").split() == text.replace("*", "").split()
    assert all(width_of_runs(line, "fr") <= 300 or len(line[0][0].split()) == 1 for line in lines)


def test_a_book_s_title_is_set_in_italics() -> None:
    cards = load_style("atlas").cards
    runs = runs_of("Oddone, *Sur les chemins*, 2005 * 2", cards.source, cards.source_italic)
    assert [text for text, _ in runs] == ["Oddone, ", "Sur les chemins", ", 2005 * 2"]
    assert [lettering for _, lettering in runs] == [cards.source, cards.source_italic, cards.source]


def test_cards_have_only_the_map_behind_them(film: FilmFolder) -> None:
    scene = animap.open(film.folder, size="640x360", fps=10).scene
    title = {m.text for m in map(bare, scene.frame(0).marks) if isinstance(m, Text)}
    assert title == {"Petit film", "Un essai"}
    map_only = {m.text for m in map(bare, scene.frame(12).marks) if isinstance(m, Text)}
    assert {"septembre 1944", "vendredi"} <= map_only
    assert "Petit film" not in map_only


def test_the_month_stays_in_place_whatever_the_day(film: FilmFolder) -> None:
    scene = animap.open(film.folder, size="640x360", fps=10).scene
    months = {
        m.at
        for i in range(scene.frames)
        for m in map(bare, scene.frame(i).marks)
        if isinstance(m, Text) and m.text == "septembre 1944"
    }
    assert len(months) == 1


def test_the_locator_shows_the_view_where_it_is() -> None:
    film, page = liberation(), Page(1920, 1080)
    assert film.locator
    place = (100.0, 100.0, 300.0, 100.0 + 200 * film.locator.aspect)
    near, far = (film.locator.outline(View(0, 0, wide), page, place) for wide in (3e5, 9e5))
    for ring in (near, far):
        assert ring[:, 0].min() >= place[0]
        assert ring[:, 1].min() >= place[1]
        assert ring[:, 0].max() <= place[2]
        assert ring[:, 1].max() <= place[3]
    assert np.ptp(far, axis=0).min() > np.ptp(near, axis=0).max() / 2
    paris = film.locator.to_page(film.locator.projection.points(np.array([(2.35, 48.86)])), place)[0]
    # South of the view's middle, at about its longitude.
    assert paris[1] > near[:, 1].mean()
    assert abs(paris[0] - near[:, 0].mean()) < 20


def test_a_locator_that_is_no_box_is_refused(film: FilmFolder) -> None:
    film.write(
        "film.toml",
        (film.folder / "film.toml").read_text("utf-8")
        + '\n[locator]\nfile = "land.geojson"\nextent = [9, 40, 1, 60]\n',
    )
    with pytest.raises(animap.errors.FilmError, match="not a box on the globe"):
        load_film(film.folder)
