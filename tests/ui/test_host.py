"""The host opens and stops sessions in a worker thread and never makes its caller wait."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from app.capture.virtual import VirtualSource
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.session import Phase, Session
from app.ui.choice import Choice
from app.ui.host import SessionHost, error_line, no_cameras


@pytest.fixture
def host(maker):
    host = SessionHost(maker, no_cameras)
    yield host
    for session in maker.made:
        session.may_stop.set()
    maker.may_make.set()
    host.close()


def settle(host: SessionHost) -> None:
    """Wait for the change that is under way, then take it over."""
    host._change.exception(5.0)
    assert host.poll()


def test_making_and_stopping_happen_in_the_worker(host: SessionHost, maker) -> None:
    host.run(Choice())
    settle(host)
    first = host.session
    assert first.phase is Phase.RUNNING
    host.halt()
    settle(host)
    assert host.session is None
    names = {*maker.threads, *first.stopped_in}
    assert len(names) == 1
    assert threading.current_thread().name not in names


def test_a_slow_stop_makes_nobody_wait(host: SessionHost, maker) -> None:
    host.run(Choice())
    settle(host)
    maker.made[0].may_stop.clear()
    began_s = time.perf_counter()
    host.run(Choice(act="upright"))
    assert not host.poll()
    assert host.busy
    assert time.perf_counter() - began_s < 1.0  # waiting would be 5 s
    maker.made[0].may_stop.set()
    settle(host)
    assert host.session is maker.made[1]
    assert maker.made[0].stopped_in


def test_the_session_before_is_let_go_of_when_the_next_one_is_made(maker) -> None:
    there: list[weakref.ref[Session]] = []
    alive: list[bool] = []

    def make(_choice: Choice) -> Session:
        alive.extend(one() is not None for one in there)
        session = Session(VirtualSource(None), lambda: None, CoachModel())  # type: ignore[arg-type]  # never opened
        there.append(weakref.ref(session))
        session.start = lambda: None  # type: ignore[method-assign]
        return session

    host = SessionHost(make, no_cameras)
    gc.disable()
    try:
        for _ in range(2):
            host.run(Choice())
            settle(host)
    finally:
        gc.enable()
    assert alive == [False]
    host.close()


def test_only_the_newest_wish_is_fulfilled(host: SessionHost, maker) -> None:
    maker.may_make.clear()
    for act in ("good", "upright", "over_lean", "overstride"):
        host.run(Choice(act=act))
    maker.may_make.set()
    settle(host)
    assert host.session.choice.act == "overstride"
    assert [session.choice.act for session in maker.made] in (["good", "overstride"], ["overstride"])
    assert all(session.stopped_in for session in maker.made[:-1])


def test_what_is_no_longer_wanted_once_it_is_made_opens_no_camera(host: SessionHost, maker) -> None:
    maker.may_make.clear()
    host.run(Choice())
    while not maker.threads:
        time.sleep(0)
    host.halt()
    maker.may_make.set()
    settle(host)
    [session] = maker.made
    assert (session.started, len(session.stopped_in)) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "line", "ours"),
    [
        (WorldError("Camera 0 is busy: close other programs."), "Camera 0 is busy: close other programs.", False),
        (KeyError("x"), "Something went wrong inside Hinge Coach (KeyError). The log file has the details.", True),
    ],
)
def test_a_failure_is_one_line_and_can_be_retried(
    host: SessionHost, maker, fault: Exception, line: str, ours: bool
) -> None:
    maker.fails = fault
    host.run(Choice())
    settle(host)
    assert (host.error, host.error_is_ours, host.session) == (line, ours, None)
    assert error_line(fault) == line
    maker.fails = None
    host.run(Choice())
    assert host.error == ""
    settle(host)
    assert host.session is not None


def test_close_stops_waits_and_may_be_called_twice(host: SessionHost, maker) -> None:
    host.run(Choice())
    settle(host)
    assert host.close()
    assert maker.made[0].stopped_in
    assert host.close()
    host.run(Choice())
    assert len(maker.made) == 1


def test_close_while_opening_leaves_nothing_running(host: SessionHost, maker) -> None:
    maker.may_make.clear()
    host.run(Choice())
    threading.Timer(0.05, maker.may_make.set).start()
    assert host.close()
    assert all(session.stopped_in for session in maker.made)


def test_close_gives_up_on_a_session_that_hangs(maker) -> None:
    host = SessionHost(maker, no_cameras)
    host.run(Choice())
    settle(host)
    maker.made[0].may_stop.clear()
    assert host.close(timeout_s=0.05) is False
    maker.made[0].may_stop.set()
    host._work._thread.join(5.0)
    assert not host._work._thread.is_alive()  # it ends as soon as the session lets it


def test_cameras_are_listed_in_a_worker(maker) -> None:
    names: list[str] = []

    def cameras():
        names.append(threading.current_thread().name)
        return [(0, "Built-in")]

    host = SessionHost(maker, cameras)
    assert host.cameras() is None
    host.look_for_cameras()
    host._cameras.exception(5.0)
    assert host.cameras() == ((0, "Built-in"),)
    assert host.cameras() is None
    assert names[0] != threading.current_thread().name
    host.close()


def test_cameras_that_cannot_be_listed_are_none(maker) -> None:
    def cameras():
        raise OSError("no bus")

    host = SessionHost(maker, cameras)
    host.look_for_cameras()
    host._cameras.exception(5.0)
    assert host.cameras() == ()
    host.close()
