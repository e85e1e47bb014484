"""Segments on a Dask cluster whose machines share no disk with us.

The scene travels with the task, fonts and all, and the segment's bytes come back; a machine needs animap, in
the same version, and nothing of the film. Tasks of workers that are lost are given to others by Dask.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
import threading
import warnings
import zlib
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

from animap.errors import RenderError, UsageError
from animap.render.digest import program
from animap.render.work import Bench, Made, Outcome, Piece, Task

__all__ = ["Cluster"]

_PATIENCE = 10
"""Seconds until a scheduler that does not answer is taken for none."""
_RETRIES = 3
_NEEDED = "install the same versions of animap and its packages on all machines of the cluster"
_LOST = ("KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError")


class Cluster:
    """The workers of the Dask scheduler at an address such as `tcp://host:8786`."""

    beside = True

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError as cause:
            raise UsageError(
                "--cluster needs the package distributed", hint="pip install 'animap[cluster]'"
            ) from cause
        self._distributed: Any = distributed
        self._address = address
        self._parcels: dict[Path, Any] = {}
        self._waiting: dict[Future[tuple[Outcome, bytes]], tuple[Task, Future[Outcome]]] = {}

    def __enter__(self) -> Cluster:
        try:
            self._client = self._distributed.Client(self._address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as cause:
            raise UsageError(
                "no Dask scheduler answers",
                self._address,
                "start one with 'dask scheduler', or check the address",
            ) from cause
        self._executor = self._client.get_executor(pure=False, retries=_RETRIES)
        return self

    def __exit__(self, *error: object) -> None:
        for future in self._waiting:
            future.cancel()
        self._client.close()

    def submit(self, task: Task) -> Future[Outcome]:
        """Send a task, and the scene with the first of them."""
        if task.parcel not in self._parcels:
            data = zlib.compress(task.parcel.read_bytes(), 1)
            with warnings.catch_warnings():
                # It is large, and yet the right way: Dask can send it anew when the worker that has it dies.
                warnings.simplefilter("ignore")
                self._parcels[task.parcel] = self._client.submit(_kept, data, retries=_RETRIES)
        # What is kept is at home: there, a worker only asks for the key.
        pieces = (
            replace(p, part=Path(p.part.name), keep=_Nothing() if p.keep else None) for p in task.pieces
        )
        bare = replace(task, pieces=tuple(pieces))
        sent = self._executor.submit(_run, self._parcels[task.parcel], bare, program())
        future: Future[Outcome] = Future()
        self._waiting[sent] = task, future
        return future

    def work(self, seconds: float) -> int:
        """Wait for the next segment that comes back, at most so long."""
        frames = 0
        for sent in wait(self._waiting, seconds, FIRST_COMPLETED).done:
            task, future = self._waiting.pop(sent)
            outcome, data = self._result(sent)
            _unpacked(data, [piece.part for piece in task.pieces])
            future.set_result(replace(outcome, made=tuple(map(_kept_at_home, task.pieces, outcome.made))))
            frames += task.frames
        return frames

    def _result(self, sent: Future[tuple[Outcome, bytes]]) -> tuple[Outcome, bytes]:
        try:
            return sent.result()
        except ImportError as cause:
            raise RenderError(
                f"a worker of the cluster lacks a package ({cause})", self._address, _NEEDED
            ) from cause
        except Exception as cause:
            if type(cause).__name__ in _LOST:
                raise RenderError(
                    "the cluster's workers die",
                    self._address,
                    "look at their logs: they may run out of memory",
                ) from cause
            raise


def _kept_at_home(piece: Piece, made: Made) -> Made:
    if piece.keep is None:
        return made
    piece.keep.put(made.key, piece.part)
    return replace(made, trouble=piece.keep.trouble)


class _Nothing:
    """Where a worker of the cluster looks in vain."""

    trouble = None

    def fetch(self, key: bytes, path: Path) -> bool:  # noqa: ARG002
        return False

    def put(self, key: bytes, path: Path) -> None:
        pass


_here = threading.local()
"""A bench for each thread: neither scenes nor canvases are shared."""


def _kept(data: bytes) -> bytes:
    return data


def _run(parcel: bytes, task: Task, sender: bytes) -> tuple[Outcome, bytes]:
    """Do a task on a worker of the cluster."""
    if sender != program():
        raise RenderError("a worker of the cluster has another animap, or other packages", hint=_NEEDED)
    name = Path(hashlib.blake2b(parcel).hexdigest())
    bench: Bench = _here.__dict__.setdefault("bench", Bench())
    with tempfile.TemporaryDirectory(prefix="animap-") as folder:
        pieces = tuple(replace(piece, part=Path(folder) / piece.part) for piece in task.pieces)
        here = replace(task, parcel=name, pieces=pieces)
        outcome = bench.run(here, lambda _: None, lambda: zlib.decompress(parcel))
        return outcome, _packed([piece.part for piece in pieces])


def _packed(parts: Sequence[Path]) -> bytes:
    """Files or folders, as bytes."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for part in parts:
            archive.add(part, part.name)
    return data.getvalue()


def _unpacked(data: bytes, parts: Sequence[Path]) -> None:
    """Put each where it belongs: on the disk of its output, maybe."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for part in parts:
            members = [m for m in archive.getmembers() if Path(m.name).parts[0] == part.name]
            archive.extractall(part.parent, members, filter="data")
