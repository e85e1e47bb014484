"""What Python knows of limbs in `animap/c/`: they become rings to be filled, and ribs of a body."""

from __future__ import annotations

import math
from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_double, c_int32, c_int64, c_void_p
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from animap.marks import Paths
from animap.native import LIBRARY, Rings, address
from animap.types import Floats

__all__ = ["Body", "Limb", "Outline", "Ribs", "Shape", "draw_limbs", "limb_of"]

_ALONG, _COLUMNS = 6, 9
_RIBS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a limb is like; lengths in the unit of its path `xy` `(n, 2)`, the rest as in `marks.Limb`.

    With a `tip` the body tapers over the whole path, without one as far as its head.
    """

    xy: Floats
    width: float
    tail: float
    head: tuple[float, float]
    swallow: float = 0.0
    joined: bool = False
    tip: float = math.inf


class Outline(NamedTuple):
    """One figure that limbs can be drawn as: of each the part from one of the `starts` on, `grow` wider on
    all sides, the heads by `grow_heads`; moved by an offset."""

    starts: Sequence[float]
    grow: float = 0.0
    grow_heads: float = 0.0
    right: float = 0.0
    up: float = 0.0


class Limb(Structure):
    """A limb as the press reads it."""

    _fields_ = (
        ("xy", c_void_p), ("length", c_int64), ("tip", c_double), ("width", c_double), ("tail", c_double),
        ("head_width", c_double), ("head_length", c_double), ("swallow", c_double), ("joined", c_int32),
    )  # fmt: skip


class Body(Structure):
    """A body as the press reads it."""

    _fields_ = (
        ("ribs", c_void_p), ("count", c_int64), ("notch", c_double), ("joined", c_int32),
        ("round_end", c_int32),
    )  # fmt: skip


def _declared(library: Any) -> Any:
    at, number, count = c_void_p, c_int32, c_int64
    library.draw_limbs.argtypes = [at, number, at, number, at, POINTER(Rings), at]
    library.lay_ribs.argtypes = [POINTER(Limb), at, count, POINTER(c_double)]
    library.lay_ribs.restype = library.grow_ribs.restype = count
    library.grow_ribs.argtypes = [POINTER(Body), c_double, at]
    return library


_PRESS = _declared(LIBRARY)


def draw_limbs(shapes: Sequence[Shape], outlines: Sequence[Outline]) -> list[Paths]:
    """Each outline as rings, all counter-clockwise where y is upward, that are to be filled together by
    winding; each ends where it began. A limb begins with its head, if it has one and is not all cut off.

    Limbs without length or width, or with anything that is not finite but the tip, leave nothing.
    """
    limbs, held = (Limb * len(shapes))(), []
    for place, shape in enumerate(shapes):
        limbs[place], xy = limb_of(shape)
        held.append(xy)
    starts = np.array([outline.starts for outline in outlines], np.float64)
    figures = np.array([outline[1:] for outline in outlines], np.float64)
    stops, rings = np.empty(len(outlines), np.int64), Rings()
    points, begins, _ = rings.taken(
        _PRESS.draw_limbs(
            limbs, len(shapes), address(figures), len(outlines), address(starts), byref(rings), address(stops)
        )
    )
    paths, first = [], 0
    for stop in stops.tolist():
        begin, end = begins[first], begins[stop]
        paths.append(Paths(points[begin:end], begins[first:stop] - begin))
        first = stop
    return paths


def limb_of(shape: Shape) -> tuple[Limb, Floats]:
    """A limb as the press reads it, and the array that has to live as long."""
    xy = np.ascontiguousarray(shape.xy, np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ValueError(f"points of shape {xy.shape} are no way")
    head_width, head_length = shape.head
    return Limb(
        address(xy), len(xy), shape.tip, shape.width, shape.tail, head_width, head_length,
        shape.swallow, shape.joined,
    ), xy  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Ribs:
    """A body in even slices, with a rib across it between any two and at both ends: `(n, 9)`, n ≥ 2 (see
    `Rib` in `c/limbs.h`), and the notch of its tail."""

    table: Floats
    notch: float
    joined: bool
    record: Body = field(init=False)

    def __post_init__(self) -> None:
        body = Body(address(self.table), len(self.table), self.notch, self.joined, False)
        object.__setattr__(self, "record", body)

    @classmethod
    def of(cls, shape: Shape) -> Ribs | None:
        """Of a limb without regard to its head; None where it has no length or no width."""
        (limb, _held), notch = limb_of(shape), c_double()
        table = np.empty((_RIBS, _COLUMNS))
        count = _PRESS.lay_ribs(byref(limb), address(table), len(table), byref(notch))
        if count > len(table):
            table = np.empty((count, _COLUMNS))
            count = _PRESS.lay_ribs(byref(limb), address(table), len(table), byref(notch))
        if count < 0:
            raise MemoryError
        return cls(table[:count].copy(), notch.value, shape.joined) if count else None

    def grown(self, grow: float) -> Ribs:
        """The body wider on both sides, and longer at its tail."""
        table = np.empty((len(self.table) + 1, _COLUMNS))
        count = _PRESS.grow_ribs(byref(self.record), grow, address(table))
        return Ribs(table[:count], 0.0, self.joined)

    @property
    def slices(self) -> int:
        """How many there are."""
        return len(self.table) - 1

    @property
    def slice(self) -> float:
        """How long each is."""
        return float(self.table[1, _ALONG])
