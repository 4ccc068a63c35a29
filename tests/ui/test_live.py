"""The window on a real session: virtual runner, oracle pose, real coach, real threads."""

from __future__ import annotations

import pytest

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.coach.report import FaultId
from app.coach.types import RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import Phase, Session
from app.sim.acts import Act, RunnerParams
from app.sim.scene import VirtualScene
from app.ui.choice import Choice, SourceKind
from app.ui.main_window import MainWindow
from app.ui.theme import Tone

pytestmark = pytest.mark.gui
SECONDS = 14.0


def make_session(choice: Choice) -> Session:
    """Landmarks only and as fast as they are taken: 14 s of running go by in about a second."""
    scene = VirtualScene(RunnerParams(act=Act(choice.act)))
    source = VirtualSource(scene, fps=60.0, seconds=SECONDS, realtime=False, render=False)
    return Session(source, OracleEstimator, CoachModel(mode=choice.mode, profile=RunnerProfile(height_cm=178.0)))


@pytest.fixture
def window(qtbot, settings):
    made: list[MainWindow] = []

    def make(act: Act) -> MainWindow:
        choice = Choice(kind=SourceKind.VIRTUAL, act=act.value)
        made.append(MainWindow(make_session, choice, settings=settings))
        made[0].show()
        return made[0]

    yield make
    made[0].close()
    made[0].deleteLater()


def finished(window: MainWindow) -> bool:
    session = window.host.session
    return session is not None and session.status().phase is Phase.FINISHED


@pytest.mark.parametrize(
    ("act", "faults"),
    [(Act.GOOD, set()), (Act.PELVIS_DRIFT, {FaultId.PELVIS_DRIFT}), (Act.STANDING_UP, {FaultId.STANDING_UP})],
)
def test_the_card_says_what_the_runner_does(window, qtbot, act: Act, faults: set[FaultId]) -> None:
    shown = window(act)
    seen: set[tuple[str, Tone]] = set()
    causes: set[str] = set()

    def look() -> bool:
        seen.add((shown.card.content.title, shown.card.content.tone))
        if shown._cue is not None and shown._cue.because:
            causes.add(shown._cue.because)
        return finished(shown)

    qtbot.waitUntil(look, timeout=20_000)
    shown.refresh()
    assert causes == {fault.value for fault in faults}
    assert ("Stand tall", Tone.INFO) in seen
    off = {title for title, tone in seen if tone in (Tone.OFF, Tone.HIT)}
    assert bool(off) is bool(faults)
    shown.write_numbers()
    assert shown.card.content.title == "Press Space to run again"
    assert shown.state_line.text.startswith("Finished")
    assert shown.strips.series.steps(hit=False).size + shown.strips.series.steps(hit=True).size > 10
