"""Zooming and panning in one smooth movement (van Wijk and Nuij 2003).

The path between two views zooms out, pans and zooms in again so that what one sees moves at an even
speed: its length is measured in what passes through the picture, not in metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Flight"]

_RHO = 1.25
"""How far a pan zooms out; readers of the paper liked about 1.4, a map with few places a little less."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A path between two views, each (x, y, width) in metres; `length` in widths of picture seen."""

    start: tuple[float, float, float]
    stop: tuple[float, float, float]

    @property
    def length(self) -> float:
        """How much passes through the picture on the way."""
        (x0, y0, w0), (x1, y1, w1) = self.start, self.stop
        way = math.hypot(x1 - x0, y1 - y0)
        if way < 1e-6 * max(w0, w1):
            return abs(math.log(w1 / w0)) / _RHO
        r0, r1 = self._ends(way)
        return (r1 - r0) / _RHO

    def at(self, share: float) -> tuple[float, float, float]:
        """The view after a share (0 to 1) of the way; exactly the ends at 0 and 1."""
        if share <= 0:
            return self.start
        if share >= 1:
            return self.stop
        (x0, y0, w0), (x1, y1, w1) = self.start, self.stop
        way = math.hypot(x1 - x0, y1 - y0)
        if way < 1e-6 * max(w0, w1):
            return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, w0 * (w1 / w0) ** share
        r0, r1 = self._ends(way)
        r = r0 + (r1 - r0) * share
        gone = w0 / _RHO**2 * (math.cosh(r0) * math.tanh(r) - math.sinh(r0)) / way
        width = w0 * math.cosh(r0) / math.cosh(r)
        return x0 + (x1 - x0) * gone, y0 + (y1 - y0) * gone, width

    def _ends(self, way: float) -> tuple[float, float]:
        w0, w1 = self.start[2], self.stop[2]
        b0 = (w1**2 - w0**2 + _RHO**4 * way**2) / (2 * w0 * _RHO**2 * way)
        b1 = (w1**2 - w0**2 - _RHO**4 * way**2) / (2 * w1 * _RHO**2 * way)
        return -math.asinh(b0), -math.asinh(b1)
