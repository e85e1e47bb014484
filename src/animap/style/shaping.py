"""Text as outlines: a string in a font becomes curves, with kerning, ligatures and right-to-left by HarfBuzz.

Outlines instead of glyph bitmaps, so that text has no pixel grid of its own: it is equally sharp at every
size, never hinted, and the same curves go to PNG, SVG and PDF.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import uharfbuzz as hb
from numpy.typing import NDArray

from animap.style.direction import runs_of
from animap.style.fonts import font_data
from animap.types import Floats

__all__ = ["Glyphs", "covers", "lacking", "shape"]

_MOVE, _LINE, _QUAD, _CUBIC, _CLOSE = 1, 2, 3, 4, 79


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """A shaped string at size 1: origin at the left end of the baseline, y upward, lengths in em.

    `glyphs` holds for each glyph its outline `(n, 2)` with matplotlib path codes `(n,)`, in its own origin;
    `pens` `(g, 2)` where each is set; `advances` `(g,)`. `ascent` and `descent` (positive, downward) are
    the font's own, `top` and `bottom` where this string's outlines end (y upward).
    """

    glyphs: tuple[tuple[Floats, NDArray[np.uint8]], ...]
    pens: Floats
    advances: Floats
    width: float
    ascent: float
    descent: float
    cap_height: float
    top: float
    bottom: float

    def outline(self) -> tuple[Floats, NDArray[np.uint8]]:
        """The whole string as one path: vertices `(n, 2)` and codes `(n,)`."""
        drawn = [(v + pen, c) for (v, c), pen in zip(self.glyphs, self.pens, strict=True) if len(v)]
        if not drawn:
            return np.empty((0, 2)), np.empty(0, np.uint8)
        return np.concatenate([v for v, _ in drawn]), np.concatenate([c for _, c in drawn])


class _Pen:
    """Collects one glyph's outline as HarfBuzz draws it."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self.codes: list[int] = []

    def add(self, code: int, *points: tuple[float, float]) -> None:
        self.points.extend(points)
        self.codes.extend([code] * len(points))

    def moveTo(self, p: tuple[float, float]) -> None:  # noqa: N802 (the pen protocol of the font world)
        self.add(_MOVE, p)

    def lineTo(self, p: tuple[float, float]) -> None:  # noqa: N802
        self.add(_LINE, p)

    def qCurveTo(self, *p: tuple[float, float]) -> None:  # noqa: N802
        self.add(_QUAD, *p)

    def curveTo(self, *p: tuple[float, float]) -> None:  # noqa: N802
        self.add(_CUBIC, *p)

    def closePath(self) -> None:  # noqa: N802
        self.add(_CLOSE, (0.0, 0.0))


@lru_cache(maxsize=64)
def _font(file: str) -> hb.Font:
    return hb.Font(hb.Face(font_data(file)))


@lru_cache(maxsize=8192)
def _outline(file: str, glyph: int) -> tuple[Floats, NDArray[np.uint8]]:
    font = _font(file)
    pen = _Pen()
    font.draw_glyph_with_pen(glyph, pen)
    points = np.array(pen.points, dtype=float).reshape(-1, 2) / font.face.upem
    return points, np.array(pen.codes, dtype=np.uint8)


def covers(file: str, text: str) -> bool:
    """Whether the font has a glyph for every character that shows."""
    return not lacking(file, text)


def lacking(file: str, text: str) -> tuple[str, ...]:
    """The characters of a text that the font has no glyph for, in order; an accent counts with its letter."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(file), buffer)
    absent = sorted({info.cluster for info in buffer.glyph_infos or () if info.codepoint == 0})
    return tuple(dict.fromkeys(text[at] for at in absent if not text[at].isspace()))


def _shaped(font: hb.Font, text: str, switches: dict[str, bool], language: str) -> Iterator[tuple[Any, Any]]:
    """Glyphs and their positions, from left to right."""
    for run, leftward in runs_of(text):
        buffer = hb.Buffer()
        buffer.add_str(run)
        if language:
            buffer.language = language
        buffer.guess_segment_properties()
        if leftward:
            buffer.direction = "rtl"
        hb.shape(font, buffer, switches)
        # An empty buffer has no lists at all.
        yield from zip(buffer.glyph_infos or (), buffer.glyph_positions or (), strict=True)


@lru_cache(maxsize=4096)
def shape(
    text: str, file: str, features: tuple[str, ...] = (), tracking: float = 0.0, language: str = ""
) -> Glyphs:
    """Shape a line of text with a font file.

    `features` are OpenType tags to switch on (`tnum`, `lnum`, `smcp`); `tracking` is extra space after
    each glyph, in em; `language` an ISO 639-1 code.
    """
    font = _font(file)
    em = font.face.upem
    switches = dict.fromkeys(features, True)
    if tracking:
        # Spaced letters are set one by one: a ligature would stay narrow among them.
        switches |= {"liga": False, "clig": False}
    pens, advances, glyphs, x = [], [], [], 0.0
    for info, position in _shaped(font, text, switches, language):
        glyphs.append(_outline(file, info.codepoint))
        pens.append((x + position.x_offset / em, position.y_offset / em))
        advance = position.x_advance / em + tracking
        advances.append(advance)
        x += advance
    extents = font.get_font_extents("ltr")
    cap = font.get_glyph_extents(font.get_nominal_glyph(ord("H")) or 0)
    return Glyphs(
        tuple(glyphs),
        np.array(pens, dtype=float).reshape(-1, 2),
        np.array(advances, dtype=float),
        x - tracking if advances else 0.0,
        extents.ascender / em,
        -extents.descender / em,
        (cap.y_bearing / em) if cap else 0.7,
        max((v[:, 1].max() + y for (v, _), (_, y) in zip(glyphs, pens, strict=True) if len(v)), default=0.0),
        min((v[:, 1].min() + y for (v, _), (_, y) in zip(glyphs, pens, strict=True) if len(v)), default=0.0),
    )
