"""Animated pictures against what a user would take instead, from the same finished frames of our film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import animap
from animap.encode import Signal, write_still
from benchmarks import encoding
from benchmarks.baselines import animated, gifski
from benchmarks.bench import Bench
from benchmarks.frames import drawn
from benchmarks.likeness import Likeness, likeness
from benchmarks.report import Bar, Line, absolute, at_least, at_most, skipped
from benchmarks.timing import Run, Spread, ratios, run

__all__ = ["measure"]

_ALONE, _ALL = "GIF: encoder alone ÷ gifski", "GIF: start, draw, encode ÷ gifski alone"
_DAYS = ("1944-09-03", "1944-09-10")
_SIZE, _FPS = (960, 540), 10
_STYLE = "atlas"


@dataclass(frozen=True, slots=True)
class _Made:
    size: int
    like: Likeness


def measure(bench: Bench) -> Iterator[Line]:
    """A stretch of our film with fronts and a flight of the camera."""
    pictures = _pictures(bench)
    ours = {
        "GIF": encoding.command(pictures, _FPS, bench.folder / "ours.gif", style=_STYLE),
        "WebP": encoding.command(pictures, _FPS, bench.folder / "ours.webp", style=_STYLE),
        "APNG": encoding.command(pictures, _FPS, bench.folder / "ours.apng", style=_STYLE),
    }
    theirs = {
        "ffmpeg": animated.palettegen(pictures, _FPS, bench.folder / "ffmpeg.gif"),
        "Pillow": animated.pillow(pictures, _FPS, bench.folder / "pillow.gif"),
        "libwebp_anim": animated.libwebp(pictures, _FPS, bench.folder / "ffmpeg.webp"),
    }
    if gifski.binary():
        theirs["gifski"] = gifski.encode(pictures, _SIZE, _FPS, bench.folder / "gifski.gif")
    made = {}
    for name, command in (ours | theirs).items():
        run(command)
        file = next(Path(word) for word in command if Path(word).parent == bench.folder)
        made[name] = _Made(file.stat().st_size, likeness(file, pictures, _FPS))
        print(f"  {name}: {made[name].size / 1e6:.2f} MB, {made[name].like}", flush=True)
    note = f"{len(pictures)} frames, {' to '.join(_DAYS)}, {_SIZE[0]}x{_SIZE[1]}, {_FPS} fps"
    yield from _compared("GIF", made["GIF"], "gifski", made.get("gifski"), 1.0, note, psnr=True)
    yield from _compared("GIF", made["GIF"], "palettegen", made["ffmpeg"], 0.7, note, psnr=True)
    yield from _compared("GIF", made["GIF"], "Pillow save_all", made["Pillow"], 0.25, note)
    yield from _compared("WebP", made["WebP"], "libwebp_anim", made["libwebp_anim"], 1.0, note)
    yield Line("APNG ÷ GIF: size", Spread.of([made["APNG"].size / made["GIF"].size]))
    if not gifski.binary():
        yield from (skipped(what, at_most(1.0), _missing()) for what in (_ALONE, _ALL))
        return
    rendering = bench.render(
        bench.folder / "film.gif", "--style", _STYLE, "--size", "960x540", "--fps", str(_FPS), days=_DAYS
    )
    runs: dict[str, Run] = {
        "animap, GIF from finished frames": lambda: run(ours["GIF"]),
        "animap, GIF from nothing": lambda: bench.timed(rendering),
        "gifski": lambda: run(theirs["gifski"]),
    }
    costs = bench.alternate(runs)
    for what, name in zip((_ALONE, _ALL), list(runs)[:2], strict=True):
        spread = ratios(costs[name], costs["gifski"], lambda cost: cost.wall)
        yield Line(
            what, spread, at_most(1.0), "both read PNG files" if what == _ALONE else "gifski reads PNG files"
        )
    for name, measured in costs.items():
        yield absolute(name, measured)


def _pictures(bench: Bench) -> list[Path]:
    film = animap.open(size=_SIZE, fps=_FPS, style=_STYLE)
    start, stop = film.first_index_of(_DAYS[0]), film.last_index_of(_DAYS[1]) + 1
    room = bench.room("pictures")
    pictures = [room / f"{n:04d}.png" for n in range(stop - start)]
    signal = Signal(*_SIZE, film.fps)
    for path, pixels in zip(pictures, drawn(film, range(start, stop)), strict=True):
        write_still(path, pixels, signal)
    return pictures


def _compared(
    name: str, ours: _Made, other: str, theirs: _Made | None, size: float, note: str, *, psnr: bool = False
) -> Iterator[Line]:
    """Size as a ratio, likeness as a difference."""
    lines: list[tuple[str, Bar, float]] = []
    if theirs:
        lines.append((f"{name} ÷ {other}: size", at_most(size), ours.size / theirs.size))
        lines.append((f"{name} − {other}: SSIM", at_least(0, digits=4), ours.like.ssim - theirs.like.ssim))
        if psnr:
            gained = ours.like.psnr - theirs.like.psnr
            lines.append((f"{name} − {other}: PSNR", at_least(0, " dB"), gained))
        yield from (Line(what, Spread.of([value]), bar, note) for what, bar, value in lines)
    else:
        yield skipped(f"{name} ÷ {other}: size, SSIM, PSNR", at_most(size), _missing())


def _missing() -> str:
    return "needs the npm package gifski (npm install gifski, or $GIFSKI)"
