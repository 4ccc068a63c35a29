"""A passed exam is good, although the coach has also seen what was shown wrong on purpose after it."""

from __future__ import annotations

import pytest

from app.coach.report import Cue, Mode
from app.coach.types import RunnerProfile
from app.store.sessions.recipe import Recipe


@pytest.mark.parametrize(("said", "verdict"), [("exam_both", "good"), ("exam_side", "pelvis_drift")])
def test_the_verdict_of_an_exam(store, said, verdict):
    coach, recorder = store.recorder(Recipe(Mode.STANCE, RunnerProfile(178.0)))
    for k, pose in enumerate(store.poses("stance_pelvis_drift", 480, 0.0)):
        coach.update(pose)
        if k == 60:
            recorder._told("exam", Cue(said, "Passed", "PASSED", pose.t_s, pose.t_s + 2.0, 1))
    coach.finish()
    document = recorder.close()
    assert document["stance"]["verdict"] == "pelvis_drift", "the document is the coach's judgement"
    with store.history() as history:
        assert history.find(recorder.id).verdict == verdict
        assert history.document(recorder.id) == document
