"""History's side of the film: dates, the clock that turns them into frames, easing and presence."""

from animap.timeline.clock import Clock, Hold, Pace, Stretch
from animap.timeline.dates import Instant, When, day_of, instant_of_day
from animap.timeline.ease import EASINGS, ease
from animap.timeline.presence import Presence
from animap.timeline.reading import Reading, paced_for_reading, shortfalls

__all__ = [
    "EASINGS",
    "Clock",
    "Hold",
    "Instant",
    "Pace",
    "Presence",
    "Reading",
    "Stretch",
    "When",
    "day_of",
    "ease",
    "instant_of_day",
    "paced_for_reading",
    "shortfalls",
]
