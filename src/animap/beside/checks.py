"""What a museum wants to know before the opening, as far as it can be said without a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import combinations

from animap.beside.events import happenings
from animap.errors import Problem
from animap.explain import nearest, place_in
from animap.film import Film
from animap.layers import BasemapData, PocketsData, TownsData
from animap.marks import Page
from animap.style import Style, letterings
from animap.style.shaping import shape, unset
from animap.style.vision import VISIONS, difference, lightness
from animap.timeline import shortfalls
from animap.types import Words
from animap.words import book

__all__ = ["checked"]

_LEAST_ARC = 16.0
"""Minutes of arc that a capital must cover to be read: the least that ISO 9241-303 allows."""
_LISTED = 30
_FASTEST = 17.0
"""Characters in a second that viewers can read; subtitlers allow 15 to 17."""
_LATE = 0.1
"""Seconds that a caption may lack."""
_APART, _GREYS_APART = 10.0, 5.0
"""CIEDE2000 between two nations, and steps of lightness, under which they are taken for one."""


def checked(film: Film, style: Style, page: Page) -> tuple[Problem, ...]:
    """Warnings about a film in a style, at a size of picture; each says what to do."""
    return (
        *_unproven(film),
        *_hurried(film),
        *_alike(film, style),
        *_lacking(film, style),
        *_small(film, style, page),
    )


def _hurried(film: Film) -> Iterator[Problem]:
    """Captions that the film itself wants read faster than people do."""
    pace = film.spec.pace
    if pace.characters_per_second <= _FASTEST:
        # Those that have less time than the film allows for are told where it is read.
        return
    needed = film.captions.readings(film.spec.spoken, _FASTEST)
    missing = shortfalls(film.clock(Fraction(60)), needed)
    hurried = [c.id for c, short in zip(film.captions.captions, missing, strict=True) if short > _LATE]
    if hurried:
        yield Problem(
            f"{len(hurried)} captions ask to be read faster than {_FASTEST:g} characters a second: "
            f"{_listed(hurried)}",
            place_in(film.file, ("pace", "characters_per_second")),
            "write 15, or at most 17",
        )


def _alike(film: Film, style: Style) -> Iterator[Problem]:
    """Nations whose colours some visitors, or a print in grey, cannot tell apart."""
    nations = sorted({formation.nation for formation in film.formations.values()})
    for a, b in combinations(nations, 2):
        one, other = style.nation(a), style.nation(b)
        apart = {vision: difference(one, other, vision) for vision in VISIONS}
        seen = [f"{vision} ({value:.0f})" for vision, value in apart.items() if value < _APART]
        grey = abs(lightness(one) - lightness(other))
        if seen:
            yield Problem(
                f"{a} and {b} look alike in {', '.join(seen)}: under ΔE2000 {_APART:g}",
                f"style {style.name}, nations",
                "give one of them another hue or lightness",
            )
        if grey < _GREYS_APART:
            yield Problem(
                f"{a} and {b} look alike in grey: {grey:.1f} of 100 apart in lightness",
                f"style {style.name}, nations",
                "make one of them lighter or darker",
            )


def _unproven(film: Film) -> Iterator[Problem]:
    """Claims whose sources the table does not know, or which prove nothing."""
    spec = film.spec.sources
    if spec is None:
        return
    told = happenings(film, film.spec.language)
    for key in dict.fromkeys(key for h in told for key in h.sources if key not in film.references):
        claims = dict.fromkeys(h.id for h in told if key in h.sources)
        yield Problem(
            f"the source '{key}' of {_listed(claims)} is not in the table of sources",
            str(film.folder / spec.file),
            f"{nearest(key, film.references)}add it there, or correct the key",
        )
    bare = [h for h in told if set(h.sources) <= set(spec.unproven)]
    if bare:
        yield Problem(
            f"{len(bare)} claims rest on {', '.join(spec.unproven)} alone, which proves nothing: "
            f"{_listed(h.id for h in bare)}",
            place_in(film.file, ("sources", "unproven")),
            "find a source for each, or take it out of the film",
        )


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _lacking(film: Film, style: Style) -> Iterator[Problem]:
    """Characters of the film's words that the font they are set in does not have."""
    known = dict(letterings(style))
    texts = {role: " ".join(words) for role, words in _texts(film).items()}
    found: dict[tuple[str, str], list[str]] = {}
    for key, lettering in known.items():
        role = next((r for r in texts if key == r or key.startswith((f"{r}.", f"{r}["))), None)
        if role and (missing := unset(lettering.font, lettering.cased(texts[role]))):
            found.setdefault((lettering.font, " ".join(missing)), []).append(key)
    for (font, characters), keys in found.items():
        yield Problem(
            f"the font {font.replace(chr(92), '/').rpartition('/')[2]} has no {characters}",
            f"style {style.name}, {', '.join(keys)}",
            "set these in a font that has them",
        )


def _texts(film: Film) -> dict[str, list[str]]:
    """What is set in each lettering of a style, in all languages of the film."""
    spec = film.spec
    towns = [t.names for data in film.layers if isinstance(data, TownsData) for t in data.towns]
    pockets = [p for data in film.layers if isinstance(data, PocketsData) for p in data.pockets]
    places = [p.names for data in film.layers if isinstance(data, BasemapData) for p in data.contents.places]
    credits = [c if isinstance(c, dict) else {"": c} for c in (*spec.credits.sources, *spec.credits.lines)]
    phrases = [text for lang in spec.spoken for text in book(lang).phrases.values()]
    garrisons = [*_said(film, (p.garrison for p in pockets)), *(p.commander for p in pockets)]
    cards = _said(film, (spec.title, spec.subtitle, *credits))
    return {
        "labels": _said(film, towns),
        "pockets": [*_said(film, (p.names for p in pockets)), *garrisons],
        "basemap": _said(film, places),
        "advances": _said(film, (f.names for f in film.formations.values())),
        "furniture.caption": _said(film, (c.text for c in film.captions.captions)),
        "furniture": phrases,
        "cards": cards,
    }


def _said(film: Film, words: Iterable[Words]) -> list[str]:
    return [book(lang).pick(word) for word in words for lang in film.spec.spoken]


def _small(film: Film, style: Style, page: Page) -> Iterator[Problem]:
    """Letters that cannot be read from where visitors stand."""
    screen = film.spec.screen
    if screen is None:
        return
    unit, distance = screen.width_cm * 10 / page.across, screen.distance_m * 1000
    arcs = {
        key: math.degrees(math.atan(shape("H", text.font).cap_height * text.size * unit / distance)) * 60
        for key, text in letterings(style)
    }
    small = {key: arc for key, arc in sorted(arcs.items(), key=lambda item: item[1]) if arc < _LEAST_ARC}
    if small:
        near = screen.distance_m * min(small.values()) / _LEAST_ARC
        told = ", ".join(f"{key} {arc:.0f}′" for key, arc in small.items())
        yield Problem(
            f"{len(small)} kinds of text are too small to be read from {screen.distance_m:g} m: capitals "
            f"under {_LEAST_ARC:g}′ of arc: {told}",
            f"{place_in(film.file, ('screen',))}, style {style.name}",
            f"set them larger, take a larger screen, or let visitors come as near as {near:.1f} m",
        )
