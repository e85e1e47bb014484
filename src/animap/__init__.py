"""animap turns dated geodata into film.

import animap
film = animap.open()                    # the film that ships with animap, or a folder with a film.toml
film.still("1944-09-05")                # a picture; shows itself in a notebook
film.render("liberation.mp4")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from animap.api import Animation, Still, open

__version__ = "0.1.0"
__all__ = ["Animation", "Still", "__version__", "open"]


def __getattr__(name: str) -> Any:
    # Geodata and drawing libraries take a second to import: only whoever opens a film waits for them.
    if name in ("Animation", "Still", "open"):
        import animap.api

        return getattr(animap.api, name)
    raise AttributeError(f"module 'animap' has no attribute {name!r}")
