"""Kinds of layers, one file each; a new kind joins the union below."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from animap.layers.advances import Advances, AdvancesData
from animap.layers.base import Data, Event, Layer, LegendItem, Moment, Name, Obstacle, Setting, Survey
from animap.layers.basemap import Basemap, BasemapData
from animap.layers.captions import Captions, CaptionsData
from animap.layers.formations import read_formations
from animap.layers.furniture.locator import Locator, LocatorData
from animap.layers.labels import LabelLayer
from animap.layers.pockets import Pockets, PocketsData
from animap.layers.territory import Territory
from animap.layers.towns import Towns, TownsData

__all__ = [
    "AdvancesData",
    "AnyLayer",
    "BasemapData",
    "Captions",
    "CaptionsData",
    "Data",
    "Event",
    "LabelLayer",
    "Layer",
    "LegendItem",
    "Locator",
    "LocatorData",
    "Moment",
    "Name",
    "Obstacle",
    "PocketsData",
    "Setting",
    "Survey",
    "TownsData",
    "read_formations",
]

AnyLayer: TypeAlias = Annotated[Territory | Basemap | Pockets | Advances | Towns, Field(discriminator="kind")]
"""What `[[layers]]` in a film file can be."""
