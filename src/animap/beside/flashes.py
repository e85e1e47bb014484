"""Flashes: whether a film could harm people with photosensitive epilepsy, measured in its pictures.

The general flash and red flash thresholds of WCAG 2.2 (success criterion 2.3.1). A pixel flashes while it
turns back and forth more than three times within a second; a film is above the threshold where, at one
moment, a quarter of some ten degrees of the visual field does. Pictures are small, for area is what counts,
and small squares of them are taken as one: letters and coasts that pass while the camera flies brighten one
pixel and darken the next, which WCAG does not count. But every frame is looked at: what flickers fast would
slip between samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from animap.draw import Canvas
from animap.errors import Problem
from animap.film.model import ScreenSpec
from animap.marks import Page
from animap.progress import Progress, Silent
from animap.scene import Scene
from animap.style.colour import luminance
from animap.types import Pixels

__all__ = ["Flash", "FlashMeter", "flashes", "flashing"]

_SIDE = 160
"""Pixels of the longer side of the pictures that are looked at."""
_BLOCK = 4
"""Pixels a side that are taken as one: three quarters of a degree where the picture fills thirty."""
_TURNS = 7
"""Changes within a second that are more than three flashes, each a change and its opposite."""
_AREA = 0.25
_DIM = 0.8
"""Where the darker of two states is brighter than this, their change is no flash."""
_GENERAL_STEP = 0.1
_RED_STEP, _SATURATED = 20 / 320, 0.8
_FIELD = 1 / 3
"""Ten degrees of a picture whose place is not known, as a share of its width and its height."""

_Grid = NDArray[np.float32]
_Mask = NDArray[np.bool_]
_LINEAR = np.array([luminance(f"#{n:02x}{n:02x}{n:02x}") for n in range(256)], np.float32)
"""Linear light of each value of a channel."""


@dataclass(frozen=True, slots=True)
class Flash:
    """Frames `start` to `stop - 1` that flash, `red` or not, over up to so much of the visual field."""

    start: int
    stop: int
    red: bool
    area: float


class _Turns:
    """How often each pixel of a value has turned back, by a step at least, within the last second."""

    def __init__(self, step: float, second: float) -> None:
        self._step, self._second = step, second
        self._low: _Grid | None = None

    def add(self, frame: int, value: _Grid, counts: _Mask) -> _Mask:
        """Take the next frame; `counts` are pixels whose state lets a change be one. Where it flashes."""
        if self._low is None:
            self._low, self._high = value.copy(), value.copy()
            self._low_counts, self._high_counts = counts.copy(), counts.copy()
            self._way = np.zeros(value.shape, np.int8)
            self._times = np.full((_TURNS, *value.shape), -math.inf, np.float32)
        lower, higher = value < self._low, value > self._high
        self._low[lower], self._low_counts[lower] = value[lower], counts[lower]
        self._high[higher], self._high_counts[higher] = value[higher], counts[higher]
        fell = (self._way >= 0) & (self._high - value >= self._step) & (counts | self._high_counts)
        rose = (self._way <= 0) & (value - self._low >= self._step) & (counts | self._low_counts) & ~fell
        turned = fell | rose
        if turned.any():
            self._way[fell], self._way[rose] = -1, 1
            # From a turn on, the next is measured against the farthest that comes after it.
            self._low[turned], self._high[turned] = value[turned], value[turned]
            self._low_counts[turned], self._high_counts[turned] = counts[turned], counts[turned]
            self._times[:-1, turned] = self._times[1:, turned]
            self._times[-1, turned] = frame
        flashing: _Mask = self._times[0] > frame - self._second
        return flashing


class FlashMeter:
    """Looks at frames in their order, some left out where nothing changes.

    `field` is the width and height of ten degrees in pixels.
    """

    def __init__(self, fps: Fraction, field: tuple[int, int]) -> None:
        self._field = max(1, round(field[0] / _BLOCK)), max(1, round(field[1] / _BLOCK))
        self._general = _Turns(_GENERAL_STEP, float(fps))
        self._red = _Turns(_RED_STEP, float(fps))

    def add(self, frame: int, pixels: Pixels) -> tuple[float, float]:
        """The largest share of a field that flashes at this frame: in general, and in saturated red."""
        linear = _blocks(_LINEAR[pixels])
        red, green, blue = linear[..., 0], linear[..., 1], linear[..., 2]
        bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        redness = np.maximum(0, red - green - blue)
        saturated = red >= _SATURATED * np.maximum(red + green + blue, 1e-6)
        general = self._general.add(frame, bright, bright < _DIM)
        return self._most(general), self._most(self._red.add(frame, redness, saturated))

    def _most(self, flashing: _Mask) -> float:
        if not flashing.any():
            return 0.0
        high, wide = flashing.shape
        across, down = min(self._field[0], wide), min(self._field[1], high)
        shares = uniform_filter(flashing.astype(np.float32), (down, across), mode="constant")
        # Fields that reach over the edge of the picture see what is beside it, which does not flash.
        return float(shares.max())


def _blocks(linear: _Grid) -> _Grid:
    """The mean of each block of a picture `(h, w, 3)`; what is over at the edges is left out."""
    high, wide = linear.shape[0] // _BLOCK, linear.shape[1] // _BLOCK
    whole = linear[: high * _BLOCK, : wide * _BLOCK].reshape(high, _BLOCK, wide, _BLOCK, 3)
    means: _Grid = whole.mean((1, 3))
    return means


def flashes(pictures: Iterable[tuple[int, Pixels]], fps: Fraction, field: tuple[int, int]) -> Iterator[Flash]:
    """Where frames, each with its number, flash over more than a quarter of a `field` (width, height)."""
    meter = FlashMeter(fps, field)
    open_: dict[bool, Flash] = {}
    for frame, pixels in pictures:
        for red, area in zip((False, True), meter.add(frame, pixels), strict=True):
            before = open_.get(red)
            if area >= _AREA:
                start, most = (before.start, before.area) if before else (frame, 0.0)
                open_[red] = Flash(start, frame + 1, red, max(area, most))
            elif before:
                yield open_.pop(red)
    yield from open_.values()


def flashing(scene: Scene, progress: Progress | None = None) -> Iterator[Problem]:
    """Draw a whole film small, and tell where it flashes."""
    page, clock, book = scene.take.page, scene.clock, scene.setting.book
    shrink = _SIDE / max(page.width, page.height)
    width, height = (max(16, round(side * shrink)) for side in (page.width, page.height))
    small = replace(page, width=width, height=height)
    field = _field(small, scene.film.spec.screen)
    for flash in flashes(_pictures(scene, small, progress or Silent()), clock.fps, field):
        start, stop = float(clock.second(flash.start)), float(clock.second(flash.stop))
        yield Problem(
            f"{flash.area:.0%} of what one looks at flashes{' in red' if flash.red else ''} more than three "
            f"times a second, around {start:.1f} to {stop:.1f} s ({book.date(scene.day(flash.start))})",
            str(scene.film.file),
            "slow down what changes there, or make it smaller or paler: it can cause seizures (WCAG 2.3.1)",
        )


def _pictures(scene: Scene, page: Page, progress: Progress) -> Iterator[tuple[int, Pixels]]:
    canvas = Canvas(page)
    progress.begin("flashes", scene.frames)
    try:
        for index in range(scene.frames):
            frame = replace(scene.frame(index), page=page)
            if index == 0 or not canvas.shows(frame):
                yield index, canvas.draw(frame).pixels
            progress.advance(1)
    finally:
        progress.end()


def _field(page: Page, screen: ScreenSpec | None) -> tuple[int, int]:
    """Ten degrees of the visual field in pixels."""
    if screen is None:
        return max(1, round(page.width * _FIELD)), max(1, round(page.height * _FIELD))
    side = 2 * math.tan(math.radians(5)) * screen.distance_m * 100 / screen.width_cm * page.width
    return max(1, min(page.width, round(side))), max(1, min(page.height, round(side)))
