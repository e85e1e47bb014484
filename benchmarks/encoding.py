"""Finished PNG pictures into an animated one, by animap's encoder alone: what others are compared with."""

from __future__ import annotations

import argparse
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from animap.encode import Signal, encoder_for, suffixes
from animap.style import load_style, plain_colours
from animap.types import Pixels

__all__ = ["command", "encode"]


def command(
    pictures: list[Path], fps: int, out: Path, *, style: str, lossiness: int | None = None
) -> list[str]:
    """Command that does it in a process of its own, start-up counted; the pictures are drawn in a style."""
    options = () if lossiness is None else ("--lossiness", str(lossiness))
    return [
        sys.executable,
        "-m",
        __name__,
        "--style",
        style,
        *options,
        str(fps),
        str(out),
        *map(str, pictures),
    ]


def encode(pictures: list[Path], fps: int, out: Path, style: str, lossiness: int | None) -> None:
    """One segment, one process; where pictures differ has to be found out."""
    first, known = _read(pictures[0]), sorted(plain_colours(load_style(style)))
    signal = Signal(first.shape[1], first.shape[0], Fraction(fps), colours=tuple(known))
    chosen = {} if lossiness is None else {"lossiness": lossiness}
    encoder = encoder_for(suffixes[out.suffix].model_validate(chosen))
    last, count = len(pictures) - 1, encoder.samples
    shared = encoder.prepare((_read(pictures[last * n // (count - 1)]) for n in range(count)), signal)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part"
        with encoder.segment(part, signal, shared) as sink:
            for path in pictures:
                sink.add(_read(path))
        encoder.join([part], out, signal, shared)


def _read(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", required=True)
    parser.add_argument("--lossiness", type=int)
    parser.add_argument("fps", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    asked = parser.parse_args()
    encode(asked.pictures, asked.fps, asked.out, asked.style, asked.lossiness)


if __name__ == "__main__":
    main()
