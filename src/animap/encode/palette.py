"""One palette for a whole film, and the table that finds a colour's place in it.

Colours are compared in Oklab, where equal distances look about equally far apart. The table has a cell for
every 4×4×4 block of RGB, so a pixel's index depends on its colour alone: what stands still never flickers.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from animap.types import Floats, Pixels

__all__ = ["Palette", "choose", "indices", "packed", "unpacked"]

_CELLS = 64**3


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """`colours` is `(n, 3)` sRGB bytes; `nearest` gives the index of each of the 64³ cells."""

    colours: NDArray[np.uint8]
    nearest: NDArray[np.uint8]


def indices(palette: Palette, pixels: Pixels) -> NDArray[np.uint8]:
    """Return the palette index `(height, width)` of every pixel."""
    cells = (pixels[..., 0] & 0xFC).astype(np.intp)
    cells <<= 6
    cells |= pixels[..., 1] & 0xFC
    cells <<= 4
    cells |= pixels[..., 2] >> 2
    return palette.nearest.take(cells)


def choose(sample: Iterable[Pixels], count: int) -> Palette:
    """Return a palette of at most `count` colours, every one of which occurs in the sampled pictures.

    A colour that fills areas is kept exactly; two that differ by less than a cell are taken for one.
    """
    colours, weights = _cells(sample)
    lab = _oklab(colours)
    chosen = np.arange(len(colours)) if len(colours) <= count else _clusters(lab, weights, count)
    cells = _grid().copy()
    # Where a cell is in use, its own commonest colour speaks for it.
    cells[_cell_of(colours)] = lab
    nearest = cKDTree(lab[chosen]).query(cells)[1].astype(np.uint8)
    # Exact by construction, whatever the tree does with ties.
    nearest[_cell_of(colours[chosen])] = np.arange(len(chosen), dtype=np.uint8)
    return Palette(np.ascontiguousarray(colours[chosen]), nearest)


def packed(palette: Palette) -> bytes:
    """Return the palette as bytes: with its table, so that no two machines can round a colour differently."""
    return (
        struct.pack("<H", len(palette.colours))
        + palette.colours.tobytes()
        + zlib.compress(palette.nearest.tobytes(), 6)
    )


@lru_cache(maxsize=4)
def unpacked(data: bytes) -> Palette:
    """Return the palette that `packed` made these bytes of."""
    (count,) = struct.unpack_from("<H", data)
    end = 2 + 3 * count
    colours = np.frombuffer(data[2:end], np.uint8).reshape(count, 3)
    return Palette(colours, np.frombuffer(zlib.decompress(data[end:]), np.uint8))


def _cells(sample: Iterable[Pixels]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the commonest colour `(n, 3)` of each cell in use, and how many pixels the cell has `(n,)`."""
    values, counts = np.empty(0, np.uint32), np.empty(0, np.int64)
    for pixels in sample:
        wide = pixels.astype(np.uint32)
        found, times = np.unique(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2], return_counts=True)
        values, places = np.unique(np.concatenate([values, found]), return_inverse=True)
        counts = np.bincount(places, np.concatenate([counts, times])).astype(np.int64)
    colours = np.stack([values >> 16, values >> 8 & 0xFF, values & 0xFF], axis=-1).astype(np.uint8)
    cells = _cell_of(colours)
    order = np.lexsort((counts, cells))
    last = np.flatnonzero(np.diff(cells[order], append=-1))
    sums = np.bincount(cells, counts, minlength=_CELLS).astype(np.int64)
    return colours[order[last]], sums[cells[order[last]]]


@cache
def _grid() -> Floats:
    """Return the middle of every cell `(64³, 3)` in Oklab."""
    cells = np.stack(np.unravel_index(np.arange(_CELLS), (64, 64, 64)), axis=-1)
    return _oklab((cells * 4 + 2).astype(np.uint8))


def _cell_of(colours: NDArray[np.uint8]) -> NDArray[np.intp]:
    wide = (colours >> 2).astype(np.intp)
    return wide[:, 0] << 12 | wide[:, 1] << 6 | wide[:, 2]


def _clusters(lab: Floats, weights: NDArray[np.int64], count: int) -> NDArray[np.intp]:
    """Return the places of `count` points `(n, 3)` that stand for all of them."""
    # The root lets a red dot be seen beside half a picture of sea.
    loud = np.sqrt(weights)
    places = [int(np.argmax(weights))]
    distance = _squared(lab, lab[places[0]])
    for _ in range(count - 1):
        places.append(int(np.argmax(loud * distance)))
        np.minimum(distance, _squared(lab, lab[places[-1]]), out=distance)
    centres = lab[places]
    for _ in range(8):
        owner = cKDTree(centres).query(lab)[1]
        mass = np.bincount(owner, loud, minlength=count)
        sums = [np.bincount(owner, loud * lab[:, axis], minlength=count) for axis in range(3)]
        kept = mass > 0
        centres[kept] = np.stack(sums, axis=-1)[kept] / mass[kept, None]
    return np.unique(_spokesmen(lab, weights, cKDTree(centres).query(lab)[1], centres))


def _spokesmen(
    lab: Floats, weights: NDArray[np.int64], owner: NDArray[np.intp], centres: Floats
) -> NDArray[np.intp]:
    """Return for every cluster the point that makes up most of it, or else the one nearest to its centre."""
    near = np.sum((lab - centres[owner]) ** 2, axis=-1)
    by_distance = np.lexsort((near, owner))
    _, first = np.unique(owner[by_distance], return_index=True)
    middle = by_distance[first]
    by_weight = np.lexsort((-weights, owner))
    heaviest = by_weight[np.unique(owner[by_weight], return_index=True)[1]]
    total = np.bincount(owner, weights)[owner[heaviest]]
    return np.where(weights[heaviest] * 2 >= total, heaviest, middle)


def _squared(points: Floats, point: Floats) -> Floats:
    return np.asarray(np.sum((points - point) ** 2, axis=-1), np.float64)


# Björn Ottosson, "A perceptual color space for image processing", 2020 (public domain).
_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929],
     [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468],
     [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def _oklab(colours: NDArray[np.uint8]) -> Floats:
    """Return sRGB bytes `(n, 3)` in Oklab."""
    level = np.arange(256) / 255
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)[colours]
    return np.asarray(np.cbrt(light @ _TO_LMS.T) @ _TO_LAB.T, np.float64)
