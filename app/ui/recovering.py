"""At the start, sessions that were cut off are closed from what was kept of them, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from app.coach.errors import WorldError
from app.store.history import History

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

#: How long the end waits for the session in hand; what is not done then is done at the next start.
END_WAIT_S = 0.3


class _EndedError(Exception):
    """The window was closed."""


class Recovering:
    """Runs once; an hour of frames takes about a minute, and nobody waits for it.

    Args:
        data_folder: of the app.

    """

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recover", daemon=True)
        self._thread.start()

    def lines(self) -> list[str]:
        """Return what is to be told since the last call."""
        with self._lock:
            lines, self._lines = self._lines, []
        return lines

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; False where it has not come."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def close(self) -> None:
        """End it after the session in hand; idempotent."""
        self._over.set()
        self.wait(END_WAIT_S)

    def _run(self) -> None:
        try:
            with History(self._folder) as history:
                self._tell(history.notices)
                self._tell(history.recover(self._go_on))
        except _EndedError:
            return
        except WorldError as error:
            self._tell([str(error)])
        except Exception:
            logger.exception("a bug while sessions were recovered")

    def _go_on(self, _session: str) -> None:
        if self._over.is_set():
            raise _EndedError

    def _tell(self, lines: list[str]) -> None:
        for line in lines:
            logger.warning("%s", line)
        with self._lock:
            self._lines += lines
