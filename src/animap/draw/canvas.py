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

from animap.draw.figure import Figures
from animap.draw.painter import Eye
from animap.draw.press import EMPTY, NOTHING, Change, Laid, Numbers, Sprite, changed, compose, word
from animap.draw.sprite import printed, rasterise, sheets
from animap.draw.stack import Difference, alike, difference, mark_of, opacity_of, same
from animap.draw.tiles import SIDE, empty
from animap.draw.traces import Trace, paint
from animap.marks import Arrow, Faded, Frame, Group, Mark, Page, Shown, View
from animap.types import Pixels, Rect

__all__ = ["Canvas", "Picture"]

_SETTLED_AFTER = 8
"""Frames without change after which a mark joins the ground."""


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
        self._all: Numbers = np.arange(empty(page.width, page.height).size, dtype=np.int32)
        self._ground = np.zeros((len(self._all), SIDE * SIDE), np.uint32)
        self._pixels: Pixels = np.zeros((page.height, page.width, 4 if alpha else 3), np.uint8)
        self._layers: list[Laid] = []
        self._fixed: dict[Mark, Sprite] = {}
        self._figures = Figures(page)
        self._turns = 0
        self._since: list[int] = []
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
        staying = [self._layers[place] for place in found.staying]
        numbers, rects = changed(staying, _changes(found, known), self.page)
        self._compose(numbers)
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
            compose(self._ground, laid, _under(laid), self.page)
        self._show((), self._all)
        return Picture(self._pixels, None)

    def _flown(self, frame: Frame) -> Iterator[Trace | Laid]:
        """What marks in flight are made of, from the bottom up."""
        eye = Eye(frame.view, self.page)
        for shown in frame.marks:
            mark = mark_of(shown)
            if _fixed(mark):
                sprite = self._fixed.get(mark) or self._at_rest(mark, eye)
                self._layers.append(Laid.of(sprite, opacity_of(shown)))
                yield self._layers[-1]
                continue
            self._layers.append(NOTHING)
            layers = sheets(mark, eye, swift=True)
            if isinstance(shown, Faded):
                # Only what fades has to be of one piece.
                yield Laid.of(printed(layers, self.page), shown.opacity)
            else:
                yield from (x if isinstance(x, Trace) else Laid.of(x) for x in layers)

    def _at_rest(self, mark: Mark, eye: Eye) -> Sprite:
        """The sprite of a mark that does not fly."""
        return self._figures.sprite(mark, eye) if isinstance(mark, Arrow) else rasterise(mark, eye)

    def _turn(self, frame: Frame, found: Difference) -> Mapping[Mark, Sprite]:
        """Let the stack be a frame's; gives the sprites of all marks that go, come or are moved."""
        eye, places = Eye(frame.view, self.page), found.replaced
        old, shown = self._shown, frame.marks
        if places is None:
            known = self._fixed | dict(zip(map(mark_of, old), self._sprites, strict=True))
            self._layers = [NOTHING] * len(shown)
        else:
            # Most marks are where they were, and most frames are so: nobody looks at them.
            known = {mark_of(old[n]): self._layers[n].sprite for n in places}
        self._shown, self._fixed = shown, {}
        self._figures.turn([mark for _, s in found.gone if isinstance(mark := mark_of(s), Arrow)], eye)
        for n in range(len(shown)) if places is None else places:
            mark = mark_of(shown[n])
            if mark not in known:
                known[mark] = self._at_rest(mark, eye)
            elif isinstance(mark, Arrow):
                self._figures.keep(mark, eye)
            self._layers[n] = Laid.of(known[mark], opacity_of(shown[n]))
        return known

    @property
    def _sprites(self) -> list[Sprite]:
        return [layer.sprite for layer in self._layers]

    def _begin(self, scene: _Sight) -> None:
        """Forget all but what is fixed to the page."""
        stack = zip(map(mark_of, self._shown), self._sprites, strict=True)
        self._fixed = {} if self.full else {mark: sprite for mark, sprite in stack if _fixed(mark)}
        self._scene, self._layers, self._since, self._shown = scene, [], [], ()
        self._figures = Figures(self.page)
        self._clear_ground()

    def _clear_ground(self) -> None:
        assert self._scene is not None
        self._ground[:] = 0 if self.alpha else word(self._scene[1], 1)
        self._settled = 0

    def _settle(self, shared: int) -> None:
        """Let the ground hold the bottom marks that have been there unchanged for a while, and no others."""
        self._turns += 1
        self._since = self._since[:shared] + [self._turns] * (len(self._shown) - shared)
        if shared < self._settled:
            self._clear_ground()
        ripe = self._settled
        while ripe < shared and self._turns - self._since[ripe] >= _SETTLED_AFTER:
            ripe += 1
        if ripe > self._settled:
            layers = self._layers[self._settled : ripe]
            compose(self._ground, layers, _under(layers), self.page)
        self._settled = ripe

    def _compose(self, numbers: Numbers) -> None:
        """Lay the marks above the ground onto some tiles of the picture."""
        self._show(self._layers[self._settled :], numbers)

    def _show(self, layers: Sequence[Laid], numbers: Numbers) -> None:
        assert self._scene is not None
        compose(self._ground, layers, numbers, self.page, self._pixels, word(self._scene[1], 0))


_Sight: TypeAlias = tuple[View, str, bool]
"""What all marks of a picture share: the view, the colour under them, whether the camera flies."""


def _sight(frame: Frame) -> _Sight:
    return frame.view, frame.background, frame.flying


def _fixed(mark: Mark) -> bool:
    """Whether a mark stands on the page, wherever the camera looks."""
    return not isinstance(mark, Group) and mark.space == "page"


def _under(layers: Sequence[Laid]) -> Numbers:
    """The tiles that any of some layers has."""
    return np.unique(np.concatenate([layer.sprite.numbers for layer in layers]))


def _changes(found: Difference, known: Mapping[Mark, Sprite]) -> Iterator[Change]:
    """What marks become, given their sprites."""
    gone, come = found.gone[::-1], found.come[::-1]
    while gone or come:
        # A mark that takes another's place differs from it in few tiles only, as a rule.
        if gone and come and gone[-1][0] == come[-1][0] and alike(gone[-1][1], come[-1][1]):
            (_, going), (rank, coming) = gone.pop(), come.pop()
            yield rank, known[mark_of(going)], known[mark_of(coming)]
        elif gone and (not come or gone[-1][0] <= come[-1][0]):
            rank, going = gone.pop()
            yield rank, known[mark_of(going)], EMPTY
        else:
            rank, coming = come.pop()
            yield rank, EMPTY, known[mark_of(coming)]
    yield from ((rank, known[mark_of(shown)], EMPTY) for rank, shown in found.moved)
