"""The canvas: draws a frame by changing what the frame before left, and says what it changed.

Marks are compared by identity. The marks at the bottom that have not changed for some frames are kept
as one flat picture, the ground; above it, only the tiles in which a mark came, went or faded are
composed again from the marks' sprites. As every mark lies on what is below it in the same order either
way, the result equals a full redraw byte for byte.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg

from animap.draw.figure import Figures
from animap.draw.fill import fill, worth
from animap.draw.painter import Eye, inks
from animap.draw.sprite import Sprite, Tile, picture, rasterise
from animap.draw.tiles import marked, rects_of
from animap.marks import Area, Arrow, Faded, Frame, Mark, Page, Paths, Shown, View
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
    """Opaque pixels that tiles are laid onto."""

    def __init__(self, page: Page) -> None:
        self._height = page.height
        self._agg = RendererAgg(page.width, page.height, 72)
        self._gc = self._agg.new_gc()
        self.rgba: Pixels = np.asarray(self._agg.buffer_rgba())

    def draw(self, shown: Shown, view: View, page: Page) -> None:
        """Draw a mark with no sprite of its own, unless it is faded or hatched.

        A hatch is cut out by a clip path, which Agg tells from the last one by its address alone: only a
        fresh renderer is sure not to take one for another.
        """
        mark = _mark(shown)
        if isinstance(shown, Faded) or (isinstance(mark, Area) and mark.hatch):
            alone = picture(mark, view, page)
            if alone:
                self.lay(alone, _opacity(shown))
            return
        for ink in inks(mark, view, page):
            if not ink.empty:
                ink.draw(self._agg)

    def lay(self, tile: Tile, opacity: float) -> None:
        pixels = tile.pixels
        if opacity < 1:
            # Agg's image blending knows no opacity of its own.
            pixels = pixels.copy()
            pixels[..., 3] = _paled(opacity)[pixels[..., 3]]
        self._agg.draw_image(self._gc, tile.x, self._height - tile.y - len(pixels), pixels)


@lru_cache(maxsize=256)
def _paled(opacity: float) -> Pixels:
    """Alpha after fading, for each alpha before."""
    return np.round(np.arange(256) * opacity).astype(np.uint8)


class Canvas:
    """Draws frames of one page size; `full` redraws everything each time (the reference for tests)."""

    def __init__(self, page: Page, *, full: bool = False) -> None:
        self.page, self.full = page, full
        self._surface, self._ground = _Surface(page), _Surface(page)
        self._pixels: Pixels = np.zeros((page.height, page.width, 3), np.uint8)
        self._sprites: dict[Mark, Sprite] = {}
        self._figures = Figures(page)
        self._ages: list[int] = []
        self._settled = 0
        self._shown: tuple[Shown, ...] = ()
        self._scene: _Sight | None = None

    def draw(self, frame: Frame) -> Picture:
        """The picture of a frame."""
        if frame.page != self.page:
            raise ValueError(f"a canvas of {self.page} cannot draw a frame of {frame.page}")
        scene = _sight(frame)
        if frame.flying:
            return self._drawn_through(frame, scene)
        afresh = self.full or scene != self._scene
        if afresh:
            self._begin(scene)
        before, old = self._shown, self._sprites
        self._shown = frame.marks
        common = _common(before, frame.marks)
        if not afresh and common == len(before) == len(frame.marks):
            return Picture(self._pixels, ())
        self._sprites = self._rasterised(frame, old)
        if afresh:
            self._settle(common)
            self._compose_all()
            return Picture(self._pixels, None)
        changed = self._changes(before[common:], frame.marks[common:], old)
        self._settle(common)
        return Picture(self._pixels, tuple(self._compose(changed)))

    def _drawn_through(self, frame: Frame, scene: _Sight) -> Picture:
        """A picture of which nothing stays: marks go straight onto it, and no sprite is kept."""
        if not self.full and scene == self._scene and _common(self._shown, frame.marks) == len(frame.marks):
            return Picture(self._pixels, ())
        self._begin(scene)
        self._shown = frame.marks
        self._surface.rgba[:] = self._ground.rgba
        for shown in frame.marks:
            self._surface.draw(shown, frame.view, self.page)
        self._pixels[:] = self._surface.rgba[..., :3]
        return Picture(self._pixels, None)

    def _rasterised(self, frame: Frame, old: Mapping[Mark, Sprite]) -> dict[Mark, Sprite]:
        """The sprites of a frame's marks: those known, and new ones."""
        sprites = {}
        eye = Eye(frame.view, self.page)
        self._figures.turn()
        for mark in map(_mark, frame.marks):
            sprite = old.get(mark)
            if isinstance(mark, Arrow):
                if sprite is None:
                    sprite = self._figures.sprite(mark, eye)
                else:
                    self._figures.keep(mark, eye)
            elif sprite is None:
                sprite = _sprite(mark, eye)
            sprites[mark] = sprite
        return sprites

    def _changes(
        self, before: Sequence[Shown], after: Sequence[Shown], old: Mapping[Mark, Sprite]
    ) -> set[int]:
        """Tiles in which two frames can differ, given the sprites of both."""
        gone, come, moved, staying = _differing(before, after)
        # What changes, by the number of staying marks below it.
        changes: dict[int, set[int]] = defaultdict(set)
        for rank, shown in moved:
            changes[rank] |= self._sprites[_mark(shown)].tiles.keys()
        gone.reverse()
        come.reverse()
        while gone or come:
            # A mark that takes another's place differs from it in few tiles only, as a rule.
            if gone and come and gone[-1][0] == come[-1][0] and _alike(gone[-1][1], come[-1][1]):
                (_, going), (rank, coming) = gone.pop(), come.pop()
                was, now = old[_mark(going)].tiles, self._sprites[_mark(coming)].tiles
                changes[rank].update(n for n, tile in was.items() if not tile.same(now.get(n)))
                changes[rank] |= now.keys() - was.keys()
            elif gone and (not come or gone[-1][0] <= come[-1][0]):
                rank, going = gone.pop()
                changes[rank] |= old[_mark(going)].tiles.keys()
            else:
                rank, coming = come.pop()
                changes[rank] |= self._sprites[_mark(coming)].tiles.keys()
        return self._seen(changes, staying)

    def _seen(self, changes: Mapping[int, set[int]], staying: Sequence[Shown]) -> set[int]:
        """The tiles of changes that do not lie under anything opaque that stays."""
        seen: set[int] = set()
        lids = [(n, lid) for n, shown in enumerate(staying) if (lid := self._lid(shown))]
        for rank, numbers in changes.items():
            seen |= numbers.difference(*(lid for n, lid in lids if n >= rank))
        return seen

    def shows(self, frame: Frame) -> bool:
        """Whether the picture of a frame is the one that is there already."""
        return (
            not self.full
            and _sight(frame) == self._scene
            and len(frame.marks) == len(self._shown)
            and all(map(_same, self._shown, frame.marks))
        )

    def _begin(self, scene: _Sight) -> None:
        self._scene, self._sprites, self._ages, self._shown = scene, {}, [], ()
        self._figures = Figures(self.page)
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
            self._lay_all(self._ground, shown)
        self._settled = ripe

    def _compose(self, numbers: set[int]) -> list[Rect]:
        """Lay the marks above the ground onto some tiles; the rectangles that these are."""
        width, height = self.page.width, self.page.height
        rects = rects_of(marked(numbers, width, height), width, height)
        for left, top, right, bottom in rects:
            self._surface.rgba[top:bottom, left:right] = self._ground.rgba[top:bottom, left:right]
        above = self._shown[self._settled :]
        lowest = {n: i for i, s in enumerate(above) for n in self._lid(s) & numbers}
        for index, shown in enumerate(above):
            tiles, opacity = self._sprites[_mark(shown)].tiles, _opacity(shown)
            for number in tiles.keys() & numbers:
                if lowest.get(number, 0) <= index:
                    self._surface.lay(tiles[number], opacity)
        for left, top, right, bottom in rects:
            self._pixels[top:bottom, left:right] = self._surface.rgba[top:bottom, left:right, :3]
        return rects

    def _lid(self, shown: Shown) -> frozenset[int]:
        """The tiles in which nothing below a mark shows."""
        return frozenset() if isinstance(shown, Faded) else self._sprites[shown].opaque

    def _compose_all(self) -> None:
        self._surface.rgba[:] = self._ground.rgba
        for shown in self._shown[self._settled :]:
            self._lay_all(self._surface, shown)
        self._pixels[:] = self._surface.rgba[..., :3]

    def _lay_all(self, surface: _Surface, shown: Shown) -> None:
        sprite, opacity = self._sprites[_mark(shown)], _opacity(shown)
        for tile in (sprite.whole,) if sprite.whole else sprite.tiles.values():
            surface.lay(tile, opacity)


def _sprite(mark: Mark, eye: Eye) -> Sprite:
    if isinstance(mark, Area) and mark.fill and len(mark.paths.xy):
        xy = eye.pixels(mark.paths.xy, mark.space)
        if worth(mark, xy):
            return fill(Paths(xy, mark.paths.starts), mark.fill, eye.page)
    return rasterise(mark, eye.view, eye.page)


_Sight: TypeAlias = tuple[View, str, bool]
"""What all marks of a picture share: the view, the colour under them, whether the camera flies."""


def _sight(frame: Frame) -> _Sight:
    return frame.view, frame.background, frame.flying


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


_Ranked: TypeAlias = list[tuple[int, Shown]]
"""Marks, each with the number of marks below it that stay where they are."""


def _differing(
    before: Sequence[Shown], after: Sequence[Shown]
) -> tuple[_Ranked, _Ranked, _Ranked, list[Shown]]:
    """Marks of the first frame that the second lacks, the other way round, those moved in the stack, and
    those that stay.

    In the order of the stack, so that what takes a mark's place stands at the same place of its list.
    """
    was, now = _keyed(before), _keyed(after)
    place, highest = {k: i for i, k in enumerate(was)}, -1
    moved = set()
    for key in now:
        if key in was:
            if place[key] < highest:
                moved.add(key)
            highest = max(highest, place[key])

    def ranked(marks: _Keyed, others: Container[_Key]) -> tuple[_Ranked, _Ranked]:
        rank, new, shifted = 0, [], []
        for key, shown in marks.items():
            if key not in others:
                new.append((rank, shown))
            elif key in moved:
                shifted.append((rank, shown))
            else:
                rank += 1
        return new, shifted

    gone, _ = ranked(was, now)
    come, shifted = ranked(now, was)
    staying = [shown for key, shown in now.items() if key in was and key not in moved]
    return gone, come, shifted, staying


_Key: TypeAlias = tuple[int, float, int]
_Keyed: TypeAlias = dict[_Key, Shown]


def _keyed(marks: Sequence[Shown]) -> _Keyed:
    """Marks by what they are: which, how opaque, and which of several alike."""
    keyed: _Keyed = {}
    alike: Counter[tuple[int, float]] = Counter()
    for shown in marks:
        key = id(_mark(shown)), _opacity(shown)
        keyed[*key, alike[key]] = shown
        alike[key] += 1
    return keyed
