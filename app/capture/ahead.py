"""Reads a file ahead in a thread of its own: the next frames are decoded while the network looks at this one."""

from __future__ import annotations

import queue
import threading

from app.capture.around import Around
from app.capture.source import FrameSource
from app.coach.types import Frame

#: Frames decoded ahead: enough for a slow key frame, at 720p about 11 MB.
AHEAD_FRAMES = 4
#: How often a full or empty queue looks whether it was closed meanwhile, s.
LOOK_UP_S = 0.05


class ReadAhead(Around):
    """A file source whose frames are read in a thread; everything else is the source's own.

    The frames and their order are exactly those of ``source``; an error comes out where it would have come.
    Only for sources that are not live.
    """

    def __init__(self, source: FrameSource) -> None:
        if source.live:
            raise ValueError("a live source is never ahead of anything")
        super().__init__(source)
        self._thread: threading.Thread | None = None
        self._life = threading.Lock()  # one at a time opens or closes
        self._stop = threading.Event()
        self._queue: queue.Queue[Frame | Exception | None] = queue.Queue(AHEAD_FRAMES)
        self._ended = False

    def open(self) -> None:
        """Open the source and begin to read; does nothing where that was done. Raises CaptureError."""
        with self._life:
            if self._thread is not None:
                return
            self._source.open()
            self._stop = threading.Event()
            self._queue = queue.Queue(AHEAD_FRAMES)
            self._ended = False
            self._thread = threading.Thread(
                target=self._read_all, args=(self._stop, self._queue), name="read ahead", daemon=True
            )
            self._thread.start()

    def read(self) -> Frame | None:
        """Return the next frame; None at the end or after `close`. Raises CaptureError; RuntimeError before `open`."""
        if self._thread is None and not self._stop.is_set():
            return self._source.read()  # says that it was never opened
        while not (self._ended or self._stop.is_set()):
            try:
                item = self._queue.get(timeout=LOOK_UP_S)
            except queue.Empty:
                continue
            if isinstance(item, Frame):
                return item
            self._ended = True
            if item is not None:
                raise item
        return None

    def close(self) -> None:
        """Stop reading and close the source; harmless when called again, and from any thread."""
        if self._thread is not None:
            self._stop.set()  # before the lock: whoever else is closing waits for the thread
        with self._life:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._stop.set()
                thread.join()
            self._source.close()

    def _read_all(self, stop: threading.Event, into: queue.Queue[Frame | Exception | None]) -> None:
        item: Frame | Exception | None
        while not stop.is_set():
            try:
                item = self._source.read()
            except Exception as error:  # noqa: BLE001 - raised again by read(), in the reader's thread
                item = error
            while not stop.is_set():
                try:
                    into.put(item, timeout=LOOK_UP_S)
                    break
                except queue.Full:
                    continue
            if not isinstance(item, Frame):
                return
