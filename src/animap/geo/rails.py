"""Lines on which places are found, and teeth are set: what is done for each frame is C."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_double, c_int64, c_void_p
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from animap.native import LIBRARY, address
from animap.types import Floats

__all__ = ["Rails"]


class _Rails(Structure):
    _fields_ = (("points", c_void_p), ("run", c_void_p), ("starts", c_void_p), ("count", c_int64))


def _declared(library: Any) -> Any:
    at, count, number, rails = c_void_p, c_int64, c_double, POINTER(_Rails)
    library.measure.argtypes = [rails, at]
    library.find_nearest.argtypes = [rails, at, count, at, at, at]
    library.set_teeth.argtypes = [rails, at, at, at, count, number, number, at]
    library.set_teeth.restype = count
    library.find_seats.argtypes = [rails, at, at, count, at]
    return library


_PRESS = _declared(LIBRARY)


class Rails:
    """Lines `(n, 2)`, n ≥ 1, on which teeth sit."""

    def __init__(self, lines: Sequence[Floats]) -> None:
        self.starts: NDArray[np.int64] = np.cumsum([0, *map(len, lines)], dtype=np.int64)
        """Where each begins in `xy`, and the last ends, `(m + 1,)`."""
        if not np.diff(self.starts).all():
            raise ValueError("teeth cannot sit on a line without vertices")
        self.xy: Floats = np.concatenate([np.empty((0, 2)), *lines])
        """All of them one behind the other."""
        self.run: Floats = np.empty(len(self.xy))
        """Metres along its line of each vertex."""
        places = address(self.xy), address(self.run), address(self.starts)
        self._record = _Rails(*places, len(lines))
        _PRESS.measure(byref(self._record), places[1])

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> Floats:
        """Metres of each line."""
        return self.run[self.starts[1:] - 1]

    @cached_property
    def rings(self) -> NDArray[np.bool_]:
        """Which of the lines end where they began."""
        same: NDArray[np.bool_] = (self.xy[self.starts[:-1]] == self.xy[self.starts[1:] - 1]).all(axis=1)
        return same

    def nearest(self, places: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
        """For places `(k, 2)` the nearest of the lines: its number, metres along it, metres away."""
        if not len(self):
            raise ValueError("there is no line to be near")
        places, count = np.ascontiguousarray(places, np.float64), len(places)
        if places.shape != (count, 2):
            raise ValueError(f"places of shape {places.shape} are none")
        numbers, along, away = np.empty(count, np.int64), np.empty(count), np.empty(count)
        _PRESS.find_nearest(
            byref(self._record), address(places), count, address(numbers), address(along), address(away)
        )
        return numbers, along, away

    def at(self, numbers: NDArray[np.int64], along: Floats) -> Floats:
        """Places `(k, 2)` at metres along the lines that have these numbers."""
        numbers, along = self._seats(numbers, along)
        places = np.empty((len(numbers), 2))
        _PRESS.find_seats(
            byref(self._record), address(numbers), address(along), len(numbers), address(places)
        )
        return places

    def teeth(
        self, numbers: NDArray[np.int64], along: Floats, sizes: Floats, base: float, height: float
    ) -> Floats:
        """Triangles `(m, 4, 2)` that point to the left of the lines, to the right with a negative height.

        For each tooth, `numbers` `(k,)` say on which line it is, `along` `(k,)` how many metres from its
        beginning, and `sizes` `(k,)` are shares of `base` and `height` in metres; the least are left out.
        """
        numbers, along = self._seats(numbers, along)
        sizes = np.ascontiguousarray(sizes, np.float64)
        if len(sizes) != len(numbers):
            raise ValueError(f"{len(sizes)} sizes for {len(numbers)} teeth")
        triangles = np.empty((len(numbers), 4, 2))
        found = _PRESS.set_teeth(
            byref(self._record), address(numbers), address(along), address(sizes), len(numbers), base, height,
            address(triangles),
        )  # fmt: skip
        return triangles[:found]

    def _seats(self, numbers: NDArray[np.int64], along: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Numbers and metres as the press reads them."""
        if len(numbers) != len(along) or (
            len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self)
        ):
            raise ValueError("numbers of lines and metres along them do not fit each other or the lines")
        return np.ascontiguousarray(numbers, np.int64), np.ascontiguousarray(along, np.float64)
