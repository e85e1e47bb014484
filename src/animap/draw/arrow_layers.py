"""What a campaign arrow is painted as, from the bottom up: soft shadow, casing, body in its steps of opacity.

Opacity that changes along a body is painted as nested figures, each from a younger place to the tip and
laid over those before: no two of them meet edge to edge, so no seam shows, in pixels or in vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from animap.draw.arrow import Cast, Mould, Shape, joined
from animap.geo.lines import lengths, part
from animap.marks import Arrow, Limb, Paths, Space
from animap.style.colour import with_alpha
from animap.types import Floats

__all__ = ["Eye", "Held", "arrow_layers", "scale_of"]

_SOFT = (1.0, 0.85, 0.7, 0.5, 0.35, 0.2)
_SWIFT = (0.9, 0.6, 0.3)
"""Soft edges: how far each of the layers of a shadow reaches, as a share of the whole softness; and fewer of
them for what is seen in flight only."""
_CASING_STEPS = 4


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
    limbs = [_Placed.of(limb, mark.space, eye, pieced=swift) for limb in mark.limbs if len(limb.xy) > 1]
    layers = _shadow(mark, limbs, eye.unit, _SWIFT if swift else _SOFT)
    return [*layers, *_casing(mark, limbs, eye.unit), *_body(mark, limbs)]


def _shadow(
    mark: Arrow, limbs: Sequence[_Placed], unit: float, shares: Sequence[float]
) -> Iterator[tuple[Paths, str]]:
    if not mark.shadow:
        return
    colour, right, down, soft = mark.shadow
    for n, share in enumerate(shares):
        # What is old and pale casts no shadow, and it ends no more sharply than the body does.
        step = round((len(mark.steps) - 1) * (n + 1) / len(shares))
        paths = _figure(limbs, step, (share - 0.5) * soft * unit)
        yield (
            Paths(paths.xy + np.array([right, -down]) * unit, paths.starts),
            with_alpha(colour, 1 / len(shares)),
        )


def _casing(mark: Arrow, limbs: Sequence[_Placed], unit: float) -> Iterator[tuple[Paths, str]]:
    if mark.casing:
        last = len(mark.steps) - 1
        steps = sorted({round(last * n / _CASING_STEPS) for n in range(_CASING_STEPS + 1)})
        yield from _nested(mark, limbs, steps, mark.casing.colour, mark.casing.width * unit / 2)


def _body(mark: Arrow, limbs: Sequence[_Placed]) -> Iterator[tuple[Paths, str]]:
    yield from _nested(mark, limbs, range(len(mark.steps)), mark.fill, 0.0)


def _nested(
    mark: Arrow, limbs: Sequence[_Placed], steps: Sequence[int], colour: str, grow: float
) -> Iterator[tuple[Paths, str]]:
    done = 0.0
    for step, later in zip(steps, (*steps[1:], None), strict=True):
        if later is not None and all(limb.start(step) == limb.start(later) for limb in limbs):
            continue
        opacity = mark.steps[step]
        # Laid over what is there already, each step brings the newer part up to its own opacity.
        more = (opacity - done) / (1 - done) if done < 1 else 0.0
        done = max(done, opacity)
        if more > 0:
            yield _figure(limbs, step, grow), with_alpha(colour, more)


def _figure(limbs: Sequence[_Placed], step: int, grow: float) -> Paths:
    """The part of all limbs that has reached a step of opacity."""
    shown = [limb for limb in limbs if limb.start(step) < limb.mould.total]
    rings = [ring for limb in shown for ring in limb.cast(grow).pieces(limb.start(step))]
    if not all(limb.pieced for limb in limbs) and all(limb.start(step) <= 0 for limb in limbs):
        # What is drawn whole is drawn as one outline, whose edge is as fine everywhere.
        return Paths.of_geometry(joined(rings, max((limb.width for limb in limbs), default=0.0)))
    return Paths.of(np.concatenate([ring, ring[:1]]) for ring in rings)


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
    """A limb in pixels, where its steps of opacity begin, and its casts, each made once for all steps."""

    mould: Mould
    fresh: tuple[float, ...]
    pieced: bool
    casts: dict[float, Cast] = field(default_factory=dict)

    @classmethod
    def of(cls, limb: Limb, space: Space, eye: Eye, *, pieced: bool) -> _Placed:
        u = eye.unit
        scale = scale_of(limb.xy, space, eye)
        xy, whole = eye.pixels(limb.xy, space), None
        if math.isfinite(limb.tip):
            along = lengths(xy)
            xy, whole = part(xy, along, 0.0, limb.tip * scale), float(along[-1])
        head = (limb.head[0] * u, limb.head[1] * u)
        shape = Shape(xy, limb.width * u, limb.tail, head, limb.swallow, limb.joined, whole)
        return cls(Mould.of(shape), tuple(d * scale for d in limb.fresh), pieced)

    @property
    def width(self) -> float:
        """Of the body at the head."""
        return self.mould.shape.width

    def start(self, step: int) -> float:
        """Where a step begins; a limb that has fewer is as new as the newest."""
        return self.fresh[step - 1] if 0 < step <= len(self.fresh) else 0.0

    def cast(self, grow: float) -> Cast:
        """The limb ready for drawing, `grow` wider on all sides."""
        if grow not in self.casts:
            self.casts[grow] = self.mould.cast(grow)
        return self.casts[grow]


def scale_of(xy: Floats, space: Space, eye: Eye) -> float:
    """Pixels in a unit of a way `(n, 2)`: one for all of it, as both spaces are maps of one plane."""
    ends = eye.pixels(xy[[0, -1]], space)
    span = float(np.hypot(*(xy[-1] - xy[0])))
    if span > 0:
        return float(np.hypot(*(ends[1] - ends[0]))) / span
    return float(lengths(eye.pixels(xy, space))[-1]) / (float(lengths(xy)[-1]) or 1.0)
