"""HEVC (H.265) in MP4, for players and televisions that ask for it.

On drawings it is no smaller than H.264 with settings made for them: its larger blocks gain on photographs.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from animap.encode.base import Signal
from animap.encode.video import Coding, Gop, Video, key_interval

__all__ = ["Hevc"]


class Hevc(Video):
    """HEVC video in an MP4 file."""

    kind: Literal["hevc"] = "hevc"
    crf: Annotated[int, Field(ge=0, le=51)] = 18
    """Constant quality: lower is better and larger."""
    preset: Literal[
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
    ] = "medium"
    """How long x265 may look for a smaller file of the same quality."""
    max_gop: Gop = 5.0
    """At most this many seconds between pictures where a player can start."""

    name: ClassVar[str] = "HEVC"
    suffixes: ClassVar[tuple[str, ...]] = (".mp4",)

    def coding(self, signal: Signal) -> Coding:
        """How x265 is set; its bytes do not depend on threads, of which it gets none of its own."""
        parameters = {
            "keyint": key_interval(self.max_gop, signal),
            "open-gop": 0,
            # Long runs of B pictures suit a drawing, as they do in H.264; the same number of them held back
            # whatever the preset, see `depth`.
            "bframes": 8,
            "b-adapt": 0,
            "b-pyramid": 1,
            "rc-lookahead": 20,
            # Flat areas are most of a map, and need no more than the rest.
            "aq-mode": 0,
            "qcomp": 0.5,
            "pools": "none",
            "frame-threads": 1,
            # Nothing in the stream of how it was made, and nothing on the terminal.
            "info": 0,
            "log-level": "none",
            # Headers once, before the first picture: where `hvc1` promises that they are.
            "repeat-headers": 0,
            # Grain that the eye would miss in a photograph is noise on a map.
            "psy-rd": 0,
            "psy-rdoq": 0,
            # Where chroma is taken from, see `yuv`.
            "chromaloc": 1,
        }
        settings = {
            "preset": self.preset,
            "crf": str(self.crf),
            "x265-params": ":".join(f"{key}={value}" for key, value in parameters.items()),
        }
        # Apple's players know no HEVC by FFmpeg's own name for it.
        return Coding("libx265", "yuv420p", settings, tag="hvc1", depth=2)
