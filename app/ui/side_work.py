"""One thread beside the window that does one thing after the other, and that never keeps the app from ending.

Python waits at its end for the threads of an executor, however long the disk or a driver takes; for these it does not.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: How long the closing window waits for a thread of this kind. All of them together keep it for less than 2 s.
END_WAIT_S: Final = 0.3


class SideWork:
    """Does what it is given in a daemon thread of its own, which begins with the first piece of work.

    Args:
        name: of the thread.

    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Callable[..., T], *arguments: object) -> Future[T]:
        """Have ``work`` done; the future tells how it went.

        Raises:
            RuntimeError: it was closed.

        """
        future: Future[T] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = work(*arguments)
            except BaseException as error:  # noqa: BLE001 - it is told by the future
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self._name} was closed")
            self._waiting.put(do)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        return future

    def close(self, timeout_s: float = END_WAIT_S, drop: bool = False) -> bool:
        """Do what waits (``drop``: only what is under way), then end; False where that takes longer. Idempotent."""
        with self._lock:
            if not self._closed:
                self._closed = True
                while drop and not self._waiting.empty():
                    with suppress(Empty):  # the thread may have taken the last one meanwhile
                        self._waiting.get_nowait()
                self._waiting.put(None)
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return thread is None
        thread.join(timeout_s)
        return not thread.is_alive()

    def _run(self) -> None:
        while (do := self._waiting.get()) is not None:
            do()
            del do  # it holds what was done and what came of it, which may be a picture or a session
