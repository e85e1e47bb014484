"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

__all__ = [
    "Detail",
    "FilmPath",
    "Fps",
    "Json",
    "Lang",
    "Langs",
    "Loops",
    "Presets",
    "Show",
    "Size",
    "Sizes",
    "StyleName",
    "Styles",
    "Wording",
]

FilmPath: TypeAlias = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILM]", help="Film folder, film.toml or shipped film; animap's own if left out."
    ),
]
StyleName: TypeAlias = Annotated[str | None, typer.Option("--style", help="Style by name, or a .toml file.")]
Lang: TypeAlias = Annotated[str | None, typer.Option("--lang", help="Language: fr, en, nl, de.")]
Size: TypeAlias = Annotated[
    str | None, typer.Option("--size", help="360p 720p 1080p 1440p 4k 8k square portrait, or WIDTHxHEIGHT.")
]
Styles: TypeAlias = Annotated[
    str | None, typer.Option("--style", help="Style by name, or a .toml file; or several: atlas,night.")
]
Langs: TypeAlias = Annotated[
    str | None, typer.Option("--lang", help="Language: fr, en, nl, de; or several: fr,en.")
]
Sizes: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--size",
        help="360p 720p 1080p 1440p 4k 8k square portrait, or WIDTHxHEIGHT; or several: 1080p,square.",
    ),
]
Fps: TypeAlias = Annotated[
    str | None, typer.Option("--fps", help="Frames per second: 30, 29.97, 30000/1001.")
]
Detail: TypeAlias = Annotated[
    bool | None, typer.Option("--detail/--no-detail", help="Show the details, or the story alone.")
]
Wording: TypeAlias = Annotated[
    bool | None,
    typer.Option("--text/--no-text", help="Show words, or the picture alone for dubbing elsewhere."),
]
Loops: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--loop", help="What follows the last frame: cut, hold or crossfade, with seconds as in hold:8."
    ),
]
Presets: TypeAlias = Annotated[
    str | None,
    typer.Option("--preset", help="Settings for a purpose, see 'animap presets'; or several: web,archive."),
]
Show: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--show", help="Of map,marks,captions,furniture only these; without the map, on a transparent ground."
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
