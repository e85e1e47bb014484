"""VP9 in WebM: for pages, free of patents, in every browser."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from animap.encode.base import Signal
from animap.encode.video import Coding, Gop, Video, key_interval

__all__ = ["Vp9"]


class Vp9(Video):
    """VP9 video in a WebM file."""

    kind: Literal["vp9"] = "vp9"
    crf: Annotated[int, Field(ge=0, le=63)] = 26
    """Constant quality: lower is better and larger."""
    speed: Annotated[int, Field(ge=0, le=8)] = 5
    """How little the encoder looks for a smaller file: higher is faster and larger."""
    max_gop: Gop = 5.0
    """At most this many seconds between pictures where a player can start."""

    name: ClassVar[str] = "VP9"
    suffixes: ClassVar[tuple[str, ...]] = (".webm", ".mkv")

    def coding(self, signal: Signal) -> Coding:
        """How libvpx is set."""
        settings = {
            "crf": str(self.crf),
            # Quality alone decides, without a bit rate to aim at.
            "b": "0",
            "g": str(key_interval(self.max_gop, signal)),
            "deadline": "good",
            "cpu-used": str(self.speed),
            "lag-in-frames": "25",
            "auto-alt-ref": "1",
            "row-mt": "0",
        }
        return Coding("libvpx-vp9", "yuv420p", settings)
