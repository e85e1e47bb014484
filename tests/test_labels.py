"""Names keep clear of each other and of what matters, over the whole film."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import animap
from animap.layers.base import Candidate, Name, Obstacle
from animap.layers.placing import overlaps, place
from animap.marks import Faded, Text, TextAlong

boxes = st.builds(
    lambda x, y, w, h: (float(x), float(y), float(x + w), float(y + h)),
    st.integers(10, 300),
    st.integers(10, 200),
    st.integers(5, 80),
    st.integers(5, 30),
)
spans = st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda s: (float(s[0]), float(s[0] + s[1])))


@st.composite
def names(draw: st.DrawFn) -> list[Name]:
    found = []
    for n in range(draw(st.integers(1, 14))):
        start, stop = draw(spans)
        candidates = tuple(
            Candidate((), (box,), float(draw(st.integers(0, 9))))
            for box in draw(st.lists(boxes, min_size=1, max_size=5))
        )
        found.append(Name(f"n{n}", candidates, float(draw(st.integers(0, 5))), start, stop))
    return found


obstacles = st.lists(
    st.builds(lambda b, s, soft: Obstacle(b, s[0], s[1], soft), boxes, spans, st.booleans()), max_size=6
)


@settings(max_examples=300)
@given(names(), obstacles)
def test_no_name_covers_another_or_an_obstacle_while_both_are_shown(
    wanted: list[Name], hindrances: list[Obstacle]
) -> None:
    placed, left_out = place(wanted, hindrances, 420, 260)
    assert len(placed) + len(left_out) == len(wanted)
    assert overlaps(placed) == []
    for p in placed:
        for box in p.candidate.boxes:
            assert 0 <= box[0] <= box[2] <= 420
            assert 0 <= box[1] <= box[3] <= 260
            for o in hindrances:
                together = o.start < p.span[1] and p.span[0] < o.stop
                apart = box[2] <= o.box[0] or o.box[2] <= box[0] or box[3] <= o.box[1] or o.box[3] <= box[1]
                assert o.soft or not together or apart


@given(names())
def test_the_first_in_priority_always_finds_a_place_if_the_page_has_one(wanted: list[Name]) -> None:
    first = min(wanted, key=lambda n: (n.priority, n.id))
    placed, _ = place(wanted, [], 420, 260)
    assert first.id in {p.name.id for p in placed}


def test_a_name_gives_way_to_another_of_its_places() -> None:
    here, there = (50.0, 50.0, 90.0, 60.0), (50.0, 80.0, 90.0, 90.0)
    great = Name("great", (Candidate((), (here,)), Candidate((), (there,), 1.0)), 1)
    small = Name("small", (Candidate((), (here,)),), 2)
    placed, left_out = place([great, small], [], 200, 200)
    assert not left_out
    assert {p.name.id: p.candidate.boxes[0] for p in placed} == {"great": there, "small": here}


@pytest.mark.parametrize(
    ("language", "size"),
    [("fr", "1080p"), ("en", "4k"), ("nl", "640x360"), ("de", "portrait"), ("de", "1080p"), ("fr", "square")],
)
def test_names_of_our_film_never_overlap_and_never_jump(language: str, size: str) -> None:
    film = animap.open(language=language, size=size, fps=2)
    assert overlaps(film.scene.labels().placed) == []
    before: dict[str, tuple[object, ...]] = {}
    for index in range(film.frames):
        now = {}
        for shown in film.frame(index).marks:
            mark = shown.mark if isinstance(shown, Faded) else shown
            if isinstance(mark, Text) and mark.space == "map":
                now[mark.text] = (mark.at, mark.offset, mark.align)
            elif isinstance(mark, TextAlong):
                now[mark.text] = tuple(np.round(mark.xy[0], 3))
        assert all(before[text] == place for text, place in now.items() if text in before)
        before = now


def test_names_stand_at_least_a_second() -> None:
    for placed in animap.open().scene.labels().placed:
        assert placed.span[1] - placed.span[0] >= 1
