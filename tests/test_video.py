"""Video in every format and container, decoded back: time, colours, seams, tags, tracks, transparency."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from animap.encode import Av1, Ffv1, Hevc, Mp4, ProRes, Signal, Video, Vp9, encoder_for
from animap.encode.base import SEGMENT
from animap.encode.subtitles import Cue, Subtitles
from animap.types import Pixels
from test_encode import LAND, PATCHES, RED, SEA, boxes, drawing, errors, moved, render, textured

FILES: list[tuple[str, Video]] = [
    ("film.mp4", Mp4(preset="veryfast", max_gop=0.4)),
    ("film.mp4", Hevc(preset="veryfast", max_gop=0.4)),
    ("film.webm", Vp9(speed=6, max_gop=0.4)),
    ("film.webm", Av1(speed=10, max_gop=0.4)),
    ("film.mp4", Av1(speed=10, max_gop=0.4)),
    ("film.mkv", Ffv1()),
    ("film.mov", ProRes()),
]
by_file = pytest.mark.parametrize(
    ("name", "options"), FILES, ids=lambda value: value.kind if isinstance(value, Video) else value[5:]
)
FPS = Fraction(25)


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system does not tell")
@by_file
def test_no_encoder_runs_before_all_else(name: str, options: Video, tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    signal = Signal(96, 64, FPS)
    encoder = encoder_for(options)
    with encoder.segment(tmp_path / "part", signal) as sink:
        for number in range(8):
            sink.add(drawing(number, signal))
        threads = [int(entry.name) for entry in Path("/proc/self/task").iterdir()]
        assert {os.sched_getscheduler(thread) for thread in threads} == {before}
    encoder.join([tmp_path / "part"], tmp_path / name, signal)
    assert os.sched_getscheduler(0) == before


@by_file
def test_every_frame_comes_back_at_its_time(name: str, options: Video, tmp_path: Path) -> None:
    signal = Signal(96, 64, FPS)
    pictures = [drawing(number, signal) for number in range(30)]
    changed = [None, *(moved(number, signal) for number in range(1, 30))]
    # Long, then one picture, two and three: too short to hold any back.
    borders = [13, 14, 16, 19]
    for border in borders:
        changed[border] = None
    film, _ = render(
        encoder_for(options), tmp_path, name, pictures, borders=borders, changed=changed, signal=signal
    )
    coarse = Fraction(1, 1000) if film.suffix in (".webm", ".mkv") else Fraction(0)
    with av.logging.Capture() as said, av.open(str(film)) as container:
        video = container.streams.video[0]
        frames = list(container.decode(video))
        assert video.average_rate == FPS
        assert abs(container.duration / Fraction(av.time_base) - 30 / FPS) <= coarse
    assert [line for level, _, line in said if level <= av.logging.WARNING] == []
    times = [frame.pts * frame.time_base for frame in frames]
    assert len(times) == 30
    assert all(abs(time - number / FPS) <= coarse for number, time in enumerate(times))
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        keys = {round(packet.pts * packet.time_base * FPS) for packet in packets if packet.is_keyframe}
        assert {0, 10, *borders} <= keys
    for number, frame in enumerate(frames):
        found = frame.to_ndarray(format="rgb24").astype(int)
        assert np.abs(found - pictures[number]).mean() < 5, number


@by_file
def test_colours_come_back_and_are_named(name: str, options: Video, tmp_path: Path) -> None:
    signal = Signal(len(PATCHES) * 32, 64, FPS)
    chart = np.repeat(np.repeat(np.array([PATCHES], np.uint8), 64, axis=0), 32, axis=1)
    film, _ = render(encoder_for(options), tmp_path, name, [chart] * 3, signal=signal)
    with av.open(str(film)) as container:
        rgb = container.streams.video[0].codec_context.format.is_rgb
        frames = list(container.decode(video=0))
    for frame in frames:
        assert (frame.color_primaries, frame.color_trc) == (1, 1)
        assert (frame.colorspace, frame.color_range) == ((0, 2) if rgb else (1, 1))
        found = rgb_of(frame)
        for number, patch in enumerate(PATCHES):
            assert np.abs(found[32, 32 * number + 16].astype(int) - patch).max() <= 6, patch


def rgb_of(frame: av.VideoFrame) -> Pixels:
    """The picture as a player shows it that believes the file's tags."""
    return frame.to_ndarray(format="rgb24", src_colorspace=None if frame.format.is_rgb else "ITU709")


@pytest.mark.parametrize(
    ("name", "options"),
    # In the others every picture stands by itself.
    [(name, options) for name, options in FILES if not isinstance(options, Ffv1 | ProRes)],
    ids=lambda value: value.kind if isinstance(value, Video) else value[5:],
)
def test_no_frame_is_poor_at_a_seam(name: str, options: Video, tmp_path: Path) -> None:
    options = options.model_copy(update={"max_gop": 8.0})
    pictures = [textured(number) for number in range(60)]
    split, _ = render(encoder_for(options), tmp_path, name, pictures, borders=[20, 40])
    # 40 decibels, from where a drawing and its copy are hard to tell apart.
    assert max(errors(split, pictures)) < 255**2 / 10**4


def test_hevc_is_named_as_apple_wants_it(tmp_path: Path) -> None:
    film, _ = render(encoder_for(Hevc(preset="ultrafast")), tmp_path, "film.mp4", [drawing(0)] * 3)
    movie = boxes(film)["moov"]
    assert b"hvc1" in movie
    assert b"hev1" not in movie
    assert b"colrnclx\x00\x01\x00\x01\x00\x01\x00" in movie


def test_ffv1_loses_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (4, 65, 97, 3), dtype=np.uint8)
    signal = Signal(97, 65, FPS)
    film, _ = render(encoder_for(Ffv1()), tmp_path, "film.mkv", list(noise), borders=[2], signal=signal)
    assert all(np.array_equal(found, want) for found, want in zip(shown(film, "rgb24"), noise, strict=True))


def shown(film: Path, pixels: str) -> Iterator[Pixels]:
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format=pixels)


def cut_out(number: int) -> Pixels:
    """A red square over nothing, and half over it a veil of land."""
    picture = np.zeros((64, 96, 4), np.uint8)
    picture[..., :3] = SEA
    picture[16:48, 16 + number : 48 + number] = (*RED, 255)
    picture[32:56, 40:80] = (*LAND, 128)
    return picture


@pytest.mark.parametrize(("name", "options"), [("film.mov", ProRes()), ("film.mkv", Ffv1())])
def test_what_is_transparent_stays_transparent(name: str, options: Video, tmp_path: Path) -> None:
    signal = Signal(96, 64, FPS, alpha=True)
    pictures = [cut_out(number) for number in range(4)]
    film, _ = render(encoder_for(options), tmp_path, name, pictures, borders=[2], signal=signal)
    for found, want in zip(shown(film, "rgba"), pictures, strict=True):
        assert np.abs(found[..., 3].astype(int) - want[..., 3]).max() <= 1
        # Straight: under the veil stands the colour of the veil, not a darker one.
        seen = want[..., 3] > 0
        assert np.abs(found[..., :3].astype(int) - want[..., :3])[seen].mean() < 3


@by_file
def test_a_format_that_cannot_be_transparent_says_so(name: str, options: Video) -> None:
    found = encoder_for(options).check(Signal(96, 64, FPS, alpha=True), Path("/tmp") / name)
    assert bool(found) is not isinstance(options, Ffv1 | ProRes)
    assert all("ProRes" in problem.hint for problem in found)


def test_a_format_refuses_a_file_of_another(tmp_path: Path) -> None:
    (problem,) = encoder_for(Vp9()).check(Signal(96, 64, FPS), tmp_path / "film.mp4")
    assert problem.what == "VP9 does not go into a .mp4 file"
    assert problem.hint == "end the name with .webm or .mkv"


@pytest.mark.parametrize("options", [Ffv1(), ProRes()], ids=lambda options: options.kind)
def test_full_colour_takes_odd_sizes(options: Video) -> None:
    assert encoder_for(options).check(Signal(97, 65, FPS)) == []


@by_file
def test_captions_are_tracks(name: str, options: Video, tmp_path: Path) -> None:
    cues = (Cue(2, 7, "Arras est libérée"), Cue(9, 12, "Lens"))
    signal = Signal(96, 64, FPS, subtitles=(Subtitles("fr", cues), Subtitles("de", cues[:1])))
    pictures = [drawing(number) for number in range(12)]
    film, _ = render(encoder_for(options), tmp_path, name, pictures, borders=[5], signal=signal)
    with av.open(str(film)) as container:
        tracks = container.streams.subtitles
        # Matroska and QuickTime name some languages in the other of the two ways of ISO 639-2.
        assert [track.metadata["language"] for track in tracks] in (
            ["fra", "deu"],
            ["fre", "ger"],
            ["fra", "ger"],
        )
        found = [words for words in texts(container, 0) if words[2]]
    assert found == [
        (Fraction(2, 25), Fraction(7, 25), "Arras est libérée"),
        (Fraction(9, 25), Fraction(12, 25), "Lens"),
    ]


def texts(container: av.container.InputContainer, track: int) -> list[tuple[Fraction, Fraction, str]]:
    family = "mp4" in container.format.name
    found = []
    for packet in container.demux(container.streams.subtitles[track]):
        if packet.size:
            text = bytes(packet)[2 * family :].decode()
            start = packet.pts * packet.time_base
            found.append((start, start + packet.duration * packet.time_base, text))
    return found


# --- what signage players ask for --------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["map", "veryfast"])
def test_a_held_bit_rate_is_held_over_every_seam(preset: str, tmp_path: Path) -> None:
    signal = Signal(96, 64, Fraction(8))
    rate, second = 0.1, 8
    segment = int(SEGMENT * second)
    rng = np.random.default_rng(2)
    # The hardest that can come, up to the last frame before each seam and from the first one after it.
    noise = rng.integers(0, 256, (3 * segment, 64, 96, 3), dtype=np.uint8)
    options = Mp4.model_validate({"preset": preset, "max_rate": rate, "max_gop": 1})
    borders = [segment, 2 * segment]
    free, _ = render(
        encoder_for(Mp4(crf=23)), tmp_path, "free.mp4", list(noise), borders=borders, signal=signal
    )
    film, _ = render(encoder_for(options), tmp_path, "film.mp4", list(noise), borders=borders, signal=signal)
    assert max(drained(free, rate)) > 2 * rate * 1e6
    # A buffer that holds one second, filled at that rate, is never empty.
    assert max(drained(film, rate)) <= rate * 1e6
    with av.open(str(film)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    keys = sorted(p.pts * p.time_base for p in packets if p.is_keyframe)
    assert max(b - a for a, b in itertools.pairwise(keys)) <= 1


def drained(film: Path, rate: float) -> Iterator[float]:
    """Bits that are missing in a player's buffer after each picture, filled at `rate` megabits a second."""
    missing = 0.0
    with av.open(str(film)) as container:
        fps = container.streams.video[0].average_rate
        assert fps
        for packet in container.demux(video=0):
            missing = max(0.0, missing - rate * 1e6 / fps) + 8 * packet.size
            yield missing


def test_a_level_is_in_the_header_and_closes_every_group(tmp_path: Path) -> None:
    options = Mp4(level="4.0", max_gop=0.4)
    film, _ = render(encoder_for(options), tmp_path, "film.mp4", [drawing(number) for number in range(25)])
    with av.open(str(film)) as container:
        header = container.streams.video[0].codec_context.extradata
        assert header
        assert header[3] == 40
        keys = [bytes(p) for p in container.demux(video=0) if p.is_keyframe and p.size]
    # Every key picture is an IDR picture: nothing after it looks back over it.
    assert len(keys) >= 3
    assert all(5 in units(key) for key in keys)


def units(packet: bytes) -> list[int]:
    """Types of the units in a picture of an MP4's H.264."""
    found, at = [], 0
    while at < len(packet):
        found.append(packet[at + 4] & 31)
        at += 4 + int.from_bytes(packet[at : at + 4], "big")
    return found


@pytest.mark.parametrize(
    ("options", "signal", "said"),
    [
        (
            Mp4(level="4.0"),
            Signal(3840, 2160, Fraction(30)),
            ["size: 3840×2160 is more than level 4.0", "5.1"],
        ),
        (Mp4(level="4.1"), Signal(1920, 1080, Fraction(60)), ["fps: level 4.1 allows no 60", "level 4.2"]),
        (Mp4(level="4.0", max_rate=30), Signal(1920, 1080, Fraction(30)), ["allows 25 Mb/s, not 30"]),
        (Mp4(crf=0, max_rate=20), Signal(1920, 1080, Fraction(30)), ["bit rate cannot be held"]),
        (Mp4(level="4.0", max_rate=25), Signal(1920, 1080, Fraction(30)), []),
    ],
)
def test_more_than_a_player_can_do_is_said_before_a_frame(
    options: Mp4, signal: Signal, said: list[str]
) -> None:
    problems = [str(problem) for problem in encoder_for(options).check(signal)]
    assert len(problems) == bool(said)
    assert all(words in problem for words in said for problem in problems)
