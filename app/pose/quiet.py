"""Keeps the C++ libraries' chatter off the terminal without losing what anybody else writes there."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import sys
import tempfile
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_STDERR = 2
#: How lines of absl's and TensorFlow Lite's loggers begin: "W0000 00:00:17...", "INFO: Created TensorFlow".
_CHATTER = re.compile(
    rb"(?:[IWEF]\d{4} [\d:. ]+\d+ \S+\.(?:cc|h|mm):\d+\]"
    rb"|(?:INFO|WARNING): (?:Created TensorFlow|Initialized TensorFlow|All log messages before absl)"
    rb"|ERROR: The model is not a valid Flatbuffer buffer\s*$)"  # raised as an error as well
)
_log = logging.getLogger(__name__)


class _Gate:
    """File descriptor 2, held back from the first block's begin to the last one's end.

    The lock is held for the switching only, never while a block runs: a block may wait for a thread that, by
    garbage collection, comes here itself.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._blocks = 0
        self._open: tuple[IO[bytes], int] | None = None

    def shut(self) -> None:
        """Enter a block."""
        with self._lock:
            self._blocks += 1
            if self._blocks == 1:
                # No descriptor 2 (a windowed program), none left, or no room for the file: do without.
                with contextlib.suppress(OSError):
                    self._redirect()

    def _redirect(self) -> None:
        held = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `release`
        try:
            _flush()
            saved = os.dup(_STDERR)
            os.dup2(held.fileno(), _STDERR)
        except OSError:
            held.close()
            raise
        self._open = held, saved

    def release(self) -> None:
        """Leave a block; the last one out restores the descriptor and passes on what is not chatter."""
        with self._lock:
            self._blocks -= 1
            if self._blocks or self._open is None:
                return
            (held, saved), self._open = self._open, None
            _flush()
            os.dup2(saved, _STDERR)
            os.close(saved)
            with held:
                held.seek(0)
                _pass_on(held.read())


_gate = _Gate()


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back file descriptor 2 inside the block; afterwards pass on all that is not C++ log lines.

    C++ writes past ``sys.stderr``, and none of its own switches silences the lines before its logger is set
    up. Lines of other threads (a traceback, say) arrive late but complete; the chatter goes to our log at
    debug level. Blocks may overlap, in one thread or several. Without a descriptor 2, nothing is done.
    """
    _gate.shut()
    try:
        yield
    finally:
        _gate.release()


@contextlib.contextmanager
def interruption_later() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C wait until the end of the block; gives a function that tells whether one is waiting.

    C++ that is interrupted while it starts goes on in its own threads, with nobody left to close it. Only the
    main thread is ever interrupted: in any other this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    waiting: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: waiting.append((number, frame)))
    try:
        yield lambda: bool(waiting)
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting and callable(before):
            before(*waiting[0])


def _flush() -> None:
    """Empty Python's own buffer, so that its lines land on the right side of the switch."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # closed or broken: nothing of ours is in it
            sys.stderr.flush()


def _pass_on(written: bytes) -> None:
    """Write everything but chatter to the real file descriptor 2."""
    for line in written.splitlines(keepends=True):
        if _CHATTER.match(line):
            _log.debug("%s", line.decode("utf-8", "replace").rstrip())
        else:
            with contextlib.suppress(OSError):  # nobody reads it
                os.write(_STDERR, line)
