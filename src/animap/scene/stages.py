"""What there is to name at each station of the camera."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from animap.layers import Layer, Setting
from animap.layers.base import Name, Obstacle
from animap.layers.labels import Stage
from animap.marks import View
from animap.scene.camera import Camera
from animap.scene.staged import Versions

__all__ = ["Stages"]

_LOOKS = 24
"""Views on a flight at which names are looked at for overlaps."""


@dataclass(frozen=True, eq=False)
class Stages:
    """Stages in the order of time, each made when it is asked for, again by each who asks.

    `settings` has one for each station of the camera. Names keep clear of what is `fixed`; those of the
    layers that have the numbers `unseen` keep their places free and are not shown.
    """

    camera: Camera
    settings: Sequence[Setting]
    layers: Sequence[Versions]
    fixed: Sequence[Obstacle]
    unseen: frozenset[int]

    def __iter__(self) -> Iterator[Stage]:
        known: dict[View, tuple[list[Name], list[Obstacle], frozenset[str]]] = {}
        left = -math.inf
        for n, station in enumerate(self.camera.stations):
            if station.view not in known:
                known[station.view] = self._nameable([versions[n] for versions in self.layers])
            names, obstacles, hidden = known[station.view]
            coming = (
                [self.camera.at(s) for s in np.linspace(left, station.arrives, _LOOKS).tolist()] if n else []
            )
            yield Stage(self.settings[n], names, obstacles, station.arrives, station.leaves, coming, hidden)
            left = station.leaves

    def _nameable(self, layers: Sequence[Layer]) -> tuple[list[Name], list[Obstacle], frozenset[str]]:
        """Names at one view, what they keep clear of, and the ids of those that are not shown."""
        names: list[Name] = []
        hidden: set[str] = set()
        for number, layer in enumerate(layers):
            own = layer.names()
            names += own
            if number in self.unseen:
                hidden |= {name.id for name in own}
        hurdles = [o for layer in layers for o in layer.obstacles()]
        return names, [*self.fixed, *hurdles], frozenset(hidden)
