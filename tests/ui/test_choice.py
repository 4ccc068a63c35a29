"""Choices: names for people, and a round trip through the settings."""

from __future__ import annotations

import dataclasses

import pytest

from app.coach.report import Mode
from app.coach.types import Facing
from app.sim.acts import Act
from app.ui.choice import ACT_WORDS, Choice, SourceKind, source_label
from app.ui.prefs import Prefs
from app.ui.theme import ThemeChoice

OTHER = Choice(
    SourceKind.FILE, "HD Cam", (640, 480), 30.0, "upright", "clips/run 1.mp4", Mode.STANCE, Facing.LEFT,
    178.0, None, 3, True,
)  # fmt: skip


def test_every_act_of_the_virtual_runner_is_in_the_menu() -> None:
    assert [act for act, _ in ACT_WORDS if act] == [act.value for act in Act]


def test_labels() -> None:
    assert source_label(Choice()) == "Camera 0"
    assert source_label(Choice(camera=1), ((0, "Built-in"), (1, "Logitech"))) == "Logitech"
    assert source_label(Choice(camera="HD Cam")) == "HD Cam"
    assert source_label(Choice(kind=SourceKind.VIRTUAL, act="upright")) == "Virtual · Upright trunk"
    assert source_label(Choice(kind=SourceKind.FILE, path="C:\\clips\\run.mp4")) == "run.mp4"


@pytest.mark.parametrize("choice", [Choice(), OTHER])
def test_the_last_choice_is_remembered(settings, choice: Choice) -> None:
    Prefs(settings).remember_choice(choice)
    settings.sync()
    assert Prefs(settings).last_choice(dataclasses.replace(choice, fps=1.0, seed=99)) == choice


@pytest.mark.parametrize("text", ["{", '{"mode": "fly"}', '{"size_px": 3}', "[1]", '{"kind": null}'])
def test_what_cannot_be_read_is_forgotten(settings, text: str) -> None:
    settings.setValue("choice", text)
    assert Prefs(settings).last_choice(OTHER) == OTHER


def test_fields_of_another_version(settings) -> None:
    settings.setValue("choice", '{"act": "upright", "from_the_future": 1}')
    assert Prefs(settings).last_choice(OTHER) == dataclasses.replace(OTHER, act="upright")


def test_flags_and_theme(settings) -> None:
    prefs = Prefs(settings)
    assert prefs.mute is False
    assert prefs.theme is ThemeChoice.SYSTEM
    prefs.mute = True
    prefs.theme = ThemeChoice.LIGHT
    assert Prefs(settings).mute is True
    assert Prefs(settings).theme is ThemeChoice.LIGHT
    settings.setValue("theme", "pink")
    assert prefs.theme is ThemeChoice.SYSTEM
