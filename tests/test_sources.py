"""Wherever the towns come from, the film is the same."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import animap
from animap.api import Animation
from animap.errors import DataError, Report
from animap.geo.projection import Extent, projection_for
from animap.layers import Moment
from animap.marks import Points
from animap.sources import Reader
from conftest import FilmFolder

Frame = geopandas.GeoDataFrame
NAMES = {"id": "code", "liberated": "date_lib", "by": "unite", "source": "ref", "rank": "rang"}
FIELDS = "fields = { " + ", ".join(f'{ours} = "{theirs}"' for ours, theirs in NAMES.items()) + " }"
SHAPEFILE = 'fields = { liberated = "liberated_" }'
"""Shapefiles cut column names to ten letters."""


def towns(film: FilmFolder) -> Frame:
    table = pd.read_csv(film.folder / "towns.csv", dtype={"by": object, "note": object})
    points = geopandas.points_from_xy(table["lon"], table["lat"])
    return Frame(table.drop(columns=["lon", "lat"]), geometry=points, crs="EPSG:4326")


def use(film: FilmFolder, file: str, *options: str) -> None:
    """Let the layer of towns read another file."""
    film.edit("film.toml", 'file = "towns.csv"', "\n".join([f'file = "{file}"', *options]))


def story(movie: Animation) -> list[str]:
    """Frames of the film as text."""
    return [movie.frame(i).describe() for i in range(0, movie.frames, 12)]


_NUMBER = re.compile(r"(?<![#\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?")


def same(told: list[str], expected: list[str]) -> bool:
    """Whether two films are told alike, give or take half a metre."""
    assert [_NUMBER.sub("0", t) for t in told] == [_NUMBER.sub("0", t) for t in expected]
    numbers = [np.array(_NUMBER.findall("\n".join(texts)), dtype=float) for texts in (told, expected)]
    return np.allclose(*numbers, rtol=0, atol=0.5)


@pytest.fixture(scope="module")
def expected(make_film: Callable[[], FilmFolder]) -> list[str]:
    told = story(animap.open(make_film().folder))
    assert any("'Bourg'" in frame for frame in told)
    assert len(set(told)) > len(told) / 2
    return told


def as_geojson(frame: Frame, folder: Path) -> str:
    frame.to_file(folder / "t.geojson")
    return "t.geojson"


def as_geopackage(frame: Frame, folder: Path) -> str:
    frame.to_file(folder / "t.gpkg", layer="anything")
    return "t.gpkg"


def as_shapefile(frame: Frame, folder: Path) -> str:
    frame.rename(columns={"liberated": "liberated_"}).to_file(folder / "t.shp")
    return "t.shp"


def as_flatgeobuf(frame: Frame, folder: Path) -> str:
    # Its spatial index puts features in an order of its own.
    frame.to_file(folder / "t.fgb", SPATIAL_INDEX="NO")
    return "t.fgb"


def as_csv(frame: Frame, folder: Path) -> str:
    points = frame.geometry
    frame.drop(columns="geometry").assign(lon=points.x, lat=points.y).to_csv(folder / "t.csv", index=False)
    return "t.csv"


WRITERS = [as_csv, as_geojson, as_geopackage, as_shapefile, as_flatgeobuf]


@pytest.mark.parametrize("write", WRITERS)
def test_every_format_tells_the_same_story(
    film: FilmFolder, expected: list[str], write: Callable[[Frame, Path], str]
) -> None:
    use(film, write(towns(film), film.folder), *([SHAPEFILE] if write is as_shapefile else []))
    assert same(story(animap.open(film.folder)), expected)


@pytest.mark.parametrize("write", [as_geopackage, as_shapefile, as_flatgeobuf])
def test_files_in_metres_say_so_themselves(
    film: FilmFolder, expected: list[str], write: Callable[[Frame, Path], str]
) -> None:
    frame = towns(film).to_crs("EPSG:2154")
    assert frame.geometry.x.min() > 500_000
    use(film, write(frame, film.folder), *([SHAPEFILE] if write is as_shapefile else []))
    assert same(story(animap.open(film.folder)), expected)


def test_a_table_in_metres_is_told_its_crs(film: FilmFolder, expected: list[str]) -> None:
    frame = towns(film).to_crs("EPSG:2154")
    table = frame.drop(columns="geometry").assign(x=frame.geometry.x, y=frame.geometry.y)
    table.to_csv(film.folder / "t.csv", index=False)
    use(film, "t.csv", 'crs = "EPSG:2154"', 'fields = { lon = "x", lat = "y" }')
    assert same(story(animap.open(film.folder)), expected)


def test_a_file_that_declares_no_crs_is_told_it(film: FilmFolder, expected: list[str]) -> None:
    as_shapefile(towns(film).to_crs("EPSG:2154"), film.folder)
    (film.folder / "t.prj").unlink()
    use(film, "t.shp", SHAPEFILE, 'crs = "EPSG:2154"')
    assert same(story(animap.open(film.folder)), expected)


@pytest.mark.parametrize("write", [as_csv, as_geojson, as_geopackage])
def test_other_peoples_column_names(
    film: FilmFolder, expected: list[str], write: Callable[[Frame, Path], str]
) -> None:
    use(film, write(towns(film).rename(columns=NAMES), film.folder), FIELDS)
    assert same(story(animap.open(film.folder)), expected)


def test_a_mapped_column_goes_before_one_of_our_name(film: FilmFolder, expected: list[str]) -> None:
    frame = towns(film).rename(columns={"liberated": "date_lib"}).assign(liberated="1944-09-06")
    use(film, as_csv(frame, film.folder), 'fields = { liberated = "date_lib" }')
    assert same(story(animap.open(film.folder)), expected)


@pytest.mark.parametrize("write", [as_geopackage, as_geojson, as_flatgeobuf])
def test_columns_of_dates(film: FilmFolder, expected: list[str], write: Callable[[Frame, Path], str]) -> None:
    frame = towns(film)
    frame["liberated"] = pd.to_datetime(frame["liberated"])
    frame["disputed"] = pd.to_datetime(frame["disputed"])
    assert frame["disputed"].isna().any()
    use(film, write(frame, film.folder))
    assert same(story(animap.open(film.folder)), expected)


def test_dates_with_an_hour_keep_it_in_every_form(film: FilmFolder) -> None:
    film.edit("towns.csv", "1944-09-04,army", "1944-09-04T20:00,army")
    expected = story(animap.open(film.folder))
    frame = towns(film)
    frame["liberated"] = pd.to_datetime(frame["liberated"], format="ISO8601")
    frame.loc[[0, 2], "liberated"] = pd.to_datetime(["1944-09-02", "1944-09-05"])
    use(film, as_geopackage(frame, film.folder))
    assert same(story(animap.open(film.folder)), expected)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2154"])
@pytest.mark.parametrize("name", ["towns", "towns.csv"])
def test_a_frame_in_hand(film: FilmFolder, expected: list[str], crs: str, name: str) -> None:
    frame = towns(film).to_crs(crs)
    (film.folder / "towns.csv").unlink()
    assert same(story(animap.open(film.folder, layers={name: frame})), expected)


def test_a_table_in_hand_has_its_places_in_columns(film: FilmFolder, expected: list[str]) -> None:
    table = pd.read_csv(film.folder / "towns.csv")
    assert same(story(animap.open(film.folder, layers={"towns": table})), expected)


def test_a_frame_in_hand_is_left_as_it_was(film: FilmFolder) -> None:
    frame = towns(film)
    before = frame.copy(deep=True)
    animap.open(film.folder, layers={"towns": frame})
    pd.testing.assert_frame_equal(frame, before)


def test_one_layer_of_a_geopackage(film: FilmFolder, expected: list[str]) -> None:
    towns(film).to_file(film.folder / "all.gpkg", layer="towns")
    towns(film).iloc[:1].to_file(film.folder / "all.gpkg", layer="capitals")
    use(film, "all.gpkg|towns")
    assert same(story(animap.open(film.folder)), expected)


def test_the_order_of_features_does_not_matter(film: FilmFolder, expected: list[str]) -> None:
    use(film, as_geojson(towns(film).iloc[::-1], film.folder))
    assert same(story(animap.open(film.folder)), expected)


def test_data_that_ships_with_animap(film: FilmFolder, expected: list[str]) -> None:
    film.edit("film.toml", 'land = "land.geojson"', 'land = "animap:basemap/land.geojson"')
    movie = animap.open(film.folder)
    assert movie.warnings == ()
    assert movie.film.land.area > 1e10
    assert story(movie)[0] != expected[0]


def test_data_that_does_not_ship_with_animap(film: FilmFolder) -> None:
    film.edit("film.toml", 'land = "land.geojson"', 'land = "animap:basemap/lands.geojson"')
    with pytest.raises(DataError, match="file not found") as caught:
        animap.open(film.folder)
    assert "did you mean 'land.geojson'" in caught.value.problems[0].hint


def test_an_invalid_polygon_of_a_basemap_is_repaired_and_mentioned(film: FilmFolder) -> None:
    bow = [(1.8, 49.5), (4.5, 51.0), (4.5, 49.5), (1.8, 51.0), (1.8, 49.5)]
    assert not shapely.Polygon(bow).is_valid
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [bow]}}
    film.write("land.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    movie = animap.open(film.folder)
    assert [w.where for w in movie.warnings] == ["land.geojson, feature 1"]
    assert "invalid polygon repaired: Self-intersection" in movie.warnings[0].what
    assert movie.film.land.is_valid
    assert movie.film.land.area > 1e9
    assert "area" in movie.frame(0).describe()


def words_of(movie: Animation) -> str:
    return "\n".join(story(movie))


def test_without_details_the_story_alone_is_told(film: FilmFolder) -> None:
    whole, alone = (words_of(animap.open(film.folder, detail=detail)) for detail in (True, False))
    for detail in ("'Hameau'", "'Le hameau est libre'"):
        assert detail in whole
        assert detail not in alone
    assert "'Bourg'" in alone
    assert "'La ville est libre'" in alone


def test_a_film_and_its_layers_may_switch_details_off(film: FilmFolder) -> None:
    film.edit("film.toml", 'language = "fr"', 'language = "fr"\ndetail = false')
    assert "'Hameau'" not in words_of(animap.open(film.folder))
    assert "'Hameau'" in words_of(animap.open(film.folder, detail=True))
    use(film, "towns.csv", "detail = true")
    told = words_of(animap.open(film.folder))
    assert "'Hameau'" in told
    assert "'Le hameau est libre'" not in told


def test_dates_outside_the_film_may_be_kept(film: FilmFolder) -> None:
    film.edit("towns.csv", "1,1944-09-02,army", "1,1944-08-25,army")
    film.edit("towns.csv", "2,1944-09-04,army", "2,1945-05-08,army")
    use(film, "towns.csv", 'outside = "keep"')
    movie = animap.open(film.folder)
    layer, free = movie.scene.layers[3], movie.scene.style.nation("GB")
    fills = []
    for i in (0, movie.frames - 1):
        moment = Moment(i, float(movie.clock.second(i)), movie.clock.instant(i))
        marks = [mark for mark in layer.marks(moment) if isinstance(mark, Points)]
        fills.append([mark.fill for mark in marks for _ in mark.xy].count(free))
    assert fills == [1, 1]


_COORDINATE = st.floats(-80, 80, allow_nan=False).map(lambda x: round(x, 6))
_POINT = st.tuples(_COORDINATE, _COORDINATE)
_SHAPES = st.one_of(
    st.builds(shapely.Point, _POINT),
    st.builds(shapely.LineString, st.lists(_POINT, min_size=2, max_size=5, unique=True)),
    st.builds(lambda at: shapely.Point(at).buffer(2, quad_segs=2), _POINT),
    st.builds(
        lambda at: shapely.MultiPolygon(
            [
                shapely.box(at[0], at[1], at[0] + 4, at[1] + 4) - shapely.box(*at, *at).buffer(1),
                shapely.box(90, 0, 91, 1),
            ]
        ),
        _POINT,
    ),
    st.none(),
)
_CELLS: dict[str, st.SearchStrategy[object]] = {
    "name": st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=6),
    "day": st.dates().map(str) | st.none(),
    "moment": st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2000, 1, 1)).map(
        lambda t: t.isoformat(timespec="seconds")
    ),
    "rank": st.integers(-9, 9) | st.none(),
    "width": st.floats(-9, 9) | st.none(),
    "sure": st.booleans(),
    "mixed": st.integers(0, 9) | st.text("abc", max_size=2),
}


@settings(max_examples=40)
@given(
    features=st.lists(st.tuples(_SHAPES, st.fixed_dictionaries({}, optional=_CELLS)), min_size=1, max_size=4),
    kind=st.sampled_from(["Feature", "feature"]),
    named=st.booleans(),
)
def test_geojson_reads_the_same_with_and_without_gdal(
    tmp_path_factory: pytest.TempPathFactory,
    features: list[tuple[shapely.Geometry | None, dict[str, object]]],
    kind: str,
    named: bool,
) -> None:
    path = tmp_path_factory.mktemp("geojson") / "t.geojson"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    told = {
        "type": "FeatureCollection",
        **({"crs": crs} if named else {}),
        "features": [
            {"type": kind, "properties": cells, "geometry": shape and shapely.geometry.mapping(shape)}
            for shape, cells in features
        ],
    }
    path.write_text(json.dumps(told), "utf-8")

    def read(*, plainly: bool) -> list[object]:
        report, extent = Report(), Extent(-80, -80, 80, 80)
        reader = Reader(path.parent, projection_for("EPSG:3857", extent), extent, report, {})
        with pytest.MonkeyPatch.context() as patch:
            if not plainly:
                patch.setattr("animap.sources.reader.plain_features", lambda path: None)
            table = reader.table(path.name, None, ())
        cells = [
            (
                row.where,
                row.geometry and row.geometry.wkt,
                row.text("name"),
                row.when("day"),
                row.when("moment"),
            )
            for row in table
        ]
        numbers = [
            (row.number("rank", 5), row.number("width", 5), row.text("mixed"), row.flag("sure"))
            for row in table
        ]
        return [sorted(table.columns), cells, numbers, [str(p) for p in (*report.problems, *report.warnings)]]

    assert read(plainly=True) == read(plainly=False)
