"""The store: what was drawn once is not drawn again, and what it cannot give is drawn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import animap
from animap.beside.verify import verify
from animap.cli.app import app
from animap.encode import Gif, Mp4
from animap.layers.basemap.layer import BasemapLayer
from animap.marks import Arrow, Badge, Group, Image, Limb, Line, Mark, Paths, Points, Text, box, faded
from animap.render import Result, Store, render
from animap.render.digest import MarkDigests, digest_of
from animap.render.parcel import open_parcel, packed, state_of
from animap.style import Pen, load_style
from conftest import FilmFolder

ANIMAP = [sys.executable, "-m", "animap"]
SIZE = {"size": "320x180", "fps": 12}


@pytest.fixture
def store(cache: Path) -> Store:
    return Store(cache)


@pytest.fixture
def long_film(film: FilmFolder) -> FilmFolder:
    """The small film, slow enough for six segments."""
    film.edit(
        "film.toml",
        'until = "1944-09-03", seconds_per_day = 1.0',
        'until = "1944-09-03", seconds_per_day = 5.0',
    )
    film.edit(
        "film.toml",
        'until = "1944-09-06", seconds_per_day = 0.5',
        'until = "1944-09-06", seconds_per_day = 4.0',
    )
    return film


def made(film: FilmFolder, path: Path, store: Store | None, **how: object) -> Result:
    movie = animap.open(film.folder, **(SIZE | how))
    return render(movie.job(path), jobs=1, force=True, store=store)


def test_a_second_run_draws_nothing_and_gives_the_same_file(
    long_film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    first = made(long_film, tmp_path / "one.mp4", store)
    assert first.drawn == first.segments >= 5
    with pytest.MonkeyPatch.context() as patch:
        # Nor is anything made ready to be drawn.
        patch.setattr(BasemapLayer, "_made", lambda _: pytest.fail("a ground was made"))
        second = made(long_film, tmp_path / "two.mp4", store)
    assert second.drawn == 0
    without = made(long_film, tmp_path / "three.mp4", None)
    assert without.drawn == without.segments
    files = [(tmp_path / f"{name}.mp4").read_bytes() for name in ("one", "two", "three")]
    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize("options", [Mp4(), Gif(fps=Fraction(12))])
def test_two_processes_draw_what_one_does_with_the_store_and_without(
    long_film: FilmFolder, tmp_path: Path, store: Store, options: Mp4 | Gif
) -> None:
    job = animap.open(long_film.folder, **SIZE).job(tmp_path / f"a.{options.kind}", options=options)
    two = render(job, jobs=2, store=store)
    assert two.drawn == two.segments
    again = render(replace(job, destination=tmp_path / "b"), jobs=2, store=store)
    assert again.drawn == 0
    render(replace(job, destination=tmp_path / "c"), jobs=1)
    assert job.destination.read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


def test_a_changed_caption_draws_only_the_segments_that_show_it(
    long_film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    first = made(long_film, tmp_path / "one.mp4", store)
    long_film.edit("captions.csv", "Le hameau est libre", "Le hameau est l1bre")
    changed = made(long_film, tmp_path / "two.mp4", store)
    movie = animap.open(long_film.folder, **SIZE)
    shown = {index // 60 for index in range(movie.frames) if "l1bre" in movie.frame(index).describe()}
    assert changed.drawn == len(shown) < first.segments
    assert made(long_film, tmp_path / "three.mp4", None).drawn == first.segments
    assert (tmp_path / "two.mp4").read_bytes() == (tmp_path / "three.mp4").read_bytes()


def test_a_renamed_town_draws_only_the_segments_that_show_it(
    long_film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    first = made(long_film, tmp_path / "one.mp4", store)
    # Its name appears when it is freed, on the 5th.
    long_film.edit("towns.csv", "Hameau,Hamlet", "Hampeau,Hamlet")
    changed = made(long_film, tmp_path / "two.mp4", store)
    assert 0 < changed.drawn < first.segments
    made(long_film, tmp_path / "three.mp4", None)
    assert (tmp_path / "two.mp4").read_bytes() == (tmp_path / "three.mp4").read_bytes()


def test_a_moved_camera_draws_the_segments_it_moves_in(
    long_film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    keys = 'keys = [{ at = "1944-09-04T12:00", extent = [2.0, 50.2, 3.0, 50.8], seconds = 2.0 }, '
    keys += '{ at = "1944-09-05T12:00", extent = [1.5, 50.0, 3.5, 51.2], seconds = 2.0 }]\n'
    long_film.edit("film.toml", "[pace]", keys + "\n[pace]")
    first = made(long_film, tmp_path / "one.mp4", store)
    long_film.edit(
        "film.toml",
        "extent = [2.0, 50.2, 3.0, 50.8], seconds = 2.0",
        "extent = [2.0, 50.2, 3.0, 50.8], seconds = 1.5",
    )
    changed = made(long_film, tmp_path / "two.mp4", store)
    assert 0 < changed.drawn < first.segments
    assert made(long_film, tmp_path / "three.mp4", store).drawn == 0


def test_a_stretch_of_days_uses_segments_of_the_whole_film(
    long_film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    made(long_film, tmp_path / "film.mp4", store)
    movie = animap.open(long_film.folder, **SIZE)
    part = render(movie.job(tmp_path / "part.mp4", start=30), jobs=1, store=store)
    assert part.drawn == 1


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data + b"x",
        lambda data: b"\0" * len(data),
    ],
    ids=["empty", "cut off", "a bit turned", "too long", "zeros"],
)
def test_a_corrupt_entry_is_drawn_again_and_replaced(
    film: FilmFolder, tmp_path: Path, store: Store, harm: Callable[[bytes], bytes]
) -> None:
    first = made(film, tmp_path / "one.mp4", store)
    for entry in store.folder.rglob("*.entry"):
        entry.write_bytes(harm(entry.read_bytes()))
    second = made(film, tmp_path / "two.mp4", store)
    assert second.drawn == second.segments == first.segments
    assert made(film, tmp_path / "three.mp4", store).drawn == 0
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_without_a_writable_folder_the_render_goes_on_with_one_warning(
    film: FilmFolder, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    for jobs in (1, 2):
        movie = animap.open(film.folder, **SIZE)
        job = movie.job(tmp_path / f"{jobs}.mp4")
        result = render(job, jobs=jobs, store=Store(tmp_path / "file" / "cache"))
        [warning] = result.warnings
        assert "cannot be kept" in warning.what
        assert "--no-cache" in warning.hint
        assert job.destination.stat().st_size > 1000


def test_the_command_tells_the_warning_once(film: FilmFolder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = subprocess.run(
        [*ANIMAP, "render", str(film.folder), "--size", "160x90", "-o", "a.gif", "-o", "b.mp4"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "ANIMAP_CACHE": str(tmp_path / "file")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning:") == 1
    assert "Traceback" not in done.stderr


def test_runs_at_the_same_time_share_the_store(film: FilmFolder, tmp_path: Path, store: Store) -> None:
    paths = [tmp_path / f"{n}.mp4" for n in range(3)]
    threads = [threading.Thread(target=made, args=(film, path, Store(store.folder))) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path.read_bytes() for path in paths}) == 1
    assert not list(store.folder.rglob("*.part"))
    assert made(film, tmp_path / "last.mp4", store).drawn == 0


def test_a_killed_render_goes_on_from_its_finished_segments(
    long_film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    words = [
        "render",
        str(long_film.folder),
        "-o",
        "film.mp4",
        "--size",
        "720p",
        "--fps",
        "12",
        "--jobs",
        "2",
    ]
    with subprocess.Popen(
        [*ANIMAP, *words],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        while process.poll() is None and not segment_files(store):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "film.mp4").exists()
    kept = len(segment_files(store))
    second = made(long_film, tmp_path / "film.mp4", store, size="720p")
    assert kept > 0
    assert second.drawn <= second.segments - kept
    made(long_film, tmp_path / "afresh.mp4", None, size="720p")
    assert (tmp_path / "film.mp4").read_bytes() == (tmp_path / "afresh.mp4").read_bytes()


def segment_files(store: Store) -> list[Path]:
    return [entry for entry in store.folder.rglob("*.entry") if b"animap segment" in entry.read_bytes()]


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", bound=3500)
    for n in range(3):
        store.write(bytes([n]) * 20, bytes(1000))
        os.utime(store._place(bytes([n]) * 20), (n, n))
    store.tidy()
    assert store.contents().entries == 3
    assert store.read(bytes([0]) * 20) is not None
    store.write(bytes([9]) * 20, bytes(1000))
    store.tidy()
    assert store.contents().size <= 3500
    assert [n for n in (0, 1, 2, 9) if store.read(bytes([n]) * 20) is not None] == [0, 2, 9]


def test_the_cache_is_shown_and_cleared_and_nothing_else_in_its_folder(
    film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    made(film, tmp_path / "film.mp4", store)
    precious = store.folder / "notes.txt"
    precious.write_text("not of the cache")
    runner = CliRunner()
    told = json.loads(runner.invoke(app, ["cache", "--json"], catch_exceptions=False).stdout)
    assert told["folder"] == str(store.folder)
    assert told["entries"] > 1
    assert 1000 < told["bytes"] < told["bound"]
    assert "entries" in runner.invoke(app, ["cache"], catch_exceptions=False).stdout
    assert runner.invoke(app, ["cache", "clear"], catch_exceptions=False).exit_code == 0
    assert store.contents().entries == 0
    assert precious.read_text() == "not of the cache"
    assert list(store.folder.iterdir()) == [precious]


MARKS: list[Callable[[float], Mark]] = [
    lambda x: Points(xy=np.array([(x, 1.0)]), radius=3.0),
    lambda x: Points(xy=np.array([(1.0, 1.0)]), radius=3.0, pen=Pen(colour="#102030", width=1 + x % 7)),
    lambda x: Line(paths=box(0, 0, 1 + abs(x), 5), pen=Pen(colour="#102030", width=1)),
    lambda x: Line(
        paths=Paths(np.zeros((4, 2)), np.array([0, 2 + int(x) % 2])), pen=Pen(colour="#102030", width=1)
    ),
    lambda x: Arrow(xy=np.array([(0.0, 0.0), (9.0, x)]), fill="#aa0000", width=9.0),
    lambda x: Arrow(
        xy=np.zeros((2, 2)),
        fill="#aa0000",
        width=9.0,
        branches=(Limb(xy=np.array([(x, 0.0), (1.0, 1.0)]), width=2.0),),
    ),
    lambda x: Badge(at=(x, 0.0), radius=4.0, parts=((box(0, 0, 1, 1), "#ffffff"),)),
    lambda x: Text(text=f"{x}", at=(0.0, 0.0), lettering=LETTERING),
    lambda x: Image(pixels=np.full((2, 2, 4), int(x) % 256, np.uint8), corners=(0.0, 0.0, 1.0, 1.0)),
    lambda x: Group(marks=(Points(xy=np.array([(x, 1.0)]), radius=3.0),)),
]
LETTERING = load_style("atlas").furniture.caption


@pytest.mark.parametrize("make", MARKS)
@given(st.tuples(st.integers(0, 250), st.integers(0, 250)))
def test_marks_have_one_digest_exactly_if_they_are_alike(
    make: Callable[[float], Mark], values: tuple[int, int]
) -> None:
    one, two = (digest_of(make(float(value))) for value in values)
    assert (one == two) == (printed(make(float(values[0]))) == printed(make(float(values[1]))))


def printed(mark: Mark) -> str:
    with np.printoptions(threshold=10**6, floatmode="unique"):
        return repr(mark)


def test_how_a_run_of_frames_is_shown_is_in_its_digest() -> None:
    a, b = (Points(xy=np.array([(n, 1.0)]), radius=3.0) for n in (1.0, 2.0))
    runs = [
        [[a, b]], [[b, a]], [[a], [b]], [[a, b], []], [[], [a, b]], [[a, b], [a, b]],
        [[*faded([a], 0.5), b]], [[*faded([a], 0.6), b]], [[a, *faded([b], 0.5)]],
    ]  # fmt: skip
    assert len({MarkDigests().of_frames(run) for run in runs}) == len(runs)
    alike = Points(xy=np.array([(1.0, 1.0)]), radius=3.0)
    assert MarkDigests().of_frames([[a, b]]) == MarkDigests().of_frames([[alike, b]])


def test_a_value_that_is_not_understood_has_no_digest() -> None:
    with pytest.raises(TypeError, match="set"):
        digest_of({1, 2})


def test_a_scene_out_of_its_parcel_shows_the_same(long_film: FilmFolder) -> None:
    scene = animap.open(long_film.folder, **SIZE).scene
    states = state_of(scene)
    twin, more = open_parcel(packed(scene, "more"))
    assert more == "more"
    for index in [*range(0, scene.frames, 7), scene.frames - 1]:
        assert digest_of(scene.frame(index)) == digest_of(twin.frame(index))
    # Built again in another process, where sets and dicts of words have another order, it is the same too.
    code = (
        "import sys, animap; from animap.render.parcel import state_of\n"
        "print([s.hex() for s in state_of(animap.open(sys.argv[1], size='320x180', fps=12).scene)])"
    )
    seen = [
        subprocess.run(
            [sys.executable, "-c", code, str(long_film.folder)],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]  # fmt: skip
    assert seen[0] == seen[1] == str([s.hex() for s in states])


@pytest.mark.parametrize("given_up", [False, True])
def test_what_is_made_beside_is_used_and_changes_neither_frames_nor_digests(
    long_film: FilmFolder, monkeypatch: pytest.MonkeyPatch, *, given_up: bool
) -> None:
    made: list[str] = []
    making = BasemapLayer._made

    def made_by(self: BasemapLayer) -> Group:
        made.append(threading.current_thread().name)
        return making(self)

    monkeypatch.setattr(BasemapLayer, "_made", made_by)
    alone, helped = (animap.open(long_film.folder, **SIZE).scene for _ in range(2))
    gate = threading.Event()
    beside = ThreadPoolExecutor(1, "beside")
    beside.submit(gate.wait)
    helped.begin(beside)
    if not given_up:
        gate.set()
    assert state_of(helped) == state_of(alone)
    beside.shutdown(wait=False, cancel_futures=given_up)
    gate.set()
    index = alone.frames // 2
    seen = digest_of(helped.frame(index))
    assert [name.startswith("beside") for name in made] == [not given_up]
    assert seen == digest_of(alone.frame(index))
    (twin,) = open_parcel(packed(helped))
    assert digest_of(twin.frame(index)) == digest_of(alone.frame(index))


def test_what_goes_wrong_beside_is_told(long_film: FilmFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: BasemapLayer) -> Group:
        raise MemoryError("no room for the sea")

    monkeypatch.setattr(BasemapLayer, "_made", failing)
    with ThreadPoolExecutor(1) as beside:
        scene = animap.open(long_film.folder, **SIZE).scene
        scene.begin(beside)
        with pytest.raises(MemoryError, match="no room for the sea"):
            scene.frame(scene.frames // 2)


def animap_says(*words: str, folder: Path) -> list[dict[str, object]]:
    done = subprocess.run(
        [*ANIMAP, "render", *words, "--json"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: list[dict[str, object]] = json.loads(done.stdout)
    return answer


def test_a_call_repeated_joins_without_reading_the_film(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", "fps = 12\n", 'fps = 12\nencoding = { kind = "mp4", captions = true }\n')
    words = ["film", "-o", "a.mp4", "-o", "a.gif", "--force", "--jobs", "1"]
    first = animap_says(*words, folder=tmp_path)
    names = ("a.mp4", "a.gif", "a.mp4.manifest.json", "a.gif.manifest.json")
    files = [(tmp_path / name).read_bytes() for name in names]
    for name in names:
        (tmp_path / name).unlink()
    # Files that were written while the call ran are not trusted; so much later than the film is this test.
    code = (
        "import sys; from animap.cli.app import app\n"
        "import animap.cli.produce\n"
        "sys.modules['animap.film'] = None\n"
        "app(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "render", *words, "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert [answer["drawn"] for answer in again] == [0, 0]
    for old, new in zip(first, again, strict=True):
        assert {k: v for k, v in old.items() if k not in ("took", "drawn")} == {
            k: v for k, v in new.items() if k not in ("took", "drawn")
        }
    assert files == [(tmp_path / name).read_bytes() for name in names]
    verify(tmp_path / "a.mp4")
    refused = subprocess.run(
        [*ANIMAP, "render", *(w for w in words if w != "--force")],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 6


@pytest.mark.parametrize("change", ["caption", "style", "shadow", "segment", "detail", "text"])
def test_whatever_changes_the_film_is_seen_by_a_repeated_call(
    film: FilmFolder, tmp_path: Path, store: Store, change: str
) -> None:
    film.write("own.toml", 'extends = "atlas"\ntitle = { fr = "x", en = "x" }\n')
    words = ["film", "-o", "a.mp4", "--force", "--jobs", "1", "--style", "own"]
    animap_says(*words, folder=tmp_path)
    match change:
        case "caption":
            film.edit("captions.csv", "Le hameau est libre", "Le hameau est l1bre")
        case "style":
            film.write("own.toml", 'extends = "night"\ntitle = { fr = "x", en = "x" }\n')
        case "shadow":
            film.write("atlas.toml", 'extends = "night"\ntitle = { fr = "x", en = "x" }\n')
        case "segment":
            segment_files(store)[0].unlink()
        case "detail":
            words.append("--no-detail")
        case "text":
            words.append("--no-text")
    [answer] = animap_says(*words, folder=tmp_path)
    assert answer["drawn"] > 0  # type: ignore[operator]
    old = (tmp_path / "a.mp4").read_bytes()
    animap_says(*words, "--no-cache", folder=tmp_path)
    assert old == (tmp_path / "a.mp4").read_bytes()


def test_pictures_with_and_without_words_or_tracks_are_never_taken_for_each_other(
    film: FilmFolder, tmp_path: Path, store: Store
) -> None:
    found = set()
    for text in (True, False):
        movie = animap.open(film.folder, text=text, **SIZE)
        for captions in (True, False):
            job = movie.job(tmp_path / f"{text}.{captions}.mp4", options=Mp4(captions=captions))
            render(job, jobs=2, store=store)
            alone = replace(job, destination=tmp_path / "alone.mp4")
            render(alone, jobs=1, force=True)
            found.add(job.destination.read_bytes())
            assert job.destination.read_bytes() == alone.destination.read_bytes()
            assert bool(subtitles_of(job.destination)) is captions
    assert len(found) == 4


def test_tracks_of_another_language_are_new_though_no_picture_is(film: FilmFolder, tmp_path: Path) -> None:
    film.edit("film.toml", "fps = 12\n", 'fps = 12\nencoding = { kind = "mp4", captions = true }\n')
    words = ["film", "-o", "a.mp4", "--force", "--jobs", "1", "--lang", "fr"]
    animap_says(*words, folder=tmp_path)
    assert "The hamlet is free" in subtitles_of(tmp_path / "a.mp4")
    film.edit("captions.csv", "The hamlet is free", "The hamlet is fr33")
    [answer] = animap_says(*words, folder=tmp_path)
    assert answer["drawn"] == 0
    assert "The hamlet is fr33" in subtitles_of(tmp_path / "a.mp4")


def subtitles_of(path: Path) -> str:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.subtitles) if container.streams.subtitles else []
        return "\n".join(bytes(packet)[2:].decode() for packet in packets if packet.size > 2)


def test_variants_are_one_run_and_named_apart(film: FilmFolder, tmp_path: Path) -> None:
    words = [
        "film",
        "-o",
        "f.gif",
        "--lang",
        "fr,en",
        "--style",
        "atlas,night",
        "--size",
        "96x96",
        "--jobs",
        "2",
    ]
    told = animap_says(*words, folder=tmp_path)
    names = ["f.fr.atlas.gif", "f.fr.night.gif", "f.en.atlas.gif", "f.en.night.gif"]
    assert [answer["file"] for answer in told] == names
    assert len({(tmp_path / name).read_bytes() for name in names}) == 4
    movie = animap.open(film.folder, language="en", style="night", size="96x96", fps=Fraction(25, 2))
    movie.render(tmp_path / "alone.gif", jobs=1, cache=False)
    assert (tmp_path / "alone.gif").read_bytes() == (tmp_path / "f.en.night.gif").read_bytes()


def test_all_that_is_wrong_with_variants_is_said_before_anything_is_drawn(
    film: FilmFolder, tmp_path: Path
) -> None:
    (tmp_path / "f.fr.mp4").write_text("precious")
    done = subprocess.run(
        [*ANIMAP, "render", "film", "-o", "f.mp4", "--lang", "fr,nl,en", "--size", "97x97"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 6 or done.returncode == 2
    for said in ("exists already", "not in 'nl'", "even width"):
        assert said in done.stderr
    assert sorted(p.name for p in tmp_path.glob("f.*")) == ["f.fr.mp4"]
    for words in (["--lang", "fr,fr"], ["--style", "atlas,"], ["-o", "f.mp4", "--lang", "fr"]):
        done = subprocess.run(
            [*ANIMAP, "render", "film", "-o", "f.mp4", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert "twice" in done.stderr or "empty choice" in done.stderr
