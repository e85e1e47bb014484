"""Text as outlines: a string in a font becomes curves, with kerning, ligatures and right-to-left by HarfBuzz.

Outlines instead of glyph bitmaps, so that text has no pixel grid of its own: it is equally sharp at every
size, never hinted, and the same curves go to PNG, SVG and PDF. Letters that the font lacks come from another
one that ships.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from unicodedata import category

import numpy as np
import uharfbuzz as hb
from numpy.typing import NDArray

from animap.resources import shipped
from animap.style.direction import runs_of
from animap.style.fonts import font_data
from animap.types import Floats

__all__ = ["Glyphs", "covers", "fallback_fonts", "lacking", "shape", "unset"]

_FALLBACK, _FALLBACK_BOLD = "NotoNaskhArabic-Medium.ttf", "NotoNaskhArabic-Bold.ttf"
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


class _Glyph(NamedTuple):
    """A glyph's outline and path codes, and how far down and up it goes, in em."""

    outline: tuple[Floats, NDArray[np.uint8]]
    low: float
    high: float


@lru_cache(maxsize=8192)
def _glyph(file: str, number: int) -> _Glyph:
    font = _font(file)
    pen = _Pen()
    font.draw_glyph_with_pen(number, pen)
    points = np.array(pen.points, dtype=float).reshape(-1, 2) / font.face.upem
    low, high = (points[:, 1].min(), points[:, 1].max()) if len(points) else (math.inf, -math.inf)
    return _Glyph((points, np.array(pen.codes, dtype=np.uint8)), float(low), float(high))


@lru_cache(maxsize=8192)
def _has(file: str, character: str) -> bool:
    return bool(_font(file).get_nominal_glyph(ord(character)))


def covers(file: str, text: str) -> bool:
    """Whether the font has a glyph for every character that shows."""
    return not lacking(file, text)


def lacking(file: str, text: str) -> tuple[str, ...]:
    """The characters of a text that the font has no glyph for, in order; an accent counts with its letter."""
    if all(_has(file, character) for character in text):
        return ()
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(file), buffer)
    absent = sorted({info.cluster for info in buffer.glyph_infos or () if info.codepoint == 0})
    return tuple(dict.fromkeys(text[at] for at in absent if not text[at].isspace()))


def fallback_fonts() -> tuple[Path, ...]:
    """The fonts from which letters come that a style's own font lacks."""
    return tuple(shipped("styles") / "fonts" / name for name in (_FALLBACK, _FALLBACK_BOLD))


def _fallback(file: str) -> str:
    """The font that stands in for another one, as bold as that."""
    plain, bold = fallback_fonts()
    return str(bold if "Bold" in Path(file).stem else plain)


def unset(file: str, text: str) -> tuple[str, ...]:
    """The characters of a text that neither the font has nor the one that stands in for it."""
    return tuple(c for c in lacking(file, text) if lacking(_fallback(file), c))


def _stretches(file: str, run: str) -> list[tuple[str, str]]:
    """A run cut where its font changes, each stretch with its font; in reading order."""
    absent = lacking(file, run)
    if not absent:
        return [(file, run)]
    instead = set(absent) - set(unset(file, run))
    fonts: list[str] = []
    for character in run:
        joins = character.isspace() or category(character).startswith("M")
        if joins and fonts:
            # Spaces and accents go with what they follow.
            fonts.append(fonts[-1])
        else:
            fonts.append(_fallback(file) if character in instead else file)
    pairs = groupby(zip(fonts, run, strict=True), key=lambda pair: pair[0])
    return [(font, "".join(character for _, character in group)) for font, group in pairs]


def _shaped(
    file: str, text: str, switches: dict[str, bool], language: str
) -> Iterator[tuple[str, hb.Buffer]]:
    """Stretches of one font, shaped, from left to right."""
    for run, leftward in runs_of(text):
        stretches = _stretches(file, run)
        for font, stretch in reversed(stretches) if leftward else stretches:
            buffer = hb.Buffer()
            buffer.add_str(stretch)
            if language:
                buffer.language = language
            buffer.guess_segment_properties()
            if leftward:
                buffer.direction = "rtl"
            hb.shape(_font(font), buffer, switches)
            yield font, buffer


@lru_cache(maxsize=4096)
def shape(
    text: str, file: str, features: tuple[str, ...] = (), tracking: float = 0.0, language: str = ""
) -> Glyphs:
    """Shape a line of text with a font file.

    `features` are OpenType tags to switch on (`tnum`, `lnum`, `smcp`); `tracking` is extra space after
    each glyph, in em; `language` an ISO 639-1 code.
    """
    font = _font(file)
    switches = dict.fromkeys(features, True)
    if tracking:
        # Spaced letters are set one by one: a ligature would stay narrow among them.
        switches |= {"liga": False, "clig": False}
    pens, advances, glyphs, x, top, bottom = [], [], [], 0.0, -math.inf, math.inf
    for drawn, buffer in _shaped(file, text, switches, language):
        em = _font(drawn).face.upem
        # An empty buffer has no lists at all.
        for info, position in zip(buffer.glyph_infos or (), buffer.glyph_positions or (), strict=True):
            glyph, y = _glyph(drawn, info.codepoint), position.y_offset / em
            glyphs.append(glyph.outline)
            pens.append((x + position.x_offset / em, y))
            top, bottom = max(top, glyph.high + y), min(bottom, glyph.low + y)
            advance = position.x_advance / em + tracking
            advances.append(advance)
            x += advance
    em = font.face.upem
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
        top if math.isfinite(top) else 0.0,
        bottom if math.isfinite(bottom) else 0.0,
    )
