"""An output that has to fit into so many bytes: drawn once, encoded until it does."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from animap.encode import Animated, Reel, encoder_for, unreeled
from animap.errors import Problem, RenderError
from animap.progress import Progress
from animap.render.budget import Step, fit, ladder
from animap.render.crew import Crew
from animap.render.digest import Digest, digest_of
from animap.render.job import Job
from animap.render.production import Output, Production, Result
from animap.render.store import Store
from animap.types import Pixels, Rect

__all__ = ["Fitted"]


@dataclass(frozen=True)
class _Made:
    """One encode: the job as it was done, its pictures and palette, and under what they are kept, if so."""

    job: Job
    part: Path
    shared: bytes
    key: Digest | None

    def joined(self, destination: Path) -> int:
        """Write the file, and return its number of frames."""
        return encoder_for(self.job.options).join([self.part], destination, self.job.signal, self.shared)


class Fitted:
    """An output whose options name a `max_size`; it works in a folder of its own."""

    def __init__(self, job: Job, folder: Path, store: Store | None) -> None:
        assert isinstance(job.options, Animated)
        self._job, self._folder, self._store, self._options = job, folder, store, job.options
        self._start = Step(job.fps, job.options.colours, job.options.lossiness, job.page.width)
        self._drawings: dict[tuple[Fraction, int], tuple[Output, Production]] = {}
        self._drawn: dict[Path, Result] = {}

    def begin(self, crew: Crew, progress: Progress) -> None:
        """Begin to draw what is encoded later."""
        self._folder.mkdir()
        self._begun(self._start, crew, progress)

    def finish(self, output: Output, crew: Crew, progress: Progress, began: float) -> Result:  # noqa: ARG002
        """Encode until it fits; RenderError that says what can be reached, where it never does."""
        limit = self._options.max_size
        assert limit is not None
        # A screen of a wall is a part of the picture, in pixels: it keeps its width.
        steps = [s for s in ladder(self._start) if not self._job.window or s.width == self._start.width]
        made: dict[Step, _Made] = {}

        def size_of(step: Step) -> int:
            made[step] = self._encoded(step, len(made), crew, progress, began)
            target = self._folder / f"{len(made)}{self._job.destination.suffix}"
            made[step].joined(target)
            return target.stat().st_size

        sizes = fit(steps, limit, size_of)
        fitting = [at for at, size in sizes.items() if size <= limit]
        if not fitting:
            raise self._impossible(min(sizes.values()), limit)
        best = steps[max(fitting, key=lambda at: sizes[at])]
        return self._delivered(made[best], best.given_up(self._start), began)

    def settle(self) -> None:
        """Keep what was learned while drawing."""
        for _, drawing in self._drawings.values():
            drawing.settle()

    def _delivered(self, made: _Made, given_up: list[str], began: float) -> Result:
        job, drawn = made.job, self._drawn.values()
        frames = made.joined(job.destination)
        warnings = [problem for result in drawn for problem in result.warnings]
        if given_up:
            warnings.append(
                Problem(
                    f"to stay within {_told(self._options.max_size)}: {', '.join(given_up)}",
                    str(job.destination),
                )
            )
        return Result(
            job.destination,
            frames,
            frames / job.fps,
            job.destination.stat().st_size,
            time.perf_counter() - began,
            sum(result.segments for result in drawn),
            sum(result.drawn for result in drawn),
            made.shared,
            (made.key,) if made.key else (),
            warnings=tuple(dict.fromkeys(warnings)),
            job=job,
        )

    def _impossible(self, smallest: int, limit: int) -> RenderError:
        reached = -(-smallest // 10_000) * 10_000
        return RenderError(
            f"it cannot be made to fit into {_told(limit)}: with everything given up it has {_told(reached)}",
            str(self._job.destination),
            "allow as much, or render fewer days",
        )

    def _encoded(self, step: Step, number: int, crew: Crew, progress: Progress, began: float) -> _Made:
        every = self._start.fps / step.fps
        # What is drawn already holds every second frame, every third …, but none in between.
        thinned = every.denominator == 1 and step.width == self._start.width
        drawn = self._finished(self._start if thinned else step, crew, progress, began)
        frames = self._drawn[drawn.destination].frames
        part = self._folder / f"{number}.part"
        options = self._options.model_copy(update={"colours": step.colours, "lossiness": step.lossiness})
        job = replace(_at_rate(drawn, step.fps), options=options, destination=self._job.destination)
        job = replace(job, title=self._job.title, comment=self._job.comment)
        thin = int(every) if thinned else 1
        progress.end()
        progress.begin(f"{job.destination.name}, encode {number + 1}", -(-frames // thin))
        key = self._key(job, self._drawn[drawn.destination], thin)
        shared = self._kept(key, part)
        if shared is None:
            encoder = encoder_for(options)
            shared = encoder.prepare(_samples(drawn, frames, encoder.samples), job.coloured)
            with encoder.segment(part, job.signal, shared) as sink:
                for pixels, changed, repeat in _thinned(unreeled(drawn.destination, drawn.signal), thin):
                    sink.add(pixels, changed, repeat)
                    progress.advance(repeat)
            self._keep(key, part, shared)
        return _Made(job, part, shared, key)

    def _key(self, job: Job, drawn: Result, thin: int) -> Digest | None:
        """Of what is encoded, and how; None where what is drawn is not kept either."""
        if not drawn.keys:
            return None
        return digest_of("fitted", drawn.keys, job.recipe, thin, job.coloured.colours)

    def _kept(self, key: Digest | None, part: Path) -> bytes | None:
        """Fetch what was encoded in an earlier run, and return its palette."""
        if self._store is None or key is None or not self._store.fetch(key, part):
            return None
        return self._store.read(_palette_of(key))

    def _keep(self, key: Digest | None, part: Path, shared: bytes) -> None:
        if self._store is not None and key is not None:
            self._store.put(key, part)
            self._store.write(_palette_of(key), shared)

    def _begun(self, step: Step, crew: Crew, progress: Progress) -> tuple[Output, Production]:
        key = step.fps, step.width
        if key not in self._drawings:
            page = self._job.page
            height = round(page.height * Fraction(step.width, page.width) / 2) * 2
            size = page if step.width == page.width else replace(page, width=step.width, height=height)
            name = self._folder / f"{len(self._drawings)}.reel"
            job = replace(_at_rate(self._job, step.fps), page=size, options=Reel(), destination=name)
            output = Output(job, self._folder, len(self._drawings), self._store)
            drawing = Production([output], name.with_suffix(".pickle"), self._store)
            self._drawings[key] = output, drawing
            drawing.begin(crew, progress)
        return self._drawings[key]

    def _finished(self, step: Step, crew: Crew, progress: Progress, began: float) -> Job:
        """What is drawn, or drawn now, in a step's frame rate and size."""
        if (step.fps, step.width) not in self._drawings:
            progress.end()
            progress.begin(f"{self._job.destination.name} at {step}", _frames(_at_rate(self._job, step.fps)))
        output, drawing = self._begun(step, crew, progress)
        job = output.job
        if job.destination not in self._drawn:
            self._drawn[job.destination] = drawing.finish(output, crew, progress, began)
        return job


def _palette_of(key: Digest) -> Digest:
    return digest_of("palette", key)


def _at_rate(job: Job, fps: Fraction) -> Job:
    """The same stretch of film at another frame rate."""
    share = fps / job.fps
    start = math.floor(job.start * share)
    stop = None if job.stop is None else max(start + 1, math.ceil(job.stop * share))
    # Chapters count frames, and no animated picture has them.
    return replace(job, fps=fps, start=start, stop=stop, chapters=())


def _frames(job: Job) -> int:
    return sum(segment.frames for segment in job.plan)


def _thinned(
    pictures: Iterable[tuple[Pixels, list[Rect] | None, int]], every: int
) -> Iterator[tuple[Pixels, list[Rect] | None, int]]:
    """The first of so many frames each, as a `Sink` takes them."""
    stop, changed = 0, list[Rect]()
    whole = False
    for pixels, rects, repeat in pictures:
        start, stop = stop, stop + repeat
        whole = whole or rects is None
        changed += rects or []
        kept = -(-stop // every) + -start // every
        if kept:
            yield pixels, None if whole else changed, kept
            whole, changed = False, []


def _samples(job: Job, frames: int, count: int) -> Iterator[Pixels]:
    """Pictures of a reel, spread over its frames; a picture may come more than once."""
    wanted = [(frames - 1) * number // max(1, count - 1) for number in range(count)]
    stop = 0
    for pixels, _, repeat in unreeled(job.destination, job.signal):
        start, stop = stop, stop + repeat
        for _ in range(sum(start <= frame < stop for frame in wanted)):
            yield pixels


def _told(size: int | None) -> str:
    return f"{(size or 0) / 1e6:g} MB"
