"""The screen stays on while the runner is armed, and only then: from three metres nobody wakes a laptop.

Linux asks the desktop's screen saver on the session bus, Windows is told by the thread, macOS by a command of its own.
All three end by themselves when the app does. Where none of it works, one log line says so and the screen goes its way.
"""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final, Protocol, Self

from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtDBus import QDBusPendingCallWatcher

logger = logging.getLogger(__name__)

#: Shown by desktops that list who keeps the screen on.
REASON: Final = mark("Watching you run")
APP_NAME: Final = "Hinge Coach"

#: Of SetThreadExecutionState (winbase.h): until told otherwise, the system and the display stay on.
ES_CONTINUOUS: Final = 0x80000000
ES_SYSTEM_REQUIRED: Final = 0x00000001
ES_DISPLAY_REQUIRED: Final = 0x00000002

#: How long caffeinate may take to end, s.
END_WAIT_S: Final = 1.0


class Inhibitor(Protocol):
    """One system's way of keeping the screen on. Methods return at once and are called by turns."""

    def start(self, reason: str) -> str:
        """Keep the screen on; return why that is not possible, one line, "" where it is."""

    def stop(self) -> None:
        """Let the screen go."""


class KeepAwake:
    """Holds the screen on; the way to hold it is looked for at the first time.

    Also a context: ``with KeepAwake() as awake: awake.hold(...)`` lets go at its end.

    Args:
        inhibitor: how; None = the way of this system, or none where there is none.

    """

    def __init__(self, inhibitor: Inhibitor | None = None) -> None:
        self._inhibitor = inhibitor
        self._looked = inhibitor is not None
        self._held = self._told = False
        self._asked = False

    @property
    def held(self) -> bool:
        """Whether the screen is kept on now, as far as is known."""
        return self._held

    def follow(self, armed: bool) -> None:
        """Hold while armed, let go otherwise. Call it as often as is convenient."""
        if armed:
            self.hold(tr(REASON))
        else:
            self.release()

    def hold(self, reason: str) -> bool:
        """Keep the screen on; return whether it is. A second call changes nothing; one that failed is not repeated."""
        if self._asked:
            return self._held
        self._asked = True
        if not self._looked:
            self._inhibitor, self._looked = inhibitor_for(sys.platform), True
        problem = "no way known on this system" if self._inhibitor is None else self._inhibitor.start(reason)
        self._held = not problem
        if problem and not self._told:
            logger.warning("the screen may go dark: %s", problem)
            self._told = True
        return self._held

    def release(self) -> None:
        """Let the screen go; nothing where it was not held."""
        held, self._held, self._asked = self._held, False, False
        if held and self._inhibitor is not None:
            self._inhibitor.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def inhibitor_for(platform: str) -> Inhibitor | None:
    """Return the way of a system (`sys.platform`), None where there is none."""
    if platform == "win32":
        return ThreadState()
    if platform == "darwin":
        return Caffeinate()
    if platform.startswith(("linux", "freebsd")):
        return ScreenSaver()
    return None


class ThreadState:
    """Windows: the calling thread says that it needs the display. Always call it from the same thread.

    Args:
        set_state: SetThreadExecutionState; returns the former state, 0 where it failed.

    """

    def __init__(self, set_state: Callable[[int], int] | None = None) -> None:
        self._set_state = _set_thread_execution_state if set_state is None else set_state

    def start(self, reason: str) -> str:
        """Keep system and display on."""
        fine = self._set_state(ES_CONTINUOUS | ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED)
        return "" if fine else "Windows refused (SetThreadExecutionState)"

    def stop(self) -> None:
        """Need nothing any more."""
        self._set_state(ES_CONTINUOUS)


def _set_thread_execution_state(state: int) -> int:
    if sys.platform == "win32":
        return int(ctypes.windll.kernel32.SetThreadExecutionState(ctypes.c_uint(state)))
    else:  # mypy passes over the branch of another system only so
        return 0


class Caffeinate:
    """macOS: its command keeps display and system on until it is ended, or this process is gone.

    Args:
        run: starts a command.

    """

    def __init__(self, run: Callable[[list[str]], subprocess.Popen[bytes]] | None = None) -> None:
        self._run = _run_silently if run is None else run
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, reason: str) -> str:
        """Start the command."""
        try:
            self._process = self._run(["caffeinate", "-d", "-i", "-w", str(os.getpid())])
        except OSError as error:
            return f"caffeinate does not start ({error.strerror or error})"
        return ""

    def stop(self) -> None:
        """End the command."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _run_silently(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=True
    )


class ScreenSaver:
    """Linux: the Idle Inhibition Service of the desktop (org.freedesktop.ScreenSaver on the session bus).

    The service lets go when the connection that asked is closed, so each hold has a connection of its own: that needs
    no cookie, whose type (uint32) PySide6 cannot put into a call. Nothing waits for the answer.
    """

    def __init__(self) -> None:
        self._count = 0
        self._name = ""
        self._told = False
        self._watcher: QDBusPendingCallWatcher | None = None

    def start(self, reason: str) -> str:
        """Ask the screen saver."""
        try:
            from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
        except ImportError as error:
            return f"Qt has no D-Bus here ({error})"
        self._count += 1
        name = f"hingecoach-awake-{id(self)}-{self._count}"
        bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, name)
        if not bus.isConnected():
            QDBusConnection.disconnectFromBus(name)
            return "there is no session bus"
        self._name = name
        service = "org.freedesktop.ScreenSaver"
        call = QDBusMessage.createMethodCall(service, "/org/freedesktop/ScreenSaver", service, "Inhibit")
        call.setArguments([APP_NAME, reason])
        self._watcher = QDBusPendingCallWatcher(bus.asyncCall(call))
        self._watcher.finished.connect(self._answered)
        return ""

    def stop(self) -> None:
        """Close the connection."""
        from PySide6.QtDBus import QDBusConnection

        self._watcher = None
        QDBusConnection.disconnectFromBus(self._name)

    def _answered(self, watcher: QDBusPendingCallWatcher) -> None:
        if watcher.isError() and not self._told:
            logger.warning("the screen may go dark: the screen saver says: %s", watcher.error().message())
            self._told = True
