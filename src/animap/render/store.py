"""The store: finished segments on disk, found again by what they show.

One file an entry, written beside and renamed, with a digest of its content in front: a file that was cut off
or bitten is taken for none. Runs at the same time share the folder without knowing of each other. Whatever
the disk refuses, the render goes on without.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from animap.errors import Problem

__all__ = ["BOUND", "Contents", "Store", "cache_folder"]

BOUND = 2_000_000_000
"""Bytes that the store may hold: some fifty films of ours."""

_MAGIC = b"animap entry 1\n\0"
_HEAD = len(_MAGIC) + 32
_CHUNK = 1 << 20
_STALE = 24 * 3600
"""Seconds after which what a killed run left half written is thrown away."""


def cache_folder() -> Path:
    """Where the store is: the folder that ANIMAP_CACHE names, else the place that the system has for such."""
    named = os.environ.get("ANIMAP_CACHE")
    if named:
        return Path(named).expanduser()
    # Imported here, as everything that a command does not always need.
    from platformdirs import user_cache_path

    return user_cache_path("animap", appauthor=False)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a store: entries, and bytes."""

    entries: int
    size: int


class Store:
    """Entries in `folder`, at most `bound` bytes after each `tidy`; keys are bytes.

    Nothing here raises OSError: the first one that occurs is kept as `trouble`, and no more is written.
    """

    def __init__(self, folder: Path, bound: int = BOUND) -> None:
        self.folder, self.bound = folder, bound
        self.trouble: Problem | None = None

    def fetch(self, key: bytes, path: Path) -> bool:
        """Copy an entry to `path`; False where there is none, or none that is whole.

        A copy, so that it stays when another run throws the entry away.
        """
        place = self._place(key)
        found = hashlib.blake2b(digest_size=32)
        with contextlib.suppress(OSError), place.open("rb") as entry:
            head = entry.read(_HEAD)
            if head.startswith(_MAGIC):
                with path.open("wb") as copy:
                    for piece in _pieces(entry):
                        found.update(piece)
                        copy.write(piece)
            if head == _MAGIC + found.digest():
                # The time of last use, by which the oldest goes first.
                os.utime(place)
                return True
            path.unlink(missing_ok=True)
            place.unlink(missing_ok=True)
        return False

    def put(self, key: bytes, path: Path) -> None:
        """Keep a copy of a file."""
        if self.trouble:
            return
        found = hashlib.blake2b(digest_size=32)
        with self._guarded(), path.open("rb") as source:
            for piece in _pieces(source):
                found.update(piece)
            source.seek(0)
            with self._entry(key) as entry:
                entry.write(_MAGIC + found.digest())
                shutil.copyfileobj(source, entry, _CHUNK)

    def read(self, key: bytes) -> bytes | None:
        """A small entry's content."""
        with contextlib.suppress(OSError):
            place = self._place(key)
            data = place.read_bytes()
            if data[:_HEAD] == _MAGIC + hashlib.blake2b(data[_HEAD:], digest_size=32).digest():
                os.utime(place)
                return data[_HEAD:]
            place.unlink()
        return None

    def write(self, key: bytes, data: bytes) -> None:
        """Keep a small entry."""
        if self.trouble:
            return
        with self._guarded(), self._entry(key) as entry:
            entry.write(_MAGIC + hashlib.blake2b(data, digest_size=32).digest() + data)

    def contents(self) -> Contents:
        """How much there is."""
        sizes = [size for _, size, _ in self._entries()]
        return Contents(len(sizes), sum(sizes))

    def tidy(self) -> None:
        """Throw away what was used longest ago, until the rest is within the bound."""
        found = sorted(self._entries())
        total = sum(size for _, size, _ in found)
        for _, size, place in found:
            if total <= self.bound:
                break
            _drop(place)
            total -= size
        for left in self._files("*.part"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _STALE:
                    left.unlink()

    def clear(self) -> Contents:
        """Throw everything away, and say how much it was."""
        before = self.contents()
        for place in [*self._files("*.entry"), *self._files("*.part")]:
            _drop(place)
        with contextlib.suppress(OSError):
            for shelf in self.folder.iterdir():
                with contextlib.suppress(OSError):
                    shelf.rmdir()
        return before

    def _place(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / name[:2] / f"{name[2:]}.entry"

    def _files(self, pattern: str) -> Iterator[Path]:
        # Only in folders of our own making: the user may have named one with other things in it.
        yield from self.folder.glob(f"[0-9a-f][0-9a-f]/{pattern}")

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """When each was last used, how large it is, and where."""
        for place in self._files("*.entry"):
            with contextlib.suppress(OSError):
                stat = place.stat()
                yield stat.st_mtime, stat.st_size, place

    @contextlib.contextmanager
    def _entry(self, key: bytes) -> Iterator[BinaryIO]:
        """A file that takes its place when it is complete and on the disk."""
        place = self._place(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{secrets.token_hex(8)}.part")
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(place)
        except BaseException:
            _drop(temporary)
            raise

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            self.trouble = Problem(
                f"segments cannot be kept ({cause.strerror or cause}); the render goes on without",
                str(self.folder),
                "make room or set its permissions, name another folder in ANIMAP_CACHE, or add --no-cache",
            )


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
