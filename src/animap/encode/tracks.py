"""What goes into a video file beside its pictures: what it is, chapters, captions to switch on."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from av.container import OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream

from animap.encode.base import Signal
from animap.encode.container import Container, tick
from animap.encode.subtitles import Subtitles

__all__ = ["add_subtitles", "describe", "mux_subtitles"]

# ISO 639-2/T, of which FFmpeg makes what a container wants.
_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "ara", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa",
        "fi": "fin", "fr": "fra", "fy": "fry", "he": "heb", "hu": "hun", "it": "ita", "ja": "jpn",
        "ko": "kor", "lb": "ltz", "nb": "nob", "nl": "nld", "nn": "nno", "no": "nor", "pl": "pol",
        "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sv": "swe", "tr": "tur", "uk": "ukr",
        "wa": "wln", "zh": "zho",
    }
)  # fmt: skip


_QUICKTIME = {"deu": "ger", "ell": "gre", "nld": "dut", "zho": "chi"}
"""Where FFmpeg finds a language in QuickTime's own list by its other name only."""


def _language(code: str, kind: Container) -> str:
    found = _LANGUAGES.get(code, code)
    return _QUICKTIME.get(found, found) if kind.muxer == "mov" else found


def describe(container: OutputContainer, signal: Signal, kind: Container) -> None:
    """Say what the film is: before the container is opened for writing, after its streams are added."""
    words = {
        "title": signal.title,
        "comment": signal.comment,
        "description": signal.credits,
        "copyright": signal.licence,
    }
    if kind.muxer == "mov":
        # It has no place for a description; QuickTime's readers show who made it instead.
        words["artist"] = signal.credits
    container.metadata.update({key: text for key, text in words.items() if text})
    if signal.language:
        container.streams[0].metadata["language"] = _language(signal.language, kind)
    container.set_chapters(
        [
            {
                "id": number,
                "start": chapter.start,
                "end": chapter.stop,
                "time_base": 1 / signal.fps,
                "metadata": {"title": chapter.title},
            }
            for number, chapter in enumerate(signal.chapters, 1)
        ]
    )


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
    container: OutputContainer, tracks: Sequence[Subtitles], fps: Fraction, kind: Container
) -> list[SubtitleStream]:
    """Add a track of timed text for each language, before the container is opened for writing."""
    streams = []
    for track in tracks:
        stream = container.add_stream(kind.subtitles)
        assert isinstance(stream, SubtitleStream)
        stream.codec_context.time_base = tick(fps) if kind.family else _MILLISECOND
        stream.codec_context.subtitle_header = _SCRIPT.encode()
        stream.metadata["language"] = _language(track.language, kind)
        streams.append(stream)
    return streams


_MILLISECOND = Fraction(1, 1000)


def mux_subtitles(
    container: OutputContainer,
    streams: Sequence[SubtitleStream],
    tracks: Sequence[Subtitles],
    fps: Fraction,
    kind: Container,
) -> None:
    """Write all cues; the muxer lays them between the pictures and fills the gaps."""
    for stream, track in zip(streams, tracks, strict=True):
        for cue in track.cues:
            text = cue.text.encode()
            packet = Packet(struct.pack(">H", len(text)) + text if kind.family else text)
            packet.stream = stream
            packet.time_base = 1 / fps
            packet.pts = packet.dts = cue.start
            packet.duration = cue.stop - cue.start
            packet.is_keyframe = True
            container.mux_one(packet)
