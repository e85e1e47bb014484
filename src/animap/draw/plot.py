"""Inks drawn by matplotlib's vector renderers, called directly: no artists, no figure, no pyplot."""

from __future__ import annotations

from typing import Any, TypeAlias

from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform, TransformedPath

from animap.draw.painter import Ink, Outline, hatch_lines
from animap.style import Hatch, Pen
from animap.style.colour import rgba, with_alpha

__all__ = ["plot", "scaled"]

Renderer: TypeAlias = Any
"""A matplotlib renderer; their common base class has no type hints."""


def scaled(ink: Ink, scale: float, opacity: float = 1.0) -> Ink:
    """An ink in another unit and paler."""

    def pale(colour: str) -> str:
        return with_alpha(colour, opacity)

    pen, hatch = ink.pen, ink.hatch
    thinner = pen and Pen(
        colour=pale(pen.colour), width=pen.width * scale, dash=tuple(d * scale for d in pen.dash)
    )
    finer = hatch and hatch.model_copy(
        update={
            "colour": pale(hatch.colour),
            "width": hatch.width * scale,
            "spacing": hatch.spacing * scale,
        }
    )
    xy, codes = ink.outline
    return Ink(Outline(xy * scale, codes), ink.fill and pale(ink.fill), thinner, finer)


def plot(ink: Ink, renderer: Renderer) -> None:
    """Draw an ink."""
    gc = renderer.new_gc()
    gc.set_joinstyle("round")
    gc.set_capstyle("round")
    gc.set_linewidth(0)
    if ink.pen:
        gc.set_foreground(rgba(ink.pen.colour), isRGBA=True)
        gc.set_linewidth(ink.pen.width)
        if ink.pen.dash:
            gc.set_capstyle("butt")
            gc.set_dashes(0, list(ink.pen.dash))
    if ink.fill or ink.pen:
        renderer.draw_path(gc, _path(ink.outline), IdentityTransform(), rgba(ink.fill) if ink.fill else None)
    gc.restore()
    if ink.hatch:
        _plot_hatch(ink.outline, ink.hatch, renderer)


def _plot_hatch(outline: Outline, hatch: Hatch, renderer: Renderer) -> None:
    gc = renderer.new_gc()
    gc.set_capstyle("butt")
    gc.set_clip_path(TransformedPath(_path(outline), IdentityTransform()))
    gc.set_foreground(rgba(hatch.colour), isRGBA=True)
    gc.set_linewidth(hatch.width)
    renderer.draw_path(gc, _path(hatch_lines(outline, hatch)), IdentityTransform(), None)
    gc.restore()


def _path(outline: Outline) -> Path:
    path = Path(*outline)
    path.should_simplify = False
    return path
