"""The Python interface."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import animap
from animap.errors import UsageError
from conftest import FilmFolder


def test_a_still_shows_itself_in_a_notebook(film: FilmFolder) -> None:
    still = animap.open(film.folder, size="160x90").still("1944-09-03")
    assert still._repr_png_().startswith(b"\x89PNG")


def test_dates_may_be_text_or_dates(film: FilmFolder) -> None:
    movie = animap.open(film.folder, size="160x90")
    assert movie.index_at("1944-09-03") == movie.index_at(dt.date(1944, 9, 3))
    assert movie.index_at("1944-09-03T06:00") < movie.index_at("1944-09-03")


def test_a_still_of_a_frame_or_a_date_but_not_both(film: FilmFolder) -> None:
    movie = animap.open(film.folder, size="160x90")
    with pytest.raises(UsageError):
        movie.still()
    with pytest.raises(UsageError):
        movie.still("1944-09-03", frame=3)


def test_the_style_changes_the_picture_and_not_the_history(film: FilmFolder) -> None:
    atlas, night = (animap.open(film.folder, style=s, size="160x90") for s in ("atlas", "night"))
    assert atlas.frames == night.frames
    assert not np.array_equal(atlas.still("1944-09-03").pixels, night.still("1944-09-03").pixels)


def test_a_film_can_be_opened_by_folder_file_and_name(film: FilmFolder) -> None:
    by_folder, by_file = animap.open(film.folder), animap.open(film.folder / "film.toml")
    assert by_folder.film.file == by_file.film.file
    assert animap.open("liberation").film.spec.title["en"].startswith("The Liberation")
