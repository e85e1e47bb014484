"""Outputs as they are asked for: by suffix, by option, in the film file; whoever draws them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import shapely
from PIL import Image
from typer.testing import CliRunner

import animap
from animap.beside.manifest import read_manifest
from animap.beside.metadata import chapters_of, licence_of
from animap.beside.verify import verify
from animap.cli.app import app
from animap.draw import Canvas
from animap.encode import Av1, Ffv1, Hevc, ProRes, Video, Vp9
from animap.errors import AnimapError, UsageError
from animap.marks import Area, Frame, Shown
from animap.progress import Silent
from animap.render import Store, render, render_all
from animap.scene import Scene
from animap.style.colour import rgba
from animap.types import PARTS, Part
from conftest import FilmFolder

SMALL = {"size": "96x64", "fps": 6}


@pytest.fixture
def long_film(film: FilmFolder) -> FilmFolder:
    """The small film with a longer end, of several segments."""
    film.edit("film.toml", "ending = 2.0", "ending = 6.0")
    return film


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", Hevc()),
        ("film.webm", Vp9()),
        ("film.webm", Av1(speed=10)),
        ("film.mkv", Ffv1()),
        ("film.mov", ProRes()),
    ],
    ids=lambda value: value.kind if isinstance(value, Video) else value[5:],
)
def test_no_format_depends_on_the_number_of_jobs(
    long_film: FilmFolder, tmp_path: Path, name: str, options: Video
) -> None:
    movie = animap.open(long_film.folder, **SMALL)
    job = movie.job(tmp_path / name, options=options)
    assert len(job.plan) >= 3
    render(job, jobs=1)
    alone = job.destination.read_bytes()
    render(job, jobs=2, force=True)
    assert job.destination.read_bytes() == alone


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        (["-o", "film.mp4"], "h264"),
        (["-o", "film.mp4", "--encoding", "hevc"], "hevc"),
        (["-o", "film.webm"], "vp9"),
        (["-o", "film.webm", "--encoding", "av1"], "av1"),
        (["-o", "film.mkv"], "ffv1"),
        (["-o", "film.mov"], "prores"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_command_line_chooses_the_format(
    film: FilmFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], codec: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(
        app, ["render", str(film.folder), *words, "--size", "96x64", "--fps", "3", "--jobs", "1", "--json"]
    )
    assert told.exit_code == 0, told.output
    [answer] = json.loads(told.stdout)
    with av.open(answer["file"]) as container:
        video = container.streams.video[0]
        assert video.codec_context.codec.canonical_name == codec
        assert sum(1 for _ in container.decode(video)) == answer["frames"]
    verify(Path(answer["file"]))


def test_the_film_file_chooses_the_format(film: FilmFolder) -> None:
    film.edit("film.toml", 'file = "small.mp4"', 'file = "small.mp4"\nencoding = { kind = "hevc", crf = 30 }')
    spec = animap.open(film.folder).film.spec
    assert spec.outputs[0].options == Hevc(crf=30)


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("film.mp4", "h265", "they are mp4, hevc"),
        ("film.avi", None, ".mp4, .webm, .mkv, .mov, .gif"),
    ],
)
def test_a_format_nobody_knows_is_refused_with_those_there_are(
    path: str, kind: str | None, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        animap.api.options_for(Path(path), kind)
    assert said in caught.value.problems[0].hint


def test_a_format_in_the_wrong_file_is_refused_before_a_frame(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SMALL)
    with pytest.raises(AnimapError, match=r"AV1 does not go into a \.mov file"):
        render(movie.job(tmp_path / "film.mov", options=Av1()))


# --- parts of the picture, and what is transparent --------------------------------------------------------


def test_marks_over_nothing_are_those_over_a_plain_ground(film: FilmFolder) -> None:
    movie = animap.open(film.folder, size="320x180", fps=6, show=["marks", "captions", "furniture"])
    clear, opaque = Canvas(movie.page, alpha=True), Canvas(movie.page)
    seen = np.zeros(3, int)
    for index in range(0, movie.frames, 3):
        frame = movie.frame(index)
        picture, plain = clear.draw(frame), opaque.draw(frame).pixels
        assert picture.pixels.shape == (180, 320, 4)
        alpha = picture.pixels[..., 3:] / 255
        ground = 255 * np.array(rgba(frame.background)[:3])
        laid = picture.pixels[..., :3] * alpha + ground * (1 - alpha)
        # Eight bits of colour and alpha each, rounded at every mark.
        assert np.abs(laid - plain).max() <= 6
        seen += [(alpha == 0).any(), ((alpha > 0) & (alpha < 1)).any(), (alpha == 1).any()]
    assert (seen > 0).all()


def test_a_transparent_picture_redrawn_in_part_is_the_one_redrawn_whole(film: FilmFolder) -> None:
    movie = animap.open(film.folder, size="160x90", fps=6, show=["marks", "furniture"])
    part, whole = Canvas(movie.page, alpha=True), Canvas(movie.page, full=True, alpha=True)
    for index in range(movie.frames):
        frame = movie.frame(index)
        assert np.array_equal(part.draw(frame).pixels, whole.draw(frame).pixels)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_stands_where_it_stands_in_the_whole(film: FilmFolder, part: Part) -> None:
    whole = animap.open(film.folder, size="320x180", fps=2)
    alone = animap.open(film.folder, size="320x180", fps=2, show=[part])
    assert alone.frames == whole.frames
    count = 0
    for index in range(whole.frames):
        lines = iter(whole.frame(index).describe().splitlines())
        found = alone.frame(index).describe().splitlines()
        # A part of the whole, in its order.
        assert all(line in lines for line in found)
        count += len(found) - 2
    assert count


def test_occupied_land_ends_at_the_coast_where_no_sea_covers_it(film: FilmFolder) -> None:
    film.edit(
        "film.toml",
        '[[layers]]\nkind = "basemap"',
        '[[layers]]\nkind = "territory"\n\n[[layers]]\nkind = "basemap"',
    )
    movie = animap.open(film.folder, size="320x180", fps=2, show=["marks"])
    frame = movie.frame(movie.index_at("1944-09-02"))
    land = movie.film.land.buffer(1)
    tints = [m for m in frame.marks if isinstance(m, Area) and m.fill == movie.scene.style.territory.occupied]
    assert tints
    assert all(land.covers(shapely.Point(xy)) for tint in tints for xy in tint.paths.xy)


def test_an_editor_gets_prores_with_alpha(film: FilmFolder, tmp_path: Path) -> None:
    words = ["--show", "marks,captions", "--size", "160x90", "--fps", "2", "--jobs", "1"]
    path = tmp_path / "marks.mov"
    told = CliRunner().invoke(app, ["render", str(film.folder), "-o", str(path), *words])
    assert told.exit_code == 0, told.output
    movie = animap.open(film.folder, size="160x90", fps=2, show=["marks", "captions"])
    canvas = Canvas(movie.page, alpha=True)
    with av.open(str(path)) as container:
        assert container.streams.video[0].profile == "4444"
        for index, decoded in enumerate(container.decode(video=0)):
            drawn = canvas.draw(movie.frame(index)).pixels.astype(int)
            found = decoded.to_ndarray(format="rgba", src_colorspace="ITU709").astype(int)
            assert np.abs(found[..., 3] - drawn[..., 3]).max() <= 1
            assert np.abs(found[..., :3] - drawn[..., :3]).mean() < 2
    assert read_manifest(path).show == ("marks", "captions")
    verify(path)


def test_pictures_of_a_folder_and_stills_are_transparent_too(film: FilmFolder, tmp_path: Path) -> None:
    film.edit(
        "film.toml", 'file = "small.mp4"', 'file = "small"\nencoding = { kind = "png" }\nshow = ["marks"]'
    )
    movie = animap.open(film.folder, **SMALL, show=["marks"])
    render(movie.job(tmp_path / "frames"), jobs=1)
    last = movie.frames - 1
    with Image.open(tmp_path / "frames" / f"frame_{last:06}.png") as picture:
        assert picture.mode == "RGBA"
        assert np.array_equal(np.asarray(picture), movie.still(frame=last).pixels)
    assert movie.film.spec.outputs[0].show == ("marks",)


def test_what_cannot_be_transparent_or_is_no_part_is_said_at_once(film: FilmFolder, tmp_path: Path) -> None:
    words = ["-o", str(tmp_path / "film.gif"), "-o", str(tmp_path / "film.mp4"), "--show"]
    told = CliRunner().invoke(app, ["render", str(film.folder), *words, "marks"])
    assert isinstance(told.exception, AnimapError)
    assert [p.what.split(" cannot")[0] for p in told.exception.problems] == ["a GIF", "MP4"]
    told = CliRunner().invoke(app, ["render", str(film.folder), *words, "mark"])
    assert isinstance(told.exception, AnimapError)
    assert "did you mean 'marks'" in str(told.exception.problems[0])


# --- what a file says of its film ---------------------------------------------------------------------------

CHAPTERS = """
[[chapters]]
at = 1944-09-01
title = { fr = "Le début", en = "The beginning" }

[[chapters]]
at = 1944-09-04
title = { fr = "L’été", en = "Summer" }

[credits]
licence = { fr = "Licence MIT", en = "MIT licence" }
"""


@pytest.fixture
def told_film(film: FilmFolder) -> FilmFolder:
    """The small film in two chapters, with a licence."""
    film.edit("film.toml", "[credits]\n", CHAPTERS.lstrip())
    return film


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "film.mkv", "film.webm"])
def test_chapters_and_words_are_in_every_video(told_film: FilmFolder, tmp_path: Path, name: str) -> None:
    movie = animap.open(told_film.folder, language="en", **SMALL)
    path = movie.render(tmp_path / name, jobs=1).path
    second = movie.clock.frame_of(movie.film.spec.chapters[1].at.earliest) / movie.fps
    with av.open(str(path)) as container:
        chapters = container.chapters()
        says = {key.lower(): text for key, text in container.metadata.items()}
        # A list of chapters is no stream that a player would show.
        assert [s.type for s in container.streams if s.type not in ("data", "subtitle")] == ["video"]
        assert len(list(container.decode(video=0))) == movie.frames
    assert [c["metadata"]["title"] for c in chapters] == ["The beginning", "Summer"]
    times = [(c["start"] * c["time_base"], c["end"] * c["time_base"]) for c in chapters]
    wanted = [(0, second), (second, movie.seconds)]
    assert all(
        abs(found - want) <= Fraction(1, 1000)
        for pair, wants in zip(times, wanted, strict=True)
        for found, want in zip(pair, wants, strict=True)
    )
    assert says["title"] == "Small film"
    assert says["copyright"] == "MIT licence"
    assert "Un livre" in says["artist" if name.endswith(".mov") else "description"]


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
@pytest.mark.parametrize("loop", ["hold:0.5", "crossfade:0.5"])
def test_the_last_chapter_ends_with_the_file_also_where_a_loop_follows(
    told_film: FilmFolder, tmp_path: Path, name: str, loop: str
) -> None:
    movie = animap.open(told_film.folder, size="128x72", fps=4)
    job = movie.job(tmp_path / name, start=movie.frames - 6, loop=loop)
    frames = render(job, jobs=1).frames
    assert frames == 8
    with av.open(str(job.destination)) as container:
        last = container.chapters()[-1]
    assert last["metadata"]["title"] == "L’été"
    assert abs(last["end"] * last["time_base"] - frames / movie.fps) <= Fraction(1, 1000)


def test_a_stretch_of_the_film_has_its_own_chapters(told_film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(told_film.folder, **SMALL)
    begins = movie.clock.frame_of(movie.film.spec.chapters[1].at.earliest)
    titles = {c.title: (c.start, c.stop) for c in movie.job(tmp_path / "a.mp4", start=begins - 3).chapters}
    assert titles == {"Le début": (0, 3), "L’été": (3, movie.frames - begins + 3)}
    assert [c.title for c in movie.job(tmp_path / "a.mp4", stop=begins).chapters] == ["Le début"]


def test_a_film_without_chapters_gets_none(film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(film.folder, **SMALL)
    with av.open(str(movie.render(tmp_path / "film.mp4", jobs=1).path)) as container:
        assert container.chapters() == []
        assert [stream.type for stream in container.streams] == ["video"]


def test_pictures_say_whose_they_are(told_film: FilmFolder, tmp_path: Path) -> None:
    movie = animap.open(told_film.folder, **SMALL)
    render(movie.job(tmp_path / "frames", stop=2), jobs=1)
    with Image.open(tmp_path / "frames" / "frame_000001.png") as picture:
        assert picture.info["Copyright"] == "Licence MIT"
        assert picture.info["Description"] == "Un livre"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at = 1944-09-01", "at = 1944-09-02", "the first chapter begins at 1944-09-02"),
        ("at = 1944-09-04", "at = 1944-10-04", "the chapter at 1944-10-04 lies outside the period"),
        ("at = 1944-09-04", "at = 1944-09-01", "not in the order of time"),
        (', en = "Summer"', "", "the chapter at 1944-09-04 has no title in en"),
        (', en = "MIT licence"', "", "no licence in en"),
    ],
)
def test_chapters_that_cannot_be_are_told(told_film: FilmFolder, old: str, new: str, said: str) -> None:
    told_film.edit("film.toml", old, new)
    with pytest.raises(AnimapError) as caught:
        animap.open(told_film.folder)
    assert any(said in str(problem) for problem in caught.value.problems)


def test_our_film_has_chapters_in_all_its_languages() -> None:
    movie = animap.open()
    for language in movie.film.spec.spoken:
        chapters = chapters_of(movie.film, movie.clock, language)
        assert chapters[0].start == 0
        assert chapters[-1].stop == movie.frames
        # None so short that it is over when a visitor has found it.
        assert min(c.stop - c.start for c in chapters) >= 5 * movie.fps
        assert len({c.title for c in chapters}) == len(chapters) >= 3
        assert licence_of(movie.film, language)


# --- one drawing for several outputs ------------------------------------------------------------------------


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The frames that are asked of scenes from now on, in this process."""
    asked: list[int] = []
    frame = Scene.assembled

    def counting(scene: Scene, index: int, marks: Iterable[Shown]) -> Frame:
        found = frame(scene, index, marks)
        if found.marks:
            asked.append(index)
        return found

    monkeypatch.setattr(Scene, "assembled", counting)
    return asked


def test_outputs_that_show_the_same_are_drawn_once(
    long_film: FilmFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = animap.open(long_film.folder, **SMALL)
    names = ["a.mp4", "b.webm", "c.mkv", "d.gif", "e"]
    for name in names:
        render(movie.job(tmp_path / f"alone-{name}"), jobs=1)
    jobs = [movie.job(tmp_path / name) for name in names]
    asked = counted(monkeypatch)
    results = list(render_all(jobs, jobs=1))
    # Once for the pictures, besides a look at some: for the order, for the palette, before each segment.
    assert len(asked) < 2.2 * movie.frames
    assert [result.path for result in results] == [job.destination for job in jobs]
    for name, result in zip(names, results, strict=True):
        assert contents(tmp_path / name) == contents(tmp_path / f"alone-{name}")
        assert (result.frames, result.drawn) == (movie.frames, result.segments)


def test_what_was_rendered_alone_is_not_drawn_again_together(
    long_film: FilmFolder, tmp_path: Path, cache: Path
) -> None:
    movie = animap.open(long_film.folder, **SMALL)
    store = Store(cache)
    render(movie.job(tmp_path / "a.mp4"), jobs=1, store=store)
    both = [movie.job(tmp_path / name) for name in ("a.mp4", "b.webm")]
    first, second = render_all(both, jobs=2, force=True, store=store)
    assert first.drawn == 0
    assert second.drawn == second.segments
    again = list(render_all(both, jobs=2, force=True, store=store))
    assert [result.drawn for result in again] == [0, 0]


def test_outputs_of_other_looks_do_not_mix(film: FilmFolder, tmp_path: Path) -> None:
    looks = {"fr": {}, "en": {"language": "en"}, "night": {"style": "night"}, "bare": {"text": False}}
    movies = {name: animap.open(film.folder, **SMALL, **look) for name, look in looks.items()}
    jobs = [movie.job(tmp_path / f"{name}.mkv", stop=20) for name, movie in movies.items()]
    list(render_all(jobs, jobs=1))
    for name, movie in movies.items():
        with av.open(str(tmp_path / f"{name}.mkv")) as container:
            last = list(container.decode(video=0))[-1].to_ndarray(format="rgb24")
        assert np.array_equal(last, movie.still(frame=19).pixels)


def contents(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in (sorted(path.iterdir()) if path.is_dir() else [path])]


# --- pictures in a folder go on where they were interrupted ----------------------------------------------


class Stopped(Silent):
    """Somebody who presses Ctrl-C after so many frames."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, frames: int) -> None:
        """Count down."""
        self.left -= frames
        if self.left < 0:
            raise KeyboardInterrupt


def interrupted(movie: animap.Animation, path: Path, store: Store, after: int = 35) -> None:
    with pytest.raises(KeyboardInterrupt):
        render(movie.job(path), jobs=1, progress=Stopped(after), store=store)
    assert not path.exists()


@pytest.fixture
def pictures(long_film: FilmFolder, tmp_path: Path) -> tuple[animap.Animation, Path, list[bytes]]:
    """A film, where its pictures are to be, and what they are when nobody interrupts."""
    movie = animap.open(long_film.folder, **SMALL)
    render(movie.job(tmp_path / "whole"), jobs=1)
    return movie, tmp_path / "frames", contents(tmp_path / "whole")


def test_pictures_go_on_with_what_is_missing(
    pictures: tuple[animap.Animation, Path, list[bytes]], cache: Path
) -> None:
    movie, path, whole = pictures
    interrupted(movie, path, Store(cache))
    result = render(movie.job(path), jobs=2, store=Store(cache))
    assert 0 < result.drawn < result.segments
    assert contents(path) == whole
    # Nothing is left beside it.
    assert sorted(p.name for p in path.parent.iterdir()) == ["film", "frames", "whole"]


def test_a_picture_that_was_cut_off_is_drawn_again(
    pictures: tuple[animap.Animation, Path, list[bytes]], cache: Path
) -> None:
    movie, path, whole = pictures
    interrupted(movie, path, Store(cache))
    kept = sorted(path.parent.glob(".frames.unfinished/*/frame_000007.png"))
    assert len(kept) >= 2
    for picture, data in zip(kept, (b"", kept[1].read_bytes()[:-9] + b"123456789"), strict=False):
        picture.write_bytes(data)
    kept[-1].with_name("frame_000003.png").unlink()
    result = render(movie.job(path), jobs=1, store=Store(cache))
    assert result.drawn >= result.segments - len(kept) + 2
    assert contents(path) == whole


def test_pictures_of_two_films_never_mix(
    pictures: tuple[animap.Animation, Path, list[bytes]], long_film: FilmFolder, cache: Path
) -> None:
    movie, path, _ = pictures
    interrupted(movie, path, Store(cache))
    long_film.edit("captions.csv", "La ville est libre", "La ville fête")
    edited = animap.open(long_film.folder, **SMALL)
    render(edited.job(path.with_name("fresh")), jobs=1)
    render(edited.job(path), jobs=1, store=Store(cache))
    assert contents(path) == contents(path.with_name("fresh"))
    assert not path.with_name(".frames.unfinished").exists()
