"""The keys that a page keeps for itself, whatever of it has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QToolButton, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_K = Qt.Key
#: Buttons of Qt's move the focus with the arrows; on a page that scrubs they scrub, everywhere.
SCRUB_KEYS: Final = frozenset(
    (_K.Key_Left, _K.Key_Right, _K.Key_Up, _K.Key_Down, _K.Key_Home, _K.Key_End, _K.Key_PageUp, _K.Key_PageDown)
)


def passes_on(event: QKeyEvent) -> bool:
    """Whether a button leaves a key to the page around it."""
    return event.key() in SCRUB_KEYS


class PlainButton(QToolButton):
    """A button that leaves the scrubbing keys to the page."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what is for a button only."""
        if passes_on(event):
            event.ignore()
        else:
            super().keyPressEvent(event)


class PlainScroller(QScrollArea):
    """A column that scrolls, without a frame, and leaves the keys to the page: what has the focus is scrolled to."""

    def __init__(self, column: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take no key."""
        event.ignore()
