"""Digests: what a segment's bytes depend on, in a few bytes.

A segment's key is made of what its frames show, not of the files that it came from: where a change shows
nowhere, nothing is drawn again. Every mark is digested once, however many frames show it.
"""

from __future__ import annotations

import hashlib
import platform
import struct
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from pydantic import BaseModel

from animap.marks import Faded, Mark, Shown
from animap.style import Lettering, font_digest
from animap.style.shaping import fallback_fonts

__all__ = ["Digest", "MarkDigests", "digest_of", "program"]

Digest: TypeAlias = bytes
"""20 bytes; the same for the same value, on every machine."""

_PARTS = ("av", "babel", "matplotlib", "numpy", "pillow", "python-bidi", "scipy", "shapely", "uharfbuzz")
"""Packages in which a frame's pixels or their encoding are made."""


def _hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=20)


@cache
def program() -> Digest:
    """What tells this animap, and the packages that it draws with, from others."""
    found = _hash()
    folder = Path(__file__).parents[1]
    # The shipped films and styles are what is drawn, not what draws.
    parts = (p for p in folder.rglob("*") if p.relative_to(folder).parts[0] not in ("data", "styles"))
    for file in sorted(p for p in parts if p.suffix in (".py", ".toml", ".c", ".h")):
        found.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for font in fallback_fonts():
        found.update(font_digest(str(font)))
    found.update(repr([(name, version(name)) for name in _PARTS]).encode())
    found.update(platform.machine().encode())
    return found.digest()


def digest_of(*values: object) -> Digest:
    """Digest of numbers, text, bytes, arrays, and dataclasses, models and sequences of them.

    TypeError for anything else: better no digest than one that misses something.
    """
    found = _hash()
    for value in values:
        _add(found, value)
    return found.digest()


class MarkDigests:
    """Digests of what is shown; remembers marks that stay."""

    def __init__(self) -> None:
        self._known: dict[Mark, Digest] = {}

    def of_frames(self, frames: Iterable[Sequence[Shown]]) -> Digest:
        """Digest of what some frames show, each from the bottom up."""
        found = _hash()
        shown: Sequence[Shown] = ()
        for shown in frames:
            found.update(struct.pack("<I", len(shown)))
            found.update(b"".join(map(self._of, shown)))
        return found.digest()

    def forget(self) -> None:
        """Let go of all marks."""
        self._known.clear()

    def _of(self, shown: Shown) -> bytes:
        if isinstance(shown, Faded):
            return self._of_mark(shown.mark) + struct.pack("<d", shown.opacity)
        return self._of_mark(shown) + _FULL

    def _of_mark(self, mark: Mark) -> Digest:
        known = self._known.get(mark)
        if known is None:
            known = self._known[mark] = digest_of(mark)
        return known


_FULL = struct.pack("<d", 1.0)


def _add(found: hashlib.blake2b, value: Any) -> None:
    """Add a value with its type and length, so that no two values give the same bytes."""
    match value:
        case None | bool() | int():
            found.update(f"{value};".encode())
        case float():
            found.update(b"f" + struct.pack("<d", value))
        case Fraction():
            found.update(f"q{value};".encode())
        case str():
            data = value.encode()
            found.update(b"s%d;" % len(data) + data)
        case bytes():
            found.update(b"b%d;" % len(value) + value)
        case np.ndarray():
            found.update(f"a{value.dtype.str}{value.shape};".encode())
            found.update(np.ascontiguousarray(value).data)
        case tuple() | list():
            found.update(b"(%d;" % len(value))
            for item in value:
                _add(found, item)
        case BaseModel():
            _add_named(found, value, value.__dict__)
        case _ if is_dataclass(value) and not isinstance(value, type):
            _add_named(found, value, {f.name: getattr(value, f.name) for f in fields(value)})
        case _:
            raise TypeError(f"no digest is made of a {type(value).__name__}")


def _add_named(found: hashlib.blake2b, value: object, parts: dict[str, Any]) -> None:
    found.update(f"{type(value).__name__}{len(parts)};".encode())
    for name, part in parts.items():
        # A font is what is in its file, wherever that lies.
        data = font_digest(part) if name == "font" and isinstance(value, Lettering) else part
        found.update(name.encode() + b"=")
        _add(found, data)
