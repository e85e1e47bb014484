"""Commands timed in turn, so that a machine that slows down slows all of them."""

from __future__ import annotations

import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ANIMAP", "Cost", "Run", "Spread", "alternate", "per_frame", "ratios", "run"]

ANIMAP = (sys.executable, "-m", "animap")


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor seconds, those of child processes counted."""

    wall: float
    cpu: float


Run = Callable[[], Cost]


@dataclass(frozen=True, slots=True)
class Spread:
    """The same thing measured several times."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end; CalledProcessError with what it said if it fails."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        # Not `wait`: this one says what the process and all its children used.
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        cpu = used.ru_utime + used.ru_stime + _left_behind(process.pid)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(process.returncode, process.args, said.read().decode())
    return Cost(wall, cpu)


def _left_behind(group: int) -> float:
    """Processor seconds of those that a process did not wait for itself, such as a server of workers."""
    seconds = 0.0
    with suppress(ChildProcessError):
        while True:
            used = os.wait4(-group, 0)[2]
            seconds += used.ru_utime + used.ru_stime
    return seconds


def _adopt() -> None:
    """Let Linux hand us the processes whose parents end before them: no one else would count their time."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


_PR_SET_CHILD_SUBREAPER = 36
_adopt()
# Nobody's animap is compiled anew each time it starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def alternate(runs: Mapping[str, Run], rounds: int) -> dict[str, list[Cost]]:
    """Each run once a round, in turn."""
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for n in range(rounds):
        for name, work in runs.items():
            cost = work()
            costs[name].append(cost)
            print(f"  {n + 1}/{rounds} {name}: {cost.wall:.2f} s, processor {cost.cpu:.2f} s", flush=True)
    return costs


def ratios(above: Sequence[Cost], below: Sequence[Cost], of: Callable[[Cost], float]) -> Spread:
    """Quotients of pairs from the same round."""
    return Spread.of(of(a) / of(b) for a, b in zip(above, below, strict=True))


def per_frame(few: Cost, many: Cost, frames: int) -> Cost:
    """What a frame costs once a tool has started, from two runs of which one has so many frames more."""
    return Cost((many.wall - few.wall) / frames, (many.cpu - few.cpu) / frames)
