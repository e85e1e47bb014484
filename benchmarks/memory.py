"""Peak memory of all processes of a render, shared pages counted once."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks import films
from benchmarks.bench import Bench
from benchmarks.report import Line, at_most
from benchmarks.timing import ANIMAP, Spread

__all__ = ["measure", "peak"]

_EVERY = 0.05
_DAY = "1944-09-05"


def peak(command: Sequence[str]) -> float:
    """Most gigabytes that a command and its children held at once; CalledProcessError if it fails."""
    quiet = subprocess.DEVNULL
    # A session of its own: what belongs to it, its workers too, is found by its number.
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        most = 0
        while process.poll() is None:
            most = max(most, _held(process.pid))
            time.sleep(_EVERY)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return most / 1e9


def _held(session: int) -> int:
    """Bytes of proportional set size of a session's processes."""
    return sum(_proportional(int(entry.name)) for entry in Path("/proc").iterdir() if _within(entry, session))


def _within(entry: Path, session: int) -> bool:
    # A process may end at any time.
    with suppress(OSError, ValueError):
        return os.getsid(int(entry.name)) == session
    return False


def _proportional(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def measure(bench: Bench) -> Iterator[Line]:
    """1080p, 4K, 8K, and the growth with the number of frames."""
    note = "proportional set size, summed over processes, 20 times a second"
    more = ("--jobs", "2", *bench.uncached)
    out = bench.folder / "memory.mp4"
    for size, bar in (("1080p", at_most(1.2, " GB")), ("4k", at_most(2.5, " GB"))):
        most = peak(bench.render(out, "--size", size, *more, days=("1944-09-03", _DAY)))
        yield Line(f"peak memory, {size}, 2 jobs", Spread.of([most]), bar, f"3 to 5 September; {note}")
    still = [*ANIMAP, "still", "--at", _DAY, "--size", "8k", "-o", str(bench.folder / "8k.png"), "--force"]
    yield Line(
        "peak memory, 8K still", Spread.of([peak(still)]), note="it works, or the bench would have failed"
    )
    yield _growth(bench)


def _growth(bench: Bench) -> Line:
    short, long = (
        [
            *(*ANIMAP, "render", str(films.short(bench.room(f"film of {frames} frames"), frames / 30))),
            *("-o", str(bench.folder / "growth.mp4"), "--force", "--size", "640x360", "--jobs", "2"),
            *bench.uncached,
        ]
        for frames in (300, 9000)
    )
    grown = Spread.of(100 * (peak(long) / peak(short) - 1) for _ in range(bench.long_rounds))
    bar = at_most(3, " %", digits=1)
    return Line("memory growth from 300 to 9,000 frames", grown, bar, "640x360, where it shows most; 2 jobs")
