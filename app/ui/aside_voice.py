"""A voice in a thread of its own: a speech engine that hangs holds up nobody but itself.

On Linux the engine talks to a service of the system over a socket, and a service that does not answer blocks whoever
asked: made and used in the window's thread, it would stop the window, for ever. Elsewhere engines belong to the main
thread: that of macOS by its rules, that of Windows as it hands on its sound by the events of its thread, which this one
looks at every now and then only.
"""

from __future__ import annotations

import logging
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QEventLoop

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.ui.sounds import SoundChoice

logger = logging.getLogger(__name__)

#: How long the start of the app waits for the engine; one that is slower is not used.
READY_S: Final = 2.0
#: An engine that does not come back from one request for so long hangs.
HANGS_S: Final = 3.0
#: Words that the engine hears of later than this are not said any more.
LATE_S: Final = 1.0
#: How often an engine that speaks is looked at.
LOOK_S: Final = 0.05


class Engine(Protocol):
    """What speaks: `qt_audio.QtSpeech`."""

    broken: bool

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of its voices."""

    def use(self, choice: SoundChoice) -> None:
        """Take over what was chosen."""

    def say(self, words: str) -> None:
        """Start speaking."""

    def busy(self) -> bool:
        """Whether it still speaks."""

    def stop(self) -> None:
        """Fall silent."""


class AsideVoice:
    """Makes an engine in a thread of its own and passes on to it what is asked; never waits for it after the start.

    Attributes:
        voices: names of the engine's voices.

    Args:
        make: makes the engine, None where there is none; called in that thread.

    """

    def __init__(self, make: Callable[[], Engine | None]) -> None:
        self._make = make
        self._asked: SimpleQueue[Callable[[Engine], None]] = SimpleQueue()
        self._ready = threading.Event()
        self._speaking = self._broken = False
        self._asked_for = self._heard_of = 0  # words: each counted by one thread alone
        self._since_s: float | None = None  # when the request under way began
        self.voices: tuple[str, ...] = ()
        self.there = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def wait_until_ready(self, timeout_s: float = READY_S) -> bool:
        """Wait for the engine; False where there is none, or it takes longer."""
        if not self._ready.wait(timeout_s):
            logger.warning("the speech engine did not answer within %.0f s and is not used", timeout_s)
            self._broken = True
        return self.there and not self._broken

    @property
    def broken(self) -> bool:
        """Whether it failed or hangs: somebody else should speak."""
        since_s = self._since_s
        if not self._broken and since_s is not None and time.monotonic() - since_s > HANGS_S:
            logger.warning("the speech engine hangs: it is not asked again")
            self._broken = True
        return self._broken

    @broken.setter
    def broken(self, broken: bool) -> None:
        self._broken = broken

    def use(self, choice: SoundChoice) -> None:
        """Take over volume, rate and voice."""
        self._asked.put(lambda engine: engine.use(choice))

    def say(self, words: str) -> None:
        """Start speaking; returns at once."""
        if self.broken:
            return
        self._asked_for += 1
        latest_s = time.monotonic() + LATE_S

        def speak(engine: Engine) -> None:
            if time.monotonic() <= latest_s:
                engine.say(words)
                self._speaking = engine.busy()
            self._heard_of += 1

        self._asked.put(speak)

    def busy(self) -> bool:
        """Whether it still speaks, or is about to."""
        return not self.broken and (self._asked_for != self._heard_of or self._speaking)

    def stop(self) -> None:
        """Fall silent."""
        self._asked.put(lambda engine: engine.stop())

    # ---- in the thread of its own -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            events = QEventLoop()  # what the engine waits for by timers and signals happens in here
            engine = self._make()
            if engine is not None:
                self.voices = engine.voices
                self.there = True
                self._ready.set()
                self._serve(engine, events)
                engine.stop()  # given up in the middle of it, it would go on beside who speaks instead
        except Exception:
            logger.exception("the speech engine failed: it is not asked again")
            self._broken = True
        self._ready.set()

    def _serve(self, engine: Engine, events: QEventLoop) -> None:
        """Pass on what is asked until the engine is given up."""
        while not self._broken:
            try:
                asked = self._asked.get(timeout=LOOK_S if self._speaking else None)
            except Empty:
                asked = None
            self._since_s = time.monotonic()
            if asked is not None:
                asked(engine)
            events.processEvents()
            self._speaking = engine.busy()
            self._since_s = None
            self._broken = self._broken or engine.broken
