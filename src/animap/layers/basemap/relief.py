"""Hillshade: slopes that face the light are lit, those turned away lie in shade, flat ground stays bare."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from animap.layers.base import Setting
from animap.marks import Image
from animap.sources import Heights
from animap.style.colour import rgba
from animap.style.model import ReliefStyle
from animap.types import Floats, Pixels

__all__ = ["hillshade", "shading"]


def shading(heights: Heights, style: ReliefStyle, setting: Setting) -> Iterator[Image]:
    """The relief of the stretch of map in the picture; nothing where the grid does not reach."""
    sigma = style.smooth * setting.metres_per_unit / heights.cell
    cropped = _cropped(heights, setting, rim=math.ceil(4 * sigma) + 2)
    if cropped is None:
        return
    values, known = _smoothed(cropped.values, sigma)
    share = hillshade(values, cropped.cell, style) * known
    rows, columns = share.shape
    corners = (
        cropped.left,
        cropped.top,
        cropped.left + columns * cropped.cell,
        cropped.top - rows * cropped.cell,
    )
    yield Image(pixels=_tinted(share, style), corners=corners)


def hillshade(values: Floats, cell: float, style: ReliefStyle) -> Floats:
    """How much more (up to 1) or less (down to -1) light than flat ground each cell `(h, w)` gets."""
    down, right = np.gradient(values * style.exaggeration, cell)
    azimuth, altitude = math.radians(style.azimuth), math.radians(style.altitude)
    east, north = math.sin(azimuth) * math.cos(altitude), math.cos(azimuth) * math.cos(altitude)
    flat = math.sin(altitude)
    # Rows run south, so the slope to the north is that up the rows.
    lit = (flat - right * east + down * north) / np.sqrt(1 + right**2 + down**2)
    more = lit - flat
    share: Floats = np.where(more > 0, more / (1 - flat), more / flat)
    return share.clip(-1, 1)


def _cropped(heights: Heights, setting: Setting, rim: int) -> Heights | None:
    left, bottom, right, top = setting.bounds
    first = max(0, math.floor((left - heights.left) / heights.cell) - rim)
    last = math.ceil((right - heights.left) / heights.cell) + rim
    high = max(0, math.floor((heights.top - top) / heights.cell) - rim)
    low = math.ceil((heights.top - bottom) / heights.cell) + rim
    values = heights.values[high : max(low, 0), first : max(last, 0)]
    if min(values.shape) < 2:
        return None
    cell = heights.cell
    return Heights(values, heights.left + first * cell, heights.top - high * cell, cell)


def _smoothed(values: Floats, sigma: float) -> tuple[Floats, Floats]:
    """Heights without gaps, and how much of each cell is known (0 to 1)."""
    known = np.isfinite(values).astype(float)
    filled = np.where(known > 0, values, 0.0)
    if sigma < 0.3:
        return filled, known
    from scipy.ndimage import gaussian_filter

    weight = gaussian_filter(known, sigma, mode="nearest")
    smooth = gaussian_filter(filled, sigma, mode="nearest")
    return np.divide(smooth, weight, out=np.zeros_like(smooth), where=weight > 1e-3), known * weight


def _tinted(share: Floats, style: ReliefStyle) -> Pixels:
    pixels = np.empty((*share.shape, 4), np.uint8)
    light, shade = (np.round(np.array(rgba(c)[:3]) * 255) for c in (style.light, style.shade))
    pixels[..., :3] = np.where((share > 0)[..., None], light, shade)
    pixels[..., 3] = np.round(np.abs(share) * style.strength * 255)
    return pixels
