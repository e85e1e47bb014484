"""Marks as plain strokes in pixels, so that other tools can draw the same pictures.

This module knows nothing of animap: a baseline reads its strokes without loading a rival first.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Colour", "Dots", "Drawing", "Key", "Label", "Shape", "Still", "Stroke", "read", "save"]

Colour: TypeAlias = tuple[float, float, float, float]
Key: TypeAlias = int
"""Of a stroke that stays the same from frame to frame."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A path filled, stroked or both; pixels, y upward, codes as matplotlib's."""

    xy: NDArray[np.float64]
    codes: NDArray[np.uint8]
    fill: Colour | None
    edge: Colour | None
    width: float
    dash: tuple[float, ...]
    hatch: Colour | None
    lettering: bool


@dataclass(frozen=True, slots=True)
class Dots:
    """Neighbouring dots of a frame, as one would hand them to `scatter`."""

    xy: NDArray[np.float64]
    radii: NDArray[np.float64]
    fills: NDArray[np.float64]
    edges: NDArray[np.float64]
    widths: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text by its baseline, in pixels."""

    text: str
    x: float
    y: float
    size: float
    colour: Colour
    halo: Colour | None
    halo_width: float
    align: str
    angle: float


@dataclass(frozen=True, slots=True)
class Still:
    """A run of strokes that lie next to each other, opaque, wherever the view is the same."""

    run: int


Shape: TypeAlias = tuple[Key, float] | Dots | Still
"""A stroke with its opacity, dots, or strokes worth drawing once."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sample of a film: what each of its frames shows, from the bottom up.

    `still` has the strokes of each `Still`.
    """

    width: int
    height: int
    fps: int
    background: Colour
    strokes: dict[Key, Stroke]
    still: list[list[Key]]
    frames: list[list[Shape]]
    labels: list[list[Label]]


def save(drawing: Drawing, path: Path) -> None:
    path.write_bytes(pickle.dumps(drawing, pickle.HIGHEST_PROTOCOL))


def read(path: Path) -> Drawing:
    drawing: Drawing = pickle.loads(path.read_bytes())
    return drawing
