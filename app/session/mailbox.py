"""A one-slot mailbox between two threads: the newest item wins, what it replaced is counted."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot and a condition.

    A queue in front of a slow reader only makes its items old: for a 60 fps camera and 40 ms of inference an
    unbounded queue was 1170 ms behind and rising, this mailbox 8 ms (design, "Threads").

    A closed mailbox accepts nothing more; the item still in the slot can be taken, after that `get` answers
    None at once. Any number of threads may use any method.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._dropped = 0

    def put(self, item: T) -> None:
        """Leave ``item`` for the reader; an item not yet taken is replaced and counted as dropped."""
        with self._changed:
            if self._closed:
                return
            if self._item is not None:
                self._dropped += 1
            self._item = item
            self._changed.notify_all()

    def hand_over(self, item: T) -> bool:
        """Leave ``item`` once the slot is free: waits for the reader, drops nothing.

        Returns False where the mailbox was closed before the slot came free (the item is not left).
        """
        with self._changed:
            while self._item is not None and not self._closed:
                self._changed.wait()
            if self._closed:
                return False
            self._item = item
            self._changed.notify_all()
            return True

    def get(self, timeout_s: float | None = None) -> T | None:
        """Take the item, waiting up to ``timeout_s`` (None: until there is one or the mailbox is closed).

        Returns None on timeout and for a closed, empty mailbox (tell them apart by `closed`).
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    def close(self, discard: bool = False) -> None:
        """Accept nothing more, wake every waiting thread; ``discard`` also empties the slot. Idempotent."""
        with self._changed:
            self._closed = True
            if discard:
                self._item = None
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def dropped(self) -> int:
        """How many items were replaced before anybody took them."""
        return self._dropped


def taken(requests: SimpleQueue[T]) -> Iterator[T]:
    """Yield what waits in a queue."""
    while True:
        try:
            yield requests.get_nowait()
        except Empty:
            return
