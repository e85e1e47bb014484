"""Compiles `src/animap/c/` while the wheel, or an editable install, is made.

The compiler comes from PyPI, so that a machine needs none of its own, and every machine gets the same one.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = Path("src", "animap")
_INTEL = platform.machine().lower() in ("x86_64", "amd64")
# What each 64-bit PC since 2009 can do, and most since 2013; elsewhere, what every machine of the kind can.
_PROCESSORS = {"": "x86_64_v2", "-wide": "x86_64_v3"} if _INTEL else {"": "baseline"}


class PressHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the compiled press beside `native.py`; the wheel fits any Python on this kind of machine."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, and tell hatchling of it."""
        folder = Path(self.root) / _FOLDER
        for name, processor in _PROCESSORS.items():
            library = folder / f"libpress{name}{'.dll' if os.name == 'nt' else '.so'}"
            self._compile(sorted((folder / "c").glob("*.c")), library, processor)
            build_data["artifacts"].append((_FOLDER / library.name).as_posix())
        build_data["pure_python"] = False
        kind = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{kind}"

    def _compile(self, sources: list[Path], library: Path, processor: str) -> None:
        made = library.with_suffix(f".{os.getpid()}.made")
        # Without contraction, arithmetic is the same whatever the processor.
        settings = ["-std=c11", "-O3", "-ffp-contract=off", f"-mcpu={processor}", "-Wall", "-Wextra"]
        kind = ["-fvisibility=hidden", "-fPIC", "-shared", "-s"]
        compiler = [sys.executable, "-m", "ziglang", "cc"]
        try:
            subprocess.run([*compiler, *settings, *kind, "-o", made, *sources], check=True)
            made.replace(library)
        finally:
            made.unlink(missing_ok=True)
