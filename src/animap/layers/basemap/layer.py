"""The base map as it is drawn: one mark that never changes, and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from animap.layers.base import Bare, Layer, Moment, Name, Setting
from animap.layers.basemap.contents import Contents
from animap.layers.basemap.graticule import graticule_names
from animap.layers.basemap.ground import ground
from animap.layers.basemap.places import place_names
from animap.layers.basemap.rivers import river_names
from animap.marks import Group, Shown

__all__ = ["BasemapData", "BasemapLayer"]


@dataclass(frozen=True, eq=False)
class BasemapData:
    """A base map that was read."""

    contents: Contents

    @property
    def land(self) -> BaseGeometry:
        """All land, in map metres."""
        return self.contents.land

    def prepare(self, setting: Setting) -> Layer:
        """Everything cut to the picture and drawn once."""
        names = (
            *place_names(self.contents, setting),
            *river_names(self.contents, setting),
            *graticule_names(self.contents, setting),
        )
        return BasemapLayer(setting, Group(marks=tuple(ground(self.contents, setting))), names)


@dataclass(frozen=True, eq=False)
class BasemapLayer(Bare):
    """A base map never changes."""

    ground: Group = field(repr=False)
    labels: tuple[Name, ...] = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:  # noqa: ARG002
        """The same mark in every frame."""
        return (self.ground,)

    def names(self) -> Sequence[Name]:
        """Countries, regions, seas and rivers yield to every other name."""
        return self.labels
