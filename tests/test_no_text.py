"""A picture without words, to be dubbed in other media."""

from __future__ import annotations

import json
from pathlib import Path

import imageio.v3 as iio
import numpy as np
from typer.testing import CliRunner

import animap
from animap.cli.app import app
from animap.marks import Faded, Shown, Text, TextAlong
from conftest import FilmFolder

runner = CliRunner()
SMALL = {"size": "320x180", "fps": 6}


def is_text(shown: Shown) -> bool:
    return isinstance(shown.mark if isinstance(shown, Faded) else shown, Text | TextAlong)


def test_no_frame_has_a_word_and_every_frame_has_the_same_map(film: FilmFolder) -> None:
    worded = animap.open(film.folder, **SMALL)
    bare = animap.open(film.folder, text=False, **SMALL)
    assert bare.frames == worded.frames
    for index in range(bare.frames):
        shown, all_ = bare.frame(index), worded.frame(index)
        assert not any(is_text(mark) for mark in shown.marks)
        # What is left is a part of the picture with words, in the same order.
        lines = iter(all_.describe().splitlines())
        assert all(line in lines for line in shown.describe().splitlines())
    day = bare.frame(bare.index_at("1944-09-04"))
    kinds = {type(m.mark if isinstance(m, Faded) else m).__name__ for m in day.marks}
    assert {"Group", "Points", "Arrow", "Area", "Line"} <= kinds


def test_the_picture_without_words_is_the_same_in_every_language(film: FilmFolder, tmp_path: Path) -> None:
    paths = [tmp_path / f"{language}.png" for language in ("fr", "en")]
    for path in paths:
        words = ["--at", "1944-09-04", "--no-text", "--lang", path.stem, "--size", "320x180"]
        result = runner.invoke(app, ["still", str(film.folder), "-o", str(path), *words])
        assert result.exit_code == 0, result.output
    assert np.array_equal(iio.imread(paths[0]), iio.imread(paths[1]))


def test_an_output_without_words_is_declared_or_asked_for(film: FilmFolder, tmp_path: Path) -> None:
    bare = '[[outputs]]\nfile = "bare.gif"\nsize = "64x64"\nfps = 4\ntext = false\n'
    film.edit("film.toml", "fps = 12\n", f"fps = 12\n\n{bare}")
    for name, words in (("bare.gif", []), ("asked.gif", ["--no-text"]), ("worded.gif", ["--text"])):
        path = tmp_path / name
        result = runner.invoke(app, ["render", str(film.folder), "-o", str(path), "--jobs", "1", *words])
        assert result.exit_code == 0, result.output
        told = json.loads(path.with_name(f"{name}.manifest.json").read_text("utf-8"))
        assert told["text"] is (name == "worded.gif")
    assert (tmp_path / "bare.gif").read_bytes() == (tmp_path / "asked.gif").read_bytes()
    assert (tmp_path / "bare.gif").read_bytes() != (tmp_path / "worded.gif").read_bytes()
