"""Progress of long work, told to whoever listens; nothing here prints."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """Told how many frames a task has, and of every few that are done."""

    def begin(self, task: str, frames: int) -> None:
        """A task of so many frames starts."""

    def advance(self, frames: int) -> None:
        """So many more frames are done."""

    def end(self) -> None:
        """The task is over, well or not."""


class Silent:
    """Nobody listens."""

    def begin(self, task: str, frames: int) -> None:
        """Ignored."""

    def advance(self, frames: int) -> None:
        """Ignored."""

    def end(self) -> None:
        """Ignored."""
