"""What animated pictures have in common: few colours, and only what changed.

A segment's file holds pictures and for how many film frames each is shown; only `join` turns frames into
the format's own time. So a segment can be used wherever its pictures come in the film.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO, ClassVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from animap.encode.base import (
    AGAIN,
    Signal,
    Sink,
    obstacles,
    opaque,
    picture,
    refuse,
    whole,
    writing,
)
from animap.encode.changes import ChangeSink, Image
from animap.encode.palette import Palette, choose, packed, unpacked
from animap.encode.records import Record, recorded, recording
from animap.errors import Problem, RenderError
from animap.types import Pixels

__all__ = ["Animated", "AnimatedEncoder", "Shown", "bytes_of", "words_of"]


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
    """How far off colours may be in what moves: not at all at 0, unseen at 25, plainly at 100."""
    loop: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    """How often the film is shown; 0 for ever."""
    max_size: Annotated[int, BeforeValidator(bytes_of), Field(ge=1)] | None = None
    """Bytes that the file may have, such as "2 MB"; frames, colours and width are given up for it."""


_FASTEST = 50
_MOVING = 5
"""One colour in so many is for what moves; found on films of ours."""
_FURTHEST = 38
"""How far off, in steps of 255, a colour may be that moves, where lossiness is 100."""


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
        problems = [*obstacles(destination), *opaque(signal, self.name)]
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
        few = max(2, count // _MOVING)
        return packed(choose((picture(pixels, signal) for pixels in sample), count, few, signal.colours))

    @contextmanager
    def segment(
        self, path: Path, signal: Signal, shared: bytes = b"", before: Pixels | None = None
    ) -> Iterator[Sink]:
        """Open a segment; without `before`, its first picture is written in full."""
        refuse(self.check(signal))
        with recording(path, self.kind) as recorder:
            palette = unpacked(shared)
            encode = partial(self.encoded, palette=palette)
            tolerance = _FURTHEST * self.options.lossiness / 100
            sink = ChangeSink(encode, recorder, path, signal, palette, before, tolerance, self.even)
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
    return "\n".join(t for t in (signal.title, signal.comment, signal.credits, signal.licence) if t)


def _clock(frame: int, fps: Fraction, per_second: int) -> int:
    """Return when a frame begins, in units of time, halves rounded up."""
    return (2 * per_second * frame * fps.denominator + fps.numerator) // (2 * fps.numerator)


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
