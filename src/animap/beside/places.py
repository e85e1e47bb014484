"""Where a place is, for who does not see the map: so many kilometres in which direction from a great town."""

from __future__ import annotations

import math
from collections.abc import Sequence

from animap.layers.towns import Town
from animap.words import Book

__all__ = ["Gazetteer"]

_ANCHOR = 2
"""Greatest rank number of towns that everybody is taken to know."""
_POINTS = ("e", "ne", "n", "nw", "w", "sw", "s", "se")


class Gazetteer:
    """Tells places by the great towns of a film."""

    def __init__(self, towns: Sequence[Town], say: Book) -> None:
        self._anchors = [town for town in towns if town.rank <= _ANCHOR]
        self._say = say

    def told(self, town: Town) -> str:
        """A town's name, and where it is if it is not itself a great one."""
        name = self._say.pick(town.names)
        where = "" if town.rank <= _ANCHOR else self._from_anchor(town.at)
        return f"{name}, {where}" if where else name

    def near(self, at: tuple[float, float]) -> str:
        """A spot on the map (metres)."""
        nearest = self._nearest(at)
        if nearest and math.dist(nearest.at, at) < 1000:
            return self._say.pick(nearest.names)
        return self._from_anchor(at) or "–"

    def _nearest(self, at: tuple[float, float]) -> Town | None:
        return min(self._anchors, key=lambda t: math.dist(t.at, at), default=None)

    def _from_anchor(self, at: tuple[float, float]) -> str:
        anchor = self._nearest(at)
        if anchor is None:
            return ""
        east, north = at[0] - anchor.at[0], at[1] - anchor.at[1]
        bearing = _POINTS[round(math.atan2(north, east) / (math.pi / 4)) % 8]
        return self._say.say(
            "told_where",
            n=max(1, round(math.hypot(east, north) / 1000)),
            bearing=self._say.say(f"bearing_{bearing}"),
            of=self._say.of(self._say.pick(anchor.names)),
        )
