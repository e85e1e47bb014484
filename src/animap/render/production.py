"""Outputs under way: those that show the same are drawn once, segment by segment, and then joined."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from animap.encode import encoder_for
from animap.errors import Problem
from animap.progress import Progress
from animap.render.crew import Crew
from animap.render.digest import Digest, digest_of
from animap.render.ledger import Ledger
from animap.render.parcel import packed
from animap.render.plan import Segment, acts, costliest_first
from animap.render.shelf import Shelf
from animap.render.store import Store
from animap.render.work import Keep, Made, Outcome, Piece, Task, Worker, key_of
from animap.scene import Scene
from animap.types import Pixels

if TYPE_CHECKING:
    from animap.render.job import Job

__all__ = ["Drawing", "Output", "Production", "Result"]

_POLL = 0.25


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


class Drawing(Protocol):
    """Outputs under way."""

    def begin(self, crew: Crew, progress: Progress) -> None:
        """Hand out what has to be drawn."""

    def finish(self, output: Output, crew: Crew, progress: Progress, began: float) -> Result:
        """Wait for one of them; `began` is when the render did, by the performance counter."""

    def settle(self) -> None:
        """Keep what was learned, for the next run."""


class Output:
    """One output of a production: where its segments are, and what became of them."""

    def __init__(self, job: Job, folder: Path, number: int, keep: Keep | None) -> None:
        self.job, self.recipe, self.encoder = job, job.recipe, encoder_for(job.options)
        self.keep = keep
        bench = keep.bench if isinstance(keep, Shelf) else folder
        self.parts = {s: bench / f"{number}-{s.start:07d}{job.destination.suffix}" for s in job.plan}
        self.shared = b""
        self.keys: dict[Segment, Digest] = {}
        self.drawn = 0
        self.troubles: list[Problem] = []

    def stored(self, scene: Scene, segment: Segment, known: Sequence[Digest | None]) -> bool:
        """Whether a segment could be fetched without asking any layer."""
        layers = [digest for digest in known if digest is not None]
        if self.keep is None or len(layers) < len(known):
            return False
        key = self.keys[segment] = key_of(scene, self.recipe, segment, self.shared, layers)
        return self.keep.fetch(key, self.parts[segment])

    def note(self, segment: Segment, made: Made) -> None:
        """Take down how one of its segments went."""
        self.drawn += made.drawn
        self.keys[segment] = made.key
        if made.trouble:
            self.troubles.append(made.trouble)

    def join(self, began: float) -> Result:
        """Put the segments together; `began` is when the render did, by the performance counter."""
        job = self.job
        frames = self.encoder.join(list(self.parts.values()), job.destination, job.signal, self.shared)
        for part in self.parts.values():
            # Room for the next output.
            if part.is_file():
                part.unlink()
        if self.keep is not None and self.keep.trouble:
            self.troubles.append(self.keep.trouble)
        return Result(
            job.destination,
            frames,
            frames / job.fps,
            sum(file.stat().st_size for file in _files(job.destination)),
            time.perf_counter() - began,
            len(self.parts),
            self.drawn,
            self.shared,
            # Only what is in the store is found again from anywhere.
            tuple(self.keys[segment] for segment in self.parts) if isinstance(self.keep, Store) else (),
            tuple(dict.fromkeys(self.troubles)),
        )


class Production:
    """Outputs that are drawn together; their segments come in any order."""

    def __init__(self, outputs: Sequence[Output], parcel: Path, store: Store | None) -> None:
        self._outputs, self._parcel, self._store = outputs, parcel, store
        self._plan = outputs[0].job.plan
        self._ledger: Ledger | None = None
        self._pending: list[tuple[Task, Future[Outcome]]] = []

    def begin(self, crew: Crew, progress: Progress) -> None:
        """Build the scene, and hand out what is not kept yet."""
        scene = self._outputs[0].job.scene()
        if self._store is not None:
            self._ledger = Ledger(scene, self._store)
        for output in self._outputs:
            output.shared = self._prepared(scene, output)
        tasks = {segment: self._task(scene, segment, progress) for segment in self._plan}
        missing = [segment for segment in self._plan if tasks[segment].pieces]
        if missing:
            self._hand_out(scene, acts(scene, missing) if crew.beside else [missing], tasks, crew)

    def _hand_out(
        self,
        scene: Scene,
        parts: Sequence[Sequence[Segment]],
        tasks: Mapping[Segment, Task],
        crew: Crew,
    ) -> None:
        """Submit tasks part by part: the crew does the first as the scene is looked at for the next."""
        recipes = [output.recipe for output in self._outputs]
        # What of the scene can be made on another thread is, meanwhile.
        thread = ThreadPoolExecutor(1)
        try:
            scene.begin(thread)
            for number, part in enumerate(parts):
                ordered = costliest_first(scene, part)
                # For that the scene was looked at: what it found out, no worker finds out again.
                parcel = self._parcel.with_suffix(f".{number}.pickle")
                parcel.write_bytes(packed(scene, recipes))
                for segment in ordered:
                    task = replace(tasks[segment], parcel=parcel)
                    self._pending.append((task, crew.submit(task)))
        finally:
            thread.shutdown(cancel_futures=True)

    def _task(self, scene: Scene, segment: Segment, progress: Progress) -> Task:
        """What there is to do of a segment."""
        known = self._ledger.known(segment.shown) if self._ledger else ()
        pieces = []
        for number, output in enumerate(self._outputs):
            if output.stored(scene, segment, known):
                progress.advance(segment.frames)
            else:
                pieces.append(Piece(number, output.parts[segment], output.shared, output.keep))
        return Task(self._parcel, segment, tuple(pieces), known)

    def finish(self, output: Output, crew: Crew, progress: Progress, began: float) -> Result:
        """Wait for the segments, and join those of one output."""
        while self._pending:
            progress.advance(crew.work(_POLL))
            self._collect()
        self.settle()
        return output.join(began)

    def settle(self) -> None:
        """Keep what was learned so far, for the next run."""
        if self._ledger is not None:
            self._ledger.save()

    def _collect(self) -> None:
        waiting = []
        for task, future in self._pending:
            if not future.done():
                waiting.append((task, future))
                continue
            outcome = future.result()
            for made in outcome.made:
                self._outputs[made.number].note(outcome.segment, made)
            if self._ledger is not None and outcome.layers:
                self._ledger.learn(outcome.segment.shown, outcome.layers)
        self._pending = waiting

    def _prepared(self, scene: Scene, output: Output) -> bytes:
        """What all segments share, as it was prepared in an earlier run or now."""
        encoder, signal = output.encoder, output.job.coloured
        shown = output.job.shown
        count = min(encoder.samples, len(shown))
        if self._store is None or self._ledger is None or not count:
            return encoder.prepare(self._samples(scene, output, count), signal)
        key = digest_of("shared", self._ledger.base, output.recipe, (shown.start, shown.stop), signal.colours)
        shared = self._store.read(key)
        if shared is None:
            shared = encoder.prepare(self._samples(scene, output, count), signal)
            self._store.write(key, shared)
        return shared

    def _samples(self, scene: Scene, output: Output, count: int) -> Iterator[Pixels]:
        shown = output.job.shown
        worker = Worker(scene, [output.recipe])
        for n in range(count):
            yield worker.picture(shown[(len(shown) - 1) * n // max(1, count - 1)])


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]
