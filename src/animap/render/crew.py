"""Whoever does the tasks of a render: this process, a pool of others, or a cluster."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from typing import Protocol

from animap.render.work import Bench, Outcome, Task

__all__ = ["Alone", "Crew"]


class Crew(Protocol):
    """Takes tasks; leaving its context gives up those that are not done."""

    beside: bool
    """Whether tasks are done beside whatever whoever hands them out goes on with."""

    def __enter__(self) -> Crew:
        """Come to work."""

    def __exit__(self, *error: object) -> None:
        """Stop what is under way, and go."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Take a task on; its file is there when the future is done. RenderError when a worker dies."""

    def work(self, seconds: float) -> int:
        """Go on for about so long, and say how many frames were done since the last time."""


class Alone:
    """This process, one task after the other."""

    beside = False

    def __init__(self) -> None:
        self._bench = Bench()
        self._waiting: deque[tuple[Task, Future[Outcome]]] = deque()
        self._frames = 0

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *error: object) -> None:
        self._waiting.clear()

    def submit(self, task: Task) -> Future[Outcome]:
        """Put it in the queue."""
        future: Future[Outcome] = Future()
        self._waiting.append((task, future))
        return future

    def work(self, seconds: float) -> int:  # noqa: ARG002
        """Do the next task, however long it takes."""
        if not self._waiting:
            return 0
        task, future = self._waiting.popleft()
        future.set_result(self._bench.run(task, lambda _: None))
        return task.frames
