"""The keys of the window: one table for the shortcuts and for whoever documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QKeySequence, QShortcut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

#: (key as Qt writes it, wish, what it does).
KEYS: Final = (
    ("Space", "start_or_stop", "Start or stop"),
    ("C", "calibrate", "Take a new standing reference"),
    ("M", "mute", "Sound off and on"),
    ("R", "mirror", "Mirror the picture, not the words"),
    ("X", "exchange_sides", "Left and right leg are the wrong way round: exchange them"),
    ("T", "theme", "Dark, light or as the system"),
    ("F11", "full_screen", "Full screen"),
    ("F", "full_screen", "Full screen"),
    ("Esc", "leave_full_screen", "Leave full screen"),
)


def bind_keys(window: QWidget, wishes: Mapping[str, Callable[[], object]]) -> None:
    """Make every key of `KEYS` work in ``window``; ``wishes`` has a function for every wish."""
    for key, wish, _ in KEYS:
        QShortcut(QKeySequence(key), window).activated.connect(wishes[wish])
