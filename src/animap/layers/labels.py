"""Placing names: over the whole film at once, since the future is known.

Every name comes with candidates (ways to set it) and a span of seconds. Names choose in the order of
their priority; a candidate is ruled out if it would cover a name already placed, or a hard obstacle, at
a moment when both are shown, or leave the page. A name that finds no place is left out. A placed name
never moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from animap.layers.base import Bare, Candidate, Moment, Name, Obstacle, Rect, Setting
from animap.marks import Shown, faded
from animap.timeline import Presence
from animap.types import Floats

__all__ = ["LabelLayer", "Placed", "place"]

_MARGIN, _SOFT_COST = 6.0, 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A name and the candidate it got."""

    name: Name
    candidate: Candidate


def place(
    names: Iterable[Name], obstacles: Sequence[Obstacle], width: float, height: float
) -> tuple[list[Placed], list[Name]]:
    """Give every name a place on a page (units), or leave it out: (placed, left out)."""
    taken = _Taken(obstacles, width, height)
    placed, left_out = [], []
    for name in sorted(names, key=lambda n: (n.priority, n.id)):
        best = min(
            ((cost, i) for i, c in enumerate(name.candidates) if (cost := taken.cost(c, name)) is not None),
            default=None,
        )
        if best is None or best[0] > name.limit:
            left_out.append(name)
            continue
        chosen = name.candidates[best[1]]
        taken.add(chosen, name)
        placed.append(Placed(name, chosen))
    return placed, left_out


class _Taken:
    """Boxes in use with their seconds, as arrays that grow."""

    def __init__(self, obstacles: Sequence[Obstacle], width: float, height: float) -> None:
        self._page = (_MARGIN, _MARGIN, width - _MARGIN, height - _MARGIN)
        self._hard = [(*o.box, o.start, o.stop) for o in obstacles if not o.soft]
        self._soft = np.array([(*o.box, o.start, o.stop) for o in obstacles if o.soft]).reshape(-1, 6)
        self._array: Floats = np.array(self._hard, dtype=float).reshape(-1, 6)

    def add(self, candidate: Candidate, name: Name) -> None:
        claims = candidate.claims(max(name.start, candidate.start), name.stop)
        self._hard += [(*box, *span) for box, span in claims]
        self._array = np.array(self._hard, dtype=float).reshape(-1, 6)

    def cost(self, candidate: Candidate, name: Name) -> float | None:
        """How unwelcome a candidate is; None where it is impossible."""
        cost = candidate.cost
        for box, span in candidate.claims(max(name.start, candidate.start), name.stop):
            left, top, right, bottom = self._page
            if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
                return None
            if _meets(self._array, box, span).any():
                return None
            cost += _SOFT_COST * float(_meets(self._soft, box, span).sum()) / len(candidate.boxes)
        return cost


def _meets(taken: Floats, box: Rect, span: tuple[float, float]) -> Floats:
    left, top, right, bottom, start, stop = taken.T
    result: Floats = (
        (left < box[2])
        & (box[0] < right)
        & (top < box[3])
        & (box[1] < bottom)
        & (start < span[1])
        & (span[0] < stop)
    )
    return result


@dataclass(frozen=True, eq=False)
class LabelLayer(Bare):
    """The placed names of all layers."""

    placed: Sequence[Placed]
    left_out: Sequence[Name]
    _shown: tuple[tuple[Presence, Candidate], ...] = field(init=False, repr=False)

    @classmethod
    def of(cls, setting: Setting, names: Iterable[Name], obstacles: Sequence[Obstacle]) -> LabelLayer:
        """Place the names of all layers among all obstacles."""
        placed, left_out = place(names, obstacles, setting.page.across, setting.page.down)
        return cls(setting, placed, left_out)

    def __post_init__(self) -> None:
        shown = [
            (
                Presence(max(p.name.start, p.candidate.start), p.name.stop, p.name.fade, p.name.fade),
                p.candidate,
            )
            # Lesser names lie under greater ones.
            for p in sorted(self.placed, key=lambda p: -p.name.priority)
        ]
        object.__setattr__(self, "_shown", tuple(shown))

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Names of the moment."""
        for presence, candidate in self._shown:
            share = presence.at(moment.second)
            yield from faded(candidate.marks, share)
            for note in candidate.notes:
                if share and note.start <= moment.second < note.stop:
                    soft = Presence(note.start, note.stop, note.fade, note.fade)
                    yield from faded(note.marks, min(share, soft.at(moment.second)))
