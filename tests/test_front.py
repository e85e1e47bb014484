"""The front is where the towns say: on the right side of each, on every day, on land, within reach."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import animap
from animap.api import Animation
from animap.draw import Canvas
from animap.geo.fence import Fence
from animap.geo.field import arrival_field
from animap.geo.lines import lengths
from animap.geo.rails import Rails
from animap.geo.teeth import ride, spaced, teeth
from animap.layers import Moment, TownsData
from animap.layers.front import Front
from animap.layers.territory import TerritoryLayer
from animap.layers.tides import Derived
from animap.marks import Area, Line, Paths
from animap.types import Floats
from conftest import FilmFolder


@pytest.fixture(scope="module")
def film() -> Animation:
    return animap.open(size="640x360", fps=10)


def territory(film: Animation) -> TerritoryLayer:
    return next(layer for layer in film.scene.maps if isinstance(layer, TerritoryLayer))


def towns(film: Animation) -> TownsData:
    return next(d for d in film.film.layers if isinstance(d, TownsData))


def days(film: Animation) -> list[float]:
    """Midnights of the film: every one while anything moves, then some."""
    clock = film.scene.clock
    first, last = math.ceil(clock.start), math.floor(clock.end)
    return [float(d) for d in range(first, last) if d < first + 75 or d % 11 == 0 or d > last - 35]


def test_every_town_is_on_the_right_side_of_the_front_on_every_day(film: Animation) -> None:
    front = territory(film).front
    wrong = []
    dated = [t for t in towns(film).towns if t.liberated is not None]
    # In a pocket the outlines speak, which on the way from one to the next may be a day off a village's.
    pocket = shapely.union_all([p.extent for p in front.pockets])
    slack = [float(pocket.contains(shapely.Point(t.at))) for t in dated]
    for midnight in days(film):
        parts = front.parts(midnight, front.turned(midnight))
        occupied = shapely.union_all(parts)
        inside = shapely.contains_xy(occupied, [t.at[0] for t in dated], [t.at[1] for t in dated])
        for town, held, more in zip(dated, inside, slack, strict=True):
            assert town.liberated
            if town.liberated.earliest - more >= midnight and not held:
                wrong.append((town.id, "free too early", midnight, str(town.liberated)))
            if town.liberated.latest + more <= midnight and held:
                wrong.append((town.id, "occupied too long", midnight, str(town.liberated)))
    assert not wrong


def test_the_front_only_ever_advances(film: Animation) -> None:
    front = territory(film).front
    assert isinstance(front.tide, Derived)
    before = None
    for midnight in days(film)[:40:3]:
        area = shapely.intersection(front.tide.area(midnight), front.tide.scope)
        if before is not None:
            assert shapely.difference(area, before).area < 1.0
        before = area


def test_occupied_land_is_land_within_reach_and_holds_every_pocket(film: Animation) -> None:
    front = territory(film).front
    assert front.tide
    reach = film.film.spec.layers[0].reach * 1000  # type: ignore[union-attr]
    places = shapely.MultiPoint([t.at for t in towns(film).towns])
    for midnight in days(film)[::20]:
        occupied = front.occupied(midnight)
        assert shapely.difference(occupied, film.film.land.buffer(1)).area < 1
        assert all(g.distance(places) < 1.1 * reach for g in shapely.get_parts(occupied))
        for pocket in front.pockets:
            if midnight < pocket.fall:
                held = pocket.shape(*pocket.at(max(midnight, pocket.start)))
                missing = shapely.difference(shapely.intersection(held, film.film.land), occupied)
                assert missing.area < 1e-3 * held.area


def filled(paths: Paths, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether places lie in what is filled by winding."""
    winding = np.zeros(len(x), dtype=int)
    for ring in paths.parts():
        turns = 1 if shapely.LinearRing(ring).is_ccw else -1
        winding += turns * shapely.contains_xy(shapely.Polygon(ring), x, y)
    return winding != 0


def test_edges_filled_by_winding_are_all_that_is_occupied(film: Animation) -> None:
    front = territory(film).front
    assert front.tide
    cover = front.cover("#ffffff")
    assert cover
    west, south, east, north = front.tide.bounds
    x, y = np.random.default_rng(1).uniform((west, south), (east, north), (400, 2)).T
    hidden = filled(cover.paths, x, y)
    for midnight in days(film)[::25]:
        turned = front.turned(midnight)
        occupied = shapely.contains_xy(shapely.union_all(front.parts(midnight, turned)), x, y)
        assert (filled(front.tint(midnight, turned, "#808080", beyond=False).paths, x, y) == occupied).all()
        # What runs on beyond what is said is covered there, and nothing else is but the sea off a pocket.
        wide = filled(front.tint(midnight, turned, "#808080", beyond=True).paths, x, y)
        on_land = shapely.contains_xy(film.film.land, x, y)
        assert ((wide & ~hidden)[on_land] == occupied[on_land]).all()


def test_the_picture_is_that_of_a_tint_cut_to_what_is_said(
    film: Animation, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = animap.open(size="640x360", fps=10)
    for index in (60, 200, 380, 600):
        covered = Canvas(film.scene.take.page).draw(film.frame(index)).pixels.astype(int)
        with monkeypatch.context() as patch:
            patch.setattr(Front, "cover", lambda *_: None)
            cut = Canvas(film.scene.take.page).draw(twin.frame(index)).pixels.astype(int)
        assert np.abs(covered - cut).max() <= 2


def test_tint_and_cover_stay_as_they_are_while_the_camera_flies(film: Animation) -> None:
    flying = [index for index in range(film.frames) if film.scene.flies(index)]
    cover = territory(film).front.cover(film.scene.style.basemap.land)
    for index in flying[5:15]:
        marks = film.frame(index).marks
        tints = [mark for mark in marks if isinstance(mark, Area) and mark is not cover]
        assert marks.count(cover) == 1
        assert tints[0].fill == film.scene.style.territory.occupied
        assert marks.index(tints[0]) < marks.index(cover)


def test_a_frame_in_flight_is_the_same_whatever_was_asked_for_in_between(film: Animation) -> None:
    flying = [index for index in range(film.frames) if film.scene.flies(index)]
    index = flying[8]
    there = next(i for i in range(index, film.frames) if not film.scene.flies(i))
    before = film.frame(index).describe()
    for other in range(there + 30, there + 36):
        film.frame(other)
    assert film.frame(index).describe() == before


def test_a_pocket_beyond_all_that_is_said_is_not_covered() -> None:
    said, aside = shapely.box(0, 0, 5e4, 5e4), shapely.box(8e4, 0, 9e4, 1e4)

    class Said:
        scope, bounds = said, (-1e3, -1e3, 5.1e4, 5.1e4)

    class Held:
        def __init__(self, extent: shapely.Polygon) -> None:
            self.extent = extent

    within, beyond, nowhere = (
        Front(Said(), [Held(extent)], land)  # type: ignore[arg-type, list-item]
        for extent, land in ((said.buffer(-1e4), aside), (aside, aside), (aside, said))
    )
    assert within.cover("#ffffff")
    assert beyond.cover("#ffffff") is None
    assert nowhere.cover("#ffffff")


def test_the_line_keeps_off_the_coast_the_pockets_and_the_edge_of_what_is_known(film: Animation) -> None:
    layer = territory(film)
    unit = layer.setting.metres_per_unit
    coast = film.film.land.simplify(200).boundary
    for midnight in days(film)[1:14:2]:
        lines = layer.front.line(midnight, layer.front.turned(midnight), layer._seen, 6 * unit)
        for line in lines:
            shape = shapely.LineString(line)
            assert shape.distance(coast) > unit
            assert shape.distance(layer.front.tide.scope.boundary) > 0.9 * unit  # type: ignore[union-attr]
            for held in layer.front._held(layer.front.turned(midnight)):
                assert shape.distance(held) > 4 * unit


def test_teeth_stand_on_the_line_and_point_at_occupied_land(film: Animation) -> None:
    layer = territory(film)
    for day in ("1944-09-01", "1944-09-04T06:00", "1944-09-07"):
        index = film.index_at(day)
        second, instant = float(film.scene.clock.second(index)), film.scene.clock.instant(index)
        *_, line, bite = layer.marks(Moment(index, second, instant))
        assert isinstance(line, Line)
        assert isinstance(bite, Area)
        occupied = shapely.union_all(layer.front.parts(instant, layer.front.turned(instant))).buffer(250)
        tips = np.array([tooth[2] for tooth in bite.paths.parts()])
        assert len(tips) > 8
        assert shapely.contains_xy(occupied, tips).mean() > 0.97


def test_teeth_neither_jump_nor_pop(film: Animation) -> None:
    riders = territory(film)._followed
    clock = film.scene.clock
    unit = territory(film).setting.metres_per_unit
    spacing = film.scene.style.territory.teeth_spacing * unit
    for second in np.arange(4.2, 30, 0.9):
        a, b = (riders.at(clock.instant_at(s)) for s in (second, second + 1 / 30))
        firm, later = a[0][a[1] > 0.5], b[0]
        # Whoever is well there is there in the next frame, about where it was.
        away = np.hypot(*(firm[:, None] - later[None]).transpose(2, 0, 1)).min(axis=1)
        assert away.max() < spacing


def test_teeth_followed_halfway_are_those_followed_to_the_end(film: Animation) -> None:
    layer = territory(film)
    halfway, whole = layer._followed_halfway, layer._followed
    steps = layer._steps
    seen = np.interp(np.linspace(0, len(steps) - 1, 400), np.arange(len(steps)), steps).tolist()
    told = [instant for instant in seen if halfway.tells(instant)]
    assert 150 < len(told) < 200
    for instant in told:
        for one, other in zip(halfway.at(instant), whole.at(instant), strict=True):
            assert np.array_equal(one, other)


def test_nothing_is_drawn_again_while_the_front_rests(film: Animation) -> None:
    layer, clock = territory(film), film.scene.clock
    first = film.index_at("1945-01-10")
    shown = [
        tuple(layer.marks(Moment(i, float(clock.second(i)), clock.instant(i)))) for i in (first, first + 9)
    ]
    assert all(a is b for a, b in zip(*shown, strict=True))
    assert len(shown[0]) >= 1


@st.composite
def fields(draw: st.DrawFn) -> tuple[Floats, Floats, int]:
    nodes = draw(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), min_size=3, max_size=12, unique=True)
    )
    days_ = draw(st.lists(st.integers(0, 30), min_size=len(nodes), max_size=len(nodes)))
    places = np.array(nodes, dtype=float) * 12_000 + 700
    return places, np.array(days_, dtype=float) + 0.5, draw(st.integers(1, len(nodes)))


@settings(max_examples=25, deadline=None)
@given(fields(), st.floats(-1, 32), st.floats(0.01, 5))
def test_a_field_meets_its_evidence_and_its_area_only_shrinks(
    evidence: tuple[Floats, Floats, int], instant: float, more: float
) -> None:
    places, instants, firm = evidence
    field = arrival_field((0, 0, 150_000, 110_000), places, instants, 4000, firm)
    assert np.abs(field.at(places[:firm]) - instants[:firm]).max() < 1 / 1440
    early, late = field.later_than(instant), field.later_than(instant + more)
    assert shapely.difference(late, early).area < 1.0
    assert late.area <= early.area + 1.0
    for line in field.contours(instant):
        middle = len(line) // 2
        way = line[middle] - line[middle - 1]
        if np.hypot(*way) > 1:
            left = line[middle - 1] + way / 2 + 30 * np.array([-way[1], way[0]]) / np.hypot(*way)
            right = line[middle - 1] + way / 2 - 30 * np.array([-way[1], way[0]]) / np.hypot(*way)
            z = field.at(np.array([left, right]))
            assert z[0] >= z[1] - 0.05


@settings(max_examples=25, deadline=None)
@given(fields(), st.floats(-1, 32))
def test_the_area_holds_the_nodes_that_are_later_and_no_others(
    evidence: tuple[Floats, Floats, int], instant: float
) -> None:
    field = arrival_field((0, 0, 150_000, 110_000), *evidence[:2], 4000, evidence[2])
    nodes = np.stack(np.meshgrid(field.x, field.y), axis=-1)[1:-1, 1:-1].reshape(-1, 2)
    later = field.instants[1:-1, 1:-1].ravel() - instant
    plain = np.abs(later) > 1e-6
    held = shapely.contains_xy(field.later_than(instant), nodes)
    assert (held == (later > 0))[plain].all()


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 400), st.floats(0, 1), st.floats(5, 60), st.floats(0, 2))
def test_teeth_stay_where_they_are_when_a_line_grows(
    length: float, share: float, spacing: float, more: float
) -> None:
    anchor = share * length
    before, sizes = spaced(length, anchor, spacing)
    after, grown = spaced(length + more, anchor, spacing)
    assert np.allclose(before, after[: len(before)])
    # None comes or goes at once: what is new is small, and so is what changes.
    assert (grown[len(before) :] <= more / (0.75 * spacing) + 1e-9).all()
    assert np.abs(grown[: len(before)] - sizes).max(initial=0) <= more / (0.75 * spacing) + 1e-9


def test_teeth_point_to_the_left_and_all_turn_one_way() -> None:
    line = np.array([(0.0, 0.0), (100.0, 0.0)])
    for height in (5.0, -5.0):
        rings = teeth(line, np.array([30.0, 60.0]), np.ones(2), 8.0, height)
        assert [max(ring[:, 1], key=abs) for ring in rings] == [height, height]
        assert all(shapely.LinearRing(ring).is_ccw for ring in rings)


def test_teeth_ride_across_and_not_along_a_line_that_moves() -> None:
    x = np.linspace(0, 1000, 60)
    lines = [[np.column_stack([x, np.full(60, 10.0 * step)])] for step in range(30)]
    riders = ride(np.arange(30.0), lines, 50.0)
    assert {round(float(np.ptp(r.places[:, 0])), 6) for r in riders.rode} == {0.0}
    places, sizes = riders.at(14.5)
    assert np.allclose(places[:, 1], 145.0)
    assert (sizes == 1).all()
    assert np.allclose(np.diff(np.sort(places[:, 0])), 50.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=8, unique=True))
def test_the_nearest_place_on_a_line_is_on_it(nodes: list[tuple[int, int]]) -> None:
    line = np.array(nodes, dtype=float)
    run = lengths(line)
    number, along, away = Rails([line]).nearest(np.array([(25.5, 25.5)]))
    at = np.array([np.interp(along[0], run, line[:, 0]), np.interp(along[0], run, line[:, 1])])
    assert number[0] == 0
    assert math.dist(at, (25.5, 25.5)) == pytest.approx(float(away[0]), abs=1e-6)


def _outline(date: str, west: float, until: str = "") -> dict[str, object]:
    ring = [[west, 49.6], [4.2, 49.6], [4.2, 51.1], [west, 51.1], [west, 49.6]]
    return {
        "type": "Feature",
        "properties": {"id": "reich", "date": date, "until": until, "source": "S1"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def authored(make_film: Callable[[], FilmFolder]) -> Front:
    folder = make_film()
    features = [_outline("1944-09-01", 2.0), _outline("1944-09-03", 2.6), _outline("1944-09-05", 3.0)]
    folder.write("held.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    film_file = (folder.folder / "film.toml").read_text("utf-8")
    table = '[[layers]]\nkind = "territory"\nfile = "held.geojson"\n\n[[layers]]\nkind = "basemap"'
    folder.write("film.toml", film_file.replace('[[layers]]\nkind = "basemap"', table, 1))
    return territory(animap.open(folder.folder, size="320x180")).front


def test_a_field_that_was_used_still_travels_to_workers() -> None:
    places, instants = np.array([[1e4, 1e4], [9e4, 5e4], [5e4, 9e4]]), np.array([1.0, 4.0, 9.0])
    field = arrival_field((0, 0, 150_000, 110_000), places, instants, 4000, 3)
    area, lines = field.later_than(5.0), field.contours(5.0)
    there = pickle.loads(pickle.dumps(field))
    assert there.later_than(5.0).equals(area)
    assert len(there.contours(5.0)) == len(lines) > 0


def test_outlines_drawn_by_hand_stand_in_for_the_field(authored: Front) -> None:
    from animap.timeline import When

    noons = [When.of(f"1944-09-0{day}").instant for day in (1, 2, 3, 4, 5)]
    areas = [authored.occupied(noon).area for noon in noons]
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) == len(areas)
    assert authored.settled > noons[-1]
    everywhere = Fence(shapely.box(-1e7, -1e7, 1e7, 1e7))
    lines = authored.line(noons[1], authored.turned(noons[1]), everywhere, 0.0)
    assert lines
