"""How far ink covers each pixel of an arrow's body, and how far along the way that pixel lies.

Both are settled once for the whole way: how much of a body is seen, and how pale which part of it is,
are then only a table from distance to opacity. So a growing and paling arrow costs little more than its
head. Coverage comes in *planes*: soft shadow, casing, body.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from animap.draw.limbs import Ribs, Shape
from animap.draw.press import STAMP
from animap.draw.stamps import GRADES, Edge, Stamp, stamp_chunk, stamp_head
from animap.marks import Page
from animap.native import address
from animap.types import Floats, Rect

__all__ = ["Relief"]

_CHUNK = 8
"""Slices of a body that are worked out together."""


class Relief:
    """The body of a limb along its whole way, chunk by chunk; each is worked out when it is first seen."""

    def __init__(self, shape: Shape, body: Ribs, edge: Edge, page: Page) -> None:
        count = GRADES * body.slices
        self.grades: Floats = (np.arange(count, dtype=np.float64) + 0.5) * (body.slice / GRADES)
        """Distance of each grade along the way, `(n,)`."""
        self._shape, self._body, self._edge, self._page = shape, body, edge, page
        self._cased = body.grown(edge.casing) if edge.casing else body
        self._firsts = np.arange(0, count, GRADES * _CHUNK)
        self._list = np.zeros(len(self._firsts), STAMP)
        self._known = np.zeros(len(self._firsts), np.bool_)
        self._stamps: list[Stamp] = []
        self._head: tuple[float, tuple[float, float], Stamp | None] | None = None

    @classmethod
    def of(cls, shape: Shape, edge: Edge, page: Page) -> Relief | None:
        """Of a limb in pixels; None where its way has no length or it has no width."""
        body = Ribs.of(shape)
        return cls(shape, body, edge, page) if body else None

    def stamps(self, shades: NDArray[np.uint8]) -> NDArray[Any]:
        """What has ink on the page, given how opaque each grade is: a list of the type `STAMP`, good as long
        as the shades are."""
        numbers = self._marked(shades != 0)
        stamps: NDArray[Any] = self._list[numbers]
        stamps["shades"] = self._firsts[numbers].astype(np.uint64) + np.uint64(address(shades))
        return stamps

    def rects(self, marked: NDArray[np.bool_]) -> list[Rect]:
        """The rectangles of the page in which any of the grades marked can have ink."""
        found: list[Rect] = self._list["rect"][self._marked(marked)].tolist()
        return found

    def _marked(self, marked: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The chunks on the page that have any of the grades marked."""
        numbers = np.flatnonzero(np.logical_or.reduceat(marked, self._firsts))
        for number in numbers[~self._known[numbers]].tolist():
            self._make(number)
        here: NDArray[np.intp] = numbers[self._list["planes"][numbers] != 0]
        return here

    def _make(self, number: int) -> None:
        first = number * _CHUNK
        last = min(first + _CHUNK, self._body.slices)
        stamp = stamp_chunk(self._body, self._cased, first, last, self._edge, self._page)
        if stamp is not None:
            self._stamps.append(stamp)
            self._list[number] = stamp.record()
        self._known[number] = True

    def head(self, tip: float, head: tuple[float, float]) -> Stamp | None:
        """The head (width, length) of the limb where its tip is, its round end if it has none; the same
        object as the last one if that was there; None off the page."""
        made = self._head
        if made is None or made[:2] != (tip, head):
            shape = self._shape
            limb = Shape(shape.xy, shape.width, shape.tail, head, shape.swallow, shape.joined, tip)
            made = self._head = (tip, head, stamp_head(limb, self._body, self._edge, self._page))
        return made[2]
