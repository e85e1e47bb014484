"""An encoder is not to run before everything else on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["scheduled_as_before"]

_THREADS = Path("/proc/self/task")


@contextmanager
def scheduled_as_before() -> Iterator[None]:
    """Take back what a library does to the scheduling of this process.

    SVT-AV1, where it runs as root, as in a container, makes its caller and its own threads real-time ones:
    all other processes then wait for them, and these wait for each other.
    """
    if not hasattr(os, "sched_getscheduler") or not _THREADS.is_dir():
        yield
        return
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in [int(entry.name) for entry in _THREADS.iterdir()]:
            # A thread may end at any time.
            with suppress(OSError):
                if os.sched_getscheduler(thread) != policy:
                    os.sched_setscheduler(thread, policy, priority)
