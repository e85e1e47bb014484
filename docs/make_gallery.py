"""Renders the pictures of docs/ with animap's public interface: `make gallery`.

One picture a style and a shape, the opening picture of the README and a GIF of the advance. Pictures get a
palette, which keeps them small enough to be kept with the source.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import animap
from animap.style import shipped_styles

DOCS = Path(__file__).parent
DAY = "1944-09-05"
SHAPES = {"16-9": "1280x720", "9-16": "540x960", "1-1": "720x720", "4-3": "960x720"}
LARGEST = 250_000
"""Bytes of a picture; it gets fewer colours until it is smaller."""
WEEK = ("1944-09-01T06:00", "1944-09-06T20:00")


def picture(name: str, when: str, style: str, size: str, largest: int = LARGEST) -> None:
    """Render one still at twice its size, and write it smaller with a palette."""
    width, height = (int(v) for v in size.split("x"))
    still = animap.open(style=style, size=(2 * width, 2 * height)).still(when)
    image = Image.fromarray(np.ascontiguousarray(still.pixels))
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    path = DOCS / f"{name}.png"
    for colours in (256, 192, 128, 96, 64, 48):
        # Colours that cover little, such as arrows, must not be given up for shades of paper.
        palette = image.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
        palette.save(path, optimize=True)
        if path.stat().st_size <= largest:
            break
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, {colours} colours")


def advance() -> None:
    """The first week of September as a small GIF."""
    film = animap.open(style="lesson", size="640x360", fps="25/3")
    path = DOCS / "advance.gif"
    first, last = (film.index_at(when) for when in WEEK)
    result = film.render(path, start=first, stop=last, force=True)
    for beside in result.beside:
        # Of use beside a film that is handed on, not beside a picture of this documentation.
        beside.unlink()
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, {last - first} frames")


def main() -> int:
    """Render everything."""
    for style in shipped_styles():
        picture(f"style-{style}", DAY, style, SHAPES["16-9"])
    for shape, size in SHAPES.items():
        picture(f"shape-{shape}", DAY, "atlas", size)
    picture("still", "1944-09-04", "atlas", "1600x900", 600_000)
    advance()
    return 0


if __name__ == "__main__":
    sys.exit(main())
