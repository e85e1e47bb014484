"""A scene in a parcel: pickled once, opened by every worker in a fraction of the time that building it takes.

In the same way, what each layer follows from is told: whether it is the one that it was in an earlier run.
"""

from __future__ import annotations

import functools
import hashlib
import io
import pickle
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from animap.scene import Scene
from animap.style import carry_fonts, fonts_of
from animap.words import Book, book

__all__ = ["open_parcel", "packed", "state_of"]


class _Pickler(pickle.Pickler):
    """Pickles what scenes are made of; the same state gives the same bytes in every process."""

    def __init__(self, file: io.BytesIO, apart: Mapping[int, bytes] | None = None) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._apart = apart or {}

    def persistent_id(self, item: object) -> bytes | None:
        """What stands for objects that are pickled apart."""
        return self._apart.get(id(item))

    def reducer_override(self, item: object) -> Any:
        """How to make again what pickle refuses, or orders differently each time."""
        match item:
            case functools._lru_cache_wrapper() if not _importable(item):
                # A layer's own memory: the method is enough, what it remembers stays behind.
                return _remembering, (item.__wrapped__, item.cache_parameters()["maxsize"])
            case BaseModel():
                # Pydantic's own way has a set of words in it, in any order.
                return _model, (type(item), dict(item.__dict__))
            case Book():
                # Babel loads a language bit by bit; all of it follows from its code.
                return book, (item.language,)
            case MappingProxyType():
                return _unchanging, (dict(item),)
        return NotImplemented


class _Teller(_Pickler):
    """Pickles what things are, without what they have worked out of it so far."""

    def reducer_override(self, item: object) -> Any:
        """As ever, but for what was found out when it was asked for."""
        found = super().reducer_override(item)
        kind: type = type(item)
        if found is not NotImplemented or not (names := _worked_out(kind)):
            return found
        reduced: Any = item.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        make, values, state, *rest = reduced
        return make, values, {n: part for n, part in (state or {}).items() if n not in names}, *rest


@functools.cache
def _worked_out(kind: type) -> frozenset[str]:
    parts = (part for base in kind.__mro__ for part in vars(base).items())
    return frozenset(name for name, part in parts if isinstance(part, functools.cached_property))


def _importable(wrapper: Any) -> bool:
    found: Any = sys.modules.get(wrapper.__module__)
    for name in wrapper.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is wrapper


def _remembering(function: Callable[..., Any], size: int | None) -> Callable[..., Any]:
    return functools.lru_cache(maxsize=size)(function)


def _unchanging(values: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(values)


def _model(kind: type[BaseModel], values: dict[str, Any]) -> BaseModel:
    return kind.model_construct(**values)


def packed(scene: Scene, *more: object) -> bytes:
    """A scene, the fonts of its style and whatever goes with it, as bytes."""
    file = io.BytesIO()
    _Pickler(file).dump((fonts_of(scene.style), scene, *more))
    return file.getvalue()


def open_parcel(data: bytes) -> tuple[Any, ...]:
    """What was packed; its fonts are at hand from then on, whether this machine has their files or not."""
    fonts, *contents = pickle.loads(data)
    carry_fonts(fonts)
    return tuple(contents)


def state_of(scene: Scene) -> tuple[bytes, ...]:
    """A digest of what each layer follows from: while it is the same, so are the layer's marks."""
    # What a layer shows may follow from where the camera is, too.
    setting = scene.setting
    common = _digest((setting, scene.camera), {})
    # What all settings have in common is most of each, and is told once.
    shared = (setting, setting.data, setting.land, setting.formations, setting.style)
    apart = {id(item): common + bytes([number]) for number, item in enumerate(shared)}
    return tuple(_digest((common, origin), apart) for origin in scene.origins)


def _digest(item: object, apart: Mapping[int, bytes]) -> bytes:
    file = io.BytesIO()
    _Teller(file, apart).dump(item)
    return hashlib.blake2b(file.getbuffer(), digest_size=20).digest()
