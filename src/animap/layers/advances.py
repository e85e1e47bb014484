"""Troop axes: a smooth line through dated way-points, walked by an arrow that meets every date."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import shapely

from animap.layers.arrows import Figure, figures_of
from animap.layers.axis_names import names_of, obstacles_of
from animap.layers.base import (
    Bare,
    Event,
    Layer,
    LayerOptions,
    LegendItem,
    Moment,
    Name,
    Obstacle,
    Setting,
    Survey,
)
from animap.layers.presence_options import AT_ONCE, Entrance
from animap.layers.treks import Plan, Trek
from animap.layers.walks import Advance, Walk, WayPoint, one_day, rooted, walk
from animap.marks import Shown
from animap.sources import Row
from animap.style import Memory

__all__ = ["Advance", "Advances", "AdvancesData", "AdvancesLayer", "Walk", "WayPoint", "walk"]


class Advances(LayerOptions):
    """Options of a layer of troop axes."""

    kind: Literal["advances"] = "advances"
    memory: Memory | None = None
    """What stays of a movement; as the style has it unless given."""
    enter: Entrance = AT_ONCE
    """How an arrow comes when its axis begins."""
    exit: Entrance | None = None
    """How an arrow goes when all of it is past. Without it, a wake or a trail stays to the end."""

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
        return AdvancesData(rooted(found), self)

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
            WayPoint(
                (r.geometry.x, r.geometry.y),
                survey.dated(self, r, "date"),
                r.text("place"),
                r.where,
                r.text("source"),
            )
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
            if one_day(a.when, b.when):
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


@dataclass(frozen=True, eq=False)
class AdvancesData:
    """Axes in file order."""

    advances: tuple[Advance, ...]
    options: Advances = field(default_factory=lambda: Advances(file=""))

    def prepare(self, setting: Setting) -> Layer:
        """Arrows in one style; details lie under the story's own."""
        options = self.options
        plan = Plan(options.memory or setting.style.advances.memory, options.enter, options.exit)
        figures = figures_of(self.advances, setting, plan)
        return AdvancesLayer(setting, tuple(sorted(figures, key=lambda f: not f.treks[0].advance.detail)))


@dataclass(frozen=True, eq=False)
class AdvancesLayer(Bare):
    """Arrows in one style, language and size."""

    figures: tuple[Figure, ...] = field(repr=False)

    @property
    def treks(self) -> list[Trek]:
        """All axes, details first."""
        return [trek for figure in self.figures for trek in figure.treks]

    def marks(self, moment: Moment) -> Iterable[Shown]:
        """Every arrow that has set out, and over them the signs of their nations."""
        for figure in self.figures:
            yield from figure.marks(moment)
        for figure in self.figures:
            yield from figure.badges(moment)

    def names(self) -> Sequence[Name]:
        """Formations along their axes; one that has several is named on the longest of the story."""
        best: dict[str, Trek] = {}
        for trek in self.treks:
            known = best.get(trek.advance.formation.id)
            if known is None or _weight(trek) > _weight(known):
                best[trek.advance.formation.id] = trek
        return names_of(list(best.values()), self.treks, self.setting)

    def obstacles(self) -> Sequence[Obstacle]:
        """Names lie rather beside an arrow than on it, and least of all on a head."""
        return obstacles_of(self.treks, self.setting)

    def events(self) -> Sequence[Event]:
        """None: the towns they reach are marked."""
        return ()

    def legend(self) -> Sequence[LegendItem]:
        """One arrow a nation, with its sign, from when its first one sets out."""
        items: dict[str, LegendItem] = {}
        for trek in sorted(self.treks, key=lambda t: t.start):
            nation = trek.advance.formation.nation
            text = self.setting.book.say(f"nation_{nation}")
            items.setdefault(
                nation, LegendItem(f"nation-{nation}", text, "arrow", (trek.colour,), trek.start, nation)
            )
        return list(items.values())


def _weight(trek: Trek) -> tuple[bool, float]:
    return (not trek.advance.detail and not trek.advance.branch_of, float(trek.walk.metres[-1]))
