"""The camera rests at its stations and flies smoothly between them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import animap
from animap.errors import FilmError
from animap.geo.flight import Flight
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
