"""The GIF path against gifski on the same frames."""

from __future__ import annotations

from collections.abc import Iterator

import animap
from animap.encode import Signal, write_still
from benchmarks.baselines import gifski
from benchmarks.bench import Bench
from benchmarks.frames import drawn
from benchmarks.report import Line, absolute, at_most, skipped
from benchmarks.timing import ratios, run

__all__ = ["measure"]

_WHAT, _BAR = "GIF: draw, quantise, write ÷ gifski", at_most(1.0)
_DAYS = ("1944-09-03", "1944-09-10")
_SIZE, _FPS = (960, 540), 10


def measure(bench: Bench) -> Iterator[Line]:
    """A stretch of the lesson GIF; gifski is spared the drawing."""
    if not gifski.binary():
        yield skipped(_WHAT, _BAR, "needs the npm package gifski (npm install gifski, or $GIFSKI)")
        return
    film = animap.open(style="lesson", size=_SIZE, fps=_FPS)
    start, stop = film.first_index_of(_DAYS[0]), film.last_index_of(_DAYS[1]) + 1
    room = bench.room("pictures")
    pictures = [room / f"{n:04d}.png" for n in range(stop - start)]
    signal = Signal(*_SIZE, film.fps)
    for path, pixels in zip(pictures, drawn(film, start, stop), strict=True):
        write_still(path, pixels, signal)
    ours = bench.folder / "liberation.gif"
    command = bench.render(ours, days=_DAYS)
    theirs = gifski.encode(pictures, _SIZE, _FPS, bench.folder / "gifski.gif")
    costs = bench.alternate({"animap, GIF": lambda: bench.timed(command), "gifski": lambda: run(theirs)})
    spread = ratios(costs["animap, GIF"], costs["gifski"], lambda cost: cost.wall)
    named = f"{stop - start} frames, {' to '.join(_DAYS)}, {_SIZE[0]}x{_SIZE[1]}, {_FPS} fps"
    yield Line(_WHAT, spread, _BAR, f"{named}; gifski reads PNG files")
    for name, measured in costs.items():
        yield absolute(name, measured)
