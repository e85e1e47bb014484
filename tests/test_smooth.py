"""Curves through values: what SciPy would say, by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator, make_interp_spline
from scipy.ndimage import gaussian_filter1d

from animap.geo.smooth import blurred, finer, monotone

_VALUES = st.floats(-1e3, 1e3).map(lambda x: round(x, 3))


@given(st.lists(st.tuples(st.floats(0.1, 10), _VALUES), min_size=2, max_size=12))
def test_a_monotone_curve_is_that_of_the_textbook(points: list[tuple[float, float]]) -> None:
    x, y = np.cumsum([step for step, _ in points]), np.array([value for _, value in points])
    curve, known = monotone(x, y), PchipInterpolator(x, y)
    at = np.linspace(x[0], x[-1], 40)
    assert [curve(place) for place in at.tolist()] == pytest.approx(
        known(at), abs=1e-9 * (1 + np.abs(y).max())
    )


@given(st.lists(_VALUES, min_size=2, max_size=12))
def test_a_monotone_curve_never_goes_back_where_its_points_do_not(steps: list[float]) -> None:
    y = np.cumsum(np.abs(steps))
    curve = monotone(np.arange(float(len(y))), y)
    heights = [curve(x) for x in np.linspace(0, len(y) - 1, 300).tolist()]
    assert (np.diff(heights) >= -1e-9).all()


@pytest.mark.parametrize("x", [[1.0], [0.0, 1.0, 1.0], [1.0, 0.0]])
def test_a_monotone_curve_needs_points_one_after_the_other(x: list[float]) -> None:
    with pytest.raises(ValueError, match="two points or more"):
        monotone(np.array(x), np.zeros(len(x)))


@given(st.lists(st.tuples(_VALUES, _VALUES), min_size=4, max_size=30))
def test_values_between_values_lie_on_a_cubic_spline(values: list[tuple[float, float]]) -> None:
    rows = np.array(values)
    count = len(rows)
    spline = make_interp_spline(np.arange(count), rows, k=3)
    assert np.allclose(finer(rows), spline(np.linspace(0, count - 1, 2 * count - 1)), atol=1e-8)


@given(st.lists(_VALUES, min_size=1, max_size=20), st.sampled_from(["edge", "wrap", "symmetric"]))
def test_blurred_values_are_averages_under_a_bell(values: list[float], beyond: str) -> None:
    mode = {"edge": "nearest", "wrap": "wrap", "symmetric": "reflect"}[beyond]
    rows = np.array(values)[None]
    assert np.allclose(blurred(rows, 1.6, 1, beyond), gaussian_filter1d(rows, 1.6, axis=1, mode=mode))
