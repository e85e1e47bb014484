"""What a style file can say. Lengths are in *units*: 1/1080 of the picture's shorter side."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from animap.style.colour import Colour
from animap.types import Words

__all__ = [
    "AdvanceStyle",
    "BasemapStyle",
    "CardStyle",
    "FurnitureStyle",
    "Hatch",
    "LabelStyle",
    "Lettering",
    "Memory",
    "Pen",
    "PocketStyle",
    "Style",
    "TerritoryStyle",
    "TownStyle",
]

Length = Annotated[float, Field(ge=0, le=2000)]
Share = Annotated[float, Field(ge=0, le=1)]


Memory = Literal["wake", "trail", "mark", "none"]
"""What stays of a movement on the map."""


class Section(BaseModel):
    """A frozen table that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Lettering(Section):
    """How a kind of text is set. `tracking` is extra letter space in em; `halo` lies under the letters."""

    font: str
    size: Annotated[float, Field(gt=0, le=400)]
    colour: Colour
    halo: Colour | None = None
    halo_width: Length = 3.0
    tracking: Annotated[float, Field(ge=-0.1, le=2)] = 0.0
    features: tuple[str, ...] = ()
    capitals: bool = False

    def cased(self, text: str) -> str:
        """The text in capitals where the lettering asks for them."""
        return text.upper() if self.capitals else text


class Pen(Section):
    """A line: colour, width, and dashes as lengths on, off, on, off …"""

    colour: Colour
    width: Length
    dash: tuple[Annotated[float, Field(gt=0)], ...] = ()


class Hatch(Section):
    """Parallel lines across an area; `angle` in degrees, counter-clockwise from east."""

    colour: Colour
    width: Length = 1.5
    spacing: Annotated[float, Field(gt=0.5)] = 9.0
    angle: float = 45.0


class BasemapStyle(Section):
    """Land, water and lines under everything else."""

    sea: Colour
    land: Colour
    coast: Pen
    waterlines: tuple[Pen, ...] = ()
    waterline_spacing: Length = 7.0
    lakes: Colour
    rivers: tuple[Pen, ...] = Field(min_length=1)
    border: Pen
    border_band: Pen | None = None
    department: Pen | None = None
    country: Lettering
    region: Lettering
    sea_name: Lettering
    river_name: Lettering | None = None


class TerritoryStyle(Section):
    """Occupied land and the front."""

    occupied: Colour
    front: Pen | None = None


class TownStyle(Section):
    """Town symbols; one radius a rank, the greatest town first."""

    radii: tuple[Length, ...] = Field(min_length=1)
    occupied: Colour
    free: Colour
    edge: Pen
    pulse: Length = 26.0
    pulse_width: Length = 3.0
    pulse_seconds: Annotated[float, Field(ge=0, le=20)] = 1.4


class LabelStyle(Section):
    """Names of towns; one lettering a rank, the greatest town first."""

    ranks: tuple[Lettering, ...] = Field(min_length=1)
    gap: Length = 5.0
    fade: Annotated[float, Field(ge=0, le=5)] = 0.4
    linger: Annotated[float, Field(ge=1, le=60)] = 5.0
    """Seconds for which the name of a lesser town stays after its liberation."""
    keep: int = 3
    """Greatest rank number whose names stay to the end."""


class AdvanceStyle(Section):
    """Campaign arrows; widths are of the body at the head."""

    width: Length
    detail_width: Length
    tail: Share = 0.45
    """Width at the tail as a share of the width at the head."""
    head_width: Annotated[float, Field(ge=1, le=6)] = 2.3
    head_length: Annotated[float, Field(ge=0.5, le=8)] = 2.4
    swallow: Share = 0.0
    """Depth of the notch in the tail as a share of the tail's width; 0 for a straight tail."""
    branch: Annotated[float, Field(ge=0.2, le=1)] = 0.8
    """Width of a branch as a share of what it would be for an axis of its own."""
    casing: Pen | None = None
    shadow: Colour | None = None
    shadow_offset: tuple[float, float] = (3.0, 4.0)
    shadow_soft: Length = 5.0
    """How far the edge of the shadow is softened."""
    opacity: Share = 0.92
    memory: Memory = "wake"
    """What stays of a movement: a body that pales with its age, all of it until the axis ends, marks at
    the way-points passed, or nothing."""
    past_opacity: Share = 0.55
    """Opacity to which what is past pales."""
    past_seconds: Annotated[float, Field(ge=0, le=60)] = 6.0
    """Film seconds in which a movement becomes past."""
    badge: Length = 0.0
    """Radius of the nation's sign behind the head; 0 for none."""
    badge_edge: Pen | None = None
    name: Lettering
    name_min_width: Length = 12.0


class PocketStyle(Section):
    """Pocket perimeters, by state where they differ."""

    fill: Colour
    hatch: Hatch | None = None
    held: Pen
    encircled: Pen
    besieged: Pen
    teeth: Length = 0.0
    teeth_spacing: Length = 22.0
    name: Lettering
    fade: Annotated[float, Field(ge=0, le=10)] = 0.8


class FurnitureStyle(Section):
    """What stands beside the map: cartographers' furniture."""

    margin: Length = 48.0
    panel: Colour
    panel_edge: Pen | None = None
    panel_radius: Length = 4.0
    date: Lettering
    weekday: Lettering
    title: Lettering
    caption: Lettering
    caption_width: Length = 520.0
    caption_place: Literal["date", "foot"] = "date"
    """Under the date, or at the foot of the picture above the time line."""
    legend: Lettering
    legend_title: Lettering
    small: Lettering
    timeline: Pen
    timeline_done: Pen
    timeline_tick: Pen
    timeline_event: Colour
    timeline_cursor: Colour
    timeline_text: Lettering
    scalebar: Pen


class CardStyle(Section):
    """Title and end card."""

    veil: Colour
    """Over the whole map."""
    panel: Colour
    """Under the text."""
    title: Lettering
    subtitle: Lettering
    text: Lettering
    source: Lettering
    rule: Pen


class Style(Section):
    """A whole style file, `extends` already merged."""

    name: str
    title: Words
    description: Words = {}
    extends: str | None = None
    basemap: BasemapStyle
    territory: TerritoryStyle
    towns: TownStyle
    labels: LabelStyle
    advances: AdvanceStyle
    pockets: PocketStyle
    furniture: FurnitureStyle
    cards: CardStyle
    nations: dict[str, Colour]
    unknown_nation: Colour = "#777777"
    theme: Literal["light", "dark"] = "light"

    def nation(self, code: str) -> str:
        """Colour of a nation."""
        return self.nations.get(code, self.unknown_nation)
