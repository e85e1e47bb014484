"""What a style file can say.

Lengths are in *units*: 1/1080 of the picture's shorter side, less on a large wall.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    "PaperStyle",
    "Pen",
    "PocketStyle",
    "Style",
    "TerritoryStyle",
    "TownStyle",
    "letterings",
    "plain_colours",
]

Length = Annotated[float, Field(ge=0, le=2000)]
Share = Annotated[float, Field(ge=0, le=1)]
Easing = Annotated[
    str,
    Field(pattern=r"^(linear|(sine|quad|cubic|quart|expo|circle|back|elastic|bounce)-(in|out|in-out))$"),
]

_PLAIN = re.compile("#[0-9a-f]{6}")

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


class CoastGlow(Section):
    """A tint of the sea that fades away from the coast, `reach` units out, in `steps` layers."""

    colour: Colour
    reach: Annotated[float, Field(gt=0, le=400)] = 60.0
    steps: Annotated[int, Field(ge=2, le=40)] = 12


class ReliefStyle(Section):
    """Hillshade; light comes from `azimuth` (clockwise from north) at `altitude`, both in degrees."""

    light: Colour = "#ffffff"
    shade: Colour = "#4a3f2c"
    azimuth: Annotated[float, Field(ge=0, le=360)] = 315.0
    altitude: Annotated[float, Field(gt=0, lt=90)] = 45.0
    strength: Share = 0.35
    """Opacity where light or shade is full."""
    exaggeration: Annotated[float, Field(gt=0, le=50)] = 3.0
    """By how much heights are raised."""
    smooth: Annotated[float, Field(ge=0, le=50)] = 2.0
    """Units over which the ground is smoothed first."""


class PaperStyle(Section):
    """The tooth of paper on land, lighter and darker than its tone by up to `strength`."""

    light: Colour = "#ffffff"
    shade: Colour = "#6b5a3e"
    strength: Share = 0.0
    grain: Annotated[float, Field(ge=0.5, le=50)] = 2.5
    """Size of a grain in units."""


class BasemapStyle(Section):
    """Land, water and lines under everything else."""

    sea: Colour
    land: Colour
    coast: Pen
    coast_glow: CoastGlow | None = None
    waterlines: tuple[Pen, ...] = ()
    """The one at the coast first."""
    waterline_spacing: Length = 7.0
    waterline_growth: Annotated[float, Field(ge=1, le=2)] = 1.0
    """By how much each gap between waterlines is wider than the one before."""
    paper: PaperStyle = PaperStyle()
    relief: ReliefStyle | None = ReliefStyle()
    graticule: Pen | None = None
    graticule_label: Lettering | None = None
    lakes: Colour
    lake_shore: Pen | None = None
    rivers: tuple[Pen, ...] = Field(min_length=1)
    border: Pen
    border_band: Pen | None = None
    department: Pen | None = None
    country: Lettering
    region: Lettering
    sea_name: Lettering
    strait_name: Lettering | None = None
    """Straits and bays; `sea_name` unless given."""
    river_name: Lettering | None = None
    """Rivers are named only where the style letters them."""
    river_name_rank: int = 9
    """Greatest rank number of rivers that are named."""


class TerritoryStyle(Section):
    """Occupied land and the front."""

    occupied: Colour
    front: Pen | None = None
    casing: Pen | None = None
    """Under the front line."""
    teeth: Length = 0.0
    """Height of the teeth, which point at occupied land; their width along the line, how far apart."""
    teeth_width: Length = 8.0
    teeth_spacing: Annotated[float, Field(ge=4, le=2000)] = 26.0


class TownStyle(Section):
    """Town symbols; one radius a rank, the greatest town first."""

    radii: tuple[Length, ...] = Field(min_length=1)
    occupied: Colour
    free: Colour
    edge: Pen
    pulse: Length = 26.0
    pulse_width: Length = 3.0
    pulse_seconds: Annotated[float, Field(ge=0, le=20)] = 1.4
    date: Lettering | None = None
    """The day of liberation beside the name."""
    date_seconds: Annotated[float, Field(ge=0, le=60)] = 3.5
    doubt: Pen | None = None
    """Round a freed town whose day is approximate, uncertain or disputed; drawn in the town's colour."""
    doubt_gap: Length = 2.2


class LabelStyle(Section):
    """Names of towns; one lettering a rank, the greatest town first."""

    ranks: tuple[Lettering, ...] = Field(min_length=1)
    gap: Length = 5.0
    leader: Pen | None = None
    """Line from a symbol to its name where that finds room only further off."""
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


class PocketStyle(Section):
    """Pocket perimeters, by state where they differ."""

    fill: Colour
    hatch: Hatch | None = None
    held: Pen
    encircled: Pen
    besieged: Pen
    teeth: Length = 0.0
    """Height of the teeth on the landward line, their width along it, and how far apart."""
    teeth_width: Length = 8.0
    teeth_spacing: Annotated[float, Field(ge=4, le=2000)] = 16.0
    teeth_side: Literal["out", "in"] = "out"
    doubt_dash: tuple[Annotated[float, Field(gt=0)], ...] = ()
    """Dashes of an outline whose date is approximate, uncertain or disputed."""
    name: Lettering
    info: Lettering | None = None
    """Commander and garrison under the name, and how long the siege has lasted."""
    leader: Pen | None = None
    """From a name further off to its pocket."""
    fade: Annotated[float, Field(ge=0, le=10)] = 0.8
    draw_seconds: Annotated[float, Field(ge=0, le=20)] = 1.8
    """Seconds in which the line draws itself round a pocket, and how."""
    draw_ease: Easing = "sine-in-out"
    dissolve_seconds: Annotated[float, Field(ge=0, le=20)] = 1.8


class FurnitureStyle(Section):
    """What stands beside the map: cartographers' furniture."""

    margin: Length = 48.0
    panel: Colour
    panel_edge: Pen | None = None
    panel_radius: Length = 4.0
    date: Lettering
    day: Lettering | None = None
    """Number of the day, where it differs from the rest of the date."""
    weekday: Lettering
    show_weekday: bool = True
    haste: Lettering
    """How much faster the days run than at first."""
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
    locator_size: Length = 200.0
    """Width of the locator; 0 leaves it out."""
    locator_sea: Colour
    locator_land: Colour
    locator_coast: Pen | None = None
    locator_view: Colour | None = None
    """Over what the large map shows, within `locator_frame`."""
    locator_frame: Pen


class CardStyle(Section):
    """Title and end card."""

    veil: Colour
    """Over the whole map."""
    panel: Colour
    """Under the text."""
    title: Lettering
    subtitle: Lettering
    text: Lettering
    text_italic: Lettering | None = None
    """For what stands between `*` in credits; upright unless given."""
    source: Lettering
    source_italic: Lettering | None = None
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


def letterings(section: BaseModel, at: str = "") -> Iterator[tuple[str, Lettering]]:
    """Every lettering of a style with its key: `labels.ranks[0]`."""
    for name in type(section).model_fields:
        value, key = getattr(section, name), f"{at}.{name}".lstrip(".")
        many = value if isinstance(value, tuple) else (value,)
        for number, one in enumerate(many):
            place = f"{key}[{number}]" if isinstance(value, tuple) else key
            if isinstance(one, Lettering):
                yield place, one
            elif isinstance(one, BaseModel):
                yield from letterings(one, place)


def plain_colours(section: BaseModel) -> frozenset[int]:
    """All colours of a style that nothing shows through, as 0xRRGGBB."""
    return frozenset(int(text[1:], 16) for text in _texts(section.model_dump()) if _PLAIN.fullmatch(text))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
