"""The cluster: machines that share no disk with us give the same file, and may die on the way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import animap
from animap.encode import Mp4, Png
from animap.errors import RenderError, UsageError
from animap.render import Store, render, render_all
from animap.render.cluster import Cluster
from animap.render.work import Outcome, Task
from conftest import FilmFolder

distributed = pytest.importorskip("distributed", reason="the extra animap[cluster] is not installed")
SIZE = {"size": "320x180", "fps": 12}


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and two workers, each in a folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", str(port), "--no-dashboard"]
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
    ]
    started = []
    for words in (dask, worker, worker):
        folder = tmp_path_factory.mktemp("machine")
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(
            subprocess.Popen(words, cwd=folder, env={**os.environ, "ANIMAP_CACHE": "none"}, **quiet)
        )
    try:
        with distributed.Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


def test_a_cluster_gives_the_same_file_without_the_films_folder(
    film: FilmFolder, tmp_path: Path, scheduler: str, store: Store
) -> None:
    here = animap.open(film.folder, **SIZE)
    jobs = [
        here.job(tmp_path / "one.mp4"),
        here.job(tmp_path / "one.gif"),
        here.job(tmp_path / "one", options=Png()),
    ]
    for job in jobs:
        render(job, jobs=1)
    # Style and font lie in the film's folder, which is gone when the workers come to draw.
    style = film.folder / "own.toml"
    shutil.copy(
        next(Path(here.scene.style.furniture.caption.font).parent.glob("*.ttf")), film.folder / "own.ttf"
    )
    style.write_text(
        'extends = "atlas"\ntitle = { fr = "x", en = "x" }\n[furniture.caption]\nfont = "own.ttf"\n'
    )
    owned = animap.open(film.folder, style="own", **SIZE)
    away = [owned.job(tmp_path / "own.mp4"), *(here.job(tmp_path / f"two{s}") for s in (".mp4", ".gif"))]
    away.append(here.job(tmp_path / "two", options=Png()))
    bare = animap.open(film.folder, text=False, **SIZE)
    render(bare.job(tmp_path / "bare.one.mp4", options=Mp4(captions=True)), jobs=1)
    away.append(bare.job(tmp_path / "bare.two.mp4", options=Mp4(captions=True)))
    render(owned.job(tmp_path / "here.mp4"), jobs=1)

    class Afar(Cluster):
        """Whose machines never see the film's folder."""

        def submit(self, task: Task) -> Future[Outcome]:
            shutil.rmtree(film.folder, ignore_errors=True)
            return super().submit(task)

    results = list(render_all(away, crew=Afar(scheduler), store=store))
    assert [r.drawn for r in results] == [r.segments for r in results]
    assert (tmp_path / "own.mp4").read_bytes() == (tmp_path / "here.mp4").read_bytes()
    assert (tmp_path / "own.mp4").read_bytes() != (tmp_path / "one.mp4").read_bytes()
    for name in ("{}.mp4", "bare.{}.mp4", "{}.gif", "{}/frame_000020.png"):
        one, two = (tmp_path / name.format(n) for n in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    # What came back is kept here like what is drawn here.
    assert render(here.job(tmp_path / "three.mp4"), jobs=1, store=store).drawn == 0


def test_segments_of_a_worker_that_is_killed_are_drawn_by_others(
    film: FilmFolder, tmp_path: Path, scheduler: str
) -> None:
    movie = animap.open(film.folder, size="720p", fps=24)
    movie.render(tmp_path / "here.mp4", jobs=1, cache=False)
    with distributed.Client(scheduler, timeout=60, set_as_default=False) as client:
        victims: list[int] = []

        class Murderous(Cluster):
            """Kills a worker as soon as one is at work."""

            def work(self, seconds: float) -> int:
                if not victims:
                    busy = [w for w, calls in client.processing().items() if any("_run" in c for c in calls)]
                    pids = client.run(os.getpid, workers=busy[:1]) if busy else {}
                    for pid in pids.values():
                        os.kill(pid, signal.SIGKILL)
                        victims.append(pid)
                return super().work(seconds)

        job = movie.job(tmp_path / "cluster.mp4")
        [result] = render_all([job], crew=Murderous(scheduler))
    assert victims
    assert result.drawn == result.segments
    assert (tmp_path / "cluster.mp4").read_bytes() == (tmp_path / "here.mp4").read_bytes()


def test_another_animap_on_the_cluster_is_refused(
    film: FilmFolder, tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("animap.render.cluster.program", lambda: b"another")
    job = animap.open(film.folder, **SIZE).job(tmp_path / "film.mp4")
    with pytest.raises(RenderError, match="another animap"):
        list(render_all([job], crew=Cluster(scheduler)))
    assert not job.destination.exists()


def test_where_nobody_answers_the_user_is_told(film: FilmFolder, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "animap", "render", str(film.folder), "-o", "a.mp4", "--cluster", "tcp://127.0.0.1:9"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == UsageError.exit_code
    assert "no Dask scheduler answers" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "a.mp4").exists()


@pytest.fixture
def store(cache: Path) -> Store:
    return Store(cache)
