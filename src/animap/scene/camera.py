"""The camera: stations at which the view rests, and smooth flights between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from animap.film import Film
from animap.geo.flight import Flight
from animap.geo.projection import Extent
from animap.layers.base import Rect
from animap.marks import Page, View
from animap.timeline import Clock, ease

__all__ = ["Camera", "Station", "camera_of", "view_of"]


@dataclass(frozen=True, slots=True)
class Station:
    """A view, and the film seconds between which it rests; the flight to the next eases with `easing`."""

    view: View
    arrives: float
    leaves: float
    easing: str = "sine-in-out"


@dataclass(frozen=True, slots=True)
class Camera:
    """Stations in the order of time, at least one."""

    stations: tuple[Station, ...]

    def at(self, second: float) -> View:
        """The view at a film second; the very same object while the camera rests."""
        here = self.stations[0]
        for following in self.stations[1:]:
            if second < here.leaves:
                break
            if second < following.arrives:
                share = (second - here.leaves) / (following.arrives - here.leaves)
                flight = Flight(_triple(here.view), _triple(following.view))
                return View(*flight.at(ease(following.easing, share)))
            here = following
        return here.view

    def moves(self, second: float) -> bool:
        """Whether the camera is in flight."""
        return not any(s.arrives <= second < s.leaves for s in self.stations)

    @property
    def widest(self) -> View:
        """A view from which everything is seen that any station sees."""
        views = [s.view for s in self.stations]
        if len(views) == 1:
            return views[0]
        # Heights are in proportion to widths: a square of the greater side is enough for any page.
        left, right = min(v.x - v.width / 2 for v in views), max(v.x + v.width / 2 for v in views)
        low, high = min(v.y - v.width / 2 for v in views), max(v.y + v.width / 2 for v in views)
        width = max(right - left, high - low, *(v.width for v in views))
        great = max(views, key=lambda v: v.width)
        return great if width <= great.width * 1.001 else View((left + right) / 2, (low + high) / 2, width)

    @property
    def closest(self) -> View:
        """The station that shows most detail."""
        return min((s.view for s in self.stations), key=lambda v: v.width)


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


def camera_of(film: Film, page: Page, clock: Clock, free: Rect | None = None) -> Camera:
    """The camera of a film: its view, then its keys, each flown to from its date on."""
    views: list[View] = [view_of(film, page, free)]
    moves: list[tuple[float, float, str]] = []
    for key in film.spec.view.keys:
        views.append(view_of(film, page, free, Extent(*key.extent)))
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
