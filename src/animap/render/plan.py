"""Cutting a film into segments: runs of consecutive frames that one worker draws and encodes.

A border costs a key picture, which on a map weighs as much as seconds of film. So borders stand where the
encoder would set a key picture anyway: on a grid over film time that nothing but the frame rate moves. An
edit moves no border, a stretch of days is cut like the whole film, and the number of workers has no part in
it. Cost decides the order: what takes longest is begun first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from animap.encode import AnyOptions, Mp4
from animap.marks import Frame
from animap.scene import Scene

__all__ = ["Segment", "costliest_first", "segments"]

SECONDS = 5.0
"""Film seconds in a segment, at most: long enough for its first full picture not to weigh, short enough to
share out."""
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


def segments(start: int, stop: int, fps: Fraction, options: AnyOptions) -> tuple[Segment, ...]:
    """Segments of a stretch of film, in film order."""
    length = _length(fps, options)
    inner = range((start // length + 1) * length, stop, length)
    return tuple(Segment(a, b, a == start) for a, b in pairwise((start, *inner, stop)))


def _length(fps: Fraction, options: AnyOptions) -> int:
    longest = max(1, int(SECONDS * fps))
    if not isinstance(options, Mp4):
        return longest
    between_keys = max(1, int(options.max_gop * fps))
    return longest // between_keys * between_keys or longest


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
