"""Contrast of text with what lies under it, measured in the picture.

For each text: the colour of its letters against the pixels that touch them, halo included, as a ratio of
WCAG 2.2. The bar is AA: 4.5 to 1, and 3 to 1 for large type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_dilation

from animap.draw import Canvas
from animap.draw.prints import Print, printed
from animap.errors import Problem
from animap.marks import Faded, Frame, Group, Mark, Page, Shown, Text, TextAlong
from animap.scene import Scene
from animap.style import Lettering, letterings
from animap.style.colour import rgba
from animap.types import Floats, Pixels

__all__ = ["Legible", "large", "pale", "texts"]

_SIDE = 540
"""Pixels of the shorter side of the pictures that are looked at: enough for the strokes of small letters."""
_STEP, _AGAIN = 1.0, 10.0
"""Film seconds between pictures, and after which a text that stands is looked at again."""
_WORST = 0.1
"""Share of the pixels around a text that may be worse: where letters of neighbours, or edges, touch."""
_BAR, _LARGE_BAR = 4.5, 3.0
_LARGE, _LARGE_BOLD = 24.0, 18.7
"""Units from which type is large, and bold type: 18 and 14 points at 1080p."""
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Legible:
    """A text in a frame, and the contrast of its letters with what touches them, 1 to 21."""

    text: str
    lettering: Lettering
    contrast: float


def large(lettering: Lettering) -> bool:
    """Whether WCAG takes type for large."""
    bold = "Bold" in Path(lettering.font).stem
    return lettering.size >= (_LARGE_BOLD if bold else _LARGE)


def texts(
    frame: Frame, canvas: Canvas, ignoring: frozenset[Mark] = frozenset()
) -> Iterator[tuple[Mark, Legible]]:
    """Every text of a frame that is there in full and that no card covers, but for marks to ignore.

    `canvas` is of the frame's page; what lies under texts is drawn on it.
    """
    wanted = [mark for mark in _uncovered(frame) if mark not in ignoring]
    if not wanted:
        return
    bare = replace(frame, marks=tuple(m for m in frame.marks if not isinstance(_mark(m), Text | TextAlong)))
    below = canvas.draw(bare).pixels
    for mark in wanted:
        found = _contrast(mark, below, frame)
        if found is not None:
            yield mark, Legible(mark.text, mark.lettering, found)


def pale(scene: Scene) -> Iterator[Problem]:
    """Look through a film, and tell what kinds of text have less contrast than AA asks for."""
    page = scene.take.page
    shrink = _SIDE / min(page.width, page.height)
    small = replace(page, width=round(page.width * shrink), height=round(page.height * shrink))
    # The style's own, though in another colour or case.
    names = {(text.font, text.size): f", {key}" for key, text in letterings(scene.style)}
    found: dict[str, dict[str, float]] = {}
    for legible in _seen(scene, small):
        if legible.contrast < (_LARGE_BAR if large(legible.lettering) else _BAR):
            pale_ones = found.setdefault(names.get((legible.lettering.font, legible.lettering.size), ""), {})
            pale_ones[legible.text] = min(legible.contrast, pale_ones.get(legible.text, 21.0))
    for key, ratios in found.items():
        worst = sorted(ratios, key=lambda text: ratios[text])
        told = ", ".join(f"“{text}” {ratios[text]:.1f}" for text in worst[:_LISTED])
        more = f" and {len(worst) - _LISTED} more" if len(worst) > _LISTED else ""
        yield Problem(
            f"too little contrast with what lies under text (WCAG AA: {_BAR:g}, large type {_LARGE_BAR:g}): "
            f"{told}{more}",
            f"style {scene.style.name}{key}",
            "make its colour darker or lighter, or give it a halo",
        )


def _seen(scene: Scene, page: Page) -> Iterator[Legible]:
    """Texts when they are first there in full, and again while they stay."""
    canvas, looked = Canvas(page), dict[Mark, float]()
    step = max(1, round(_STEP * float(scene.clock.fps)))
    for index in range(0, scene.frames, step):
        frame = replace(scene.frame(index), page=page)
        if frame.flying:
            continue
        second = float(frame.second)
        lately = frozenset(mark for mark, then in looked.items() if second - then < _AGAIN)
        for mark, legible in texts(frame, canvas, lately):
            looked[mark] = second
            yield legible


def _uncovered(frame: Frame) -> list[Text | TextAlong]:
    veiled = max((n for n, shown in enumerate(frame.marks) if _veils(shown, frame.page)), default=-1)
    return [mark for mark in frame.marks[veiled + 1 :] if isinstance(mark, Text | TextAlong)]


def _veils(shown: Shown, page: Page) -> bool:
    """Whether a mark lies over the whole page, as the ground of a card does."""
    mark = _mark(shown)
    if isinstance(mark, Group) or not hasattr(mark, "paths") or getattr(mark, "space", "") != "page":
        return False
    size = np.ptp(mark.paths.xy, axis=0)
    return bool((size >= (page.across - 1, page.down - 1)).all())


def _contrast(mark: Text | TextAlong, below: Pixels, frame: Frame) -> float | None:
    """The contrast of a text with what touches its letters; None where none of it is in the picture."""
    bare = printed(_coloured(mark, halo=None), frame.view, frame.page)
    whole = printed(_coloured(mark, colour=mark.lettering.halo or "#00000000"), frame.view, frame.page)
    left, top, right, bottom = bare.rect
    # A pixel more on each side, in which letters at the edge have neighbours.
    left, top = max(0, left - 1), max(0, top - 1)
    right, bottom = min(frame.page.width, right + 1), min(frame.page.height, bottom + 1)
    ground: Floats = below[top:bottom, left:right] / 255
    _lay(ground, whole, left, top)
    inked = np.zeros(ground.shape[:2], bool)
    x, y = bare.rect[0] - left, bare.rect[1] - top
    inked[y : y + bare.pixels.shape[0], x : x + bare.pixels.shape[1]] = bare.pixels[..., 3] > 20
    beside = binary_dilation(inked, iterations=1) & ~inked
    if not beside.any():
        return None
    return float(np.quantile(_ratios(mark.lettering.colour, ground[beside]), _WORST))


def _lay(ground: Floats, ink: Print, left: int, top: int) -> None:
    """Blend a print onto a piece of picture (RGB, 0 to 1) whose corner is at `left`, `top`."""
    high, wide = ground.shape[:2]
    x, y = ink.rect[0] - left, ink.rect[1] - top
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(wide, x + ink.pixels.shape[1]), min(high, y + ink.pixels.shape[0])
    if x0 < x1 and y0 < y1:
        over = ink.pixels[y0 - y : y1 - y, x0 - x : x1 - x] / 255
        alpha = over[..., 3:]
        ground[y0:y1, x0:x1] = ground[y0:y1, x0:x1] * (1 - alpha) + over[..., :3] * alpha


def _ratios(letters: str, ground: Floats) -> Floats:
    """WCAG contrast of a colour with each of `(n, 3)` others."""
    one, others = _luminance(np.array([rgba(letters)[:3]])), _luminance(ground)
    found: Floats = (np.maximum(one, others) + 0.05) / (np.minimum(one, others) + 0.05)
    return found


def _luminance(colours: Floats) -> Floats:
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    found: Floats = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found


def _coloured(mark: Text | TextAlong, **changes: str | None) -> Text | TextAlong:
    return replace(mark, lettering=mark.lettering.model_copy(update=changes))


def _mark(shown: Shown) -> Mark:
    return shown.mark if isinstance(shown, Faded) else shown
