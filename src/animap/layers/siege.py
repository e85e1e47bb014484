"""A pocket as it is drawn: hatched land, and the toothed line that closes round it on the landward side."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from animap.geo.lines import lengths
from animap.geo.teeth import spaced, teeth
from animap.layers.base import Candidate, Moment, Name, Note, Rect, Setting
from animap.layers.lettering import line_height, text_box
from animap.layers.perimeter import Perimeter, polygons
from animap.layers.presence_options import Entrance, Look
from animap.marks import Area, Line, Mark, Page, Paths, Shown, Text, faded
from animap.style import Lettering, Pen
from animap.timeline import Presence, day_of, ease, instant_of_day
from animap.types import Floats

__all__ = ["Siege", "siege_name"]

_BASINS = 5.0
"""Units of water up to which a harbour or a canal counts as land, so that the line runs across it."""
_STUB = 9.0
"""Units below which a piece of line at the coast is not drawn."""
_SPECK = 6.0
"""Square units below which an islet is not hatched."""
_STAGES = 24
"""Steps in which hatching thins out; in between it only fades."""


class Siege:
    """One pocket in one style; `start`, `closed` and `fall` are film seconds."""

    def __init__(
        self, perimeter: Perimeter, setting: Setting, enter: Entrance | None, leave: Entrance
    ) -> None:
        self.perimeter, self.setting, self.leave = perimeter, setting, leave
        self._unit = setting.metres_per_unit
        extent = perimeter.extent
        around = shapely.box(*extent.buffer(30 * self._unit).bounds)
        self._land = shapely.intersection(setting.land, around)
        basins = _BASINS * self._unit
        self._firm = self._land.buffer(basins).buffer(-basins - 1.5 * self._unit)
        shapely.prepare(self._firm)
        self._ray = _bearing(extent.centroid, self._firm.centroid)
        clock, style = setting.clock, setting.style.pockets
        self.start = max(0.0, clock.second_of(perimeter.start))
        self.closed = max(self.start, clock.second_of(perimeter.closed))
        self.fall = clock.second_of(perimeter.fall)
        drawn = Entrance(kind="draw-on", seconds=style.draw_seconds, ease=style.draw_ease)
        self._closing, self._fade = enter or drawn, enter.lasts if enter else style.fade
        self.presence = Presence(self.start, self.fall, self._fade)
        self._bodies = lru_cache(maxsize=4)(self._body)
        self._rings = lru_cache(maxsize=4)(self._ring)

    def marks(self, moment: Moment) -> list[Shown]:
        """Hatching below, line and teeth above; the same objects while the siege rests."""
        if moment.second < self.start:
            return []
        here = moment.second if moment.second < self.fall else self.start + self._fade
        share, gone = self.presence.at(here), self._gone(moment.second)
        if not share or gone >= 1:
            return []
        index, turned = self.perimeter.at(min(moment.instant, self.perimeter.fall))
        turned = round(turned, 5)
        body = self._bodies(index, turned, round(gone * _STAGES))
        closed = self._closing.share(moment.second - self.closed)
        line = self._line(moment.second)
        marks = faded(body, share * self._left(moment.second))
        if self.perimeter.state(index) == "held" or closed < 1:
            marks += faded(self._held(index, turned), share * (1 - closed))
        if closed:
            marks += faded(self._rings(index, turned, round(min(1.0, max(0.0, line.drawn)), 3)), line.opacity)
        return marks

    def _line(self, second: float) -> Look:
        """How much of the ring is seen; when a pocket falls it pales sooner than the hatching."""
        look = self._closing.look(second - self.closed)
        if second < self.fall:
            return look
        if self.leave.kind == "fade":
            return look & Look(opacity=1 - ease("sine-in-out", 1.6 * self._gone(second)))
        return look & Look(drawn=self._left(second))

    def _left(self, second: float) -> float:
        """How much of a pocket's hatching is left after its fall, eased."""
        return 1.0 if second < self.fall else self.leave.share(self.fall + self.leave.lasts - second)

    def _gone(self, second: float) -> float:
        """How far the pocket has dissolved, 0 to 1."""
        if second < self.fall:
            return 0.0
        return (second - self.fall) / self.leave.lasts if self.leave.lasts else 1.0

    def on_land(self, index: int, turned: float) -> BaseGeometry:
        """The outline as it is drawn."""
        shape = self.perimeter.shape(index, turned)
        return shape if self.setting.land.is_empty else shapely.intersection(shape, self._land)

    def landward(self, index: int, turned: float) -> list[Floats]:
        """The outline without its coast: lines `(n, 2)` with the pocket on their right."""
        shape = self.perimeter.shape(index, turned)
        edge = shape.boundary
        if not self.setting.land.is_empty:
            edge = shapely.intersection(edge, self._firm)
        merged = shapely.get_parts(shapely.line_merge(edge))
        parts = [shapely.get_coordinates(p) for p in merged if p.length > _STUB * self._unit]
        return [self._outward(part, shape) for part in parts]

    def _outward(self, line: Floats, shape: BaseGeometry) -> Floats:
        run = lengths(line)
        at = np.array([0.49, 0.51]) * run[-1]
        (x0, x1), (y0, y1) = np.interp(at, run, line[:, 0]), np.interp(at, run, line[:, 1])
        away = math.hypot(x1 - x0, y1 - y0) or 1.0
        step = 0.5 * self._unit / away
        left = shapely.Point((x0 + x1) / 2 - (y1 - y0) * step, (y0 + y1) / 2 + (x1 - x0) * step)
        return line[::-1] if shape.contains(left) else line

    def _body(self, index: int, turned: float, thinned: int) -> tuple[Mark, ...]:
        style = self.setting.style.pockets
        paths = Paths.of_geometry(polygons(self.on_land(index, turned), _SPECK * self._unit**2))
        hatch = None if self.perimeter.state(index) == "held" else style.hatch
        if hatch and thinned:
            hatch = hatch.model_copy(update={"width": hatch.width * (1 - thinned / _STAGES)})
        return (Area(paths=paths, fill=style.fill, hatch=hatch),)

    @lru_cache(maxsize=4)  # noqa: B019  # as long as the scene
    def _held(self, index: int, turned: float) -> tuple[Mark, ...]:
        pen = self._pen(self.setting.style.pockets.held, index)
        return (Line(paths=Paths.of(self.landward(index, turned)), pen=pen),)

    def _ring(self, index: int, turned: float, drawn: float) -> tuple[Mark, ...]:
        """The line and its teeth as far as the ring is drawn."""
        style, unit = self.setting.style.pockets, self._unit
        pen = style.encircled if self.perimeter.state(index) == "encircled" else style.besieged
        parts, rings = [], []
        for whole in self.landward(index, turned):
            run = lengths(whole)
            tip = drawn * float(run[-1])
            part = _up_to(whole, run, tip)
            parts.append(part)
            if not style.teeth:
                continue
            along, sizes = spaced(float(run[-1]), self._anchor(whole), style.teeth_spacing * unit)
            if drawn < 1:
                sizes = np.minimum(sizes, np.clip((tip - along) / (style.teeth_spacing * unit), 0, 1))
            base, height = style.teeth_width * unit, style.teeth * unit
            rings.append(teeth(whole, along, sizes, base, height if style.teeth_side == "out" else -height))
        line = Line(paths=Paths.of(parts), pen=self._pen(pen, index))
        return (line, Area(paths=Paths.alike(np.concatenate(rings)), fill=pen.colour)) if rings else (line,)

    def _anchor(self, line: Floats) -> float:
        crossing = shapely.intersection(shapely.LineString(line), self._ray)
        if crossing.is_empty:
            return float(lengths(line)[-1]) / 2
        first = shapely.Point(shapely.get_coordinates(crossing)[0])
        return float(shapely.line_locate_point(shapely.LineString(line), first))

    def _pen(self, pen: Pen, index: int) -> Pen:
        dash = self.setting.style.pockets.doubt_dash
        doubtful = dash and self.perimeter.outlines[index].doubtful
        return pen.model_copy(update={"dash": dash}) if doubtful else pen


def _bearing(middle: BaseGeometry, inland: BaseGeometry) -> BaseGeometry:
    """A line from a pocket inland: teeth are counted from where it crosses the outline.

    So they rest while an end of the outline moves along the coast.
    """
    if inland.is_empty:
        return shapely.LineString()
    a, b = shapely.get_coordinates(middle)[0], shapely.get_coordinates(inland)[0]
    way = (b - a) / max(float(np.hypot(*(b - a))), 1.0)
    return shapely.LineString([a, a + way * 1e6])


def _up_to(line: Floats, run: Floats, metres: float) -> Floats:
    """The first `metres` of a line."""
    if metres >= run[-1]:
        return line
    tip = np.array([[np.interp(metres, run, line[:, 0]), np.interp(metres, run, line[:, 1])]])
    return np.concatenate([line[run < metres], tip])


Align = Literal["left", "centre", "right"]


def siege_name(id: str, text: str, told: str, siege: Siege, priority: float) -> Name | None:
    """The pocket's name with what is told of it under it; None where its outline leaves nothing on land."""
    setting, style = siege.setting, siege.setting.style.pockets
    perimeter = siege.perimeter
    lasting = max(range(len(perimeter.outlines)), key=perimeter.days)
    shape = siege.on_land(lasting, 0.0)
    if shape.is_empty:
        return None
    x0, y0, x1, y1 = shape.bounds
    (left, top), (right, bottom) = setting.view.to_page(np.array([(x0, y1), (x1, y0)]), setting.page).tolist()
    box = left, top, right, bottom
    if not _in_picture(box, setting.page):
        return None
    months = _months(siege) if style.info else []
    second = [told] if told and style.info else []
    full = _Block(setting, text, second, months, box)
    bare = _Block(setting, text, [], [], box)
    candidates = [full.at(*spot) for spot in _spots(box, style.name.size, full.height)]
    if second or months:
        candidates += [bare.at(x, y, a, cost + 6) for x, y, a, cost in _spots(box, style.name.size, 0)]
    stop = siege.fall + siege.leave.lasts
    return Name(id, tuple(candidates), priority, siege.start, stop, style.fade)


def _in_picture(box: Rect, page: Page) -> bool:
    """Whether the middle of a box is on the page."""
    return 0 < box[0] + box[2] < 2 * page.across and 0 < box[1] + box[3] < 2 * page.down


def _spots(box: Rect, size: float, more: float) -> Iterable[tuple[float, float, Align, float]]:
    """Baselines of the name around a box: x, y, alignment, cost; `more` is the height of what follows."""
    left, top, right, bottom = box
    gap, middle_x, middle_y = 9.0, (left + right) / 2, (top + bottom) / 2
    over, level = top - gap - more, middle_y + size * 0.26 - more / 2
    yield middle_x, over, "centre", 0.0
    yield left - gap, level, "right", 0.0
    yield left, over, "right", 0.5
    yield left, over, "left", 0.7
    yield left - gap, over, "right", 1.0
    yield left - gap, bottom - more, "right", 1.0
    yield left - gap, bottom + 0.6 * size, "right", 1.2
    yield right + gap, top + size * 0.26, "left", 1.5
    yield middle_x, over - size, "centre", 1.5
    yield left, over - size, "left", 1.7
    yield right, over - size, "right", 1.7
    yield left - gap, over - size, "right", 1.9
    # Further out at sea, where there is room.
    for lines, cost in ((1.4, 1.8), (1.9, 2.1), (2.4, 2.4), (3.2, 3.2)):
        yield middle_x, over - lines * size, "centre", cost
        yield left, over - lines * size, "left", cost + 0.1
        yield right, over - lines * size, "right", cost + 0.15
        yield middle_x, over - lines * size, "left", cost + 0.2
        yield left - gap - lines * size, level, "right", cost + 0.3
    yield right + gap, level, "left", 3.0
    yield middle_x, bottom + gap + size * 0.7, "centre", 3.0
    yield right + gap, bottom, "left", 4.0


def _months(siege: Siege) -> list[tuple[float, float, str]]:
    """How long a siege has lasted: film seconds from, to, and the words; nothing for less than a month."""
    setting, perimeter = siege.setting, siege.perimeter
    if not math.isfinite(perimeter.closed):
        return []
    end = min(perimeter.fall, setting.clock.end)
    begun, spans = day_of(perimeter.closed), []
    months = [
        instant_of_day(_months_after(begun, n)) for n in range(1, int((end - perimeter.closed) / 28) + 2)
    ]
    starts = [m for m in months if m < end]
    for n, start in enumerate(starts):
        stop = starts[n + 1] if n + 1 < len(starts) else math.inf
        words = setting.book.say("siege_month", n=n + 2)
        until = setting.clock.second_of(stop) if math.isfinite(stop) else math.inf
        spans.append((setting.clock.second_of(start), until, words))
    return spans


def _months_after(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


class _Block:
    """A name, lines under it that stay, and one that changes: set around a point."""

    def __init__(
        self,
        setting: Setting,
        name: str,
        lines: Sequence[str],
        changing: Sequence[tuple[float, float, str]],
        pocket: Rect,
    ) -> None:
        self._setting, self._name, self._lines, self._changing = setting, name, lines, changing
        self._pocket = pocket
        # Set beside the pocket's middle, so that the name goes with it when the camera moves.
        self._middle = (pocket[0] + pocket[2]) / 2, (pocket[1] + pocket[3]) / 2
        x, y = setting.view.to_map(np.array([self._middle]), setting.page)[0]
        self._at = float(x), float(y)
        style = setting.style.pockets
        self._info: Lettering = style.info or style.name
        self._step = line_height(self._info)
        rows = len(lines) + bool(changing)
        self.height = rows * self._step

    def at(self, x: float, y: float, align: Align, cost: float) -> Candidate:
        """The block with the baseline of its name at a place on the page."""
        style, language = self._setting.style.pockets, self._setting.book.language

        def line(text: str, lettering: Lettering, y: float) -> tuple[Text, Rect]:
            mark = Text(
                text=text,
                at=self._at,
                offset=(x - self._middle[0], y - self._middle[1]),
                lettering=lettering,
                align=align,
                language=language,
                space="map",
            )
            return mark, text_box(text, lettering, x, y, align, language)

        rows = [line(self._name, style.name, y)]
        for n, text in enumerate(self._lines):
            rows.append(line(text, self._info, y + (n + 1) * self._step))
        below = y + (len(self._lines) + 1) * self._step
        changing = [(start, stop, *line(text, self._info, below)) for start, stop, text in self._changing]
        # A month passes in a second or two: its words change at once rather than fade all the time.
        notes = tuple(Note(start, stop, (mark,), (box,), 0.12) for start, stop, mark, box in changing)
        boxes = [box for _, box in rows]
        marks: list[Mark] = [mark for mark, _ in rows]
        leader = self._leader(x, y, align)
        if leader is not None and style.leader:
            (left, top), (_, bottom) = leader
            boxes.append((left - 2.0, top + 1.0, left + 2.0, bottom))
            on_map = self._setting.view.to_map(leader, self._setting.page)
            marks.insert(0, Line(paths=Paths.of([on_map]), pen=style.leader))
        return Candidate(tuple(marks), tuple(boxes), cost, notes=notes)

    def _leader(self, x: float, y: float, align: Align) -> Floats | None:
        """A straight line from the block down to the pocket, where it stands further off."""
        style, (left, top, right, _) = self._setting.style.pockets, self._pocket
        foot = y + self.height + 0.3 * style.name.size
        if not left <= x <= right or top - foot < 1.2 * style.name.size:
            return None
        inward = {"left": 1.0, "centre": 0.0, "right": -1.0}[align] * style.name.size
        at = min(max(x + inward, left), right)
        return np.array([(at, foot), (at, top - 2.0)])
