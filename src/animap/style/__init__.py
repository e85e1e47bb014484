"""Style files: colours, pens, lettering, and text turned into outlines."""

from animap.style.load import load_style, shipped_styles
from animap.style.model import Hatch, Lettering, Memory, Pen, Style

__all__ = ["Hatch", "Lettering", "Memory", "Pen", "Style", "load_style", "shipped_styles"]
