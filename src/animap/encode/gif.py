"""GIF, written block by block."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar, Literal

import numpy as np
import PIL.Image

from animap.encode.animated import Animated, AnimatedEncoder, Shown, words_of
from animap.encode.base import Signal
from animap.encode.changes import Image
from animap.encode.palette import Palette

__all__ = ["Gif", "GifEncoder"]


class Gif(Animated):
    """Looping GIF: few colours, no sound, opens in every lesson; it counts in hundredths of a second."""

    kind: Literal["gif"] = "gif"


@dataclass(frozen=True)
class GifEncoder(AnimatedEncoder):
    """GIF as an `Encoder`."""

    options: Gif
    kind: ClassVar[str] = "gif"
    name: ClassVar[str] = "a GIF"
    largest: ClassVar[int] = 0xFFFF
    per_second: ClassVar[int] = 100
    longest: ClassVar[int] = 0xFFFF

    def encoded(self, image: Image, palette: Palette) -> bytes:
        """Return image descriptor and LZW data."""
        bits = _bits(palette)
        height, width = image.indices.shape
        plane = PIL.Image.fromarray(np.ascontiguousarray(image.indices))
        # Pillow's encoder makes the sub-blocks, but neither the code size before them nor the end.
        data = plane.tobytes("gif", ("L", bits, 0))
        return struct.pack("<cHHHHBB", b",", image.left, image.top, width, height, 0, bits) + data + b"\0"

    def write(self, file: BinaryIO, shown: Iterator[Shown], signal: Signal, palette: Palette) -> None:
        """Write header, colour table, words and pictures."""
        file.write(_opening(signal, palette, self.options.loop))
        for picture in shown:
            clear = not picture.opaque
            # Disposal 1: what was drawn stays.
            index = len(palette.colours) if clear else 0
            file.write(b"!\xf9" + _blocks(struct.pack("<BHB", 1 << 2 | clear, picture.delay, index)))
            file.write(picture.data)
        file.write(b";")


def _bits(palette: Palette) -> int:
    return max(2, len(palette.colours).bit_length())


def _opening(signal: Signal, palette: Palette, times: int) -> bytes:
    bits = _bits(palette)
    table = palette.colours.tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", signal.width, signal.height, 0x80 | 0x70 | bits - 1, 0, 0)
    # The block says how often the film is shown again, 0 for ever; without it, it is shown once.
    again = struct.pack("<BH", 1, max(0, times - 1))
    loop = b"" if times == 1 else b"!\xff\x0bNETSCAPE2.0" + _blocks(again)
    words = words_of(signal).encode()
    return b"GIF89a" + screen + table + loop + (b"!\xfe" + _blocks(words) if words else b"")


def _blocks(data: bytes) -> bytes:
    pieces = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"
