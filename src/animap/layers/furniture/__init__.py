"""Cartographers' furniture: what stands beside the map and explains it."""

from animap.layers.furniture.cards import EndCard, TitleCard
from animap.layers.furniture.curtain import Curtained
from animap.layers.furniture.date import DateDisplay, date_width
from animap.layers.furniture.layout import Layout, Needs
from animap.layers.furniture.legend import Legend
from animap.layers.furniture.timeline import TimeLine

__all__ = [
    "Curtained",
    "DateDisplay",
    "EndCard",
    "Layout",
    "Legend",
    "Needs",
    "TimeLine",
    "TitleCard",
    "date_width",
]
