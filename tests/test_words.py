"""Words in four languages: dates as people write them, spaces as printers set them, figures that do not dance."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import uharfbuzz as hb
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from animap.layers.lettering import broken, width_of
from animap.style import Lettering, Style, load_style
from animap.style.load import shipped_styles
from animap.style.shaping import covers, shape
from animap.words import book, languages, well_set

NARROW, FULL = "\u202f", "\u00a0"
FIRST, FIFTH = dt.date(1944, 9, 1), dt.date(1944, 9, 5)
STYLES = sorted(shipped_styles())


# --- dates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "first", "fifth", "weekday"),
    [
        ("fr", "1er septembre 1944", "5 septembre 1944", "mardi"),
        ("en", "1 September 1944", "5 September 1944", "Tuesday"),
        ("nl", "1 september 1944", "5 september 1944", "dinsdag"),
        ("de", "1. September 1944", "5. September 1944", "Dienstag"),
    ],
)
def test_dates_are_written_as_each_language_does(language: str, first: str, fifth: str, weekday: str) -> None:
    words = book(language)
    assert words.date(FIRST).replace(FULL, " ") == first
    assert words.date(FIFTH).replace(FULL, " ") == fifth
    assert words.weekday(FIFTH) == weekday


@given(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)))
def test_in_french_only_the_first_is_ordinal(day: dt.date) -> None:
    words = book("fr")
    for text in (words.date(day), words.short_date(day)):
        assert re.match(r"1er\b" if day.day == 1 else rf"{day.day}\s", text)
        assert text.startswith("1er") == (day.day == 1)


def test_months_come_in_widths_for_the_time_line() -> None:
    assert [book("fr").month(FIFTH, width) for width in ("wide", "abbreviated", "narrow")] == [
        "septembre", "sept.", "S",
    ]  # fmt: skip
    assert book("de").month(dt.date(1945, 3, 1)) == "März"


def test_numbers_have_their_language_s_separators() -> None:
    assert book("en").number(1234.5) == "1,234.5"
    assert book("de").number(1234.5) == "1.234,5"
    assert book("fr").number(1234.5) == f"1{NARROW}234,5"


def test_every_language_says_everything() -> None:
    folder = Path(__file__).parents[1] / "src/animap/words/locales"
    tables = {code: tomllib.loads((folder / f"{code}.toml").read_text("utf-8")) for code in languages()}
    assert {"fr", "en", "nl", "de"} <= set(tables)
    for code, table in tables.items():
        assert table.keys() == tables["fr"].keys(), code
        gaps = {key: re.findall(r"\{\w+\}", text) for key, text in table.items()}
        assert gaps == {key: re.findall(r"\{\w+\}", text) for key, text in tables["fr"].items()}


def test_a_language_that_has_no_book_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        book("xx")


def test_a_text_for_all_languages_stands_in_for_a_missing_one() -> None:
    assert book("nl").pick({"": "Ypres", "fr": "Ypres la belle"}) == "Ypres"
    assert book("nl").pick({"nl": "Ieper", "": "Ypres"}) == "Ieper"
    assert book("nl").pick({}) == ""


# --- spaces --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Libre !", f"Libre{NARROW}!"),
        ("Libre!", f"Libre{NARROW}!"),
        ("Quand ? Où ?", f"Quand{NARROW}? Où{NARROW}?"),
        ("Quoi ?!", f"Quoi{NARROW}?!"),
        ("hier ; demain", f"hier{NARROW}; demain"),
        ("Dates : août", f"Dates{FULL}: août"),
        ("« Totalize »", f"«{FULL}Totalize{FULL}»"),
        ("«Totalize»", f"«{FULL}Totalize{FULL}»"),
        ("l'armée d'Anvers", "l’armée d’Anvers"),
        ("5 septembre", f"5{FULL}septembre"),
        ("le 8 mai", f"le 8{FULL}mai"),
        ("20 km", f"20{FULL}km"),
        # What is no sentence stays as it is typed.
        ("20:30", "20:30"),
        ("https://x.org/?a=1;b=2", "https://x.org/?a=1;b=2"),
        ("(!)", "(!)"),
        ("1944 est loin", "1944 est loin"),
        ("12 et 13 hommes", "12 et 13 hommes"),
    ],
)
def test_french_is_set_with_its_spaces(typed: str, printed: str) -> None:
    assert well_set(typed, "fr") == printed


@settings(max_examples=500)
@given(st.text(st.sampled_from("aé 1:;!?«»'()\u00a0\u202f.km"), max_size=30))
def test_setting_french_twice_changes_nothing(text: str) -> None:
    once = well_set(text, "fr")
    assert well_set(once, "fr") == once


@given(st.text(max_size=40))
def test_only_spaces_and_apostrophes_are_touched(text: str) -> None:
    def bare(words: str) -> str:
        return re.sub(rf"[ {FULL}{NARROW}]", "", words).replace("'", "’")

    assert bare(well_set(text, "fr")) == bare(text)


@given(st.text(max_size=40), st.sampled_from(["en", "nl", "de"]))
def test_other_languages_are_left_as_typed(text: str, language: str) -> None:
    assert well_set(text, language) == text


def test_lines_never_break_at_a_space_that_holds() -> None:
    lettering = load_style("atlas").furniture.caption
    text = well_set("Le 5 septembre : « Totalize » commence ! Qui sait ?", "fr")
    for width in range(120, 700, 20):
        lines = broken(text, lettering, float(width), "fr")
        assert " ".join(lines) == text
        assert not any(line[0] in ":!?;»" or line[-1] == "«" for line in lines)


@given(st.text(st.sampled_from("abc é"), min_size=1, max_size=80), st.floats(100, 600))
def test_lines_keep_to_their_width_and_lose_nothing(text: str, width: float) -> None:
    lettering = load_style("atlas").furniture.caption
    lines = broken(text, lettering, width)
    assert " ".join(lines) == text
    assert all(width_of(line, lettering) <= width for line in lines if " " in line)


# --- letters -------------------------------------------------------------------------------------------

ALPHABET = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    "éèêëàâäáçîïíôöóûüùúýÿñœæßÉÈÊËÀÂÄÇÎÏÔÖÛÜÙŸŒÆ"
    "łŁśŚżŻźŹćĆńŃóÓąĄęĘščřžýůěďťňŠČŘŽ"
    "‘’“”„«»–—…·×°†§&%/()[].,:;!?'\"+-=<>$\\"
)


def letterings(section: BaseModel) -> Iterator[Lettering]:
    for value in (getattr(section, name) for name in type(section).model_fields):
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Lettering):
                yield item
            elif isinstance(item, BaseModel):
                yield from letterings(item)


@pytest.fixture(params=STYLES)
def style(request: pytest.FixtureRequest) -> Style:
    return load_style(request.param)


def test_fonts_have_every_letter_of_the_languages(style: Style) -> None:
    fonts = {lettering.font for lettering in letterings(style)}
    assert len(fonts) > 1
    for font in fonts:
        assert [c for c in ALPHABET if not covers(font, c)] == [], Path(font).name


def test_what_animap_writes_itself_is_in_its_fonts(style: Style) -> None:
    said = "".join(text for code in languages() for text in book(code).phrases.values())
    days = [dt.date(1944, month, 28) for month in range(1, 13)]
    said += "".join(book(code).date(day) + book(code).weekday(day) for code in languages() for day in days)
    for lettering in letterings(style):
        assert covers(lettering.font, said)


def test_spaces_that_hold_are_narrow_and_never_a_box(style: Style) -> None:
    for lettering in letterings(style):
        font = hb.Font(hb.Face(Path(lettering.font).read_bytes()))
        buffer = hb.Buffer()
        buffer.add_str(f"a{NARROW}!{FULL}:")
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        assert 0 not in [info.codepoint for info in buffer.glyph_infos]
        narrow, full = (
            shape(f"n{space}n", lettering.font).width - shape("nn", lettering.font).width
            for space in (NARROW, FULL)
        )
        assert 0.05 < narrow <= full < 0.4


def test_the_date_does_not_dance(style: Style) -> None:
    lettering = style.furniture.date
    for language in languages():
        widths = {
            round(width_of(book(language).date(dt.date(1944, 9, day)), lettering, language), 6)
            for day in range(10, 31)
        }
        assert len(widths) == 1, language
        years = {round(width_of(f"10 {year}", lettering, language), 6) for year in range(1900, 1999)}
        assert len(years) == 1
    # All digits sit in the same place, whatever stands before them.
    figures = shape("0123456789", lettering.font, lettering.features)
    assert len({round(advance, 6) for advance in figures.advances.tolist()}) == 1


def test_figures_of_the_date_stand_on_the_line(style: Style) -> None:
    lettering = style.furniture.date
    heights = [shape(c, lettering.font, lettering.features).outline()[0][:, 1].max() for c in "0123456789"]
    assert max(heights) - min(heights) < 0.05


@given(st.text(max_size=30))
def test_any_text_can_be_shaped(text: str) -> None:
    glyphs = shape(text, load_style("atlas").furniture.caption.font)
    outline, codes = glyphs.outline()
    assert len(outline) == len(codes)
    assert glyphs.width >= 0


def test_tracking_spreads_letters_and_not_the_end() -> None:
    font = load_style("atlas").basemap.country.font
    plain, spread = shape("fin", font, ("kern",)), shape("fin", font, ("kern",), 0.5)
    # Spaced letters are not joined: three glyphs, two gaps.
    assert len(spread.glyphs) == 3
    assert spread.width > plain.width + 0.9
