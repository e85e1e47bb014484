"""Smooth curves through values, and values made smoother: what the front and the axes need of it, on numpy
alone. SciPy has all of it and more, but takes a third of a second to import, before any picture."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import Literal

import numpy as np

from animap.types import Floats

__all__ = ["Monotone", "blurred", "finer", "monotone"]

_WIDE = 4.0
"""Standard deviations at which a bell curve has ended."""


def blurred(values: Floats, sigma: float, axis: int, beyond: Literal["edge", "wrap", "symmetric"]) -> Floats:
    """Values averaged along an axis under a bell curve `sigma` steps wide.

    What lies `beyond` the ends is called as in `numpy.pad`.
    """
    reach = int(_WIDE * sigma + 0.5)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    bell /= bell.sum()
    around = [(0, 0)] * values.ndim
    around[axis] = (reach, reach)
    rows = np.moveaxis(np.pad(values, around, mode=beyond), axis, 0)
    count = values.shape[axis]
    soft: Floats = sum(weight * rows[n : n + count] for n, weight in enumerate(bell.tolist()))
    return np.moveaxis(soft, 0, axis)


def finer(values: Floats) -> Floats:
    """Values `(n,)` or `(n, m)`, n ≥ 4, with one more between any two, `2 n - 1` rows, on a cubic spline."""
    count = len(values)
    bends = np.zeros_like(values)
    # Second derivatives, times the square of a step: continuous, and the third ones too next to the ends.
    system = 4 * np.eye(count) + np.eye(count, k=1) + np.eye(count, k=-1)
    system[0, :3] = system[-1, -3:] = 1, -2, 1
    bends[1:-1] = 6 * np.diff(values, 2, axis=0)
    bends = np.asarray(np.linalg.solve(system, bends), dtype=np.float64)
    result = np.empty((2 * count - 1, *values.shape[1:]))
    result[::2] = values
    result[1::2] = (values[1:] + values[:-1]) / 2 - (bends[1:] + bends[:-1]) / 16
    return result


@dataclass(frozen=True, slots=True)
class Monotone:
    """A smooth curve through points that goes up only where they do; its slope at each of them is known."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    slopes: tuple[float, ...]

    def __call__(self, x: float) -> float:
        """Its height at `x`, which lies between the first point and the last."""
        i = min(max(bisect.bisect_right(self.x, x), 1), len(self.x) - 1) - 1
        step, rise = self.x[i + 1] - self.x[i], self.y[i + 1] - self.y[i]
        t = (x - self.x[i]) / step
        here, there = self.slopes[i] * step, self.slopes[i + 1] * step
        bend = (here + there - 2 * rise) * t
        return self.y[i] + t * (here + t * (3 * rise - 2 * here - there + bend))


def monotone(x: Floats, y: Floats) -> Monotone:
    """The curve through points `(n,)`, n ≥ 2, `x` increasing: Fritsch and Butland's (PCHIP).

    Raises ValueError where there are fewer points, or `x` does not increase.
    """
    step = np.diff(x)
    if len(x) < 2 or (step <= 0).any():
        raise ValueError("a curve needs two points or more, one after the other")
    rise = (np.diff(y) / step).tolist()
    slopes = [rise[0], *(0.0 for _ in rise[1:]), rise[-1]]
    for i in range(1, len(rise)):
        before, after = rise[i - 1], rise[i]
        if before * after > 0:
            # The harmonic mean leans to the shorter piece and to the gentler one: so nothing is overshot.
            w, v = float(2 * step[i] + step[i - 1]), float(step[i] + 2 * step[i - 1])
            slopes[i] = (w + v) / (w / before + v / after)
    if len(rise) > 1:
        slopes[0] = _outer(*step[:2].tolist(), *rise[:2])
        slopes[-1] = _outer(*step[:-3:-1].tolist(), *rise[:-3:-1])
    return Monotone(tuple(x.tolist()), tuple(y.tolist()), tuple(slopes))


def _outer(step: float, next_step: float, rise: float, next_rise: float) -> float:
    """The slope at an end: of a parabola through three points, as far as that goes the way of two."""
    slope = ((2 * step + next_step) * rise - step * next_rise) / (step + next_step)
    if slope * rise <= 0:
        return 0.0
    if rise * next_rise <= 0 and abs(slope) > 3 * abs(rise):
        return 3 * rise
    return slope
