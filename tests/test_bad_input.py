"""What people get wrong: each named with its file, its place and what to do, and nothing written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

import animap
from animap.cli import main
from animap.errors import (
    AnimapError,
    DataError,
    FilmError,
    OutputError,
    Problem,
    RenderError,
    StyleError,
    UsageError,
)
from conftest import POCKETS, FilmFolder

Command = Callable[..., tuple[int, str]]


def files_under(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(error: type[AnimapError], film: FilmFolder, **options: Any) -> list[Problem]:
    """The problems with which a film is refused; each says what is wrong and what to do."""
    before = files_under(film.folder)
    with pytest.raises(AnimapError) as caught:
        animap.open(film.folder, **options)
    assert type(caught.value) is error, str(caught.value)
    problems = list(caught.value.problems)
    assert all(p.what and p.hint for p in problems), problems
    assert files_under(film.folder) == before
    return problems


def told(problems: list[Problem], what: str, where: str, hint: str) -> None:
    """Exactly one problem says this."""
    found = [p for p in problems if what in p.what]
    assert len(found) == 1, [str(p) for p in problems]
    assert where in found[0].where
    assert hint in found[0].hint


def only(problems: list[Problem], what: str, where: str, hint: str) -> None:
    """This is the one problem there is."""
    told(problems, what, where, hint)
    assert len(problems) == 1, [str(p) for p in problems]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Types a command; its exit code and what it says on standard error."""
    handler = signal.getsignal(signal.SIGTERM)

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["animap", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        signal.signal(signal.SIGTERM, handler)
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


# The film file


def test_wrong_toml_is_named_with_line_and_column(film: FilmFolder) -> None:
    film.edit("film.toml", 'title = { fr = "Petit film",', 'title = { fr = "Petit film"')
    only(refused(FilmError, film), "not valid TOML", "film.toml, line 4, column ", "toml.io")


def test_a_day_that_does_not_exist_in_bare_toml(film: FilmFolder) -> None:
    film.edit("film.toml", "start = 1944-09-01", "start = 1944-04-31")
    only(refused(FilmError, film), "Invalid date", "film.toml, line 8, column ", "no such day")


def test_a_day_that_does_not_exist_in_quotes(film: FilmFolder) -> None:
    film.edit("film.toml", "start = 1944-09-01", 'start = "1944-04-31"')
    only(refused(FilmError, film), "April 1944 has 30 days", "film.toml, line 8, period.start", "correct")


def test_a_film_that_is_not_utf_8(film: FilmFolder) -> None:
    text = (film.folder / "film.toml").read_text("utf-8").replace("Petit film", "Libération")
    (film.folder / "film.toml").write_bytes(text.encode("latin-1"))
    only(refused(FilmError, film), "not UTF-8", "film.toml, line 4", "UTF-8")


def test_a_film_with_a_byte_order_mark_opens(film: FilmFolder) -> None:
    film.write("film.toml", "\ufeff" + (film.folder / "film.toml").read_text("utf-8"))
    assert animap.open(film.folder).frames > 0


def test_an_unknown_key_gets_its_likeliest_meaning(film: FilmFolder) -> None:
    film.edit("film.toml", "opening = 1.0", "openning = 1.0")
    only(refused(FilmError, film), "unknown key 'openning'", "line 16, pace.openning", "mean 'opening'")


def test_an_unknown_key_of_a_layer(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "towns.csv"', 'file = "towns.csv"\noutsid = "keep"')
    only(refused(FilmError, film), "unknown key 'outsid'", "layers[3].outsid", "mean 'outside'")


def test_an_unknown_kind_of_layer(film: FilmFolder) -> None:
    film.edit("film.toml", 'kind = "towns"', 'kind = "town"')
    only(refused(FilmError, film), "unknown kind 'town'", "film.toml, line 38, layers[3]", "mean 'towns'")


def test_a_layer_without_kind(film: FilmFolder) -> None:
    film.edit("film.toml", 'kind = "towns"\n', "")
    only(refused(FilmError, film), "'kind' is missing", "film.toml, line 38, layers[3]", "towns")


def test_a_missing_table(film: FilmFolder) -> None:
    film.edit("film.toml", "[view]", "[veiw]")
    problems = refused(FilmError, film)
    told(problems, "'view' is missing", "film.toml", "add it")
    told(problems, "unknown key 'veiw'", "film.toml, line 11, veiw", "mean 'view'")


@pytest.mark.parametrize(
    ("old", "new", "what", "where", "hint"),
    [
        ("smooth = 0.5", 'smooth = "soft"', "'soft' is of the wrong type", "line 18, pace.smooth", "number"),
        ("smooth = 0.5", "smooth = -1", "-1 is out of range", "line 18, pace.smooth", "at least 0"),
        ('fr = "Petit film"', "fr = 3", "3 is of the wrong type", "line 4, title.fr", "text in quotes"),
        ("[formations]", "detail = 1944-09-01\n[formations]", "unknown key 'detail'", "pace.detail", "step"),
        ("3.5, 51.2]", "3.5]", "the list is too short", "line 13, view.extent[3]", "value number 4"),
        ("[1.5, 50.0,", "[3.6, 50.0,", "is not a box on the globe", "view", "west, south, east, north"),
        ('"lambert"', '"lambrt"', "no projection 'lambrt'", "view", "lambert, mercator"),
        ("[1.5, 50.0, 3.5, 51.2]", "[0, -10, 10, 10]", "lambert has no cone", "view", "use mercator"),
        ('"lambert"', '"EPSG:4326"', "has degrees, not metres", "view", "lambert, mercator"),
        ('language = "fr"', 'language = "fra"', "not the code of a language", "language", "letters"),
        ('sources = ["Un livre"]', "sources = [3]", "wrong type", "credits.sources[0]", "text in quotes"),
        ('size = "320x180"', 'size = "1081p"', "'1081p' is not a size", "outputs[0].size", "WIDTHxHEIGHT"),
        ("fps = 12", "fps = 0", "0 frames per second", "line 52, outputs[0].fps", "1 to 240"),
        ('"small.mp4"', '"small.avi"', "no suffix that names a format", "outputs[0]", ".mp4"),
        ('id = "towns"', 'id = "towns"\noutside = "kep"', "'kep' is not a choice", "[3].outside", "'keep'"),
        ('file = "towns.csv"', "", "'file' is missing", "film.toml, line 38, layers[3].file", "add it"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be(
    film: FilmFolder, old: str, new: str, what: str, where: str, hint: str
) -> None:
    film.edit("film.toml", old, new)
    only(refused(FilmError, film), what, where, hint)


def test_the_end_before_the_start(film: FilmFolder) -> None:
    film.edit("film.toml", "end = 1944-09-06", "end = 1944-08-06")
    only(refused(FilmError, film), "ends on 1944-08-06, before it starts", "line 7, period", "swap")


def test_the_pace_outside_the_period_and_two_layers_of_one_name(film: FilmFolder) -> None:
    film.edit("film.toml", 'until = "1944-09-06"', 'until = "1944-10-06"')
    film.edit("film.toml", 'id = "towns"', 'id = "advances"')
    problems = refused(FilmError, film)
    told(problems, "the stretch until 1944-10-06 lies outside the period", "film.toml", "move it inside")
    told(problems, "two layers are called 'advances'", "film.toml", "rename one")


def test_a_period_with_a_time_zone(film: FilmFolder) -> None:
    film.edit("film.toml", "start = 1944-09-01", "start = 1944-09-01T06:00:00Z")
    only(refused(FilmError, film), "has a time zone", "period.start", "1944-09-01T06:00")


def test_an_unknown_crs(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "towns.csv"', 'file = "towns.csv"\ncrs = "EPSG:999999"')
    only(refused(FilmError, film), "'EPSG:999999' is not a known", "layers[3].crs", "EPSG:2154")


def test_a_language_that_animap_does_not_speak(film: FilmFolder) -> None:
    film.edit("film.toml", 'languages = ["fr", "en"]', 'languages = ["fr", "xx"]')
    problems = refused(FilmError, film)
    told(problems, "does not speak 'xx'", "film.toml, line 3, languages", "it speaks de, en, fr, nl")
    told(problems, "no title in xx", "film.toml, line 4, title", 'xx = "…"')


def test_a_film_whose_own_language_is_not_among_its_languages(film: FilmFolder) -> None:
    film.edit("film.toml", 'language = "fr"', 'language = "de"')
    only(refused(FilmError, film), "own language 'de' is not among", "line 2, language", "fr, en")


def test_an_output_in_a_language_that_the_film_does_not_have(film: FilmFolder) -> None:
    film.edit("film.toml", "fps = 12", 'fps = 12\nlanguage = "nl"')
    only(refused(FilmError, film), "not in 'nl'", "line 53, outputs[0].language", "fr, en")


def test_a_title_without_its_translation(film: FilmFolder) -> None:
    film.edit(
        "film.toml", 'title = { fr = "Petit film", en = "Small film" }', 'title = { fr = "Petit film" }'
    )
    only(refused(FilmError, film), "no title in en", "film.toml, line 4, title", 'add en = "…"')


def test_a_film_that_is_not_there(film: FilmFolder) -> None:
    with pytest.raises(UsageError, match="no film at") as caught:
        animap.open(film.folder / "nowhere")
    assert "film.toml" in caught.value.problems[0].hint


def test_a_misspelt_shipped_film() -> None:
    with pytest.raises(UsageError, match="did you mean 'liberation'"):
        animap.open("libération")


def test_a_folder_without_a_film_file(film: FilmFolder) -> None:
    (film.folder / "film.toml").rename(film.folder / "films.toml")
    with pytest.raises(UsageError, match="the folder has no film") as caught:
        animap.open(film.folder)
    assert str(film.folder) in caught.value.problems[0].where
    assert "did you mean 'films.toml'" in caught.value.problems[0].hint


# Tables


def test_a_missing_file(film: FilmFolder) -> None:
    film.edit("film.toml", "towns.csv", "twons.csv")
    only(refused(DataError, film), "file not found", "film/twons.csv", "did you mean 'towns.csv'")


def test_a_missing_column(film: FilmFolder) -> None:
    film.edit(
        "towns.csv", "id,lon,lat,name_fr,name_en,rank,liberated", "id,lon,lat,name_fr,name_en,rank,freed"
    )
    film.edit("towns.csv", ",source,", ",sources,")
    problems = refused(DataError, film)
    told(problems, "column 'liberated' is missing", "towns.csv", 'fields = { liberated = "…" }')
    told(problems, "column 'source' is missing", "towns.csv", "did you mean 'sources'")
    assert len(problems) == 2


def test_a_missing_place(film: FilmFolder) -> None:
    film.edit("towns.csv", "id,lon,lat", "id,x,y")
    problems = refused(DataError, film)
    told(problems, "column 'lon' is missing", "towns.csv", "fields = { lon =")
    told(problems, "column 'lat' is missing", "towns.csv", "fields = { lat =")
    assert len(problems) == 2


def test_a_mapped_column_that_does_not_exist(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "towns.csv"', 'file = "towns.csv"\nfields = { liberated = "freed" }')
    only(
        refused(DataError, film),
        "no column 'freed', which fields.liberated names",
        "towns.csv",
        "columns: by",
    )


def test_a_table_that_is_not_utf_8(film: FilmFolder) -> None:
    text = (film.folder / "towns.csv").read_text("utf-8").replace("Bourg,", "Bourg-lès-Évêques,")
    (film.folder / "towns.csv").write_bytes(text.encode("latin-1"))
    only(refused(DataError, film), "not UTF-8", "towns.csv, line 3", "CSV in UTF-8")


def test_semicolons_and_a_byte_order_mark_as_spreadsheets_write_them(film: FilmFolder) -> None:
    expected = animap.open(film.folder).frame(40).describe()
    for name in ("towns.csv", "advances.csv", "captions.csv", "formations.csv"):
        text = (film.folder / name).read_text("utf-8").replace(",", ";").replace("\n", "\r\n")
        (film.folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert animap.open(film.folder).frame(40).describe() == expected


def test_a_row_with_too_many_cells(film: FilmFolder) -> None:
    film.edit("captions.csv", "La ville est libre", "La ville, enfin, est libre")
    film.edit("captions.csv", "Le hameau est libre", "Le hameau, enfin, est libre")
    problems = refused(DataError, film)
    for line in (2, 3):
        found = [p for p in problems if p.where == f"captions.csv, line {line}" and "cells" in p.what]
        assert [p.what for p in found] == ["has 8 cells, the header 6"]
        assert "double quotes" in found[0].hint


def test_a_quote_that_is_never_closed(film: FilmFolder) -> None:
    film.edit("captions.csv", "La ville est libre", '"La ville est libre')
    only(refused(DataError, film), "cannot be read", "captions.csv, line ", "check the quotes")


def test_a_column_that_stands_twice(film: FilmFolder) -> None:
    film.edit("towns.csv", "note\n", "rank\n")
    only(refused(DataError, film), "column 'rank' stands twice", "towns.csv", "rename or remove")


def test_an_empty_file(film: FilmFolder) -> None:
    film.write("towns.csv", "")
    only(refused(DataError, film), "is empty", "towns.csv", "name the columns")


def test_a_table_without_rows_is_allowed_and_mentioned(film: FilmFolder) -> None:
    film.write("towns.csv", (film.folder / "towns.csv").read_text("utf-8").partition("\n")[0] + "\n")
    warnings = list(animap.open(film.folder).warnings)
    only(warnings, "has no rows", "towns.csv", "fill it in")


def test_a_table_without_rows_still_needs_its_columns(film: FilmFolder) -> None:
    film.write("towns.csv", "id,lon,lat,name,liberated\n")
    only(refused(DataError, film), "column 'source' is missing", "towns.csv", "fields = ")


def test_a_folder_in_place_of_a_table(film: FilmFolder) -> None:
    (film.folder / "towns.csv").unlink()
    (film.folder / "towns.csv").mkdir()
    only(refused(DataError, film), "cannot be read", "towns.csv", "check")


# Dates


@pytest.mark.parametrize(
    ("cell", "what", "hint"),
    [
        ("1944-09-31", "September 1944 has 30 days", "correct the date"),
        ("1944-13-01", "has a month 13", "months run from 01 to 12"),
        ("04/09/1944", "not an ISO date", "write the year first: 1944-09-04"),
        ("early September", "'early September' is not a date", "write 1944-09-05"),
        ("1944-09-05/1944-09-02", "ends before it begins", "correct the date"),
        ("1944-09-05T25:00", "no such time of day", "00:00 to 24:00"),
        ("1944-09-05T20:00Z", "is not a date", "1944-09-05T20:00"),
        ("1945-09-04", "1945-09-04 lies outside the film, 1944-09-01 to 1944-09-06", 'outside = "keep"'),
    ],
)
def test_a_date_that_cannot_be(film: FilmFolder, cell: str, what: str, hint: str) -> None:
    film.edit("towns.csv", "1,1944-09-02", f"1,{cell}")
    only(refused(DataError, film), what, "towns.csv, line 2 (ville), liberated", hint)


def test_the_31st_of_april_in_a_vector_file_is_told_with_its_feature(film: FilmFolder) -> None:
    film.edit("pockets.geojson", '"date": "1944-09-04"', '"date": "1944-04-31"')
    only(
        refused(DataError, film),
        "April 1944 has 30 days",
        "pockets.geojson, feature 2 (port), date",
        "correct",
    )


def test_a_date_column_with_a_time_zone(film: FilmFolder) -> None:
    towns = towns_frame(film)
    towns["liberated"] = pd.to_datetime(towns["liberated"]).dt.tz_localize("Europe/Paris")
    problems = refused(DataError, film, layers={"towns": towns})
    assert len(problems) == 3
    assert all("has a time zone" in p.what and "civil local time" in p.hint for p in problems)
    assert problems[0].where == "towns.csv, feature 1 (ville), liberated"


def test_a_missing_date_in_a_date_column_is_a_town_that_is_never_freed(film: FilmFolder) -> None:
    towns = towns_frame(film)
    towns["liberated"] = pd.to_datetime(towns["liberated"])
    towns.loc[1, "liberated"] = pd.NaT
    movie = animap.open(film.folder, layers={"towns": towns})
    film.edit("towns.csv", "2,1944-09-04,army", "2,,army")
    expected = animap.open(film.folder)
    last = expected.frames - 1
    assert movie.frame(last).describe() == expected.frame(last).describe()


def test_a_missing_date_in_a_pocket(film: FilmFolder) -> None:
    film.edit("pockets.geojson", '"date": "1944-09-04"', '"date": null')
    only(refused(DataError, film), "'date' is empty", "pockets.geojson, feature 2 (port)", "from when")


# Geometry


def towns_frame(film: FilmFolder) -> geopandas.GeoDataFrame:
    table = pd.read_csv(film.folder / "towns.csv", dtype={"by": object})
    points = geopandas.points_from_xy(table["lon"], table["lat"])
    return geopandas.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=points, crs="EPSG:4326")


def test_the_wrong_kind_of_geometry(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "pockets.geojson"', 'file = "towns.geojson"')
    towns = towns_frame(film).rename(columns={"id": "pocket", "liberated": "date"}).assign(state="held")
    towns.to_file(film.folder / "towns.geojson")
    problems = refused(DataError, film)
    assert {p.what for p in problems} == {"is a Point, not a polygon"}
    assert [p.where for p in problems] == [
        f"towns.geojson, feature {n} ({name})" for n, name in enumerate(("ville", "bourg", "hameau"), 1)
    ]
    assert "draw a polygon" in problems[0].hint


def test_an_invalid_polygon(film: FilmFolder) -> None:
    film.edit("pockets.geojson", "[3.2, 50.75], [3.2, 51.1]", "[3.2, 51.1], [3.2, 50.75]")
    problems = refused(DataError, film)
    only(problems, "invalid polygon: self-intersection", "pockets.geojson, feature 1 (port)", "untangle")


def test_an_outline_that_is_not_closed(film: FilmFolder) -> None:
    film.edit("pockets.geojson", "[[2.6, 50.75]", "[[2.5, 50.75]")
    problems = refused(DataError, film)
    told(
        problems,
        "has a shape that is none: Points of LinearRing do not form",
        "pockets.geojson",
        "draw it again",
    )
    told(problems, "has no geometry", "pockets.geojson, feature 1 (port)", "draw the outline")


def test_an_empty_geometry(film: FilmFolder) -> None:
    towns = towns_frame(film)
    towns.loc[0, "geometry"] = shapely.Point()
    towns.loc[2, "geometry"] = None
    problems = refused(DataError, film, layers={"towns": towns})
    assert [p.where for p in problems] == ["towns.csv, feature 1 (ville)", "towns.csv, feature 3 (hameau)"]
    assert all("has no geometry" in p.what and "draw a point" in p.hint for p in problems)


def test_only_a_fallen_pocket_has_no_outline(film: FilmFolder) -> None:
    film.edit("pockets.geojson", '"state": "fallen"', '"state": "held"')
    only(refused(DataError, film), "has no geometry", "pockets.geojson, feature 3 (port)", "draw the outline")


def test_coordinates_that_are_not_numbers(film: FilmFolder) -> None:
    film.edit("towns.csv", "ville,2.2,", "ville,,")
    film.edit("towns.csv", "bourg,2.8,", 'bourg,"2,8",')
    film.edit("towns.csv", "hameau,2.5,", "hameau,nan,")
    problems = refused(DataError, film)
    told(problems, "'lon' is empty", "towns.csv, line 2 (ville), lon", "decimal degrees")
    told(problems, "'2,8' is not a number", "towns.csv, line 3 (bourg), lon", "like 2.3768")
    told(problems, "'nan' is not a number", "towns.csv, line 4 (hameau), lon", "decimal degrees")
    assert len(problems) == 3


def test_nan_coordinates_in_a_vector_file(film: FilmFolder) -> None:
    with np.errstate(invalid="ignore"):
        outline = shapely.Polygon([(2.6, 50.8), (3.0, 50.8), (float("nan"), 51.0), (2.6, 50.8)])
    pockets = geopandas.GeoDataFrame.from_features(POCKETS, crs="EPSG:4326")
    pockets.loc[0, "geometry"] = outline
    problems = refused(DataError, film, layers={"pockets": pockets})
    only(problems, "coordinates that are not numbers", "pockets.geojson, feature 1 (port)", "draw it again")


def test_swapped_coordinates(film: FilmFolder) -> None:
    film.edit("towns.csv", "bourg,2.8,50.7", "bourg,50.7,2.8")
    only(refused(DataError, film), "fit the other way round", "towns.csv, line 3 (bourg)", "swap longitude")


def test_coordinates_out_of_range(film: FilmFolder) -> None:
    film.edit("towns.csv", "bourg,2.8,50.7", "bourg,652381,7062105")
    only(refused(DataError, film), "out of range", "towns.csv, line 3 (bourg)", "declare the CRS")


def test_metres_far_outside_their_own_projection(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "towns.csv"', 'file = "towns.csv"\ncrs = "EPSG:2154"')
    film.edit("towns.csv", "bourg,2.8,50.7", "bourg,1e30,1e30")
    only(refused(DataError, film), "where the map cannot show it", "line 3 (bourg)", "check the coordinates")


def test_a_file_that_does_not_say_its_crs(film: FilmFolder) -> None:
    towns_frame(film).to_file(film.folder / "towns.shp")
    (film.folder / "towns.prj").unlink()
    film.edit("film.toml", "towns.csv", "towns.shp")
    only(refused(DataError, film), "declares no coordinate reference", "towns.shp", 'crs = "EPSG:')


def test_a_vector_file_that_is_none(film: FilmFolder) -> None:
    film.write("pockets.geojson", "{ this is no GeoJSON }")
    only(refused(DataError, film), "not a vector file that can be read", "pockets.geojson", "GeoPackage")


def test_a_file_with_several_layers_needs_a_choice(film: FilmFolder) -> None:
    towns = towns_frame(film)
    towns.to_file(film.folder / "all.gpkg", layer="villages")
    towns.to_file(film.folder / "all.gpkg", layer="towns")
    film.edit("film.toml", "towns.csv", "all.gpkg")
    only(refused(DataError, film), "several layers: villages, towns", "all.gpkg", "all.gpkg|villages")
    film.edit("film.toml", "all.gpkg", "all.gpkg|town")
    only(refused(DataError, film), "has no layer 'town'", "all.gpkg", "did you mean 'towns'")


def test_a_layer_given_by_a_name_that_the_film_does_not_have(film: FilmFolder) -> None:
    problems = refused(UsageError, film, layers={"town": towns_frame(film)})
    only(problems, "no layer 'town'", "", "did you mean 'towns'")


def test_a_layer_given_as_something_else(film: FilmFolder) -> None:
    problems = refused(UsageError, film, layers={"towns": "towns.csv"})
    only(problems, "layer 'towns' is a str", "", "GeoDataFrame")


# What the data says


def test_an_id_that_stands_twice(film: FilmFolder) -> None:
    film.edit("towns.csv", "bourg,2.8", "ville,2.8")
    only(
        refused(DataError, film),
        "id 'ville' stands twice",
        "towns.csv, line 3 (ville)",
        "first in towns.csv, line 2",
    )


def test_numbers_as_ids(film: FilmFolder) -> None:
    towns = towns_frame(film)
    towns["id"] = [7, 8, 7]
    problems = refused(DataError, film, layers={"towns": towns})
    only(problems, "id '7' stands twice", "towns.csv, feature 3 (7)", "rename one")
    towns["id"] = [7.0, 8.0, 9.0]
    movie = animap.open(film.folder, layers={"towns": towns})
    assert {n.id for n in movie.scene.layers[3].names()} == {"town:7", "town:8", "town:9"}


def test_an_empty_id(film: FilmFolder) -> None:
    film.edit("towns.csv", "bourg,2.8", ",2.8")
    only(refused(DataError, film), "'id' is empty", "towns.csv, line 3", "fill it in")


def test_a_missing_source(film: FilmFolder) -> None:
    film.edit("towns.csv", "true,,S2,", "true,,,")
    only(refused(DataError, film), "'source' is empty", "towns.csv, line 4 (hameau)", "fill it in")


def test_two_states_of_a_pocket_at_one_instant(film: FilmFolder) -> None:
    film.edit("pockets.geojson", '"date": "1944-09-04"', '"date": "1944-09-02"')
    problems = refused(DataError, film)
    only(
        problems,
        "pocket 'port' has two states at one instant",
        "feature 2 (port)",
        "the other: pockets.geojson, feature 1",
    )


def test_a_pocket_that_ends_before_it_begins(film: FilmFolder) -> None:
    film.edit("pockets.geojson", '"date": "1944-09-04"', '"date": "1944-09-04", "until": "1944-09-03"')
    only(refused(DataError, film), "holds until 1944-09-03, before", "feature 2 (port)", "swap the two")


def test_an_unknown_state(film: FilmFolder) -> None:
    film.edit("pockets.geojson", '"state": "besieged"', '"state": "beseiged"')
    only(refused(DataError, film), "unknown state 'beseiged'", "feature 2 (port), state", "mean 'besieged'")


def test_way_points_that_go_back_in_time(film: FilmFolder) -> None:
    film.edit("advances.csv", "1944-09-02,ville", "1944-09-05,ville")
    problems = refused(DataError, film)
    only(
        problems,
        "axis 'nord' goes back in time: 1944-09-04 after 1944-09-05",
        "advances.csv, line 5 (nord)",
        "seq",
    )


def test_an_axis_in_two_places_at_one_instant(film: FilmFolder) -> None:
    film.edit("advances.csv", "1944-09-02,ville", "1944-09-02T12:00,ville")
    film.edit("advances.csv", "50.1,1944-09-01", "50.1,1944-09-02T12:00")
    only(
        refused(DataError, film), "in two places at one instant", "advances.csv, line 3 (nord)", "change one"
    )


def test_an_axis_with_one_way_point(film: FilmFolder) -> None:
    film.write("advances.csv", "\n".join((film.folder / "advances.csv").read_text("utf-8").splitlines()[:2]))
    only(refused(DataError, film), "one way-point only", "advances.csv, line 2 (nord)", "where it leads")


def test_an_axis_without_its_last_date(film: FilmFolder) -> None:
    film.edit("advances.csv", "1944-09-04,bourg", ",bourg")
    only(
        refused(DataError, film), "first and the last way-point need a date", "advances.csv, line 5", "add it"
    )


def test_an_axis_is_not_blamed_for_a_way_point_that_could_not_be_read(film: FilmFolder) -> None:
    film.edit("advances.csv", "2.8,50.7", "2.8,")
    only(refused(DataError, film), "'lat' is empty", "advances.csv, line 5 (nord), lat", "decimal degrees")


def test_an_unknown_formation(film: FilmFolder) -> None:
    film.edit("towns.csv", "1944-09-04,army", "1944-09-04,amry")
    film.edit("advances.csv", "1,2.0,50.1,1944-09-01,,army", "1,2.0,50.1,1944-09-01,,amry")
    problems = refused(DataError, film)
    told(problems, "unknown by 'amry'", "towns.csv, line 3 (bourg), by", "did you mean 'army'")
    told(problems, "unknown formation 'amry'", "advances.csv, line 2 (nord), formation", "known: army")


def test_an_axis_of_two_formations(film: FilmFolder) -> None:
    film.edit("formations.csv", ",S1\n", ",S1\ncorps,Corps,Corps,GB,,,S1\n")
    film.edit("advances.csv", "bourg,army", "bourg,corps")
    only(
        refused(DataError, film), "two formations, army and corps", "advances.csv, line 5 (nord)", "two axes"
    )


def test_a_film_without_formations_says_so_once_a_file(film: FilmFolder) -> None:
    film.edit("film.toml", '[formations]\nfile = "formations.csv"\n', "")
    problems = refused(DataError, film)
    told(problems, "'by' names formations, but none could be read", "towns.csv", "[formations]")
    told(problems, "'formation' names formations", "advances.csv", "[formations]")
    assert len(problems) == 2


def test_an_unknown_nation(film: FilmFolder) -> None:
    film.edit("formations.csv", ",GB,", ",UK,")
    only(
        refused(DataError, film), "unknown nation 'UK'", "formations.csv, line 2 (army), nation", "known: BE"
    )


def test_a_missing_translation(film: FilmFolder) -> None:
    film.edit("towns.csv", "Bourg,Borough", "Bourg,")
    film.edit("captions.csv", "Le hameau est libre,The hamlet is free", "Le hameau est libre,")
    film.edit("formations.csv", "First Army", "")
    problems = refused(DataError, film)
    told(problems, "no text in en", "captions.csv, line 3 (deux)", "fill in text_en")
    missing = [(p.where, p.hint) for p in problems if p.what == "no name in en"]
    assert [where for where, _ in missing] == ["formations.csv, line 2 (army)", "towns.csv, line 3 (bourg)"]
    assert all("fill" in hint for _, hint in missing)
    assert len(problems) == 3


def test_a_caption_without_date(film: FilmFolder) -> None:
    film.edit("captions.csv", "deux,1944-09-05", "deux,")
    only(refused(DataError, film), "'date' is empty", "captions.csv, line 3 (deux)", "when it happens")


def test_cells_of_the_wrong_type(film: FilmFolder) -> None:
    film.edit("towns.csv", "Ville,Town,1,", "Ville,Town,first,")
    film.edit("towns.csv", "1944-09-05,,true", "1944-09-05,,perhaps")
    problems = refused(DataError, film)
    told(problems, "'first' is not a number", "towns.csv, line 2 (ville), rank", "write for example 2")
    told(
        problems, "'perhaps' is neither true nor false", "towns.csv, line 4 (hameau), detail", "true or false"
    )
    assert len(problems) == 2


# Styles


STYLE = 'extends = "atlas"\n'


def test_an_unknown_style_of_the_film(film: FilmFolder) -> None:
    film.edit("film.toml", 'language = "fr"', 'language = "fr"\nstyle = "atls"')
    only(refused(StyleError, film), "no style 'atls'", "film.toml, line 3, style", "did you mean 'atlas'")


def test_an_unknown_style_of_the_call(film: FilmFolder) -> None:
    only(refused(StyleError, film, style="nigth"), "no style 'nigth'", "", "did you mean 'night'")


def test_a_style_that_extends_an_unknown_one(film: FilmFolder) -> None:
    film.write("mine.toml", 'extends = "altas"\n')
    problems = refused(StyleError, film, style="mine")
    only(problems, "no style 'altas'", "mine.toml, line 1, extends", "did you mean 'atlas'")


def test_a_style_that_extends_itself(film: FilmFolder) -> None:
    film.write("mine.toml", 'extends = "./mine.toml"\n')
    only(
        refused(StyleError, film, style="mine"), "in a circle", "mine.toml, line 1, extends", "extend another"
    )


def test_styles_that_extend_each_other(film: FilmFolder) -> None:
    film.write("mine.toml", 'extends = "yours.toml"\n')
    film.write("yours.toml", 'extends = "mine.toml"\n')
    only(refused(StyleError, film, style="mine.toml"), "in a circle", "mine.toml, line 1, extends", "none")


def test_a_style_with_many_faults_names_them_all(film: FilmFolder) -> None:
    film.write(
        "mine.toml",
        STYLE
        + '[basemap]\nsea = "blue"\nlnd = "#ffffff"\n'
        + '[furniture]\nmargin = "wide"\n[furniture.title]\nfont = "Alegreya-Blod.ttf"\n'
        + "[towns]\nradii = []\n",
    )
    problems = refused(StyleError, film, style="mine")
    told(problems, "'blue' is not a colour", "mine.toml, line 3, basemap.sea", "like #c0392b")
    told(problems, "unknown key 'lnd'", "mine.toml, line 4, basemap.lnd", "did you mean 'land'")
    told(problems, "'wide' is of the wrong type", "mine.toml, line 6, furniture.margin", "a number")
    told(
        problems,
        "font 'Alegreya-Blod.ttf' not found",
        "mine.toml, line 8, furniture.title.font",
        "'Alegreya-Bold.ttf'",
    )
    told(problems, "too few", "mine.toml, line 10, towns.radii", "at least 1")
    assert len(problems) == 5


def test_a_fault_is_told_with_the_file_that_it_stands_in(film: FilmFolder) -> None:
    film.write("base.toml", STYLE + '[basemap]\nsea = "blue"\n[cards.title]\nfont = "None.ttf"\n')
    film.write("mine.toml", 'extends = "base.toml"\n[basemap]\nland = "#ffffff"\n')
    problems = refused(StyleError, film, style="mine")
    told(problems, "'blue' is not a colour", "base.toml, line 3, basemap.sea", "#c0392b")
    told(problems, "font 'None.ttf' not found", "base.toml, line 5, cards.title.font", "shipped fonts")


def test_a_font_file_that_is_none(film: FilmFolder) -> None:
    film.write("Mine.ttf", "not a font")
    film.write("mine.toml", STYLE + '[furniture.title]\nfont = "Mine.ttf"\n')
    problems = refused(StyleError, film, style="mine")
    only(problems, "'Mine.ttf' is not a font", "mine.toml, line 3, furniture.title.font", ".otf")


def test_a_style_that_is_not_toml(film: FilmFolder) -> None:
    film.write("mine.toml", "extends = atlas\n")
    only(refused(StyleError, film, style="mine"), "not valid TOML", "mine.toml, line 1, column 11", "toml.io")


def test_a_style_without_its_parts(film: FilmFolder) -> None:
    film.write("mine.toml", 'title = { en = "Mine" }\n')
    problems = refused(StyleError, film, style="mine")
    told(problems, "'basemap' is missing", "mine.toml", "add it")
    told(problems, "'towns' is missing", "mine.toml", "add it")


# The call


@pytest.mark.parametrize(
    ("options", "what", "hint"),
    [
        ({"size": "1081p"}, "'1081p' is not a size", "1080p"),
        ({"size": "20x20"}, "20x20 cannot be rendered", "64 to 16384"),
        ({"size": (0, 100)}, "is not a size", "WIDTHxHEIGHT"),
        ({"fps": "fast"}, "'fast' is not a frame rate", "30000/1001"),
        ({"fps": 0}, "0 frames per second", "1 to 240"),
        ({"language": "nl"}, "not in 'nl'", "it is in fr, en"),
    ],
)
def test_a_call_that_cannot_be(film: FilmFolder, options: dict[str, Any], what: str, hint: str) -> None:
    only(refused(UsageError, film, **options), what, "", hint)


def test_a_date_outside_the_film(film: FilmFolder) -> None:
    movie = animap.open(film.folder)
    with pytest.raises(UsageError, match="1944-09-07 is not in the film") as caught:
        movie.still("1944-09-07")
    assert caught.value.problems[0].hint == "it runs from 1944-09-01 to 1944-09-06"
    with pytest.raises(UsageError, match="is not a date"):
        movie.still("tomorrow")


def test_a_frame_outside_the_film(film: FilmFolder) -> None:
    movie = animap.open(film.folder)
    for frame in (-1, movie.frames):
        with pytest.raises(UsageError, match=f"no frame {frame}") as caught:
            movie.still(frame=frame)
        assert caught.value.problems[0].hint == f"the film has frames 0 to {movie.frames - 1}"


def test_a_date_outside_the_film_on_the_command_line(film: FilmFolder, command: Command) -> None:
    path = film.folder / "still.png"
    code, said = command("still", film.folder, "--at", "1944-10-01", "-o", path)
    assert code == UsageError.exit_code
    assert "1944-10-01 is not in the film" in said
    assert "it runs from 1944-09-01 to 1944-09-06" in said
    assert not path.exists()


def test_a_still_with_several_faults_names_them_all(film: FilmFolder, command: Command) -> None:
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    code, said = command(
        "still", film.folder, "--size", "huge", "--style", "atls", "-o", film.folder / "no" / "still.jpg"
    )
    assert code == UsageError.exit_code
    for words in (
        "say which picture",
        "written as '.jpg'",
        "30 days",
        "'huge'",
        "'atls'",
        "folder does not exist",
    ):
        assert words in said
    assert "6 problems, nothing was written" in said


@pytest.mark.parametrize(
    ("words", "kind", "what", "hint"),
    [
        (["-o", "film.avi"], UsageError, "'.avi' names no format", ".mp4, .gif"),
        (["-o", "film.png"], UsageError, "holds one picture", "animap still"),
        (["-o", "film.mp4", "--size", "321x181"], OutputError, "even width and height", "322×182"),
        (["-o", "film.gif", "--fps", "60"], OutputError, "GIF cannot show 60", "use at most"),
        (["-o", "missing/film.mp4"], OutputError, "its folder does not exist", "create the folder"),
        (["-o", "towns.csv/film.mp4"], OutputError, "what should be its folder is a file", "another place"),
        (["-o", "film.mp4", "-o", "film.mp4"], UsageError, "asked for twice", "name it once"),
        (["-o", "a.mp4", "--from", "1944-09-05", "--to", "1944-09-03"], UsageError, "comes before", "swap"),
        (["-o", "film.mp4", "--from", "1944-08-05"], UsageError, "1944-08-05 is not in the film", "it runs"),
        (["-o", "film.mp4", "--lang", "nl"], UsageError, "not in 'nl'", "fr, en"),
        (["-o", "film.mp4", "--draw", "ful"], UsageError, "unknown --draw 'ful'", "'full'"),
    ],
)  # fmt: skip
def test_a_render_that_cannot_be(
    film: FilmFolder,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    kind: type[AnimapError],
    what: str,
    hint: str,
) -> None:
    monkeypatch.chdir(film.folder)
    before = files_under(film.folder)
    code, said = command("render", ".", *words)
    assert code == kind.exit_code
    assert what in said
    assert hint in said.partition("→")[2]
    assert files_under(film.folder) == before


def test_a_file_that_exists_is_seen_before_anything_is_drawn(
    film: FilmFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(*_: object) -> None:
        raise AssertionError("a frame was asked for")

    monkeypatch.setattr("animap.scene.Scene.frame", drawn)
    path = film.write("old.mp4", "precious")
    for words in (["render", film.folder], ["still", film.folder, "--frame", 0], ["sheet", film.folder]):
        path = film.write("old.png" if words[0] != "render" else "old.mp4", "precious")
        code, said = command(*words, "-o", path)
        assert code == OutputError.exit_code
        assert f"{path}: the file exists already" in said
        assert "--force" in said
        assert path.read_text("utf-8") == "precious"
    with pytest.raises(OutputError, match="exists already"):
        animap.open(film.folder).render(film.folder / "old.mp4")


def test_the_folder_for_outputs_is_not_made_for_a_film_that_is_refused(
    film: FilmFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(film.folder)
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    code, said = command("render", ".")
    assert code == DataError.exit_code
    assert "30 days" in said
    assert not (film.folder / "output").exists()


def test_a_file_in_place_of_the_folder_for_outputs(
    film: FilmFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(film.folder)
    film.write("output", "a file")
    code, said = command("render", ".")
    assert code == OutputError.exit_code
    assert "what should be its folder is a file" in said
    assert (film.folder / "output").read_text("utf-8") == "a file"


def test_a_film_without_outputs_needs_a_name(film: FilmFolder, command: Command) -> None:
    film.edit("film.toml", '[[outputs]]\nfile = "small.mp4"\nsize = "320x180"\nfps = 12\n', "")
    code, said = command("render", film.folder)
    assert code == UsageError.exit_code
    assert "lists no outputs" in said
    assert "name a file with -o" in said


# All together


def test_faults_all_over_the_data_are_told_together(film: FilmFolder) -> None:
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    film.edit("towns.csv", "bourg,2.8,50.7", "bourg,50.7,2.8")
    film.edit("advances.csv", "1944-09-02,ville", "1944-09-05,ville")
    film.edit("pockets.geojson", '"state": "besieged"', '"state": "lost"')
    film.edit("captions.csv", "The town is free", "")
    film.edit("formations.csv", ",GB,", ",UK,")
    film.edit("land.geojson", "[4.5, 49.5]", "[4.5, 495]")
    film.edit("film.toml", 'file = "captions.csv"', 'file = "captions.csv"\nfields = { date = "dates" }')
    problems = refused(DataError, film)
    told(problems, "30 days", "towns.csv, line 2", "correct")
    told(problems, "fit the other way round", "towns.csv, line 3", "swap")
    told(problems, "goes back in time", "advances.csv, line 5", "check")
    told(problems, "unknown state 'lost'", "pockets.geojson, feature 2", "known")
    told(problems, "no text in en", "captions.csv, line 2", "fill in")
    told(problems, "unknown nation 'UK'", "formations.csv, line 2", "known")
    told(problems, "out of range", "land.geojson, feature 1", "latitude")
    told(problems, "no column 'dates'", "captions.csv", "did you mean 'date'")
    assert len(problems) == 8


def test_film_data_style_call_and_output_are_told_together(film: FilmFolder, command: Command) -> None:
    film.edit("film.toml", 'subtitle = { fr = "Un essai", en = "A trial" }', 'subtitle = { fr = "Un essai" }')
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    film.write("mine.toml", STYLE + '[basemap]\nsea = "blue"\n')
    old = film.write("old.mp4", "precious")
    code, said = command(
        "render", film.folder, "--style", "mine", "--fps", "fast", "-o", old, "-o", "film.avi"
    )
    assert code == FilmError.exit_code
    for words in ("no subtitle in en", "30 days", "not a colour", "'fast'", "exists already", "'.avi'"):
        assert said.count(words) == 1
    assert "animap: 6 problems, nothing was written" in said
    assert old.read_text("utf-8") == "precious"


def test_check_looks_at_the_outputs_too(film: FilmFolder, command: Command) -> None:
    film.edit("film.toml", 'size = "320x180"', 'size = "321x180"')
    film.edit("film.toml", "fps = 12", 'fps = 12\n[[outputs]]\nfile = "b.gif"\nstyle = "atls"')
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    code, said = command("check", film.folder)
    assert code == DataError.exit_code
    assert "30 days" in said
    assert "small.mp4, size: MP4 needs an even width and height" in said
    assert "film.toml, line 55, outputs[1].style: no style 'atls'" in said
    assert "animap: 3 problems" in said


def test_check_answers_in_json(
    film: FilmFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    monkeypatch.setattr(sys, "argv", ["animap", "check", str(film.folder), "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == DataError.exit_code
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["problems"] == [
        {
            "what": "'1944-09-31' does not exist: September 1944 has 30 days",
            "where": "towns.csv, line 2 (ville), liberated",
            "hint": "correct the date",
        }
    ]


def test_as_a_user_types_it(film: FilmFolder) -> None:
    film.edit("towns.csv", "1,1944-09-02", "1,1944-09-31")
    film.edit("advances.csv", "1944-09-02,ville", "1944-09-05,ville")
    before = files_under(film.folder)
    done = subprocess.run(
        [sys.executable, "-m", "animap", "render", ".", "-o", "new.mp4"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=film.folder,
        check=False,
    )
    assert done.returncode == DataError.exit_code
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "animap: advances.csv, line 5 (nord): axis 'nord' goes back in time: 1944-09-04 after 1944-09-05",
        "    → check the date and the order (seq)",
        "animap: towns.csv, line 2 (ville), liberated: "
        "'1944-09-31' does not exist: September 1944 has 30 days",
        "    → correct the date",
        "animap: 2 problems, nothing was written",
    ]
    assert files_under(film.folder) == before


def test_a_misspelt_option_as_a_user_types_it(film: FilmFolder) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "animap", "render", ".", "--styel", "night"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=film.folder,
        check=False,
    )
    assert done.returncode == UsageError.exit_code
    assert "--styel" in done.stderr
    assert "--style" in done.stderr.replace("--styel", "")
    assert "Traceback" not in done.stderr
    assert not (film.folder / "output").exists()


def test_exit_codes_differ_and_help_names_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {
        UsageError: "wrong call",
        FilmError: "film file",
        DataError: "layer data",
        StyleError: "style or font",
        OutputError: "output",
        RenderError: "rendering failed",
    }
    monkeypatch.setattr(sys, "argv", ["animap", "--help"])
    with pytest.raises(SystemExit):
        main()
    text = " ".join(capsys.readouterr().out.split())
    assert len({error.exit_code for error in codes}) == len(codes)
    for error, words in codes.items():
        assert f"{error.exit_code} {words}" in text
