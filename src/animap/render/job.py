"""Outputs: what each is to be; checking and rendering them."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from animap.encode import Animated, AnyOptions, Png, Signal, encoder_for
from animap.encode.base import Chapter
from animap.encode.png import is_still
from animap.encode.subtitles import Subtitles
from animap.errors import OutputError, Problem, UsageError
from animap.film import Film
from animap.film.loop import LoopSpec
from animap.film.wall import Wall
from animap.marks import Page
from animap.progress import Progress, Silent
from animap.render.crew import Alone, Crew
from animap.render.plan import Segment, Tail, segments
from animap.render.production import Drawing, Output, Production, Result
from animap.render.shelf import Shelf
from animap.render.store import Store
from animap.render.work import Recipe
from animap.scene import Scene, Take
from animap.style import load_style, plain_colours
from animap.types import PARTS, Part, Rect

__all__ = ["Job", "Result", "obstacles_to", "render", "render_all"]


@dataclass(frozen=True)
class Job:
    """One output file of a film. `start` and `stop` are frames; `stop` None means to the end.

    `subtitles` become tracks of the file; without `text` the picture has no words, and it has only the parts
    that it is to `show`; `loop` says what follows the last frame, nothing unless given; on a `wall` the page
    is the picture of all screens, and `window` the pixels of one.
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
    show: tuple[Part, ...] = PARTS
    credits: str = ""
    licence: str = ""
    chapters: tuple[Chapter, ...] = ()
    loop: LoopSpec | None = None
    wall: Wall | None = None
    window: Rect | None = None

    @property
    def take(self) -> Take:
        """How the film is set for it."""
        return Take(self.page, self.fps, self.language, self.text, self.show, self.wall)

    @property
    def signal(self) -> Signal:
        """What all its frames share."""
        width, height = self.page.width, self.page.height
        if self.window:
            left, top, right, bottom = self.window
            width, height = right - left, bottom - top
        return Signal(
            width,
            height,
            self.fps,
            self.title,
            self.language,
            self.comment,
            self.subtitles,
            self.take.clear,
            self.credits,
            self.licence,
            self._chapters,
        )

    @property
    def _chapters(self) -> tuple[Chapter, ...]:
        """Its chapters; what closes its loop belongs to the last."""
        if not self.chapters or self.loop is None:
            return self.chapters
        *others, last = self.chapters
        return (*others, replace(last, stop=last.stop + self.loop.frames(self.fps)))

    @property
    def coloured(self) -> Signal:
        """Its signal, with the plain colours of its style for whoever chooses few."""
        style = load_style(self.style, self.film.folder)
        return replace(self.signal, colours=tuple(sorted(plain_colours(style))))

    @property
    def recipe(self) -> Recipe:
        """What is made of its frames.

        A title that is written once a file is none of a segment's business, nor are tracks beside its own.
        """
        signal = self.signal
        bare = Signal(signal.width, signal.height, self.fps, alpha=signal.alpha)
        worded = replace(signal, subtitles=(), chapters=())
        used = worded if isinstance(self.options, Png) else bare
        return Recipe(self.options, used, self.full, self.window)

    @property
    def drawing(self) -> object:
        """What its pictures follow from: outputs that have it in common are drawn once."""
        return self.film, self.take, self.style, self.start, self.stop, self.full, self.loop

    @property
    def shown(self) -> range:
        """The frames of the film that it shows; UsageError where there are none."""
        frames = self.film.clock(self.fps).frames
        stop = frames if self.stop is None else min(self.stop, frames)
        if not 0 <= self.start < stop:
            raise UsageError(
                f"no frames between {self.start} and {stop}", hint=f"the film has {frames} frames"
            )
        return range(self.start, stop)

    @property
    def plan(self) -> tuple[Segment, ...]:
        """Its segments, in film order, those of its loop at the end; UsageError where there are no frames."""
        shown, more = self.shown, self.loop.frames(self.fps) if self.loop else 0
        dissolves = bool(self.loop and self.loop.kind == "crossfade")
        tail = Tail(shown[0], shown[-1], more, dissolves) if more else None
        return segments(shown.start, shown.stop, self.fps, tail)

    @property
    def slices(self) -> list[Job]:
        """Itself, or on a wall a job for each screen: `film.mp4` becomes `film-r1c1.mp4` and so on."""
        if self.wall is None:
            return [self]
        path = self.destination
        return [
            replace(self, destination=path.with_name(f"{path.stem}-{name}{path.suffix}"), window=window)
            for name, window in self.wall.windows.items()
        ]

    def scene(self) -> Scene:
        """The film set for it."""
        return Scene(self.film, load_style(self.style, self.film.folder), self.take)


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
        # Left after the crew has stopped working on them.
        shelves = {n: stack.enter_context(Shelf(job.destination)) for n, job in _shelved(work, store)}
        stack.enter_context(crew)
        name = work[0].destination.name if len(work) == 1 else f"{len(work)} outputs"
        progress.begin(name, sum(s.frames for job in work for s in job.plan))
        stack.callback(progress.end)
        outputs = [Output(job, folder, n, shelves.get(n, store)) for n, job in enumerate(work)]
        productions = _grouped(outputs, folder, store)
        for production in dict.fromkeys(productions):
            # The next scene is built while the crew is busy with this one.
            stack.callback(production.settle)
            production.begin(crew, progress)
        for n, (output, production) in enumerate(zip(outputs, productions, strict=True)):
            yield production.finish(output, crew, progress, began)
            if n in shelves:
                shelves[n].clear()
            if store is not None:
                store.tidy()


def _grouped(outputs: Sequence[Output], folder: Path, store: Store | None) -> list[Drawing]:
    """Each output's production: outputs that show the same have one, those with a size to fit their own."""
    drawings: dict[object, list[Output]] = {}
    for output in outputs:
        drawings.setdefault(_drawing(output.job), []).append(output)
    made: dict[object, Drawing] = {}
    for number, (key, alike) in enumerate(drawings.items()):
        if _limited(alike[0].job):
            from animap.render.fitted import Fitted

            made[key] = Fitted(alike[0].job, folder / str(number), store)
        else:
            made[key] = Production(alike, folder / f"{number}.pickle", store)
    return [made[_drawing(output.job)] for output in outputs]


def _drawing(job: Job) -> object:
    return (job.drawing, job.destination) if _limited(job) else job.drawing


def _limited(job: Job) -> bool:
    return isinstance(job.options, Animated) and job.options.max_size is not None


def _shelved(work: Sequence[Job], store: Store | None) -> list[tuple[int, Job]]:
    """Outputs that are too large for the store, and keep what is finished of them beside them."""
    folders = ((n, job) for n, job in enumerate(work) if isinstance(job.options, Png))
    return [(n, job) for n, job in folders if store is not None and not is_still(job.destination)]
