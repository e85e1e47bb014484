"""The bench measures what it says: baselines draw and encode the same pictures."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
import pytest
import shapely
from benchmarks import cutting, encoding, frames, likeness, lowering, report, strokes, timing
from benchmarks.baselines import animated, ffmpeg, funcanimation, gmt
from numpy.typing import NDArray

import animap
from animap.encode import Signal, write_still
from animap.types import Pixels
from conftest import FilmFolder

Across: TypeAlias = tuple[animap.Animation, list[int], strokes.Drawing]


@pytest.fixture(scope="session")
def across() -> Across:
    """Our own film, frames of it about a flight of the camera, and what baselines draw of them."""
    animation = animap.open(fps=10)
    aloft = next(n for n in range(animation.frames) if animation.scene.flies(n))
    stretch = aloft - 20, aloft + 60
    indices = lowering.sample(animation, *stretch, places=2, frames=5)
    return animation, indices, lowering.drawing(animation, indices, *stretch)


@pytest.mark.parametrize("once", [False, True])
def test_funcanimation_draws_the_pictures_that_animap_draws(
    across: Across, tmp_path: Path, once: bool
) -> None:
    animation, indices, drawing = across
    strokes.save(drawing, tmp_path / "drawing")
    theirs = tmp_path / "theirs.mp4"
    timing.run(funcanimation.command(tmp_path / "drawing", theirs, len(indices), once=once))
    finished = frames.lay_down(animation, indices, tmp_path / "frames.rgb")
    assert ffmpeg.similarity(theirs, finished, 1) > 0.95
    assert max(_apart(theirs, animation, indices)) < 2


@pytest.mark.skipif(not gmt.present(), reason="nothing here installs GMT, a Debian package")
def test_gmt_draws_the_pictures_that_animap_draws(across: Across, tmp_path: Path) -> None:
    animation, indices, drawing = across
    gmt.write(drawing, tmp_path)
    timing.run(gmt.command(drawing, tmp_path, len(indices)), cwd=tmp_path)
    # Without what is occupied they are 4 to 6 apart, without the base map 8 to 11.
    assert max(_apart(tmp_path / "film.mp4", animation, indices)) < 3.8


def _apart(film: Path, animation: animap.Animation, indices: Sequence[int]) -> list[float]:
    """How far each frame of a film is from animap's, in squares so large that letters do not tell."""
    with av.open(str(film)) as container:
        theirs = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    pairs = zip(theirs, frames.drawn(animation, indices), strict=True)
    return [float(np.abs(_squares(a) - _squares(b)).mean()) for a, b in pairs]


def _squares(pixels: Pixels) -> NDArray[np.float64]:
    height, width, _ = pixels.shape
    return pixels.reshape(height // 40, 40, width // 40, 40, 3).mean((1, 3))


def test_a_baseline_has_its_share_of_flights_and_each_base_map_once(
    across: Across,
) -> None:
    animation, indices, drawing = across
    vertices = [sum(len(drawing.strokes[key].xy) for key in run) for run in drawing.still]
    found = [
        [shape.run for shape in shapes if isinstance(shape, strokes.Still) and vertices[shape.run] > 50_000]
        for shapes in drawing.frames
    ]
    (here,), (there,) = found[0], found[-1]
    assert here != there
    assert found == [[here], [here], [], [there], [there]]
    assert [animation.scene.flies(index) for index in indices] == [False, False, True, False, False]


def test_what_lies_under_the_base_map_is_cut_to_what_is_seen_of_it() -> None:
    def square(low: float, high: float, **colours: Any) -> strokes.Stroke:
        ring = np.array([[low, low], [high, low], [high, high], [low, high], [low, low]])
        codes = np.array([1, 2, 2, 2, 79], np.uint8)
        asked = {"fill": None, "edge": None, "width": 1.0, "dash": (), "hatch": None, **colours}
        return strokes.Stroke(ring, codes, **asked, lettering=False)

    sea, haze = square(4, 10, fill=(0, 0, 1, 1)), square(0, 10, fill=(1, 1, 1, 0.5))
    hidden = cutting.covered([sea, haze])
    assert hidden.area == 36
    ((outer,),) = cutting.polygons(square(0, 5, fill=(1, 0, 0, 0.5)), hidden)
    assert shapely.Polygon(outer).area == 24
    (line,) = cutting.lines(square(2, 6, edge=(1, 0, 0, 1)), hidden)
    assert shapely.LineString(line).length == 12
    assert cutting.polygons(square(5, 9, fill=(1, 0, 0, 1)), hidden) == []


def test_the_encoder_alone_encodes_every_finished_frame(film: FilmFolder, tmp_path: Path) -> None:
    animation = animap.open(film.folder, size="320x180", fps=12)
    finished = frames.lay_down(animation, range(10, 20), tmp_path / "frames.rgb")
    cost = timing.run(ffmpeg.encode(finished, tmp_path / "alone.mp4"))
    assert cost.cpu > 0
    with av.open(str(tmp_path / "alone.mp4")) as container:
        assert len(list(container.decode(video=0))) == 10
    assert ffmpeg.similarity(tmp_path / "alone.mp4", finished, 1) > 0.95


def test_animated_pictures_are_compared_frame_by_frame(film: FilmFolder, tmp_path: Path) -> None:
    animation = animap.open(film.folder, size="160x90", fps=10)
    signal = Signal(160, 90, Fraction(10))
    pictures = [tmp_path / f"{n:04d}.png" for n in range(12)]
    for path, pixels in zip(pictures, frames.drawn(animation, range(10, 22)), strict=True):
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
