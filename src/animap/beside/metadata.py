"""What a file says of its film: chapters, credits, licence."""

from __future__ import annotations

from itertools import pairwise

from animap.encode.base import Chapter
from animap.film import Film
from animap.timeline import Clock
from animap.types import Words
from animap.words import book

__all__ = ["chapters_of", "credits_of", "licence_of"]


def chapters_of(
    film: Film, clock: Clock, language: str, start: int = 0, stop: int | None = None
) -> tuple[Chapter, ...]:
    """The film's chapters in a language.

    Of a part of the film, frames `start` to `stop - 1`, frames are counted from its first one.
    """
    stop = clock.frames if stop is None else stop
    pick = book(language).pick
    chapters = film.spec.chapters
    # The opening belongs to the first one, and the end card to the last.
    begins = [n and clock.frame_of(chapter.at.earliest) for n, chapter in enumerate(chapters)]
    return tuple(
        Chapter(max(first, start) - start, min(after, stop) - start, pick(chapter.title))
        for chapter, (first, after) in zip(chapters, pairwise([*begins, clock.frames]), strict=True)
        if max(first, start) < min(after, stop)
    )


def credits_of(film: Film, language: str) -> str:
    """The lines of the end card in a language."""
    spec = film.spec.credits
    return "\n".join(_plain(words, language) for words in (*spec.sources, *spec.lines))


def licence_of(film: Film, language: str) -> str:
    """Under which the film may be shown and shared."""
    return _plain(film.spec.credits.licence, language)


def _plain(words: Words | str, language: str) -> str:
    """A text in a language, without the marks of what stands in italics."""
    return (words if isinstance(words, str) else book(language).pick(words)).replace("*", "")
