"""Every text of every shipped style can be read on the picture as it is rendered.

The bar of `contrast` is AA of WCAG 2.2: 4.5 to 1, and 3 to 1 for large type. The others hold 3 to 1 for all
that a film tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import pytest

from animap.beside.legibility import large, pale, texts
from animap.draw import Canvas
from animap.film import Film, load_film
from animap.marks import Frame, Page
from animap.scene import Scene, Take
from animap.style import Lettering, load_style
from animap.style.load import shipped_styles
from conftest import FilmFolder

PAGE = Page(960, 540)
DAYS = (4.5, 6.9, 12.5, 25.5, 100.0)
"""Days after the first at which names, pockets and arrows crowd; besides, both cards are looked at."""


@cache
def film() -> Film:
    return load_film()


def frames(scene: Scene) -> Iterator[Frame]:
    yield scene.frame(0)
    yield from (scene.frame(scene.clock.frame_of(scene.clock.start + day)) for day in DAYS)
    yield scene.frame(scene.frames - 1)


def bar(style: str, lettering: Lettering) -> float:
    return 4.5 if style == "contrast" and not large(lettering) else 3.0


@pytest.mark.parametrize("name", sorted(shipped_styles()))
def test_every_text_can_be_read_on_the_picture(name: str) -> None:
    scene = Scene(film(), load_style(name), Take(PAGE, Fraction(30), "fr"))
    canvas = Canvas(PAGE)
    seen, pale_ones = set(), {}
    for frame in frames(scene):
        for _, found in texts(frame, canvas):
            seen.add(found.text)
            if found.contrast < bar(name, found.lettering):
                pale_ones[found.text] = round(found.contrast, 2), bar(name, found.lettering)
    assert len(seen) > 60
    assert not pale_ones, pale_ones


def test_text_that_is_too_pale_is_told_by_its_kind(film: FilmFolder) -> None:
    scene = _scene(film, "")
    assert not [p for p in pale(scene) if "labels" in p.where]
    # White as the paper, and no halo to help.
    rank = '[[labels.ranks]]\nsize = 30\nfont = "Alegreya-Bold.ttf"\ncolour = "#f7f4ea"\n'
    problems = [str(p) for p in pale(_scene(film, rank))]
    [told] = [p for p in problems if "labels.ranks" in p]
    assert "“Ville” 1." in told
    assert "WCAG AA" in told


def _scene(film: FilmFolder, more: str) -> Scene:
    film.write("own.toml", f'extends = "atlas"\ntitle = {{ fr = "x", en = "x" }}\n{more}')
    return Scene(load_film(film.folder), load_style("own", film.folder), Take(PAGE, Fraction(4), "fr"))
