"""The editor of the keys, used as a person would."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.ui.keys import BY_ID, KeyMap, bind_keys, wish_words
from app.ui.pages.controls import themed
from app.ui.pages.key_editor import KeyEditor
from app.ui.theme import DARK, Theme


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    made.elsewhere = QLineEdit()
    QVBoxLayout(made).addWidget(made.elsewhere)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def page(window, prefs) -> KeyEditor:
    editor = KeyEditor(Theme(DARK), prefs)
    window.layout().addWidget(editor)
    editor.heard = []
    editor.changed.connect(editor.heard.append)
    themed(editor, Theme(DARK))
    window.resize(800, 700)
    window.show()
    window.activateWindow()
    return editor


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def told_of_keys(page: KeyEditor) -> list[str]:
    labels = page.findChildren(QLabel)
    return [one.text() for one in labels if one.property("role") == "problem" and one.isVisible()]


def test_a_key_is_changed_by_pressing_it(page, prefs) -> None:
    button = page.buttons["mute"]
    click(button)
    assert button.text() == "Press a key …"
    QTest.keyClick(button, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert page.keymap.keys_of("mute") == ("Ctrl+P",)
    assert prefs.keys == {"mute": "Ctrl+P"}
    assert page.heard == ["keys"]
    assert page.resets["mute"].isVisible()
    click(page.resets["mute"])
    assert prefs.keys == {}
    assert not page.resets["mute"].isVisible()


def test_a_taken_key_is_refused_and_told(page, prefs) -> None:
    click(page.buttons["mute"])
    QTest.keyClick(page.buttons["mute"], "c")
    assert len(told_of_keys(page)) == 1
    assert told_of_keys(page)[0].startswith("C is taken: “Measure your standing height again”.")
    assert "C is taken" in page.buttons["mute"].accessibleDescription()
    assert (prefs.keys, page.heard) == ({}, [])
    assert page.buttons["mute"].text() == "M"
    click(page.buttons["theme"])
    QTest.keyClick(page.buttons["theme"], "z")
    assert told_of_keys(page) == []


def test_esc_or_going_elsewhere_leaves_a_key_as_it_is(page, window, prefs) -> None:
    button = page.buttons["mute"]
    click(button)
    QTest.keyClick(button, Qt.Key.Key_Escape)
    assert button.text() == "M"
    click(button)
    QTest.keyClick(button, Qt.Key.Key_Shift)
    assert button.waiting  # a modifier alone is no key
    window.elsewhere.setFocus()
    assert (button.text(), button.waiting, prefs.keys) == ("M", False, {})


def test_a_waiting_button_takes_the_key_before_the_windows_shortcuts(page, window, prefs) -> None:
    asked = []
    bind_keys(window, {wish: lambda wish=wish: asked.append(wish) for wish in BY_ID if not BY_ID[wish].own})
    button = page.buttons["ghost"]
    click(button)
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert "controls" in told_of_keys(page)[0]
    assert QApplication.focusWidget() is button
    click(button)
    QTest.keyClick(button, "t")
    assert asked == []
    assert "T is taken" in told_of_keys(page)[0]
    click(button)
    QTest.keyClick(button, "#")
    assert prefs.keys == {"ghost": "#"}


def test_all_keys_are_put_back(page, prefs) -> None:
    prefs.keys = {"mute": "C", "calibrate": "M"}
    page.refresh()
    click(page.resets["mute"])  # alone it cannot go back: M belongs to the other
    assert "M is taken" in told_of_keys(page)[0]
    click(page.all_usual)
    assert prefs.keys == {}
    assert not page.all_usual.isEnabled()


def test_the_list_of_keys_is_complete(page) -> None:
    shown = {label.text() for label in page.findChildren(QLabel)}
    assert {wish_words(wish) for wish in BY_ID} <= shown
    assert "Go to “Review”" in shown
    assert KeyMap().hint("review_step_on") in shown


def test_a_refusal_moves_nothing_at_the_top(page) -> None:
    from app.ui.pages.key_editor import HOW

    before = page.told.text()
    page._give("mute", "C")
    assert before == page.told.text() == HOW
    assert page.told.property("role") == "help"
