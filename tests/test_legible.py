"""Every text of every shipped style can be read on the picture as it is rendered.

For each text of a frame: the colour of its letters against the pixels that touch them, halo included,
as a ratio of WCAG 2.2. The bar of `contrast` is AA: 4.5 to 1, and 3 to 1 for large type (24 pixels at
1080p, or bold from 18.7). The others hold 3 to 1 for all that a film tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from animap.film import Film, load_film
from animap.marks import Faded, Frame, Group, Mark, Page, Text, TextAlong, View
from animap.scene import Scene, Take
from animap.style import Lettering, load_style
from animap.style.colour import rgba
from animap.style.load import shipped_styles
from animap.types import Floats
from prints import Print, printed

PAGE = Page(960, 540)
DAYS = (4.5, 6.9, 12.5, 25.5, 100.0)
"""Days after the first at which names, pockets and arrows crowd; besides, both cards are looked at."""
WORST = 0.1
"""Share of the pixels around a text that may be worse: where letters of neighbours, or edges, touch."""


@cache
def film() -> Film:
    return load_film()


def frames(scene: Scene) -> Iterator[Frame]:
    yield scene.frame(0)
    yield from (scene.frame(scene.clock.frame_of(scene.clock.start + day)) for day in DAYS)
    yield scene.frame(scene.frames - 1)


def blended(picture: Floats, ink: Print, opacity: float = 1.0) -> Floats:
    """The part of a picture (RGB, 0 to 1) that a mark covers, with the mark on it."""
    left, top, right, bottom = ink.rect
    over = ink.pixels / np.float32(255)
    alpha = over[..., 3:] * np.float32(opacity)
    mixed: Floats = picture[top:bottom, left:right] * (1 - alpha) + over[..., :3] * alpha
    return mixed


def luminance(colours: Floats) -> Floats:
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    found: Floats = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def ratio(letters: str, ground: Floats) -> Floats:
    """WCAG contrast of a colour with each of `(n, 3)` others."""
    a, b = luminance(np.array([rgba(letters)[:3]])), luminance(ground)
    found: Floats = (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)
    return found


def coloured(mark: Text | TextAlong, **changes: str | None) -> Text | TextAlong:
    return replace(mark, lettering=mark.lettering.model_copy(update=changes))


def legibility(mark: Text | TextAlong, below: Floats, frame: Frame) -> float | None:
    """The contrast of a text with what touches its letters; None where none of it is in the picture."""
    bare = printed(coloured(mark, halo=None), frame.view, PAGE)
    whole = printed(coloured(mark, colour=mark.lettering.halo or "#00000000"), frame.view, PAGE)
    left, top, right, bottom = whole.rect
    ground = below.copy()
    ground[top:bottom, left:right] = blended(below, whole)
    inked = np.zeros(ground.shape[:2], bool)
    left, top, right, bottom = bare.rect
    inked[top:bottom, left:right] = bare.pixels[..., 3] > 20
    beside = binary_dilation(inked, iterations=1) & ~inked
    if not beside.any():
        return None
    return float(np.quantile(ratio(mark.lettering.colour, ground[beside]), WORST))


def texts(frame: Frame, prints: dict[tuple[Mark, View], Print]) -> Iterator[tuple[Text | TextAlong, float]]:
    """Every text at rest in a frame that nothing covers, and its contrast."""
    below = np.empty((PAGE.height, PAGE.width, 3), np.float32)
    below[:] = rgba(frame.background)[:3]
    veiled = [n for n, m in enumerate(frame.marks) if _veil(m)]
    for number, shown in enumerate(frame.marks):
        mark, opacity = (shown.mark, shown.opacity) if isinstance(shown, Faded) else (shown, 1.0)
        uncovered = not veiled or number > veiled[-1]
        if isinstance(mark, Text | TextAlong) and opacity == 1 and uncovered:
            found = legibility(mark, below, frame)
            if found is not None:
                yield mark, found
        key = mark, frame.view
        if key not in prints:
            prints[key] = printed(mark, frame.view, PAGE)
        left, top, right, bottom = prints[key].rect
        below[top:bottom, left:right] = blended(below, prints[key], opacity)


def _veil(shown: object) -> bool:
    mark = shown.mark if isinstance(shown, Faded) else shown
    if isinstance(mark, Group) or not hasattr(mark, "paths") or getattr(mark, "space", "") != "page":
        return False
    size = np.ptp(mark.paths.xy, axis=0)
    return bool((size >= (PAGE.across - 1, PAGE.down - 1)).all())


def bar(style: str, lettering: Lettering) -> float:
    bold = "Bold" in Path(lettering.font).stem
    large = lettering.size >= (18.7 if bold else 24.0)
    return 4.5 if style == "contrast" and not large else 3.0


@pytest.mark.parametrize("name", sorted(shipped_styles()))
def test_every_text_can_be_read_on_the_picture(name: str) -> None:
    scene = Scene(film(), load_style(name), Take(PAGE, Fraction(30), "fr"))
    prints: dict[tuple[Mark, View], Print] = {}
    seen, pale = set(), {}
    for frame in frames(scene):
        for mark, found in texts(frame, prints):
            seen.add(mark.text)
            if found < bar(name, mark.lettering):
                pale[mark.text] = round(found, 2), bar(name, mark.lettering)
    assert len(seen) > 60
    assert not pale, pale
