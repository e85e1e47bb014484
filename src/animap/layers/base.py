"""What every kind of layer has in common.

A layer lives twice. Its *options* (a table in `film.toml`) read and check the data once per film; the
result knows history but no style. `prepare` then makes the layer that is drawn: bound to a style, a
language, a page and a clock, a pure function from a moment to marks.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict
from shapely.geometry.base import BaseGeometry

from animap.errors import Report
from animap.geo.projection import known_crs
from animap.layers.doubts import Doubt, doubt_of
from animap.marks import Mark, Page, Shown, View
from animap.sources import Reader, Row
from animap.style import Style
from animap.timeline import Clock, Instant, When, day_of
from animap.types import Words
from animap.words import Book

__all__ = [
    "FADE",
    "Bare",
    "Candidate",
    "Data",
    "Event",
    "Formation",
    "Layer",
    "LayerOptions",
    "LegendItem",
    "Moment",
    "Name",
    "Note",
    "Obstacle",
    "Rect",
    "Setting",
    "Survey",
]

FADE = 0.4
"""Film seconds in which a name comes, and goes."""

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom on the page, in units."""


def _crs(value: str) -> str:
    known_crs(value)
    return value


class LayerOptions(BaseModel):
    """Options of every layer that has a data file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    id: str = ""
    fields: dict[str, str] = {}
    """Our column names → the file's."""
    crs: Annotated[str, AfterValidator(_crs)] | None = None
    """Coordinate reference system of a file that declares none."""
    outside: Literal["refuse", "keep"] = "refuse"
    """What to do with dates outside the film's period."""
    detail: bool | None = None
    """Whether rows marked `detail` are shown; the film's own switch unless given."""


@dataclass(frozen=True, slots=True)
class Formation:
    """A body of troops."""

    id: str
    names: Words
    nation: str
    commander: str
    army: str
    source: str


@dataclass(frozen=True, eq=False)
class Survey:
    """What options need to read their data."""

    reader: Reader
    report: Report
    start: Instant
    end: Instant
    languages: tuple[str, ...]
    detail: bool
    formations: Mapping[str, Formation]
    doubts: list[Doubt] = field(default_factory=list)
    """What was read so far that is in doubt."""

    def wanted(self, options: LayerOptions, row: Row) -> bool:
        """Whether a row is shown: details only where they are switched on."""
        detail = self.detail if options.detail is None else options.detail
        return detail or not row.flag("detail")

    def dated(self, options: LayerOptions, row: Row, column: str) -> When | None:
        """A date within the film's period; what is in doubt about it is noted."""
        when = row.when(column)
        if when is not None and column != "until" and (doubt := doubt_of(row, when)):
            self.doubts.append(doubt)
        if when is not None and options.outside == "refuse" and not self.start <= when.instant < self.end:
            last = day_of(self.end - 1)
            self.report.error(
                f"{when} lies outside the film, {day_of(self.start)} to {last}",
                f"{row.where}, {column}",
                'correct it, or set outside = "keep" on the layer',
            )
        return when

    def formation(self, row: Row, column: str) -> str:
        """The id of a formation that the film knows."""
        if self.formations:
            return row.one_of(column, self.formations)
        self.report.error(
            f"'{column}' names formations, but none could be read",
            row.table,
            'add to film.toml: [formations] with file = "formations.csv"',
        )
        return ""

    def named(self, row: Row, column: str = "name") -> Words:
        """Text in all languages of the film."""
        words = row.words(column)
        missing = [] if "" in words else [lang for lang in self.languages if lang not in words]
        if missing and row.has(column):
            self.report.error(
                f"no {column} in {', '.join(missing)}",
                row.where,
                f"fill in {', '.join(f'{column}_{lang}' for lang in missing)}, or drop the language",
            )
        return words


class Data(Protocol):
    """A layer's checked data."""

    def prepare(self, setting: Setting) -> Layer:
        """The layer as it is drawn in one style, language and size."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What a layer is drawn in. `land` is the land in map metres, empty where the film has no basemap."""

    style: Style
    book: Book
    page: Page
    view: View
    clock: Clock
    land: BaseGeometry
    formations: Mapping[str, Formation]
    data: tuple[Data, ...] = ()
    """The data of all layers of the film, for layers that follow from others."""
    passing: tuple[View, ...] = ()
    """Other views through which the same layers are seen, while the camera comes and goes."""
    zoom: float = 1.0
    """How many times closer the view is than the film's first one."""
    screen: Rect | None = None
    """Where on the page (units) cards stand; None for all of it."""
    mapped: bool = True
    """Whether the base map is shown; without it nothing covers what runs over the coast."""

    @cached_property
    def metres_per_unit(self) -> float:
        """Map metres in a unit."""
        return self.view.metres_per_unit(self.page)

    @cached_property
    def finest(self) -> float:
        """Map metres in a unit where the camera is closest."""
        return min(v.metres_per_unit(self.page) for v in (self.view, *self.passing))

    @cached_property
    def bounds(self) -> Rect:
        """Left, bottom, right, top of all that is ever seen, in map metres."""
        boxes = [v.bounds(self.page) for v in (self.view, *self.passing)]
        left, bottom, right, top = zip(*boxes, strict=True)
        return min(left), min(bottom), max(right), max(top)

    def __getstate__(self) -> dict[str, Any]:
        # Not what was worked out of it: who asked for that first must not show in a layer's digest.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def scale_at(self, moment: Moment) -> float:
        """Map metres in a unit of the view that a moment has."""
        return (moment.view or self.view).metres_per_unit(self.page)


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame's place in the film and in history."""

    frame: int
    second: float
    instant: Instant
    view: View | None = None
    """What the camera shows; the setting's own view unless given."""

    @property
    def day(self) -> dt.date:
        """The day on the calendar."""
        return day_of(self.instant)


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """Marks beside a name from one film second to another, within the name's own span."""

    start: float
    stop: float
    marks: tuple[Mark, ...]
    boxes: tuple[Rect, ...]
    fade: float = FADE


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One way to set a name: its marks, the boxes it covers (units), and how little one likes it."""

    marks: tuple[Mark, ...]
    boxes: tuple[Rect, ...]
    cost: float = 0.0
    start: float = -math.inf
    """Film second before which this way makes no sense: what it names has not come so far."""
    notes: tuple[Note, ...] = ()
    """What stands beside the name for a time."""

    def claims(self, start: float, stop: float) -> Iterable[tuple[Rect, tuple[float, float]]]:
        """Every box and the film seconds for which it is covered, for a name shown from `start` to `stop`."""
        for box in self.boxes:
            yield box, (start, stop)
        for note in self.notes:
            for box in note.boxes:
                yield box, (max(start, note.start), min(stop, note.stop))


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A name that wants a place for a span of film seconds; the lowest priority number chooses first."""

    id: str
    candidates: tuple[Candidate, ...]
    priority: float
    start: float = -math.inf
    stop: float = math.inf
    fade: float = FADE
    limit: float = math.inf
    """Cost above which the name would rather be left out."""
    push: float = 5.0
    """How much worse off another name may be for making room."""
    points: bool = True
    """Whether it names a point, to which a line may lead from further off."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something the time line marks."""

    instant: Instant
    weight: int = 1
    what: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LegendItem:
    """A line of the legend: `symbol` is how it is drawn, in which `colours`; shown from `start` on."""

    key: str
    text: str
    symbol: Literal["town", "arrow", "pocket", "area", "doubt"]
    colours: tuple[str, ...]
    start: float
    sign: str = ""
    """Code of the nation whose sign (`flags.roundel`) stands at the symbol."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A box that names must not cover during a span of film seconds; `soft` ones only cost."""

    box: Rect
    start: float = -math.inf
    stop: float = math.inf
    soft: bool = False


class Layer(Protocol):
    """A layer as it is drawn."""

    scaled: ClassVar[bool]
    """Whether its marks have sizes on the map that follow from the view's scale."""

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Marks of a moment from the bottom up; the same objects as long as nothing changes."""

    def names(self) -> Sequence[Name]:
        """Names that want a place on the map."""

    def obstacles(self) -> Sequence[Obstacle]:
        """What names must keep clear of."""

    def events(self) -> Sequence[Event]:
        """What the time line marks."""

    def legend(self) -> Sequence[LegendItem]:
        """What the legend explains."""

    def begin(self, pool: Executor) -> None:
        """Begin in a pool what takes long and can be made beside everything else."""


@dataclass(frozen=True, eq=False)
class Bare:
    """A layer that has nothing but marks; kinds override what they have."""

    scaled: ClassVar[bool] = False

    setting: Setting = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:  # noqa: ARG002
        """Nothing."""
        return ()

    def names(self) -> Sequence[Name]:
        """None."""
        return ()

    def obstacles(self) -> Sequence[Obstacle]:
        """None."""
        return ()

    def events(self) -> Sequence[Event]:
        """None."""
        return ()

    def legend(self) -> Sequence[LegendItem]:
        """None."""
        return ()

    def begin(self, pool: Executor) -> None:
        """Nothing takes long."""
