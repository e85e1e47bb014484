"""Fitting into so many bytes: any film whose size falls as sizes do."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from animap.render.budget import TRIES, WASTE, Step, fit, ladder

START = Step(Fraction(10), 256, 25, 960)
ORDER = ("fps", "colours", "lossiness", "width")


def test_things_are_given_up_one_after_the_other() -> None:
    steps = ladder(START)
    changed = [
        next(name for name in ORDER if getattr(a, name) != getattr(b, name))
        for a, b in zip(steps, steps[1:], strict=False)
    ]
    assert changed == sorted(changed, key=ORDER.index)
    assert set(changed) == set(ORDER)
    # No step is so high that a limit could fall between two.
    assert max(a.guess - b.guess for a, b in zip(steps, steps[1:], strict=False)) < WASTE * 1.3


@given(
    powers=st.tuples(st.floats(0.6, 1.0), st.floats(0.12, 0.3), st.floats(0.1, 0.2), st.floats(1.1, 1.8)),
    share=st.floats(0.001, 1.2),
)
@settings(deadline=None)
def test_a_limit_is_met_from_below_in_few_encodes(powers: tuple[float, ...], share: float) -> None:
    steps = ladder(START)

    def size(step: Step) -> int:
        fewer = step.fps / START.fps, step.colours / 256, 2 ** ((25 - step.lossiness) / 25), step.width / 960
        return round(5e6 * math.prod(float(part) ** power for part, power in zip(fewer, powers, strict=True)))

    limit = round(5e6 * share)
    sizes = fit(steps, limit, size)
    assert len(sizes) <= TRIES
    if size(steps[0]) <= limit:
        assert sizes == {0: size(steps[0])}
    elif size(steps[-1]) > limit:
        assert len(steps) - 1 in sizes
    else:
        best = max(found for found in sizes.values() if found <= limit)
        assert best >= limit * (1 - WASTE) or size(steps[-1]) > limit * (1 - WASTE)
