"""`animap cache` and `animap cache clear`: what earlier renders left, and throwing it away."""

from __future__ import annotations

import json

import typer

from animap.cli.options import Json

__all__ = ["app"]

app = typer.Typer(
    name="cache", help="Show the cache of finished segments, or clear it.", invoke_without_command=True
)


@app.callback()
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show where finished segments are kept, how many there are, and how large they may grow.

    Renders take from it what they would draw alike. ANIMAP_CACHE names another folder.
    """
    if context.invoked_subcommand is not None:
        return
    from animap.render import Store, cache_folder

    store = Store(cache_folder())
    found = store.contents()
    if as_json:
        answer = {
            "folder": str(store.folder), "entries": found.entries, "bytes": found.size, "bound": store.bound
        }  # fmt: skip
        typer.echo(json.dumps(answer))
        return
    typer.echo(f"{store.folder}: {found.entries} entries, {_mb(found.size)} of at most {_mb(store.bound)}")


@app.command()
def clear() -> None:
    """Throw away all that is in the cache; renders fill it again."""
    from animap.render import Store, cache_folder

    store = Store(cache_folder())
    before = store.clear()
    typer.echo(f"{store.folder}: {before.entries} entries, {_mb(before.size)} cleared")


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
