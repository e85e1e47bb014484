"""FFV1 in Matroska: every pixel as it was drawn, for archives."""

from __future__ import annotations

from typing import ClassVar, Literal

from animap.encode.base import Signal
from animap.encode.video import Coding, Video

__all__ = ["Ffv1"]


class Ffv1(Video):
    """FFV1 video in a Matroska file: RGB without loss, each picture by itself and with its checksums."""

    kind: Literal["ffv1"] = "ffv1"

    name: ClassVar[str] = "FFV1"
    suffixes: ClassVar[tuple[str, ...]] = (".mkv",)
    halves: ClassVar[bool] = False
    transparent: ClassVar[bool] = True

    def coding(self, signal: Signal) -> Coding:
        """How FFmpeg's encoder is set: version 3, as archives ask for it."""
        settings = {"level": "3", "g": "1", "slicecrc": "1", "slices": "4"}
        return Coding("ffv1", "bgra" if signal.alpha else "bgr0", settings)
