"""What all video formats share: a stream cut into segments, kept as bare packets, joined by copying.

A format is a declaration, a model of options that says which encoder it needs and how that is set (`Coding`).
Every segment opens with a picture that needs nothing from its neighbours, so joining copies packets and only
gives them new time stamps. A segment is kept as bare packets: opening a hundred small video files to read
them back takes seconds, most of it for guessing what is known here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import av
from av.codec.context import Flags
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from pydantic import BaseModel, ConfigDict, Field

from animap.encode.base import (
    AGAIN,
    SEGMENT,
    Signal,
    Sink,
    film_frames,
    obstacles,
    opaque,
    picture,
    refuse,
    whole,
)
from animap.encode.container import CONTAINERS, Container, encoding, opened
from animap.encode.records import Record, Recorder, recorded, recording
from animap.encode.scheduling import scheduled_as_before
from animap.encode.tracks import add_subtitles, describe, mux_subtitles
from animap.encode.yuv import pictures_in
from animap.errors import Problem, RenderError
from animap.types import Pixels, Rect

__all__ = ["Coding", "Gop", "Video", "VideoEncoder", "key_interval"]

_KIND = "video"
_MOST_PIXELS = 35_651_584
"""In a picture, at the highest level of H.264, HEVC, VP9 and AV1 alike."""
# Rates enter 32-bit fields of the file, multiplied by up to 10,000.
_FINEST_RATE = 200_000

Gop = Annotated[float, Field(gt=0, le=60)]
"""Seconds between pictures where a player can start."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How an encoder is set: its name in FFmpeg, the format of its pixels, and its options.

    All pictures are BT.709, in limited range unless their pixels are RGB. `tag` names the stream in an MP4
    where FFmpeg's own choice is not played everywhere. `depth` is for how many pictures a decoder waits
    before it shows one, where FFmpeg does not say.
    """

    encoder: str
    pixels: str
    settings: Mapping[str, str]
    tag: str = ""
    depth: int = 0


class Video(BaseModel):
    """Options of any video format, and what it can do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    captions: bool = False
    """Whether the captions, in all languages of the film, are also tracks that a player can switch on."""

    name: ClassVar[str]
    """What users call the format."""
    suffixes: ClassVar[tuple[str, ...]]
    """Of the files that can hold it, the usual one first."""
    halves: ClassVar[bool] = True
    """Whether colour has half the resolution, so that sides have to be even, and levels limit the size."""
    transparent: ClassVar[bool] = False
    """Whether it can be so where nothing is drawn."""

    @abstractmethod
    def coding(self, signal: Signal) -> Coding:
        """How the encoder is set for a signal."""

    def limits(self, signal: Signal) -> list[Problem]:  # noqa: ARG002
        """What the format's options have against a signal, beyond what all formats have."""
        return []


def key_interval(seconds: float, signal: Signal) -> int:
    """Frames between pictures where a player can start: at most so many seconds, and even over a segment."""
    segment, most = max(1, int(SEGMENT * signal.fps)), max(1, int(seconds * signal.fps))
    return -(-segment // -(-segment // most))


@dataclass(frozen=True, slots=True)
class VideoEncoder:
    """Any video format as an `Encoder`."""

    options: Video
    samples: ClassVar[int] = 0
    needs_before: ClassVar[bool] = False

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:
        """Say what keeps this signal from being encoded so."""
        options = self.options
        problems = [*obstacles(destination), *self._misnamed(destination)]
        size = f"{signal.width}×{signal.height}"
        if options.halves and (signal.width % 2 or signal.height % 2):
            even = f"{signal.width + signal.width % 2}×{signal.height + signal.height % 2}"
            what = f"{options.name} needs an even width and height, not {size}"
            problems.append(Problem(what, "size", f"use {even}"))
        # Counted in the blocks of 16 by 16 that pictures are made of.
        if options.halves and -(-signal.width // 16) * -(-signal.height // 16) * 256 > _MOST_PIXELS:
            what = f"{size} is more than {options.name} can hold"
            problems.append(Problem(what, "size", "use at most 8192×4320"))
        if max(signal.fps.numerator, signal.fps.denominator) > _FINEST_RATE:
            near = signal.fps.limit_denominator(1001)
            what = f"{options.name} cannot time {signal.fps} frames per second"
            problems.append(Problem(what, "fps", f"use {near}"))
        if not options.transparent:
            problems += opaque(signal, options.name)
        return problems + options.limits(signal)

    def _misnamed(self, destination: Path | None) -> list[Problem]:
        suffix = destination.suffix.lower() if destination else ""
        if suffix not in CONTAINERS or suffix in self.options.suffixes:
            return []
        what = f"{self.options.name} does not go into a {suffix} file"
        return [Problem(what, str(destination), f"end the name with {' or '.join(self.options.suffixes)}")]

    def _container(self, destination: Path) -> Container:
        suffix = destination.suffix.lower()
        return CONTAINERS[suffix if suffix in self.options.suffixes else self.options.suffixes[0]]

    def prepare(self, sample: Iterable[Pixels], signal: Signal) -> bytes:  # noqa: ARG002
        """Return nothing: segments share only the options."""
        return b""

    @contextmanager
    def segment(
        self,
        path: Path,
        signal: Signal,
        shared: bytes = b"",  # noqa: ARG002
        before: Pixels | None = None,  # noqa: ARG002
    ) -> Iterator[Sink]:
        """Open a segment: how the stream is set, then its packets, each with the frame it shows."""
        refuse(self.check(signal))
        coding = self.options.coding(signal)
        with recording(path, _KIND) as recorder:
            context = av.CodecContext.create(coding.encoder, "w")
            assert isinstance(context, VideoCodecContext)
            _configure(context, signal, coding)
            context.flags |= Flags.global_header
            with encoding(path), scheduled_as_before():
                context.open()
            recorder.put(Record(0, True, _header(context, signal, coding)))
            sink = _Sink(context, recorder, signal, path)
            yield sink
            sink.finish()

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:  # noqa: ARG002
        """Copy the packets of all parts into one file that starts at 0 and plays while it loads."""
        refuse(self.check(signal, destination))
        frames = 0
        coding, kind = self.options.coding(signal), self._container(destination)
        with whole(destination) as temporary, opened(temporary, destination, signal, kind) as container:
            with encoding(destination):
                stream = container.add_stream(coding.encoder, rate=signal.fps)
                context = stream.codec_context
                assert isinstance(context, VideoCodecContext)
                _configure(context, signal, coding)
                if coding.tag and kind.family:
                    context.codec_tag = coding.tag
                describe(container, signal, kind)
                written = add_subtitles(container, signal.subtitles, signal.fps, kind)
                # The encoder is opened for its header and never fed.
                with scheduled_as_before():
                    container.start_encoding()
                mux_subtitles(container, written, signal.subtitles, signal.fps, kind)
            header, depth = _header(context, signal, coding), coding.depth or context.reorder_depth
            for part in parts:
                for packet in _packets(part, header, frames, depth):
                    packet.stream = stream
                    packet.time_base = 1 / signal.fps
                    with encoding(destination):
                        container.mux_one(packet)
                    frames += 1
            if not frames:
                raise RenderError("there is nothing to join", str(destination))
        return frames


class _Sink:
    def __init__(self, context: VideoCodecContext, recorder: Recorder, signal: Signal, path: Path) -> None:
        self._context = context
        self._recorder = recorder
        self._signal = signal
        self._path = path
        self._pictures = pictures_in(context.pix_fmt or "", signal.width, signal.height)
        self._frames = 0

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        repeat = film_frames(repeat)
        pixels = picture(pixels, self._signal)
        with encoding(self._path):
            # Encoders copy what they keep, so the same planes can be given again, changed or not.
            self._pictures.take(pixels, None if self._frames == 0 else changed)
        frame = self._pictures.frame
        frame.time_base = 1 / self._signal.fps
        for _ in range(repeat):
            frame.pts = self._frames
            self._encode(frame)
            self._frames += 1

    def finish(self) -> None:
        if not self._frames:
            raise RenderError("a segment without pictures", str(self._path))
        self._encode(None)

    def _encode(self, frame: VideoFrame | None) -> None:
        with encoding(self._path):
            packets = self._context.encode(frame)
        for packet in packets:
            self._recorder.put(Record(packet.pts or 0, packet.is_keyframe, bytes(packet)))


def _configure(context: VideoCodecContext, signal: Signal, coding: Coding) -> None:
    context.options = dict(coding.settings)
    context.width = signal.width
    context.height = signal.height
    context.pix_fmt = coding.pixels
    context.framerate = signal.fps
    context.time_base = 1 / signal.fps
    # More would make the bytes depend on the machine, and segments are encoded side by side already.
    context.thread_count = 1
    rgb = VideoFormat(coding.pixels).is_rgb
    context.color_range = ColorRange.JPEG if rgb else ColorRange.MPEG
    # In the standard's numbering, which the reformatter's `Colorspace` is not.
    context.colorspace = _RGB if rgb else _BT709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709


_RGB, _BT709 = 0, 1


def _header(context: VideoCodecContext, signal: Signal, coding: Coding) -> bytes:
    """What segments must have in common to be joined: not every codec has it in the stream's own header."""
    told = (coding.encoder, coding.pixels, sorted(coding.settings.items()))
    words = (*told, signal.width, signal.height, str(signal.fps))
    return repr(words).encode() + (context.extradata or b"")


def _packets(part: Path, header: bytes, start: int, depth: int) -> Iterator[Packet[Stream]]:
    """Yield a segment's packets on the film's time line, one tick a frame.

    The n-th packet is decoded at tick n less the depth of reordering, which the stream's header fixes for all
    segments alike; so decoding times rise without a gap over every seam.
    """
    records = recorded(part, _KIND)
    if next(records).data != header:
        raise RenderError("this segment was encoded with other settings", str(part), AGAIN)
    shown: set[int] = set()
    for order, record in enumerate(records):
        shown.add(record.number)
        packet = Packet(record.data)
        packet.pts = start + record.number
        packet.dts = start + order - depth
        packet.duration = 1
        packet.is_keyframe = record.flag
        yield packet
    if not shown or shown != set(range(len(shown))):
        raise RenderError("a segment lacks pictures", str(part), AGAIN)
