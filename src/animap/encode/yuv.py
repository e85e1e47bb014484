"""RGB pictures into what encoders take: BT.709 planes, only where they changed; other formats whole.

The planes of 4:2:0, which nearly every film is in, are ours, and made in C; all else is FFmpeg's.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_int32, c_int64, c_void_p
from typing import Any, Protocol

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

from animap.native import LIBRARY, address
from animap.types import Pixels, Rect

__all__ = ["Pictures", "Planes", "Whole", "pictures_in"]

# Rounding that is the same on every machine, and chroma averaged over the pixels it stands for.
_SCALER = (
    Interpolation.AREA | Interpolation.ACCURATE_RND | Interpolation.BITEXACT | Interpolation.FULL_CHR_H_INP
)


def _declared(library: Any) -> Any:
    at, number, stride = c_void_p, c_int32, c_int64
    library.to_yuv.argtypes = [at, number, number, at, number, at, stride, at, at, stride]
    library.to_yuv.restype = None
    return library


_PRESS = _declared(LIBRARY)


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
            self._frame = self._reformatter.reformat(
                VideoFrame.from_numpy_buffer(pixels, "rgba" if pixels.shape[2] == 4 else "rgb24"),
                format=self._pixels,
                src_colorspace=Colorspace.ITU709,
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=self._range,
                interpolation=_SCALER,
                threads=1,
            )
            _name_colours(self._frame)


class Planes:
    """Pictures in 4:2:0 and limited range.

    Chroma stands in the middle of the two by two pixels that it is the average of, so pixels outside such a
    block have no say in it, and converting in parts gives the bytes of converting the whole.
    """

    def __init__(self, width: int, height: int) -> None:
        """Make room for pictures of an even `width` and `height` in pixels."""
        self._width, self._height = width, height
        self._frame = VideoFrame(width, height, "yuv420p")
        self._frame.colorspace, self._frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        _name_colours(self._frame)
        self._taken = False

    @property
    def frame(self) -> VideoFrame:
        """The picture last taken over; there must be one."""
        assert self._taken
        return self._frame

    def take(self, pixels: Pixels, changed: Sequence[Rect] | None = None) -> None:
        """Take over a picture `(height, width, 3)` that differs from the last only in `changed`.

        ValueError if it is not of the size that there is room for.
        """
        if pixels.shape != (self._height, self._width, 3):
            raise ValueError(f"a picture of {pixels.shape} has no place in {self._width}×{self._height}")
        whole = ((0, 0, self._width, self._height),)
        rects = np.array(changed if self._taken and changed is not None else whole, np.int32).reshape(-1, 4)
        if not len(rects):
            return
        picture, (luma, blues, reds) = np.ascontiguousarray(pixels), self._frame.planes
        _PRESS.to_yuv(
            address(picture), self._width, self._height, address(rects), len(rects),
            luma.buffer_ptr, luma.line_size, blues.buffer_ptr, reds.buffer_ptr, blues.line_size,
        )  # fmt: skip
        self._taken = True


def _name_colours(frame: VideoFrame) -> None:
    # Set afterwards: asked for in the conversion, these would bend the colours, not only name them.
    frame.color_primaries = ColorPrimaries.BT709
    frame.color_trc = ColorTrc.BT709
