"""The clock against a plain reckoning: on time, never back, without jolts, at any frame rate."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animap.timeline import Clock, Hold, Pace, Stretch, day_of

RATES = [Fraction(1), Fraction(12), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]
NEAR = 1e-6
"""Days: a tenth of a second of history."""

rates = st.sampled_from(RATES)
instants = st.sampled_from([1.0, 709_870.0, 719_163.0, 3_652_000.0])
"""First days of films: in the year 1, in 1944, in 1970, at the end of time."""


@st.composite
def paces(
    draw: st.DrawFn, *, quickest: float = 0.02, smooth: float | None = None
) -> tuple[float, float, Pace]:
    """A period and a pace for it: (start, end, pace); with `smooth`, every piece is longer than a bend."""
    start = draw(instants)
    days = draw(st.integers(1, 60))
    cuts = [*sorted(draw(st.sets(st.integers(1, days), max_size=4)) - {days}), days]
    least = 0.0 if smooth is None else smooth
    seconds = st.floats(least, 4.0) if smooth is None else st.floats(least, 4.0) | st.just(0.0)
    at = st.integers(0, days).map(float) if smooth else st.floats(0, days).map(lambda d: round(d * 24) / 24)
    pace = Pace(
        tuple(Stretch(start + c, draw(st.floats(max(quickest, least), 3.0))) for c in cuts),
        tuple(Hold(start + draw(at), draw(seconds)) for _ in range(draw(st.integers(0, 3)))),
        draw(seconds),
        draw(seconds),
        draw(st.floats(0, 2)) if smooth is None else smooth,
    )
    return start, start + days, pace


def reckoned(start: float, end: float, pace: Pace, instant: float, *, after: bool = False) -> float:
    """Film second at which an instant is reached, or left again after its holds: without any smoothing."""
    second, left = pace.opening, start
    for stretch in pace.stretches:
        right = min(stretch.until, instant)
        if right > left:
            second += (right - left) * stretch.seconds
            left = right
    return second + sum(h.seconds for h in pace.holds if h.at < instant or (after and h.at == instant))


def frames_of(clock: Clock, limit: int = 400) -> list[int]:
    """Frames of a clock in order, not more than a test has time for."""
    if clock.frames <= limit:
        return list(range(clock.frames))
    return sorted({int(f) for f in np.linspace(0, clock.frames - 1, limit)})


@given(paces(), rates, st.booleans(), st.none() | st.floats(3, 200))
@settings(deadline=None, max_examples=40)
def test_time_never_runs_backward(
    case: tuple[float, float, Pace], fps: Fraction, by_day: bool, length: float | None
) -> None:
    start, end, pace = case
    clock = Clock(start, end, replace(pace, by_day=by_day, length=length), fps)
    shown = [clock.instant(frame) for frame in frames_of(clock)]
    assert all(b - a > -1e-9 for a, b in pairwise(shown))
    assert start <= shown[0]
    assert shown[-1] < end


@given(paces(), rates, st.booleans(), st.none() | st.floats(3, 200))
@settings(deadline=None, max_examples=40)
def test_first_and_last_day_are_on_screen(
    case: tuple[float, float, Pace], fps: Fraction, by_day: bool, length: float | None
) -> None:
    start, end, pace = case
    clock = Clock(start, end, replace(pace, by_day=by_day, length=length), fps)
    assert day_of(clock.instant(0)) == day_of(start)
    # The last day as it ends, not only as it begins.
    assert clock.instant(clock.frames - 1) == pytest.approx(end, abs=1e-5)
    assert day_of(clock.instant(clock.frames - 1)) == day_of(end - 1)


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("seconds", [0.001, 0.04, 1.0])
def test_the_last_day_is_shown_without_an_ending_however_fast_the_film(seconds: float, fps: Fraction) -> None:
    start = dt.date(1944, 9, 1).toordinal()
    clock = Clock(start, start + 253, Pace((Stretch(start + 253, seconds),)), fps)
    assert day_of(clock.instant(0)) == dt.date(1944, 9, 1)
    assert day_of(clock.instant(clock.frames - 1)) == dt.date(1945, 5, 11)


@given(paces(), rates)
@settings(deadline=None, max_examples=40)
def test_the_film_is_as_long_as_its_pace_says(case: tuple[float, float, Pace], fps: Fraction) -> None:
    start, end, pace = case
    clock = Clock(start, end, pace, fps)
    total = reckoned(start, end, pace, end, after=True) + pace.ending
    assert clock.seconds == Fraction(clock.frames) / fps
    # Two frames at least, for the first and the last day.
    assert abs(float(clock.seconds) - max(total, 2 / fps)) <= 1 / fps


@given(paces(), rates, st.floats(2, 600))
@settings(deadline=None, max_examples=40)
def test_a_length_is_kept_and_shares_stay_as_they_were(
    case: tuple[float, float, Pace], fps: Fraction, length: float
) -> None:
    start, end, pace = case
    clock = Clock(start, end, replace(pace, length=length, smooth=0), fps)
    assert abs(float(clock.seconds) - length) <= 1 / fps
    total = reckoned(start, end, pace, end, after=True) + pace.ending
    for instant in np.linspace(start, end, 7)[1:-1].tolist():
        expected = reckoned(start, end, pace, instant) * length / total
        assert abs(clock.second_of(instant) - expected) <= 2 / fps + NEAR


@given(paces(), st.data())
@settings(deadline=None, max_examples=40)
def test_without_smoothing_every_date_comes_when_a_plain_reckoning_says(
    case: tuple[float, float, Pace], data: st.DataObject
) -> None:
    start, end, pace = case
    pace = replace(pace, smooth=0.0, ending=1.0)
    clock = Clock(start, end, pace, Fraction(30))
    for _ in range(5):
        instant = start + data.draw(st.floats(0.01, 0.99)) * (end - start)
        assert clock.second_of(instant) == pytest.approx(reckoned(start, end, pace, instant), abs=1e-4)


@given(paces(smooth=0.6, quickest=0.6), st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60)]))
@settings(deadline=None, max_examples=40)
def test_speed_changes_without_a_jolt(case: tuple[float, float, Pace], fps: Fraction) -> None:
    start, end, pace = case
    clock = Clock(start, end, pace, fps)
    shown = np.array([clock.instant(frame) for frame in range(min(clock.frames, 900))])
    speed = np.diff(shown) * float(fps)
    steepest = max(1 / s.seconds for s in pace.stretches) * 2 / pace.smooth
    assert np.abs(np.diff(speed)).max(initial=0) <= steepest / fps * 1.05 + NEAR * float(fps)


@given(paces(), rates)
@settings(deadline=None, max_examples=40)
def test_the_speed_told_is_the_speed_shown(case: tuple[float, float, Pace], fps: Fraction) -> None:
    start, end, pace = case
    clock = Clock(start, end, pace, fps)
    step = 1e-3
    for second in np.linspace(0.05, float(clock.seconds) - 0.05, 15).tolist():
        moved = clock.instant_at(second + step) - clock.instant_at(second - step)
        ends = sorted((clock.speed(second - step), clock.speed(second + step)))
        assert ends[0] * 0.99 - NEAR <= moved / (2 * step) <= ends[1] * 1.01 + 1e-3 or moved <= 1e-3


@given(
    st.floats(0.3, 3),
    st.floats(0.3, 3),
    st.floats(0, 5),
    st.floats(0, 2),
    st.integers(1, 9).map(lambda h: h / 2),
)
@settings(deadline=None, max_examples=40)
def test_a_hold_stands_still_on_its_date(
    before: float, after: float, seconds: float, smooth: float, days: float
) -> None:
    start, end = 709_870.0, 709_880.0
    stretches = (Stretch(start + days, before), Stretch(end, after))
    hold = Hold(start + days, seconds)
    pace = Pace(stretches, (hold,), opening=1.0, ending=2.0, smooth=smooth)
    clock = Clock(start, end, pace, Fraction(30))
    begins = reckoned(start, end, pace, hold.at)
    still = (
        np.linspace(begins + smooth / 2, begins + seconds - smooth / 2, 9)
        if seconds > smooth
        else [begins + seconds / 2]
    )
    shown = [clock.instant_at(float(s)) for s in still]
    if seconds > 0:
        assert shown == pytest.approx([hold.at] * len(shown), abs=NEAR)
        # It does not dwell there longer than asked: bends aside, history is under way outside.
        assert clock.instant_at(begins - smooth / 2 - 0.05) < hold.at - 0.001
        assert clock.instant_at(begins + seconds + smooth / 2 + 0.05) > hold.at + 0.001


@given(paces(), rates, st.booleans(), st.data())
@settings(deadline=None, max_examples=40)
def test_the_frame_of_a_date_is_the_first_that_has_reached_it(
    case: tuple[float, float, Pace], fps: Fraction, by_day: bool, data: st.DataObject
) -> None:
    start, end, pace = case
    clock = Clock(start, end, replace(pace, by_day=by_day), fps)
    for _ in range(5):
        # Whole hours, as dates have them: they often fall right on a frame.
        instant = start + data.draw(st.integers(0, int(end - start) * 24 - 1)) / 24
        frame = clock.frame_of(instant)
        assert clock.instant(frame) >= (math.floor(instant) if by_day else instant) - 1e-9
        assert frame == 0 or clock.instant(frame - 1) < instant
        second = clock.second_of(instant)
        assert second <= float(clock.second(frame))
        assert frame == 0 or second > float(clock.second(frame - 1))


@given(paces(), rates, st.data())
@settings(deadline=None, max_examples=40)
def test_second_of_undoes_instant_at(
    case: tuple[float, float, Pace], fps: Fraction, data: st.DataObject
) -> None:
    start, end, pace = case
    clock = Clock(start, end, pace, fps)
    for _ in range(5):
        instant = start + data.draw(st.floats(0.001, 0.999)) * (end - start)
        second = clock.second_of(instant)
        assert 0 <= second <= float(clock.seconds)
        assert clock.instant_at(second) == pytest.approx(instant, abs=NEAR)
        # It is the first such second.
        assert clock.instant_at(second - 1e-3) <= instant + 1e-9


@given(paces(), rates, st.booleans(), st.lists(st.floats(-0.5, 1.5), max_size=30))
@settings(deadline=None, max_examples=40)
def test_many_dates_at_once_are_as_one_by_one(
    case: tuple[float, float, Pace], fps: Fraction, by_day: bool, shares: list[float]
) -> None:
    start, end, pace = case
    clock = Clock(start, end, replace(pace, by_day=by_day), fps)
    wanted = [start + share * (end - start) for share in shares]
    one_by_one = [clock.second_of(instant) for instant in wanted]
    assert clock.seconds_of(wanted).tolist() == pytest.approx(one_by_one, abs=1e-9)


@given(paces(), rates)
@settings(deadline=None, max_examples=40)
def test_what_lies_outside_the_film_was_there_before_or_never_comes(
    case: tuple[float, float, Pace], fps: Fraction
) -> None:
    start, end, pace = case
    clock = Clock(start, end, pace, fps)
    assert clock.seconds_of([start - 100, start]).tolist() == [-math.inf, -math.inf]
    assert clock.seconds_of([end, end + 100, math.inf]).tolist() == [math.inf, math.inf, math.inf]
    assert clock.frame_of(start - 100) == 0
    assert clock.frame_of(end + 100) == clock.frames - 1


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_frames_are_exact_and_do_not_drift(fps: Fraction) -> None:
    start, days = 709_870.0, 1 + math.ceil(100_001 / fps)
    clock = Clock(start, start + days, Pace((Stretch(start + days, 1.0),), smooth=0, ending=2), fps)
    assert clock.frames > 100_000
    assert all(clock.second(frame) * fps == frame for frame in range(0, 100_001, 37))
    assert clock.second(100_000) == 100_000 / fps
    # A day a second: after the last of 100,000 frames history is where 100,000 / fps says.
    assert clock.instant(100_000) == pytest.approx(start + 100_000 / float(fps), abs=NEAR)


def test_a_frame_means_the_same_moment_at_every_rate() -> None:
    start, end = 709_870.0, 709_900.0
    pace = Pace((Stretch(start + 9, 0.7), Stretch(end, 0.31)), (Hold(start + 4.5, 2),), 2, 3)
    slow, fast = (Clock(start, end, pace, Fraction(fps)) for fps in (15, 60))
    assert [fast.instant(4 * i) for i in range(slow.frames)] == [slow.instant(i) for i in range(slow.frames)]


@given(paces(quickest=0.2), st.sampled_from([Fraction(12), Fraction(30000, 1001), Fraction(60)]))
@settings(deadline=None, max_examples=12)
def test_day_by_day_every_day_is_shown_as_it_ends(case: tuple[float, float, Pace], fps: Fraction) -> None:
    start, end, pace = case
    clock = Clock(start, end, replace(pace, by_day=True), fps)
    shown = [clock.instant(frame) for frame in range(min(clock.frames, 1500))]
    assert all(instant % 1 == pytest.approx(1, abs=1e-5) for instant in shown)
    assert all(b - a in (0, 1) for a, b in pairwise(map(math.floor, shown)))
    for day in range(int(start), int(end)):
        frame = clock.frame_of(day + 0.5)
        assert math.floor(clock.instant(frame)) == day
        # What happens at noon is already there on the first frame that shows its day.
        assert clock.second_of(day + 0.5) <= float(clock.second(frame))
        assert frame == 0 or math.floor(clock.instant(frame - 1)) == day - 1


@pytest.mark.parametrize("by_day", [False, True])
@pytest.mark.parametrize("start", [1.0, 709_870.0])
def test_a_day_that_begins_right_on_a_frame_is_shown_on_it(start: float, by_day: bool) -> None:
    days, fps = 40, 30
    for frames_a_day in range(7, 50, 3):
        seconds = frames_a_day / fps
        pace = Pace((Stretch(start + days, seconds),), opening=7 / fps, ending=1.0, by_day=by_day)
        clock = Clock(start, start + days, replace(pace, smooth=0.4 * seconds), Fraction(fps))
        for day in range(1, days):
            frame = 7 + day * frames_a_day
            assert clock.frame_of(start + day) == frame
            assert day_of(clock.instant(frame)) == day_of(start + day)
            assert day_of(clock.instant(frame - 1)) == day_of(start + day - 1)


def test_a_film_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Clock(10.0, 10.0, Pace((Stretch(10.0, 1.0),)), Fraction(25))
