"""The variant matrix: one film in several languages, styles and sizes, each a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from animap.errors import UsageError

__all__ = ["Variant", "listed", "variants"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice; None leaves it to the output and the film. `words` are what tells it from the others."""

    language: str | None = None
    style: str | None = None
    size: str | None = None
    words: tuple[str, ...] = ()

    def named(self, path: Path) -> Path:
        """The output's name for this variant: `film.mp4` becomes `film.fr.night.mp4`."""
        return path.with_name(".".join([path.stem, *self.words]) + path.suffix) if self.words else path


def listed(option: str, value: str | None) -> tuple[str | None, ...]:
    """The choices in `fr,en,nl`; UsageError for one that is empty or named twice."""
    if value is None:
        return (None,)
    choices = [choice.strip() for choice in value.split(",")]
    for choice in choices:
        if not choice:
            raise UsageError(f"{option} '{value}' has an empty choice", hint="separate choices by one comma")
        if choices.count(choice) > 1:
            raise UsageError(f"{option} names '{choice}' twice", hint="name it once")
    return tuple(choices)


def variants(
    languages: Sequence[str | None], styles: Sequence[str | None], sizes: Sequence[str | None]
) -> list[Variant]:
    """All combinations; a choice enters the names where there are several of its kind."""
    found = []
    for language, style, size in product(languages, styles, sizes):
        words = [
            Path(choice).stem if kind is styles else choice.lower()
            for choice, kind in ((language, languages), (style, styles), (size, sizes))
            if choice is not None and len(kind) > 1
        ]
        found.append(Variant(language, style, size, tuple(words)))
    return found
