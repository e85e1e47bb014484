"""The camera: stations at which the view rests, and smooth flights between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from animap.film import Film
from animap.film.model import ViewKeySpec
from animap.geo.flight import Flight
from animap.geo.projection import Extent
from animap.layers.base import Rect
from animap.marks import Page, View
from animap.timeline import Clock, ease

_LOOKS = 9
"""Views on a flight that stand for all of them."""

__all__ = ["Camera", "Station", "camera_of", "view_of"]


@dataclass(frozen=True, slots=True)
class Station:
    """A view, and the film seconds between which it rests; the flight to it eases with `easing`."""

    view: View
    arrives: float
    leaves: float
    easing: str = "sine-in-out"


@dataclass(frozen=True, slots=True)
class Camera:
    """Stations in the order of time, at least one."""

    stations: tuple[Station, ...]

    def leg(self, second: float) -> tuple[int, int, float]:
        """The stations that the camera is between, and how far (0 to 1) it has come from one to the other."""
        here = 0
        for n, following in enumerate(self.stations[1:], 1):
            if second < self.stations[here].leaves:
                break
            if second < following.arrives:
                start, stop = self.stations[here].leaves, following.arrives
                return here, n, ease(following.easing, (second - start) / (stop - start))
            here = n
        return here, here, 0.0

    def at(self, second: float) -> View:
        """The view at a film second; the very same object while the camera rests."""
        here, there, share = self.leg(second)
        if here == there:
            return self.stations[here].view
        return self._on_the_way(here, there, share)

    def moves(self, second: float) -> bool:
        """Whether the camera is in flight."""
        here, there, _ = self.leg(second)
        return here != there

    def passing(self, view: View) -> tuple[View, ...]:
        """Views on the flights that begin or end at a view."""
        seen = []
        for n, (a, b) in enumerate(pairwise(self.stations)):
            if view in (a.view, b.view):
                seen += [self._on_the_way(n, n + 1, share) for share in np.linspace(0, 1, _LOOKS).tolist()]
        return tuple(seen)

    def _on_the_way(self, here: int, there: int, share: float) -> View:
        flight = Flight(_triple(self.stations[here].view), _triple(self.stations[there].view))
        return View(*flight.at(share))


def _triple(view: View) -> tuple[float, float, float]:
    return view.x, view.y, view.width


def view_of(film: Film, page: Page, free: Rect | None = None, extent: Extent | None = None) -> View:
    """The view that holds an extent (the film's own unless given), whatever the page's shape.

    Where the page is taller than the extent, that stands in the middle of what is `free` of furniture,
    as far as it stays in the picture.
    """
    left, bottom, right, top = film.projection.bounds(extent or film.extent)
    width = max(right - left, (top - bottom) * page.across / page.down)
    scale = width / page.across
    spare = max(0.0, page.down - (top - bottom) / scale) / 2
    middle = (free[1] + free[3]) / 2 if free else page.down / 2
    down = min(spare, max(-spare, middle - page.down / 2))
    return View((left + right) / 2, (bottom + top) / 2 + down * scale, width)


def _key_view(film: Film, page: Page, free: Rect | None, key: ViewKeySpec) -> View:
    if key.extent is not None:
        return view_of(film, page, free, Extent(*key.extent))
    assert key.centre is not None
    assert key.width is not None
    x, y = film.projection.points(np.array([key.centre]))[0].tolist()
    return View(x, y, key.width * 1e3)


def camera_of(film: Film, page: Page, clock: Clock, free: Rect | None = None) -> Camera:
    """The camera of a film: its view, then its keys, each flown to from its date on."""
    views: list[View] = [view_of(film, page, free)]
    moves: list[tuple[float, float, str]] = []
    for key in film.spec.view.keys:
        views.append(_key_view(film, page, free, key))
        moves.append((max(0.0, clock.second_of(key.at.instant)), key.seconds, key.ease))
    return Camera(tuple(_stations(views, moves)))


def _stations(views: Sequence[View], moves: Sequence[tuple[float, float, str]]) -> list[Station]:
    stations = []
    arrives, easing = -math.inf, "linear"
    for n, view in enumerate(views):
        leaves = moves[n][0] if n < len(moves) else math.inf
        stations.append(Station(view, arrives, max(leaves, arrives), easing))
        if n < len(moves):
            arrives, easing = max(leaves, arrives) + max(moves[n][1], 1e-3), moves[n][2]
    return stations
