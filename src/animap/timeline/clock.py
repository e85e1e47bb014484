"""Frame ↔ second of film ↔ historical instant: the one place where these are converted.

Film time is exact: frame `i` is shown at `i / fps`. Historical time follows a *pace*, a piecewise
constant speed (days of history per second of film) whose changes are rounded off. Each change of speed
by `Δv` at film second `T` adds `Δv · ramp(t - T)` to the instant, where `ramp` bends from 0 to `x` as the
integral of the integral of a raised cosine. So the instant is a closed formula of `t`: smooth, never
backward, exact between the bends, and independent of any frame before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np

from animap.timeline.dates import Instant
from animap.types import Floats

__all__ = ["Clock", "Hold", "Pace", "Stretch"]

_END_OF_DAY = 1 - 1e-6
_MAP_SHARE = 0.42
"""Share of the ending that still shows the map."""
_TIMES, _HALVINGS = 2049, 45
"""Entries of a clock's timetable, and how often the time between two of them is halved."""
_BATCH = 128
"""Frames whose instants are found together: for one of them it takes as long."""
_HAIR = 1e-7
"""Days by which history runs ahead, so that what falls on a frame is seen on it in spite of rounding."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Up to the instant `until`, a day of history takes `seconds` of film."""

    until: Instant
    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """History stands still at the instant `at` for `seconds` of film."""

    at: Instant
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How film time is shared out over history.

    `opening` and `ending` are seconds on the first and the last instant (title and end card); `smooth` the
    seconds that a change of speed takes; `length` scales the whole to a total of so many seconds; with
    `by_day` the film steps from day to day, showing each as it stands at its end.
    """

    stretches: tuple[Stretch, ...]
    holds: tuple[Hold, ...] = ()
    opening: float = 0.0
    ending: float = 0.0
    smooth: float = 1.0
    length: float | None = None
    by_day: bool = False


class Clock:
    """The clock of one film at one frame rate.

    `start` and `end` are instants: the first moment of the first day and the first one after the last day.
    """

    def __init__(self, start: Instant, end: Instant, pace: Pace, fps: Fraction) -> None:
        if not start < end:
            raise ValueError("the film ends before it starts")
        self.start, self.end, self.pace, self.fps = start, end, pace, fps
        spans = _spans(start, end, pace)
        total = sum(seconds for seconds, _ in spans)
        scale = 1.0 if pace.length is None else pace.length / total
        self.frames = max(2, round(total * scale * fps))
        knots = _knots([(s * scale, v / scale) for s, v in spans], pace.smooth)
        # However short the ending is, the last frame shows the last day.
        arrival = knots[-1][0] + knots[-1][2] / 2
        fit = min(1.0, float(self.second(self.frames - 1)) / arrival)
        self._knots = [(at * fit, change / fit, width * fit) for at, change, width in knots]
        # Layers ask for the same instants for every view of the camera.
        self._second_of = lru_cache(maxsize=4096)(self._search)
        self.opening = pace.opening * scale * fit
        self.ending = max(0.0, float(self.seconds) - (total - pace.ending) * scale * fit)

    @cached_property
    def seconds(self) -> Fraction:
        """Length of the film, exact."""
        return self.frames / self.fps

    @cached_property
    def curtain(self) -> float:
        """Film second at which the map has been left to stand and the end card comes."""
        return float(self.seconds) - self.ending * (1 - _MAP_SHARE)

    def second(self, frame: int) -> Fraction:
        """Film second at which a frame is shown."""
        return frame / self.fps

    def instant(self, frame: int) -> Instant:
        """Historical instant that a frame shows."""
        batch, place = divmod(frame, _BATCH)
        if batch not in self._batches:
            seconds = [float(self.second(n)) for n in range(batch * _BATCH, (batch + 1) * _BATCH)]
            self._batches[batch] = self.instants_at(np.array(seconds)).tolist()
        return self._batches[batch][place]

    def instant_at(self, second: float) -> Instant:
        """Historical instant at a second of film."""
        return float(self.instants_at(np.array([second]))[0])

    def instants_at(self, seconds: Floats) -> Floats:
        """`instant_at` for many seconds at once, `(n,)` → `(n,)`."""
        instants = self._smooth_instants(seconds)
        if self.pace.by_day:
            instants = np.minimum(np.floor(instants), self.end - 1) + _END_OF_DAY
        return instants

    def second_of(self, instant: Instant) -> float:
        """First second of film at which history has reached an instant.

        Before the film's start it is -inf, past its end +inf: such things were there already or never come.
        """
        return self._second_of(instant)

    def _search(self, instant: Instant) -> float:
        return float(self.seconds_of([instant])[0])

    def seconds_of(self, instants: Sequence[Instant] | Floats) -> Floats:
        """`second_of` for many instants at once, `(n,)` → `(n,)`."""
        wanted = np.asarray(instants, dtype=float)
        if self.pace.by_day:
            wanted = np.floor(wanted)
        # Between two seconds of a table, and from there by halving, as fine as floats go.
        seconds, instants = self._timetable
        after = np.clip(np.searchsorted(instants, wanted), 1, len(seconds) - 1)
        low, high = seconds[after - 1], seconds[after]
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            reached = self._smooth_instants(middle) >= wanted
            high = np.where(reached, middle, high)
            low = np.where(reached, low, middle)
        high = np.where(wanted <= self.start, -np.inf, high)
        return np.where(wanted >= self.end, np.inf, high)

    def frame_of(self, instant: Instant) -> int:
        """First frame at which history has reached an instant, within the film."""
        second = self.second_of(instant)
        if math.isinf(second):
            return 0 if second < 0 else self.frames - 1
        frame = math.ceil(second * float(self.fps) - 1e-6)
        frame += float(self.second(frame)) < second
        return min(self.frames - 1, max(0, frame))

    def gaits(self) -> list[tuple[float, float, float]]:
        """Runs of one speed as (film second, film second, days per second), bends left out."""
        ends = [at for at, _, _ in self._knots]
        speeds = np.cumsum([change for _, change, _ in self._knots]).tolist()
        return list(zip(ends, ends[1:], speeds, strict=False))

    def speed(self, second: float) -> float:
        """Days of history per second of film."""
        k = self._table
        x = np.clip((second - k[:, 0]) / k[:, 2], -0.5, 0.5)
        return float(np.sum(k[:, 1] * (0.5 + x + np.sin(2 * np.pi * x) / (2 * np.pi))))

    @cached_property
    def _timetable(self) -> tuple[Floats, Floats]:
        """Film seconds from first to last, and the instants at them; both rise."""
        seconds = np.linspace(0.0, float(self.seconds), _TIMES)
        return seconds, self._smooth_instants(seconds)

    @cached_property
    def _batches(self) -> dict[int, list[Instant]]:
        """Instants of the frames of a batch, by its number."""
        return {}

    @cached_property
    def _table(self) -> Floats:
        return np.array(self._knots)

    def _smooth_instants(self, seconds: Floats) -> Floats:
        """Instants `(n,)` at film seconds `(n,)`."""
        at, change, width = (self._table[:, i, None] for i in range(3))
        x = (seconds[None, :] - at) / width
        bent = np.clip(x, -0.5, 0.5)
        ramp = bent / 2 + bent**2 / 2 + 1 / 8 - (np.cos(2 * np.pi * bent) + 1) / (4 * np.pi**2)
        ramp = width * (ramp + np.maximum(x - 0.5, 0))
        # Nor must rounding let the last frame slip past the last day.
        instants: Floats = np.clip(
            self.start + np.sum(change * ramp, axis=0) + _HAIR, self.start, self.end - 1e-9
        )
        return instants


def _spans(start: Instant, end: Instant, pace: Pace) -> list[tuple[float, float]]:
    """Pieces of constant speed as (film seconds, days per second)."""
    cuts = sorted({start, end, *(s.until for s in pace.stretches), *(h.at for h in pace.holds)})
    spans = [(pace.opening, 0.0)]
    for left, right in zip(cuts, cuts[1:], strict=False):
        if left < start or right > end:
            continue
        spans += [(h.seconds, 0.0) for h in pace.holds if h.at == left]
        per_day = next((s.seconds for s in pace.stretches if left < s.until), pace.stretches[-1].seconds)
        spans.append(((right - left) * per_day, 1 / per_day))
    spans += [(h.seconds, 0.0) for h in pace.holds if h.at == end]
    spans.append((pace.ending, 0.0))
    return [span for span in spans if span[0] > 0]


def _knots(spans: list[tuple[float, float]], smooth: float) -> list[tuple[float, float, float]]:
    """Changes of speed as (film second, change, seconds it takes).

    A change takes no longer than the shorter of its two neighbours, so that bends never overlap: between
    them the speed is the one asked for, and nowhere does it fall below both.
    """
    knots, second, speed, before = [], 0.0, 0.0, math.inf
    for seconds, new in spans:
        if new != speed:
            width = min(smooth, before, seconds) if second > 0 else 0.0
            knots.append((second, new - speed, max(width, 1e-6)))
        second, speed, before = second + seconds, new, seconds
    if speed:
        knots.append((second, -speed, 1e-6))
    return knots
