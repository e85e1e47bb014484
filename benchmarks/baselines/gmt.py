"""GMT's `movie` (Debian package `gmt`): the same frames, from the ground to the names.

As its manual advises: what rests wherever the camera does (the base map) is drawn once, to a picture; a
frame's script calls as few modules as it can; frames are made by all processors at once. What animap has
under its base map (land that changes hands) is cut to what is seen of it and drawn over the picture. In its
favour all shapes come finished in page coordinates, names are set in a font of its own and do not bend along
lines, and hatches are left out.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely
from matplotlib.path import Path as Outline
from shapely import Geometry

from benchmarks.cutting import Ring, covered, lines, polygons
from benchmarks.strokes import Colour, Dots, Drawing, Label, Shape, Still, Stroke

__all__ = ["command", "present", "write"]

_DOTS_PER_CM = 100
_POINTS = 72 / 2.54 / _DOTS_PER_CM
"""Points in a pixel."""
_WORTH = 20_000
"""Vertices from which on a resting run is sooner laid down as a picture than drawn."""

_BASE = """gmt begin still_{run} png E{dpi},A+M,N+g{ground}
  gmt set PS_MEDIA {across}cx{down}c
  gmt plot {folder}/still_{run}.txt {frame}
gmt end
"""
_FRAME = """gmt begin
  base={folder}/base_${{MOVIE_FRAME}}.png
  test -e $base && gmt image $base {frame} -Dx0/0+w{across}c
  gmt plot {folder}/frame_${{MOVIE_FRAME}}.txt {frame}
  gmt text {folder}/text_${{MOVIE_FRAME}}.txt {frame} -F+f+a+j -N
gmt end
"""


def present() -> bool:
    """Whether GMT is installed, with Ghostscript and ffmpeg, which it calls."""
    return all(map(shutil.which, ("gmt", "gs", "ffmpeg")))


def write(drawing: Drawing, folder: Path) -> None:
    """Lay down scripts and data."""
    across, down = drawing.width / _DOTS_PER_CM, drawing.height / _DOTS_PER_CM
    names = {
        "folder": folder,
        "frame": f"-R0/{drawing.width}/0/{drawing.height} -JX{across}c/{down}c -X0 -Y0",
        "across": across,
        "down": down,
        "dpi": _DOTS_PER_CM * 2.54,
        "ground": _colour(drawing.background),
    }
    (folder / "frame.sh").write_text(_FRAME.format(**names), "utf-8")
    bases = [_base(drawing, shapes) for shapes in drawing.frames]
    hidden = {
        base.run: covered(drawing.strokes[key] for key in drawing.still[base.run]) for base in bases if base
    }
    for run in hidden:
        (folder / f"still_{run}.txt").write_text(_told(drawing, [Still(run)]), "utf-8")
    (folder / "bases.sh").write_text("".join(_BASE.format(run=run, **names) for run in hidden), "utf-8")
    for number, (shapes, base) in enumerate(zip(drawing.frames, bases, strict=True)):
        told = _over(drawing, shapes, base, hidden[base.run]) if base else _told(drawing, shapes)
        (folder / f"frame_{number}.txt").write_text(told, "utf-8")
        if base:
            (folder / f"base_{number}.png").symlink_to(f"still_{base.run}.png")
        (folder / f"text_{number}.txt").write_text(_lettered(drawing.labels[number]), "latin-1", "replace")


def command(drawing: Drawing, folder: Path, frames: int) -> list[str]:
    """Command that makes a film `film.mp4` of the first frames, to be run in the folder."""
    last = folder / f"times_{frames}.txt"
    last.write_text("".join(f"{n}\n" for n in range(frames)), "utf-8")
    canvas = f"{drawing.width / _DOTS_PER_CM}cx{drawing.height / _DOTS_PER_CM}cx{_DOTS_PER_CM}"
    movie = [
        # It waits for ever for a frame whose script failed.
        *("timeout", str(60 + 10 * frames)),
        *("gmt", "movie", "frame.sh", f"-C{canvas}", f"-T{last}", "-Nfilm", "-Fmp4"),
        *(f"-D{drawing.fps}", f"-G{_colour(drawing.background)}", "-Z", "-Vq"),
        # One of these only waits for the others.
        f"-x{(os.cpu_count() or 1) + 1}",
    ]
    # Without the option Ghostscript has left out all transparency since 9.53.
    transparent = "export GS_OPTIONS=-dALLOWPSTRANSPARENCY"
    return ["sh", "-c", f"{transparent}; sh bases.sh && {shlex.join(movie)}"]


def _base(drawing: Drawing, shapes: Iterable[Shape]) -> Still | None:
    """The lowest of a frame's resting runs that is worth a picture."""
    runs = (shape for shape in shapes if isinstance(shape, Still))
    return next((r for r in runs if _vertices(drawing, r) >= _WORTH), None)


def _vertices(drawing: Drawing, still: Still) -> int:
    return sum(len(drawing.strokes[key].xy) for key in drawing.still[still.run])


def _over(drawing: Drawing, shapes: Sequence[Shape], base: Still, hidden: Geometry) -> str:
    """A frame for the picture of its base map: what lies under that as far as it is seen, then the rest."""
    at = shapes.index(base)
    told: list[str] = []
    for shape in reversed(shapes[:at]):
        # Dots under the base map, or other runs, there are none.
        assert isinstance(shape, tuple)
        stroke, opacity = drawing.strokes[shape[0]], shape[1]
        opaque = opacity == 1 and stroke.fill is not None and stroke.fill[3] == 1
        # In the colour of the ground it only hides.
        if not (opaque and stroke.fill == drawing.background):
            told.append(_segments(stroke, opacity, hidden))
        if opaque:
            hidden = shapely.union(hidden, covered([stroke]))
    return "".join(reversed(told)) + _told(drawing, shapes[at + 1 :])


def _told(drawing: Drawing, shapes: Iterable[Shape]) -> str:
    """Shapes as GMT reads them; lettering is text."""
    told = []
    for shape in shapes:
        match shape:
            case Dots():
                told.append(_dotted(shape))
            case Still(run):
                told.append(_told(drawing, [(key, 1.0) for key in drawing.still[run]]))
            case (key, opacity) if not drawing.strokes[key].lettering:
                told.append(_segments(drawing.strokes[key], opacity))
    return "".join(told)


def _segments(stroke: Stroke, opacity: float = 1.0, hidden: Geometry | None = None) -> str:
    """Fills, and outlines over them, but for what is hidden."""
    told = ""
    if stroke.fill:
        fill = f"-W- -G{_colour(stroke.fill, opacity)}"
        for outer, *holes in polygons(stroke, hidden):
            told += _segment(fill, outer) + "".join(_segment("-W- -Ph", hole) for hole in holes)
    if stroke.edge:
        pen = f"-W{stroke.width * _POINTS:.3f}p,{_colour(stroke.edge, opacity)}"
        told += "".join(_segment(f"{pen} -G-", _there_and_back(line)) for line in lines(stroke, hidden))
    return told


def _segment(header: str, xy: Ring) -> str:
    return f"> {header}\n" + "".join(f"{x:.2f} {y:.2f}\n" for x, y in xy.tolist())


def _there_and_back(line: Ring) -> Ring:
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
        f"{label.x:.1f} {label.y:.1f} {_font(label)} {label.angle:.0f} {sides[label.align]}"
        f" {_plain(label.text)}\n"
        for label in labels
    )


def _font(label: Label) -> str:
    font = f"{label.size * _POINTS:.1f}p,Times-Roman,{_colour(label.colour)}"
    return font + (f"=~{label.halo_width * _POINTS:.1f}p,{_colour(label.halo)}" if label.halo else "")


def _plain(text: str) -> str:
    """Text in Latin 1, which is what GMT's fonts have."""
    return text.translate({0x2019: "'", 0x202F: "\xa0", 0x2013: "-", 0x2014: "-"})


def _colour(colour: Colour, opacity: float = 1.0) -> str:
    red, green, blue = (str(round(255 * part)) for part in colour[:3])
    clear = round(100 * (1 - colour[3] * opacity))
    return f"{red}/{green}/{blue}" + (f"@{clear}" if clear else "")
