"""Files that have to fit into so many bytes, as typed on the command line."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from animap.cli.app import app
from animap.encode.animated import bytes_of
from animap.encode.gif import GifEncoder
from animap.errors import RenderError, UsageError
from animap.render.fitted import Fitted
from conftest import FilmFolder

WORDS = ("--from", "1944-09-02", "--to", "1944-09-04", "--fps", "10", "--size", "160x90", "--jobs", "1")


def rendered(film: FilmFolder, path: Path, *words: str) -> dict[str, object]:
    result = CliRunner().invoke(
        app, ["render", str(film.folder), "-o", str(path), *WORDS, "--force", "--json", *words]
    )
    if result.exception:
        raise result.exception
    told: dict[str, object] = json.loads(result.stdout)[0]
    told["warned"] = result.stderr
    return told


def lasts(path: Path) -> float:
    total = 0
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            total += image.info["duration"]
    return total / 1000


@pytest.mark.parametrize("share", [0.8, 0.55])
def test_a_gif_is_fitted_from_below_and_says_what_it_gave_up(
    film: FilmFolder, tmp_path: Path, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = []
    encode = GifEncoder.prepare
    monkeypatch.setattr(GifEncoder, "prepare", lambda self, *a: joined.append(1) or encode(self, *a))
    path = tmp_path / "film.gif"
    whole = rendered(film, path)["bytes"]
    seconds = lasts(path)
    assert isinstance(whole, int)
    limit = round(whole * share)
    joined.clear()
    told = rendered(film, path, "--max-size", f"{limit} B")
    assert told["bytes"] == path.stat().st_size
    assert 0.85 * limit <= path.stat().st_size <= limit
    assert len(joined) <= 4
    assert "frames per second, not 10" in str(told["warned"])
    assert ("colours, not 256" in str(told["warned"])) == (share < 0.7)
    assert Fraction(str(told["fps"])) < 10
    assert lasts(path) == pytest.approx(seconds, abs=0.5)
    manifest = json.loads((tmp_path / "film.gif.manifest.json").read_text())
    assert manifest["fps"] == told["fps"]
    assert CliRunner().invoke(app, ["verify", str(path)]).exit_code == 0


def test_a_fitted_call_repeated_is_neither_drawn_nor_encoded(
    film: FilmFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.gif"
    words = ("--max-size", "7 kB")
    first = rendered(film, path, *words)
    assert "frames per second, not 10" in str(first["warned"])
    files = [path.read_bytes(), (tmp_path / "film.gif.manifest.json").read_bytes()]
    for file in tmp_path.glob("film.gif*"):
        file.unlink()

    def never(*_: object) -> None:
        raise AssertionError

    # The same pictures, in a call of other words: fitted again, but of what is encoded already.
    monkeypatch.setattr(GifEncoder, "segment", never)
    rendered(film, tmp_path / "other.gif", *words)
    assert (tmp_path / "other.gif").read_bytes() == files[0]
    # The same call: what it made is only joined.
    monkeypatch.setattr(Fitted, "finish", never)
    again = rendered(film, path, *words)
    assert [path.read_bytes(), (tmp_path / "film.gif.manifest.json").read_bytes()] == files
    assert again["drawn"] == 0
    assert str(again["warned"]).strip() == str(first["warned"]).splitlines()[-1]


def test_what_fits_gives_up_nothing(film: FilmFolder, tmp_path: Path) -> None:
    plain = rendered(film, tmp_path / "plain.webp")
    told = rendered(film, tmp_path / "film.webp", "--max-size", "2 MB")
    assert "to stay within" not in str(told["warned"])
    assert told["bytes"] == pytest.approx(plain["bytes"], rel=0.02)
    assert (told["fps"], told["frames"]) == (plain["fps"], plain["frames"])


def test_what_cannot_fit_says_what_can_be_reached(film: FilmFolder, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"cannot be made to fit into 0\.001 MB.* it has 0\.0\d MB"):
        rendered(film, tmp_path / "film.gif", "--max-size", "1 kB")
    assert list(tmp_path.glob("film.gif*")) == []


@pytest.mark.parametrize(
    ("name", "size", "what"),
    [("film.gif", "2 apples", "'2 apples' is not a size"), ("film.mp4", "2 MB", "no output can be made")],
)
def test_sizes_that_mean_nothing_are_refused(
    film: FilmFolder, tmp_path: Path, name: str, size: str, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        rendered(film, tmp_path / name, "--max-size", size)


def test_sizes_in_words() -> None:
    assert [bytes_of(text) for text in ("2 MB", "500kB", "1.5 mb", 1200, "7B")] == [
        2_000_000, 500_000, 1_500_000, 1200, 7,
    ]  # fmt: skip
