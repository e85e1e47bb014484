"""Rectangles of pixels."""

from __future__ import annotations

from animap.types import Rect

__all__ = ["touch"]


def touch(a: Rect, b: Rect) -> bool:
    """Whether two rectangles share a pixel."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
