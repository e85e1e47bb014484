"""What Python knows of limbs in `c/`: they become rings to be filled, ribs of a body, stamps of pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from ctypes import POINTER, Structure, byref, c_double, c_int32, c_int64, c_void_p, memmove
from dataclasses import dataclass, field
from functools import lru_cache
from threading import local
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.draw.library import LIBRARY, address
from animap.draw.tiles import across
from animap.marks import Page, Paths
from animap.types import Floats, Pixels, Rect

__all__ = ["GRADES", "Edge", "Outline", "Ribs", "Shape", "Stamp", "draw_limbs", "stamp_chunk", "stamp_head"]

GRADES = 4
"""Steps of distance in a slice of a body, as the press counts them."""
_NO_ROOM = -2
_ALONG, _COLUMNS = 6, 9
_RIBS = 512
_PIXELS = 1 << 16
"""Room to begin with."""


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


class Edge(NamedTuple):
    """What lies round a body, in pixels: width of its casing; offset (right, down) and blur of its shadow,
    none where that is nothing."""

    casing: float = 0.0
    shift: tuple[int, int] = (0, 0)
    soft: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """Planes `(3, h, w)` of shadow, casing and body over a rectangle of the page; `grades`, of the same
    shape, say where on its chunk of the way each pixel lies, None where that is the same for all."""

    rect: Rect
    planes: Pixels
    grades: NDArray[np.uint16] | None = None


class _Page(Structure):
    _fields_ = (("width", c_int32), ("height", c_int32), ("columns", c_int32))


class _Limb(Structure):
    _fields_ = (
        ("xy", c_void_p), ("length", c_int64), ("tip", c_double), ("width", c_double), ("tail", c_double),
        ("head_width", c_double), ("head_length", c_double), ("swallow", c_double), ("joined", c_int32),
    )  # fmt: skip


class _Rings(Structure):
    _fields_ = (
        ("points", c_void_p), ("starts", c_void_p), ("closed", c_void_p), ("length", c_int64),
        ("count", c_int64), ("room", c_int64), ("places", c_int64), ("failed", c_int32),
    )  # fmt: skip


class _Body(Structure):
    _fields_ = (
        ("ribs", c_void_p), ("count", c_int64), ("notch", c_double), ("joined", c_int32),
        ("round_end", c_int32),
    )  # fmt: skip


class _Edge(Structure):
    _fields_ = (("casing", c_double), ("soft", c_double), ("right", c_int32), ("down", c_int32))


class _Desk(Structure):
    _fields_ = (("planes", c_void_p), ("grades", c_void_p), ("room", c_int64), ("rect", c_int32 * 4))


def _declared(library: Any) -> Any:
    at, number, count = c_void_p, c_int32, c_int64
    library.draw_limbs.argtypes = [at, number, at, number, at, POINTER(_Rings), at]
    library.drop_rings.argtypes = [POINTER(_Rings)]
    library.lay_ribs.argtypes = [POINTER(_Limb), at, count, POINTER(c_double)]
    library.lay_ribs.restype = library.grow_ribs.restype = count
    library.grow_ribs.argtypes = [POINTER(_Body), c_double, at]
    library.stamp_head.argtypes = [POINTER(_Limb), POINTER(_Body), POINTER(_Edge), _Page, POINTER(_Desk)]
    library.stamp_chunk.argtypes = [
        POINTER(_Body), POINTER(_Body), count, count, POINTER(_Edge), _Page, POINTER(_Desk),
    ]  # fmt: skip
    return library


_PRESS = _declared(LIBRARY)


def draw_limbs(shapes: Sequence[Shape], outlines: Sequence[Outline]) -> list[Paths]:
    """Each outline as rings, all counter-clockwise where y is upward, that are to be filled together by
    winding; each ends where it began. A limb begins with its head, if it has one and is not all cut off.

    Limbs without length or width, or with anything that is not finite but the tip, leave nothing.
    """
    limbs, held = (_Limb * len(shapes))(), []
    for place, shape in enumerate(shapes):
        limbs[place], xy = _limb(shape)
        held.append(xy)
    starts = np.array([outline.starts for outline in outlines], np.float64)
    figures = np.array([outline[1:] for outline in outlines], np.float64)
    stops, rings = np.empty(len(outlines), np.int64), _Rings()
    try:
        failed = _PRESS.draw_limbs(
            limbs, len(shapes), address(figures), len(outlines), address(starts), byref(rings), address(stops)
        )
        if failed:
            raise MemoryError
        points, begins = np.empty((rings.length, 2)), np.empty(rings.count + 1, np.int64)
        memmove(address(points), rings.points, points.nbytes)
        memmove(address(begins), rings.starts, begins.nbytes)
    finally:
        _PRESS.drop_rings(byref(rings))
    paths, first = [], 0
    for stop in stops.tolist():
        begin, end = begins[first], begins[stop]
        paths.append(Paths(points[begin:end], begins[first:stop] - begin))
        first = stop
    return paths


def _limb(shape: Shape) -> tuple[_Limb, Floats]:
    """A limb as the press reads it, and the array that has to live as long."""
    xy = np.ascontiguousarray(shape.xy, np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ValueError(f"points of shape {xy.shape} are no way")
    head_width, head_length = shape.head
    return _Limb(
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
    record: _Body = field(init=False)

    def __post_init__(self) -> None:
        body = _Body(address(self.table), len(self.table), self.notch, self.joined, False)
        object.__setattr__(self, "record", body)

    @classmethod
    def of(cls, shape: Shape) -> Ribs | None:
        """Of a limb without regard to its head; None where it has no length or no width."""
        (limb, _held), notch = _limb(shape), c_double()
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


def stamp_head(shape: Shape, body: Ribs, edge: Edge, page: Page) -> Stamp | None:
    """The head of a limb in pixels, on its body, or its round end where it has none; None off the page."""
    limb, _held = _limb(shape)

    def press(around: _Edge, room: _Room) -> int:
        found: int = _PRESS.stamp_head(limb, body.record, around, _sheet(page), room.heads)
        return found

    return _stamped(press, edge, graded=False)


def stamp_chunk(body: Ribs, cased: Ribs, first: int, last: int, edge: Edge, page: Page) -> Stamp | None:
    """Some slices of a body, which is `cased` with its casing; None off the page. Its grades count from the
    first slice on."""

    def press(around: _Edge, room: _Room) -> int:
        found: int = _PRESS.stamp_chunk(
            body.record, cased.record, first, last, around, _sheet(page), room.chunks
        )
        return found

    return _stamped(press, edge, graded=True)


def _stamped(press: Callable[[_Edge, _Room], int], edge: Edge, *, graded: bool) -> Stamp | None:
    around = _Edge(edge.casing, edge.soft, *edge.shift)
    room: _Room = getattr(_here, "room", None) or _Room(_PIXELS)
    found = press(around, room)
    while found == _NO_ROOM:
        room = _Room(room.needed(graded=graded))
        found = press(around, room)
    _here.room = room
    if found < 0:
        raise MemoryError
    return room.stamp(graded=graded) if found else None


class _Room:
    """Where one thread's stamps are made, of so many pixels at most."""

    def __init__(self, pixels: int) -> None:
        self._planes, self._grades = np.empty(3 * pixels, np.uint8), np.empty(3 * pixels, np.uint16)
        self.heads = _Desk(address(self._planes), 0, pixels)
        self.chunks = _Desk(address(self._planes), address(self._grades), pixels)

    def _rect(self, *, graded: bool) -> Rect:
        left, top, right, bottom = (self.chunks if graded else self.heads).rect
        return left, top, right, bottom

    def needed(self, *, graded: bool) -> int:
        """The pixels of the stamp for which there was no room."""
        left, top, right, bottom = self._rect(graded=graded)
        return (right - left) * (bottom - top)

    def stamp(self, *, graded: bool) -> Stamp:
        """The stamp that was made here, copied."""
        rect = left, top, right, bottom = self._rect(graded=graded)
        shape = 3, bottom - top, right - left
        size = math.prod(shape)
        grades = self._grades[:size].reshape(shape).copy() if graded else None
        return Stamp(rect, self._planes[:size].reshape(shape).copy(), grades)


_here = local()


@lru_cache(maxsize=16)
def _sheet(page: Page) -> _Page:
    return _Page(page.width, page.height, across(page.width))
