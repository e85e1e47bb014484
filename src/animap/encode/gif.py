"""GIF, written block by block.

A segment's file holds pictures and for how many film frames each is shown; only `join` turns frames into
hundredths of a second. So a segment can be used wherever its pictures come in the film, and the joined file
is the same wherever the borders were.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from animap.encode.base import (
    AGAIN,
    Signal,
    Sink,
    film_frames,
    obstacles,
    opaque,
    picture,
    refuse,
    whole,
    writing,
)
from animap.encode.palette import Palette, choose, indices, packed, unpacked
from animap.encode.records import Record, Recorder, recorded, recording
from animap.errors import Problem, RenderError
from animap.types import Pixels, Rect

__all__ = ["Gif", "GifEncoder"]


class Gif(BaseModel):
    """Looping GIF: few colours, no sound, opens in every lesson."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["gif"] = "gif"
    fps: Annotated[Fraction, Field(gt=0, le=50)] = Fraction(25, 2)
    """Frames per second of the GIF; it counts in hundredths of a second, and browsers slow down above 50."""
    colours: Annotated[int, Field(ge=2, le=256)] = 128
    """Entries of the colour table, one of them for what stays as it was; powers of two use it best."""


_FASTEST = 50
_LONGEST = 0xFFFF
_KIND = "gif"


@dataclass(frozen=True, slots=True)
class GifEncoder:
    """GIF as an `Encoder`."""

    options: Gif
    samples: ClassVar[int] = 32
    needs_before: ClassVar[bool] = True

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:
        """Say what keeps this signal from being a GIF."""
        problems = [*obstacles(destination), *opaque(signal, "GIF")]
        if max(signal.width, signal.height) > 0xFFFF:
            size = f"{signal.width}×{signal.height}"
            problems.append(Problem(f"{size} is more than a GIF can hold", "size", "at most 65535 a side"))
        if signal.fps > _FASTEST:
            what = f"a GIF cannot show {float(signal.fps):g} frames per second"
            problems.append(Problem(what, "fps", f"use at most {_FASTEST}"))
        return problems

    def prepare(self, sample: Iterable[Pixels], signal: Signal) -> bytes:
        """Return the film's palette."""
        refuse(self.check(signal))
        # Two colours at least: with one of two entries transparent, there would be nothing to see.
        palette = choose((picture(pixels, signal) for pixels in sample), max(2, self.options.colours - 1))
        return packed(palette)

    @contextmanager
    def segment(
        self, path: Path, signal: Signal, shared: bytes = b"", before: Pixels | None = None
    ) -> Iterator[Sink]:
        """Open a segment; without `before`, its first picture is written in full."""
        refuse(self.check(signal))
        palette = unpacked(shared)
        with recording(path, _KIND) as recorder:
            sink = _GifSink(recorder, path, signal, palette, before)
            yield sink
            sink.finish()

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:
        """Write the segments' pictures with delays that add up."""
        refuse(self.check(signal, destination))
        palette = unpacked(shared)
        frames = 0
        with whole(destination) as temporary, writing(destination), temporary.open("wb") as file:
            file.write(_opening(signal, palette))
            for shown in _merged(parts, destination):
                delay = _clock(frames + shown.number, signal.fps) - _clock(frames, signal.fps)
                frames += shown.number
                file.write(_timed(shown, delay, palette))
            file.write(b";")
        return frames


class _GifSink:
    def __init__(
        self, recorder: Recorder, path: Path, signal: Signal, palette: Palette, before: Pixels | None
    ) -> None:
        self._recorder = recorder
        self._path = path
        self._signal = signal
        self._palette = palette
        self._shown = None if before is None else indices(palette, picture(before, signal))
        self._differs = np.zeros((signal.height, signal.width), np.bool_)
        self._frames = 0
        # First comes a record without an image: for how long, and whether, the picture before is still shown.
        self._waiting = Record(0, before is not None, b"")

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        repeat = film_frames(repeat)
        shown = self._difference(picture(pixels, self._signal), changed)
        self._frames += repeat
        if shown is None:
            self._waiting = self._waiting._replace(number=self._waiting.number + repeat)
        else:
            self._recorder.put(self._waiting)
            self._waiting = shown._replace(number=repeat)

    def finish(self) -> None:
        if not self._frames:
            raise RenderError("a segment without pictures", str(self._path))
        self._recorder.put(self._waiting)

    def _difference(self, pixels: Pixels, changed: Sequence[Rect] | None) -> Record | None:
        """Take over what is new in a picture and return it, or None if nothing is."""
        if self._shown is None:
            self._shown = indices(self._palette, pixels)
            return Record(0, False, _image(self._shown, 0, 0, self._palette))
        boxes = [
            box
            for rect in ([(0, 0, self._signal.width, self._signal.height)] if changed is None else changed)
            if (box := self._take(self._shown, pixels, rect)) is not None
        ]
        if not boxes:
            return None
        left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
        part = np.s_[top:bottom, left:right]
        differs = self._differs[part]
        transparent = not differs.all()
        image = np.where(differs, self._shown[part], np.uint8(len(self._palette.colours)))
        differs[...] = False
        return Record(0, transparent, _image(image, left, top, self._palette))

    def _take(self, shown: NDArray[np.uint8], pixels: Pixels, rect: Rect) -> Rect | None:
        """Take over what is new in a rectangle and return the box around it, or None if nothing is."""
        left, top = max(rect[0], 0), max(rect[1], 0)
        right, bottom = min(rect[2], self._signal.width), min(rect[3], self._signal.height)
        if left >= right or top >= bottom:
            return None
        part = np.s_[top:bottom, left:right]
        new = indices(self._palette, pixels[part])
        differs = new != shown[part]
        rows = top + np.flatnonzero(differs.any(axis=1))
        columns = left + np.flatnonzero(differs.any(axis=0))
        if not len(rows):
            return None
        shown[part] = new
        self._differs[part] |= differs
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _merged(parts: Sequence[Path], destination: Path) -> Iterator[Record]:
    """Yield the pictures of all segments; one that lasts over a border comes once, with all its frames."""
    waiting: Record | None = None
    for part in parts:
        records = recorded(part, _KIND)
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


def _clock(frame: int, fps: Fraction) -> int:
    """Return when a frame begins, in hundredths of a second, halves rounded up."""
    return (200 * frame * fps.denominator + fps.numerator) // (2 * fps.numerator)


def _bits(palette: Palette) -> int:
    return max(2, len(palette.colours).bit_length())


def _opening(signal: Signal, palette: Palette) -> bytes:
    bits = _bits(palette)
    table = palette.colours.tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", signal.width, signal.height, 0x80 | 0x70 | bits - 1, 0, 0)
    loop = b"!\xff\x0bNETSCAPE2.0" + _blocks(struct.pack("<BH", 1, 0))
    words = "\n".join(text for text in (signal.title, signal.comment) if text).encode()
    return b"GIF89a" + screen + table + loop + (b"!\xfe" + _blocks(words) if words else b"")


def _timed(shown: Record, delay: int, palette: Palette) -> bytes:
    """Return a picture's blocks, followed by pictures that change nothing where one delay cannot hold it."""
    pieces = -(-delay // _LONGEST)
    ends = [delay * piece // pieces for piece in range(pieces + 1)]
    transparent = len(palette.colours)
    still = _image(np.full((1, 1), transparent, np.uint8), 0, 0, palette) if pieces > 1 else b""
    blocks = []
    for piece in range(pieces):
        image, clear = (still, True) if piece else (shown.data, shown.flag)
        hundredths = ends[piece + 1] - ends[piece]
        # Disposal 1: what was drawn stays.
        control = struct.pack("<BHB", 1 << 2 | clear, hundredths, transparent if clear else 0)
        blocks += [b"!\xf9", _blocks(control), image]
    return b"".join(blocks)


def _image(image: NDArray[np.uint8], left: int, top: int, palette: Palette) -> bytes:
    """Return indices `(height, width)` as image descriptor and LZW data."""
    bits = _bits(palette)
    height, width = image.shape
    plane = Image.fromarray(np.ascontiguousarray(image))
    # Pillow's encoder makes the sub-blocks, but neither the code size before them nor the end.
    data = plane.tobytes("gif", ("L", bits, 0))
    return struct.pack("<cHHHHBB", b",", left, top, width, height, 0, bits) + data + b"\0"


def _blocks(data: bytes) -> bytes:
    pieces = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"
