"""Another theme without a stall: what is seen changes at once, what is hidden one part after the other.

Qt works through every widget below a style sheet when that changes, some 650 in this window: 130 ms in which nothing
moves. So the window has none: each of its parts has the same one, and a hidden part gets it in a turn of the event loop
of its own, or when it is shown before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.theme import qt_palette, style_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.ui.theme import Theme


class Themed(Protocol):
    """A widget with looks."""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""


class Ground(QWidget):
    """What is seen between the parts of the window."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor()

    def set_theme(self, theme: Theme) -> None:
        """Use another colour."""
        self._colour = QColor(theme.palette.ground)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        QPainter(self).fillRect(event.rect(), self._colour)


class Restyling(QObject):
    """Dresses the parts of a window.

    Args:
        window: that gets the palette.
        parts: what is to have the style sheet, none of them within another; each has a `set_theme`. One that has rules
            of its own, and so a style sheet already, puts ours into it itself.

    """

    def __init__(self, window: QWidget, parts: Iterable[QWidget]) -> None:
        super().__init__(window)
        self._window, self._parts = window, tuple(parts)
        self._own = [part for part in self._parts if part.styleSheet()]
        self._theme: Theme | None = None
        self._stale: list[QWidget] = []
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._next)
        for part in self._parts:
            part.installEventFilter(self)

    def add(self, part: QWidget) -> None:
        """Dress one part more: in its turn, or when it is shown."""
        self._parts += (part,)
        if part.styleSheet():
            self._own.append(part)
        part.installEventFilter(self)
        if self._theme is not None:
            self._stale.append(part)
            self._timer.start()

    def use(self, theme: Theme) -> None:
        """Use a theme from now on."""
        self._theme = theme
        self._window.setPalette(qt_palette(theme.palette))
        self._stale = list(self._parts)
        for part in self._parts:
            if part.isVisibleTo(self._window):
                self._dress(part)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Dress a part that is shown before its turn came."""
        if event.type() == QEvent.Type.Show and watched in self._stale:
            self._dress(watched)
        return False

    def stop(self) -> None:
        """Leave the rest as it is; idempotent."""
        self._timer.stop()
        self._stale = []

    def _next(self) -> None:
        if self._stale:
            self._dress(self._stale[0])
            self._timer.start()

    def _dress(self, part: QWidget) -> None:
        self._stale.remove(part)
        if self._theme is not None:
            if part not in self._own:
                part.setStyleSheet(style_sheet(self._theme))
            cast("Themed", part).set_theme(self._theme)
