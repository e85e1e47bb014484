"""The lesson page: what is in its folder, read back; see test_page_browser.py for what it does."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

import animap
from animap.beside.verify import verify
from animap.cli.app import app
from animap.errors import AnimapError, CheckError, DataError, OutputError
from animap.page.look import legible, look_of
from animap.page.story import date_told, story_of
from animap.style import load_style
from animap.style.colour import contrast
from animap.style.load import shipped_styles
from animap.timeline import When, day_of
from animap.words import book
from conftest import SOURCES, FilmFolder, lesson_film

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


class Document(HTMLParser):
    """A page's elements with their attributes, and the text in each."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.data = ""
        self._in_data = False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_data = dict(attrs).get("id") == "data"

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data
        else:
            self.texts.append(data.strip())


def page(*words: str) -> str:
    result = CliRunner().invoke(app, ["page", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def video(make_film: Callable[[], FilmFolder]) -> Path:
    """The lesson's film, rendered once."""
    film = lesson_film(make_film())
    path = film.folder / "made.mp4"
    animap.open(film.folder, size="320x180", fps=12).render(path, jobs=1, cache=False)
    return path


@pytest.fixture
def lesson(tmp_path: Path) -> FilmFolder:
    folder = tmp_path / "film"
    folder.mkdir()
    return lesson_film(FilmFolder(folder))


def quick(lesson: FilmFolder, video: Path, *words: str) -> Path:
    """A page that takes the film that was rendered already."""
    folder = lesson.folder.parent / "lesson"
    page(str(lesson.folder), "--video", str(video), "--no-gif", "-o", str(folder), *words)
    return folder


def test_everything_the_page_names_lies_in_its_folder(lesson: FilmFolder, video: Path) -> None:
    folder = quick(lesson, video)
    document = Document(folder / "index.html")
    named = [
        value
        for _, attributes in document.elements
        for key, value in attributes.items()
        if key in ("src", "href", "poster") and value
    ]
    named += re.findall(r'url\("(.+?)"\)', (folder / "index.html").read_text("utf-8"))
    editions = json.loads(document.data)["editions"].values()
    named += [edition[key] for edition in editions for key in ("video", "poster")]
    assert len(named) > 10
    for name in named:
        assert (folder / name).is_file(), name
        assert (folder / name).resolve().is_relative_to(folder.resolve()), name
    assert [p.name for p in folder.parent.iterdir() if p.name.endswith(".part")] == []


def test_shipped_fonts_travel_with_their_licence(lesson: FilmFolder, video: Path) -> None:
    names = {path.name for path in (quick(lesson, video) / "fonts").iterdir()}
    assert {"Alegreya-Bold.ttf", "OFL-Alegreya.txt", "OFL-AlegreyaSans.txt"} <= names


def test_every_event_is_told_with_date_place_and_sources(lesson: FilmFolder, video: Path) -> None:
    document = Document(quick(lesson, video) / "index.html")
    for told in ("2 septembre 1944", "2 September 1944", "Ville", "Town", "Un livre sur la ville"):
        assert told in document.texts
    # A key that the table of sources does not know stands for itself.
    assert "S2" in document.texts
    events = json.loads(document.data)["editions"]["en"]["events"]
    assert [event["text"] for event in events] == ["The town is <free> & </script>", "The hamlet is free"]


def test_a_film_without_a_table_of_sources_shows_their_keys(lesson: FilmFolder, video: Path) -> None:
    lesson.edit("film.toml", SOURCES, "")
    assert "S1" in Document(quick(lesson, video) / "index.html").texts


def test_the_page_says_how_the_film_may_be_shared(lesson: FilmFolder, video: Path) -> None:
    lesson.edit("film.toml", "[credits]", '[credits]\nlicence = { fr = "Libre", en = "Free" }')
    assert {"Libre", "Free"} <= set(Document(quick(lesson, video) / "index.html").texts)


def test_the_page_opens_in_the_first_language_asked_for(lesson: FilmFolder, video: Path) -> None:
    document = Document(quick(lesson, video, "--lang", "en,fr") / "index.html")
    assert ("html", {"lang": "en"}) in document.elements
    boards = [a for tag, a in document.elements if tag == "ol"]
    assert [(a["lang"], "hidden" in a) for a in boards] == [("en", False), ("fr", True)]


def test_stills_show_what_the_film_shows_then(lesson: FilmFolder, video: Path) -> None:
    folder = quick(lesson, video)
    movie = animap.open(lesson.folder, size="320x180", fps=12)
    story = story_of(movie.film, movie.clock)
    for number, event in enumerate(story.events, 1):
        still = np.asarray(Image.open(folder / "stills" / f"fr-{number:03d}.webp").convert("RGB"))
        frames = [int(event.still * movie.fps), *range(0, movie.frames, 6)]
        apart = [np.abs(still - movie.still(frame=n).pixels.astype(float)).mean() for n in frames]
        assert apart[0] < 6
        assert min(apart) == pytest.approx(apart[0], abs=0.5)


@pytest.mark.parametrize("fps", [10, 30, Fraction(30000, 1001)])
@pytest.mark.parametrize("step", ["smooth", "day"])
def test_a_day_stops_on_its_last_frame(lesson: FilmFolder, fps: Fraction, step: str) -> None:
    lesson.edit("film.toml", "smooth = 0.5", f'smooth = 0.5\nstep = "{step}"')
    film = animap.open(lesson.folder).film
    clock = film.clock(Fraction(fps))
    story = story_of(film, clock)
    assert [story.days[0], story.days[-1]] == [dt.date(1944, 9, 1), dt.date(1944, 9, 6)]
    for day, start, stop in zip(story.days, story.starts, story.stops, strict=True):
        frame = int(stop * clock.fps)
        assert start < stop
        assert day_of(clock.instant(frame)) == day
        if day != story.days[-1]:
            assert day_of(clock.instant(frame + 1)) > day


def test_events_are_shown_while_their_caption_stands(lesson: FilmFolder) -> None:
    movie = animap.open(lesson.folder, size="320x180", fps=12)
    for event in story_of(movie.film, movie.clock).events:
        for second in (event.show, event.still):
            frame = movie.frame(int(second * movie.fps)).describe()
            words = event.caption.text["fr"].split()[0]
            assert words in frame
        assert event.start <= event.show <= event.still


@pytest.mark.parametrize(
    ("language", "date", "told"),
    [
        ("fr", "1944-09-01", "1er septembre 1944"),
        ("fr", "1944-09-06/1944-09-10", "6–10 septembre 1944"),
        ("de", "1944-09-06/1944-09-10", "6.–10. September 1944"),
        ("en", "1944-09-26/1944-10-02", "26 September – 2 October 1944"),
        ("nl", "1944-12-30/1945-01-02", "30 december 1944 – 2 januari 1945"),
        ("fr", "1944-10/1945-04", "octobre 1944 – avril 1945"),
        ("en", "1944-09~", "c. September 1944"),
        ("en", "1944-09-04?", "4 September 1944?"),
        ("en", "1944-09-05T20:00", "5 September 1944"),
    ],
)
def test_dates_are_told_in_full(language: str, date: str, told: str) -> None:
    assert date_told(book(language), When.of(date)).replace("\u00a0", " ") == told


@given(COLOURS, COLOURS)
def test_any_colour_becomes_legible_on_any_ground(colour: str, ground: str) -> None:
    assert contrast(legible(colour, ground, 4.5), ground) >= 4.5


@pytest.mark.parametrize("style", sorted(shipped_styles()))
def test_a_style_s_own_legible_colours_stay(style: str) -> None:
    own = load_style(style)
    look = look_of(own)
    cursor, paper = own.furniture.timeline_cursor[:7], look.variables["paper"]
    assert contrast(look.variables["muted"], paper) >= 4.5
    assert look.variables["accent"] == cursor or contrast(cursor, paper) < 4.5


def test_gif_and_film_are_rendered_like_the_film_s_own_outputs(lesson: FilmFolder) -> None:
    folder = lesson.folder.parent / "lesson"
    told = json.loads(
        page(
            str(lesson.folder), "--lang", "en", "-o", str(folder), "--jobs", "1", "--style", "night", "--json"
        )
    )
    assert told["languages"] == ["en"]
    with av.open(folder / "film" / "film-en.mp4") as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (320, 180, 12)
    with Image.open(folder / "film" / "film-en.gif") as gif:
        assert gif.size == (160, 90)
    assert load_style("night").furniture.panel[:7] in (folder / "index.html").read_text("utf-8")


def test_the_page_from_python(lesson: FilmFolder) -> None:
    movie = animap.open(lesson.folder, size="160x90", fps=12)
    index = movie.write_page(lesson.folder.parent / "lesson", languages=["en"], gif=movie, jobs=1)
    assert {p.name for p in (index.parent / "film").iterdir()} == {
        "film-en.mp4", "film-en.mp4.manifest.json",
        "film-en.gif", "film-en.gif.manifest.json",
        "film-en.webp",
    }  # fmt: skip


def test_films_of_a_page_are_verified_like_any_other(lesson: FilmFolder, video: Path) -> None:
    films = lesson.folder.parent / "lesson" / "film"
    page(
        str(lesson.folder), "--video", f"fr={video}", "--no-gif", "--size", "128x72", "-o", str(films.parent)
    )
    for code in ("fr", "en"):
        manifest = verify(films / f"film-{code}.mp4")
        assert (manifest.output.file, manifest.language) == (f"film-{code}.mp4", code)
        assert "film.toml" in [table.file for table in manifest.inputs]
    data = (films / "film-fr.mp4").read_bytes()
    (films / "film-fr.mp4").write_bytes(data[: len(data) // 2])
    with pytest.raises(CheckError, match="had"):
        verify(films / "film-fr.mp4")


def test_a_manifest_that_cannot_be_read_is_told_before_anything_is_made(
    lesson: FilmFolder, video: Path
) -> None:
    own = lesson.folder / "own.mp4"
    own.write_bytes(video.read_bytes())
    own.with_name("own.mp4.manifest.json").write_text("{")
    with pytest.raises(CheckError, match="cannot be read"):
        quick(lesson, own)
    assert not (lesson.folder.parent / "lesson").exists()
    own.with_name("own.mp4.manifest.json").unlink()
    folder = quick(lesson, own)
    assert not list(folder.rglob("*.json"))


def test_an_existing_page_is_replaced_with_force_only(lesson: FilmFolder, video: Path) -> None:
    folder = quick(lesson, video)
    with pytest.raises(OutputError, match="exists already"):
        quick(lesson, video)
    (folder / "index.html").write_text("old")
    quick(lesson, video, "--force")
    assert (folder / "index.html").read_text("utf-8") != "old"
    (folder / "homework.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"homework\.txt"):
        quick(lesson, video, "--force")
    assert (folder / "homework.txt").read_text() == "mine"


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(lesson: FilmFolder, video: Path) -> None:
    lesson.edit("film.toml", "opening = 1.0", "opening = 2.0")
    (lesson.folder.parent / "lesson").write_text("a file")
    before = sorted(lesson.folder.parent.rglob("*"))
    with pytest.raises(AnimapError) as caught:
        page(str(lesson.folder), "--video", str(video), "--gif", f"en={video}", "--lang", "en",
             "-o", str(lesson.folder.parent / "lesson"))  # fmt: skip
    said = [problem.what for problem in caught.value.problems]
    for what in ("a file of that name", "the video lasts", "this is no GIF"):
        assert any(what in one for one in said), said
    assert sorted(lesson.folder.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--video", "none.mp4"], "no such file"),
        (["--video", "film/towns.csv"], "no video for a page"),
        (["--video", "broken.mp4"], "this is no video"),
        (["--video", "pl=made.mp4"], "the page is not in 'pl'"),
        (["--lang", "pl"], "the film is not in 'pl'"),
        (["--gif", "a.gif", "--no-gif"], "contradict each other"),
    ],
)
def test_a_wrong_call_is_refused(
    lesson: FilmFolder, words: list[str], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lesson.folder.parent)
    Path("broken.mp4").write_bytes(b"not a film")
    with pytest.raises(AnimapError) as caught:
        page("film", "-o", "lesson", *words)
    assert caught.value.exit_code == 2
    assert what in str(caught.value)
    assert not Path("lesson").exists()


def test_a_table_of_sources_that_is_none_is_refused(lesson: FilmFolder, video: Path) -> None:
    (lesson.folder / "sources.csv").write_bytes("key,title\nS1,\xe9t\xe9\n".encode("latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        quick(lesson, video)


def test_when_writing_fails_nothing_is_left(lesson: FilmFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("animap.page.folder.document", interrupted)
    with pytest.raises(KeyboardInterrupt):
        animap.open(lesson.folder, size="160x90", fps=12).write_page(
            lesson.folder.parent / "lesson", languages=["fr"], jobs=1
        )
    assert [path.name for path in lesson.folder.parent.iterdir()] == ["film"]
