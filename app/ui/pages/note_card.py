"""The note of a session: written at any time, kept by itself a moment after the last key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from app.ui.panels.parts import Section, Words
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.theme import Theme

#: So long after the last key the note is kept, ms.
QUIET_MS: Final = 700
#: Lines of the field at least and at most; what is longer scrolls.
LEAST_LINES, MOST_LINES = 2, 9


class NoteField(QPlainTextEdit):
    """A field as high as its words; Tab leaves it.

    Attributes:
        left: it has lost the focus.

    """

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("note")
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Note"))
        self.setPlaceholderText(tr("What matters for later: shoes, speed, heat, how it felt"))
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self.fit())

    def fit(self) -> None:
        """Be as high as the words."""
        layout, block, needed = self.document().documentLayout(), self.document().firstBlock(), 0.0
        line = self.fontMetrics().lineSpacing()
        while block.isValid() and needed < MOST_LINES * line:  # by what is there: some letters make a line higher
            needed, block = needed + layout.blockBoundingRect(block).height(), block.next()
        around = self.height() - self.viewport().height() + 2 * round(self.document().documentMargin())
        height = round(min(max(needed, LEAST_LINES * line), MOST_LINES * line)) + around
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """Ask for no more width than there is."""
        return QSize(120, self.height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that it is left."""
        super().focusOutEvent(event)
        self.left.emit()


class NoteCard(Section):
    """Shows and takes the note of one session. Nothing that was typed is ever dropped: what could not be kept stays.

    Attributes:
        wanted: emits the id of a session and the note that is to be kept.

    """

    wanted = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Note"))
        self.field, self.state = NoteField(), Words("", "caption")
        self.box.addWidget(self.field)
        self.box.addWidget(self.state)
        self.session = ""
        self._kept = self._asked = ""
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self.keep)
        self.field.textChanged.connect(self._typed)
        self.field.left.connect(self.keep)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        if hasattr(self, "field"):
            p, px = theme.palette, theme.px
            self.field.setStyleSheet(
                f"QPlainTextEdit#note {{ background: {p.ground}; color: {p.text}; border: 1px solid {p.muted};"
                f" border-radius: {px(8)}px; padding: {px(4)}px {px(6)}px; placeholder-text-color: {p.muted}; }}"
                f"QPlainTextEdit#note:focus {{ border: 2px solid {p.info}; }}"
            )
            self.field.fit()

    def show_note(self, session: str, text: str) -> None:
        """Show the note of a session, "" for none; what is being typed for this very session stays."""
        if session == self.session and (self.unkept or self.field.hasFocus()):
            return
        self.keep()
        self.setVisible(bool(session))
        if (session, text) == (self.session, self.field.toPlainText()):
            self._kept = text
            return
        self.session, self._kept, self._asked = session, text, text
        self.field.blockSignals(True)
        self.field.setPlainText(text)
        self.field.blockSignals(False)
        self.field.fit()
        self.state.say("")

    @property
    def unkept(self) -> bool:
        """Whether there are words that are not known to be kept."""
        return self.field.toPlainText() != self._kept

    def _typed(self) -> None:
        self.state.say("")
        self._quiet.start()

    def keep(self) -> None:
        """Have kept what is new, now."""
        self._quiet.stop()
        text = self.field.toPlainText()
        if self.session and text not in (self._kept, self._asked):
            self._asked = text
            self.wanted.emit(self.session, text)

    def show_kept(self, session: str, asked: str) -> None:
        """Say that the note of a session is kept; ``asked``: as it was typed."""
        # Not what another page has kept of the same session: that is shown when it is read.
        if session == self.session and asked == self._asked:
            self._kept = asked
            self.state.say("" if self.unkept else tr("Kept"))

    def show_problem(self, session: str, line: str) -> None:
        """Say why it is not kept; the next key or leaving the field tries again."""
        if session == self.session:
            self._asked = self._kept
            self.state.say(tr("Not kept: {why}").format(why=line))

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep it before nobody looks."""
        self.keep()
        super().hideEvent(event)
