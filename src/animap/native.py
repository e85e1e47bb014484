"""The part of animap that is C (`c/`): how it is found, and how arrays are handed to it.

Whoever calls a function of it says of what types its arguments are.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, Structure, addressof, byref, c_char, c_int32, c_int64, c_void_p, memmove
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.types import Floats

__all__ = ["LIBRARY", "Lines", "Rings", "address", "opened"]


def _loaded() -> ctypes.CDLL:
    library = opened()
    # The same code for newer processors: the same results, sooner.
    return opened("-wide") if library.takes_wide() else library


def opened(kind: str = "") -> ctypes.CDLL:
    """The library as it was compiled for a kind of processor."""
    path = Path(__file__).with_name(f"libpress{kind}.{'dll' if os.name == 'nt' else 'so'}")
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(
            f"{path.name} is not built, or not for this machine: install animap with pip"
        ) from error


LIBRARY = _loaded()


def address(array: NDArray[Any] | None) -> int:
    """Where an array lies, which must be of one piece; 0 for none. ValueError if it is not."""
    if array is None or not array.size:
        return 0
    if not array.flags.c_contiguous:
        raise ValueError("C takes arrays of one piece only")
    if array.flags.writeable:
        # A tenth of the time that numpy takes to say it.
        return addressof(c_char.from_buffer(array.data))
    found: int = array.__array_interface__["data"][0]
    return found


class Lines(NamedTuple):
    """Lines or rings one behind the other: vertices `(n, 2)`, `starts` `(m + 1,)` of them all and where the
    last ends, and whether each is `closed` `(m,)`."""

    xy: Floats
    starts: NDArray[np.int64]
    closed: NDArray[np.bool_]


class Rings(Structure):
    """Lines as C draws them, in memory that it took: `taken` gives it back."""

    _fields_ = (
        ("points", c_void_p), ("starts", c_void_p), ("closed", c_void_p), ("length", c_int64),
        ("count", c_int64), ("room", c_int64), ("places", c_int64), ("failed", c_int32),
    )  # fmt: skip

    def taken(self, failed: int) -> Lines:
        """What was drawn. MemoryError if that failed."""
        try:
            if failed:
                raise MemoryError
            xy, starts = np.empty((self.length, 2)), np.empty(self.count + 1, np.int64)
            closed = np.empty(self.count, np.bool_)
            for array, found in ((xy, self.points), (starts, self.starts), (closed, self.closed)):
                memmove(address(array), found, array.nbytes)
        finally:
            LIBRARY.drop_rings(byref(self))
        return Lines(xy, starts, closed)


LIBRARY.drop_rings.argtypes = [POINTER(Rings)]
