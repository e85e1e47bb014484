"""The base map as it is drawn: one mark that never changes, and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

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
        return BasemapLayer(setting, self.contents)


@dataclass(frozen=True, eq=False)
class BasemapLayer(Bare):
    """A base map never changes."""

    scaled: ClassVar[bool] = True

    contents: Contents = field(repr=False)

    @cached_property
    def ground(self) -> Group:
        """Everything but names, made when it is first shown."""
        return Group(marks=tuple(ground(self.contents, self.setting)))

    def marks(self, moment: Moment) -> Iterable[Shown]:  # noqa: ARG002
        """The same mark in every frame."""
        return (self.ground,)

    def names(self) -> Sequence[Name]:
        """Countries, regions, seas and rivers yield to every other name."""
        return (
            *place_names(self.contents, self.setting),
            *river_names(self.contents, self.setting),
            *graticule_names(self.contents, self.setting),
        )
