"""Layers of the map at each rest of the camera; what has a size on the map dissolves in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import overload

from animap.layers import Data, Layer, Moment, Setting
from animap.layers.base import Bare
from animap.marks import Area, Faded, Shown, View, faded
from animap.scene.camera import Camera
from animap.timeline import ease

__all__ = ["Staged", "Versions"]

_STEADY = 0.3
"""Share of a flight, at its start and at its end, over which nothing dissolves."""


class Versions(Sequence[Layer]):
    """A layer of the map at each station of the camera, prepared when it is first asked for.

    `settings` has one for each station; where the camera comes back to a view, the layer is the same.
    """

    def __init__(self, data: Data, settings: Sequence[Setting]) -> None:
        self._data, self._settings = data, settings
        self._made: dict[View, Layer] = {}

    def __len__(self) -> int:
        return len(self._settings)

    @overload
    def __getitem__(self, station: int) -> Layer: ...
    @overload
    def __getitem__(self, station: slice) -> Sequence[Layer]: ...
    def __getitem__(self, station: int | slice) -> Layer | Sequence[Layer]:
        if isinstance(station, slice):
            return [self[n] for n in range(len(self))[station]]
        setting = self._settings[station]
        if setting.view not in self._made:
            self._made[setting.view] = self._data.prepare(setting)
        return self._made[setting.view]


@dataclass(frozen=True, eq=False)
class Staged(Bare):
    """Teeth, waterlines and what else is measured in units as the camera rests.

    `versions` has the layer as it is drawn at each station. On a flight the one is drawn out as the
    other is drawn in.
    """

    camera: Camera
    versions: Sequence[Layer] = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """The version of the station, or two of them where the camera flies."""
        here, there, share = self.camera.leg(moment.second)
        if self.versions[here] is self.versions[there]:
            return self.versions[here].marks(moment)
        share = round(ease("sine-in-out", (share - _STEADY) / (1 - 2 * _STEADY)), 3)
        before = [] if share == 1 else list(self.versions[here].marks(moment))
        after = [] if share == 0 else list(self.versions[there].marks(moment))
        # What both have stays as it is.
        stays = {*map(id, before)} & {*map(id, after)}
        shown = [mark if id(mark) in stays else _leaving(mark, share) for mark in before]
        shown += [_coming(mark, share) for mark in after if id(mark) not in stays]
        return [mark for mark in shown if mark is not None]

    def begin(self, pool: Executor) -> None:
        """All versions, in the order of the stations."""
        for version in dict.fromkeys(self.versions):
            version.begin(pool)


def _coming(shown: Shown, share: float) -> Shown | None:
    mark, opacity = (shown.mark, shown.opacity) if isinstance(shown, Faded) else (shown, 1.0)
    return next(iter(faded([mark], opacity * share)), None)


def _leaving(shown: Shown, share: float) -> Shown | None:
    # Tints and teeth pale as their successors come. Lines and opaque ground stay under them until these
    # are there in full: two halves of a line one upon the other would be less than the line.
    mark = shown.mark if isinstance(shown, Faded) else shown
    return _coming(shown, 1 - share) if isinstance(mark, Area) else shown
