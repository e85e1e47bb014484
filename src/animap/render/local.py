"""Segments on this machine's processors: a pool of processes that start fast.

A first process imports what all need, while this one still reads the film, and does nothing else; workers are
copies of it. A copy of *this* process, with its threads and open encoders, might hang. Where a system knows
no such server, or the temporary folder's path is too long for its socket, every worker starts afresh.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing as mp
import os
import signal
import tempfile
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from typing import Any

from animap.errors import RenderError
from animap.render.work import Bench, Outcome, Task

__all__ = ["Pool", "died", "warm_up"]

_ALLOCATIONS = 50_000
"""After how many more objects than before Python looks for garbage."""


# A socket's path has room for 104 bytes on macOS, 108 on Linux; the standard library adds this.
_SOCKET = 103 - len("/pymp-12345678/listener-12345678")


def warm_up() -> None:
    """Begin to import what workers need, in a process of its own; returns at once."""
    if _served():
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(["animap.render.work"])
        forkserver.ensure_running()


def _served() -> bool:
    return "forkserver" in mp.get_all_start_methods() and len(os.fsencode(tempfile.gettempdir())) <= _SOCKET


def _context() -> BaseContext:
    return mp.get_context("forkserver" if _served() else "spawn")


class _StoppedError(Exception):
    """The render was given up while a segment was under way."""


class _Process:
    """State of one worker process; its tasks find it here."""

    bench: Bench
    done: Any
    stop: Any


def _start(done: Any, stop: Any) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What was imported stays: to look it over for garbage would copy the pages that workers share.
    gc.freeze()
    # Frames leave little garbage, and it is looked for after each task.
    gc.set_threshold(_ALLOCATIONS, 10, 10)
    _Process.bench, _Process.done, _Process.stop = Bench(), done, stop
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = mp.parent_process()
    if parent is not None:
        # However it dies: nobody else would end a worker that waits for its next task.
        wait_for([parent.sentinel])
        os._exit(1)


def _told(frames: int) -> None:
    with _Process.done.get_lock():
        _Process.done.value += frames
    if _Process.stop.is_set():
        raise _StoppedError


def _run(task: Task) -> Outcome:
    try:
        return _Process.bench.run(task, _told)
    finally:
        _give_back()


def _give_back() -> None:
    """Let the system have the memory of encoders and pictures that are done with: a long film takes no more
    than a short one."""
    gc.collect()
    # Only glibc keeps what was freed, and only there it can be told.
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class Pool:
    """So many worker processes; they come when there is work."""

    beside = True

    def __init__(self, processes: int) -> None:
        warm_up()
        context = _context()
        self._done, self._stop = context.Value("q", 0), context.Event()
        self._told = 0
        self._executor = ProcessPoolExecutor(processes, context, _start, (self._done, self._stop))
        self._pending: set[Future[Outcome]] = set()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, task: Task) -> Future[Outcome]:
        """Put it in the queue of all processes."""
        try:
            future = self._executor.submit(_run, task)
        except BrokenProcessPool as cause:
            raise died() from cause
        self._pending.add(future)
        return future

    def work(self, seconds: float) -> int:
        """Wait for the next task that is done, at most so long."""
        done, self._pending = wait(self._pending, seconds, FIRST_COMPLETED)
        for future in done:
            if isinstance(future.exception(), BrokenProcessPool):
                raise died() from future.exception()
        before, self._told = self._told, self._done.value
        return self._told - before


def died() -> RenderError:
    """What is said when a worker process is gone."""
    return RenderError(
        "a worker process died; the film was not written",
        hint="it may have run out of memory: try fewer --jobs or a smaller --size",
    )
