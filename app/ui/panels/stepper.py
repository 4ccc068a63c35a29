"""A number with a large minus and plus beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QSpinBox, QWidget

from app.ui.panels.parts import Words
from app.ui.theme import BUTTON_PX
from app.ui.wheel import not_by_the_way
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.theme import Theme


class Stepper(QWidget):
    """A named whole number; ``changed`` is emitted when the user changes it, not when the program does."""

    changed = Signal(int)

    def __init__(
        self, theme: Theme, name: str, least: int, most: int, step: int = 1, suffix: str = "", none: str = ""
    ) -> None:
        """Build it; ``none`` is shown in the place of the least number."""
        super().__init__()
        self.spin = not_by_the_way(QSpinBox())
        self.spin.setRange(least, most)
        self.spin.setSingleStep(step)
        self.spin.setSuffix(suffix)
        self.spin.setSpecialValueText(none)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.spin.setKeyboardTracking(False)
        self.spin.setAccessibleName(name)
        self.spin.valueChanged.connect(self.changed)
        self.spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.less, self.more = QPushButton("−"), QPushButton("+")
        self.less.setAccessibleName(tr("{name}: less").format(name=name))
        self.more.setAccessibleName(tr("{name}: more").format(name=name))
        self.less.clicked.connect(self.spin.stepDown)
        self.more.clicked.connect(self.spin.stepUp)
        for button in (self.less, self.more):
            button.setObjectName("step")
            button.setAutoRepeat(True)
        words = Words(name, "body")
        words.setBuddy(self.spin)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(words, 1)
        self._row.addWidget(self.less)
        self._row.addWidget(self.spin)
        self._row.addWidget(self.more)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        self._row.setSpacing(theme.px(6))
        self.spin.setFixedSize(theme.px(72), theme.px(BUTTON_PX))
        for button in (self.less, self.more):
            button.setFixedSize(theme.px(42), theme.px(BUTTON_PX))

    def show_value(self, value: int) -> None:
        """Show a number without telling it as the user's."""
        self.spin.blockSignals(True)
        self.spin.setValue(value)
        self.spin.blockSignals(False)
