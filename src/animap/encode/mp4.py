"""H.264 in MP4, for hall screens, browsers and everything else.

Every segment opens with an IDR picture and needs nothing from its neighbours, so joining copies packets and
only gives them new time stamps. A segment is kept as bare packets: opening a hundred small MP4 files to read
them back takes seconds, most of it for guessing what is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

import av
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from pydantic import BaseModel, ConfigDict, Field

from animap.encode.base import AGAIN, Signal, Sink, film_frames, obstacles, picture, refuse, whole, writing
from animap.encode.records import Record, Recorder, recorded, recording
from animap.encode.subtitles import add_subtitles, mux_subtitles
from animap.encode.yuv import Planes
from animap.errors import Problem, RenderError
from animap.types import Pixels, Rect

__all__ = ["Mp4", "Mp4Encoder"]


class Mp4(BaseModel):
    """H.264 video in an MP4 file: plays everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["mp4"] = "mp4"
    crf: Annotated[int, Field(ge=0, le=51)] = 18
    """Constant quality: lower is better and larger, 18 is hard to tell from the drawing. 0 loses nothing
    after the conversion to YUV, in a profile that few players know."""
    preset: Literal[
        "map", "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
    ] = "map"
    """How long the encoder may look for a smaller file of the same quality. `map` is made for drawings most
    of which stand still, and gives them what `medium` does in about half the time; the others are x264's."""
    max_gop: Annotated[float, Field(gt=0, le=60)] = 5.0
    """At most this many seconds between pictures where a player can start: smaller for jumping about,
    larger for a smaller file."""
    captions: bool = False
    """Whether the captions, in all languages of the film, are also tracks that a player can switch on."""


_KIND = "h264"
# Level 6.2, the highest that H.264 knows.
_MOST_MACROBLOCKS = 139_264
# Rates enter 32-bit fields of the file, multiplied by up to 10,000.
_FINEST_RATE = 200_000

# What `map` changes of x264's `medium`. Measured on our film, and on a flight of the camera for the motion
# search; `docs/performance.md` has the numbers.
_MAP: Mapping[str, float | str] = MappingProxyType(
    {
        # Most blocks stay as they are, and need neither a long search nor other pictures to copy from.
        "me": "dia",
        "subme": 3,
        "ref": 1,
        # Long runs of B pictures suit a drawing; deciding on each costs more and did worse.
        "bframes": 7,
        "b-adapt": 0,
        # Grain that the eye would miss in a photograph is noise on a map. Without it x264 also gives colour
        # less room, which coloured lines need.
        "no-psy": 1,
        "chroma-qp-offset": -2,
        # More for what stays on the screen, and most for the first picture of all, which the others copy.
        "qcomp": 0.4,
        "zones": "0,0,b=2",
        # Frames held back to look ahead are most of an encoder's memory: 160 MB less at 1080p.
        "rc-lookahead": 20,
    }
)

# MP4 wants ISO 639-2/T.
_LANGUAGES = {
    "ar": "ara", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "fi": "fin",
    "fr": "fra", "fy": "fry", "he": "heb", "hu": "hun", "it": "ita", "ja": "jpn", "ko": "kor", "lb": "ltz",
    "nb": "nob", "nl": "nld", "nn": "nno", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus",
    "sk": "slk", "sv": "swe", "tr": "tur", "uk": "ukr", "wa": "wln", "zh": "zho",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mp4Encoder:
    """MP4 as an `Encoder`."""

    options: Mp4
    samples: ClassVar[int] = 0
    needs_before: ClassVar[bool] = False

    def check(self, signal: Signal, destination: Path | None = None) -> list[Problem]:
        """Say what keeps this signal from being H.264."""
        problems = obstacles(destination)
        size = f"{signal.width}×{signal.height}"
        if signal.width % 2 or signal.height % 2:
            even = f"{signal.width + signal.width % 2}×{signal.height + signal.height % 2}"
            problems.append(Problem(f"MP4 needs an even width and height, not {size}", "size", f"use {even}"))
        if -(-signal.width // 16) * -(-signal.height // 16) > _MOST_MACROBLOCKS:
            problems.append(Problem(f"{size} is more than H.264 can hold", "size", "use at most 8192×4320"))
        if max(signal.fps.numerator, signal.fps.denominator) > _FINEST_RATE:
            near = signal.fps.limit_denominator(1001)
            problems.append(Problem(f"MP4 cannot time {signal.fps} frames per second", "fps", f"use {near}"))
        return problems

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
        """Open a segment: the stream's header, then its packets, each with the frame it shows."""
        refuse(self.check(signal))
        with recording(path, _KIND) as recorder:
            context = av.CodecContext.create("libx264", "w")
            _configure(context, signal, self.options)
            context.flags |= Flags.global_header
            with _encoding(path):
                context.open()
            recorder.put(Record(0, True, context.extradata or b""))
            sink = _Mp4Sink(context, recorder, signal, path)
            yield sink
            sink.finish()

    def join(self, parts: Sequence[Path], destination: Path, signal: Signal, shared: bytes = b"") -> int:  # noqa: ARG002
        """Copy the packets of all parts into one file that starts at 0 and plays while it loads."""
        refuse(self.check(signal, destination))
        frames = 0
        with whole(destination) as temporary, _file(temporary, destination, signal) as container:
            with _encoding(destination):
                stream = container.add_stream("libx264", rate=signal.fps)
                _configure(stream.codec_context, signal, self.options)
                _describe(container, signal)
                written = add_subtitles(container, signal.subtitles, _tick(signal.fps), _LANGUAGES)
                # The encoder is opened for its header and never fed.
                container.start_encoding()
                mux_subtitles(container, written, signal.subtitles, signal.fps)
            depth = stream.codec_context.reorder_depth
            for part in parts:
                for packet in _packets(part, stream.codec_context.extradata, frames, depth):
                    packet.stream = stream
                    packet.time_base = 1 / signal.fps
                    with _encoding(destination):
                        container.mux_one(packet)
                    frames += 1
            if not frames:
                raise RenderError("there is nothing to join", str(destination))
        return frames


class _Mp4Sink:
    def __init__(self, context: VideoCodecContext, recorder: Recorder, signal: Signal, path: Path) -> None:
        self._context = context
        self._recorder = recorder
        self._signal = signal
        self._path = path
        self._planes = Planes(signal.width, signal.height)
        self._frames = 0

    @property
    def frames(self) -> int:
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        repeat = film_frames(repeat)
        pixels = picture(pixels, self._signal)
        with _encoding(self._path):
            # x264 copies what it is given, so the same planes can be given again, changed or not.
            self._planes.take(pixels, None if self._frames == 0 else changed)
        frame = self._planes.frame
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
        with _encoding(self._path):
            packets = self._context.encode(frame)
        for packet in packets:
            self._recorder.put(Record(packet.pts or 0, packet.is_keyframe, bytes(packet)))


def _configure(context: VideoCodecContext, signal: Signal, options: Mp4) -> None:
    parameters: dict[str, float | str] = {
        "keyint": max(1, int(options.max_gop * signal.fps)),
        "open-gop": 0,
        "force-cfr": 1,
        # In one piece, x264 gives later key pictures more than the first one, and all that follows profits:
        # every segment's first picture is to be as good, or seams would show.
        "zones": "0,0,b=1.4",
        # Headers that do not depend on the pictures, or segments could not be joined.
        "stitchable": 1,
        # Keeps two one-picture segments in a row apart for decoders that look for borders in the data itself.
        "aud": 1,
        # Without it, the bytes depend on the processor's instruction set, and those of tiny pictures even on
        # memory that nobody wrote.
        "cpu-independent": 1,
        # Where chroma is taken from, see `yuv`; players that are not told look half a pixel to the left.
        "chromaloc": 1,
    }
    if options.preset == "map":
        parameters |= _MAP
    context.options = {
        "preset": "medium" if options.preset == "map" else options.preset,
        "crf": str(options.crf),
        # Only this profile has a mode without loss.
        "profile": "high444" if options.crf == 0 else "high",
        "x264-params": ":".join(f"{key}={value}" for key, value in parameters.items()),
    }
    context.width = signal.width
    context.height = signal.height
    context.pix_fmt = "yuv420p"
    context.framerate = signal.fps
    context.time_base = 1 / signal.fps
    context.thread_count = 1
    context.color_range = ColorRange.MPEG
    context.colorspace = 1  # BT.709 in the standard's numbering, which the reformatter's `Colorspace` is not.
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709


def _describe(container: OutputContainer, signal: Signal) -> None:
    if signal.title:
        container.metadata["title"] = signal.title
    if signal.comment:
        container.metadata["comment"] = signal.comment
    if signal.language:
        container.streams[0].metadata["language"] = _LANGUAGES.get(signal.language, signal.language)


def _packets(part: Path, header: bytes | None, start: int, depth: int) -> Iterator[Packet[Stream]]:
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


def _tick(fps: Fraction) -> Fraction:
    """The seconds in a unit of the file's clock, of which every frame is a whole number."""
    ticks = fps.numerator
    while ticks < 10_000:
        ticks *= 2
    return Fraction(1, ticks)


@contextmanager
def _file(temporary: Path, path: Path, signal: Signal) -> Iterator[OutputContainer]:
    ticks = _tick(signal.fps).denominator
    options = {
        "fflags": "+bitexact",
        "movflags": "+faststart",
        # The whole film counts in these ticks; in the usual milliseconds its end would fall inside a frame.
        "movie_timescale": str(ticks),
        "video_track_timescale": str(ticks),
    }
    with _encoding(path):
        container = av.open(str(temporary), "w", format="mp4", container_options=options)
    try:
        yield container
    except BaseException:
        with suppress(OSError, av.FFmpegError):
            container.close()
        raise
    with _encoding(path):
        container.close()


@contextmanager
def _encoding(path: Path) -> Iterator[None]:
    """Translate what FFmpeg says while it works on `path`."""
    try:
        with writing(path):
            yield
    except av.FFmpegError as error:
        raise RenderError(f"the video encoder refused ({error.strerror or error})", str(path)) from error
