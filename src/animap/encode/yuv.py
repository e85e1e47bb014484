"""RGB pictures into what encoders take: BT.709 planes, only where they changed; other formats whole.

The planes of 4:2:0 hold the picture last taken over. What changed since is gathered, band by band, into
a strip of one fixed size, converted there in one call, and laid back: setting up a conversion for every
rectangle's own size would cost more than converting the whole picture. Chroma stands in the middle of the
two by two pixels that it is the average of, so pixels outside such a block have no say in it, and converting
in parts gives the bytes of converting the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from animap.types import Pixels, Rect

__all__ = ["Pictures", "Planes", "Whole", "pictures_in"]

# Rounding that is the same on every machine, and chroma averaged over the pixels it stands for.
_SCALER = (
    Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.BITEXACT | Interpolation.FULL_CHR_H_INP
)

_ROWS, _COLUMNS = 32, 2048
"""Size of the strip: as high as the tiles in which a canvas tells what changed; longer gains nothing."""

_WHOLE = 0.5
"""From this share of the picture on, gathering costs more than it saves."""

_NARROW = 4
"""Pixels across or down below which FFmpeg averages chroma in another way."""

_Band = tuple[int, Rect]
"""Where along the strip a rectangle lies, and the rectangle, no higher than the strip."""


class Pictures(Protocol):
    """The picture last taken over, as a `frame` to feed an encoder.

    The next `take` may write into the same frame: an encoder has to copy what it keeps.
    Raises `av.FFmpegError` if FFmpeg refuses.
    """

    @property
    def frame(self) -> VideoFrame:
        """The picture last taken over; there must be one."""

    def take(self, pixels: Pixels, changed: Sequence[Rect] | None = None) -> None:
        """Take over a picture `(height, width, 3 or 4)` that differs from the last only in `changed`."""


def pictures_in(pixels: str, width: int, height: int) -> Pictures:
    """What makes frames of pixels in one of FFmpeg's formats."""
    return Planes(width, height) if pixels == "yuv420p" else Whole(pixels)


class Whole:
    """Pictures in any format, with what is transparent in it, converted anew whenever something changed."""

    def __init__(self, pixels: str) -> None:
        self._pixels = pixels
        self._range = ColorRange.JPEG if VideoFormat(pixels).is_rgb else ColorRange.MPEG
        self._frame: VideoFrame | None = None
        self._reformatter = VideoReformatter()

    @property
    def frame(self) -> VideoFrame:
        """The picture last taken over; there must be one."""
        assert self._frame is not None
        return self._frame

    def take(self, pixels: Pixels, changed: Sequence[Rect] | None = None) -> None:
        """Take over a picture `(height, width, 3)`, or `(height, width, 4)` with straight alpha."""
        if self._frame is None or changed is None or len(changed):
            self._frame = _converted(self._reformatter, pixels, self._pixels, self._range)
            _name_colours(self._frame)


class Planes:
    """Pictures in 4:2:0 and limited range."""

    def __init__(self, width: int, height: int) -> None:
        """Make room for pictures of an even `width` and `height` in pixels."""
        self._width, self._height = width, height
        self._narrow = min(width, height) < _NARROW
        self._frame: VideoFrame | None = None
        self._planes: list[Pixels] = []
        self._strip = np.zeros((_ROWS, _COLUMNS, 3), np.uint8)
        # One for each size: a change of size sets up everything anew.
        self._of_whole, self._of_strip = VideoReformatter(), VideoReformatter()

    @property
    def frame(self) -> VideoFrame:
        """The picture last taken over; there must be one."""
        assert self._frame is not None
        return self._frame

    def take(self, pixels: Pixels, changed: Sequence[Rect] | None = None) -> None:
        """Take over a picture `(height, width, 3)` that differs from the last only in `changed`."""
        if self._frame is None or changed is None or self._narrow:
            self._take_whole(pixels)
            return
        rects = [rect for rect in map(self._even, changed) if rect[0] < rect[2] and rect[1] < rect[3]]
        if sum((r[2] - r[0]) * (r[3] - r[1]) for r in rects) > _WHOLE * self._width * self._height:
            self._take_whole(pixels)
            return
        for bands in _strips(rects):
            self._take_bands(pixels, bands)

    def _even(self, rect: Rect) -> Rect:
        """Return the rectangle grown to whole blocks of two by two pixels, within the picture."""
        left, top, right, bottom = rect
        return (
            max(left - left % 2, 0),
            max(top - top % 2, 0),
            min(right + right % 2, self._width),
            min(bottom + bottom % 2, self._height),
        )

    def _take_whole(self, pixels: Pixels) -> None:
        self._frame = _converted(self._of_whole, pixels)
        _name_colours(self._frame)
        self._planes = _arrays(self._frame)

    def _take_bands(self, pixels: Pixels, bands: Sequence[_Band]) -> None:
        for at, (left, top, right, bottom) in bands:
            self._strip[: bottom - top, at : at + right - left] = pixels[top:bottom, left:right]
        # The frame owns what its planes look into.
        frame = _converted(self._of_strip, self._strip)
        for plane, strip, scale in zip(self._planes, _arrays(frame), (1, 2, 2), strict=True):
            for at, rect in bands:
                left, top, right, bottom = (side // scale for side in rect)
                start = at // scale
                plane[top:bottom, left:right] = strip[: bottom - top, start : start + right - left]


def _strips(rects: Sequence[Rect]) -> Iterator[list[_Band]]:
    """Cut rectangles into bands that fit into strips, and yield the bands of one strip after the other."""
    bands: list[_Band] = []
    at = 0
    for left, top, right, bottom in rects:
        for upper in range(top, bottom, _ROWS):
            lower = min(upper + _ROWS, bottom)
            start = left
            while start < right:
                end = min(right, start + _COLUMNS - at)
                bands.append((at, (start, upper, end, lower)))
                at, start = at + end - start, end
                if at == _COLUMNS:
                    yield bands
                    bands, at = [], 0
    if bands:
        yield bands


def _converted(
    reformatter: VideoReformatter,
    pixels: Pixels,
    format: str = "yuv420p",
    range_: ColorRange = ColorRange.MPEG,
) -> VideoFrame:
    return reformatter.reformat(
        VideoFrame.from_numpy_buffer(pixels, "rgba" if pixels.shape[2] == 4 else "rgb24"),
        format=format,
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=range_,
        interpolation=_SCALER,
        threads=1,
    )


def _name_colours(frame: VideoFrame) -> None:
    # Set afterwards: asked for in the conversion, these would bend the colours, not only name them.
    frame.color_primaries = ColorPrimaries.BT709
    frame.color_trc = ColorTrc.BT709


def _arrays(frame: VideoFrame) -> list[Pixels]:
    """Return luma and the two chroma planes `(rows, columns)`, which share the frame's memory."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    ]
