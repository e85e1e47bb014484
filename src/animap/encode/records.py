"""Segments on disk: what an encoder made, record after record, and an end that shows it is complete."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from animap.encode.base import AGAIN, whole, writing
from animap.errors import RenderError

__all__ = ["Record", "Recorder", "recorded", "recording"]

_MAGIC = b"animap segment 1\n"
_KIND = struct.Struct("<8s")
_HEAD = struct.Struct("<IBI")
_END = 0xFF


class Record(NamedTuple):
    """A number, a flag and data; what they mean is the format's affair."""

    number: int
    flag: bool
    data: bytes


class Recorder:
    """Writes records."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._count = 0

    def put(self, record: Record) -> None:
        """Append a record; raises `OutputError` if it cannot be written."""
        self._write(record.number, int(record.flag), record.data)
        self._count += 1

    def finish(self) -> None:
        """Write the end and close."""
        self._write(self._count, _END, b"")
        with writing(self._path):
            self._file.close()

    def _write(self, number: int, flag: int, data: bytes) -> None:
        with writing(self._path):
            self._file.write(_HEAD.pack(number, flag, len(data)))
            self._file.write(data)


@contextmanager
def recording(path: Path, kind: str) -> Iterator[Recorder]:
    """Open a segment of records; it appears at `path` when the context ends well, and else not at all."""
    with whole(path) as temporary:
        with writing(path):
            file = temporary.open("wb")
        try:
            with writing(path):
                file.write(_MAGIC + _KIND.pack(kind.encode()))
            recorder = Recorder(file, path)
            yield recorder
            recorder.finish()
        finally:
            # Closed already if all went well; what a full disk says a second time would hide the first.
            with suppress(OSError):
                file.close()


def recorded(path: Path, kind: str) -> Iterator[Record]:
    """Yield a segment's records; raises `RenderError` if it is not whole or of another kind."""
    start = _MAGIC + _KIND.pack(kind.encode())
    count = 0
    try:
        with path.open("rb") as file:
            if file.read(len(start)) != start:
                raise RenderError(f"this is no {kind} segment", str(path), AGAIN)
            while True:
                number, flag, size = _HEAD.unpack(file.read(_HEAD.size))
                if flag == _END:
                    break
                data = file.read(size)
                if len(data) != size:
                    raise EOFError
                yield Record(number, bool(flag), data)
                count += 1
    except (struct.error, EOFError) as error:
        raise RenderError("a segment breaks off", str(path), AGAIN) from error
    except OSError as error:
        raise RenderError(f"a segment cannot be read ({error.strerror})", str(path), AGAIN) from error
    if number != count:
        raise RenderError("a segment breaks off", str(path), AGAIN)
