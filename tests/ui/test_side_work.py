"""A thread beside the window: one thing after the other, and never in the way of the end."""

from __future__ import annotations

import threading

import pytest

from app.ui.side_work import SideWork

WAIT_S = 10.0  # never reached by code that works


def test_one_thing_after_the_other_in_one_thread_that_holds_up_no_exit() -> None:
    work = SideWork("beside")
    futures = [work.submit(lambda k: (k, threading.current_thread().name), k) for k in range(5)]
    assert [future.result(WAIT_S) for future in futures] == [(k, "beside") for k in range(5)]
    [thread] = [thread for thread in threading.enumerate() if thread.name == "beside"]
    assert thread.daemon
    assert work.close(WAIT_S)
    assert not thread.is_alive()
    assert work.close()


def test_a_failure_is_told_and_the_next_thing_done() -> None:
    work = SideWork("beside")
    failed, fine = work.submit(lambda: 1 / 0), work.submit(lambda: 7)
    assert isinstance(failed.exception(WAIT_S), ZeroDivisionError)
    assert fine.result(WAIT_S) == 7
    work.close(WAIT_S)
    with pytest.raises(RuntimeError, match="closed"):
        work.submit(print)


@pytest.mark.parametrize("drop", [False, True])
def test_what_hangs_is_not_waited_for_and_what_waits_is_done_or_dropped(drop: bool) -> None:
    work, hangs, done = SideWork("beside"), threading.Event(), []
    entered = threading.Event()

    def hang() -> None:
        entered.set()
        hangs.wait(WAIT_S)

    work.submit(hang)
    work.submit(done.append, 1)
    assert entered.wait(WAIT_S)
    assert work.close(0.01, drop=drop) is False
    hangs.set()
    assert work.close(WAIT_S)
    assert done == ([] if drop else [1])
