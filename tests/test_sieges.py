"""Pockets, their toothed line and words; days beside towns; what is in doubt, and where it is told."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import shapely

import animap
from animap.api import Animation
from animap.geo.lines import lengths
from animap.layers import Moment
from animap.layers.doubts import day_told
from animap.layers.pockets import PocketsLayer
from animap.layers.siege import Siege
from animap.marks import Area, Faded, Line, Mark, Points, Shown, Text
from animap.timeline import When
from animap.words import book


@pytest.fixture(scope="module")
def film() -> Animation:
    return animap.open(size="1280x720", fps=30)


def siege(film: Animation, name: str) -> Siege:
    layer = next(layer for layer in film.scene.maps if isinstance(layer, PocketsLayer))
    return layer.sieges[[p.id for p in layer.pockets].index(name)]


def moment(film: Animation, index: int) -> Moment:
    return Moment(index, float(film.scene.clock.second(index)), film.scene.clock.instant(index))


def bare(shown: Shown) -> Mark:
    return shown.mark if isinstance(shown, Faded) else shown


def texts(film: Animation, when: str) -> list[str]:
    return [m.text for m in map(bare, film.frame(film.index_at(when)).marks) if isinstance(m, Text)]


@pytest.mark.parametrize("name", ["boulogne", "gris-nez", "calais", "dunkerque"])
def test_the_line_runs_on_the_landward_side_only_with_the_pocket_on_its_right(
    film: Animation, name: str
) -> None:
    here = siege(film, name)
    unit = film.scene.setting.metres_per_unit
    coast = film.film.land.boundary
    for index in range(len(here.perimeter.outlines)):
        shape = here.perimeter.shape(index, 0.0)
        for line in here.landward(index, 0.0):
            assert shapely.LineString(line).distance(shape.boundary) < 1
            run = lengths(line)
            middle = np.array([np.interp(run[-1] / 2, run, line[:, i]) for i in (0, 1)])
            assert coast.distance(shapely.Point(middle)) > unit
            way = np.array([np.interp(run[-1] * 0.51, run, line[:, i]) for i in (0, 1)]) - middle
            right = middle + np.array([way[1], -way[0]]) / np.hypot(*way) * unit
            assert shape.contains(shapely.Point(right))


def test_the_ring_draws_itself_and_the_pocket_dissolves(film: Animation) -> None:
    here, clock = siege(film, "boulogne"), film.scene.clock
    drawn = []
    for second in np.linspace(here.closed, here.closed + 2.5, 12)[1:]:
        lines = [
            m
            for m in map(bare, here.marks(Moment(0, second, clock.instant_at(second))))
            if isinstance(m, Line)
        ]
        ring = [m for m in lines if not m.pen.dash]
        drawn.append(sum(lengths(p)[-1] for m in ring for p in m.paths.parts()))
    assert drawn == sorted(drawn)
    assert drawn[-1] == drawn[-2] > 3 * drawn[0]
    widths = []
    for second in np.linspace(here.fall + 0.05, here.fall + 1.7, 8):
        area = next(
            m for m in map(bare, here.marks(Moment(0, second, here.perimeter.fall))) if isinstance(m, Area)
        )
        assert area.hatch
        widths.append(area.hatch.width)
    assert widths == sorted(widths, reverse=True)
    assert not here.marks(Moment(0, here.fall + 5, here.perimeter.fall))


def test_dunkirk_neither_fidgets_nor_vanishes_in_winter(film: Animation) -> None:
    here = siege(film, "dunkerque")
    first = film.index_at("1944-11-02")
    seen = [tuple(here.marks(moment(film, i))) for i in range(first, film.index_at("1945-04-08"), 5)]
    assert len(seen[0]) == 3
    assert all(all(a is b for a, b in zip(seen[0], marks, strict=True)) for marks in seen)


def test_a_pocket_says_who_holds_it_and_for_how_long(film: Animation) -> None:
    assert any("Frisius" in text and "12" in text for text in texts(film, "1944-12-01"))
    months = [
        text for day in ("1944-12-20", "1945-03-12") for text in texts(film, day) if "mois de siège" in text
    ]
    assert months == ["4e mois de siège", "7e mois de siège"]


def test_the_day_stands_beside_a_freed_town_for_a_while(film: Animation) -> None:
    assert "4 sept." in {t.replace("\u00a0", " ") for t in texts(film, "1944-09-04T20:00")}
    assert "4 sept." not in {t.replace("\u00a0", " ") for t in texts(film, "1944-09-12")}


@pytest.mark.parametrize(
    ("language", "date", "disputed", "told"),
    [
        ("fr", "1944-09-04", False, "4 sept."),
        ("fr", "1944-09-01~", False, "v. 1er sept."),
        ("en", "1944-09-04~", False, "c. 4 Sep"),
        ("nl", "1944-09-04~", False, "ca. 4 sep"),
        ("de", "1944-09-04~", False, "um 4. Sept."),
        ("fr", "1944-09-04", True, "4 sept. ?"),
        ("en", "1944-09-04?", False, "4 Sep?"),
        ("fr", "1944-09-05/1944-09-06", False, "5–6 sept."),
        ("fr", "1944-08-31/1944-09-02", False, "31 août–2 sept."),
        ("de", "1944-09", False, "September"),
        ("en", "1944", False, "1944"),
    ],
)
def test_a_day_is_told_with_what_is_not_known_of_it(
    language: str, date: str, disputed: bool, told: str
) -> None:
    text = day_told(book(language), When.of(date), disputed=disputed)
    assert text.replace("\u00a0", " ").replace("\u202f", " ").replace("Sept", "Sep") == told.replace(
        "Sept", "Sep"
    )


def test_doubtful_towns_have_a_broken_ring_and_the_legend_says_so(film: Animation) -> None:
    frame = film.frame(film.index_at("1944-09-08"))
    rings = [
        m
        for m in map(bare, frame.marks)
        if isinstance(m, Points) and m.pen and m.pen.dash and m.space == "map"
    ]
    assert rings
    assert "Date incertaine" in texts(film, "1944-09-08")


def test_check_lists_what_is_in_doubt() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "animap", "check", "--json", "--size", "640x360"],
        capture_output=True,
        check=True,
    )
    found = {(d["what"], d["date"], d["other"]) for d in json.loads(told.stdout)["disputed"]}
    assert ("lille", "1944-09-03", "1944-09-02") in found
    assert ("bapaume", "1944-09-01~", "") in found
    assert ("boulogne fallen", "1944-09-19", "1944-09-22") in found
    doubt = next(d for d in json.loads(told.stdout)["disputed"] if d["what"] == "lille")
    assert "disputed" in doubt["kinds"]
    assert doubt["source"]
    assert "towns.csv, line" in doubt["where"]
