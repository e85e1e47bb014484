"""What an output asks for: settings that a preset may hold, and the file that they are for."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from animap.encode import AnyOptions, Options, Video, suffixes
from animap.film.loop import Loop
from animap.film.wall import WallSpec
from animap.types import PARTS, Part, Words

__all__ = ["SIZES", "Language", "OutputSpec", "PresetSpec", "fps_of", "homes", "size_of"]

SIZES = {
    "360p": (640, 360),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "4k": (3840, 2160),
    "8k": (7680, 4320),
    "square": (1080, 1080),
    "portrait": (1080, 1920),
}
"""Picture sizes by name, in pixels."""


def size_of(text: str) -> tuple[int, int]:
    """Width and height in pixels of `1080p` or `1280x720`; ValueError says what is possible."""
    if text.lower() in SIZES:
        return SIZES[text.lower()]
    match = re.fullmatch(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", text.strip().lower())
    if not match:
        raise ValueError(f"'{text}' is not a size; use {', '.join(SIZES)} or WIDTHxHEIGHT in pixels")
    width, height = int(match[1]), int(match[2])
    if not (64 <= width <= 16384 and 64 <= height <= 16384):
        raise ValueError(f"{width}x{height} cannot be rendered; sides run from 64 to 16384 pixels")
    return width, height


def fps_of(value: object) -> Fraction:
    """Frames per second as a fraction: 30, 29.97, `30000/1001`; ValueError outside 1 to 240."""
    try:
        fps = Fraction(str(value)).limit_denominator(1001)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"'{value}' is not a frame rate; write 30, 29.97 or 30000/1001") from None
    if not 1 <= fps <= 240:
        raise ValueError(f"{value} frames per second cannot be rendered; use 1 to 240")
    return fps


def _size(value: str) -> str:
    size_of(value)
    return value


def _fps(value: Any) -> str:
    return str(fps_of(value))


Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class SettingsSpec(BaseModel):
    """Where an output differs from the film's and the command's choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: Annotated[str, AfterValidator(_size)] | None = None
    fps: Annotated[str, BeforeValidator(_fps)] | None = None
    style: str | None = None
    language: Language | None = None
    text: bool = True
    """Whether words are shown."""
    show: Annotated[tuple[Part, ...], Field(min_length=1)] = PARTS
    """What of the picture is shown; without the map it is transparent, in formats that can be."""
    loop: Loop | None = None
    """What follows the last frame, where a player starts again."""
    wall: WallSpec | None = None
    """Screens on which it is shown, a file each; `size` is that of one of them."""
    encoding: Options | None = None


class PresetSpec(SettingsSpec):
    """Settings for a purpose, with what they are for."""

    about: Words | str = ""
    extends: str | None = None
    """The preset from which it takes what it does not say itself."""


class OutputSpec(SettingsSpec):
    """A file to render."""

    file: str
    preset: str | None = None
    """The preset from which it takes what it does not say itself."""

    @model_validator(mode="after")
    def _known(self) -> OutputSpec:
        suffix = _suffix(self.file)
        if self.encoding is None and suffix not in suffixes:
            raise ValueError(
                f"'{self.file}' has no suffix that names a format; use {', '.join(suffixes)}, "
                'or say encoding = { kind = "…" }'
            )
        fitting = homes(self.encoding) if self.encoding else ()
        if self.encoding and suffix in suffixes and suffix not in fitting:
            raise ValueError(
                f"'{self.file}' would hold {self.encoding.kind}; end its name with {fitting[0]}, "
                f"or change the encoding{' or the preset' if self.preset else ''}"
            )
        return self

    @property
    def options(self) -> AnyOptions:
        """The encoder's options."""
        return self.encoding or suffixes[_suffix(self.file)]()


def homes(options: AnyOptions) -> tuple[str, ...]:
    """How names of files in a format may end; the usual first."""
    if isinstance(options, Video):
        return options.suffixes
    return tuple(known for known, model in suffixes.items() if isinstance(options, model))


def _suffix(file: str) -> str:
    return "." + file.rpartition(".")[2].lower()
