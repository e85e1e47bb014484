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
from animap.timeline import ease

__all__ = ["Segment", "Tail", "acts", "costliest_first", "segments"]

_REST, _CHANGE, _MOST, _FLIGHT = 8.0, 0.6, 20, 70.0
"""About milliseconds of a frame at 1080p in which nothing changes, of each mark that does, up to so many, and
of a frame in which all does: the camera flies, or one picture turns into another."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What follows an output's last frame so that its loop closes: `frames` more, counted on from there.

    The picture of the film's frame `last` stands, or, if it `dissolves`, turns into that of frame `first`.
    """

    first: int
    last: int
    frames: int
    dissolves: bool

    def share(self, index: int) -> float:
        """How much of the first picture is in that of a frame: 0 in the last of the film.

        It would be 1 one frame after the tail, which is where a player starts again.
        """
        if not self.dissolves:
            return 0.0
        return ease("sine-in-out", (index - self.last) / (self.frames + 1))

    @property
    def shown(self) -> tuple[int, ...]:
        """The frames of the film that it shows."""
        return tuple(dict.fromkeys((self.last, self.first))) if self.dissolves else (self.last,)


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames `start` to `stop - 1` of the film, or of its `tail`; `opens` where the output begins with it."""

    start: int
    stop: int
    opens: bool
    tail: Tail | None = None

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.stop - self.start

    @property
    def shown(self) -> Sequence[int]:
        """Frames of the film that its bytes may depend on: some formats build on the picture before."""
        return self.tail.shown if self.tail else range(self.start - (not self.opens), self.stop)


def segments(start: int, stop: int, fps: Fraction, tail: Tail | None = None) -> tuple[Segment, ...]:
    """Segments of a stretch of film, in film order, then those of its tail.

    The tail begins with a border, so that how a film loops is no matter of its other segments.
    """
    length = max(1, int(SEGMENT * fps))
    inner = range((start // length + 1) * length, stop, length)
    film = tuple(Segment(a, b, a == start) for a, b in pairwise((start, *inner, stop)))
    if tail is None:
        return film
    borders = (*range(stop, stop + tail.frames, length), stop + tail.frames)
    return (*film, *(Segment(a, b, opens=False, tail=tail) for a, b in pairwise(borders)))


def acts(scene: Scene, plan: Sequence[Segment]) -> list[list[Segment]]:
    """The segments in one part, or in two: to show the first, the scene need not know what comes after it.

    Where the camera has several stations, placing names and following the front at all of them takes a good
    part of the time before anything is drawn.
    """
    needs = [max(scene.needs(index) for index in (s.shown[0], s.shown[-1])) for s in plan]
    first = min(needs)
    parts = (
        [s for s, station in zip(plan, needs, strict=True) if station == first],
        [s for s, station in zip(plan, needs, strict=True) if station > first],
    )
    return [part for part in parts if part]


def costliest_first(scene: Scene, plan: Sequence[Segment]) -> list[Segment]:
    """The segments, those first that will probably take longest; judged by a look at each one's middle."""
    return sorted(plan, key=lambda segment: -_cost(scene, segment))


def _cost(scene: Scene, segment: Segment) -> float:
    if segment.tail:
        return segment.frames * (_FLIGHT if segment.tail.dissolves else _REST)
    middle = (segment.start + segment.stop) // 2
    before, after = scene.frame(max(segment.start, middle - 1)), scene.frame(middle)
    flying = sum(map(scene.flies, range(segment.start, segment.stop)))
    at_rest = _REST + _CHANGE * min(_MOST, _changes(before, after))
    return flying * _FLIGHT + (segment.frames - flying) * at_rest


def _changes(before: Frame, after: Frame) -> int:
    """How many marks of one frame are not in the other."""
    shown = set(map(id, before.marks))
    return sum(id(mark) not in shown for mark in after.marks)
