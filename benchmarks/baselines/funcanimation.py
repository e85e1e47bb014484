"""matplotlib's `FuncAnimation` and `FFMpegWriter`, drawing the same marks with matplotlib's artists.

As someone who knows matplotlib would: an artist is made once and told what changed (`set_path`,
`set_offsets`); dots that lie next to each other are one collection; what rests wherever the camera does (the
base map) is rasterised once and laid down as a picture, pixel for pixel. Blitting does not reach writers.
Shapes and glyphs come finished, so that neither interpolation nor text layout counts against it.

    python -m benchmarks.baselines.funcanimation DRAWING OUT.mp4 FRAMES [once]

`FuncAnimation` draws each frame twice when it saves: once for the screen that is not there, once for the
writer. `once` goes round it and drives the writer by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.animation import FFMpegWriter, FuncAnimation
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from benchmarks.baselines import ffmpeg
from benchmarks.strokes import Colour, Dots, Drawing, Key, Still, Stroke, read

__all__ = ["command"]

_DPI = 100
_POINT = 72 / _DPI
"""Points in a pixel."""


def command(drawing: FilePath, out: FilePath, frames: int, *, once: bool = False) -> list[str]:
    """Command that makes a film of the first frames of a drawing."""
    return [sys.executable, "-m", __name__, str(drawing), str(out), str(frames), *(["once"] if once else [])]


class Stage:
    """A figure whose artists are told, frame by frame, what changed."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._figure, self._axes = _figure(drawing)
        self._patches: dict[Key, PathPatch] = {}
        self._opacities: dict[Key, float] = {}
        self._spare: list[PathPatch] = []
        self._dots: list[PathCollection] = []
        self._resting = [self._picture(run) for run in drawing.still]

    @property
    def figure(self) -> Figure:
        return self._figure

    def update(self, number: int) -> list[Any]:
        shapes = self._drawing.frames[number]
        self._put_away({shape[0] for shape in shapes if isinstance(shape, tuple)})
        shown = {shape.run for shape in shapes if isinstance(shape, Still)}
        for run, picture in enumerate(self._resting):
            picture.set_visible(run in shown)
        used = 0
        for height, shape in enumerate(shapes):
            if isinstance(shape, Dots):
                self._set_dots(used, shape, height)
                used += 1
            elif isinstance(shape, Still):
                self._resting[shape.run].set_zorder(height)
            else:
                self._set_patch(*shape, height)
        for collection in self._dots[used:]:
            collection.set_visible(False)
        return []

    def _put_away(self, wanted: set[Key]) -> None:
        for key in self._patches.keys() - wanted:
            patch = self._patches.pop(key)
            patch.set_visible(False)
            self._spare.append(patch)
            del self._opacities[key]

    def _set_patch(self, key: Key, opacity: float, height: int) -> None:
        stroke = self._drawing.strokes[key]
        patch = self._patches.get(key)
        if patch is None:
            patch = self._spare.pop() if self._spare else self._new_patch()
            patch.set_path(_path(stroke))
            patch.set(linewidth=stroke.width * _POINT, linestyle=_dashes(stroke), visible=True)
            self._patches[key] = patch
        if self._opacities.get(key) != opacity:
            _paint(patch, stroke, opacity)
            self._opacities[key] = opacity
        patch.set_zorder(height)

    def _new_patch(self) -> PathPatch:
        patch = PathPatch(Path(np.zeros((1, 2))), joinstyle="round", capstyle="round")
        return self._axes.add_artist(patch)

    def _set_dots(self, number: int, dots: Dots, height: int) -> None:
        if number == len(self._dots):
            made = PathCollection(
                [Path.unit_circle()], sizes=[1], offset_transform=self._axes.transData, transform=None
            )
            made.set_transform(IdentityTransform())
            self._dots.append(self._axes.add_artist(made))
        collection = self._dots[number]
        collection.set_offsets(dots.xy)
        collection.set_sizes((dots.radii * _POINT) ** 2, _DPI)
        collection.set(facecolor=dots.fills, edgecolor=dots.edges, linewidth=dots.widths * _POINT)
        collection.set(visible=True, zorder=height)

    def _picture(self, run: list[Key]) -> Any:
        """Strokes that rest, rasterised by a figure of their own."""
        figure, axes = _figure(self._drawing)
        figure.set_facecolor("none")
        for key in run:
            stroke = self._drawing.strokes[key]
            patch = PathPatch(_path(stroke), linewidth=stroke.width * _POINT, linestyle=_dashes(stroke))
            _paint(patch, stroke, 1)
            axes.add_artist(patch)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return self._axes.add_artist(Picture(np.asarray(canvas.buffer_rgba())))


class Picture(Artist):  # type: ignore[misc] # matplotlib's hints are not read.
    """Pixels laid down as they are: `imshow` and `figimage` resample theirs in each frame, for 90 ms."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        super().__init__()
        rows, columns = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (1, 0))
        self._pixels = None
        # Marks may lie outside the page, all of them.
        if len(rows):
            inked = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            self._at = int(columns[0]), len(pixels) - 1 - int(rows[-1])
            self._pixels = np.ascontiguousarray(inked[::-1])

    def draw(self, renderer: Any) -> None:
        if self.get_visible() and self._pixels is not None:
            renderer.draw_image(renderer.new_gc(), *self._at, self._pixels)


def _figure(drawing: Drawing) -> tuple[Figure, Any]:
    """A figure whose data coordinates are its pixels."""
    figure = Figure(figsize=(drawing.width / _DPI, drawing.height / _DPI), dpi=_DPI)
    figure.set_facecolor(drawing.background)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, drawing.width), ylim=(0, drawing.height))
    axes.set_axis_off()
    return figure, axes


def _path(stroke: Stroke) -> Path:
    return Path(stroke.xy, stroke.codes)


def _dashes(stroke: Stroke) -> Any:
    # matplotlib counts dashes in line widths.
    return (0, [d / stroke.width for d in stroke.dash]) if stroke.dash and stroke.width else "solid"


def _paint(patch: PathPatch, stroke: Stroke, opacity: float) -> None:
    patch.set_facecolor(_paled(stroke.fill, opacity))
    patch.set_edgecolor(_paled(stroke.edge, opacity))
    patch.set_hatch("//" if stroke.hatch else None)
    if stroke.hatch:
        patch.set_hatchcolor(_paled(stroke.hatch, opacity))


def _paled(colour: Colour | None, opacity: float) -> Colour:
    red, green, blue, alpha = colour or (0.0, 0.0, 0.0, 0.0)
    return red, green, blue, alpha * opacity


def main() -> None:
    source, out, frames, *how = sys.argv[1:]
    drawing = read(FilePath(source))
    mpl.rcParams["animation.ffmpeg_path"] = ffmpeg.binary()
    stage = Stage(drawing)
    FigureCanvasAgg(stage.figure)
    extra = ["-vf", "scale=out_color_matrix=bt709:out_range=tv", *ffmpeg.settings(drawing.fps)]
    writer = FFMpegWriter(fps=drawing.fps, codec="libx264", extra_args=extra)
    if how:
        with writer.saving(stage.figure, out, _DPI):
            for number in range(int(frames)):
                stage.update(number)
                writer.grab_frame()
        return
    animation = FuncAnimation(
        stage.figure, stage.update, frames=int(frames), init_func=lambda: [], cache_frame_data=False
    )
    animation.save(out, writer, dpi=_DPI)


if __name__ == "__main__":
    main()
