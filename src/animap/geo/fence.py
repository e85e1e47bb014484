"""An area that lines are cut to, again and again: for each frame of a front that moves."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_double, c_int32, c_int64, c_void_p
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.native import LIBRARY, Rings, address
from animap.types import Floats

__all__ = ["Fence"]

_CELLS = 64
"""Along each side of the grid over an area."""


class _Fence(Structure):
    _fields_ = (
        ("points", c_void_p), ("first", c_void_p), ("listed", c_void_p), ("inside", c_void_p),
        ("left", c_double), ("bottom", c_double), ("wide", c_double), ("high", c_double),
        ("columns", c_int32), ("rows", c_int32),
    )  # fmt: skip


def _declared(library: Any) -> Any:
    at, count, fence = c_void_p, c_int64, POINTER(_Fence)
    library.list_edges_of.argtypes = [fence, at, count, at, at]
    library.cut_line.argtypes = [fence, at, count, POINTER(Rings)]
    return library


_PRESS = _declared(LIBRARY)


class Fence:
    """Polygons, in cells that know the edges in them: a line meets those of the cells that it passes."""

    def __init__(self, area: BaseGeometry) -> None:
        self._area = area
        rings = shapely.get_rings(shapely.get_parts(area)) if not area.is_empty else np.empty(0, object)
        points = shapely.get_coordinates(rings)
        starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))]).astype(np.int64)
        left, bottom, right, top = area.bounds if len(points) else (0.0, 0.0, 1.0, 1.0)
        wide, high = (max(size / _CELLS, 1e-9) for size in (right - left, top - bottom))
        x, y = left + (np.arange(_CELLS) + 0.5) * wide, bottom + (np.arange(_CELLS) + 0.5) * high
        shapely.prepare(area)
        inside = np.ascontiguousarray(shapely.contains_xy(area, *np.meshgrid(x, y)), np.bool_)
        # One more on all sides, so that no edge of the area is on the edge of the grid.
        inside, counts = np.pad(inside, 1), np.zeros((_CELLS + 2) ** 2 + 1, np.int32)
        self._fence = _Fence(
            address(points), 0, 0, address(inside), left - wide, bottom - high, wide, high,
            _CELLS + 2, _CELLS + 2,
        )  # fmt: skip
        told = byref(self._fence), address(starts), len(starts) - 1
        _PRESS.list_edges_of(*told, address(counts), 0)
        first = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.int32)
        listed, following = np.empty(int(first[-1]), np.int32), first.copy()
        _PRESS.list_edges_of(*told, address(following), address(listed))
        self._fence.first, self._fence.listed = address(first), address(listed)
        self._held = points, inside, first, listed

    def __reduce__(self) -> tuple[type[Fence], tuple[BaseGeometry]]:
        # Where it lies in memory is of no use anywhere else.
        return Fence, (self._area,)

    def within(self, lines: Sequence[Floats]) -> list[Floats]:
        """The stretches `(k, 2)`, k ≥ 2, of lines `(n, 2)` that lie in the area, in their direction; a ring's
        are not parted where it begins."""
        return [
            part for line in lines if len(line) for part in self._cut(np.ascontiguousarray(line, np.float64))
        ]

    def _cut(self, line: Floats) -> list[Floats]:
        if line.shape[1:] != (2,):
            raise ValueError(f"points of shape {line.shape} are no line")
        drawn = Rings()
        xy, starts, _ = drawn.taken(
            _PRESS.cut_line(byref(self._fence), address(line), len(line), byref(drawn))
        )
        parts = [xy[a:b] for a, b in pairwise(starts.tolist())]
        ends = [part[0] for part in parts[:1]] + [part[-1] for part in parts[-1:]] + [line[-1]]
        if len(parts) > 1 and all((end == line[0]).all() for end in ends):
            parts[0] = np.concatenate([parts.pop(), parts[0][1:]])
        return [part for part in parts if len(part) > 1]
