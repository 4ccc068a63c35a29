"""Slow motion in the window: asked for after choosing a clip that may be slowed, and when the motion says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog

from app.capture.clip_facts import Slowdown, slowdown_of
from app.coach.types import BodyPose
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.ui import clip_dialog
from app.ui.choice import Choice, SourceKind
from app.ui.clip_dialog import open_clip
from app.ui.slow_motion import SlowMotionNotice, ask_slowness

CLIP = Choice(kind=SourceKind.FILE, path="clips/run.mp4")


def question(window) -> QDialog:
    """The one question that is open."""
    (found,) = [child for child in window.findChildren(QDialog, "slow-motion") if child.isVisible()]
    return found


def play(observer, builders, factor: float) -> None:
    """Show an observer four seconds of running, slowed."""
    params = RunnerParams(standing_s=0.0)
    scene = VirtualScene(params, Camera.framing((640, 360), stature_m=params.height_m))
    for k in range(120):
        pose = scene.landmarks_at(k / 30.0)
        slowed = BodyPose(factor * pose.t_s, pose.xy_px, pose.visibility, pose.image_size_px)
        observer(replace(builders.analysis(), pose=slowed))


def test_slowed_motion_is_told_once_for_a_clip(qtbot, builders) -> None:
    notice, told = SlowMotionNotice(), []
    notice.noticed.connect(lambda *what: told.append(what))
    observer = notice.follow(CLIP)
    assert observer is not None
    play(observer, builders, 8.0)
    ((path, factor, cadence_spm),) = told
    assert (path, factor) == ("clips/run.mp4", 8.0)
    assert cadence_spm == pytest.approx(21.0, rel=0.1)
    assert notice.follow(CLIP) is None  # who has been asked is not asked again
    assert notice.follow(replace(CLIP, path="clips/other.mp4")) is not None


def test_running_at_the_speed_of_life_is_not_told(qtbot, builders) -> None:
    notice, told = SlowMotionNotice(), []
    notice.noticed.connect(lambda *what: told.append(what))
    play(notice.follow(CLIP), builders, 1.0)
    assert told == []


def test_nothing_is_looked_for_where_the_user_told_or_in_a_camera(qtbot) -> None:
    notice = SlowMotionNotice()
    assert notice.follow(replace(CLIP, slowmo_factor=1.0)) is None
    assert notice.follow(replace(CLIP, kind=SourceKind.CAMERA)) is None


def test_the_answer_to_what_was_noticed_plays_the_clip_anew(make_window, qtbot, maker) -> None:
    window = make_window(CLIP)
    qtbot.waitUntil(lambda: len(maker.made) == 1)
    window.running_session.slow_motion.noticed.emit("clips/run.mp4", 8.0, 21.0)
    qtbot.waitUntil(lambda: bool(window.findChildren(QDialog, "slow-motion")))
    asked = question(window)
    assert asked.findChild(QComboBox).currentData() == 8.0
    asked.accept()
    qtbot.waitUntil(lambda: len(maker.made) == 2)
    assert maker.made[1].choice.slowmo_factor == 8.0


def test_what_was_noticed_in_another_clip_is_not_asked(make_window, qtbot) -> None:
    window = make_window(CLIP)
    window.running_session.slow_motion.noticed.emit("clips/old.mp4", 8.0, 21.0)
    window.running_session.slow_motion.noticed.emit("clips/run.mp4", 4.0, 42.0)  # comes after it
    qtbot.waitUntil(lambda: bool(window.findChildren(QDialog, "slow-motion")))
    assert question(window).findChild(QComboBox).currentData() == 4.0


@pytest.mark.parametrize(("answer", "factor"), [("accept", 2.0), ("reject", None)])
def test_a_file_that_may_be_slowed_is_asked_about_first(
    make_window, qtbot, maker, monkeypatch, answer: str, factor: float | None
) -> None:
    window = make_window()
    qtbot.waitUntil(lambda: len(maker.made) == 1)
    monkeypatch.setattr(clip_dialog, "slowdown_of", lambda _path: Slowdown(2.0, False, "may be"))
    open_clip(window)
    (files,) = window.findChildren(QFileDialog)
    files.fileSelected.emit("clips/run.mp4")
    files.reject()
    assert len(maker.made) == 1
    getattr(question(window), answer)()
    qtbot.waitUntil(lambda: len(maker.made) == 2)
    assert (maker.made[1].choice.path, maker.made[1].choice.slowmo_factor) == ("clips/run.mp4", factor)


def test_an_unusual_suggestion_is_offered_too(make_window, qtbot) -> None:
    answers: list[float] = []
    asked = ask_slowness(make_window(), "why", 4.8, answers.append)
    box = asked.findChild(QComboBox)
    assert [box.itemData(k) for k in range(box.count())] == [1.0, 2.0, 4.0, 4.8, 8.0, 16.0]
    box.setCurrentIndex(0)
    asked.accept()
    assert answers == [1.0]


def test_a_file_that_is_not_there_says_nothing(tmp_path) -> None:
    assert slowdown_of(str(tmp_path / "none.mp4")) is None
    assert slowdown_of("a\0b") is None
