"""Style files: colours, pens, lettering, and text turned into outlines."""

from animap.style.fonts import carry_fonts, font_digest, fonts_of
from animap.style.load import load_style, shipped_styles, style_files, style_places
from animap.style.model import Hatch, Lettering, Memory, Pen, Style, letterings, plain_colours

__all__ = [
    "Hatch",
    "Lettering",
    "Memory",
    "Pen",
    "Style",
    "carry_fonts",
    "font_digest",
    "fonts_of",
    "letterings",
    "load_style",
    "plain_colours",
    "shipped_styles",
    "style_files",
    "style_places",
]
