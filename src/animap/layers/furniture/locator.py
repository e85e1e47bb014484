"""The locator: a small map that says where in the world the large one is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, field_validator
from shapely.geometry.base import BaseGeometry

from animap.geo.projection import Extent, Projection, projection_for
from animap.layers.base import Bare, Moment, Obstacle, Rect, Setting, Survey
from animap.marks import Area, Line, Mark, Page, Paths, Shown, View, box
from animap.types import Floats

__all__ = ["Locator", "LocatorData", "LocatorLayer"]

_LEAST = 9.0
"""Units: a view smaller than this is shown as a square of this size."""


class Locator(BaseModel):
    """Options of the locator: the land to show, and how far round."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    extent: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    projection: str = "lambert"

    @field_validator("extent")
    @classmethod
    def _possible(cls, value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        west, south, east, north = value
        if not (-180 <= west < east <= 180 and -90 < south < north < 90):
            raise ValueError(
                f"the extent {list(value)} is not a box on the globe; "
                "write [west, south, east, north] in degrees"
            )
        return value

    def read(self, survey: Survey) -> LocatorData:
        """Read the land, in a projection of the locator's own."""
        extent = Extent(*self.extent)
        own = projection_for(self.projection, extent)
        reader = replace(survey.reader, projection=own, extent=extent)
        rows = reader.table(self.file, "polygon", (), repair=True)
        land = shapely.union_all([row.geometry for row in rows]) if rows.rows else shapely.Polygon()
        frame = own.bounds(extent)
        # What the parallels leave empty at the corners would look like sea.
        inside = _inside(own.points(extent.outline()), frame)
        return LocatorData(
            shapely.intersection(land, shapely.box(*inside)), inside, own, survey.reader.projection
        )


def _inside(outline: Floats, frame: Rect) -> Rect:
    """The largest upright box of an extent whose sides may be bent: left, bottom, right, top in metres."""
    south, east, north, west = np.split(outline, 4)
    left, right = float(west[:, 0].max()), float(east[:, 0].min())
    bottom, top = float(south[:, 1].max()), float(north[:, 1].min())
    return (left, bottom, right, top) if left < right and bottom < top else frame


@dataclass(frozen=True, eq=False)
class LocatorData:
    """Land and frame (left, bottom, right, top) in the locator's metres."""

    land: BaseGeometry
    frame: Rect
    projection: Projection
    film: Projection

    @property
    def aspect(self) -> float:
        """Height over width."""
        left, bottom, right, top = self.frame
        return (top - bottom) / (right - left)

    def prepare(self, setting: Setting, place: Rect) -> LocatorLayer:
        """The locator in a box of the page."""
        return LocatorLayer(setting, self, place)

    def to_page(self, xy: Floats, place: Rect) -> Floats:
        """The locator's metres `(n, 2)` → units on the page `(n, 2)`."""
        left, _, right, top = self.frame
        scale = (place[2] - place[0]) / (right - left)
        return np.column_stack([place[0] + (xy[:, 0] - left) * scale, place[1] + (top - xy[:, 1]) * scale])

    def outline(self, view: View, page: Page, place: Rect) -> Floats:
        """A view of the film as a ring on the page, kept within the locator `(n, 2)`."""
        half, tall = view.width / 2, view.width / 2 * page.down / page.across
        t = np.linspace(-1, 1, 9)
        sides = [
            np.column_stack([t, np.full(9, -1.0)]),
            np.column_stack([np.full(9, 1.0), t]),
            np.column_stack([-t, np.full(9, 1.0)]),
            np.column_stack([np.full(9, -1.0), -t]),
        ]
        corners = np.concatenate(sides) * (half, tall) + (view.x, view.y)
        ring = self.to_page(self.projection.points(self.film.degrees(corners)), place)
        middle = (ring.min(axis=0) + ring.max(axis=0)) / 2
        small = _LEAST / max(float(np.ptp(ring, axis=0).max()), 1e-9)
        ring = middle + (ring - middle) * max(1.0, small)
        kept: Floats = np.clip(ring, (place[0], place[1]), (place[2], place[3]))
        return kept


@dataclass(frozen=True, eq=False)
class LocatorLayer(Bare):
    """The locator in one style and size."""

    data: LocatorData
    place: Rect
    ground: tuple[Mark, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ground", tuple(self._ground()))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Land and sea, and the view on them."""
        return (*self.ground, *_framed(self, moment.view or self.setting.view))

    def obstacles(self) -> Sequence[Obstacle]:
        """The whole inset."""
        return [Obstacle(self.place)]

    def _ground(self) -> Iterable[Mark]:
        style, place = self.setting.style.furniture, self.place
        land = Paths.of_geometry(self.data.land)
        on_page = Paths(self.data.to_page(land.xy, place), land.starts)
        yield Area(paths=box(*place), fill=style.locator_sea, space="page")
        yield Area(paths=on_page, fill=style.locator_land, space="page")
        if style.locator_coast:
            yield Line(paths=_open(on_page, place), pen=style.locator_coast, space="page")


def _open(land: Paths, place: Rect) -> Paths:
    """Coasts without the sides along which land was cut."""
    inner = shapely.box(place[0] + 0.3, place[1] + 0.3, place[2] - 0.3, place[3] - 0.3)
    lines = [shapely.intersection(shapely.LineString(part), inner) for part in land.parts()]
    parts = [shapely.get_coordinates(line) for g in lines for line in shapely.get_parts(g)]
    return Paths.of(parts)


@lru_cache(maxsize=4)
def _framed(layer: LocatorLayer, view: View) -> tuple[Mark, ...]:
    style = layer.setting.style.furniture
    ring = layer.data.outline(view, layer.setting.page, layer.place)
    return (
        Area(paths=Paths.of([ring]), fill=style.locator_view, pen=style.locator_frame, space="page"),
        Area(paths=box(*layer.place), pen=style.panel_edge, space="page"),
    )
