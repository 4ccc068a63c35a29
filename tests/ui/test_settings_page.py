"""The page of settings, used as a person would: by mouse and by keyboard, with every mistake one can make."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QWidget,
)

from app.ui.pages.controls import Card
from app.ui.pages.runner_section import Person
from app.ui.pages.settings_page import SECTIONS, SettingsPage
from app.ui.screens import SceneDetail
from app.ui.sounds import SoundChoice
from app.ui.theme import BUTTON_PX, DARK, LIGHT, Theme, ThemeChoice, style_sheet


class Club:
    """Two runners."""

    @staticmethod
    def list() -> list[Person]:
        return [Person("Ann", 171.0, 2.54, 12), Person("Bob", None, 3.0)]


@pytest.fixture
def club() -> Club:
    return Club()


@pytest.fixture
def page(put_up, prefs, club) -> SettingsPage:
    widget = SettingsPage(Theme(DARK), prefs, club)
    widget.told = []
    widget.changed.connect(widget.told.append)
    put_up(widget, 1000, 700)
    widget.activateWindow()
    return widget


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def pick(picker: QComboBox, value: object) -> None:
    index = [picker.itemData(row) for row in range(picker.count())].index(value)
    picker.setCurrentIndex(index)
    picker.activated.emit(index)


def offered(picker: QComboBox) -> list[object]:
    return [picker.itemData(row) for row in range(picker.count())]


# ---- the page -------------------------------------------------------------------------------------------------


def test_sections_are_changed_by_the_arrow_keys(page) -> None:
    page.setFocus()
    assert QApplication.focusWidget() is page.list
    for section in page.sections:
        assert section.isVisible()
        QTest.keyClick(page.list, Qt.Key.Key_Down)
    page.show_section("keys")
    assert page.key_editor.isVisible()
    with pytest.raises(ValueError, match="list"):
        page.show_section("weather")


def test_lists_that_take_time_are_asked_for_when_they_are_seen(qtbot, prefs, club) -> None:
    page = SettingsPage(Theme(DARK), prefs, club)
    qtbot.addWidget(page)
    asked = []
    page.cameras_wanted.connect(lambda: asked.append("cameras"))
    page.outputs_wanted.connect(lambda: asked.append("outputs"))
    page.show_section("picture")
    assert asked == []
    page.show()
    assert asked == ["cameras"]
    page.show_section("sound")
    assert asked == ["cameras", "outputs"]


@pytest.mark.parametrize(("palette", "scale"), [(DARK, 1.0), (LIGHT, 1.25), (DARK, 2.25)])
def test_everything_is_large_enough_and_has_a_name(qtbot, fonts, page, palette, scale: float) -> None:
    theme = Theme(palette, scale)
    page.set_theme(theme)
    page.setStyleSheet(style_sheet(theme) + page.styleSheet())
    page.resize(theme.px(850), theme.px(560))
    for name, _ in SECTIONS:
        page.show_section(name)
        QApplication.processEvents()
        section = next(one for one in page.sections if one.isVisible())
        controls = section.widget().findChildren(QWidget)
        for control in controls:
            if not control.isVisible() or not isinstance(
                control, QAbstractButton | QLineEdit | QComboBox | QDoubleSpinBox | QSlider
            ):
                continue
            if isinstance(control.parentWidget(), QDoubleSpinBox):
                continue  # the number inside the box
            in_segments = control.parentWidget().objectName() == "segments"
            assert control.height() >= theme.px(BUTTON_PX) - (theme.px(8) if in_segments else 1), (name, control)
            assert control.accessibleName() or (isinstance(control, QPushButton) and control.text()), (name, control)
        assert section.widget().width() <= section.viewport().width()
        for words in (one for one in controls if isinstance(one, QLabel) and one.isVisible() and one.text()):
            assert words.height() >= words.heightForWidth(words.width()), (name, words.text())


def test_a_wheel_that_scrolls_past_changes_nothing(page, prefs) -> None:
    page.show_section("sound")
    page.list.setFocus()
    before = dict(prefs.sound)
    for control in (page.sound.volume, page.sound.output, page.picture.delay.box):
        centre = QPointF(control.rect().center())
        wheel = QWheelEvent(
            centre, control.mapToGlobal(centre), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(control, wheel)
        assert not wheel.isAccepted()
    assert (dict(prefs.sound), prefs.delay_s) == (before, 5.0)


# ---- sound, picture, language ---------------------------------------------------------------------------------


def test_sound_is_kept_as_it_is_chosen(page, prefs) -> None:
    page.show_section("sound")
    page.show_outputs([("hdmi", "Television")], [("ana", "Ana (es)")])
    click(page.sound.switches["noise"])
    click(page.sound.switches["voice"])
    page.sound.volume.setFocus()
    QTest.keyClick(page.sound.volume, Qt.Key.Key_Home)
    QTest.keyClick(page.sound.volume, Qt.Key.Key_Right)
    pick(page.sound.output, "hdmi")
    pick(page.sound.voice, "ana")
    assert page.sound.choice == SoundChoice(False, True, True, 0.05, "hdmi", "ana")
    assert page.sound.percent.text() == "5 %"
    assert set(page.told) == {"sound"}
    page.show_outputs([], [])  # unplugged: still chosen, and said so
    assert page.sound.output.currentText() == "hdmi (not there now)"
    assert page.sound.choice.device == "hdmi"


def test_the_sound_can_be_tried(page, qtbot) -> None:
    page.show_section("sound")
    with qtbot.waitSignal(page.sound_test_wanted, timeout=500):
        click(page.sound.test)
    assert page.told == []


def test_picture_and_its_signals(page, prefs) -> None:
    page.show_section("picture")
    click(page.picture.mirror)
    click(page.picture.countdown)
    click(page.picture.keep_video)
    click(page.picture.theme.buttons[ThemeChoice.LIGHT])
    click(page.picture.layout_of.buttons[SceneDetail.COACH])
    click(page.picture.delay.more)
    assert page.told == ["mirror", "countdown", "keep_video", "theme", "layout", "delay_s"]
    assert prefs.keep_video
    assert (prefs.mirror, prefs.countdown, prefs.theme) == (True, False, ThemeChoice.LIGHT)
    assert (prefs.layout, prefs.delay_s) == (SceneDetail.COACH, 6.0)


def test_cameras_are_picked_by_name(page, qtbot) -> None:
    page.show_section("picture")
    assert (page.picture.camera.currentText(), page.picture.camera.isEnabled()) == ("Looking for cameras …", False)
    page.show_cameras([], None)
    assert (page.picture.camera.currentText(), page.picture.camera.isEnabled()) == ("No camera found", False)
    page.show_cameras([(0, "Built-in"), ("usb", "HD Cam")], 0)
    assert offered(page.picture.camera) == [0, "usb"]
    with qtbot.waitSignal(page.camera_picked, timeout=500) as signal:
        pick(page.picture.camera, "usb")
    assert signal.args == ["usb"]
    page.show_cameras([(0, "Built-in")], None)  # something else than a camera is in use
    assert page.picture.camera.currentText() == "Choose a camera"


def test_what_keys_of_the_window_have_changed_is_shown(page, prefs) -> None:
    prefs.mirror, prefs.theme, prefs.sound = True, ThemeChoice.DARK, {"volume": 0.5}
    page.refresh()
    assert page.picture.mirror.isChecked()
    assert page.picture.theme.buttons[ThemeChoice.DARK].isChecked()
    assert page.sound.percent.text() == "50 %"
    assert page.told == []


def test_the_language_is_kept_and_when_it_holds_is_said(page, prefs) -> None:
    page.show_section("language")
    click(page.language.language.buttons["es"])
    assert prefs.language == "es"
    assert page.told == ["language"]
    assert "open it again" in page.language.note.text()


def test_a_hairline_lies_between_any_two_rows_that_are_shown(qtbot) -> None:
    card = Card(Theme(DARK))
    qtbot.addWidget(card)
    rows = [card.add_row(words) for words in ("one", "two", "three")]
    card.resize(300, 200)
    card.show()
    QApplication.processEvents()
    assert len(card.hairlines()) == 2
    for y, (above, below) in zip(card.hairlines(), itertools.pairwise(rows), strict=True):
        assert above.geometry().bottom() < y < below.geometry().top()
        assert card.grab().toImage().pixelColor(150, int(y)).name() == DARK.hairline
    card.show_row(rows[1], False)
    QApplication.processEvents()
    (y,) = card.hairlines()
    assert rows[0].geometry().bottom() < y < rows[2].geometry().top()


def test_in_a_wide_window_the_page_stands_in_the_middle(page) -> None:
    page.resize(1800, 900)
    QApplication.processEvents()
    left = page.list.x()
    right = page.width() - page._stack.geometry().right() - 1
    assert left > 100
    assert abs(left - right) <= 2
    page.resize(840, 600)
    QApplication.processEvents()
    assert page.list.x() <= 2
