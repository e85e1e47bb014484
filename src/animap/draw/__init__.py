"""From marks to pixels, redrawing only what changed; or to SVG and PDF."""

from animap.draw.canvas import Canvas, Picture
from animap.draw.vector import write_pages, write_vector

__all__ = ["Canvas", "Picture", "write_pages", "write_vector"]
