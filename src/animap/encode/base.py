"""What every format shares: the signal, the sink, the encoder, and writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np

from animap.encode.subtitles import Subtitles
from animap.errors import OutputError, Problem, RenderError, UsageError
from animap.types import Pixels, Rect

__all__ = [
    "AGAIN",
    "SEGMENT",
    "Chapter",
    "Encoder",
    "Signal",
    "Sink",
    "film_frames",
    "obstacles",
    "opaque",
    "picture",
    "refuse",
    "whole",
    "writing",
]

AGAIN = "delete it and render again"

SEGMENT = 5.0
"""Film seconds in a segment, at most, in every format: long enough for its first full picture not to weigh,
short enough to share out."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the film that a player can jump to, from frame `start` to the one before `stop`."""

    start: int
    stop: int
    title: str


@dataclass(frozen=True, slots=True)
class Signal:
    """What all frames of one output have in common.

    `width` and `height` are pixels, `fps` is frames per second as an exact fraction, `language` is an
    ISO 639-1 code. `title`, `language`, `comment`, `credits` and `licence` go into the file's metadata where
    it has room for them, `subtitles` into tracks of their own, `chapters` into what a player can jump to.
    With `alpha`, pixels have a fourth value: 0 where nothing is drawn, the three others unchanged by it
    (straight). `colours`, 0xRRGGBB, are the plain ones of its style: formats of few colours keep them.
    """

    width: int
    height: int
    fps: Fraction
    title: str = ""
    language: str = ""
    comment: str = ""
    subtitles: tuple[Subtitles, ...] = ()
    alpha: bool = False
    credits: str = ""
    licence: str = ""
    chapters: tuple[Chapter, ...] = ()
    colours: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise UsageError(f"a picture of {self.width}×{self.height} pixels cannot be drawn", "size")
        if self.fps <= 0:
            raise UsageError(f"{self.fps} frames per second are not a film", "fps", "give a rate above zero")


class Sink(Protocol):
    """Takes the pictures of one segment, in order."""

    @property
    def frames(self) -> int:
        """Film frames taken so far, repeats counted."""

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        """Append a picture `(height, width, 3)`, or 4 with alpha, that is shown for `repeat` film frames.

        `changed` holds all rectangles in which it may differ from the picture added before (or from the
        segment's `before`): None means anywhere, empty means nowhere. The array is not kept after the call.
        """


class Encoder(Protocol):
    """One format with its options chosen; small and picklable, so that it travels to workers.

    Segments are runs of consecutive frames, each encoded into a file of its own by whoever has time, and
    `join`ed by copying. The joined file depends on where segments begin, never on who made them.
    """

    @property
    def samples(self) -> int:
        """How many pictures, spread over the whole film, `prepare` would like to see; 0 for none."""

    @property
    def needs_before(self) -> bool:
        """Whether `segment` makes use of the picture before its first one."""

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:
        """Say everything that keeps this signal from being encoded, or written there; empty if nothing does.

        That a file of that name exists is no problem here: whether it may be replaced is for the user to say.
        """

    def prepare(self, sample: Iterable[Pixels], signal: Signal) -> bytes:
        """Make what all segments share, such as a palette, from sampled pictures."""

    def segment(
        self, path: Path, signal: Signal, shared: bytes = b"", before: Pixels | None = None
    ) -> AbstractContextManager[Sink]:
        """Open a segment; it does not matter where in the film.

        `before` is the picture of the film frame just before, if there is one and `needs_before` asks for
        it. The file (for PNG, a folder) appears at `path` when the context ends well, and else not at all.

        Raises `UsageError` for a signal that `check` refuses, `OutputError` if the file cannot be written and
        `RenderError` if the encoder refuses.
        """

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:
        """Put segments together, in film order, and return the number of film frames.

        `parts` stay as they are. An existing `destination` is replaced at the very end. Raises like
        `segment`, and `RenderError` if parts do not belong together.
        """


def refuse(problems: Sequence[Problem]) -> None:
    """Raise `UsageError` if there are problems."""
    if problems:
        raise UsageError(problems)


def opaque(signal: Signal, name: str) -> list[Problem]:
    """Return what a format has against pictures that are transparent, if it cannot be."""
    if not signal.alpha:
        return []
    hint = "use ProRes (.mov), FFV1 (.mkv) or a folder of PNG pictures, or show the map too"
    return [Problem(f"{name} cannot be transparent where the map is left out", "show", hint)]


def obstacles(destination: Path | None) -> list[Problem]:
    """Return what can be seen, before anything is drawn, to keep a file from being written there."""
    if destination is None:
        return []
    folder = destination.parent
    try:
        if not folder.exists():
            number = errno.ENOENT
        elif not folder.is_dir():
            number = errno.ENOTDIR
        elif destination.is_dir():
            number = errno.EISDIR
        elif not os.access(folder, os.W_OK | os.X_OK):
            number = errno.EACCES
        else:
            return []
    except PermissionError:
        # A folder above may not even be entered.
        number = errno.EACCES
    return list(_unwritable(destination, number, "").problems)


def picture(pixels: Pixels, signal: Signal) -> Pixels:
    """Return `pixels` contiguous, or raise `RenderError` if they are not a picture of this signal."""
    if pixels.dtype != np.uint8 or pixels.shape != (signal.height, signal.width, 4 if signal.alpha else 3):
        raise RenderError(
            f"the encoder was promised {signal.width}×{signal.height} RGB{'A' * signal.alpha} pixels "
            f"and got an array of {pixels.dtype} {pixels.shape}"
        )
    return np.ascontiguousarray(pixels)


def film_frames(repeat: int) -> int:
    """Return `repeat`, or raise `RenderError` if it is not a number of frames."""
    if repeat < 1:
        raise RenderError(f"a picture cannot be shown for {repeat} frames")
    return repeat


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; what was written there takes its place if all goes well.

    File or folder. Whatever is raised, KeyboardInterrupt included, removes it and leaves `path` untouched.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with writing(path):
            _settle(temporary)
            _exchange(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate what the system says against writing `path`.

    Only around our own calls: a font that is missing while a picture is drawn is an `OSError` too.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise _unwritable(path, error.errno, error.strerror or str(error)) from error


def _unwritable(path: Path, number: int | None, reason: str) -> OutputError:
    """Return the error for a system error number, with what to do about it."""
    what, hint = _ADVICE.get(number or 0, (f"it cannot be written ({reason})", _ELSEWHERE))
    return OutputError(what, str(path), hint)


_ELSEWHERE = "choose another place for the output"
_ROOM = "make room there, or choose another place for the output"
_RIGHTS = "choose another place, or change the folder's permissions"

_ADVICE = {
    errno.ENOSPC: ("the disk is full", _ROOM),
    errno.EDQUOT: ("your disk quota is used up", _ROOM),
    errno.EFBIG: ("the file outgrew the system's limit", "raise it (ulimit -f), or make the film smaller"),
    errno.EACCES: ("no permission to write there", _RIGHTS),
    errno.EPERM: ("no permission to write there", _RIGHTS),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
    errno.ENOENT: ("its folder does not exist", "create the folder first"),
    errno.ENOTDIR: ("what should be its folder is a file", _ELSEWHERE),
    errno.EISDIR: ("a folder of that name is in the way", "choose another name, or move the folder"),
    errno.ENAMETOOLONG: ("the name is too long for this disk", "choose a shorter name"),
}


def _settle(path: Path) -> None:
    # Renamed before its contents reach the disk, a file can be empty after a power cut and pass for finished.
    if path.is_file():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _exchange(new: Path, path: Path) -> None:
    if not path.is_dir() or path.is_symlink():
        new.replace(path)
        return
    # A folder that holds something cannot be replaced in one step, so the old one steps aside for an instant.
    if not new.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    aside = new.with_suffix(".old")
    path.rename(aside)
    try:
        new.rename(path)
    except BaseException:
        aside.rename(path)
        raise
    _remove(aside)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
