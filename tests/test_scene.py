"""A frame is a pure function of its index, and what it shows is right: days, names, panels."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from animap.draw.prints import printed
from animap.film import Film, load_film
from animap.geo.lines import lengths
from animap.layers.base import Candidate, Name, Obstacle, Rect
from animap.layers.captions import CaptionsLayer
from animap.layers.furniture import Curtained, DateDisplay, Legend, TimeLine
from animap.layers.labels import place
from animap.marks import Area, Arrow, Faded, Frame, Group, Line, Mark, Page, Points, Shown, Text
from animap.scene import Scene, Take
from animap.style import load_style
from animap.style.load import shipped_styles
from animap.timeline import When
from conftest import FilmFolder

WIDE = Page(640, 360)
PAGES = [WIDE, Page(360, 640), Page(480, 480), Page(480, 360), Page(3840, 2160), Page(321, 179)]
STYLES = sorted(shipped_styles())

Make = Callable[[], FilmFolder]


def scene_of(
    film: Film | FilmFolder, page: Page = WIDE, style: str = "atlas", language: str = "fr", fps: int = 12
) -> Scene:
    loaded = load_film(film.folder) if isinstance(film, FilmFolder) else film
    return Scene(loaded, load_style(style), Take(page, Fraction(fps), language))


@pytest.fixture(scope="module")
def folder(make_film: Make) -> FilmFolder:
    return make_film()


@pytest.fixture(scope="module")
def small(folder: FilmFolder) -> Film:
    return load_film(folder.folder)


@pytest.fixture(scope="module")
def scene(small: Film) -> Scene:
    return scene_of(small)


@pytest.fixture(scope="module")
def told(scene: Scene) -> list[str]:
    return [scene.frame(index).describe() for index in range(scene.frames)]


def bare(shown: Shown) -> Mark:
    return shown.mark if isinstance(shown, Faded) else shown


def flat(frame: Frame) -> Iterator[tuple[Mark, float]]:
    """Single marks of a frame and how opaque each is."""
    for shown in frame.marks:
        opacity = shown.opacity if isinstance(shown, Faded) else 1.0
        mark = bare(shown)
        for single in mark.marks if isinstance(mark, Group) else (mark,):
            yield single, opacity


def texts(frame: Frame) -> dict[str, float]:
    """Texts of a frame and how opaque each is."""
    return {mark.text: opacity for mark, opacity in flat(frame) if isinstance(mark, Text)}


def at(scene: Scene, date: str) -> Frame:
    """The first frame on which a date is reached."""
    return scene.frame(scene.clock.frame_of(When.of(date).instant))


# --- a pure function of the index ----------------------------------------------------------------------


def test_a_frame_is_the_same_in_reverse_and_at_random(scene: Scene, told: list[str]) -> None:
    shuffled = list(range(scene.frames))
    random.Random(4).shuffle(shuffled)
    for index in (*range(scene.frames)[::-1], *shuffled):
        assert scene.frame(index).describe() == told[index]


def test_a_frame_is_the_same_alone_in_a_scene_of_its_own(folder: FilmFolder, told: list[str]) -> None:
    for index in (0, 1, 17, 40, len(told) // 2, len(told) - 1):
        assert scene_of(folder).frame(index).describe() == told[index]


def test_frames_tell_what_they_show(told: list[str]) -> None:
    assert len(set(told)) > 0.9 * len(told)
    head, view, *marks = told[len(told) // 2].splitlines()
    assert head.startswith(f"frame {len(told) // 2} second ")
    assert view.startswith("view ")
    kinds = {line.split()[0] for line in marks}
    assert {"area", "line", "points", "arrow", "text"} <= kinds


def test_a_second_shows_the_same_at_every_frame_rate(small: Film, scene: Scene) -> None:
    fast = scene_of(small, fps=60)
    # The end falls on the nearest frame, and with it what fades toward it.
    last = math.floor((min(scene.clock.curtain, fast.clock.curtain) - 0.5) * 12)
    for index in range(0, last, 3):
        slow_marks = scene.frame(index).describe().splitlines()[2:]
        assert fast.frame(5 * index).describe().splitlines()[2:] == slow_marks


def test_frames_outside_the_film_are_refused(scene: Scene) -> None:
    for index in (-1, scene.frames):
        with pytest.raises(IndexError, match=f"frames 0 to {scene.frames - 1}"):
            scene.frame(index)


def test_what_does_not_change_stays_the_same_object(make_film: Make) -> None:
    folder = make_film()
    folder.edit(
        "film.toml", "[formations]", '[[pace.holds]]\nat = "1944-09-03"\nseconds = 3.0\n\n[formations]'
    )
    scene = scene_of(folder)
    hold = scene.clock.frame_of(When.of("1944-09-03").instant) + 10
    frames = [scene.frame(hold + i) for i in range(18)]
    assert max(abs(a.instant - b.instant) for a, b in pairwise(frames)) < 1e-9
    ageing = 0
    for before, after in pairwise(frames):
        known = {id(bare(shown)) for shown in before.marks}
        new = [mark for shown in after.marks if id(mark := bare(shown)) not in known]
        # History stands still: the cursor of the time line goes on, and an arrow pales in steps.
        assert {type(mark) for mark in new} <= {Line, Points, Arrow}
        assert all(mark.space == "page" for mark in new if isinstance(mark, Line | Points))
        ageing += any(isinstance(mark, Arrow) for mark in new)
    assert ageing <= len(frames) / 2


def test_the_map_is_the_same_object_in_every_frame(scene: Scene) -> None:
    first = scene.frame(0).marks
    for index in range(0, scene.frames, 5):
        marks = scene.frame(index).marks
        assert marks[0] is first[0]
    assert isinstance(bare(first[0]), Group)


# --- beginning and end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES[:4], ids=str)
def test_a_title_stands_at_the_start_and_sources_at_the_end(small: Film, page: Page) -> None:
    scene = scene_of(small, page)
    first, last = scene.frame(0), scene.frame(scene.frames - 1)
    assert texts(first)["Petit film"] == 1
    assert texts(first)["Un essai"] == 1
    assert "Un livre" not in texts(first)
    assert texts(last)["Un livre"] == 1
    assert texts(last)["Sources"] == 1
    middle = texts(scene.frame(scene.frames // 2))
    assert not middle.keys() & {"Petit film", "Un livre"}
    assert scene.day(0) == dt.date(1944, 9, 1)
    assert scene.day(scene.frames - 1) == dt.date(1944, 9, 6)


def test_the_date_is_shown_and_every_day_is_seen(scene: Scene) -> None:
    figures = scene.style.furniture.day or scene.style.furniture.date
    seen = []
    for index in range(scene.frames):
        frame = scene.frame(index)
        numbers = [m.text for m, _ in flat(frame) if isinstance(m, Text) and m.lettering == figures]
        numbers = [number for number in numbers if number.isdigit()]
        if "septembre 1944" in texts(frame):
            day = scene.day(index)
            assert numbers == [str(day.day)]
            assert scene.setting.book.weekday(day) in texts(frame)
            assert ("er" in texts(frame)) == (day.day == 1)
            seen += [day.day] if day.day not in seen else []
    assert seen == [1, 2, 3, 4, 5, 6]


def test_another_language_says_everything_in_it(small: Film) -> None:
    scene = scene_of(small, language="en")
    said: set[str] = set()
    for index in range(0, scene.frames, 2):
        said |= texts(scene.frame(index)).keys()
    assert {"Small film", "A trial", "September 1944", "Tuesday", "The town is free", "Town"} <= said
    assert not said & {"Petit film", "Ville", "La ville est libre", "mardi", "septembre 1944"}


# --- towns, captions, pockets --------------------------------------------------------------------------


def town_colour(scene: Scene, frame: Frame, lon: float, lat: float) -> set[str | None]:
    """Fills of the symbols that stand at a place of the map."""
    place = np.array(scene.film.projection.point(lon, lat))
    return {
        mark.fill
        for mark, _ in flat(frame)
        if isinstance(mark, Points) and mark.space == "map" and mark.fill
        for xy in mark.xy
        if np.hypot(*(xy - place)) < 1
    }


@pytest.mark.parametrize(
    ("town", "lon", "lat", "day", "free"),
    [
        ("ville", 2.2, 50.4, "1944-09-02", "GB"),
        ("bourg", 2.8, 50.7, "1944-09-04", "GB"),
        ("hameau", 2.5, 50.9, "1944-09-05", ""),
    ],
)
def test_a_town_is_free_from_noon_of_its_day(
    scene: Scene, town: str, lon: float, lat: float, day: str, free: str
) -> None:
    style = scene.style
    colour = style.nation(free) if free else style.towns.free
    noon = When.of(day).instant
    turning = scene.clock.second_of(noon) + style.towns.pulse_seconds / 4
    for index in range(scene.frames):
        frame = scene.frame(index)
        shown = town_colour(scene, frame, lon, lat)
        if frame.instant < noon:
            assert shown == {style.towns.occupied}, (town, frame.instant)
        else:
            # One colour melts into the other in a moment.
            assert shown <= {style.towns.occupied, colour}
            assert frame.second < turning or shown == {colour}, (town, frame.instant)
    assert scene.day(scene.clock.frame_of(noon)) == dt.date.fromisoformat(day)


def test_day_by_day_a_town_is_free_on_the_first_frame_of_its_day(make_film: Make) -> None:
    folder = make_film()
    folder.edit("film.toml", "smooth = 0.5", 'smooth = 0.5\nstep = "day"')
    scene = scene_of(folder)
    for day, lon, lat in (("1944-09-02", 2.2, 50.4), ("1944-09-04", 2.8, 50.7)):
        index = scene.clock.frame_of(When.of(day).instant)
        assert scene.day(index) == dt.date.fromisoformat(day)
        assert scene.day(index - 1) < dt.date.fromisoformat(day)
        assert scene.style.nation("GB") in town_colour(scene, scene.frame(index + 1), lon, lat)
        assert town_colour(scene, scene.frame(index - 1), lon, lat) == {scene.style.towns.occupied}


def test_the_arrow_meets_the_town_when_it_is_freed(scene: Scene) -> None:
    for day, lon, lat in (("1944-09-02", 2.2, 50.4), ("1944-09-04", 2.8, 50.7)):
        frame = at(scene, day)
        (arrow,) = [m for shown in frame.marks if isinstance(m := bare(shown), Arrow) and m.space == "map"]
        town = np.array(scene.film.projection.point(lon, lat))
        along = lengths(arrow.xy)
        tip = [np.interp(arrow.tip, along, arrow.xy[:, k]) for k in (0, 1)]
        # Within what is walked in a frame or two.
        assert np.hypot(*(tip - town)) < 6000
    before = [m for s in scene.frame(0).marks if isinstance(m := bare(s), Arrow) and m.space == "map"]
    assert before == []


def test_captions_come_on_their_day_and_stay_long_enough(make_film: Make) -> None:
    folder = make_film()
    folder.edit("film.toml", "seconds_per_day = 1.0", "seconds_per_day = 4.0")
    folder.edit("film.toml", "ending = 2.0", "ending = 8.0")
    scene = scene_of(folder)
    for text, day in (("La ville est libre", "1944-09-02"), ("Le hameau est libre", "1944-09-05")):
        opacity = [texts(scene.frame(index)).get(text, 0.0) for index in range(scene.frames)]
        first = next(index for index, share in enumerate(opacity) if share)
        assert scene.day(first) == dt.date.fromisoformat(day)
        assert abs(first - scene.clock.frame_of(When.of(day).instant)) <= 1
        full = [index for index, share in enumerate(opacity) if share == 1]
        assert full == list(range(full[0], full[-1] + 1))
        # Two seconds at least, fading aside: twice the time that reading it aloud takes.
        assert len(full) / 12 > 2


def test_one_caption_at_a_time(scene: Scene) -> None:
    (layer,) = [layer for layer in scene.layers if isinstance(layer, CaptionsLayer)]
    spans = sorted((presence.start, presence.stop) for presence, _ in layer.told)
    assert len(spans) == 2
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(stop > start for start, stop in spans)


def test_captions_of_one_day_share_its_time(make_film: Make) -> None:
    folder = make_film()
    folder.edit("captions.csv", "deux,1944-09-05", "deux,1944-09-02")
    scene = scene_of(folder)
    seen = []
    for index in range(scene.frames):
        now = {text for text in texts(scene.frame(index)) if text.endswith("est libre")}
        assert len(now) <= 1
        seen += [text for text in now if text not in seen]
    assert seen == ["La ville est libre", "Le hameau est libre"]


def areas_of(scene: Scene, frame: Frame) -> Iterator[shapely.Geometry]:
    """Pockets of a frame: areas of the map that are hatched or filled like one."""
    for shown in frame.marks:
        mark = bare(shown)
        if isinstance(mark, Area) and mark.space == "map" and mark.fill == scene.style.pockets.fill:
            yield shapely.union_all([shapely.Polygon(ring) for ring in mark.paths.parts()])


def test_pockets_lie_on_land_only_shrink_and_fall(scene: Scene) -> None:
    land = scene.film.land
    sizes = {}
    for index in range(scene.frames):
        frame = scene.frame(index)
        for pocket in areas_of(scene, frame):
            assert pocket.difference(land.buffer(1)).area < 1
            sizes[index] = pocket.area
    first, last = min(sizes), max(sizes)
    assert scene.day(first) == dt.date(1944, 9, 2)
    assert scene.day(last) == dt.date(1944, 9, 5) or scene.day(last) == dt.date(1944, 9, 6)
    assert list(sizes) == list(range(first, last + 1))
    assert all(b <= a * 1.001 for a, b in pairwise(sizes.values()))
    assert sizes[last] < 0.5 * sizes[first]


# --- names and panels ----------------------------------------------------------------------------------


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


seconds = st.integers(0, 20).map(float)
boxes = st.tuples(st.integers(0, 180), st.integers(0, 180), st.integers(1, 60), st.integers(1, 30)).map(
    lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3]))
)
candidates = st.builds(
    Candidate,
    marks=st.just(()),
    boxes=st.lists(boxes, min_size=1, max_size=2).map(tuple),
    cost=st.floats(0, 9),
    start=seconds | st.just(-math.inf),
)
names = st.builds(
    Name,
    id=st.uuids().map(str),
    candidates=st.lists(candidates, max_size=4).map(tuple),
    priority=st.sampled_from([1.0, 2.0, 30.0]),
    start=seconds | st.just(-math.inf),
    stop=st.integers(20, 40).map(float) | st.just(math.inf),
)
obstacles = st.builds(
    Obstacle, box=boxes, start=seconds, stop=st.integers(20, 40).map(float), soft=st.booleans()
)


@given(st.lists(names, max_size=14), st.lists(obstacles, max_size=5))
@settings(deadline=None)
def test_names_never_cover_each_other_nor_what_must_be_seen(
    wanted: list[Name], given_: list[Obstacle]
) -> None:
    placed, left_out = place(wanted, given_, 200.0, 200.0)
    assert {p.name.id for p in placed} | {n.id for n in left_out} == {n.id for n in wanted}
    assert len(placed) + len(left_out) == len(wanted)
    spans = [(p.candidate.boxes, max(p.name.start, p.candidate.start), p.name.stop) for p in placed] + [
        ((o.box,), o.start, o.stop) for o in given_ if not o.soft
    ]
    for number, (mine, start, stop) in enumerate(spans[: len(placed)]):
        for theirs, begin, end in spans[number + 1 :]:
            if start < end and begin < stop:
                assert not any(overlap(a, b) for a in mine for b in theirs)
        assert all(min(b) >= 0 and max(b) <= 200 for b in mine)


@given(st.lists(names, min_size=1, max_size=8))
@settings(deadline=None)
def test_the_order_in_the_file_does_not_matter(wanted: list[Name]) -> None:
    first, _ = place(wanted, (), 200.0, 200.0)
    second, _ = place(wanted[::-1], (), 200.0, 200.0)
    assert [(p.name.id, p.candidate) for p in first] == [(p.name.id, p.candidate) for p in second]


def panels(scene: Scene) -> dict[str, Rect]:
    """Boxes of the panels when all is on them, captions included."""
    found: dict[str, Rect] = {}
    for outer in scene.layers:
        layer = outer.layer if isinstance(outer, Curtained) else outer
        if isinstance(layer, DateDisplay | TimeLine):
            (obstacle,) = layer.obstacles()
            found[type(layer).__name__] = obstacle.box
        if isinstance(layer, Legend):
            found["Legend"] = layer.frame
        if isinstance(layer, CaptionsLayer):
            found |= {f"caption {n}": o.box for n, o in enumerate(layer.obstacles())}
    assert len(found) == 5
    return found


def fits(box: Rect, page: Page) -> bool:
    return 0 <= box[0] < box[2] <= page.across and 0 <= box[1] < box[3] <= page.down


@pytest.mark.parametrize("page", PAGES[:4], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_panels_stay_on_the_page_and_apart_even_with_a_long_caption(
    make_film: Make, page: Page, style: str
) -> None:
    folder = make_film()
    long = (
        "Au matin les premières colonnes passent la rivière et entrent dans la ville que nul ne défend plus"
    )
    folder.edit("captions.csv", "La ville est libre", long)
    found = panels(scene_of(folder, page, style))
    for a, b in combinations(found, 2):
        assert fits(found[a], page)
        if not (a.startswith("caption") and b.startswith("caption")):
            assert not overlap(found[a], found[b]), (a, b)


def ink_box(mark: Mark, scene: Scene) -> Rect:
    """Where a mark's letters really lie, in units."""
    print_ = printed(mark, scene.setting.view, scene.take.page)
    inked = print_.pixels[..., 3] > 40
    rows = print_.rect[1] + np.flatnonzero(inked.any(axis=1))
    columns = print_.rect[0] + np.flatnonzero(inked.any(axis=0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    u = scene.take.page.unit
    return float(left / u), float(top / u), float(right / u), float(bottom / u)


def inner(box: Rect, by: float) -> Rect:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by


@pytest.mark.parametrize("page", PAGES[:4], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_names_on_the_map_lie_apart_inside_the_page_and_off_the_panels(
    small: Film, page: Page, style: str
) -> None:
    scene = scene_of(small, page, style)
    placed = scene.labels().placed
    assert {"town:ville", "town:bourg"} <= {p.name.id for p in placed}
    spans = [(p.candidate.boxes, max(p.name.start, p.candidate.start), p.name.stop) for p in placed]
    for (a, begin, end), (b, start, stop) in combinations(spans, 2):
        if begin < stop and start < end:
            assert not any(overlap(x, y) for x in a for y in b)
    for boxes_, _, _ in spans:
        for box in boxes_:
            assert fits(box, page)
            steady = [panel for name, panel in panels(scene).items() if not name.startswith("caption")]
            assert not any(overlap(box, panel) for panel in steady)


@pytest.mark.parametrize("style", STYLES)
def test_the_letters_themselves_keep_to_the_boxes_kept_free_for_them(small: Film, style: str) -> None:
    scene = scene_of(small, Page(1920, 1080), style)
    for placed in scene.labels().placed:
        for mark in placed.candidate.marks:
            if isinstance(mark, Text):
                (box,) = placed.candidate.boxes
                ink = inner(ink_box(mark, scene), 1)
                assert box[0] <= ink[0] < ink[2] <= box[2], mark.text
                assert box[1] <= ink[1] < ink[3] <= box[3], mark.text


def test_accents_on_capitals_stay_in_their_box(make_film: Make) -> None:
    folder = make_film()
    folder.edit("towns.csv", "Ville,", "Écaussinnes-Ågÿ,")
    film = load_film(folder.folder)
    test_the_letters_themselves_keep_to_the_boxes_kept_free_for_them(film, "atlas")


def test_texts_of_panels_and_cards_stay_on_the_page(small: Film) -> None:
    for page, style in ((p, s) for p in PAGES[:4] for s in STYLES):
        scene = scene_of(small, page, style)
        for index in (0, scene.frames // 3, scene.frames // 2, scene.frames - 1):
            for mark in page_texts(scene.frame(index).marks):
                box = ink_box(mark, scene)
                assert fits(inner(box, 1), page), (mark.text, page, style)
                # Not cut off at the edge.
                assert box[0] > 0
                assert box[2] < page.across


def page_texts(marks: Iterable[Shown]) -> Iterator[Text]:
    for shown in marks:
        mark = bare(shown)
        if isinstance(mark, Text) and mark.space == "page" and mark.text.strip():
            yield mark
