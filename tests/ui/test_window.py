"""The window: what it shows, what its keys do, and how it ends."""

from __future__ import annotations

import dataclasses
import itertools
import signal
import time

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.coach.errors import WorldError
from app.coach.report import Mode, StandingStatus
from app.coach.reps import DrillId
from app.session import Event, EventKind, Phase, RoofHit
from app.ui.audio import CueAudio
from app.ui.choice import Choice, SourceKind
from app.ui.clip_dialog import open_clip
from app.ui.main_window import MainWindow
from app.ui.screens import Screen
from app.ui.theme import DARK, LIGHT, Tone
from app.ui.window import DONE, INTERRUPTED, OUR_BUG, WORLD_FAULT, binding_problem, run_window
from app.ui.wishes import change_layout, next_theme

pytestmark = pytest.mark.gui
VIRTUAL = Choice(kind=SourceKind.VIRTUAL)


@pytest.fixture
def running(make_window, maker, qtbot) -> MainWindow:
    """A window whose first session runs."""
    window = make_window()
    qtbot.waitUntil(lambda: window.host.session is not None)
    return window


def show(window: MainWindow, *analyses: object) -> None:
    """Put analyses and refresh as the timers would."""
    window.host.session.analyses = list(analyses)
    window.refresh()
    window.draw_plots()
    window.write_numbers()


class Ear:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def play(self, sound: str) -> None:
        self.heard.append(sound)

    def close(self) -> None:
        self.heard.append("closed")


# ---- showing --------------------------------------------------------------------------------------------------


def test_the_newest_analysis_is_shown_with_its_own_picture(running: MainWindow, builders) -> None:
    first, second = builders.analysis(1.0), builders.analysis(1.1)
    show(running, first, second)
    assert running.video.analysis is second
    assert running.card.content.title == "In the tunnel"
    assert running.live.run_panel.counters.numbers["hits"].text() == "2"
    assert running.live.run_panel.counters.numbers["inside"].text() == "95%"
    assert running.live.run_panel.counters.numbers["longest"].text() == "31"


def test_landmarks_without_a_picture_are_shown_on_a_canvas(running: MainWindow, builders) -> None:
    show(running, builders.analysis(1.0, image=False))
    shot = running.video.grab().toImage()
    shown = running.video.shown_rect()
    assert shot.pixelColor(round(shown.left()) + 60, round(shown.top()) + 200).name() == running.theme.palette.canvas


def test_the_status_line(running: MainWindow, builders) -> None:
    show(running, builders.analysis(1.0))
    assert running.page.state_line.text == "Running  ·  60 fps"
    change_layout(running)
    running.host.session.notice = "15 fps only: add light"
    show(running, builders.analysis(1.0, verdict="not_judged", not_judged_because="the head is turned"))
    assert running.page.state_line.text == "Running  ·  60 fps  ·  23 ms (95 %: 41)  ·  3 dropped"
    assert running.page.judge_line.text == "15 fps only: add light  ·  Not judged: the head is turned"


def test_cues_and_hits_reach_eye_and_ear(make_window, maker, qtbot, builders) -> None:
    ear = Ear()
    window = make_window(audio=CueAudio(ear, None, time.monotonic))
    qtbot.waitUntil(lambda: window.host.session is not None)
    show(window, builders.analysis(5.0))
    cue, step = builders.cue(t_s=5.0, expires_s=7.0), builders.step(4.9, hit=True)
    window.host.session.waiting = [
        Event(EventKind.ROOF_HIT, 5.0, 5.15, RoofHit(5.0)),
        Event(EventKind.STEP, 5.0, 6.0, step),
        Event(EventKind.CUE, 5.0, 7.0, cue),
    ]
    window.refresh()
    assert ear.heard == ["bump", "tunnel"]
    show(window, builders.analysis(5.1))
    assert window.card.content.title == "DUCK UNDER THE ROOF"
    assert window.video._tone is Tone.HIT
    assert window.live.run_panel.strips.series.steps(hit=True).tolist() == [4.9]


def test_the_stance_shows_hold_and_weight_shift(running: MainWindow, builders) -> None:
    from app.coach.report import Activity, Hold, StanceValues

    values = StanceValues(12.0, 12.0, -0.4, 46.0, 17.0, 11.0, 8.0, 1.9, 0.64, 30.0)
    show(running, builders.analysis(9.0, activity=Activity.STANCE, hold=Hold(4.0, 9.0, "good", values)))
    assert running.live.run_panel.counters.hold_numbers["held"].text() == "5 s"
    assert running.live.run_panel.counters.hold_numbers["lean"].text() == "12°"
    assert running.card.content.title == "Hold it"


def test_standing_progress_is_painted_over_the_picture(running: MainWindow, builders) -> None:
    show(running, builders.analysis(1.0))
    before = running.video.grab().toImage()
    show(running, builders.analysis(1.1, standing=StandingStatus("none", True, 0.5, "Feet together")))
    after = running.video.grab().toImage()
    x, y = round(running.video.width() * 0.21), round(running.video.height() * 0.46)
    assert before.pixelColor(x, y + 3) != after.pixelColor(x, y + 3)
    assert running.card.content.title == "Stand tall"


def test_painting_leaves_time_for_the_coach(running: MainWindow, builders) -> None:
    """A picture that takes long to paint is painted less often; nothing is lost for the curves."""
    show(running, builders.analysis(1.0))
    paints: list[float] = []
    running.video.update = lambda: paints.append(time.perf_counter())
    # The last paint took an hour, as far as the view knows, and ended just now.
    running.video._painted_s, running.video._paint_took_s = time.perf_counter(), 3600.0
    samples_before = running.live.run_panel.strips.series.times_s.size
    for index in range(5):
        running.host.session.analyses = [builders.analysis(1.1 + index / 100)]
        running.refresh()
    assert paints == []
    assert running.live.run_panel.strips.series.times_s.size == samples_before + 5
    running.video._painted_s -= 3600.0
    running.refresh()
    assert len(paints) == 1
    del running.video.update


# ---- faults ---------------------------------------------------------------------------------------------------


def test_a_fault_keeps_the_picture_and_offers_a_retry(running: MainWindow, maker, qtbot, builders) -> None:
    analysis = builders.analysis(1.0)
    show(running, analysis)
    session = running.host.session
    session.phase, session.error = Phase.FAULTED, "The camera was unplugged: plug it in again."
    running.write_numbers()
    assert running.banner.isVisible()
    assert running.banner.label.text() == "The camera was unplugged: plug it in again."
    assert running.video.analysis is analysis
    assert running.card.content.title == "No picture"
    qtbot.mouseClick(running.banner.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(maker.made) == 2 and running.host.session is maker.made[1])
    running.write_numbers()
    assert not running.banner.isVisible()


def test_a_source_that_does_not_open(make_window, maker, qtbot) -> None:
    maker.fails = WorldError("No camera 0: plug one in, or try `hingecoach demo`.")
    window = make_window()
    qtbot.waitUntil(lambda: window.banner.isVisible())
    assert window.banner.label.text() == "No camera 0: plug one in, or try `hingecoach demo`."
    shot = window.video.grab().toImage()
    assert shot.pixelColor(40, shot.height() - 40).name() == window.theme.palette.surface  # no veil over nothing
    window.close()
    assert window.failed_by_us is False


def test_a_very_long_error_still_fits(running: MainWindow) -> None:
    running.banner.show_error("A long word salad. " * 12)
    label = running.banner.label
    assert label.heightForWidth(label.width()) <= label.height()


# ---- wishes ---------------------------------------------------------------------------------------------------


def test_keys(running: MainWindow, maker, qtbot) -> None:
    running.activateWindow()
    running.setFocus()
    session = running.host.session
    running.write_numbers()
    QTest.keyClick(running, Qt.Key.Key_C)
    assert session.calibrations == 1
    QTest.keyClick(running, Qt.Key.Key_M)
    assert running.audio.muted
    QTest.keyClick(running, Qt.Key.Key_R)
    assert running.video.mirrored
    QTest.keyClick(running, Qt.Key.Key_F11)
    assert running.isFullScreen()
    QTest.keyClick(running, Qt.Key.Key_Escape)
    assert not running.isFullScreen()
    QTest.keyClick(running, Qt.Key.Key_F)
    assert running.isFullScreen()
    QTest.keyClick(running, Qt.Key.Key_F)
    assert not running.isFullScreen()
    QTest.keyClick(running, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(session.stopped_in))
    qtbot.waitUntil(lambda: not running.host.busy)
    assert not running.is_running
    QTest.keyClick(running, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: running.host.session is not None)
    assert running.host.session is maker.made[1]


def test_space_never_opens_the_source_menu(running: MainWindow) -> None:
    assert running.focusWidget() in (None, running.video)


def test_every_button_tells_its_key(running: MainWindow) -> None:
    bar = running.bar
    for button, key in (
        (bar.start, "Space"), (bar.calibrate, "(C)"), (bar.mute, "(M)"), (bar.mirror, "(R)"), (bar.full, "F11"),
        (bar.look, "(T)"),
    ):  # fmt: skip
        assert key in button.toolTip()


def test_another_live_screen_is_another_task_of_the_same_session(make_window, maker, qtbot) -> None:
    running = make_window(Choice(kind=SourceKind.CAMERA))
    qtbot.waitUntil(lambda: running.host.session is not None)
    session = running.host.session
    session.tasks.clear()
    qtbot.mouseClick(running.rail.buttons[Screen.START_LINE], Qt.MouseButton.LeftButton)
    assert running.choice.mode is Mode.STANCE
    assert running.live.panel is running.live.exam_panel
    QTest.keyClick(running, Qt.Key.Key_4)
    QTest.keyClick(running, Qt.Key.Key_1)
    QTest.keyClick(running, Qt.Key.Key_2)
    exam, drill, setup, run = session.tasks
    assert (exam.coach.mode, exam.exam is not None, exam.guide) == (Mode.STANCE, True, None)
    assert (drill.coach.mode, drill.coach.plan.drill) == (Mode.DRILL, DrillId.HINGE)
    assert (setup.coach.mode, setup.guide is not None, setup.exam) == (Mode.AUTO, True, None)
    assert (run.coach.mode, run.guide, run.exam) == (Mode.AUTO, None, None)
    assert len(maker.made) == 1


def test_the_virtual_runner_does_what_the_screen_is_about(running: MainWindow, maker, qtbot) -> None:
    acts = []
    for screen in (Screen.START_LINE, Screen.DRILLS, Screen.RUN, Screen.SETUP):
        running.go_to(screen)
        qtbot.waitUntil(lambda: not running.host.busy)
        acts.append((running.choice.act, len(maker.made)))
    assert acts == [("exam", 2), ("drill_hinge", 3), ("good", 4), ("good", 4)]
    running.go_to(Screen.DRILLS)
    running.choose(dataclasses.replace(running.choice, drill="athletic"))
    assert running.choice.act == "drill_athletic"
    running.choose(dataclasses.replace(running.choice, act="drill_tunnel_march"))
    assert running.choice.drill == "tunnel_march"


def test_whoever_looks_elsewhere_comes_back_to_the_same_task(running: MainWindow) -> None:
    session = running.host.session
    session.tasks.clear()
    for screen in (Screen.SETTINGS, Screen.ABOUT, Screen.REVIEW, Screen.RUN):
        running.go_to(screen)
    assert session.tasks == []
    assert session.phase is Phase.RUNNING


def test_another_source_is_a_new_session(running: MainWindow, maker, qtbot, builders) -> None:
    show(running, builders.analysis(1.0))
    running.choose(dataclasses.replace(running.choice, act="upright"))
    qtbot.waitUntil(lambda: len(maker.made) == 2 and running.host.session is maker.made[1])
    assert maker.made[0].stopped_in
    assert maker.made[1].choice.act == "upright"
    assert running.bar.source.accessibleName() == "Source: Virtual · Upright trunk"


def test_switching_a_slow_source_never_stalls_the_window(running: MainWindow, maker, qtbot, builders) -> None:
    """The old session takes 0.4 s to stop and the new one 0.4 s to make: the timers go on all the while."""
    show(running, builders.analysis(1.0))
    old = running.host.session
    old.may_stop.clear()
    maker.may_make.clear()
    beats_s: list[float] = []
    heart = QTimer(running)
    heart.timeout.connect(lambda: beats_s.append(time.perf_counter()))
    heart.start(5)
    began_s = time.perf_counter()
    QTimer.singleShot(400, running, old.may_stop.set)
    QTimer.singleShot(800, running, maker.may_make.set)
    running.choose(dataclasses.replace(running.choice, act="upright"))
    qtbot.waitUntil(lambda: len(maker.made) == 2 and running.host.session is maker.made[1])
    heart.stop()
    gaps_s = [after - before for before, after in itertools.pairwise(beats_s)]
    assert beats_s[-1] - began_s > 0.7
    assert max(gaps_s) < 0.3  # waiting for either would be 0.4 s; less says only that the machine is busy


def test_the_picker_lists_cameras_when_it_opens(make_window, qtbot) -> None:
    window = make_window(list_cameras=lambda: ((0, "Built-in"), (1, "Logitech & Co")))
    window.bar._open_menu()
    assert window.bar.menu.actions()[0].text().startswith("Looking")
    qtbot.waitUntil(lambda: bool(window.bar.cameras))
    window.bar._fill_menu()
    texts = [action.text() for action in window.bar.menu.actions() if not action.isSeparator()]
    assert texts == ["Built-in", "Logitech && Co", "Virtual runner", "Open clip …"]
    window.bar.menu.actions()[1].trigger()
    assert (window.choice.kind, window.choice.camera) == (SourceKind.CAMERA, 1)


def test_a_clip_is_asked_for_without_stopping_anything(running: MainWindow, qtbot, maker) -> None:
    open_clip(running)
    dialogs = running.findChildren(QFileDialog)
    assert len(dialogs) == 1
    dialogs[0].fileSelected.emit("clips/run.mp4")
    dialogs[0].reject()
    qtbot.waitUntil(lambda: len(maker.made) == 2)
    assert maker.made[1].choice.path == "clips/run.mp4"
    assert maker.made[1].choice.kind is SourceKind.FILE


def test_theme_goes_round_and_is_remembered(running: MainWindow, settings: QSettings) -> None:
    next_theme(running)
    assert running.theme.palette is DARK
    next_theme(running)
    assert running.theme.palette is LIGHT
    assert settings.value("theme") == "light"


# ---- the end --------------------------------------------------------------------------------------------------


def test_closing_stops_the_session_and_twice_is_fine(running: MainWindow, maker) -> None:
    assert running.close()
    assert maker.made[0].stopped_in
    assert running.close()
    assert len(maker.made[0].stopped_in) == 1
    assert not any(timer.isActive() for timer in running.findChildren(QTimer))


def test_habits_are_remembered(make_window, qtbot, settings: QSettings) -> None:
    window = make_window(size=(1111, 707))
    window.bar.mute.setChecked(True)
    window.bar.mirror.setChecked(True)
    window.choose(dataclasses.replace(window.choice, act="upright"))
    window.close()
    again = MainWindow(window.host._make_session, VIRTUAL, settings=settings, autostart=False)
    qtbot.addWidget(again)
    assert again.height() == 707  # (the offscreen screen is 800 px wide: Qt narrows the window to it)
    assert again.audio.muted
    assert again.video.mirrored
    assert again.prefs.last_choice(VIRTUAL).act == "upright"


def test_what_the_command_line_says_about_mirroring_wins(make_window, settings: QSettings) -> None:
    settings.setValue("mirror", True)
    assert make_window(dataclasses.replace(VIRTUAL, mirror=False)).video.mirrored is False


def test_run_window_ends_by_itself(qapp, maker, settings: QSettings) -> None:
    assert run_window(maker, VIRTUAL, seconds=0.15, settings=settings) == DONE
    assert maker.made[0].stopped_in


@pytest.mark.parametrize(("fault", "code"), [(WorldError("No camera."), WORLD_FAULT), (KeyError("x"), OUR_BUG)])
def test_run_window_tells_by_its_exit_code_what_failed(qapp, maker, settings, fault: Exception, code: int) -> None:
    maker.fails = fault
    assert run_window(maker, VIRTUAL, seconds=0.3, settings=settings) == code


def test_ctrl_c_closes_the_window_and_says_130(qapp, maker, settings: QSettings) -> None:
    before = signal.getsignal(signal.SIGINT)
    QTimer.singleShot(100, lambda: signal.raise_signal(signal.SIGINT))
    assert run_window(maker, VIRTUAL, seconds=20.0, settings=settings) == INTERRUPTED
    assert maker.made[0].stopped_in
    assert signal.getsignal(signal.SIGINT) is before


def test_run_window_goes_on_where_it_left_off(qapp, maker, settings: QSettings) -> None:
    run_window(maker, dataclasses.replace(VIRTUAL, act="overstride"), seconds=0.1, settings=settings)
    run_window(maker, VIRTUAL, seconds=0.1, settings=settings, restore=True)
    assert [session.choice.act for session in maker.made] == ["overstride", "overstride"]


def test_a_bug_in_the_window_is_logged_and_ends_with_code_1(qapp, maker, settings, caplog) -> None:
    class Odd:
        def __call__(self, choice: object) -> object:
            session = maker(choice)
            session.latest = lambda: 1 / 0
            return session

    assert run_window(Odd(), VIRTUAL, seconds=0.2, settings=settings) == OUR_BUG
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1  # 12 refreshes failed, one line in the log
    assert told[0].exc_info[0] is ZeroDivisionError


def test_this_pyside_does_not_lose_references(qapp) -> None:
    assert binding_problem() == ""


def test_a_pyside_that_loses_references_is_refused_in_one_line(qapp, maker, settings, monkeypatch) -> None:
    counts = iter((1000, 800))
    monkeypatch.setattr("app.ui.window.sys.getrefcount", lambda _: next(counts))
    with pytest.raises(WorldError, match=r"pip install 'PySide6-Essentials<6\.12'"):
        run_window(maker, VIRTUAL, seconds=0.1, settings=settings)
    assert maker.made == []
