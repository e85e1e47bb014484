"""Stills as SVG and PDF: true vectors, the same twice, text as it is typed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animap.draw.painter import Eye, Ink, inks, placements
from animap.draw.vector import write_vector
from animap.film import load_film
from animap.marks import Area, Faded, Frame, Page, Text, TextAlong, View, box
from animap.render import write_still_of
from animap.scene import Scene, Take
from animap.style import load_style
from animap.style.shaping import shape
from conftest import FilmFolder

SVG = "{http://www.w3.org/2000/svg}"
LITERAL = r"2 < 3 $x$ \alpha & {y}_2"
LETTERING = load_style("atlas").furniture.caption


@pytest.fixture(scope="module")
def scene(make_film: Callable[[], FilmFolder]) -> Scene:
    film = load_film(make_film().folder)
    return Scene(film, load_style("atlas"), Take(Page(640, 360), Fraction(25), "fr"))


def still(scene: Scene, path: Path, title: str = "") -> bytes:
    write_still_of(scene, scene.frames // 2, path, title)
    return path.read_bytes()


def paths_of(svg: bytes) -> list[str]:
    return [path.get("d", "") for path in ElementTree.fromstring(svg).iter(f"{SVG}path")]


def test_an_svg_is_made_of_paths_and_holds_no_raster(scene: Scene, tmp_path: Path) -> None:
    root = ElementTree.fromstring(still(scene, tmp_path / "still.svg"))
    tags = {element.tag for element in root.iter()}
    assert f"{SVG}image" not in tags
    assert f"{SVG}text" not in tags
    assert len(list(root.iter(f"{SVG}path"))) > 40
    assert root.get("viewBox", "").split()[:2] == ["0", "0"]
    width, height = (float(v) for v in root.get("viewBox", "").split()[2:])
    assert width / height == pytest.approx(640 / 360, rel=1e-3)


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_a_vector_still_is_the_same_twice(scene: Scene, tmp_path: Path, suffix: str) -> None:
    first = still(scene, tmp_path / f"a{suffix}", "Petit film")
    assert still(scene, tmp_path / f"b{suffix}", "Petit film") == first
    write_still_of(scene, 0, tmp_path / f"c{suffix}", "Petit film")
    assert (tmp_path / f"c{suffix}").read_bytes() != first


def test_a_pdf_says_what_it_is(scene: Scene, tmp_path: Path) -> None:
    data = still(scene, tmp_path / "still.pdf", "Petit film")
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert b"(Petit film)" in data
    assert b"/Subtype /Image" not in data
    assert b"/FontFile2" in data
    assert b"CreationDate" not in data


def test_an_svg_carries_its_title(scene: Scene, tmp_path: Path) -> None:
    title = "La Manche & l’Escaut <1944>"
    assert (
        ElementTree.fromstring(still(scene, tmp_path / "still.svg", title)).findtext(f"{SVG}title") == title
    )


def words_of(pdf: bytes) -> list[str]:
    """What the text in a PDF reads as."""
    streams = [
        zlib.decompressobj().decompress(s) for s in re.findall(rb"stream\r?\n(x.*?)endstream", pdf, re.DOTALL)
    ]
    spans = re.findall(rb"/ActualText <FEFF([0-9A-F]*)>>> BDC(.*?)EMC", b"".join(streams), re.DOTALL)
    assert all(b"Tj" in drawn or b"TJ" in drawn for _, drawn in spans)
    return [bytes.fromhex(words.decode()).decode("utf-16-be") for words, _ in spans]


def test_a_pdf_holds_every_text_as_text_that_can_be_searched(scene: Scene, tmp_path: Path) -> None:
    shown = [m.mark if isinstance(m, Faded) else m for m in scene.frame(scene.frames // 2).marks]
    texts = [m.lettering.cased(m.text) for m in shown if isinstance(m, Text | TextAlong)]
    assert any("Ville" in text for text in texts)
    assert words_of(still(scene, tmp_path / "still.pdf")) == [" ".join(text.split()) for text in texts]


@given(st.floats(-180, 180), st.sampled_from(["left", "centre", "right"]), st.floats(0, 0.5))
@settings(max_examples=20, deadline=None)
def test_letters_set_one_by_one_stand_where_their_outlines_do(
    angle: float, align: Any, tracking: float
) -> None:
    lettering = LETTERING.model_copy(update={"tracking": tracking})
    mark = Text(text="Lens", at=(800.0, 500.0), lettering=lettering, angle=angle, align=align)
    page, view = Page(1920, 1080), View(0, 0, 1)
    ink = inks(mark, Eye(view, page))[-1]
    assert isinstance(ink, Ink)
    places = placements(mark, Eye(view, page))
    assert len(places) == 4
    turn = np.radians(angle)
    start, along = np.array(places[0][:2]), np.array([np.cos(turn), np.sin(turn)])
    drawn = (ink.outline.xy[ink.outline.codes != 79] - start) @ along
    # L begins a hair after its origin, and no letter reaches before it.
    assert drawn.min() == pytest.approx(lettering.size * 0.03, abs=lettering.size * 0.05)
    for x, y, turned in places:
        assert (np.array([x, y]) - start) @ np.array([-along[1], along[0]]) == pytest.approx(0, abs=1e-6)
        assert turned == pytest.approx(turn)


def test_an_svg_says_what_its_outlines_read_as(scene: Scene, tmp_path: Path) -> None:
    root = ElementTree.fromstring(still(scene, tmp_path / "still.svg"))
    labels = {g.get("aria-label") for g in root.iter(f"{SVG}g")}
    shown = [m.mark if isinstance(m, Faded) else m for m in scene.frame(scene.frames // 2).marks]
    assert labels >= {m.lettering.cased(m.text) for m in shown if isinstance(m, Text)}


def lettered(text: str) -> Frame:
    mark = Text(text=text, at=(100.0, 500.0), lettering=LETTERING)
    return Frame(0, Fraction(0), 0.0, Page(640, 360), View(0, 0, 1), "#ffffff", (mark,))


def test_text_is_never_taken_for_mathematics(tmp_path: Path) -> None:
    glyphs = shape(LITERAL, LETTERING.font, LETTERING.features)
    assert len(glyphs.glyphs) == len(LITERAL)
    outlines = sum(bool(len(outline)) for outline, _ in glyphs.glyphs)
    # Every letter is there but the spaces: dollars, backslash, braces and underscore.
    assert outlines == len(LITERAL.replace(" ", ""))
    write_vector(lettered(LITERAL), tmp_path / "text.svg")
    ground, letters = paths_of((tmp_path / "text.svg").read_bytes())[-2:]
    contours = sum(int((codes == 1).sum()) for _, codes in glyphs.glyphs)
    assert letters.count("M") == contours
    assert ground.count("M") == 1


def test_a_caption_with_signs_of_mathematics_is_drawn_as_typed(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("captions.csv", "La ville est libre", LITERAL)
    scene = Scene(load_film(film.folder), load_style("atlas"), Take(Page(640, 360), Fraction(25), "fr"))
    index = scene.clock.frame_of(scene.clock.start + 1.9)
    typed = [m for m in scene.frame(index).marks if isinstance(m, Text) and m.text == LITERAL]
    assert len(typed) == 1
    (ink,) = inks(typed[0], Eye(scene.setting.view, scene.take.page))
    assert isinstance(ink, Ink)
    x = ink.outline.xy[:, 0]
    width = shape(LITERAL, LETTERING.font, LETTERING.features, 0.0, "fr").width * LETTERING.size
    assert np.ptp(x) / scene.take.page.unit == pytest.approx(width, rel=0.05)
    write_still_of(scene, index, tmp_path / "still.svg")
    assert (tmp_path / "still.svg").stat().st_size > 10_000


def test_what_fades_is_paler_in_vectors_too(tmp_path: Path) -> None:
    area = Area(paths=box(10, 10, 500, 500), fill="#ff0000", space="page")
    frame = Frame(0, Fraction(0), 0.0, Page(640, 360), View(0, 0, 1), "#ffffff", (Faded(area, 0.25),))
    write_vector(frame, tmp_path / "faded.svg")
    text = (tmp_path / "faded.svg").read_text("utf-8")
    opacity = float(re.findall(r"fill: #ff0000; (?:fill-)?opacity: ([\d.]+)", text)[0])
    assert opacity == pytest.approx(0.25, abs=0.01)


def test_vectors_lie_where_pixels_do(tmp_path: Path) -> None:
    area = Area(paths=box(270, 270, 540, 810), fill="#ff0000", space="page")
    frame = Frame(0, Fraction(0), 0.0, Page(640, 360), View(0, 0, 1), "#ffffff", (area,))
    write_vector(frame, tmp_path / "box.svg")
    svg = (tmp_path / "box.svg").read_bytes()
    width, height = (float(v) for v in ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
    xy = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", paths_of(svg)[-1]), float)
    assert xy.min(axis=0) == pytest.approx([width * 270 / 1920, height * 270 / 1080], rel=1e-3)
    assert xy.max(axis=0) == pytest.approx([width * 540 / 1920, height * 810 / 1080], rel=1e-3)
