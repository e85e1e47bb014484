"""The press, which is C: what is done with every pixel, too much for numpy in the time an encoder has.

A tile is 32 × 32 pixels of 32 bits, red, green, blue and alpha in this order in memory, colours multiplied
by alpha. Pixels are worked out in whole numbers, paths in doubles and rounded to 1/256 of a pixel.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_int32,
    c_uint32,
    c_void_p,
)
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from threading import local
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.draw.tiles import SIDE, Grid, across, grid_of, numbers_under
from animap.marks import Page
from animap.native import LIBRARY, address
from animap.style.colour import rgba
from animap.types import Floats, Pixels, Rect

__all__ = [
    "EMPTY",
    "STAMP",
    "Numbers",
    "Sprite",
    "Trace",
    "Words",
    "compose",
    "cut",
    "degrees",
    "differing",
    "masked",
    "merged",
    "paint",
    "print_paths",
    "print_stamps",
    "spread",
    "straight",
    "word",
]

Numbers = NDArray[np.int32]
"""Of tiles, rising."""
Words = NDArray[np.uint32]
"""Pixels as numbers of 32 bits."""
OPAQUE = 255
_AREA = SIDE * SIDE


class _Rect(Structure):
    _fields_ = (("left", c_int32), ("top", c_int32), ("right", c_int32), ("bottom", c_int32))


_LAYER = Struct("=QQQi")
_OPACITIES = [Struct("=i").pack(n) for n in range(256)]
_PATH = np.dtype(
    [
        *((name, "u8") for name in ("points", "codes", "dash", "colours", "flat")),
        ("length", "i8"),
        ("width", "f8"),
        ("dashes", "i4"),
        ("unused", "i4"),
    ]
)
STAMP = np.dtype(
    [("planes", "u8"), ("grades", "u8"), ("shades", "u8"), ("rect", "4i4"), ("shade", "i4")], align=True
)
"""Where planes `(3, h, w)` of shadow, casing and body lie, over a rectangle of the page, and how pale they
are: `grades`, of the same shape, say which of the `shades` each pixel has; without, it is `shade`."""


def _declared(library: Any) -> Any:
    at, number = c_void_p, c_int32
    library.compose.argtypes = [at, number, at, number, at, number, Grid, at, number, c_uint32, at]
    library.differing.argtypes = [at, at, number, at, at, number, at]
    library.thin_out.argtypes = [at, at, at, at]
    library.cut.argtypes = [at, POINTER(_Rect), at, number, Grid, at, at, at]
    library.print_paths.argtypes = [at, number, Grid, at, at, at, at]
    library.paint_paths.argtypes = [at, number, Grid, at]
    library.print_stamps.argtypes = [at, number, at, number, Grid, at, at, at]
    return library


_PRESS = _declared(LIBRARY)


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
    layer: bytes = field(init=False)
    """The same as the press reads it, but for its opacity."""
    lid: Numbers = field(init=False)
    """The opaque tiles."""

    def __post_init__(self) -> None:
        places = (address(self.numbers), address(self.tiles), address(self.opaque), len(self.numbers))
        object.__setattr__(self, "record", places)
        object.__setattr__(self, "layer", _LAYER.pack(*places))
        object.__setattr__(self, "lid", self.numbers[self.opaque])

    @classmethod
    def of(cls, numbers: Numbers, pixels: Words, opaque: NDArray[np.bool_]) -> Sprite:
        """Of tiles `(n, 32, 32)` that lie one behind the other."""
        first = np.uint64(address(pixels))
        tiles = first + np.arange(len(numbers), dtype=np.uint64) * np.uint64(4 * _AREA)
        return cls(np.ascontiguousarray(numbers), tiles, np.ascontiguousarray(opaque), (pixels,))

    def pixels(self) -> Words:
        """A copy of the tiles, `(n, 32, 32)`."""
        words = np.empty((len(self.numbers), SIDE, SIDE), np.uint32)
        for place, tile in enumerate(self.tiles.tolist()):
            ctypes.memmove(address(words) + place * 4 * _AREA, tile, 4 * _AREA)
        return words


EMPTY = Sprite(np.empty(0, np.int32), np.empty(0, np.uint64), np.empty(0, np.bool_), ())


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
    where, values = (address(pixels), pixels.shape[2]) if pixels is not None else (0, 3)
    _compose(ground, layers, numbers, page, where, values, clear, 0)


def merged(layers: Sequence[Sprite], page: Page) -> Sprite:
    """Sprites over each other, from the bottom up, as one."""
    inked = [sprite for sprite in layers if len(sprite.numbers)]
    if len(inked) < 2:
        return inked[0] if inked else EMPTY
    numbers = np.unique(np.concatenate([sprite.numbers for sprite in inked]))
    words = np.empty((len(numbers), SIDE, SIDE), np.uint32)
    _compose(None, [(sprite, 1.0) for sprite in inked], numbers, page, 0, 3, 0, address(words))
    # Where one of them hides what is below it, so do all.
    lids = np.concatenate([sprite.lid for sprite in inked])
    return Sprite.of(numbers, words, np.isin(numbers, lids))


def _compose(
    ground: Words | None,
    layers: Sequence[tuple[Sprite, float]],
    numbers: Numbers,
    page: Page,
    *rest: int,
) -> None:
    sheets = b"".join([sprite.layer + _OPACITIES[round(opacity * OPAQUE)] for sprite, opacity in layers])
    failed = _PRESS.compose(
        address(ground),
        _tiles(page),
        sheets,
        len(layers),
        address(numbers),
        len(numbers),
        grid_of(page),
        *rest,
    )
    if failed:
        raise MemoryError


def differing(one: Sprite, other: Sprite) -> Numbers:
    """The tiles in which two sprites are not alike."""
    found = np.empty(len(one.numbers) + len(other.numbers), np.int32)
    numbers, tiles, _, count = one.record
    others, other_tiles, _, other_count = other.record
    return found[: _PRESS.differing(numbers, tiles, count, others, other_tiles, other_count, address(found))]


def masked(sprite: Sprite, mask: Sprite, page: Page) -> Sprite:
    """A sprite as far as a mask has ink, of any colour."""
    desk = _desk(page)
    layer, other = (s.layer + _OPACITIES[OPAQUE] for s in (sprite, mask))
    count = _PRESS.thin_out(layer, other, desk.at.numbers, desk.at.words)
    desk.opaque[:count] = False
    return desk.sprite(count)


def cut(pixels: Pixels, corner: tuple[int, int], page: Page) -> Sprite:
    """A picture `(h, w, 4)` with straight alpha, its first pixel at a `corner` (left, top).

    What lies off the page is cut off.
    """
    drawn = np.ascontiguousarray(pixels)
    (height, width), (left, top) = drawn.shape[:2], corner
    rect = left, top, left + width, top + height
    shown = max(0, left), max(0, top), min(page.width, rect[2]), min(page.height, rect[3])
    asked = numbers_under(shown, page.width)
    desk = _desk(page)
    count = _PRESS.cut(
        address(drawn), byref(_Rect(*rect)), address(asked), len(asked), grid_of(page),
        desk.at.numbers, desk.at.words, desk.at.opaque,
    )  # fmt: skip
    return desk.sprite(count)


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
    listed, desk = _Listed.of(traces), _desk(page)
    count = _PRESS.print_paths(
        listed.at,
        len(traces),
        grid_of(page),
        desk.at.numbers,
        desk.at.words,
        desk.at.addresses,
        desk.at.opaque,
    )
    if count < 0:
        raise MemoryError
    if not count:
        return EMPTY
    addresses = desk.addresses[:count].copy()
    first = np.uint64(desk.at.words)
    own = (addresses >= first) & (addresses < first + np.uint64(desk.words.nbytes))
    words = desk.words[: int(np.count_nonzero(own))].copy()
    addresses[own] = addresses[own] - first + np.uint64(address(words))
    held = (words, *listed.flats)
    return Sprite(desk.numbers[:count].copy(), addresses, desk.opaque[:count].copy(), held)


def paint(ground: Words, traces: Sequence[Trace], page: Page) -> None:
    """Lay traces over a ground `(tiles, 1024)`, from the bottom up."""
    listed = _Listed.of(traces)
    if _PRESS.paint_paths(listed.at, len(traces), grid_of(page), address(ground)):
        raise MemoryError


class _Listed(NamedTuple):
    """Traces as the press reads them: where the list is, and what it points to."""

    at: int
    flats: tuple[Words, ...]
    held: tuple[object, ...]

    @classmethod
    def of(cls, traces: Sequence[Trace]) -> _Listed:
        rows, held = [], []
        # By where they are: a cache that has lost a colour makes another tile of it.
        flats: dict[int, Words] = {}
        for trace in traces:
            xy, codes = _path(trace.xy, trace.codes)
            inks, dash = _inks(trace.colour), _lengths(trace.dash)
            rows.append(
                (address(xy), address(codes), address(dash), *inks.places, len(xy), trace.width, len(dash), 0)
            )
            flats[inks.places[1]] = inks.flat
            # Nor may what the press still has to read be gone.
            held += [xy, codes, inks, dash]
        records = np.array(rows, _PATH)
        return cls(address(records), tuple(flats.values()), (records, *held))


def _path(xy: Floats, codes: NDArray[np.uint8]) -> tuple[Floats, NDArray[np.uint8]]:
    """A path as the press reads it."""
    if xy.shape != (len(codes), 2):
        raise ValueError(f"points of shape {xy.shape} and {len(codes)} codes are no path")
    return np.ascontiguousarray(xy, np.float64), np.ascontiguousarray(codes, np.uint8)


class _Desk:
    """Room for so many tiles, to be used by one thread again and again."""

    def __init__(self, tiles: int) -> None:
        self.numbers, self.addresses = np.empty(tiles, np.int32), np.empty(tiles, np.uint64)
        self.words, self.opaque = np.empty((tiles, SIDE, SIDE), np.uint32), np.empty(tiles, np.bool_)
        self.at = _Places(
            address(self.numbers), address(self.addresses), address(self.words), address(self.opaque)
        )

    def sprite(self, count: int) -> Sprite:
        """The first tiles that were put here, copied."""
        if not count:
            return EMPTY
        return Sprite.of(self.numbers[:count].copy(), self.words[:count].copy(), self.opaque[:count].copy())


class _Places(NamedTuple):
    numbers: int
    addresses: int
    words: int
    opaque: int


_here = local()


def _desk(page: Page) -> _Desk:
    """The desk of this thread, with room for a page at least."""
    desk: _Desk | None = getattr(_here, "desk", None)
    if desk is None or len(desk.numbers) < _tiles(page):
        desk = _here.desk = _Desk(_tiles(page))
    return desk


def print_stamps(stamps: NDArray[Any], asked: Numbers, colours: Words, page: Page) -> Sprite:
    """Those of the tiles asked for on which stamps, a list of the type `STAMP`, leave ink.

    `colours` `(768,)` are the `degrees` of the three planes.
    """
    desk = _desk(page)
    count = _PRESS.print_stamps(
        address(stamps), len(stamps), address(asked), len(asked), grid_of(page), address(colours),
        desk.at.numbers, desk.at.words,
    )  # fmt: skip
    desk.opaque[:count] = False
    return desk.sprite(count)


def degrees(colour: str | None) -> Words:
    """The pixels `(256,)` of a colour for each degree of cover; without a colour, clear ones."""
    return _degrees(colour) if colour else np.zeros(256, np.uint32)


@lru_cache(maxsize=256)
def _degrees(colour: str) -> Words:
    *hue, alpha = rgba(colour)
    cover = np.round(np.arange(256) * alpha)
    parts = [*(np.round(np.round(255 * part) * cover / 255) for part in hue), cover]
    return np.ascontiguousarray(np.column_stack(parts).astype(np.uint8)).view(np.uint32)[:, 0].copy()


class _Inks(NamedTuple):
    """A colour in all its degrees of cover, and a tile of it: the same object for all areas, so that it need
    not be compared."""

    degrees: Words
    flat: Words
    places: tuple[int, int]


@lru_cache(maxsize=256)
def _inks(colour: str) -> _Inks:
    hues = _degrees(colour)
    flat = np.full((SIDE, SIDE), hues[255])
    return _Inks(hues, flat, (address(hues), address(flat)))


@lru_cache(maxsize=256)
def _lengths(dash: tuple[float, ...]) -> Floats:
    return np.array(dash, np.float64)


def spread(sprite: Sprite, page: Page) -> tuple[Rect, Words]:
    """A sprite's tiles side by side, `(h, w)`, and the rectangle of the page that they are."""
    if not len(sprite.numbers):
        return (0, 0, 0, 0), np.zeros((0, 0), np.uint32)
    row, column = np.divmod(sprite.numbers, across(page.width))
    top, left, bottom, right = row.min(), column.min(), row.max() + 1, column.max() + 1
    grid = np.zeros((bottom - top, SIDE, right - left, SIDE), np.uint32)
    grid[row - top, :, column - left] = sprite.pixels()
    x, y = int(left) * SIDE, int(top) * SIDE
    rect = x, y, min(page.width, int(right) * SIDE), min(page.height, int(bottom) * SIDE)
    return rect, grid.reshape((bottom - top) * SIDE, -1)[: rect[3] - y, : rect[2] - x]


def straight(words: Words) -> Pixels:
    """Words `(h, w)` as RGBA `(h, w, 4)`, colours no longer multiplied by alpha."""
    pixels: Pixels = np.ascontiguousarray(words).view(np.uint8).reshape(*words.shape, 4)
    alpha = np.maximum(pixels[..., 3:], 1).astype(np.uint16)
    hues = (pixels[..., :3] * np.uint16(OPAQUE) + alpha // 2) // alpha
    return np.concatenate([hues.astype(np.uint8), pixels[..., 3:]], axis=2)


def word(colour: str, alpha: float | None = None) -> int:
    """A colour as a pixel with straight alpha, its own or another."""
    red, green, blue, own = rgba(colour)
    parts = [round(255 * part) for part in (red, green, blue, own if alpha is None else alpha)]
    return int(np.array(parts, np.uint8).view(np.uint32)[0])


def _tiles(page: Page) -> int:
    return across(page.width) * -(-page.height // SIDE)
