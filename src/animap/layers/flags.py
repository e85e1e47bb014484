"""Signs of nations as of 1944, drawn by us: flags and cockades cut to a disc, simplified to be read small."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.marks import Badge, Paths, Space
from animap.style import Pen
from animap.types import Floats

__all__ = ["SIGNS", "roundel"]

_DISC = shapely.Point(0, 0).buffer(1, quad_segs=24)
Parts = Sequence[tuple[BaseGeometry, str]]
_WHITE, _BLACK = "#f7f5ef", "#1d1b19"


def roundel(
    nation: str, at: tuple[float, float], radius: float, edge: Pen | None = None, space: Space = "map"
) -> Badge | None:
    """The sign of a nation about a place; `radius` in units. None for a nation that has no sign here."""
    parts = _cut(nation)
    return Badge(at=at, radius=radius, parts=parts, edge=edge, space=space) if parts else None


@lru_cache(maxsize=64)
def _cut(nation: str) -> tuple[tuple[Paths, str], ...]:
    draw = SIGNS.get(nation)
    shapes = [(_DISC.intersection(shape), colour) for shape, colour in draw()] if draw else []
    return tuple((Paths.of_geometry(shape), colour) for shape, colour in shapes if not shape.is_empty)


def _box(left: float, top: float, right: float, bottom: float) -> shapely.Polygon:
    return shapely.box(left, top, right, bottom)


def _bands(colours: Sequence[str], *, upright: bool) -> Parts:
    """Equal bands; each lies over the one before it, so that no gap shows between them."""
    edges = np.linspace(-1, 1, len(colours) + 1)[:-1].tolist()
    return [
        (_box(e, -1, 1, 1) if upright else _box(-1, e, 1, 1), colour)
        for e, colour in zip(edges, colours, strict=True)
    ]


def _star(x: float, y: float, radius: float) -> shapely.Polygon:
    turn = np.arange(10) * math.pi / 5
    reach = radius * np.where(np.arange(10) % 2, 0.382, 1.0)
    ring: Floats = np.column_stack([x + reach * np.sin(turn), y - reach * np.cos(turn)])
    return shapely.Polygon(ring)


def _lines(width: float, *ends: tuple[tuple[float, float], tuple[float, float]]) -> BaseGeometry:
    return shapely.union_all([shapely.LineString(e).buffer(width / 2, cap_style="flat") for e in ends])


_DIAGONALS = (((-1.5, -1.5), (1.5, 1.5)), ((-1.5, 1.5), (1.5, -1.5)))
_CROSS = (((-1.5, 0.0), (1.5, 0.0)), ((0.0, -1.5), (0.0, 1.5)))


def _union_flag() -> Parts:
    return [
        (_DISC, "#1f3a78"),
        (_lines(0.36, *_DIAGONALS), _WHITE),
        (_lines(0.13, *_DIAGONALS), "#c4262e"),
        (_lines(0.56, *_CROSS), _WHITE),
        (_lines(0.32, *_CROSS), "#c4262e"),
    ]


def _red_ensign() -> Parts:
    """Canada's flag in the war: the Union flag in the canton, the shield in the fly; both bare outlines."""
    canton = _box(-1, -1, 0.0, 0.04)
    middle = (((-1.0, -0.42), (0.0, -0.42)), ((-0.46, -1.0), (-0.46, 0.04)))
    shield = shapely.Polygon([(0.14, -0.36), (0.84, -0.36), (0.84, 0.2), (0.49, 0.64), (0.14, 0.2)])
    return [
        (_DISC, "#c4262e"),
        (canton, "#1f3a78"),
        (_lines(0.34, *middle).intersection(canton), _WHITE),
        (_lines(0.18, *middle).intersection(canton), "#c4262e"),
        (shield.buffer(0.05, join_style="mitre"), _WHITE),
        (shield.intersection(_box(0, -1, 1, 0.05)), "#d9a520"),
    ]


def _white_star() -> Parts:
    """The star in a ring that American vehicles carried."""
    return [
        (_DISC, "#2b3f63"),
        (_star(0, 0.03, 0.86), _WHITE),
    ]


def _czechoslovak() -> Parts:
    return [
        *_bands((_WHITE, "#c8202f"), upright=False),
        (shapely.Polygon([(-1.05, -1), (0.05, 0), (-1.05, 1)]), "#1d4f91"),
    ]


def _beam_cross() -> Parts:
    arms = (((-0.72, 0.0), (0.72, 0.0)), ((0.0, -0.72), (0.0, 0.72)))
    return [(_DISC, "#8d8a83"), (_lines(0.56, *arms), _WHITE), (_lines(0.3, *arms), _BLACK)]


def _norwegian() -> Parts:
    cross = (((-1.5, 0.0), (1.5, 0.0)), ((-0.25, -1.5), (-0.25, 1.5)))
    return [(_DISC, "#ba2332"), (_lines(0.56, *cross), _WHITE), (_lines(0.28, *cross), "#1f3a78")]


SIGNS: dict[str, Callable[[], Parts]] = {
    "BE": lambda: _bands((_BLACK, "#f2c230", "#d02c35"), upright=True),
    "CA": _red_ensign,
    "CZ": _czechoslovak,
    "DE": _beam_cross,
    "FR": lambda: _bands(("#20408f", _WHITE, "#d02c35"), upright=True),
    "GB": _union_flag,
    "NL": lambda: _bands(("#ae1c28", _WHITE, "#21468b"), upright=False),
    "NO": _norwegian,
    "PL": lambda: _bands((_WHITE, "#cf2a3c"), upright=False),
    "SU": lambda: [(_DISC, "#c4262e"), (_star(0, 0.03, 0.62), "#f0c33c")],
    "US": _white_star,
}
"""How each nation's sign is drawn, in the unit disc, y downward, from the bottom up."""
