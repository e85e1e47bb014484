"""Options of a base map, and reading its files."""

from __future__ import annotations

from typing import Literal

import shapely
from pydantic import BaseModel, ConfigDict
from shapely.geometry.base import BaseGeometry

from animap.layers.base import Survey
from animap.layers.basemap.contents import Contents, Place, River, limits_of
from animap.layers.basemap.layer import BasemapData

__all__ = ["Basemap"]

_PLACES = ("country", "region", "sea", "strait")


class Basemap(BaseModel):
    """Options of a basemap; each is a file, and all but `land` may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["basemap"] = "basemap"
    id: str = ""
    land: str
    lakes: str | None = None
    rivers: str | None = None
    """Lines with `rank` and `name`."""
    borders: str | None = None
    departments: str | None = None
    places: str | None = None
    """Names of countries, regions, seas and straits: points with `kind`, `name`, and `angle` in degrees."""
    relief: str | None = None
    """Heights as GeoTIFF; needs the extra animap[relief]."""
    fields: dict[str, str] = {}

    def read(self, survey: Survey) -> BasemapData:
        """Read the layers; invalid polygons are repaired, with a warning."""
        reader = survey.reader
        land, limits = limits_of(self._polygons(survey, self.land), reader.projection)
        return BasemapData(
            Contents(
                projection=reader.projection,
                land=land,
                lakes=self._polygons(survey, self.lakes),
                limits=limits,
                rivers=self._rivers(survey),
                borders=self._lines(survey, self.borders),
                departments=self._lines(survey, self.departments),
                places=self._places(survey),
                relief=reader.heights(self.relief) if self.relief else None,
            )
        )

    def _polygons(self, survey: Survey, file: str | None) -> BaseGeometry:
        rows = survey.reader.table(file, "polygon", (), repair=True).rows if file else ()
        return shapely.union_all([r.geometry for r in rows]) if rows else shapely.Polygon()

    def _lines(self, survey: Survey, file: str | None) -> tuple[BaseGeometry, ...]:
        rows = survey.reader.table(file, "line", ()).rows if file else ()
        return tuple(r.geometry for r in rows if r.geometry is not None)

    def _rivers(self, survey: Survey) -> tuple[River, ...]:
        rows = survey.reader.table(self.rivers, "line", ()).rows if self.rivers else ()
        return tuple(
            River(row.geometry, int(row.number("rank", 1)), row.words("name"))
            for row in rows
            if row.geometry is not None
        )

    def _places(self, survey: Survey) -> tuple[Place, ...]:
        """Rows that share an `id` are places where one name may stand."""
        if not self.places:
            return ()
        found: dict[str, Place] = {}
        for number, row in enumerate(
            survey.reader.table(self.places, "point", ("kind", "name"), self.fields)
        ):
            point = row.geometry
            if not isinstance(point, shapely.Point) or row.one_of("kind", _PLACES) not in _PLACES:
                continue
            spot = ((point.x, point.y), row.number("angle", 0.0))
            key = row.text("id") or f"row {number}"
            known = found.get(key)
            if known:
                found[key] = Place(known.kind, known.names, (*known.spots, spot))
            else:
                found[key] = Place(row.text("kind"), survey.named(row), (spot,))
        return tuple(found.values())
