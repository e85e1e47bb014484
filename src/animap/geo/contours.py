"""Contours of heights on a grid: lines, and rings round all that is higher."""

from __future__ import annotations

from ctypes import POINTER, Structure, byref, c_double, c_int32, c_void_p
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np

from animap.native import LIBRARY, Rings, address
from animap.types import Floats

__all__ = ["BLOCK", "Contours"]

BLOCK = 8
"""Cells along a side of the blocks of a grid, as the press counts them."""


class _Heights(Structure):
    _fields_ = (
        ("heights", c_void_p), ("x", c_void_p), ("y", c_void_p), ("lowest", c_void_p), ("highest", c_void_p),
        ("seen", c_void_p), ("rows", c_int32), ("columns", c_int32),
    )  # fmt: skip


def _declared(library: Any) -> Any:
    library.draw_contours.argtypes = [POINTER(_Heights), c_double, POINTER(Rings)]
    return library


_PRESS = _declared(LIBRARY)


class Contours:
    """Heights `(rows, columns)` at the nodes of a grid, `x` `(columns,)` and `y` `(rows,)`, both rising.

    Between nodes they rise or fall evenly along the sides of a cell. `lowest` and `highest` are those of each
    block of `BLOCK` × `BLOCK` cells, its edges with it: only those that a contour passes are looked into.
    """

    def __init__(self, x: Floats, y: Floats, heights: Floats, lowest: Floats, highest: Floats) -> None:
        if heights.shape != (len(y), len(x)) or min(heights.shape) < 2:
            raise ValueError(f"heights of shape {heights.shape} do not fit a grid of {len(y)} × {len(x)}")
        arrays = [np.ascontiguousarray(array, np.float64) for array in (heights, x, y, lowest, highest)]
        seen = np.zeros(heights.shape, np.uint8)
        self._held = arrays, seen
        self._grid = _Heights(*map(address, arrays), address(seen), *heights.shape)
        self._box = float(x[0]), float(y[0]), float(x[-1]), float(y[-1])
        self._corner = float(heights[0, 0])
        self._last: tuple[float, list[Floats], int] | None = None
        # What has been seen is marked while lines are followed.
        self._alone = Lock()

    def lines(self, level: float) -> list[Floats]:
        """Lines `(k, 2)`, k ≥ 2, with what is higher than a level on their left; closed ones end where they
        began, the others at the edge of the grid."""
        return [*self._drawn(level)[0]]

    def rings(self, level: float) -> list[Floats]:
        """The same with the ways along the edge of the grid, so that all are closed: what is higher is to be
        filled by winding."""
        lines, count = self._drawn(level)
        if count:
            return [*self._closed(lines[:count]), *lines[count:]]
        # Nothing crosses the edge: all of it is high, or nothing.
        return [self._corners(0, 4), *lines] if self._corner > level else [*lines]

    def _drawn(self, level: float) -> tuple[list[Floats], int]:
        """Lines, and how many of them are not closed; these come first."""
        # Rings are asked for where lines were: the edge of what is tinted is drawn as well.
        last = self._last
        if last is None or last[0] != level:
            drawn = Rings()
            with self._alone:
                failed = _PRESS.draw_contours(byref(self._grid), level, byref(drawn))
            xy, starts, closed = drawn.taken(failed)
            lines = [xy[a:b] for a, b in pairwise(starts.tolist())]
            last = self._last = level, lines, len(lines) - int(np.count_nonzero(closed))
        return last[1:]

    def _closed(self, lines: list[Floats]) -> list[Floats]:
        """Lines from edge to edge joined along it, to the left about."""
        begins = [self._along(line[0]) for line in lines]
        left = dict.fromkeys(range(len(lines)))
        rings = []
        while left:
            first = at = next(iter(left))
            parts = []
            while at in left:
                del left[at]
                end = self._along(lines[at][-1])
                # The next that comes in: what is between is high. One at the same place has been all round.
                ahead = [(begin - end) % 4 for begin in begins]
                following = min([*left, first], key=lambda n: (ahead[n], n != first))
                parts += [lines[at], self._corners(end, end + ahead[following])]
                at = following
            rings.append(np.concatenate([*parts, lines[first][:1]]))
        return rings

    def _along(self, at: Floats) -> float:
        """How far round the edge a place on it is: 0 at the lower left, 1 at the lower right, up to 4."""
        left, bottom, right, top = self._box
        x, y = float(at[0]), float(at[1])
        across, up = (x - left) / (right - left), (y - bottom) / (top - bottom)
        if y == bottom:
            return across
        if x == right:
            return 1 + up
        return 3 - across if y == top else 4 - up

    def _corners(self, begin: float, end: float) -> Floats:
        """The corners between two places on the edge; as a ring, if that is all of them."""
        left, bottom, right, top = self._box
        corners = ((left, bottom), (right, bottom), (right, top), (left, top))
        between = range(int(np.ceil(begin)), int(np.floor(end)) + 1)
        return np.array([corners[n % 4] for n in between], np.float64).reshape(-1, 2)
