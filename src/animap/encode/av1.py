"""AV1: the smallest files, for browsers and players since about 2020."""

from __future__ import annotations

import os
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from animap.encode.base import Signal
from animap.encode.video import Coding, Gop, Video, key_interval

__all__ = ["Av1"]


class Av1(Video):
    """AV1 video in a WebM or MP4 file."""

    kind: Literal["av1"] = "av1"
    crf: Annotated[int, Field(ge=1, le=63)] = 26
    """Constant quality: lower is better and larger."""
    speed: Annotated[int, Field(ge=0, le=13)] = 6
    """How little the encoder looks for a smaller file: higher is faster and larger."""
    max_gop: Gop = 5.0
    """At most this many seconds between pictures where a player can start."""

    name: ClassVar[str] = "AV1"
    suffixes: ClassVar[tuple[str, ...]] = (".webm", ".mp4", ".mkv")

    def coding(self, signal: Signal) -> Coding:
        """How SVT-AV1 is set."""
        # It tells on the terminal what it does; it knows no other way to say that only errors are wanted.
        os.environ.setdefault("SVT_LOG", "1")
        settings = {
            "crf": str(self.crf),
            "preset": str(self.speed),
            "g": str(key_interval(self.max_gop, signal)),
            # One thread's worth of work at a time.
            "svtav1-params": "lp=1",
        }
        return Coding("libsvtav1", "yuv420p", settings)
