"""Dates as historians write them: read, refused with a way out, and placed on one axis of days."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animap.timeline import When, day_of, instant_of_day

days = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
marks = st.sampled_from(["", "~", "?", "%"])


@given(days)
def test_a_day_happens_at_noon_of_that_day(day: dt.date) -> None:
    when = When.of(day.isoformat())
    assert when.instant == instant_of_day(day, 12)
    assert day_of(when.instant) == day
    assert (when.earliest, when.latest) == (instant_of_day(day), instant_of_day(day) + 1)
    assert when.days == 1
    assert not when.doubtful


@given(days, st.times())
def test_an_hour_happens_at_that_hour(day: dt.date, time: dt.time) -> None:
    when = When.of(f"{day}T{time:%H:%M:%S}")
    since_midnight = (when.instant - instant_of_day(day)) * 86400
    assert round(since_midnight) == time.hour * 3600 + time.minute * 60 + time.second
    assert day_of(when.instant) == day
    assert when.days == 0
    assert When.of(f"{day} {time:%H:%M}").instant <= when.instant


def test_midnight_may_be_written_as_the_end_of_a_day() -> None:
    assert When.of("1944-12-31T24:00").instant == When.of("1945-01-01T00:00").instant


@given(days)
def test_a_month_and_a_year_happen_in_their_middle(day: dt.date) -> None:
    month, year = When.of(f"{day.year:04d}-{day.month:02d}"), When.of(f"{day.year:04d}")
    assert month.earliest <= instant_of_day(day) < month.latest
    assert month.days == calendar.monthrange(day.year, day.month)[1]
    assert year.earliest == instant_of_day(dt.date(day.year, 1, 1))
    assert year.days == 365 + calendar.isleap(day.year)
    assert day_of(month.instant).month == day.month
    assert day_of(year.instant).year == day.year
    assert month.doubtful
    assert year.doubtful


@pytest.mark.parametrize(
    ("mark", "approximate", "uncertain"), [("~", True, False), ("?", False, True), ("%", True, True)]
)
@pytest.mark.parametrize("date", ["1944", "1944-09", "1944-09-05", "1944-09-05T20:00"])
def test_doubt_is_kept_and_moves_nothing(date: str, mark: str, approximate: bool, uncertain: bool) -> None:
    when = When.of(date + mark)
    assert (when.approximate, when.uncertain) == (approximate, uncertain)
    assert when.doubtful
    assert when.instant == When.of(date).instant


@given(days, days, marks, marks)
def test_an_interval_holds_both_its_ends(a: dt.date, b: dt.date, first: str, last: str) -> None:
    a, b = sorted((a, b))
    when = When.of(f"{a}{first}/{b}{last}")
    assert (when.earliest, when.latest) == (instant_of_day(a), instant_of_day(b) + 1)
    assert a <= day_of(when.instant) <= b
    assert when.approximate == bool({first, last} & {"~", "%"})
    assert when.uncertain == bool({first, last} & {"?", "%"})
    assert when.doubtful == (a != b or bool(first + last))


def test_an_interval_may_mix_precisions() -> None:
    when = When.of("1944-09-05T20:00/1944-10")
    assert when.earliest == When.of("1944-09-05T20:00").instant
    assert when.latest == instant_of_day(dt.date(1944, 11, 1))


@pytest.mark.parametrize("written", ["1944-09-05 / 1944-09-06", " 1944-09-05/1944-09-06 "])
def test_spaces_around_dates_do_no_harm(written: str) -> None:
    plain = When.of("1944-09-05/1944-09-06")
    assert (When.of(written).earliest, When.of(written).latest) == (plain.earliest, plain.latest)


@pytest.mark.parametrize("nothing", ["", ".."])
def test_an_open_interval_happens_at_the_end_that_is_known(nothing: str) -> None:
    since, until = When.of(f"1944-09-05/{nothing}"), When.of(f"{nothing}/1944-09-05")
    assert since.instant == since.earliest == instant_of_day(dt.date(1944, 9, 5))
    assert since.latest == math.inf
    assert until.instant == until.latest == instant_of_day(dt.date(1944, 9, 6))
    assert until.earliest == -math.inf
    assert since.doubtful
    assert until.doubtful


@pytest.mark.parametrize("text", ["/", "../..", "../", "/.."])
def test_an_interval_without_ends_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a beginning nor an end"):
        When.of(text)


@given(days, st.integers(1, 4000))
def test_an_interval_that_runs_backward_is_refused(day: dt.date, more: int) -> None:
    earlier = day.toordinal() - more
    if earlier < 1:
        return
    with pytest.raises(ValueError, match="ends before it begins"):
        When.of(f"{day}/{dt.date.fromordinal(earlier)}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1944-09-31", "September 1944 has 30 days"),
        ("1943-02-29", "February 1943 has 28 days"),
        ("1900-02-29", "February 1900 has 28 days"),
        ("1944-09-00", "September 1944 has 30 days"),
        ("1944-13-01", "months run from 01 to 12"),
        ("1944-00", "months run from 01 to 12"),
        ("0000-01-01", "years run from 0001"),
        ("1944-09-05T25:00", "no such time of day"),
        ("1944-09-05T24:01", "no such time of day"),
        ("1944-09-05T12:60", "no such time of day"),
    ],
)
def test_dates_that_never_were_are_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        When.of(text)
    assert text in str(caught.value)


@pytest.mark.parametrize("day", ["1944-02-29", "2000-02-29", "0004-02-29"])
def test_leap_days_exist(day: str) -> None:
    assert When.of(day).latest == When.of(day[:5] + "03-01").earliest


@pytest.mark.parametrize(
    ("habit", "iso"),
    [
        ("05/09/1944", "1944-09-05"),
        ("5.9.1944", "1944-09-05"),
        ("5 9 1944", "1944-09-05"),
        ("5-9-1944", "1944-09-05"),
        ("05-09-1944", "1944-09-05"),
        ("25/09/1944", "1944-09-25"),
        # No month 25: it can only be the American order.
        ("09/25/1944", "1944-09-25"),
    ],
)
def test_habits_of_writing_are_refused_with_the_date_as_it_should_be(habit: str, iso: str) -> None:
    with pytest.raises(ValueError, match=rf"write the year first: {iso}$"):
        When.of(habit)
    When.of(iso)


@pytest.mark.parametrize(
    "text",
    ["", "hier", "44-09-05", "1944-9-5", "1944/09", "5 septembre 1944", "1944-09-05T20:00Z", "19440905"],
)
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1944-09-05"):
        When.of(text)


@pytest.mark.parametrize("value", [1944, 1944.5, None, ["1944-09-05"], True])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a date"):
        When.of(value)


@given(st.text(max_size=25) | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}[~?%]?", fullmatch=True))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with suppress(ValueError):
        when = When.of(text)
        assert when.earliest <= when.instant <= when.latest


@given(days, marks, st.sampled_from(["{}", "{}T06:30", "../{}", "{}/..", "{}/9999-12-31"]))
def test_a_date_read_again_is_the_same(day: dt.date, mark: str, form: str) -> None:
    when = When.of(form.format(day) + (mark if not form.endswith("..") else ""))
    assert When.of(str(when)) == when
    assert When.of(when) is when


@given(st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)).map(lambda t: t.replace(microsecond=0)))
def test_toml_and_pandas_dates_mean_what_their_text_means(moment: dt.datetime) -> None:
    assert When.of(moment.date()) == When.of(moment.date().isoformat())
    midnight = moment.time() == dt.time()
    same = When.of(moment.date().isoformat() if midnight else moment.isoformat())
    assert When.of(moment).instant == same.instant
    assert day_of(When.of(moment).instant) == moment.date()
    if 1700 < moment.year < 2200:
        assert When.of(pd.Timestamp(moment)).instant == same.instant


def test_a_time_zone_is_refused_since_films_know_civil_time_only() -> None:
    with pytest.raises(ValueError, match=r"time zone.*1944-09-05T20:00"):
        When.of(dt.datetime(1944, 9, 5, 20, tzinfo=dt.UTC))


@given(days, days)
def test_the_axis_counts_days_and_starts_nowhere_special(a: dt.date, b: dt.date) -> None:
    assert When.of(b.isoformat()).instant - When.of(a.isoformat()).instant == (b - a).days


def test_the_axis_reaches_back_to_the_year_1() -> None:
    assert When.of("0001-01-01").earliest == 1
    assert day_of(When.of("0001-01-01").instant) == dt.date(1, 1, 1)
    assert day_of(When.of("1429-05-08").instant) == dt.date(1429, 5, 8)
    assert When.of("1969-12-31").instant + 1 == When.of("1970-01-01").instant
