"""How like finished frames an animated picture is, whoever made it: decoded by Pillow, frame by frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import uniform_filter

from animap.types import Pixels

__all__ = ["Likeness", "likeness"]

_WINDOW = 8
"""Pixels along the side of what SSIM looks at."""
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """PSNR in dB over all pixels of all frames, and mean SSIM; both in RGB."""

    psnr: float
    ssim: float


def likeness(film: Path, pictures: list[Path], fps: int, every: int = 4) -> Likeness:
    """Compare every so many frames."""
    errors, similar = [], []
    for number, shown in enumerate(_frames(film, fps)):
        if number % every or number >= len(pictures):
            continue
        with Image.open(pictures[number]) as image:
            wanted = np.asarray(image.convert("RGB"), np.float32)
        seen = shown.astype(np.float32)
        errors.append(float(((seen - wanted) ** 2).mean()))
        similar += [_ssim(seen[..., c], wanted[..., c]) for c in range(3)]
    return Likeness(10 * math.log10(255**2 / np.mean(errors)), float(np.mean(similar)))


def _frames(film: Path, fps: int) -> Iterator[Pixels]:
    """Each frame of a film, as it is seen in its middle."""
    with Image.open(film) as image:
        milliseconds, frame = 0.0, 0
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pixels = np.asarray(image.convert("RGB"))
            milliseconds += image.info["duration"]
            while (frame + 0.5) * 1000 / fps < milliseconds:
                yield pixels
                frame += 1


def _ssim(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment", 2004, with square windows."""

    def mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(uniform_filter(plane, _WINDOW), np.float32)

    a, b = mean(one), mean(other)
    variance = mean(one * one) - a * a + mean(other * other) - b * b
    covariance = mean(one * other) - a * b
    likeness = (2 * a * b + _C1) * (2 * covariance + _C2) / ((a * a + b * b + _C1) * (variance + _C2))
    return float(likeness.mean())
