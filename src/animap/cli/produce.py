"""`animap render`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animap.cli.options import Detail, FilmPath, Fps, Json, Lang, Size, StyleName, Wording
from animap.cli.places import folders, unhindered

if TYPE_CHECKING:
    from animap.api import Animation
    from animap.errors import Findings
    from animap.film import Film, OutputSpec
    from animap.render import Job

__all__ = ["prepared", "render"]

_FOLDER = Path("output")
_FORMAT_SIZE = {"gif": "960x540"}


def render(
    film: FilmPath = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "-o", "--output", help="File to write, .mp4 or .gif, or a folder for PNG; may be repeated."
        ),
    ] = None,
    style: StyleName = None,
    lang: Lang = None,
    size: Size = None,
    fps: Fps = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day to render.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day to render.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Worker processes; 0 for one a processor.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be rendered, and stop.")] = False,
    detail: Detail = None,
    text: Wording = None,
    draw: Annotated[
        str, typer.Option("--draw", help="'changes', or 'full' to redraw each frame (for comparing).")
    ] = "changes",
    as_json: Json = False,
) -> None:
    """Render a film to MP4, GIF or a folder of PNG pictures.

    Without -o the outputs that the film file lists are written to the folder 'output'.
    """
    from animap.beside.manifest import deliver
    from animap.cli.report import TerminalProgress
    from animap.errors import Findings, UsageError
    from animap.film import load_film

    findings = Findings()
    loaded = load_film(film, detail=detail, findings=findings)
    with findings.step():
        if draw not in ("changes", "full"):
            raise UsageError(f"unknown --draw '{draw}'", hint="use 'changes' or 'full'")
    wanted = _wanted(loaded.spec.outputs, output or (), findings)
    chosen = {"style": style, "lang": lang, "size": size, "fps": fps}
    made: list[tuple[Animation, Job]] = []
    with folders([_FOLDER] if not output and not dry_run else []):
        for path, model in wanted:
            with findings.step():
                made.append(
                    prepared(
                        loaded,
                        path,
                        model,
                        chosen,
                        (from_, to),
                        detail=detail,
                        full=draw == "full",
                        text=text,
                    )
                )
            if not dry_run:
                with findings.step():
                    _writable(path, [job for _, job in made if job.destination == path], force=force)
        findings.check()
    answers = []
    for animation, job in made:
        stop = animation.frames if job.stop is None else job.stop
        answer = {
            "file": str(job.destination),
            "width": job.page.width,
            "height": job.page.height,
            "fps": str(job.fps),
            "frames": stop - job.start,
            "seconds": float((stop - job.start) / job.fps),
            "style": job.style,
            "language": job.language,
        }
        if not dry_run:
            result = deliver(job, animation.film, jobs=jobs, force=force, progress=TerminalProgress())
            answer |= {"bytes": result.size, "took": round(result.took, 2)}
        answers.append(answer)
        if not as_json:
            typer.echo(_sentence(answer))
    if as_json:
        typer.echo(json.dumps(answers, ensure_ascii=False, indent=2))


def _wanted(
    outputs: tuple[OutputSpec, ...], paths: Sequence[Path], findings: Findings
) -> list[tuple[Path, OutputSpec | None]]:
    """Files to write, each with the output of the film that it is like."""
    from animap.errors import UsageError

    for path in sorted({p for p in paths if paths.count(p) > 1}):
        with findings.step():
            raise UsageError("the file is asked for twice", str(path), "name it once")
    if not paths and not outputs:
        with findings.step():
            raise UsageError("the film file lists no outputs", hint="name a file with -o")
    return [(path, _like(path, outputs)) for path in paths] or [(_FOLDER / o.file, o) for o in outputs]


def _writable(path: Path, jobs: Sequence[Job], *, force: bool) -> None:
    from animap.errors import OutputError
    from animap.render.job import obstacles_to

    if not jobs and not path.is_dir():
        # No job came of it, for other reasons; its place can be told about all the same.
        unhindered(path, force=force)
    problems = [problem for job in jobs for problem in obstacles_to(job, force=force)]
    if problems:
        raise OutputError(problems)


def _like(path: Path, outputs: tuple[OutputSpec, ...]) -> OutputSpec | None:
    """The film's own output of the same format, whose settings a file of another name takes over."""
    alike = [o for o in outputs if Path(o.file).suffix.lower() == path.suffix.lower()]
    return next((o for o in alike if o.file == path.name), alike[0] if alike else None)


def prepared(
    film: Film,
    path: Path,
    model: OutputSpec | None,
    chosen: Mapping[str, str | None],
    span: tuple[str | None, str | None] = (None, None),
    *,
    detail: bool | None,
    full: bool = False,
    text: bool | None = None,
) -> tuple[Animation, Job]:
    """What an output asks for: by the command, else by the film's own output, else by its format."""
    from animap.api import animation_of, options_for
    from animap.explain import place_in

    at = ""
    if model and model.style and not chosen.get("style"):
        at = place_in(film.file, ("outputs", film.spec.outputs.index(model), "style"))
    options = model.options if model else options_for(path)
    own_fps = str(getattr(options, "fps", 30))
    animation = animation_of(
        film,
        style=chosen.get("style") or (model.style if model else None),
        style_at=at,
        language=chosen.get("lang") or (model.language if model else None),
        size=chosen.get("size") or (model and model.size) or _FORMAT_SIZE.get(options.kind, "1080p"),
        fps=chosen.get("fps") or (model and model.fps) or own_fps,
        detail=detail,
        text=text if text is not None else model.text if model else True,
    )
    start, stop = _frames(animation, *span)
    return animation, animation.job(path, start=start, stop=stop, options=options, full=full)


def _frames(animation: Animation, first: str | None, last: str | None) -> tuple[int, int | None]:
    from animap.errors import UsageError

    start = animation.first_index_of(first) if first else 0
    stop = animation.last_index_of(last) + 1 if last else None
    if stop is not None and stop <= start:
        raise UsageError(f"--to {last} comes before --from {first}", hint="swap them")
    return start, stop


def _sentence(answer: dict[str, object]) -> str:
    text = "{file}: {width}×{height}, {frames} frames, {seconds:.2f} s at {fps} fps, {style}, {language}"
    if "bytes" in answer:
        text += "; {size:.1f} MB in {took:.1f} s"
    return text.format(size=float(str(answer.get("bytes", 0))) / 1e6, **answer)
