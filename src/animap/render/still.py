"""Single pictures: a still in any format, and a contact sheet of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np

from animap.draw import Canvas
from animap.encode import Signal, write_still, write_webp
from animap.encode.base import whole, writing
from animap.errors import UsageError
from animap.layers import Layer
from animap.marks import Area, Frame, Page, Shown, Text, View, box
from animap.scene import Scene
from animap.types import Pixels

__all__ = ["contact_sheet", "still_pixels", "write_still_of"]

STILLS = (".png", ".webp", ".svg", ".pdf")
_THREADS = 3
_WRITERS = {".png": write_still, ".webp": write_webp}


def still_pixels(scene: Scene, index: int) -> Pixels:
    """The picture of one frame, `(h, w, 3)`, or 4 where the scene is transparent."""
    return Canvas(scene.take.page, alpha=scene.take.clear).draw(_frame(scene, index)).pixels


def _frame(scene: Scene, index: int) -> Frame:
    """`Scene.frame` of a scene that was not looked at yet: its layers make what they need side by side.

    While GEOS follows the coast, Python places the names.
    """
    moment = scene.moment(index)

    def shown(layer: Layer) -> Iterable[Shown]:
        return tuple(layer.marks(moment))

    with ThreadPoolExecutor(_THREADS) as pool:
        return scene.assembled(index, chain.from_iterable(pool.map(shown, scene.layers)))


def write_still_of(scene: Scene, index: int, path: Path, title: str = "") -> None:
    """Write one frame as PNG, WebP, SVG or PDF by the file's suffix; UsageError for any other."""
    suffix = path.suffix.lower()
    if suffix not in STILLS:
        raise UsageError(
            f"a still cannot be written as '{suffix or path.name}'", str(path), f"use {', '.join(STILLS)}"
        )
    if suffix in _WRITERS:
        _WRITERS[suffix](path, still_pixels(scene, index), _signal(scene, title))
    else:
        # What writes PDF takes as long to import as all else that a picture needs.
        from animap.draw.vector import write_vector

        with whole(path) as temporary, writing(path):
            # The format is read off the suffix, which a temporary name does not have.
            named = temporary.with_suffix(suffix)
            write_vector(scene.frame(index), named, {"Title": title} if title else None)
            named.replace(temporary)


def _signal(scene: Scene, title: str) -> Signal:
    page = scene.take.page
    return Signal(page.width, page.height, scene.take.fps, title, scene.take.language, alpha=scene.take.clear)


def contact_sheet(scene: Scene, indices: Sequence[int], columns: int, path: Path, title: str = "") -> None:
    """Write a sheet of frames as one PNG, `columns` a row, the date under each."""
    page = scene.take.page
    rows = -(-len(indices) // columns)
    gap = max(8, page.width // 48)
    strip = max(24, page.height // 14)
    sheet_page = Page(columns * (page.width + gap) + gap, rows * (page.height + gap + strip) + gap)
    sheet = _ground(scene, sheet_page, indices, columns, (gap, strip))
    canvas = Canvas(page)
    for n, index in enumerate(indices):
        left = gap + n % columns * (page.width + gap)
        top = gap + n // columns * (page.height + gap + strip)
        sheet[top : top + page.height, left : left + page.width] = canvas.draw(scene.frame(index)).pixels
    signal = Signal(sheet_page.width, sheet_page.height, scene.take.fps, title, scene.take.language)
    write_still(path, sheet, signal)


def _ground(
    scene: Scene, page: Page, indices: Sequence[int], columns: int, spacing: tuple[int, int]
) -> Pixels:
    """The empty sheet with its dates, drawn like any other frame."""
    gap, strip = spacing
    small, unit = scene.take.page, page.unit
    lettering = scene.style.furniture.caption.model_copy(update={"size": strip * 0.62 / unit})
    marks = []
    for n, index in enumerate(indices):
        x = gap + n % columns * (small.width + gap)
        y = gap + n // columns * (small.height + gap + strip) + small.height + strip * 0.68
        day = scene.setting.book.date(scene.day(index))
        second = f"{float(scene.clock.second(index)):.1f} s"
        marks.append(Text(text=f"{day} · {second}", at=(x / unit, y / unit), lettering=lettering))
    ground = Area(paths=box(0, 0, page.across, page.down), fill=scene.style.furniture.panel[:7], space="page")
    frame = Frame(0, scene.clock.second(0), 0.0, page, View(0, 0, 1), "#ffffff", (ground, *marks))
    return np.ascontiguousarray(Canvas(page).draw(frame).pixels)
