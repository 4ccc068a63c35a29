"""Watching a function of the app from outside: the app itself carries no clockwork for the bench."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.coach.types import Frame
    from app.pose.estimator import Estimate
    from app.validation.bench_marks import Rows


@contextmanager
def replaced(place: object, name: str, ours: object) -> Iterator[None]:
    """Have ``place.name`` (of a module or class) be ``ours`` inside the block; objects made before may keep theirs."""
    before = getattr(place, name)
    setattr(place, name, ours)
    try:
        yield
    finally:
        setattr(place, name, before)


@contextmanager
def watched_network(kind: type, into: Rows) -> Iterator[None]:
    """Have every network of that class write down when it was done and how long it took, inside the block."""
    estimate = kind.estimate  # type: ignore[attr-defined]  # a class of networks

    def timed(network: object, frame: Frame) -> Estimate:
        began_s = time.perf_counter()
        found: Estimate = estimate(network, frame)
        ended_s = time.perf_counter()
        into.add(ended_s, (ended_s - began_s) * 1e3)
        return found

    with replaced(kind, "estimate", timed):
        yield
