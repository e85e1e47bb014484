"""Rendering one output: check, plan, run the segments, join."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from animap.encode import AnyOptions, Encoder, Signal, encoder_for
from animap.encode.subtitles import Subtitles
from animap.errors import OutputError, Problem, UsageError
from animap.marks import Page
from animap.progress import Progress, Silent
from animap.render.local import run_in_pool
from animap.render.plan import segments
from animap.render.work import Recipe, Worker
from animap.scene import Take
from animap.types import Pixels

if TYPE_CHECKING:
    import geopandas

__all__ = ["Job", "Result", "obstacles_to", "render"]


@dataclass(frozen=True)
class Job:
    """One output file of a film. `start` and `stop` are frames; `stop` None means to the end."""

    film: Path
    destination: Path
    options: AnyOptions
    page: Page
    fps: Fraction
    style: str
    language: str
    title: str = ""
    comment: str = ""
    start: int = 0
    stop: int | None = None
    detail: bool | None = None
    given: Mapping[str, geopandas.GeoDataFrame] | None = None
    full: bool = False
    subtitles: tuple[Subtitles, ...] = ()
    text: bool = True

    @property
    def signal(self) -> Signal:
        """What all its frames share."""
        return Signal(
            self.page.width,
            self.page.height,
            self.fps,
            self.title,
            self.language,
            self.comment,
            self.subtitles,
        )

    def recipe(self) -> Recipe:
        """What its workers need."""
        take = Take(self.page, self.fps, self.language, self.text)
        return Recipe(
            self.film, self.style, take, self.options, self.signal, self.detail, self.given or {}, self.full
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What a job made: bytes, and the wall seconds it took."""

    path: Path
    frames: int
    seconds: Fraction
    size: int
    took: float


def obstacles_to(job: Job, *, force: bool) -> list[Problem]:
    """What keeps a job from being done, seen before its first frame is drawn."""
    problems = list(encoder_for(job.options).check(job.signal, job.destination))
    if job.destination.exists() and not job.destination.is_dir() and not force:
        problems.append(
            Problem("the file exists already", str(job.destination), "choose another name, or add --force")
        )
    return problems


def render(job: Job, *, jobs: int = 0, force: bool = False, progress: Progress | None = None) -> Result:
    """Render one output with so many worker processes (0: one a processor).

    The file appears complete or not at all, and is the same whatever `jobs` is. Raises OutputError or
    UsageError before the first frame when it could not be written, RenderError when a worker dies.
    """
    problems = obstacles_to(job, force=force)
    if problems:
        raise OutputError(problems)
    progress = progress or Silent()
    began = time.perf_counter()
    recipe = job.recipe()
    scene = recipe.scene()
    stop = scene.frames if job.stop is None else min(job.stop, scene.frames)
    if not 0 <= job.start < stop:
        raise UsageError(
            f"no frames between {job.start} and {stop}", hint=f"the film has {scene.frames} frames"
        )
    worker = Worker(recipe, scene)
    encoder = encoder_for(job.options)
    plan = segments(job.start, stop, job.fps)
    count = min(jobs or os.cpu_count() or 1, len(plan))
    with tempfile.TemporaryDirectory(prefix="animap-") as folder:
        shared = encoder.prepare(_sample(worker, encoder, job.start, stop), job.signal)
        parts = [Path(folder) / f"{s.start:07d}{job.destination.suffix}" for s in plan]
        progress.begin(job.destination.name, stop - job.start)
        try:
            if count == 1:
                for segment, part in zip(plan, parts, strict=True):
                    worker.run(segment, part, shared, progress.advance)
            else:
                run_in_pool(recipe, list(zip(plan, parts, strict=True)), shared, count, progress)
            frames = encoder.join(parts, job.destination, job.signal, shared)
        finally:
            progress.end()
    size = sum(f.stat().st_size for f in _files(job.destination))
    return Result(job.destination, frames, frames / job.fps, size, time.perf_counter() - began)


def _sample(worker: Worker, encoder: Encoder, start: int, stop: int) -> Iterator[Pixels]:
    count = min(encoder.samples, stop - start)
    for n in range(count):
        yield worker.picture(start + (stop - 1 - start) * n // max(1, count - 1))


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]
