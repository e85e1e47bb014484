"""The base map as it is drawn: one mark that never changes, and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

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
    _begun: list[Future[Group]] = field(default_factory=list, init=False, repr=False)

    @cached_property
    def ground(self) -> Group:
        """Everything but names, made when it is first shown unless it was begun."""
        begun = next((future for future in self._begun if not future.cancelled()), None)
        return begun.result() if begun else self._made()

    def _made(self) -> Group:
        return Group(marks=tuple(ground(self.contents, self.setting)))

    def begin(self, pool: Executor) -> None:
        """The ground: most of it is GEOS following the coast, which lets Python go on."""
        if "ground" not in self.__dict__ and not self._begun:
            # It must ask for nothing that another thread may be finding out, and is waited for.
            self._begun.append(pool.submit(self._made))

    def __getstate__(self) -> dict[str, Any]:
        # Whether the ground is under way says nothing of the layer.
        return {**self.__dict__, "_begun": []}

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
