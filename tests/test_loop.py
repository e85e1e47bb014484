"""How an output closes its loop: measured in the pictures of the file, where a player starts again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import animap
from animap.beside.manifest import deliver
from animap.beside.verify import verify
from animap.cli.app import app
from animap.encode import Gif, Mp4, Png
from animap.errors import FilmError, UsageError
from animap.page.media import probe
from animap.render import Store, render
from animap.types import Pixels
from conftest import FilmFolder

SIZE = {"size": "160x90", "fps": 10}


@pytest.fixture
def movie(film: FilmFolder) -> animap.Animation:
    return animap.open(film.folder, **SIZE)


def frames_of(folder: Path) -> list[Pixels]:
    return [np.asarray(Image.open(path)).astype(int) for path in sorted(folder.glob("*.png"))]


def step(a: Pixels, b: Pixels) -> float:
    """How far two pictures are apart, on average over all pixels and colours."""
    return float(np.abs(a - b).mean())


def test_a_dissolve_leads_from_the_last_frame_to_the_first_without_a_step(
    movie: animap.Animation, tmp_path: Path
) -> None:
    job = movie.job(tmp_path / "whole", options=Png(), loop="crossfade:2")
    assert render(job, jobs=1).frames == movie.frames + 20
    frames = frames_of(job.destination)
    assert len(frames) == movie.frames + 20
    fade = frames[movie.frames - 1 :]
    inside = [step(a, b) for a, b in zip(fade, fade[1:], strict=False)]
    seam = step(frames[-1], frames[0])
    assert 0 < seam <= 1.05 * min(inside[2:-2])
    # What would be seen without it.
    assert seam < step(frames[movie.frames - 1], frames[0]) / 10
    # No pixel turns back on its way.
    ways = np.sign(np.diff([*fade, frames[0]], axis=0))
    assert not ((ways > 0).any(axis=0) & (ways < 0).any(axis=0)).any()


def test_the_seam_of_an_mp4_is_no_greater_than_steps_inside_the_dissolve(
    movie: animap.Animation, tmp_path: Path
) -> None:
    path = movie.render(tmp_path / "film.mp4", loop="crossfade:1.5", jobs=1).path
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]
    assert len(frames) == movie.frames + 15
    fade = frames[movie.frames - 1 :]
    inside = [step(a, b) for a, b in zip(fade, fade[1:], strict=False)]
    assert step(frames[-1], frames[0]) <= max(inside)
    assert verify(path).frames == movie.frames + 15


def test_with_hold_the_last_picture_stands(movie: animap.Animation, tmp_path: Path) -> None:
    job = movie.job(tmp_path / "whole", options=Png(), loop="hold:1.2")
    assert render(job, jobs=1).frames == movie.frames + 12
    frames = frames_of(job.destination)
    cut = movie.job(tmp_path / "cut", options=Png())
    render(cut, jobs=1)
    plain = frames_of(cut.destination)
    assert all((a == b).all() for a, b in zip(frames, plain, strict=False))
    assert all((frame == plain[-1]).all() for frame in frames[movie.frames :])


@pytest.mark.parametrize("options", [Mp4(max_gop=0.5), Gif(colours=32)])
@pytest.mark.parametrize("loop", ["crossfade:9", "hold:9"])
def test_any_worker_draws_the_loop_and_the_store_keeps_it(
    movie: animap.Animation, tmp_path: Path, cache: Path, options: Mp4 | Gif, loop: str
) -> None:
    store = Store(cache)
    plain = movie.job(tmp_path / f"plain.{options.kind}", options=options)
    film = render(plain, jobs=1, store=store)
    job = replace(
        plain,
        destination=tmp_path / f"one.{options.kind}",
        loop=movie.job("x", loop=loop, options=options).loop,
    )
    # The film's own segments are in the store already: looping touches none of them.
    first = render(job, jobs=2, store=store)
    assert first.drawn == first.segments - film.segments == 2
    assert render(replace(job, destination=tmp_path / "two"), jobs=1, store=store).drawn == 0
    render(replace(job, destination=tmp_path / "three"), jobs=1)
    assert (
        job.destination.read_bytes() == (tmp_path / "two").read_bytes() == (tmp_path / "three").read_bytes()
    )


def test_what_is_transparent_dissolves_without_a_dark_edge(film: FilmFolder, tmp_path: Path) -> None:
    marks = animap.open(film.folder, show=["marks"], **SIZE)
    job = marks.job(tmp_path / "whole", options=Png(), start=30, stop=60, loop="crossfade:1")
    render(job, jobs=1)
    first, last, middle = (np.asarray(Image.open(job.destination / f"frame_{n:06}.png")) for n in (0, 29, 35))
    there, gone = last[..., 3] == 255, first[..., 3] == 0
    assert (there & gone).any()
    mixed = middle[there & gone].astype(int)
    assert ((mixed[:, 3] > 100) & (mixed[:, 3] < 160)).all()
    assert np.abs(mixed[:, :3] - last[there & gone][:, :3]).max() <= 3


def test_a_stretch_of_days_closes_its_own_loop(movie: animap.Animation, tmp_path: Path) -> None:
    job = movie.job(tmp_path / "whole", options=Png(), start=20, stop=30, loop="crossfade:0.5")
    render(job, jobs=1)
    frames = frames_of(job.destination)
    assert len(frames) == 15
    assert (frames[0] == movie.still(frame=20).pixels).all()
    assert (frames[9] == movie.still(frame=29).pixels).all()


def test_words_beside_the_picture_stay_with_their_frames(movie: animap.Animation, tmp_path: Path) -> None:
    options = Mp4(captions=True)
    plain = movie.job(tmp_path / "plain.mp4", options=options)
    looped = replace(movie.job(tmp_path / "film.mp4", options=options, loop="hold:2"))
    assert plain.subtitles == looped.subtitles
    [result] = deliver([looped], jobs=1)
    manifest = json.loads(result.beside[0].read_text("utf-8"))
    assert (manifest["start"], manifest["stop"]) == (0, movie.frames)
    assert manifest["frames"] == result.frames == movie.frames + 20
    assert manifest["loop"] == "hold:2"
    verify(looped.destination)


def test_the_command_line_overrules_the_film(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", "fps = 12", 'fps = 12\nloop = { kind = "hold", seconds = 3 }')
    base = animap.open(film.folder, fps=12).frames
    for words, more in (([], 36), (["--loop", "crossfade"], 24), (["--loop", "cut"], 0)):
        told = CliRunner().invoke(
            app, ["render", str(film.folder), "-o", str(tmp_path / "a.mp4"), "--dry-run", "--json", *words]
        )
        [answer] = json.loads(told.stdout)
        assert answer["frames"] == base + more
        assert answer["seconds"] == pytest.approx((base + more) / 12)


def test_a_receipt_gives_the_same_loop_again(film: FilmFolder, tmp_path: Path) -> None:
    words = [
        "render",
        str(film.folder),
        "-o",
        str(tmp_path / "a.mp4"),
        "--size",
        "160x90",
        "--loop",
        "crossfade",
    ]
    runner = CliRunner()
    first = json.loads(runner.invoke(app, [*words, "--json", "--jobs", "1"]).stdout)[0]
    data = (tmp_path / "a.mp4").read_bytes()
    again = json.loads(runner.invoke(app, [*words, "--json", "--force", "--jobs", "1"]).stdout)[0]
    assert again["drawn"] == 0 < first["drawn"]
    assert again["frames"] == first["frames"]
    assert (tmp_path / "a.mp4").read_bytes() == data
    other = json.loads(runner.invoke(app, [*words[:-1], "cut", "--json", "--force", "--jobs", "1"]).stdout)[0]
    assert other["frames"] == first["frames"] - 24
    verify(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("crossfad", "did you mean 'crossfade'?"),
        ("hold:long", "seconds"),
        ("hold:-1", "seconds"),
        ("cut:3", "a cut takes no time"),
    ],
)
def test_what_is_no_loop_is_refused_with_advice(
    film: FilmFolder, movie: animap.Animation, text: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        movie.job("film.mp4", loop=text)
    film.edit("film.toml", "fps = 12", f'fps = 12\nloop = "{text}"')
    result = CliRunner().invoke(app, ["check", str(film.folder)])
    assert isinstance(result.exception, FilmError)
    assert "film.toml" in str(result.exception)
    assert "outputs[0].loop" in str(result.exception)


def test_a_lesson_page_has_the_film_without_its_loop(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", "fps = 12", 'fps = 12\nloop = "hold"')
    words = [
        "page",
        str(film.folder),
        "-o",
        str(tmp_path / "page"),
        "--no-gif",
        "--lang",
        "fr",
        "--size",
        "160x90",
    ]
    done = CliRunner().invoke(app, [*words, "--jobs", "1"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    video = next((tmp_path / "page" / "film").glob("*.mp4"))
    assert probe(video).seconds == pytest.approx(float(animap.open(film.folder, fps=12).seconds), abs=0.01)
