"""A frame as SVG or PDF: true vectors.

PDF carries its fonts: text is text, to be searched and copied, and each line says what it reads as, however
its letters are spaced. SVG has outlines, since few programs of print shops heed fonts inside it, and the
words as labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.backends.backend_pdf import PdfPages, Verbatim
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from animap.draw.painter import Eye, Ink, inks, placements
from animap.draw.plot import plot, scaled
from animap.draw.raster import RasterInk
from animap.marks import Area, Faded, Frame, Group, Mark, Text, TextAlong, box
from animap.style.colour import rgba, with_alpha
from animap.style.direction import right_to_left
from animap.style.shaping import covers

__all__ = ["write_pages", "write_vector"]


def write_vector(frame: Frame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a frame to a `.svg` or `.pdf` file; a unit of the page becomes 1/108 inch."""
    figure = _figure(frame, _PdfWriter() if path.suffix == ".pdf" else _SvgWriter(), 108 * frame.page.unit)
    empty = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None}
    with rc_context(_SETTINGS):
        figure.savefig(path, format=path.suffix[1:], metadata={**empty, **(metadata or {})})


def write_pages(
    frames: Sequence[Frame], path: Path, dpi: float, metadata: dict[str, str] | None = None
) -> None:
    """Write frames as the pages of one PDF, with so many pixels of their pages to the inch."""
    with (
        rc_context(_SETTINGS),
        PdfPages(path, metadata={"CreationDate": None, **(metadata or {})}) as document,
    ):
        for frame in frames:
            document.savefig(_figure(frame, _PdfWriter(), dpi))


# Fonts of type 42 are the files themselves, cut down to the letters that are used.
_SETTINGS = {"svg.hashsalt": "animap", "path.simplify": False, "pdf.fonttype": 42}


def _figure(frame: Frame, writer: _Writer, dpi: float) -> Figure:
    figure = Figure(figsize=(frame.page.width / dpi, frame.page.height / dpi), dpi=dpi)
    figure.patch.set_visible(False)
    figure.add_artist(_Painting(frame, writer, 72 / dpi))
    return figure


class _Painting(Artist):  # type: ignore[misc]  # matplotlib has no hints
    """Hands the frame's marks to whatever renderer the file format brings."""

    def __init__(self, frame: Frame, writer: _Writer, scale: float) -> None:
        super().__init__()
        self._frame, self._writer, self._scale = frame, writer, scale

    def draw(self, renderer: Any) -> None:
        """Called by the figure while it is saved; these renderers count in points."""
        page = self._frame.page
        ground = Area(paths=box(0, 0, page.across, page.down), fill=self._frame.background, space="page")
        for shown in (ground, *self._frame.marks):
            mark, opacity = (shown.mark, shown.opacity) if isinstance(shown, Faded) else (shown, 1.0)
            for part in _flat(mark):
                self._paint(renderer, part, opacity)

    def _paint(self, renderer: Any, mark: Mark, opacity: float) -> None:
        eye, scale = Eye(self._frame.view, self._frame.page), self._scale
        layers = inks(mark, eye)
        if not isinstance(mark, Text | TextAlong) or not layers:
            for ink in layers:
                self._plot(ink, renderer, opacity)
            return
        text, places = mark.lettering.cased(mark.text), placements(mark, eye)
        letters = [
            _Letter(c, x * scale, y * scale, angle) for c, (x, y, angle) in zip(text, places, strict=False)
        ]
        # Where letters have grown together or run the other way, only their outlines tell which.
        apart = len(letters) == len(text) == len(places) and not right_to_left(text)
        apart &= covers(mark.lettering.font, text)
        typed = self._writer.sets_type and apart
        with self._writer.reading(renderer, text):
            for ink in layers[:-1] if typed else layers:
                self._plot(ink, renderer, opacity)
            if typed:
                self._writer.set(renderer, mark, letters, mark.lettering.size * eye.unit * scale, opacity)

    def _plot(self, ink: Ink | RasterInk, renderer: Any, opacity: float) -> None:
        if ink.empty:
            return
        if isinstance(ink, RasterInk):
            ink.plot(renderer, self._scale, opacity)
        else:
            plot(scaled(ink, self._scale, opacity), renderer)


def _flat(mark: Mark) -> Iterator[Mark]:
    if isinstance(mark, Group):
        for part in mark.marks:
            yield from _flat(part)
    else:
        yield mark


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter's origin in points, y upward, and its angle in radians."""

    character: str
    x: float
    y: float
    angle: float


class _Writer:
    """What differs between formats: this one draws outlines and says nothing of what they read as."""

    sets_type = False

    @contextmanager
    def reading(self, renderer: Any, text: str) -> Iterator[None]:  # noqa: ARG002
        """While what is drawn reads as a text."""
        yield

    def set(
        self, renderer: Any, mark: Text | TextAlong, letters: Sequence[_Letter], size: float, opacity: float
    ) -> None:
        """Set a text in type, its size in points."""
        raise NotImplementedError


class _SvgWriter(_Writer):
    """Outlines in groups that are labelled with their words."""

    @contextmanager
    def reading(self, renderer: Any, text: str) -> Iterator[None]:
        renderer.writer.start("g", attrib={"role": "img", "aria-label": text})
        yield
        renderer.writer.end("g")


@dataclass(frozen=True, slots=True)
class _Features:
    """What matplotlib's renderers ask of the artist that owns a text."""

    features: tuple[str, ...]
    language: str

    def get_fontfeatures(self) -> tuple[str, ...]:
        """OpenType features."""
        return self.features

    def get_language(self) -> str | None:
        """The language of the text."""
        return self.language or None


class _PdfWriter(_Writer):
    """Real text in embedded fonts."""

    sets_type = True

    @contextmanager
    def reading(self, renderer: Any, text: str) -> Iterator[None]:
        # No-break and narrow spaces are for the eye: whoever searches types a plain one.
        plain = normalize("NFC", " ".join(text.split()))
        words = plain.encode("utf-16-be").hex().upper()
        renderer.file.output(Verbatim(f"/Span <</ActualText <FEFF{words}>>> BDC".encode()))
        yield
        renderer.file.output(Verbatim(b"EMC"))

    def set(
        self, renderer: Any, mark: Text | TextAlong, letters: Sequence[_Letter], size: float, opacity: float
    ) -> None:
        gc = renderer.new_gc()
        colour = rgba(with_alpha(mark.lettering.colour, opacity))
        gc.set_foreground(colour, isRGBA=True)
        gc.set_alpha(colour[3])
        font = FontProperties(fname=mark.lettering.font, size=size)
        asked = _Features(mark.lettering.features, mark.language)
        for letter in letters:
            # One by one: the renderer's own lines know neither letter space nor a curve.
            angle = math.degrees(letter.angle)
            renderer.draw_text(gc, letter.x, letter.y, letter.character, font, angle, mtext=asked)
        gc.restore()
