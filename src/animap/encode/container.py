"""The files that hold video: MP4, QuickTime, WebM, Matroska; and their clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av
from av.container import OutputContainer

from animap.encode.base import Signal, writing
from animap.errors import RenderError

__all__ = ["CONTAINERS", "Container", "encoding", "opened", "tick"]


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file: FFmpeg's name for it, the codec of its subtitles, and whether it is of the MP4 family.

    That family counts time in units of the file's own choice, so that every frame is a whole number of them;
    Matroska and WebM count in milliseconds, and say the frame rate beside.
    """

    muxer: str
    subtitles: str
    family: bool


CONTAINERS: Mapping[str, Container] = MappingProxyType(
    {
        ".mp4": Container("mp4", "mov_text", family=True),
        ".mov": Container("mov", "mov_text", family=True),
        ".webm": Container("webm", "webvtt", family=False),
        ".mkv": Container("matroska", "subrip", family=False),
    }
)
"""By the suffix of the file's name."""


def tick(fps: Fraction) -> Fraction:
    """The seconds in a unit of an MP4's clock, of which every frame is a whole number."""
    ticks = fps.numerator
    while ticks < 10_000:
        ticks *= 2
    return Fraction(1, ticks)


@contextmanager
def opened(temporary: Path, path: Path, signal: Signal, kind: Container) -> Iterator[OutputContainer]:
    """Open a file for writing at `temporary`, told of as `path`; it is complete when the context ends."""
    options = {"fflags": "+bitexact"}
    if kind.family:
        ticks = str(tick(signal.fps).denominator)
        options |= {
            "movflags": "+faststart",
            # The whole film counts in these; in the usual milliseconds its end would fall inside a frame.
            "movie_timescale": ticks,
            "video_track_timescale": ticks,
        }
    else:
        # Where a player looks to jump about, before the pictures, as `faststart` does it.
        options |= {"cues_to_front": "1"}
    with encoding(path):
        container = av.open(str(temporary), "w", format=kind.muxer, container_options=options)
    try:
        yield container
    except BaseException:
        with suppress(OSError, av.FFmpegError):
            container.close()
        raise
    with encoding(path):
        container.close()


@contextmanager
def encoding(path: Path) -> Iterator[None]:
    """Translate what FFmpeg says while it works on `path`."""
    try:
        with writing(path):
            yield
    except av.FFmpegError as error:
        raise RenderError(f"the video encoder refused ({error.strerror or error})", str(path)) from error
