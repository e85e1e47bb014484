"""Pictures without loss: numbered PNG files in a folder, or a single one."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydantic import BaseModel, ConfigDict, Field

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
from animap.errors import OutputError, Problem, RenderError
from animap.types import Pixels, Rect

__all__ = ["Png", "PngEncoder", "is_still", "write_still"]


class Png(BaseModel):
    """PNG pictures, exact to the bit: a folder `frame_000000.png`, `frame_000001.png` … or one still."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["png"] = "png"
    compression: Annotated[int, Field(ge=0, le=9)] = 4
    """How hard to squeeze: 0 is fast and large, 9 very slow; above 4, maps shrink by a few percent only."""


@dataclass(frozen=True, slots=True)
class PngEncoder:
    """PNG as an `Encoder`; segments are folders.

    A destination named `.png` is a still and takes one frame, any other is a folder.
    """

    options: Png
    samples: ClassVar[int] = 0
    needs_before: ClassVar[bool] = False

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:  # noqa: ARG002
        """Say what is in the way at the destination; PNG takes any signal."""
        found = obstacles(destination)
        if destination is None or is_still(destination) or not os.access(destination, os.X_OK | os.R_OK):
            return found
        if not destination.is_dir():
            return found
        # The folder is replaced as a whole, and nobody's own files may go with it.
        foreign = sorted(path.name for path in destination.iterdir() if not path.match("frame_*.png"))
        if not foreign:
            return []
        what = f"the folder holds other things than frames ({foreign[0]})"
        return [Problem(what, str(destination), "choose a new folder, or move them")]

    def prepare(self, sample: Iterable[Pixels], signal: Signal) -> bytes:  # noqa: ARG002
        """Return nothing: segments share only the options."""
        return b""

    @contextmanager
    def segment(
        self,
        path: Path,
        signal: Signal,
        shared: bytes = b"",  # noqa: ARG002
        before: Pixels | None = None,  # noqa: ARG002
    ) -> Iterator[Sink]:
        """Open a segment, itself a folder numbered from 0."""
        refuse(self.check(signal))
        with whole(path) as temporary:
            with writing(path):
                temporary.mkdir()
            sink = _PngSink(temporary, path, signal, self.options)
            yield sink
            sink.finish()

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:  # noqa: ARG002
        """Number the pictures of all parts through.

        Where the disk allows, a picture is not copied but gets a second name.
        """
        refuse(self.check(signal, destination))
        pictures = [path for part in parts for path in _pictures(part)]
        if not pictures:
            raise RenderError("there is nothing to join", str(destination))
        if is_still(destination):
            if len(pictures) > 1:
                what = f"one PNG file cannot hold {len(pictures)} frames"
                raise OutputError(what, str(destination), "name a folder instead")
            with whole(destination) as temporary, writing(destination):
                _share(pictures[0], temporary)
            return 1
        with whole(destination) as temporary, writing(destination):
            temporary.mkdir()
            for number, path in enumerate(pictures):
                _share(path, temporary / _name(number))
        return len(pictures)


def write_still(path: Path, pixels: Pixels, signal: Signal, options: Png | None = None) -> None:
    """Write one picture; raises `OutputError` if that is impossible."""
    data = _encoded(picture(pixels, signal), signal, options or Png())
    with whole(path) as temporary, writing(path):
        temporary.write_bytes(data)


class _PngSink:
    def __init__(self, folder: Path, path: Path, signal: Signal, options: Png) -> None:
        self._folder = folder
        self._path = path
        self._signal = signal
        self._options = options
        self._data = b""
        self._frames = 0

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        repeat = film_frames(repeat)
        pixels = picture(pixels, self._signal)
        if not self._data or changed is None or len(changed):
            self._data = _encoded(pixels, self._signal, self._options)
        with writing(self._path):
            for _ in range(repeat):
                (self._folder / _name(self._frames)).write_bytes(self._data)
                self._frames += 1

    def finish(self) -> None:
        if not self._frames:
            raise RenderError("a segment without pictures", str(self._path))


def _encoded(pixels: Pixels, signal: Signal, options: Png) -> bytes:
    words = PngInfo()
    for key, text in (
        ("Title", signal.title),
        ("Comment", signal.comment),
        ("Description", signal.credits),
        ("Copyright", signal.licence),
    ):
        if text:
            words.add_itxt(key, text, signal.language)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=options.compression, pnginfo=words)
    return file.getvalue()


def _pictures(part: Path) -> list[Path]:
    found = sorted(part.glob("frame_*.png"))
    if not found or found[-1].name != _name(len(found) - 1):
        raise RenderError("a segment lacks pictures", str(part), AGAIN)
    return found


def _share(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _name(number: int) -> str:
    return f"frame_{number:06}.png"


def is_still(destination: Path) -> bool:
    """Whether a file of this name is one picture, not a folder of them."""
    return destination.suffix.lower() == ".png"
