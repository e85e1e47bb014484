"""Outputs as they are asked for: by suffix, by option, in the film file; whoever draws them."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest
from typer.testing import CliRunner

import animap
from animap.beside.verify import verify
from animap.cli.app import app
from animap.encode import Av1, Ffv1, Hevc, ProRes, Video, Vp9
from animap.errors import AnimapError, UsageError
from animap.render import render
from conftest import FilmFolder

SMALL = {"size": "96x64", "fps": 6}


@pytest.fixture
def long_film(film: FilmFolder) -> FilmFolder:
    """The small film with a long end: three segments."""
    film.edit("film.toml", "ending = 2.0", "ending = 14.0")
    return film


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", Hevc()),
        ("film.webm", Vp9()),
        ("film.webm", Av1(speed=10)),
        ("film.mkv", Ffv1()),
        ("film.mov", ProRes()),
    ],
    ids=lambda value: value.kind if isinstance(value, Video) else value[5:],
)
def test_no_format_depends_on_the_number_of_jobs(
    long_film: FilmFolder, tmp_path: Path, name: str, options: Video
) -> None:
    movie = animap.open(long_film.folder, **SMALL)
    job = movie.job(tmp_path / name, options=options)
    assert len(job.plan) == 3
    render(job, jobs=1)
    alone = job.destination.read_bytes()
    render(job, jobs=2, force=True)
    assert job.destination.read_bytes() == alone


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        (["-o", "film.mp4"], "h264"),
        (["-o", "film.mp4", "--encoding", "hevc"], "hevc"),
        (["-o", "film.webm"], "vp9"),
        (["-o", "film.webm", "--encoding", "av1"], "av1"),
        (["-o", "film.mkv"], "ffv1"),
        (["-o", "film.mov"], "prores"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_command_line_chooses_the_format(
    film: FilmFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], codec: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(
        app, ["render", str(film.folder), *words, "--size", "96x64", "--fps", "3", "--jobs", "1", "--json"]
    )
    assert told.exit_code == 0, told.output
    [answer] = json.loads(told.stdout)
    with av.open(answer["file"]) as container:
        video = container.streams.video[0]
        assert video.codec_context.codec.canonical_name == codec
        assert sum(1 for _ in container.decode(video)) == answer["frames"]
    verify(Path(answer["file"]))


def test_the_film_file_chooses_the_format(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "small.mp4"', 'file = "small.mp4"\nencoding = { kind = "hevc", crf = 30 }')
    spec = animap.open(film.folder).film.spec
    assert spec.outputs[0].options == Hevc(crf=30)


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("film.mp4", "h265", "they are mp4, hevc"),
        ("film.avi", None, ".mp4, .webm, .mkv, .mov, .gif"),
    ],
)
def test_a_format_nobody_knows_is_refused_with_those_there_are(
    path: str, kind: str | None, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        animap.api.options_for(Path(path), kind)
    assert said in caught.value.problems[0].hint


def test_a_format_in_the_wrong_file_is_refused_before_a_frame(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SMALL)
    with pytest.raises(AnimapError, match=r"AV1 does not go into a \.mov file"):
        render(movie.job(tmp_path / "film.mov", options=Av1()))
