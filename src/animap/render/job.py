"""Outputs: what each is to be, and how it is made: check, plan, run the segments, join."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from animap.encode import Animated, AnyOptions, Png, Signal, encoder_for
from animap.encode.subtitles import Subtitles
from animap.errors import OutputError, Problem, UsageError
from animap.film import Film
from animap.marks import Page
from animap.progress import Progress, Silent
from animap.render.crew import Alone, Crew
from animap.render.digest import digest_of
from animap.render.ledger import Ledger
from animap.render.parcel import packed
from animap.render.plan import Segment, costliest_first, segments
from animap.render.store import Store
from animap.render.work import Outcome, Recipe, Task, Worker, first_shown, key_of
from animap.scene import Scene, Take
from animap.style import load_style
from animap.types import Pixels

if TYPE_CHECKING:
    from animap.render.fitted import Drawing

__all__ = ["Job", "Result", "obstacles_to", "render", "render_all"]

_POLL = 0.25


@dataclass(frozen=True)
class Job:
    """One output file of a film. `start` and `stop` are frames; `stop` None means to the end.

    `subtitles` become tracks of the file; without `text` the picture has no words.
    """

    film: Film
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

    @property
    def recipe(self) -> Recipe:
        """What is made of its frames.

        A title that is written once a file is none of a segment's business, nor are tracks beside its own.
        """
        words = isinstance(self.options, Png)
        signal = self.signal if words else Signal(self.page.width, self.page.height, self.fps)
        return Recipe(self.options, signal, self.full)

    @property
    def plan(self) -> tuple[Segment, ...]:
        """Its segments, in film order; UsageError where there are no frames."""
        frames = self.film.clock(self.fps).frames
        stop = frames if self.stop is None else min(self.stop, frames)
        if not 0 <= self.start < stop:
            raise UsageError(
                f"no frames between {self.start} and {stop}", hint=f"the film has {frames} frames"
            )
        return segments(self.start, stop, self.fps, self.options)

    def scene(self) -> Scene:
        """The film set for it."""
        take = Take(self.page, self.fps, self.language, self.text)
        return Scene(self.film, load_style(self.style, self.film.folder), take)


@dataclass(frozen=True, slots=True)
class Result:
    """What a job made: bytes, the wall seconds since the render began, and how many segments were drawn.

    The others were in the store, where all have these `keys` now, if there is one; `shared` goes with them.
    `warnings` are what the user should know, though the file is whole; `beside` are files that go with it.
    """

    path: Path
    frames: int
    seconds: Fraction
    size: int
    took: float
    segments: int
    drawn: int
    shared: bytes = b""
    keys: tuple[bytes, ...] = ()
    warnings: tuple[Problem, ...] = ()
    beside: tuple[Path, ...] = ()
    job: Job | None = None
    """What was done, where that is less than what was asked for."""


def obstacles_to(job: Job, *, force: bool) -> list[Problem]:
    """What keeps a job from being done, seen before its first frame is drawn."""
    problems = list(encoder_for(job.options).check(job.signal, job.destination))
    if job.destination.exists() and not job.destination.is_dir() and not force:
        problems.append(
            Problem("the file exists already", str(job.destination), "choose another name, or add --force")
        )
    return problems


def render(
    job: Job,
    *,
    jobs: int = 0,
    force: bool = False,
    progress: Progress | None = None,
    store: Store | None = None,
) -> Result:
    """Render one output; like `render_all`."""
    [result] = render_all([job], jobs=jobs, force=force, progress=progress, store=store)
    return result


def render_all(
    work: Sequence[Job],
    *,
    jobs: int = 0,
    force: bool = False,
    progress: Progress | None = None,
    store: Store | None = None,
    crew: Crew | None = None,
) -> Iterator[Result]:
    """Render outputs in one run, with a `crew`, or so many worker processes (0: one a processor).

    Each file appears complete or not at all, and is the same whoever makes it, with a `store` or without.
    Raises OutputError or UsageError before the first frame when one could not be written, RenderError when
    a worker dies.
    """
    problems = [problem for job in work for problem in obstacles_to(job, force=force)]
    places = Counter(job.destination.resolve() for job in work)
    problems += [Problem("two outputs have this name", str(p)) for p, n in places.items() if n > 1]
    if problems:
        raise OutputError(problems)
    count = min(jobs or os.cpu_count() or 1, sum(len(job.plan) for job in work))
    return _rendered(work, crew or crew_of(count), progress or Silent(), store)


def crew_of(count: int) -> Crew:
    """So many processes of this machine."""
    if count == 1:
        return Alone()
    from animap.render.local import Pool

    return Pool(count)


def _rendered(work: Sequence[Job], crew: Crew, progress: Progress, store: Store | None) -> Iterator[Result]:
    began = time.perf_counter()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="animap-")))
        stack.enter_context(crew)
        name = work[0].destination.name if len(work) == 1 else f"{len(work)} outputs"
        progress.begin(name, sum(s.frames for job in work for s in job.plan))
        stack.callback(progress.end)
        productions = []
        for number, job in enumerate(work):
            # The next scene is built while the crew is busy with this one.
            production = _production(job, folder / str(number), store)
            stack.callback(production.settle)
            production.begin(crew, progress)
            productions.append(production)
        for production in productions:
            yield production.finish(crew, progress, began)
            if store is not None:
                store.tidy()


def _production(job: Job, folder: Path, store: Store | None) -> Drawing:
    if not isinstance(job.options, Animated) or job.options.max_size is None:
        return _Production(job, folder, store)
    from animap.render.fitted import Fitted

    return Fitted(job, folder, lambda drawing, parts: _Production(drawing, parts, store))


class _Production:
    """One output under way: its segments come in any order, and are joined when all are there."""

    def __init__(self, job: Job, folder: Path, store: Store | None) -> None:
        self._job, self._folder = job, folder
        self._recipe, self._plan = job.recipe, job.plan
        # PNG files are large, and a folder of them is a store by itself.
        self._store = None if isinstance(job.options, Png) else store
        self._encoder = encoder_for(job.options)
        self._parts = {s: folder / f"{s.start:07d}{job.destination.suffix}" for s in self._plan}
        self._ledger: Ledger | None = None
        self._shared = b""
        self._pending: list[Future[Outcome]] = []
        self._keys: dict[Segment, bytes] = {}
        self._drawn = 0
        self._troubles: list[Problem] = []

    def begin(self, crew: Crew, progress: Progress) -> None:
        """Build the scene, and hand out what is not in the store yet."""
        self._folder.mkdir()
        scene = self._job.scene()
        if self._store is not None:
            self._ledger = Ledger(scene, self._store)
        self._shared = self._prepared(scene)
        known = {s: self._known(s) for s in self._plan}
        missing = [s for s in self._plan if not self._stored(scene, s, known[s])]
        progress.advance(sum(s.frames for s in self._plan if s not in missing))
        if not missing:
            return
        parcel = self._folder / "scene.pickle"
        parcel.write_bytes(packed(scene, self._recipe))
        for segment in costliest_first(scene, missing):
            task = Task(parcel, segment, self._parts[segment], self._shared, known[segment], self._store)
            self._pending.append(crew.submit(task))

    def finish(self, crew: Crew, progress: Progress, began: float) -> Result:
        """Wait for the segments, and join them."""
        while self._pending:
            progress.advance(crew.work(_POLL))
            self._collect()
        job = self._job
        frames = self._encoder.join(list(self._parts.values()), job.destination, job.signal, self._shared)
        for part in self._parts.values():
            # Room for the next output.
            if part.is_file():
                part.unlink()
        self.settle()
        size = sum(f.stat().st_size for f in _files(job.destination))
        took = time.perf_counter() - began
        warnings = tuple(dict.fromkeys(self._troubles))
        keys = tuple(self._keys[segment] for segment in self._plan) if self._store else ()
        return Result(
            job.destination,
            frames,
            frames / job.fps,
            size,
            took,
            len(self._plan),
            self._drawn,
            self._shared,
            keys,
            warnings,
        )

    def settle(self) -> None:
        """Keep what was learned so far, for the next run."""
        if self._ledger is not None:
            self._ledger.save()
        if self._store is not None and self._store.trouble:
            self._troubles.append(self._store.trouble)

    def _collect(self) -> None:
        waiting = []
        for future in self._pending:
            if not future.done():
                waiting.append(future)
                continue
            outcome = future.result()
            self._drawn += outcome.drawn
            self._keys[outcome.segment] = outcome.key
            if outcome.trouble:
                self._troubles.append(outcome.trouble)
            if self._ledger is not None:
                self._ledger.learn(self._first(outcome.segment), outcome.segment.stop, outcome.layers)
        self._pending = waiting

    def _first(self, segment: Segment) -> int:
        return first_shown(segment, self._recipe)

    def _known(self, segment: Segment) -> tuple[bytes | None, ...]:
        return self._ledger.known(self._first(segment), segment.stop) if self._ledger else ()

    def _stored(self, scene: Scene, segment: Segment, known: tuple[bytes | None, ...]) -> bool:
        """Whether a segment could be taken out of the store without asking any layer."""
        layers = [digest for digest in known if digest is not None]
        if self._store is None or len(layers) < len(known):
            return False
        key = self._keys[segment] = key_of(scene, self._recipe, segment, self._shared, layers)
        return self._store.fetch(key, self._parts[segment])

    def _prepared(self, scene: Scene) -> bytes:
        """What all segments share, as it was prepared in an earlier run or now."""
        count = min(self._encoder.samples, self._plan[-1].stop - self._plan[0].start)
        if self._store is None or self._ledger is None or not count:
            return self._encoder.prepare(self._samples(scene, count), self._job.signal)
        ends = self._plan[0].start, self._plan[-1].stop
        key = digest_of("shared", self._ledger.base, self._recipe, ends)
        shared = self._store.read(key)
        if shared is None:
            shared = self._encoder.prepare(self._samples(scene, count), self._job.signal)
            self._store.write(key, shared)
        return shared

    def _samples(self, scene: Scene, count: int) -> Iterator[Pixels]:
        start, last = self._plan[0].start, self._plan[-1].stop - 1
        worker = Worker(scene, self._recipe)
        for n in range(count):
            yield worker.picture(start + (last - start) * n // max(1, count - 1))


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]
