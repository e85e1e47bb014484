"""The press (`press.c`): what is done with every pixel, too much for numpy in the time that an encoder has.

A tile is 32 × 32 pixels of 32 bits, red, green, blue and alpha in this order in memory, colours multiplied
by alpha. All is done in whole numbers: the same bytes on every machine.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_int32, c_int64, c_uint32, c_void_p
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.draw.tiles import SIDE, across
from animap.marks import Page
from animap.style.colour import rgba
from animap.types import Floats, Pixels, Rect

__all__ = [
    "OPAQUE",
    "Numbers",
    "Sprite",
    "Stamped",
    "Words",
    "compose",
    "cut",
    "degrees",
    "differing",
    "fill",
    "print_stamps",
    "straight",
    "word",
]

Numbers = NDArray[np.int32]
"""Of tiles, rising."""
Words = NDArray[np.uint32]
"""Pixels as numbers of 32 bits."""
OPAQUE = 255
_AREA = SIDE * SIDE


class _Page(Structure):
    _fields_ = (("width", c_int32), ("height", c_int32), ("columns", c_int32))


class _Rect(Structure):
    _fields_ = (("left", c_int32), ("top", c_int32), ("right", c_int32), ("bottom", c_int32))


_LAYER = np.dtype([("numbers", "u8"), ("tiles", "u8"), ("opaque", "u8"), ("count", "i4"), ("opacity", "i4")])
_STAMP = np.dtype(
    [("planes", "u8"), ("grades", "u8"), ("shades", "u8"), ("rect", "4i4"), ("shade", "i4")], align=True
)


def _loaded() -> Any:
    path = Path(__file__).with_name("libpress.dll" if os.name == "nt" else "libpress.so")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(
            f"{path.name} is not built, or not for this machine: install animap with pip"
        ) from error
    at, number, count = c_void_p, c_int32, c_int64
    library.compose.argtypes = [at, number, at, number, at, number, _Page, at, number, c_uint32]
    library.differing.argtypes = [at, at, number, at, at, number, at]
    library.cut.argtypes = [at, number, POINTER(_Rect), at, number, _Page, number, c_uint32, at, at, at]
    library.fill.argtypes = [at, at, number, count, _Page, at, at, at, at, number, at, at]
    library.print_stamps.argtypes = [at, number, at, number, _Page, at, at, at]
    return library


_PRESS = _loaded()


def _at(array: NDArray[Any] | None) -> int:
    """Where an array lies, which must be of one piece; 0 for none."""
    if array is None:
        return 0
    address: int = array.__array_interface__["data"][0]
    return address


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """The tiles of a page in which a mark has ink.

    `numbers` `(n,)` of tiles, rising; `tiles` `(n,)`, where in memory each lies; `opaque` `(n,)`, whether
    nothing shows under it; `held` are the arrays that have the tiles.
    """

    numbers: Numbers
    tiles: NDArray[np.uint64]
    opaque: NDArray[np.bool_]
    held: tuple[Words, ...]
    record: tuple[int, int, int, int] = field(init=False)
    """Where the first three arrays are, and how long they are."""
    lid: Numbers = field(init=False)
    """The opaque tiles."""

    def __post_init__(self) -> None:
        places = (_at(self.numbers), _at(self.tiles), _at(self.opaque), len(self.numbers))
        object.__setattr__(self, "record", places)
        object.__setattr__(self, "lid", self.numbers[self.opaque])

    @classmethod
    def of(cls, numbers: Numbers, pixels: Words, opaque: NDArray[np.bool_]) -> Sprite:
        """Of tiles `(n, 32, 32)` that lie one behind the other."""
        first = np.uint64(_at(pixels))
        tiles = first + np.arange(len(numbers), dtype=np.uint64) * np.uint64(4 * _AREA)
        return cls(np.ascontiguousarray(numbers), tiles, np.ascontiguousarray(opaque), (pixels,))

    def pixels(self) -> Words:
        """A copy of the tiles, `(n, 32, 32)`."""
        words = np.empty((len(self.numbers), SIDE, SIDE), np.uint32)
        for place, address in enumerate(self.tiles.tolist()):
            ctypes.memmove(_at(words) + place * 4 * _AREA, address, 4 * _AREA)
        return words


EMPTY = Sprite.of(np.empty(0, np.int32), np.empty((0, SIDE, SIDE), np.uint32), np.empty(0, np.bool_))


def compose(
    ground: Words,
    layers: Sequence[tuple[Sprite, float]],
    numbers: Numbers,
    page: Page,
    pixels: Pixels | None = None,
    clear: int = 0,
) -> None:
    """Lay sprites, each so opaque, over some tiles of a ground `(tiles, 1024)`.

    The result is shown in `pixels` of the page, `(h, w, 3)`, or 4 with straight alpha and the word `clear`
    where nothing is; without, it is the new ground.
    """
    records = [(*sprite.record, round(opacity * OPAQUE)) for sprite, opacity in layers]
    sheets = np.array(records, _LAYER)
    where, values = (_at(pixels), pixels.shape[2]) if pixels is not None else (None, 3)
    failed = _PRESS.compose(
        _at(ground), len(ground), _at(sheets), len(sheets), _at(numbers), len(numbers), _page(page),
        where, values, clear,
    )  # fmt: skip
    if failed:
        raise MemoryError


def differing(one: Sprite, other: Sprite) -> Numbers:
    """The tiles in which two sprites are not alike."""
    found = np.empty(len(one.numbers) + len(other.numbers), np.int32)
    numbers, tiles, _, count = one.record
    others, other_tiles, _, other_count = other.record
    return found[: _PRESS.differing(numbers, tiles, count, others, other_tiles, other_count, _at(found))]


def cut(drawn: Words, corner: tuple[int, int], asked: Numbers, page: Page, wipe: int | None = None) -> Sprite:
    """Those of the tiles asked for in which a picture has ink.

    It has straight alpha and its first pixel at `corner` of the page (left, top); its rows need not lie right
    behind each other. `wipe` is put in the place of what is cut out.
    """
    height, width = drawn.shape
    left, top = corner
    rect = _Rect(left, top, left + width, top + height)
    numbers, opaque = np.empty(len(asked), np.int32), np.empty(len(asked), np.bool_)
    words = np.empty((len(asked), SIDE, SIDE), np.uint32)
    stride = drawn.strides[0] // 4
    count = _PRESS.cut(
        _at(drawn), stride, byref(rect), _at(asked), len(asked), _page(page),
        wipe is not None, wipe or 0, _at(numbers), _at(words), _at(opaque),
    )  # fmt: skip
    if count == 0:
        return EMPTY
    return Sprite.of(numbers[:count], _kept(words, count), opaque[:count])


def fill(xy: Floats, starts: NDArray[np.integer[Any]], colour: str, page: Page) -> Sprite:
    """Rings filled by winding: vertices `(n, 2)` in pixels, y downward, and where each ring starts."""
    colours, flat = _degrees(colour), _flat(colour)
    xy, starts = np.ascontiguousarray(xy, np.float64), np.ascontiguousarray(starts, np.int64)
    tiles = across(page.width) * -(-page.height // SIDE)
    numbers, addresses = np.empty(tiles, np.int32), np.empty(tiles, np.uint64)
    opaque = np.empty(tiles, np.bool_)
    room = min(tiles, 256)
    while True:
        words = np.empty((room, SIDE, SIDE), np.uint32)
        count = _PRESS.fill(
            _at(xy), _at(starts), len(starts), len(xy), _page(page), _at(colours), _at(flat),
            _at(numbers), _at(words), room, _at(addresses), _at(opaque),
        )  # fmt: skip
        if count == -1:
            raise MemoryError
        if count >= 0:
            break
        room = tiles
    numbers, addresses, opaque = numbers[:count].copy(), addresses[:count].copy(), opaque[:count].copy()
    own = addresses != _at(flat)
    used = int(own.sum())
    kept = _kept(words, used)
    addresses[own] = addresses[own] - np.uint64(_at(words)) + np.uint64(_at(kept))
    return Sprite(numbers, addresses, opaque, (kept, flat))


class Stamped(NamedTuple):
    """Planes `(3, h, w)` of shadow, casing and body over a rectangle, and how pale they are.

    `grades`, of the same shape, say which of the `shades` each pixel has; without, it is `shade`.
    """

    planes: Pixels
    rect: Rect
    grades: NDArray[np.uint16] | None = None
    shades: NDArray[np.uint8] | None = None
    shade: int = 0


def print_stamps(
    stamps: Sequence[Stamped], asked: Numbers, colours: Words, page: Page
) -> tuple[Numbers, Words]:
    """Those of the tiles asked for on which stamps leave ink, `(n,)` and `(n, 32, 32)`.

    `colours` `(768,)` are the `degrees` of the three planes.
    """
    records = [(_at(s.planes), _at(s.grades), _at(s.shades), s.rect, s.shade) for s in stamps]
    listed = np.array(records, _STAMP)
    numbers, words = np.empty(len(asked), np.int32), np.empty((len(asked), SIDE, SIDE), np.uint32)
    count = _PRESS.print_stamps(
        _at(listed), len(listed), _at(asked), len(asked), _page(page), _at(colours), _at(numbers), _at(words)
    )
    return numbers[:count], _kept(words, count)


def degrees(colour: str | None) -> Words:
    """The pixels `(256,)` of a colour for each degree of cover; without a colour, clear ones."""
    return _degrees(colour) if colour else np.zeros(256, np.uint32)


@lru_cache(maxsize=256)
def _degrees(colour: str) -> Words:
    *hue, alpha = rgba(colour)
    cover = np.round(np.arange(256) * alpha)
    parts = [*(np.round(np.round(255 * part) * cover / 255) for part in hue), cover]
    return np.ascontiguousarray(np.column_stack(parts).astype(np.uint8)).view(np.uint32)[:, 0].copy()


@lru_cache(maxsize=256)
def _flat(colour: str) -> Words:
    """A tile of a colour: the same object for all areas, so that it need not be compared."""
    return np.full((SIDE, SIDE), _degrees(colour)[255])


def straight(words: Words) -> Pixels:
    """Tiles or parts of them `(h, w)` as RGBA `(h, w, 4)`, colours no longer multiplied by alpha."""
    pixels: Pixels = np.ascontiguousarray(words).view(np.uint8).reshape(*words.shape, 4)
    alpha = np.maximum(pixels[..., 3:], 1).astype(np.uint16)
    hues = (pixels[..., :3] * np.uint16(OPAQUE) + alpha // 2) // alpha
    return np.concatenate([hues.astype(np.uint8), pixels[..., 3:]], axis=2)


def word(colour: str, alpha: float | None = None) -> int:
    """A colour as a pixel with straight alpha, its own or another."""
    red, green, blue, own = rgba(colour)
    parts = [round(255 * part) for part in (red, green, blue, own if alpha is None else alpha)]
    return int(np.array(parts, np.uint8).view(np.uint32)[0])


def _kept(words: Words, count: int) -> Words:
    """The first tiles of many, without the room of the others."""
    return words[:count].copy() if count < len(words) else words


@lru_cache(maxsize=16)
def _page(page: Page) -> _Page:
    return _Page(page.width, page.height, across(page.width))
