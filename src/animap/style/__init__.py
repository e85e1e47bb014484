"""Style files: colours, pens, lettering, and text turned into outlines."""

from animap.style.load import load_style, shipped_styles, style_files
from animap.style.model import Hatch, Lettering, Memory, Pen, Style, letterings

__all__ = [
    "Hatch",
    "Lettering",
    "Memory",
    "Pen",
    "Style",
    "letterings",
    "load_style",
    "shipped_styles",
    "style_files",
]
