"""A film whose camera moves is handed out in two parts: one is drawn as the other is made ready."""

from __future__ import annotations

from pathlib import Path

import pytest

import animap
from animap.render import Store, render
from animap.render.digest import digest_of
from animap.render.parcel import open_parcel, packed, state_of
from animap.render.plan import acts, costliest_first
from animap.scene import Scene
from animap.scene.stages import Stages
from conftest import FilmFolder

SIZE = {"size": "320x180", "fps": 12}
KEYS = """
[[view.keys]]
at = "1944-09-03"
extent = [2.4, 50.6, 3.1, 51.0]
seconds = 0.8

[[view.keys]]
at = "1944-09-05"
extent = [1.5, 50.0, 3.5, 51.2]
seconds = 1.0

[pace]"""


@pytest.fixture
def flown(film: FilmFolder) -> FilmFolder:
    """The small film with two flights, slow enough for several segments at its first station."""
    film.edit("film.toml", "[pace]", KEYS)
    film.edit(
        "film.toml",
        'until = "1944-09-03", seconds_per_day = 1.0',
        'until = "1944-09-03", seconds_per_day = 6.0',
    )
    return film


def scene_of(film: FilmFolder, **how: object) -> Scene:
    return animap.open(film.folder, **(SIZE | how)).scene


def test_the_first_part_is_drawn_by_workers_that_place_no_names_and_know_no_more(
    flown: FilmFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = animap.open(flown.folder, **SIZE)
    scene, plan = movie.scene, movie.job(tmp_path / "film.mp4").plan
    first, second = acts(scene, plan)
    assert len(first) >= 2
    assert sorted([*first, *second], key=plan.index) == list(plan)
    whole = scene_of(flown)
    places = Stages.__iter__
    for part in (first, second):
        costliest_first(scene, part)
        # What the first part is packed with must not wait for all names.
        assert (part is second) == scene.labels().settled
        (twin,) = open_parcel(packed(scene))
        for segment in part:
            seen = [digest_of(whole.frame(n)) for n in segment.shown]
            monkeypatch.setattr(Stages, "__iter__", lambda _: pytest.fail("names were placed again"))
            assert [digest_of(twin.frame(n)) for n in segment.shown] == seen
            monkeypatch.setattr(Stages, "__iter__", places)


@pytest.mark.parametrize("looked_at", [0.0, 0.4, 1.0])
def test_a_scene_may_be_packed_at_any_time(flown: FilmFolder, looked_at: float) -> None:
    scene, whole = scene_of(flown), scene_of(flown)
    for index in range(0, int(looked_at * scene.frames), 10):
        scene.frame(index)
    (twin,) = open_parcel(packed(scene))
    for index in [scene.frames - 1, *range(0, scene.frames, 13)]:
        assert digest_of(twin.frame(index)) == digest_of(whole.frame(index))


def test_what_a_layer_follows_from_does_not_change_as_it_is_looked_at(flown: FilmFolder) -> None:
    movie = animap.open(flown.folder, **SIZE)
    scene = movie.scene
    states = state_of(scene)
    for index in range(0, scene.frames, 11):
        scene.frame(index)
    assert state_of(scene) == states
    # Nor by another scene of the same film.
    twin = Scene(movie.film, scene.style, scene.take)
    assert state_of(twin) == states
    assert len(set(states)) == len(states)


def test_two_workers_give_the_file_that_one_gives(flown: FilmFolder, tmp_path: Path, cache: Path) -> None:
    movie = animap.open(flown.folder, **SIZE)
    job = movie.job(tmp_path / "film.mp4")
    render(job, jobs=1)
    alone = job.destination.read_bytes()
    kept = render(job, jobs=2, force=True, store=Store(cache))
    assert job.destination.read_bytes() == alone
    assert kept.drawn == kept.segments
    again = render(job, jobs=2, force=True, store=Store(cache))
    assert again.drawn == 0
    assert job.destination.read_bytes() == alone
