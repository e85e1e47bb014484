"""Furniture stands aside while a card is shown, so that the card has only the map behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from animap.layers.base import Bare, Event, Layer, LegendItem, Moment, Name, Obstacle
from animap.marks import Faded, Shown
from animap.timeline import Presence

__all__ = ["Curtained"]

_FADE = 0.8


@dataclass(frozen=True, eq=False)
class Curtained(Bare):
    """A layer that comes as the title leaves, and goes as the end card comes."""

    layer: Layer

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The layer's own marks, fading where a card comes or goes."""
        clock = self.setting.clock
        enter = min(_FADE, clock.opening)
        presence = Presence(clock.opening - enter, clock.curtain + _FADE, enter, _FADE)
        share = presence.at(moment.second)
        if share >= 0.998:
            return self.layer.marks(moment)
        if share <= 0.002:
            return ()
        return [_paler(mark, share) for mark in self.layer.marks(moment)]

    def names(self) -> Sequence[Name]:
        """The layer's."""
        return self.layer.names()

    def obstacles(self) -> Sequence[Obstacle]:
        """The layer's, all the time: names do not move for a card."""
        return self.layer.obstacles()

    def events(self) -> Sequence[Event]:
        """The layer's."""
        return self.layer.events()

    def legend(self) -> Sequence[LegendItem]:
        """The layer's."""
        return self.layer.legend()


def _paler(mark: Shown, share: float) -> Shown:
    if isinstance(mark, Faded):
        return Faded(mark.mark, round(mark.opacity * share, 4))
    return Faded(mark, round(share, 4))
