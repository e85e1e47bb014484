"""Colours as `#rrggbb` or `#rrggbbaa` in sRGB."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["Colour", "contrast", "luminance", "mix", "rgba", "with_alpha"]

_HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{8})")


def _check(value: str) -> str:
    if not _HEX.fullmatch(value.lower()):
        raise ValueError(
            f"'{value}' is not a colour; write it like #c0392b, or #c0392b80 for half transparent"
        )
    return value.lower()


Colour = Annotated[str, AfterValidator(_check)]
"""A colour in a style file."""


@lru_cache(maxsize=1024)
def rgba(colour: str) -> tuple[float, float, float, float]:
    """Red, green, blue and alpha, each 0 to 1."""
    r, g, b, a = (int((colour[1:] + "ff")[i : i + 2], 16) / 255 for i in (0, 2, 4, 6))
    return r, g, b, a


def _hex(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, c))):02x}" for c in channels)


def mix(a: str, b: str, share: float) -> str:
    """The colour that lies `share` (0 to 1) of the way from `a` to `b`."""
    return _hex(tuple(x + (y - x) * share for x, y in zip(rgba(a), rgba(b), strict=True)))


def with_alpha(colour: str, alpha: float) -> str:
    """The colour with its alpha multiplied by `alpha` (0 to 1)."""
    r, g, b, a = rgba(colour)
    return _hex((r, g, b, a * alpha))


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, as WCAG 2 defines it; alpha is ignored."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgba(colour)[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two opaque colours, 1 to 21, as WCAG 2 defines it."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)
