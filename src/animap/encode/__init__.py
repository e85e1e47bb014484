"""Pictures into files: one module a format.

To add a format, write its module (an options model with a `kind`, and an `Encoder` beside it) and add a line
to each of the tables below.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import Field

from animap.encode.animated import Animated
from animap.encode.apng import Apng, ApngEncoder
from animap.encode.base import Encoder, Signal, Sink
from animap.encode.gif import Gif, GifEncoder
from animap.encode.mp4 import Mp4, Mp4Encoder
from animap.encode.png import Png, PngEncoder, write_still
from animap.encode.reel import Reel, ReelEncoder, unreeled
from animap.encode.webp import Webp, WebpEncoder, write_webp

__all__ = [
    "Animated",
    "AnyOptions",
    "Apng",
    "Encoder",
    "Gif",
    "Mp4",
    "Options",
    "Png",
    "Reel",
    "Signal",
    "Sink",
    "Webp",
    "encoder_for",
    "suffixes",
    "unreeled",
    "write_still",
    "write_webp",
]

AnyOptions: TypeAlias = Mp4 | Gif | Webp | Apng | Png | Reel
"""The options of any encoder."""

Options: TypeAlias = Annotated[Mp4 | Gif | Webp | Apng | Png, Field(discriminator="kind")]
"""The options of the formats that a film can ask for, told apart by `kind`."""

suffixes: Mapping[str, type[AnyOptions]] = MappingProxyType(
    {".mp4": Mp4, ".gif": Gif, ".webp": Webp, ".apng": Apng, ".png": Png}
)
"""Which format a file's name asks for; a folder of PNG pictures has to be asked for by `kind`."""


def encoder_for(options: AnyOptions) -> Encoder:
    """Return the encoder that these options steer."""
    match options:
        case Mp4():
            return Mp4Encoder(options)
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
