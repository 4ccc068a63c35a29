"""The pages beside the live screens: none is made with the window, all of them soon after, each at its first visit."""

import pytest
from PySide6.QtWidgets import QWidget

from app.ui import late_pages
from app.ui.late_pages import LatePages
from app.ui.screens import Screen
from app.ui.theme import ThemeChoice, style_sheet

PAGES = {Screen.REVIEW, Screen.HISTORY, Screen.SETTINGS, Screen.ABOUT}


@pytest.fixture
def made(monkeypatch):
    """The screens whose pages were made, in order; turns follow at once."""
    monkeypatch.setattr(late_pages, "FIRST_MS", 0)
    monkeypatch.setattr(late_pages, "TURN_MS", 0)
    return []


def pages(made, *screens, failing=None):
    def maker(screen):
        def make():
            made.append(screen)
            if screen is failing:
                raise RuntimeError("no page today")
            return QWidget()

        return make

    return LatePages({screen: maker(screen) for screen in screens}, lambda _page: None)


def test_looking_one_up_makes_it_once(qapp, made):
    late = pages(made, Screen.HISTORY, Screen.ABOUT)
    assert set(late) == {Screen.HISTORY, Screen.ABOUT}
    assert Screen.ABOUT in late
    assert Screen.RUN not in late
    assert made == []
    assert late[Screen.ABOUT] is late[Screen.ABOUT]
    assert made == [Screen.ABOUT]
    assert set(late.made()) == {Screen.ABOUT}


def test_turn_by_turn_what_is_left_is_made_in_order(qtbot, made):
    late = pages(made, Screen.HISTORY, Screen.REVIEW, Screen.ABOUT)
    page = late[Screen.REVIEW]
    late.begin()
    qtbot.waitUntil(lambda: len(late.made()) == 3)
    assert made == [Screen.REVIEW, Screen.HISTORY, Screen.ABOUT]
    assert late[Screen.REVIEW] is page


def test_after_the_stop_nothing_is_made(qapp, made):
    late = pages(made, Screen.HISTORY)
    late.begin()
    late.stop()
    qapp.processEvents()
    assert made == []


def test_a_page_that_cannot_be_made_is_not_tried_again_and_again(qtbot, made):
    late = pages(made, Screen.HISTORY, Screen.ABOUT, failing=Screen.HISTORY)
    with qtbot.captureExceptions() as told:
        late.begin()
        qtbot.waitUntil(lambda: bool(told))
        for _ in range(20):
            qtbot.wait(0)
    assert made == [Screen.HISTORY]
    assert len(told) == 1


def test_a_window_is_made_without_its_pages_and_makes_each_at_its_visit(make_window):
    window = make_window()
    assert window.page_of.made() == {}
    window.go_to(Screen.SETTINGS)
    assert set(window.page_of.made()) == {Screen.SETTINGS}
    assert window.pages.currentWidget() is window.outfit.settings
    window.go_to(Screen.REVIEW)  # its note is kept by whoever keeps those of the history
    assert set(window.page_of.made()) == {Screen.SETTINGS, Screen.REVIEW, Screen.HISTORY}


def test_what_is_shown_looks_like_the_window(make_window):
    window = make_window()
    window.use_theme(ThemeChoice.LIGHT)
    for screen in PAGES:
        window.go_to(screen)
        assert style_sheet(window.theme) in window.page_of[screen].styleSheet()


def test_once_begun_a_window_gets_all_of_them(make_window, qtbot, made):
    window = make_window()
    window.outfit.begin()
    qtbot.waitUntil(lambda: set(window.page_of.made()) == PAGES)
    assert window.pages.currentWidget() is window.page  # and shows what it showed


def test_a_window_may_be_closed_before(make_window):
    window = make_window()
    window.outfit.begin()
    window.close()
    assert window.page_of.made() == {}
