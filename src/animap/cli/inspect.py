"""`animap check`, `plan`, `styles`, `films` and `presets`: everything that can be said without rendering."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animap.cli.options import Detail, FilmPath, Fps, Json, Lang, Size, StyleName
from animap.cli.orders import Order, prepared
from animap.errors import Problem

if TYPE_CHECKING:
    from animap.api import Animation

__all__ = ["check", "films", "plan", "presets", "styles", "verify"]


_MOVE = "give one of the two a lower rank, or another place"
_ROOM = "give one that must be read a better rank, or a neighbour a lower one; the others may stay nameless"
_SIGN = "settle what can be settled, and have the rest signed: animap sheet --sign"


def check(
    film: FilmPath = None,
    style: StyleName = None,
    lang: Lang = None,
    size: Size = None,
    detail: Detail = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where there are warnings; measures pictures, too.")
    ] = False,
    measure: Annotated[
        bool,
        typer.Option("--measure", help="Look at all pictures, too: flashes, contrast of text (a minute)."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read and check a film, its data and its style; exit code 0 when nothing is wrong."""
    from animap.cli.report import TerminalProgress
    from animap.errors import AnimapError, CheckError
    from animap.layers.placing import overlaps

    try:
        animation = _checked(film, style, lang, size or "1080p", detail)
        labels = animation.scene.labels()
    except AnimapError as error:
        if not as_json:
            raise
        answer = {"ok": False, "problems": [_told(p) for p in error.problems], "warnings": []}
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        raise typer.Exit(error.exit_code) from None
    warnings, covered = [*animation.warnings], overlaps(labels.placed)
    warnings += [
        Problem(f"the names {a} and {b} overlap", str(animation.film.file), _MOVE) for a, b in covered
    ]
    if measure or strict:
        warnings += animation.measured(TerminalProgress())
    left_out = [name.id for name in labels.left_out]
    failed = strict and bool(warnings)
    if as_json:
        answer = {
            "ok": not failed,
            "problems": [],
            "warnings": [_told(p) for p in warnings],
            "names": len(labels.placed),
            "names_left_out": left_out,
            "name_overlaps": covered,
            "disputed": [asdict(doubt) for doubt in animation.film.doubts],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for warning in warnings:
            typer.echo(f"warning: {warning}")
        # A placed name has one place for as long as it is shown, so there is nothing to count as a jump.
        typer.echo(f"names: {len(labels.placed)} placed, {len(covered)} overlaps, 0 jumps")
        if left_out:
            typer.echo(f"note: {len(left_out)} names find no place: {', '.join(left_out)}\n    → {_ROOM}")
        _tell_doubts(animation)
        count = f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
        verdict = f"{count}, and --strict allows none" if failed else "sound"
        length = f"{animation.frames} frames, {float(animation.seconds):.2f} s"
        typer.echo(f"{animation.film.file}: {verdict}; {length}")
    if failed:
        raise typer.Exit(CheckError.exit_code)


def _tell_doubts(animation: Animation) -> None:
    doubts = animation.film.doubts
    if doubts:
        typer.echo(f"note: {len(doubts)} facts whose date is approximate or disputed:")
    for doubt in doubts:
        typer.echo(f"  {doubt}")
    if doubts:
        typer.echo(f"    → {_SIGN}")


def _checked(
    film: Path | None, style: str | None, lang: str | None, size: str, detail: bool | None
) -> Animation:
    """The film, after everything was checked that its own outputs ask for, too."""
    from animap.api import animation_of
    from animap.encode import encoder_for
    from animap.errors import Findings, OutputError
    from animap.film import load_film
    from animap.render.matrix import Variant

    findings = Findings()
    loaded = load_film(film, detail=detail, findings=findings)
    with findings.step():
        rate = next((o.fps for o in loaded.spec.outputs if o.fps), "30")
        animation = animation_of(loaded, style=style, language=lang, size=size, fps=rate)
    for output in loaded.spec.outputs:
        with findings.step():
            _, job = prepared(loaded, Path(output.file), output, Variant(), Order())
            problems = encoder_for(job.options).check(job.slices[0].signal)
            if problems:
                raise OutputError(Problem(p.what, f"{output.file}, {p.where}", p.hint) for p in problems)
    findings.check()
    return animation


def _told(problem: Problem) -> dict[str, str]:
    return {"what": problem.what, "where": problem.where, "hint": problem.hint}


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Output to check, with its manifest beside it.")
    ],
    as_json: Json = False,
) -> None:
    """Check an output against its manifest, and decode every frame of it."""
    from animap.beside.verify import verify as verified

    manifest = verified(file)
    if as_json:
        typer.echo(manifest.model_dump_json(indent=2))
        return
    typer.echo(
        f"{file}: as it was made; {manifest.frames} frames of {manifest.width}×{manifest.height} "
        f"at {manifest.fps} fps, animap {manifest.versions.get('animap', '?')}"
    )


def plan(film: FilmPath = None, fps: Fps = None, size: Size = None, as_json: Json = False) -> None:
    """Say how long the film is and which date each second shows."""
    import animap

    animation = animap.open(film, fps=fps or "30", size=size or "1080p")
    clock, page = animation.clock, animation.page
    seconds = [(s, clock.instant_at(float(s))) for s in range(int(animation.seconds) + 1)]
    dates = [(s, _stamp(instant)) for s, instant in seconds]
    # Measured on our own film: an MP4 takes about 0.0018 bytes a pixel at crf 18.
    size_estimate = int(animation.frames * page.width * page.height * 0.0018)
    if as_json:
        answer = {
            "frames": animation.frames,
            "fps": str(animation.fps),
            "seconds": float(animation.seconds),
            "width": page.width,
            "height": page.height,
            "estimated_bytes": size_estimate,
            "dates": [{"second": s, "date": d} for s, d in dates],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{animation.film.file}: {animation.frames} frames, {float(animation.seconds):.2f} s")
    typer.echo(
        f"{page.width}×{page.height} at {animation.fps} fps, about {size_estimate / 1e6:.0f} MB as MP4"
    )
    for second, date in dates:
        typer.echo(f"{second:5d} s  {date}")


def _stamp(instant: float) -> str:
    from animap.timeline import day_of

    minutes = int((instant % 1) * 1440)
    return f"{day_of(instant)} {minutes // 60:02d}:{minutes % 60:02d}"


def styles(as_json: Json = False) -> None:
    """List the styles that ship with animap."""
    from animap.style import load_style, shipped_styles

    found = [load_style(name) for name in shipped_styles()]
    if as_json:
        rows = [{"name": s.name, "title": s.title, "description": s.description} for s in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for style in found:
        typer.echo(f"{style.name:10} {style.description.get('en', '')}")


def films(as_json: Json = False) -> None:
    """List the films that ship with animap."""
    from animap.film import load_film, shipped_films

    found = {name: load_film(path).spec for name, path in shipped_films().items()}
    if as_json:
        rows = [{"name": n, "title": f.title, "languages": list(f.spoken)} for n, f in found.items()]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for name, spec in found.items():
        title = spec.title.get("en") or next(iter(spec.title.values()))
        typer.echo(f"{name:12} {title} ({spec.period.start} – {spec.period.end}; {', '.join(spec.spoken)})")


def presets(film: FilmPath = None, as_json: Json = False) -> None:
    """List presets and what each is for: those that ship, and the film's own."""
    from animap.film import load_film
    from animap.film.presets import shipped_presets
    from animap.words import book

    found = load_film(film).presets if film else shipped_presets()
    rows = [
        {
            "name": preset.name,
            "about": about if isinstance(about := preset.spec.about, str) else book("en").pick(about),
            "settings": preset.spec.model_dump(mode="json", exclude={"about", "extends"}, exclude_unset=True),
        }
        for preset in found.values()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['name']:16} {row['about']}")
