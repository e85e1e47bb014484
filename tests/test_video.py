"""Video in every format and container, decoded back: time, colours, seams, tags, tracks, transparency."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from animap.encode import Av1, Ffv1, Hevc, Mp4, ProRes, Signal, Video, Vp9, encoder_for
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


@by_file
def test_no_frame_is_poor_at_a_seam(name: str, options: Video, tmp_path: Path) -> None:
    if isinstance(options, Ffv1 | ProRes):
        pytest.skip("every picture stands by itself")
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
