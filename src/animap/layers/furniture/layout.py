"""Where furniture stands: one arrangement for any page, inside safe margins."""

from __future__ import annotations

from dataclasses import dataclass

from animap.layers.base import Rect
from animap.layers.lettering import line_height
from animap.marks import Page
from animap.style.model import FurnitureStyle

__all__ = ["Layout"]

_PAD = 20.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes on the page in units.

    The date stands in the upper left, the caption's panel under it, as high as the caption needs and at
    most `lines` lines; the time line runs along the bottom; the legend stands above it on the right.
    """

    panel: Rect
    date: Rect
    caption: Rect
    """Inside of the caption's panel when it holds its longest text."""
    pad: float
    caption_rises: bool
    """Whether a short caption keeps the foot of its box and not the top."""
    timeline: Rect
    legend_corner: tuple[float, float]
    """Right and bottom end of the legend."""

    @classmethod
    def of(cls, page: Page, style: FurnitureStyle, caption_lines: int) -> Layout:
        """The layout of a page; the caption is given room for its longest text."""
        m = style.margin
        width = min(style.caption_width, page.across - 2 * m - 2 * _PAD)
        left, top = m + _PAD, m + _PAD * 0.6
        date_height = line_height(style.weekday) + style.date.size * 1.02
        date_foot = top + date_height + _PAD * 0.3
        caption_top = date_foot + _PAD * 0.6
        caption_height = caption_lines * line_height(style.caption)
        track = style.timeline_text.size * 3.1
        foot = page.down - m * 0.62
        rises = style.caption_place == "foot"
        if rises:
            caption_top = foot - track - m * 0.5 - _PAD * 0.45 - caption_height
        # As wide as the caption under it, or as a date needs where the caption stands elsewhere.
        panel = min(width, style.date.size * 8.2) if rises else width
        return cls(
            panel=(m, m, m + panel + 2 * _PAD, date_foot),
            date=(left, top, left + panel, top + date_height),
            caption=(left, caption_top, left + width, caption_top + caption_height),
            pad=_PAD,
            caption_rises=rises,
            timeline=(m, foot - track, page.across - m, foot),
            legend_corner=(page.across - m, foot - track - m * 0.5),
        )
