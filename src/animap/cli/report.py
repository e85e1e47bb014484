"""Progress on the terminal: a bar where there is one, plain lines where there is none."""

from __future__ import annotations

import sys
import time
from typing import Any

__all__ = ["TerminalProgress"]


class TerminalProgress:
    """Frames done, frames per second and time left, on standard error."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._name, self._total, self._done, self._began, self._told = "", 0, 0, 0.0, 0

    def begin(self, task: str, frames: int) -> None:
        """Start a bar, or say that the task begins."""
        self._name, self._total, self._done, self._began, self._told = task, frames, 0, time.monotonic(), 0
        if not sys.stderr.isatty():
            print(f"{task}: {frames} frames", file=sys.stderr, flush=True)
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task(task, total=frames, rate="")

    def advance(self, frames: int) -> None:
        """Move the bar, or print a line every tenth of the work."""
        self._done += frames
        spent = max(1e-6, time.monotonic() - self._began)
        rate = self._done / spent
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, rate=f"{rate:.0f} frames/s")
            return
        tenth = self._done * 10 // max(1, self._total)
        if tenth > self._told:
            self._told = tenth
            left = (self._total - self._done) / rate if rate else 0.0
            line = f"{self._name}: {self._done}/{self._total} frames, {rate:.0f} frames/s, {left:.0f} s left"
            print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
