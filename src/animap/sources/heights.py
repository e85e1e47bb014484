"""Grids of heights (GeoTIFF and what else GDAL's raster side reads), laid out anew in map metres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from animap.geo.projection import Projection
from animap.types import Floats

__all__ = ["Heights", "UnreadableHeightsError", "read_heights"]

_LARGEST = 4096
"""Cells along the longer side; a finer grid is thinned."""


class UnreadableHeightsError(Exception):
    """Why a grid cannot be used."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """Heights `(h, w)` in metres, north row first, NaN where unknown; `left`, `top` is the outer corner of
    the first cell, `cell` the side of all, in map metres."""

    values: Floats
    left: float
    top: float
    cell: float


def read_heights(path: Path, projection: Projection) -> Heights:
    """Read the first band of a raster and lay it out in map metres, by straight lines between cells.

    Raises UnreadableHeightsError without rasterio, for a file that is no raster or says not where it lies.
    """
    try:
        import rasterio
    except ImportError:
        raise UnreadableHeightsError(
            "relief needs rasterio, which is not installed", "run: pip install 'animap[relief]'"
        ) from None
    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise UnreadableHeightsError(
                    "says no coordinate system", "write one into it, for example with gdal_translate -a_srs"
                )
            values, forward, crs = _thinned(file)
    except rasterio.errors.RasterioError as cause:
        raise UnreadableHeightsError(f"cannot be read: {cause}", "give a GeoTIFF of heights") from None
    return _laid_out(values, forward, crs, projection)


def _thinned(file: Any) -> tuple[Floats, Floats, pyproj.CRS]:
    """Heights with NaN for no data, the matrix `(3, 3)` from (column, row), and the coordinate system."""
    factor = max(1.0, max(file.width, file.height) / _LARGEST)
    shape = (max(2, round(file.height / factor)), max(2, round(file.width / factor)))
    band = file.read(1, out_shape=shape, masked=True).astype(float).filled(np.nan)
    a, b, c, d, e, f = file.transform[:6]
    wide, tall = file.width / shape[1], file.height / shape[0]
    forward = np.array([[a * wide, b * tall, c], [d * wide, e * tall, f], [0.0, 0.0, 1.0]])
    return band, forward, pyproj.CRS.from_wkt(file.crs.to_wkt())


def _laid_out(values: Floats, forward: Floats, crs: pyproj.CRS, projection: Projection) -> Heights:
    to_map = pyproj.Transformer.from_crs(crs, projection.crs, always_xy=True)
    rows, columns = values.shape
    t = np.linspace(0, 1, 50)
    rim_x = np.concatenate([t, t, np.zeros(50), np.ones(50)]) * columns
    rim_y = np.concatenate([np.zeros(50), np.ones(50), t, t]) * rows
    x, y = to_map.transform(*_affine(forward, rim_x, rim_y))
    left, right, bottom, top = min(x), max(x), min(y), max(y)
    cell = max(math.sqrt((right - left) * (top - bottom) / values.size), (right - left) / _LARGEST)
    width, height = math.ceil((right - left) / cell), math.ceil((top - bottom) / cell)
    grid_x, grid_y = np.meshgrid(
        left + (np.arange(width) + 0.5) * cell, top - (np.arange(height) + 0.5) * cell
    )
    source = to_map.transform(grid_x.ravel(), grid_y.ravel(), direction="INVERSE")
    back: Floats = np.asarray(np.linalg.inv(forward), dtype=float)
    column, row = _affine(back, *source)
    at = np.stack([np.asarray(row) - 0.5, np.asarray(column) - 0.5])
    from scipy.ndimage import map_coordinates

    laid: Floats = map_coordinates(values, at, order=1, mode="constant", cval=np.nan)
    return Heights(laid.reshape(height, width), left, top, cell)


def _affine(matrix: Floats, x: Floats, y: Floats) -> Floats:
    moved: Floats = (matrix @ np.stack([np.asarray(x), np.asarray(y), np.ones(len(x))]))[:2]
    return moved
