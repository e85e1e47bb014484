"""Troop axes: a smooth line through dated way-points, walked by an arrow that meets every date."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
import shapely
from scipy.interpolate import PchipInterpolator

from animap.geo.lines import Curve, curve_through, lengths, part
from animap.layers.base import (
    Bare,
    Candidate,
    Event,
    Formation,
    Layer,
    LayerOptions,
    LegendItem,
    Moment,
    Name,
    Obstacle,
    Setting,
    Survey,
)
from animap.layers.lettering import width_of
from animap.marks import Arrow, Shown, TextAlong, faded
from animap.sources import Row
from animap.timeline import Clock, Instant, When, ease
from animap.types import Floats

__all__ = ["Advance", "Advances", "AdvancesData", "AdvancesLayer", "WayPoint", "walk"]

_DAYLIGHT = (0.25, 0.75)
"""Share of a day, 6 to 18 o'clock, over which way-points known to the same day only are spread."""


class Advances(LayerOptions):
    """Options of a layer of troop axes."""

    kind: Literal["advances"] = "advances"

    def read(self, survey: Survey) -> AdvancesData:
        """Read points with `axis`, `seq`, `formation`, `source`, and `date`, `place`, `branch_of`."""
        table = survey.reader.table(
            self.file, "point", ("axis", "seq", "date", "formation", "source"), self.fields, crs=self.crs
        )
        axes: dict[str, list[Row]] = {}
        for row in table:
            if survey.wanted(self, row):
                axes.setdefault(row.required("axis"), []).append(row)
        found = []
        for axis, rows in axes.items():
            rows.sort(key=lambda r: r.number("seq", 0))
            advance = self._advance(axis, rows, survey, whole=not table.refused)
            if advance:
                found.append(advance)
        return AdvancesData(tuple(found))

    def _advance(self, axis: str, rows: Sequence[Row], survey: Survey, *, whole: bool) -> Advance | None:
        formation = survey.formation(rows[0], "formation")
        for row in rows[1:]:
            other = survey.formation(row, "formation") if row.text("formation") else ""
            if other in survey.formations and other != formation:
                survey.report.error(
                    f"axis '{axis}' has two formations, {formation} and {other}",
                    row.where,
                    "make it two axes",
                )
        before = len(survey.report.problems)
        points = [
            WayPoint((r.geometry.x, r.geometry.y), survey.dated(self, r, "date"), r.text("place"), r.where)
            for r in rows
            if isinstance(r.geometry, shapely.Point)
        ]
        if len(points) < 2 and whole:
            survey.report.error(f"axis '{axis}' has one way-point only", rows[0].where, "add where it leads")
        for a, b in zip(points, points[1:], strict=False):
            if math.dist(a.at, b.at) < 1:
                survey.report.error(
                    f"axis '{axis}' stands still", b.where, "remove one of the two way-points"
                )
        for end in (points[0], points[-1]) if points else ():
            if (
                whole
                and end.when is None
                and not any(p.where.startswith(end.where) for p in survey.report.problems)
            ):
                survey.report.error("the first and the last way-point need a date", end.where, "add it")
        dated = [p for p in points if p.when is not None]
        timed = [p for p in dated if p.when and p.when.timed]
        for a, b in (*pairwise(dated), *pairwise(timed)):
            assert a.when
            assert b.when
            if _one_day(a.when, b.when):
                continue
            if b.when.instant < a.when.instant:
                survey.report.error(
                    f"axis '{axis}' goes back in time: {b.when} after {a.when}",
                    b.where,
                    "check the date and the order (seq)",
                )
            elif b.when.instant == a.when.instant:
                survey.report.error(
                    f"axis '{axis}' is in two places at one instant, {b.when}",
                    b.where,
                    "change one of the two",
                )
        if len(survey.report.problems) > before or formation not in survey.formations:
            return None
        return Advance(
            axis,
            survey.formations[formation],
            tuple(points),
            rows[0].flag("detail"),
            rows[0].text("branch_of"),
            rows[0].required("source"),
        )


@dataclass(frozen=True, slots=True)
class WayPoint:
    """A place on an axis (map metres); without a date it only shapes the line."""

    at: tuple[float, float]
    when: When | None
    place: str
    where: str


@dataclass(frozen=True, slots=True)
class Advance:
    """A troop axis."""

    id: str
    formation: Formation
    points: tuple[WayPoint, ...]
    detail: bool
    branch_of: str
    source: str


@dataclass(frozen=True, eq=False)
class AdvancesData:
    """Axes in file order."""

    advances: tuple[Advance, ...]

    def prepare(self, setting: Setting) -> Layer:
        """Arrows in one style; details lie under the story's own."""
        ordered = sorted(self.advances, key=lambda a: not a.detail)
        return AdvancesLayer(setting, tuple(_Trek(a, setting) for a in ordered))


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """How far along its curve an axis has come at which instant."""

    curve: Curve
    instants: Floats
    metres: Floats
    _progress: PchipInterpolator

    def metres_at(self, instant: Instant) -> float:
        """Metres walked; 0 before the first date, the whole length from the last on."""
        if instant <= self.instants[0]:
            return 0.0
        if instant >= self.instants[-1]:
            return float(self.metres[-1])
        return float(self._progress(instant))


def walk(points: Sequence[WayPoint]) -> Walk:
    """The curve of an axis and the pace at which it is walked: never back, and on time at every date."""
    curve = curve_through(np.array([p.at for p in points]))
    dated = [i for i, p in enumerate(points) if p.when is not None]
    instants = np.array(_instants([when for p in points if (when := p.when) is not None]))
    metres = curve.at[dated]
    return Walk(curve, instants, metres, PchipInterpolator(instants, metres))


def _one_day(a: When, b: When) -> bool:
    """Whether both are the same day and the hour of one is not known, so that either may come first."""
    return max(a.days, b.days) == 1 and math.floor(a.earliest) == math.floor(b.earliest)


def _instants(whens: Sequence[When]) -> list[Instant]:
    """Instants of way-points; those of one day share out its daylight in order, one alone comes at noon."""
    result: list[Instant] = []
    for day, group in groupby(whens, key=lambda w: w.earliest if w.days == 1 else None):
        run = list(group)
        if day is None:
            result += [when.instant for when in run]
            continue
        following = whens[len(result) + len(run) :][:1]
        before = result[-1] if result and result[-1] >= day else None
        after = following[0].instant if following and following[0].instant < day + 1 else None
        low, high = (day + share for share in _DAYLIGHT)
        low, high = max(low, before or low), min(high, after or high)
        if low >= high:
            # A known hour leaves no daylight: it gets dark.
            before, after = before or day, after or day + 1
            low, high = before, after
        skip, more = int(before is not None), int(after is not None)
        places = np.linspace(low, high, len(run) + skip + more)[skip:].tolist()
        result += places[: len(run)] if len(run) + skip + more > 1 else [(low + high) / 2]
    return result


class _Trek:
    """One axis in one style."""

    def __init__(self, advance: Advance, setting: Setting) -> None:
        style = setting.style.advances
        self.advance, self.style, self._clock = advance, style, setting.clock
        self.walk = walk(advance.points)
        self.colour = setting.style.nation(advance.formation.nation)
        self.width = style.detail_width if advance.detail else style.width
        self._xy = self.walk.curve.xy
        self._along = lengths(self._xy)
        self.start = _seen_from(setting.clock, float(self.walk.instants[0]))
        self.stop = setting.clock.second_of(float(self.walk.instants[-1]))
        self._latest: tuple[float, Arrow | None] = (-1.0, None)
        self._whole = self._arrow(float(self.walk.metres[-1]))

    def marks(self, moment: Moment) -> list[Shown]:
        metres = self.walk.metres_at(moment.instant)
        arrow = self._whole if metres >= self.walk.metres[-1] else self._arrow_to(round(metres))
        if arrow is None:
            return []
        age = (moment.second - self.stop) / self.style.past_seconds if self.style.past_seconds else 1.0
        pale = self.style.opacity + (self.style.past_opacity - self.style.opacity) * ease("sine-in-out", age)
        return faded([arrow], pale)

    def _arrow_to(self, metres: float) -> Arrow | None:
        if self._latest[0] != metres:
            self._latest = (metres, self._arrow(metres))
        return self._latest[1]

    def _arrow(self, metres: float) -> Arrow | None:
        style = self.style
        xy = part(self._xy, self._along, 0.0, metres)
        if len(xy) < 2 or metres < 200:
            return None
        shadow = (style.shadow, *style.shadow_offset) if style.shadow else None
        return Arrow(
            xy=xy,
            fill=self.colour,
            width=self.width,
            tail=style.tail,
            head=(self.width * style.head_width, self.width * style.head_length),
            casing=style.casing,
            shadow=shadow,
        )

    def _second_at(self, metres: float) -> float:
        """Film second at which the head has come so far."""
        return self._clock.second_of(float(np.interp(metres, *self._progress)))

    @cached_property
    def _progress(self) -> tuple[Floats, Floats]:
        instants = np.linspace(self.walk.instants[0], self.walk.instants[-1], 400)
        return np.array([self.walk.metres_at(i) for i in instants.tolist()]), instants

    def name(self, setting: Setting) -> Name | None:
        """The formation's name beside the body, where the way is straight enough to read it."""
        style, book = self.style, setting.book
        lettering = style.name.model_copy(update={"colour": self.colour})
        if self.advance.detail:
            lettering = lettering.model_copy(update={"size": lettering.size * 0.86})
        text = book.pick(self.advance.formation.names)
        scale = setting.metres_per_unit
        page = setting.view.to_page(self._xy, setting.page)
        along = lengths(page)
        need = width_of(text, lettering, book.language)
        candidates = []
        for side in (-1, 1):
            gap = self.width / 2 + lettering.size * 0.62 + 3
            for middle in np.arange(need / 2 + 4, along[-1] - need / 2, max(10.0, need / 10)):
                piece = part(page, along, middle - need / 2 - 4, middle + need / 2 + 4)
                if len(piece) < 2:
                    continue
                leftward = piece[-1, 0] < piece[0, 0]
                # Text runs left to right, so on a line that goes left it stands on the other side.
                offset = shapely.LineString(piece[::-1] if leftward else piece).offset_curve(gap * side)
                xy = shapely.get_coordinates(offset)
                if offset.geom_type != "LineString" or len(xy) < 2:
                    continue
                bend = _bend(xy)
                if bend > 1.2:
                    continue
                on_map = np.column_stack(
                    [
                        setting.view.x + (xy[:, 0] - setting.page.across / 2) * scale,
                        setting.view.y - (xy[:, 1] - setting.page.down / 2) * scale,
                    ]
                )
                mark = TextAlong(text=text, xy=on_map, lettering=lettering, language=book.language)
                centre = abs(middle / along[-1] - 0.45)
                cost = bend * 6 + centre * 4 + (side > 0) * 1.5
                passed = self._second_at((middle + need / 2) * scale)
                candidates.append(Candidate((mark,), _boxes(xy, lettering.size), cost, passed))
        if not candidates:
            return None
        return Name(
            f"axis:{self.advance.id}",
            tuple(candidates),
            6.0 if not self.advance.detail else 20.0,
            self.start,
            self.stop + style.past_seconds if self.advance.detail else math.inf,
            limit=12.0 if self.advance.detail else math.inf,
        )


def _seen_from(clock: Clock, instant: Instant) -> float:
    return max(0.0, clock.second_of(instant))


def _bend(xy: Floats) -> float:
    """How much a line turns in all, radians."""
    d = np.diff(xy, axis=0)
    turn = np.diff(np.unwrap(np.arctan2(d[:, 1], d[:, 0])))
    return float(np.abs(turn).sum())


def _boxes(xy: Floats, size: float) -> tuple[tuple[float, float, float, float], ...]:
    """Squares along a line of text."""
    along = lengths(xy)
    at = np.arange(size * 0.3, along[-1], size * 0.7)
    x, y = np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])
    r = size * 0.5
    return tuple((a - r, b - r, a + r, b + r) for a, b in zip(x.tolist(), y.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class AdvancesLayer(Bare):
    """Arrows in one style, language and size."""

    treks: tuple[_Trek, ...] = field(repr=False)

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Every arrow that has set out."""
        for trek in self.treks:
            yield from trek.marks(moment)

    def names(self) -> Sequence[Name]:
        """Formations along their axes; one that has several is named on the longest of the story."""
        best: dict[str, _Trek] = {}
        for trek in self.treks:
            known = best.get(trek.advance.formation.id)
            if known is None or _weight(trek) > _weight(known):
                best[trek.advance.formation.id] = trek
        return [name for trek in best.values() if (name := trek.name(self.setting))]

    def obstacles(self) -> Sequence[Obstacle]:
        """Names lie rather beside an arrow than on it."""
        spots = []
        for trek in self.treks:
            page = self.setting.view.to_page(trek.walk.curve.xy, self.setting.page)
            spots += [Obstacle(b, soft=True) for b in _boxes(page, trek.width * 1.4)]
        return spots

    def events(self) -> Sequence[Event]:
        """None: the towns they reach are marked."""
        return ()

    def legend(self) -> Sequence[LegendItem]:
        """One arrow a nation, from when its first one sets out."""
        items: dict[str, LegendItem] = {}
        for trek in sorted(self.treks, key=lambda t: t.start):
            nation = trek.advance.formation.nation
            text = self.setting.book.say(f"nation_{nation}")
            items.setdefault(
                nation, LegendItem(f"nation-{nation}", text, "arrow", (trek.colour,), trek.start)
            )
        return list(items.values())


def _weight(trek: _Trek) -> tuple[bool, float]:
    return (not trek.advance.detail and not trek.advance.branch_of, float(trek.walk.metres[-1]))
