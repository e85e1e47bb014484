"""What a campaign arrow is painted as, from the bottom up: soft shadow, casing, body in its steps of opacity.

Opacity that changes along a body is painted as nested figures, each from a younger place to the tip and
laid over those before: no two of them meet edge to edge, so no seam shows, in pixels or in vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeAlias

from animap.draw.arrow import joined, limb_rings
from animap.draw.limbs import Outline, Shape, draw_limbs
from animap.geo.lines import lengths
from animap.marks import Arrow, Limb, Paths, Space
from animap.style.colour import with_alpha
from animap.types import Floats

__all__ = ["Eye", "Held", "arrow_layers", "scale_of"]

_SOFT = (1.0, 0.85, 0.7, 0.5, 0.35, 0.2)
_SWIFT = (0.9, 0.6, 0.3)
"""Soft edges: how far each of the layers of a shadow reaches, as a share of the whole softness; and fewer of
them for what is seen in flight only."""
_CASING_STEPS = 4


_faded = lru_cache(maxsize=512)(with_alpha)


class Eye(Protocol):
    """From marks to pixels."""

    @property
    def unit(self) -> float:
        """Pixels in a unit."""

    def pixels(self, xy: Floats, space: Space) -> Floats:
        """Pixels `(n, 2)`, y upward."""

    def __hash__(self) -> int:
        """Equal eyes see the same."""


def arrow_layers(mark: Arrow, eye: Eye, *, swift: bool = False) -> list[tuple[Paths, str]]:
    """Paths in pixels and the colours they are filled with, by non-zero winding; `swift` ones are made for
    pixels in flight, not for a pen: with a coarser shadow, and in pieces that overlap."""
    limbs = [_Placed.of(limb, mark.space, eye) for limb in mark.limbs if len(limb.xy) > 1]
    layers = [*_shadow(mark, limbs, eye.unit, _SWIFT if swift else _SOFT)]
    layers += [*_casing(mark, limbs, eye.unit), *_body(mark, limbs)]
    shapes, outlines = [limb.shape for limb in limbs], [outline for outline, _ in layers]
    figures = draw_limbs(shapes, outlines) if swift else [_figure(shapes, outline) for outline in outlines]
    return [(paths, colour) for paths, (_, colour) in zip(figures, layers, strict=True)]


_Layers: TypeAlias = Iterator[tuple[Outline, str]]


def _shadow(mark: Arrow, limbs: Sequence[_Placed], unit: float, shares: Sequence[float]) -> _Layers:
    if not mark.shadow:
        return
    colour, right, down, soft = mark.shadow
    for n, share in enumerate(shares):
        # What is old and pale casts no shadow, and it ends no more sharply than the body does.
        step = round((len(mark.steps) - 1) * (n + 1) / len(shares))
        grow, starts = (share - 0.5) * soft * unit, [limb.start(step) for limb in limbs]
        yield Outline(starts, grow, grow, right * unit, -down * unit), _faded(colour, 1 / len(shares))


def _casing(mark: Arrow, limbs: Sequence[_Placed], unit: float) -> _Layers:
    if mark.casing:
        last = len(mark.steps) - 1
        steps = sorted({round(last * n / _CASING_STEPS) for n in range(_CASING_STEPS + 1)})
        yield from _nested(mark, limbs, steps, mark.casing.colour, mark.casing.width * unit / 2)


def _body(mark: Arrow, limbs: Sequence[_Placed]) -> _Layers:
    yield from _nested(mark, limbs, range(len(mark.steps)), mark.fill, 0.0)


def _nested(mark: Arrow, limbs: Sequence[_Placed], steps: Sequence[int], colour: str, grow: float) -> _Layers:
    done = 0.0
    starts = [[limb.start(step) for limb in limbs] for step in steps]
    for step, begin, later in zip(steps, starts, (*starts[1:], None), strict=True):
        if begin == later:
            continue
        opacity = mark.steps[step]
        # Laid over what is there already, each step brings the newer part up to its own opacity.
        more = (opacity - done) / (1 - done) if done < 1 else 0.0
        done = max(done, opacity)
        if more > 0:
            yield Outline(begin, grow, grow), _faded(colour, more)


def _figure(shapes: Sequence[Shape], outline: Outline) -> Paths:
    """Limbs as a pen may follow them."""
    rings = limb_rings(shapes, outline)
    if max(outline.starts, default=0.0) > 0:
        return Paths.of(rings)
    # What is drawn whole is drawn as one outline, whose edge is as fine everywhere.
    return Paths.of_geometry(joined(rings, max((shape.width for shape in shapes), default=0.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An array by its identity: as long as an arrow does not move, its ways stay the same objects."""

    xy: Floats

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and other.xy is self.xy

    def __hash__(self) -> int:
        return id(self.xy)


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A limb in pixels, and where its steps of opacity begin."""

    shape: Shape
    fresh: tuple[float, ...]

    @classmethod
    def of(cls, limb: Limb, space: Space, eye: Eye) -> _Placed:
        unit, xy = eye.unit, eye.pixels(limb.xy, space)
        scale = scale_of(limb.xy, xy)
        head, tip = (limb.head[0] * unit, limb.head[1] * unit), limb.tip * scale
        shape = Shape(xy, limb.width * unit, limb.tail, head, limb.swallow, limb.joined, tip)
        return cls(shape, tuple(d * scale for d in limb.fresh))

    def start(self, step: int) -> float:
        """Where a step begins; a limb that has fewer is as new as the newest."""
        return self.fresh[step - 1] if 0 < step <= len(self.fresh) else 0.0


def scale_of(xy: Floats, pixels: Floats) -> float:
    """Pixels in a unit of a way `(n, 2)`: one for all of it, as both spaces are maps of one plane."""
    span = math.dist(xy[0], xy[-1])
    if span > 0:
        return math.dist(pixels[0], pixels[-1]) / span
    return float(lengths(pixels)[-1]) / (float(lengths(xy)[-1]) or 1.0)
