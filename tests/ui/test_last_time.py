"""The window begins with the source of last time, and with nothing else of it that was told anew."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from app.coach.types import Facing
from app.ui.choice import Choice, SourceKind
from app.ui.prefs import Prefs
from app.ui.window import _as_last_time, run_window

LAST = Choice(SourceKind.FILE, "HD Cam", (640, 480), 30.0, "upright", "run.mp4", runner="Anna", height_cm=160.0)


def window(settings, told: Choice, known: tuple[str, ...] = ("Anna", "Bob")) -> SimpleNamespace:
    people = SimpleNamespace(list=lambda: [SimpleNamespace(name=name) for name in known])
    return SimpleNamespace(choice=told, prefs=Prefs(settings), outfit=SimpleNamespace(people=people))


def test_the_source_is_that_of_last_time_and_what_was_told_now_stays(settings) -> None:
    Prefs(settings).remember_choice(LAST)
    told = Choice(size_px=(1920, 1080), fps=50.0, facing=Facing.LEFT, height_cm=168.0, drop_cm=2.0)
    found = _as_last_time(window(settings, told))
    assert found == dataclasses.replace(
        told, kind=SourceKind.FILE, camera="HD Cam", act="upright", path="run.mp4", runner="Anna"
    )


@pytest.mark.parametrize(
    ("told", "picked", "known", "runner"),
    [
        ("", None, ("Anna", "Bob"), "Anna"),
        ("Bob", None, ("Anna", "Bob"), "Bob"),
        ("", "", ("Anna", "Bob"), ""),  # nobody, picked in the settings since
        ("", None, ("Bob",), ""),  # deleted since
    ],
)
def test_who_runs(settings, told, picked, known, runner) -> None:
    prefs = Prefs(settings)
    prefs.remember_choice(LAST)
    if picked is not None:
        prefs.runner = picked
    assert _as_last_time(window(settings, Choice(runner=told), known)).runner == runner


def test_the_first_time_there_is_nothing_to_go_by(settings) -> None:
    assert _as_last_time(window(settings, LAST)) == LAST


@pytest.mark.parametrize(("kind", "guided"), [(SourceKind.CAMERA, True), (SourceKind.FILE, False)])
def test_nobody_is_set_up_before_a_clip(qapp, maker, settings, kind, guided) -> None:
    Prefs(settings).remember_choice(dataclasses.replace(LAST, kind=kind))
    run_window(maker, Choice(), seconds=0.1, settings=settings, restore=True, guided=True)
    [session] = maker.made
    assert session.choice.kind is kind
    assert (session.tasks[0].guide is not None) is guided
