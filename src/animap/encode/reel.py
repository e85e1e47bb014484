"""Finished pictures without loss, kept to be encoded more than once: only what changed, quickly packed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from animap.encode.base import Signal, Sink, film_frames, obstacles, picture, refuse
from animap.encode.records import Record, Recorder, recorded, recording
from animap.errors import Problem, RenderError
from animap.types import Pixels, Rect

__all__ = ["Reel", "ReelEncoder", "unreeled"]

_KIND = "reel"
_RECT = struct.Struct("<4I")


class Reel(BaseModel):
    """No format of a film's own: what one that has to fit into some bytes is encoded from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["reel"] = "reel"


@dataclass(frozen=True, slots=True)
class ReelEncoder:
    """A reel as an `Encoder`."""

    options: Reel
    samples: ClassVar[int] = 0
    needs_before: ClassVar[bool] = False

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:  # noqa: ARG002
        """Say what is in the way at the destination; a reel takes any signal."""
        return obstacles(destination)

    def prepare(self, sample: Iterable[Pixels], signal: Signal) -> bytes:  # noqa: ARG002
        """Return nothing: segments share nothing."""
        return b""

    @contextmanager
    def segment(
        self,
        path: Path,
        signal: Signal,
        shared: bytes = b"",  # noqa: ARG002
        before: Pixels | None = None,  # noqa: ARG002
    ) -> Iterator[Sink]:
        """Open a segment; its first picture is written in full."""
        refuse(self.check(signal))
        with recording(path, _KIND) as recorder:
            sink = _ReelSink(recorder, path, signal)
            yield sink
            if not sink.frames:
                raise RenderError("a segment without pictures", str(path))

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:  # noqa: ARG002
        """Put the pictures of all parts behind one another."""
        frames = 0
        with recording(destination, _KIND) as recorder:
            for part in parts:
                for record in recorded(part, _KIND):
                    recorder.put(record)
                    frames += record.number
        if not frames:
            raise RenderError("there is nothing to join", str(destination))
        return frames


class _ReelSink:
    def __init__(self, recorder: Recorder, path: Path, signal: Signal) -> None:
        self._recorder, self._path, self._signal = recorder, path, signal
        self._frames = 0

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        repeat, pixels = film_frames(repeat), picture(pixels, self._signal)
        width, height = self._signal.width, self._signal.height
        full = changed is None or not self._frames
        rects = [(0, 0, width, height)] if full or changed is None else changed
        inside = [(max(0, a), max(0, b), min(width, c), min(height, d)) for a, b, c, d in rects]
        inside = [rect for rect in inside if rect[0] < rect[2] and rect[1] < rect[3]]
        parts = [_RECT.pack(*rect) + pixels[_part(rect)].tobytes() for rect in inside]
        self._recorder.put(Record(repeat, full, zlib.compress(b"".join(parts), 1)))
        self._frames += repeat


def unreeled(path: Path, signal: Signal) -> Iterator[tuple[Pixels, list[Rect] | None, int]]:
    """Yield pictures as a `Sink` takes them; the array is the same each time, with other pixels."""
    pixels = np.zeros((signal.height, signal.width, 3), np.uint8)
    for record in recorded(path, _KIND):
        data, at, rects = zlib.decompress(record.data), 0, []
        while at < len(data):
            left, top, right, bottom = rect = _RECT.unpack_from(data, at)
            size = (bottom - top, right - left, 3)
            count = size[0] * size[1] * 3
            pixels[_part(rect)] = np.frombuffer(data, np.uint8, count, at + _RECT.size).reshape(size)
            at += _RECT.size + count
            rects.append(rect)
        yield pixels, None if record.flag else rects, record.number


def _part(rect: Rect) -> tuple[slice, slice]:
    left, top, right, bottom = rect
    return np.s_[top:bottom, left:right]
