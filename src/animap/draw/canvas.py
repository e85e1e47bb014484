"""The canvas: draws a frame by changing what the frame before left, and says what it changed.

Marks are compared by identity. The marks at the bottom that have not changed for some frames are kept
as one flat picture, the ground; above it, only the tiles in which a mark came, went or faded are
composed again from the marks' sprites. As every mark lies on what is below it in the same order either
way, the result equals a full redraw byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from animap.draw.figure import Figures
from animap.draw.painter import Eye
from animap.draw.press import EMPTY, Numbers, Sprite, Trace, compose, differing, paint, word
from animap.draw.sprite import printed, rasterise, sheets
from animap.draw.stack import Difference, Ranked, alike, difference, mark_of, opacity_of, same
from animap.draw.tiles import SIDE, empty, rects_of
from animap.marks import Arrow, Faded, Frame, Group, Mark, Page, Shown, View
from animap.types import Pixels, Rect

__all__ = ["Canvas", "Picture"]

_SETTLED_AFTER = 8
"""Frames without change after which a mark joins the ground."""


_FLYING = (EMPTY, 0.0)
"""In place of the sprite of a mark that has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels `(h, w, 3)`, or 4 with straight alpha, and the rectangles that differ from the picture before
    (None: all).

    The pixels belong to the canvas and change with the next frame: copy them to keep them.
    """

    pixels: Pixels
    changed: tuple[Rect, ...] | None


class Canvas:
    """Draws frames of one page size; `full` redraws everything each time (the reference for tests).

    With `alpha` the pictures have a fourth value, and are transparent where the frame's background is and no
    mark lies over it. What is transparent has the background's colour all the same, which then shines through
    where an editor's program or a lossy encoder mixes pixels.
    """

    def __init__(self, page: Page, *, full: bool = False, alpha: bool = False) -> None:
        self.page, self.full, self.alpha = page, full, alpha
        self._tiles = empty(page.width, page.height)
        self._all: Numbers = np.arange(self._tiles.size, dtype=np.int32)
        self._ground = np.zeros((self._tiles.size, SIDE * SIDE), np.uint32)
        self._pixels: Pixels = np.zeros((page.height, page.width, 4 if alpha else 3), np.uint8)
        self._layers: list[tuple[Sprite, float]] = []
        self._fixed: dict[Mark, Sprite] = {}
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
        found = difference(self._shown, frame.marks)
        if not afresh and not found:
            return Picture(self._pixels, ())
        known = self._turn(frame, found)
        self._settle(found.shared)
        if afresh:
            self._compose(self._all)
            return Picture(self._pixels, None)
        changed = self._changes(found, known)
        self._compose(np.flatnonzero(changed).astype(np.int32))
        rects = rects_of(changed.reshape(self._tiles.shape), self.page.width, self.page.height)
        return Picture(self._pixels, tuple(rects))

    def shows(self, frame: Frame) -> bool:
        """Whether the picture of a frame is the one that is there already."""
        return (
            not self.full
            and _sight(frame) == self._scene
            and len(frame.marks) == len(self._shown)
            and all(map(same, self._shown, frame.marks))
        )

    def _drawn_through(self, frame: Frame, scene: _Sight) -> Picture:
        """A picture of a moving view: only what is fixed to the page stays as it is."""
        if self.shows(frame):
            return Picture(self._pixels, ())
        self._begin(scene)
        self._shown = frame.marks
        for _, run in groupby(self._flown(frame), type):
            layers = list(run)
            traces = [layer for layer in layers if isinstance(layer, Trace)]
            if traces:
                paint(self._ground, traces, self.page)
                continue
            laid = [layer for layer in layers if not isinstance(layer, Trace)]
            numbers = np.unique(np.concatenate([sprite.numbers for sprite, _ in laid]))
            compose(self._ground, laid, numbers, self.page)
        self._show((), self._all)
        return Picture(self._pixels, None)

    def _flown(self, frame: Frame) -> Iterator[Trace | tuple[Sprite, float]]:
        """What marks in flight are made of, from the bottom up."""
        eye = Eye(frame.view, self.page)
        for shown in frame.marks:
            mark = mark_of(shown)
            if _fixed(mark):
                self._layers.append((self._fixed.get(mark) or self._at_rest(mark, eye), opacity_of(shown)))
                yield self._layers[-1]
                continue
            self._layers.append(_FLYING)
            layers = sheets(mark, eye, swift=True)
            if isinstance(shown, Faded):
                # Only what fades has to be of one piece.
                yield printed(layers, self.page), shown.opacity
            else:
                yield from (x if isinstance(x, Trace) else (x, 1.0) for x in layers)

    def _at_rest(self, mark: Mark, eye: Eye) -> Sprite:
        """The sprite of a mark that does not fly."""
        return self._figures.sprite(mark, eye) if isinstance(mark, Arrow) else rasterise(mark, eye)

    def _turn(self, frame: Frame, found: Difference) -> Mapping[Mark, Sprite]:
        """Let the stack be a frame's; gives the sprites of all marks that go, come or are moved."""
        eye, places = Eye(frame.view, self.page), found.replaced
        old, shown = self._shown, frame.marks
        if places is None:
            known = self._fixed | dict(zip(map(mark_of, old), self._sprites, strict=True))
            self._layers = [_FLYING] * len(shown)
        else:
            # Most marks are where they were, and most frames are so: nobody looks at them.
            known = {mark_of(old[n]): self._layers[n][0] for n in places}
        self._shown, self._fixed = shown, {}
        self._figures.turn([mark for _, s in found.gone if isinstance(mark := mark_of(s), Arrow)], eye)
        for n in range(len(shown)) if places is None else places:
            mark = mark_of(shown[n])
            if mark not in known:
                known[mark] = self._at_rest(mark, eye)
            elif isinstance(mark, Arrow):
                self._figures.keep(mark, eye)
            self._layers[n] = known[mark], opacity_of(shown[n])
        return known

    def _changes(self, found: Difference, known: Mapping[Mark, Sprite]) -> NDArray[np.bool_]:
        """The tiles, by number, in which two frames can differ, given the sprites of what changes."""
        # How many of those that stay there are up to the topmost one that hides a tile.
        hidden = np.zeros(len(self._all), np.int32)
        for count, place in enumerate(found.staying, 1):
            sprite, opacity = self._layers[place]
            if opacity == 1 and sprite.lid.size:
                hidden[sprite.lid] = count
        changed = np.zeros(len(self._all), np.bool_)
        for rank, numbers in _parts(found.gone, found.come, known):
            changed[numbers[hidden[numbers] <= rank]] = True
        for rank, shown in found.moved:
            numbers = known[mark_of(shown)].numbers
            changed[numbers[hidden[numbers] <= rank]] = True
        return changed

    @property
    def _sprites(self) -> list[Sprite]:
        return [sprite for sprite, _ in self._layers]

    def _begin(self, scene: _Sight) -> None:
        """Forget all but what is fixed to the page."""
        stack = zip(map(mark_of, self._shown), self._sprites, strict=True)
        self._fixed = {} if self.full else {mark: sprite for mark, sprite in stack if _fixed(mark)}
        self._scene, self._layers, self._ages, self._shown = scene, [], [], ()
        self._figures = Figures(self.page)
        self._clear_ground()

    def _clear_ground(self) -> None:
        assert self._scene is not None
        self._ground[:] = 0 if self.alpha else word(self._scene[1], 1)
        self._settled = 0

    def _settle(self, shared: int) -> None:
        """Let the ground hold the bottom marks that have been there unchanged for a while, and no others."""
        self._ages = [age + 1 for age in self._ages[:shared]] + [0] * (len(self._shown) - shared)
        if shared < self._settled:
            self._clear_ground()
        ripe = self._settled
        while ripe < shared and self._ages[ripe] >= _SETTLED_AFTER:
            ripe += 1
        if ripe > self._settled:
            layers = self._layers[self._settled : ripe]
            numbers = np.unique(np.concatenate([sprite.numbers for sprite, _ in layers]))
            compose(self._ground, layers, numbers, self.page)
        self._settled = ripe

    def _compose(self, numbers: Numbers) -> None:
        """Lay the marks above the ground onto some tiles of the picture."""
        self._show(self._layers[self._settled :], numbers)

    def _show(self, layers: Sequence[tuple[Sprite, float]], numbers: Numbers) -> None:
        assert self._scene is not None
        compose(self._ground, layers, numbers, self.page, self._pixels, word(self._scene[1], 0))


_Sight: TypeAlias = tuple[View, str, bool]
"""What all marks of a picture share: the view, the colour under them, whether the camera flies."""


def _sight(frame: Frame) -> _Sight:
    return frame.view, frame.background, frame.flying


def _fixed(mark: Mark) -> bool:
    """Whether a mark stands on the page, wherever the camera looks."""
    return not isinstance(mark, Group) and mark.space == "page"


def _parts(gone: Ranked, come: Ranked, known: Mapping[Mark, Sprite]) -> Iterator[tuple[int, Numbers]]:
    """The tiles that marks leave and take, each with the number of staying marks below."""
    gone.reverse()
    come.reverse()
    while gone or come:
        # A mark that takes another's place differs from it in few tiles only, as a rule.
        if gone and come and gone[-1][0] == come[-1][0] and alike(gone[-1][1], come[-1][1]):
            (_, going), (rank, coming) = gone.pop(), come.pop()
            yield rank, differing(known[mark_of(going)], known[mark_of(coming)])
        elif gone and (not come or gone[-1][0] <= come[-1][0]):
            rank, going = gone.pop()
            yield rank, known[mark_of(going)].numbers
        else:
            rank, coming = come.pop()
            yield rank, known[mark_of(coming)].numbers
