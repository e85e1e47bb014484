"""The page's colours and letters, taken from the film's style."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from animap.style import Lettering, Style
from animap.style.colour import contrast, mix

__all__ = ["Look", "legible", "look_of"]

_TEXT, _SIGN = 4.5, 3.0
"""Contrast that WCAG 2 (AA) asks of text and of what can be operated."""


@dataclass(frozen=True, slots=True)
class Look:
    """CSS variables by name, and the font file of each face."""

    variables: Mapping[str, str]
    faces: Mapping[str, Path]
    dark: bool

    @property
    def css(self) -> str:
        """Faces and variables as a style sheet; fonts lie in the folder `fonts` beside the page."""
        faces = "".join(
            f'@font-face {{ font-family: "{name}"; src: url("fonts/{path.name}"); font-display: swap; }}\n'
            for name, path in self.faces.items()
        )
        variables = "".join(f"  --{name}: {value};\n" for name, value in self.variables.items())
        return f"{faces}:root {{\n  color-scheme: {'dark' if self.dark else 'light'};\n{variables}}}\n"


def look_of(style: Style) -> Look:
    """The look of a page in a film's style: every colour is legible on the paper, whatever the style says."""
    furniture, cards = style.furniture, style.cards
    paper = furniture.panel[:7]
    ink = legible(furniture.caption.colour[:7], paper, 7.0)
    accent = legible(furniture.timeline_cursor[:7], paper, _TEXT)
    letterings: dict[str, Lettering] = {
        "title": cards.title,
        "date": furniture.day or furniture.date,
        "text": furniture.caption,
        "italic": cards.source_italic or cards.source,
        "sign": furniture.legend,
        "strong": furniture.legend_title,
    }
    variables = {
        "paper": paper,
        "raised": mix(paper, "#ffffff", 0.06 if style.theme == "dark" else 0.5)[:7],
        "ink": ink,
        "muted": legible(furniture.small.colour[:7], paper, _TEXT),
        "accent": accent,
        "on-accent": max("#ffffff", "#000000", key=lambda colour: contrast(colour, accent)),
        "line": mix(paper, ink, 0.22)[:7],
        "edge": legible(mix(paper, ink, 0.4), paper, _SIGN),
        "event": legible(furniture.timeline_event[:7], paper, _SIGN),
        "sea": style.basemap.sea[:7],
    }
    return Look(
        variables,
        {f"animap-{role}": Path(lettering.font) for role, lettering in letterings.items()},
        style.theme == "dark",
    )


def legible(colour: str, ground: str, least: float) -> str:
    """The colour `#rrggbb`, moved towards black or white until it has the contrast `least` on the ground."""
    towards = max("#000000", "#ffffff", key=lambda end: contrast(end, ground))
    nearer = (mix(colour, towards, n / 40)[:7] for n in range(40))
    return next((c for c in nearer if contrast(c, ground) >= least), towards)
