"""Rendering again: with nothing changed, and with one caption changed."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.report import Line, absolute, at_most, skipped
from benchmarks.timing import Cost, ratios, run

__all__ = ["measure"]

_CAPTION = "d0903"


def measure(bench: Bench) -> Iterator[Line]:
    """Second runs as a share of the first, each round with an empty store."""
    bars = {"nothing changed": at_most(0.05, digits=3), "one caption changed": at_most(0.25, digits=3)}
    if not bench.has_store:
        for name, bar in bars.items():
            yield skipped(f"second run ÷ first: {name}", bar, "this animap keeps no segments")
        return
    film = bench.room("film")
    shutil.copytree(bench.film.film.folder, film, dirs_exist_ok=True)
    costs: dict[str, list[Cost]] = {"first run": [], **{name: [] for name in bars}}
    command = bench.render(bench.folder / "again.mp4", film=film)
    for n in range(bench.long_rounds):
        kept = {"ANIMAP_CACHE": str(bench.room(f"store {n}"))}
        for name in costs:
            if name == "one caption changed":
                _reword(film / "captions.csv", n)
            costs[name].append(run(command, env=kept))
            print(f"  {n + 1}/{bench.long_rounds} {name}: {costs[name][-1].wall:.2f} s", flush=True)
        shutil.rmtree(kept["ANIMAP_CACHE"])
    for name, bar in bars.items():
        spread = ratios(costs[name], costs["first run"], lambda cost: cost.wall)
        yield Line(f"second run ÷ first: {name}", spread, bar, bench.named)
    for name, measured in costs.items():
        yield absolute(name, measured)


def _reword(path: Path, number: int) -> None:
    """Change one word of one caption, as long as it was, so that no line breaks elsewhere."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if row["id"] == _CAPTION)
    row["text_fr"] = row["text_fr"][:-2] + "aeiou"[number % 5] + "."
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
