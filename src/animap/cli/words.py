"""`animap words`: captions and transcript as files beside the film."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animap.cli.options import Detail, FilmPath, Json, Lang
from animap.cli.places import folders, unhindered

if TYPE_CHECKING:
    from animap.film import Film

__all__ = ["words"]

_FOLDER = Path("output")


def words(
    film: FilmPath = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            help="File to write: .srt, .vtt, .md or .html; or a folder for all of them in every language.",
        ),
    ] = None,
    lang: Lang = None,
    fps: Annotated[
        str | None, typer.Option("--fps", help="Frame rate of the film that the captions go with.")
    ] = None,
    detail: Detail = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    as_json: Json = False,
) -> None:
    """Write the words of a film: captions as SRT and WebVTT, the transcript as Markdown and HTML.

    Without -o all of them, in every language of the film, are written to the folder 'output'.
    """
    from animap.api import animation_of
    from animap.beside.files import write_words
    from animap.errors import Findings
    from animap.film import load_film

    findings = Findings()
    loaded = load_film(film, detail=detail, findings=findings)
    with findings.step():
        animation = animation_of(loaded, language=lang, fps=fps or _fps(loaded))
    asked = output or [_FOLDER]
    with folders([path for path in asked if _is_folder(path)]):
        wanted = [pair for path in asked for pair in _files(path, loaded, lang)]
        for path, _ in wanted:
            with findings.step():
                _writable(path, force=force)
        findings.check()
    for path, code in wanted:
        write_words(path, loaded, code, animation.fps)
    if as_json:
        answers = [{"file": str(path), "language": code} for path, code in wanted]
        typer.echo(json.dumps(answers, ensure_ascii=False, indent=2))
        return
    for path, code in wanted:
        typer.echo(f"{path}: {code}")


def _is_folder(path: Path) -> bool:
    return path.is_dir() or not path.suffix


def _files(path: Path, film: Film, lang: str | None) -> list[tuple[Path, str]]:
    """The files, each with its language, that one place asks for."""
    from animap.beside.files import WORD_FILES

    if not _is_folder(path):
        return [(path, lang or film.spec.language)]
    languages = (lang,) if lang else film.spec.spoken
    return [(path / f"{_stem(film)}.{code}{suffix}", code) for code in languages for suffix in WORD_FILES]


def _writable(path: Path, *, force: bool) -> None:
    from animap.beside.files import words_format

    words_format(path)
    unhindered(path, force=force)


def _stem(film: Film) -> str:
    """What players look for beside the film's own output."""
    outputs = film.spec.outputs
    return Path(outputs[0].file).stem if outputs else film.file.resolve().parent.name


def _fps(film: Film) -> str:
    return next((o.fps for o in film.spec.outputs if o.fps), "30")
