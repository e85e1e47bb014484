"""Flashes: the thresholds of WCAG 2.3.1, on pictures whose luminance is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import animap
from animap.beside.flashes import Flash, flashes, flashing
from animap.marks import Area, Frame, box
from animap.types import Pixels
from conftest import FilmFolder

FPS = Fraction(30)
SHAPE = (96, 168)
FIELD = (56, 32)


def grey(luminance: float) -> tuple[int, int, int]:
    """The sRGB grey of a relative luminance."""
    value = 12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055
    return (round(255 * value),) * 3


def picture(colour: Sequence[int], under: Sequence[int] = (0, 0, 0), area: tuple[int, int] = SHAPE) -> Pixels:
    """A picture with a patch of `area` (height, width) in the upper left."""
    pixels = np.empty((*SHAPE, 3), np.uint8)
    pixels[:] = under
    pixels[: area[0], : area[1]] = colour
    return pixels


def found(shown: Callable[[int], Pixels], frames: int = 60, fps: Fraction = FPS) -> list[Flash]:
    return list(flashes(((n, shown(n)) for n in range(frames)), fps, FIELD))


def blinking(a: Pixels, b: Pixels, hertz: float, fps: Fraction = FPS) -> list[Flash]:
    return found(lambda n: (a, b)[math.floor(n * 2 * hertz / fps) % 2], int(2 * fps), fps)


BLACK, WHITE = picture(grey(0)), picture(grey(1))


def test_more_than_three_flashes_in_a_second_are_told_and_three_are_not() -> None:
    [flash] = blinking(BLACK, WHITE, 5)
    assert not flash.red
    # By the seventh change, half a flash more than three.
    assert flash.start == 21
    assert flash.area > 0.99
    assert blinking(BLACK, WHITE, 3) == []
    assert blinking(BLACK, WHITE, 15) != []
    assert blinking(BLACK, WHITE, 5, Fraction(12)) != []


@given(st.lists(st.integers(0, 119), unique=True, max_size=16).map(sorted))
def test_every_second_counts_wherever_it_begins(changes: list[int]) -> None:
    shown = np.searchsorted(changes, np.arange(120), side="right") % 2
    turns = [n for n in changes if n > 0]
    crowded = any(b - a < 30 for a, b in zip(turns, turns[6:], strict=False))
    small = BLACK[:8, :8], WHITE[:8, :8]
    assert bool(found(lambda n: small[shown[n]], 120)) == crowded


@pytest.mark.parametrize(
    ("dark", "light", "told"),
    [
        (0.3, 0.39, False),
        (0.3, 0.42, True),
        (0.82, 1.0, False),
        (0.75, 0.9, True),
    ],
)
def test_a_change_counts_from_a_tenth_of_the_luminance_where_it_is_not_bright(
    dark: float, light: float, told: bool
) -> None:
    assert bool(blinking(picture(grey(dark)), picture(grey(light)), 6)) is told


def test_slow_fades_are_no_flashes_however_deep() -> None:
    assert found(lambda n: picture(grey(0.5 + 0.5 * math.sin(n / 30 * math.tau * 2))), 90) == []
    assert found(lambda n: picture(grey(0.5 + 0.5 * math.sin(n / 30 * math.tau * 4))), 90) != []


@pytest.mark.parametrize(("area", "told"), [((16, 24), False), ((16, 32), True), ((96, 4), False)])
def test_a_quarter_of_the_field_has_to_flash(area: tuple[int, int], told: bool) -> None:
    on, off = picture(grey(1), grey(0.2), area), picture(grey(0.2), grey(0.2), area)
    assert bool(blinking(on, off, 6)) is told


def test_flashes_to_and_from_saturated_red_count_at_any_luminance() -> None:
    red = picture((255, 0, 0))
    [flash] = blinking(red, picture(grey(0.2126)), 5)
    assert flash.red
    assert blinking(picture((150, 60, 60)), picture(grey(0.08)), 5) == []


def test_what_moves_through_the_picture_does_not_flash() -> None:
    stripes = np.zeros((*SHAPE, 3), np.uint8)
    stripes[:, ::2] = 255
    assert found(lambda n: np.roll(stripes, n, axis=1)) == []


class Blinking:
    """A scene under which the ground turns black and white."""

    def __init__(self, scene: animap.scene.Scene) -> None:
        self._scene = scene

    def __getattr__(self, name: str) -> object:
        return getattr(self._scene, name)

    def frame(self, index: int) -> Frame:
        frame = self._scene.frame(index)
        ground = box(0, 0, frame.page.across, frame.page.down)
        colour = "#ffffff" if index % 2 and 12 <= index < 36 else "#000000"
        return replace(frame, marks=(Area(paths=ground, fill=colour, space="page"),))


def test_a_film_that_flashes_is_told_with_its_seconds_and_one_that_does_not_is_not(film: FilmFolder) -> None:
    scene = animap.open(film.folder, size="320x180", fps=12).scene
    assert list(flashing(scene)) == []
    [told] = flashing(Blinking(scene))  # type: ignore[arg-type]
    assert "100% of what one looks at flashes more than three times a second" in told.what
    # From the seventh change on, until less than seven lie within a second.
    assert "around 1.6 to 3.5 s" in told.what
    assert "2.3.1" in told.hint
