"""How things of a layer come and go, as a film file says it: `enter` and `exit`."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from animap.timeline import ease
from animap.timeline.ease import EASINGS

__all__ = ["Entrance", "Look"]


def _easing(name: str) -> str:
    if name not in EASINGS:
        near = difflib.get_close_matches(name, EASINGS, n=3) or ["linear", "sine-in-out", "cubic-out"]
        raise ValueError(f"'{name}' is no easing; write {', '.join(near)}")
    return name


@dataclass(frozen=True, slots=True)
class Look:
    """How much of a thing is seen: opacity, size, and the share of it that is drawn; all 1 at rest."""

    opacity: float = 1.0
    size: float = 1.0
    drawn: float = 1.0

    def __and__(self, other: Look) -> Look:
        """Both at once."""
        return Look(self.opacity * other.opacity, self.size * other.size, self.drawn * other.drawn)


class Entrance(BaseModel):
    """How a thing comes, or goes: by fading, growing from nothing, being drawn on from its beginning to
    its end, with one pulse of its size, or at once. It takes `seconds` of film, eased by `ease`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["fade", "grow", "draw-on", "pulse", "none"] = "fade"
    seconds: Annotated[float, Field(ge=0, le=60)] = 0.6
    ease: Annotated[str, AfterValidator(_easing)] = "sine-in-out"

    def look(self, elapsed: float) -> Look:
        """The look so many film seconds after the thing began to come; before that nothing is seen.

        A thing that goes looks as one that comes, read backward: `look(seconds_left)`.
        """
        if elapsed < 0:
            return Look(0.0, 0.0, 0.0)
        if self.kind == "none" or elapsed >= self.seconds:
            return Look()
        share = ease(self.ease, elapsed / self.seconds)
        match self.kind:
            case "fade":
                return Look(opacity=share)
            case "grow":
                return Look(size=share)
            case "draw-on":
                return Look(drawn=share)
            case _:
                return Look(opacity=min(1.0, 3 * share), size=1 + 0.5 * math.sin(math.pi * share))
