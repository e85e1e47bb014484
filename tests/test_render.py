"""Rendering: the same film whoever renders it, complete files or none."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

import animap
from animap.encode import Png, Signal
from animap.encode.base import SEGMENT
from animap.encode.video import key_interval
from animap.errors import OutputError, RenderError
from animap.render import Segment, render, segments
from animap.render.local import Pool
from animap.render.work import Piece, Task
from conftest import FilmFolder

SIZE = {"size": "320x180", "fps": 12}


def run(*words: str, folder: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command line as a user types it."""
    return subprocess.run(
        [sys.executable, "-m", "animap", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
    )


def test_a_still_is_the_same_picture_as_its_frame_in_a_lossless_render(
    film: FilmFolder, tmp_path: Path
) -> None:
    movie = animap.open(film.folder, **SIZE)
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, jobs in ((one, 1), (two, 2)):
        render(movie.job(folder, options=Png()), jobs=jobs)
    names = sorted(p.name for p in one.iterdir())
    assert len(names) == movie.frames
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes()
    # Asked alone and in reverse, from scenes that have drawn nothing else.
    for index in (movie.frames - 1, movie.frames // 2, 37, 12, 0):
        still = animap.open(film.folder, **SIZE).still(frame=index)
        assert np.array_equal(still.pixels, iio.imread(one / names[index]))


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_the_file_does_not_depend_on_the_number_of_jobs(
    film: FilmFolder, tmp_path: Path, suffix: str
) -> None:
    movie = animap.open(film.folder, **SIZE)
    files = [tmp_path / f"{jobs}{suffix}" for jobs in (1, 2, 3)]
    for jobs, path in zip((1, 2, 3), files, strict=True):
        movie.render(path, jobs=jobs, cache=False)
    assert files[0].read_bytes() == files[1].read_bytes() == files[2].read_bytes()


def test_an_mp4_has_the_planned_frames_length_and_tags(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SIZE)
    result = movie.render(tmp_path / "film.mp4", jobs=1)
    assert result.frames == movie.frames
    with av.open(str(result.path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.average_rate == 12
        assert (stream.width, stream.height, stream.codec_context.pix_fmt) == (320, 180, "yuv420p")
        assert Fraction(stream.duration * stream.time_base) == movie.seconds
        assert container.metadata["title"] == "Petit film"
    assert len(frames) == movie.frames
    drawn = movie.still(frame=60).pixels.astype(int)
    decoded = (
        frames[60].to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709").astype(int)
    )
    assert np.abs(drawn - decoded).mean() < 4


def test_a_gif_lasts_as_long_as_the_film(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SIZE)
    path = movie.render(tmp_path / "film.gif", jobs=2).path
    with Image.open(path) as picture:
        assert picture.info["loop"] == 0
        total = 0
        for n in range(picture.n_frames):
            picture.seek(n)
            total += picture.info["duration"]
    assert total == round(movie.seconds * 100) * 10


def test_a_stretch_of_days_is_rendered_alone(film: FilmFolder) -> None:
    done = run(
        "render", "film", "-o", "part.gif", "--from", "1944-09-03", "--to", "1944-09-04", "--size", "160x90",
        "--fps", "10", "--json", folder=film.folder.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)[0]
    movie = animap.open(film.folder, fps=10)
    start, stop = movie.first_index_of("1944-09-03"), movie.last_index_of("1944-09-04")
    assert answer["frames"] == stop - start + 1
    assert str(movie.scene.day(start)) == "1944-09-03"
    assert str(movie.scene.day(start - 1)) == "1944-09-02"
    assert str(movie.scene.day(stop)) == "1944-09-04"
    assert str(movie.scene.day(stop + 1)) == "1944-09-05"


def test_an_existing_file_stays_as_it_is_without_force(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "precious.mp4"
    path.write_bytes(b"years of work")
    movie = animap.open(film.folder, **SIZE)
    with pytest.raises(OutputError, match="exists already"):
        movie.render(path)
    assert path.read_bytes() == b"years of work"
    movie.render(path, force=True, jobs=1)
    assert path.stat().st_size > 1000


def test_a_worker_that_dies_ends_the_render_with_a_word_and_no_file(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SIZE)
    parcel = tmp_path / "scene.pickle"
    parcel.write_bytes(pickle.dumps(Bomb()))
    with Pool(2) as pool:
        pool.submit(Task(parcel, segments(0, movie.frames, Fraction(2))[0], (Piece(0, tmp_path / "0.part"),)))
        with pytest.raises(RenderError, match="worker process died"):
            pool.work(120)
    assert not list(tmp_path.glob("*.part"))


class Bomb:
    """Ends the process that unpickles it, as the kernel does when memory runs out."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_render_leaves_nothing_behind(
    film: FilmFolder, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    out.mkdir()
    temporary.mkdir()
    words = ["render", str(film.folder), "-o", str(out / "film.mp4"), "--size", "1080p", "--fps", "60"]
    with subprocess.Popen(
        [sys.executable, "-m", "animap", *words, "--jobs", "2"],
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
        text=True,
        # What a shell starts in the background has been told to ignore interrupts, and passes that on.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as process:
        assert process.stderr
        assert "frames" in process.stderr.readline()
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in said
    assert not list(out.iterdir())
    assert not list(temporary.glob("animap-*"))


def test_workers_come_where_the_temporary_folder_has_a_long_path(film: FilmFolder, tmp_path: Path) -> None:
    temporary = tmp_path / ("temporary" * 12)
    temporary.mkdir()
    out = tmp_path / "film.mp4"
    words = ["render", str(film.folder), "-o", str(out), "--size", "160x90", "--jobs", "2", "--no-cache"]
    done = run(*words, folder=tmp_path, env={"TMPDIR": str(temporary)})
    assert done.returncode == 0, done.stderr
    assert out.is_file()
    assert not list(temporary.iterdir())


def test_segments_cover_the_film_once_and_keep_their_borders() -> None:
    for stop, fps in ((1, 30), (149, 30), (150, 30), (151, 30), (2300, 30), (957, Fraction(25, 2))):
        plan = segments(0, stop, Fraction(fps))
        assert [i for s in plan for i in range(s.start, s.stop)] == list(range(stop))
        assert [s.opens for s in plan] == [True] + [False] * (len(plan) - 1)
        assert all(isinstance(s, Segment) and s.frames <= SEGMENT * fps for s in plan)
        # A longer film, or a stretch of it, is cut at the same frames.
        borders = {s.start for s in segments(0, stop + 700, Fraction(fps))}
        assert {s.start for s in plan} <= borders
        assert {s.start for s in segments(stop // 3, stop, Fraction(fps))[1:]} <= borders


@pytest.mark.parametrize("gop", [0.3, 1.0, 2.0, 3.0, 5.0, 8.0, 20.0])
def test_key_pictures_are_spread_evenly_over_a_segment(gop: float) -> None:
    every = key_interval(gop, Signal(64, 36, Fraction(30)))
    assert every <= gop * 30
    # The last stretch of a segment is hardly shorter than the others.
    assert (SEGMENT * 30) % every == 0 or (SEGMENT * 30) % every > every / 2


def test_the_bare_command_writes_what_the_film_lists(film: FilmFolder) -> None:
    done = run("render", "film", folder=film.folder.parent)
    assert done.returncode == 0, done.stderr
    assert (film.folder.parent / "output" / "small.mp4").is_file()
    again = run("render", "film", folder=film.folder.parent)
    assert again.returncode == 6
    assert "exists already" in again.stderr
    assert "--force" in again.stderr


def test_a_dry_run_says_what_would_be_and_writes_nothing(film: FilmFolder) -> None:
    before = sorted(film.folder.parent.rglob("*"))
    done = run("render", "film", "--dry-run", "--json", folder=film.folder.parent)
    assert done.returncode == 0, done.stderr
    [answer] = json.loads(done.stdout)
    assert (answer["width"], answer["height"], answer["fps"]) == (320, 180, "12")
    assert answer["frames"] == animap.open(film.folder, **SIZE).frames
    assert sorted(film.folder.parent.rglob("*")) == before


def test_full_redraw_gives_the_same_bytes(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SIZE)
    for name, full in (("changes.mp4", False), ("full.mp4", True)):
        render(movie.job(tmp_path / name, full=full), jobs=1)
    assert (tmp_path / "changes.mp4").read_bytes() == (tmp_path / "full.mp4").read_bytes()
