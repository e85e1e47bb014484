"""What changed, on a grid of tiles over the page: large thin things change little of their rectangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from animap.draw.sprite import Sprite
from animap.types import Rect

__all__ = ["Tiles", "differing_tiles", "empty", "ink_tiles", "rects_of"]

_SIDE = 32
Tiles = NDArray[np.bool_]
"""`(rows, columns)` of tiles of 32 pixels, the first in the page's upper left."""


def ink_tiles(sprite: Sprite, tiles: Tiles) -> None:
    """Mark the tiles in which a sprite has any ink."""
    if sprite.pixels is not None:
        _mark(sprite.pixels[::-1, :, 3] != 0, sprite.rect, tiles)


def differing_tiles(a: Sprite, b: Sprite, tiles: Tiles) -> None:
    """Mark the tiles in which two sprites differ."""
    if a.pixels is None or b.pixels is None or a.rect != b.rect:
        left, top = min(a.rect[0], b.rect[0]), min(a.rect[1], b.rect[1])
        right, bottom = max(a.rect[2], b.rect[2]), max(a.rect[3], b.rect[3])
        rect = (left, top, right, bottom)
        if a.pixels is None or b.pixels is None:
            ink_tiles(a, tiles)
            ink_tiles(b, tiles)
            return
        _mark(_placed(a, rect) != _placed(b, rect), rect, tiles)
        return
    _mark((_words(a) != _words(b))[::-1], a.rect, tiles)


def _words(sprite: Sprite) -> NDArray[np.uint32]:
    """Pixels `(h, w)` as one number each, bottom row first."""
    assert sprite.pixels is not None
    return sprite.pixels.view(np.uint32)[..., 0]


def _placed(sprite: Sprite, rect: Rect) -> NDArray[np.uint32]:
    """The sprite, top row first, in a larger rectangle that is clear elsewhere."""
    left, top, right, bottom = sprite.rect
    # What Agg leaves where there is no ink.
    clear = np.full((rect[3] - rect[1], rect[2] - rect[0]), 0x00FFFFFF, dtype=np.uint32)
    clear[top - rect[1] : bottom - rect[1], left - rect[0] : right - rect[0]] = _words(sprite)[::-1]
    return clear


def _mark(mask: NDArray[np.bool_], rect: Rect, tiles: Tiles) -> None:
    left, top, right, bottom = rect
    first_row, first_column = top // _SIDE, left // _SIDE
    rows = _starts(top, bottom)
    columns = _starts(left, right)
    part = np.logical_or.reduceat(np.logical_or.reduceat(mask, rows, axis=0), columns, axis=1)
    tiles[first_row : first_row + len(rows), first_column : first_column + len(columns)] |= part


def _starts(low: int, high: int) -> NDArray[np.intp]:
    """Where tiles begin within a stretch of pixels, counted from its own beginning."""
    inner = np.arange((low // _SIDE + 1) * _SIDE, high, _SIDE) - low
    return np.concatenate([[0], inner]).astype(np.intp)


def empty(width: int, height: int) -> Tiles:
    """No tile of a page marked."""
    return np.zeros((-(-height // _SIDE), -(-width // _SIDE)), dtype=bool)


def rects_of(tiles: Tiles, width: int, height: int) -> list[Rect]:
    """Rectangles of pixels that cover the marked tiles and do not overlap."""
    rects: list[Rect] = []
    growing: dict[tuple[int, int], int] = {}
    for row in range(len(tiles) + 1):
        runs = set(_runs(tiles[row])) if row < len(tiles) else set()
        for span in [s for s in growing if s not in runs]:
            first = growing.pop(span)
            rects.append(
                (
                    span[0] * _SIDE,
                    first * _SIDE,
                    min(width, span[1] * _SIDE),
                    min(height, row * _SIDE),
                )
            )
        for span in runs:
            growing.setdefault(span, row)
    return sorted(rects)


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
