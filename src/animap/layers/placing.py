"""Placing names: over the whole film at once, since the future is known.

Every name comes with candidates (ways to set it) and a span of seconds. Names choose in the order of
their priority; a candidate is ruled out if it would cover a name already placed, or a hard obstacle, at
a moment when both are shown, or leave the page. A name that finds no place may move one or two others
to another of theirs; one that still finds none stands further off with a leader line, or is left out.
A placed name never moves while it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from animap.layers.base import Candidate, Name, Obstacle, Rect
from animap.layers.plots import Plots

__all__ = ["LEADER_COST", "LEAST_SHOWN", "Placed", "meet", "overlaps", "place"]

_MARGIN, _SOFT_COST, _SOFT_MOST, _MOST_MOVED = 6.0, 3.0, 3, 2
_FULL = 250
"""Names for which others were asked to give way in vain, after which no more are asked: there is no room."""
LEAST_SHOWN = 1.0
"""Film seconds for which a name must be shown."""
LEADER_COST = 10.0
"""Cost of a place that is so far off that it needs a leader line."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A name and the candidate it got."""

    name: Name
    candidate: Candidate

    @property
    def span(self) -> tuple[float, float]:
        """Film seconds in which it is shown."""
        return _span(self.candidate, self.name)

    def claims(self) -> list[tuple[Rect, tuple[float, float]]]:
        """Every box that it covers, and in which film seconds."""
        return list(self.candidate.claims(*self.span))


def _span(candidate: Candidate, name: Name) -> tuple[float, float]:
    return max(name.start, candidate.start), name.stop


def place(
    names: Iterable[Name], obstacles: Sequence[Obstacle], width: float, height: float
) -> tuple[list[Placed], list[Name]]:
    """Give every name a place on a page (units), or leave it out: (placed, left out)."""
    table = _Table(obstacles, width, height)
    left_out: list[Name] = []
    for name in sorted(names, key=lambda n: (n.priority, n.id)):
        chosen = table.best(name)
        if chosen is None and len(left_out) < _FULL:
            chosen = table.best_by_moving(name)
        if chosen is None:
            left_out.append(name)
        else:
            table.add(Placed(name, chosen))
    return list(table.placed.values()), left_out


def overlaps(placed: Sequence[Placed]) -> list[tuple[str, str]]:
    """Pairs of names of which one covers the other at a moment when both are shown."""
    claims = [p.claims() for p in placed]
    return [
        (placed[i].name.id, placed[j].name.id)
        for i in range(len(placed))
        for j in range(i)
        if any(meet(p, q) and s[0] < t[1] and t[0] < s[1] for p, s in claims[i] for q, t in claims[j])
    ]


def meet(a: Rect, b: Rect) -> bool:
    """Whether two boxes share more than an edge."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _liked(name: Name) -> float:
    return min(c.cost for c in name.candidates)


class _Table:
    """Names placed so far and boxes in use, with their seconds and whose they are."""

    def __init__(self, obstacles: Sequence[Obstacle], width: float, height: float) -> None:
        self.placed: dict[int, Placed] = {}
        self._page = (_MARGIN, _MARGIN, width - _MARGIN, height - _MARGIN)
        self._fixed, self._soft, self._names = Plots(), Plots(), Plots()
        self._costs: dict[tuple[Candidate, Name], float | None] = {}
        for number, obstacle in enumerate(obstacles):
            plots = self._soft if obstacle.soft else self._fixed
            plots.add(number, obstacle.box, (obstacle.start, obstacle.stop))

    def add(self, placed: Placed) -> None:
        key = len(self.placed)
        self.placed[key] = placed
        self._claim(key)

    def _claim(self, key: int) -> None:
        for box, span in self.placed[key].claims():
            self._names.add(key, box, span)

    def best(
        self, name: Name, besides: Sequence[Placed] = (), ignoring: Sequence[int] = ()
    ) -> Candidate | None:
        """The cheapest way to set a name that covers nothing, `besides` counted in, `ignoring` left out."""
        best, least = None, name.limit
        others = [q for p in besides for q, _ in p.claims()]
        for candidate in sorted(name.candidates, key=lambda c: c.cost):
            if candidate.cost > name.limit or (best is not None and candidate.cost >= least):
                # What lies around only adds to a cost: no later one can be better.
                break
            cost = self._cost(candidate, name)
            if cost is None or (cost >= least and best is not None) or cost > name.limit:
                continue
            if not self._free(candidate, name, ignoring):
                continue
            mine = [b for b, _ in candidate.claims(*_span(candidate, name))]
            if not any(meet(b, q) for b in mine for q in others):
                best, least = candidate, cost
        return best

    def best_by_moving(self, name: Name) -> Candidate | None:
        """The cheapest way for which a name or two can give way to another of their places."""
        costs = [(self._cost(c, name), n) for n, c in enumerate(name.candidates)]
        for _, n in sorted((c, n) for c, n in costs if c is not None and c <= name.limit):
            candidate = name.candidates[n]
            owners = sorted(self._owners(candidate, name))
            if not owners or len(owners) > _MOST_MOVED:
                continue
            moved = [Placed(name, candidate)]
            for owner in owners:
                other = self.placed[owner].name
                instead = self.best(other, moved, owners)
                if instead is None or instead.cost > _liked(other) + name.push:
                    break
                moved.append(Placed(other, instead))
            else:
                for owner, new in zip(owners, moved[1:], strict=True):
                    self._names.remove(owner)
                    self.placed[owner] = new
                    self._claim(owner)
                return candidate
        return None

    def _cost(self, candidate: Candidate, name: Name) -> float | None:
        """How unwelcome a candidate is, names aside; None where it is impossible."""
        # Names come and go while others are moved; what lies around them stays.
        key = candidate, name
        if key not in self._costs:
            self._costs[key] = self._counted(candidate, name)
        return self._costs[key]

    def _counted(self, candidate: Candidate, name: Name) -> float | None:
        start, stop = _span(candidate, name)
        if stop - start < LEAST_SHOWN:
            return None
        cost = candidate.cost
        left, top, right, bottom = self._page
        claims = list(candidate.claims(start, stop))
        for box, span in claims:
            if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
                return None
            if self._fixed.touched(box, span, 1):
                return None
        # To cover much of an arrow is hardly worse than to cover some of it.
        covered = sum(len(self._soft.touched(*claim, _SOFT_MOST)) for claim in claims)
        return cost + _SOFT_COST * covered / len(candidate.boxes)

    def _free(self, candidate: Candidate, name: Name, ignoring: Sequence[int]) -> bool:
        """Whether a candidate would cover no name but those to be ignored."""
        for box, span in candidate.claims(*_span(candidate, name)):
            found = self._names.touched(box, span, len(ignoring) + 1)
            if not found.issubset(ignoring):
                return False
        return True

    def _owners(self, candidate: Candidate, name: Name) -> set[int]:
        """Whose names a candidate would cover."""
        claims = candidate.claims(*_span(candidate, name))
        return {owner for box, span in claims for owner in self._names.touched(box, span)}
