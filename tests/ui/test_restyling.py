"""Another theme: what is seen has it at once, what is hidden by and by; nothing is lost, shown or late."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from app.ui.main_window import MainWindow
from app.ui.screens import SceneDetail, Screen
from app.ui.slow_motion import ask_slowness
from app.ui.theme import DARK, LIGHT, Palette, ThemeChoice, style_sheet
from app.ui.wishes import change_layout

pytestmark = pytest.mark.gui


@pytest.fixture
def window(make_window, qtbot) -> MainWindow:
    """A dark window with the panel of the run, all of it dressed."""
    window = make_window(autostart=False)
    window.prefs.layout = SceneDetail.COACH
    window.go_to(Screen.SETUP)
    window.go_to(Screen.RUN)
    window.use_theme(ThemeChoice.DARK)
    qtbot.waitUntil(lambda: stale(window) == [])
    return window


def parts(window: MainWindow) -> list[QWidget]:
    return [window.rail, *window.page.parts, *window.page_of.values()]


def stale(window: MainWindow) -> list[QWidget]:
    """What does not have the style sheet of now; some pages add rules of their own."""
    sheet = style_sheet(window.theme)
    return [part for part in parts(window) if not part.styleSheet().startswith(sheet)]


def colour(part: QWidget) -> str:
    """The colour of the words in a part."""
    label = next(label for label in part.findChildren(QLabel) if label.property("role") in ("body", "strong"))
    return label.palette().windowText().color().name()


def test_what_is_seen_changes_at_once_and_each_hidden_part_in_a_turn_of_its_own(window: MainWindow) -> None:
    before = style_sheet(window.theme)
    window.use_theme(ThemeChoice.LIGHT)
    waiting = stale(window)
    others = [panel for screen, panel in window.live.panels.items() if screen is not Screen.RUN]
    assert set(waiting) == {*others, *window.page_of.values()}
    assert all(part.styleSheet().startswith(before) for part in waiting)
    while waiting:
        QApplication.processEvents()
        assert len(waiting) - len(stale(window)) in (0, 1)
        waiting = stale(window)
    assert {colour(panel) for panel in others} == {LIGHT.text}


@pytest.mark.parametrize("screen", [Screen.SETUP, Screen.DRILLS, Screen.HISTORY, Screen.ABOUT])
def test_what_is_asked_for_before_its_turn_has_it_at_once(window: MainWindow, screen: Screen) -> None:
    window.use_theme(ThemeChoice.LIGHT)
    part = window.live.panels[screen] if screen.live else window.page_of[screen]
    assert part in stale(window)
    window.go_to(screen)
    assert part.isVisible()
    assert part not in stale(window)
    assert len(stale(window)) >= 5  # the others wait


def test_the_panel_that_the_other_layout_brings_has_it_at_once(window: MainWindow) -> None:
    change_layout(window)
    panel = window.live.run_panel
    assert not panel.isVisible()
    window.use_theme(ThemeChoice.LIGHT)
    assert panel in stale(window)
    change_layout(window)
    assert panel.isVisible()
    assert panel not in stale(window)


@pytest.mark.parametrize(("looks", "palette"), [(("light", "dark"), DARK), (("light", "dark", "light"), LIGHT)])
def test_of_several_changes_the_last_one_holds(window: MainWindow, looks: tuple[str, ...], palette: Palette) -> None:
    for look in looks:
        window.use_theme(ThemeChoice(look))
        QApplication.processEvents()  # some of the hidden parts have the one before
    while stale(window):
        QApplication.processEvents()
    assert {colour(panel) for screen, panel in window.live.panels.items() if screen is not Screen.RUN} == {palette.text}


def test_type_grows_with_the_window_in_the_same_way(window: MainWindow) -> None:
    small = window.live.setup_panel.again.fontMetrics().height()
    window.resize(1920, 1080)
    assert window.live.setup_panel in stale(window)
    assert window.live.run_panel not in stale(window)
    while stale(window):
        QApplication.processEvents()
    assert window.live.setup_panel.again.fontMetrics().height() > small


def test_focus_stays_and_no_part_ever_is_a_window(window: MainWindow) -> None:
    window.go_to(Screen.DRILLS)
    button = next(one for one in window.live.drill_panel.findChildren(QPushButton, "choice") if one.isVisible())
    button.setFocus()
    window.use_theme(ThemeChoice.LIGHT)
    while True:
        assert window.focusWidget() is button
        assert {part.window() for part in parts(window)} == {window}
        if not stale(window):
            break
        QApplication.processEvents()


def test_closing_in_the_middle_leaves_nothing_to_come(window: MainWindow) -> None:
    window.use_theme(ThemeChoice.LIGHT)
    waiting = stale(window)
    assert window.close()
    for _ in range(3):
        QApplication.processEvents()
    assert stale(window) == waiting
    assert not any(widget.isVisible() for widget in QApplication.topLevelWidgets())


def test_a_question_over_the_window_has_its_look(window: MainWindow) -> None:
    window.use_theme(ThemeChoice.LIGHT)
    asked = ask_slowness(window.video, "why", 4.0, lambda _factor: None)
    assert asked.isWindow()
    assert asked.grab().toImage().pixelColor(2, 2).name() == LIGHT.ground
    assert asked.findChild(QLabel).palette().windowText().color().name() == LIGHT.text
    asked.reject()
