"""Earlier sessions: the list, one of them in full, trends over them, two beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.ui.pages.control_style import control_style
from app.ui.pages.review_parts import Picture
from app.ui.panels.parts import Words, panel_style
from app.ui.theme import Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.pages.history_port import HistoryPort


class HistoryPage(QWidget):
    """Shows what is kept of earlier sessions.

    Attributes:
        report_wanted: emits the id of a session whose report is to be opened. export_wanted: of one to be exported.
        run_wanted: there is nothing yet: go and run. deleted: the id of a session that is gone now.

    Args:
        theme: colours and sizes.
        history: the kept sessions; None: nothing is kept.

    """

    report_wanted = Signal(str)
    export_wanted = Signal(str)
    deleted = Signal(str)
    run_wanted = Signal()

    def __init__(self, theme: Theme, history: HistoryPort | None) -> None:
        super().__init__()
        self._theme, self._history = theme, history
        self.setObjectName("history")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._nothing())
        self.set_theme(theme)

    def _nothing(self) -> QWidget:
        nothing = QWidget()
        box = QVBoxLayout(nothing)
        self.nothing_picture = Picture(self._theme, 76.0)
        self.nothing_title, self.nothing_detail = Words(tr("No session yet"), "heading"), Words("", "body")
        self.nothing_detail.say(tr("What you run is kept here: numbers, cues and how they change from time to time."))
        centre = Qt.AlignmentFlag.AlignHCenter
        box.addStretch(3)
        box.addWidget(self.nothing_picture, 0, centre)
        for words in (self.nothing_title, self.nothing_detail):
            words.setAlignment(centre)
            box.addWidget(words)
        box.addStretch(4)
        self._nothing_box = box
        return nothing

    def refresh(self) -> None:
        """Read what there is now; called when the page is shown."""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.setStyleSheet(control_style(theme) + panel_style(theme))
        self._nothing_box.setSpacing(theme.px(10))
        self.nothing_picture.set_theme(theme)
        self.nothing_picture.show_shape("history", Tone.CALM)
