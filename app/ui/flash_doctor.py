"""A window that flashes, and writes down when it painted what: for the latency self-test of ``hingecoach doctor``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter
from PySide6.QtWidgets import QWidget

from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent, QPaintEvent

DARK, LIT = QColor(0, 0, 0), QColor(255, 255, 255)
WORDS_PX: Final = 28


class FlashWindow(QWidget):
    """Black with a line of words, white while it flashes. Escape gives up.

    Attributes:
        painted: (when on the monotonic clock, lit) of every change, written when it had been painted.
        given_up: emitted when the user does not want it any more.
    """

    given_up = Signal()

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.setWindowTitle("Hinge Coach")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._clock, self._lit = clock, False
        self.painted: list[tuple[float, bool]] = []
        self.resize(900, 600)

    def show_lit(self, lit: bool) -> None:
        """Change, at once."""
        self._lit = lit
        self.repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it, and write down when."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), LIT if self._lit else DARK)
        painter.setPen(QColor(128, 128, 128))
        font = QFont(self.font())
        font.setPixelSize(WORDS_PX)
        painter.setFont(font)
        words = tr("Point the camera at this window. It flashes about once a second. Escape gives up.")
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(40, 40, -40, -40), flags.value, words)
        painter.end()
        if not self.painted or self.painted[-1][1] != self._lit:
            self.painted.append((self._clock(), self._lit))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up at Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


def flash(window: FlashWindow, times_s: Sequence[float], lit_s: float, beep: Callable[[], object]) -> bool:
    """Show the window, flash at these times (s from now) for ``lit_s`` each; return whether it came to its end.

    Runs Qt meanwhile.
    """
    loop, timers = QEventLoop(), []
    done = False

    def end() -> None:
        nonlocal done
        done = True
        loop.quit()

    def on() -> None:
        window.show_lit(True)
        beep()

    def at(when_s: float, do: Callable[[], object]) -> None:
        timer = QTimer(window, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(do)
        timer.start(round(when_s * 1e3))
        timers.append(timer)

    for when_s in times_s:
        at(when_s, on)
        at(when_s + lit_s, lambda: window.show_lit(False))
    at(times_s[-1] + lit_s + 0.5, end)
    window.given_up.connect(loop.quit)
    if QGuiApplication.platformName() == "offscreen":
        window.show()
    else:
        window.showFullScreen()
    loop.exec()
    for timer in timers:
        timer.stop()
    window.hide()
    return done
