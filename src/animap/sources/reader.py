"""Reading layer data: CSV with lon and lat, every vector format GDAL knows, or a GeoDataFrame in hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from animap.errors import Report
from animap.explain import nearest
from animap.geo.projection import Extent, Projection, known_crs
from animap.resources import shipped
from animap.sources.table import Row, Table

if TYPE_CHECKING:
    import geopandas

__all__ = ["Kind", "Reader"]

Kind: TypeAlias = Literal["point", "line", "polygon"]
_KINDS: dict[str, Kind] = {
    "Point": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_SHIPPED = "animap:"


@dataclass(frozen=True)
class Reader:
    """Reads the tables of one film; what is wrong goes to the report.

    `folder` is the film's; `animap:` before a path means the data that ships with animap. `given` holds
    GeoDataFrames that stand in for files, by the file's name. `crs` is for tables that declare none.
    """

    folder: Path
    projection: Projection
    extent: Extent
    report: Report
    given: Mapping[str, geopandas.GeoDataFrame]

    def path(self, file: str) -> Path:
        """Where a file of the film lies."""
        if file.startswith(_SHIPPED):
            return shipped("data") / file.removeprefix(_SHIPPED)
        return self.folder / file

    def table(
        self,
        file: str,
        kind: Kind | None,
        required: Iterable[str],
        fields: Mapping[str, str] | None = None,
        *,
        crs: str | None = None,
        repair: bool = False,
        optional_geometry: bool = False,
    ) -> Table:
        """Read a table whose features are of one kind; empty when it cannot be read.

        `required` columns must exist; `fields` maps our column names to the file's; with `repair` invalid
        polygons are mended with a warning instead of refused.
        """
        fields = dict(fields or {})
        try:
            values, geometries, places, source = self._read(file, kind is not None, fields, crs)
        except _UnreadableError as cause:
            self.report.error(
                cause.what, str(self.path(file)) if file not in self.given else file, cause.hint
            )
            return Table(file, (), frozenset())
        columns = set().union(*values) if values else set()
        for ours, theirs in fields.items():
            if theirs not in columns and values:
                hint = f"{nearest(theirs, columns)}columns: {', '.join(sorted(map(str, columns)))}"
                self.report.error(f"no column '{theirs}', which fields.{ours} names", file, hint)
        renamed = {theirs: ours for ours, theirs in fields.items()}
        values = [{renamed.get(k, k): v for k, v in row.items()} for row in values]
        columns = {renamed.get(k, k) for k in columns}
        if values:
            self._check_columns(file, columns, required)
        rows = []
        for number, (row, geometry, place) in enumerate(zip(values, geometries, places, strict=True)):
            name = str(row.get("id") or row.get("pocket") or row.get("axis") or "")
            where = f"{file}, {place or f'feature {number + 1}'}" + (f" ({name})" if name else "")
            if kind is not None:
                geometry = self._checked(geometry, kind, where, source, repair, optional_geometry)
                if geometry is None and not optional_geometry:
                    continue
            rows.append(Row(where, row, geometry, self.report))
        return Table(file, tuple(rows), frozenset(columns))

    def _check_columns(self, file: str, columns: set[str], required: Iterable[str]) -> None:
        for name in required:
            by_language = any(c.startswith(f"{name}_") and len(c) == len(name) + 3 for c in columns)
            if name not in columns and not by_language:
                self.report.error(
                    f"column '{name}' is missing",
                    file,
                    f"{nearest(name, columns)}columns: {', '.join(sorted(columns))}; "
                    f'map another name with fields = {{ {name} = "…" }} in film.toml',
                )

    def _read(
        self, file: str, spatial: bool, fields: Mapping[str, str], crs: str | None
    ) -> tuple[list[dict[str, Any]], list[BaseGeometry | None], list[str], pyproj.CRS | None]:
        if file in self.given:
            return _of_frame(self.given[file], crs)
        path = self.path(file)
        if not path.exists():
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise _UnreadableError(
                "file not found", f"{nearest(path.name, siblings)}paths are relative to the film's folder"
            )
        if path.suffix.lower() in (".csv", ".tsv"):
            values, places = _read_csv(path)
            geometries: list[BaseGeometry | None] = [None] * len(values)
            if spatial:
                lon, lat = fields.get("lon", "lon"), fields.get("lat", "lat")
                geometries = [
                    self._point(row, lon, lat, f"{file}, {place}")
                    for row, place in zip(values, places, strict=True)
                ]
            return values, geometries, places, known_crs(crs) if crs else None
        return _of_frame(_read_vector(path), crs)

    def _point(self, row: Mapping[str, Any], lon: str, lat: str, where: str) -> BaseGeometry | None:
        if lon not in row or lat not in row:
            self.report.error(
                f"no columns '{lon}' and '{lat}' for the place",
                where.rpartition(", ")[0],
                'add them, or map yours with fields = { lon = "x", lat = "y" }',
            )
            return None
        numbers = []
        for column in (lon, lat):
            try:
                numbers.append(float(str(row[column]).strip()))
            except ValueError:
                said = f"'{row[column]}' is not a number" if row[column] else f"'{column}' is empty"
                self.report.error(said, f"{where}, {column}", "write decimal degrees like 2.3768")
        return shapely.Point(numbers) if len(numbers) == 2 else None

    def _checked(
        self,
        geometry: BaseGeometry | None,
        kind: Kind,
        where: str,
        crs: pyproj.CRS | None,
        repair: bool,
        optional: bool,
    ) -> BaseGeometry | None:
        """The geometry in map metres, or None after reporting what is wrong with it."""
        if geometry is None or geometry.is_empty:
            if not optional and not any(p.where.startswith(where) for p in self.report.problems):
                self.report.error("has no geometry", where, f"draw a {kind}, or remove the feature")
            return None
        if _KINDS.get(geometry.geom_type) != kind:
            self.report.error(f"is a {geometry.geom_type}, not a {kind}", where, "use the right layer kind")
            return None
        if crs is None or crs.is_geographic:
            problem = self._misplaced(geometry)
            if problem:
                self.report.error(problem[0], where, problem[1])
                return None
        if kind == "polygon" and not geometry.is_valid:
            reason = shapely.is_valid_reason(geometry)
            if not repair:
                self.report.error(
                    f"invalid polygon: {reason[0].lower()}{reason[1:]}", where, "untangle the outline there"
                )
                return None
            self.report.warn(f"invalid polygon repaired: {reason}", where)
            geometry = shapely.make_valid(geometry, method="structure")
        return self.projection.geometry(geometry, None if crs is None else crs)

    def _misplaced(self, geometry: BaseGeometry) -> tuple[str, str] | None:
        west, south, east, north = geometry.bounds
        inside = _overlap(self.extent, west, south, east, north)
        if not inside and _overlap(self.extent, south, west, north, east):
            said = f"longitude {west:g} and latitude {south:g} lie far off"
            return f"{said}, but would fit the other way round", "swap longitude and latitude"
        if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
            return (
                f"coordinates out of range: longitude {west:g} … {east:g}, latitude {south:g} … {north:g}",
                "longitude runs to ±180 and latitude to ±90; if these are metres, declare the CRS",
            )
        return None


def _overlap(extent: Extent, west: float, south: float, east: float, north: float) -> bool:
    return west <= extent.east and east >= extent.west and south <= extent.north and north >= extent.south


class _UnreadableError(Exception):
    def __init__(self, what: str, hint: str = "") -> None:
        self.what, self.hint = what, hint


def _read_csv(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise _UnreadableError("not UTF-8 text", "save the table as CSV in UTF-8") from cause
    except OSError as cause:
        raise _UnreadableError(f"cannot be read: {cause.strerror}") from cause
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, restkey="", strict=True)
    rows, places = [], []
    try:
        for row in reader:
            if "" in row and any(row[""] or ()):
                raise _UnreadableError(
                    f"line {reader.line_num} has more cells than the header",
                    "put cells that hold the separator between double quotes",
                )
            rows.append({k.strip(): v for k, v in row.items() if k})
            places.append(f"line {reader.line_num}")
    except csv.Error as cause:
        raise _UnreadableError(f"line {reader.line_num}: {cause}", "check the quotes") from cause
    return rows, places


def _read_vector(path: Path) -> geopandas.GeoDataFrame:
    import geopandas
    import pyogrio

    try:
        return geopandas.read_file(path, engine="pyogrio", fid_as_index=False)
    except pyogrio.errors.DataSourceError as cause:
        said = str(cause).splitlines()[0]
        raise _UnreadableError(
            f"not a vector file that can be read: {said}",
            "use GeoJSON, GeoPackage, Shapefile, FlatGeobuf, or CSV with lon and lat",
        ) from cause
    except (pyogrio.errors.DataLayerError, pyogrio.errors.CRSError, ValueError) as cause:
        raise _UnreadableError(f"cannot be read: {cause}") from cause


def _of_frame(
    frame: geopandas.GeoDataFrame, crs: str | None
) -> tuple[list[dict[str, Any]], list[BaseGeometry | None], list[str], pyproj.CRS | None]:
    import geopandas

    spatial = isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name is not None
    plain = frame.drop(columns=frame.active_geometry_name) if spatial else frame
    geometries = list(frame.geometry) if spatial else [None] * len(frame)
    source: pyproj.CRS | None = None
    if crs:
        try:
            source = known_crs(crs)
        except ValueError as cause:
            raise _UnreadableError(str(cause), "write a code like EPSG:2154") from cause
    elif spatial and frame.crs is not None:
        source = frame.crs
    elif spatial and any(g is not None for g in geometries):
        raise _UnreadableError(
            "declares no coordinate reference system", 'say it in film.toml: crs = "EPSG:…"'
        )
    values = [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]
    return values, geometries, [""] * len(values), source
