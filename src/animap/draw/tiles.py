"""The page as a grid of square tiles: large thin things change little of their rectangles."""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import Structure, c_int32
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from animap.marks import Page
from animap.types import Rect

__all__ = ["SIDE", "Grid", "Tiles", "across", "empty", "grid_of", "numbers_under", "under"]

SIDE = 32
"""Pixels along the side of a tile."""
Tiles = NDArray[np.bool_]
"""`(rows, columns)` of tiles, the first in the page's upper left."""


def across(width: int) -> int:
    """Tiles in a row of a page; they are numbered row by row."""
    return -(-width // SIDE)


class Grid(Structure):
    """A page as the press knows it: its size in pixels, and how many tiles are in a row."""

    _fields_ = (("width", c_int32), ("height", c_int32), ("columns", c_int32))


@lru_cache(maxsize=16)
def grid_of(page: Page) -> Grid:
    """The grid of a page."""
    return Grid(page.width, page.height, across(page.width))


def empty(width: int, height: int) -> Tiles:
    """No tile of a page marked."""
    return np.zeros((-(-height // SIDE), across(width)), dtype=bool)


def numbers_under(rect: Rect, width: int) -> NDArray[np.int32]:
    """The numbers of the tiles that a rectangle on a page so wide touches."""
    left, top, right, bottom = rect
    rows, columns = np.arange(top // SIDE, -(-bottom // SIDE)), np.arange(left // SIDE, -(-right // SIDE))
    return (rows[:, None] * across(width) + columns).ravel().astype(np.int32)


def under(rects: Iterable[Rect], width: int, height: int) -> Tiles:
    """The tiles that some rectangles, which may lie partly off the page, touch."""
    tiles = empty(width, height)
    for left, top, right, bottom in rects:
        rows = slice(max(0, top // SIDE), max(0, -(-bottom // SIDE)))
        tiles[rows, max(0, left // SIDE) : max(0, -(-right // SIDE))] = True
    return tiles
