"""The press, which is C: what is done with every pixel, too much for numpy in the time an encoder has.

A tile is 32 × 32 pixels of 32 bits, red, green, blue and alpha in this order in memory, colours multiplied
by alpha. Pixels are worked out in whole numbers, paths in doubles and rounded to 1/256 of a pixel.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
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
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from animap.draw.tiles import SIDE, Grid, across, grid_of, numbers_under
from animap.marks import Page
from animap.native import LIBRARY, address
from animap.style.colour import rgba
from animap.types import Pixels, Rect

__all__ = [
    "EMPTY",
    "NOTHING",
    "STAMP",
    "Change",
    "Desk",
    "Laid",
    "Numbers",
    "Sprite",
    "Words",
    "changed",
    "compose",
    "cut",
    "degrees",
    "desk_of",
    "masked",
    "merged",
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


_SPRITE = Struct("=QQQi")
_OPACITIES = [Struct("=i").pack(n) for n in range(256)]
_RANK = Struct("=ii")
STAMP = np.dtype(
    [("planes", "u8"), ("grades", "u8"), ("shades", "u8"), ("rect", "4i4"), ("shade", "i4")], align=True
)
"""Where planes `(3, h, w)` of shadow, casing and body lie, over a rectangle of the page, and how pale they
are: `grades`, of the same shape, say which of the `shades` each pixel has; without, it is `shade`."""


def _declared(library: Any) -> Any:
    at, number = c_void_p, c_int32
    library.compose.argtypes = [at, number, at, number, at, number, Grid, at, number, c_uint32, at]
    library.find_changed.argtypes = [at, number, at, number, Grid, at, at, POINTER(number)]
    library.thin_out.argtypes = [at, at, at, at]
    library.cut.argtypes = [at, POINTER(_Rect), at, number, Grid, at, at, at]
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
    record: bytes = field(init=False)
    """Where these are, as the press reads it."""

    def __post_init__(self) -> None:
        places = (address(self.numbers), address(self.tiles), address(self.opaque), len(self.numbers))
        object.__setattr__(self, "record", _SPRITE.pack(*places))

    @property
    def lid(self) -> Numbers:
        """The opaque tiles."""
        lid: Numbers = self.numbers[self.opaque]
        return lid

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


class Laid(NamedTuple):
    """A sprite as it lies on others, so opaque: 0 to 1."""

    sprite: Sprite
    opacity: float
    record: bytes
    """As the press reads it."""

    @classmethod
    def of(cls, sprite: Sprite, opacity: float = 1.0) -> Laid:
        """A sprite so opaque."""
        return cls(sprite, opacity, sprite.record + _OPACITIES[round(opacity * OPAQUE)])


NOTHING = Laid.of(EMPTY)


def compose(
    ground: Words,
    layers: Sequence[Laid],
    numbers: Numbers,
    page: Page,
    pixels: Pixels | None = None,
    clear: int = 0,
) -> None:
    """Lay sprites over some tiles of a ground `(tiles, 1024)`.

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
    _compose(None, [Laid.of(sprite) for sprite in inked], numbers, page, 0, 3, 0, address(words))
    # Where one of them hides what is below it, so do all.
    lids = np.concatenate([sprite.lid for sprite in inked])
    return Sprite.of(numbers, words, np.isin(numbers, lids))


def _compose(
    ground: Words | None,
    layers: Sequence[Laid],
    numbers: Numbers,
    page: Page,
    *rest: int,
) -> None:
    sheets = b"".join([layer.record for layer in layers])
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


Change: TypeAlias = tuple[int, Sprite, Sprite]
"""A sprite and what it becomes, either of which may be `EMPTY`; first, how many of those below stay."""


def changed(staying: Sequence[Laid], changes: Iterable[Change], page: Page) -> tuple[Numbers, list[Rect]]:
    """The tiles in which a picture changes while other sprites stay, given from the bottom up; and rectangles
    that cover these tiles and do not overlap."""
    desk, covers = desk_of(page), c_int32()
    # Held, or what is made for this call would be gone when the press reads it.
    changes, clear = list(changes), _OPACITIES[0]
    listed = [a.record + clear + b.record + clear + _RANK.pack(rank, 0) for rank, a, b in changes]
    count = _PRESS.find_changed(
        b"".join([layer.record for layer in staying]),
        len(staying),
        b"".join(listed),
        len(listed),
        grid_of(page),
        desk.at.numbers,
        desk.at.rects,
        byref(covers),
    )
    if count < 0:
        raise MemoryError
    rects = sorted(map(tuple, desk.rects[: covers.value].tolist()))
    return desk.numbers[:count].copy(), rects


def masked(sprite: Sprite, mask: Sprite, page: Page) -> Sprite:
    """A sprite as far as a mask has ink, of any colour."""
    desk = desk_of(page)
    layer, other = Laid.of(sprite), Laid.of(mask)
    count = _PRESS.thin_out(layer.record, other.record, desk.at.numbers, desk.at.words)
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
    desk = desk_of(page)
    count = _PRESS.cut(
        address(drawn), byref(_Rect(*rect)), address(asked), len(asked), grid_of(page),
        desk.at.numbers, desk.at.words, desk.at.opaque,
    )  # fmt: skip
    return desk.sprite(count)


class Desk:
    """Room for so many tiles, and as many rectangles, to be used by one thread again and again."""

    def __init__(self, tiles: int) -> None:
        self.numbers, self.addresses = np.empty(tiles, np.int32), np.empty(tiles, np.uint64)
        self.words, self.opaque = np.empty((tiles, SIDE, SIDE), np.uint32), np.empty(tiles, np.bool_)
        self.rects = np.empty((tiles, 4), np.int32)
        self.at = _Places(
            address(self.numbers),
            address(self.addresses),
            address(self.words),
            address(self.opaque),
            address(self.rects),
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
    rects: int


_here = local()


def desk_of(page: Page) -> Desk:
    """The desk of this thread, with room for a page at least."""
    desk: Desk | None = getattr(_here, "desk", None)
    if desk is None or len(desk.numbers) < _tiles(page):
        desk = _here.desk = Desk(_tiles(page))
    return desk


def print_stamps(stamps: NDArray[Any], asked: Numbers, colours: Words, page: Page) -> Sprite:
    """Those of the tiles asked for on which stamps, a list of the type `STAMP`, leave ink.

    `colours` `(768,)` are the `degrees` of the three planes.
    """
    desk = desk_of(page)
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
