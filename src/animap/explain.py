"""Turning what parsers and validators say into problems a person can act on."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from animap.errors import AnimapError, Problem

__all__ = ["Key", "key_name", "line_of", "nearest", "place_in", "problems_of", "read_toml", "split_hint"]

Key: TypeAlias = tuple[int | str, ...]
"""Where a value stands in a TOML file: `("layers", 0, "file")`."""

_EXPECTED = {
    "bool": "true or false, without quotes",
    "date": "a date like 1944-09-05",
    "dict": 'a table like { fr = "…", en = "…" }',
    "float": "a number, without quotes",
    "int": "a whole number, without quotes",
    "list": "a list in [ ]",
    "model": "a table",
    "string": 'text in quotes "…"',
    "tuple": "a list in [ ]",
}
"""What to write, by the first word of pydantic's name for the error."""

_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'? ` for the likeliest of the known words, or nothing."""
    by_lower = {k.lower(): k for k in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean '{by_lower[close[0]]}'? " if close else ""


def split_hint(error: ValueError) -> tuple[str, str]:
    """What is wrong, and what to do: our own ValueErrors say both, with a semicolon between."""
    what, _, hint = str(error).partition("; ")
    return what, hint


def read_toml(path: Path, error: type[AnimapError]) -> dict[str, Any]:
    """Parse a TOML file; what fails is raised as `error` with file, line and column."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise error("file not found", str(path), "check the path") from None
    except UnicodeDecodeError as cause:
        line = path.read_bytes()[: cause.start].count(b"\n") + 1
        raise error("not UTF-8 text", f"{path}, line {line}", "save the file as UTF-8") from cause
    except OSError as cause:
        raise error(f"cannot be read: {cause.strerror}", str(path), "check what lies there") from cause
    except tomllib.TOMLDecodeError as cause:
        said = str(cause)
        match = re.search(r"\(at line (\d+), column (\d+)\)", said)
        place = f", line {match[1]}, column {match[2]}" if match else ", at the end"
        reason = said[: match.start()].strip() if match else said.replace("(at end of document)", "").strip()
        hint = (
            "there is no such day or hour" if "Invalid date" in reason else "https://toml.io shows the format"
        )
        raise error(f"not valid TOML: {reason}", f"{path}{place}", hint) from cause


def key_name(key: Key) -> str:
    """A key as people write it: `layers[0].file`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in key).lstrip(".")


def place_in(path: Path, key: Key) -> str:
    """File, line and key: `film.toml, line 12, layers[0].file`."""
    line = line_of(path, key)
    return f"{path}{f', line {line}' if line else ''}{f', {key_name(key)}' if key else ''}"


def line_of(path: Path, key: Key) -> int | None:
    """The line of a TOML file on which a key stands, or else the table that should hold it."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    table: list[int | str] = []
    counts: dict[tuple[int | str, ...], int] = {}
    best, depth = None, 0
    for number, line in enumerate(lines, 1):
        at = table
        if header := re.fullmatch(r"\s*(\[\[?)\s*([^\]\"']+?)\s*\]\]?\s*(#.*)?", line):
            table = _opened(header[2], counts, many=header[1] == "[[")
            at = table
        elif pair := re.match(r"\s*([\w.\-]+)\s*=", line):
            at = [*table, *pair[1].split(".")]
        else:
            continue
        if depth < len(at) <= len(key) and tuple(at) == key[: len(at)]:
            best, depth = number, len(at)
    return best


def _opened(header: str, counts: dict[tuple[int | str, ...], int], *, many: bool) -> list[int | str]:
    """The key of a table that a header opens; a table inside a list belongs to the list's latest."""
    table: list[int | str] = []
    parts = [part.strip() for part in header.split(".")]
    for i, part in enumerate(parts):
        table.append(part)
        name = tuple(table)
        if many and i == len(parts) - 1:
            counts[name] = counts.get(name, -1) + 1
        if name in counts:
            table.append(counts[name])
    return table


def problems_of(
    error: ValidationError,
    file: Path,
    model: type[BaseModel],
    origin: Callable[[Key], Path] | None = None,
    at: Key = (),
) -> list[Problem]:
    """Each complaint of pydantic as a problem: file, line and key, what is wrong, what to write instead.

    `origin` says in which file a key was written, if there are several; `at` is where the table stands.
    """
    told: dict[str, list[tuple[str, str]]] = {}
    for item in error.errors(include_url=False):
        key, branch = _key(item["loc"], model)
        sayings = told.setdefault(place_in(origin(key) if origin else file, (*at, *key)), [])
        sayings += [s for s in _sayings(item, key, model) if s not in sayings]
        if branch and len(sayings) > 1:
            # Each branch of a union complains in its own words about the same value.
            wanted = " or ".join(hint.removeprefix("write ") for _, hint in sayings)
            sayings[:] = [(sayings[0][0], f"write {wanted}")]
    return [Problem(what, where, hint) for where, pairs in told.items() for what, hint in pairs]


def _sayings(item: ErrorDetails, key: Key, model: type[BaseModel]) -> list[tuple[str, str]]:
    """What is wrong and what to write instead; our own validators may find several things at once."""
    kind, context, last = item["type"], item.get("ctx", {}), str(item["loc"][-1]) if item["loc"] else ""
    given = _shown(item["input"])
    if kind == "extra_forbidden":
        known = _fields_at(model, tuple(item["loc"][:-1]))
        return [(f"unknown key '{last}'", f"{nearest(last, known)}known keys: {', '.join(sorted(known))}")]
    if kind == "missing" and isinstance(item["loc"][-1], int):
        return [("the list is too short", f"it needs a value number {item['loc'][-1] + 1}")]
    if kind == "missing":
        return [(f"'{last}' is missing", "add it")]
    if kind == "union_tag_invalid":
        tags = re.findall(r"'([^']*)'", str(context.get("expected_tags")))
        tag = str(context.get("tag"))
        return [(f"unknown kind '{tag}'", f"{nearest(tag, tags)}the kinds are {', '.join(tags)}")]
    if kind == "union_tag_not_found":
        return [("'kind' is missing", f"add one of {', '.join(_tags_at(model, key))}")]
    if kind == "value_error":
        return [_with_hint(line) for line in item["msg"].removeprefix("Value error, ").split("\n")]
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", str(context.get("expected")))
        return [(f"{given} is not a choice", f"{nearest(str(item['input']), words)}use {', '.join(words)}")]
    if kind == "string_pattern_mismatch" and context.get("pattern") == "^[a-z]{2}$":
        return [(f"{given} is not the code of a language", "write two small letters: fr, en, nl, de")]
    if kind == "too_short":
        return [("there are too few", f"give at least {context.get('min_length')}")]
    if kind == "too_long":
        return [("there are too many", f"give {context.get('max_length')}")]
    if kind in _BOUNDS:
        limit, side = _BOUNDS[kind]
        return [(f"{given} is out of range", f"write a number {side} {context.get(limit):g}")]
    expected = _EXPECTED.get(kind.partition("_")[0])
    if expected:
        return [(f"{given} is of the wrong type", f"write {expected}")]
    return [(f"{item['msg'][0].lower()}{item['msg'][1:]}, not {given}", "correct it")]


def _with_hint(text: str) -> tuple[str, str]:
    what, hint = split_hint(ValueError(text))
    return what, hint or "correct it"


def _shown(value: object) -> str:
    """A value as the file has it, shortened."""
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = f"'{value}'"
        case dict():
            text = f"the table with {', '.join(value)}"
        case _:
            text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _key(loc: tuple[int | str, ...], model: type[BaseModel]) -> tuple[Key, bool]:
    """A location without what no file shows: tags (`layers.0.towns.file`) and branches of unions."""
    key: list[int | str] = []
    branch = False
    for at, part in enumerate(loc):
        if isinstance(part, str) and part in ("str", "dict[str,str]"):
            branch = True
        elif isinstance(part, int) or at == 0 or part not in _tags_at(model, tuple(loc[:at])):
            key.append(part)
    return tuple(key), branch


def _tags_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    models = _models_at(model, loc)
    return [str(m.model_fields["kind"].default) for m in models if "kind" in m.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not get_origin(annotation):
        return [annotation] if issubclass(annotation, BaseModel) else []
    if get_origin(annotation) is dict:
        return _models_in(get_args(annotation)[1])
    inner = get_args(annotation)
    if get_origin(annotation) in (Union, types.UnionType, list, tuple) or inner:
        return [m for a in inner for m in _models_in(a)]
    return []


def _models_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[type[BaseModel]]:
    models = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        tagged = [m for m in models if "kind" in m.model_fields and m.model_fields["kind"].default == part]
        if tagged:
            models = tagged
            continue
        fields = [m.model_fields[part] for m in models if part in m.model_fields]
        models = [m for f in fields for m in _models_in(f.annotation)] or models
    return models


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    return {name for m in _models_at(model, loc) for name in m.model_fields}
