"""Lines that hold words written from right to left: cut into runs of one direction, in the order of the eye.

The levels are those of the Unicode bidirectional algorithm; a line is taken as a whole, without line breaks,
and brackets go with what they stand beside, as before Unicode 6.3.
"""

from __future__ import annotations

from itertools import groupby
from unicodedata import bidirectional

from bidi import algorithm

__all__ = ["Run", "right_to_left", "runs_of"]

Run = tuple[str, bool]
"""A text and whether it is read from right to left."""


def right_to_left(text: str) -> bool:
    """Whether a text holds letters that are read from right to left."""
    return any(bidirectional(c) in ("R", "AL") for c in text)


def runs_of(text: str) -> list[Run]:
    """The runs of a line from left to right as they are seen; the text of each is in reading order."""
    if not right_to_left(text):
        return [(text, False)]
    base = algorithm.get_base_level(text)
    storage = algorithm.get_empty_storage() | {"base_level": base, "base_dir": "LR"[base]}
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    runs = [
        (level, "".join(c["ch"] for c in group))
        for level, group in groupby(storage["chars"], key=lambda c: c["level"])
    ]
    return [(run, level % 2 == 1) for level, run in _seen(runs)]


def _seen(runs: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Rule L2: from the highest level down, what lies at it or above is turned round."""
    for limit in range(max(level for level, _ in runs), 0, -1):
        turned: list[tuple[int, str]] = []
        for above, group in groupby(runs, key=lambda run: run[0] >= limit):
            stretch = list(group)
            turned += stretch[::-1] if above else stretch
        runs = turned
    return runs
