"""What a worker does: open the scene, then look up or draw and encode segments.

A worker gets the scene ready made, in a parcel; nothing depends on the state of the process that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from animap.draw import Canvas, Picture
from animap.encode import AnyOptions, Signal, encoder_for
from animap.errors import Problem
from animap.marks import Frame, Shown
from animap.render.digest import Digest, MarkDigests, digest_of, program
from animap.render.parcel import open_parcel
from animap.render.plan import Segment, Tail
from animap.render.store import Store
from animap.scene import Scene
from animap.types import Pixels, Rect

__all__ = ["Bench", "Outcome", "Recipe", "Task", "Worker", "key_of", "shown_in"]


@dataclass(frozen=True)
class Recipe:
    """What is made of a scene's frames."""

    options: AnyOptions
    signal: Signal
    full: bool = False
    window: Rect | None = None
    """The part of the picture that is encoded, if not all of it."""


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
        self._canvas = Canvas(scene.take.page, full=recipe.full)
        self._encoder = encoder_for(recipe.options)
        self._digests = MarkDigests()

    def picture(self, index: int) -> Pixels:
        """The picture of one frame, as a copy."""
        picture = self._canvas.draw(self.scene.frame(index))
        return seen_through(self.recipe.window, picture).pixels.copy()

    def run(self, task: Task, told: Callable[[int], None] = lambda _: None) -> Outcome:
        """Make a segment's file: out of the store if it is there, else drawn, and kept."""
        segment, store = task.segment, task.store
        strip = Strip(self.scene, shown_in(segment, self.recipe))
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
        if _builds_on(segment, self.recipe):
            ahead = replace(segment, start=segment.start - 1, stop=segment.start)
            before = self._shown(next(pictures(strip.frame, self._canvas, ahead))[0]).pixels.copy()
        with self._encoder.segment(task.part, self.recipe.signal, task.shared, before) as sink:
            first = True
            for whole, repeat in pictures(strip.frame, self._canvas, segment):
                picture = self._shown(whole)
                # The sink knows nothing of what the canvas drew before this segment.
                sink.add(picture.pixels, None if first else picture.changed, repeat)
                first = False
                told(repeat)

    def _shown(self, picture: Picture) -> Picture:
        return seen_through(self.recipe.window, picture)


def seen_through(window: Rect | None, picture: Picture) -> Picture:
    """The part of a picture in a window, with what changed there."""
    if window is None:
        return picture
    left, top, right, bottom = window
    changed = picture.changed
    if changed is not None:
        cut = [
            (max(a, left) - left, max(b, top) - top, min(c, right) - left, min(d, bottom) - top)
            for a, b, c, d in changed
        ]
        changed = tuple(rect for rect in cut if rect[0] < rect[2] and rect[1] < rect[3])
    return Picture(picture.pixels[top:bottom, left:right], changed)


class Strip:
    """Some frames of a scene; layers that were looked at one by one are not asked again."""

    def __init__(self, scene: Scene, frames: Sequence[int]) -> None:
        self.scene, self.frames = scene, frames
        self._seen: dict[int, dict[int, Sequence[Shown]]] = {}

    def layer(self, number: int) -> Iterable[Sequence[Shown]]:
        """What a layer shows, frame by frame."""
        marks = self.scene.layers[number].marks
        seen: dict[int, Sequence[Shown]] = {
            index: tuple(marks(self.scene.moment(index))) for index in self.frames
        }
        self._seen[number] = seen
        return seen.values()

    def frame(self, index: int) -> Frame:
        """The frame at an index, `Scene.frame` of it."""
        moment = self.scene.moment(index)
        shown = (
            self._seen[number][index] if number in self._seen else layer.marks(moment)
            for number, layer in enumerate(self.scene.layers)
        )
        return self.scene.assembled(index, chain.from_iterable(shown))


def _builds_on(segment: Segment, recipe: Recipe) -> bool:
    """Whether a segment's bytes depend on the picture before it, too."""
    return encoder_for(recipe.options).needs_before and not segment.opens


def shown_in(segment: Segment, recipe: Recipe) -> Sequence[int]:
    """The frames of the film that a segment's bytes depend on."""
    if segment.tail:
        return segment.tail.shown
    return range(segment.start - _builds_on(segment, recipe), segment.stop)


def key_of(scene: Scene, recipe: Recipe, segment: Segment, shared: bytes, layers: Sequence[Digest]) -> Digest:
    """The segment's key in the store: with the same key, its bytes are the same."""
    # All of a frame but its place in the film, which is not drawn: no new field of `Frame` is forgotten.
    bare = [
        replace(scene.assembled(index, ()), index=0, second=Fraction(0), instant=0.0)
        for index in shown_in(segment, recipe)
    ]
    before = int(_builds_on(segment, recipe))
    tail, shares = segment.tail, None
    if tail:
        shares = [tail.share(index) for index in range(segment.start - before, segment.stop)]
    return digest_of(program(), recipe, bare, before, shares, shared, layers)


def pictures(
    frame: Callable[[int], Frame], canvas: Canvas, segment: Segment
) -> Iterator[tuple[Picture, int]]:
    """Pictures of a segment, each with the number of frames that show it unchanged.

    What each differs in from the one before is told from the second one on.
    """
    if segment.tail:
        return _closing(frame, canvas, segment, segment.tail)
    return _film(frame, canvas, segment)


def _film(frame: Callable[[int], Frame], canvas: Canvas, segment: Segment) -> Iterator[tuple[Picture, int]]:
    index, stop = segment.start, segment.stop
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


def _closing(
    frame: Callable[[int], Frame], canvas: Canvas, segment: Segment, tail: Tail
) -> Iterator[tuple[Picture, int]]:
    last = canvas.draw(frame(tail.last)).pixels
    if not tail.dissolves:
        yield Picture(last, None), segment.frames
        return
    ending = Image.fromarray(last.copy())
    opening = Image.fromarray(canvas.draw(frame(tail.first)).pixels)
    for index in range(segment.start, segment.stop):
        yield Picture(np.asarray(Image.blend(ending, opening, tail.share(index))), None), 1
