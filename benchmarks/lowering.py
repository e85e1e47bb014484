"""animap's marks → strokes; done before anyone is timed, so baselines are spared the interpolation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from animap.api import Animation
from animap.draw.painter import Eye, Ink, inks
from animap.marks import Faded, Frame, Group, Mark, Points, Shown, Text, TextAlong, View
from animap.style.colour import rgba
from benchmarks.strokes import Colour, Dots, Drawing, Key, Label, Shape, Still, Stroke

__all__ = ["drawing", "sample"]

_WORTH = 10
"""Strokes from which on a competent user draws a resting run once and keeps the picture."""
_WITNESSES = 120
"""Frames that tell what rests."""
_ALMOST = 0.9
"""Share of them in which it has to: titles and the end card cover what rests otherwise."""


def sample(animation: Animation, start: int, stop: int, *, places: int, frames: int) -> list[int]:
    """Frames that stand for a stretch: of those in flight their share, of the others short runs."""
    resting, flying = _parted(animation, start, stop)
    aloft = round(frames * len(flying) / (stop - start))
    each = (frames - aloft) // places
    begun = (resting[middle] for middle in _spread(len(resting) - each, places))
    runs = [first + n for first in begun for n in range(each)]
    return sorted({*runs, *(flying[n] for n in _spread(len(flying), aloft))})


def _parted(animation: Animation, start: int, stop: int) -> tuple[list[int], list[int]]:
    """Frames in which the camera rests, and those in which it flies."""
    parts: tuple[list[int], list[int]] = [], []
    for index in range(start, stop):
        parts[animation.scene.flies(index)].append(index)
    return parts


def _spread(count: int, parts: int) -> list[int]:
    """The middles of so many equal parts."""
    return [count * (2 * n + 1) // (2 * parts) for n in range(parts)]


def drawing(animation: Animation, indices: Sequence[int], start: int, stop: int) -> Drawing:
    """The frames at these indices as strokes, with what rests all through the stretch that they stand for."""
    resting, _ = _parted(animation, start, stop)
    witnesses = [resting[n] for n in _spread(len(resting), _WITNESSES)]
    return _Lowering(animation).of(*([animation.frame(n) for n in part] for part in (indices, witnesses)))


class _Lowering:
    def __init__(self, animation: Animation) -> None:
        self._page, self._fps = animation.page, int(animation.fps)
        self._keys: dict[tuple[Mark, View | None], list[Key]] = {}
        self._strokes: dict[Key, Stroke] = {}

    def of(self, frames: Sequence[Frame], witnesses: Sequence[Frame]) -> Drawing:
        stations: dict[View, list[list[Shape]]] = {}
        for frame in witnesses:
            stations.setdefault(frame.view, []).append(list(self._shapes(frame)))
        runs = (tuple(run) for station in stations.values() for run in _still(station))
        still = [list(run) for run in dict.fromkeys(runs)]
        shown = [_with_runs(list(self._shapes(frame)), still) for frame in frames]
        # What only witnesses show need not be read by those who draw.
        used = {shape[0] for shapes in shown for shape in shapes if isinstance(shape, tuple)}
        return Drawing(
            width=self._page.width,
            height=self._page.height,
            fps=self._fps,
            background=rgba(frames[0].background),
            strokes={key: self._strokes[key] for key in sorted(used.union(*still))},
            still=still,
            frames=shown,
            labels=[list(self._labels(frame)) for frame in frames],
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
        seen = mark, frame.view if _on_map(mark) else None
        if seen not in self._keys:
            lettering = isinstance(mark, Text | TextAlong)
            # Pictures among the marks (relief) are left out; the film has none.
            found = [ink for ink in inks(mark, Eye(frame.view, self._page)) if isinstance(ink, Ink)]
            first = len(self._strokes)
            self._strokes |= {first + n: _stroke(ink, lettering) for n, ink in enumerate(found)}
            self._keys[seen] = list(range(first, first + len(found)))
        return self._keys[seen]

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
            if isinstance(mark, Text):
                at = np.array([mark.at])
                (x, y) = (frame.view.to_page(at, page) if mark.space == "map" else at)[0] + mark.offset
                lettering, unit, opacity = mark.lettering, page.unit, _opacity(shown)
                yield Label(
                    text=mark.text,
                    x=x * unit,
                    y=page.height - y * unit,
                    size=lettering.size * unit,
                    colour=_paled(lettering.colour, opacity),
                    halo=_paled(lettering.halo, opacity) if lettering.halo else None,
                    halo_width=2 * lettering.halo_width * unit,
                    align=mark.align,
                    angle=mark.angle,
                )


def _still(frames: Sequence[Sequence[Shape]]) -> list[list[Key]]:
    """Runs of strokes that follow each other, opaque, in almost all frames."""
    orders = [[_opaque(shape) for shape in shapes] for shapes in frames]
    seen = Counter(pair for order in orders for pair in set(pairwise(order)) if None not in pair)
    kept = {pair for pair, times in seen.items() if times >= _ALMOST * len(frames)}
    runs: list[list[Key]] = [[]]
    for a, b in pairwise(max(orders, key=lambda order: len(kept.intersection(pairwise(order))))):
        if a is None or b is None or (a, b) not in kept:
            runs.append([])
        else:
            runs[-1] = [*(runs[-1] or [a]), b]
    return [run for run in runs if len(run) >= _WORTH]


def _opaque(shape: Shape) -> Key | None:
    return shape[0] if isinstance(shape, tuple) and shape[1] == 1 else None


def _with_runs(shapes: Sequence[Shape], still: Sequence[Sequence[Key]]) -> list[Shape]:
    """A frame with its resting strokes as runs."""
    keys = [_opaque(shape) for shape in shapes]
    told: list[Shape] = []
    at = 0
    while at < len(shapes):
        found = (n for n, run in enumerate(still) if keys[at : at + len(run)] == run)
        # Stations have runs on the page in common, the one longer than the other.
        longest = max(found, key=lambda n: len(still[n]), default=None)
        told.append(shapes[at] if longest is None else Still(longest))
        at += 1 if longest is None else len(still[longest])
    return told


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


def _on_map(mark: Mark) -> bool:
    return any(map(_on_map, mark.marks)) if isinstance(mark, Group) else mark.space == "map"


def _mark(shown: Shown) -> Mark:
    return shown.mark if isinstance(shown, Faded) else shown


def _opacity(shown: Shown) -> float:
    return shown.opacity if isinstance(shown, Faded) else 1.0
