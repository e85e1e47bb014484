"""Films made up for measuring how costs grow: the same each time."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

__all__ = ["WINDOW", "axes", "pocket", "short", "towns"]

_START, _DAYS = date(1944, 9, 1), 120
WINDOW = (date(1944, 10, 30), date(1944, 11, 1))
"""Days in which something happens in every film; at a second a day they are three seconds."""
_WEST, _SOUTH, _EAST, _NORTH = 1.0, 49.5, 5.0, 51.5

_FILM = """\
language = "en"
languages = ["en"]
title = {{ en = "A film for measuring" }}
subtitle = {{ en = "" }}

[period]
start = {start}
end = {end}

[view]
extent = [{west}, {south}, {east}, {north}]

[pace]
opening = 0.5
ending = 0.5
smooth = 0
stretches = [{{ until = "{end}", seconds_per_day = 1 }}]
{length}
[formations]
file = "formations.csv"

[[layers]]
kind = "basemap"
land = "land.geojson"
{layer}
[credits]
sources = ["Made up"]
"""

_LAYER = """
[[layers]]
kind = "{kind}"
id = "{kind}"
file = "{file}"
"""


def towns(folder: Path, count: int, changing: int = 100) -> Path:
    """`count` dated towns, of which always as many are freed within the window, the others far from it."""
    random = np.random.default_rng(1944)
    lon, lat = random.uniform(_WEST, _EAST, count), random.uniform(_SOUTH, _NORTH, count)
    first = (WINDOW[0] - _START).days
    rows = []
    for n in range(count):
        # The others a third of a film away, so that no name lingers into the window.
        elsewhere = n % 20 if n % 2 else _DAYS - 1 - n % 20
        when = _START + timedelta(first + n * 3 // changing if n < changing else elsewhere)
        rows.append((f"t{n}", lon[n], lat[n], f"Town {n}", 5, when, "army", "true", "S"))
    _film(folder, "towns", "towns.csv")
    _table(
        folder / "towns.csv",
        ("id", "lon", "lat", "name", "rank", "liberated", "by", "detail", "source"),
        rows,
    )
    return folder


def axes(folder: Path, count: int) -> Path:
    """`count` axes of six way-points, all of them on their way within the window."""
    random = np.random.default_rng(1944)
    rows = []
    for n in range(count):
        at = np.array([random.uniform(_WEST, _EAST), random.uniform(_SOUTH, _NORTH)])
        for step in range(6):
            day = WINDOW[0] + timedelta(2 * step - 5)
            rows.append((f"a{n}", step + 1, *at.tolist(), day, "army", "S"))
            at = at + random.normal(0.06, 0.05, 2)
    _film(folder, "advances", "advances.csv")
    _table(folder / "advances.csv", ("axis", "seq", "lon", "lat", "date", "formation", "source"), rows)
    return folder


def pocket(folder: Path, vertices: int) -> Path:
    """A pocket of so many vertices that turns into another outline throughout the window."""
    before, after = WINDOW[0] - timedelta(1), WINDOW[1] + timedelta(1)
    facts = {"pocket": "p", "name": "Pocket", "source": "S"}
    rows = [
        ({"date": str(before - timedelta(2)), "until": str(before), "state": "held"}, _blob(vertices, 0.5)),
        ({"date": str(after), "state": "besieged"}, _blob(vertices, 0.25)),
    ]
    features = [
        {
            "type": "Feature",
            "properties": facts | more,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for more, ring in rows
    ]
    _film(folder, "pockets", "pockets.geojson")
    _collection(folder / "pockets.geojson", features)
    return folder


def short(folder: Path, seconds: float) -> Path:
    """The film of 200 towns in so many seconds: the same things happen, in more or fewer frames."""
    towns(folder, 200)
    _film(folder, "towns", "towns.csv", f"length = {seconds}\n")
    return folder


def _blob(vertices: int, radius: float) -> list[list[float]]:
    """A ring with bays at all sizes."""
    turn = np.linspace(0, 2 * math.pi, vertices, endpoint=False)
    reach = radius * (1 + sum(0.2 / k * np.sin(k * turn + k * radius * 9) for k in (3, 7, 17)))
    ring = np.column_stack([3 + 1.5 * reach * np.cos(turn), 50.5 + reach * np.sin(turn)])
    return [*ring.tolist(), ring[0].tolist()]


def _film(folder: Path, kind: str, file: str, length: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = _FILM.format(
        start=_START,
        end=_START + timedelta(_DAYS - 1),
        west=_WEST,
        south=_SOUTH,
        east=_EAST,
        north=_NORTH,
        length=length,
        layer=_LAYER.format(kind=kind, file=file),
    )
    (folder / "film.toml").write_text(text, "utf-8")
    _table(folder / "formations.csv", ("id", "name", "nation", "source"), [("army", "Army", "GB", "S")])
    land = [
        [_WEST - 3, _SOUTH - 3],
        [_EAST - 0.2, _SOUTH - 3],
        [_EAST - 0.2, _NORTH - 0.1],
        [_WEST - 3, _NORTH - 0.1],
    ]
    shape = {"type": "Polygon", "coordinates": [[*land, land[0]]]}
    _collection(folder / "land.geojson", [{"type": "Feature", "properties": {}, "geometry": shape}])


def _collection(path: Path, features: Sequence[object]) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
