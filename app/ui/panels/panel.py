"""What every panel beside the live picture can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from app.session import Analysis
    from app.ui.choice import Choice
    from app.ui.theme import Theme


class Panel(QWidget):
    """Base of the panels. The window pushes what is new into it; it asks for things by its two signals.

    Attributes:
        asked: emits a function of the running `Session`, e.g. ``lambda session: session.calibrate()``.
        chosen: emits another `Choice`.
        choice: what is chosen now; the window keeps it up to date.

    """

    asked = Signal(object)
    chosen = Signal(object)

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__()
        self._theme = theme
        self.choice = choice

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.update()

    def show_choice(self, choice: Choice) -> None:
        """Show another choice."""
        self.choice = choice

    def show_analysis(self, analysis: Analysis) -> None:
        """Take the newest frame; up to 60 times a second, so it must be cheap."""

    def write_numbers(self, analysis: Analysis | None) -> None:
        """Write what is read as text; four times a second. None: nothing runs."""

    def clear(self) -> None:
        """A new session begins."""
