"""The table of formations: who moved, under whom, of which nation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from animap.layers.base import Formation
from animap.sources import Reader

__all__ = ["NATIONS", "read_formations"]

NATIONS = ("BE", "CA", "CZ", "DE", "FR", "GB", "NL", "NO", "PL", "SU", "US")
"""Nations that styles have a colour for."""


def read_formations(
    reader: Reader, file: str, fields: Mapping[str, str], languages: tuple[str, ...]
) -> Mapping[str, Formation]:
    """Formations by id; each has a name in every language of the film."""
    table = reader.table(file, None, ("id", "name", "nation", "source"), fields)
    table.unique("id")
    found = {}
    for row in table:
        names = row.words("name")
        missing = [] if "" in names else [lang for lang in languages if lang not in names]
        if missing and row.has("name"):
            row.report.error(f"no name in {', '.join(missing)}", row.where, "fill it in")
        found[row.text("id")] = Formation(
            row.required("id"),
            names,
            row.one_of("nation", NATIONS),
            row.text("commander"),
            row.text("army"),
            row.required("source"),
        )
    return MappingProxyType(found)
