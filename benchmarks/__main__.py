"""`make bench`: every line of what must hold, measured in one run."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from benchmarks import gif, machine, memory, report, scaling, still, store, whole
from benchmarks.bench import Bench

_PARTS = {
    "whole": whole.measure,
    "quality": whole.measure_quality,
    "jobs": whole.measure_jobs,
    "scaling": scaling.measure,
    "memory": memory.measure,
    "store": store.measure,
    "still": still.measure,
    "gif": gif.measure,
}
_STRETCH = ("1944-09-04", "1944-09-08")
"""Stands for the film where all of it would take too long: front, axes and pockets move."""
_DAY = ("1944-09-05", "1944-09-05")
_RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure, print, and write RESULTS.md."""
    asked = _parser().parse_args()
    rounds = 1 if asked.once else 5
    with tempfile.TemporaryDirectory(prefix="animap-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), rounds, rounds if asked.once or asked.full else 3)
        if asked.quick or asked.once:
            bench.days = _STRETCH if asked.quick else _DAY
        else:
            bench.fit(_STRETCH)
        lines = []
        for name in asked.parts or _PARTS:
            print(f"{name}:", flush=True)
            lines += list(_PARTS[name](bench))
        print(report.table(lines))
        if not asked.parts and not asked.once:
            report.write(_RESULTS, lines, machine.facts(_command()), _notes(bench))
            print(f"written to {_RESULTS}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[[], *_PARTS], help="only these; RESULTS.md stays as it is"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="five rounds of the whole film, not three")
    size.add_argument("--quick", action="store_true", help=f"three rounds of {' to '.join(_STRETCH)}")
    size.add_argument("--once", action="store_true", help="5 September once: whether the bench works")
    return parser


def _command() -> str:
    return shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])


def _notes(bench: Bench) -> list[str]:
    return [
        f"Film: {bench.named}, {bench.frames} frames at 1080p30. Runs of the whole stretch are measured"
        f" {bench.long_rounds} times, short ones {bench.rounds} times, always in turn; start-up is counted.",
        "Encoder alone: ffmpeg, x264 medium, crf 18, key frames every 5 s, all cores, reading finished"
        " frames as raw RGB from the page cache.",
        "FuncAnimation: the same shapes and glyphs as artists made once and told what changed; the base map"
        " of each rest of the camera rasterised once; same encoder settings. The writer driven by hand avoids"
        " that FuncAnimation draws each frame twice when it saves.",
        "GMT movie: the same pictures from finished data but for hatches, bent names and its own font; the"
        " base map of each rest of the camera a picture made once; all cores. Its processor time is not"
        " known, as it does not wait for its children.",
        "Both are reckoned for the whole stretch from films of two lengths: start-up once, then so much a"
        " frame. The frames are spread over the stretch, and flights of the camera have their share.",
        "Size and SSIM are measured once: they are the same each time.",
    ]


if __name__ == "__main__":
    main()
