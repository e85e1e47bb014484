"""The whole film against the encoder alone, against FuncAnimation, and against GMT, round by round."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import lowering, strokes
from benchmarks.baselines import ffmpeg, funcanimation, gmt
from benchmarks.bench import Bench
from benchmarks.report import Line, absolute, at_least, at_most, skipped
from benchmarks.timing import Cost, Run, Spread, per_frame, ratios, run

__all__ = ["measure", "measure_jobs", "measure_quality"]

_FUNCANIMATION, _GMT, _PLACES = 84, 42, 13
"""Frames that the slow ones draw, and places where they lie; the rest of their film is reckoned from them."""
_OURS, _ALONE = "film.mp4", "encoder_alone.mp4"
_SSIM_EVERY = 7
"""Prime to the distance of key frames, so that all kinds of frames take part."""


def measure(bench: Bench) -> Iterator[Line]:
    """Wall and processor time of the whole film, beside three others."""
    ours, alone = bench.folder / _OURS, bench.folder / _ALONE
    finished = bench.finished

    def encode() -> Cost:
        finished.warm()
        return run(ffmpeg.encode(finished, alone))

    runs: dict[str, Run] = {
        "animap": lambda: bench.timed(bench.render(ours)),
        "encoder alone": encode,
        **_slow(bench),
    }
    costs = bench.alternate_long(runs)
    stretch = f"{bench.frames} frames, {bench.named}"
    yield Line("render ÷ encoder alone, wall", _wall(costs, "animap", "encoder alone"), at_most(0.6), stretch)
    cpu = ratios(costs["animap"], costs["encoder alone"], lambda cost: cost.cpu)
    yield Line("render ÷ encoder alone, processor", cpu, at_most(0.9), stretch)
    reckoned = "reckoned from {} frames spread over the same stretch, start-up counted once"
    bar = at_least(12, digits=1)
    spread = _wall(costs, "FuncAnimation", "animap")
    yield Line("FuncAnimation ÷ render, wall", spread, bar, reckoned.format(_FUNCANIMATION))
    bar = at_least(40, digits=1)
    if "GMT movie" in costs:
        spread = _wall(costs, "GMT movie", "animap")
        yield Line("GMT movie ÷ render, wall", spread, bar, reckoned.format(_GMT))
    else:
        yield skipped("GMT movie ÷ render, wall", bar, "needs the Debian packages gmt, ghostscript, ffmpeg")
    for name, measured in costs.items():
        yield absolute(name, measured, stretch)


def _wall(costs: dict[str, list[Cost]], above: str, below: str) -> Spread:
    return ratios(costs[above], costs[below], lambda cost: cost.wall)


def _slow(bench: Bench) -> dict[str, Run]:
    """Those who would take too long for the whole film."""

    def sampled(frames: int) -> strokes.Drawing:
        indices = lowering.sample(bench.film, *bench.stretch, places=_PLACES, frames=frames)
        return lowering.drawing(bench.film, indices, *bench.stretch)

    drawing = sampled(_FUNCANIMATION)
    source, out = bench.folder / "drawing.pickle", bench.folder / "funcanimation.mp4"
    strokes.save(drawing, source)

    def plotted(*, once: bool) -> Cost:
        def film(frames: int) -> Cost:
            return run(funcanimation.command(source, out, frames, once=once))

        return _reckoned(film, 1, len(drawing.frames), bench.frames)

    slow: dict[str, Run] = {
        "FuncAnimation": lambda: plotted(once=False),
        "matplotlib, writer driven by hand": lambda: plotted(once=True),
    }
    if gmt.present():
        room = bench.room("gmt")
        sparse = sampled(_GMT)
        gmt.write(sparse, room)
        slow["GMT movie"] = lambda: _reckoned(
            lambda frames: run(gmt.command(sparse, room, frames), cwd=room),
            2 * (os.cpu_count() or 1),
            len(sparse.frames),
            bench.frames,
        )
    return slow


def _reckoned(film: Callable[[int], Cost], few: int, many: int, frames: int) -> Cost:
    """Cost of all frames, from films of few and of many of them."""
    begun, done = film(few), film(many)
    each = per_frame(begun, done, many - few)
    return Cost(done.wall + each.wall * (frames - many), done.cpu + each.cpu * (frames - many))


def measure_jobs(bench: Bench) -> Iterator[Line]:
    """Two processes against one, over the stretch that the other lines are about."""
    out = bench.folder / "jobs.mp4"
    runs = {
        f"{n} job{'s' * (n > 1)}": partial(bench.timed, bench.render(out, "--jobs", str(n))) for n in (1, 2)
    }
    costs = bench.alternate_long(runs)
    spread = _wall(costs, "1 job", "2 jobs")
    yield Line("2 jobs against 1, wall", spread, at_least(1.75), f"{bench.named}, start-up counted")
    for name, measured in costs.items():
        yield absolute(name, measured)


def measure_quality(bench: Bench) -> Iterator[Line]:
    """Similarity to the lossless frames, and size, against one piece by the encoder alone."""
    ours, alone, finished = bench.folder / _OURS, bench.folder / _ALONE, bench.finished
    for path, command in ((ours, bench.render(ours)), (alone, ffmpeg.encode(finished, alone))):
        if not path.exists():
            run(command)
    a, b = (ffmpeg.similarity(path, finished, _SSIM_EVERY) for path in (ours, alone))
    note = f"{a:.6f} and {b:.6f}, in RGB, every {_SSIM_EVERY}th frame"
    yield Line(
        "SSIM to the lossless frames: render less encoder alone",
        Spread.of([a - b]),
        at_least(0, digits=6),
        note,
    )
    sizes = [path.stat().st_size for path in (ours, alone)]
    note = f"{sizes[0] / 1e6:.2f} MB and {sizes[1] / 1e6:.2f} MB"
    yield Line(
        "file size: render ÷ encoder alone", Spread.of([sizes[0] / sizes[1]]), at_most(1.03, digits=3), note
    )
