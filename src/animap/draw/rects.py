"""Rectangles of pixels: what changed, in few pieces that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable

from animap.types import Rect

__all__ = ["area", "bounding", "merged", "touch"]

_SLACK = 1.3


def area(rect: Rect) -> int:
    """Pixels in a rectangle."""
    return max(0, rect[2] - rect[0]) * max(0, rect[3] - rect[1])


def touch(a: Rect, b: Rect) -> bool:
    """Whether two rectangles share a pixel."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def bounding(a: Rect, b: Rect) -> Rect:
    """Smallest rectangle that holds both."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def merged(rects: Iterable[Rect]) -> list[Rect]:
    """Few rectangles that cover all and do not overlap.

    Two become one where they overlap, or where the one around both is hardly larger than the two.
    """
    result: list[Rect] = []
    for rect in rects:
        if not area(rect):
            continue
        grown = True
        while grown:
            grown = False
            for other in result:
                both = bounding(rect, other)
                if touch(rect, other) or area(both) <= _SLACK * (area(rect) + area(other)):
                    result.remove(other)
                    rect, grown = both, True
                    break
        result.append(rect)
    return sorted(result)
