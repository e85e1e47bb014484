"""What a source's key stands for: the film's table of sources, where it has one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from animap.errors import DataError, Problem

__all__ = ["cited", "source_titles"]

_FILE, _COLUMNS = "sources.csv", ("key", "title")


def source_titles(folder: Path) -> Mapping[str, str]:
    """Titles by key, from `sources.csv` in the film's folder; empty where there is none.

    DataError for a file that is no such table.
    """
    path = folder / _FILE
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [c for c in _COLUMNS if c not in (table.fieldnames or ())]
            if missing:
                raise DataError(
                    Problem(f"no column '{missing[0]}'", str(path), "the table has the columns key and title")
                )
            return {row["key"].strip(): row["title"].strip() for row in table if row["key"] and row["title"]}
    except UnicodeDecodeError as cause:
        raise DataError("not UTF-8 text", str(path), "save the file as UTF-8") from cause


def cited(source: str, titles: Mapping[str, str]) -> list[str]:
    """The titles of a cell like `SEED;CNRD`; a key that the table does not know stands for itself."""
    return [titles.get(key.strip(), key.strip()) for key in source.split(";") if key.strip()]
