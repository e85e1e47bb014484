"""Pictures out of the finished video: what the page shows beside the film is what the film shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from PIL import Image

from animap.errors import UsageError

__all__ = ["Video", "pictures", "probe", "save_picture"]

_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Video:
    """What a page has to know of a video: size in pixels, frames per second, length in seconds."""

    width: int
    height: int
    fps: Fraction
    seconds: float


def probe(path: Path) -> Video:
    """Look at a video; UsageError for what is none."""
    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            rate = stream.average_rate
            if rate is None or container.duration is None:
                raise IndexError
            return Video(stream.width, stream.height, Fraction(rate), container.duration / av.time_base)
    except FileNotFoundError:
        raise UsageError("no such file", str(path), "check the path, or leave --video out") from None
    except (FFmpegError, IndexError) as cause:
        raise UsageError(
            "this is no video", str(path), "give an .mp4 or .webm that animap rendered"
        ) from cause


def pictures(path: Path, seconds: Sequence[float]) -> Iterator[Image.Image]:
    """The frames that a video shows at some seconds, in their order."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        for second in seconds:
            wanted = second / stream.time_base
            container.seek(int(wanted), stream=stream)
            shown = None
            for frame in container.decode(stream):
                if shown is not None and frame.pts is not None and frame.pts > wanted:
                    break
                shown = frame
            assert shown is not None
            yield Image.fromarray(shown.to_ndarray(format="rgb24"))


def save_picture(picture: Image.Image, path: Path, side: int | None = None) -> None:
    """Write a picture as WebP, its longer side at most `side` pixels."""
    if side and side < max(picture.size):
        picture = picture.copy()
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture.save(path, "WEBP", quality=_QUALITY, method=4)
