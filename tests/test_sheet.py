"""The sheet for the curator's signature."""

from __future__ import annotations

import re
import zlib
from fractions import Fraction
from pathlib import Path

import imageio.v3 as iio
import pytest
from typer.testing import CliRunner

from animap.beside.events import happenings
from animap.beside.sheet import _scenes
from animap.cli.app import app
from animap.film import load_film
from animap.marks import Page
from animap.scene import Scene, Take
from animap.style import load_style
from animap.timeline import day_of
from conftest import FilmFolder

runner = CliRunner()


def read_text(path: Path) -> str:
    """What a PDF reads as: each line carries its words for whoever searches or copies."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL):
        try:
            data = zlib.decompress(stream)
        except zlib.error:
            continue
        words = re.findall(rb"/ActualText <FEFF([0-9A-F]*)>", data)
        found += [bytes.fromhex(w.decode()).decode("utf-16-be") for w in words]
    return "\n".join(found)


def signed(film: FilmFolder, path: Path, *words: str) -> str:
    result = runner.invoke(
        app, ["sheet", str(film.folder), "--sign", "-o", str(path), "--size", "160x90", *words]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_sheet_has_what_a_curator_answers_for(film: FilmFolder, tmp_path: Path) -> None:
    film.write("sources.csv", "key,title\nS1,A book about the town\nS2,Hearsay\n")
    film.edit("film.toml", "[credits]", '[sources]\nfile = "sources.csv"\n\n[credits]')
    path = tmp_path / "sheet.pdf"
    assert "2 stills" in signed(film, path, "--lang", "en")
    told = read_text(path)
    for words in ("Small film", "2 September 1944", "The town is free", "The hamlet is free"):
        assert words in told
    assert "A book about the town" in told
    said = " ".join(told.split())
    assert re.search(r"4 Sep · Borough: liberated .*: disputed date, other .* give: 5 September 1944", said)
    for words in ("Remarks", "Name and position", "Date and signature", "1/1"):
        assert words in told
    data = path.read_bytes()
    # A picture whose edge falls inside a pixel has a mask, which is an image too.
    assert data.count(b"/Subtype /Image") - data.count(b"/SMask") == 2
    # A4, to the point.
    assert re.search(rb"/MediaBox \[ 0 0 595\.\d+ 841\.\d+ \]", data)


def test_the_sheet_as_a_picture_has_its_pages_one_under_the_other(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    signed(film, path)
    height, width, _ = iio.imread(path).shape
    assert height / width == pytest.approx(297 / 210, rel=0.01)


def test_what_does_not_fit_goes_on_the_next_page(film: FilmFolder, tmp_path: Path) -> None:
    rows = [f"t{n},2.2,50.4,T{n},T{n},1,1944-09-02~,army,false,,S1,\n" for n in range(60)]
    film.write("towns.csv", (film.folder / "towns.csv").read_text("utf-8") + "".join(rows))
    path = tmp_path / "sheet.pdf"
    signed(film, path)
    told = read_text(path)
    assert path.read_bytes().count(b"/MediaBox") == 2
    assert all(f"· T{n} : libération" in told for n in range(60))


def test_a_film_without_captions_still_has_room_to_sign(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", '[captions]\nfile = "captions.csv"', "")
    path = tmp_path / "sheet.pdf"
    assert "1 stills" in signed(film, path)
    assert "Date et signature" in read_text(path)


def test_a_contact_sheet_is_no_pdf(film: FilmFolder, tmp_path: Path) -> None:
    result = runner.invoke(app, ["sheet", str(film.folder), "-o", str(tmp_path / "a.pdf")])
    assert "use .png, or add --sign" in str(result.exception)


def test_a_still_shows_the_day_of_its_caption() -> None:
    scene = Scene(load_film(), load_style("atlas"), Take(Page(160, 90), Fraction(30), "fr"))
    stills = list(_scenes(scene, happenings(scene.film, "fr")))
    late = [(scene.day(index) - day_of(events[0].instant)).days for index, events in stills]
    # In the winter days run by faster than a caption comes.
    assert late[:7] == [0] * 7
    assert sorted(late)[len(late) * 3 // 4] <= 1
    assert min(late) >= 0
