"""The words of a film as files: captions as SubRip and WebVTT, the transcript as Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from animap.beside.captions import cues_of
from animap.beside.transcript import as_html, as_markdown, transcript_of
from animap.encode.base import whole, writing
from animap.encode.subtitles import srt, vtt
from animap.errors import UsageError
from animap.film import Film
from animap.words import book

__all__ = ["WORD_FILES", "words_format", "write_words"]


def _srt(film: Film, language: str, fps: Fraction) -> str:
    return srt(cues_of(film, film.clock(fps), language), fps)


def _vtt(film: Film, language: str, fps: Fraction) -> str:
    return vtt(cues_of(film, film.clock(fps), language), fps, book(language).pick(film.spec.title))


def _markdown(film: Film, language: str, fps: Fraction) -> str:
    return as_markdown(transcript_of(film, film.clock(fps), language))


def _html(film: Film, language: str, fps: Fraction) -> str:
    return as_html(transcript_of(film, film.clock(fps), language))


WORD_FILES: Mapping[str, Callable[[Film, str, Fraction], str]] = MappingProxyType(
    {".srt": _srt, ".vtt": _vtt, ".md": _markdown, ".html": _html}
)
"""What each suffix asks for."""


def words_format(path: Path) -> Callable[[Film, str, Fraction], str]:
    """What writes the words that a file's suffix asks for; UsageError for one that asks for none."""
    try:
        return WORD_FILES[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"'{path.suffix or path.name}' names no format for words",
            str(path),
            f"end the name with {', '.join(WORD_FILES)}, or name a folder for all of them",
        ) from None


def write_words(path: Path, film: Film, language: str, fps: Fraction) -> None:
    """Write the captions or the transcript, by the file's suffix, whole or not at all."""
    text = words_format(path)(film, language, fps)
    with whole(path) as temporary, writing(path):
        temporary.write_text(text, "utf-8", newline="\n")
