"""What the picture shows over itself: rings and labels where the picture is, not where the widget is."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app.coach.report import FaultId, StandingStatus
from app.coach.rules import default_rules
from app.coach.setup import SetupPhase, SetupReport
from app.ui.choice import Choice
from app.ui.cue_card import card_for
from app.ui.live_view import LiveView
from app.ui.screens import SceneDetail, Screen
from app.ui.theme import DARK, Theme, Tone
from app.ui.video_view import VideoView, captures

CAPTURING = StandingStatus("none", True, 0.4, "")


@pytest.fixture
def view(qtbot) -> VideoView:
    """A picture of 640 x 360 in a widget that leaves 320 px bare at each side."""
    made = VideoView(Theme(DARK))
    qtbot.addWidget(made)
    made.resize(1280, 360)
    return made


def pixels(view: VideoView) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.int16)


def near(rgb: np.ndarray, colour: str) -> np.ndarray:
    wanted = QColor(colour)
    return np.abs(rgb - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2) <= 24


def changed(a: np.ndarray, b: np.ndarray) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of what differs."""
    rows, columns = np.nonzero(np.abs(a - b).max(axis=2) > 12)
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_the_ring_of_a_capture_is_whole_and_inside_the_picture(view, builders) -> None:
    view.show_analysis(builders.analysis(line=None, tunnel=None), Tone.CALM)
    without = pixels(view)
    view.show_analysis(builders.analysis(line=None, tunnel=None, standing=CAPTURING), Tone.CALM)
    left, top, right, bottom = changed(without, pixels(view))
    shown = view.shown_rect()
    assert shown.left() < left
    assert right < shown.right()
    assert right - left == pytest.approx(bottom - top, abs=4)  # a whole disc


@pytest.mark.parametrize(
    ("phase", "ring"),
    [(None, True), (SetupPhase.CHECKING, False), (SetupPhase.COUNTDOWN, False), (SetupPhase.CALIBRATING, True),
     (SetupPhase.DONE, True)],
)  # fmt: skip
def test_while_something_is_put_right_nobody_is_asked_to_stand_tall(builders, phase, ring) -> None:
    setup = None if phase is None else SetupReport(1.0, phase, (), None)
    analysis = dataclasses.replace(builders.analysis(standing=CAPTURING), setup=setup)
    assert captures(analysis) is ring
    assert not captures(builders.analysis())


def test_how_late_the_picture_is_stands_large_inside_it(view, builders) -> None:
    view.show_analysis(builders.analysis(line=None, tunnel=None), Tone.CALM)
    without = pixels(view)
    view.late = "5 s ago"
    left, top, right, bottom = changed(without, pixels(view))
    shown = view.shown_rect()
    assert shown.contains(view.late_box())
    assert shown.left() < left < right < shown.right()
    # From 3 m: the box takes a tenth of the picture's height, its letters about 6 %.
    assert bottom - top == pytest.approx(0.1 * shown.height(), abs=3)
    # The clock whose hand goes back is before the words.
    box = view.late_box()
    icon = near(pixels(view), DARK.on_fill)[:, round(box.left()) : round(box.left() + 1.1 * box.height())]
    assert icon.sum() > 40
    view.late = ""
    assert np.array_equal(pixels(view), without)


def test_a_hit_does_not_blink_over_another_fault(qtbot, builders, monkeypatch) -> None:
    live = LiveView(Theme(DARK), Choice())
    qtbot.addWidget(live)
    tones: list[Tone] = []
    monkeypatch.setattr(live.video, "show_analysis", lambda _analysis, tone: tones.append(tone))
    live.show_screen(Screen.RUN, SceneDetail.RUNNER)
    fault = builders.analysis(verdict="pelvis_drift")
    live.take(fault, None, hit=True)
    live.take(builders.analysis(), None, hit=True)
    live.take(builders.analysis(), None, hit=False)
    assert tones == [Tone.OFF, Tone.HIT, Tone.GOOD]
    # Elsewhere the roof of the run is nobody's business.
    live.show_screen(Screen.DRILLS, SceneDetail.RUNNER)
    live.take(builders.analysis(), None, hit=True)
    assert tones[-1] is Tone.GOOD


def test_the_card_of_a_window_has_the_words_of_the_rules_it_judges_by(qtbot, builders) -> None:
    live = LiveView(Theme(DARK), Choice())
    qtbot.addWidget(live)
    rules = default_rules()
    own = dataclasses.replace(rules.cues[FaultId.PELVIS_DRIFT], shown="SIT BACK")
    ours = dataclasses.replace(rules, cues={**rules.cues, FaultId.PELVIS_DRIFT: own})
    live.show_screen(Screen.RUN, SceneDetail.RUNNER)
    fault = builders.analysis(verdict="pelvis_drift")
    live.take(fault, None, hit=False)
    assert live.card.content.title == card_for(fault.report, None).title == "HIPS BACK"
    live._show_rules(SimpleNamespace(coaches=lambda: (SimpleNamespace(rules=ours),)))
    live.take(fault, None, hit=False)
    assert live.card.content.title == "SIT BACK"
