"""A frame as SVG or PDF: true vectors, text as outlines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from animap.draw.painter import inks
from animap.marks import Area, Faded, Frame, box

__all__ = ["write_vector"]


def write_vector(frame: Frame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a frame to a `.svg` or `.pdf` file; a unit of the page becomes 1/108 inch."""
    dpi = _dpi(frame)
    figure = Figure(figsize=(frame.page.width / dpi, frame.page.height / dpi), dpi=dpi)
    figure.patch.set_visible(False)
    figure.add_artist(_Painting(frame))
    empty = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None}
    with rc_context({"svg.hashsalt": "animap", "path.simplify": False}):
        figure.savefig(path, format=path.suffix[1:], metadata={**empty, **(metadata or {})})


class _Painting(Artist):  # type: ignore[misc]  # matplotlib has no hints
    """Hands the frame's marks to whatever renderer the file format brings."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame

    def draw(self, renderer: Any) -> None:
        """Called by the figure while it is saved; these renderers count in points."""
        frame = self._frame
        scale = 72 / _dpi(frame)
        ground = Area(
            paths=box(0, 0, frame.page.across, frame.page.down), fill=frame.background, space="page"
        )
        for shown in (ground, *frame.marks):
            mark, opacity = (shown.mark, shown.opacity) if isinstance(shown, Faded) else (shown, 1.0)
            for ink in inks(mark, frame.view, frame.page):
                ink.scaled(scale, opacity).draw(renderer)


def _dpi(frame: Frame) -> float:
    return 108 * frame.page.unit
