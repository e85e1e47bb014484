"""What a worker does: open the scene, then look up or draw and encode segments.

A worker gets the scene ready made, in a parcel; nothing depends on the state of the process that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from animap.draw import Canvas, Picture
from animap.encode import AnyOptions, Signal, encoder_for
from animap.errors import Problem
from animap.marks import Frame, Shown
from animap.render.digest import Digest, MarkDigests, digest_of, program
from animap.render.parcel import open_parcel
from animap.render.plan import Segment, Tail
from animap.scene import Scene
from animap.types import Pixels, Rect

__all__ = ["Bench", "Keep", "Made", "Outcome", "Piece", "Recipe", "Task", "Worker", "key_of"]


class Keep(Protocol):
    """Where finished segments are kept, to be found again by their keys."""

    @property
    def trouble(self) -> Problem | None:
        """What the disk refused, if anything: the render goes on without."""

    def fetch(self, key: bytes, path: Path) -> bool:
        """Put an entry at `path`; False where there is none, or none that is whole."""

    def put(self, key: bytes, path: Path) -> None:
        """Keep what lies at `path`."""


@dataclass(frozen=True)
class Recipe:
    """What is made of a scene's frames."""

    options: AnyOptions
    signal: Signal
    full: bool = False
    window: Rect | None = None
    """The part of the picture that is encoded, if not all of it."""


@dataclass(frozen=True)
class Piece:
    """One output's part of a task: the file `part`, made by the recipe of that `number` in the parcel.

    Without a `keep` nothing is digested.
    """

    number: int
    part: Path
    shared: bytes = b""
    keep: Keep | None = None


@dataclass(frozen=True)
class Task:
    """A segment to make of the scene in a `parcel`, for one output or several: it is drawn once.

    `known` are digests of what the layers show in it, as far as they are known.
    """

    parcel: Path
    segment: Segment
    pieces: tuple[Piece, ...]
    known: tuple[Digest | None, ...] = ()

    @property
    def frames(self) -> int:
        """Frames to be written, over all outputs."""
        return self.segment.frames * len(self.pieces)


@dataclass(frozen=True)
class Made:
    """How a piece went: whether it was encoded anew; where it is kept, its key."""

    number: int
    drawn: bool
    key: Digest = b""
    trouble: Problem | None = None


@dataclass(frozen=True)
class Outcome:
    """How a task went: its pieces, and digests of its layers where anything is kept."""

    segment: Segment
    made: tuple[Made, ...]
    layers: tuple[Digest, ...] = ()


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
            scene, recipes = open_parcel(data)
            self._worker, self._parcel = Worker(scene, recipes), task.parcel
        return self._worker.run(task, told)


class Worker:
    """Draws segments of one scene, and encodes them by one recipe or several."""

    def __init__(self, scene: Scene, recipes: Sequence[Recipe]) -> None:
        self.scene, self.recipes = scene, recipes
        # What is drawn together is drawn alike.
        full = any(recipe.full for recipe in recipes)
        self._canvas = Canvas(scene.take.page, full=full, alpha=scene.take.clear)
        self._encoders = [encoder_for(recipe.options) for recipe in recipes]
        self._digests = MarkDigests()

    def picture(self, index: int) -> Pixels:
        """The picture of one frame by the first recipe, as a copy."""
        picture = self._canvas.draw(self.scene.frame(index))
        return seen_through(self.recipes[0].window, picture).pixels.copy()

    def run(self, task: Task, told: Callable[[int], None] = lambda _: None) -> Outcome:
        """Make a segment's files: those that are kept are fetched, the others encoded from one drawing."""
        segment = task.segment
        strip = Strip(self.scene, segment.shown)
        layers: tuple[Digest, ...] = ()
        if any(piece.keep for piece in task.pieces):
            layers = tuple(
                known or self._digests.of_frames(strip.layer(n)) for n, known in enumerate(task.known)
            )
            self._digests.forget()
        keys = {piece: self._key(piece, segment, layers) for piece in task.pieces}
        found = {p for p, key in keys.items() if p.keep and p.keep.fetch(key, p.part)}
        told(segment.frames * len(found))
        missing = [piece for piece in task.pieces if piece not in found]
        if missing:
            self._draw(strip, segment, missing, told)
        made = []
        for piece, key in keys.items():
            if piece.keep and piece not in found:
                piece.keep.put(key, piece.part)
            trouble = piece.keep.trouble if piece.keep else None
            made.append(Made(piece.number, piece not in found, key, trouble))
        return Outcome(segment, tuple(made), layers)

    def _key(self, piece: Piece, segment: Segment, layers: Sequence[Digest]) -> Digest:
        recipe = self.recipes[piece.number]
        return key_of(self.scene, recipe, segment, piece.shared, layers) if piece.keep else b""

    def _draw(
        self, strip: Strip, segment: Segment, pieces: Sequence[Piece], told: Callable[[int], None]
    ) -> None:
        before = None
        if not segment.opens and any(self._encoders[piece.number].needs_before for piece in pieces):
            ahead = replace(segment, start=segment.start - 1, stop=segment.start)
            whole = next(pictures(strip.frame, self._canvas, ahead))[0]
            before = Picture(whole.pixels.copy(), None)
        with ExitStack() as stack:
            sinks = []
            for piece in pieces:
                encoder, recipe = self._encoders[piece.number], self.recipes[piece.number]
                known = None
                if before and encoder.needs_before:
                    known = seen_through(recipe.window, before).pixels
                opened = encoder.segment(piece.part, recipe.signal, piece.shared, known)
                sinks.append((stack.enter_context(opened), recipe.window))
            first = True
            for whole, repeat in pictures(strip.frame, self._canvas, segment):
                for sink, window in sinks:
                    picture = seen_through(window, whole)
                    # A sink knows nothing of what the canvas drew before this segment.
                    sink.add(picture.pixels, None if first else picture.changed, repeat)
                first = False
                told(repeat * len(sinks))


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


def key_of(scene: Scene, recipe: Recipe, segment: Segment, shared: bytes, layers: Sequence[Digest]) -> Digest:
    """The segment's key where it is kept: with the same key, its bytes are the same."""
    # All of a frame but its place in the film, which is not drawn: no new field of `Frame` is forgotten.
    bare = [
        replace(scene.assembled(index, ()), index=0, second=Fraction(0), instant=0.0)
        for index in segment.shown
    ]
    tail, shares = segment.tail, None
    if tail:
        shares = [tail.share(index) for index in range(segment.start - 1, segment.stop)]
    return digest_of(program(), recipe, bare, segment.opens, shares, shared, layers)


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
    ending = _mixable(last.copy())
    opening = _mixable(canvas.draw(frame(tail.first)).pixels)
    straight = "RGBA" if last.shape[2] == 4 else "RGB"
    for index in range(segment.start, segment.stop):
        mixed = Image.blend(ending, opening, tail.share(index)).convert(straight)
        yield Picture(np.asarray(mixed), None), 1


def _mixable(pixels: Pixels) -> Image.Image:
    """A picture to be mixed with another; what is transparent has no colour to give."""
    return Image.fromarray(pixels).convert("RGBa") if pixels.shape[2] == 4 else Image.fromarray(pixels)
