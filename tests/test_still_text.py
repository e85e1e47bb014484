"""Text stays as it is: static text is the same pixels from frame to frame, and figures do not dance."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import animap
from animap.draw import Canvas
from animap.draw.prints import printed
from animap.layers.lettering import width_of
from animap.marks import Faded, Frame, Mark, Page, Text, TextAlong, View
from animap.scene import Scene, Take
from animap.style import load_style
from animap.style.load import shipped_styles
from animap.types import Pixels, Rect


@pytest.fixture(scope="module")
def scene() -> Scene:
    film = animap.open().film
    return Scene(film, load_style("atlas"), Take(Page(640, 360), Fraction(30), "fr"))


def text_of(frame: Frame) -> dict[Text | TextAlong, float]:
    """Every text of a frame and its opacity."""
    split = ((m.mark, m.opacity) if isinstance(m, Faded) else (m, 1.0) for m in frame.marks)
    return {mark: opacity for mark, opacity in split if isinstance(mark, Text | TextAlong)}


def test_names_on_the_map_are_the_same_marks_in_every_frame(scene: Scene) -> None:
    start = scene.clock.frame_of(scene.clock.start + 3)
    known: dict[str, Mark] = {}
    for index in range(start, start + 150):
        for mark in text_of(scene.frame(index)):
            if mark.space == "map":
                assert known.setdefault(repr(mark), mark) is mark, mark.text
    assert len(known) > 40


def test_static_text_is_the_same_pixels_while_all_else_moves(scene: Scene) -> None:
    canvas = Canvas(scene.take.page)
    start = scene.clock.frame_of(scene.clock.start + 5)
    frames = [scene.frame(start + n) for n in range(40)]
    pictures = [canvas.draw(frame).pixels.copy() for frame in frames]
    still = set(text_of(frames[0]))
    for frame in frames:
        still &= {mark for mark, opacity in text_of(frame).items() if opacity == 1}
    boxes = {mark: printed(mark, frames[0].view, scene.take.page) for mark in still}
    alone = [mark for mark in still if not _met(boxes[mark].rect, frames)]
    assert len(alone) > 10
    for mark in alone:
        left, top, right, bottom = boxes[mark].rect
        first = pictures[0][top:bottom, left:right]
        assert all(np.array_equal(p[top:bottom, left:right], first) for p in pictures), mark
    assert any(not np.array_equal(a, b) for a, b in zip(pictures, pictures[1:], strict=False))


def _met(rect: Rect, frames: list[Frame]) -> bool:
    """Whether anything that changes in these frames shares pixels with a box."""
    lasting = set.intersection(*({m for m in f.marks if not isinstance(m, Faded)} for f in frames))
    passing = {_bare(m) for f in frames for m in f.marks} - lasting
    page, view = frames[0].page, frames[0].view
    return any(_overlap(rect, _sprite_rect(m, view, page)) for m in passing)


def _bare(mark: Faded | Mark) -> Mark:
    return mark.mark if isinstance(mark, Faded) else mark


_RECTS: dict[Mark, Rect] = {}


def _sprite_rect(mark: Mark, view: View, page: Page) -> Rect:
    if mark not in _RECTS:
        _RECTS[mark] = printed(mark, view, page).rect
    return _RECTS[mark]


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("name", sorted(shipped_styles()))
def test_all_figures_of_the_date_are_equally_wide(name: str) -> None:
    furniture = load_style(name).furniture
    for lettering in (furniture.date, furniture.day or furniture.date, furniture.haste):
        widths = {round(width_of(figure * 4, lettering), 6) for figure in "0123456789"}
        assert len(widths) == 1


def test_the_month_is_the_same_pixels_whatever_the_day(scene: Scene) -> None:
    first = scene.clock.frame_of(scene.clock.start + 10.5)
    seen: set[bytes] = set()
    days: set[bytes] = set()
    for index in range(first, first + 90, 5):
        frame = scene.frame(index)
        picture = Canvas(scene.take.page).draw(frame).pixels
        texts = [m for m in text_of(frame) if isinstance(m, Text)]
        month = next(m for m in texts if m.text == "septembre 1944")
        day = next(m for m in texts if m.text.isdigit())
        seen.add(_cut(picture, month, frame))
        days.add(_cut(picture, day, frame))
    assert len(seen) == 1
    assert len(days) > 3


def _cut(picture: Pixels, mark: Mark, frame: Frame) -> bytes:
    left, top, right, bottom = printed(mark, frame.view, frame.page).rect
    return picture[top:bottom, left:right].tobytes()
