"""The rail at the left: one large button for each screen, with its key in the tooltip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.ui.icons import icon
from app.ui.screens import SCREEN_WORDS, Screen
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.theme import Theme

_ICON_PX = 22
_ICONS: Final = {
    Screen.SETUP: "camera",
    Screen.RUN: "lean",
    Screen.START_LINE: "hold",
    Screen.DRILLS: "reps",
    Screen.REVIEW: "review",
    Screen.HISTORY: "history",
    Screen.SETTINGS: "settings",
    Screen.ABOUT: "about",
}
#: A gap stands before these: what looks back, and what is about the app.
_GAP_BEFORE: Final = (Screen.REVIEW, Screen.SETTINGS)
WIDTH_PX, BUTTON_PX, _EDGE_PX = 104, 60, 6


class NavRail(QWidget):
    """Emits the screen that the user wants."""

    wanted = Signal(object)  # Screen

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._group = QButtonGroup(self)
        self._box = QVBoxLayout(self)
        self.buttons: dict[Screen, QToolButton] = {}
        for screen in Screen:
            if screen in _GAP_BEFORE:
                self._box.addStretch(1)
            self._add(screen)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.set_theme(theme)

    def _add(self, screen: Screen) -> None:
        button = QToolButton()
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.clicked.connect(lambda: self.wanted.emit(screen))
        self._group.addButton(button)
        self._box.addWidget(button, 4)
        self.buttons[screen] = button

    def show_screen(self, screen: Screen) -> None:
        """Mark the screen that is shown."""
        self.buttons[screen].setChecked(True)
        self.set_theme(self._theme)

    def write_words(self, keys: dict[Screen, str]) -> None:
        """Write names and tooltips in the present language; ``keys``: the key of each screen, as text."""
        for screen, button in self.buttons.items():
            word, tip = SCREEN_WORDS[screen]
            button.setText(tr(word))
            key = f" ({keys[screen]})" if keys.get(screen) else ""
            button.setToolTip(tr(tip) + key)
            button.setAccessibleName(tr(word))
        self._fit()

    def _fit(self) -> None:
        """Be wider than usual only where a language has longer words."""
        needed_px = max(button.sizeHint().width() for button in self.buttons.values()) + 2 * self._theme.px(_EDGE_PX)
        self.setFixedWidth(max(self._theme.px(WIDTH_PX), needed_px))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        px, p = theme.px, theme.palette
        self._box.setContentsMargins(px(_EDGE_PX), px(_EDGE_PX), px(_EDGE_PX), px(_EDGE_PX))
        self._box.setSpacing(px(2))
        size = QSize(px(_ICON_PX), px(_ICON_PX))
        for screen, button in self.buttons.items():
            on = button.isChecked()
            button.setIcon(icon(_ICONS[screen], p.on_fill if on else p.text, px(_ICON_PX)))
            button.setIconSize(size)
            button.setMaximumHeight(px(BUTTON_PX + 12))
        self._fit()
