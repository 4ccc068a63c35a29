"""The short form of the soak: the whole live chain with its window for some seconds. The hour: `benchmarks.soak`."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from app.cli import build
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.scene import VirtualScene
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
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


@pytest.mark.parametrize(
    ("more", "missed"),
    [
        ({"warnings": 1}, "warnings of Qt"),
        ({"expired": 1}, "events expired"),
        ({"longest_stall_ms": 1100.0}, "window: longest stall"),
        ({"close_ms": 2100.0}, "closing the window"),
    ],
)
def test_what_goes_wrong_on_the_way_is_found(more, missed, kept):
    fine = Watch(at_s=[float(k) for k in range(60)], close_ms=1.0)
    before, after = (
        {row.name for row in rows_of(grown(seen), kept) if row.missed} for seen in (fine, replace(fine, **more))
    )
    assert after - before == {missed}


def test_a_session_that_was_cut_off_is_found(tmp_path):
    asked_for = Recipe(Mode.RUN, RunnerProfile(178.0))
    coach, scene = asked_for.make(), VirtualScene(RunnerParams())
    recorder = SessionRecorder(coach, SessionStart(asked_for), tmp_path)
    for k in range(6):
        coach.update(scene.landmarks_at(k / FPS))
    recorder.close()
    seen = grown(Watch(at_s=[float(k) for k in range(60)], close_ms=1.0))
    rows = {row.name: row for row in rows_of(seen, tmp_path)}
    assert (rows["sessions kept"].value, rows["frames kept"].value) == (1, 6)
    assert not rows["sessions kept that are not whole"].missed
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as database:
        database.execute("UPDATE sessions SET state = 'recovered' WHERE id = ?", (recorder.id,))
    rows = {row.name: row for row in rows_of(seen, tmp_path)}
    assert rows["sessions kept that are not whole"].missed


def test_a_late_and_a_missing_sound_are_found(kept):
    seen = grown(Watch(at_s=[float(k) for k in range(60)], close_ms=1.0))
    seen.decided = [(1.0, "hips"), (20.0, "tunnel")]
    seen.played = [(1.9, "hips")]
    rows = {row.name: row for row in rows_of(seen, kept)}
    assert rows["sounds not heard"].value == 1
    assert rows["decision to sound, longest"].missed
    assert rows["decision to sound, longest"].value == pytest.approx(900.0)
