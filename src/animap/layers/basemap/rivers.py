"""Names of rivers, set in a smooth line beside their straightest stretches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.lines import lengths
from animap.layers.base import Candidate, Name, Rect, Setting
from animap.layers.basemap.contents import Contents
from animap.layers.lettering import width_of
from animap.marks import TextAlong
from animap.style import Lettering
from animap.types import Floats

__all__ = ["river_names"]

_PRIORITY, _LIMIT = 30.0, 5.0
_SAMPLES = 40
_STRETCHES = 14
"""Best stretches of a river that its name may choose from."""
_ROUNDEST = 3.2
"""Radius of the tightest bend that letters may follow, in sizes of the type."""
_DEGREE = 3
"""Of the curve that letters stand on: no more than one bend each way."""


def river_names(contents: Contents, setting: Setting) -> list[Name]:
    """One name a river, of those that the picture shows long enough."""
    lettering = setting.style.basemap.river_name
    if lettering is None:
        return []
    lines: dict[str, list[BaseGeometry]] = {}
    ranks: dict[str, int] = {}
    for river in contents.rivers:
        text = setting.book.pick(river.names)
        if text and river.rank <= setting.style.basemap.river_name_rank:
            lines.setdefault(text, []).append(river.line)
            ranks[text] = min(ranks.get(text, 99), river.rank)
    names = []
    for text, parts in lines.items():
        candidates = _candidates(text, parts, lettering, setting)
        if candidates:
            names.append(Name(f"river:{text}", candidates, _PRIORITY + ranks[text], limit=_LIMIT))
    return names


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    """Pieces of a river `(m, n, 2)` in units, and the curves fitted to them, all left to right."""

    rivers: Floats
    curves: Floats

    @property
    def wiggles(self) -> Floats:
        """How far the river leaves each curve, units."""
        off = self.rivers - self.curves
        most: Floats = np.hypot(off[..., 0], off[..., 1]).max(axis=1)
        return most

    @property
    def tightest(self) -> Floats:
        """Smallest radius of each curve, units."""
        d = np.gradient(self.curves, axis=1)
        dd = np.gradient(d, axis=1)
        turn = np.abs(d[..., 0] * dd[..., 1] - d[..., 1] * dd[..., 0])[:, 2:-2]
        least: Floats = (np.hypot(d[..., 0], d[..., 1])[:, 2:-2] ** 3 / np.maximum(turn, 1e-12)).min(axis=1)
        return least

    @property
    def bends(self) -> Floats:
        """How much each curve turns in all, radians."""
        d = np.diff(self.curves, axis=1)
        whole: Floats = np.abs(np.diff(np.unwrap(np.arctan2(d[..., 1], d[..., 0])), axis=1)).sum(axis=1)
        return whole

    @property
    def steepness(self) -> Floats:
        """How far each curve leads up or down, radians."""
        d = self.curves[:, -1] - self.curves[:, 0]
        slope: Floats = np.abs(np.arctan2(d[:, 1], d[:, 0]))
        return slope


def _candidates(
    text: str, parts: list[BaseGeometry], lettering: Lettering, setting: Setting
) -> tuple[Candidate, ...]:
    size, width = lettering.size, width_of(text, lettering, setting.book.language)
    need = width + size * 0.6
    found = []
    for line in _on_page(parts, setting):
        pieces = _stretches(line, need)
        wiggles = pieces.wiggles
        costs = pieces.bends * 2.0 + wiggles / size * 2.5 + pieces.steepness * 0.6
        gentle = np.flatnonzero(pieces.tightest >= size * _ROUNDEST)
        found += [(float(costs[n]), float(wiggles[n]), pieces.curves[n]) for n in gentle]
    found.sort(key=lambda one: one[0])
    candidates = []
    for cost, wiggle, curve in found[:_STRETCHES]:
        for side in (-1.0, 1.0):
            # Beside the water and not on it, whatever small bends it takes.
            off = size * 0.52 + min(wiggle, size * 0.6)
            path = _beside(curve, side * off)
            on_map = setting.view.to_map(path, setting.page)
            mark = TextAlong(text=text, xy=on_map, lettering=lettering, language=setting.book.language)
            candidates.append(Candidate((mark,), _boxes(path, size), cost + (side > 0) * 0.4))
    return tuple(candidates)


def _on_page(parts: list[BaseGeometry], setting: Setting) -> Iterator[Floats]:
    """A river's lines inside the page, `(n, 2)` in units."""
    view, page = setting.view, setting.page
    frame = shapely.box(*view.bounds(page))
    merged = shapely.line_merge(shapely.union_all(parts))
    for line in shapely.get_parts(shapely.intersection(merged, frame)):
        if line.geom_type == "LineString" and not line.is_empty:
            yield view.to_page(shapely.get_coordinates(line), page)


def _stretches(line: Floats, need: float) -> _Stretches:
    """Pieces of a line that hold `need` units of letters, with the curves on which these would stand."""
    along = lengths(line)
    starts = np.arange(0.0, along[-1] - need, need / 4)
    rivers, curves = np.empty((2, len(starts), _SAMPLES, 2))
    fits = np.zeros(len(starts), dtype=bool)
    # A river that winds needs more of its own length for the same way across the page.
    for more in (1.0, 1.3):
        at = np.linspace(starts, starts + need * more, _SAMPLES, axis=1)
        river = np.stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])], axis=-1)
        back = river[:, 0, 0] > river[:, -1, 0]
        river[back] = river[back, ::-1]
        curve = _FIT @ river
        step = np.diff(curve, axis=1)
        long = np.hypot(step[..., 0], step[..., 1]).sum(axis=1) >= need * 0.92
        new = ~fits & long & (at[:, -1] <= along[-1])
        rivers[new], curves[new] = river[new], curve[new]
        fits |= new
    return _Stretches(rivers[fits], curves[fits])


def _fit() -> Floats:
    """From samples along a line to those of the curve that fits them best, `(_SAMPLES, _SAMPLES)`."""
    powers = np.polynomial.polynomial.polyvander(np.linspace(-1, 1, _SAMPLES), _DEGREE)
    fit: Floats = powers @ np.linalg.pinv(powers)
    return fit


_FIT = _fit()


def _beside(curve: Floats, off: float) -> Floats:
    """The curve moved sideways by units, downward on the page where positive."""
    d = np.gradient(curve, axis=0)
    length = np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-9)
    across: Floats = np.column_stack([-d[:, 1], d[:, 0]]) / length[:, None]
    moved: Floats = np.asarray(curve + off * across, dtype=float)
    return moved


def _boxes(xy: Floats, size: float) -> tuple[Rect, ...]:
    """Squares along a line of text."""
    along = lengths(xy)
    at = np.linspace(size * 0.3, along[-1] - size * 0.3, max(2, round(along[-1] / (size * 0.7))))
    x, y = np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])
    r = size * 0.45
    return tuple((a - r, b - r, a + r, b + r) for a, b in zip(x.tolist(), y.tolist(), strict=True))
