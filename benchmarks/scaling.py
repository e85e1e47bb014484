"""How the time per frame grows with what a film holds."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import films
from benchmarks.bench import Bench
from benchmarks.report import Bar, Line, absolute, at_most
from benchmarks.timing import Cost, ratios

__all__ = ["measure"]

_SETTLING = 12
"""Frames drawn before the clock runs, until what rests has settled."""
_ALL, _FEW = 1000, 10
"""Frames of the window that are drawn: until all towns have changed, or some of a steady movement."""
_PATIENCE = 120
"""Seconds in which a film must be read and set."""


def measure(bench: Bench) -> Iterator[Line]:
    """Towns a hundred and a thousand times as many, axes and vertices ten and a hundred times."""
    linear = [at_most(10), at_most(100)]
    moving = "all of them move"
    bars = [at_most(1.2), at_most(1.5)]
    towns = {100: "100", 10_000: "10,000", 100_000: "100,000"}
    made = {f"{towns[n]} dated towns": films.towns(bench.room(f"towns {n}"), n) for n in towns}
    yield from _grown(bench, made, bars, "the same 100 change", _ALL)
    made = {f"{n} axes": films.axes(bench.room(f"axes {n}"), n) for n in (1, 10, 100)}
    yield from _grown(bench, made, linear, moving, _FEW)
    made = {
        f"pocket of {n:,} vertices": films.pocket(bench.room(f"pocket {n}"), n) for n in (200, 2_000, 20_000)
    }
    yield from _grown(bench, made, linear, moving, _FEW)


def _grown(
    bench: Bench, made: Mapping[str, Path], bars: Sequence[Bar], note: str, most: int
) -> Iterator[Line]:
    windows = {name: _Window(folder, most) for name, folder in made.items()}
    try:
        ready = {name: window for name, window in windows.items() if window.ready}
        costs = bench.alternate({name: window.run for name, window in ready.items()})
    finally:
        for window in windows.values():
            window.close()
    base, *more = windows
    for name, bar in zip(more, bars, strict=True):
        what = f"time per frame: {name} ÷ {base}"
        if name in ready:
            spread = ratios(costs[name], costs[base], lambda cost: cost.cpu)
            yield Line(what, spread, bar, f"{note}; processor time of drawing and encoding, one process")
        else:
            yield Line(what, None, bar, f"not read and set within {_PATIENCE} s", failed=True)
    for name, window in ready.items():
        took = f"for {window.frames} frames; film read and set in {window.took:.1f} s"
        yield absolute(name, costs[name], took)


class _Window:
    """A process that has set a made-up film, and draws and encodes its window whenever it is asked."""

    def __init__(self, folder: Path, most: int) -> None:
        command = [sys.executable, "-m", __name__, str(folder), str(most)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        began = time.perf_counter()
        assert self._process.stdout
        self.ready = bool(select.select([self._process.stdout], [], [], _PATIENCE)[0])
        self.took = time.perf_counter() - began
        self.frames = int(self._answer()) if self.ready else 0

    def run(self) -> Cost:
        assert self._process.stdin
        self._process.stdin.write(b"\n")
        return Cost(*json.loads(self._answer()))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> bytes:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process that draws {self._process.args!r} has died")
        return line


def _serve(folder: Path, most: int) -> None:
    """Set the film, say how many frames its window has, and draw them once a line of input."""
    encode, start, stop = _encoder_of(folder)
    stop = min(stop, start + most)
    print(stop - start, flush=True)
    for _ in sys.stdin:
        encode(start - _SETTLING, start)
        wall, cpu = time.perf_counter(), time.process_time()
        encode(start, stop)
        print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]), flush=True)


def _encoder_of(folder: Path) -> tuple[Callable[[int, int], None], int, int]:
    """What draws and encodes frames of a film, and its window."""
    import animap
    from animap.render.plan import Segment
    from animap.render.work import Piece, Task, Worker

    animation = animap.open(folder)
    worker = Worker(animation.scene, [animation.job(folder / "film.mp4").recipe])

    def encode(start: int, stop: int) -> None:
        worker.run(Task(folder, Segment(start, stop, opens=False), (Piece(0, folder / "part.mp4"),)))

    first, last = films.WINDOW
    return encode, animation.first_index_of(first), animation.last_index_of(last) + 1


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
