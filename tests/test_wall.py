"""A wall of screens: its files put side by side, with the hidden strips between them, are the picture."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from animap.api import Animation, animation_of
from animap.beside.verify import verify
from animap.cli.app import app
from animap.draw import Canvas, Picture
from animap.encode import Png
from animap.errors import OutputError
from animap.film import Film, load_film
from animap.film.wall import WallSpec
from animap.layers.captions import CaptionsLayer
from animap.layers.furniture import Curtained, EndCard, TitleCard
from animap.layers.labels import LabelLayer
from animap.layers.lettering import text_box
from animap.layers.placing import meet
from animap.marks import Faded, Frame, Text
from animap.render import Store, render, render_all
from animap.types import Pixels
from animap.words import book
from conftest import FilmFolder

runner = CliRunner()
WALL = WallSpec(columns=3, rows=2, bezel=(6, 4))


@cache
def liberation() -> Film:
    return load_film()


@pytest.fixture
def walled(film: FilmFolder) -> Animation:
    return animation_of(load_film(film.folder), size=(96, 64), fps=6, wall=WALL)


def picture(folder: Path, number: int) -> Pixels:
    return np.asarray(Image.open(folder / f"frame_{number:06}.png"))


def test_slices_without_loss_put_together_are_the_picture(walled: Animation, tmp_path: Path) -> None:
    job = walled.job(tmp_path / "wall", options=Png(), stop=20)
    whole = replace(job, destination=tmp_path / "whole")
    assert (whole.page.width, whole.page.height) == (3 * 96 + 2 * 6, 2 * 64 + 4)
    render(whole, jobs=1)
    results = list(render_all(job.slices, jobs=1))
    assert {result.frames for result in results} == {20}
    for number in (0, 11, 19):
        full = picture(whole.destination, number)
        for row in range(2):
            for column in range(3):
                part = picture(tmp_path / f"wall-r{row + 1}c{column + 1}", number)
                left, top = column * (96 + 6), row * (64 + 4)
                assert (part == full[top : top + 64, left : left + 96]).all()


def test_files_of_a_wall_keep_step_frame_for_frame(walled: Animation, tmp_path: Path) -> None:
    job = walled.job(tmp_path / "wall.mp4", loop="crossfade:1")
    results = list(render_all(job.slices, jobs=1))
    assert {r.path.name for r in results} == {f"wall-r{r}c{c}.mp4" for r in (1, 2) for c in (1, 2, 3)}
    seen = set()
    for result in results:
        with av.open(str(result.path)) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == (96, 64)
            times = [frame.pts * frame.time_base for frame in container.decode(stream)]
            seen.add((tuple(times), container.duration, result.frames))
    assert len(seen) == 1
    assert results[0].frames == walled.frames + 6


def test_a_slice_drawn_by_changes_is_that_of_full_pictures(walled: Animation, tmp_path: Path) -> None:
    job = replace(walled.job(tmp_path / "a.mp4"), window=(102, 0, 198, 64))
    render(job, jobs=1)
    render(replace(job, destination=tmp_path / "b.mp4", full=True), jobs=1)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_the_picture_of_a_wall_is_drawn_once(
    walled: Animation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    draw = Canvas.draw

    def counted(self: Canvas, frame: Frame) -> Picture:
        drawn.append(frame.index)
        return draw(self, frame)

    monkeypatch.setattr(Canvas, "draw", counted)
    render(walled.job(tmp_path / "whole.mp4"), jobs=1)
    once = sorted(drawn)
    drawn.clear()
    assert len(list(render_all(walled.job(tmp_path / "wall.mp4").slices, jobs=1))) == 6
    assert sorted(drawn) == once


def test_no_name_stands_across_a_frame_of_the_screens(film: FilmFolder) -> None:
    loaded = load_film(film.folder)
    spec = WallSpec(columns=2, rows=2, bezel=20)
    wall = animation_of(loaded, size=(320, 180), wall=spec)
    assert wall.wall is not None
    strips = wall.wall.hidden
    assert len(strips) == 2

    def across(movie: Animation) -> set[str]:
        return {
            p.name.id
            for p in movie.scene.labels().placed
            for box, _ in p.claims()
            if any(meet(box, strip) for strip in strips)
        }

    assert not across(wall)
    # Without the wall a name would.
    assert across(replace(wall, wall=None))


@pytest.mark.parametrize(("columns", "rows", "screen"), [(2, 2, "r1c1"), (3, 1, "r1c2"), (3, 3, "r2c2")])
def test_title_and_end_card_stand_on_one_screen(
    film: FilmFolder, columns: int, rows: int, screen: str
) -> None:
    spec = WallSpec(columns=columns, rows=rows, bezel=10)
    movie = animation_of(load_film(film.folder), size=(320, 180), fps=6, wall=spec)
    assert movie.wall is not None
    left, top, right, bottom = (side / movie.page.unit for side in movie.wall.windows[screen])
    for frame in (movie.frame(0), movie.frame(movie.frames - 1)):
        texts = [mark for mark in frame.marks if isinstance(mark, Text)]
        cards = [mark for mark in texts if mark.text in ("Petit film", "Un essai", "Un livre", "Sources")]
        assert cards
        for mark in cards:
            a, b, c, d = text_box(mark.text, mark.lettering, *mark.at, mark.align)
            assert left < a < c < right
            assert top < b < d < bottom


def words_beside_the_map(movie: Animation) -> set[Text]:
    """All that furniture, captions and cards ever say, as marks."""
    scene = movie.scene
    kinds = CaptionsLayer | Curtained | TitleCard | EndCard
    layers = [layer for layer in scene.layers if isinstance(layer, kinds)]
    # Names on the map are placed late, and are looked at above.
    layers = [n for n in layers if not (isinstance(n, Curtained) and isinstance(n.layer, LabelLayer))]
    moments = [scene.moment(i) for i in range(0, movie.frames, 3)]
    shown = (mark for layer in layers for moment in moments for mark in layer.marks(moment))
    marks = (mark.mark if isinstance(mark, Faded) else mark for mark in shown)
    return {mark for mark in marks if isinstance(mark, Text) and mark.text}


@given(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.sampled_from([(1920, 1080), (1080, 1920), (640, 360), (1280, 800), (1024, 768), (1080, 1080)]),
    st.integers(0, 60),
    st.sampled_from(["atlas", "lesson", "contrast"]),
    st.sampled_from(["fr", "en", "nl", "de"]),
)
@example((2, 2), (1920, 1080), 12, "atlas", "fr")
@example((3, 3), (1920, 1080), 40, "lesson", "de")
@example((3, 1), (1080, 1920), 20, "atlas", "nl")
@example((1, 3), (1920, 1080), 20, "lesson", "de")
@settings(deadline=None, max_examples=6, phases=(Phase.explicit, Phase.generate))
def test_all_words_beside_the_map_stand_on_one_screen_each(
    grid: tuple[int, int], size: tuple[int, int], bezel: int, style: str, language: str
) -> None:
    columns, rows = grid
    spec = WallSpec(columns=columns, rows=rows, bezel=bezel)
    movie = animation_of(liberation(), size=size, fps=2, style=style, language=language, wall=spec)
    assert movie.wall
    unit = movie.page.unit
    windows = np.array(list(movie.wall.windows.values())) / unit
    words = words_beside_the_map(movie)
    said = {mark.text for mark in words}
    months = {book(language).month(dt.date(1944, 9, 1), w) for w in ("wide", "abbreviated", "narrow")}
    assert months & said
    assert book(language).pick(liberation().spec.title).split(" ")[0] in " ".join(said)
    for mark in words:
        left, top, right, bottom = text_box(mark.text, mark.lettering, *mark.at, mark.align, language)
        on = (windows[:, :2] <= (left, top)).all(axis=1) & (windows[:, 2:] >= (right, bottom)).all(axis=1)
        assert on.sum() == 1, mark.text


def test_the_command_writes_a_file_a_screen_each_with_its_manifest(film: FilmFolder, tmp_path: Path) -> None:
    film.write(
        "presets.toml",
        '[hall]\nextends = "museum-wall"\nsize = "96x64"\nfps = 6\nloop = "cut"\n'
        "wall = { columns = 2, rows = 1, bezel = [8, 0] }\n",
    )
    words = [
        "render",
        str(film.folder),
        "--preset",
        "hall",
        "-o",
        str(tmp_path / "w.mp4"),
        "--json",
        "--jobs",
        "1",
    ]
    first = runner.invoke(app, words, catch_exceptions=False)
    answers = json.loads(first.stdout)
    assert [Path(a["file"]).name for a in answers] == ["w-r1c1.mp4", "w-r1c2.mp4"]
    assert [(a["width"], a["height"]) for a in answers] == [(96, 64)] * 2
    manifest = verify(tmp_path / "w-r1c2.mp4")
    assert manifest.window == (104, 0, 200, 64)
    assert (manifest.width, manifest.height) == (96, 64)
    again = runner.invoke(app, words)
    assert isinstance(again.exception, OutputError)
    assert all(name in str(again.exception) for name in ("w-r1c1.mp4", "w-r1c2.mp4"))


def test_the_store_keeps_each_slice(walled: Animation, tmp_path: Path, cache: Path) -> None:
    store = Store(cache)
    slices = walled.job(tmp_path / "a.mp4").slices
    assert all(r.drawn == r.segments for r in render_all(slices, jobs=1, store=store))
    again = [replace(job, destination=job.destination.with_suffix(".again.mp4")) for job in slices]
    results = list(render_all(again, jobs=1, store=store))
    assert all(r.drawn == 0 for r in results)
    for job, result in zip(slices, results, strict=True):
        assert job.destination.read_bytes() == result.path.read_bytes()
    # Six different pictures.
    assert len({r.path.read_bytes() for r in results}) == 6


def test_a_wall_too_large_for_its_screens_is_refused(film: FilmFolder) -> None:
    film.edit("film.toml", "fps = 12", "fps = 12\nwall = { columns = 2, rows = 1, bezel = 8 }")
    film.edit("film.toml", 'size = "320x180"', 'size = "321x180"')
    result = runner.invoke(app, ["check", str(film.folder)])
    assert isinstance(result.exception, OutputError)
    assert "322×180" in str(result.exception)
    film.edit("film.toml", "columns = 2", "columns = 0")
    result = runner.invoke(app, ["check", str(film.folder)])
    assert "outputs[0].wall.columns" in str(result.exception)


def test_the_shipped_wall_keeps_to_the_film(film: FilmFolder) -> None:
    done = runner.invoke(app, ["render", str(film.folder), "--preset", "museum-wall", "--dry-run", "--json"])
    answers = json.loads(done.stdout)
    assert len(answers) == 4
    assert {(a["width"], a["height"], a["frames"]) for a in answers} == {
        (1920, 1080, load_film(film.folder).clock(Fraction(30)).frames + 60)
    }
