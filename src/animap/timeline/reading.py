"""Time to read: a pace slowed down where sentences come faster than one can read them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from animap.timeline.clock import Clock, Pace, Stretch
from animap.timeline.dates import Instant

__all__ = ["Reading", "paced_for_reading", "shortfalls"]

Reading = tuple[Instant, float]
"""The instant of a sentence and the film seconds that it takes to read."""

_FINE = Fraction(240)
_ROUNDS, _ENOUGH = 40, 0.005


def paced_for_reading(pace: Pace, start: Instant, end: Instant, readings: Sequence[Reading]) -> Pace:
    """The pace, slower between a sentence and the next where the sentence could not be read.

    Sentences of one instant share the time until the next. Days between the two are slowed alike, so that
    the speed stays the film's own elsewhere, and changes as smoothly as it does at any other place. A
    `length` is left out of the reckoning and kept: it scales whatever comes out.
    """
    needs = _needs(pace, start, end, readings)
    slower = dict.fromkeys(needs, 1.0)
    told = replace(pace, length=None)
    for _ in range(_ROUNDS):
        slow = _slowed(told, start, end, slower)
        missing = _missing(Clock(start, end, slow, _FINE), needs)
        if all(seconds <= _ENOUGH for seconds in missing.values()):
            break
        for (at, until), nominal in _spans(told, needs, end).items():
            if missing[at] > _ENOUGH and until > at:
                slower[at] += missing[at] / nominal
    return replace(slow, length=pace.length) if needs else pace


def shortfalls(clock: Clock, readings: Sequence[Reading]) -> list[float]:
    """Film seconds that each sentence lacks, 0 where it has enough; in the order of `readings`."""
    needs = _needs(clock.pace, clock.start, clock.end, readings)
    missing = _missing(clock, needs)
    return [missing.get(_anchor(clock.pace, at), 0.0) for at, _ in readings]


def _anchor(pace: Pace, instant: Instant) -> Instant:
    return float(math.floor(instant)) if pace.by_day else instant


def _needs(pace: Pace, start: Instant, end: Instant, readings: Sequence[Reading]) -> dict[Instant, float]:
    """Seconds needed from each instant on, in the order of time."""
    needs: dict[Instant, float] = {}
    for at, seconds in sorted(readings):
        anchor = max(start, _anchor(pace, at))
        if anchor < end:
            needs[anchor] = needs.get(anchor, 0.0) + seconds
    return needs


def _missing(clock: Clock, needs: Mapping[Instant, float]) -> dict[Instant, float]:
    begins = [max(clock.opening, second) for second in clock.seconds_of(list(needs)).tolist()]
    gaps = [b - a for a, b in pairwise([*begins, clock.curtain])]
    return {at: max(0.0, need - gap) for (at, need), gap in zip(needs.items(), gaps, strict=True)}


def _spans(pace: Pace, needs: Mapping[Instant, float], end: Instant) -> dict[tuple[Instant, Instant], float]:
    """Each sentence's days, and the film seconds in which history would move through them."""
    cuts = [*needs, end]
    return {
        (a, b): sum(seconds * (min(b, right) - max(a, left)) for left, right, seconds in _pieces(pace, a, b))
        for a, b in pairwise(cuts)
    }


def _pieces(pace: Pace, start: Instant, end: Instant) -> list[tuple[Instant, Instant, float]]:
    """Days of one speed between two instants: from, to, seconds a day."""
    untils = [s.until for s in pace.stretches if start < s.until < end]
    return [
        (a, b, next((s.seconds for s in pace.stretches if a < s.until), pace.stretches[-1].seconds))
        for a, b in pairwise([start, *untils, end])
    ]


def _slowed(pace: Pace, start: Instant, end: Instant, slower: Mapping[Instant, float]) -> Pace:
    stretches: list[Stretch] = []
    cuts = [start, *(at for at in slower if at > start), end]
    for a, b in pairwise(cuts):
        for _, right, seconds in _pieces(pace, a, b):
            slow = seconds * slower.get(a, 1.0)
            if stretches and stretches[-1].seconds == slow:
                # One stretch, so that the bends at its ends may be as long as they like.
                stretches.pop()
            stretches.append(Stretch(right, slow))
    return replace(pace, stretches=tuple(stretches))
