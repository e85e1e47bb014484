"""Checking an output against its manifest: the bytes, then every frame as a player decodes it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, UnidentifiedImageError

from animap.beside.manifest import Manifest, digest_of, read_manifest
from animap.errors import CheckError, Problem, UsageError

__all__ = ["Seen", "verify"]

_AGAIN = "copy it again from where it was rendered, or render it again"
_PICTURES = (".gif", ".webp", ".png", ".apng")
_HUNDREDTH = Fraction(1, 100)
"""What a GIF counts in."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What decoding found: the sizes of all pictures, how many, and the seconds that they last."""

    sizes: frozenset[tuple[int, int]]
    pictures: int
    seconds: Fraction | None


def verify(output: Path) -> Manifest:
    """Check an output against the manifest beside it; its manifest if all is well.

    Raises UsageError if there is no such file, CheckError with everything that differs.
    """
    if not output.exists():
        raise UsageError("file not found", str(output), "check the path")
    manifest = read_manifest(output)
    problems = [Problem(what, str(output), _AGAIN) for what in _differences(output, manifest)]
    if problems:
        raise CheckError(problems)
    return manifest


def _differences(output: Path, manifest: Manifest) -> list[str]:
    found = []
    digest = digest_of(output)
    if digest.bytes != manifest.output.bytes:
        found.append(f"has {digest.bytes} bytes, and had {manifest.output.bytes} when it was made")
    elif digest.sha256 != manifest.output.sha256:
        found.append("its content is not the one that was made: SHA-256 differs")
    try:
        seen = _seen(output)
    except (av.FFmpegError, UnidentifiedImageError, OSError, SyntaxError, EOFError, IndexError) as cause:
        return [*found, f"cannot be decoded to its end: {cause}"]
    wanted = (manifest.width, manifest.height)
    found += [f"has pictures of {w}×{h}, not {wanted[0]}×{wanted[1]}" for w, h in seen.sizes - {wanted}]
    seconds = manifest.frames / Fraction(manifest.fps)
    if seen.seconds is None:
        if seen.pictures != manifest.frames:
            found.append(f"has {seen.pictures} frames, not {manifest.frames}")
    elif abs(seen.seconds - seconds) > _HUNDREDTH:
        found.append(f"lasts {float(seen.seconds):.2f} s, not {float(seconds):.2f} s")
    return found


def _seen(output: Path) -> Seen:
    if output.is_dir():
        return _sequence(output)
    return _animation(output) if output.suffix.lower() in _PICTURES else _video(output)


def _video(path: Path) -> Seen:
    sizes, count = set(), 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        # Or a decoder would paint over what is missing.
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in container.decode(stream):
            sizes.add((frame.width, frame.height))
            count += 1
    return Seen(frozenset(sizes), count, None)


def _animation(path: Path) -> Seen:
    """Formats that show a picture for as long as it does not change."""
    sizes, milliseconds, count = set(), 0, 0
    with Image.open(path) as picture:
        for n in range(getattr(picture, "n_frames", 1)):
            picture.seek(n)
            picture.load()
            sizes.add(picture.size)
            milliseconds += round(picture.info.get("duration", 0))
            count += 1
    return Seen(frozenset(sizes), count, Fraction(milliseconds, 1000))


def _sequence(folder: Path) -> Seen:
    sizes, count = set(), 0
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as picture:
            picture.load()
            sizes.add(picture.size)
            count += 1
    return Seen(frozenset(sizes), count, None)
