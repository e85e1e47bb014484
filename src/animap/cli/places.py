"""Whether a file can be written where it was asked for."""

from __future__ import annotations

from pathlib import Path

__all__ = ["unhindered"]


def unhindered(path: Path, *, force: bool) -> None:
    """Raise OutputError with everything that keeps a file from being written at `path`."""
    from animap.encode.base import obstacles
    from animap.errors import OutputError, Problem

    problems = obstacles(path)
    if path.is_file() and not force:
        problems.append(Problem("the file exists already", str(path), "choose another name, or add --force"))
    if problems:
        raise OutputError(problems)
