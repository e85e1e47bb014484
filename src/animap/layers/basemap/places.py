"""Names of countries, regions and seas: letter-spaced, and they yield to every other name."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from animap.layers.base import Candidate, Name, Rect, Setting
from animap.layers.basemap.contents import Contents, Place
from animap.layers.lettering import text_box
from animap.marks import Text
from animap.style import Lettering
from animap.types import Floats

__all__ = ["place_names"]

_NEARBY = np.array([(dx * 36.0, dy * 24.0) for dx in range(-5, 6) for dy in range(-5, 6)])
"""Units by which a name may be moved from its place on the map."""
_ANOTHER_SPOT = 2.0
"""Cost of each spot after the first."""
_TIGHTER = ((1.0, 1.0, 0.0), (0.5, 1.0, 5.0), (0.35, 0.8, 7.0))
"""Ways to set a name: shares of its letter space and of its size, and how much less liked each is."""
_LATER, _LATE = 0.72, 7.0
"""Share of the film after which a name may come that has no room before, and how much less liked that is."""
_ASTRAY, _MOST_ASTRAY = 12.0, 0.4
"""Cost of a name that lies wholly on land where it names water, or the other way round; the share of it
that may, at most."""
_PUSH = 1.0
"""How much worse off another name may be for one of these."""
_BREATH = 0.3
"""Room at both ends of a name, as a share of its size: it must not seem to belong to what stands there."""


def place_names(contents: Contents, setting: Setting) -> list[Name]:
    """A name a place, with all its spots and what lies around them."""
    style = setting.style.basemap
    kinds: dict[str, tuple[Lettering, float]] = {
        "country": (style.country, 25.0),
        "sea": (style.sea_name, 26.0),
        "strait": (style.strait_name or style.sea_name, 27.0),
        "region": (style.region, 28.0),
    }
    shore = _Shore(contents, setting)
    names = []
    for place in contents.places:
        lettering, priority = kinds[place.kind]
        # The name of a small stretch of land or water must not wander off it.
        wander = 3.0 if place.kind in ("region", "strait") else 10.0
        candidates = sorted(_candidates(place, lettering, wander, shore, setting), key=lambda c: c.cost)
        limit = wander + _ANOTHER_SPOT * (len(place.spots) - 1) + _LATE + _TIGHTER[1][2]
        text = setting.book.pick(place.names)
        names.append(
            Name(f"{place.kind}:{text}", tuple(candidates), priority, limit=limit, push=_PUSH, points=False)
        )
    return names


def _candidates(
    place: Place, lettering: Lettering, wander: float, shore: _Shore, setting: Setting
) -> Iterator[Candidate]:
    """Every spot and what lies around it, set wide and tight, for the whole film or its later part."""
    text, language = setting.book.pick(place.names), setting.book.language
    later = float(setting.clock.seconds) * _LATER
    near = _NEARBY[np.hypot(*_NEARBY.T) / 20 <= wander]
    for number, (at, angle) in enumerate(place.spots):
        x, y = setting.view.to_page(np.array([at]), setting.page)[0]
        for tracking, size, tight in _TIGHTER:
            letters = lettering.model_copy(
                update={"tracking": lettering.tracking * tracking, "size": lettering.size * size}
            )
            around = np.array(_along_boxes(text, letters, x, y, angle, language))
            astray = shore.astray(around, near, wet=place.kind in ("sea", "strait"))
            fits = (astray <= _MOST_ASTRAY) & _on_page(around, near, setting)
            for (dx, dy), off in zip(near[fits].tolist(), astray[fits].tolist(), strict=True):
                boxes = around + np.array([dx, dy, dx, dy])
                mark = Text(
                    text=text,
                    at=at,
                    offset=(dx, dy),
                    lettering=letters,
                    align="centre",
                    angle=angle,
                    language=language,
                    space="map",
                )
                claimed = tuple((l, t, r, b) for l, t, r, b in boxes.tolist())
                cost = math.hypot(dx, dy) / 20 + number * _ANOTHER_SPOT + tight + off * _ASTRAY
                yield Candidate((mark,), claimed, cost)
                yield Candidate((mark,), claimed, cost + _LATE, later)


def _on_page(boxes: Floats, moves: Floats, setting: Setting) -> NDArray[np.bool_]:
    """Whether boxes `(n, 4)` stand on the page as a whole, after each of `moves` `(m, 2)`."""
    page = setting.page
    low, high = boxes[:, :2].min(axis=0) + moves, boxes[:, 2:].max(axis=0) + moves
    inside: NDArray[np.bool_] = (low > 0).all(axis=1) & (high < (page.across, page.down)).all(axis=1)
    return inside


class _Shore:
    """Where land is in the picture."""

    def __init__(self, contents: Contents, setting: Setting) -> None:
        self._setting = setting
        half = setting.view.width / 2 * max(1.0, setting.page.down / setting.page.across)
        x, y = setting.view.x, setting.view.y
        seen = shapely.intersection(contents.land, shapely.box(x - half, y - half, x + half, y + half))
        self._land = shapely.simplify(seen, setting.metres_per_unit)
        shapely.prepare(self._land)

    def astray(self, boxes: Floats, moves: Floats, *, wet: bool) -> Floats:
        """The share `(m,)` of boxes `(n, 4)` that lies on land, or off it, after each of `moves` `(m, 2)`."""
        setting, unit = self._setting, self._setting.metres_per_unit
        if self._land.is_empty:
            return np.zeros(len(moves))
        points = _grid(boxes)
        page = (points[None] + moves[:, None]).reshape(-1, 2)
        x = setting.view.x + (page[:, 0] - setting.page.across / 2) * unit
        y = setting.view.y - (page[:, 1] - setting.page.down / 2) * unit
        dry = shapely.contains_xy(self._land, x, y).reshape(len(moves), -1).mean(axis=1)
        share: Floats = dry if wet else 1 - dry
        return share


def _grid(boxes: Floats) -> Floats:
    """Points in boxes `(n, 4)` of one size, as far apart across as a box is high."""
    left, top, right, bottom = boxes[0]
    across = np.linspace(0, 1, max(2, round((right - left) / (bottom - top)) + 1))
    shares = np.stack(np.meshgrid(across, np.linspace(0, 1, 3)), axis=-1).reshape(-1, 2)
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    points: Floats = (low + (high - low) * shares).reshape(-1, 2)
    return points


def _along_boxes(
    text: str, lettering: Lettering, x: float, y: float, angle: float, language: str
) -> tuple[Rect, ...]:
    left, top, right, bottom = text_box(text, lettering, x, y, "centre", language)
    left, right = left - _BREATH * lettering.size, right + _BREATH * lettering.size
    if not angle:
        return ((left, top, right, bottom),)
    turn = np.radians(-angle)
    count = max(2, round((right - left) / (bottom - top)))
    half = (bottom - top) / 2
    steps = np.linspace(left + half, right - half, count) - x
    rise = (top + bottom) / 2 - y
    cx = x + steps * np.cos(turn) - rise * np.sin(turn)
    cy = y + steps * np.sin(turn) + rise * np.cos(turn)
    return tuple(
        (a - half, b - half, a + half, b + half) for a, b in zip(cx.tolist(), cy.tolist(), strict=True)
    )
