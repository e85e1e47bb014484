"""The table of sources: what the keys in `source` columns stand for, and how much they prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from animap.sources import Reader

__all__ = ["Reference", "keys_of", "read_references"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A source: its title, what kind of thing it is, where it can be found."""

    key: str
    title: str
    kind: str = ""
    place: str = ""


def keys_of(source: str) -> tuple[str, ...]:
    """The keys in a `source` cell, which a semicolon divides."""
    return tuple(key for part in source.split(";") if (key := part.strip()))


def read_references(reader: Reader, file: str, fields: Mapping[str, str]) -> Mapping[str, Reference]:
    """Sources by key, from rows with `key`, `title`, and `kind`, `url_or_reference`."""
    table = reader.table(file, None, ("key", "title"), fields)
    table.unique("key")
    found = {
        row.text("key"): Reference(
            row.required("key"), row.required("title"), row.text("kind"), row.text("url_or_reference")
        )
        for row in table
    }
    return MappingProxyType(found)
