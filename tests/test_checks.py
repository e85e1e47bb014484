"""What `animap check` says beyond what is wrong, and `--strict`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import animap
from animap.beside.checks import checked
from animap.cli.app import app
from animap.style import load_style
from animap.style.shaping import lacking
from conftest import FilmFolder

runner = CliRunner()
SOURCES = "key,title\nS1,A book\nS2,Hearsay\n"


def warned(film: FilmFolder, *words: str, size: str = "1080p") -> list[str]:
    result = runner.invoke(app, ["check", str(film.folder), "--json", "--size", size, *words])
    assert result.exit_code == 0, result.output
    return [f"{w['where']}: {w['what']} → {w['hint']}" for w in json.loads(result.stdout)["warnings"]]


def add(film: FilmFolder, text: str) -> None:
    film.edit("film.toml", "[credits]", f"{text}\n\n[credits]")


def test_a_claim_that_nothing_proves_is_told(film: FilmFolder) -> None:
    film.write("sources.csv", SOURCES)
    assert warned(film) == []
    add(film, '[sources]\nfile = "sources.csv"\nunproven = ["S2"]')
    [told] = warned(film)
    assert "2 claims rest on S2 alone, which proves nothing: deux, hameau" in told
    assert "sources.unproven" in told
    assert warned(film, "--no-detail") == []


def test_a_source_that_the_table_does_not_have_is_told_once(film: FilmFolder) -> None:
    film.write("sources.csv", SOURCES.replace("S1", "S10"))
    add(film, '[sources]\nfile = "sources.csv"')
    [told] = warned(film)
    assert "the source 'S1' of nord, un, ville, port, bourg is not in the table of sources" in told
    assert "did you mean 'S10'?" in told


def test_letters_too_small_for_where_visitors_stand_are_told(film: FilmFolder) -> None:
    add(film, "[screen]\nwidth_cm = 120\ndistance_m = 4.0")
    [told] = warned(film)
    assert "too small to be read from 4 m" in told
    assert "furniture.small" in told
    assert "labels.ranks[0]" not in told.partition("style atlas")[0]
    # As near as the advice says, they can all be read.
    near = told.rpartition("as near as ")[2].partition(" m")[0]
    film.edit("film.toml", "distance_m = 4.0", f"distance_m = {float(near) - 0.05}")
    assert warned(film) == []


def test_a_screen_says_both_its_measures(film: FilmFolder) -> None:
    add(film, "[screen]\nwidth_cm = 0")
    result = runner.invoke(app, ["check", str(film.folder)])
    said = str(result.exception)
    assert "'distance_m' is missing" in said
    assert "0 is out of range" in said


def test_characters_that_a_font_lacks_are_told_with_where_they_are_set(film: FilmFolder) -> None:
    film.edit("towns.csv", "Bourg,Borough", "Bourg,里尔")
    told = warned(film)
    assert all("has no 里 尔" in problem for problem in told)
    assert any("labels.ranks[1]" in problem for problem in told)
    assert not any("furniture" in problem for problem in told)


def test_arabic_is_set_in_the_font_that_stands_in(film: FilmFolder) -> None:
    film.edit("towns.csv", "Bourg,Borough", "Bourg,تحرير ليل")
    assert warned(film) == []


def test_polish_letters_are_in_every_font_that_ships() -> None:
    from animap.style import letterings, shipped_styles

    for name in shipped_styles():
        for key, lettering in letterings(load_style(name)):
            assert lacking(lettering.font, "Zażółć gęślą jaźń ŁÓDŹ Świętochłowice") == (), (name, key)
            # An accent set after its letter is drawn as one with it.
            assert lacking(lettering.font, "e\u0301") == (), (name, key)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([('sources = ["Un livre"]', 'sources = [{ fr = "Un livre" }]')], "credits.sources[0]"),
        ([('sources = ["Un livre"]', 'lines = [{ en = "x", fr = "y" }, { en = "z" }]')], "credits.lines[1]"),
    ],
)
def test_a_credit_without_translation_is_an_error(
    film: FilmFolder, edits: list[tuple[str, str]], said: str
) -> None:
    for old, new in edits:
        film.edit("film.toml", old, new)
    result = runner.invoke(app, ["check", str(film.folder)])
    assert said in str(result.exception)
    assert "credits in " in str(result.exception)


def test_a_garrison_without_translation_is_an_error(film: FilmFolder) -> None:
    film.edit(
        "pockets.geojson", '"name_en": "Port pocket"', '"name_en": "Port pocket", "garrison_fr": "mille"'
    )
    result = runner.invoke(app, ["check", str(film.folder)])
    assert "no garrison in en" in str(result.exception)


def test_strict_makes_a_warning_fail(film: FilmFolder) -> None:
    assert runner.invoke(app, ["check", str(film.folder), "--strict"]).exit_code == 0
    film.write("sources.csv", SOURCES)
    add(film, '[sources]\nfile = "sources.csv"\nunproven = ["S2"]')
    lenient = runner.invoke(app, ["check", str(film.folder)])
    assert lenient.exit_code == 0
    assert "sound" in lenient.stdout
    strict = runner.invoke(app, ["check", str(film.folder), "--strict"])
    assert strict.exit_code == 8
    assert "1 warning" in strict.stdout
    assert "sound" not in strict.stdout
    told = runner.invoke(app, ["check", str(film.folder), "--strict", "--json"])
    assert told.exit_code == 8
    answer = json.loads(told.stdout)
    assert answer["ok"] is False
    assert len(answer["warnings"]) == 1


def test_nations_that_look_alike_are_told_with_who_mixes_them_up(film: FilmFolder) -> None:
    film.write(
        "formations.csv",
        (film.folder / "formations.csv").read_text("utf-8")
        + "us,Armée,Army,US,,,S1\nca,Armée,Army,CA,,,S1\n",
    )
    style = film.write("own.toml", 'extends = "atlas"\ntitle = { fr = "x", en = "x" }\n')
    assert warned(film, "--style", str(style)) == []
    # Red and green of one lightness: told apart by most, not by everybody.
    colours = '[nations]\nGB = "#c0392b"\nUS = "#5b7a20"\nCA = "#101010"\n'
    film.write("own.toml", style.read_text("utf-8") + colours)
    told = warned(film, "--style", str(style))
    assert len(told) == 2
    assert "GB and US look alike in deutan (" in told[0]
    assert "normal" not in told[0]
    assert "GB and US look alike in grey" in told[1]
    assert all("style own, nations" in problem for problem in told)


def test_captions_that_a_film_wants_read_too_fast_are_told(film: FilmFolder) -> None:
    film.edit("captions.csv", "La ville est libre,", f"{'La ville est libre ' * 12},")
    film.edit("film.toml", "smooth = 0.5", "smooth = 0.5\ncharacters_per_second = 17")
    assert warned(film) == []
    film.edit("film.toml", "characters_per_second = 17", "characters_per_second = 40")
    [told] = warned(film)
    assert "1 captions ask to be read faster than 17 characters a second: un" in told
    assert "pace.characters_per_second" in told


def test_pictures_are_measured_where_it_is_asked_for(film: FilmFolder) -> None:
    film.write("own.toml", 'extends = "atlas"\ntitle = { fr = "x", en = "x" }\n[labels]\nfade = 0.3\n')
    pale = (film.folder / "own.toml").read_text("utf-8") + '[furniture]\npanel = "#3a342cff"\n'
    film.write("own.toml", pale)
    words = ["--style", str(film.folder / "own.toml")]
    assert warned(film, *words) == []
    told = warned(film, *words, "--measure", size="320x180")
    assert any("too little contrast" in problem and "furniture.caption" in problem for problem in told)
    strict = runner.invoke(app, ["check", str(film.folder), *words, "--strict", "--size", "320x180"])
    assert strict.exit_code == 8


def test_our_film_names_what_is_not_proven_and_nothing_else() -> None:
    movie = animap.open()
    [told] = checked(movie.film, load_style(movie.style), movie.page)
    assert "15 claims rest on K alone" in told.what
