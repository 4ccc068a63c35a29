"""A thread beside the window: one thing after the other, and never in the way of the end."""

from __future__ import annotations

import gc
import threading
import weakref
from queue import SimpleQueue

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


def test_what_was_cancelled_is_not_done_and_the_next_thing_is() -> None:
    work, hangs, done = SideWork("beside"), threading.Event(), []
    work.submit(hangs.wait, WAIT_S)
    unwanted, wanted = work.submit(done.append, 1), work.submit(done.append, 2)
    assert unwanted.cancel()
    hangs.set()
    assert wanted.exception(WAIT_S) is None
    assert done == [2]
    assert work.close(WAIT_S)


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


def test_the_end_waits_for_nothing_that_the_thread_has_just_taken() -> None:
    class Taken(SimpleQueue):
        """Has something, until one wants it: the thread was quicker."""

        def empty(self) -> bool:
            if told.is_set():
                return super().empty()
            told.set()
            return False

    told, work, closed = threading.Event(), SideWork("beside"), threading.Event()
    work._waiting = Taken()

    def close() -> None:
        work.close(0.0, drop=True)
        closed.set()

    threading.Thread(target=close, daemon=True).start()
    assert closed.wait(WAIT_S)


def test_what_was_done_is_not_held_until_there_is_more_to_do() -> None:
    class Picture:
        pass

    work, picture = SideWork("beside"), Picture()
    gone = threading.Event()
    weakref.finalize(picture, gone.set)
    gc.disable()
    try:
        future = work.submit(lambda shown: shown, picture)
        assert future.result(WAIT_S) is picture
        del picture, future
        assert gone.wait(WAIT_S)
    finally:
        gc.enable()
    assert work.close(WAIT_S)
