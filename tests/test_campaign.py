"""Arrows in a film: where their heads are, what they leave behind, how they come and go, their colours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animap.draw.arrow_layers import arrow_layers
from animap.draw.painter import Eye, inks
from animap.errors import FilmError
from animap.film import load_film
from animap.geo.lines import lengths
from animap.layers.advances import AdvancesData
from animap.layers.flags import SIGNS, roundel
from animap.layers.formations import NATIONS
from animap.layers.presence_options import Entrance, Look
from animap.marks import Arrow, Badge, Faded, Frame, Mark, Page, Points, View
from animap.scene import Scene, Take
from animap.style import load_style
from animap.style.colour import rgba
from animap.style.vision import difference, lightness
from animap.timeline.ease import EASINGS
from conftest import FilmFolder

BRANCH = """\
ouest,1,2.2,50.4,1944-09-02,ville,army,false,S1,nord
ouest,2,2.0,50.6,1944-09-03,,army,false,S1,nord
"""


def scene(film: FilmFolder, **options: str) -> Scene:
    """The small film with a fork in its axis; `options` of the layer as TOML."""
    text = (film.folder / "advances.csv").read_text("utf-8")
    head, *rows = text.splitlines()
    forked = [f"{head},branch_of", *(f"{row}," for row in rows), *BRANCH.splitlines()]
    film.write("advances.csv", "\n".join(forked) + "\n")
    lines = "\n".join(f"{key} = {value}" for key, value in options.items())
    film.edit("film.toml", 'file = "advances.csv"', f'file = "advances.csv"\n{lines}')
    style = load_style("atlas")
    brisk = style.advances.model_copy(update={"past_seconds": 0.8})
    folder = load_film(film.folder / "film.toml")
    return Scene(
        folder, style.model_copy(update={"advances": brisk}), Take(Page(320, 180), Fraction(12), "fr")
    )


def bare(frame: Frame) -> list[Mark]:
    return [m.mark if isinstance(m, Faded) else m for m in frame.marks]


def arrows(frame: Frame) -> list[Arrow]:
    return [m for m in bare(frame) if isinstance(m, Arrow) and m.space == "map"]


MEMORIES = ["wake", "trail", "mark", "none"]


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_tip_of_every_head_is_at_the_place_of_the_moment(film: FilmFolder, memory: str) -> None:
    shown = scene(film, memory=f'"{memory}"')
    data = next(d for d in shown.film.layers if isinstance(d, AdvancesData))
    walks = [a.walk for a in data.advances]
    tips = 0
    for index in range(0, shown.frames, 3):
        frame = shown.frame(index)
        for arrow in arrows(frame):
            for limb in arrow.limbs:
                places = [_place(w, frame.instant) for w in walks]
                along = lengths(limb.xy)
                tip = [float(np.interp(limb.tip, along, limb.xy[:, k])) for k in (0, 1)]
                assert min(math.dist(tip, place) for place in places) < 2 + 0.1 * shown.setting.finest
                tips += 1
    assert tips > 10


def _place(walk: object, instant: float) -> tuple[float, float]:
    curve = walk.curve  # type: ignore[attr-defined]
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve.xy, axis=0).T))])
    metres = walk.metres_at(instant)  # type: ignore[attr-defined]
    return float(np.interp(metres, at, curve.xy[:, 0])), float(np.interp(metres, at, curve.xy[:, 1]))


def test_an_axis_and_its_branch_are_one_arrow(film: FilmFolder) -> None:
    shown = scene(film)
    counts = {tuple(len(a.limbs) for a in arrows(shown.frame(i))) for i in range(shown.frames)}
    assert (2,) in counts
    assert counts <= {(), (1,), (2,)}


@pytest.mark.parametrize("memory", MEMORIES)
def test_memory_is_a_pure_function_of_the_index(film: FilmFolder, memory: str) -> None:
    shown = scene(film, memory=f'"{memory}"')
    forward = [shown.frame(i).describe() for i in range(0, shown.frames, 2)]
    backward = [shown.frame(i).describe() for i in reversed(range(0, shown.frames, 2))]
    assert forward == backward[::-1]


def test_memories_differ_in_what_they_leave(make_film: Callable[[], FilmFolder]) -> None:
    seen = {m: scene(make_film(), memory=f'"{m}"') for m in MEMORIES}
    late = {m: s.frame(s.frames - 1) for m, s in seen.items()}
    middle = {m: s.frame(s.clock.frame_of(s.clock.start + 2.2)) for m, s in seen.items()}
    assert len({frame.describe() for frame in middle.values()}) == 4
    # A wake pales from its tail; a trail has one opacity.
    (wake,), (trail,) = arrows(middle["wake"]), arrows(middle["trail"])
    assert wake.fresh[0] > 0
    assert list(wake.fresh) == sorted(wake.fresh)
    assert trail.steps == (1.0,)
    # Marks stay where an axis had a date, and nothing else of brief arrows.
    posts = [m for m in bare(late["mark"]) if isinstance(m, Points) and m.symbol == "diamond"]
    assert len(posts) == 5
    assert not [m for m in bare(late["none"]) if isinstance(m, Points) and m.symbol == "diamond"]


def test_at_rest_an_arrow_is_the_same_object(film: FilmFolder) -> None:
    film.edit("film.toml", "ending = 2.0", "ending = 20.0")
    shown = scene(film, memory='"wake"')
    last = [shown.frame(i) for i in range(shown.frames - 20, shown.frames)]
    for before, after in itertools.pairwise(last):
        assert all(a is b for a, b in zip(arrows(before), arrows(after), strict=True))
    badges = {id(m) for frame in last for m in bare(frame) if isinstance(m, Badge) and m.space == "map"}
    assert len(badges) <= 1


def test_steps_laid_over_each_other_reach_the_opacity_they_say() -> None:
    class Still:
        unit = 1.0

        def pixels(self, xy: np.ndarray, space: object) -> np.ndarray:
            del space
            return xy

    way = np.array([(0.0, 0.0), (400.0, 0.0)])
    arrow = Arrow(xy=way, fill="#804020", width=15, fresh=(100, 200, 300), steps=(0.2, 0.5, 0.7, 0.9))
    clear = 1.0
    for (_, colour), opacity in zip(arrow_layers(arrow, Still()), arrow.steps, strict=True):
        clear *= 1 - rgba(colour)[3]
        assert 1 - clear == pytest.approx(opacity, abs=0.01)


@given(st.sampled_from(["fade", "grow", "draw-on", "pulse", "none"]), st.sampled_from(sorted(EASINGS)))
def test_whatever_comes_is_not_there_before_and_at_rest_after(kind: str, ease: str) -> None:
    entrance = Entrance.model_validate({"kind": kind, "seconds": 2.0, "ease": ease})
    assert entrance.look(-0.1) == Look(0, 0, 0)
    assert entrance.look(2.0) == entrance.look(50.0) == Look()
    changed = {
        "fade": lambda x: x.opacity, "grow": lambda x: x.size, "draw-on": lambda x: x.drawn,
        "pulse": lambda x: x.size, "none": lambda _: None,
    }[kind](entrance.look(0.7))  # fmt: skip
    assert changed != 1


def test_an_arrow_fades_out_when_the_film_says_so(film: FilmFolder) -> None:
    film.edit("film.toml", "ending = 2.0", "ending = 20.0")
    shown = scene(
        film, exit='{ kind = "fade", seconds = 1.0 }', enter='{ kind = "draw-on", ease = "back-out" }'
    )
    assert any(arrows(shown.frame(i)) for i in range(shown.frames))
    assert not arrows(shown.frame(shown.frames - 1))


def test_an_easing_that_does_not_exist_is_refused_with_the_nearest(film: FilmFolder) -> None:
    with pytest.raises(FilmError, match="cubic-out"):
        scene(film, enter='{ kind = "fade", ease = "cubic-uot" }')


@pytest.mark.parametrize("nation", NATIONS)
def test_every_nation_has_a_sign_within_its_disc(nation: str) -> None:
    sign = roundel(nation, (5.0, 7.0), 10.0)
    assert sign is not None
    assert nation in SIGNS
    for paths, _ in sign.parts:
        assert np.hypot(paths.xy[:, 0], paths.xy[:, 1]).max() <= 1 + 1e-9
    drawn = inks(sign, Eye(View(0, 0, 100), Page(100, 100)))
    assert len(drawn) == len(sign.parts)


FIGHTING = ("CA", "CZ", "GB", "PL", "US")


@pytest.mark.parametrize("style", ["atlas", "night", "lesson"])
def test_nations_are_told_apart_by_colour_blind_people_and_in_grey(style: str) -> None:
    colours = load_style(style).nations
    for a, b in itertools.combinations(FIGHTING, 2):
        for vision in ("normal", "protan", "deutan", "tritan"):
            assert difference(colours[a], colours[b], vision) > 11, (a, b, vision)
        assert abs(lightness(colours[a]) - lightness(colours[b])) > 5, (a, b)
