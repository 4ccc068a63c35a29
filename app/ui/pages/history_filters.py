"""Whose sessions are listed, of which kind, and with what in their notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.store.sessions.tables import holds, person_key
from app.ui.pages.controls import Picker
from app.ui.pages.history_words import MODE_WORDS, person_words
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QResizeEvent

    from app.store.sessions.tables import SessionRow
    from app.ui.theme import Theme

#: From this width on both are beside one another, px at scale 1: names are as long as they are.
BESIDE_PX: Final = 330


class Filters(QWidget):
    """Two pickers, and a field for words of a note.

    Attributes:
        changed: another person or kind was picked, or other words were typed.

    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.person, self.mode = Picker(theme), Picker(theme)
        self.person.setAccessibleName(tr("Whose sessions"))
        self.mode.setAccessibleName(tr("Which kind"))
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("Search the notes"))
        self.note.setAccessibleName(tr("Search the notes"))
        self.note.setClearButtonEnabled(True)
        self.note.textChanged.connect(lambda _: self.changed.emit())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._column.addLayout(self._box)
        self._column.addWidget(self.note)
        for picker in (self.person, self.mode):
            self._box.addWidget(picker, 1)
            picker.picked.connect(lambda _: self.changed.emit())
        self.set_theme(theme)

    def offer(self, rows: Iterable[SessionRow]) -> None:
        """Offer the people and kinds of these sessions, newest first; what is picked stays, if it is still there."""
        listed = list(rows)
        people = {person_key(row.person): row.person for row in reversed(listed)}
        everybody = (None, tr("Everybody"))
        self.person.fill(
            [everybody, *((key, person_words(name)) for key, name in sorted(people.items()))], self.person.currentData()
        )
        self.person.setVisible(len(people) > 1)
        kinds = {row.mode for row in listed}
        modes = [(mode, tr(MODE_WORDS[mode])) for mode in MODE_WORDS if mode in kinds]
        self.mode.fill([(None, tr("All kinds")), *modes], self.mode.currentData())
        # Nobody looks for words where there are none; what was typed can always be taken back.
        self.note.setVisible(bool(self.note.text()) or any(row.note for row in listed))
        self._turn()

    def passed(self, rows: Sequence[SessionRow]) -> list[SessionRow]:
        """Return the sessions of the picked person and kind whose notes hold the words that were typed."""
        person, mode, words = self.person.currentData(), self.mode.currentData(), self.note.text()
        return [
            row
            for row in rows
            if (person is None or person_key(row.person) == person)
            and (mode is None or row.mode == mode)
            and holds(row.note, words)
        ]

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._box.setSpacing(theme.px(8))
        self._column.setSpacing(theme.px(8))
        for picker in (self.person, self.mode):
            picker.set_theme(theme)
            picker.setMinimumWidth(theme.px(110))
            picker.setMinimumContentsLength(6)
        self._turn()

    def _turn(self) -> None:
        ways = QBoxLayout.Direction
        narrow = self.width() < self._theme.px(BESIDE_PX) and not self.person.isHidden()
        self._box.setDirection(ways.TopToBottom if narrow else ways.LeftToRight)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand below one another where there is no room beside."""
        super().resizeEvent(event)
        self._turn()
