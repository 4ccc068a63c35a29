"""What was cut off is closed at the next start, and told."""

from __future__ import annotations

import re

import pytest

from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from app.ui.recovering import Recovering

TOLD = r"The session of \d{4}-\d\d-\d\d \d\d:\d\d had been cut off; 2 s of it were recovered\."


def cut_off(folder) -> str:
    """Record two seconds and drop them as a killed process would; return the session's id."""
    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0))
    recorder = SessionRecorder(coach, SessionStart(Recipe.of(coach, *coach.given)), folder)
    scene = VirtualScene(RunnerParams(Act.GOOD))
    for k in range(60):
        coach.update(scene.landmarks_at(k / 30.0))
    assert recorder.flush()
    recorder._stop()
    recorder._recording.close()
    return recorder.id


def test_a_session_that_was_cut_off_is_closed_and_told(tmp_path):
    session = cut_off(tmp_path)
    recovering = Recovering(tmp_path)
    assert recovering.wait(20.0)
    [line] = recovering.lines()
    assert re.fullmatch(TOLD, line)
    assert recovering.lines() == []
    with History(tmp_path) as history:
        assert history.get(session).row.state == "recovered"


def test_nothing_to_recover_is_silent(tmp_path):
    recovering = Recovering(tmp_path / "new")
    assert recovering.wait(20.0)
    assert recovering.lines() == []
    recovering.close()


def test_a_history_that_cannot_be_opened_is_told_in_a_line(tmp_path):
    (tmp_path / "history.db").mkdir()
    recovering = Recovering(tmp_path)
    assert recovering.wait(20.0)
    assert len(recovering.lines()) == 1


@pytest.mark.gui
def test_the_window_tells_it(make_window, tmp_path, qtbot):
    from app.ui.outfit import Outfit

    cut_off(tmp_path)
    window = make_window(autostart=False, outfit=Outfit(tmp_path))
    window.outfit.begin()
    qtbot.waitUntil(lambda: re.search(TOLD, window.page.state_line.text) is not None, timeout=20000)
