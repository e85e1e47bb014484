"""Names of countries, regions and seas: letter-spaced, and they yield to every other name."""

from __future__ import annotations

import math

import numpy as np

from animap.layers.base import Candidate, Name, Rect, Setting
from animap.layers.basemap.contents import Contents
from animap.layers.lettering import text_box
from animap.marks import Text
from animap.style import Lettering

__all__ = ["place_names"]

_NEARBY = [(dx * 36.0, dy * 24.0) for dx in range(-5, 6) for dy in range(-5, 6)]
"""Units by which a name may be moved from its place on the map."""
_ANOTHER_SPOT = 2.0
"""Cost of each spot after the first."""


def place_names(contents: Contents, setting: Setting) -> list[Name]:
    """A name a place, with all its spots and what lies around them."""
    style = setting.style.basemap
    kinds: dict[str, tuple[Lettering, float]] = {
        "country": (style.country, 25.0),
        "sea": (style.sea_name, 26.0),
        "strait": (style.strait_name or style.sea_name, 27.0),
        "region": (style.region, 28.0),
    }
    language = setting.book.language
    names = []
    for place in contents.places:
        lettering, priority = kinds[place.kind]
        text = setting.book.pick(place.names)
        # The name of a small stretch of land or water must not wander off it.
        wander = 3.0 if place.kind in ("region", "strait") else 10.0
        candidates = []
        for number, (at, angle) in enumerate(place.spots):
            x, y = setting.view.to_page(np.array([at]), setting.page)[0]
            for dx, dy in _NEARBY:
                away = math.hypot(dx, dy) / 20
                if away > wander:
                    continue
                mark = Text(
                    text=text,
                    at=at,
                    offset=(dx, dy),
                    lettering=lettering,
                    align="centre",
                    angle=angle,
                    language=language,
                    space="map",
                )
                boxes = _along_boxes(text, lettering, x + dx, y + dy, angle, language)
                candidates.append(Candidate((mark,), boxes, away + number * _ANOTHER_SPOT))
        limit = wander + _ANOTHER_SPOT * (len(place.spots) - 1)
        names.append(Name(f"{place.kind}:{text}", tuple(candidates), priority, limit=limit))
    return names


def _along_boxes(
    text: str, lettering: Lettering, x: float, y: float, angle: float, language: str
) -> tuple[Rect, ...]:
    left, top, right, bottom = text_box(text, lettering, x, y, "centre", language)
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
