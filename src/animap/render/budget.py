"""What animated pictures give up to fit into so many bytes, and how much of it.

All that can be given up stands on one ladder, in the order in which it is missed least. Where on it a film
fits is found from a guess at what each step saves, which every encode corrects.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

__all__ = ["TRIES", "WASTE", "Step", "fit", "ladder"]

TRIES = 4
"""Encodes, at most."""
WASTE = 0.15
"""How far below the limit is good enough."""

_AIM = 0.93
_SLOWEST, _FEWEST, _NARROWEST = Fraction(4), 32, 320
# What so much less of each makes of the size, as a power; guesses from our films.
_BY_FPS, _BY_COLOURS, _BY_MOVING, _BY_WIDTH = 0.8, 0.2, 0.18, 1.4


@dataclass(frozen=True, slots=True)
class Step:
    """How a film is encoded, and a guess at the logarithm of what that makes of its size."""

    fps: Fraction
    colours: int
    lossiness: int
    width: int
    guess: float = 0.0

    def __str__(self) -> str:
        return f"{float(self.fps):g} fps, {self.width} pixels wide"

    def given_up(self, start: Step) -> list[str]:
        """What it lacks, in words."""
        told = [
            (f"{float(self.fps):g} frames per second, not {float(start.fps):g}", self.fps != start.fps),
            (f"{self.colours} colours, not {start.colours}", self.colours != start.colours),
            (f"lossiness {self.lossiness}, not {start.lossiness}", self.lossiness != start.lossiness),
            (f"{self.width} pixels wide, not {start.width}", self.width != start.width),
        ]
        return [words for words, changed in told if changed]


def ladder(start: Step) -> list[Step]:
    """From nothing given up to everything: frames per second, colours, lossiness, width."""
    steps = [start]

    def down(saved: float, **less: int | Fraction) -> None:
        steps.append(replace(steps[-1], guess=steps[-1].guess - saved, **less))  # type: ignore[arg-type]

    # By halves, as the last steps would be too high by whole ones.
    for halves in range(math.ceil(start.fps * 2) - 1, int(_SLOWEST * 2) - 1, -1):
        fps = Fraction(halves, 2)
        down(_BY_FPS * math.log(steps[-1].fps / fps), fps=fps)
    while steps[-1].colours > _FEWEST:
        colours = max(_FEWEST, steps[-1].colours * 4 // 5)
        down(_BY_COLOURS * math.log(steps[-1].colours / colours), colours=colours)
    while steps[-1].lossiness < 100:
        lossiness = min(100, steps[-1].lossiness + 15)
        down(_BY_MOVING * (lossiness - steps[-1].lossiness) / 25 * math.log(2), lossiness=lossiness)
    while steps[-1].width > _NARROWEST:
        width = max(_NARROWEST, steps[-1].width * 24 // 25 // 2 * 2)
        down(_BY_WIDTH * math.log(steps[-1].width / width), width=width)
    return steps


def fit(steps: list[Step], limit: int, size_of: Callable[[Step], int]) -> dict[int, int]:
    """Encode steps until one is at most `limit` bytes, and little less; the sizes of those that were encoded.

    Where nothing fits, the last step is among them.
    """
    sizes = {0: size_of(steps[0])}
    while len(sizes) < TRIES and not _done(sizes, steps, limit):
        at = _next(steps, sizes, limit)
        if at in sizes:
            break
        sizes[at] = size_of(steps[at])
    return sizes


def _done(sizes: dict[int, int], steps: list[Step], limit: int) -> bool:
    if sizes[0] <= limit or sizes.get(len(steps) - 1, 0) > limit:
        return True
    return any(limit * (1 - WASTE) <= size <= limit for size in sizes.values())


def _next(steps: list[Step], sizes: dict[int, int], limit: int) -> int:
    """The step to try: the first that should fit, between those known to be too large and those that fit."""
    large = max(at for at, size in sizes.items() if size > limit)
    small = min((at for at, size in sizes.items() if size <= limit), default=None)
    # The last try must fit, if nothing has so far.
    aim = math.log(limit * (_AIM if len(sizes) < TRIES - 1 or small is not None else 1 - WASTE))
    slope = _slope(steps, sizes, large, small)
    base, size = steps[large].guess, math.log(sizes[large])
    last = len(steps) - 1 if small is None else small - 1
    for at in range(large + 1, last + 1):
        if size + slope * (steps[at].guess - base) <= aim:
            return at
    return max(large, last)


def _slope(steps: list[Step], sizes: dict[int, int], large: int, small: int | None) -> float:
    """How much sizes fall for what the guess falls, by the two encodes that tell most about it."""
    others = [at for at in sizes if at < large]
    other = small if small is not None else max(others, default=None)
    if other is None:
        return 1.0
    fallen = math.log(sizes[other] / sizes[large])
    return max(0.3, min(3.0, fallen / (steps[other].guess - steps[large].guess)))
