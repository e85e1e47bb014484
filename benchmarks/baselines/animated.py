"""Animated pictures of PNG files as others make them: ffmpeg's GIF and WebP, Pillow's GIF."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.baselines import ffmpeg

__all__ = ["libwebp", "palettegen", "pillow"]

_PILLOW = """
import sys
from PIL import Image
fps, out, *names = sys.argv[1:]
first, *others = [Image.open(name).convert("RGB") for name in names]
first.save(out, save_all=True, append_images=others, duration=1000 // int(fps), loop=0)
"""


def palettegen(pictures: list[Path], fps: int, out: Path) -> list[str]:
    """Command: one palette for the film, error diffusion Sierra 2-4A, as its manual has it."""
    graph = "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=sierra2_4a"
    return [*_read(pictures, fps), "-vf", graph, str(out)]


def libwebp(pictures: list[Path], fps: int, out: Path) -> list[str]:
    """Command: libwebp's animation encoder as ffmpeg sets it, lossy, quality 75."""
    return [*_read(pictures, fps), "-c:v", "libwebp_anim", "-loop", "0", str(out)]


def pillow(pictures: list[Path], fps: int, out: Path) -> list[str]:
    """Command: `save_all`."""
    return [sys.executable, "-c", _PILLOW, str(fps), str(out), *map(str, pictures)]


def _read(pictures: list[Path], fps: int) -> list[str]:
    numbered = str(pictures[0].parent / "%04d.png")
    return [ffmpeg.binary(), "-y", "-v", "error", "-framerate", str(fps), "-i", numbered]
