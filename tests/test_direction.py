"""Words that are read from right to left, and letters beyond Latin-1."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest

from animap.draw import Canvas
from animap.draw.vector import write_vector
from animap.marks import Frame, Page, Text, View
from animap.style import Lettering
from animap.style.direction import runs_of
from animap.style.shaping import lacking, shape

# A font with Arabic and Hebrew that is wherever matplotlib is.
FONT = str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf")
LILLE = "تحرير ليل"


def test_polish_is_set_from_left_to_right_in_our_own_font() -> None:
    from animap.resources import shipped

    font = str(shipped("styles") / "fonts/Alegreya-Regular.ttf")
    word = "Świętochłowice"
    assert lacking(font, word) == ()
    shaped = shape(word, font)
    assert len(shaped.glyphs) == len(word)
    assert np.all(np.diff(shaped.pens[:, 0]) > 0)
    # The ogonek hangs below the line and the accent stands above the capital.
    assert shape("ę", font).bottom < shape("e", font).bottom - 0.1
    assert shape("Ś", font).top > shape("S", font).top + 0.05


def test_arabic_begins_at_the_right_and_its_letters_join() -> None:
    assert runs_of(LILLE) == [(LILLE, True)]
    first, last = shape("ت", FONT), shape("ل", FONT)
    word = shape("تل", FONT)
    assert word.width < first.width + last.width - 0.05  # joined forms are narrower
    # Beh, read first, has its dot below the line: it is the one to the right.
    dotted = shape("بت", FONT)
    depths = [outline[:, 1].min() for outline, _ in dotted.glyphs if len(outline)]
    places = [x for (outline, _), (x, _) in zip(dotted.glyphs, dotted.pens, strict=True) if len(outline)]
    assert places[int(np.argmin(depths))] == max(places)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Lille ليل 1944", ["Lille ", "1944", " ليل"]),
        ("ليل 1944", ["1944", " ليل"]),
        ("ليل – Lille", ["Lille", "ليل –"]),
        ("Łódź 1945", ["Łódź 1945"]),
    ],
)
def test_numbers_and_latin_words_keep_their_own_direction(text: str, seen: list[str]) -> None:
    runs = runs_of(text)
    assert "".join(sorted("".join(run for run, _ in runs))) == "".join(sorted(text))
    for run, leftward in runs:
        assert leftward == any("\u0590" < c < "\u0700" for c in run) or not run.strip("– ")
    order = [run.strip() for run, _ in runs if run.strip()]
    wanted = [word.strip() for word in seen if word.strip()]
    assert order == wanted


def test_figures_of_a_year_are_not_turned_round() -> None:
    plain, mixed = shape("1944", FONT), shape("ليل 1944", FONT)
    for n in range(4):
        assert np.array_equal(mixed.glyphs[n][0], plain.glyphs[n][0])
    assert np.all(np.diff(mixed.pens[:4, 0]) > 0)


def test_a_font_without_arabic_says_so_and_one_with_it_does_not() -> None:
    from animap.resources import shipped

    assert lacking(FONT, LILLE) == ()
    assert lacking(str(shipped("styles") / "fonts/Alegreya-Regular.ttf"), "ليل!") == ("ل", "ي")


def test_arabic_is_drawn_the_same_in_a_picture_and_read_in_order_in_a_pdf(tmp_path: Path) -> None:
    lettering = Lettering(font=FONT, size=80, colour="#000000")
    mark = Text(text=LILLE, at=(540, 300), lettering=lettering, align="centre", language="ar")
    page = Page(540, 300)
    frame = Frame(0, 0, 0.0, page, View(0, 0, 1), "#ffffff", (mark,))  # type: ignore[arg-type]
    assert (Canvas(page).draw(frame).pixels < 128).any()
    path = tmp_path / "arabic.pdf"
    write_vector(frame, path)
    assert LILLE.encode("utf-16-be").hex().upper().encode() in _plain(path.read_bytes())


def _plain(data: bytes) -> bytes:
    import re
    import zlib

    found = b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            found += zlib.decompress(stream)
        except zlib.error:
            continue
    return found
