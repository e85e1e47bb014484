"""animap's marks → strokes; done before anyone is timed, so baselines are spared the interpolation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from animap.api import Animation
from animap.draw.painter import Eye, Ink, inks
from animap.marks import Faded, Frame, Mark, Points, Shown, Text, TextAlong
from animap.style.colour import rgba
from benchmarks.strokes import Colour, Dots, Drawing, Key, Label, Shape, Stroke

__all__ = ["drawing", "sample"]

_WORTH = 10
"""Strokes from which on a competent user draws a resting run once and keeps the picture."""


def sample(start: int, stop: int, *, places: int, frames: int) -> list[int]:
    """Short runs of frames spread evenly over a stretch."""
    middles = [start + (stop - start) * (2 * n + 1) // (2 * places) for n in range(places)]
    return [middle + n for middle in middles for n in range(frames // places)]


def drawing(animation: Animation, indices: Sequence[int]) -> Drawing:
    """The frames at these indices as strokes."""
    return _Lowering(animation).of([animation.frame(index) for index in indices])


class _Lowering:
    def __init__(self, animation: Animation) -> None:
        self._page, self._fps = animation.page, int(animation.fps)
        self._keys: dict[Mark, list[Key]] = {}
        self._strokes: dict[Key, Stroke] = {}

    def of(self, frames: Sequence[Frame]) -> Drawing:
        shown = [list(self._shapes(frame)) for frame in frames]
        background = rgba(frames[0].background)
        labels = [list(self._labels(frame)) for frame in frames]
        page = self._page
        return Drawing(
            page.width, page.height, self._fps, background, self._strokes, _still(shown), shown, labels
        )

    def _shapes(self, frame: Frame) -> Iterable[Shape]:
        for dotted, group in groupby(frame.marks, lambda shown: isinstance(_mark(shown), Points)):
            if dotted:
                yield self._dots(frame, list(group))
                continue
            for shown in group:
                for key in self._lowered(frame, _mark(shown)):
                    yield key, _opacity(shown)

    def _lowered(self, frame: Frame, mark: Mark) -> list[Key]:
        if mark not in self._keys:
            lettering = isinstance(mark, Text | TextAlong)
            # Pictures among the marks (relief) are left out; the film has none.
            found = [ink for ink in inks(mark, Eye(frame.view, self._page)) if isinstance(ink, Ink)]
            first = len(self._strokes)
            self._strokes |= {first + n: _stroke(ink, lettering) for n, ink in enumerate(found)}
            self._keys[mark] = list(range(first, first + len(found)))
        return self._keys[mark]

    def _dots(self, frame: Frame, group: Sequence[Shown]) -> Dots:
        rows: list[tuple[Any, ...]] = []
        for shown in group:
            mark, unit = _mark(shown), self._page.unit
            assert isinstance(mark, Points)
            at = frame.view.to_page(mark.xy, self._page) if mark.space == "map" else mark.xy
            fill = _paled(mark.fill, _opacity(shown))
            edge = _paled(mark.pen.colour if mark.pen else None, _opacity(shown))
            width = mark.pen.width * unit if mark.pen else 0.0
            for x, y in (at * unit).tolist():
                rows.append(((x, self._page.height - y), mark.radius * unit, fill, edge, width))
        return Dots(*(np.array(column, dtype=float) for column in zip(*rows, strict=True)))

    def _labels(self, frame: Frame) -> Iterable[Label]:
        page = self._page
        for shown in frame.marks:
            mark = _mark(shown)
            if isinstance(mark, Text) and _opacity(shown) > 0.5:
                at = np.array([mark.at])
                (x, y) = (frame.view.to_page(at, page) if mark.space == "map" else at)[0] + mark.offset
                colour, unit = rgba(mark.lettering.colour), page.unit
                size = mark.lettering.size * unit
                at_page = x * unit, page.height - y * unit
                yield Label(mark.text, *at_page, size, colour, mark.align, mark.angle)


def _still(frames: Sequence[Sequence[Shape]]) -> list[list[Key]]:
    """Runs of strokes that follow each other, opaque, in every frame."""
    orders = [[s[0] if not isinstance(s, Dots) and s[1] == 1 else None for s in shapes] for shapes in frames]
    pairs = set.intersection(*({(a, b) for a, b in pairwise(order)} for order in orders))
    runs: list[list[Key]] = [[]]
    for a, b in pairwise(orders[0]):
        if a is None or b is None or (a, b) not in pairs:
            runs.append([])
        else:
            runs[-1] = [*(runs[-1] or [a]), b]
    return [run for run in runs if len(run) >= _WORTH]


def _stroke(ink: Ink, lettering: bool) -> Stroke:
    pen, hatch = ink.pen, ink.hatch
    return Stroke(
        ink.outline.xy,
        ink.outline.codes,
        rgba(ink.fill) if ink.fill else None,
        rgba(pen.colour) if pen else None,
        pen.width if pen else 0.0,
        tuple(pen.dash) if pen else (),
        rgba(hatch.colour) if hatch else None,
        lettering,
    )


def _paled(colour: str | None, opacity: float) -> Colour:
    red, green, blue, alpha = rgba(colour) if colour else (0.0, 0.0, 0.0, 0.0)
    return red, green, blue, alpha * opacity


def _mark(shown: Shown) -> Mark:
    return shown.mark if isinstance(shown, Faded) else shown


def _opacity(shown: Shown) -> float:
    return shown.opacity if isinstance(shown, Faded) else 1.0
