"""Captions as subtitles: SubRip and WebVTT files, and tracks of an MP4 that a player can switch on.

Times are those of frames. In files they are milliseconds, rounded down: so a cue begins after the frame
before its first one and no later than that, and ends in the same way.
"""

from __future__ import annotations

import struct
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream

__all__ = ["Cue", "Subtitles", "add_subtitles", "mux_subtitles", "srt", "vtt"]

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


_SCRIPT = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What FFmpeg's timed text wants to know of how subtitles look; players decide for themselves."""


def add_subtitles(
    container: OutputContainer, tracks: Sequence[Subtitles], tick: Fraction, codes: Mapping[str, str]
) -> list[SubtitleStream]:
    """Add a track of timed text for each language, before the container is opened for writing.

    `tick` is the seconds in a unit of the file's clock, of which every frame is a whole number; `codes` are
    three letters for the two of a language.
    """
    streams = []
    for track in tracks:
        stream = container.add_stream("mov_text")
        stream.codec_context.time_base = tick
        stream.codec_context.subtitle_header = _SCRIPT.encode()
        stream.metadata["language"] = codes.get(track.language, track.language)
        streams.append(stream)
    return streams


def mux_subtitles(
    container: OutputContainer,
    streams: Sequence[SubtitleStream],
    tracks: Sequence[Subtitles],
    fps: Fraction,
) -> None:
    """Write all cues; the muxer lays them between the pictures and fills the gaps."""
    for stream, track in zip(streams, tracks, strict=True):
        for cue in track.cues:
            text = cue.text.encode()
            packet = Packet(struct.pack(">H", len(text)) + text)
            packet.stream = stream
            packet.time_base = 1 / fps
            packet.pts = packet.dts = cue.start
            packet.duration = cue.stop - cue.start
            packet.is_keyframe = True
            container.mux_one(packet)
