"""A small film that tests bend: two towns, an axis, a pocket, captions, a square island of land."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time, or a change would be blamed for what it did not do; HYPOTHESIS_PROFILE=explore
# looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

FILM = """
language = "fr"
languages = ["fr", "en"]
title = { fr = "Petit film", en = "Small film" }
subtitle = { fr = "Un essai", en = "A trial" }

[period]
start = 1944-09-01
end = 1944-09-06

[view]
projection = "lambert"
extent = [1.5, 50.0, 3.5, 51.2]

[pace]
opening = 1.0
ending = 2.0
smooth = 0.5
stretches = [{ until = "1944-09-03", seconds_per_day = 1.0 }, { until = "1944-09-06", seconds_per_day = 0.5 }]

[formations]
file = "formations.csv"

[[layers]]
kind = "basemap"
land = "land.geojson"

[[layers]]
kind = "pockets"
id = "pockets"
file = "pockets.geojson"

[[layers]]
kind = "advances"
id = "advances"
file = "advances.csv"

[[layers]]
kind = "towns"
id = "towns"
file = "towns.csv"

[captions]
file = "captions.csv"

[credits]
sources = ["Un livre"]

[[outputs]]
file = "small.mp4"
size = "320x180"
fps = 12
"""

FORMATIONS = """\
id,name_fr,name_en,nation,commander,army,source
army,Première armée,First Army,GB,Gen. A,,S1
"""

TOWNS = """\
id,lon,lat,name_fr,name_en,rank,liberated,by,detail,disputed,source,note
ville,2.2,50.4,Ville,Town,1,1944-09-02,army,false,,S1,
bourg,2.8,50.7,Bourg,Borough,2,1944-09-04,army,false,1944-09-05,S1,autre date
hameau,2.5,50.9,Hameau,Hamlet,4,1944-09-05,,true,,S2,
"""

ADVANCES = """\
axis,seq,lon,lat,date,place,formation,detail,source
nord,1,2.0,50.1,1944-09-01,,army,false,S1
nord,2,2.2,50.4,1944-09-02,ville,army,false,S1
nord,3,2.6,50.5,,,army,false,S1
nord,4,2.8,50.7,1944-09-04,bourg,army,false,S1
"""

CAPTIONS = """\
id,date,text_fr,text_en,detail,source
un,1944-09-02,La ville est libre,The town is free,false,S1
deux,1944-09-05,Le hameau est libre,The hamlet is free,true,S2
"""


def _box(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


LAND = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": _box(1.8, 49.5, 4.5, 51.0)},
        }
    ],
}


def _pocket(date: str, state: str, box: list[list[list[float]]] | None) -> dict[str, object]:
    words = {"pocket": "port", "name_fr": "Poche du port", "name_en": "Port pocket"}
    facts = {"date": date, "state": state, "detail": "false", "source": "S1"}
    geometry = None if box is None else {"type": "Polygon", "coordinates": box}
    return {"type": "Feature", "properties": words | facts, "geometry": geometry}


POCKETS = {
    "type": "FeatureCollection",
    "features": [
        _pocket("1944-09-02", "encircled", _box(2.6, 50.75, 3.2, 51.1)),
        _pocket("1944-09-04", "besieged", _box(2.7, 50.85, 3.0, 51.1)),
        _pocket("1944-09-05", "fallen", None),
    ],
}


class FilmFolder:
    """The small film in a folder; `edit` replaces text in one of its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("film.toml", FILM)
        self.write("formations.csv", FORMATIONS)
        self.write("towns.csv", TOWNS)
        self.write("advances.csv", ADVANCES)
        self.write("captions.csv", CAPTIONS)
        self.write("land.geojson", json.dumps(LAND))
        self.write("pockets.geojson", json.dumps(POCKETS))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, 1))


LESSON_CAPTIONS = """\
id,date,town,text_fr,text_en,detail,source
un,1944-09-02,ville,La ville est <libre> & </script>,The town is <free> & </script>,false,S1
deux,1944-09-05,,Le hameau est libre,The hamlet is free,true,S1;S2
"""

LESSON_OUTPUTS = """
[[outputs]]
file = "small.gif"
size = "160x90"
fps = 5
"""


SOURCES = """
[sources]
file = "sources.csv"
"""


def lesson_film(film: FilmFolder) -> FilmFolder:
    """The small film with what a lesson page shows besides: a small GIF, places, titles of sources."""
    film.write("film.toml", (film.folder / "film.toml").read_text("utf-8") + LESSON_OUTPUTS + SOURCES)
    film.write("captions.csv", LESSON_CAPTIONS)
    film.write("sources.csv", "key,title\nS1,Un livre sur la ville\n")
    return film


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own: no test finds what another left, or touches the user's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ANIMAP_CACHE", str(folder))
    return folder


@pytest.fixture
def film(tmp_path: Path) -> FilmFolder:
    """A folder with the small film."""
    folder = tmp_path / "film"
    folder.mkdir()
    return FilmFolder(folder)


@pytest.fixture(scope="session")
def make_film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], FilmFolder]:
    """Makes more folders with the small film."""
    return lambda: FilmFolder(tmp_path_factory.mktemp("film"))
