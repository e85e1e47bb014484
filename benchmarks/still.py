"""What a user waits for who wants one picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.report import Line, at_most
from benchmarks.timing import ANIMAP, Spread, run

__all__ = ["measure"]


def measure(bench: Bench) -> Iterator[Line]:
    """`animap still` in a fresh process with an empty store, and `import animap` with the interpreter."""
    out = str(bench.folder / "still.png")
    still = [*ANIMAP, "still", "--at", "1944-09-05", "-o", out, "--force"]
    empty = {"ANIMAP_CACHE": str(bench.room("no store"))}
    costs = bench.alternate(
        {
            "still": lambda: run(still, env=empty),
            "import": lambda: run([sys.executable, "-c", "import animap"]),
        }
    )
    spreads = {name: Spread.of(cost.wall for cost in measured) for name, measured in costs.items()}
    yield Line(
        "animap still at 1080p, cold", spreads["still"], at_most(2.5, " s"), "5 September; a fresh process"
    )
    yield Line("import animap", spreads["import"], at_most(0.3, " s"), "start of the interpreter counted")
