"""The shipped film tells the museum's text: its facts as a table, asked of the frames.

The text is authoritative for dates. A row says what must be on the map, or must not be yet, at a moment.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import animap
from animap.api import Animation
from animap.film import shipped_films
from animap.layers import AdvancesData, PocketsData, TownsData
from animap.layers.pockets import Perimeter
from animap.layers.walks import walk
from animap.marks import Area, Arrow, Faded, Frame, Mark, Points, Text
from animap.timeline import When

FOLDER = shipped_films()["liberation"].parent

FREED = [
    # town, the text's day, whose colour it takes
    ("abbeville", "1944-08-31", "PL"),
    ("amiens", "1944-08-31", "GB"),
    ("arras", "1944-09-01", "GB"),
    ("douai", "1944-09-01", "GB"),
    ("peronne", "1944-09-01", "US"),
    ("lens", "1944-09-02", "GB"),
    ("cambrai", "1944-09-02", "US"),
    ("valenciennes", "1944-09-02", "US"),
    ("lille", "1944-09-03", "GB"),
    ("montreuil", "1944-09-04", "CA"),
    ("bethune", "1944-09-04", "GB"),
    ("saint-omer", "1944-09-05", "PL"),
    ("ypres", "1944-09-06", "PL"),
    ("boulogne", "1944-09-19", "CA"),
    ("calais", "1944-09-30", "CA"),
    ("dunkerque", "1945-05-09", "CZ"),
]

PASSED = [
    # nation of the axis, commander in the table of formations, place, the text's day
    ("CA", "Crerar", "montreuil", "1944-09-04"),
    ("PL", "Maczek", "abbeville", "1944-08-31"),
    ("PL", "Maczek", "saint-omer", "1944-09-05"),
    ("PL", "Maczek", "ypres", "1944-09-06"),
    ("GB", "Dempsey", "amiens", "1944-08-31"),
    ("GB", "Dempsey", "arras", "1944-09-01"),
    ("GB", "Dempsey", "douai", "1944-09-01"),
    ("GB", "Dempsey", "lens", "1944-09-02"),
    ("GB", "Dempsey", "lille", "1944-09-03"),
    ("GB", "Dempsey", "bethune", "1944-09-04"),
    ("US", "Bradley", "peronne", "1944-09-01"),
    ("US", "Bradley", "cambrai", "1944-09-02"),
    ("US", "Bradley", "valenciennes", "1944-09-02"),
]

POCKETS = [
    # pocket, a moment at which it must be there, its state then, the day of its fall
    ("boulogne", "1944-09-05T20:00", {"encircled", "besieged"}, "1944-09-19"),
    ("calais", "1944-09-05T20:00", {"encircled", "besieged"}, "1944-09-30"),
    ("gris-nez", "1944-09-05T20:00", {"encircled", "besieged"}, "1944-09-29"),
    ("dunkerque", "1944-09-05T20:00", {"held"}, "1945-05-09"),
    ("dunkerque", "1944-09-20", {"encircled", "besieged"}, "1945-05-09"),
    ("dunkerque", "1945-05-08", {"besieged"}, "1945-05-09"),
]

TOLD = [
    # a moment, words that its caption must hold
    ("1944-08-31", ("frontière belge",)),
    ("1944-09-01", ("Arras", "Douai", "Péronne")),
    ("1944-09-02", ("Lens", "Cambrai", "Valenciennes")),
    ("1944-09-03", ("Lille",)),
    ("1944-09-04", ("Montreuil", "Béthune")),
    ("1944-09-05", ("Boulogne", "Calais", "Gris-Nez", "Dunkerque")),
    ("1944-09-06", ("Ypres",)),
    ("1944-09-19", ("Boulogne",)),
    ("1944-09-30", ("Calais",)),
    ("1945-05-09", ("Dunkerque", "Frisius")),
]


@pytest.fixture(scope="module")
def liberation() -> Animation:
    return animap.open(size="1280x720", fps=15)


def shown(frame: Frame) -> Iterator[Mark]:
    for mark in frame.marks:
        yield mark.mark if isinstance(mark, Faded) else mark


def towns(film: Animation) -> TownsData:
    return next(d for d in film.film.layers if isinstance(d, TownsData))


def advances(film: Animation) -> AdvancesData:
    return next(d for d in film.film.layers if isinstance(d, AdvancesData))


def pockets(film: Animation) -> PocketsData:
    return next(d for d in film.film.layers if isinstance(d, PocketsData))


def fill_of_town(film: Animation, frame: Frame, town: str) -> str | None:
    """Colour of a town's symbol in a frame."""
    at = np.array(next(t.at for t in towns(film).towns if t.id == town))
    fills = [
        mark.fill
        for mark in shown(frame)
        if isinstance(mark, Points) and mark.space == "map" and mark.fill and _holds(mark.xy, at)
    ]
    return fills[-1] if fills else None


def _holds(xy: np.ndarray, at: np.ndarray) -> bool:
    return bool((np.abs(xy - at).max(axis=1) < 1).any())


def frame_at(film: Animation, when: str) -> Frame:
    return film.frame(film.index_at(when))


@pytest.mark.parametrize(("town", "day", "nation"), FREED)
def test_towns_are_freed_on_the_days_of_the_text(
    liberation: Animation, town: str, day: str, nation: str
) -> None:
    style = liberation.scene.style
    noon = liberation.scene.clock.frame_of(When.of(day).instant)
    before = liberation.frame(noon - 1)
    assert fill_of_town(liberation, before, town) == style.towns.occupied
    after = frame_at(liberation, day)
    assert fill_of_town(liberation, after, town) == style.nation(nation)
    assert str(liberation.scene.day(after.index)) == day


@pytest.mark.parametrize(("nation", "commander", "place", "day"), PASSED)
def test_axes_pass_the_places_of_the_text_on_its_days(
    liberation: Animation, nation: str, commander: str, place: str, day: str
) -> None:
    at = next(t.at for t in towns(liberation).towns if t.id == place)
    wanted = When.of(day)
    axes = [
        a
        for a in advances(liberation).advances
        if not a.detail and a.formation.nation == nation and commander in a.formation.commander
    ]
    assert axes, f"no axis of {commander}"
    reached = []
    for axis in axes:
        way = walk(axis.points)
        for point, metres in zip(axis.points, way.curve.at, strict=True):
            if np.hypot(point.at[0] - at[0], point.at[1] - at[1]) < 2500 and point.when:
                instants = np.linspace(wanted.earliest, wanted.latest, 97)
                positions = [way.metres_at(i) for i in instants.tolist()]
                reached.append(min(positions) <= metres + 1 and max(positions) >= metres - 1)
    assert any(reached), f"no axis of {commander} reaches {place} on {day}"


def test_an_arrow_of_each_nation_is_drawn_while_its_axis_runs(liberation: Animation) -> None:
    frame = frame_at(liberation, "1944-09-05")
    colours = {m.fill for m in shown(frame) if isinstance(m, Arrow) and m.space == "map"}
    assert {liberation.scene.style.nation(n) for n in ("CA", "PL", "GB", "US")} <= colours


@pytest.mark.parametrize(("pocket", "moment", "states", "fall"), POCKETS)
def test_pockets_stand_and_fall_as_the_text_says(
    liberation: Animation, pocket: str, moment: str, states: set[str], fall: str
) -> None:
    data = next(p for p in pockets(liberation).pockets if p.id == pocket)
    perimeter = Perimeter(data.outlines)
    index, _ = perimeter.at(When.of(moment).instant)
    assert perimeter.start <= When.of(moment).instant
    assert perimeter.state(index) in states
    assert perimeter.fall == When.of(fall).instant
    hatched = [m for m in shown(frame_at(liberation, moment)) if isinstance(m, Area) and m.space == "map"]
    centre = perimeter.extent.centroid
    assert any(
        m.fill == liberation.scene.style.pockets.fill
        and np.hypot(*(m.paths.xy.mean(axis=0) - (centre.x, centre.y))) < 30_000
        for m in hatched
    )


def test_on_the_evening_of_5_september_only_the_four_pockets_of_the_text_are_left(
    liberation: Animation,
) -> None:
    evening = When.of("1944-09-05T20:00").instant
    standing = {
        p.id
        for p in pockets(liberation).pockets
        if not p.detail and p.outlines[0].when.instant <= evening < Perimeter(p.outlines).fall
    }
    assert standing == {"boulogne", "calais", "gris-nez", "dunkerque"}


def test_dunkirk_is_encircled_in_september_by_the_2nd_canadian_division(liberation: Animation) -> None:
    dunkirk = next(p for p in pockets(liberation).pockets if p.id == "dunkerque")
    days = [o.when.text for o in dunkirk.outlines if o.state == "encircled"]
    assert days
    assert all(day.startswith("1944-09") for day in days)
    assert "Frisius" in dunkirk.commander
    axes = [a for a in advances(liberation).advances if not a.detail]
    names = [a.formation.names["en"] for a in axes if a.formation.nation == "CA"]
    assert any("2nd Canadian" in name for name in names)


@pytest.mark.parametrize(("day", "words"), TOLD)
def test_captions_tell_the_text(liberation: Animation, day: str, words: tuple[str, ...]) -> None:
    clock = liberation.scene.clock
    first, last = clock.frame_of(When.of(day).earliest), clock.frame_of(When.of(day).latest - 1e-6)
    # A caption may still stand in the first hours of the following day.
    seen = {
        " ".join(mark.text for mark in shown(liberation.frame(index)) if isinstance(mark, Text))
        for index in range(first, min(last + 12, liberation.frames), 3)
    }
    told = " | ".join(seen).replace("\u00a0", " ").replace("\u202f", " ")
    for word in words:
        assert word in told


def test_both_days_of_the_period_are_on_screen(liberation: Animation) -> None:
    assert str(liberation.scene.day(0)) == "1944-08-31"
    assert str(liberation.scene.day(liberation.frames - 1)) == "1945-05-09"


def test_the_film_lasts_about_80_seconds(liberation: Animation) -> None:
    assert 75 <= liberation.seconds <= 86


def test_end_card_names_the_two_books(liberation: Animation) -> None:
    texts = " ".join(m.text for m in shown(liberation.frame(liberation.frames - 1)) if isinstance(m, Text))
    assert "Desquesnes" in texts
    assert "Oddone" in texts


def test_without_details_the_story_of_the_text_is_left() -> None:
    full, story = animap.open(), animap.open(detail=False)
    assert {t.id for t in towns(story).towns} < {t.id for t in towns(full).towns}
    assert {row[0] for row in FREED} <= {t.id for t in towns(story).towns}
    assert {p.id for p in pockets(story).pockets} == {"boulogne", "calais", "gris-nez", "dunkerque"}
    assert not any(a.detail for a in advances(story).advances)


@pytest.mark.parametrize("language", ["fr", "en", "nl", "de"])
def test_the_film_is_complete_in_every_language(language: str) -> None:
    film = animap.open(language=language, size="640x360", fps=2)
    assert all(
        text.text for i in range(film.frames) for text in shown(film.frame(i)) if isinstance(text, Text)
    )


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", ["towns.csv", "advances.csv", "captions.csv", "formations.csv"])
def test_every_fact_has_a_source_that_is_listed(table: str) -> None:
    known = {row["key"] for row in rows("sources.csv")}
    for row in rows(table):
        keys = row["source"].split(";")
        assert keys
        assert set(keys) <= known, row


def test_disputed_facts_say_why() -> None:
    for table in ("towns.csv", "advances.csv"):
        for row in rows(table):
            assert not row["disputed"] or row["note"], row


def test_data_is_small_and_says_where_it_comes_from() -> None:
    data = FOLDER.parent
    assert sum(p.stat().st_size for p in data.rglob("*") if p.is_file()) < 12_000_000
    for folder in (FOLDER, data / "basemap"):
        assert (folder / "SOURCES.md").is_file()
    layers = (data / "basemap" / "SOURCES.md").read_text("utf-8")
    for layer in (data / "basemap").glob("*.geojson"):
        assert layer.stem in layers


def test_towns_and_perimeters_agree(liberation: Animation) -> None:
    """A freed town lies outside every pocket from its day on; an occupied one is never outside by mistake."""
    wrong = []
    for pocket in pockets(liberation).pockets:
        perimeter = Perimeter(pocket.outlines)
        for outline in pocket.outlines[:-1]:
            for town in towns(liberation).towns:
                from shapely import Point

                freed = town.liberated.instant if town.liberated else np.inf
                if freed <= outline.when.instant and outline.shape.contains(Point(town.at)):
                    wrong.append((pocket.id, outline.when.text, town.id))
        assert perimeter.fall > perimeter.start
    assert not wrong


def test_film_file_is_where_the_command_looks(tmp_path: Path) -> None:
    assert (FOLDER / "film.toml").is_file()
    assert animap.open("liberation").film.file == FOLDER / "film.toml"


def test_every_frame_of_every_output_of_our_film_can_be_made() -> None:
    film = animap.open().film
    for output in film.spec.outputs:
        movie = animap.open(style=output.style, size=output.size or "1080p", fps=output.fps or 30)
        assert all(movie.frame(index).marks for index in range(movie.frames))
