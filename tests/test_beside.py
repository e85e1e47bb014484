"""Words beside the picture: captions as subtitles, the transcript."""

from __future__ import annotations

import csv
import json
import re
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import animap
from animap.beside.captions import cues_of
from animap.beside.events import happenings
from animap.beside.transcript import as_html, transcript_of
from animap.cli.app import app
from animap.encode.subtitles import Cue, srt, vtt
from animap.errors import AnimapError
from animap.film import load_film
from animap.marks import Faded, Text
from animap.resources import shipped
from animap.words import book
from conftest import FilmFolder

runner = CliRunner()
RATES = [Fraction(12), Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(60)]


def seconds(stamp: str) -> Fraction:
    hours, minutes, rest = stamp.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(rest)


def read_back(text: str) -> list[tuple[Fraction, Fraction, str]]:
    """Cues of an SRT or WebVTT file as a player reads them: from, to, words on one line."""
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().split("\n")
        at = next((n for n, line in enumerate(lines) if " --> " in line), None)
        if at is not None:
            start, stop = lines[at].split(" --> ")
            found.append((seconds(start), seconds(stop), " ".join(lines[at + 1 :])))
    return found


def shown_words(movie: animap.Animation, index: int) -> str:
    marks = (m.mark if isinstance(m, Faded) else m for m in movie.frame(index).marks)
    caption = movie.scene.style.furniture.caption
    return " ".join(m.text for m in marks if isinstance(m, Text) and m.lettering == caption)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(0, 90)), min_size=1, max_size=20),
    st.sampled_from(RATES),
)
def test_a_file_of_subtitles_names_the_very_frames(gaps: list[tuple[int, int]], fps: Fraction) -> None:
    cues, at = [], 0
    for length, gap in gaps:
        cues.append(Cue(at + gap, at + gap + length, f"words {len(cues)}"))
        at += gap + length
    for text in (srt(cues, fps), vtt(cues, fps)):
        told = read_back(text)
        shown = [
            next((words for start, stop, words in told if start <= n / fps < stop), "") for n in range(at + 2)
        ]
        wanted = [next((c.text for c in cues if c.start <= n < c.stop), "") for n in range(at + 2)]
        assert shown == wanted


@pytest.mark.parametrize("rate", ["12", "30000/1001"])
def test_subtitles_are_the_captions_in_the_picture(film: FilmFolder, tmp_path: Path, rate: str) -> None:
    movie = animap.open(film.folder, size="320x180", fps=rate, language="en")
    path = tmp_path / "small.srt"
    movie.write_words(path)
    told = read_back(path.read_text("utf-8"))
    assert [words for _, _, words in told] == ["The town is free", "The hamlet is free"]
    for index in range(movie.frames):
        now = movie.clock.second(index)
        cue = next(((start, words) for start, stop, words in told if start <= now < stop), None)
        if cue is None:
            assert shown_words(movie, index) == ""
        elif now - cue[0] > 1 / movie.fps:  # on its first frame a caption may not have begun to fade in
            assert shown_words(movie, index) == cue[1]


def test_lines_are_short_and_even_and_spaces_that_hold_are_kept() -> None:
    text = (
        "Priorité à Anvers\u00a0: Dunkerque, «\u00a0oubliée\u00a0», sera seulement contenue par les Alliés."
    )
    lines = srt([Cue(0, 30, text)], Fraction(30)).split("\n")[2:-1]
    assert " ".join(lines) == text
    assert len(lines) == 3
    assert max(map(len, lines)) <= 42
    assert abs(len(lines[0]) - len(lines[1])) < 20


def test_marks_of_the_format_in_a_caption_do_no_harm() -> None:
    cues = [Cue(0, 5, "a <b> & c", "x --> y")]
    assert "a &lt;b&gt; &amp; c" in vtt(cues, Fraction(25))
    assert vtt(cues, Fraction(25), "one --> two").count("-->") == 1


def test_part_of_a_film_has_its_part_of_the_captions(film: FilmFolder) -> None:
    loaded = load_film(film.folder)
    clock = loaded.clock(Fraction(12))
    whole = cues_of(loaded, clock, "fr")
    cut = whole[0].start + 3
    part = cues_of(loaded, clock, "fr", start=cut, stop=whole[1].start + 2)
    assert [(c.start + cut, c.stop + cut) for c in part] == [
        (cut, whole[0].stop),
        (whole[1].start, whole[1].start + 2),
    ]


def test_an_mp4_carries_the_captions_of_every_language(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", "fps = 12\n", 'fps = 12\nencoding = { kind = "mp4", captions = true }\n')
    path = tmp_path / "small.mp4"
    result = runner.invoke(app, ["render", str(film.folder), "-o", str(path), "--lang", "en", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    loaded = load_film(film.folder)
    with av.open(str(path)) as container:
        assert [s.language for s in container.streams.subtitles] == ["eng", "fra"]
        assert container.streams.video[0].frames == loaded.clock(Fraction(12)).frames
    for number, language in enumerate(("en", "fr")):
        with av.open(str(path)) as container:
            stream = container.streams.subtitles[number]
            found = [
                (p.pts * p.time_base * 12, (p.pts + p.duration) * p.time_base * 12, bytes(p)[2:].decode())
                for p in container.demux(stream)
                if p.pts is not None and p.size > 2
            ]
        wanted = cues_of(loaded, loaded.clock(Fraction(12)), language)
        assert found == [(c.start, c.stop, c.text) for c in wanted]


def test_without_being_asked_an_mp4_has_the_picture_alone(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "small.mp4"
    animap.open(film.folder, size="64x64", fps=4).render(path, jobs=1)
    with av.open(str(path)) as container:
        assert len(container.streams) == 1


def test_words_go_into_a_folder_in_every_language(film: FilmFolder, tmp_path: Path) -> None:
    folder = tmp_path / "words"
    result = runner.invoke(app, ["words", str(film.folder), "-o", str(folder), "--json"])
    assert result.exit_code == 0, result.output
    names = {f"small.{code}{suffix}" for code in ("fr", "en") for suffix in (".srt", ".vtt", ".md", ".html")}
    assert {path.name for path in folder.iterdir()} == names
    assert {Path(row["file"]).name for row in json.loads(result.stdout)} == names
    # The output's own frame rate, 12, decides.
    clock = load_film(film.folder).clock(Fraction(12))
    first = read_back((folder / "small.fr.vtt").read_text("utf-8"))[0]
    assert first[0] == Fraction(int(cues_of(load_film(film.folder), clock, "fr")[0].start * 1000 / 12), 1000)


def test_words_that_cannot_be_written_are_refused_together(film: FilmFolder, tmp_path: Path) -> None:
    there = tmp_path / "there.srt"
    there.write_text("mine")
    new = tmp_path / "new"
    command = ["words", str(film.folder), "-o", str(there), "-o", str(tmp_path / "x.doc"), "-o", str(new)]
    result = runner.invoke(app, command)
    assert isinstance(result.exception, AnimapError)
    said = str(result.exception)
    assert "there.srt: the file exists already" in said
    assert "'.doc' names no format for words" in said
    assert there.read_text() == "mine"
    assert not new.exists()


def test_a_language_that_the_film_does_not_have_is_refused(film: FilmFolder, tmp_path: Path) -> None:
    result = runner.invoke(app, ["words", str(film.folder), "-o", str(tmp_path / "a.srt"), "--lang", "de"])
    assert "the film is not in 'de'" in str(result.exception)


def rows(name: str) -> list[dict[str, str]]:
    with (shipped("data") / "liberation" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Page(HTMLParser):
    """What a screen reader finds: headings, items, links and where they lead, the language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[tuple[str, str]] = []
        self.items: list[str] = []
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.times: list[str] = []
        self.language = ""
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "html":
            self.language = known.get("lang") or ""
        if tag == "li":
            self.items.append("")
        if tag == "time":
            self.times.append(known.get("datetime") or "")
        if tag == "a":
            self.links.add((known.get("href") or "").removeprefix("#"))
        if known.get("id"):
            self.ids.add(known["id"] or "")
        if tag in ("h1", "h2"):
            self.headings.append((tag, ""))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"h1", "h2"} & set(self.open):
            tag, text = self.headings[-1]
            self.headings[-1] = (tag, text + data)
        elif "li" in self.open:
            self.items[-1] += data


@pytest.mark.parametrize("language", ["fr", "en", "nl", "de"])
def test_the_transcript_of_our_film_tells_every_event_with_its_sources(language: str) -> None:
    loaded = load_film()
    page = Page(as_html(transcript_of(loaded, loaded.clock(Fraction(30)), language)))
    assert page.language == language
    assert [tag for tag, _ in page.headings].count("h1") == 1
    assert page.links <= page.ids
    assert page.times == sorted(set(page.times))
    # Every heading is a day but those of sources and credits, and towns that were free before have theirs.
    assert [tag for tag, _ in page.headings].count("h2") == len(page.times) + 2
    early = {row["liberated"] for row in rows("towns.csv") if row["liberated"] < "1944-08-31"}
    assert early
    assert early <= set(page.times)
    told = "\n".join(page.items)
    pick = book(language).pick
    towns = rows("towns.csv")
    for row in towns:
        name = re.escape(row[f"name_{language}"])
        assert re.search(rf"^{name}[ ,:\u202f\u00a0]", told, re.MULTILINE), row["id"]
    for caption in loaded.captions.captions:
        assert pick(caption.text).rstrip(".") in told
    assert pick(loaded.spec.credits.licence) in told
    titles = {row["key"]: row["title"] for row in rows("sources.csv")}
    used = {key for row in towns for key in row["source"].split(";")}
    assert all(titles[key].rstrip(".") in told for key in used)
    # Every event proves itself: an item of a day ends with the numbers of its sources.
    events = [item for item in page.items if re.search(r"\[\d+(, \d+)*\]$", item)]
    assert len(events) == len(happenings(loaded, language))


def test_a_place_is_told_from_a_great_town_and_a_doubt_in_words(film: FilmFolder) -> None:
    told = {h.id: h for h in happenings(load_film(film.folder), "en") if h.kind == "town"}
    assert told["ville"].text == "Town: liberated (First Army, Gen. A)"
    assert told["hameau"].text == "Hamlet, 31 km north-west of Borough: liberated"
    assert told["bourg"].doubts == ("disputed date, other sources give: 5 September 1944",)
    assert told["hameau"].sources == ("S2",)


def test_an_axis_is_told_by_its_stops_and_a_pocket_by_its_states(film: FilmFolder) -> None:
    told = happenings(load_film(film.folder), "en")
    axis = next(h for h in told if h.kind == "advance")
    assert axis.text.startswith("Troops advance, First Army, Gen. A: ")
    assert axis.text.endswith("Town (2 Sep), Borough (4 Sep)")
    states = [h.text for h in told if h.kind == "pocket"]
    assert [re.sub(r" \(.*", "", text) for text in states] == [
        "Port pocket: encircled",
        "Port pocket: under siege",
        "Port pocket: fallen",
    ]


def test_french_joins_of_to_the_name() -> None:
    french = book("fr")
    assert [french.of(n) for n in ("Lille", "Arras", "Étaples", "Le Havre", "Les Andelys", "Ypres")] == [
        "de Lille", "d’Arras", "d’Étaples", "du Havre", "des Andelys", "d’Ypres",
    ]  # fmt: skip
    assert book("en").of("Le Havre") == "of Le Havre"
