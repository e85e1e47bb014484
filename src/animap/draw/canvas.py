"""The canvas: draws a frame by changing what the frame before left, and says what it changed.

Marks are compared by identity. The marks at the bottom that have not changed for some frames are kept
as one flat picture, the ground; above it, only the rectangles in which a mark came, went or faded are
composed again from the marks' sprites. As every mark lies on what is below it in the same order either
way, the result equals a full redraw byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from animap.draw.rects import touch
from animap.draw.sprite import Sprite, rasterise
from animap.draw.tiles import differing_tiles, empty, ink_tiles, rects_of
from animap.marks import Faded, Frame, Mark, Page, Shown, View
from animap.style.colour import rgba
from animap.types import Pixels, Rect

__all__ = ["Canvas", "Picture"]

_SETTLED_AFTER = 8
"""Frames without change after which a mark joins the ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """RGB pixels `(h, w, 3)` and the rectangles that differ from the picture before (None: all).

    The pixels belong to the canvas and change with the next frame: copy them to keep them.
    """

    pixels: Pixels
    changed: tuple[Rect, ...] | None


class _Surface:
    """Opaque pixels that sprites are laid onto."""

    def __init__(self, page: Page) -> None:
        self._height = page.height
        self._agg = RendererAgg(page.width, page.height, 72)
        self._gc = self._agg.new_gc()
        self.rgba: Pixels = np.asarray(self._agg.buffer_rgba())

    def lay(self, sprite: Sprite, opacity: float, within: Rect) -> None:
        if sprite.pixels is None or not touch(sprite.rect, within):
            return
        left, top, right, bottom = sprite.rect
        x0, y0, x1, y1 = (
            max(left, within[0]),
            max(top, within[1]),
            min(right, within[2]),
            min(bottom, within[3]),
        )
        patch = sprite.pixels[bottom - y1 : bottom - y0, x0 - left : x1 - left]
        if opacity < 1:
            # Agg's image blending knows no opacity of its own.
            patch = patch.copy()
            patch[..., 3] = _paled(opacity)[patch[..., 3]]
        self._agg.draw_image(self._gc, x0, self._height - y1, patch)


@lru_cache(maxsize=256)
def _paled(opacity: float) -> Pixels:
    """Alpha after fading, for each alpha before."""
    return np.round(np.arange(256) * opacity).astype(np.uint8)


class Canvas:
    """Draws frames of one page size; `full` redraws everything each time (the reference for tests)."""

    def __init__(self, page: Page, *, full: bool = False) -> None:
        self.page, self.full = page, full
        self._whole: Rect = (0, 0, page.width, page.height)
        self._surface, self._ground = _Surface(page), _Surface(page)
        self._pixels: Pixels = np.zeros((page.height, page.width, 3), np.uint8)
        self._sprites: dict[Mark, Sprite] = {}
        self._rects = np.empty((0, 4), dtype=int)
        self._ages: list[int] = []
        self._settled = 0
        self._shown: tuple[Shown, ...] = ()
        self._scene: tuple[View, str] | None = None

    def draw(self, frame: Frame) -> Picture:
        """The picture of a frame."""
        if frame.page != self.page:
            raise ValueError(f"a canvas of {self.page} cannot draw a frame of {frame.page}")
        scene = (frame.view, frame.background)
        afresh = self.full or scene != self._scene
        if afresh:
            self._begin(scene)
        before, old = self._shown, self._sprites
        self._shown = frame.marks
        common = _common(before, frame.marks)
        if not afresh and common == len(before) == len(frame.marks):
            return Picture(self._pixels, ())
        self._sprites = {
            mark: old.get(mark) or rasterise(mark, frame.view, self.page) for mark in map(_mark, frame.marks)
        }
        changed = [self._whole] if afresh else self._changes(before[common:], frame.marks[common:], old)
        self._settle(common)
        self._rects = np.array([self._sprites[_mark(s)].rect for s in frame.marks]).reshape(-1, 4)
        for rect in changed:
            self._compose(rect)
        return Picture(self._pixels, None if afresh else tuple(changed))

    def _changes(
        self, before: Sequence[Shown], after: Sequence[Shown], old: Mapping[Mark, Sprite]
    ) -> list[Rect]:
        """Rectangles in which two frames can differ, given the sprites of both."""
        tiles = empty(self.page.width, self.page.height)
        gone, come, moved = _differing(before, after)
        for shown in moved:
            ink_tiles(self._sprites[_mark(shown)], tiles)
        while gone or come:
            # A mark that takes another's place differs from it in few tiles only, as a rule.
            if gone and come and _alike(gone[0], come[0]):
                differing_tiles(old[_mark(gone.pop(0))], self._sprites[_mark(come.pop(0))], tiles)
            elif gone:
                ink_tiles(old[_mark(gone.pop(0))], tiles)
            else:
                ink_tiles(self._sprites[_mark(come.pop(0))], tiles)
        return rects_of(tiles, self.page.width, self.page.height)

    def shows(self, frame: Frame) -> bool:
        """Whether the picture of a frame is the one that is there already."""
        return (
            not self.full
            and (frame.view, frame.background) == self._scene
            and len(frame.marks) == len(self._shown)
            and all(map(_same, self._shown, frame.marks))
        )

    def _begin(self, scene: tuple[View, str]) -> None:
        self._scene, self._sprites, self._ages, self._shown = scene, {}, [], ()
        self._clear_ground()

    def _clear_ground(self) -> None:
        assert self._scene is not None
        self._ground.rgba[:] = [round(255 * c) for c in rgba(self._scene[1])[:3]] + [255]
        self._settled = 0

    def _settle(self, common: int) -> None:
        """Let the ground hold the bottom marks that have been there unchanged for a while, and no others."""
        self._ages = [age + 1 for age in self._ages[:common]] + [0] * (len(self._shown) - common)
        if common < self._settled:
            self._clear_ground()
        ripe = self._settled
        while ripe < common and self._ages[ripe] >= _SETTLED_AFTER:
            ripe += 1
        for shown in self._shown[self._settled : ripe]:
            self._lay(self._ground, shown, self._whole)
        self._settled = ripe

    def _compose(self, rect: Rect) -> None:
        left, top, right, bottom = rect
        part = np.s_[top:bottom, left:right]
        self._surface.rgba[part] = self._ground.rgba[part]
        above = self._rects[self._settled :]
        hit = (above[:, 0] < right) & (left < above[:, 2]) & (above[:, 1] < bottom) & (top < above[:, 3])
        for index in np.flatnonzero(hit).tolist():
            self._lay(self._surface, self._shown[self._settled + index], rect)
        self._pixels[part] = self._surface.rgba[part][..., :3]

    def _lay(self, surface: _Surface, shown: Shown, within: Rect) -> None:
        surface.lay(self._sprites[_mark(shown)], _opacity(shown), within)


def _mark(shown: Shown) -> Mark:
    return shown.mark if isinstance(shown, Faded) else shown


def _same(a: Shown, b: Shown) -> bool:
    return a is b or (
        isinstance(a, Faded) and isinstance(b, Faded) and a.mark is b.mark and a.opacity == b.opacity
    )


def _common(a: Sequence[Shown], b: Sequence[Shown]) -> int:
    """How many marks two frames share from the bottom up."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if not _same(x, y):
            break
        count += 1
    return count


def _alike(a: Shown, b: Shown) -> bool:
    """Whether one mark may be another one grown a little: of one kind, and as opaque."""
    return type(_mark(a)) is type(_mark(b)) and _opacity(a) == _opacity(b)


def _opacity(shown: Shown) -> float:
    return shown.opacity if isinstance(shown, Faded) else 1.0


def _differing(
    before: Sequence[Shown], after: Sequence[Shown]
) -> tuple[list[Shown], list[Shown], list[Shown]]:
    """Marks of the first frame that the second lacks, the other way round, and those moved in the stack.

    In the order of the stack, so that what takes a mark's place stands at the same place of its list.
    """
    was, now = _keyed(before), _keyed(after)
    place, moved, highest = {k: i for i, k in enumerate(was)}, [], -1
    for key, shown in now.items():
        if key in was:
            if place[key] < highest:
                moved.append(shown)
            highest = max(highest, place[key])
    return [s for k, s in was.items() if k not in now], [s for k, s in now.items() if k not in was], moved


def _keyed(marks: Sequence[Shown]) -> dict[tuple[int, float, int], Shown]:
    """Marks by what they are: which, how opaque, and which of several alike."""
    keyed: dict[tuple[int, float, int], Shown] = {}
    alike: Counter[tuple[int, float]] = Counter()
    for shown in marks:
        key = id(_mark(shown)), _opacity(shown)
        keyed[*key, alike[key]] = shown
        alike[key] += 1
    return keyed
