"""How far ink covers each pixel of an arrow's body, and how far along the way that pixel lies.

Both are settled once for the whole way: how much of a body is seen, and how pale which part of it is,
are then only a table from distance to opacity. So a growing and paling arrow costs little more than its
head. Coverage comes in *planes*: soft shadow, casing, body.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from animap.draw.arrow import Body, Shape, Spine
from animap.draw.press import cover
from animap.types import Floats, Pixels, Rect

__all__ = ["Edge", "Relief", "Stamp", "stamp"]

_Places = NDArray[np.int64]
_Numbers = NDArray[np.floating[Any]]
_CHUNK = 8
"""Slices of a body that are worked out together."""
_STEP = 16
"""Pixels by which the sizes of stamps differ."""
_GRADES = 4
"""Steps of distance in a slice."""
_MOVE, _LINE, _CLOSE = 1, 2, 79


@dataclass(frozen=True, slots=True)
class Edge:
    """What lies round a body, in pixels: width of its casing; offset (right, down) and blur of its shadow."""

    casing: float = 0.0
    shift: tuple[int, int] = (0, 0)
    soft: float | None = None

    @property
    def reach(self) -> int:
        """Pixels beyond the body at which there is nothing any more."""
        soft = 3 * self.soft + max(map(abs, self.shift)) if self.soft is not None else 0.0
        return math.ceil(max(self.casing, soft)) + 2


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """Planes `(3, h, w)` over a rectangle of the page; `grades`, of the same shape, say where on its chunk of
    the way each pixel lies, None where that is the same for all."""

    rect: Rect
    planes: Pixels
    grades: NDArray[np.uint16] | None = None


def stamp(
    bodies: Sequence[Floats], casings: Sequence[Floats], edge: Edge, size: tuple[int, int], pen: float = 0.0
) -> Stamp | None:
    """Rings (pixels, y upward) as planes, on a page of a size; `pen` is a line round the casing's rings."""
    box = _box(bodies, edge.reach)
    if box is None or not _on_page(box, size):
        return None
    body, casing = _covered(bodies, box), _covered(casings, box, pen) if casings else None
    return Stamp(_flipped(box, size[1]), _planes(body, casing, edge))


def _planes(body: Pixels, casing: Pixels | None, edge: Edge) -> Pixels:
    planes = np.zeros((3, *body.shape), np.uint8)
    planes[2] = body
    if casing is not None:
        planes[1] = casing
    if edge.soft is not None:
        planes[0] = _shifted(_blurred(body, edge.soft), *edge.shift)
    return planes


@dataclass(eq=False)
class Relief:
    """The body of a limb along its whole way, chunk by chunk; each is worked out when it is first seen."""

    body: Body
    cased: Body
    edge: Edge
    size: tuple[int, int]
    """Width and height of the page."""
    _chunks: dict[int, Stamp | None] = field(default_factory=dict)

    @classmethod
    def of(cls, shape: Shape, edge: Edge, size: tuple[int, int]) -> Relief | None:
        """Of a limb in pixels; None where its way has no length or it has no width."""
        way = shape.xy
        way = way[np.concatenate([[True], np.any(np.diff(way, axis=0) != 0, axis=1)])]
        if len(way) < 2 or shape.width <= 0:
            return None
        spine, grow = Spine.of(way, shape.width, shape), edge.casing
        body = spine.body()
        return cls(body, spine.body(grow, 0.0 if shape.joined else grow) if grow else body, edge, size)

    @property
    def grades(self) -> Floats:
        """Distance of each grade along the way, `(n,)`."""
        step = self.body.at[1] / _GRADES
        result: Floats = (np.arange(_GRADES * (len(self.body.at) - 1)) + 0.5) * step
        return result

    def spans(self) -> list[tuple[int, int]]:
        """The grades `(first, stop)` of each chunk."""
        count = len(self.body.at) - 1
        return [(i * _GRADES, min(i + _CHUNK, count) * _GRADES) for i in range(0, count, _CHUNK)]

    def chunk(self, number: int) -> Stamp | None:
        """A chunk's planes and grades; None off the page."""
        if number not in self._chunks:
            self._chunks[number] = self._chunk(number)
        return self._chunks[number]

    def _chunk(self, number: int) -> Stamp | None:
        at, reach = self.body.at, self.edge.reach
        first, last = number * _CHUNK, min((number + 1) * _CHUNK, len(at) - 1)
        # A little more than the chunk, so that what is blurred and rounded at its ends is the body's inside.
        more = math.ceil(reach / float(at[1])) + 1
        a, b = max(0, first - more), min(len(at) - 1, last + more)
        box = _box([self.body.left[a : b + 1], self.body.right[a : b + 1]], reach)
        if box is None or not _on_page(box, self.size):
            return None
        late = self.cased.at[-1] - at[-1]
        body = _covered(self.body.until(float(at[b])).pieces(float(at[a])), box)
        start = float(at[a]) + late if a else 0.0
        casing = (
            _covered(self.cased.until(float(at[b]) + late).pieces(start), box) if self.edge.casing else None
        )
        planes = _planes(body, casing, self.edge)
        places, ink = self._places(box, a, b, planes)
        low, high = first * _GRADES, last * _GRADES
        own = (places >= low if a else True) & ((places < high) if b < len(at) - 1 else True)
        planes *= ink & own
        # Counted from the chunk's own first: a way has more of them than 16 bits can tell apart.
        grades = np.clip(places - low, 0, high - 1 - low).astype(np.uint16)
        return Stamp(_flipped(box, self.size[1]), planes, grades)

    def _places(
        self, box: Rect, a: int, b: int, planes: Pixels
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The grade that is nearest to each pixel of the planes, and where these have ink."""
        left, _, _, top = box
        ink = planes > 0
        places = np.zeros(planes.shape, dtype=np.int64)
        where = ink[1] | ink[2]
        rows, columns = np.nonzero(where)
        flat: _Places = np.zeros(where.shape, dtype=np.int64)
        flat[rows, columns] = self._nearest(left + columns + 0.5, top - rows - 0.5, a, b)
        places[1:] = flat
        if self.edge.soft is not None:
            right, down = self.edge.shift
            rows, columns = np.nonzero(ink[0])
            places[0, rows, columns] = self._nearest(
                left + columns + 0.5 - right, top - rows - 0.5 + down, a, b
            )
        return places, ink

    def _nearest(self, x: _Numbers, y: _Numbers, a: int, b: int) -> _Places:
        feet = self.body.xy[a : b + 1]
        step = np.diff(feet, axis=0)
        dx, dy = x[:, None] - feet[:-1, 0], y[:, None] - feet[:-1, 1]
        share = np.clip((dx * step[:, 0] + dy * step[:, 1]) / (step**2).sum(axis=1), 0, 1)
        away = (dx - share * step[:, 0]) ** 2 + (dy - share * step[:, 1]) ** 2
        best = away.argmin(axis=1)
        place = a + best + share[np.arange(len(best)), best]
        result: _Places = np.floor(place * _GRADES).astype(np.int64)
        return result


def _box(rings: Sequence[Floats], reach: int) -> Rect | None:
    """Whole pixels round rings, y upward."""
    xy = np.concatenate(rings) if rings else np.empty((0, 2))
    if not len(xy) or not np.isfinite(xy).all():
        return None
    (x0, y0), (x1, y1) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    left, bottom = math.floor(x0) - reach, math.floor(y0) - reach
    # To few sizes, so that what is drawn on can be used again.
    wide, high = (
        _STEP * math.ceil((end + reach - start) / _STEP) for end, start in ((x1, left), (y1, bottom))
    )
    return left, bottom, left + wide, bottom + high


def _on_page(box: Rect, size: tuple[int, int]) -> bool:
    return box[0] < size[0] and box[2] > 0 and box[1] < size[1] and box[3] > 0


def _flipped(box: Rect, height: int) -> Rect:
    """From y upward to y downward."""
    return box[0], height - box[3], box[2], height - box[1]


def _covered(rings: Sequence[Floats], box: Rect, pen: float = 0.0) -> Pixels:
    """How far rings, filled together, cover the pixels of a box, `(h, w)`, top row first."""
    left, bottom, right, top = box
    plane = np.zeros((top - bottom, right - left), np.uint8)
    if not rings:
        return plane
    closed = np.concatenate([part for ring in rings for part in (ring, ring[:1])]) - (left, bottom)
    codes = np.full(len(closed), _LINE, dtype=np.uint8)
    ends = np.cumsum([len(ring) + 1 for ring in rings])
    codes[ends - 1] = _CLOSE
    codes[np.concatenate([[0], ends[:-1]])] = _MOVE
    cover(closed, codes, plane)
    if pen:
        cover(closed, codes, plane, pen)
    return plane


def _blurred(plane: Pixels, radius: float) -> Pixels:
    return np.asarray(Image.fromarray(plane).filter(ImageFilter.GaussianBlur(radius)))


def _shifted(plane: Pixels, right: int, down: int) -> Pixels:
    # The edge is clear as far as the reach: nothing comes back in on the other side.
    return np.roll(plane, (down, right), axis=(0, 1))
