"""Presets: settings of outputs by name, those that ship and the film's own.

A preset is a table; what it extends, and what stands beside its name in an output, are laid over one
another as tables, before anything is filled in. So whoever writes a key wins over whoever leaves it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from animap.errors import FilmError, Problem, UsageError
from animap.explain import Key, nearest, place_in, problems_of, read_toml, split_hint
from animap.film.outputs import OutputSpec, PresetSpec, homes

__all__ = ["PRESETS", "Preset", "film_presets", "merged", "preset_named", "shipped_presets", "with_presets"]

PRESETS = "presets.toml"
"""The file beside a film in which its presets may stand."""
_SHIPPED = Path(__file__).with_name(PRESETS)


@dataclass(frozen=True)
class Preset:
    """Settings by name; `table` is what an output takes over, `file` where they were written."""

    name: str
    spec: PresetSpec
    table: Mapping[str, Any]
    file: Path

    @property
    def suffix(self) -> str:
        """How a file's name ends in its format: nothing for a folder of pictures."""
        found = homes(self.spec.encoding)[0] if self.spec.encoding else ".mp4"
        # A single PNG file is a still.
        return "" if found == ".png" else found

    def output(self, file: str) -> OutputSpec:
        """A file with its settings; UsageError where the file is to be of another format."""
        try:
            return OutputSpec.model_validate({**self.table, "file": file, "preset": self.name})
        except ValidationError as error:
            what, hint = split_hint(error.errors()[0].get("ctx", {}).get("error", error))
            raise UsageError(what, f"--preset {self.name}", hint) from None


Presets: TypeAlias = Mapping[str, Preset]
_Places: TypeAlias = dict[str, tuple[dict[str, Any], Path, Key]]
"""Tables of presets, each with its file and its place there."""


def shipped_presets() -> Presets:
    """The presets that ship with animap."""
    return _read(_tables(read_toml(_SHIPPED, FilmError), _SHIPPED, ()))


def film_presets(film: Path, table: Mapping[str, Any]) -> Presets:
    """The shipped presets, over them those of `presets.toml` beside a film, and those of its own `table`.

    Raises FilmError with everything that is wrong.
    """
    beside = film.with_name(PRESETS)
    places = _tables(read_toml(_SHIPPED, FilmError), _SHIPPED, ())
    if beside.is_file():
        places |= _tables(read_toml(beside, FilmError), beside, ())
    places |= _tables(table.get("presets", {}), film, ("presets",))
    return _read(places)


def with_presets(table: Mapping[str, Any], presets: Presets, film: Path) -> dict[str, Any]:
    """A film's table whose outputs have what their presets give; FilmError where there is no such preset."""
    outputs = table.get("outputs")
    if not isinstance(outputs, list):
        return dict(table)
    found, problems = [], []
    for number, output in enumerate(outputs):
        name = output.get("preset") if isinstance(output, dict) else None
        if isinstance(name, str) and name not in presets:
            place = place_in(film, ("outputs", number, "preset"))
            problems.append(Problem(f"no preset '{name}'", place, _known(name, presets)))
        preset = presets.get(name) if isinstance(name, str) else None
        found.append(merged(preset.table, output) if preset else output)
    if problems:
        raise FilmError(problems)
    return {**table, "outputs": found}


def preset_named(name: str, presets: Presets) -> Preset:
    """A preset by name; UsageError when there is none."""
    if name not in presets:
        raise UsageError(f"no preset '{name}'", "--preset", _known(name, presets))
    return presets[name]


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One table over another, tables inside too, unless they are of different kinds."""
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        result[key] = value
        if isinstance(value, dict) and isinstance(under, dict):
            kind = under.get("kind")
            result[key] = merged(under, value) if value.get("kind", kind) == kind else value
    return result


def _known(name: str, presets: Collection[str]) -> str:
    return f"{nearest(name, presets)}they are {', '.join(presets)}; 'animap presets' says what each is for"


def _tables(table: Any, file: Path, at: Key) -> _Places:
    """The presets in a table; what is no table is left for the film's own check to tell."""
    if not isinstance(table, dict):
        return {}
    return {name: (own, file, (*at, name)) for name, own in table.items() if isinstance(own, dict)}


def _read(places: _Places) -> Presets:
    found: dict[str, Preset] = {}
    problems: list[Problem] = []
    for name, (_, file, at) in places.items():
        try:
            table = _whole(name, places, ())
            spec = PresetSpec.model_validate(table)
        except FilmError as error:
            problems += error.problems
        except ValidationError as error:
            problems += problems_of(error, file, PresetSpec, at=at)
        else:
            settings = {key: value for key, value in table.items() if key not in ("about", "extends")}
            found[name] = Preset(name, spec, settings, file)
    if problems:
        raise FilmError(dict.fromkeys(problems))
    return found


def _whole(name: str, places: _Places, seen: tuple[str, ...]) -> dict[str, Any]:
    """A preset's table over those that it extends; FilmError where they lead nowhere."""
    own, file, at = places[name]
    base = own.get("extends")
    if not isinstance(base, str):
        return own
    if base not in places:
        raise FilmError(f"no preset '{base}'", place_in(file, (*at, "extends")), _known(base, places))
    if base in (*seen, name):
        place = place_in(file, (*at, "extends"))
        raise FilmError("presets extend each other in a circle", place, "extend another preset, or none")
    return merged(_whole(base, places, (*seen, name)), own)
