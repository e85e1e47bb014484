"""From marks to pixels, redrawing only what changed; or to SVG and PDF, in `vector`."""

from animap.draw.canvas import Canvas, Picture

__all__ = ["Canvas", "Picture"]
