"""What H.264 players are made for: levels, and bit rates that hold over the seams of segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from animap.encode.base import SEGMENT, Signal
from animap.errors import Problem

__all__ = ["LEVELS", "Level", "held"]


@dataclass(frozen=True, slots=True)
class Level:
    """One of the levels in table A-1 of H.264: macroblocks a picture, a second and kept, megabits a second.

    The bit rate is that of the High profile.
    """

    name: str
    picture: int
    second: int
    kept: int
    rate: float

    def pictures(self, signal: Signal) -> int:
        """Pictures that a decoder keeps to copy from."""
        return max(1, min(16, self.kept // _blocks(signal)))

    def problems(self, signal: Signal, rate: float | None) -> list[Problem]:
        """What is more than the level allows."""
        found = []
        if _blocks(signal) > self.picture:
            what = f"{signal.width}×{signal.height} is more than level {self.name} allows"
            found.append(Problem(what, "size", f"use {self._enough(signal)}, or a smaller size"))
        elif _blocks(signal) * signal.fps > self.second:
            most = self.second / _blocks(signal)
            what = f"level {self.name} allows no {float(signal.fps):g} frames per second at this size"
            found.append(Problem(what, "fps", f"use {self._enough(signal)}, or at most {most:.0f}"))
        if rate and rate > self.rate:
            what = f"level {self.name} allows {self.rate:g} Mb/s, not {rate:g}"
            found.append(Problem(what, "max_rate", f"use at most {self.rate:g}"))
        return found

    def _enough(self, signal: Signal) -> str:
        blocks = _blocks(signal)
        enough = (v.name for v in LEVELS.values() if blocks <= v.picture and blocks * signal.fps <= v.second)
        name = next(enough, None)
        return f"level {name}" if name else "no level"


LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        level.name: level
        for level in (
            Level("3.1", 3_600, 108_000, 18_000, 17.5),
            Level("4.0", 8_192, 245_760, 32_768, 25),
            Level("4.1", 8_192, 245_760, 32_768, 62.5),
            Level("4.2", 8_704, 522_240, 34_816, 62.5),
            Level("5.0", 22_080, 589_824, 110_400, 168.75),
            Level("5.1", 36_864, 983_040, 184_320, 300),
            Level("5.2", 36_864, 2_073_600, 184_320, 300),
        )
    }
)
"""By name, the lowest first."""


def held(rate: float) -> Mapping[str, float | str]:
    """Parameters of x264 that hold a bit rate, in megabits a second, over any second of a joined film.

    An encoder takes its player's buffer for nearly full when a segment begins, and does not know what the
    segment before left in it. So each gets half of the buffer, and a rate so much lower that what it may
    have borrowed is back when a segment is over. With a buffer of `B` and segments of `S` seconds, `T`
    seconds take `(rate - B/2S) T + (T/S + 2) B/2`, which is `rate T + B` at most.
    """
    kilobits = 1000 * rate
    half = kilobits / 2
    return {"vbv-maxrate": int(kilobits - half / SEGMENT), "vbv-bufsize": int(half)}


def _blocks(signal: Signal) -> int:
    """Macroblocks in a picture."""
    return -(-signal.width // 16) * -(-signal.height // 16)
