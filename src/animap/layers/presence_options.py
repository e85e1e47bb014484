"""How things of a layer come and go, as a film file says it: `enter` and `exit`.

Every kind of layer says which of the ways make sense for what it draws; where the film says nothing, things
come and go as the style has it.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from animap.timeline import ease
from animap.timeline.ease import EASINGS

__all__ = ["AT_ONCE", "Entrance", "Look", "Stay", "only"]

Kind: TypeAlias = Literal["fade", "grow", "draw-on", "pulse", "none"]


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

    kind: Kind = "fade"
    seconds: Annotated[float, Field(ge=0, le=60)] = 0.6
    ease: Annotated[str, AfterValidator(_easing)] = "sine-in-out"

    @property
    def lasts(self) -> float:
        """Film seconds that it takes: none for a thing that is there at once."""
        return 0.0 if self.kind == "none" else self.seconds

    def share(self, elapsed: float) -> float:
        """How far it has come, 0 to 1, after so many film seconds; beyond where the easing overshoots."""
        if elapsed < 0:
            return 0.0
        return 1.0 if elapsed >= self.lasts else ease(self.ease, elapsed / self.lasts)

    def look(self, elapsed: float) -> Look:
        """The look so many film seconds after the thing began to come; before that nothing is seen.

        A thing that goes looks as one that comes, read backward: `look(seconds_left)`.
        """
        if elapsed < 0:
            return Look(0.0, 0.0, 0.0)
        if elapsed >= self.lasts:
            return Look()
        share = self.share(elapsed)
        match self.kind:
            case "fade":
                return Look(opacity=share)
            case "grow":
                return Look(size=share)
            case "draw-on":
                return Look(drawn=share)
            case _:
                return Look(opacity=min(1.0, 3 * share), size=1 + 0.5 * math.sin(math.pi * share))


AT_ONCE = Entrance(kind="none")
"""For things that simply are there."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A span of film seconds within which a thing comes, stands and goes."""

    start: float
    stop: float
    enter: Entrance
    exit: Entrance

    def look(self, second: float) -> Look:
        """How much of it is seen; nothing outside the span."""
        if not self.start <= second < self.stop:
            return Look(0.0, 0.0, 0.0)
        return self.enter.look(second - self.start) & self.exit.look(self.stop - second)


def only(*kinds: Kind) -> AfterValidator:
    """Refuses ways to come or go that make no sense for what a layer draws."""

    def check(entrance: Entrance) -> Entrance:
        if entrance.kind not in kinds:
            raise ValueError(f"'{entrance.kind}' is not possible here; use {', '.join(kinds)}")
        return entrance

    return AfterValidator(check)
