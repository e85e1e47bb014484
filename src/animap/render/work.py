"""What a worker does: open the scene, then look up or draw and encode segments.

A worker gets the scene ready made, in a parcel; nothing depends on the state of the process that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

from animap.draw import Canvas, Picture
from animap.encode import AnyOptions, Signal, encoder_for
from animap.errors import Problem
from animap.marks import Frame, Shown
from animap.render.digest import Digest, MarkDigests, digest_of, program
from animap.render.parcel import open_parcel
from animap.render.plan import Segment
from animap.render.store import Store
from animap.scene import Scene
from animap.types import Pixels

__all__ = ["Bench", "Outcome", "Recipe", "Task", "Worker", "key_of", "pictures"]


@dataclass(frozen=True)
class Recipe:
    """What is made of a scene's frames."""

    options: AnyOptions
    signal: Signal
    full: bool = False


@dataclass(frozen=True)
class Task:
    """A segment to make of the scene in a `parcel`, as the file `part`.

    `known` are digests of what the layers show in it, as far as they are known; without a `store` nothing is
    digested.
    """

    parcel: Path
    segment: Segment
    part: Path
    shared: bytes = b""
    known: tuple[Digest | None, ...] = ()
    store: Store | None = None


@dataclass(frozen=True)
class Outcome:
    """How a task went: whether the segment was drawn; with a store its key, and digests of its layers."""

    segment: Segment
    drawn: bool
    key: Digest = b""
    layers: tuple[Digest, ...] = ()
    trouble: Problem | None = None


class Bench:
    """A worker's place: the scene that it worked on last stays open."""

    def __init__(self) -> None:
        self._parcel: Path | None = None
        self._worker: Worker | None = None

    def run(
        self, task: Task, told: Callable[[int], None], read: Callable[[], bytes] | None = None
    ) -> Outcome:
        """Do a task; `told` hears of frames that are done, `read` gives the parcel if no disk does."""
        if self._worker is None or self._parcel != task.parcel:
            # The old scene goes before the new one comes.
            self._worker = None
            data = read() if read else task.parcel.read_bytes()
            self._worker, self._parcel = Worker(*open_parcel(data)), task.parcel
        return self._worker.run(task, told)


class Worker:
    """Draws and encodes segments of one scene."""

    def __init__(self, scene: Scene, recipe: Recipe) -> None:
        self.scene, self.recipe = scene, recipe
        self._canvas = Canvas(scene.take.page, full=recipe.full, alpha=scene.take.clear)
        self._encoder = encoder_for(recipe.options)
        self._digests = MarkDigests()

    def picture(self, index: int) -> Pixels:
        """The picture of one frame, as a copy."""
        return self._canvas.draw(self.scene.frame(index)).pixels.copy()

    def run(self, task: Task, told: Callable[[int], None] = lambda _: None) -> Outcome:
        """Make a segment's file: out of the store if it is there, else drawn, and kept."""
        segment, store = task.segment, task.store
        strip = Strip(self.scene, first_shown(segment, self.recipe), segment.stop)
        if store is None:
            self._draw(strip, task, told)
            return Outcome(segment, drawn=True)
        layers = tuple(
            known or self._digests.of_frames(strip.layer(number)) for number, known in enumerate(task.known)
        )
        self._digests.forget()
        key = key_of(self.scene, self.recipe, segment, task.shared, layers)
        found = store.fetch(key, task.part)
        if found:
            told(segment.frames)
        else:
            self._draw(strip, task, told)
            store.put(key, task.part)
        return Outcome(segment, not found, key, layers, store.trouble)

    def _draw(self, strip: Strip, task: Task, told: Callable[[int], None]) -> None:
        segment, before = task.segment, None
        if strip.first < segment.start:
            before = self._canvas.draw(strip.frame(strip.first)).pixels.copy()
        with self._encoder.segment(task.part, self.recipe.signal, task.shared, before) as sink:
            first = True
            for picture, repeat in pictures(strip.frame, self._canvas, segment.start, segment.stop):
                # The sink knows nothing of what the canvas drew before this segment.
                sink.add(picture.pixels, None if first else picture.changed, repeat)
                first = False
                told(repeat)


class Strip:
    """Frames `first` to `stop - 1`; layers that were looked at one by one are not asked again."""

    def __init__(self, scene: Scene, first: int, stop: int) -> None:
        self.scene, self.first, self.stop = scene, first, stop
        self._seen: dict[int, list[Sequence[Shown]]] = {}

    def layer(self, number: int) -> Sequence[Sequence[Shown]]:
        """What a layer shows, frame by frame."""
        marks = self.scene.layers[number].marks
        seen: list[Sequence[Shown]] = [
            tuple(marks(self.scene.moment(index))) for index in range(self.first, self.stop)
        ]
        self._seen[number] = seen
        return seen

    def frame(self, index: int) -> Frame:
        """The frame at an index, `Scene.frame` of it."""
        moment = self.scene.moment(index)
        shown = (
            self._seen[number][index - self.first] if number in self._seen else layer.marks(moment)
            for number, layer in enumerate(self.scene.layers)
        )
        return self.scene.assembled(index, chain.from_iterable(shown))


def first_shown(segment: Segment, recipe: Recipe) -> int:
    """The first frame that a segment's bytes depend on: some formats build on the picture before."""
    builds_on = encoder_for(recipe.options).needs_before and not segment.opens
    return segment.start - builds_on


def key_of(scene: Scene, recipe: Recipe, segment: Segment, shared: bytes, layers: Sequence[Digest]) -> Digest:
    """The segment's key in the store: with the same key, its bytes are the same."""
    first = first_shown(segment, recipe)
    # All of a frame but its place in the film, which is not drawn: no new field of `Frame` is forgotten.
    bare = [
        replace(scene.assembled(index, ()), index=0, second=Fraction(0), instant=0.0)
        for index in range(first, segment.stop)
    ]
    return digest_of(program(), recipe, bare, segment.start - first, shared, layers)


def pictures(
    frame: Callable[[int], Frame], canvas: Canvas, start: int, stop: int
) -> Iterator[tuple[Picture, int]]:
    """Pictures of a run of frames, each with the number of frames that show it unchanged."""
    index = start
    picture = canvas.draw(frame(index))
    while index < stop:
        repeat = 1
        following = None
        while index + repeat < stop:
            candidate = frame(index + repeat)
            if not canvas.shows(candidate):
                following = candidate
                break
            repeat += 1
        yield picture, repeat
        index += repeat
        if following is not None:
            picture = canvas.draw(following)
