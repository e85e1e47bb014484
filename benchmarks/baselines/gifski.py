"""gifski, from the npm package of that name, which holds nothing but the program."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["binary", "encode"]


def binary() -> str | None:
    """The program on the path, in `$GIFSKI`, or in a `node_modules` here."""
    shipped = Path("node_modules/gifski/bin/debian/gifski")
    return os.environ.get("GIFSKI") or shutil.which("gifski") or (str(shipped) if shipped.exists() else None)


def encode(pictures: list[Path], size: tuple[int, int], fps: int, out: Path) -> list[str]:
    """Command that makes a GIF of PNG files, at quality 90, not resized."""
    program = binary()
    assert program
    width, height = size
    return [
        *(program, "--quiet", "--fps", str(fps), "--width", str(width), "--height", str(height)),
        *("--quality", "90", "--no-sort", "-o", str(out), *map(str, pictures)),
    ]
