"""`animap still` and `animap sheet`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from animap.cli.options import Detail, FilmPath, Json, Lang, Show, Size, StyleName, Wording
from animap.cli.orders import shown
from animap.cli.places import unhindered

__all__ = ["sheet", "still"]


def still(
    film: FilmPath = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Date of the picture: 1944-09-05, 1944-09-05T20:00.")
    ] = None,
    frame: Annotated[int | None, typer.Option("--frame", min=0, help="Frame of the picture.")] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File to write: .png, .webp, .svg or .pdf.")
    ] = Path("still.png"),
    style: StyleName = None,
    lang: Lang = None,
    size: Size = None,
    fps: Annotated[str, typer.Option("--fps", help="Frames per second that --frame counts in.")] = "30",
    detail: Detail = None,
    text: Wording = None,
    show: Show = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Json = False,
) -> None:
    """Write one picture of a film: a day as it stands at its end, an hour, or a frame."""
    import animap
    from animap.errors import Findings, UsageError
    from animap.render.still import STILLS
    from animap.types import PARTS

    findings = Findings()
    with findings.step():
        if (at is None) == (frame is None):
            raise UsageError("say which picture", hint="give either --at DATE or --frame N")
    with findings.step():
        if output.suffix.lower() not in STILLS:
            named = output.suffix or output.name
            raise UsageError(
                f"a still cannot be written as '{named}'", str(output), f"use {', '.join(STILLS)}"
            )
    with findings.step():
        animation = animap.open(
            film,
            style=style,
            language=lang,
            size=size or "1080p",
            fps=fps,
            detail=detail,
            text=text is not False,
            show=shown(show, PARTS),
        )
        index = frame if frame is not None else animation.index_at(at) if at else 0
        if not 0 <= index < animation.frames:
            raise UsageError(
                f"there is no frame {index}", hint=f"the film has frames 0 to {animation.frames - 1}"
            )
    with findings.step():
        unhindered(output, force=force)
    findings.check()
    animation.write_still(output, index)
    day = str(animation.scene.day(index))
    if as_json:
        typer.echo(json.dumps({"file": str(output), "frame": index, "date": day}))
    else:
        typer.echo(f"{output}: frame {index}, {day}")


def sheet(
    film: FilmPath = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write: .png, or with --sign .pdf; or sheet.png."),
    ] = None,
    sign: Annotated[
        bool,
        typer.Option(
            "--sign", help="For the curator: a still a caption with sources, disputed dates, room to sign."
        ),
    ] = False,
    every: Annotated[
        int | None,
        typer.Option("--every", min=1, help="One still every so many days; else evenly over the film."),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=200, help="Stills on the sheet.")] = 16,
    columns: Annotated[int, typer.Option("--columns", min=1, max=20, help="Stills in a row.")] = 4,
    style: StyleName = None,
    lang: Lang = None,
    size: Annotated[str | None, typer.Option("--size", help="Size of each still; 640x360.")] = None,
    detail: Detail = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a contact sheet: stills over the whole film with their dates, or a sheet to sign."""
    import datetime as dt

    import animap
    from animap.errors import Findings, UsageError

    findings = Findings()
    output = output or Path("sheet.pdf" if sign else "sheet.png")
    suffixes = (".pdf", ".png") if sign else (".png",)
    with findings.step():
        if output.suffix.lower() not in suffixes:
            more = ", or add --sign" if output.suffix.lower() == ".pdf" else ""
            raise UsageError(
                f"a sheet cannot be written as '{output.suffix}'",
                str(output),
                f"use {' or '.join(suffixes)}{more}",
            )
    with findings.step():
        size = size or ("720x405" if sign else "640x360")
        animation = animap.open(film, style=style, language=lang, size=size, detail=detail)
    with findings.step():
        unhindered(output, force=force)
    findings.check()
    if sign:
        typer.echo(f"{output}: {animation.signing_sheet(output)} stills to sign")
        return
    if every:
        first, last = animation.scene.day(0), animation.scene.day(animation.frames - 1)
        days = [first + dt.timedelta(n) for n in range(0, (last - first).days + 1, every)]
        indices = sorted({animation.index_at(day) for day in days})
    else:
        indices = [round((animation.frames - 1) * n / max(1, count - 1)) for n in range(count)]
    animation.sheet(output, indices, columns)
    typer.echo(f"{output}: {len(indices)} stills")
