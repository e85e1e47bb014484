"""`animap render`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from animap.cli.options import (
    Detail,
    FilmPath,
    Fps,
    Json,
    Langs,
    Loops,
    Presets,
    Show,
    Sizes,
    Styles,
    Wording,
)
from animap.cli.orders import FOLDER, Order, jobs_of
from animap.cli.places import folders

if TYPE_CHECKING:
    from animap.film import Film
    from animap.render import Job, Result, Store
    from animap.render.crew import Crew

__all__ = ["render"]


def render(
    film: FilmPath = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--output",
            help="File: .mp4 .webm .mov .mkv .gif .webp .apng, or a folder of PNG; may be repeated.",
        ),
    ] = None,
    preset: Presets = None,
    style: Styles = None,
    lang: Langs = None,
    size: Sizes = None,
    fps: Fps = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="Other than the suffix says: hevc in .mp4, av1 in .webm or .mp4."),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day to render.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day to render.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Worker processes; 0 for one a processor.")] = 0,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Address of a Dask scheduler whose workers draw: tcp://HOST:PORT."),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option("--cache/--no-cache", help="Take segments that were drawn before, and keep new ones."),
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be rendered, and stop.")] = False,
    detail: Detail = None,
    text: Wording = None,
    loop: Loops = None,
    show: Show = None,
    max_size: Annotated[
        str | None,
        typer.Option("--max-size", help="Bytes that a GIF, WebP or animated PNG may have: '2 MB'."),
    ] = None,
    draw: Annotated[
        str, typer.Option("--draw", help="'changes', or 'full' to redraw each frame (for comparing).")
    ] = "changes",
    as_json: Json = False,
) -> None:
    """Render a film to video, animated pictures or a folder of PNG pictures.

    Without -o the outputs that the film file lists, or those of --preset, are written to the folder 'output'.
    What is said beside --preset wins. Several languages, styles or sizes (--lang fr,en --style atlas,night)
    give a file each: film.fr.atlas.mp4.
    """
    from animap.render.receipt import Watched, call_key, recalled
    from animap.render.store import Store, cache_folder

    began = time.time()
    order = Order(
        tuple(output or ()),
        style,
        lang,
        size,
        fps,
        from_,
        to,
        draw,
        text,
        loop,
        preset,
        encoding,
        show,
        max_size,
    )
    store = Store(cache_folder()) if cache and not dry_run else None
    # Who compares wants it drawn.
    key = None if store is None or order.full else call_key((film, detail, order))
    if store and key and (again := recalled(store, key, force=force)):
        answers, warnings = again
        _warn(warnings)
        _tell(answers, as_json=as_json)
        return

    from animap.errors import Findings
    from animap.film import load_film

    crew = _crew(cluster, jobs) if not dry_run else None
    findings = Findings()
    loaded = load_film(film, detail=detail, findings=findings)
    with folders([FOLDER] if not output and not dry_run else []):
        made = jobs_of(order, loaded, findings, force=force, dry=dry_run)
        findings.check()
    if dry_run:
        _tell([_answer(job) for job in made], as_json=as_json)
        return
    watched = Watched.of(_watched(film, loaded, made))
    results = _carried_out(made, jobs, crew, store, force=force)
    answers = [_answer(result.job or job) | _told(result) for job, result in zip(made, results, strict=True)]
    if store and key and all(r.keys for r in results) and not watched.touched_since(began):
        watched.remember(store, key, zip(made, results, answers, strict=True))
    _tell(answers, as_json=as_json)


def _watched(given: Path | None, film: Film, made: Sequence[Job]) -> Iterator[Path]:
    """Files that the call's outputs follow from, and places where others would take their stead."""
    from animap.film.presets import PRESETS
    from animap.style import style_places

    if given is not None:
        yield given / "film.toml"
        if not given.is_dir():
            yield given
    yield from film.files
    yield film.file.with_name(PRESETS)
    for style in sorted({job.style for job in made}):
        yield from style_places(style, film.folder)


def _crew(cluster: str | None, jobs: int) -> Crew | None:
    """The cluster, if one is asked for; else workers of this machine begin to get ready."""
    if cluster:
        from animap.render.cluster import Cluster

        return Cluster(cluster)
    if jobs != 1:
        from animap.render.local import warm_up

        warm_up()
    return None


def _carried_out(
    made: Sequence[Job], jobs: int, crew: Crew | None, store: Store | None, *, force: bool
) -> list[Result]:
    from animap.beside.manifest import deliver
    from animap.cli.report import TerminalProgress

    results: list[Result] = []
    try:
        for result in deliver(
            made, jobs=jobs, force=force, progress=TerminalProgress(), store=store, crew=crew
        ):
            results.append(result)  # noqa: PERF402  # what is done is told even if the next fails
    finally:
        _warn(warning for result in results for warning in result.warnings)
    return results


def _warn(warnings: Iterable[object]) -> None:
    for warning in dict.fromkeys(warnings):
        print(f"animap: warning: {warning}", file=sys.stderr)


def _told(result: Result) -> dict[str, Any]:
    took = round(result.took, 2)
    return {"bytes": result.size, "took": took, "segments": result.segments, "drawn": result.drawn}


def _answer(job: Job) -> dict[str, Any]:
    start, stop = job.plan[0].start, job.plan[-1].stop
    return {
        "file": str(job.destination),
        "width": job.signal.width,
        "height": job.signal.height,
        "fps": str(job.fps),
        "frames": stop - start,
        "seconds": float((stop - start) / job.fps),
        "style": job.style,
        "language": job.language,
    }


def _tell(answers: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answers, ensure_ascii=False, indent=2))
        return
    for answer in answers:
        typer.echo(_sentence(answer))


def _sentence(answer: dict[str, Any]) -> str:
    text = "{file}: {width}×{height}, {frames} frames, {seconds:.2f} s at {fps} fps, {style}, {language}"
    if "bytes" in answer:
        text += "; {size:.1f} MB in {took:.1f} s"
        if answer["drawn"] < answer["segments"]:
            text += ", {drawn} of {segments} segments drawn"
    return text.format(size=answer.get("bytes", 0) / 1e6, **answer)
