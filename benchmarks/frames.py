"""Finished frames of a film, for those who only encode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from animap.api import Animation
from animap.draw import Canvas
from animap.types import Pixels

__all__ = ["Finished", "bytes_needed", "drawn", "lay_down"]


@dataclass(frozen=True, slots=True)
class Finished:
    """A file of raw RGB frames, one after the other."""

    path: Path
    frames: int
    width: int
    height: int
    fps: int

    def warm(self) -> None:
        """Read it, so that all of it is in the page cache when somebody is timed."""
        block = bytearray(1 << 24)
        with self.path.open("rb", buffering=0) as file:
            while file.readinto(block):
                pass


def drawn(animation: Animation, indices: Sequence[int]) -> Iterator[Pixels]:
    """Pictures of frames; each is gone with the next."""
    canvas = Canvas(animation.page)
    for index in indices:
        yield canvas.draw(animation.frame(index)).pixels


def bytes_needed(animation: Animation, frames: int) -> int:
    """Size of so many raw frames."""
    return animation.page.width * animation.page.height * 3 * frames


def lay_down(animation: Animation, indices: Sequence[int], path: Path) -> Finished:
    """Write frames as raw RGB."""
    with path.open("wb", buffering=0) as file:
        for pixels in drawn(animation, indices):
            file.write(pixels.data)
    return Finished(path, len(indices), animation.page.width, animation.page.height, int(animation.fps))
