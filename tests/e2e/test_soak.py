"""The short form of the soak: the whole live chain with its window for some seconds. The hour: `benchmarks.soak`."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from app.cli import build
from app.sim.acts import Act
from benchmarks.soak import Plan, Soak, Watch, draw, rows_of

FPS = 30.0


@pytest.fixture(scope="module")
def pictures():
    return draw((320, 180), FPS, (Act.STANDING_UP,))


@pytest.mark.gui
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_grows_comes_late_or_gets_lost_in_a_short_soak(pictures, tmp_path, qapp):
    # As long as it takes: a busy machine drops frames, and steps with them.
    plan = Plan((90.0,), tour_every=60.0, stop=0.05, sample_every=0.5, gone=0.0, enough_steps=14)
    soak = Soak(plan, pictures, FPS, build.oracle(), tmp_path)
    soak.run()
    rows = {row.name: row for row in rows_of(soak.watch, tmp_path, settled_share=0.6)}
    missed = {row.name for row in rows.values() if row.missed}
    # How quick it is, is for the long form to say.
    assert not missed - {"window: longest stall", "decision to sound, longest", "closing the window"}
    assert rows["frames analysed"].value > 100
    assert rows["steps kept"].value >= 10
    assert rows["frames kept"].value <= rows["frames analysed"].value


def grown(watch, *, memory_mb=0.0, threads=0, files=0):
    """What was seen, had this much more been held at the end."""
    share = np.linspace(0.0, 1.0, len(watch.at_s))
    return replace(
        watch,
        memory_mb=[400.0 + memory_mb * s for s in share],
        threads=[10 + round(threads * s) for s in share],
        files=[12 + round(files * s) for s in share],
    )


@pytest.fixture
def kept(tmp_path):
    """A folder with the database of one session."""
    from app.store.history import History

    with History(tmp_path):
        pass
    return tmp_path


@pytest.mark.parametrize(
    ("more", "missed"),
    [
        ({}, ""),
        ({"memory_mb": 90.0}, "memory drift"),
        ({"threads": 4}, "threads more at the end"),
        ({"files": 4}, "open files more at the end"),
    ],
)
def test_what_grows_is_found(more, missed, kept):
    seen = Watch(at_s=[float(k) for k in range(60)], frames=100, close_ms=1.0)
    said = {row.name for row in rows_of(grown(seen, **more), kept) if row.missed}
    nothing_done = {"sounds decided", "sessions kept", "steps kept"}
    assert said - nothing_done == ({missed} if missed else set())


def test_a_late_and_a_missing_sound_are_found(kept):
    seen = grown(Watch(at_s=[float(k) for k in range(60)], close_ms=1.0))
    seen.decided = [(1.0, "hips"), (20.0, "tunnel")]
    seen.played = [(1.9, "hips")]
    rows = {row.name: row for row in rows_of(seen, kept)}
    assert rows["sounds not heard"].value == 1
    assert rows["decision to sound, longest"].missed
    assert rows["decision to sound, longest"].value == pytest.approx(900.0)
