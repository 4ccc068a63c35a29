"""A few large buttons of which one is chosen: two columns, words on two lines where need be; else one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QWidget

from app.ui.widgets import in_two

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
        self._titles: dict[str, str] = {}
        for name, (title, how) in words.items():
            button = QPushButton(title)
            button.setObjectName("choice")
            button.setCheckable(True)
            button.setToolTip(how)
            button.setAccessibleName(title)
            button.setAccessibleDescription(how)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            button.clicked.connect(lambda _, name=name: self.picked.emit(name))
            self._group.addButton(button)
            self._titles[name], self.buttons[name] = title, button
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

    def _fit(self, width: int) -> tuple[int, bool]:
        """Return how many columns there are at ``width``, and whether the words stand on two lines each."""
        gap = self._grid.horizontalSpacing()
        for broken in (False, True):
            if 2 * self._widest(broken) + gap <= width:
                return 2, broken
        return 1, False

    def _widest(self, broken: bool) -> int:
        """Return the width of the widest button, its words on one line or on two."""
        found = 0
        for name, button in self.buttons.items():
            frame = button.sizeHint().width() - _width(button.fontMetrics(), button.text())
            # The chosen one is bold.
            bold = button.font()
            bold.setWeight(QFont.Weight.DemiBold)
            words = in_two(self._titles[name]) if broken else self._titles[name]
            found = max(found, frame + _width(QFontMetrics(bold), words))
        return found

    def _lay_out(self, width: int) -> None:
        columns, broken = self._fit(width)
        for name, button in self.buttons.items():
            words = in_two(self._titles[name]) if broken else self._titles[name]
            if words != button.text():
                button.setText(words)
        if columns != self._columns:
            self._columns = columns
            for button in self.buttons.values():
                self._grid.removeWidget(button)
            for index, button in enumerate(self.buttons.values()):
                self._grid.addWidget(button, index // columns, index % columns)
        # Every column that is used, however it was before: one without stretch has no width, as buttons ask for none.
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        rows, gap = -(-len(self.buttons) // columns), self._grid.verticalSpacing()
        high = max(button.sizeHint().height() for button in self.buttons.values())
        self.setFixedHeight(rows * high + (rows - 1) * gap)

    def minimumSizeHint(self) -> QSize:
        """Make do with one column."""
        return QSize(self._widest(broken=True), self.height())

    def sizeHint(self) -> QSize:
        """Ask for two columns."""
        return QSize(2 * self._widest(broken=False) + self._grid.horizontalSpacing(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as there is room for."""
        super().resizeEvent(event)
        self._lay_out(event.size().width())


def _width(metrics: QFontMetrics, words: str) -> int:
    return max(metrics.horizontalAdvance(line) for line in words.split("\n"))
