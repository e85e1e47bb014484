"""Cutting a film into segments: runs of consecutive frames that one worker draws and encodes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Segment", "segments"]

SECONDS = 5
"""Film seconds in a segment: so long that its first full picture does not weigh, short enough to share."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames `start` to `stop - 1`; `opens` where the output begins with it."""

    start: int
    stop: int
    opens: bool

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.stop - self.start


def segments(start: int, stop: int, fps: Fraction) -> tuple[Segment, ...]:
    """Segments of a stretch of film; they depend on the film only, never on how many workers there are."""
    longest = max(1, round(SECONDS * fps))
    count = max(1, -(-(stop - start) // longest))
    cuts = [start + (stop - start) * i // count for i in range(count + 1)]
    return tuple(Segment(a, b, a == start) for a, b in zip(cuts, cuts[1:], strict=False) if b > a)
