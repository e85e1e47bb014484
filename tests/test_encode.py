"""Every file that comes out is decoded again, by av and by Pillow, and compared with what went in."""

from __future__ import annotations

import itertools
import os
import pickle
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from pydantic import TypeAdapter, ValidationError

from animap.encode import (
    AnyOptions,
    Apng,
    Av1,
    Encoder,
    Ffv1,
    Gif,
    Hevc,
    Mp4,
    Options,
    Png,
    ProRes,
    Signal,
    Vp9,
    Webp,
    encoder_for,
    suffixes,
    write_still,
    write_webp,
)
from animap.encode.palette import choose, indices, numbers, packed, unpacked
from animap.errors import OutputError, RenderError, UsageError
from animap.types import Pixels, Rect

SEA, LAND, RED = (170, 200, 224), (241, 238, 228), (196, 30, 40)
PATCHES = [
    (0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (0, 255, 0), (0, 0, 255),
    (255, 255, 0), (0, 255, 255), (255, 0, 255), SEA, LAND, RED,
]  # fmt: skip
SMALL = Signal(96, 64, Fraction(25))
FORMATS = [
    Mp4(preset="veryfast"),
    Hevc(preset="ultrafast"),
    Vp9(speed=8),
    Av1(speed=12),
    Ffv1(),
    ProRes(),
    Gif(colours=16),
    Webp(),
    Apng(),
    Png(compression=1),
]
by_format = pytest.mark.parametrize("options", FORMATS, ids=lambda options: options.kind)


def drawing(number: int, signal: Signal = SMALL) -> Pixels:
    pixels = np.full((signal.height, signal.width, 3), SEA, np.uint8)
    pixels[:, signal.width // 2 :] = LAND
    pixels[place(number, signal)] = RED
    return pixels


def place(number: int, signal: Signal) -> tuple[slice, slice]:
    left = 3 * number % (signal.width - 16)
    return slice(8, 24), slice(left, left + 16)


def moved(number: int, signal: Signal = SMALL) -> list[Rect]:
    places = [place(number - 1, signal), place(number, signal)]
    return [(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in places]


def render(
    encoder: Encoder,
    folder: Path,
    name: str,
    pictures: Sequence[Pixels],
    *,
    borders: Sequence[int] = (),
    changed: Sequence[Sequence[Rect] | None] | None = None,
    repeats: Sequence[int] | None = None,
    signal: Signal = SMALL,
) -> tuple[Path, list[Path]]:
    """Encode in segments that begin at the borders, join, and return the file and its parts."""
    shared = encoder.prepare(pictures, signal)
    parts = []
    for start, end in itertools.pairwise([0, *borders, len(pictures)]):
        parts.append(folder / f"{name}-{start}.part")
        with encoder.segment(parts[-1], signal, shared, pictures[start - 1] if start else None) as sink:
            for number in range(start, end):
                rects = None if changed is None else changed[number]
                sink.add(pictures[number], rects, repeats[number] if repeats else 1)
            taken = sink.frames
        assert taken == sum((repeats or [1] * len(pictures))[start:end])
    frames = encoder.join(parts, folder / name, signal, shared)
    assert frames == sum(repeats or [1] * len(pictures))
    return folder / name, parts


def decoded(path: Path) -> list[Pixels]:
    with av.logging.Capture() as said, av.open(str(path)) as container:
        pictures = [frame.to_ndarray() for frame in container.decode(video=0)]
    assert [line for level, _, line in said if level <= av.logging.WARNING] == []
    return pictures


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    av.logging.set_level(av.logging.WARNING)
    yield
    av.logging.set_level(None)


# --- all formats ---------------------------------------------------------------------------------------


@by_format
def test_options_say_their_kind_and_refuse_unknown_keys(options: Options) -> None:
    adapter = TypeAdapter[Options](Options)
    assert adapter.validate_python(options.model_dump()) == options
    assert adapter.validate_json(options.model_dump_json()) == options
    with pytest.raises(ValidationError):
        adapter.validate_python({"kind": options.kind, "qualty": 3})


def test_a_suffix_names_a_format_that_goes_into_it() -> None:
    for suffix, kind in suffixes.items():
        assert suffix in getattr(kind(), "suffixes", (f".{kind().kind}",))


@by_format
def test_encoders_travel_to_workers(options: Options) -> None:
    encoder = encoder_for(options)
    assert pickle.loads(pickle.dumps(encoder)) == encoder


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, FileNotFoundError])
@by_format
def test_nothing_is_left_when_drawing_fails(
    options: Options, error: type[BaseException], tmp_path: Path
) -> None:
    encoder = encoder_for(options)
    shared = encoder.prepare([drawing(0)], SMALL)

    def segment() -> None:
        with encoder.segment(tmp_path / "part", SMALL, shared) as sink:
            for number in range(60):
                sink.add(drawing(number))
            raise error("drawing")

    # The error is not ours to translate, even where it is an OSError.
    with pytest.raises(error, match="drawing"):
        segment()
    assert list(tmp_path.iterdir()) == []


@by_format
def test_a_segment_needs_pictures(options: Options, tmp_path: Path) -> None:
    encoder = encoder_for(options)
    shared = encoder.prepare([drawing(0)], SMALL)
    with (
        pytest.raises(RenderError, match="without pictures"),
        encoder.segment(tmp_path / "part", SMALL, shared),
    ):
        pass
    with pytest.raises(RenderError, match="nothing to join"):
        encoder.join([], tmp_path / "film", SMALL, shared)
    assert list(tmp_path.iterdir()) == []


@by_format
def test_pictures_of_another_size_are_refused(options: Options, tmp_path: Path) -> None:
    encoder = encoder_for(options)
    shared = encoder.prepare([drawing(0)], SMALL)
    with encoder.segment(tmp_path / "part", SMALL, shared) as sink:
        sink.add(drawing(0))
        with pytest.raises(RenderError, match="96×64"):
            sink.add(np.zeros((64, 96, 4), np.uint8))
        with pytest.raises(RenderError, match="96×64"):
            sink.add(np.zeros((64, 96, 3), np.uint16))
        with pytest.raises(RenderError, match="0 frames"):
            sink.add(drawing(0), repeat=0)


@by_format
def test_a_folder_that_is_missing_is_said_early_and_late(options: Options, tmp_path: Path) -> None:
    encoder = encoder_for(options)
    path = tmp_path / "nowhere" / "film"
    (problem,) = encoder.check(SMALL, path)
    assert problem.where == str(path)
    assert "create the folder" in problem.hint
    shared = encoder.prepare([drawing(0)], SMALL)
    with pytest.raises(OutputError, match="does not exist"), encoder.segment(path, SMALL, shared):
        pytest.fail("opened")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere: for a while we are somebody else."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@by_format
def test_a_folder_that_may_not_be_written_is_said(options: Options, tmp_path: Path) -> None:
    encoder = encoder_for(options)
    shared = encoder.prepare([drawing(0)], SMALL)
    tmp_path.chmod(0o500)
    try:
        with as_nobody():
            assert "permission" in encoder.check(SMALL, tmp_path / "film")[0].what
            with (
                pytest.raises(OutputError, match="permission"),
                encoder.segment(tmp_path / "film", SMALL, shared),
            ):
                pytest.fail("opened")
    finally:
        tmp_path.chmod(0o700)


@contextmanager
def disk_for(bytes_: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@by_format
def test_a_disk_that_fills_up_is_told_and_leaves_nothing(options: Options, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 64, 96, 3), dtype=np.uint8)
    encoder = encoder_for(options)
    shared = encoder.prepare(noise[:1], SMALL)

    def segment() -> None:
        with encoder.segment(tmp_path / "part", SMALL, shared) as sink:
            for pixels in noise:
                sink.add(pixels)

    with disk_for(9_000), pytest.raises(OutputError, match="limit") as caught:
        segment()
    assert caught.value.problems[0].where == str(tmp_path / "part")
    assert caught.value.problems[0].hint
    assert list(tmp_path.iterdir()) == []
    segment()
    if options.kind != "png":  # Joined, pictures are not written again.
        (tmp_path / "film").write_text("the film of yesterday")
        with disk_for(9_000), pytest.raises(OutputError, match="limit"):
            encoder.join([tmp_path / "part"], tmp_path / "film", SMALL, shared)
        assert (tmp_path / "film").read_text() == "the film of yesterday"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["film", "part"]


@by_format
def test_broken_parts_are_named(options: Options, tmp_path: Path) -> None:
    encoder = encoder_for(options)
    _, (part,) = render(encoder, tmp_path, "film", [drawing(number) for number in range(9)])
    shared = encoder.prepare([drawing(0)], SMALL)
    with pytest.raises(RenderError) as missing:
        encoder.join([part, tmp_path / "gone"], tmp_path / "second", SMALL, shared)
    assert missing.value.problems[0].where == str(tmp_path / "gone")
    if part.is_dir():
        (part / "frame_000004.png").unlink()
    else:
        part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(RenderError) as broken:
        encoder.join([part], tmp_path / "second", SMALL, shared)
    assert broken.value.problems[0].where == str(part)
    assert not (tmp_path / "second").exists()


@by_format
def test_the_same_pictures_make_the_same_bytes(options: Options, tmp_path: Path) -> None:
    pictures = [drawing(number) for number in range(12)]
    first, _ = render(encoder_for(options), tmp_path, "first", pictures, borders=[5])
    second, _ = render(encoder_for(options), tmp_path, "second", pictures, borders=[5])
    assert contents(first) == contents(second)


@by_format
def test_what_did_not_change_needs_no_telling(options: Options, tmp_path: Path) -> None:
    pictures = [drawing(number // 3) for number in range(12)]
    changed = [[] if number % 3 else moved(number // 3) for number in range(12)]
    encoder = encoder_for(options)
    told, _ = render(encoder, tmp_path, "told", pictures, borders=[4], changed=[None, *changed[1:]])
    untold, _ = render(encoder, tmp_path, "untold", pictures, borders=[4])
    assert contents(told) == contents(untold)


@by_format
def test_repeats_are_frames(options: Options, tmp_path: Path) -> None:
    encoder = encoder_for(options)
    short, _ = render(encoder, tmp_path, "short", [drawing(0), drawing(1)], repeats=[3, 2])
    long, _ = render(encoder, tmp_path, "long", [drawing(number) for number in (0, 0, 0, 1, 1)])
    assert contents(short) == contents(long)


def contents(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in (sorted(path.iterdir()) if path.is_dir() else [path])]


# --- MP4 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fps", [Fraction(25), Fraction(30000, 1001), Fraction(25, 2), Fraction(60), Fraction(1, 3)]
)
def test_mp4_is_exact_in_time(fps: Fraction, tmp_path: Path) -> None:
    signal = Signal(96, 64, fps, title="Bevrijding 1944", language="nl", comment="© ODbL")
    pictures = [drawing(number, signal) for number in range(48)]
    encoder = encoder_for(Mp4(max_gop=20 / float(fps)))
    # One picture, two, three: too short for B-frames, or just long enough.
    film, parts = render(encoder, tmp_path, "film.mp4", pictures, borders=[20, 21, 22, 24, 27], signal=signal)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        frames = list(container.decode(video))
        assert container.start_time == 0
        assert abs(Fraction(container.duration, av.time_base) - 48 / fps) <= Fraction(1, av.time_base)
        assert video.start_time == 0
        assert video.duration * video.time_base == 48 / fps
        assert video.frames == 48
        assert video.average_rate == fps
        assert container.metadata["title"] == "Bevrijding 1944"
        assert container.metadata["comment"] == "© ODbL"
        assert video.metadata["language"] == "nld"
        assert "creation_time" not in container.metadata
        assert [frame.pts * frame.time_base for frame in frames] == [number / fps for number in range(48)]
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        ticks = [packet.dts * packet.time_base * fps for packet in packets]
        assert ticks == list(range(int(ticks[0]), int(ticks[0]) + 48))
        assert all(packet.pts >= packet.dts for packet in packets)
        keys = {packet.pts * packet.time_base * fps for packet in packets if packet.is_keyframe}
        assert keys >= {0, 20, 21, 22, 24, 27}
    alone = []
    for number, part in enumerate(parts):
        encoder.join([part], tmp_path / f"{number}.mp4", signal)
        alone += decoded(tmp_path / f"{number}.mp4")
    joined = decoded(film)
    assert len(joined) == len(alone) == 48
    assert all(np.array_equal(one, other) for one, other in zip(joined, alone, strict=True))
    assert b"".join(movie_header(film)) == struct.pack(">I", int(48 / fps * timescale(film)))


def boxes(path: Path) -> dict[str, bytes]:
    data, found = path.read_bytes(), {}
    while data:
        size, name = struct.unpack(">I4s", data[:8])
        found[name.decode()] = data[8:size]
        data = data[size:]
    return found


def movie_header(path: Path) -> Iterator[bytes]:
    moov = boxes(path)["moov"]
    at = moov.index(b"mvhd") + 4
    yield moov[at + 16 : at + 20]


def timescale(path: Path) -> int:
    moov = boxes(path)["moov"]
    at = moov.index(b"mvhd") + 4
    return int.from_bytes(moov[at + 12 : at + 16], "big")


def test_mp4_plays_while_it_loads(tmp_path: Path) -> None:
    film, _ = render(encoder_for(Mp4()), tmp_path, "film.mp4", [drawing(number) for number in range(9)])
    order = list(boxes(film))
    assert order.index("moov") < order.index("mdat")
    assert b"colrnclx\x00\x01\x00\x01\x00\x01\x00" in boxes(film)["moov"]


def test_mp4_shows_the_colours_that_were_drawn(tmp_path: Path) -> None:
    signal = Signal(len(PATCHES) * 32, 64, Fraction(25))
    chart = np.repeat(np.repeat(np.array([PATCHES], np.uint8), 64, axis=0), 32, axis=1)
    film, _ = render(encoder_for(Mp4(crf=12)), tmp_path, "film.mp4", [chart] * 3, signal=signal)
    with av.open(str(film)) as container:
        video = container.streams.video[0]
        assert video.profile == "High"
        assert video.codec_context.pix_fmt == "yuv420p"
        frames = list(container.decode(video))
    for frame in frames:
        assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (1, 1, 1, 1)
        planes = frame.to_ndarray()
        luma, blue, red = planes[:64], planes[64:80].reshape(32, -1), planes[80:].reshape(32, -1)
        for number, patch in enumerate(PATCHES):
            expected = bt709(*patch)
            middle = 32 * number + 16
            found = (luma[32, middle], blue[16, middle // 2], red[16, middle // 2])
            assert np.abs(np.subtract(found, expected, dtype=float)).max() <= 2, patch
            back = np.array(to_rgb(*map(float, found)))
            assert np.abs(back - patch).max() <= 4, patch


def bt709(red: float, green: float, blue: float) -> tuple[float, float, float]:
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        16 + luma * 219 / 255,
        128 + (blue - luma) / 1.8556 * 224 / 255,
        128 + (red - luma) / 1.5748 * 224 / 255,
    )


def to_rgb(luma: float, blue: float, red: float) -> tuple[float, float, float]:
    y, b, r = (luma - 16) * 255 / 219, (blue - 128) * 255 / 224 * 1.8556, (red - 128) * 255 / 224 * 1.5748
    return y + r, y - (0.0722 * b + 0.2126 * r) / 0.7152, y + b


def test_mp4_without_loss(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (4, 64, 96, 3), dtype=np.uint8)
    film, _ = render(encoder_for(Mp4(crf=0)), tmp_path, "film.mp4", list(noise), borders=[2])
    for picture, pixels in zip(decoded(film), noise, strict=True):
        luma = bt709(*np.moveaxis(pixels.astype(float), -1, 0))[0]
        assert np.abs(picture[:64] - luma).max() <= 0.6


@pytest.mark.parametrize(("width", "height"), [(97, 64), (96, 65), (97, 65)])
def test_mp4_refuses_odd_sizes_before_anything_is_drawn(width: int, height: int, tmp_path: Path) -> None:
    signal = Signal(width, height, Fraction(25))
    encoder = encoder_for(Mp4())
    (problem,) = encoder.check(signal)
    assert f"{width}×{height}" in problem.what
    assert problem.hint == f"use {width + width % 2}×{height + height % 2}"
    with pytest.raises(UsageError, match="even"), encoder.segment(tmp_path / "part", signal):
        pytest.fail("opened")
    assert list(tmp_path.iterdir()) == []


def test_mp4_says_everything_that_is_wrong_together(tmp_path: Path) -> None:
    problems = encoder_for(Mp4()).check(Signal(9001, 9001, Fraction(29.97)), tmp_path)
    assert [problem.where for problem in problems] == [str(tmp_path), "size", "size", "fps"]
    assert problems[-1].hint == "use 2997/100"


def test_mp4_joins_only_what_belongs_together(tmp_path: Path) -> None:
    _, (one,) = render(encoder_for(Mp4()), tmp_path, "one.mp4", [drawing(0)])
    _, (two,) = render(encoder_for(Mp4(preset="ultrafast")), tmp_path, "two.mp4", [drawing(0)])
    with pytest.raises(RenderError, match="other settings"):
        encoder_for(Mp4()).join([one, two], tmp_path / "film.mp4", SMALL)
    slower = Signal(96, 64, Fraction(24))
    _, (three,) = render(encoder_for(Mp4()), tmp_path, "three.mp4", [drawing(0), drawing(1)], signal=slower)
    with pytest.raises(RenderError, match="other settings"):
        encoder_for(Mp4()).join([three], tmp_path / "film.mp4", SMALL)
    assert not (tmp_path / "film.mp4").exists()


def textured(number: int) -> Pixels:
    """A drawing on paper with a grain, so that there is something to lose."""
    grain = np.random.default_rng(8).integers(-9, 10, (64, 96, 1))
    return (drawing(number // 6) + grain).clip(0, 255).astype(np.uint8)


def errors(film: Path, pictures: Sequence[Pixels]) -> list[float]:
    """Mean squared error of every frame's luma."""
    lumas = [bt709(*np.moveaxis(pixels.astype(float), -1, 0))[0] for pixels in pictures]
    found = decoded(film)
    return [float(np.square(got[:64] - want).mean()) for got, want in zip(found, lumas, strict=True)]


@pytest.mark.parametrize("preset", ["map", "medium"])
def test_mp4_seams_do_not_show(preset: str, tmp_path: Path) -> None:
    pictures = [textured(number) for number in range(90)]
    encoder = encoder_for(Mp4.model_validate({"preset": preset}))
    whole, _ = render(encoder, tmp_path, "whole.mp4", pictures)
    split, _ = render(encoder, tmp_path, "split.mp4", pictures, borders=[30, 60])
    # Less than a decibel, on every frame.
    assert max(errors(split, pictures)) < 1.25 * max(errors(whole, pictures))


DIGEST = """
import hashlib, sys, tempfile, pathlib, test_encode as t
with tempfile.TemporaryDirectory() as folder:
    pictures = [t.drawing(number) for number in range(12)]
    film, _ = t.render(t.encoder_for(t.Mp4()), pathlib.Path(folder), "film.mp4", pictures, borders=[5])
    print(hashlib.sha256(film.read_bytes()).hexdigest())
"""


def test_mp4_does_not_depend_on_what_was_in_memory() -> None:
    # glibc fills fresh memory with this byte; x264 once let it reach the pictures.
    command = [sys.executable, "-c", DIGEST]
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    digests = {
        subprocess.run(
            command,
            env=os.environ | {"MALLOC_PERTURB_": perturb, "PYTHONPATH": paths},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for perturb in ("1", "85", "240")
    }
    assert len(digests) == 1


def test_mp4_headers_do_not_depend_on_the_pictures(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (60, 64, 96, 3), dtype=np.uint8)
    pictures = [drawing(0)] * 40 + list(noise) + [drawing(number) for number in range(30)]
    film, _ = render(encoder_for(Mp4()), tmp_path, "film.mp4", pictures, borders=[40, 100])
    assert len(decoded(film)) == 130


# --- GIF -----------------------------------------------------------------------------------------------


def shown(path: Path) -> list[tuple[Pixels, int]]:
    """Return the pictures that Pillow shows and for how many hundredths of a second each."""
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        return [
            (np.asarray(frame.convert("RGB")), round(frame.info["duration"] / 10))
            for frame in ImageSequence.Iterator(image)
        ]


def quantised(pictures: Sequence[Pixels], colours: int) -> list[Pixels]:
    palette = choose(pictures, colours - 1)
    return [palette.colours[indices(palette, numbers(picture))] for picture in pictures]


def noisy(number: int) -> Pixels:
    pixels = drawing(number).astype(np.int16)
    pixels[40:60, 20:60] += np.random.default_rng(number).integers(-60, 60, (20, 40, 3), dtype=np.int16)
    return pixels.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("colours", [2, 3, 4, 16, 128, 256])
def test_gif_shows_the_pictures_in_its_colours(colours: int, tmp_path: Path) -> None:
    pictures = [noisy(number) for number in range(20)]
    film, _ = render(
        encoder_for(Gif(colours=colours, lossiness=0)), tmp_path, "film.gif", pictures, borders=[1, 2, 9]
    )
    found = shown(film)
    expected = quantised(pictures, max(colours, 3))
    assert [delay for _, delay in found] == [4] * 20
    for (picture, _), want in zip(found, expected, strict=True):
        assert np.array_equal(picture, want)
    data = film.read_bytes()
    assert data.startswith(b"GIF89a")
    assert data.endswith(b";")
    assert b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00" in data


def test_gif_is_the_same_wherever_segments_begin(tmp_path: Path) -> None:
    pictures = [drawing(number // 4) for number in range(30)]
    encoder = encoder_for(Gif(colours=16))
    whole, _ = render(encoder, tmp_path, "whole.gif", pictures)
    assert [delay for _, delay in shown(whole)] == [16] * 7 + [8]
    for borders in ([1], [4], [6, 7, 8], list(range(1, 30))):
        split, _ = render(encoder, tmp_path, "split.gif", pictures, borders=borders)
        assert split.read_bytes() == whole.read_bytes(), borders


@given(
    fps=st.fractions(Fraction(1, 4), 50, max_denominator=1001),
    runs=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 90)), min_size=1, max_size=12),
    cuts=st.sets(st.integers(1, 11)),
)
@settings(max_examples=60, deadline=None)
def test_gif_delays_add_up(fps: Fraction, runs: list[tuple[int, int]], cuts: set[int]) -> None:
    signal = Signal(24, 8, fps)
    pictures = [np.full((8, 24, 3), 40 * shade, np.uint8) for shade, _ in runs]
    repeats = [frames for _, frames in runs]
    with tempfile.TemporaryDirectory() as folder:
        film, _ = render(
            encoder_for(Gif(colours=8, lossiness=0)),
            Path(folder),
            "film.gif",
            pictures,
            borders=sorted(cut for cut in cuts if cut < len(runs)),
            repeats=repeats,
            signal=signal,
        )
        found = shown(film)
    expected, frame = [], 0
    for shade, group in itertools.groupby(runs, key=lambda run: run[0]):
        end = frame + sum(frames for _, frames in group)
        times = [int(Fraction(100 * number) / fps + Fraction(1, 2)) for number in (frame, end)]
        expected.append((40 * shade, times[1] - times[0]))
        frame = end
    # What lasts longer than a delay can say comes in several pieces.
    pieces = itertools.groupby(found, key=lambda frame: int(frame[0][0, 0, 0]))
    assert [(shade, sum(delay for _, delay in group)) for shade, group in pieces] == expected
    assert sum(delay for _, delay in found) == int(Fraction(100 * frame) / fps + Fraction(1, 2))


def test_gif_holds_a_picture_longer_than_one_delay_can(tmp_path: Path) -> None:
    signal = Signal(96, 64, Fraction(1))
    pictures = [drawing(0), drawing(0), drawing(1)]
    encoder = encoder_for(Gif(colours=16))
    film, _ = render(
        encoder, tmp_path, "film.gif", pictures, borders=[1], repeats=[700, 800, 2], signal=signal
    )
    found = shown(film)
    assert [delay for _, delay in found] == [50_000, 50_000, 50_000, 200]
    assert all(np.array_equal(picture, drawing(0)) for picture, _ in found[:3])
    assert np.array_equal(found[3][0], drawing(1))
    sizes = [(width, height) for _, _, width, height in images(film)]
    assert sizes[1:3] == [(1, 1), (1, 1)]


def images(path: Path) -> list[Rect]:
    """Return left, top, width and height of every image in a GIF, walking its blocks."""
    data, found = path.read_bytes(), []
    at = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            found.append(struct.unpack_from("<HHHH", data, at + 1))
            at += 11
        else:
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    assert at == len(data) - 1
    return found


def test_gif_writes_only_what_changed(tmp_path: Path) -> None:
    pictures = [drawing(number) for number in range(6)]
    changed = [None, *(moved(number) for number in range(1, 6))]
    film, _ = render(encoder_for(Gif(colours=16)), tmp_path, "film.gif", pictures, changed=changed)
    assert images(film) == [(0, 0, 96, 64), *((3 * number - 3, 8, 19, 16) for number in range(1, 6))]
    for (picture, _), want in zip(shown(film), pictures, strict=True):
        assert np.array_equal(picture, want)
    generous = [None, *([(-5, -5, 50, 40), (0, 0, 200, 30), (90, 60, 80, 50)] for _ in range(5))]
    same, _ = render(encoder_for(Gif(colours=16)), tmp_path, "same.gif", pictures, changed=generous)
    assert same.read_bytes() == film.read_bytes()


def faded(number: int) -> Pixels:
    """A square of another colour in each picture, on a ground of few."""
    pixels = drawing(0)
    pixels[8:24, 40:56] = np.array(RED) + (np.array(LAND) - RED) * number // 20
    return pixels


def test_gif_gives_up_colours_in_what_moves_only(tmp_path: Path) -> None:
    pictures = [faded(number) for number in range(21)]
    exact, _ = render(encoder_for(Gif(colours=32, lossiness=0)), tmp_path, "exact.gif", pictures)
    assert len(shown(exact)) == 21
    # Held at the seventh, for two frames; a border before the twelfth.
    repeats = [2 if number == 7 else 1 for number in range(21)]
    few, _ = render(
        encoder_for(Gif(colours=32, lossiness=75)),
        tmp_path,
        "few.gif",
        pictures,
        repeats=repeats,
        borders=[12],
    )
    found = shown(few)
    assert len(found) < 12
    assert few.stat().st_size < exact.stat().st_size
    assert sum(delay for _, delay in found) == 4 * 22
    ends = np.cumsum([delay // 4 for _, delay in found])
    at = [found[int(np.searchsorted(ends, frame, "right"))][0] for frame in range(22)]
    for frame, number in ((0, 0), (7, 7), (8, 7), (12, 11), (21, 20)):
        assert np.array_equal(at[frame], pictures[number]), frame
    ground = np.ones((64, 96), bool)
    ground[8:24, 40:56] = False
    assert all(np.array_equal(picture[ground], pictures[0][ground]) for picture in at)
    assert max(np.abs(a.astype(int) - p).max() for a, p in zip(at[:7], pictures, strict=False)) < 64


def test_gif_shows_what_rests_in_its_own_colours_though_something_moves(tmp_path: Path) -> None:
    """A soft edge passes over the ground and stops; elsewhere a dot goes on."""
    columns = np.arange(96)[None, :]
    pictures = []
    for number in range(30):
        share = np.clip((columns - 8 - 3 * min(number, 15)) / 12, 0, 1)[..., None]
        soft = np.rint(np.array(SEA) * (1 - share) + np.array(LAND) * share).astype(np.uint8)
        pixels = np.repeat(soft, 64, axis=0)
        pixels[48:56, 2 * number : 2 * number + 8] = RED
        pictures.append(pixels)
    film, _ = render(encoder_for(Gif(lossiness=50)), tmp_path, "film.gif", pictures)
    at = [picture for picture, delay in shown(film) for _ in range(delay // 4)]
    exact, _ = render(encoder_for(Gif(lossiness=0)), tmp_path, "exact.gif", pictures)
    own = [picture for picture, delay in shown(exact) for _ in range(delay // 4)]
    away = [np.abs(a.astype(int) - b).max() for a, b in zip(at, own, strict=True)]
    assert 0 < max(away) <= 20
    # Within ten frames after the edge has stopped it is as it should be, while the dot still moves.
    assert all(np.array_equal(a[:48], b[:48]) for a, b in zip(at[26:], own[26:], strict=True))
    assert film.stat().st_size < exact.stat().st_size


@pytest.mark.parametrize(("loop", "plays"), [(0, 0), (1, None), (3, 2)])
def test_gif_is_shown_as_often_as_asked(loop: int, plays: int | None, tmp_path: Path) -> None:
    film, _ = render(encoder_for(Gif(loop=loop)), tmp_path, "film.gif", [drawing(0), drawing(1)])
    with Image.open(film) as image:
        # What Pillow tells is how often it is shown again.
        assert image.info.get("loop") == plays


def test_gif_looks_only_where_it_is_told(tmp_path: Path) -> None:
    pictures = [drawing(0), drawing(9)]
    film, _ = render(encoder_for(Gif(colours=16)), tmp_path, "film.gif", pictures, changed=[None, []])
    assert len(shown(film)) == 1


def test_gif_carries_its_words(tmp_path: Path) -> None:
    signal = Signal(96, 64, Fraction(10), title="Libération", comment="© " + "x" * 400)
    film, _ = render(encoder_for(Gif()), tmp_path, "film.gif", [drawing(0), drawing(1)], signal=signal)
    with Image.open(film) as image:
        assert image.info["comment"].decode() == f"Libération\n{signal.comment}"


def test_gif_refuses_what_browsers_would_slow_down() -> None:
    (problem,) = encoder_for(Gif()).check(Signal(96, 64, Fraction(60)))
    assert problem.where == "fps"
    with pytest.raises(ValidationError):
        Gif(fps=Fraction(51))
    assert Gif.model_validate({"fps": 12.5}).fps == Gif().fps


def test_gif_misses_the_films_first_picture(tmp_path: Path) -> None:
    encoder = encoder_for(Gif(colours=16))
    _, parts = render(encoder, tmp_path, "film.gif", [drawing(0), drawing(1)], borders=[1])
    with pytest.raises(RenderError, match="first picture"):
        encoder.join(parts[1:], tmp_path / "late.gif", SMALL, encoder.prepare([drawing(0)], SMALL))


def test_palette_keeps_areas_exact_and_rare_colours_alive() -> None:
    rng = np.random.default_rng(7)
    pixels = np.full((200, 300, 3), SEA, np.uint8)
    pixels[:, 150:] = LAND
    # A hill shade of several hundred greys and greens, and one small town.
    pixels[100:, :150] = rng.integers(90, 190, (100, 150, 1)) + rng.integers(-12, 12, (100, 150, 3))
    pixels[5:8, 5:8] = RED
    palette = choose([pixels], 63)
    kept = {tuple(colour) for colour in palette.colours.tolist()}
    assert {SEA, LAND, RED} <= kept
    back = palette.colours[indices(palette, numbers(pixels))].astype(int)
    assert np.abs(back - pixels).mean() < 5
    # The table agrees with itself: a palette's colour is always found again.
    assert np.array_equal(indices(palette, numbers(palette.colours)), np.arange(len(palette.colours)))
    again = unpacked(packed(palette))
    assert np.array_equal(again.colours, palette.colours)
    assert np.array_equal(indices(again, numbers(pixels)), indices(palette, numbers(pixels)))


@given(st.lists(st.integers(0, 0xFFFFFF), min_size=1, max_size=12, unique=True), st.integers(24, 255))
@settings(max_examples=25, deadline=None)
def test_a_films_own_colours_are_in_its_palette_exactly(known: list[int], count: int) -> None:
    """Each in one pixel, beside thousands of colours near to it and to others."""
    table = np.array([[value >> 16, value >> 8 & 0xFF, value & 0xFF] for value in known], np.uint8)
    rng = np.random.default_rng(count)
    near = table[rng.integers(0, len(table), 3000)].astype(int) + rng.integers(-9, 10, (3000, 3))
    pixels = np.concatenate([np.clip(near, 0, 255), table]).astype(np.uint8)[None]
    palette = choose([pixels], count, known=[*known, 0x123456])
    assert len(palette.colours) <= count
    assert np.array_equal(palette.colours[indices(palette, numbers(table))], table)


@given(st.integers(2, 255), st.integers(1, 400), st.integers(0, 10))
@settings(max_examples=25, deadline=None)
def test_palette_never_outgrows_its_table(count: int, colours: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (1, colours, 3), dtype=np.uint8)
    palette = choose([pixels], count)
    assert 1 <= len(palette.colours) <= count
    assert indices(palette, numbers(pixels)).max() < len(palette.colours)
    coarse = choose([pixels], count, 5).coarse
    assert len(np.unique(coarse)) <= 5
    assert np.array_equal(coarse[coarse], coarse)


# --- WebP, animated PNG --------------------------------------------------------------------------------


ANIMATED = [Gif(colours=32, lossiness=0), Webp(colours=32, lossiness=0), Apng(colours=32, lossiness=0)]
by_animation = pytest.mark.parametrize("options", ANIMATED, ids=lambda options: options.kind)


def played(path: Path) -> list[tuple[Pixels, int]]:
    """Return the pictures that Pillow shows and for how many milliseconds each."""
    with Image.open(path) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append((np.asarray(image.convert("RGB")), round(image.info["duration"])))
        return found


@by_animation
def test_animated_pictures_are_those_that_went_in(options: AnyOptions, tmp_path: Path) -> None:
    pictures = [drawing(number // 2) for number in range(12)]
    # 24 frames of 1/12 s last two seconds, to the unit.
    signal = Signal(96, 64, Fraction(12))
    film, _ = render(
        encoder_for(options),
        tmp_path,
        f"film.{options.kind}",
        pictures,
        repeats=[2] * 12,
        borders=[3, 8],
        signal=signal,
    )
    found = played(film)
    assert len(found) == 6
    assert sum(delay for _, delay in found) == 2000
    assert {delay for _, delay in found} <= {330, 333, 334, 340}
    for number, (seen, _) in enumerate(found):
        assert np.array_equal(seen, drawing(number))
    # Another decoder agrees where there is one.
    if options.kind != "webp":
        with av.open(str(film)) as container:
            others = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert all(np.array_equal(one, other) for (one, _), other in zip(found, others, strict=True))


@given(
    fps=st.fractions(Fraction(1, 90), 50, max_denominator=1001),
    runs=st.lists(st.integers(1, 40), min_size=1, max_size=6),
)
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("options", ANIMATED[1:], ids=lambda options: options.kind)
def test_animated_delays_add_up(options: AnyOptions, fps: Fraction, runs: list[int]) -> None:
    signal = Signal(24, 8, fps)
    pictures = [np.full((8, 24, 3), 40 * number, np.uint8) for number in range(len(runs))]
    with tempfile.TemporaryDirectory() as folder:
        film, _ = render(encoder_for(options), Path(folder), "film", pictures, repeats=runs, signal=signal)
        found = played(film.rename(film.with_suffix(f".{options.kind}"))) if len(runs) > 1 else None
    if found:
        assert sum(delay for _, delay in found) == int(Fraction(1000 * sum(runs)) / fps + Fraction(1, 2))


@pytest.mark.parametrize("loop", [0, 1, 3])
def test_webp_and_apng_carry_words_and_loop_as_often_as_asked(loop: int, tmp_path: Path) -> None:
    signal = Signal(96, 64, Fraction(10), title="Libération & après", language="fr", comment="© IGN")
    pictures = [drawing(0), drawing(1), drawing(9)]
    webp, _ = render(encoder_for(Webp(loop=loop)), tmp_path, "film.webp", pictures, signal=signal)
    with Image.open(webp) as image:
        assert image.info["loop"] == loop
        words = ElementTree.fromstring(image.info["xmp"].decode())
        assert "".join(words.itertext()) == signal.title + signal.comment
    apng, _ = render(encoder_for(Apng(loop=loop)), tmp_path, "film.apng", pictures, signal=signal)
    with Image.open(apng) as image:
        assert image.info["loop"] == loop
        assert (image.info["Title"], image.info["Comment"]) == (signal.title, signal.comment)
        assert image.info["Title"].lang == "fr"


def test_webp_still_is_exact(tmp_path: Path) -> None:
    signal = Signal(97, 65, Fraction(25), title="Août 1944")
    write_webp(tmp_path / "still.webp", drawing(4, signal), signal)
    with Image.open(tmp_path / "still.webp") as image:
        assert np.array_equal(np.asarray(image), drawing(4, signal))
        assert "Août 1944" in image.info["xmp"].decode()


# --- PNG -----------------------------------------------------------------------------------------------


def test_png_pictures_are_exact_and_numbered_through(tmp_path: Path) -> None:
    noise = np.random.default_rng(9).integers(0, 256, (7, 64, 96, 3), dtype=np.uint8)
    encoder = encoder_for(Png())
    folder, parts = render(encoder, tmp_path, "film", list(noise), borders=[3, 4])
    names = [f"frame_{number:06}.png" for number in range(7)]
    assert sorted(path.name for path in folder.iterdir()) == names
    for name, pixels in zip(names, noise, strict=True):
        with Image.open(folder / name) as image:
            assert np.array_equal(np.asarray(image), pixels)
    assert all(part.is_dir() for part in parts)


def test_png_folder_is_replaced_but_nobody_elses(tmp_path: Path) -> None:
    encoder = encoder_for(Png())
    folder, parts = render(encoder, tmp_path, "film", [drawing(0), drawing(1), drawing(2)])
    with encoder.segment(parts[0], SMALL) as sink:
        sink.add(drawing(3))
    assert encoder.check(SMALL, folder) == []
    assert encoder.join(parts, folder, SMALL) == 1
    assert [path.name for path in folder.iterdir()] == ["frame_000000.png"]
    (folder / "letter.txt").write_text("mine")
    assert "letter.txt" in encoder.check(SMALL, folder)[0].what
    with pytest.raises(UsageError, match=r"letter\.txt"):
        encoder.join(parts, folder, SMALL)
    assert (folder / "letter.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film", parts[0].name]


def test_png_still(tmp_path: Path) -> None:
    signal = Signal(97, 65, Fraction(25), title="Août 1944", language="fr")
    write_still(tmp_path / "still.png", drawing(4, signal), signal)
    with Image.open(tmp_path / "still.png") as image:
        assert np.array_equal(np.asarray(image), drawing(4, signal))
        assert image.info["Title"] == "Août 1944"
    film, parts = render(encoder_for(Png()), tmp_path, "one.png", [drawing(4, signal)], signal=signal)
    assert film.is_file()
    with pytest.raises(OutputError, match="2 frames"):
        encoder_for(Png()).join(parts * 2, tmp_path / "two.png", signal)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", parts[0].name, "still.png"]
    with pytest.raises(OutputError, match="does not exist"):
        write_still(tmp_path / "no" / "still.png", drawing(4, signal), signal)


@pytest.mark.parametrize("signal", [(0, 5, 1), (5, 0, 1), (5, 5, 0), (5, 5, -1)])
def test_a_signal_is_valid_from_birth(signal: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError):
        Signal(signal[0], signal[1], Fraction(signal[2]))
