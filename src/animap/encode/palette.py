"""One palette for a whole film, and what finds a colour's place in it.

A pixel's index depends on its colour alone, so what stands still never flickers, and the ground is quantised
the same in every frame. Distances are plain ones in sRGB: their squares are integers, exact on every machine.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from animap.types import Floats, Pixels

__all__ = ["Palette", "choose", "indices", "numbers", "off", "packed", "unpacked"]

_UNKNOWN = 255
"""No index: a palette has at most 255 colours, as a GIF needs an index for what is transparent."""
_LOUDNESS = 0.75
"""The power of its pixels by which a colour counts: below 1, so that a red dot is seen beside the sea."""
_ROUNDS = 12
_BLOCK = 8192
_NONE = np.zeros(0, np.intp)


def _unknown() -> NDArray[np.uint8]:
    return np.full(1 << 24, _UNKNOWN, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """`colours` is `(n, 3)` sRGB bytes; `coarse` `(n,)` gives for each index one of a few for all."""

    colours: NDArray[np.uint8]
    coarse: NDArray[np.uint8]
    _known: NDArray[np.uint8] = field(default_factory=_unknown, repr=False)
    """The index of each of the 2²⁴ colours that was asked for before."""


def numbers(pixels: Pixels) -> NDArray[np.uint32]:
    """Return the colours of pixels `(..., 3)` as numbers `(...)`, 0xRRGGBB."""
    values = pixels[..., 0].astype(np.uint32)
    values <<= 8
    values |= pixels[..., 1]
    values <<= 8
    values |= pixels[..., 2]
    return values


def indices(palette: Palette, values: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return for colours as `numbers` the index of each one's nearest, in the same shape."""
    found = palette._known.take(values)
    missing = found == _UNKNOWN
    if missing.any():
        new = np.unique(values[missing])
        for start in range(0, len(new), _BLOCK):
            part = new[start : start + _BLOCK]
            palette._known[part] = _nearest(palette.colours, _colours(part))
        found = palette._known.take(values)
    return found


def off(palette: Palette, index: NDArray[np.uint8], values: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return how far the colours of indices are from colours as `numbers`, squared; all in the same shape."""
    differences = palette.colours[index].astype(np.int32) - _colours(values)
    return np.asarray((differences**2).sum(axis=-1, dtype=np.int32))


def choose(
    sample: Iterable[Pixels], count: int, coarse: int | None = None, known: Collection[int] = ()
) -> Palette:
    """Return a palette of at most `count` colours, of which `coarse` (or all) can stand for the others.

    A colour that fills areas is kept exactly, and so is one of those `known`, as `numbers`, that is seen;
    others are shared out over what smoothing and shading need.
    """
    values, weights = _census(sample)
    fixed = np.flatnonzero(np.isin(values, np.array(sorted(known), np.uint32)))
    # Antialiasing needs the other half.
    fixed = fixed[np.argsort(-weights[fixed], kind="stable")][: count // 2]
    colours, weights = _clusters(_colours(values), weights, count, fixed)
    few = len(colours) if coarse is None else min(coarse, len(colours))
    chosen, _ = _clusters(colours, weights, few)
    members = _nearest(colours, chosen)
    return Palette(colours, members[_nearest(colours[members], colours)])


def packed(palette: Palette) -> bytes:
    """Return the palette as bytes."""
    return struct.pack("<H", len(palette.colours)) + palette.colours.tobytes() + palette.coarse.tobytes()


@lru_cache(maxsize=2)
def unpacked(data: bytes) -> Palette:
    """Return the palette that `packed` made these bytes of."""
    (count,) = struct.unpack_from("<H", data)
    table = np.frombuffer(data, np.uint8, offset=2)
    return Palette(table[: 3 * count].reshape(count, 3), table[3 * count :])


def _colours(values: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return np.stack([values >> 16, values >> 8 & 0xFF, values & 0xFF], axis=-1).astype(np.uint8)


def _nearest(palette: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return for colours `(n, 3)` the place of the nearest, the first if several, of a palette `(m, 3)`."""
    wide = palette.astype(np.float32)
    # Squared distances but for what all have in common; integers below 2²⁴, so that no rounding decides.
    distances = (wide**2).sum(axis=1) - 2 * (colours.astype(np.float32) @ wide.T)
    return np.asarray(distances.argmin(axis=1), np.uint8)


def _census(sample: Iterable[Pixels]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return all colours, and how many pixels have them."""
    runs = []
    for pixels in sample:
        flat = numbers(pixels).ravel()
        # A map is made of runs of one colour, and there are far fewer runs to sort than pixels.
        starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
        lengths = np.diff(starts, append=len(flat))
        runs.append(flat[starts].astype(np.uint64) << np.uint64(32) | lengths.astype(np.uint64))
    ordered = np.sort(np.concatenate(runs))
    values = (ordered >> np.uint64(32)).astype(np.uint32)
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    return values[first], np.add.reduceat((ordered & np.uint64(0xFFFFFFFF)).astype(np.int64), first)


def _clusters(
    colours: NDArray[np.uint8], weights: NDArray[np.int64], count: int, fixed: NDArray[np.intp] = _NONE
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return at most `count` colours, the `fixed` ones too, for all of `(n, 3)`, and the pixels of each."""
    if len(colours) <= count:
        return colours, weights
    from scipy.spatial import cKDTree

    points, loud = colours.astype(np.float64), weights.astype(np.float64) ** _LOUDNESS
    centres = _seeds(points, loud, count, fixed)
    for _ in range(_ROUNDS):
        owner = cKDTree(centres).query(points)[1]
        mass = np.bincount(owner, loud, minlength=count)
        kept = mass > 0
        kept[: len(fixed)] = False
        sums = [np.bincount(owner, loud * points[:, axis], minlength=count) for axis in range(3)]
        centres[kept] = np.stack(sums, axis=-1)[kept] / mass[kept, None]
    owner = cKDTree(centres).query(points)[1]
    found, owner = np.unique(owner, return_inverse=True)
    total = np.bincount(owner, weights)
    # A colour that makes up most of a cluster speaks for it, unchanged.
    order = np.lexsort((weights, owner))
    heaviest = order[np.flatnonzero(np.diff(owner[order], append=-1))]
    flat = (weights[heaviest] * 2 >= total) & (found >= len(fixed))
    chosen = np.where(flat[:, None], points[heaviest], np.rint(centres[found])).astype(np.uint8)
    distinct, places = np.unique(chosen, axis=0, return_inverse=True)
    return distinct, np.bincount(places.ravel(), total).astype(np.int64)


def _seeds(points: Floats, loud: Floats, count: int, fixed: NDArray[np.intp]) -> Floats:
    """Return the fixed points, and others far from them and from one another, loud ones first."""
    places = fixed.tolist() or [int(np.argmax(loud))]
    distance = np.min([_squared(points, points[place]) for place in places], axis=0)
    for _ in range(count - len(places)):
        places.append(int(np.argmax(loud * distance)))
        np.minimum(distance, _squared(points, points[places[-1]]), out=distance)
    return points[places]


def _squared(points: Floats, point: Floats) -> Floats:
    return np.asarray(np.sum((points - point) ** 2, axis=-1), np.float64)
