"""A wall of screens: one picture, part of which is hidden behind the frames between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from animap.marks import Page
from animap.types import Rect

__all__ = ["Wall", "WallSpec"]

_ROOM = (800.0, 640.0)
"""Units that a screen has at least, across and down: what furniture in a corner of the wall takes."""
Strip = Annotated[int, Field(ge=0, le=1000)]


def _both(value: object) -> object:
    return (value, value) if isinstance(value, int) else value


class WallSpec(BaseModel):
    """Screens side by side and one above the other, all of the output's size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[int, Field(ge=1, le=16)]
    rows: Annotated[int, Field(ge=1, le=16)]
    bezel: Annotated[tuple[Strip, Strip], BeforeValidator(_both)] = (0, 0)
    """Pixels of picture that are hidden between two neighbours: side by side, and one above the other."""

    def of(self, width: int, height: int) -> Wall:
        """The wall, of screens of so many pixels."""
        return Wall(self.columns, self.rows, self.bezel, width, height)


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall of screens of `width` × `height` pixels."""

    columns: int
    rows: int
    bezel: tuple[int, int]
    width: int
    height: int

    @property
    def page(self) -> Page:
        """The whole picture, what is hidden included; in finer units where a screen is a small part of it."""
        page = Page(self._across(self.columns) - self.bezel[0], self._down(self.rows) - self.bezel[1])
        across, down = self.width / page.unit, self.height / page.unit
        return replace(page, units=page.units * max(1.0, _ROOM[0] / across, _ROOM[1] / down))

    @property
    def screen(self) -> tuple[float, float]:
        """Width and height of one screen in units."""
        return self.width / self.page.unit, self.height / self.page.unit

    @property
    def windows(self) -> Mapping[str, Rect]:
        """The part of the picture that each screen shows, by row and column: `r1c2` is the second on top."""
        return {
            f"r{row + 1}c{column + 1}": (
                self._across(column),
                self._down(row),
                self._across(column) + self.width,
                self._down(row) + self.height,
            )
            for row, column in product(range(self.rows), range(self.columns))
        }

    @property
    def hidden(self) -> tuple[tuple[float, float, float, float], ...]:
        """The strips between screens, as boxes on the page in units; narrow ones where nothing is hidden."""
        page = self.page
        unit, (x, y) = page.unit, self.bezel
        upright = [
            ((self._across(n) - x) / unit, 0.0, self._across(n) / unit, page.down)
            for n in range(1, self.columns)
        ]
        level = [
            (0.0, (self._down(n) - y) / unit, page.across, self._down(n) / unit) for n in range(1, self.rows)
        ]
        return (*upright, *level)

    @property
    def central(self) -> tuple[float, float, float, float]:
        """The screen in the middle, or the one above or left of it, as a box on the page in units."""
        window = self.windows[f"r{(self.rows + 1) // 2}c{(self.columns + 1) // 2}"]
        left, top, right, bottom = (side / self.page.unit for side in window)
        return left, top, right, bottom

    def _across(self, columns: int) -> int:
        """Where a column begins."""
        return columns * (self.width + self.bezel[0])

    def _down(self, rows: int) -> int:
        return rows * (self.height + self.bezel[1])
