"""The program `animap`: its commands, and what becomes of errors.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from animap.cli import cache, inspect, page, pictures, produce
from animap.cli import words as wording
from animap.errors import AnimapError

__all__ = ["app", "main"]

_CODES = """Exit codes: 0 done · 2 wrong call · 3 film file · 4 layer data · 5 style or font · 6 output ·
7 rendering failed · 8 a check found something · 130 interrupted;
where several things are wrong, that of the first."""

app = typer.Typer(
    name="animap",
    help="Dated geodata into film: animated historical maps as MP4 and GIF.",
    epilog=_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from animap import __version__

        typer.echo(f"animap {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("render")(produce.render)
app.command("still")(pictures.still)
app.command("sheet")(pictures.sheet)
app.command("words")(wording.words)
app.command("page")(page.page)
app.command("check")(inspect.check)
app.command("verify")(inspect.verify)
app.command("plan")(inspect.plan)
app.command("styles")(inspect.styles)
app.command("films")(inspect.films)
app.command("presets")(inspect.presets)
app.add_typer(cache.app)


_ALLOCATIONS = 50_000
"""New objects after which Python looks for garbage; at its own 700 that is a tenth of setting a film."""


def _terminated(number: int, _frame: object) -> NoReturn:
    # As an exception, so that temporary files are removed on the way out.
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line and exit."""
    gc.set_threshold(_ALLOCATIONS, 10, 10)
    # A film’s matrices are small: threads of BLAS would wait for one another, and take memory.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except AnimapError as error:
        count = len(error.problems)
        for problem in error.problems:
            print(f"animap: {problem}", file=sys.stderr)
        if count > 1:
            print(f"animap: {count} problems, nothing was written", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("animap: interrupted, nothing was written", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    finally:
        # The system takes all memory back: nobody need look it over for garbage first.
        gc.freeze()
