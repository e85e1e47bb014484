"""Pictures into files: one module a format.

To add a format, write its module and add a line to each of the tables below. A video format is a model of
options that says which encoder they mean (`video.Video`); any other is a model and an `Encoder` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, TypeAlias, get_args

from pydantic import Field

from animap.encode.animated import Animated
from animap.encode.apng import Apng, ApngEncoder
from animap.encode.av1 import Av1
from animap.encode.base import Encoder, Signal, Sink
from animap.encode.ffv1 import Ffv1
from animap.encode.gif import Gif, GifEncoder
from animap.encode.h264 import Mp4
from animap.encode.hevc import Hevc
from animap.encode.png import Png, PngEncoder, write_still
from animap.encode.prores import ProRes
from animap.encode.reel import Reel, ReelEncoder, unreeled
from animap.encode.video import Video, VideoEncoder
from animap.encode.vp9 import Vp9
from animap.encode.webp import Webp, WebpEncoder, write_webp

__all__ = [
    "Animated",
    "AnyOptions",
    "Apng",
    "Av1",
    "Encoder",
    "Ffv1",
    "Gif",
    "Hevc",
    "Mp4",
    "Options",
    "Png",
    "ProRes",
    "Reel",
    "Signal",
    "Sink",
    "Video",
    "Vp9",
    "Webp",
    "encoder_for",
    "kinds",
    "suffixes",
    "unreeled",
    "write_still",
    "write_webp",
]

_Formats: TypeAlias = Mp4 | Hevc | Vp9 | Av1 | Ffv1 | ProRes | Gif | Webp | Apng | Png

AnyOptions: TypeAlias = _Formats | Reel
"""The options of any encoder."""

Options: TypeAlias = Annotated[_Formats, Field(discriminator="kind")]
"""The options of the formats that a film can ask for, told apart by `kind`."""

suffixes: Mapping[str, type[AnyOptions]] = MappingProxyType(
    {
        ".mp4": Mp4,
        ".webm": Vp9,
        ".mkv": Ffv1,
        ".mov": ProRes,
        ".gif": Gif,
        ".webp": Webp,
        ".apng": Apng,
        ".png": Png,
    }
)
"""Which format a file's name asks for; others go into the same files, by their `kind`.

A folder of PNG pictures has to be asked for by `kind`."""

kinds: Mapping[str, type[AnyOptions]] = MappingProxyType(
    {kind.model_fields["kind"].default: kind for kind in get_args(_Formats)}
)
"""All formats, by `kind`."""


def encoder_for(options: AnyOptions) -> Encoder:
    """Return the encoder that these options steer."""
    match options:
        case Video():
            return VideoEncoder(options)
        case Gif():
            return GifEncoder(options)
        case Webp():
            return WebpEncoder(options)
        case Apng():
            return ApngEncoder(options)
        case Png():
            return PngEncoder(options)
        case Reel():
            return ReelEncoder(options)
