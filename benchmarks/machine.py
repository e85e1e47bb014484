"""What was measured on, and with which versions."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.baselines import ffmpeg, gifski

__all__ = ["available_memory", "facts"]


def facts(command: str) -> list[tuple[str, str]]:
    """Rows for the report."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("matplotlib", "numpy", "av"))
    return [
        ("date", dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("command", f"`{command}`"),
        ("animap", f"{version('animap')}, commit {_first(['git', 'rev-parse', '--short', 'HEAD'])}"),
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{_memory('MemTotal') / 1e9:.0f} GB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_version()}; {packages}"),
        ("animap's x264", _x264()),
        ("ffmpeg of the baselines", _first([ffmpeg.binary(), "-version"])),
        ("GMT", _first(["gmt", "--version"])),
        ("gifski", _first([gifski.binary() or "gifski", "--version"])),
    ]


def available_memory() -> float:
    """Bytes that can be had without swapping."""
    return _memory("MemAvailable")


def _memory(what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+)", Path("/proc/meminfo").read_text("utf-8"))
    return float(found[1]) * 1024 if found else 0.0


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    return found[1] if found else platform.processor()


def _x264() -> str:
    import av

    return f"in PyAV {av.__version__}, libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}"


def _first(command: Sequence[str]) -> str:
    """First line that a program says of itself."""
    if not shutil.which(command[0]):
        return "not installed"
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return said.partition("\n")[0].partition(" Copyright")[0] or "unknown"
