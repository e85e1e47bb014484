"""Stamps: how far ink covers each pixel of a head, or of some slices of a body, and how they are printed."""

from __future__ import annotations

import math
from collections.abc import Callable
from ctypes import POINTER, Structure, c_double, c_int32, c_int64, c_void_p
from dataclasses import dataclass
from threading import local
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from animap.draw.limbs import Body, Limb, Ribs, Shape, limb_of
from animap.draw.tiles import Grid, grid_of
from animap.marks import Page
from animap.native import LIBRARY, address
from animap.types import Pixels, Rect

__all__ = ["GRADES", "Edge", "Stamp", "stamp_chunk", "stamp_head"]

GRADES = 4
"""Steps of distance in a slice of a body, as the press counts them."""
_NO_ROOM = -2
_PIXELS = 1 << 16
"""Room to begin with."""


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

    def record(self, shade: int = 0) -> tuple[int, int, int, Rect, int]:
        """For a list of the type `STAMP`, without shades for its grades."""
        return address(self.planes), address(self.grades), 0, self.rect, shade


class _Edge(Structure):
    _fields_ = (("casing", c_double), ("soft", c_double), ("right", c_int32), ("down", c_int32))


class _Desk(Structure):
    _fields_ = (("planes", c_void_p), ("grades", c_void_p), ("room", c_int64), ("rect", c_int32 * 4))


def _declared(library: Any) -> Any:
    body, edge, desk = POINTER(Body), POINTER(_Edge), POINTER(_Desk)
    library.stamp_head.argtypes = [POINTER(Limb), body, edge, Grid, desk]
    library.stamp_chunk.argtypes = [body, body, c_int64, c_int64, edge, Grid, desk]
    return library


_PRESS = _declared(LIBRARY)


def stamp_head(shape: Shape, body: Ribs, edge: Edge, page: Page) -> Stamp | None:
    """The head of a limb in pixels, on its body, or its round end where it has none; None off the page."""
    limb, _held = limb_of(shape)

    def press(around: _Edge, room: _Room) -> int:
        found: int = _PRESS.stamp_head(limb, body.record, around, grid_of(page), room.heads)
        return found

    return _stamped(press, edge, graded=False)


def stamp_chunk(body: Ribs, cased: Ribs, first: int, last: int, edge: Edge, page: Page) -> Stamp | None:
    """Some slices of a body, which is `cased` with its casing; None off the page. Its grades count from the
    first slice on."""

    def press(around: _Edge, room: _Room) -> int:
        found: int = _PRESS.stamp_chunk(
            body.record, cased.record, first, last, around, grid_of(page), room.chunks
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
