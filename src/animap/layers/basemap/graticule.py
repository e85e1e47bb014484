"""Meridians and parallels of round degrees."""

from __future__ import annotations

import math

import numpy as np

from animap.geo.projection import Projection
from animap.layers.base import Candidate, Name, Setting
from animap.layers.basemap.contents import Contents
from animap.layers.lettering import text_box
from animap.marks import Line, Paths, Text
from animap.style import Pen
from animap.types import Floats

__all__ = ["graticule", "graticule_names", "round_step"]

_STEPS = (1 / 12, 1 / 6, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_LINES = 5
"""About how many lines there are along the shorter side."""


def round_step(degrees: float) -> float:
    """Degrees from line to line where a side of the picture has so many."""
    return min(_STEPS, key=lambda step: abs(math.log(step * _LINES / degrees)))


def graticule(projection: Projection, pen: Pen, setting: Setting) -> Line:
    """All lines as one mark, drawn beyond the page."""
    return Line(paths=Paths.of(xy for _, _, xy in _lines(projection, setting)), pen=pen)


def graticule_names(contents: Contents, setting: Setting) -> list[Name]:
    """Degrees at the edge of the page, where the style letters them: meridians at its foot or head, parallels
    at its sides."""
    lettering = setting.style.basemap.graticule_label
    if lettering is None or setting.style.basemap.graticule is None:
        return []
    names = []
    page, size = setting.page, lettering.size
    for upright, degrees, xy in _lines(contents.projection, setting):
        on_page = setting.view.to_page(xy, page)
        text = _degrees(degrees, "EW" if upright else "NS")
        candidates = []
        for cost, side in enumerate((page.down - size, size * 1.5) if upright else (size * 0.8, None)):
            if upright:
                assert side is not None
                x = float(np.interp(side, *_rising(on_page[:, 1], on_page[:, 0])))
                at, align = (x + size * 0.25, side), "left"
            else:
                x = side if side is not None else page.across - size * 0.8
                y = float(np.interp(x, *_rising(on_page[:, 0], on_page[:, 1])))
                at, align = (x, y - size * 0.3), "left" if side is not None else "right"
            mark = Text(text=text, at=at, lettering=lettering, align=align)  # type: ignore[arg-type]
            box = text_box(text, lettering, *at, align)  # type: ignore[arg-type]
            candidates.append(Candidate((mark,), (box,), float(cost)))
        names.append(Name(f"graticule:{text}", tuple(candidates), 40.0))
    return names


def _lines(projection: Projection, setting: Setting) -> list[tuple[bool, float, Floats]]:
    """(is a meridian, its degrees, points in map metres) of every line that may meet the page."""
    left, bottom, right, top = setting.bounds
    half, tall = (right - left) / 2 * 1.04, (top - bottom) / 2 * 1.04
    middle = ((left + right) / 2, (bottom + top) / 2)
    t = np.linspace(-1, 1, 40)
    one = np.ones_like(t)
    rim = np.concatenate([np.column_stack(s) for s in ((t, -one), (t, one), (-one, t), (one, t))])
    degrees = projection.degrees(rim * [half, tall] + middle)
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    step = round_step(min((east - west) * math.cos(math.radians((south + north) / 2)), north - south))
    lat, lon = np.linspace(south, north, 60), np.linspace(west, east, 60)
    meridians = [n * step for n in range(math.ceil(west / step), math.floor(east / step) + 1)]
    parallels = [n * step for n in range(math.ceil(south / step), math.floor(north / step) + 1)]
    return [
        *((True, v, projection.points(np.column_stack([np.full(60, v), lat]))) for v in meridians),
        *((False, v, projection.points(np.column_stack([lon, np.full(60, v)]))) for v in parallels),
    ]


def _rising(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return (x, y) if x[0] < x[-1] else (x[::-1], y[::-1])


def _degrees(value: float, letters: str) -> str:
    """As atlases write it: 51°30′ N."""
    minutes = round(abs(value) * 60)
    text = f"{minutes // 60}°" + (f"{minutes % 60:02d}′" if minutes % 60 else "")
    return text if not minutes else f"{text} {letters[0] if value > 0 else letters[1]}"
