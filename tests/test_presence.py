"""How things of every layer come and go: as the film says, else as the style does."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import pytest

from animap.errors import FilmError
from animap.film import load_film
from animap.layers.presence_options import Entrance, Stay
from animap.marks import Frame, Page
from animap.scene import Scene, Take
from animap.style import load_style
from conftest import FilmFolder

FPS = 24
LAYERS = {
    "towns": 'file = "towns.csv"',
    "pockets": 'file = "pockets.geojson"',
    "advances": 'file = "advances.csv"',
    "captions": 'file = "captions.csv"',
    "territory": 'kind = "territory"\nreach = 120',
}
Make = Callable[[], FilmFolder]


def scene(film: FilmFolder, layer: str = "", *lines: str) -> Scene:
    """The small film, with lines added to one layer's table."""
    film.edit("film.toml", '[[layers]]\nkind = "basemap"', _territory() + '[[layers]]\nkind = "basemap"')
    if layer:
        film.edit("film.toml", LAYERS[layer], "\n".join([LAYERS[layer], *lines]))
    return Scene(
        load_film(film.folder / "film.toml"), load_style("atlas"), Take(Page(640, 360), Fraction(FPS), "fr")
    )


def _territory() -> str:
    return f"[[layers]]\n{LAYERS['territory']}\n\n"


def told(frame: Frame, words: str, space: str = "map") -> list[str]:
    """Lines of the frame as text that hold some words, of the map or of what stands on the page."""
    lines = [line for line in frame.describe().splitlines() if re.search(words, line)]
    return [line for line in lines if ("space='page'" in line) == (space == "page")]


def from_noon(shown: Scene, day: int, seconds: float) -> Frame:
    """The frame so long after noon of a day of September."""
    noon = shown.clock.second_of(shown.clock.start + day - 1 + 0.5)
    return shown.frame(round((noon + seconds) * FPS))


def opacity(lines: list[str]) -> list[float]:
    found = [re.search(r"opacity=([\d.]+)$", line) for line in lines]
    return [float(m[1]) if m else 1.0 for m in found]


@pytest.mark.parametrize(
    ("layer", "as_it_is"),
    [
        ("towns", 'enter = { kind = "pulse", seconds = 1.6, ease = "cubic-out" }'),
        ("pockets", 'exit = { kind = "fade", seconds = 1.8, ease = "cubic-out" }'),
        ("advances", 'enter = { kind = "none" }'),
        ("captions", 'enter = { kind = "fade", seconds = 0.3 }\nexit = { seconds = 0.3 }'),
        ("territory", 'enter = { kind = "none" }'),
    ],
)
def test_what_a_film_does_not_say_is_as_the_style_has_it(make_film: Make, layer: str, as_it_is: str) -> None:
    plain, said = scene(make_film()), scene(make_film(), layer, as_it_is)
    for index in range(0, plain.frames, 3):
        assert plain.frame(index).describe() == said.frame(index).describe()


def test_a_freed_town_pulses_fades_grows_or_turns_at_once(make_film: Make) -> None:
    free = load_style("atlas").nation("GB")
    dots: dict[str, tuple[list[str], list[str]]] = {}
    for kind in ("pulse", "fade", "grow", "none"):
        shown = scene(make_film(), "towns", f'enter = {{ kind = "{kind}", seconds = 1.0, ease = "linear" }}')
        lines, late = (told(from_noon(shown, 2, s), "^points .*radius=") for s in (0.5, 1.1))
        dots[kind] = [x for x in lines if f"fill={free}" in x], [x for x in lines if f"pen={free}" in x]
        assert opacity([x for x in late if f"fill={free}" in x]) == [1.0]
        assert not [x for x in late if f"pen={free}" in x]
    assert dots["pulse"][1]
    assert not dots["fade"][1]
    assert opacity(dots["fade"][0]) == [pytest.approx(0.5, abs=0.03)]
    grown, whole = (float(re.findall(r"radius=([\d.]+)", dots[k][0][0])[0]) for k in ("grow", "none"))
    assert grown == pytest.approx(whole / 2, rel=0.03)
    assert opacity(dots["none"][0]) == [1.0]


def test_a_ring_is_drawn_faded_in_or_there_at_once(make_film: Make) -> None:
    pen = f"pen={load_style('atlas').pockets.encircled.colour}"
    half: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    for kind in ("draw-on", "fade", "none"):
        shown = scene(
            make_film(), "pockets", f'enter = {{ kind = "{kind}", seconds = 1.0, ease = "linear" }}'
        )
        half[kind], whole[kind] = (told(from_noon(shown, 2, s), f"^line .*{pen}") for s in (0.5, 1.1))
    assert opacity(half["fade"]) == [pytest.approx(0.5, abs=0.03)]
    assert opacity(half["draw-on"]) == opacity(half["none"]) == [1.0]
    assert _vertices(half["draw-on"]) < _vertices(whole["draw-on"]) == _vertices(half["none"])


def _vertices(lines: list[str]) -> int:
    found = re.search(r"\[(\d+)@", lines[0])
    assert found
    return int(found[1])


def test_a_fallen_pocket_goes_as_the_film_says(make_film: Make) -> None:
    fill = f"fill={load_style('atlas').pockets.fill}"
    seen = {}
    for kind, seconds in (("fade", 1.0), ("fade", 0.25), ("none", 1.0)):
        shown = scene(
            make_film(), "pockets", f'exit = {{ kind = "{kind}", seconds = {seconds}, ease = "linear" }}'
        )
        seen[kind, seconds] = opacity(told(from_noon(shown, 5, 0.5), fill))
        assert opacity(told(from_noon(shown, 5, -0.1), fill)) == [1.0]
        # What is named goes with what it names.
        assert not told(from_noon(shown, 5, 1.1), "Poche du port")
    assert seen == {("fade", 1.0): [pytest.approx(0.5, abs=0.04)], ("fade", 0.25): [], ("none", 1.0): []}


def test_a_ring_may_be_undrawn(film: FilmFolder) -> None:
    shown = scene(film, "pockets", 'exit = { kind = "draw-on", seconds = 1.0, ease = "linear" }')
    pen = f"^line .*pen={load_style('atlas').pockets.besieged.colour}/2.6"
    before, half = (told(from_noon(shown, 5, s), pen) for s in (-0.1, 0.5))
    assert opacity(half) == [1.0]
    assert _vertices(half) < _vertices(before)


def test_captions_come_and_go_as_the_film_says(make_film: Make) -> None:
    slow = scene(make_film(), "captions", "enter = { seconds = 1.0, ease = 'linear' }")
    hard = scene(make_film(), "captions", 'enter = { kind = "none" }', 'exit = { kind = "none" }')
    assert opacity(told(from_noon(slow, 2, 0.5), "La ville est libre")) == [pytest.approx(0.5, abs=0.03)]
    texts = [told(hard.frame(i), "La ville est libre") for i in range(hard.frames)]
    assert {o for lines in texts for o in opacity(lines)} == {1.0}


def test_occupied_land_may_come_once_the_film_has_opened(film: FilmFolder) -> None:
    shown = scene(film, "territory", "enter = { seconds = 0.5, ease = 'linear' }")
    fill = f"fill={load_style('atlas').territory.occupied}"
    opening = shown.clock.opening
    seen = [opacity(told(shown.frame(round((opening + s) * FPS)), fill)) for s in (-0.2, 0.25, 0.6)]
    assert seen == [[], [pytest.approx(0.5, abs=0.02)], [1.0]]


@pytest.mark.parametrize(
    ("layer", "line", "possible"),
    [
        ("towns", 'enter = { kind = "draw-on" }', "pulse, fade, grow, none"),
        ("pockets", 'exit = { kind = "pulse" }', "fade, draw-on, none"),
        ("captions", 'enter = { kind = "grow" }', "fade, none"),
        ("territory", 'enter = { kind = "pulse" }', "fade, none"),
        ("advances", 'enter = { kind = "wipe" }', "fade, grow, draw-on, pulse, none"),
    ],
)
def test_a_way_to_come_that_makes_no_sense_is_refused_with_those_that_do(
    film: FilmFolder, layer: str, line: str, possible: str
) -> None:
    with pytest.raises(FilmError) as caught:
        scene(film, layer, line)
    (problem,) = caught.value.problems
    assert problem.hint.endswith(f"use {possible}")
    assert line.split(" ")[0] in problem.where
    assert "film.toml, line" in problem.where


def test_a_thing_that_stays_shorter_than_it_comes_and_goes_is_never_whole() -> None:
    slow = Entrance(seconds=2.0, ease="linear")
    stay = Stay(10.0, 12.0, slow, slow)
    assert [stay.look(s).opacity for s in (9.9, 10.0, 11.0, 12.0)] == [0, 0, 0.25, 0]
