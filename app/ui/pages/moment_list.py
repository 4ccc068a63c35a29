"""Moments of a session as a list of buttons: what was said, or marked. The chosen one may open with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout

from app.store.clock import clock
from app.ui.icons import icon
from app.ui.pages.evidence import EvidenceBox
from app.ui.pages.scrub_keys import PlainButton
from app.ui.panels.parts import Section, Words
from app.ui.theme import Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.pages.evidence import CueEvidence

#: More than this are not listed: each button takes a millisecond.
MOST: Final = 60


def plain_button(words: str, name: str = "") -> QPushButton:
    """Return a button that a screen reader names by its words; ``name`` is for the style sheet."""
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAccessibleName(words)
    return button


class SaidButton(PlainButton):
    """One line of the list: when, and its words, cut with … where they do not fit."""

    def __init__(self, words: str, tip: str) -> None:
        super().__init__()
        self._words = words
        self.setObjectName("said")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(" ".join(words.split()))
        self.setToolTip(tip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the words to the width."""
        super().resizeEvent(event)
        room = self.width() - self.iconSize().width() - 2 * round(0.9 * self.fontMetrics().height()) - 12
        self.setText(QFontMetrics(self.font()).elidedText(self._words, Qt.TextElideMode.ElideRight, room))


@dataclass(frozen=True, slots=True)
class Line:
    """One moment: when, s since the session began; its words; tone and shape of its picture."""

    at_s: float
    words: str
    tone: Tone
    shape: str


class MomentList(Section):
    """Lists moments; those beyond the first are listed when they are asked for.

    Attributes:
        chosen: emits the number of the one that is clicked.

    Args:
        theme: colours and sizes.
        title: of the list. tip: what a click does. first: so many are listed at once.

    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, title: str, tip: str, first: int = MOST) -> None:
        super().__init__(theme, title)
        self._theme, self._tip, self._first = theme, tip, first
        self._lines: Sequence[Line] = ()
        self._none = ""
        self._list = QVBoxLayout()
        self.box.addLayout(self._list)
        self.rest, self.more = Words("", "caption"), plain_button(tr("Show more"))
        self.more.clicked.connect(self.show_all)
        self.box.addWidget(self.rest)
        self.box.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.buttons: list[SaidButton] = []
        self.opened: EvidenceBox | None = None
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        self._theme = theme
        if hasattr(self, "opened"):
            self._list.setSpacing(theme.px(6))
            self._dress()
            if self.opened is not None:
                self.opened.set_theme(theme)

    def show_lines(self, lines: Sequence[Line], none: str = "") -> None:
        """List other moments; ``none``: what is said where there is none."""
        self.close_evidence()
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons, self._lines, self._none = [], lines, none
        self._add(self._first)

    def show_all(self) -> None:
        """List the later ones, too."""
        self._add(MOST)

    def _add(self, until: int) -> None:
        for number in range(len(self.buttons), min(until, len(self._lines))):
            line = self._lines[number]
            button = SaidButton(f"  {clock(line.at_s)}   {line.words}", self._tip)
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            self._list.addWidget(button)
            self.buttons.append(button)
        self._dress()
        more = len(self._lines) - len(self.buttons)
        self.more.setVisible(more > 0 and until < MOST)
        self.rest.say(tr("and {n} more").format(n=more) if more > 0 else "" if self._lines else self._none)

    def _dress(self) -> None:
        """Give each line its shape."""
        side = self._theme.px(18)
        for button, line in zip(self.buttons, self._lines, strict=False):
            button.setIcon(icon(line.shape, self._theme.palette.tone(line.tone).name(), side))
            button.setIconSize(QSize(side, side))

    def open_evidence(self, number: int, evidence: CueEvidence, height_cm: float) -> None:
        """Open one of them; the one before closes."""
        self.close_evidence()
        for k, button in enumerate(self.buttons):
            button.setChecked(k == number)
        if number < len(self.buttons):
            self.opened = EvidenceBox(self._theme, evidence, height_cm)
            self._list.insertWidget(self._list.indexOf(self.buttons[number]) + 1, self.opened)
            self.opened.show()

    def close_evidence(self) -> None:
        """Close what is open."""
        if self.opened is not None:
            self.opened.hide()
            self._list.removeWidget(self.opened)
            self.opened.deleteLater()
            self.opened = None
        for button in self.buttons:
            button.setChecked(False)
