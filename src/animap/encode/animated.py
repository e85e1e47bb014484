"""What animated pictures have in common: few colours, and only what changed.

A segment's file holds pictures and for how many film frames each is shown; only `join` turns frames into
the format's own time. So a segment can be used wherever its pictures come in the film.

What rests is shown in the colours of the film's palette, always the same. What moves may wear fewer of them:
nobody sees it, and a picture in which only edges change is all noise to LZW. It gets its own colours back as
soon as it rests, and at the end of a segment, so that segments need not know of one another.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from animap.encode.base import (
    AGAIN,
    Signal,
    Sink,
    film_frames,
    obstacles,
    picture,
    refuse,
    whole,
    writing,
)
from animap.encode.palette import Palette, choose, indices, numbers, packed, unpacked
from animap.encode.records import Record, Recorder, recorded, recording
from animap.errors import Problem, RenderError
from animap.types import Pixels, Rect

__all__ = ["Animated", "AnimatedEncoder", "Image", "Shown", "bytes_of", "words_of"]


def bytes_of(text: object) -> int:
    """Bytes in `2 MB`, `500 kB` or a number; ValueError says what is possible."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kMG]?)B?", str(text).strip(), re.IGNORECASE)
    if not match:
        raise ValueError(f"'{text}' is not a size of a file; write 2 MB or 500 kB")
    return int(Fraction(match[1]) * 1000 ** ("", "k", "m", "g").index(match[2].lower()))


class Animated(BaseModel):
    """What all animated pictures can be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fps: Annotated[Fraction, Field(gt=0, le=50)] = Fraction(25, 2)
    """Frames per second; browsers slow down what is faster than 50."""
    colours: Annotated[int, Field(ge=2, le=256)] = 256
    """Entries of the colour table, one of them for what stays as it was; powers of two use it best."""
    lossiness: Annotated[int, Field(ge=0, le=100)] = 25
    """Colours left out in what moves: none at 0, half of them at 25, fifteen of sixteen at 100."""
    loop: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    """How often the film is shown; 0 for ever."""
    max_size: Annotated[int, BeforeValidator(bytes_of), Field(ge=1)] | None = None
    """Bytes that the file may have, such as "2 MB"; frames, colours and width are given up for it."""


_FASTEST = 50
_LONGEST_RUN_ON = 64
"""Unchanged pixels that may be written again; found on films of ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Indices `(height, width)` to be shown with the upper left corner at a place.

    Where not `opaque`, the index is one beyond the palette, and stands for what was there before.
    """

    left: int
    top: int
    indices: NDArray[np.uint8]
    opaque: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An image as it was encoded, shown for a `delay` in the format's units of time."""

    data: bytes
    opaque: bool
    delay: int


@dataclass(frozen=True)
class AnimatedEncoder(ABC):
    """Animated pictures as an `Encoder`; a format says how images are encoded, and put into a file."""

    options: Animated
    samples: ClassVar[int] = 32
    needs_before: ClassVar[bool] = True
    kind: ClassVar[str]
    name: ClassVar[str]
    largest: ClassVar[int]
    """Pixels a side."""
    per_second: ClassVar[int]
    """Units of time in a second."""
    longest: ClassVar[int]
    """The longest delay, in these units."""
    even: ClassVar[int] = 1
    """What places of images are multiples of."""

    @abstractmethod
    def encoded(self, image: Image, palette: Palette) -> bytes:
        """Return an image as it stands in the file, but for its delay."""

    @abstractmethod
    def write(self, file: BinaryIO, shown: Iterator[Shown], signal: Signal, palette: Palette) -> None:
        """Write a whole file."""

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:
        """Say what keeps this signal from being encoded, or written there."""
        problems = obstacles(destination)
        if max(signal.width, signal.height) > self.largest:
            what = f"{signal.width}×{signal.height} is more than {self.name} can hold"
            problems.append(Problem(what, "size", f"at most {self.largest} a side"))
        if signal.fps > _FASTEST:
            what = f"{self.name} cannot show {float(signal.fps):g} frames per second"
            problems.append(Problem(what, "fps", f"use at most {_FASTEST}"))
        return problems

    def prepare(self, sample: Iterable[Pixels], signal: Signal) -> bytes:
        """Return the film's palette."""
        refuse(self.check(signal))
        # Two colours at least: with one of two entries transparent, there would be nothing to see.
        count = max(2, self.options.colours - 1)
        moving = max(2, round(count * 2 ** (-self.options.lossiness / 25)))
        return packed(choose((picture(pixels, signal) for pixels in sample), count, moving))

    @contextmanager
    def segment(
        self, path: Path, signal: Signal, shared: bytes = b"", before: Pixels | None = None
    ) -> Iterator[Sink]:
        """Open a segment; without `before`, its first picture is written in full."""
        refuse(self.check(signal))
        with recording(path, self.kind) as recorder:
            sink = _ChangeSink(self, recorder, path, signal, unpacked(shared), before)
            yield sink
            sink.finish()

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:
        """Write the segments' pictures with delays that add up."""
        refuse(self.check(signal, destination))
        palette = unpacked(shared)
        count = _Count()
        with whole(destination) as temporary, writing(destination), temporary.open("wb") as file:
            pictures = _merged(parts, self.kind, destination)
            self.write(file, self._timed(pictures, signal.fps, palette, count), signal, palette)
        return count.frames

    def _timed(
        self, pictures: Iterator[Record], fps: Fraction, palette: Palette, count: _Count
    ) -> Iterator[Shown]:
        """Yield pictures, and ones that change nothing behind those that one delay cannot hold."""
        clear = np.full((1, 1), len(palette.colours), np.uint8)
        for record in pictures:
            start = _clock(count.frames, fps, self.per_second)
            count.frames += record.number
            delay = _clock(count.frames, fps, self.per_second) - start
            pieces = -(-delay // self.longest)
            ends = [delay * piece // pieces for piece in range(pieces + 1)]
            yield Shown(record.data, not record.flag, ends[1])
            for piece in range(1, pieces):
                still = self.encoded(Image(0, 0, clear, opaque=False), palette)
                yield Shown(still, False, ends[piece + 1] - ends[piece])


@dataclass
class _Count:
    frames: int = 0


def words_of(signal: Signal) -> str:
    """The title and credits that a file carries."""
    return "\n".join(text for text in (signal.title, signal.comment) if text)


def _clock(frame: int, fps: Fraction, per_second: int) -> int:
    """Return when a frame begins, in units of time, halves rounded up."""
    return (2 * per_second * frame * fps.denominator + fps.numerator) // (2 * fps.numerator)


class _ChangeSink:
    """Holds the last picture back until it is known whether it rests."""

    def __init__(
        self,
        encoder: AnimatedEncoder,
        recorder: Recorder,
        path: Path,
        signal: Signal,
        palette: Palette,
        before: Pixels | None,
    ) -> None:
        self._encoder = encoder
        self._recorder = recorder
        self._path = path
        self._signal = signal
        self._palette = palette
        size = signal.height, signal.width
        self._colours = np.zeros(size, np.uint32)
        # What differs from the picture before; and what is shown in a colour that is not its own.
        self._moving, self._loose = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        self._shown: NDArray[np.uint8] | None = None
        if before is not None:
            self._colours[...] = numbers(picture(before, signal))
            self._shown = indices(palette, self._colours)
        self._held = 0
        self._frames = 0
        # First comes a record without an image: for how long, and whether, the picture before is still shown.
        self._waiting = Record(0, before is not None, b"")

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        repeat, pixels = film_frames(repeat), picture(pixels, self._signal)
        moved = self._moved(pixels, changed)
        self._frames += repeat
        if self._held and not moved:
            self._held += repeat
            return
        self._show(rests=self._held > 1)
        self._held = repeat
        self._moving[...] = False
        for part, colours in moved:
            self._moving[part] |= colours != self._colours[part]
            self._colours[part] = colours

    def finish(self) -> None:
        if not self._frames:
            raise RenderError("a segment without pictures", str(self._path))
        self._show(rests=True)
        self._recorder.put(self._waiting)

    def _moved(self, pixels: Pixels, changed: Sequence[Rect] | None) -> list[_Part]:
        """Return the rectangles in which a picture does differ from the one held, with their new colours."""
        if changed is None or not (self._frames or self._waiting.flag):
            changed = [(0, 0, self._signal.width, self._signal.height)]
        parts = []
        for left, top, right, bottom in changed:
            part = np.s_[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
            colours = numbers(pixels[part])
            if not np.array_equal(colours, self._colours[part]):
                parts.append((part, colours))
        return parts

    def _show(self, *, rests: bool) -> None:
        """Record what is new in the picture held, for as long as it is held."""
        if not self._held:
            return
        image = self._image(rests=rests)
        if image is None:
            self._waiting = self._waiting._replace(number=self._waiting.number + self._held)
        else:
            self._recorder.put(self._waiting)
            self._waiting = image._replace(number=self._held)

    def _image(self, *, rests: bool) -> Record | None:
        """Take over what is new in the picture held, and return it, or None if nothing is."""
        if self._shown is None:
            self._shown = indices(self._palette, self._colours)
            return self._encoded(Image(0, 0, self._shown, opaque=True))
        places = np.flatnonzero(self._moving | self._loose)
        new = own = indices(self._palette, self._colours.reshape(-1)[places])
        shown = self._shown.reshape(-1)
        if not rests:
            coarse, before = self._palette.coarse, shown[places]
            near = np.where(coarse[before] == coarse[own], before, coarse[own])
            new = np.where(self._moving.reshape(-1)[places], near, own)
        self._loose.reshape(-1)[places] = new != own
        differs = new != shown[places]
        shown[places] = new
        return self._record(places[differs])

    def _record(self, places: NDArray[np.intp]) -> Record | None:
        """Return what is shown in pixels, numbered row by row, as an image of the box around them."""
        if not len(places) or self._shown is None:
            return None
        rows, columns = np.divmod(places, self._signal.width)
        top, left = (int(at.min()) // self._encoder.even * self._encoder.even for at in (rows, columns))
        bottom, right = int(rows.max()) + 1, int(columns.max()) + 1
        differs = np.zeros((bottom - top, right - left), np.bool_)
        differs[rows - top, columns - left] = True
        colours = self._shown[top:bottom, left:right]
        opaque, lines = differs.copy(), np.unique(rows - top)
        opaque[lines] = _run_on(differs[lines], colours[lines])
        image = np.where(opaque, colours, np.uint8(len(self._palette.colours)))
        return self._encoded(Image(left, top, image, bool(opaque.all())))

    def _encoded(self, image: Image) -> Record:
        return Record(0, not image.opaque, self._encoder.encoded(image, self._palette))


_Part: TypeAlias = tuple[tuple[slice, slice], NDArray[np.uint32]]


def _run_on(differs: NDArray[np.bool_], colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels are best written: those that differ, and those that prolong a run of their colour.

    Unchanged pixels may as well be transparent, but to end a run of one colour for them costs another code.
    """
    changed = differs.ravel()
    run, start = _runs(colours)
    seen = np.cumsum(changed, dtype=np.int32)
    begun = seen > (seen[start] - changed[start])[run]
    gap, first = _runs(differs)
    short = np.diff(first, append=len(changed)) <= _LONGEST_RUN_ON
    return (changed | begun & short[gap]).reshape(differs.shape)


def _runs(plane: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return for each pixel the number of its run in its row, and for each run its first pixel."""
    new = np.ones(plane.shape, np.bool_)
    np.not_equal(plane[:, 1:], plane[:, :-1], out=new[:, 1:])
    flat = new.ravel()
    return np.cumsum(flat, dtype=np.int32) - 1, np.flatnonzero(flat)


def _merged(parts: Sequence[Path], kind: str, destination: Path) -> Iterator[Record]:
    """Yield the pictures of all segments; one that lasts over a border comes once, with all its frames."""
    waiting: Record | None = None
    for part in parts:
        records = recorded(part, kind)
        lead = next(records)
        if waiting is not None:
            waiting = waiting._replace(number=waiting.number + lead.number)
        elif lead.flag:
            raise RenderError("the film's first picture is missing", str(part), AGAIN)
        for shown in records:
            if waiting is not None:
                yield waiting
            waiting = shown
    if waiting is None:
        raise RenderError("there is nothing to join", str(destination))
    yield waiting
