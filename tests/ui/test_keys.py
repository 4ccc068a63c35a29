"""Keys: no two wishes on one key in one place, live rebinding, and words that are typed stay words."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui.keys import BY_ID, WISHES, KeyMap, KeyTakenError, bind_keys, tidy_key
from app.ui.screens import Screen


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def window(qtbot) -> QWidget:
    widget = QWidget()
    box = QVBoxLayout(widget)
    widget.button, widget.field = QPushButton("Rest"), QLineEdit()
    box.addWidget(widget.button)
    box.addWidget(widget.field)
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    widget.setFocus()
    return widget


@pytest.fixture
def shortcuts(window, asked):
    mine = [wish.id for wish in WISHES if not wish.own]
    return bind_keys(window, {wish: lambda wish=wish: asked.append(wish) for wish in mine})


# ---- the table ------------------------------------------------------------------------------------------------


def test_every_usual_key_is_a_key_and_is_written_as_qt_writes_it() -> None:
    for wish in WISHES:
        assert wish.keys
        for key in wish.keys:
            assert tidy_key(key) == key, (wish.id, key)


def test_no_two_wishes_have_one_usual_key_on_one_screen() -> None:
    for one, other in itertools.combinations(WISHES, 2):
        if set(one.where) & set(other.where):
            assert not set(one.keys) & set(other.keys), (one.id, other.id)


def test_every_screen_has_its_number() -> None:
    numbers = {screen: KeyMap().keys_of(f"screen_{screen}") for screen in Screen}
    assert numbers == {screen: (str(number),) for number, screen in enumerate(Screen, 1)}


@pytest.mark.parametrize("key", ["", "xx", "a,b", "Ctrl", "Shift"])
def test_what_is_no_key(key: str) -> None:
    assert tidy_key(key) == ""


# ---- the user's own keys --------------------------------------------------------------------------------------


def test_a_key_of_ones_own_takes_the_place_of_the_usual_ones() -> None:
    keymap = KeyMap().with_key("full_screen", "ctrl+p")
    assert keymap.keys_of("full_screen") == ("Ctrl+P",)
    assert keymap.overrides == {"full_screen": "Ctrl+P"}
    assert keymap.without("full_screen").keys_of("full_screen") == ("F11", "F")
    assert KeyMap().with_key("mute", "m").overrides == {}  # that is the usual one


def test_a_taken_key_is_refused_with_the_name_of_who_has_it() -> None:
    with pytest.raises(KeyTakenError, match=r"^C is taken: “Measure your standing height again”\."):
        KeyMap().with_key("mute", "C")
    assert KeyMap().refusal("mute", "Left").startswith(KeyMap().hint("review_back"))  # mute works on every screen


def test_one_key_may_ask_for_two_things_on_different_screens() -> None:
    assert KeyMap().refusal("next_drill", "Left") == ""  # the review page has it, the drills do not
    assert KeyMap().keys_of("start_or_stop") == KeyMap().keys_of("review_play")


def test_keys_that_move_between_controls_and_those_of_a_page_are_not_free() -> None:
    assert "controls" in KeyMap().refusal("mute", "Tab")
    assert "page" in KeyMap().refusal("review_play", "P")
    assert "one key" in KeyMap().refusal("mute", "G, H")


def test_two_wishes_may_exchange_their_keys() -> None:
    exchanged = KeyMap({"mute": "C", "calibrate": "M"})
    assert exchanged.keys_of("mute") == ("C",)
    assert exchanged.keys_of("calibrate") == ("M",)
    assert exchanged.problems == ()
    with pytest.raises(KeyTakenError):
        exchanged.without("mute")  # M belongs to the other one now


def test_what_a_file_must_not_say_is_left_out() -> None:
    stored = {"mute": "C", "fly": "F5", "ghost": "no key", "review_play": "P", "theme": "Tab", "layout": "F6"}
    keymap = KeyMap(stored)
    assert keymap.overrides == {"layout": "F6"}
    assert len(keymap.problems) == 5
    # Taking one away may bring another into the way: M goes back to mute, C to calibrate.
    assert KeyMap({"calibrate": "M", "mute": "C", "ghost": "M"}).overrides == {"calibrate": "M", "mute": "C"}
    assert KeyMap({"calibrate": "X", "mute": "C"}).overrides == {}


def test_a_wish_may_have_no_key() -> None:
    keymap = KeyMap({"exchange_sides": ""})
    assert keymap.keys_of("exchange_sides") == ()
    assert keymap.hint("exchange_sides") == ""
    assert keymap.with_key("mute", "X").keys_of("mute") == ("X",)


# ---- in a window ----------------------------------------------------------------------------------------------


def test_every_key_asks_for_its_wish(window, shortcuts, asked: list[str]) -> None:
    for screen in Screen:
        shortcuts.show_screen(screen)
        for key, wish in (("m", "mute"), ("?", "keys_help"), ("+", "louder"), ("=", "louder"), ("5", "screen_review")):
            asked.clear()
            QTest.keyClick(window, key)
            assert asked == [wish]


def test_keys_hold_only_where_they_have_a_meaning(window, shortcuts, asked: list[str]) -> None:
    shortcuts.show_screen(Screen.DRILLS)
    QTest.keyClick(window, Qt.Key.Key_Backspace)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert asked == ["remove_rep", "start_or_stop"]
    shortcuts.show_screen(Screen.REVIEW)
    QTest.keyClick(window, Qt.Key.Key_Backspace)
    QTest.keyClick(window, Qt.Key.Key_Space)  # the page plays
    assert asked == ["remove_rep", "start_or_stop"]


def test_keys_are_bound_anew_while_the_window_is_open(window, shortcuts, asked: list[str]) -> None:
    shortcuts.show_screen(Screen.RUN)
    shortcuts.rebind(KeyMap({"mute": "C", "calibrate": "M"}))
    QTest.keyClick(window, "c")
    QTest.keyClick(window, "m")
    assert asked == ["mute", "calibrate"]
    shortcuts.rebind(KeyMap({"mute": "Z"}))
    QTest.keyClick(window, "z")
    QTest.keyClick(window, "m")
    assert asked == ["mute", "calibrate", "mute"]
    assert len(shortcuts.of("mute")) == 1


def test_what_is_typed_into_a_field_is_text(window, shortcuts, asked: list[str]) -> None:
    window.field.setFocus()
    QTest.keyClicks(window.field, "Mac R. 1?+")
    QTest.keyClick(window.field, Qt.Key.Key_Space)
    QTest.keyClick(window.field, Qt.Key.Key_Backspace)
    assert window.field.text() == "Mac R. 1?+"
    assert asked == []


def test_space_presses_the_button_that_tab_has_reached_and_no_other(window, shortcuts, asked: list[str]) -> None:
    pressed = []
    window.button.clicked.connect(lambda: pressed.append("button"))
    QTest.mouseClick(window.button, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is window.button
    QTest.keyClick(window.button, Qt.Key.Key_Space)
    assert (pressed, asked) == (["button"], ["start_or_stop"])
    QTest.keyClick(window.button, Qt.Key.Key_Tab)
    QTest.keyClick(window.field, Qt.Key.Key_Backtab)
    QTest.keyClick(window.button, Qt.Key.Key_Space)
    assert (pressed, asked) == (["button", "button"], ["start_or_stop"])


def test_a_held_key_asks_once_but_for_the_volume(shortcuts) -> None:
    assert not shortcuts.of("start_or_stop")[0].autoRepeat()
    assert shortcuts.of("louder")[0].autoRepeat()


def test_only_wishes_of_the_window_can_be_bound(window) -> None:
    with pytest.raises(KeyError):
        bind_keys(window, {"fly": print})
    with pytest.raises(ValueError, match="review_play"):
        bind_keys(window, {"review_play": print})
    assert {wish for wish in BY_ID if BY_ID[wish].own} == {wish for wish in BY_ID if wish.startswith("review_")}
