"""Reading layer data: CSV with lon and lat, every vector format GDAL knows, or a GeoDataFrame in hand."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from animap.errors import Report
from animap.explain import nearest
from animap.geo.projection import Extent, Projection, known_crs
from animap.resources import shipped
from animap.sources.geojson import plain_features
from animap.sources.heights import Heights, UnreadableHeightsError, read_heights
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
_SHIPPED, _INSIDE = "animap:", "|"


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
    files: list[Path] = field(default_factory=list)
    """Where all files lie that were asked for so far."""

    def path(self, file: str) -> Path:
        """Where a file of the film lies."""
        file = file.partition(_INSIDE)[0]
        inside = file.startswith(_SHIPPED)
        path = shipped("data") / file.removeprefix(_SHIPPED) if inside else self.folder / file
        self.files.append(path)
        return path

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
        polygons are mended with a warning instead of refused. A `|` divides a file's name from a layer in it.
        """
        fields = dict(fields or {})
        try:
            raw = self._read(file, crs)
        except _UnreadableError as cause:
            self.report.error(cause.what, cause.where or self._name(file), cause.hint)
            return Table(file, (), frozenset())
        columns = self._columns(file, raw.columns, fields)
        spots = kind == "point" and raw.geometries is None
        needed = (*required, *(("lon", "lat") if spots else ()))
        self._check_columns(file, columns, (name for name in needed if name not in fields))
        if spots and not {"lon", "lat"} <= columns:
            return Table(file, (), frozenset())
        if not raw.values:
            self.report.warn("has no rows", self._name(file), "fill it in, or take it out of the film")
        rows = []
        for number, values in enumerate(raw.values):
            row = {**values, **{ours: values[theirs] for ours, theirs in fields.items() if theirs in values}}
            name = next((str(row[c]) for c in ("id", "pocket", "axis") if row.get(c)), "")
            where = f"{file}, {raw.places[number]}" + (f" ({name})" if name else "")
            geometry = None if raw.geometries is None else raw.geometries[number]
            if spots:
                geometry = self._point(row, where)
                if geometry is None:
                    continue
            absent = geometry is None or geometry.is_empty
            if kind is not None and not (absent and optional_geometry):
                geometry = self._checked(geometry, kind, where, raw.crs, repair)
                if geometry is None:
                    continue
            rows.append(Row(where, row, geometry, self.report))
        return Table(file, tuple(rows), frozenset(columns), len(raw.values) - len(rows))

    def heights(self, file: str) -> Heights | None:
        """Read a grid of heights; None when it cannot be read, which is reported."""
        path = self.path(file)
        if not path.is_file():
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            hint = f"{nearest(path.name, siblings)}paths are relative to the film's folder"
            self.report.error("file not found", str(path), hint)
            return None
        try:
            return read_heights(path, self.projection)
        except UnreadableHeightsError as cause:
            self.report.error(cause.what, str(path), cause.hint)
            return None

    def _name(self, file: str) -> str:
        return file if file in self.given else str(self.path(file))

    def _columns(self, file: str, columns: Sequence[str], fields: Mapping[str, str]) -> set[str]:
        """A file's columns, with our names for those that `fields` maps."""
        known = set(columns)
        for ours, theirs in fields.items():
            if theirs in columns:
                known.add(ours)
            else:
                hint = f"{nearest(theirs, columns)}columns: {', '.join(sorted(columns))}"
                self.report.error(f"no column '{theirs}', which fields.{ours} names", file, hint)
        return known

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

    def _read(self, file: str, crs: str | None) -> _Raw:
        if file in self.given:
            return _of_frame(self.given[file], crs)
        path = self.path(file)
        if not path.is_file() and not path.is_dir():
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise _UnreadableError(
                "file not found", f"{nearest(path.name, siblings)}paths are relative to the film's folder"
            )
        if path.suffix.lower() in (".csv", ".tsv"):
            return _read_csv(path, file, known_crs(crs) if crs else None, self.report)
        layer = file.partition(_INSIDE)[2]
        if path.suffix.lower() in (".geojson", ".json") and not layer and (plain := plain_features(path)):
            places = [f"feature {n + 1}" for n in range(len(plain.rows))]
            return _Raw(plain.columns, plain.rows, places, plain.geometries, known_crs(crs) if crs else None)
        return _of_frame(_read_vector(path, layer, self.report), crs)

    def _point(self, row: Mapping[str, Any], where: str) -> BaseGeometry | None:
        numbers = []
        for column in ("lon", "lat"):
            text = str("" if row[column] is None else row[column]).strip()
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if math.isfinite(number):
                numbers.append(number)
            else:
                said = f"'{text}' is not a number" if text else f"'{column}' is empty"
                self.report.error(said, f"{where}, {column}", "write decimal degrees like 2.3768")
        return shapely.Point(numbers) if len(numbers) == 2 else None

    def _checked(
        self,
        geometry: BaseGeometry | None,
        kind: Kind,
        where: str,
        crs: pyproj.CRS | None,
        repair: bool,
    ) -> BaseGeometry | None:
        """The geometry in map metres, or None after reporting what is wrong with it."""
        if geometry is None or geometry.is_empty:
            self.report.error("has no geometry", where, f"draw a {kind}, or remove the feature")
            return None
        if _KINDS.get(geometry.geom_type) != kind:
            self.report.error(
                f"is a {geometry.geom_type}, not a {kind}", where, f"draw a {kind}, or use another layer kind"
            )
            return None
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            self.report.error("has coordinates that are not numbers", where, "draw it again")
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
        projected = self.projection.geometry(geometry, crs)
        if not np.isfinite(shapely.get_coordinates(projected)).all():
            self.report.error(
                "lies where the map cannot show it",
                where,
                "check the coordinates, and the crs they are in",
            )
            return None
        return projected

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
    def __init__(self, what: str, hint: str = "", where: str = "") -> None:
        self.what, self.hint, self.where = what, hint, where


@dataclass(frozen=True, slots=True)
class _Raw:
    """A table as it was read: rows by the file's column names, and where each stands.

    Without `geometries` the places, if there are any, stand in columns.
    """

    columns: Sequence[str]
    values: Sequence[Mapping[str, Any]]
    places: Sequence[str]
    geometries: Sequence[BaseGeometry | None] | None
    crs: pyproj.CRS | None


def _read_csv(path: Path, file: str, crs: pyproj.CRS | None, report: Report) -> _Raw:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = path.read_bytes()[: cause.start].count(b"\n") + 1
        raise _UnreadableError(
            "not UTF-8 text", "save the table as CSV in UTF-8", f"{path}, line {line}"
        ) from cause
    except OSError as cause:
        raise _UnreadableError(f"cannot be read: {cause.strerror}", "check what lies there") from cause
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    names: list[str] = []
    rows, places = [], []
    try:
        names += [cell.strip() for cell in next(reader, [])]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"line {reader.line_num}"
            if any(cell.strip() for cell in cells[len(names) :]):
                report.error(
                    f"has {len(cells)} cells, the header {len(names)}",
                    f"{file}, {place}",
                    "put cells that hold the separator between double quotes",
                )
            row = dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))
            rows.append({k: v for k, v in row.items() if k})
            places.append(place)
    except csv.Error as cause:
        raise _UnreadableError(
            f"cannot be read: {cause}", "check the quotes", f"{path}, line {reader.line_num}"
        ) from cause
    _distinct(name for name in names if name)
    if not any(names):
        raise _UnreadableError("is empty", "name the columns in its first line")
    return _Raw([n for n in names if n], rows, places, None, crs)


def _distinct(columns: Iterable[str]) -> None:
    seen = set()
    for name in columns:
        if name in seen:
            raise _UnreadableError(f"column '{name}' stands twice", "rename or remove one of the two")
        seen.add(name)


def _read_vector(path: Path, layer: str, report: Report) -> geopandas.GeoDataFrame:
    import pyogrio

    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        if not layer and len(names) > 1:
            raise _UnreadableError(
                f"holds several layers: {', '.join(names)}",
                f'say which one: file = "{path.name}{_INSIDE}{names[0]}"',
            )
        if layer and layer not in names:
            raise _UnreadableError(
                f"has no layer '{layer}'", f"{nearest(layer, names)}it has {', '.join(names)}"
            )
        return _frame_of(path, layer or names[0], report)
    except pyogrio.errors.DataSourceError as cause:
        said = str(cause).splitlines()[0]
        raise _UnreadableError(
            f"not a vector file that can be read: {said}",
            "use GeoJSON, GeoPackage, Shapefile, FlatGeobuf, or CSV with lon and lat",
        ) from cause
    except (pyogrio.errors.DataLayerError, pyogrio.errors.CRSError, ValueError, IndexError) as cause:
        raise _UnreadableError(
            f"cannot be read: {cause}", "save it again, as GeoJSON or GeoPackage"
        ) from cause


def _frame_of(path: Path, layer: str, report: Report) -> geopandas.GeoDataFrame:
    import geopandas

    def read(**how: str) -> geopandas.GeoDataFrame:
        return geopandas.read_file(path, layer=layer, engine="pyogrio", **how)

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            frame = read()
        except ValueError:
            # One 31 April among the dates of a GeoJSON file; as text, it is told with its feature.
            frame = read(DATE_AS_STRING="YES", on_invalid="ignore")
        except shapely.errors.GEOSException as cause:
            said = str(cause).partition(": ")[2]
            report.error(
                f"has a shape that is none: {said}",
                str(path),
                "draw it again; it is the one without geometry",
            )
            frame = read(DATE_AS_STRING="YES", on_invalid="ignore")
    for warning in heard:
        # GDAL's own remarks; those of pandas are about dates, which are read cell by cell later.
        if issubclass(warning.category, RuntimeWarning):
            report.warn(str(warning.message), str(path), "check that everything is there")
    return frame


def _of_frame(frame: geopandas.GeoDataFrame, crs: str | None) -> _Raw:
    import geopandas

    _distinct(map(str, frame.columns))
    spatial = isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name is not None
    plain = frame.drop(columns=frame.active_geometry_name) if spatial else frame
    geometries = list(frame.geometry) if spatial else None
    source = known_crs(crs) if crs else frame.crs if spatial else None
    if source is None and geometries and any(g is not None for g in geometries):
        raise _UnreadableError(
            "declares no coordinate reference system", 'say it in film.toml: crs = "EPSG:…"'
        )
    # Missing cells come as NaN, NaT or NA, by the type of the column.
    plain = plain.astype(object).where(plain.notna(), None)
    values = [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]
    places = [f"feature {n + 1}" for n in range(len(values))]
    return _Raw([str(c) for c in plain.columns], values, places, geometries, source)
