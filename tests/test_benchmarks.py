"""The bench measures what it says: baselines draw and encode the same pictures."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import pytest
from benchmarks import encoding, frames, likeness, lowering, report, strokes, timing
from benchmarks.baselines import animated, ffmpeg, funcanimation

import animap
from animap.encode import Signal, write_still
from conftest import FilmFolder


@pytest.mark.parametrize("once", [False, True])
def test_funcanimation_draws_the_pictures_that_animap_draws(
    film: FilmFolder, tmp_path: Path, once: bool
) -> None:
    animation = animap.open(film.folder, size="640x360", fps=12)
    start, count = animation.index_at("1944-09-03"), 3
    drawing = lowering.drawing(animation, range(start, start + count))
    strokes.save(drawing, tmp_path / "drawing")
    timing.run(funcanimation.command(tmp_path / "drawing", tmp_path / "theirs.mp4", count, once=once))
    finished = frames.lay_down(animation, start, start + count, tmp_path / "frames.rgb")
    assert ffmpeg.similarity(tmp_path / "theirs.mp4", finished, 1) > 0.9


def test_the_encoder_alone_encodes_every_finished_frame(film: FilmFolder, tmp_path: Path) -> None:
    animation = animap.open(film.folder, size="320x180", fps=12)
    finished = frames.lay_down(animation, 10, 20, tmp_path / "frames.rgb")
    cost = timing.run(ffmpeg.encode(finished, tmp_path / "alone.mp4"))
    assert cost.cpu > 0
    with av.open(str(tmp_path / "alone.mp4")) as container:
        assert len(list(container.decode(video=0))) == 10
    assert ffmpeg.similarity(tmp_path / "alone.mp4", finished, 1) > 0.95


def test_animated_pictures_are_compared_frame_by_frame(film: FilmFolder, tmp_path: Path) -> None:
    animation = animap.open(film.folder, size="160x90", fps=10)
    signal = Signal(160, 90, Fraction(10))
    pictures = [tmp_path / f"{n:04d}.png" for n in range(12)]
    for path, pixels in zip(pictures, frames.drawn(animation, 10, 22), strict=True):
        write_still(path, pixels, signal)
    ours, theirs = tmp_path / "ours.gif", tmp_path / "theirs.gif"
    timing.run(encoding.command(pictures, 10, ours, style="atlas", lossiness=0))
    timing.run(animated.pillow(pictures, 10, theirs))
    like = likeness.likeness(ours, pictures, 10, 1)
    assert like.psnr > 40
    assert like.ssim > 0.99
    # Frames that come too early are not alike.
    assert likeness.likeness(ours, pictures[6:], 10, 1).psnr < like.psnr - 3
    assert ours.stat().st_size < theirs.stat().st_size


def test_a_command_that_fails_is_told_with_what_it_said() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        timing.run(["sh", "-c", "echo no such film; exit 3"])
    assert caught.value.returncode == 3
    assert "no such film" in caught.value.output


def test_ratios_are_of_pairs_and_judged_by_their_median() -> None:
    slow = [timing.Cost(w, w) for w in (4.0, 40.0, 6.0)]
    fast = [timing.Cost(w, w) for w in (2.0, 10.0, 2.0)]
    spread = timing.ratios(slow, fast, lambda cost: cost.wall)
    assert spread.values == (2.0, 4.0, 3.0)
    assert report.Line("x", spread, report.at_most(3)).verdict == "holds"
    assert report.Line("x", spread, report.at_least(3.5)).verdict == "misses"
    assert report.skipped("x", report.at_most(1), "gmt is missing").cells()[-2:] == (
        "skipped",
        "gmt is missing",
    )
