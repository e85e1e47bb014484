"""Every caption stands as long as it takes to read; the clock bends for it, and never backward."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import animap
from animap.film import load_film
from animap.layers.captions import caption_spans
from animap.layers.furniture.haste import multiples
from animap.timeline import Clock, Hold, Pace, Stretch, paced_for_reading, shortfalls
from conftest import FilmFolder

START = 709_870.0
FPS = Fraction(30)


@st.composite
def told(draw: st.DrawFn) -> tuple[float, Pace, list[tuple[float, float]]]:
    """(end, pace, readings) of a film of some weeks."""
    days = draw(st.integers(3, 60))
    cuts = [*sorted(draw(st.sets(st.integers(1, days), max_size=3)) - {days}), days]
    pace = Pace(
        tuple(Stretch(START + c, draw(st.floats(0.03, 3.0))) for c in cuts),
        tuple(
            Hold(START + draw(st.floats(0, days)), draw(st.floats(0, 3)))
            for _ in range(draw(st.integers(0, 2)))
        ),
        draw(st.floats(0, 4)),
        draw(st.floats(0, 8)),
        draw(st.floats(0, 1.5)),
        None,
        draw(st.booleans()),
    )
    at = draw(st.lists(st.integers(0, days - 1), min_size=1, max_size=8))
    readings = [(START + day + 0.5, draw(st.floats(3, 8))) for day in sorted(at)]
    return START + days, pace, readings


@given(told())
@settings(deadline=None, max_examples=40)
def test_every_caption_has_its_time_and_time_never_runs_backward(
    case: tuple[float, Pace, list[tuple[float, float]]],
) -> None:
    end, pace, readings = case
    clock = Clock(START, end, paced_for_reading(pace, START, end, readings), FPS)
    assert max(shortfalls(clock, readings)) < 0.12
    instants = [clock.instant(f) for f in np.linspace(0, clock.frames - 1, 200).astype(int).tolist()]
    assert all(b >= a - 1e-9 for a, b in pairwise(instants))
    assert clock.seconds >= Clock(START, end, pace, FPS).seconds - Fraction(1, 20)
    spans = caption_spans(readings, clock)
    assert all(b - a > needed - 0.12 for (a, b), (_, needed) in zip(spans, readings, strict=True))
    assert all(after[0] >= before[1] - 1e-6 for before, after in pairwise(spans))


@given(told())
@settings(deadline=None, max_examples=20)
def test_a_pace_that_leaves_time_enough_is_left_alone(
    case: tuple[float, Pace, list[tuple[float, float]]],
) -> None:
    end, pace, readings = case
    once = paced_for_reading(pace, START, end, readings)
    twice = paced_for_reading(once, START, end, readings)
    one, two = Clock(START, end, once, FPS), Clock(START, end, twice, FPS)
    assert abs(one.seconds - two.seconds) < Fraction(1, 10)
    assert paced_for_reading(pace, START, end, []) == pace


@given(told())
@settings(deadline=None, max_examples=20)
def test_the_cue_of_speed_is_steady_and_covers_the_film(
    case: tuple[float, Pace, list[tuple[float, float]]],
) -> None:
    end, pace, _ = case
    found = multiples(Clock(START, end, replace(pace, by_day=False), FPS))
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(found))
    assert all(stop - start >= 1.4 for start, stop, _ in found[1:])
    assert all(times >= 1 for _, _, times in found)


def test_all_languages_have_one_clock_and_captions_change_together(film: FilmFolder) -> None:
    film.edit("captions.csv", "The town is free", "The town is free at last " + "after so long a time " * 4)
    loaded = load_film(film.folder)
    assert min(loaded.readings)[1] == pytest.approx(
        len("The town is free at last " + "after so long a time " * 4) / 15, abs=0.1
    )
    clocks = {animap.open(film.folder, language=lang, fps=10).clock.seconds for lang in ("fr", "en")}
    assert len(clocks) == 1
    assert not loaded.warnings


def test_a_fixed_length_is_kept_and_captions_too_short_are_told(film: FilmFolder) -> None:
    film.edit("film.toml", "opening = 1.0", "opening = 1.0\nlength = 5")
    loaded = load_film(film.folder)
    assert loaded.clock(Fraction(20)).seconds == 5
    assert any("takes 3.0 s to read" in problem.what for problem in loaded.warnings)


def test_reading_can_be_switched_off(film: FilmFolder) -> None:
    slow = load_film(film.folder).clock(Fraction(20)).seconds
    film.edit("film.toml", "opening = 1.0", "opening = 1.0\nreading = false")
    assert load_film(film.folder).clock(Fraction(20)).seconds < slow


@pytest.mark.parametrize("speed", [10, 20])
def test_reading_speed_is_the_film_s_own(film: FilmFolder, speed: int) -> None:
    film.edit("captions.csv", "The town is free", "x" * 90)
    film.edit("film.toml", "opening = 1.0", f"opening = 1.0\ncharacters_per_second = {speed}")
    assert min(load_film(film.folder).readings)[1] == pytest.approx(90 / speed)
