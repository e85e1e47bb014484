"""Presets: what ships works, a film adds its own, and what is written beside one wins."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import animap
from animap.cli.app import app
from animap.encode import Ffv1, Gif, Mp4, encoder_for
from animap.errors import FilmError, UsageError
from animap.film.presets import shipped_presets
from conftest import FilmFolder

runner = CliRunner()


def planned(film: FilmFolder, *words: str) -> list[dict[str, object]]:
    result = runner.invoke(
        app, ["render", str(film.folder), "--dry-run", "--json", *words], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    answers: list[dict[str, object]] = json.loads(result.stdout)
    return answers


def spec_of(film: FilmFolder, number: int = 0) -> object:
    return animap.open(film.folder).film.spec.outputs[number]


def test_every_shipped_preset_is_listed_with_its_purpose_and_can_be_rendered(film: FilmFolder) -> None:
    listed = runner.invoke(app, ["presets"]).stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(shipped_presets())
    assert {
        "museum-1080p", "museum-4k", "museum-portrait", "player-safe", "lesson-gif", "lesson-square",
        "social-vertical", "web", "archive",
    } <= {line.split()[0] for line in listed}  # fmt: skip
    assert all(len(line.split(maxsplit=1)[1]) > 15 for line in listed)
    movie = animap.open(film.folder)
    for name, preset in shipped_presets().items():
        [answer, *_] = planned(film, "--preset", name)
        assert Path(str(answer["file"])).name.startswith(f"film-{name}")
        job = movie.job("x", options=preset.spec.encoding)
        signal = replace(job.signal, width=answer["width"], height=answer["height"])
        assert not encoder_for(job.options).check(signal)


def test_a_preset_makes_the_file_that_it_promises(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    words = [
        "render",
        str(film.folder),
        "--preset",
        "lesson-gif",
        "-o",
        str(path),
        "--size",
        "160x90",
        "--jobs",
        "1",
    ]
    assert runner.invoke(app, words).exit_code == 0
    manifest = json.loads((tmp_path / "a.gif.manifest.json").read_text("utf-8"))
    assert (manifest["kind"], manifest["style"], manifest["fps"]) == ("gif", "lesson", "10")
    assert manifest["encoding"]["colours"] == 64
    # The command line wins.
    assert (manifest["width"], manifest["height"]) == (160, 90)


def test_several_presets_are_several_files(film: FilmFolder) -> None:
    answers = planned(film, "--preset", "web,archive,museum-1080p", "--lang", "fr,en")
    assert [Path(str(a["file"])).name for a in answers] == [
        "film-web.fr.mp4", "film-web.en.mp4",
        "film-archive.fr.mkv", "film-archive.en.mkv",
        "film-museum-1080p.fr.mp4", "film-museum-1080p.en.mp4",
    ]  # fmt: skip
    loops = [a["seconds"] for a in answers]
    assert loops[4] == pytest.approx(float(str(loops[0])) + 2, abs=0.05)


def test_what_an_output_says_beside_its_preset_wins(film: FilmFolder) -> None:
    film.edit("film.toml", 'size = "320x180"\nfps = 12', 'preset = "web"\nfps = 12\nencoding = { crf = 25 }')
    output = spec_of(film)
    assert isinstance(output, animap.film.OutputSpec)
    assert (output.size, output.fps) == ("720p", "12")
    assert output.options == Mp4(crf=25, max_gop=4.0, captions=True)
    # Another kind takes nothing over.
    film.edit("film.toml", "encoding = { crf = 25 }", 'encoding = { kind = "gif" }')
    film.edit("film.toml", 'file = "small.mp4"', 'file = "small.gif"')
    output = spec_of(film)
    assert isinstance(output, animap.film.OutputSpec)
    assert output.options == Gif()


@pytest.mark.parametrize("beside", [True, False])
def test_a_film_adds_presets_of_its_own(film: FilmFolder, beside: bool) -> None:
    text = 'extends = "player-safe"\nabout = { fr = "Le hall", en = "The hall" }\n'
    text += 'encoding = { crf = 21 }\nloop = "hold:9"\n'
    hall = '[{0}hall]\n{1}[{0}nuit]\nextends = "hall"\nstyle = "night"\n'.format(
        "" if beside else "presets.", text
    )
    if beside:
        film.write("presets.toml", hall)
    else:
        film.edit("film.toml", "[[outputs]]", hall + "\n[[outputs]]")
    film.edit("film.toml", 'size = "320x180"', 'preset = "nuit"')
    output = spec_of(film)
    assert isinstance(output, animap.film.OutputSpec)
    assert output.options == Mp4(crf=21, max_gop=1.0, max_rate=25.0, level="4.1")
    assert (output.style, str(output.loop), output.size) == ("night", "hold:9", "1080p")
    listed = runner.invoke(app, ["presets", str(film.folder)]).stdout
    assert "hall             The hall" in listed
    assert "hall" not in runner.invoke(app, ["presets"]).stdout
    [answer] = planned(film, "--preset", "nuit")
    assert answer["style"] == "night"


@pytest.mark.parametrize(
    ("presets", "places"),
    [
        (
            '[hall]\nextends = "museum-1081p"\n',
            ["presets.toml, line 2, hall.extends", "did you mean 'museum-1080p'?"],
        ),
        ('[a]\nextends = "b"\n[b]\nextends = "a"\n', ["in a circle"]),
        (
            '[hall]\nsiez = "4k"\n\n[b]\nloop = "swing"\n',
            ["line 2, hall.siez", "unknown key 'siez'", "line 5, b.loop"],
        ),
        ('[hall]\nencoding = { kind = "mp4", crf = 99 }\n', ["hall.encoding.crf", "at most 51"]),
    ],
)
def test_what_is_wrong_with_presets_is_told_with_its_place(
    film: FilmFolder, presets: str, places: list[str]
) -> None:
    film.write("presets.toml", presets)
    # Whatever else is wrong in the film file is told with it.
    film.edit("film.toml", "opening = 1.0", 'opening = "long"')
    with pytest.raises(FilmError) as caught:
        animap.open(film.folder)
    for place in (*places, "pace.opening"):
        assert place in str(caught.value)


def test_an_output_of_a_preset_that_is_not_there_is_told(film: FilmFolder) -> None:
    film.edit("film.toml", 'size = "320x180"', 'preset = "museum"')
    with pytest.raises(FilmError, match=r"film.toml, line \d+, outputs\[0\].preset: no preset 'museum'"):
        animap.open(film.folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--preset", "webb"], "did you mean 'web'?"),
        (["--preset", "web,archive", "-o", "a.mp4"], "several presets"),
        (["--preset", "web", "-o", "a.gif"], "'a.gif' would hold mp4"),
    ],
)
def test_a_preset_that_cannot_be_is_refused(film: FilmFolder, words: list[str], said: str) -> None:
    result = runner.invoke(app, ["render", str(film.folder), "--dry-run", *words])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_a_new_preset_file_is_seen_by_a_call_made_before(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", 'size = "320x180"', 'preset = "small"')
    film.write("presets.toml", '[small]\nsize = "160x90"\n')
    words = ["render", str(film.folder), "-o", str(tmp_path / "a.mp4"), "--json", "--jobs", "1", "--force"]
    assert json.loads(runner.invoke(app, words).stdout)[0]["width"] == 160
    film.write("presets.toml", '[small]\nsize = "96x64"\n')
    assert json.loads(runner.invoke(app, words).stdout)[0]["width"] == 96


def test_the_archive_loses_nothing() -> None:
    assert isinstance(shipped_presets()["archive"].spec.encoding, Ffv1)
