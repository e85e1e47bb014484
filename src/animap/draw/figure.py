"""Campaign arrows as pixels: only those tiles are worked out again in which an arrow has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from animap.draw.arrow_layers import Eye, Held, scale_of
from animap.draw.limbs import Shape
from animap.draw.press import EMPTY, STAMP, Sprite, Words, degrees, print_stamps
from animap.draw.relief import Relief
from animap.draw.stamps import Edge, Stamp
from animap.draw.tiles import under
from animap.geo.lines import lengths
from animap.marks import Arrow, Limb, Page, Space
from animap.style.colour import rgba
from animap.types import Rect

__all__ = ["Figures"]

_SHADOW = 0.27
"""Blur of a shadow as a share of its softness: its edge fades over as many pixels as that says."""
_SHARP = 0.05
"""Blur in pixels of which nothing is seen."""
_SPARE = 64
"""Tiles that nobody needs any more, beyond as many as are needed, that may lie about."""


class Figures:
    """The arrows of the last frame, from which those of the next are made."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._now: dict[tuple[object, ...], _Figure] = {}
        self._before: dict[tuple[object, ...], _Figure] = {}

    def turn(self, gone: Iterable[Arrow], eye: Eye) -> None:
        """Begin a frame: what leaves with it can still become another; what left before is forgotten."""
        keys = [key for mark in gone if (key := _key(mark, eye)) in self._now]
        self._before = {key: self._now.pop(key) for key in dict.fromkeys(keys)}

    def sprite(self, mark: Arrow, eye: Eye) -> Sprite:
        """An arrow's tiles; those that are as they were are the same memory."""
        figure = _Figure(mark, eye, self._page)
        figure.draw(self._before.get(figure.key))
        self._now[figure.key] = figure
        return figure.sprite

    def keep(self, mark: Arrow, eye: Eye) -> None:
        """Remember an arrow that the frame shows as it was."""
        key = _key(mark, eye)
        if key in self._before:
            self._now[key] = self._before[key]


def _key(mark: Arrow, eye: Eye) -> tuple[object, ...]:
    return Held(mark.xy), eye, mark.space, mark.fill, mark.casing, mark.shadow


@dataclass(frozen=True, slots=True)
class _Part:
    """A limb as it is shown: its relief, an opacity for each grade of it, and its head."""

    relief: Relief
    shades: NDArray[np.uint8]
    head: Stamp | None
    head_shade: int

    def stamps(self) -> list[bytes]:
        """All that has any ink, as lists of the type `STAMP`."""
        body = self.relief.stamps(self.shades).tobytes()
        if self.head is None:
            return [body]
        return [body, np.array([self.head.record(self.head_shade)], STAMP).tobytes()]

    def differs(self, other: _Part) -> list[Rect]:
        """Where two states of one limb can differ."""
        rects = self.relief.rects(self.shades != other.shades)
        if self.head is not other.head or self.head_shade != other.head_shade:
            rects += [part.head.rect for part in (self, other) if part.head]
        return rects

    def rects(self) -> list[Rect]:
        """Where it can have ink."""
        return self.relief.rects(self.shades != 0) + ([self.head.rect] if self.head else [])


class _Figure:
    """One arrow in one frame."""

    def __init__(self, mark: Arrow, eye: Eye, page: Page) -> None:
        self.mark, self._eye, self._page = mark, eye, page
        self.key = _key(mark, eye)
        self.sprite = EMPTY

    @cached_property
    def parts(self) -> dict[Relief, _Part]:
        """The limbs that show, by what they share with their other states."""
        mark, unit = self.mark, self._eye.unit
        casing, shift, soft = mark.casing.width * unit / 2 if mark.casing else 0.0, (0, 0), 0.0
        if mark.shadow and rgba(mark.shadow[0])[3] > 0:
            # One without softness still lies beside what casts it.
            soft = max(_SHADOW * mark.shadow[3] * unit, _SHARP)
            shift = round(mark.shadow[1] * unit), round(mark.shadow[2] * unit)
        edge = Edge(casing, shift, soft)
        parts = {}
        for limb in mark.limbs:
            part = _part(limb, mark, edge, self._eye, self._page)
            if part:
                parts[part.relief] = part
        return parts

    def draw(self, old: _Figure | None) -> None:
        """Make the tiles, from those of another state of this arrow where there is one."""
        rects = self._changes(old.parts if old else {})
        page, mark = self._page, self.mark
        touched = under(rects, page.width, page.height).ravel()
        asked = np.flatnonzero(touched).astype(np.int32)
        shadow, casing = mark.shadow[0] if mark.shadow else None, mark.casing.colour if mark.casing else None
        # As bytes, since numpy takes its time over each field of such lists.
        stamps = np.frombuffer(
            b"".join(rows for part in self.parts.values() for rows in part.stamps()), STAMP
        )
        printed = print_stamps(stamps, asked, _colours(shadow, casing, mark.fill), page)
        self.sprite = _patched(old.sprite, touched, printed) if old else printed

    def _changes(self, before: Mapping[Relief, _Part]) -> list[Rect]:
        rects: list[Rect] = []
        for relief in {**before, **self.parts}:
            a, b = before.get(relief), self.parts.get(relief)
            if a and b:
                rects += a.differs(b)
            else:
                rects += [rect for part in (a, b) if part for rect in part.rects()]
        return rects


@lru_cache(maxsize=256)
def _colours(*planes: str | None) -> Words:
    return np.concatenate([degrees(colour) for colour in planes])


def _patched(old: Sprite, touched: NDArray[np.bool_], new: Sprite) -> Sprite:
    """A sprite with the touched of a page's tiles printed anew; those that it has no more are empty."""
    stay = ~touched[old.numbers]
    numbers = np.concatenate([old.numbers[stay], new.numbers])
    order = np.argsort(numbers)
    tiles = np.concatenate([old.tiles[stay], new.tiles])[order]
    patched = Sprite(numbers[order], tiles, np.zeros(len(order), np.bool_), (*old.held, *new.held))
    if sum(map(len, patched.held)) <= 2 * len(order) + _SPARE:
        return patched
    return Sprite.of(patched.numbers, patched.pixels(), patched.opaque)


def _part(limb: Limb, mark: Arrow, edge: Edge, eye: Eye, page: Page) -> _Part | None:
    if len(limb.xy) < 2:
        return None
    held = Held(limb.xy)
    placed = _placed(held, mark.space, eye, limb.width, limb.tail, limb.swallow, limb.joined, edge, page)
    if placed is None:
        return None
    relief, total, scale = placed
    tip, unit = min(limb.tip * scale, total), eye.unit
    if not (tip > 0 and (min(limb.head) > 0 or limb.head == (0.0, 0.0))):
        return None
    foot = tip - min(tip, limb.head[1] * unit)
    shown = int(np.searchsorted(relief.grades, foot))
    reached, opacities = _steps(limb, mark.steps, scale, tip)
    shades = np.zeros(len(relief.grades), np.uint8)
    # Opacity rises evenly between steps.
    shades[:shown] = np.round(np.interp(relief.grades[:shown], reached, opacities) * 255)
    head = relief.head(tip, (limb.head[0] * unit, limb.head[1] * unit))
    return _Part(relief, shades, head, round(float(np.interp(tip, reached, opacities)) * 255))


def _steps(
    limb: Limb, steps: Sequence[float], scale: float, tip: float
) -> tuple[list[float], Sequence[float]]:
    """Distances at which a limb reaches its steps of opacity, before its tip, and these."""
    begins = limb.fresh[: len(steps) - 1]
    reached = [d * scale for d in begins if d * scale < tip - 1e-6]
    if reached:
        return reached, steps[1 : len(reached) + 1]
    return [0.0], [steps[0] if begins else steps[-1]]


@lru_cache(maxsize=512)
def _placed(
    held: Held,
    space: Space,
    eye: Eye,
    width: float,
    tail: float,
    swallow: float,
    joined: bool,
    edge: Edge,
    page: Page,
) -> tuple[Relief, float, float] | None:
    """A limb's relief, the length of its way in pixels, and pixels in its own unit; None where it has no
    length or no width."""
    xy = eye.pixels(held.xy, space)
    unit = eye.unit
    relief = Relief.of(Shape(xy, width * unit, tail, (0.0, 0.0), swallow, joined), edge, page)
    return (relief, float(lengths(xy)[-1]), scale_of(held.xy, xy)) if relief else None
