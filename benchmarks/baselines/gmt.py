"""GMT's `movie` (Debian package `gmt`): coast and rivers, towns, arrows, names and date of the same frames.

As its manual advises: what rests is drawn once by the background script, a frame's script calls as few
modules as it can (one for all shapes, one for all text), and frames are made by all processors at once. In
its favour, shapes come finished in page coordinates, everything is opaque, text has no halo, hatches are left
out, and land that changes hands under the base map is as well.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from benchmarks.strokes import Colour, Dots, Drawing, Label, Stroke

__all__ = ["command", "present", "write"]

_DOTS_PER_CM = 100
_POINTS = 72 / 2.54 / _DOTS_PER_CM
"""Points in a pixel."""

_BACKGROUND = """gmt begin
  gmt plot {folder}/ground.txt -R0/{width}/0/{height} -JX{across}c/{down}c -X0 -Y0
gmt end
"""

_FRAME = """gmt begin
  gmt plot {folder}/frame_${{MOVIE_FRAME}}.txt -R0/{width}/0/{height} -JX{across}c/{down}c -X0 -Y0
  gmt text {folder}/text_${{MOVIE_FRAME}}.txt -F+f+a+j -N
gmt end
"""


def present() -> bool:
    """Whether GMT is installed, with Ghostscript and ffmpeg, which it calls."""
    return all(map(shutil.which, ("gmt", "gs", "ffmpeg")))


def write(drawing: Drawing, folder: Path) -> None:
    """Lay down scripts and data."""
    within = {key for run in drawing.still for key in run}
    names = {
        "folder": folder,
        "width": drawing.width,
        "height": drawing.height,
        "across": drawing.width / _DOTS_PER_CM,
        "down": drawing.height / _DOTS_PER_CM,
    }
    (folder / "ground.sh").write_text(_BACKGROUND.format(**names), "utf-8")
    (folder / "frame.sh").write_text(_FRAME.format(**names), "utf-8")
    resting = [drawing.strokes[key] for run in drawing.still for key in run]
    ground = "".join(_segments(stroke) for stroke in resting if not stroke.lettering)
    (folder / "ground.txt").write_text(ground, "utf-8")
    for number, shapes in enumerate(drawing.frames):
        first = next((n for n, s in enumerate(shapes) if not isinstance(s, Dots) and s[0] in within), 0)
        moving = [s for s in shapes[first:] if isinstance(s, Dots) or s[0] not in within]
        told = (
            _dotted(s)
            if isinstance(s, Dots)
            else ""
            if drawing.strokes[s[0]].lettering
            else _segments(drawing.strokes[s[0]])
            for s in moving
        )
        (folder / f"frame_{number}.txt").write_text("".join(told), "utf-8")
        (folder / f"text_{number}.txt").write_text(_lettered(drawing.labels[number]), "latin-1", "replace")


def command(drawing: Drawing, folder: Path, frames: int) -> list[str]:
    """Command that makes a film `film.mp4` of the first frames, to be run in the folder."""
    last = folder / f"times_{frames}.txt"
    last.write_text("".join(f"{n}\n" for n in range(frames)), "utf-8")
    canvas = f"{drawing.width / _DOTS_PER_CM}cx{drawing.height / _DOTS_PER_CM}cx{_DOTS_PER_CM}"
    return [
        # It waits for ever for a frame whose script failed.
        *("timeout", str(60 + 10 * frames)),
        *("gmt", "movie", "frame.sh", "-Sbground.sh", f"-C{canvas}", f"-T{last}", "-Nfilm", "-Fmp4"),
        *(f"-D{drawing.fps}", f"-G{_colour(drawing.background)}", "-Z", "-Vq", f"-x{os.cpu_count()}"),
    ]


def _segments(stroke: Stroke) -> str:
    """Fills, and outlines over them."""
    parts = Outline(stroke.xy, stroke.codes).to_polygons(closed_only=False)
    told = ""
    if stroke.fill:
        told = "".join(_segment("-W-", _colour(stroke.fill), shape) for shape in _with_holes(parts))
    if stroke.edge:
        pen = f"-W{stroke.width * _POINTS:.3f}p,{_colour(stroke.edge)}"
        told += "".join(_segment(pen, "-", _there_and_back(part)) for part in parts)
    return told


def _with_holes(rings: list[NDArray[np.float64]]) -> Iterable[NDArray[np.float64]]:
    """Rings that run the way of the first; those that run the other way are holes in the one before."""
    shapes: list[list[NDArray[np.float64]]] = []
    for ring in rings:
        if not shapes or _area(ring) * _area(rings[0]) >= 0:
            shapes.append([ring])
        else:
            # There and back to the ring's start, which leaves a hairline at most.
            shapes[-1] += [ring, ring[:1], shapes[-1][0][:1]]
    return map(np.concatenate, shapes)


def _area(ring: NDArray[np.float64]) -> float:
    """Area of a ring, negative where it runs clockwise."""
    x, y = ring.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())


def _segment(pen: str, fill: str, xy: NDArray[np.float64]) -> str:
    return f"> {pen} -G{fill}\n" + "".join(f"{x:.2f} {y:.2f}\n" for x, y in xy.tolist())


def _there_and_back(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """An open line as a ring: GMT closes all lines of a file in which one is filled."""
    return line if (line[0] == line[-1]).all() else np.concatenate([line, line[-2::-1]])


def _dotted(dots: Dots) -> str:
    rows = zip(dots.xy, dots.radii, dots.fills, dots.edges, dots.widths, strict=True)
    circle = Outline.unit_circle()
    return "".join(
        _segments(
            Stroke(
                circle.vertices * radius + at,
                circle.codes,
                tuple(fill) if fill[3] else None,
                tuple(edge) if edge[3] else None,
                width,
                (),
                None,
                lettering=False,
            )
        )
        for at, radius, fill, edge, width in rows
    )


def _lettered(labels: Iterable[Label]) -> str:
    sides = {"left": "BL", "centre": "BC", "right": "BR"}
    return "".join(
        f"{label.x:.1f} {label.y:.1f} {label.size * _POINTS:.1f}p,Times-Roman,{_colour(label.colour)} "
        f"{label.angle:.0f} {sides[label.align]} {label.text.replace('’', chr(39))}\n"
        for label in labels
    )


def _colour(colour: Colour) -> str:
    return "/".join(str(round(255 * part)) for part in colour[:3])
