"""Whether a file can be written where it was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["folders", "unhindered"]


def unhindered(path: Path, *, force: bool) -> None:
    """Raise OutputError with everything that keeps a file from being written at `path`."""
    from animap.encode.base import obstacles
    from animap.errors import OutputError, Problem

    problems = obstacles(path)
    if path.is_file() and not force:
        problems.append(Problem("the file exists already", str(path), "choose another name, or add --force"))
    if problems:
        raise OutputError(problems)


@contextmanager
def folders(paths: Sequence[Path]) -> Iterator[None]:
    """Make the folders that are not there yet; they are gone again if nothing can be written."""
    made = [path for path in dict.fromkeys(paths) if not path.exists() and path.parent.is_dir()]
    for path in made:
        path.mkdir()
    try:
        yield
    except BaseException:
        for path in made:
            path.rmdir()
        raise
