"""Planes converted in parts are compared, byte for byte, with planes converted whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animap.encode.yuv import Planes
from animap.types import Pixels, Rect


def planes(held: Planes) -> Pixels:
    found: Pixels = held.frame.to_ndarray()
    return found


def converted(pixels: Pixels) -> Pixels:
    held = Planes(pixels.shape[1], pixels.shape[0])
    held.take(pixels)
    return planes(held)


@st.composite
def changes(draw: st.DrawFn) -> tuple[tuple[int, int], list[list[Rect]]]:
    """A size, and what changes in some pictures: odd rectangles, overlapping, over the edge, none."""
    width, height = 2 * draw(st.integers(1, 80)), 2 * draw(st.integers(1, 60))
    side = st.tuples(st.integers(-9, width + 9), st.integers(-9, height + 9))
    span = st.tuples(st.integers(0, width // 2), st.integers(0, height // 2))
    rect = st.tuples(side, span).map(lambda r: (*r[0], r[0][0] + r[1][0], r[0][1] + r[1][1]))
    return (width, height), draw(st.lists(st.lists(rect, max_size=6), min_size=1, max_size=4))


@given(changes(), st.integers(0, 2**32 - 1))
@settings(max_examples=120, deadline=None)
def test_converting_what_changed_equals_converting_all(
    case: tuple[tuple[int, int], list[list[Rect]]], seed: int
) -> None:
    (width, height), pictures = case
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    held = Planes(width, height)
    held.take(pixels)
    for rects in pictures:
        for left, top, right, bottom in rects:
            part = np.s_[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
            pixels[part] = rng.integers(0, 256, pixels[part].shape, dtype=np.uint8)
        held.take(pixels, rects)
        assert np.array_equal(planes(held), converted(pixels))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (4096, 96)])
def test_much_may_change_in_one_picture(width: int, height: int) -> None:
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    held = Planes(width, height)
    held.take(pixels)
    rects = [(2, 2, width - 3, 35), *((left, 40, left + 17, height) for left in range(0, width, 64))]
    for left, top, right, bottom in rects:
        pixels[top:bottom, left:right] ^= 0x5A
    held.take(pixels, rects)
    assert np.array_equal(planes(held), converted(pixels))


def test_planes_are_as_near_to_the_standard_as_bytes_can_be() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    red, green, blue = np.moveaxis(pixels.astype(float), -1, 0)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def middle(colour: np.ndarray) -> np.ndarray:
        return np.asarray(colour.reshape(32, 2, 48, 2).mean(axis=(1, 3)))

    ideal = [
        16 + luma * 219 / 255,
        128 + middle((blue - luma) / 1.8556) * 224 / 255,
        128 + middle((red - luma) / 1.5748) * 224 / 255,
    ]
    found = converted(pixels)
    split = [found[:64], found[64:80].reshape(32, 48), found[80:].reshape(32, 48)]
    for plane, exact in zip(split, ideal, strict=True):
        assert np.abs(plane - exact).max() < 0.52


def test_what_is_not_told_to_have_changed_is_not_looked_at() -> None:
    pixels = np.full((64, 96, 3), 40, np.uint8)
    held = Planes(96, 64)
    held.take(pixels)
    before = planes(held)
    held.take(np.full_like(pixels, 200), [])
    assert np.array_equal(planes(held), before)


def test_a_picture_of_another_size_is_refused() -> None:
    held = Planes(96, 64)
    for shape in ((64, 98, 3), (62, 96, 3), (64, 96, 4)):
        with pytest.raises(ValueError, match="96×64"):
            held.take(np.zeros(shape, np.uint8))
