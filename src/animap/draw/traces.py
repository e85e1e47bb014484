"""Traces: paths that the press fills and strokes, on clear tiles or on a ground."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import POINTER, byref, c_int32, c_void_p
from functools import lru_cache
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.draw.press import EMPTY, Sprite, Words, degrees, desk_of
from animap.draw.tiles import SIDE, Grid, grid_of
from animap.marks import Page
from animap.native import LIBRARY, address
from animap.types import Floats

__all__ = ["Trace", "paint", "print_paths"]

_PATH = Struct("=QQQQQqdii")
"""Where points, codes, dashes, degrees of colour and a tile of it are; how many points; width; dashes."""


def _declared(library: Any) -> Any:
    at, number = c_void_p, c_int32
    library.print_paths.argtypes = [at, number, Grid, at, at, at, at, POINTER(number)]
    library.follow_tiles.argtypes = [at, number, at, number, at]
    library.paint_paths.argtypes = [at, number, Grid, at]
    return library


_PRESS = _declared(LIBRARY)


class Trace(NamedTuple):
    """Points `(n, 2)` in pixels, y upward, with matplotlib's codes `(n,)`: filled by winding; or with a
    `width` stroked, with round joints, and round ends unless there are dashes.

    A path with a point that is not finite leaves nothing.
    """

    xy: Floats
    codes: NDArray[np.uint8]
    colour: str
    width: float = 0.0
    dash: tuple[float, ...] = ()


def print_paths(traces: Sequence[Trace], page: Page) -> Sprite:
    """Traces over each other, from the bottom up."""
    listed, desk, used = _Listed.of(traces), desk_of(page), c_int32()
    count = _PRESS.print_paths(
        listed.records,
        len(traces),
        grid_of(page),
        desk.at.numbers,
        desk.at.words,
        desk.at.addresses,
        desk.at.opaque,
        byref(used),
    )
    if count < 0:
        raise MemoryError
    if not count:
        return EMPTY
    # What is covered whole stays where others share it.
    addresses, words = desk.addresses[:count].copy(), desk.words[: used.value].copy()
    _PRESS.follow_tiles(address(addresses), count, desk.at.words, used, address(words))
    held = (words, *listed.flats)
    return Sprite(desk.numbers[:count].copy(), addresses, desk.opaque[:count].copy(), held)


def paint(ground: Words, traces: Sequence[Trace], page: Page) -> None:
    """Lay traces over a ground `(tiles, 1024)`, from the bottom up."""
    listed = _Listed.of(traces)
    if _PRESS.paint_paths(listed.records, len(traces), grid_of(page), address(ground)):
        raise MemoryError


class _Listed(NamedTuple):
    """Traces as the press reads them, and what they point to."""

    records: bytes
    flats: tuple[Words, ...]
    held: list[object]

    @classmethod
    def of(cls, traces: Sequence[Trace]) -> _Listed:
        records: list[bytes] = []
        held: list[object] = []
        # By where they are: a cache that has lost a colour makes another tile of it.
        flats: dict[int, Words] = {}
        for trace in traces:
            xy, codes = _path(trace.xy, trace.codes)
            inks, dash = _inks(trace.colour), _lengths(trace.dash)
            places = address(xy), address(codes), address(dash), *inks.places
            records.append(_PATH.pack(*places, len(xy), trace.width, len(dash), 0))
            flats[inks.places[1]] = inks.flat
            # Nor may what the press still has to read be gone.
            held += [xy, codes, inks, dash]
        return cls(b"".join(records), tuple(flats.values()), held)


def _path(xy: Floats, codes: NDArray[np.uint8]) -> tuple[Floats, NDArray[np.uint8]]:
    """A path as the press reads it."""
    if xy.shape != (len(codes), 2):
        raise ValueError(f"points of shape {xy.shape} and {len(codes)} codes are no path")
    return np.ascontiguousarray(xy, np.float64), np.ascontiguousarray(codes, np.uint8)


class _Inks(NamedTuple):
    """A colour in all its degrees of cover, and a tile of it: the same object for all areas, so that it need
    not be compared."""

    degrees: Words
    flat: Words
    places: tuple[int, int]


@lru_cache(maxsize=256)
def _inks(colour: str) -> _Inks:
    hues = degrees(colour)
    flat = np.full((SIDE, SIDE), hues[255])
    return _Inks(hues, flat, (address(hues), address(flat)))


@lru_cache(maxsize=256)
def _lengths(dash: tuple[float, ...]) -> Floats:
    return np.array(dash, np.float64)
