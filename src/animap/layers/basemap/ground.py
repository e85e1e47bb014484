"""Land, sea and lines, from the bottom up."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.lines import softened
from animap.layers.base import Setting
from animap.layers.basemap.contents import Contents
from animap.layers.basemap.graticule import graticule
from animap.layers.basemap.paper import paper
from animap.layers.basemap.relief import shading
from animap.marks import Area, Line, Mark, Paths
from animap.style.colour import mix, rgba
from animap.style.model import BasemapStyle, CoastGlow

__all__ = ["ground"]

_FINE = 0.35
"""Units that a simplified line may leave its own."""
_ROUGH, _CLEAR = 0.2, 4.0
"""Share of its reach by which the rim of a glow may be off, with those that it is made from; units that are
always between two where one hides the other's."""
_SOFT = 4.0
"""Units below which the bends of a limit between states or departments are smoothed away."""


def ground(contents: Contents, setting: Setting) -> Iterator[Mark]:
    """The whole base map. The page is land, and the sea lies over it: what is drawn before the basemap ends
    at the coast."""
    style, sheet = setting.style.basemap, _Sheet.of(contents, setting)
    yield from paper(style.paper, setting)
    if contents.relief is not None and style.relief is not None:
        yield from shading(contents.relief, style.relief, setting)
    land = sheet.cut(contents.land)
    yield Area(paths=Paths.of_geometry(shapely.difference(sheet.frame, land)), fill=style.sea)
    if style.coast_glow:
        yield from _glow(land, style.sea, style.coast_glow, sheet)
    yield from _waterlines(land, style, sheet)
    if style.graticule:
        yield graticule(contents.projection, style.graticule, setting)
    if style.department:
        yield Line(paths=sheet.limits_of(contents.departments), pen=style.department)
    for rank in sorted({r.rank for r in contents.rivers}, reverse=True):
        pen = style.rivers[min(rank, len(style.rivers)) - 1]
        yield Line(paths=sheet.lines(r.line for r in contents.rivers if r.rank == rank), pen=pen)
    yield Area(paths=Paths.of_geometry(sheet.cut(contents.lakes)), fill=style.lakes, pen=style.lake_shore)
    borders = sheet.limits_of(contents.borders)
    if style.border_band:
        yield Line(paths=borders, pen=style.border_band)
    yield Line(paths=borders, pen=style.border)
    yield Line(paths=sheet.shores(land.boundary), pen=style.coast)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The stretch of map that is drawn: the picture with a rim, so that no cut edge shows."""

    frame: BaseGeometry
    within: BaseGeometry
    """Where an outline is a coast and not a cut, of the picture or of the data."""
    limits: BaseGeometry | None
    """The box of the data, where the picture goes beyond it."""
    unit: float
    fine: float
    """Metres that a line may be simplified by: sharp where the camera is closest."""

    @classmethod
    def of(cls, contents: Contents, setting: Setting) -> _Sheet:
        unit = setting.metres_per_unit
        rim = unit * (12 + 1.5 * max(_offsets(setting.style.basemap), default=0.0))
        left, bottom, right, top = setting.bounds
        frame = shapely.box(left - rim, bottom - rim, right + rim, top + rim)
        within: BaseGeometry = shapely.buffer(frame, -2 * _FINE * unit)
        if contents.limits is not None:
            within = shapely.intersection(within, contents.limits.buffer(-2 * _FINE * unit - 50))
        shapely.prepare(within)
        inside = contents.limits is None or contents.limits.contains(frame)
        return cls(frame, within, None if inside else contents.limits, unit, _FINE * setting.finest)

    def cut(self, geometry: BaseGeometry) -> BaseGeometry:
        return shapely.simplify(shapely.intersection(geometry, self.frame), self.fine)

    def lines(self, parts: Iterable[BaseGeometry]) -> Paths:
        cuts = [self.cut(g) for g in parts if g.intersects(self.frame)]
        merged = shapely.line_merge(shapely.union_all(cuts)) if cuts else shapely.LineString()
        return Paths.of_geometry(merged)

    def limits_of(self, parts: Iterable[BaseGeometry]) -> Paths:
        """Limits of states and departments: data generalised for a smaller scale has corners at a larger."""
        reach = _SOFT * self.fine / _FINE
        return Paths.of(softened(part, reach) for part in self.lines(parts).parts())

    def shores(self, outline: BaseGeometry) -> Paths:
        inside = shapely.intersection(outline, self.within)
        lines = [g for g in shapely.get_parts(inside) if g.geom_type == "LineString" and not g.is_empty]
        return Paths.of_geometry(shapely.line_merge(shapely.MultiLineString(lines)))


def _waterlines(land: BaseGeometry, style: BasemapStyle, sheet: _Sheet) -> Iterator[Mark]:
    """Lines that follow the coast out to sea, each further and paler, as engravers drew them."""
    step = style.waterline_spacing * sheet.unit
    rim = shapely.simplify(land, step / 8)
    for (before, units), pen in zip(pairwise((0.0, *_offsets(style))), style.waterlines, strict=True):
        # Each rim lies round the one before: round the whole coast it would take five times as long, and be
        # less round. Further out the line forgets the small bends of the coast: out too far and back.
        rim = shapely.buffer(rim, (units - before) * 1.5 * sheet.unit, quad_segs=6)
        line = shapely.buffer(rim, -units * 0.5 * sheet.unit, quad_segs=6)
        yield Line(paths=sheet.shores(shapely.simplify(line, step / 14).boundary), pen=pen)


def _offsets(style: BasemapStyle) -> list[float]:
    """Distances of the waterlines from the coast, units."""
    gaps = [style.waterline_spacing * style.waterline_growth**n for n in range(len(style.waterlines))]
    return list(itertools.accumulate(gaps))


def _glow(land: BaseGeometry, sea: str, glow: CoastGlow, sheet: _Sheet) -> Iterator[Mark]:
    """A tint of the sea that fades away from the coast, in layers that narrow and near the full tint.

    They are opaque: thin ones one upon another would lose their colour to rounding.
    """
    unit, steps = sheet.unit, range(1, glow.steps + 1)
    reaches = [glow.reach * unit * (n / glow.steps) ** 1.5 for n in steps]
    outs: list[BaseGeometry] = []
    for n in steps:
        # Round another one, half as far in number: that has far fewer bends than the coast.
        inner, covered = (outs[n // 2 - 1], reaches[n // 2 - 1]) if n > 1 else (land, 0.0)
        outs.append(_out(inner, reaches[n - 1] - covered, reaches[n - 1], sheet))
    for n in reversed(steps):
        share = n / glow.steps
        tint = mix(sea, glow.colour[:7], rgba(glow.colour)[3] * (1 - share + 1 / glow.steps) ** 1.4)
        # Of what a layer leaves out all but its rim is hidden: it need not follow the coast if it ends well
        # within the next layer, and a layer further in is less to draw.
        room = [reach for reach in reaches[: n - 1] if _far_within(reach, reaches[n - 2], unit)]
        # Land runs the other way round and so is left out, by winding.
        hole = [ring[::-1] for ring in Paths.of_geometry(outs[len(room) - 1] if room else land).parts()]
        yield Area(paths=Paths.of([*Paths.of_geometry(outs[n - 1]).parts(), *hole]), fill=tint)


def _out(inner: BaseGeometry, metres: float, reach: float, sheet: _Sheet) -> BaseGeometry:
    """A glow's rim so many metres outside another one, as rough as one with its reach may be."""
    coarse = shapely.simplify(inner, reach / 12)
    out = shapely.simplify(shapely.buffer(coarse, metres, quad_segs=6), reach / 30)
    return out if sheet.limits is None else shapely.intersection(out, sheet.limits)


def _far_within(reach: float, other: float, unit: float) -> bool:
    """Whether what lies within a reach ends well within another one, however rough both are."""
    return reach * (1 + _ROUGH) + _CLEAR * unit < other * (1 - _ROUGH)
