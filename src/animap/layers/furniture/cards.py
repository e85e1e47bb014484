"""Title card and end card, over the veiled map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from animap.layers.base import Bare, Moment, Setting
from animap.layers.furniture.runs import Run, broken_runs, runs_of, set_centred, width_of_runs
from animap.layers.lettering import line_height
from animap.marks import Area, Line, Mark, Paths, Shown, box, faded
from animap.style import Lettering
from animap.timeline import Presence

__all__ = ["EndCard", "TitleCard"]

_FADE = 0.8
_WIDEST, _BESIDE = 1280.0, 64.0
"""Units: the longest line, and the ground left and right of it."""
_ABOVE, _BELOW = 0.9, 0.75
"""Ground over the first line and under the last, as shares of the title's size."""
_SMALLEST = 0.55


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph; `before` is the space above it, as a share of its lettering's size."""

    text: str
    lettering: Lettering
    italic: Lettering | None = None
    before: float = 0.4
    ruled: bool = False
    """Whether a rule stands under it."""


@dataclass(frozen=True, eq=False)
class TitleCard(Bare):
    """Title and subtitle while the film opens."""

    title: str
    subtitle: str
    card: tuple[Mark, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        style = self.setting.style.cards
        blocks = [_Block(self.title, style.title, ruled=True), _Block(self.subtitle, style.subtitle)]
        object.__setattr__(self, "card", tuple(_stack(self.setting, blocks, 0.46)))

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
        style, book = self.setting.style.cards, self.setting.book
        blocks = [_Block(self.title, style.title, ruled=True)]
        if self.sources:
            blocks.append(_Block(book.say("sources"), style.subtitle, before=0.1))
            blocks += [_Block(line, style.source, style.source_italic) for line in self.sources]
        for n, line in enumerate(self.credits):
            blocks.append(_Block(line, style.text, style.text_italic, before=0.45 if n else 1.5))
        object.__setattr__(self, "card", tuple(_stack(self.setting, blocks, 0.5)))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The card, after the map has been left to stand for a while."""
        return faded(self.card, Presence(self.setting.clock.curtain, enter=_FADE).at(moment.second))


@dataclass(frozen=True, slots=True)
class _Set:
    """Lines with their baselines, and the rule's height, from the top of the first line down."""

    lines: tuple[tuple[list[Run], float], ...]
    rule: float
    height: float


def _set(blocks: Sequence[_Block], width: float, scale: float, language: str) -> _Set:
    lines: list[tuple[list[Run], float]] = []
    y = rule = 0.0
    for block in blocks:
        if not block.text:
            continue
        plain = _scaled(block.lettering, scale)
        italic = _scaled(block.italic, scale) if block.italic else None
        y += plain.size * block.before if lines else 0.0
        for runs in broken_runs(runs_of(block.text, plain, italic), width, language):
            y += line_height(plain) if lines else plain.size * 0.74
            lines.append((runs, y))
        if block.ruled:
            rule = y + plain.size * 0.5
            y = rule + plain.size * 0.22
    return _Set(tuple(lines), rule, y)


def _scaled(lettering: Lettering, scale: float) -> Lettering:
    return lettering if scale == 1 else lettering.model_copy(update={"size": lettering.size * scale})


def _stack(setting: Setting, blocks: Sequence[_Block], middle: float) -> Iterable[Mark]:
    """Centred paragraphs on a panel around a share of the screen's height; smaller where they must be."""
    page, style, furniture = setting.page, setting.style.cards, setting.style.furniture
    left, ceiling, right, floor = setting.screen or (0.0, 0.0, page.across, page.down)
    across, down = right - left, floor - ceiling
    language, margin = setting.book.language, furniture.margin
    width = min(across - 2 * (margin + _BESIDE * 0.6), _WIDEST)
    above, below = style.title.size * _ABOVE, style.title.size * _BELOW
    scale, text = 1.0, _set(blocks, width, 1.0, language)
    # One screen of a wall is as large as a whole page elsewhere.
    smallest = _SMALLEST * down / page.down
    while text.height + above + below > down - 2 * margin and scale > smallest:
        scale -= 0.03
        text = _set(blocks, width, scale, language)
    height = text.height + above + below
    top = ceiling + min(max(margin, down * middle - height / 2), max(margin, down - margin - height))
    centre = (left + right) / 2
    yield Area(paths=box(0, 0, page.across, page.down), fill=style.veil, space="page")
    half = max((width_of_runs(runs, language) for runs, _ in text.lines), default=0.0) / 2 + _BESIDE
    half = min(half, across / 2 - margin)
    panel = box(centre - half, top, centre + half, top + height, furniture.panel_radius)
    yield Area(paths=panel, fill=style.panel, pen=furniture.panel_edge, space="page")
    stroke = np.array([(centre - 90, top + above + text.rule), (centre + 90, top + above + text.rule)])
    yield Line(paths=Paths.of([stroke]), pen=style.rule, space="page")
    for runs, y in text.lines:
        yield from set_centred(runs, centre, top + above + y, language)
