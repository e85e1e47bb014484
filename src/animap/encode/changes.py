"""What changes from picture to picture, in the colours of a palette.

What rests is shown in the colours of the film's palette, always the same. What moves may keep the colour that
was there, or wear one of fewer, if that is not far off: nobody sees it, and a picture in which only edges
change is all noise to LZW. It gets its own colour back soon after it has come to rest, as most edges move on
before; as soon as the whole picture rests; and at the end of a segment, so that segments need not know of one
another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from animap.encode.base import Signal, film_frames, picture
from animap.encode.palette import Palette, indices, numbers, off
from animap.encode.records import Record, Recorder
from animap.errors import RenderError
from animap.types import Pixels, Rect

__all__ = ["ChangeSink", "Image"]

_LONGEST_RUN_ON = 64
"""Unchanged pixels that may be written again; found on films of ours."""
_PATIENCE = 7
"""Pictures from one in which all that rests gets its own colours to the next such; found on films of ours."""
_PLAIN = 0.6
"""Part of the tolerance that plain areas are given."""


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """Indices `(height, width)` to be shown with the upper left corner at a place.

    Where not `opaque`, the index is one beyond the palette, and stands for what was there before.
    """

    left: int
    top: int
    indices: NDArray[np.uint8]
    opaque: bool


class ChangeSink:
    """Records pictures as images of what changed, which `encode` turns into bytes; the first one in full.

    It holds the last picture back until it is known whether it rests. What moves may have a colour that is
    further from its own by `tolerance`, in steps of 255. Images lie at multiples of `even`.
    """

    def __init__(
        self,
        encode: Callable[[Image], bytes],
        recorder: Recorder,
        path: Path,
        signal: Signal,
        palette: Palette,
        before: Pixels | None,
        tolerance: float,
        even: int = 1,
    ) -> None:
        self._encode, self._even = encode, even
        self._tolerance, self._pictures = tolerance, 0
        self._recorder = recorder
        self._path = path
        self._signal = signal
        self._palette = palette
        size = signal.height, signal.width
        self._colours = np.zeros(size, np.uint32)
        # What differs from the picture before; and what is shown in a colour that is not its own.
        self._moving, self._loose = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        self._shown: NDArray[np.uint8] | None = None
        if before is not None:
            self._colours[...] = numbers(picture(before, signal))
            self._shown = indices(palette, self._colours)
        self._held = 0
        self._frames = 0
        # First comes a record without an image: for how long, and whether, the picture before is still shown.
        self._waiting = Record(0, before is not None, b"")

    @property
    def frames(self) -> int:
        """Film frames taken so far."""
        return self._frames

    def add(self, pixels: Pixels, changed: Sequence[Rect] | None = None, repeat: int = 1) -> None:
        """Append a picture, like a `Sink`."""
        repeat, pixels = film_frames(repeat), picture(pixels, self._signal)
        moved = self._moved(pixels, changed)
        self._frames += repeat
        if self._held and not moved:
            self._held += repeat
            return
        self._show(rests=self._held > 1)
        self._held = repeat
        self._moving[...] = False
        for part, colours in moved:
            self._moving[part] |= colours != self._colours[part]
            self._colours[part] = colours

    def finish(self) -> None:
        """Record the last picture; RenderError if there was none."""
        if not self._frames:
            raise RenderError("a segment without pictures", str(self._path))
        self._show(rests=True)
        self._recorder.put(self._waiting)

    def _moved(self, pixels: Pixels, changed: Sequence[Rect] | None) -> list[_Part]:
        """Return the rectangles in which a picture does differ from the one held, with their new colours."""
        if changed is None or not (self._frames or self._waiting.flag):
            changed = [(0, 0, self._signal.width, self._signal.height)]
        parts = []
        for left, top, right, bottom in changed:
            part = np.s_[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
            colours = numbers(pixels[part])
            if not np.array_equal(colours, self._colours[part]):
                parts.append((part, colours))
        return parts

    def _show(self, *, rests: bool) -> None:
        """Record what is new in the picture held, for as long as it is held."""
        if not self._held:
            return
        image = self._image(rests=rests)
        if image is None:
            self._waiting = self._waiting._replace(number=self._waiting.number + self._held)
        else:
            self._recorder.put(self._waiting)
            self._waiting = image._replace(number=self._held)

    def _image(self, *, rests: bool) -> Record | None:
        """Take over what is new in the picture held, and return it, or None if nothing is."""
        if self._shown is None:
            self._shown = indices(self._palette, self._colours)
            return self._encoded(Image(0, 0, self._shown, opaque=True))
        places = np.flatnonzero(self._moving | self._loose)
        colours, shown = self._colours.reshape(-1)[places], self._shown.reshape(-1)
        new = own = indices(self._palette, colours)
        self._pictures += 1
        if self._tolerance and not rests:
            new = self._near(colours, own, shown[places], self._moving.reshape(-1)[places])
        self._loose.reshape(-1)[places] = new != own
        differs = new != shown[places]
        shown[places] = new
        return self._record(places[differs])

    def _near(
        self,
        colours: NDArray[np.uint32],
        own: NDArray[np.uint8],
        before: NDArray[np.uint8],
        moving: NDArray[np.bool_],
    ) -> NDArray[np.uint8]:
        """Return what is shown of pixels while others move: their own index, one of a few, or the last."""
        least, few = off(self._palette, own, colours), self._palette.coarse[own]
        plain, mixed = round((_PLAIN * self._tolerance) ** 2), round(self._tolerance**2)
        # What is exactly in the palette mostly fills an area, where a ghost of what was there is seen first.
        limit = np.where(least == 0, plain, least + mixed)
        near = np.where(moving & (off(self._palette, few, colours) <= limit), few, own)
        stays = off(self._palette, before, colours) <= limit
        if self._pictures % _PATIENCE == 0:
            stays &= moving
        return np.where(stays, before, near)

    def _record(self, places: NDArray[np.intp]) -> Record | None:
        """Return what is shown in pixels, numbered row by row, as an image of the box around them."""
        if not len(places) or self._shown is None:
            return None
        rows, columns = np.divmod(places, self._signal.width)
        top, left = (int(at.min()) // self._even * self._even for at in (rows, columns))
        bottom, right = int(rows.max()) + 1, int(columns.max()) + 1
        differs = np.zeros((bottom - top, right - left), np.bool_)
        differs[rows - top, columns - left] = True
        colours = self._shown[top:bottom, left:right]
        opaque, lines = differs.copy(), np.unique(rows - top)
        opaque[lines] = _run_on(differs[lines], colours[lines])
        image = np.where(opaque, colours, np.uint8(len(self._palette.colours)))
        return self._encoded(Image(left, top, image, bool(opaque.all())))

    def _encoded(self, image: Image) -> Record:
        return Record(0, not image.opaque, self._encode(image))


_Part: TypeAlias = tuple[tuple[slice, slice], NDArray[np.uint32]]


def _run_on(differs: NDArray[np.bool_], colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels are best written: those that differ, and those that prolong a run of their colour.

    Unchanged pixels may as well be transparent, but to end a run of one colour for them costs another code.
    """
    changed = differs.ravel()
    run, start = _runs(colours)
    seen = np.cumsum(changed, dtype=np.int32)
    begun = seen > (seen[start] - changed[start])[run]
    gap, first = _runs(differs)
    short = np.diff(first, append=len(changed)) <= _LONGEST_RUN_ON
    return (changed | begun & short[gap]).reshape(differs.shape)


def _runs(plane: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return for each pixel the number of its run in its row, and for each run its first pixel."""
    new = np.ones(plane.shape, np.bool_)
    np.not_equal(plane[:, 1:], plane[:, :-1], out=new[:, 1:])
    flat = new.ravel()
    return np.cumsum(flat, dtype=np.int32) - 1, np.flatnonzero(flat)
