"""What a film file can say. Keys it does not know are refused."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from animap.explain import nearest
from animap.film.outputs import Language, OutputSpec
from animap.geo.projection import Extent, projection_for
from animap.layers import AnyLayer, Captions, Locator
from animap.timeline import EASINGS, Hold, Pace, Stretch, When
from animap.types import Words

__all__ = ["FilmSpec", "PaceSpec"]


def _date(value: Any) -> When:
    return When.of(value)


def _easing(value: str) -> str:
    if value not in EASINGS:
        raise ValueError(
            f"'{value}' is not an easing; {nearest(value, EASINGS)}they are {', '.join(EASINGS)}"
        )
    return value


Date = Annotated[When, BeforeValidator(_date)]
Easing = Annotated[str, AfterValidator(_easing)]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class Table(BaseModel):
    """A frozen table that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class PeriodSpec(Table):
    """First and last day; both are part of the film."""

    start: Date
    end: Date

    @model_validator(mode="after")
    def _forward(self) -> PeriodSpec:
        if self.end.latest <= self.start.earliest:
            raise ValueError(f"the period ends on {self.end}, before it starts on {self.start}; swap the two")
        return self


def _box(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = extent
    if not (-180 <= west < east <= 180 and -90 < south < north < 90):
        raise ValueError(
            f"the extent {list(extent)} is not a box on the globe; "
            "write [west, south, east, north] in degrees"
        )
    return extent


def _place(centre: tuple[float, float]) -> tuple[float, float]:
    if not (-180 <= centre[0] <= 180 and -90 < centre[1] < 90):
        raise ValueError(
            f"{list(centre)} is not a place on the globe; write [longitude, latitude] in degrees"
        )
    return centre


Place = Annotated[tuple[float, float], AfterValidator(_place)]
Box = Annotated[tuple[float, float, float, float], AfterValidator(_box)]


class ViewKeySpec(Table):
    """From `at` on the camera flies, for some film seconds, to an extent, and rests there.

    Instead of the extent there may be a `centre` (degrees) and a `width` (kilometres).
    """

    at: Date
    extent: Box | None = None
    centre: Place | None = None
    width: Annotated[float, Field(ge=0.1, le=20000)] | None = None
    seconds: Annotated[float, Field(gt=0, le=120)] = 3.0
    ease: Easing = "sine-in-out"
    hold: bool = False
    """Whether history stands still while the camera flies."""

    @model_validator(mode="after")
    def _one_place(self) -> ViewKeySpec:
        if (self.extent is None) == (self.centre is None) or (self.centre is None) != (self.width is None):
            raise ValueError(
                "a key of the view says where to fly: either extent = [west, south, east, north], "
                "or centre = [longitude, latitude] and width = kilometres"
            )
        return self


class ViewSpec(Table):
    """Projection, and the extent that must be in the picture: west, south, east, north in degrees."""

    projection: str = "lambert"
    extent: Box
    keys: tuple[ViewKeySpec, ...] = ()
    """Where the camera goes, in the order of time; without, it stays."""

    @model_validator(mode="after")
    def _possible(self) -> ViewSpec:
        instants = [key.at.instant for key in self.keys]
        if instants != sorted(set(instants)):
            raise ValueError("the view's keys are not in the order of time; sort them by 'at'")
        projection = projection_for(self.projection, Extent(*self.extent))
        if not all(map(math.isfinite, projection.bounds(Extent(*self.extent)))):
            raise ValueError(
                f"the projection '{self.projection}' cannot show the extent {list(self.extent)}; "
                "take another one, or a smaller extent"
            )
        return self


class StretchSpec(Table):
    """Until the end of the day `until`, a day takes `seconds_per_day`."""

    until: Date
    seconds_per_day: Annotated[float, Field(gt=0, le=3600)]


class HoldSpec(Table):
    """History stands still at `at` for some seconds."""

    at: Date
    seconds: Seconds


class PaceSpec(Table):
    """How film time is shared out over history."""

    stretches: tuple[StretchSpec, ...] = Field(min_length=1)
    holds: tuple[HoldSpec, ...] = ()
    opening: Seconds = 4.0
    ending: Seconds = 6.0
    smooth: Annotated[float, Field(ge=0, le=30)] = 1.2
    length: Annotated[float, Field(gt=0, le=36000)] | None = None
    step: Literal["smooth", "day"] = "smooth"
    reading: bool = True
    """Whether the film slows down so that every caption can be read."""
    characters_per_second: Annotated[float, Field(ge=1, le=100)] = 15.0

    def pace(self) -> Pace:
        """As the clock takes it."""
        return Pace(
            tuple(Stretch(s.until.latest, s.seconds_per_day) for s in self.stretches),
            tuple(Hold(h.at.instant, h.seconds) for h in self.holds),
            self.opening,
            self.ending,
            self.smooth,
            self.length,
            self.step == "day",
        )


class FormationsSpec(Table):
    """The table of formations."""

    file: str
    fields: dict[str, str] = {}


class SourcesSpec(Table):
    """The table of sources; keys in `unproven` name what proves nothing, such as general knowledge."""

    file: str
    fields: dict[str, str] = {}
    unproven: tuple[str, ...] = ()


class ScreenSpec(Table):
    """How wide the picture is in the hall, and how far from it visitors stand."""

    width_cm: Annotated[float, Field(gt=0, le=10000)]
    distance_m: Annotated[float, Field(gt=0, le=1000)]


class CreditsSpec(Table):
    """The end card: books and other sources, and lines of credit, each per language or for all."""

    sources: tuple[Words | str, ...] = ()
    lines: tuple[Words | str, ...] = ()
    licence: Words | str = ""
    """Under which the film may be shown and shared; it is written into every file, and not on the card."""


class ChapterSpec(Table):
    """A part of the film, which players and editors can jump to: from a date on, to the next one's."""

    at: Date
    title: Words = Field(min_length=1)


class FilmSpec(Table):
    """A whole film file."""

    title: Words = Field(min_length=1)
    subtitle: Words = {}
    language: Language = "fr"
    languages: tuple[Language, ...] = ()
    style: str = "atlas"
    detail: bool = True
    period: PeriodSpec
    view: ViewSpec
    pace: PaceSpec
    layers: tuple[AnyLayer, ...] = Field(min_length=1)
    formations: FormationsSpec | None = None
    sources: SourcesSpec | None = None
    captions: Captions | None = None
    locator: Locator | None = None
    credits: CreditsSpec = CreditsSpec()
    chapters: tuple[ChapterSpec, ...] = ()
    """In the order of time; the first begins with the film, opening and all."""
    screen: ScreenSpec | None = None
    outputs: tuple[OutputSpec, ...] = ()
    presets: dict[str, dict[str, Any]] = {}
    """The film's own presets, which `presets` reads."""

    @model_validator(mode="after")
    def _dates_fit(self) -> FilmSpec:
        start, end = self.period.start.earliest, self.period.end.latest
        outside = [
            f"the stretch until {s.until}" for s in self.pace.stretches if not start < s.until.latest <= end
        ]
        outside += [f"the hold at {h.at}" for h in self.pace.holds if not start <= h.at.instant <= end]
        outside += [f"the view's key at {k.at}" for k in self.view.keys if not start <= k.at.instant < end]
        outside += [f"the chapter at {c.at}" for c in self.chapters if not start <= c.at.earliest < end]
        wrong = [f"{what} lies outside the period; move it inside" for what in outside]
        untils = [s.until.latest for s in self.pace.stretches]
        if untils != sorted(set(untils)):
            wrong.append("the pace's stretches are not in the order of time; sort them by 'until'")
        begins = [c.at.earliest for c in self.chapters]
        if begins != sorted(set(begins)):
            wrong.append("the chapters are not in the order of time; sort them by 'at'")
        if begins and begins[0] != start:
            wrong.append(
                f"the first chapter begins at {self.chapters[0].at}, and the film at {self.period.start}; "
                "let one begin with the film"
            )
        for what, names in (
            ("layers are called", [layer.id for layer in self.layers if layer.id]),
            ("outputs are called", [output.file for output in self.outputs]),
        ):
            twice = sorted({n for n in names if names.count(n) > 1})
            wrong += [f"two {what} '{name}'; rename one" for name in twice]
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    @property
    def spoken(self) -> tuple[str, ...]:
        """Languages in which the film is complete."""
        return self.languages or (self.language,)
