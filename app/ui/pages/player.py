"""The clock of the review: plays a stretch of time at a chosen speed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

#: Speeds, slowest first.
SPEEDS: Final = (0.125, 0.25, 0.5, 1.0)
TICK_MS: Final = 25


class Player(QObject):
    """Moves through a stretch of time; runs a timer only while it plays.

    Args:
        parent: whose child it is.
        clock: monotonic seconds.

    """

    moved = Signal(float)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._first_s = self._last_s = self.t_s = 0.0
        self.speed = 1.0
        self._asked_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def load(self, first_s: float, last_s: float, t_s: float) -> None:
        """Take another stretch and stand at an instant of it."""
        self.pause()
        self._first_s, self._last_s = first_s, max(last_s, first_s)
        self.seek(t_s)

    def seek(self, t_s: float) -> None:
        """Go to an instant, within the stretch."""
        self.t_s = min(max(t_s, self._first_s), self._last_s)
        self.moved.emit(self.t_s)

    def play(self) -> None:
        """Play on; from the beginning where the end is reached."""
        if self.playing or self._last_s <= self._first_s:
            return
        if self.t_s >= self._last_s:
            self.seek(self._first_s)
        self._asked_s = self._clock()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stand still."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play or stand still."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float) -> None:
        """Play at another speed, one of `SPEEDS`."""
        if speed != self.speed:
            self.speed = speed
            self.speed_changed.emit(speed)

    def faster(self, by: int) -> None:
        """Go so many speeds up (negative: down); ends at the ends."""
        at = SPEEDS.index(self.speed) + by
        self.set_speed(SPEEDS[min(max(at, 0), len(SPEEDS) - 1)])

    def tick(self) -> None:
        """Go on by the time that has passed."""
        now_s = self._clock()
        passed_s, self._asked_s = now_s - self._asked_s, now_s
        self.seek(self.t_s + passed_s * self.speed)
        if self.t_s >= self._last_s:
            self.pause()
