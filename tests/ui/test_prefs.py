"""What is remembered: every value with its type, older files brought up to date, newer ones left alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLabel, QMainWindow, QSplitter

from app.coach.report import Mode
from app.ui.choice import Choice, SourceKind
from app.ui.prefs import VERSION, Prefs, Units, default_settings
from app.ui.screens import LIVE, SceneDetail, Screen
from app.ui.theme import ThemeChoice

KEPT = {
    "theme": ThemeChoice.LIGHT,
    "language": "es",
    "sound": {"voice": True, "volume": 0.7, "device": "Speakers, é"},
    "keys": {"mute": "Ctrl+P", "ghost": ""},
    "runner": "Zoë Ångström",
    "height_cm": 171.5,
    "drop_cm": 3.0,
    "units": Units.IMPERIAL,
    "delay_s": 7.0,
    "layout": SceneDetail.COACH,
    "countdown": False,
    "mirror": True,
    "mute": True,
    "keep_video": True,
}
AT_FIRST = {
    "theme": ThemeChoice.SYSTEM, "language": "", "sound": {}, "keys": {}, "runner": "", "height_cm": None,
    "drop_cm": 2.54, "units": Units.METRIC, "delay_s": 5.0, "layout": SceneDetail.RUNNER,
    "countdown": True, "mirror": False, "mute": False, "keep_video": False,
}  # fmt: skip


def all_of(prefs: Prefs) -> dict[str, object]:
    return {name: getattr(prefs, name) for name in KEPT}


def reopened(settings: QSettings) -> QSettings:
    """Return the same file read anew: an .ini file holds only text."""
    settings.sync()
    return QSettings(settings.fileName(), QSettings.Format.IniFormat)


def test_one_folder_for_everything_holds_the_settings_too(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HINGECOACH_DATA", str(tmp_path / "all"))
    prefs = Prefs(default_settings())
    prefs.delay_s = 4.0
    prefs.sync()
    assert Path(prefs.file) == tmp_path / "all" / "settings.ini"
    assert "delay_s=4" in Path(prefs.file).read_text()


def test_at_first_everything_is_as_usual(settings) -> None:
    assert all_of(Prefs(settings)) == AT_FIRST


def test_every_value_comes_back_with_its_type(settings) -> None:
    prefs = Prefs(settings)
    for name, value in KEPT.items():
        setattr(prefs, name, value)
    found = all_of(Prefs(reopened(settings)))
    assert found == KEPT
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in KEPT.items()}
    prefs.height_cm = None
    assert Prefs(reopened(settings)).height_cm is None


@pytest.mark.parametrize(
    ("key", "kept", "name"),
    [
        ("theme", "pink", "theme"), ("language", "tlh", "language"), ("language", 7, "language"),
        ("sound", "{", "sound"), ("sound", "[1]", "sound"), ("keys", '{"mute": 5}', "keys"),
        ("height_cm", "tall", "height_cm"), ("height_cm", 17.0, "height_cm"), ("height_cm", "nan", "height_cm"),
        ("drop_cm", 25.4, "drop_cm"), ("delay_s", 2.0, "delay_s"), ("delay_s", "inf", "delay_s"),
        ("layout", "", "layout"), ("runner", "x" * 41, "runner"),
        ("runner", "a\nb", "runner"), ("runner", ["a", "b"], "runner"), ("delay_s", ["3"], "delay_s"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_counts_as_not_there(settings, caplog, key: str, kept: object, name: str) -> None:
    settings.setValue(key, kept)
    assert getattr(Prefs(settings), name) == AT_FIRST[name]
    assert key in caplog.text


# ---- versions -------------------------------------------------------------------------------------------------


def test_a_file_from_before_versions_is_brought_up_to_date(settings, qtbot) -> None:
    window, splitter = a_window(qtbot)
    splitter.setSizes([400, 200])
    split = splitter.saveState()
    choice = Choice(SourceKind.VIRTUAL, act="upright", mode=Mode.RUN)
    old = {"theme": "dark", "mute": True, "geometry": window.saveGeometry(), "split": split}
    for key, value in {**old, "choice": json.dumps(dataclasses.asdict(choice))}.items():
        settings.setValue(key, value)
    prefs = Prefs(reopened(settings))
    assert (prefs.theme, prefs.mute, prefs.last_choice(Choice())) == (ThemeChoice.DARK, True, choice)
    for screen in LIVE:
        splitter.setSizes([100, 500])
        assert prefs.restore_split(splitter, screen)
        assert splitter.sizes()[0] > splitter.sizes()[1]
    prefs.sync()
    now = reopened(settings)
    assert int(now.value("version")) == VERSION
    assert now.value("split") is None


def test_bringing_up_to_date_happens_once(settings) -> None:
    settings.setValue("split", b"1")
    Prefs(settings)
    settings.setValue("split", b"2")
    Prefs(reopened(settings))
    assert settings.value("split") == b"2"


def test_a_file_of_a_newer_app_is_left_alone(settings, caplog, qtbot) -> None:
    window, splitter = a_window(qtbot)
    for key, value in {"version": VERSION + 1, "theme": "sepia", "mute": True, "delay_s": 9.0}.items():
        settings.setValue(key, value)
    settings.sync()
    before = Path(settings.fileName()).read_bytes()
    prefs = Prefs(reopened(settings))
    assert prefs.newer
    assert "newer" in caplog.text
    assert all_of(prefs) == AT_FIRST
    prefs.delay_s, prefs.theme = 4.0, ThemeChoice.DARK
    prefs.mute = True
    prefs.remember_choice(Choice(act="upright"))
    prefs.remember_window(window, splitter)
    assert (prefs.delay_s, prefs.theme, prefs.mute) == (4.0, ThemeChoice.DARK, True)
    assert prefs.last_choice(Choice()).act == "upright"
    assert prefs.restore_window(window, splitter)
    assert Path(settings.fileName()).read_bytes() == before


def test_a_version_that_is_none_counts_as_the_oldest(settings) -> None:
    settings.setValue("version", "soon")
    settings.setValue("theme", "light")
    assert Prefs(settings).theme is ThemeChoice.LIGHT
    assert int(settings.value("version")) == VERSION


# ---- the window and the choice --------------------------------------------------------------------------------


def a_window(qtbot) -> tuple[QMainWindow, QSplitter]:
    window, splitter = QMainWindow(), QSplitter()
    qtbot.addWidget(window)
    splitter.addWidget(QLabel("left"))
    splitter.addWidget(QLabel("right"))
    window.setCentralWidget(splitter)
    window.resize(600, 300)
    splitter.resize(600, 300)
    return window, splitter


def test_every_screen_keeps_its_own_split(settings, qtbot) -> None:
    window, splitter = a_window(qtbot)
    prefs = Prefs(settings)
    splitter.setSizes([400, 200])
    prefs.remember_window(window, splitter, Screen.RUN)
    splitter.setSizes([200, 400])
    prefs.remember_split(splitter, Screen.DRILLS)
    again = Prefs(reopened(settings))
    assert again.restore_window(window, splitter, Screen.RUN)
    assert splitter.sizes()[0] > splitter.sizes()[1]
    assert again.restore_split(splitter, Screen.DRILLS)
    assert splitter.sizes()[0] < splitter.sizes()[1]
    assert not again.restore_split(splitter, Screen.SETUP)


def test_a_drill_and_its_numbers_are_not_remembered_but_the_runner_is(settings) -> None:
    Prefs(settings).remember_choice(Choice(drill="hinge", reps=3, sets=2, rest_s=5.0, runner="Ann", keep_video=True))
    found = Prefs(settings).last_choice(Choice())
    assert found.keep_video is None  # that is a setting of its own
    assert (found.drill, found.reps, found.sets, found.rest_s, found.runner) == ("", None, None, None, "Ann")
    assert Prefs(settings).last_choice(Choice(runner="Bob")).runner == "Bob"  # who was named now
    settings.setValue("choice", '{"runner": 5}')
    assert Prefs(settings).last_choice(Choice()) == Choice()
