"""Captions as subtitles: SubRip and WebVTT files, and tracks of a video that a player can switch on.

Times are those of frames. In files they are milliseconds, rounded down: so a cue begins after the frame
before its first one and no later than that, and ends in the same way.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

__all__ = ["Cue", "Subtitles", "srt", "vtt"]

_LINE = 42
"""Letters in a line, as subtitlers count them."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A text that stands from frame `start` to the one before `stop`."""

    start: int
    stop: int
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """The cues of one language (ISO 639-1), in the order of time."""

    language: str
    cues: tuple[Cue, ...]


def srt(cues: Sequence[Cue], fps: Fraction) -> str:
    """SubRip text."""
    blocks = (
        f"{n}\n{_time(cue.start, fps, ',')} --> {_time(cue.stop, fps, ',')}\n{_lines(cue.text)}\n"
        for n, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue], fps: Fraction, title: str = "") -> str:
    """WebVTT text; a cue has its caption's id, so that a page can find it."""
    blocks = [f"WEBVTT{f' - {_plain(title)}' if title else ''}\n"]
    for n, cue in enumerate(cues, 1):
        span = f"{_time(cue.start, fps, '.')} --> {_time(cue.stop, fps, '.')}"
        blocks.append(f"{_plain(cue.id) or n}\n{span}\n{escape(_lines(cue.text), quote=False)}\n")
    return "\n".join(blocks)


def _plain(text: str) -> str:
    # An arrow would make a line one of times.
    return " ".join(text.split()).replace("-->", "→")


def _time(frame: int, fps: Fraction, point: str) -> str:
    milliseconds = int(frame * 1000 / fps)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def _lines(text: str) -> str:
    """The text in as few lines as it needs, of about one length."""
    fewest = len(_wrapped(text, _LINE))
    widths = range(-(-len(text) // max(1, fewest)), _LINE)
    width = next((w for w in widths if len(_wrapped(text, w)) <= fewest), _LINE)
    return "\n".join(_wrapped(text, width))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(1, width), break_long_words=False, break_on_hyphens=False)
