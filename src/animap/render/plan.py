"""Cutting a film into segments: runs of consecutive frames that one worker draws and encodes.

A border costs a key picture, which on a map weighs as much as seconds of film. So borders are few, and stand
on a grid over film time that nothing but the frame rate moves; encoders set their own key pictures to fit. An
edit moves no border, a stretch of days is cut like the whole film, every format is cut alike, so that one
drawing can feed several, and the number of workers has no part in it. Cost decides the order: what takes
longest is begun first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from animap.encode.base import SEGMENT
from animap.marks import Frame
from animap.scene import Scene

__all__ = ["Segment", "costliest_first", "segments"]

_STILL = 4
"""What a frame costs in which nothing changes, in marks that change."""


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

    @property
    def first(self) -> int:
        """The first frame that its bytes may depend on: some formats build on the picture before."""
        return self.start - (not self.opens)


def segments(start: int, stop: int, fps: Fraction) -> tuple[Segment, ...]:
    """Segments of a stretch of film, in film order."""
    length = max(1, int(SEGMENT * fps))
    inner = range((start // length + 1) * length, stop, length)
    return tuple(Segment(a, b, a == start) for a, b in pairwise((start, *inner, stop)))


def costliest_first(scene: Scene, plan: Sequence[Segment]) -> list[Segment]:
    """The segments, those first that will probably take longest; judged by a look at each one's middle."""
    return sorted(plan, key=lambda segment: -_cost(scene, segment))


def _cost(scene: Scene, segment: Segment) -> int:
    middle = (segment.start + segment.stop) // 2
    before, after = scene.frame(max(segment.start, middle - 1)), scene.frame(middle)
    return segment.frames * (_STILL + _changes(before, after))


def _changes(before: Frame, after: Frame) -> int:
    if before.view != after.view:
        # The camera moves, and every mark with it.
        return len(after.marks)
    shown = set(map(id, before.marks))
    return sum(id(mark) not in shown for mark in after.marks)
