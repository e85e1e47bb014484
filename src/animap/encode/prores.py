"""ProRes 4444 in QuickTime: what editors cut, with what is transparent in it."""

from __future__ import annotations

from typing import ClassVar, Literal

from animap.encode.base import Signal
from animap.encode.video import Coding, Video

__all__ = ["ProRes"]


class ProRes(Video):
    """ProRes 4444 video in a MOV file: full colour in 10 bits, each picture by itself.

    Where nothing is drawn it is transparent; alpha is straight (unassociated), as editors assume of ProRes.
    """

    kind: Literal["prores"] = "prores"

    name: ClassVar[str] = "ProRes"
    suffixes: ClassVar[tuple[str, ...]] = (".mov",)
    halves: ClassVar[bool] = False
    transparent: ClassVar[bool] = True

    def coding(self, signal: Signal) -> Coding:
        """How FFmpeg's encoder is set; `apl0` is the maker that players look for."""
        settings = {"profile": "4444", "vendor": "apl0", "alpha_bits": "16" if signal.alpha else "0"}
        return Coding("prores_ks", "yuva444p10le" if signal.alpha else "yuv444p10le", settings)
