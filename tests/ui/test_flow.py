"""The window by itself: hands-free turns, the camera's help, what is kept, and every key on every screen."""

from __future__ import annotations

import dataclasses
import time

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.capture.cameras import why_not_opened
from app.coach.errors import WorldError
from app.coach.report import Activity
from app.coach.setup import SetupPhase, SetupReport
from app.ui.attendance import AFTER_SETUP_S, LEFT_S
from app.ui.choice import Choice, SourceKind
from app.ui.pages.settings_page import SECTIONS
from app.ui.screens import SceneDetail, Screen
from app.ui.theme import ThemeChoice

pytestmark = pytest.mark.gui
CAMERA = Choice(kind=SourceKind.CAMERA)


def feed(window, builders, times_s, **changes):
    """Let the window pull one analysis after the other."""
    setup = changes.pop("setup", None)
    for t_s in times_s:
        analysis = builders.analysis(t_s, image=False, **changes)
        if setup is not None:
            analysis = dataclasses.replace(analysis, setup=dataclasses.replace(setup, t_s=t_s))
        window.host.session.analyses = [analysis]
        window.refresh()


@pytest.fixture
def running(make_window, qtbot):
    """Build a window with a running session."""

    def make(**more):
        window = make_window(**more)
        qtbot.waitUntil(lambda: window.host.session is not None)
        for timer in window._timers:
            timer.stop()
        return window

    return make


def test_after_the_set_up_comes_the_run(running, builders) -> None:
    window = running(screen=Screen.SETUP)
    done = SetupReport(0.0, SetupPhase.DONE, (), None)
    feed(window, builders, [1.0, 1.0 + AFTER_SETUP_S - 0.1], activity=Activity.STANDING, setup=done)
    assert window.current is Screen.SETUP
    feed(window, builders, [1.1 + AFTER_SETUP_S], activity=Activity.STANDING, setup=done)
    assert window.current is Screen.RUN
    assert window.host.session.tasks[-1].guide is None


def test_who_runs_already_needs_no_set_up(running, builders) -> None:
    window = running(screen=Screen.SETUP)
    checking = SetupReport(0.0, SetupPhase.CHECKING, (), None)
    feed(window, builders, [1.0, 2.0], setup=checking)
    assert window.current is Screen.SETUP
    feed(window, builders, [1.1 + AFTER_SETUP_S], setup=checking)
    assert window.current is Screen.RUN


def test_a_stopped_window_names_the_keys_as_they_are(running, builders, qtbot) -> None:
    window = running()
    feed(window, builders, [0.1 * k for k in range(120)])
    window.shortcuts.rebind(window.shortcuts.keymap.with_key("start_or_stop", "Z"))
    window.write_words()
    window.stop()
    qtbot.waitUntil(lambda: window.host.poll() or not window.host.busy)
    window.write_numbers()
    assert window.card.content.title == "Press Z to start"
    assert window.card.content.detail == "5: look back at this set"


def test_full_screen_keeps_a_way_out_of_a_page(running) -> None:
    window = running()
    window.toggle_full_screen()
    window.go_to(Screen.SETTINGS)
    assert window.rail.isVisible()
    window.go_to(Screen.RUN)
    assert not window.rail.isVisible()
    window.leave_full_screen()


def test_a_set_ends_when_the_runner_leaves_and_is_looked_back_at(running, builders, qtbot) -> None:
    window = running()
    session = window.host.session
    feed(window, builders, [0.1 * k for k in range(120)])
    feed(window, builders, [12.0 + 0.5 * k for k in range(round(2 * LEFT_S) + 1)], activity=Activity.NOBODY)
    assert window.current is Screen.REVIEW
    qtbot.waitUntil(lambda: bool(session.stopped_in))
    assert not window.is_running


def test_a_set_that_was_looked_back_at_is_not_held_beside_the_next(running, drifting, monkeypatch) -> None:
    window = running()
    monkeypatch.setattr(window.running_session, "record", lambda: drifting[0])
    window.go_to(Screen.REVIEW)
    assert window.outfit.review.record is drifting[0]
    window.go_to(Screen.RUN)
    assert window.outfit.review.record is None
    window.go_to(Screen.REVIEW)
    assert window.outfit.review.record is drifting[0]  # the way back is open


def test_a_clip_in_which_nobody_is_left_goes_on(running, builders) -> None:
    window = running(choice=Choice(kind=SourceKind.FILE, path="run.mp4"))
    feed(window, builders, [0.1 * k for k in range(120)])
    feed(window, builders, [12.0 + k for k in range(20)], activity=Activity.NOBODY)
    assert window.current is Screen.RUN
    assert window.is_running


def test_the_camera_is_let_go_of_while_minimised(running, qtbot, qapp, maker) -> None:
    window = running(choice=CAMERA)
    session = window.host.session
    window.setWindowState(Qt.WindowState.WindowMinimized)
    # Two changes in one turn of the loop, which no user can make, the platform tells a second time: four, not two.
    qapp.processEvents()
    qtbot.waitUntil(lambda: bool(session.stopped_in))
    assert not window.is_running
    window.setWindowState(Qt.WindowState.WindowNoState)
    qtbot.waitUntil(lambda: window.host.poll() or window.host.session is not None)
    qapp.processEvents()
    assert maker.made == [session, window.host.session]
    assert window.is_running


def test_the_virtual_runner_goes_on_while_minimised(running, qtbot) -> None:
    window = running()
    window.setWindowState(Qt.WindowState.WindowMinimized)
    assert window.is_running


def test_without_a_camera_help_stands_in_its_place_and_offers_the_demo(make_window, maker, qtbot, tmp_path) -> None:
    maker.fails = WorldError(why_not_opened(0, "linux", tmp_path))
    window = make_window(choice=CAMERA)
    qtbot.waitUntil(lambda: window.page.help.isVisible())
    assert not window.banner.isVisible()
    assert window.page.help.geometry() == window.live.stage.rect()
    maker.fails = None
    qtbot.mouseClick(window.page.help.buttons["demo"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.host.session is not None)
    window.write_numbers()
    assert window.choice.kind is SourceKind.VIRTUAL
    assert not window.page.help.isVisible()


def test_the_delayed_mirror(running, builders) -> None:
    window = running()
    QTest.keyClick(window, Qt.Key.Key_D)
    assert window.delay_s == 5.0
    assert window.video.late == "5 s ago"
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    assert (window.delay_s, window.prefs.delay_s) == (6.0, 6.0)
    for _ in range(20):
        QTest.keyClick(window, Qt.Key.Key_BracketLeft)
    assert window.delay_s == 3.0
    feed(window, builders, [0.0])
    assert not window.video.late  # so early the picture is of now
    for recall in window.host.session.observers:
        for k in range(60):
            recall(builders.analysis(0.1 * k, image=False))
    feed(window, builders, [6.0])
    assert window.video.analysis.frame.t_s == pytest.approx(2.9, abs=0.11)
    assert window.video.late == "3 s ago"
    QTest.keyClick(window, Qt.Key.Key_D)
    feed(window, builders, [6.1])
    assert window.video.analysis.frame.t_s == 6.1
    assert not window.video.late


def test_the_layout_is_for_the_runner_or_the_coach(running) -> None:
    window = running()
    assert not window.live.right.isVisible()
    QTest.keyClick(window, Qt.Key.Key_L)
    assert window.live.right.isVisible()
    assert window.prefs.layout is SceneDetail.COACH


def test_every_key_on_every_screen_is_safe(running, builders, qtbot) -> None:
    """Nothing raises, whatever is pressed wherever, with and without a session."""
    window = running()
    assert {"start_or_stop", "full_screen", "mute", "add_rep"} <= set(window.shortcuts._wishes)
    for screen in Screen:
        for wish in [wish for wish in window.shortcuts._wishes if wish != "start_or_stop"]:
            window.go_to(screen)
            window.shortcuts._wishes[wish]()
    window.leave_full_screen()
    qtbot.waitUntil(lambda: window.host.poll() or not window.host.busy)
    window.stop()
    for wish in list(window.shortcuts._wishes):
        if wish not in ("start_or_stop", "full_screen"):
            window.shortcuts._wishes[wish]()


def test_nothing_but_the_main_window_is_ever_a_window(running, builders, qapp) -> None:
    """What is shown before it has a parent flashes as a window of its own and takes the keyboard away."""
    shown = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(type(watched).__name__)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    window = running()
    feed(window, builders, [0.1 * k for k in range(120)])
    for screen in (*Screen, Screen.REVIEW, Screen.RUN):
        window.go_to(screen)
        window.write_numbers()
        qapp.processEvents()
    for section, _ in SECTIONS:
        window.go_to(Screen.SETTINGS)
        window.outfit.settings.show_section(section)
        window.go_to(Screen.ABOUT)
    qapp.removeEventFilter(watch)
    assert shown == ["MainWindow"]


def test_full_screen_shows_nothing_but_the_live_view(running) -> None:
    window = running()
    QTest.keyClick(window, Qt.Key.Key_F11)
    window.changeEvent(QEvent(QEvent.Type.WindowStateChange))
    assert [part.isVisible() for part in (window.rail, window.bar, window.video, window.card)] == [
        False, False, True, True,
    ]  # fmt: skip
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.rail.isVisible()


def test_what_was_chosen_to_be_heard_holds_from_the_start(make_window, settings) -> None:
    from app.ui.prefs import Prefs

    Prefs(settings).sound = {"voice": False, "noise": True, "volume": 0.4}
    window = make_window(autostart=False)
    assert (window.audio.choice.voice, window.audio.choice.noise, window.audio.choice.volume) == (False, True, 0.4)
    window.shortcuts._wishes["louder"]()
    assert window.prefs.sound["volume"] == 0.5


def test_it_is_up_soon(make_window) -> None:
    began_s = time.perf_counter()
    make_window(autostart=False)
    assert time.perf_counter() - began_s < 5.0  # a hanging start, not its speed: that is the benchmark's


def test_what_a_key_changes_is_seen_on_the_page_of_settings(make_window, qtbot) -> None:
    window = make_window(autostart=False)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.go_to(Screen.SETTINGS)
    settings = window.outfit.settings
    picture, sound = settings.picture, settings.sound
    window.use_theme(ThemeChoice.DARK)
    settings.show_section("picture")
    for key, wanted in ((Qt.Key.Key_T, ThemeChoice.LIGHT), (Qt.Key.Key_T, ThemeChoice.SYSTEM)):
        QTest.keyClick(window, key)
        assert window.prefs.theme is wanted
        assert picture.theme.buttons[wanted].isChecked()
    QTest.keyClick(window, Qt.Key.Key_R)
    assert picture.mirror.isChecked() is window.prefs.mirror is True
    settings.show_section("sound")
    before = sound.volume.value()
    QTest.keyClick(window, Qt.Key.Key_Minus)
    assert sound.volume.value() < before
    assert sound.percent.text() == f"{round(100 * window.audio.choice.volume)} %"
