"""The tooth of paper under the land: a mottling and a grain so faint that one sees them only when told.

It is part of the ground, the same in every frame and every run: no noise that a video would have to carry.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from animap.layers.base import Setting
from animap.marks import Image
from animap.style.colour import rgba
from animap.style.model import PaperStyle
from animap.types import Floats, Pixels

__all__ = ["paper"]

_CELL = 2.0
"""Units between two values of the texture."""
_MOTTLES, _SHARE = 24.0, 0.6
"""Size of the mottling in grains, and how much of the texture it is."""
_SEED = 1944


def paper(style: PaperStyle, setting: Setting) -> Iterator[Image]:
    """The texture over the whole picture; nothing where the style gives it no strength."""
    if not style.strength:
        return
    page, unit = setting.page, setting.metres_per_unit
    shape = math.ceil(page.down / _CELL) + 2, math.ceil(page.across / _CELL) + 2
    half, tall = shape[1] * _CELL * unit / 2, shape[0] * _CELL * unit / 2
    x, y = setting.view.x, setting.view.y
    corners = (x - half, y + tall, x + half, y - tall)
    yield Image(pixels=_tinted(texture(shape, style.grain / _CELL), style), corners=corners)


def texture(shape: tuple[int, int], grain: float) -> Floats:
    """Values `shape` of -1 to 1, mostly near 0; `grain` is the size of a grain in cells."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(_SEED)

    def layer(size: float) -> Floats:
        soft: Floats = gaussian_filter(noise.standard_normal(shape), size, mode="reflect")
        return soft / max(float(soft.std()), 1e-9)

    values = _SHARE * layer(grain * _MOTTLES) + (1 - _SHARE) * layer(grain)
    return np.clip(values / 2, -1, 1)


def _tinted(values: Floats, style: PaperStyle) -> Pixels:
    pixels = np.empty((*values.shape, 4), np.uint8)
    light, shade = (np.round(np.array(rgba(c)[:3]) * 255) for c in (style.light, style.shade))
    pixels[..., :3] = np.where((values > 0)[..., None], light, shade)
    pixels[..., 3] = np.round(np.abs(values) * style.strength * 255)
    return pixels
