"""How far ink covers each pixel of an arrow's body, and how far along the way that pixel lies.

Both are settled once for the whole way: how much of a body is seen, and how pale which part of it is,
are then only a table from distance to opacity. So a growing and paling arrow costs little more than its
head. Coverage comes in *planes*: soft shadow, casing, body.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from animap.draw.limbs import GRADES, Edge, Ribs, Shape, Stamp, stamp_chunk, stamp_head
from animap.marks import Page
from animap.types import Floats

__all__ = ["Relief"]

_CHUNK = 8
"""Slices of a body that are worked out together."""


@dataclass(eq=False)
class Relief:
    """The body of a limb along its whole way, chunk by chunk; each is worked out when it is first seen."""

    shape: Shape
    body: Ribs
    cased: Ribs
    edge: Edge
    page: Page
    grades: Floats
    """Distance of each grade along the way, `(n,)`."""
    spans: list[tuple[int, int]]
    """The grades `(first, stop)` of each chunk."""
    firsts: NDArray[np.intp]
    """The first grade of each chunk."""
    _chunks: dict[int, Stamp | None] = field(default_factory=dict)
    _head: tuple[tuple[float, tuple[float, float]], Stamp | None] | None = None

    @classmethod
    def of(cls, shape: Shape, edge: Edge, page: Page) -> Relief | None:
        """Of a limb in pixels; None where its way has no length or it has no width."""
        body = Ribs.of(shape)
        if body is None:
            return None
        count = GRADES * body.slices
        grades = (np.arange(count, dtype=np.float64) + 0.5) * (body.slice / GRADES)
        firsts = np.arange(0, count, GRADES * _CHUNK)
        spans = [(i, min(i + GRADES * _CHUNK, count)) for i in firsts.tolist()]
        cased = body.grown(edge.casing) if edge.casing else body
        return cls(shape, body, cased, edge, page, grades, spans, firsts)

    def any_of(self, marked: NDArray[np.bool_]) -> list[int]:
        """The chunks that have any of the grades marked."""
        found: list[int] = np.flatnonzero(np.logical_or.reduceat(marked, self.firsts)).tolist()
        return found

    def chunk(self, number: int) -> Stamp | None:
        """A chunk's planes and grades; None off the page."""
        if number not in self._chunks:
            first, stop = (grade // GRADES for grade in self.spans[number])
            self._chunks[number] = stamp_chunk(self.body, self.cased, first, stop, self.edge, self.page)
        return self._chunks[number]

    def head(self, tip: float, head: tuple[float, float]) -> Stamp | None:
        """The head (width, length) of the limb where its tip is, its round end if it has none; the same
        object as the last one if that was there; None off the page."""
        if self._head is None or self._head[0] != (tip, head):
            shape = self.shape
            limb = Shape(shape.xy, shape.width, shape.tail, head, shape.swallow, shape.joined, tip)
            self._head = (tip, head), stamp_head(limb, self.body, self.edge, self.page)
        return self._head[1]
