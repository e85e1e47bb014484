"""Lines of the report, for the terminal and for RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import Cost, Spread

__all__ = ["Bar", "Line", "absolute", "at_least", "at_most", "skipped", "table", "write"]


@dataclass(frozen=True, slots=True)
class Bar:
    """What must hold: a limit from above or from below."""

    limit: float
    above: bool
    unit: str = ""
    digits: int = 2

    def __str__(self) -> str:
        return f"{'≤' if self.above else '≥'} {self.limit:g}{self.unit}"

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.above else value >= self.limit

    def told(self, value: float) -> str:
        return f"{value:.{self.digits}f}{self.unit}"


def at_most(limit: float, unit: str = "", digits: int = 2) -> Bar:
    return Bar(limit, above=True, unit=unit, digits=digits)


def at_least(limit: float, unit: str = "", digits: int = 2) -> Bar:
    return Bar(limit, above=False, unit=unit, digits=digits)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing measured against its bar; without a bar it is only told."""

    what: str
    spread: Spread | None = None
    bar: Bar | None = None
    note: str = ""
    failed: bool = False
    """Whether what cannot be measured misses its bar; otherwise it is skipped."""

    @property
    def verdict(self) -> str:
        if self.spread is None:
            return "misses" if self.failed else "skipped"
        if self.bar is None:
            return "–"
        return "holds" if self.bar.holds(self.spread.median) else "misses"

    def cells(self) -> tuple[str, ...]:
        """Subject, bar, median, range, times measured, verdict, note."""
        bar = str(self.bar) if self.bar else "–"
        if self.spread is None:
            return self.what, bar, "–", "–", "0", self.verdict, self.note
        told = (self.bar or Bar(0, above=True, digits=3)).told
        values = self.spread.values
        return (
            self.what,
            bar,
            told(self.spread.median),
            f"{told(min(values))} – {told(max(values))}" if len(values) > 1 else "–",
            str(len(values)),
            self.verdict,
            self.note,
        )


def skipped(what: str, bar: Bar, why: str) -> Line:
    return Line(what, None, bar, why)


def absolute(what: str, costs: Sequence[Cost], note: str = "") -> Line:
    """Wall seconds, for information: they say as much about the machine as about the program."""
    cpu = Spread.of(c.cpu for c in costs).median
    said = f"processor {cpu:.2f} s" + (f"; {note}" if note else "")
    return Line(f"{what}, wall seconds", Spread.of(c.wall for c in costs), note=said)


_HEAD = ("what", "bar", "median", "lowest – highest", "n", "", "note")


def table(lines: Iterable[Line]) -> str:
    """Lines as a table in Markdown, its columns set so that it can be read as text as well."""
    rows = [_HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD) - 1)]

    def told(row: tuple[str, ...]) -> str:
        padded = [cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (width + 2) for width in [*widths, 3])
    return "\n".join([told(rows[0]), f"|{rule}|", *map(told, rows[1:])])


def write(path: Path, lines: Sequence[Line], facts: Sequence[tuple[str, str]], notes: Sequence[str]) -> None:
    """RESULTS.md: what must hold, how it was measured, the machine, absolute times."""
    judged = [line for line in lines if line.bar]
    told = [line for line in lines if not line.bar]
    parts = [
        "# Results of `make bench`\n",
        "Written by the program; do not edit. A ratio is the median of ratios of runs from the same round.\n",
        table(judged),
        "\n## How\n",
        *(f"- {note}" for note in notes),
        "\n## Machine\n",
        "| | |\n|---|---|",
        *(f"| {name} | {value} |" for name, value in facts),
        "\n## Absolute times, for information\n",
        table(told),
    ]
    path.write_text("\n".join(parts) + "\n", "utf-8")
