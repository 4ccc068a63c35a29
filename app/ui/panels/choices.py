"""A few large buttons of which one is chosen: two columns, or one where their words need the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QWidget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QResizeEvent

    from app.ui.theme import Theme


class Choices(QWidget):
    """Buttons by name; ``picked`` emits the name that the user clicked on."""

    picked = Signal(str)

    def __init__(self, theme: Theme, words: Mapping[str, tuple[str, str]]) -> None:
        """Build it; ``words`` has what a button is called and what it does, by name."""
        super().__init__()
        self.buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for name, (title, how) in words.items():
            button = QPushButton(title)
            button.setObjectName("choice")
            button.setCheckable(True)
            button.setToolTip(how)
            button.setAccessibleDescription(how)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _, name=name: self.picked.emit(name))
            self._group.addButton(button)
            self.buttons[name] = button
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._columns = 0
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        self._grid.setSpacing(theme.px(8))
        self._lay_out(self.width())

    def choose(self, name: str) -> None:
        """Show a button as the chosen one."""
        self.buttons[name].setChecked(True)

    def _lay_out(self, width: int) -> None:
        hints = [button.sizeHint() for button in self.buttons.values()]
        widest, gap = max(hint.width() for hint in hints), self._grid.horizontalSpacing()
        columns = 2 if 2 * widest + gap <= width else 1
        if columns != self._columns:
            self._columns = columns
            for index, button in enumerate(self.buttons.values()):
                self._grid.addWidget(button, index // columns, index % columns)
            self._grid.setColumnStretch(0, 1)
            self._grid.setColumnStretch(1, columns - 1)
        rows = -(-len(hints) // columns)
        self.setFixedHeight(rows * max(hint.height() for hint in hints) + (rows - 1) * gap)

    def minimumSizeHint(self) -> QSize:
        """Make do with one column."""
        return QSize(max(button.sizeHint().width() for button in self.buttons.values()), self.height())

    def sizeHint(self) -> QSize:
        """Ask for two columns."""
        return QSize(2 * self.minimumSizeHint().width() + self._grid.horizontalSpacing(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as there is room for."""
        super().resizeEvent(event)
        self._lay_out(event.size().width())
