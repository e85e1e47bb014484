"""H.264 in MP4, for hall screens, browsers and everything else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from animap.encode.base import Signal
from animap.encode.level import LEVELS, held
from animap.encode.video import Coding, Gop, Video, key_interval
from animap.errors import Problem

__all__ = ["Mp4"]


class Mp4(Video):
    """H.264 video in an MP4 file: plays everywhere."""

    kind: Literal["mp4"] = "mp4"
    crf: Annotated[int, Field(ge=0, le=51)] = 18
    """Constant quality: lower is better and larger, 18 is hard to tell from the drawing. 0 loses nothing
    after the conversion to YUV, in a profile that few players know."""
    preset: Literal[
        "map", "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
    ] = "map"
    """How long the encoder may look for a smaller file of the same quality. `map` is made for drawings most
    of which stand still, and gives them what `medium` does in a third of the time; the others are x264's."""
    max_gop: Gop = 5.0
    """At most this many seconds between pictures where a player can start: smaller for jumping about,
    larger for a smaller file."""

    max_rate: Annotated[float, Field(ge=0.05, le=1000)] | None = None
    """Megabits a second that are never exceeded over any second, whatever the quality: for players that stop
    at their limit."""
    level: Literal["3.1", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2"] | None = None
    """What the player must be able to do, as its data sheet says; more is refused, and its bit rate held."""

    name: ClassVar[str] = "MP4"
    suffixes: ClassVar[tuple[str, ...]] = (".mp4",)

    def coding(self, signal: Signal) -> Coding:
        """How x264 is set."""
        parameters = {**_COMMON, "keyint": key_interval(self.max_gop, signal)}
        if self.preset == "map":
            parameters |= _MAP
        if self.level:
            parameters |= {"level": self.level, "ref": min(4, LEVELS[self.level].pictures(signal))}
        if self._rate:
            parameters |= held(self._rate)
        return Coding(
            "libx264",
            "yuv420p",
            {
                "preset": "medium" if self.preset == "map" else self.preset,
                "crf": str(self._crf),
                # Only this profile has a mode without loss.
                "profile": "high444" if self.crf == 0 else "high",
                "x264-params": ":".join(f"{key}={value}" for key, value in parameters.items()),
            },
        )

    def limits(self, signal: Signal) -> list[Problem]:
        """What the level and the bit rate have against a signal, and against each other."""
        problems = LEVELS[self.level].problems(signal, self.max_rate) if self.level else []
        if self._rate and self.crf == 0:
            what = "without loss, the bit rate cannot be held"
            problems.append(Problem(what, "crf", "use crf = 1 or more, or leave out max_rate and level"))
        return problems

    @property
    def _crf(self) -> float:
        """What x264 is told: so much lower that `map` looks as `medium` does at the quality asked for."""
        return max(0.5, self.crf - _MAP_BETTER) if self.preset == "map" and self.crf else self.crf

    @property
    def _rate(self) -> float | None:
        return self.max_rate or (LEVELS[self.level].rate if self.level else None)


_MAP_BETTER = 0.5
# What `map` changes of x264's `medium`. Measured on our film, and on a flight of the camera for the motion
# search; `docs/performance.md` has the numbers.
_MAP: Mapping[str, float | str] = MappingProxyType(
    {
        # What moves on a map moves as a whole: a wide search finds it, and is cheap, as few blocks need one.
        # After it there is little to gain from finer searches below whole pixels, from other pictures to
        # copy from, or from trying several roundings.
        "me": "umh",
        "subme": 1,
        "ref": 1,
        "trellis": 0,
        # What x264 finds out to be right, frame by frame.
        "direct": "spatial",
        # To decide on each B picture costs more and did worse.
        "bframes": 4,
        "b-adapt": 0,
        # Pictures are never faded as a whole, which is what this looks for.
        "weightp": 0,
        # Grain that the eye would miss in a photograph is noise on a map. Without it x264 also gives colour
        # less room, which coloured lines need.
        "no-psy": 1,
        "chroma-qp-offset": -2,
        # More for what stays on the screen, and most for the first picture of all, which the others copy.
        "qcomp": 0.4,
        "zones": "0,0,b=2",
        # Frames held back to look ahead are most of an encoder's memory: 160 MB less at 1080p.
        "rc-lookahead": 20,
    }
)

_COMMON: Mapping[str, float | str] = MappingProxyType(
    {
        "open-gop": 0,
        "force-cfr": 1,
        # In one piece, x264 gives later key pictures more than the first one, and all that follows profits:
        # every segment's first picture is to be as good, or seams would show.
        "zones": "0,0,b=1.4",
        # Headers that do not depend on the pictures, or segments could not be joined.
        "stitchable": 1,
        # Keeps two one-picture segments in a row apart for decoders that look for borders in the data itself.
        "aud": 1,
        # Without it, the bytes depend on the processor's instruction set, and those of tiny pictures even on
        # memory that nobody wrote.
        "cpu-independent": 1,
        # Where chroma is taken from, see `yuv`; players that are not told look half a pixel to the left.
        "chromaloc": 1,
    }
)
