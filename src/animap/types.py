"""Small types that every part may use."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["PARTS", "Colour", "Floats", "Language", "Part", "Pixels", "Rect", "Words"]

Floats: TypeAlias = NDArray[np.float64]
"""An array of 64-bit floats; the docstring of the user gives its shape."""

Pixels: TypeAlias = NDArray[np.uint8]
"""Picture as `(height, width, 3 or 4)` bytes, sRGB, first row on top."""

Rect: TypeAlias = tuple[int, int, int, int]
"""Pixels `left, top, right, bottom`; right and bottom are the first ones outside."""

Colour: TypeAlias = str
"""`#rrggbb` or `#rrggbbaa`, sRGB."""

Language: TypeAlias = str
"""ISO 639-1 code: `fr`, `en`, `nl`, `de`."""

Part: TypeAlias = Literal["map", "marks", "captions", "furniture"]
"""What a picture is made of: the base map; what happens on it, with names; captions; date, legend, time line,
locator and cards. Where the map is left out, the picture is transparent."""

PARTS: tuple[Part, ...] = get_args(Part)
"""All of them."""

Words: TypeAlias = dict[Language, str]
"""One text in several languages."""
