"""The smooth line through way-points, and the walk along it that is on time everywhere."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from animap.errors import DataError
from animap.film import load_film
from animap.geo.lines import Curve, curve_through, lengths, part, softened
from animap.layers.advances import AdvancesData
from animap.layers.walks import Walk, WayPoint, walk
from animap.timeline import When
from animap.types import Floats
from conftest import FilmFolder

coordinates = st.floats(-5e5, 5e5).map(lambda v: round(v, 1))
places = st.tuples(coordinates, coordinates)


def apart(points: Sequence[tuple[float, float]]) -> bool:
    return all(math.dist(a, b) >= 1 for a, b in pairwise(points))


way_points = st.lists(places, min_size=2, max_size=9).filter(apart).map(lambda p: np.array(p))


@st.composite
def marches(draw: st.DrawFn) -> Floats:
    """Way-points of a march that never turns by 90° or more."""
    at, heading = np.zeros(2), draw(st.floats(-math.pi, math.pi))
    points = [at]
    for _ in range(draw(st.integers(1, 7))):
        at = at + draw(st.floats(1e3, 1e5)) * np.array([math.cos(heading), math.sin(heading)])
        points.append(at)
        heading += draw(st.floats(-1.5, 1.5))
    return np.array(points)


def pieces(points: Floats, curve: Curve) -> list[tuple[Floats, Floats, Floats]]:
    """Way-point, next way-point, and the line between the two."""
    along = lengths(curve.xy)
    cuts = np.searchsorted(along, curve.at - 1e-6)
    return [
        (a, b, curve.xy[i : j + 1]) for a, b, i, j in zip(points, points[1:], cuts, cuts[1:], strict=False)
    ]


@given(way_points)
@settings(deadline=None)
def test_the_curve_passes_through_every_way_point_where_it_says(points: Floats) -> None:
    curve = curve_through(points)
    along = lengths(curve.xy)
    assert curve.at[0] == 0
    assert curve.at[-1] == pytest.approx(along[-1])
    for point, at in zip(points, curve.at, strict=True):
        here = [np.interp(at, along, curve.xy[:, axis]) for axis in (0, 1)]
        assert here == pytest.approx(point.tolist(), abs=1e-3)
    assert (curve.xy[[0, -1]] == points[[0, -1]]).all()


@given(way_points)
@settings(deadline=None)
def test_no_piece_runs_past_its_way_points_turns_back_or_strays(points: Floats) -> None:
    for a, b, piece in pieces(points, curve_through(points)):
        chord = math.dist(a, b)
        ahead = (piece - a) @ (b - a) / chord
        aside = (piece - a) @ np.array([a[1] - b[1], b[0] - a[0]]) / chord
        slack = 1e-6 * (1 + float(np.abs(points).max()))
        assert ahead.min() >= -slack
        assert ahead.max() <= chord + slack
        assert np.diff(ahead).min() >= -slack
        assert np.abs(aside).max() <= chord / 6 + slack


@given(marches())
@settings(deadline=None)
def test_a_march_without_sharp_turns_has_no_corner(points: Floats) -> None:
    curve = curve_through(points)
    step = np.diff(curve.xy, axis=0)
    heading = np.arctan2(step[:, 1], step[:, 0])
    turns = np.abs((np.diff(heading) + math.pi) % (2 * math.pi) - math.pi)
    asked = max(
        (abs(_turn(a, b, c)) for a, b, c in zip(points, points[1:], points[2:], strict=False)), default=0.0
    )
    # A corner would show the whole turn at one vertex; a bend shares it out.
    assert turns.max(initial=0) <= max(0.02, asked / 3)


def _turn(a: Floats, b: Floats, c: Floats) -> float:
    first, second = b - a, c - b
    return math.atan2(first[0] * second[1] - first[1] * second[0], float(first @ second))


def test_the_heading_is_the_same_on_both_sides_of_a_way_point() -> None:
    points = np.array([(0.0, 0.0), (10.0, 0.0), (40.0, 25.0), (41.0, 60.0)])
    parts = pieces(points, curve_through(points))
    for (_, _, before), (_, _, after) in pairwise(parts):
        into, out = before[-1] - before[-2], after[1] - after[0]
        assert abs(_turn(np.zeros(2), into, into + out)) < math.radians(12)


def test_two_way_points_are_joined_by_a_straight_line() -> None:
    curve = curve_through(np.array([(0.0, 0.0), (300.0, 400.0)]))
    assert curve.at.tolist() == [0, pytest.approx(500)]
    assert np.abs(curve.xy @ np.array([-0.8, 0.6])).max() < 1e-9


def test_a_way_back_is_not_overshot() -> None:
    curve = curve_through(np.array([(0.0, 0.0), (100.0, 0.0), (20.0, 0.0)]))
    assert curve.xy[:, 0].max() == 100
    assert curve.at.tolist() == [0, pytest.approx(100), pytest.approx(180)]


@pytest.mark.parametrize("points", [[(0, 0)], [(0, 0), (0, 0)], [(0, 0), (1, 0), (1, 0), (2, 0)]])
def test_way_points_at_one_place_are_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="two way-points or more"):
        curve_through(np.array(points, dtype=float))


@given(way_points, st.floats(-0.2, 1.2), st.floats(-0.2, 1.2))
@settings(deadline=None)
def test_a_part_is_as_long_as_asked_and_lies_on_the_line(points: Floats, start: float, stop: float) -> None:
    along = lengths(points)
    total = float(along[-1])
    piece = part(points, along, start * total, stop * total)
    first, last = max(0.0, start) * total, min(1.0, stop) * total
    if last <= first:
        assert len(piece) == 0
        return
    assert lengths(piece)[-1] == pytest.approx(last - first, abs=1e-4)
    for end, at in ((piece[0], first), (piece[-1], last)):
        assert end.tolist() == pytest.approx([float(np.interp(at, along, points[:, i])) for i in (0, 1)])
    # Every vertex in between is kept.
    assert len(piece) == 2 + ((along > first) & (along < last)).sum()


@given(way_points)
def test_the_whole_is_its_own_part(points: Floats) -> None:
    along = lengths(points)
    assert part(points, along, 0, float(along[-1])) == pytest.approx(points, abs=1e-6)
    assert along.tolist() == pytest.approx([0, *np.cumsum([math.dist(a, b) for a, b in pairwise(points)])])


# --- the walk ------------------------------------------------------------------------------------------

FIRST = dt.date(1944, 9, 1)


def axis(steps: Sequence[tuple[tuple[float, float], str]]) -> Walk:
    return walk([WayPoint(at, When.of(date) if date else None, "", "") for at, date in steps])


@st.composite
def axes(draw: st.DrawFn) -> list[tuple[tuple[float, float], str]]:
    """Way-points in order of time; some undated, some on one day, some with an hour."""
    points = draw(st.lists(places, min_size=2, max_size=8).filter(apart))
    day, hour = FIRST, 0
    steps = []
    for i, at in enumerate(points):
        kind = draw(st.sampled_from(["same", "next", "hour", "none"]))
        if kind == "none" and 0 < i < len(points) - 1:
            steps.append((at, ""))
            continue
        if kind == "hour" and hour < 23:
            hour = draw(st.integers(hour + 1, 23))
            steps.append((at, f"{day}T{hour:02d}:00"))
            continue
        if kind != "same" or hour:
            day, hour = day + dt.timedelta(days=draw(st.integers(1, 5))), 0
        steps.append((at, str(day)))
    return steps


@given(axes())
@settings(deadline=None)
def test_a_walk_meets_every_date_and_never_goes_back(steps: list[tuple[tuple[float, float], str]]) -> None:
    way = axis(steps)
    dated = [i for i, (_, date) in enumerate(steps) if date]
    for number, i in enumerate(dated):
        when = When.of(steps[i][1])
        instant = float(way.instants[number])
        assert way.metres_at(instant) == pytest.approx(float(way.curve.at[i]), abs=1e-3)
        if when.timed:
            assert instant == pytest.approx(when.instant, abs=1e-9)
        else:
            assert when.earliest <= instant < when.latest
    span = np.linspace(way.instants[0] - 1, way.instants[-1] + 1, 300)
    metres = [way.metres_at(float(instant)) for instant in span]
    assert metres[0] == 0
    assert metres[-1] == pytest.approx(float(way.curve.at[-1]))
    assert min(b - a for a, b in pairwise(metres)) >= -1e-6
    assert (np.diff(way.instants) > 0).all()


def test_one_way_point_a_day_is_met_at_noon_with_the_town_it_frees() -> None:
    way = axis([((0, 0), "1944-09-01"), ((50, 0), "1944-09-02"), ((90, 10), "1944-09-05")])
    assert way.instants.tolist() == [When.of(f"1944-09-0{d}").instant for d in (1, 2, 5)]


def test_way_points_of_one_day_share_its_daylight_in_order() -> None:
    way = axis([((0, 0), "1944-09-01"), *(((10.0 * i, i), "1944-09-02") for i in (1, 2, 3))])
    hours = (way.instants[1:] % 1) * 24
    assert hours.tolist() == pytest.approx([6, 12, 18])


@pytest.mark.parametrize(
    ("dates", "hours"),
    [
        (["1944-09-02", "1944-09-02", "1944-09-02T14:00"], [6, 14]),
        (["1944-09-02T11:00", "1944-09-02", "1944-09-02"], [11, 18]),
        (["1944-09-02T22:00", "1944-09-02", "1944-09-02"], [22, 24]),
        (["1944-09-02", "1944-09-02", "1944-09-02T03:00"], [0, 3]),
    ],
)
def test_a_known_hour_is_kept_and_the_others_of_its_day_make_room(
    dates: list[str], hours: tuple[float, float]
) -> None:
    steps = [((float(i * 10), 0.0), date) for i, date in enumerate(["1944-09-01", *dates])]
    way = axis(steps)
    shown = ((way.instants[1:] - When.of("1944-09-02").earliest) * 24).tolist()
    assert shown == sorted(shown)
    assert hours[0] - 1e-6 <= shown[0]
    assert shown[-1] <= hours[1] + 1e-6
    timed = next(i for i, date in enumerate(dates) if "T" in date)
    assert shown[timed] == pytest.approx(When.of(dates[timed]).instant % 1 * 24)


@given(axes(), st.data())
@settings(deadline=None)
def test_undated_way_points_shape_the_line_only(
    steps: list[tuple[tuple[float, float], str]], data: st.DataObject
) -> None:
    inner = range(1, len(steps) - 1)
    assume(inner)
    bare = data.draw(st.sampled_from(inner))
    without = [(at, "" if i == bare else date) for i, (at, date) in enumerate(steps)]
    way = axis(without)
    assert (way.curve.xy == axis(steps).curve.xy).all()
    assert len(way.instants) == sum(bool(date) for _, date in without)


def test_an_approximate_month_is_met_in_its_middle() -> None:
    way = axis([((0, 0), "1944-09-01"), ((50, 0), "1944-10~"), ((90, 10), "1944-12-01")])
    assert way.instants[1] == When.of("1944-10").instant


def test_a_day_may_come_before_or_after_an_hour_of_it(film: FilmFolder) -> None:
    film.edit("advances.csv", "nord,3,2.6,50.5,,", "nord,3,2.6,50.5,1944-09-02T10:00,")
    advances = load_film(film.folder).layers[2]
    assert isinstance(advances, AdvancesData)
    hours = walk(advances.advances[0].points).instants[1:3] % 1 * 24
    assert hours.tolist() == pytest.approx([6, 10])


def test_hours_that_go_back_are_refused_even_with_a_mere_day_between(film: FilmFolder) -> None:
    film.edit("advances.csv", "nord,1,2.0,50.1,1944-09-01", "nord,1,2.0,50.1,1944-09-02T14:00")
    film.edit("advances.csv", "nord,3,2.6,50.5,,", "nord,3,2.6,50.5,1944-09-02T10:00,")
    with pytest.raises(DataError, match="goes back in time: 1944-09-02T10:00 after 1944-09-02T14:00"):
        load_film(film.folder)


wiggles = st.lists(st.tuples(st.floats(0.2, 3), st.floats(-1, 1)), min_size=3, max_size=30).map(
    lambda steps: np.array([(sum(s for s, _ in steps[:n]), y) for n, (_, y) in enumerate(steps)])
)


@given(wiggles)
def test_a_softened_line_keeps_its_ends_stays_near_and_is_no_longer(line: Floats) -> None:
    soft = softened(line, 2.0)
    assert np.array_equal(soft[[0, -1]], line[[0, -1]])
    assert soft[:, 1].min() > line[:, 1].min() - 2
    assert soft[:, 1].max() < line[:, 1].max() + 2
    assert lengths(soft)[-1] <= lengths(line)[-1] + 1e-6


def test_a_softened_saw_has_no_teeth_and_a_softened_ring_is_closed() -> None:
    saw = np.array([(float(x), float(x % 2)) for x in range(40)])
    assert np.ptp(softened(saw, 8.0)[3:-3, 1]) < 0.5 * np.ptp(saw[:, 1])
    square = np.array([(0.0, 0.0), (9, 0), (9, 9), (0, 9), (0, 0)])
    soft = softened(square, 2.0)
    assert np.array_equal(soft[0], soft[-1])
    turn = np.diff(np.unwrap(np.arctan2(*np.diff(soft, axis=0).T[::-1])))
    assert np.abs(turn).max() < 0.8
