"""How much faster than at first the days run: said beside the date, so that nobody is misled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from animap.layers.base import Bare, Moment, Setting
from animap.layers.lettering import width_of
from animap.marks import Area, Mark, Paths, Shown, Text, faded
from animap.style import Style
from animap.timeline import Clock, Presence
from animap.words import Book

__all__ = ["Cue", "cue_width", "multiples"]

_FADE, _SHORTEST, _SPREAD, _STILL = 0.4, 1.5, 2.5, 1e-9
_STEP, _GAP = 0.42, 0.35
"""Distance of chevrons and their distance from the figures, as shares of the lettering's size."""


def multiples(clock: Clock) -> list[tuple[float, float, int]]:
    """Stretches of film as (second, second, how many times as fast as the first), 1 where hardly faster.

    Neighbours of about one speed are told as one, by their mean, so that the figure stays long enough to
    be read: it says how fast the days run, not every breath of the pace.
    """
    gaits = [(a, b, speed) for a, b, speed in clock.gaits() if b > a]
    first = next((speed for _, _, speed in gaits if speed > _STILL), 1.0)
    runs: list[list[tuple[float, float, float]]] = []
    for gait in gaits:
        if runs and _alike([*(speed for _, _, speed in runs[-1]), gait[2]]):
            runs[-1].append(gait)
        else:
            runs.append([gait])
    told: list[tuple[float, float, int]] = []
    for run in runs:
        start, stop = run[0][0], run[-1][1]
        days = sum((b - a) * speed for a, b, speed in run)
        times = _rounded(days / (stop - start) / first)
        if told and (times == told[-1][2] or stop - start < _SHORTEST):
            told[-1] = (told[-1][0], stop, told[-1][2])
        else:
            told.append((start, stop, times))
    return told


def _alike(speeds: list[float]) -> bool:
    return max(speeds) <= _SPREAD * min(speeds)


def _rounded(times: float) -> int:
    if times < 1.75:
        return 1
    return round(times) if times < 10 else 5 * round(times / 5)


def _chevrons(times: int) -> int:
    return 1 if times < 5 else 2 if times < 20 else 3


def cue_width(style: Style, book: Book) -> float:
    """Units that the widest cue takes."""
    lettering = style.furniture.haste
    text = width_of(book.say("faster", n="000"), lettering, book.language)
    return text + lettering.size * (_GAP + 3 * _STEP + 0.2)


@dataclass(frozen=True, eq=False)
class Cue(Bare):
    """Chevrons and a figure, as long as the days run faster than in the film's first stretch."""

    shown: tuple[tuple[Presence, tuple[Mark, ...]], ...] = field(repr=False)

    @classmethod
    def of(cls, setting: Setting, corner: tuple[float, float]) -> Cue:
        """The cue with its baseline's right end at `corner`."""
        return cls(
            setting,
            tuple(
                (Presence(start, stop, _FADE, _FADE), tuple(_marks(setting, corner, times)))
                for start, stop, times in multiples(setting.clock)
                if times > 1
            ),
        )

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The cue of the moment."""
        for presence, marks in self.shown:
            yield from faded(marks, presence.at(moment.second))


def _marks(setting: Setting, corner: tuple[float, float], times: int) -> Iterable[Mark]:
    lettering, book = setting.style.furniture.haste, setting.book
    x, y = corner
    text = book.say("faster", n=book.number(times))
    yield Text(text=text, at=corner, lettering=lettering, align="right", language=book.language)
    size = lettering.size
    high, wide = size * 0.3, size * 0.26
    # The middle of figures, which stand about two thirds of their size high.
    middle = y - size * 0.32
    right = x - width_of(text, lettering, book.language) - size * _GAP
    rings = []
    for n in range(_chevrons(times)):
        tip = right - n * size * _STEP
        back = np.array([(tip - wide, middle - high), (tip, middle), (tip - wide, middle + high)])
        inside = np.array([(tip - size * 0.1 - wide, middle + high), (tip - size * 0.1, middle)])
        last = np.array([(tip - size * 0.1 - wide, middle - high), (tip - wide, middle - high)])
        rings.append(np.concatenate([back, inside, last]))
    yield Area(paths=Paths.of(rings), fill=lettering.colour, space="page")
