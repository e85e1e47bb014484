"""The command line: what it lists, answers and writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import imageio.v3 as iio
import pytest
from typer.testing import CliRunner

import animap
from animap.cli.app import app
from conftest import FilmFolder

runner = CliRunner()
COMMANDS = (
    "render", "still", "sheet", "words", "page", "check", "verify", "plan", "styles", "films",
    "presets", "cache",
)  # fmt: skip


def answer(*words: str) -> str:
    result = runner.invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_help_is_answered_without_the_heavy_libraries() -> None:
    code = (
        "import sys; sys.argv = ['animap', '--help']\n"
        "import atexit\n"
        "heavy = ('numpy', 'matplotlib', 'geopandas', 'cartopy', 'av', 'pydantic', 'babel', 'scipy')\n"
        "atexit.register(lambda: print('heavy:', [m for m in heavy if m in sys.modules]))\n"
        "from animap.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    for command in COMMANDS:
        assert command in done.stdout
    assert "Exit codes" in done.stdout
    assert "heavy: []" in done.stdout


def test_import_is_light() -> None:
    code = "import sys, animap; print([m for m in ('numpy', 'matplotlib', 'geopandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_still_of_a_day_shows_it_as_it_ended(film: FilmFolder, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"still{suffix}"
    told = json.loads(
        answer(
            "still", str(film.folder), "--at", "1944-09-04", "-o", str(path), "--size", "320x180", "--json"
        )
    )
    assert told["date"] == "1944-09-04"
    movie = animap.open(film.folder, size="320x180")
    assert str(movie.scene.day(told["frame"] + 1)) == "1944-09-05"
    assert (iio.imread(path) == movie.still("1944-09-04").pixels).all()


@pytest.mark.parametrize(("suffix", "magic"), [(".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_a_still_can_be_vectors(film: FilmFolder, tmp_path: Path, suffix: str, magic: bytes) -> None:
    path = tmp_path / f"still{suffix}"
    answer("still", str(film.folder), "--frame", "30", "-o", str(path))
    assert path.read_bytes().startswith(magic)


def test_a_contact_sheet_has_a_still_every_so_many_days(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    said = answer(
        "sheet", str(film.folder), "-o", str(path), "--every", "2", "--columns", "2", "--size", "160x90"
    )
    assert "3 stills" in said
    height, width, _ = iio.imread(path).shape
    assert width > 2 * 160
    assert height > 2 * 90


def test_check_says_what_is_sound(film: FilmFolder) -> None:
    told = json.loads(answer("check", str(film.folder), "--json"))
    assert told["ok"] is True
    assert told["problems"] == []


def test_plan_gives_the_date_at_each_second(film: FilmFolder) -> None:
    told = json.loads(answer("plan", str(film.folder), "--json", "--fps", "25"))
    movie = animap.open(film.folder, fps=25)
    assert told["frames"] == movie.frames
    assert told["seconds"] == float(movie.seconds)
    assert told["dates"][0] == {"second": 0, "date": "1944-09-01 00:00"}
    assert told["dates"][-1]["date"].startswith("1944-09-06")
    days = [d["date"] for d in told["dates"]]
    assert days == sorted(days)


def test_styles_and_films_are_listed() -> None:
    assert {s["name"] for s in json.loads(answer("styles", "--json"))} >= {"atlas", "night", "lesson"}
    films = json.loads(answer("films", "--json"))
    assert films[0]["name"] == "liberation"
    assert films[0]["languages"] == ["fr", "en", "nl", "de"]


def test_every_command_describes_its_options() -> None:
    for command in COMMANDS:
        assert "--help" in answer(command, "--help")


def test_module_runs_like_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "animap", "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert done.stdout.strip() == f"animap {animap.__version__}"
