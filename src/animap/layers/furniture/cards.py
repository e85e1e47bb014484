"""Title card and end card, over the veiled map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from animap.layers.base import Bare, Moment, Setting
from animap.layers.lettering import broken, line_height, width_of
from animap.marks import Area, Line, Mark, Paths, Shown, Text, box, faded
from animap.style import Lettering
from animap.timeline import Presence

__all__ = ["EndCard", "TitleCard"]

_FADE = 0.8
_MAP_SHARE = 0.42
"""Share of the ending that still shows the map, before the end card comes."""


@dataclass(frozen=True, eq=False)
class TitleCard(Bare):
    """Title and subtitle while the film opens."""

    title: str
    subtitle: str
    card: tuple[Mark, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        style, page = self.setting.style.cards, self.setting.page
        blocks = [(self.title, style.title), (self.subtitle, style.subtitle)]
        object.__setattr__(self, "card", tuple(_stack(self.setting, blocks, page.down * 0.44, rule_after=0)))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The card, until history starts to move."""
        presence = Presence(stop=self.setting.clock.opening, leave=_FADE)
        return faded(self.card, presence.at(moment.second))


@dataclass(frozen=True, eq=False)
class EndCard(Bare):
    """What the film leaves one with: its title, its sources, its credits."""

    title: str
    sources: Sequence[str]
    credits: Sequence[str]
    card: tuple[Mark, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        style, page, book = self.setting.style.cards, self.setting.page, self.setting.book
        blocks = [(self.title, style.title)]
        if self.sources:
            blocks.append((book.say("sources"), style.subtitle))
            blocks += [(line, style.source) for line in self.sources]
        blocks += [(line, style.text) for line in self.credits]
        object.__setattr__(self, "card", tuple(_stack(self.setting, blocks, page.down * 0.5, rule_after=0)))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The card, after the map has been left to stand for a while."""
        clock = self.setting.clock
        start = float(clock.seconds) - clock.ending * (1 - _MAP_SHARE)
        return faded(self.card, Presence(start, enter=_FADE).at(moment.second))


def _stack(
    setting: Setting, blocks: Sequence[tuple[str, Lettering]], middle: float, rule_after: int
) -> Iterable[Mark]:
    """Centred blocks of text one under the other around `middle`, a rule after one of them."""
    page, style, language = setting.page, setting.style.cards, setting.book.language
    width = min(page.across - 2 * setting.style.furniture.margin, 1280.0)
    rows: list[tuple[str, Lettering, float]] = []
    y, rule = 0.0, 0.0
    for index, (text, lettering) in enumerate(blocks):
        if not text:
            continue
        for line in broken(text, lettering, width, language):
            y += line_height(lettering)
            rows.append((line, lettering, y))
        y += lettering.size * 0.42
        if index == rule_after:
            rule = y + 6
            y += 22
    top = middle - y / 2
    yield Area(paths=box(0, 0, page.across, page.down), fill=style.veil, space="page")
    centre = page.across / 2
    furniture, wide = setting.style.furniture, max(width_of(t, w, language) for t, w, _ in rows) / 2 + 70
    yield Area(
        paths=box(
            max(centre - wide, furniture.margin),
            top - 28,
            min(centre + wide, page.across - furniture.margin),
            top + y + 44,
            furniture.panel_radius,
        ),
        fill=style.panel,
        pen=furniture.panel_edge,
        space="page",
    )
    stroke = np.array([(centre - 90, top + rule), (centre + 90, top + rule)])
    yield Line(paths=Paths.of([stroke]), pen=style.rule, space="page")
    for text, lettering, down in rows:
        yield Text(text=text, at=(centre, top + down), lettering=lettering, align="centre", language=language)
