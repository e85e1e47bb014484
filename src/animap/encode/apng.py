"""Animated PNG, put together chunk by chunk."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar, Literal

import numpy as np

from animap.encode.animated import Animated, AnimatedEncoder, Shown
from animap.encode.base import Signal
from animap.encode.changes import Image
from animap.encode.palette import Palette

__all__ = ["Apng", "ApngEncoder"]


class Apng(Animated):
    """Animated PNG: a GIF that programs without animation show as a still, its first picture."""

    kind: Literal["apng"] = "apng"


_INDEXED = 3


@dataclass(frozen=True)
class ApngEncoder(AnimatedEncoder):
    """Animated PNG as an `Encoder`."""

    options: Apng
    kind: ClassVar[str] = "apng"
    name: ClassVar[str] = "an animated PNG"
    largest: ClassVar[int] = 0x7FFFFFFF
    per_second: ClassVar[int] = 1000
    longest: ClassVar[int] = 0xFFFF

    def encoded(self, image: Image, palette: Palette) -> bytes:  # noqa: ARG002
        """Return size and place, and packed rows."""
        height, width = image.indices.shape
        # Each row says first how it is filtered: indices are best left alone.
        rows = np.zeros((height, width + 1), np.uint8)
        rows[:, 1:] = image.indices
        return struct.pack(">IIII", width, height, image.left, image.top) + zlib.compress(rows.tobytes(), 9)

    def write(self, file: BinaryIO, shown: Iterator[Shown], signal: Signal, palette: Palette) -> None:
        """Write header, words and pictures, and at last their number into the header."""
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(
            _chunk(b"IHDR", struct.pack(">IIBBBBB", signal.width, signal.height, 8, _INDEXED, 0, 0, 0))
        )
        control = file.tell()
        file.write(_chunk(b"acTL", bytes(8)))
        file.write(_chunk(b"PLTE", palette.colours.tobytes() + bytes(3)))
        file.write(_chunk(b"tRNS", b"\xff" * len(palette.colours) + b"\0"))
        for key, text in (
            ("Title", signal.title),
            ("Comment", signal.comment),
            ("Author", signal.credits),
            ("Copyright", signal.licence),
        ):
            if text:
                file.write(_chunk(b"iTXt", _text(key, text, signal.language)))
        pictures = sequence = 0
        for pictures, image in enumerate(shown, 1):
            place, data = image.data[:16], image.data[16:]
            timing = struct.pack(">HHBB", image.delay, self.per_second, 0, not image.opaque)
            file.write(_chunk(b"fcTL", struct.pack(">I", sequence) + place + timing))
            if pictures == 1:
                file.write(_chunk(b"IDAT", data))
            else:
                sequence += 1
                file.write(_chunk(b"fdAT", struct.pack(">I", sequence) + data))
            sequence += 1
        file.write(_chunk(b"IEND", b""))
        file.seek(control)
        file.write(_chunk(b"acTL", struct.pack(">II", pictures, self.options.loop)))


def _text(key: str, text: str, language: str) -> bytes:
    return key.encode() + bytes(3) + language.encode() + bytes(2) + text.encode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
