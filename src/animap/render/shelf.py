"""The shelf: segments that are folders of pictures, kept beside their destination until all are there.

Pictures without loss are too large for the store, and belong to one output anyway. What is finished gets a
second name on the same disk, not a copy, with a list of digests; a render that was interrupted goes on from
there. Entries are found by what they show, so that two films never mix, and go when the output is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
from pathlib import Path

from animap.errors import Problem

__all__ = ["Shelf"]

_LIST = "digests"


class Shelf:
    """Finished segments of the output at `destination`; keys are bytes.

    As a context, it has a `bench`, a folder on the same disk where segments may be made. Nothing of the
    entries raises OSError: the first one is kept as `trouble`, and no more is written.
    """

    def __init__(self, destination: Path) -> None:
        self.folder = destination.with_name(f".{destination.name}.unfinished")
        self.bench = self.folder / f"bench-{secrets.token_hex(4)}"
        self.trouble: Problem | None = None

    def __enter__(self) -> Shelf:
        self.bench.mkdir(parents=True)
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.bench, ignore_errors=True)
        with contextlib.suppress(OSError):
            # Where nothing was finished, or all was, nothing stays.
            self.folder.rmdir()

    def fetch(self, key: bytes, path: Path) -> bool:
        """Give an entry the name `path` too; False where there is none, or none that is whole."""
        entry = self.folder / key.hex()
        with contextlib.suppress(OSError):
            told = (entry / _LIST).read_text("ascii").split()
            pictures = _pictures(entry)
            if pictures and told == [_digest(picture) for picture in pictures]:
                path.mkdir()
                for picture in pictures:
                    (path / picture.name).hardlink_to(picture)
                return True
        shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(entry, ignore_errors=True)
        return False

    def put(self, key: bytes, path: Path) -> None:
        """Keep the pictures of a folder."""
        if self.trouble:
            return
        entry, new = self.folder / key.hex(), self.bench / f"{key.hex()}.part"
        try:
            new.mkdir()
            pictures = _pictures(path)
            for picture in pictures:
                (new / picture.name).hardlink_to(picture)
            (new / _LIST).write_text("\n".join(map(_digest, pictures)), "ascii")
            new.rename(entry)
        except OSError as cause:
            shutil.rmtree(new, ignore_errors=True)
            if not entry.exists():
                self.trouble = Problem(
                    f"finished pictures cannot be kept ({cause.strerror or cause})",
                    str(self.folder),
                    "do not interrupt this render, or choose a disk that knows hard links",
                )

    def clear(self) -> None:
        """Throw all entries away: the output is whole."""
        for entry in self.folder.glob("[0-9a-f]" * 40):
            shutil.rmtree(entry, ignore_errors=True)


def _pictures(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.png"))


def _digest(picture: Path) -> str:
    return hashlib.blake2b(picture.read_bytes(), digest_size=20).hexdigest()
