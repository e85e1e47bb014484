"""Frames as stacks of marks, from the bottom up: what two of them have in common, and in what they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from animap.marks import Faded, Mark, Shown

__all__ = ["Difference", "Ranked", "alike", "common", "difference", "mark_of", "opacity_of", "same"]

Ranked: TypeAlias = list[tuple[int, Shown]]
"""Marks, each with the number of marks below it that stay where they are."""


def mark_of(shown: Shown) -> Mark:
    """What is shown, however faded."""
    return shown.mark if isinstance(shown, Faded) else shown


def opacity_of(shown: Shown) -> float:
    """How opaque it is shown, 0 to 1."""
    return shown.opacity if isinstance(shown, Faded) else 1.0


def same(a: Shown, b: Shown) -> bool:
    """Whether two frames show the same mark alike."""
    return a is b or (
        isinstance(a, Faded) and isinstance(b, Faded) and a.mark is b.mark and a.opacity == b.opacity
    )


def common(a: Sequence[Shown], b: Sequence[Shown]) -> int:
    """How many marks two frames share from the bottom up."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if not same(x, y):
            break
        count += 1
    return count


def alike(a: Shown, b: Shown) -> bool:
    """Whether one mark may be another one grown a little: of one kind, and as opaque."""
    return type(mark_of(a)) is type(mark_of(b)) and opacity_of(a) == opacity_of(b)


@dataclass(frozen=True, slots=True)
class Difference:
    """Marks of one frame that the next lacks, those that come, and those moved in the stack.

    They are in the order of the stack: what takes a mark's place stands at the same place of its list.
    `shared` is how many marks both have from the bottom up, `staying` has the places in the next of those
    that stay. Where marks only take each other's places, `replaced` has these; it is None where more changed.
    """

    gone: Ranked
    come: Ranked
    moved: Ranked
    shared: int
    staying: Sequence[int]
    replaced: Sequence[int] | None = None

    def __bool__(self) -> bool:
        return self.replaced is None or bool(self.replaced)


def difference(before: Sequence[Shown], after: Sequence[Shown]) -> Difference:
    """What changes from one stack to another."""
    if len(before) == len(after):
        places = [
            n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a is not b and not same(a, b)
        ]
        where = {id(mark_of(before[n])): n for n in places}
        if all(where.get(id(mark_of(after[n])), n) == n for n in places):
            return _replaced(before, after, places)
    shared, above = common(before, after), common(before[::-1], after[::-1])
    top = range(len(after) - above, len(after))
    was, now = _keyed(before[: len(before) - above]), _keyed(after[: len(after) - above])
    place, highest = {k: i for i, k in enumerate(was)}, -1
    shifted = set()
    for key in now:
        if key in was:
            if place[key] < highest:
                shifted.add(key)
            highest = max(highest, place[key])

    def ranked(marks: _Keyed, others: Container[_Key]) -> tuple[Ranked, Ranked]:
        rank, new, moved = 0, [], []
        for key, shown in marks.items():
            if key not in others:
                new.append((rank, shown))
            elif key in shifted:
                moved.append((rank, shown))
            else:
                rank += 1
        return new, moved

    gone, _ = ranked(was, now)
    come, moved = ranked(now, was)
    staying = [n for n, key in enumerate(now) if key in was and key not in shifted]
    return Difference(gone, come, moved, shared, [*staying, *top])


def _replaced(before: Sequence[Shown], after: Sequence[Shown], places: Sequence[int]) -> Difference:
    """What changes where marks take the places of others, one by one."""
    gone = [(place - n, before[place]) for n, place in enumerate(places)]
    come = [(place - n, after[place]) for n, place in enumerate(places)]
    staying = list(range(len(after)))
    for place in reversed(places):
        del staying[place]
    return Difference(gone, come, [], places[0] if places else len(after), staying, places)


_Key: TypeAlias = tuple[int, float, int]
_Keyed: TypeAlias = dict[_Key, Shown]


def _keyed(marks: Sequence[Shown]) -> _Keyed:
    """Marks by what they are: which, how opaque, and which of several alike."""
    keyed: _Keyed = {
        (id(shown.mark), shown.opacity, 0) if isinstance(shown, Faded) else (id(shown), 1.0, 0): shown
        for shown in marks
    }
    if len(keyed) == len(marks):
        return keyed
    keyed = {}
    times: Counter[tuple[int, float]] = Counter()
    for shown in marks:
        key = id(mark_of(shown)), opacity_of(shown)
        keyed[*key, times[key]] = shown
        times[key] += 1
    return keyed
