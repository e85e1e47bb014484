"""The manifest beside an output, and checking an output against it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import animap
from animap.beside.verify import verify
from animap.cli.app import app
from animap.errors import CheckError, OutputError
from conftest import FilmFolder

runner = CliRunner()
SMALL = {"size": "64x64", "fps": 4}


def made(film: FilmFolder, path: Path, **settings: object) -> dict[str, object]:
    animap.open(film.folder, **(SMALL | settings)).render(path, jobs=1)
    return json.loads(path.with_name(f"{path.name}.manifest.json").read_text("utf-8"))


def test_a_manifest_says_what_a_film_is_made_of(film: FilmFolder, tmp_path: Path) -> None:
    told = made(film, tmp_path / "film.mp4", language="en", detail=False)
    data = (tmp_path / "film.mp4").read_bytes()
    assert told["output"] == {
        "file": "film.mp4",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert (told["width"], told["height"], told["fps"], told["kind"]) == (64, 64, "4", "mp4")
    assert (told["language"], told["style"], told["detail"]) == ("en", "atlas", False)
    assert told["encoding"]["crf"] == 18
    inputs = {row["file"]: row["sha256"] for row in told["inputs"]}
    assert set(inputs) == {path.name for path in film.folder.iterdir()}
    assert inputs["towns.csv"] == hashlib.sha256((film.folder / "towns.csv").read_bytes()).hexdigest()
    assert [row["file"] for row in told["styles"]] == ["atlas.toml"]
    assert "fonts/Alegreya-Regular.ttf" in [row["file"] for row in told["fonts"]]
    assert told["versions"]["animap"] == animap.__version__
    assert {"python", "matplotlib", "libavcodec"} <= set(told["versions"])
    assert str(tmp_path) not in json.dumps(told)


def test_the_same_film_has_the_same_manifest_and_another_one_does_not(
    film: FilmFolder, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert made(film, one / "film.gif") == made(film, two / "film.gif")
    before = made(film, tmp_path / "before.gif")
    film.edit("towns.csv", "S2,", "S2;S1,")
    after = made(film, tmp_path / "after.gif")
    changed = [a["file"] for a, b in zip(before["inputs"], after["inputs"], strict=True) if a != b]
    assert changed == ["towns.csv"]
    assert before["output"]["sha256"] == after["output"]["sha256"]


def test_data_in_hand_is_an_input_too(film: FilmFolder, tmp_path: Path) -> None:
    import geopandas
    import pandas

    table = pandas.read_csv(film.folder / "towns.csv")
    frame = geopandas.GeoDataFrame(table, geometry=geopandas.points_from_xy(table.lon, table.lat), crs=4326)
    told = made(film, tmp_path / "film.gif", layers={"towns": frame})
    names = [row["file"] for row in told["inputs"]]
    assert "towns.csv" not in names
    assert names[-1] == "towns"


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "film.webp", "film.apng", "frames"])
def test_what_was_made_is_verified_frame_by_frame(film: FilmFolder, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    told = made(film, path)
    result = runner.invoke(app, ["verify", str(path)])
    assert result.exit_code == 0, result.exception
    assert f"{told['frames']} frames of 64×64 at 4 fps" in result.stdout
    assert json.loads(runner.invoke(app, ["verify", str(path), "--json"]).stdout) == told


def test_a_file_that_was_cut_short_or_changed_is_found_out(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    made(film, path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(CheckError, match=f"had {len(data)} when it was made"):
        verify(path)
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :])
    with pytest.raises(CheckError, match="SHA-256 differs"):
        verify(path)


@pytest.mark.parametrize("name", ["film.mp4", "film.gif", "film.webp", "film.apng", "frames"])
def test_another_film_under_the_same_name_differs_in_its_frames(
    film: FilmFolder, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    made(film, path)
    kept = path.with_name(f"{name}.manifest.json").read_text("utf-8")
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    made(film, path, size="80x64", fps=2)
    path.with_name(f"{name}.manifest.json").write_text(kept, "utf-8")
    with pytest.raises(CheckError) as caught:
        verify(path)
    said = str(caught.value)
    assert "has pictures of 80×64, not 64×64" in said
    # A GIF counts in time, and this one lasts as long.
    assert ("frames, not" in said) == (name in ("film.mp4", "frames"))


def test_without_a_manifest_there_is_nothing_to_check_against(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "film.gif"
    made(film, path)
    (tmp_path / "film.gif.manifest.json").write_text("{}")
    assert "the manifest cannot be read" in str(runner.invoke(app, ["verify", str(path)]).exception)
    (tmp_path / "film.gif.manifest.json").unlink()
    result = runner.invoke(app, ["verify", str(path)])
    assert isinstance(result.exception, CheckError)
    assert result.exception.exit_code == 8
    assert "render it again" in str(result.exception)
    assert "file not found" in str(runner.invoke(app, ["verify", str(tmp_path / "none.mp4")]).exception)


def test_a_refused_render_leaves_film_and_manifest_as_they_were(film: FilmFolder, tmp_path: Path) -> None:
    path = tmp_path / "film.gif"
    told = made(film, path)
    with pytest.raises(OutputError):
        made(film, path, size="80x64")
    assert json.loads((tmp_path / "film.gif.manifest.json").read_text("utf-8")) == told
    verify(path)
