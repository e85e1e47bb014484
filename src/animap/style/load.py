"""Reading a style file, with `extends` merged and fonts found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from animap.errors import Problem, StyleError
from animap.explain import Key, nearest, place_in, problems_of, read_toml
from animap.resources import shipped
from animap.style.model import Style

__all__ = ["load_style", "shipped_styles", "style_files", "style_places"]

_FONTS = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")
"""How font files begin."""


def shipped_styles() -> dict[str, Path]:
    """Names and files of the styles that ship with animap."""
    return {path.stem: path for path in sorted(shipped("styles").glob("*.toml"))}


def load_style(name: str, beside: Path | None = None, where: str = "") -> Style:
    """Load a style by name or by file; a file is looked for in the folder `beside` first.

    `where` is the place that names it, for the error. Raises StyleError with everything that is wrong.
    """
    chain = _chain(_find(name, beside, where), ())
    path = chain[0][0]
    table: dict[str, Any] = {}
    for _, own in reversed(chain):
        table = _over({k: v for k, v in table.items() if k != "name"}, own)
    table.setdefault("name", path.stem)
    fonts = [folder for file, _ in chain for folder in (file.parent, file.parent / "fonts")]
    fonts.append(shipped("styles") / "fonts")
    problems: list[Problem] = []
    for key, lettering in _letterings(table, ()):
        font = str(lettering["font"])
        found = next((f for f in (folder / font for folder in fonts) if f.is_file()), None)
        if found is not None and found.read_bytes().startswith(_FONTS):
            lettering["font"] = str(found)
            continue
        at = place_in(_origin(chain, key), key)
        if found is None:
            have = sorted(p.name for p in (shipped("styles") / "fonts").glob("*.[ot]tf"))
            problems.append(
                Problem(
                    f"font '{font}' not found",
                    at,
                    f"{nearest(font, have)}put the .ttf or .otf file beside the style; shipped fonts: "
                    f"{', '.join(have)}",
                )
            )
        else:
            problems.append(Problem(f"'{font}' is not a font", at, "use a .ttf or .otf file"))
    try:
        style = Style.model_validate(table)
    except ValidationError as error:
        problems += problems_of(error, path, Style, lambda key: _origin(chain, key))
    if problems:
        raise StyleError(problems)
    return style


def style_files(name: str, beside: Path | None = None) -> tuple[Path, ...]:
    """The files that a style is made of: its own, then those it extends; StyleError like `load_style`."""
    return tuple(path for path, _ in _chain(_find(name, beside), ()))


def style_places(name: str, beside: Path | None = None) -> tuple[Path, ...]:
    """Files that a style is made of, and places where a new one would take another's stead."""
    chain = _chain(_find(name, beside), ())
    asked = [(name, beside), *((str(t["extends"]), path.parent) for path, t in chain if "extends" in t)]
    places = [place for wanted, folder in asked for place in _places(wanted, folder)]
    folders = [folder for file, _ in chain for folder in (file.parent, file.parent / "fonts")]
    folders.append(shipped("styles") / "fonts")
    fonts = {str(lettering["font"]) for _, table in chain for _, lettering in _letterings(table, ())}
    places += [path for path, _ in chain]
    places += [folder / font for font in sorted(fonts) for folder in folders]
    return tuple(dict.fromkeys(places))


def _places(name: str, beside: Path | None) -> list[Path]:
    return [Path(name)] if beside is None else [beside / name, beside / f"{name}.toml", Path(name)]


def _find(name: str, beside: Path | None, where: str = "") -> Path:
    known = shipped_styles()
    for place in _places(name, beside):
        if place.suffix == ".toml" and place.is_file():
            return place
    if name in known:
        return known[name]
    raise StyleError(
        f"no style '{name}'",
        where,
        f"{nearest(name, known)}the styles are {', '.join(known)}; or give a .toml file",
    )


_Chain: TypeAlias = list[tuple[Path, dict[str, Any]]]


def _chain(path: Path, seen: tuple[Path, ...]) -> _Chain:
    """The file with its table, then what it extends."""
    at = place_in(path, ("extends",))
    if path.resolve() in seen:
        raise StyleError("styles extend each other in a circle", at, "extend another style, or none")
    table = read_toml(path, StyleError)
    if "extends" not in table:
        return [(path, table)]
    below = _find(str(table["extends"]), path.parent, at)
    return [(path, table), *_chain(below, (*seen, path.resolve()))]


def _origin(chain: _Chain, key: Key) -> Path:
    """The file that a value comes from; for one that is missing, the first that has its table."""
    for length in range(len(key), 0, -1):
        for path, table in chain:
            if _holds(table, key[:length]):
                return path
    return chain[0][0]


def _holds(table: Any, key: Key) -> bool:
    for part in key:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in top.items():
        below = result.get(key)
        result[key] = _over(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return result


def _letterings(table: Any, key: Key) -> Iterator[tuple[Key, dict[str, Any]]]:
    if isinstance(table, dict):
        if "font" in table:
            yield (*key, "font"), table
        for name, value in table.items():
            yield from _letterings(value, (*key, name))
    elif isinstance(table, list):
        for i, value in enumerate(table):
            yield from _letterings(value, (*key, i))
