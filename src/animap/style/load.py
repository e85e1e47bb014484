"""Reading a style file, with `extends` merged and fonts found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from animap.errors import Problem, StyleError
from animap.explain import nearest, problems_of, read_toml
from animap.resources import shipped
from animap.style.model import Style

__all__ = ["load_style", "shipped_styles"]


def shipped_styles() -> dict[str, Path]:
    """Names and files of the styles that ship with animap."""
    return {path.stem: path for path in sorted(shipped("styles").glob("*.toml"))}


def load_style(name: str, beside: Path | None = None) -> Style:
    """Load a style by name or by file; a file is looked for in the folder `beside` first.

    Raises StyleError with everything that is wrong in it.
    """
    path = _find(name, beside)
    table, fonts = _merged(path, ())
    table.setdefault("name", path.stem)
    problems: list[Problem] = []
    for where, lettering in _letterings(table):
        font = str(lettering["font"])
        found = next((f for f in (folder / font for folder in fonts) if f.is_file()), None)
        if found is None:
            have = sorted(p.name for p in (shipped("styles") / "fonts").glob("*.[ot]tf"))
            problems.append(
                Problem(
                    f"font '{font}' not found",
                    f"{path}, {where}.font",
                    f"{nearest(font, have)}put the .ttf or .otf file beside the style; shipped fonts: "
                    f"{', '.join(have)}",
                )
            )
        else:
            lettering["font"] = str(found)
    try:
        style = Style.model_validate(table)
    except ValidationError as error:
        problems += problems_of(error, str(path), Style)
    if problems:
        raise StyleError(problems)
    return style


def _find(name: str, beside: Path | None) -> Path:
    known = shipped_styles()
    places = [Path(name)] if beside is None else [beside / name, beside / f"{name}.toml", Path(name)]
    for place in places:
        if place.suffix == ".toml" and place.is_file():
            return place
    if name in known:
        return known[name]
    raise StyleError(
        f"no style '{name}'",
        hint=f"{nearest(name, known)}the styles are {', '.join(known)}; or give a .toml file",
    )


def _merged(path: Path, seen: tuple[Path, ...]) -> tuple[dict[str, Any], list[Path]]:
    """The file's table over the one it extends, and the folders its fonts may lie in."""
    if path in seen:
        raise StyleError("styles extend each other in a circle", str(path), "remove one 'extends'")
    table = read_toml(path, StyleError)
    folders = [path.parent, path.parent / "fonts", shipped("styles") / "fonts"]
    if "extends" not in table:
        return table, folders
    base, more = _merged(_find(str(table["extends"]), path.parent), (*seen, path))
    base.pop("name", None)
    return _over(base, table), folders + more


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in top.items():
        below = result.get(key)
        result[key] = _over(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return result


def _letterings(table: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(table, dict):
        if "font" in table:
            yield where, table
        for key, value in table.items():
            yield from _letterings(value, f"{where}.{key}" if where else key)
    elif isinstance(table, list):
        for i, value in enumerate(table):
            yield from _letterings(value, f"{where}[{i}]")
