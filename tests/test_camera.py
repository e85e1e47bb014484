"""The camera rests at its stations and flies smoothly between them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import animap
from animap.errors import FilmError
from animap.geo.flight import Flight
from animap.marks import Area, Faded, Frame, Text
from conftest import FilmFolder

metres = st.floats(-5e5, 5e5)
widths = st.floats(5e3, 2e6)
views = st.tuples(metres, metres, widths)

KEYS = """
[[view.keys]]
at = "1944-09-03"
extent = [2.4, 50.6, 3.1, 51.0]
seconds = 0.8
ease = "cubic-in-out"

[[view.keys]]
at = "1944-09-05"
extent = [1.5, 50.0, 3.5, 51.2]
seconds = 1.0
"""


@given(views, views)
def test_a_flight_begins_and_ends_exactly_and_makes_no_jump(
    a: tuple[float, float, float], b: tuple[float, float, float]
) -> None:
    flight = Flight(a, b)
    assert flight.at(0) == a
    assert flight.at(1) == b
    way = [flight.at(s) for s in np.linspace(0, 1, 101)]
    assert all(math.isfinite(v) for view in way for v in view)
    assert all(w > 0 for _, _, w in way)
    # What passes through the picture from step to step is the same everywhere.
    seen = [Flight(p, q).length for p, q in zip(way, way[1:], strict=False)]
    assert max(seen) <= 1.05 * flight.length / 100 + 1e-6


@given(views, views)
def test_a_flight_back_is_the_same_flight(
    a: tuple[float, float, float], b: tuple[float, float, float]
) -> None:
    there, back = Flight(a, b), Flight(b, a)
    for share in (0.2, 0.5, 0.9):
        assert np.allclose(there.at(share), back.at(1 - share), rtol=1e-6, atol=1)


def moved(film: FilmFolder) -> animap.Animation:
    film.edit("film.toml", "[pace]", KEYS + "\n[pace]")
    return animap.open(film.folder, size="640x360", fps=12)


def test_the_view_rests_as_the_same_object_and_flies_in_between(film: FilmFolder) -> None:
    movie = moved(film)
    camera = movie.scene.camera
    start = movie.first_index_of("1944-09-03T12:00")
    seen = [movie.frame(i).view for i in range(movie.frames)]
    assert seen[0] is seen[start - 1]
    assert seen[start + 12] is seen[start + 13]
    assert seen[start + 12].width < 0.6 * seen[0].width
    assert math.isclose(seen[-1].width, seen[0].width)
    widths = [v.width for v in seen[start - 1 : start + 12]]
    assert widths == sorted(widths, reverse=True)
    assert camera.moves(float(movie.scene.clock.second(start + 5)))
    assert not camera.moves(0.0)


def test_a_frame_is_the_same_alone_while_the_camera_flies(film: FilmFolder) -> None:
    movie = moved(film)
    index = movie.first_index_of("1944-09-03T12:00") + 6
    alone = animap.open(film.folder, size="640x360", fps=12).frame(index).describe()
    for i in (0, index + 20, index):
        text = movie.frame(i).describe()
    assert text == alone


def test_frames_are_the_same_whichever_station_is_asked_for_first(film: FilmFolder) -> None:
    """Names are placed station by station, as far as a frame needs them: how far must not show."""
    forward = moved(film)
    backward = animap.open(film.folder, size="640x360", fps=12)
    last_first = {i: backward.frame(i).describe() for i in range(backward.frames - 1, -1, -3)}
    told = {i: forward.frame(i).describe() for i in sorted(last_first)}
    assert told == last_first


def test_keys_out_of_order_and_unknown_easings_are_refused(film: FilmFolder) -> None:
    film.edit(
        "film.toml",
        "[pace]",
        KEYS.replace("1944-09-05", "1944-09-02").replace("cubic-in", "cubik-in") + "[pace]",
    )
    try:
        animap.open(film.folder)
    except FilmError as error:
        said = str(error)
    assert "cubik-in-out" in said
    assert "did you mean 'cubic-in-out'" in said


def key(at: str, place: str, more: str = "") -> str:
    return f'[[view.keys]]\nat = "{at}"\n{place}\nseconds = 1.0\n{more}\n\n[pace]'


def test_a_key_may_give_a_centre_and_a_width(film: FilmFolder) -> None:
    film.edit("film.toml", "[pace]", key("1944-09-03", "centre = [2.75, 50.8]\nwidth = 60"))
    movie = animap.open(film.folder, size="640x360", fps=12)
    station = movie.scene.camera.stations[1]
    assert station.view.width == 60_000
    middle = movie.film.projection.degrees(np.array([[station.view.x, station.view.y]]))[0]
    assert np.allclose(middle, (2.75, 50.8), atol=1e-6)


def test_a_key_without_a_place_or_with_half_a_place_is_refused(film: FilmFolder) -> None:
    film.edit("film.toml", "[pace]", key("1944-09-03", "centre = [2.75, 50.8]"))
    with pytest.raises(FilmError, match=r"either extent = .*or centre = "):
        animap.open(film.folder)


def test_history_waits_for_a_flight_that_holds(film: FilmFolder) -> None:
    place = "extent = [2.4, 50.6, 3.1, 51.0]"
    film.edit("film.toml", "[pace]", key("1944-09-03", place, "hold = true"))
    movie = animap.open(film.folder, size="640x360", fps=12)
    (before, after), clock = movie.scene.camera.stations, movie.clock
    assert abs(clock.instant_at(after.arrives) - clock.instant_at(before.leaves)) < 1e-4
    assert not movie.scene.surprises()


def test_check_warns_of_what_comes_while_the_camera_flies(film: FilmFolder) -> None:
    film.edit("film.toml", "[pace]", key("1944-09-04T08:00", "extent = [2.4, 50.6, 3.1, 51.0]"))
    movie = animap.open(film.folder, size="640x360", fps=12)
    told = [str(problem) for problem in movie.warnings]
    assert told
    assert all("the camera flies while this comes, on 1944-09-0" in text for text in told)
    assert all("view.keys 1" in text and "hold = true" in text for text in told)


def texts(frame: Frame, start: str) -> list[Text]:
    marks = [m.mark if isinstance(m, Faded) else m for m in frame.marks]
    return [m for m in marks if isinstance(m, Text) and m.text.startswith(start)]


@pytest.fixture(scope="module")
def closing_in() -> tuple[Frame, Frame]:
    """Our film from afar and close on Dunkirk."""
    movie = animap.open(None, size="640x360", fps=12)
    far, close = (movie.first_index_of(day) for day in ("1944-09-06T12:00", "1945-02-01T12:00"))
    return movie.frame(far), movie.frame(close)


def test_the_scale_bar_goes_with_the_view(closing_in: tuple[Frame, Frame]) -> None:
    far, close = (next(t.text for t in texts(f, "") if t.text.endswith("km")) for f in closing_in)
    assert float(far.split()[0]) >= 3 * float(close.split()[0])


def test_small_towns_are_named_where_the_camera_is_close(closing_in: tuple[Frame, Frame]) -> None:
    far, close = closing_in
    for name in ("Gravelines", "Hondschoote", "Esquelbecq"):
        assert not texts(far, name)
        assert len(texts(close, name)) == 1


def test_a_pocket_keeps_the_size_of_its_teeth_at_every_zoom(closing_in: tuple[Frame, Frame]) -> None:
    sizes = []
    for frame in closing_in:
        # Teeth are many small rings of one colour.
        marks = [m for m in frame.marks if isinstance(m, Area) and m.space == "map" and not m.hatch]
        teeth = min(marks, key=lambda m: len(m.paths.xy) / max(1, len(m.paths.starts)))
        wide = [float(np.ptp(p, axis=0).max()) for p in teeth.paths.parts()]
        sizes.append(float(np.median(wide)) / frame.view.metres_per_unit(frame.page))
    assert math.isclose(sizes[0], sizes[1], rel_tol=0.25)


def test_the_name_of_a_pocket_goes_with_the_map(closing_in: tuple[Frame, Frame]) -> None:
    for frame in closing_in:
        (name,) = texts(frame, "Poche de Dunkerque")
        assert name.space == "map"
