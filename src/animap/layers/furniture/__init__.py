"""Cartographers' furniture: what stands beside the map and explains it."""

from animap.layers.furniture.cards import EndCard, TitleCard
from animap.layers.furniture.date import DateDisplay
from animap.layers.furniture.layout import Layout
from animap.layers.furniture.legend import Legend
from animap.layers.furniture.timeline import TimeLine

__all__ = ["DateDisplay", "EndCard", "Layout", "Legend", "TimeLine", "TitleCard"]
