"""The keys of the window as a list, and how to give a wish another key: press the button, then the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui.keys import EVERYWHERE, WISHES, KeyMap, KeyTakenError, tidy_key, wish_words
from app.ui.pages.controls import Card, Column, label
from app.ui.screens import LIVE, SCREEN_WORDS, Screen
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent

    from app.ui.prefs import Prefs
    from app.ui.theme import Theme

_HELD: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
#: Headings of the list: the screens of a wish, in what order they come.
_GROUPS: Final = ((EVERYWHERE, mark("Everywhere")), (LIVE, mark("While you train")))
HOW: Final = mark("Press the button of a key, then the new key. Esc leaves it as it is.")


def group_words(where: tuple[Screen, ...]) -> str:
    """Return in words on which screens a key works."""
    named = dict(_GROUPS).get(where)
    return tr(named) if named else ", ".join(tr(SCREEN_WORDS[screen][0]) for screen in where)


def key_of(event: QKeyEvent) -> str:
    """Return the key of a press as Qt writes it; "" for a modifier alone or what has no name."""
    key, held = event.key(), event.modifiers() & _HELD
    if key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, 0):
        return ""
    # Shift is part of a sign such as ?, and of which it is differs from keyboard to keyboard; of a letter it is not.
    sign = event.text().isprintable() and event.text() and not event.text().isalpha() and key != Qt.Key.Key_Space
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not sign:
        held |= Qt.KeyboardModifier.ShiftModifier
    sequence = QKeySequence(QKeyCombination(held, Qt.Key(key)))
    return tidy_key(sequence.toString(QKeySequence.SequenceFormat.PortableText))


class KeyButton(QPushButton):
    """Shows the keys of a wish; pressed, it waits for another one. Esc or leaving it gives up."""

    caught = Signal(str)  # the key as Qt writes it

    def __init__(self) -> None:
        super().__init__()
        self._hint = ""
        self.waiting = False
        self.clicked.connect(self._wait)

    def show_hint(self, hint: str) -> None:
        """Show the keys that hold."""
        self._hint, self.waiting = hint, False
        self.setText(hint or tr("no key"))

    def _wait(self) -> None:
        self.waiting = True
        self.setText(tr("Press a key …"))
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Take every key while waiting, even those that are shortcuts of the window or move the focus."""
        if self.waiting and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
            if event.type() == QEvent.Type.KeyRelease:
                return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.show_hint(self._hint)
            return
        key = key_of(event)
        if key:
            self.show_hint(self._hint)
            self.caught.emit(key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Give up when the focus goes elsewhere."""
        if self.waiting:
            self.show_hint(self._hint)
        super().focusOutEvent(event)


class KeyEditor(Column):
    """All keys by the screens where they work; what is changed is written into `Prefs` at once.

    Attributes:
        changed: emits "keys" after that; `keymap` is what holds then.

    """

    changed = Signal(str)

    def __init__(self, theme: Theme, prefs: Prefs) -> None:
        super().__init__(theme, tr("Keys"))
        self._prefs = prefs
        self.keymap = KeyMap(prefs.keys)
        self.buttons: dict[str, KeyButton] = {}
        self.resets: dict[str, QPushButton] = {}
        self._own: dict[str, QLabel] = {}
        self._rows: dict[str, tuple[Card, QWidget]] = {}
        self.told = label(tr(HOW), "help")
        self.all_usual = QPushButton(tr("All keys as usual"))
        self.all_usual.clicked.connect(self._reset_all)
        self.add(self._head())

    def _head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.told, 1)
        row.addWidget(self.all_usual)
        return head

    def _add_group(self, theme: Theme, where: tuple[Screen, ...]) -> None:
        self.add(label(group_words(where), "title"))
        card = Card(theme)
        for wish in WISHES:
            if wish.where != where:
                continue
            if wish.own:
                self._own[wish.id] = QLabel()
                card.add_row(wish_words(wish.id), self._own[wish.id])
                continue
            button = self.buttons[wish.id] = KeyButton()
            button.caught.connect(lambda key, wish=wish.id: self._give(wish, key))
            self._rows[wish.id] = card, card.add_row(wish_words(wish.id), button)
        self.add(card)

    def _show_reset(self, wish: str, shown: bool) -> None:
        """Offer the usual key in the row of a wish, or not; the button is made when it is needed first."""
        if shown and wish not in self.resets:
            reset = self.resets[wish] = QPushButton(tr("As usual"))
            reset.setAccessibleName(tr("{what}: the usual key").format(what=wish_words(wish)))
            reset.clicked.connect(lambda: self._reset(wish))
            card, row = self._rows[wish]
            card.add_control(row, reset)
        if wish in self.resets:
            self.resets[wish].setHidden(not shown)

    def refresh(self) -> None:
        """Show the keys that hold."""
        self.keymap = KeyMap(self._prefs.keys)
        for wish, shown in self._own.items():
            shown.setText(self.keymap.hint(wish))
        for wish, button in self.buttons.items():
            hint = self.keymap.hint(wish)
            button.show_hint(hint)
            button.setAccessibleName(f"{wish_words(wish)}: {hint or tr('no key')}")
            self._show_reset(wish, wish in self.keymap.overrides)
        self.all_usual.setEnabled(bool(self.keymap.overrides))

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes. The first time it makes the rows: they are many, and this is called when they are seen."""
        super().set_theme(theme)
        if not self.buttons:
            for where in dict.fromkeys(wish.where for wish in WISHES):
                self._add_group(theme, where)
            self.refresh()
        for button in self.buttons.values():
            button.setMinimumWidth(theme.px(150))

    # ---- what the user does ---------------------------------------------------------------------------------------

    def _give(self, wish: str, key: str) -> None:
        try:
            self._keep(self.keymap.with_key(wish, key))
        except KeyTakenError as error:
            self._refuse(wish, str(error))

    def _reset(self, wish: str) -> None:
        try:
            self._keep(self.keymap.without(wish))
        except KeyTakenError as error:
            self._refuse(wish, str(error))
            return
        self.buttons[wish].setFocus()

    def _refuse(self, wish: str, words: str) -> None:
        """Say in the row of a wish why it cannot have a key."""
        for other, (card, row) in self._rows.items():
            if other == wish or card.told(row):
                card.tell(row, words if other == wish else "")
        self.buttons[wish].setAccessibleDescription(words)
        # The line keeps its place: what is pressed next must not jump away.
        self._tell(tr(HOW), "help")

    def _reset_all(self) -> None:
        self._keep(KeyMap())

    def _keep(self, keymap: KeyMap) -> None:
        self._prefs.keys = keymap.overrides
        self.refresh()
        for card, row in self._rows.values():
            if card.told(row):
                card.tell(row, "")
        self._tell(tr("Saved. It holds at once."), "done")
        self.changed.emit("keys")

    def _tell(self, words: str, role: str) -> None:
        self.told.setText(words)
        self.told.setProperty("role", role)
        self.told.style().unpolish(self.told)
        self.told.style().polish(self.told)
