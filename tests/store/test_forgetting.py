"""Who is forgotten is gone, and nobody else."""

from __future__ import annotations

import pytest

from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.scene import VirtualScene
from app.store.forgetting import forget, sessions_of
from app.store.history import History
from app.store.keepsakes import Keepsakes
from app.store.people import RunnerRecord, RunnerStore
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart


@pytest.fixture
def people(tmp_path):
    """Two runners with a session and a stance each."""
    scene = VirtualScene(RunnerParams(Act.GOOD))
    for name in ("Anna", "Ben"):
        RunnerStore(tmp_path).add(RunnerRecord(name, 170.0))
        Keepsakes(tmp_path).keep_stance(name, name)
        coach = CoachModel(Mode.AUTO, RunnerProfile(170.0))
        recorder = SessionRecorder(coach, SessionStart(Recipe.of(coach, *coach.given), person=name), tmp_path)
        for k in range(30):
            coach.update(scene.landmarks_at(k / 30.0))
        coach.finish()
        assert recorder.close() is not None
    return tmp_path


def test_who_is_renamed_keeps_the_sessions_and_is_forgotten_with_them(people):
    with History(people) as history:
        history.rename("anna", "Anna Karenina")
        assert {row.person for row in history.sessions()} == {"Anna Karenina", "Ben"}
    assert (sessions_of(people, "Anna"), len(sessions_of(people, "anna karenina"))) == ([], 1)


def test_sessions_stance_and_file_go_and_others_stay(people):
    tmp_path = people
    assert forget(tmp_path, "anna").name == "Anna"
    assert RunnerStore(tmp_path).names() == ["Ben"]
    assert (sessions_of(tmp_path, "Anna"), len(sessions_of(tmp_path, "Ben"))) == ([], 1)
    assert (Keepsakes(tmp_path).stance("Anna"), Keepsakes(tmp_path).stance("Ben")) == ("", "Ben")
    assert b"Anna" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    with pytest.raises(WorldError):
        forget(tmp_path, "anna")
