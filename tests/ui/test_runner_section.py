"""Settings of the runner, used as a person would: by mouse and by keyboard, with every mistake one can make."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from app.coach.errors import WorldError
from app.ui.pages.controls import themed
from app.ui.pages.lengths import height_words, read_height
from app.ui.pages.runner_section import Person, RunnerSection
from app.ui.prefs import Units
from app.ui.theme import DARK, Theme


class Club:
    """Runners in a table; refuses as the store does."""

    def __init__(self) -> None:
        self.runners = {"Ann": Person("Ann", 171.0, 2.54, 12), "Bob": Person("Bob", None, 3.0)}
        self.broken = ""

    def list(self) -> list[Person]:
        if self.broken:
            raise WorldError(self.broken)
        return sorted(self.runners.values(), key=lambda person: person.name)

    def add(self, name: str, height_cm: float | None, drop_cm: float) -> None:
        if not name:
            raise WorldError("A runner's name has 1 to 40 letters.")
        if name in self.runners:
            raise WorldError(f"There is a runner {name} already.")
        self.runners[name] = Person(name, height_cm, drop_cm)

    def change(self, name: str, new_name: str, height_cm: float | None, drop_cm: float) -> None:
        old = self.runners.pop(name)
        self.runners[new_name] = Person(new_name, height_cm, drop_cm, old.sessions)

    def delete(self, name: str) -> None:
        del self.runners[name]


@pytest.fixture
def club() -> Club:
    return Club()


@pytest.fixture
def page(put_up, prefs, club) -> RunnerSection:
    section = RunnerSection(Theme(DARK), prefs, club)
    section.heard = []
    section.changed.connect(section.heard.append)
    themed(section, Theme(DARK))
    put_up(section, 800, 700)
    section.activateWindow()
    return section


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def pick(picker: QComboBox, value: object) -> None:
    index = [picker.itemData(row) for row in range(picker.count())].index(value)
    picker.setCurrentIndex(index)
    picker.activated.emit(index)


def type_in(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def offered(picker: QComboBox) -> list[object]:
    return [picker.itemData(row) for row in range(picker.count())]


def test_a_runner_is_picked(page, prefs) -> None:
    assert offered(page.who) == ["", "Ann", "Bob"]
    pick(page.who, "Ann")
    assert (prefs.runner, prefs.height_cm, prefs.drop_cm) == ("Ann", 171.0, 2.54)
    assert page.heard == ["runner"]
    assert page.stature.text() == "171 cm"
    pick(page.who, "Bob")
    assert (prefs.runner, prefs.height_cm, prefs.drop_cm) == ("Bob", None, 3.0)


def test_a_runner_is_added_by_keyboard_alone(page, prefs, club) -> None:
    page.add_button.setFocus()
    QTest.keyClick(page.add_button, Qt.Key.Key_Space)
    assert QApplication.focusWidget() is page.name
    QTest.keyClicks(page.name, "  Zoe   K. ")
    QTest.keyClick(page.name, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.stature
    QTest.keyClicks(page.stature, "5'10")
    QTest.keyClick(page.stature, Qt.Key.Key_Return)
    assert club.runners["Zoe K."] == Person("Zoe K.", pytest.approx(177.8), 2.54)
    assert prefs.runner == "Zoe K."
    assert page.who.currentData() == "Zoe K."
    assert page.heard == ["runner"]


@pytest.mark.parametrize(
    ("name", "height", "told"),
    [("Ann", "", "already"), ("", "170", "1 to 40"), ("Cy", "17", "100 cm to 230 cm"), ("Cy", "tall", "5'10")],
)
def test_a_mistake_is_told_beside_the_form_and_nothing_is_kept(page, prefs, club, name, height, told: str) -> None:
    before = dict(club.runners)
    click(page.add_button)
    type_in(page.name, name)
    type_in(page.stature, height)
    page._edited()
    click(page.save)
    assert told in page.told.text()
    assert page.told.property("role") == "problem"
    assert page.name.text() == name  # what was typed stays, to be put right
    assert (club.runners, prefs.runner, page.heard) == (before, "", [])
    click(page.cancel)
    assert not page.cancel.isVisible()


def test_a_runner_is_renamed_and_measured(page, prefs, club) -> None:
    pick(page.who, "Ann")
    assert not page.save.isEnabled()
    type_in(page.name, "Anna")
    type_in(page.stature, "1,72 m")
    click(page.drop.more)
    click(page.save)
    assert club.runners["Anna"] == Person("Anna", 172.0, pytest.approx(2.6, abs=0.05), 12)
    assert prefs.runner == "Anna"
    assert "Ann" not in club.runners
    assert page.told.text() == "Saved."


def test_a_runner_is_deleted_only_after_a_question_on_the_page(page, prefs, club) -> None:
    pick(page.who, "Ann")
    click(page.delete)
    assert "Ann" in page.question.text()
    assert "12" in page.question.text()
    assert QApplication.focusWidget() is page.keep  # Space or Return by habit deletes nothing
    click(page.keep)
    assert not page.confirm.isVisible()
    assert "Ann" in club.runners
    click(page.delete)
    click(page.really)
    assert "Ann" not in club.runners
    assert prefs.runner == ""
    assert page.heard == ["runner", "runner"]
    assert QApplication.activeModalWidget() is None


def test_nobody_in_particular_has_a_height_too(page, prefs, club) -> None:
    assert not page.name.isVisible()
    assert not page.delete.isVisible()
    type_in(page.stature, "180")
    click(page.save)
    assert (prefs.runner, prefs.height_cm) == ("", 180.0)
    assert list(club.runners) == ["Ann", "Bob"]


def test_feet_and_inches_are_shown_and_nothing_is_lost_by_it(page, prefs, club) -> None:
    pick(page.who, "Ann")
    page.units.picked.emit(Units.IMPERIAL)
    assert page.stature.text() == "5'7.3\""
    assert page.drop.box.text() == "1.00 in"
    assert prefs.units is Units.IMPERIAL
    type_in(page.name, "Anne")
    click(page.save)
    assert club.runners["Anne"].drop_cm == 2.54  # not touched: to the last digit
    assert club.runners["Anne"].height_cm == pytest.approx(171.0, abs=0.13)
    click(page.drop.less)
    click(page.save)
    assert prefs.drop_cm == pytest.approx(0.95 * 2.54)


def test_runners_that_cannot_be_read_are_told_of(page, club) -> None:
    club.broken = "The folder cannot be read: check its permissions."
    page.refresh()
    assert page.told.text() == club.broken
    assert offered(page.who) == [""]


@pytest.mark.parametrize(
    ("text", "height_cm"),
    [
        ("178", 178.0), ("178cm", 178.0), (" 1.78 m ", 178.0), ("1,78", 178.0), ("1.78", 178.0), ("5'10\"", 177.8),
        ("5'10", 177.8), ("5 ft 10 in", 177.8), ("6'", 182.88), ("5′10.5″", 179.07), ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_heights_as_people_write_them(text: str, height_cm: float | None) -> None:
    assert read_height(text) == (None if height_cm is None else pytest.approx(height_cm))


@pytest.mark.parametrize("text", ["5'12", "0.5", "99", "231", "abc", "-178", "178 kg", "nan", "1e2", "9'", "3 m"])
def test_what_is_no_height(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_height(text)


def test_heights_in_words() -> None:
    assert height_words(178.0, Units.METRIC) == "178 cm"
    assert height_words(171.5, Units.METRIC) == "171.5 cm"
    assert height_words(177.8, Units.IMPERIAL) == "5'10\""
    assert height_words(182.87, Units.IMPERIAL) == "6'0\""  # not 5'12"
    assert height_words(None, Units.METRIC) == ""


def test_a_button_that_cannot_be_pressed_says_why(page) -> None:
    assert (page.save.text(), page.save.isEnabled()) == ("Saved", False)
    page.drop.more.click()
    assert (page.save.text(), page.save.isEnabled()) == ("Save", True)
    assert page.title.text() != page.who.currentText()
