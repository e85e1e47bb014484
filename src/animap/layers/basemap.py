"""Land and water, rivers, borders, and the names of countries, regions and seas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict
from shapely.geometry.base import BaseGeometry

from animap.layers.base import Bare, Candidate, Layer, Moment, Name, Setting, Survey
from animap.layers.lettering import text_box
from animap.marks import Area, Line, Mark, Paths, Shown, Text
from animap.style import Lettering
from animap.style.model import BasemapStyle
from animap.types import Words

__all__ = ["Basemap", "BasemapData"]

_PLACES = ("country", "region", "sea")
_NEARBY = [(dx * 36.0, dy * 24.0) for dx in range(-5, 6) for dy in range(-5, 6)]
"""Units by which a name may be moved from its place on the map."""


class Basemap(BaseModel):
    """Options of a basemap; each is a vector file, and all but `land` may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["basemap"] = "basemap"
    id: str = ""
    land: str
    lakes: str | None = None
    rivers: str | None = None
    borders: str | None = None
    departments: str | None = None
    places: str | None = None
    """Names of countries, regions and seas: points with `kind`, `name`, and `angle` in degrees."""
    fields: dict[str, str] = {}

    def read(self, survey: Survey) -> BasemapData:
        """Read the layers; invalid polygons are repaired, with a warning."""
        reader = survey.reader

        def polygons(file: str) -> BaseGeometry:
            rows = reader.table(file, "polygon", (), repair=True)
            return shapely.union_all([r.geometry for r in rows]) if rows.rows else shapely.Polygon()

        def lines(file: str | None) -> tuple[BaseGeometry, ...]:
            rows = reader.table(file, "line", ()) if file else ()
            return tuple(r.geometry for r in rows if r.geometry is not None)

        land = polygons(self.land)
        lakes = polygons(self.lakes) if self.lakes else shapely.Polygon()
        rivers = [
            (row.geometry, int(row.number("rank", 1)))
            for row in (reader.table(self.rivers, "line", ()) if self.rivers else ())
            if row.geometry is not None
        ]
        places = []
        if self.places:
            for row in reader.table(self.places, "point", ("kind", "name"), self.fields):
                point = row.geometry
                if isinstance(point, shapely.Point) and row.one_of("kind", _PLACES) in _PLACES:
                    names = survey.named(row)
                    places.append(
                        _Place(row.text("kind"), (point.x, point.y), names, row.number("angle", 0.0))
                    )
        return BasemapData(
            land, lakes, tuple(rivers), lines(self.borders), lines(self.departments), tuple(places)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    kind: str
    at: tuple[float, float]
    names: Words
    angle: float


@dataclass(frozen=True, eq=False)
class BasemapData:
    """The base map in map metres."""

    land: BaseGeometry
    lakes: BaseGeometry
    rivers: tuple[tuple[BaseGeometry, int], ...]
    borders: tuple[BaseGeometry, ...]
    departments: tuple[BaseGeometry, ...]
    places: tuple[_Place, ...]

    def prepare(self, setting: Setting) -> Layer:
        """Everything cut to the picture and drawn once."""
        return BasemapLayer(setting, tuple(_marks(self, setting)), tuple(_names(self, setting)))


@dataclass(frozen=True, eq=False)
class BasemapLayer(Bare):
    """A base map never changes."""

    ground: tuple[Mark, ...] = field(repr=False)
    labels: tuple[Name, ...] = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:  # noqa: ARG002
        """The same marks in every frame."""
        return self.ground

    def names(self) -> Sequence[Name]:
        """Countries, regions and seas yield to every other name."""
        return self.labels


def _marks(data: BasemapData, setting: Setting) -> list[Mark]:
    style = setting.style.basemap
    frame = _surroundings(setting)
    fine = setting.finest * 0.35

    def cut(geometry: BaseGeometry) -> BaseGeometry:
        return shapely.simplify(shapely.intersection(geometry, frame), fine)

    def lines(parts: Iterable[BaseGeometry]) -> Paths:
        cuts = [cut(g) for g in parts if g.intersects(frame)]
        merged = shapely.line_merge(shapely.union_all(cuts)) if cuts else shapely.LineString()
        return Paths.of_geometry(merged)

    land = cut(data.land)
    land_paths = Paths.of_geometry(land)
    # The page is land, and the sea lies over it: what is drawn before the basemap ends at the coast.
    sea = Area(paths=Paths.of_geometry(shapely.difference(frame, land)), fill=style.sea)
    marks: list[Mark] = [sea, *_waterlines(land, style, setting)]
    departments = lines(data.departments)
    if style.department:
        marks.append(Line(paths=departments, pen=style.department))
    ranks = sorted({rank for _, rank in data.rivers}, reverse=True)
    for rank in ranks:
        pen = style.rivers[min(rank, len(style.rivers)) - 1]
        marks.append(Line(paths=lines(g for g, r in data.rivers if r == rank), pen=pen))
    marks.append(Area(paths=Paths.of_geometry(cut(data.lakes)), fill=style.lakes))
    borders = lines(data.borders)
    if style.border_band:
        marks.append(Line(paths=borders, pen=style.border_band))
    marks.append(Line(paths=borders, pen=style.border))
    marks.append(Area(paths=land_paths, pen=style.coast))
    return marks


def _surroundings(setting: Setting) -> BaseGeometry:
    """The picture with a rim, so that no cut edge shows."""
    view, page = setting.view, setting.page
    half = view.width / 2 * 1.06
    tall = half * page.down / page.across
    return shapely.box(view.x - half, view.y - tall, view.x + half, view.y + tall)


def _waterlines(land: BaseGeometry, style: BasemapStyle, setting: Setting) -> list[Mark]:
    """Lines that follow the coast out to sea, each further and paler, as engravers drew them."""
    step = style.waterline_spacing * setting.metres_per_unit
    coarse = shapely.simplify(land, step / 8)
    marks: list[Mark] = []
    for number, pen in reversed(list(enumerate(style.waterlines, 1))):
        # Further out the line forgets the small bends of the coast.
        rim = shapely.simplify(shapely.buffer(coarse, step * number, quad_segs=5), step / 12)
        marks.append(Area(paths=Paths.of_geometry(rim), pen=pen))
    return marks


def _names(data: BasemapData, setting: Setting) -> list[Name]:
    style = setting.style.basemap
    kinds: dict[str, tuple[Lettering, float]] = {
        "country": (style.country, 25.0),
        "sea": (style.sea_name, 26.0),
        "region": (style.region, 28.0),
    }
    names = []
    for place in data.places:
        lettering, priority = kinds[place.kind]
        text = setting.book.pick(place.names)
        x, y = setting.view.to_page(np.array([place.at]), setting.page)[0]
        candidates = []
        for dx, dy in _NEARBY:
            mark = Text(
                text=text,
                at=place.at,
                offset=(dx, dy),
                lettering=lettering,
                align="centre",
                angle=place.angle,
                language=setting.book.language,
                space="map",
            )
            boxes = _along_boxes(text, lettering, x + dx, y + dy, place.angle, setting.book.language)
            candidates.append(Candidate((mark,), boxes, math.hypot(dx, dy) / 20))
        # The name of a small stretch of land must not wander off it.
        limit = 3.0 if place.kind == "region" else 10.0
        names.append(Name(f"{place.kind}:{text}", tuple(candidates), priority, limit=limit))
    return names


def _along_boxes(
    text: str, lettering: Lettering, x: float, y: float, angle: float, language: str
) -> tuple[tuple[float, float, float, float], ...]:
    left, top, right, bottom = text_box(text, lettering, x, y, "centre", language)
    if not angle:
        return ((left, top, right, bottom),)
    turn = np.radians(-angle)
    count = max(2, round((right - left) / (bottom - top)))
    half = (bottom - top) / 2
    steps = np.linspace(left + half, right - half, count) - x
    rise = (top + bottom) / 2 - y
    cx = x + steps * np.cos(turn) - rise * np.sin(turn)
    cy = y + steps * np.sin(turn) + rise * np.cos(turn)
    return tuple(
        (a - half, b - half, a + half, b + half) for a, b in zip(cx.tolist(), cy.tolist(), strict=True)
    )
