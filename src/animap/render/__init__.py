"""Running segments: planned by cost, drawn and encoded by workers, joined by copying."""

from animap.render.job import Job, Result, render
from animap.render.plan import Segment, segments
from animap.render.still import contact_sheet, write_still_of

__all__ = ["Job", "Result", "Segment", "contact_sheet", "render", "segments", "write_still_of"]
