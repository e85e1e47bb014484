"""Font files, by path: read where they lie, or carried to machines that lack them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from animap.style.model import Style, letterings

__all__ = ["carry_fonts", "font_data", "font_digest", "fonts_of"]

_carried: dict[str, bytes] = {}


def fonts_of(style: Style) -> Mapping[str, bytes]:
    """The style's fonts by path, as `carry_fonts` takes them."""
    return {file: font_data(file) for file in sorted({text.font for _, text in letterings(style)})}


def carry_fonts(fonts: Mapping[str, bytes]) -> None:
    """Have these fonts at hand in this process, whatever lies at their paths."""
    _carried.update(fonts)


def font_data(file: str) -> bytes:
    """A font file's bytes; OSError where it is neither carried nor there."""
    return _carried[file] if file in _carried else Path(file).read_bytes()


@lru_cache(maxsize=64)
def font_digest(file: str) -> bytes:
    """What tells a font from others, wherever it lies."""
    return hashlib.blake2b(font_data(file), digest_size=20).digest()
