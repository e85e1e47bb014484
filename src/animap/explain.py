"""Turning what parsers and validators say into problems a person can act on."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from animap.errors import AnimapError, Problem

__all__ = ["nearest", "problems_of", "read_toml"]


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'? ` for the likeliest of the known words, or nothing."""
    by_lower = {k.lower(): k for k in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean '{by_lower[close[0]]}'? " if close else ""


def read_toml(path: Path, error: type[AnimapError]) -> dict[str, Any]:
    """Parse a TOML file; what fails is raised as `error` with file, line and column."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise error("file not found", str(path), "check the path") from None
    except UnicodeDecodeError as cause:
        line = path.read_bytes()[: cause.start].count(b"\n") + 1
        raise error("not UTF-8 text", f"{path}, line {line}", "save the file as UTF-8") from cause
    except OSError as cause:
        raise error(f"cannot be read: {cause.strerror}", str(path)) from cause
    except tomllib.TOMLDecodeError as cause:
        said = str(cause)
        match = re.search(r"\(at line (\d+), column (\d+)\)", said)
        place = f", line {match[1]}, column {match[2]}" if match else ", at the end"
        reason = said[: match.start()].strip() if match else said.replace("(at end of document)", "").strip()
        raise error(f"not valid TOML: {reason}", f"{path}{place}", "see toml.io for the format") from cause


def problems_of(error: ValidationError, file: str, model: type[BaseModel]) -> list[Problem]:
    """Each complaint of pydantic as a problem: file and key, what is wrong, what to write instead."""
    problems = []
    for item in error.errors(include_url=False):
        place = [p for p in item["loc"] if not _is_tag(p, item["loc"], model)]
        key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        what, hint = item["msg"], ""
        if item["type"] == "extra_forbidden":
            known = _fields_at(model, tuple(item["loc"][:-1]))
            what = f"unknown key '{item['loc'][-1]}'"
            hint = f"{nearest(str(item['loc'][-1]), known)}known keys: {', '.join(sorted(known))}"
        elif item["type"] == "missing":
            what, hint = f"'{item['loc'][-1]}' is missing", "add it"
        elif item["type"] == "union_tag_invalid":
            context = item.get("ctx", {})
            what = f"unknown kind '{context.get('tag')}'"
            hint = f"the kinds are {context.get('expected_tags')}"
        elif item["type"] == "union_tag_not_found":
            what, hint = "'kind' is missing", 'add for example kind = "towns"'
        elif what.startswith("Value error, "):
            what = what.removeprefix("Value error, ")
            what, _, hint = what.partition("; ")
        else:
            what = f"{what[0].lower()}{what[1:]}, not {item['input']!r}"
        problems.append(Problem(what, f"{file}, {key}" if key else file, hint))
    return problems


def _is_tag(part: int | str, loc: tuple[int | str, ...], model: type[BaseModel]) -> bool:
    """Whether a part of a location is the tag of a union (`layers.0.towns.file`), which no file shows."""
    at = loc.index(part)
    if isinstance(part, int) or at == 0:
        return False
    kinds = {
        c.model_fields["kind"].default for c in _models_at(model, tuple(loc[:at])) if "kind" in c.model_fields
    }
    return part in kinds


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
