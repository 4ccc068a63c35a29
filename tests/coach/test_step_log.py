"""Steps come back from the log as they were kept."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.report import Step
from app.coach.step_log import StepLog

NAMES = [field.name for field in fields(Step)]
numbers = st.floats(allow_nan=True, allow_infinity=True)
steps = st.builds(
    Step,
    **{name: numbers for name in NAMES if name not in ("side", "hit", "head_turned")},
    side=st.sampled_from(["left", "right", "unknown"]),
    hit=st.booleans(),
    head_turned=st.booleans(),
)


def same(a: Step, b: Step) -> bool:
    def equal(x: object, y: object) -> bool:
        return x == y or (isinstance(x, float) and isinstance(y, float) and math.isnan(x) and math.isnan(y))

    return all(
        equal(getattr(a, name), getattr(b, name)) and type(getattr(a, name)) is type(getattr(b, name)) for name in NAMES
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=12))
def test_what_is_kept_comes_back(kept):
    log = StepLog()
    for step in kept:
        log.append(step)
    assert len(log) == len(kept)
    assert all(same(a, b) for a, b in zip(log, kept, strict=True))
    assert all(same(a, b) for a, b in zip(log[-8:], kept[-8:], strict=True))
    if kept:
        assert same(log[-1], kept[-1])


def test_there_is_nothing_beyond_the_end():
    with pytest.raises(IndexError):
        StepLog()[0]


def test_an_hour_of_steps_is_small():
    step = Step(**dict.fromkeys(NAMES, 0.5) | {"side": "left", "hit": False, "head_turned": False})
    log = StepLog()
    tracemalloc.start()
    for k in range(10_000):
        log.append(replace(step, t_s=0.35 * k))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 3.5e6
