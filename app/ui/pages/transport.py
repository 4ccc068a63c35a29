"""Play, the time, the speeds and the zoom of the review."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.ui.icons import icon
from app.ui.pages.player import SPEEDS
from app.ui.pages.review_words import fine_clock
from app.ui.pages.scrub_keys import PlainButton
from app.ui.theme import BUTTON_PX
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.ui.pages.player import Player
    from app.ui.theme import Theme

#: What each speed is called, and for a screen reader.
SPEED_WORDS: Final = {1.0: "1×", 0.5: "½×", 0.25: "¼×", 0.125: "⅛×"}
SPEED_NAMES: Final = {
    1.0: mark("As it was"),
    0.5: mark("Half the speed"),
    0.25: mark("A quarter of the speed"),
    0.125: mark("An eighth of the speed"),
}
#: From this width on, px at scale 1, the zoom is named.
ZOOM_NAMED_PX: Final = 600
#: The zoom: words of the button, how many times as much is shown, tooltip.
_ZOOMS: Final = (("−", 2.0, mark("Show more of the set ([)")), ("+", 0.5, mark("Show less of the set (])")))


class Transport(QWidget):
    """The row below the picture; ``zoomed`` emits how many times as much the timeline is to show."""

    zoomed = Signal(float)

    def __init__(self, theme: Theme, player: Player) -> None:
        super().__init__()
        self._theme, self._player = theme, player
        self.play = PlainButton()
        self.play.setProperty("icon_only", True)
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(player.toggle)
        self.time = QLabel()
        self.time.setProperty("role", "value")
        self.time.setAccessibleName(tr("Time"))
        self.speeds: dict[float, PlainButton] = {}
        self.zooms = [self._zoom(*zoom) for zoom in _ZOOMS]
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for widget in (self.play, self.time, self._segments()):
            self._box.addWidget(widget)
        self._box.addStretch(1)
        self.zoom_name = QLabel(tr("Zoom"))
        self.zoom_name.setProperty("role", "caption")
        self.zoom_name.hide()  # until it is known that there is room: else it would make the room
        self._box.addWidget(self.zoom_name)
        for button in self.zooms:
            self._box.addWidget(button)
        player.playing_changed.connect(self._dress)
        player.speed_changed.connect(lambda speed: self.speeds[speed].setChecked(True))
        self.speeds[player.speed].setChecked(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def _segments(self) -> QWidget:
        segments = QWidget()
        segments.setObjectName("segments")
        segments.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(segments)
        row.setContentsMargins(3, 3, 3, 3)
        row.setSpacing(2)
        group = QButtonGroup(self)
        for speed in reversed(SPEEDS):
            button = PlainButton()
            button.setText(SPEED_WORDS[speed])
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(tr(SPEED_NAMES[speed]))
            button.setToolTip(tr(SPEED_NAMES[speed]))
            button.clicked.connect(partial(self._player.set_speed, speed))
            group.addButton(button)
            row.addWidget(button)
            self.speeds[speed] = button
        return segments

    def _zoom(self, words: str, factor: float, tip: str) -> PlainButton:
        button = PlainButton()
        button.setText(words)
        button.setProperty("icon_only", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(tr(tip))
        button.setAccessibleName(tr(tip))
        button.clicked.connect(lambda: self.zoomed.emit(factor))
        return button

    def show_time(self, at_s: float, of_s: float) -> None:
        """Show where we are in the set."""
        self.time.setText(f"{fine_clock(at_s)} / {fine_clock(of_s)}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the zoom where there is room; its buttons have their tooltips."""
        super().resizeEvent(event)
        self.zoom_name.setVisible(self.width() >= self._theme.px(ZOOM_NAMED_PX))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._box.setSpacing(theme.px(10))
        self.time.setMinimumWidth(theme.px(118))
        self.play.setIconSize(QSize(theme.px(20), theme.px(20)))
        self.play.setFixedWidth(theme.px(BUTTON_PX + 8))
        self._dress(self._player.playing)

    def _dress(self, playing: bool) -> None:
        theme = self._theme
        self.play.setIcon(icon("pause" if playing else "play", theme.palette.text, theme.px(20)))
        words = tr("Pause") if playing else tr("Play")
        self.play.setToolTip(tr("{word} (Space)").format(word=words))
        self.play.setAccessibleName(words)
