"""The part of animap that is C (`c/`): how it is found, and how arrays are handed to it.

Whoever calls a function of it says of what types its arguments are.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import addressof, c_char
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

__all__ = ["LIBRARY", "address", "opened"]


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
