"""The window that flashes: what it paints, when, and how it ends."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.flash_doctor import FlashWindow, flash

pytestmark = pytest.mark.gui


@pytest.fixture
def window(qtbot):
    ticks = itertools.count()
    window = FlashWindow(lambda: float(next(ticks)))
    qtbot.addWidget(window)
    return window


def test_every_change_is_written_down_once_it_is_painted(window, qtbot):
    beeps = []
    assert flash(window, [0.2, 0.6], 0.2, lambda: beeps.append(len(window.painted)))
    assert [lit for _, lit in window.painted] == [False, True, False, True, False]
    assert [at_s for at_s, _ in window.painted] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert beeps == [2, 4]  # the beep comes when the white is there
    assert not window.isVisible()


def test_lit_is_white_and_dark_is_black(window):
    window.show()
    corner = {}
    for lit in (True, False):
        window.show_lit(lit)
        corner[lit] = window.grab().toImage().pixelColor(2, 2).lightness()
    assert corner == {True: 255, False: 0}


def test_escape_gives_up(window, qtbot):
    window.given_up.connect(lambda: gone.append(True))
    gone: list[bool] = []
    assert not flash(window, [0.01, 60.0], 0.01, lambda: QTest.keyClick(window, Qt.Key.Key_Escape))
    assert gone == [True]
