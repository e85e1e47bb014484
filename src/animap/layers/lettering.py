"""Boxes that text covers on the page, in units."""

from __future__ import annotations

from typing import Literal

from animap.layers.base import Rect
from animap.style import Lettering
from animap.style.shaping import Glyphs, shape

__all__ = ["broken", "line_height", "lines_needed", "text_box", "width_of"]


def width_of(text: str, lettering: Lettering, language: str = "") -> float:
    """Width of a line in units."""
    return _shaped(text, lettering, language).width * lettering.size


def _shaped(text: str, lettering: Lettering, language: str) -> Glyphs:
    return shape(
        lettering.cased(text), lettering.font, lettering.features, round(lettering.tracking, 4), language
    )


def line_height(lettering: Lettering) -> float:
    """Distance of baselines in units."""
    return lettering.size * 1.22


def text_box(
    text: str,
    lettering: Lettering,
    x: float,
    y: float,
    align: Literal["left", "centre", "right"] = "left",
    language: str = "",
) -> Rect:
    """Box of a line whose baseline starts, is centred or ends at `x, y`."""
    glyphs, size = _shaped(text, lettering, language), lettering.size
    width = glyphs.width * size
    left = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
    halo = lettering.halo_width if lettering.halo else 0.0
    # Capitals and ascenders reach about 0.74 em up, descenders 0.24 em down; an accent on a capital, more.
    up, down = size * max(0.74, glyphs.top), size * max(0.24, -glyphs.bottom)
    return left - halo, y - up - halo, left + width + halo, y + down + halo


def broken(text: str, lettering: Lettering, width: float, language: str = "") -> list[str]:
    """The text in lines no wider than `width` units, as even as they can be."""
    words = text.split(" ")
    lines = _greedy(words, lettering, width, language)
    if len(lines) < 2:
        return lines
    # The narrowest column that still needs no more lines leaves no lonely last word.
    low, high = width / 2, width
    for _ in range(8):
        middle = (low + high) / 2
        narrower = _greedy(words, lettering, middle, language)
        if len(narrower) > len(lines):
            low = middle
        else:
            high, best = middle, narrower
            lines = best
    return lines


def lines_needed(text: str, lettering: Lettering, width: float, language: str = "") -> int:
    """Number of lines into which `broken` breaks a text."""
    return len(_greedy(text.split(" "), lettering, width, language))


def _greedy(words: list[str], lettering: Lettering, width: float, language: str) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if width_of(longer, lettering, language) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
