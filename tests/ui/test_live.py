"""The window on a real session: virtual runner, oracle pose, real coach, real threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings

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


class Stage:
    """A window on a real session whose analysing thread goes on only when the window has looked."""

    def __init__(self, act: Act, settings: QSettings) -> None:
        self.act = act
        self._go_on = threading.Semaphore(0)
        choice = Choice(kind=SourceKind.VIRTUAL, act=act.value)
        self.window = MainWindow(self._make_session, choice, settings=settings)
        for timer in self.window._timers:
            timer.stop()  # the test pulls

    def _make_session(self, choice: Choice) -> Session:
        scene = VirtualScene(RunnerParams(act=Act(choice.act)))
        source = VirtualSource(scene, fps=30.0, seconds=SECONDS, realtime=False, render=False)
        coach = CoachModel(mode=choice.mode, profile=RunnerProfile(height_cm=178.0))
        return Session(source, OracleEstimator, coach, observers=(lambda _: self._go_on.acquire(timeout=5.0),))

    def frames(self) -> Iterator[MainWindow]:
        """Yield the window after every frame until the session has ended."""
        window, before = self.window, None
        deadline_s = time.monotonic() + 30.0
        while time.monotonic() < deadline_s:
            window.refresh()
            session = window.host.session
            if window.video.analysis is not before:
                before = window.video.analysis
                yield window
                self._go_on.release()
            elif session is not None and session.status().phase is Phase.FINISHED:
                return
            else:
                time.sleep(0)  # the other thread's turn
        pytest.fail("the session did not end")

    def close(self) -> None:
        """Let the analysing thread go and close the window."""
        self._go_on.release(10_000)
        self.window.close()
        self.window.deleteLater()


@pytest.fixture
def stage(qapp, settings):
    made: list[Stage] = []

    def make(act: Act) -> Stage:
        made.append(Stage(act, settings))
        return made[0]

    yield make
    made[0].close()


@pytest.mark.parametrize(
    ("act", "faults"),
    [(Act.GOOD, set()), (Act.PELVIS_DRIFT, {FaultId.PELVIS_DRIFT}), (Act.STANDING_UP, {FaultId.STANDING_UP})],
)
def test_the_card_says_what_the_runner_does(stage, act: Act, faults: set[FaultId]) -> None:
    seen: set[tuple[str, Tone]] = set()
    causes: set[str] = set()
    frames = 0
    for window in stage(act).frames():
        frames += 1
        seen.add((window.card.content.title, window.card.content.tone))
        if window.running_session.cue is not None and window.running_session.cue.because:
            causes.add(window.running_session.cue.because)
    assert frames == pytest.approx(SECONDS * 30, abs=3)
    assert causes == {fault.value for fault in faults}
    assert ("Stand tall", Tone.INFO) in seen
    off = {title for title, tone in seen if tone in (Tone.OFF, Tone.HIT)}
    assert bool(off) is bool(faults)
    window.write_numbers()
    assert window.card.content.title == "Press Space to run again"
    assert window.page.state_line.text.startswith("Finished")
    series = window.live.run_panel.strips.series
    assert series.steps(hit=False).size + series.steps(hit=True).size > 10
