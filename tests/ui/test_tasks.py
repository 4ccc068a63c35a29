"""What each live screen has judged, and by which coach."""

from __future__ import annotations

import pytest

from app.coach.drill_model import DrillModel
from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.types import Facing, RunnerProfile
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.ui.choice import Choice
from app.ui.screens import Screen
from app.ui.tasks import task_for

CHOICE = Choice(facing=Facing.RIGHT)


@pytest.fixture(scope="module")
def stood() -> CoachModel:
    """Return a coach that has taken a standing."""
    scene = VirtualScene(RunnerParams(standing_s=6.0), Camera.framing((1280, 720)))
    coach = CoachModel(Mode.AUTO, RunnerProfile(178.0), facing=Facing.RIGHT)
    for k in range(120):
        coach.update(scene.landmarks_at(k / 30.0))
    assert coach.standing is not None
    return coach


@pytest.mark.parametrize(
    ("screen", "mode"), [(Screen.RUN, Mode.AUTO), (Screen.START_LINE, Mode.STANCE), (Screen.SETUP, Mode.AUTO)]
)
def test_who_leaves_a_drill_takes_the_standing_along_and_leaves_what_was_counted(stood, screen, mode) -> None:
    drill = task_for(Screen.DRILLS, CHOICE)(stood).coach
    assert isinstance(drill, DrillModel)
    task = task_for(screen, CHOICE)(drill)
    assert type(task.coach) is CoachModel
    assert (task.coach.mode, task.coach.standing, task.coach.profile) == (mode, stood.standing, stood.profile)
    assert (task.guide is not None, task.exam is not None) == (screen is Screen.SETUP, screen is Screen.START_LINE)
    # What a recording asks at the end still has the drill in it.
    assert drill.summary().drill is not None


def test_other_screens_go_on_with_the_same_coach(stood) -> None:
    for screen in (Screen.START_LINE, Screen.SETUP, Screen.RUN):
        assert task_for(screen, CHOICE)(stood).coach is stood
