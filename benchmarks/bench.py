"""What all measurements share: how often, over which stretch, and where to work."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import animap
from animap.api import Animation
from benchmarks.frames import Finished, bytes_needed, lay_down
from benchmarks.machine import available_memory
from benchmarks.timing import ANIMAP, Cost, Run, alternate, run

__all__ = ["Bench"]

_SPARE = 4e9
"""Bytes of memory that programs need beside the frames in the page cache."""


@dataclass
class Bench:
    """A run of the bench. `days` are the first and last day rendered; None is the whole film."""

    folder: Path
    rounds: int
    long_rounds: int
    days: tuple[str, str] | None = None

    @cached_property
    def film(self) -> Animation:
        """animap's own film, 1080p30."""
        return animap.open()

    @cached_property
    def stretch(self) -> tuple[int, int]:
        """First frame, and first one after."""
        if self.days is None:
            return 0, self.film.frames
        return self.film.first_index_of(self.days[0]), self.film.last_index_of(self.days[1]) + 1

    @property
    def frames(self) -> int:
        start, stop = self.stretch
        return stop - start

    @property
    def named(self) -> str:
        """The stretch in words."""
        return f"{self.days[0]} to {self.days[1]}" if self.days else "the whole film"

    @cached_property
    def finished(self) -> Finished:
        """Its frames, drawn once for all who only encode."""
        print(f"drawing {self.frames} frames of {self.named} for the encoders")
        return lay_down(self.film, range(*self.stretch), self.folder / "frames.rgb")

    def room(self, name: str) -> Path:
        """A folder to work in."""
        folder = self.folder / name.replace(" ", "-")
        folder.mkdir(exist_ok=True)
        return folder

    def alternate(self, runs: Mapping[str, Run]) -> dict[str, list[Cost]]:
        """Short runs, in turn."""
        return alternate(runs, self.rounds)

    def alternate_long(self, runs: Mapping[str, Run]) -> dict[str, list[Cost]]:
        """Runs of the whole stretch, in turn."""
        return alternate(runs, self.long_rounds)

    def fit(self, fallback: tuple[str, str]) -> None:
        """Take a shorter stretch where the frames of this one have no room in memory."""
        needed = bytes_needed(self.film, self.frames) + _SPARE
        if needed > available_memory() and self.days is None:
            print(f"the whole film needs {needed / 1e9:.0f} GB of memory: measuring {' to '.join(fallback)}")
            self.days = fallback
            del self.stretch

    def render(
        self, out: Path, *options: str, film: Path | None = None, days: tuple[str, str] | None = None
    ) -> list[str]:
        """Command that renders the stretch, or other days, as a user would type it."""
        first_last = days or self.days
        span = ("--from", first_last[0], "--to", first_last[1]) if first_last else ()
        return [*ANIMAP, "render", *([str(film)] if film else []), "-o", str(out), "--force", *span, *options]

    def timed(self, command: list[str]) -> Cost:
        """Run a command that must not profit from what an earlier one left."""
        return run([*command, *self.uncached])

    @cached_property
    def has_store(self) -> bool:
        """Whether this animap keeps segments."""
        said = subprocess.run([*ANIMAP, "render", "--help"], capture_output=True, text=True, check=True)
        return "--no-cache" in said.stdout

    @property
    def uncached(self) -> tuple[str, ...]:
        return ("--no-cache",) if self.has_store else ()
