"""How long a render takes, as a multiple of what its encoder alone needs for the finished frames.

Both encode the same stretch of the shipped film at 1080p with the same settings, one process each, in
turn; ratios are of pairs, so that a machine that slows down slows both. `make bench`.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import animap
from animap.encode import encoder_for
from animap.render import render

ROUNDS = 5
STRETCH = ("1944-09-03", "1944-09-04")


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of a call."""
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    work()
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    movie = animap.open()
    start, stop = movie.first_index_of(STRETCH[0]), movie.last_index_of(STRETCH[1])
    frames = np.stack([movie.still(frame=i).pixels for i in range(start, stop, 4)])
    print(f"{stop - start} frames of 1920×1080, {ROUNDS} rounds")
    ratios: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        job = movie.job(path, start=start, stop=stop)
        encoder = encoder_for(job.options)

        def encode() -> None:
            with encoder.segment(path, job.signal) as sink:
                for n in range(stop - start):
                    sink.add(frames[n // 4])

        for _ in range(ROUNDS):
            ours = cost(lambda: render(job, jobs=1, force=True))
            alone = cost(encode)
            ratios.append((ours[0] / alone[0], ours[1] / alone[1]))
            print(f"  render {ours[0]:.2f} s, encoder alone {alone[0]:.2f} s, ratio {ratios[-1][0]:.2f}")
    wall, cpu = (statistics.median(r[i] for r in ratios) for i in (0, 1))
    print(f"render ÷ encoder alone: wall {wall:.2f}, processor {cpu:.2f} (medians)")


if __name__ == "__main__":
    main()
