"""GeoJSON as most of it is, without GDAL: to load that, and pandas with it, takes longer than to read a film.

Whatever is not plainly right is left to GDAL, which knows more dialects and says what is wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.types import Floats

__all__ = ["Features", "plain_features"]

_MOST = 1 << 24
"""Bytes of a file; of a larger one Python's lists would take more memory than GDAL does."""
_DEGREES = re.compile(r"urn:ogc:def:crs:(OGC:(1\.3)?:CRS84|EPSG::4326)|EPSG:4326")
_TIMED = re.compile(r"\d{4}/\d{1,2}/|\d{4}-\d\d-\d\d[T ]")
"""What GDAL reads as dates and times in ways of its own: midnight is often only how a day was saved."""


class Features(NamedTuple):
    """Features in file order: names of all their properties, these, and shapes in longitude and latitude."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    geometries: Sequence[BaseGeometry | None]


class _UnusualError(Exception):
    """Something that GDAL shall judge."""


def plain_features(path: Path) -> Features | None:
    """The features of a GeoJSON file, None where there is anything unusual about it."""
    try:
        if path.stat().st_size > _MOST:
            return None
        return _features(json.loads(path.read_text("utf-8"), parse_constant=_refused))
    except (OSError, LookupError, ValueError, TypeError, RecursionError):
        return None
    except (_UnusualError, shapely.errors.ShapelyError):
        return None


def _refused(constant: str) -> NoReturn:
    raise _UnusualError(constant)


def _expect(*truths: object) -> None:
    if not all(truths):
        raise _UnusualError


def _features(root: Any) -> Features:
    _expect(isinstance(root, dict))
    _expect(root.get("type") == "FeatureCollection", isinstance(root.get("features"), list))
    if "crs" in root:
        _expect(_DEGREES.fullmatch(str(root["crs"]["properties"]["name"])))
    rows: list[dict[str, Any]] = []
    geometries = []
    for feature in root["features"]:
        _expect(isinstance(feature, dict))
        _expect(feature.get("type") == "Feature", feature.keys() <= {"type", "properties", "geometry"})
        rows.append(feature.get("properties") or {})
        geometry = feature.get("geometry")
        geometries.append(None if geometry is None else _shape(geometry))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        # A column has one type; where its cells differ, GDAL knows what becomes of them.
        _expect(len({_type(row[name]) for row in rows if row.get(name) is not None}) <= 1)
    return Features(columns, [dict.fromkeys(columns) | row for row in rows], geometries)


def _type(value: Any) -> str:
    match value:
        case bool():
            return "flag"
        case int() | float():
            _expect(math.isfinite(value))
            return "number"
        case str():
            _expect(not _TIMED.match(value))
            return "text"
    raise _UnusualError


def _shape(geometry: Any) -> BaseGeometry:
    _expect(isinstance(geometry, dict))
    coordinates = geometry.get("coordinates")
    _expect(isinstance(coordinates, list), coordinates)
    match geometry.get("type"):
        case "Point":
            return shapely.Point(_numbers(coordinates, 1))
        case "LineString":
            return shapely.LineString(_numbers(coordinates, 2))
        case "MultiLineString":
            return shapely.MultiLineString([_numbers(line, 2) for line in coordinates])
        case "Polygon":
            return _polygon(coordinates)
        case "MultiPolygon":
            return shapely.MultiPolygon([_polygon(part) for part in coordinates])
    raise _UnusualError


def _polygon(coordinates: Any) -> shapely.Polygon:
    shell, *holes = (_ring(ring) for ring in coordinates)
    return shapely.Polygon(shell, holes)


def _ring(coordinates: Any) -> Floats:
    ring = _numbers(coordinates, 2)
    # Shapely would close it without a word.
    _expect(len(ring) > 3, (ring[0] == ring[-1]).all())
    return ring


def _numbers(coordinates: Any, depth: int) -> Floats:
    numbers = np.array(coordinates)
    _expect(numbers.dtype.kind in "if", numbers.ndim == depth, numbers.shape[-1] in (2, 3))
    return numbers.astype(float)
