"""Easings: how a value travels from 0 to 1 while time does (Penner's families, by their usual names)."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["EASINGS", "ease"]

Easing = Callable[[float], float]


def _power(exponent: int) -> Easing:
    return lambda x: x**exponent


def _back(x: float) -> float:
    return x * x * (2.70158 * x - 1.70158)


def _elastic(x: float) -> float:
    return (
        0.0
        if x == 0
        else 1.0
        if x == 1
        else -(2 ** (10 * x - 10)) * math.sin((10 * x - 10.75) * math.tau / 3)
    )


def _bounce(x: float) -> float:
    x = 1 - x
    for knee, middle, rest in ((1, 0, 0), (2, 1.5, 0.75), (2.5, 2.25, 0.9375), (2.75, 2.625, 0.984375)):
        if x < knee / 2.75:
            return 1 - (7.5625 * (x - middle / 2.75) ** 2 + rest)
    return 0.0


_SLOW_STARTS: dict[str, Easing] = {
    "sine": lambda x: 1 - math.cos(x * math.pi / 2),
    "quad": _power(2),
    "cubic": _power(3),
    "quart": _power(4),
    "expo": lambda x: 0.0 if x == 0 else 2 ** (10 * (x - 1)),
    "circle": lambda x: 1 - math.sqrt(max(0.0, 1 - x * x)),
    "back": _back,
    "elastic": _elastic,
    "bounce": _bounce,
}


def _out(start: Easing) -> Easing:
    return lambda x: 1 - start(1 - x)


def _in_out(start: Easing) -> Easing:
    return lambda x: start(2 * x) / 2 if x < 0.5 else 1 - start(2 - 2 * x) / 2


EASINGS: dict[str, Easing] = {"linear": lambda x: x} | {
    f"{family}-{side}": turn(start)
    for family, start in _SLOW_STARTS.items()
    for side, turn in (("in", lambda f: f), ("out", _out), ("in-out", _in_out))
}
"""Every easing by name; all run from exactly 0 to exactly 1."""


def ease(name: str, x: float) -> float:
    """Eased progress of `x`, which is held within 0 and 1; KeyError for an unknown name."""
    if x <= 0:
        return 0.0
    return 1.0 if x >= 1 else EASINGS[name](x)
