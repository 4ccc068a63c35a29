"""How a session ends when something in it fails, hangs or is slow: what is let go of, what is told, what stays."""

from __future__ import annotations

import gc
import logging
import threading
import weakref

from app.coach.errors import WorldError
from app.session import Phase, Session, machine
from app.session.observing import MOST_FAILURES, SWITCHED_OFF, Observers


class SlowRecords:
    """Records nothing; its end waits for the disk."""

    notice = session = ""

    def __init__(self) -> None:
        self.ending, self.may_end = threading.Event(), threading.Event()

    def follow(self, coach) -> None:
        pass

    def __call__(self, analysis) -> None:
        pass

    def close(self) -> None:
        self.ending.set()
        assert self.may_end.wait(10.0)


def test_after_a_fault_the_camera_is_let_go_while_the_disk_is_slow(fakes):
    records, source = SlowRecords(), fakes.Source(live=True, endless=True)

    class Broken(fakes.Coach):
        def update(self, pose):
            raise WorldError("out of order")

    session = Session(source, fakes.Estimator, Broken(), records=records)
    session.start()
    source.let(1)
    assert records.ending.wait(fakes.wait_s)
    source.let(1)  # one more picture comes
    assert source.closed.wait(0.3 * fakes.wait_s)  # sooner than the source itself gives up
    assert session.status().error == "out of order"
    records.may_end.set()
    assert session.wait(fakes.wait_s)


def test_a_network_that_cannot_be_closed_does_not_hide_what_ended_the_session(fakes):
    class Broken(fakes.Estimator):
        def close(self):
            raise RuntimeError("the graph has an error")

    def session():
        return Session(fakes.Source(5), lambda: Broken(fail_at=2, error=WorldError("no memory")), fakes.Coach())

    threaded, stepped = session(), session()
    threaded.start()
    assert threaded.wait(fakes.wait_s)
    assert (threaded.status().phase, threaded.status().error) == (Phase.FAULTED, "no memory")
    try:
        while stepped.step() is not None:
            pass
    except WorldError:
        assert stepped.status().error == "no memory"
    else:
        raise AssertionError("the fault is raised to who steps")


def test_stop_in_the_middle_of_start_waits_for_the_threads(fakes, monkeypatch):
    starting, go_on, stopped = threading.Event(), threading.Event(), []

    class Late(threading.Thread):
        def start(self):
            if self.name == "analysis":
                starting.set()
                assert go_on.wait(10.0)
            super().start()

    monkeypatch.setattr(machine.threading, "Thread", Late)
    session = Session(fakes.Source(live=True, endless=True), fakes.Estimator, fakes.Coach())
    one = threading.Thread(target=session.start)
    other = threading.Thread(target=lambda: stopped.append(session.stop(10.0)))
    one.start()
    assert starting.wait(fakes.wait_s)
    other.start()
    other.join(0.3)  # it has had its time to find a thread that does not run yet
    go_on.set()
    one.join(fakes.wait_s)
    other.join(fakes.wait_s)
    assert stopped == [True]
    assert session.status().phase is Phase.STOPPED


def test_stop_lets_go_of_the_camera_though_the_network_hangs(fakes):
    gate, source = threading.Semaphore(0), fakes.Source(live=True, endless=True)
    estimator = fakes.Estimator(gate)
    session = Session(source, lambda: estimator, fakes.Coach())
    session.start()
    source.let(1)
    assert estimator.entered.acquire(timeout=fakes.wait_s)  # the other thread waits for the next picture
    assert session.stop(timeout_s=0.05) is False
    assert source.closed.wait(0.3 * fakes.wait_s)  # sooner than the source itself gives up
    gate.release()
    assert session.wait(fakes.wait_s)
    assert session.status().phase is Phase.STOPPED


def test_what_the_world_does_while_stopping_is_no_fault_and_a_bug_is(fakes):
    def stopped_while_it_fails_with(error):
        gate = threading.Semaphore(0)
        estimator = fakes.Estimator(gate, fail_at=0, error=error)
        session = Session(fakes.Source(endless=True), lambda: estimator, fakes.Coach())
        session.start()
        assert estimator.entered.acquire(timeout=fakes.wait_s)
        assert session.stop(timeout_s=0.0) is False
        gate.release()
        assert session.wait(fakes.wait_s)
        return session.status().phase, session.status().error

    assert stopped_while_it_fails_with(WorldError("unplugged")) == (Phase.STOPPED, "")
    assert stopped_while_it_fails_with(KeyError("hip")) == (Phase.FAULTED, "KeyError: 'hip'")


def test_a_session_that_ended_holds_none_of_its_observers(fakes):
    class Watching:
        def __call__(self, analysis):
            pass

    session = Session(fakes.Source(3), fakes.Estimator, fakes.Coach(), observers=(watching := Watching(),))
    session.start()
    assert session.wait(fakes.wait_s)
    gone = weakref.ref(watching)
    gc.disable()
    try:
        del watching
        assert gone() is None
    finally:
        gc.enable()


def test_who_remembers_the_coaches_holds_no_session(fakes):
    session = Session(fakes.Source(3), fakes.Estimator, coach := fakes.Coach())
    session.start()
    assert session.wait(fakes.wait_s)
    coaches, gone = session.coaches, weakref.ref(session)
    gc.disable()
    try:
        del session
        assert gone() is None
    finally:
        gc.enable()
    assert coaches() == (coach,)


def test_a_session_that_faulted_is_let_go_of_like_any_other(fakes, monkeypatch):
    monkeypatch.setattr(machine.logger, "disabled", True)  # pytest keeps what is logged, with its traceback

    class Broken(fakes.Coach):
        def update(self, pose):
            raise KeyError("hip")

    session = Session(fakes.Source(3), fakes.Estimator, Broken())
    session.start()
    assert session.wait(fakes.wait_s)
    assert session.status().error == "KeyError: 'hip'"
    gone = weakref.ref(session)
    gc.disable()
    try:
        del session
        assert gone() is None
    finally:
        gc.enable()


def test_an_observer_that_fails_now_and_then_is_logged_once(caplog):
    shown = []

    def observe(analysis):
        shown.append(analysis)
        if analysis % 2:
            raise ValueError(analysis)

    observers = Observers((observe,), patient=True)
    with caplog.at_level(logging.ERROR):
        for k in range(4 * MOST_FAILURES):
            observers(k)
    assert len(shown) == 4 * MOST_FAILURES
    assert observers.notice == ""
    assert len(caplog.records) == 1
    for _ in range(MOST_FAILURES):
        observers(1)
    assert observers.notice == SWITCHED_OFF
