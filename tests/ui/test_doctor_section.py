"""Check this computer: the section of the settings, with processes that answer, fail and hang."""

from __future__ import annotations

import json
import sys

import pytest
from PySide6.QtGui import QGuiApplication

from app.ui.language import install_language
from app.ui.pages.doctor_section import LIMIT_MS, Checkup, DoctorSection
from app.ui.theme import DARK, LIGHT, Theme
from app.validation.checkup.document import document
from app.validation.checkup.finding import LIVE, System, fine, not_checked, note, trouble
from app.validation.checkup.parts import PARTS

pytestmark = pytest.mark.gui

FOUND = document(
    [
        fine("python.version", "Python 3.12.1"),
        trouble("camera.list", "No camera is found.", "Plug <one> in.", LIVE),
        note("speed.power", "It runs on battery: many computers are slower then.", "Plug the charger in."),
        not_checked("camera.rate", "There is no camera."),
    ],
    System(),
    1.0,
)


def printing(text: str) -> list[str]:
    return [sys.executable, "-S", "-c", f"print({text!r})"]


def section(qtbot, command: list[str]) -> DoctorSection:
    made = DoctorSection(Theme(DARK), Checkup(command=command))
    qtbot.addWidget(made)
    return made


def test_what_was_found_is_shown_troubles_first(qtbot):
    shown = section(qtbot, printing(json.dumps(FOUND)))
    assert not shown.copy_text.isEnabled()
    with qtbot.waitSignal(shown._checkup.done, timeout=20_000):
        shown.check.click()
        assert not shown.check.isEnabled()
    assert shown.check.isEnabled()
    text = shown.found.text()
    assert text.index("No camera is found.") < text.index("It runs on battery") < text.index("Python 3.12.1")
    assert "Plug &lt;one&gt; in." in text
    assert shown.state.text() == "Something keeps live coaching from working here."
    shown.copy_text.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "ok      python.version        Python 3.12.1"
    assert sum("-> " in line for line in lines) == 2


@pytest.mark.parametrize("command", [printing("Segmentation fault"), printing('{"schema": "x"}'), ["/nowhere/doctor"]])
def test_a_check_up_without_a_result_says_so(qtbot, command):
    shown = section(qtbot, command)
    with qtbot.waitSignal(shown._checkup.failed, timeout=20_000):
        shown.begin()
    assert shown.state.text() != ""
    assert shown.check.isEnabled()
    assert not shown.copy_text.isEnabled()


def test_whoever_goes_elsewhere_ends_it(qtbot):
    shown = section(qtbot, [sys.executable, "-S", "-c", "import threading; threading.Event().wait()"])
    shown.show()
    shown.begin()
    assert shown._checkup.running
    shown.hide()
    assert not shown._checkup.running
    assert shown.check.isEnabled()


def test_one_that_does_not_end_is_given_up_and_says_so(qtbot):
    shown = section(qtbot, [sys.executable, "-S", "-c", "import threading; threading.Event().wait()"])
    shown.begin()
    shown._checkup._limit.timeout.emit()
    assert not shown._checkup.running
    assert shown.state.text() == "It did not answer in time."
    assert shown.check.isEnabled()
    stages = {part.stage for part in PARTS}
    longest_s = sum(max(part.limit_s for part in PARTS if part.stage == stage) for stage in stages)
    assert longest_s * 1e3 + 10_000 < LIMIT_MS


def test_the_camera_is_opened_only_when_asked_for(qtbot, monkeypatch):
    shown, asked = section(qtbot, []), []
    monkeypatch.setattr(shown._checkup, "start", asked.append)
    shown.begin()
    shown.camera.setChecked(True)
    shown.begin()
    assert asked == [False, True]


def test_in_spanish_and_in_light_colours(qtbot, qapp):
    install_language(qapp, "es")
    try:
        shown = section(qtbot, [])
        shown.show_document(FOUND)
        shown.set_theme(Theme(LIGHT))
        text = shown.found.text()
    finally:
        install_language(qapp, "en")
    assert "No se encuentra ninguna cámara." in text
    assert "Enchufa el cargador." in text
    assert LIGHT.text in text
    assert DARK.text not in text
