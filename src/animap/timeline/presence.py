"""How a thing enters and leaves the picture, in film seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from animap.timeline.ease import ease

__all__ = ["Presence"]


@dataclass(frozen=True, slots=True)
class Presence:
    """A span of film seconds with soft ends: 0 before `start`, 1 once entered, 0 again from `stop` on.

    `enter` and `leave` are the seconds the two ends take, both inside the span.
    """

    start: float = -math.inf
    stop: float = math.inf
    enter: float = 0.0
    leave: float = 0.0
    easing: str = "sine-in-out"

    def at(self, second: float) -> float:
        """Share of presence, 0 to 1."""
        if not self.start <= second < self.stop:
            return 0.0
        if second - self.start >= self.enter and self.stop - second >= self.leave:
            return 1.0
        come = ease(self.easing, (second - self.start) / self.enter) if self.enter else 1.0
        gone = ease(self.easing, (self.stop - second) / self.leave) if self.leave else 1.0
        return min(come, gone)
