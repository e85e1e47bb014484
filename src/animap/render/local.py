"""Segments on this machine's processors: a pool of fresh processes."""

from __future__ import annotations

import multiprocessing as mp
import signal
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from animap.errors import RenderError
from animap.progress import Progress
from animap.render.plan import Segment
from animap.render.work import Recipe, Worker

__all__ = ["run_in_pool"]

_POLL = 0.25


class _StoppedError(Exception):
    """The render was given up while a segment was under way."""


class _Process:
    """State of one worker process; spawned processes find it here."""

    recipe: Recipe
    worker: Worker | None = None
    done: Any
    stop: Any


def _start(recipe: Recipe, done: Any, stop: Any) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Process.recipe, _Process.done, _Process.stop = recipe, done, stop


def _told(frames: int) -> None:
    with _Process.done.get_lock():
        _Process.done.value += frames
    if _Process.stop.is_set():
        raise _StoppedError


def _run(segment: Segment, path: Path, shared: bytes) -> None:
    if _Process.worker is None:
        _Process.worker = Worker(_Process.recipe)
    _Process.worker.run(segment, path, shared, _told)


def run_in_pool(
    recipe: Recipe, plan: Sequence[tuple[Segment, Path]], shared: bytes, jobs: int, progress: Progress
) -> None:
    """Run segments in `jobs` processes; the first error ends all. RenderError when a process dies."""
    # Spawned, not forked: a copy of a process with threads and open encoders may hang.
    context = mp.get_context("spawn")
    done, stop = context.Value("q", 0), context.Event()
    told = 0
    with ProcessPoolExecutor(jobs, context, _start, (recipe, done, stop)) as pool:
        try:
            # The longest first, so that no long one is left alone at the end.
            order = sorted(plan, key=lambda item: -item[0].frames)
            pending: set[Future[None]] = {pool.submit(_run, s, p, shared) for s, p in order}
            while pending:
                finished, pending = wait(pending, timeout=_POLL, return_when=FIRST_EXCEPTION)
                now = done.value
                progress.advance(now - told)
                told = now
                for future in finished:
                    future.result()
        except BrokenProcessPool as cause:
            raise RenderError(
                "a worker process died; nothing was written",
                hint="it may have run out of memory: try fewer --jobs or a smaller --size",
            ) from cause
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
