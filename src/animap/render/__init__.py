"""Running segments: planned, taken from the store or drawn and encoded by workers, joined by copying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from animap.render.job import Job, render, render_all
    from animap.render.plan import Segment, segments
    from animap.render.production import Result
    from animap.render.still import contact_sheet, write_still_of
    from animap.render.store import Store, cache_folder

__all__ = [
    "Job",
    "Result",
    "Segment",
    "Store",
    "cache_folder",
    "contact_sheet",
    "render",
    "render_all",
    "segments",
    "write_still_of",
]

_MODULES = {
    "job": ("Job", "render", "render_all"),
    "plan": ("Segment", "segments"),
    "production": ("Result",),
    "still": ("contact_sheet", "write_still_of"),
    "store": ("Store", "cache_folder"),
}


def __getattr__(name: str) -> Any:
    # Whoever asks for the store alone does not wait for the libraries that read and draw films.
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"animap.render.{module}"), name)
    raise AttributeError(f"module 'animap.render' has no attribute {name!r}")
