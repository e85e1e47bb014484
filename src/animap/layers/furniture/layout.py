"""Where furniture stands: one arrangement for a page of any shape, inside safe margins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from animap.layers.base import Rect
from animap.layers.lettering import line_height
from animap.marks import Page
from animap.style.model import FurnitureStyle

__all__ = ["Layout", "Needs"]

_PAD = 20.0
_TALL = 1.15
"""Height over width from which panels take the whole width, one under the other."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a film asks of a layout, in all its languages.

    `lines` tells how many lines the longest caption takes in a column of so many units; `date` is the
    width of the widest date, padding left out; `locator` the locator's height over its width, None without.
    """

    lines: Callable[[float], int]
    date: float
    locator: float | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes on the page in units.

    The date stands in the upper left, the caption under it or at the foot; the time line runs along the
    bottom, the legend above it on the right, the locator in the upper right. On tall pages date and
    caption take the whole width, and the locator stands beside the legend. What finds no room is left out.
    On a wall each stands on the screen in its corner; the time line alone runs across several.
    """

    pad: float
    gap: float
    tall: bool
    date: Rect
    """The date's panel."""
    caption: Rect
    """Inside of the caption's panel when it holds its longest text."""
    caption_rises: bool
    """Whether a short caption keeps the foot of its box and not the top."""
    timeline: Rect
    legend_room: Rect
    """What the legend may take, from its lower right corner on."""
    locator: Rect | None
    free: Rect
    """What is left to the map between what stands above and below it."""

    @classmethod
    def of(
        cls, page: Page, style: FurnitureStyle, needs: Needs, screen: tuple[float, float] | None = None
    ) -> Layout:
        """The layout of a page; the caption is given room for its longest text.

        `screen` is the width and height in units of each screen in the page's corners, all of it without.
        """
        m = style.margin
        across, down = screen or (page.across, page.down)
        inner, gap = across - 2 * m, m * 0.5
        right, foot = page.across - m, page.down - m
        tall, rises = down > across * _TALL, style.caption_place == "foot"
        width = inner if tall else min(style.caption_width + 2 * _PAD, inner)
        date = (m, m, m + (needs.date + 2 * _PAD if rises else width), m + _date_height(style))
        timeline = (m, foot - style.timeline_text.size * 3.1, right, foot)
        caption = _caption(style, needs, width, date[3] if not rises else None, timeline[1] - gap)
        above = date[3] if rises else _panel(caption)[3]
        below = _panel(caption)[1] if rises and caption[3] > caption[1] else timeline[1]
        locator = None
        # The screen in the lower right corner.
        side, ceiling = right - inner, page.down - down + m
        room = (side, max(above + gap, ceiling), right, timeline[1] - gap)
        if needs.locator and style.locator_size:
            wide, high = style.locator_size, style.locator_size * needs.locator
            if not tall and date[2] + gap <= right - wide:
                locator = (right - wide, m, right, m + high)
                room = (side, max(room[1], m + high + gap), right, room[3])
            elif tall:
                locator = (right - wide, below - gap - high, right, below - gap)
                room = (side, room[1], right - wide - gap, below - gap)
        # How high the legend grows is not known yet: four lines are what tall pages have beside it.
        legend = line_height(style.legend) * 4.2 + style.small.size * 1.5 + 2 * _PAD + gap if tall else 0.0
        free = (0.0, above, page.across, below - legend)
        return cls(_PAD, gap, tall, date, caption, rises, timeline, room, locator, free)

    @property
    def caption_panel(self) -> Rect:
        """The caption's panel when it holds its longest text."""
        return _panel(self.caption)

    def legend_foot(self, width: float) -> float:
        """Lower edge of a legend so many units wide: above a caption that reaches under it."""
        panel = self.caption_panel
        if self.caption_rises and (self.tall or panel[2] + self.gap > self.legend_room[2] - width):
            return min(self.legend_room[3], panel[1] - self.gap)
        return self.legend_room[3]


def _date_height(style: FurnitureStyle) -> float:
    return line_height(style.weekday) + style.date.size * 1.02 + _PAD * 0.9


def _caption(style: FurnitureStyle, needs: Needs, width: float, top: float | None, foot: float) -> Rect:
    """The text's box: under `top`, or else above `foot`."""
    left, inside = style.margin + _PAD, width - 2 * _PAD
    height = needs.lines(inside) * line_height(style.caption)
    if top is None:
        return left, foot - _PAD * 0.45 - height, left + inside, foot - _PAD * 0.45
    under = top + _PAD * 0.6
    return left, under, left + inside, under + height


def _panel(caption: Rect) -> Rect:
    return caption[0] - _PAD, caption[1] - _PAD * 0.4, caption[2] + _PAD, caption[3] + _PAD * 0.45
