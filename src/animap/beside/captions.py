"""Captions as cues: which frames show which caption."""

from __future__ import annotations

import math

from animap.encode.subtitles import Cue
from animap.film import Film
from animap.layers.captions import caption_spans
from animap.timeline import Clock
from animap.words import book

__all__ = ["cues_of"]


def cues_of(
    film: Film, clock: Clock, language: str, start: int = 0, stop: int | None = None
) -> tuple[Cue, ...]:
    """The captions in a language, by the frames on which they stand.

    Of a part of the film, frames `start` to `stop - 1`, frames are counted from its first one.
    """
    stop = clock.frames if stop is None else stop
    pick = book(language).pick
    cues = []
    spans = caption_spans(film.readings, clock)
    for caption, (begin, end) in zip(film.captions.captions, spans, strict=True):
        first, after = max(start, _frame_from(begin, clock)), min(stop, _frame_from(end, clock))
        if first < after:
            cues.append(Cue(first - start, after - start, pick(caption.text), caption.id))
    return tuple(cues)


def _frame_from(second: float, clock: Clock) -> int:
    """The first frame that is shown at a film second or later."""
    if second >= float(clock.seconds):
        return clock.frames
    frame = max(0, math.floor(second * float(clock.fps)) - 1)
    while float(clock.second(frame)) < second:
        frame += 1
    return frame
