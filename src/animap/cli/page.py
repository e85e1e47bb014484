"""`animap page`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animap.cli.options import Detail, FilmPath, Fps, Json, Langs, Size, StyleName
from animap.cli.orders import Order, prepared

if TYPE_CHECKING:
    from animap.film import Film
    from animap.render import Job
    from animap.render.matrix import Variant

__all__ = ["page"]


def page(
    film: FilmPath = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path("page"),
    lang: Langs = None,
    video: Annotated[
        list[str] | None,
        typer.Option("--video", help="Rendered film to take, FILE or LANG=FILE, instead of rendering one."),
    ] = None,
    gif: Annotated[
        list[str] | None, typer.Option("--gif", help="Rendered GIF to take, FILE or LANG=FILE.")
    ] = None,
    no_gif: Annotated[bool, typer.Option("--no-gif", help="Leave the GIF out.")] = False,
    style: StyleName = None,
    size: Size = None,
    fps: Fps = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Worker processes; 0 for one a processor.")] = 0,
    cache: Annotated[
        bool,
        typer.Option("--cache/--no-cache", help="Take segments that were drawn before, and keep new ones."),
    ] = True,
    detail: Detail = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing page.")] = False,
    as_json: Json = False,
) -> None:
    """Write a lesson page: a folder that opens in any browser, from disk, without a network.

    It holds the film in each language (all of the film's without --lang), its events as text and pictures,
    and a GIF. Size and frame rate are those of the film's own MP4 and GIF outputs.
    """
    from animap.api import animation_of
    from animap.cli.report import TerminalProgress
    from animap.errors import Findings, UsageError
    from animap.film import load_film
    from animap.page import Edition, LessonPage, write_page
    from animap.render import Job, Store, cache_folder
    from animap.render.matrix import Variant, listed
    from animap.style import load_style

    findings = Findings()
    loaded = load_film(film, detail=detail, findings=findings)
    languages: tuple[str, ...] = loaded.spec.spoken
    with findings.step():
        languages = tuple(filter(None, listed("--lang", lang))) or languages
    videos: Mapping[str, Path] = {}
    gifs: Mapping[str, Path] = {}
    with findings.step():
        videos = _by_language(video or (), languages)
    with findings.step():
        gifs = _by_language(gif or (), languages)
    with findings.step():
        if gif and no_gif:
            raise UsageError("--gif and --no-gif contradict each other", hint="leave one out")
    editions: list[Edition] = []
    for language in languages:
        with findings.step():
            look = animation_of(loaded, style=style, language=language).style
            film_file: Job | Path = videos.get(language) or _job(
                loaded, "film.mp4", Variant(language, style, size), Order(fps=fps)
            )
            gif_file: Job | Path | None = gifs.get(language)
            if not (gif_file or no_gif):
                gif_file = _job(loaded, "film.gif", Variant(language, style), Order())
            editions.append(Edition(language, film_file, gif_file))
            look = film_file.style if isinstance(film_file, Job) else look
    findings.check()
    made = LessonPage(loaded, load_style(look, loaded.folder), editions)
    store = Store(cache_folder()) if cache else None
    written = write_page(made, output, jobs=jobs, force=force, progress=TerminalProgress(), store=store)
    for warning in written.warnings:
        print(f"animap: warning: {warning}", file=sys.stderr)
    total = sum(path.stat().st_size for path in written.index.parent.rglob("*") if path.is_file())
    if as_json:
        typer.echo(json.dumps({"file": str(written.index), "languages": languages, "bytes": total}))
    else:
        typer.echo(f"{written.index}: {', '.join(languages)}; {total / 1e6:.1f} MB")


def _job(film: Film, name: str, variant: Variant, order: Order) -> Job:
    """What has to be rendered: like the film's own output of that format, whatever its name."""
    suffix = Path(name).suffix
    like = next((o for o in film.spec.outputs if Path(o.file).suffix.lower() == suffix), None)
    # Its time line ends where the film does, and it has one picture.
    like = like and like.model_copy(update={"loop": None, "wall": None})
    return prepared(film, Path(name), like, variant, order)[1]


def _by_language(given: Sequence[str], languages: Sequence[str]) -> dict[str, Path]:
    """Files by language; one that names no language holds for all that are not named."""
    from animap.errors import UsageError

    files: dict[str, Path] = {}
    for text in given:
        language, equals, path = text.partition("=")
        if not equals or len(language) != 2:
            files |= {code: Path(text) for code in languages if code not in files}
        elif language in languages:
            files[language] = Path(path)
        else:
            raise UsageError(f"the page is not in '{language}'", text, f"it is in {', '.join(languages)}")
    return files
