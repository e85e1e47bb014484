"""Lines of text in two letterings: `*…*` sets words in the second, as titles of books ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeAlias

from animap.layers.lettering import width_of
from animap.marks import Text
from animap.style import Lettering

__all__ = ["Run", "broken_runs", "runs_of", "set_centred", "width_of_runs"]

Run: TypeAlias = tuple[str, Lettering]
_EMPHASIS = re.compile(r"\*(?=\S)([^*]+)(?<=\S)\*")


def runs_of(text: str, plain: Lettering, emphasis: Lettering | None) -> list[Run]:
    """The text cut where its lettering changes; a `*` without its like stands for itself."""
    parts = _EMPHASIS.split(text)
    return [(part, (emphasis or plain) if n % 2 else plain) for n, part in enumerate(parts) if part]


def broken_runs(runs: Sequence[Run], width: float, language: str = "") -> list[list[Run]]:
    """Runs in lines no wider than `width` units, as even as they can be."""
    words = _words(runs)
    lines = _greedy(words, width, language)
    low, high = width / 2, width
    for _ in range(8 if len(lines) > 1 else 0):
        middle = (low + high) / 2
        narrower = _greedy(words, middle, language)
        if len(narrower) > len(lines):
            low = middle
        else:
            high, lines = middle, narrower
    return [_joined(line) for line in lines]


def width_of_runs(runs: Iterable[Run], language: str = "") -> float:
    """Width of a line in units."""
    return sum(width_of(text, lettering, language) for text, lettering in runs)


def set_centred(runs: Sequence[Run], x: float, y: float, language: str) -> Iterable[Text]:
    """A line around `x` on the baseline `y`, in units."""
    at = x - width_of_runs(runs, language) / 2
    for text, lettering in runs:
        yield Text(text=text, at=(at, y), lettering=lettering, language=language)
        at += width_of(text, lettering, language)


def _words(runs: Sequence[Run]) -> list[list[Run]]:
    """Words as runs, each with the space after it."""
    words: list[list[Run]] = [[]]
    for text, lettering in runs:
        for piece in re.split(r"(?<= )", text):
            if piece:
                words[-1].append((piece, lettering))
            if piece.endswith(" "):
                words.append([])
    return [word for word in words if word]


def _joined(words: Sequence[Sequence[Run]]) -> list[Run]:
    """One line: neighbours in one lettering are one run, no space at the end."""
    pieces = [piece for word in words for piece in word]
    pieces[-1] = (pieces[-1][0].rstrip(" "), pieces[-1][1])
    groups = groupby(pieces, key=lambda piece: piece[1])
    return [("".join(text for text, _ in group), lettering) for lettering, group in groups]


def _greedy(words: Sequence[list[Run]], width: float, language: str) -> list[list[list[Run]]]:
    lines: list[list[list[Run]]] = [[]]
    for word in words:
        if lines[-1] and width_of_runs(_joined([*lines[-1], word]), language) > width:
            lines.append([])
        lines[-1].append(word)
    return lines
