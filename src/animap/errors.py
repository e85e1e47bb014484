"""Everything that can go wrong for a user, as one tree.

A `Problem` is one sentence a person can act on: what is wrong, where, and what to do. Errors carry
all problems found so far, so that a film is mended in one round and not in ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "AnimapError",
    "CheckError",
    "DataError",
    "FilmError",
    "Findings",
    "OutputError",
    "Problem",
    "RenderError",
    "Report",
    "StyleError",
    "UsageError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `what` says it, `where` names the file and the line, row or key, `hint` says what to do.
    """

    what: str
    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n    → {self.hint}" if self.hint else head


class AnimapError(Exception):
    """Root of the errors that animap raises on purpose; `problems` is never empty."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problems: Problem | str | Iterable[Problem], where: str = "", hint: str = "") -> None:
        if isinstance(problems, str):
            problems = (Problem(problems, where, hint),)
        elif isinstance(problems, Problem):
            problems = (problems,)
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[AnimapError], tuple[tuple[Problem, ...]]]:
        # Errors travel back from worker processes.
        return type(self), (self.problems,)


class UsageError(AnimapError, ValueError):
    """The call itself is off: an unknown size, a date outside the film."""

    exit_code = 2


class FilmError(AnimapError, ValueError):
    """`film.toml` cannot be read or says something impossible."""

    exit_code = 3


class DataError(AnimapError, ValueError):
    """A layer's data is missing, unreadable or contradicts itself."""

    exit_code = 4


class StyleError(AnimapError, ValueError):
    """A style file or a font is missing or wrong."""

    exit_code = 5


class OutputError(AnimapError, OSError):
    """A result cannot be written where it was asked for, or would overwrite a file."""

    exit_code = 6


class RenderError(AnimapError, RuntimeError):
    """A worker died or an encoder refused; nothing was left behind."""

    exit_code = 7


class CheckError(AnimapError, ValueError):
    """A check found something: an output is not what was made, or there are warnings and `--strict`."""

    exit_code = 8


class Findings:
    """Runs steps that may each fail, so that one error tells what all of them found."""

    def __init__(self) -> None:
        self._errors: list[AnimapError] = []

    @contextmanager
    def step(self) -> Iterator[None]:
        """Keep the error that is raised inside, and go on after it."""
        try:
            yield
        except AnimapError as error:
            self._errors.append(error)

    def check(self) -> None:
        """Raise every problem found so far, as an error of the class that came first."""
        if self._errors:
            first = self._errors[0]
            raise type(first)(dict.fromkeys(p for e in self._errors for p in e.problems)) from first


class Report:
    """Collects problems and warnings while a film is read, so that all are told together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def error(self, what: str, where: str = "", hint: str = "") -> None:
        """Something that must be mended before the film can be rendered."""
        self._add(self.problems, Problem(what, where, hint))

    def warn(self, what: str, where: str = "", hint: str = "") -> None:
        """Something that may be meant, but should be looked at."""
        self._add(self.warnings, Problem(what, where, hint))

    def check(self, kind: type[AnimapError]) -> None:
        """Raise everything that was found wrong so far as one error of this kind."""
        if self.problems:
            raise kind(self.problems)

    @staticmethod
    def _add(to: list[Problem], problem: Problem) -> None:
        if problem not in to:
            to.append(problem)
