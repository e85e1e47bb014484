"""Names of formations along their axes: beside the body, or in it where it is wide enough."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from animap.geo.lines import lengths, part
from animap.layers.base import Candidate, Name, Obstacle, Rect, Setting
from animap.layers.lettering import width_of
from animap.layers.treks import Trek
from animap.marks import Page, TextAlong
from animap.style import Lettering
from animap.style.colour import contrast, luminance, mix
from animap.types import Floats

__all__ = ["names_of", "obstacles_of"]

_Bodies: TypeAlias = NDArray[np.object_]
"""Polygons `(n,)`."""

_DETAIL = 0.86
"""Size of a detail's name as a share of the story's."""


def names_of(named: Sequence[Trek], treks: Sequence[Trek], setting: Setting) -> list[Name]:
    """A name for each axis of `named`; it keeps off the other `treks`."""
    bodies = {t.advance.id: _body(t, setting) for t in treks}
    shapely.prepare(list(bodies.values()))
    found = []
    for trek in named:
        others = np.array([body for key, body in bodies.items() if key != trek.advance.id])
        name = _name(trek, others, setting)
        if name:
            found.append(name)
    return found


def obstacles_of(treks: Sequence[Trek], setting: Setting) -> list[Obstacle]:
    """Boxes along the bodies, and several times those of the heads where they come to rest."""
    spots = []
    for trek in treks:
        page = setting.view.to_page(trek.xy, setting.page)
        spots += [Obstacle(b, soft=True) for b in _boxes(page, trek.width * 1.4)]
        along = lengths(page)
        # The sign of its nation stands behind the head.
        reach = trek.width * trek.style.head_length + (0.0 if trek.joined else 2 * trek.style.badge)
        head = part(page, along, float(along[-1]) - reach, float(along[-1]))
        if len(head) > 1:
            weight = 2 if trek.advance.detail else 4
            around = _boxes(head, trek.width * trek.style.head_width)
            spots += [Obstacle(b, trek.stop - 2, trek.stop + 6, soft=True) for b in around] * weight
    return spots


def _body(trek: Trek, setting: Setting) -> shapely.Geometry:
    page = setting.view.to_page(trek.xy, setting.page)
    return shapely.LineString(page).buffer(trek.width * 0.7, quad_segs=2)


def _name(trek: Trek, others: _Bodies, setting: Setting) -> Name | None:
    style, detail = trek.style, trek.advance.detail
    candidates = tuple(_candidates(trek, others, setting))
    if not candidates:
        return None
    return Name(
        f"axis:{trek.advance.id}",
        candidates,
        20.0 if detail else 6.0,
        trek.start,
        trek.stop + style.past_seconds if detail else math.inf,
        limit=12.0 if detail else math.inf,
    )


def _candidates(trek: Trek, others: _Bodies, setting: Setting) -> Iterator[Candidate]:
    style, book, scale = trek.style, setting.book, setting.metres_per_unit
    size = style.name.size * (_DETAIL if trek.advance.detail else 1.0)
    ground = style.name.halo or setting.style.basemap.land
    lettering = style.name.model_copy(update={"colour": _readable(trek.colour, ground), "size": size})
    text = book.pick(trek.advance.formation.names)
    page = setting.view.to_page(trek.xy, setting.page)
    along = lengths(page)
    need = width_of(text, lettering, book.language)
    for middle in np.arange(need / 2 + 4, along[-1] - need / 2, max(10.0, need / 10)).tolist():
        piece = part(page, along, middle - need / 2 - 4, middle + need / 2 + 4)
        if len(piece) < 2 or not _on_page(piece, setting.page):
            continue
        # Text runs left to right, so on a line that goes left it stands on the other side.
        line = shapely.LineString(piece[::-1] if piece[-1, 0] < piece[0, 0] else piece)
        here = trek.width * (trek.tail + (1 - trek.tail) * (middle - need / 2) / along[-1])
        for side in (-1, 0, 1) if here > size * 1.05 else (-1, 1):
            offset = line.offset_curve((trek.width / 2 + size * 0.62 + 3) * side) if side else line
            xy = shapely.get_coordinates(offset)
            if offset.geom_type != "LineString" or len(xy) < 2 or (bend := _bend(xy)) > 1.2:
                continue
            on_map = setting.view.to_map(xy, setting.page)
            letters = lettering if side else _within(lettering, trek.colour)
            mark = TextAlong(text=text, xy=on_map, lettering=letters, language=book.language)
            centre = abs(middle / along[-1] - 0.45)
            boxes = _boxes(xy, size)
            crossed = _share_in(others, boxes)
            cost = bend * 6 + centre * 4 + {-1: 0.0, 0: -3.0, 1: 1.5}[side] + 14 * crossed
            passed = trek.second_at((middle + need / 2) * scale)
            yield Candidate((mark,), boxes, cost, passed)


def _on_page(xy: Floats, page: Page) -> bool:
    low, high = xy.min(axis=0), xy.max(axis=0)
    return bool((low > 0).all() and high[0] < page.across and high[1] < page.down)


def _share_in(shapes: _Bodies, boxes: Sequence[Rect]) -> float:
    """How many of some boxes have their middle in one of some shapes, as a share."""
    x, y = np.array([((a + c) / 2, (b + d) / 2) for a, b, c, d in boxes]).T
    return float(shapely.contains_xy(shapes[:, None], x, y).any(axis=0).mean())


def _readable(colour: str, ground: str) -> str:
    """The colour, darkened or lightened as far as small letters on this ground need it (WCAG AA)."""
    end = "#000000" if luminance(ground) > 0.18 else "#ffffff"
    tried = (mix(colour, end, n / 20) for n in range(21))
    return next((c for c in tried if contrast(c, ground) >= 4.5), end)


def _within(lettering: Lettering, body: str) -> Lettering:
    """The lettering on the body's own colour."""
    colour = max(("#ffffff", "#16130f"), key=lambda c: contrast(c, body))
    return lettering.model_copy(update={"colour": colour, "halo": None})


def _bend(xy: Floats) -> float:
    """How much a line turns in all, radians."""
    d = np.diff(xy, axis=0)
    turn = np.diff(np.unwrap(np.arctan2(d[:, 1], d[:, 0])))
    return float(np.abs(turn).sum())


def _boxes(xy: Floats, size: float) -> tuple[Rect, ...]:
    """Squares along a line of text."""
    along = lengths(xy)
    at = np.arange(size * 0.3, along[-1], size * 0.7)
    x, y = np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])
    r = size * 0.5
    return tuple((a - r, b - r, a + r, b + r) for a, b in zip(x.tolist(), y.tolist(), strict=True))
