"""From longitude and latitude to map metres, once, when data is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from animap.types import Floats

__all__ = ["Extent", "Projection", "known_crs", "projection_for"]


@dataclass(frozen=True, slots=True)
class Extent:
    """A box of longitude and latitude in degrees, west to east and south to north."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def outline(self, steps: int = 24) -> Floats:
        """Points along the four sides, `(n, 2)` degrees."""
        t = np.linspace(0, 1, steps)
        x, y = self.west + (self.east - self.west) * t, self.south + (self.north - self.south) * t
        return np.concatenate(
            [
                np.column_stack([x, np.full(steps, self.south)]),
                np.column_stack([np.full(steps, self.east), y]),
                np.column_stack([x, np.full(steps, self.north)]),
                np.column_stack([np.full(steps, self.west), y]),
            ]
        )


def known_crs(text: str) -> pyproj.CRS:
    """A coordinate reference system by code, name or WKT; ValueError when nobody knows it."""
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        raise ValueError(
            f"'{text}' is not a known coordinate reference system; write a code like EPSG:2154"
        ) from None


@dataclass(frozen=True)
class Projection:
    """A map projection; everything that is drawn is in its metres."""

    crs: pyproj.CRS

    @cached_property
    def _from_degrees(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def points(self, lon_lat: Floats) -> Floats:
        """Degrees `(n, 2)` → metres `(n, 2)`."""
        x, y = self._from_degrees.transform(lon_lat[:, 0], lon_lat[:, 1])
        return np.column_stack([x, y])

    def degrees(self, xy: Floats) -> Floats:
        """Metres `(n, 2)` → degrees `(n, 2)`."""
        lon, lat = self._from_degrees.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
        return np.column_stack([lon, lat])

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        """One point, degrees → metres."""
        x, y = self._from_degrees.transform(lon, lat)
        return float(x), float(y)

    def geometry(self, geometry: BaseGeometry, crs: pyproj.CRS | None = None) -> BaseGeometry:
        """A geometry of `crs` (longitude and latitude unless given) in map metres."""
        transform = self._from_degrees if crs is None else _transformer(crs.to_wkt(), self.crs.to_wkt())
        return shapely.transform(
            geometry, lambda xy: np.column_stack(transform.transform(xy[:, 0], xy[:, 1]))
        )

    def bounds(self, extent: Extent) -> tuple[float, float, float, float]:
        """Smallest box of metres (left, bottom, right, top) that holds an extent."""
        xy = self.points(extent.outline())
        left, bottom = xy.min(axis=0)
        right, top = xy.max(axis=0)
        return float(left), float(bottom), float(right), float(top)


@lru_cache(maxsize=32)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


_CHOICE = "use lambert, mercator, stereographic or a projected EPSG code"


@lru_cache(maxsize=16)
def projection_for(name: str, extent: Extent) -> Projection:
    """The projection called `name`, fitted to an extent.

    `lambert` (conformal conic, its standard parallels a sixth inside the extent), `mercator`
    (transverse, along the middle meridian), `stereographic`, or any projected system by code
    (`EPSG:2154`). ValueError for anything else.
    """
    import cartopy.crs as ccrs

    lon, lat = extent.centre
    inset = (extent.north - extent.south) / 6
    if name == "lambert":
        parallels = (extent.south + inset, extent.north - inset)
        try:
            chosen: pyproj.CRS = ccrs.LambertConformal(lon, lat, standard_parallels=parallels)
        except pyproj.exceptions.CRSError:
            raise ValueError(
                "lambert has no cone for an extent that the equator halves; use mercator or stereographic"
            ) from None
    elif name == "mercator":
        chosen = ccrs.TransverseMercator(lon, lat)
    elif name == "stereographic":
        chosen = ccrs.Stereographic(lat, lon)
    else:
        try:
            chosen = known_crs(name)
        except ValueError:
            raise ValueError(f"there is no projection '{name}'; {_CHOICE}") from None
        if not chosen.is_projected:
            raise ValueError(f"'{name}' has degrees, not metres; {_CHOICE}")
    return Projection(pyproj.CRS.from_wkt(chosen.to_wkt()))
