"""Where the data and styles that ship with animap are, in a checkout and in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["shipped"]


@cache
def shipped(folder: str) -> Path:
    """The shipped folder `data` or `styles`."""
    package = Path(__file__).resolve().parent
    inside, beside = package / folder, package.parents[1] / folder
    return inside if inside.is_dir() else beside
