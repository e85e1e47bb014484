"""Furniture for a picture without words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from animap.layers.base import Bare, Layer, Moment
from animap.layers.furniture import Curtained, TimeLine
from animap.layers.furniture.locator import LocatorLayer
from animap.marks import Faded, Shown, Text, TextAlong

__all__ = ["Wordless", "wordless"]


def wordless(layer: Layer) -> bool:
    """Whether a piece of furniture says something without its words; date, legend and cards do not."""
    inner = layer.layer if isinstance(layer, Curtained) else layer
    return isinstance(inner, TimeLine | LocatorLayer)


@dataclass(frozen=True, eq=False)
class Wordless(Bare):
    """A layer without its texts."""

    layer: Layer

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The layer's marks that are no text."""
        for shown in self.layer.marks(moment):
            mark = shown.mark if isinstance(shown, Faded) else shown
            if not isinstance(mark, Text | TextAlong):
                yield shown
