"""What can be drawn, and a frame of it.

Marks are the hinge of animap: layers know history and produce marks; the canvas knows marks and nothing
of towns or pockets. A mark is frozen and compared by identity: *a mark that did not change is the same
object*, which is how the canvas knows what to draw again.

Two spaces: in `map` coordinates are projected metres, y north; in `page` they are units (1/1080 of the
picture's shorter side, less on a large wall), y downward from the top left corner. Sizes (widths, radii,
type) are always units.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from animap.style import Hatch, Lettering, Pen
from animap.types import Floats, Pixels

__all__ = [
    "Area",
    "Arrow",
    "Badge",
    "Faded",
    "Frame",
    "Group",
    "Image",
    "Limb",
    "Line",
    "Mark",
    "Page",
    "Paths",
    "Points",
    "Shown",
    "Space",
    "Text",
    "TextAlong",
    "View",
    "box",
    "faded",
]

Space: TypeAlias = Literal["map", "page"]
Symbol: TypeAlias = Literal["circle", "square", "diamond", "triangle"]
Align: TypeAlias = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Page:
    """The picture in pixels, and its size in units."""

    width: int
    height: int
    units: float = 1080.0
    """Units in the shorter side."""

    @property
    def unit(self) -> float:
        """Pixels in a unit."""
        return min(self.width, self.height) / self.units

    @property
    def across(self) -> float:
        """Width in units."""
        return self.width / self.unit

    @property
    def down(self) -> float:
        """Height in units."""
        return self.height / self.unit


@dataclass(frozen=True, slots=True)
class View:
    """The stretch of map in the picture: its centre and width, in map metres."""

    x: float
    y: float
    width: float

    def metres_per_unit(self, page: Page) -> float:
        """Map metres that a unit covers."""
        return self.width / page.across

    def to_page(self, xy: Floats, page: Page) -> Floats:
        """Map metres `(n, 2)` → page units `(n, 2)`."""
        scale = 1 / self.metres_per_unit(page)
        return (xy - (self.x, self.y)) * (scale, -scale) + (page.across / 2, page.down / 2)

    def to_map(self, xy: Floats, page: Page) -> Floats:
        """Page units `(n, 2)` → map metres `(n, 2)`."""
        scale = self.metres_per_unit(page)
        return (xy - (page.across / 2, page.down / 2)) * (scale, -scale) + (self.x, self.y)

    def bounds(self, page: Page) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the picture in map metres."""
        half, tall = self.width / 2, self.width / 2 * page.down / page.across
        return self.x - half, self.y - tall, self.x + half, self.y + tall


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Lines or rings in one array: vertices `(n, 2)`; `starts` `(m,)` are the first index of each path."""

    xy: Floats
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, parts: Iterable[Floats]) -> Paths:
        """From one `(k, 2)` array a path."""
        arrays = [np.asarray(p, dtype=float) for p in parts if len(p) > 1]
        if not arrays:
            return cls(np.empty((0, 2)), np.empty(0, np.intp))
        starts = np.cumsum([0, *(len(a) for a in arrays[:-1])]).astype(np.intp)
        return cls(np.concatenate(arrays), starts)

    @classmethod
    def alike(cls, parts: Floats) -> Paths:
        """From paths of as many vertices each, `(m, k, 2)`."""
        return cls(
            parts.reshape(-1, 2), np.arange(0, parts.shape[0] * parts.shape[1], parts.shape[1], dtype=np.intp)
        )

    @classmethod
    def of_geometry(cls, geometry: BaseGeometry) -> Paths:
        """From lines and polygons; holes run the other way than shells, as filling by winding needs."""
        if geometry.is_empty:
            return cls.of(())
        singles = shapely.get_parts(shapely.orient_polygons(geometry))
        # All of them at once: a call for each ring takes many times as long.
        if (shapely.get_type_id(singles) == shapely.GeometryType.POLYGON).all():
            rings = shapely.get_rings(singles)
        else:
            rings = np.concatenate(
                [shapely.get_rings(g) if g.geom_type == "Polygon" else shapely.get_parts(g) for g in singles]
            )
        sizes = shapely.get_num_coordinates(rings)
        rings, sizes = rings[sizes > 1], sizes[sizes > 1]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(sizes) else sizes
        return cls(shapely.get_coordinates(rings), starts.astype(np.intp))

    def parts(self) -> list[Floats]:
        """One `(k, 2)` view a path."""
        return np.split(self.xy, self.starts[1:]) if len(self.starts) else []


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Points:
    """Symbols at `xy` `(n, 2)`, all alike; `radius` in units."""

    xy: Floats
    radius: float
    fill: str | None = None
    pen: Pen | None = None
    symbol: Symbol = "circle"
    space: Space = "map"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Line:
    """Lines, over a wider `casing` where one is given."""

    paths: Paths
    pen: Pen
    casing: Pen | None = None
    space: Space = "map"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Area:
    """Rings filled, hatched and outlined; `teeth` (units) set triangles outward along the outline."""

    paths: Paths
    fill: str | None = None
    hatch: Hatch | None = None
    pen: Pen | None = None
    space: Space = "map"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Limb:
    """One way `xy` `(n, 2)` of a campaign arrow, tail first.

    `width` is that of the body where it meets the head, `tail` the share of it at the tail; the head is
    `head` = (width, length) in units, none where that is nothing. `swallow` is the depth of the tail's
    notch as a share of the tail's width. A limb that is `joined` grows out of another one. `fresh` holds,
    for each step of the arrow's opacity after the first, the distance along `xy` from which on it is
    reached. The limb goes as far as `tip`, a distance along `xy`; its body tapers over the whole of `xy`,
    so that what is drawn stays as it is while the limb grows.
    """

    xy: Floats
    width: float
    tip: float = math.inf
    tail: float = 1.0
    head: tuple[float, float] = (30.0, 30.0)
    swallow: float = 0.0
    joined: bool = False
    fresh: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Arrow:
    """A campaign arrow: a limb of its own (see `Limb`) and `branches`, all of them one figure.

    `steps` are opacities from the oldest part of the body to the newest. `shadow` is a colour, an offset
    right and down, and how far its edge is softened, all in units.
    """

    xy: Floats
    fill: str
    width: float
    tip: float = math.inf
    tail: float = 1.0
    head: tuple[float, float] = (30.0, 30.0)
    swallow: float = 0.0
    fresh: tuple[float, ...] = ()
    branches: tuple[Limb, ...] = ()
    steps: tuple[float, ...] = (1.0,)
    casing: Pen | None = None
    shadow: tuple[str, float, float, float] | None = None
    space: Space = "map"

    @property
    def limbs(self) -> tuple[Limb, ...]:
        """The trunk and its branches."""
        trunk = Limb(
            xy=self.xy,
            width=self.width,
            tip=self.tip,
            tail=self.tail,
            head=self.head,
            swallow=self.swallow,
            fresh=self.fresh,
        )
        return (trunk, *self.branches)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Badge:
    """A round sign of `radius` units about `at`: coloured rings in the unit disc (y downward), one over
    the other, within an edge."""

    at: tuple[float, float]
    radius: float
    parts: tuple[tuple[Paths, str], ...]
    edge: Pen | None = None
    space: Space = "map"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Text:
    """A line of text; `at` is moved by `offset` (units, y down) to its baseline. `angle` is in degrees."""

    text: str
    at: tuple[float, float]
    lettering: Lettering
    align: Align = "left"
    offset: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    language: str = ""
    space: Space = "page"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TextAlong:
    """A line of text set along `xy` `(n, 2)`, centred on `middle` (0 to 1 of its length)."""

    text: str
    xy: Floats
    lettering: Lettering
    middle: float = 0.5
    language: str = ""
    space: Space = "map"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Image:
    """RGBA pixels `(h, w, 4)`, top row first, spread over a box whose `corners` are x, y of its top left and
    of its bottom right; smoothed where the picture has more pixels."""

    pixels: Pixels
    corners: tuple[float, float, float, float]
    space: Space = "map"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Group:
    """Marks that come and go together, from the bottom up: one to the canvas, whatever their number."""

    marks: tuple[Mark, ...]


Mark: TypeAlias = Points | Line | Area | Arrow | Badge | Text | TextAlong | Image | Group


@dataclass(frozen=True, slots=True, eq=False)
class Faded:
    """A mark shown with an opacity below 1; the mark inside stays the same object while it fades."""

    mark: Mark
    opacity: float


Shown: TypeAlias = Mark | Faded


def faded(marks: Iterable[Mark], opacity: float) -> list[Shown]:
    """Marks at an opacity: none at 0, themselves at 1."""
    if opacity <= 0.002:
        return []
    if opacity >= 0.998:
        return list(marks)
    return [Faded(mark, round(opacity, 4)) for mark in marks]


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Paths:
    """A rectangle on the page as a ring, its corners rounded with `radius`; all in units."""
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    if radius <= 0:
        return Paths.of([np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])])
    turn = np.linspace(0, math.pi / 2, 8)
    corners = [
        (right - radius, top + radius, -math.pi / 2),
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, math.pi / 2),
        (left + radius, top + radius, math.pi),
    ]
    arcs = [
        np.column_stack([x + radius * np.cos(turn + a), y + radius * np.sin(turn + a)]) for x, y, a in corners
    ]
    ring = np.concatenate(arcs)
    return Paths.of([np.concatenate([ring, ring[:1]])])


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the film: what is shown, from the bottom up, and through which view."""

    index: int
    second: Fraction
    instant: float
    page: Page
    view: View
    background: str
    marks: tuple[Shown, ...] = field(default=())
    flying: bool = False
    """Whether the view is on its way, so that nothing in this picture will be in the next."""

    def describe(self) -> str:
        """The frame as text, a line a mark, numbers rounded: for comparing without pixels."""
        head = f"frame {self.index} second {float(self.second):.4f} instant {self.instant:.5f}"
        view = f"view {self.view.x:.1f} {self.view.y:.1f} {self.view.width:.1f}"
        return "\n".join([head, view, *(_describe(mark) for mark in self.marks)])


def _describe(mark: Shown | Limb) -> str:
    if isinstance(mark, Faded):
        return f"{_describe(mark.mark)} opacity={mark.opacity:g}"
    words = []
    for part in fields(mark):
        value = getattr(mark, part.name)
        if isinstance(value, np.ndarray) or value != part.default:
            words.append(f"{part.name}={_value(value)}")
    return f"{type(mark).__name__.lower()} {' '.join(words)}"


def _value(value: object) -> str:
    match value:
        case np.ndarray() if value.ndim == 3:
            return "x".join(str(n) for n in value.shape) + f"/{zlib.crc32(value.tobytes()):08x}"
        case np.ndarray():
            return _array(value)
        case Paths():
            return f"{len(value.starts)}x{_array(value.xy)}"
        case Limb():
            return _describe(value)
        case Lettering():
            return f"{Path(value.font).stem}/{value.size:g}/{value.colour}"
        case Pen():
            return f"{value.colour}/{value.width:g}"
        case Hatch():
            return f"{value.colour}/{value.spacing:g}"
        case Points() | Line() | Area() | Arrow() | Text() | TextAlong() | Image() | Group():
            return _describe(value)
        case tuple():
            return "(" + ",".join(_value(v) for v in value) + ")"
        case float():
            return f"{value:.4g}" if abs(value) < 10000 else f"{value:.0f}"
        case str():
            return value if value.startswith("#") else repr(value)
        case _:
            return str(value)


def _array(xy: Sequence[Sequence[float]] | NDArray[np.float64]) -> str:
    """Count, centre and spread of coordinates: enough to see any change, short enough to read."""
    a = np.asarray(xy)
    if len(a) <= 2:
        return "[" + " ".join(f"{x:.1f},{y:.1f}" for x, y in a) + "]"
    (x, y), (w, h) = a.mean(axis=0), np.ptp(a, axis=0)
    return f"[{len(a)}@{x:.1f},{y:.1f}±{w:.1f},{h:.1f}]"
