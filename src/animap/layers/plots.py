"""Boxes that are taken for some seconds of film, found by the squares of the page that they touch."""

from __future__ import annotations

import math

from animap.layers.base import Rect

__all__ = ["Plots"]

_SIDE = 96.0
"""Units of a square: about as long as a name."""


class Plots:
    """Boxes with their film seconds and owners.

    A square holds few of them, however many there are on the page, so that it is quicker to go through
    these one by one than through all at once in arrays.
    """

    def __init__(self) -> None:
        self._squares: dict[tuple[int, int], list[tuple[int, float, float, float, float, float, float]]] = {}
        self._where: dict[int, set[tuple[int, int]]] = {}

    def add(self, owner: int, box: Rect, span: tuple[float, float]) -> None:
        """Take a box (units) from one film second to another; an owner may have several."""
        for square in _squares(box):
            self._squares.setdefault(square, []).append((owner, *box, *span))
            self._where.setdefault(owner, set()).add(square)

    def remove(self, owner: int) -> None:
        """Give back all that an owner has taken."""
        for square in self._where.pop(owner, ()):
            self._squares[square] = [plot for plot in self._squares[square] if plot[0] != owner]

    def touched(self, box: Rect, span: tuple[float, float], most: float = math.inf) -> set[int]:
        """Owners of what a box would cover in these seconds, `most` of them at most; sharing an edge is no
        covering."""
        left, top, right, bottom = box
        start, stop = span
        found: set[int] = set()
        for square in _squares(box):
            for owner, x0, y0, x1, y1, begun, done in self._squares.get(square, ()):
                if x0 < right and left < x1 and y0 < bottom and top < y1 and begun < stop and start < done:
                    found.add(owner)
                    if len(found) >= most:
                        return found
        return found


def _squares(box: Rect) -> list[tuple[int, int]]:
    left, top = math.floor(box[0] / _SIDE), math.floor(box[1] / _SIDE)
    right, bottom = math.floor(box[2] / _SIDE), math.floor(box[3] / _SIDE)
    if left == right and top == bottom:
        return [(left, top)]
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
