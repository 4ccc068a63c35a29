"""When a set ends by itself, and when the camera is let go of."""

from __future__ import annotations

import pytest

from app.coach.report import Activity
from app.ui.attendance import IDLE_S, LEFT_S, Attendance, Turn


def watch(attendance, builders, activity, start_s, seconds, fps=10.0):
    """Feed one activity; return the first word and when it came."""
    for index in range(round(seconds * fps)):
        t_s = start_s + index / fps
        leaving = attendance.follow(builders.analysis(t_s, image=False, activity=activity))
        if leaving is not None:
            return leaving, t_s
    return None


def test_a_set_ends_some_seconds_after_the_runner_left(builders):
    attendance = Attendance()
    assert watch(attendance, builders, Activity.RUNNING, 0.0, 12.0) is None
    assert attendance.has_set
    leaving, t_s = watch(attendance, builders, Activity.NOBODY, 12.0, 60.0)
    assert leaving is Turn.SET_OVER
    assert t_s == pytest.approx(11.9 + LEFT_S, abs=0.11)


def test_who_comes_back_in_time_goes_on(builders):
    attendance = Attendance()
    watch(attendance, builders, Activity.RUNNING, 0.0, 12.0)
    assert watch(attendance, builders, Activity.NOBODY, 12.0, LEFT_S - 1.0) is None
    assert watch(attendance, builders, Activity.RUNNING, 19.0, 5.0) is None
    assert watch(attendance, builders, Activity.NOBODY, 24.0, LEFT_S - 1.0) is None


@pytest.mark.parametrize("activity", [Activity.STANDING, Activity.WALKING])
def test_who_only_came_by_has_no_set_and_the_camera_waits_longer(builders, activity):
    attendance = Attendance()
    watch(attendance, builders, activity, 0.0, 30.0)
    assert not attendance.has_set
    leaving, t_s = watch(attendance, builders, Activity.NOBODY, 30.0, 400.0, fps=4.0)
    assert leaving is Turn.IDLE
    assert t_s == pytest.approx(29.9 + IDLE_S, abs=0.3)


def test_a_hole_in_the_frames_is_not_running(builders):
    attendance = Attendance()
    for t_s in (0.0, 20.0, 40.0, 60.0):
        attendance.follow(builders.analysis(t_s, image=False, activity=Activity.RUNNING))
    assert not attendance.has_set
