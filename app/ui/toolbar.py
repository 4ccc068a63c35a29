"""The bar at the top: what to look at, what to judge, and the few things one does with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from app.coach.report import Mode
from app.ui.choice import ACT_WORDS, Choice, SourceKind, source_label
from app.ui.icons import icon
from app.ui.theme import GAP_PX, Theme

if TYPE_CHECKING:
    from app.ui.host import Cameras

_ICON_PX = 20
_MODES = (
    (Mode.RUN, "Run", "Judge running"),
    (Mode.STANCE, "Stance", "Judge the starting-line stance"),
    (Mode.AUTO, "Auto", "Judge whichever is going on"),
)


class Toolbar(QWidget):
    """Emits what the user wants; holds no state of its own beyond what it shows."""

    chosen = Signal(object)  # Choice: another source or mode
    cameras_wanted = Signal()
    clip_wanted = Signal()

    def __init__(self, theme: Theme, choice: Choice) -> None:
        super().__init__()
        self._theme, self._choice = theme, choice
        self._cameras: Cameras | None = None
        self.source = QToolButton()
        self.source.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.source.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.source.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.source.setToolTip("Choose a camera, a clip or the virtual runner")
        self.source.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._open_menu)
        self.source.setMenu(self.menu)
        self._segments = QWidget()
        self._segments.setObjectName("segments")
        self._segments.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._segment_box = QHBoxLayout(self._segments)
        self._group = QButtonGroup(self)
        self.modes: dict[Mode, QToolButton] = {}
        for mode, word, tip in _MODES:
            self._add_mode(mode, word, tip)
        self.calibrate = self._button(" Calibrate", "Take a new standing reference (C)", beside=True)
        self.start = self._button(" Start", "Start or stop (Space)", beside=True)
        self.start.setObjectName("start")
        self.mute = self._button("Mute", "Sound off and on (M)", checkable=True)
        self.mirror = self._button("Mirror", "Mirror the picture, not the words (R)", checkable=True)
        self.look = self._button("Theme", "Dark, light or as the system (T)")
        self.full = self._button("Full screen", "Full screen (F11 or F), Esc leaves it")
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for widget in (self.source, self._segments):
            self._box.addWidget(widget)
        self._box.addStretch(1)
        for widget in (self.calibrate, self.start, self.mute, self.mirror, self.look, self.full):
            self._box.addWidget(widget)
        self._running = False
        self.set_theme(theme)
        self.show_choice(choice)

    def _add_mode(self, mode: Mode, word: str, tip: str) -> None:
        button = QToolButton()
        button.setText(word)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.chosen.emit(replace(self._choice, mode=mode)))
        self._group.addButton(button)
        self._segment_box.addWidget(button)
        self.modes[mode] = button

    def _button(self, words: str, tip: str, checkable: bool = False, beside: bool = False) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(tip)
        button.setAccessibleName(words.strip())
        button.setCheckable(checkable)
        button.toggled.connect(lambda: self.set_theme(self._theme))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if beside:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        else:
            button.setProperty("icon_only", True)
        return button

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        px, p = theme.px, theme.palette
        self._box.setSpacing(px(GAP_PX * 0.6))
        self._segment_box.setContentsMargins(px(3), px(3), px(3), px(3))
        self._segment_box.setSpacing(px(2))
        size = QSize(px(_ICON_PX), px(_ICON_PX))
        icons = {
            self.source: "camera",
            self.calibrate: "stand",
            self.mute: "muted" if self.mute.isChecked() else "speaker",
            self.mirror: "mirror",
            self.look: "theme",
            self.full: "expand",
        }
        for button, name in icons.items():
            on = button.isChecked()
            button.setIcon(icon(name, p.on_fill if on else p.text, px(_ICON_PX)))
            button.setIconSize(size)
        self.start.setIconSize(size)
        self.show_running(self._running)
        self._show_source()

    @property
    def cameras(self) -> Cameras:
        """The cameras that were found last."""
        return self._cameras or ()

    def show_choice(self, choice: Choice) -> None:
        """Show which source and mode are chosen."""
        self._choice = choice
        if choice.mode in self.modes:
            # A drill has no button here.
            self.modes[choice.mode].setChecked(True)
        self._show_source()

    def show_running(self, running: bool) -> None:
        """Turn Start into Stop and back."""
        self._running = running
        p, px = self._theme.palette, self._theme.px(_ICON_PX)
        self.start.setText(" Stop" if running else " Start")
        self.start.setIcon(icon("stop" if running else "play", p.text if running else p.on_fill, px))
        if self.start.property("running") is not running:
            self.start.setProperty("running", running)
            self.start.style().unpolish(self.start)
            self.start.style().polish(self.start)

    def show_cameras(self, cameras: Cameras) -> None:
        """Fill the open menu with the cameras that were found."""
        self._cameras = cameras
        self._show_source()
        if self.menu.isVisible():
            self._fill_menu()

    def _show_source(self) -> None:
        label = source_label(self._choice, self._cameras or ())
        metrics = QFontMetrics(self.source.font())
        # Fusion leaves hardly any room between icon and words.
        words = metrics.elidedText(label, Qt.TextElideMode.ElideRight, self._theme.px(200))
        self.source.setText(f" {words}")
        self.source.setAccessibleName(f"Source: {label}")

    def _open_menu(self) -> None:
        self.cameras_wanted.emit()
        self._fill_menu()

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.clear()
        if self._cameras is None:
            menu.addAction("Looking for cameras …").setEnabled(False)
        elif not self._cameras:
            menu.addAction("No camera found").setEnabled(False)
        for camera, name in self._cameras or ():
            self._add_choice(menu, name, replace(self._choice, kind=SourceKind.CAMERA, camera=camera))
        menu.addSeparator()
        acts = menu.addMenu("Virtual runner")
        for act, words in ACT_WORDS:
            if act:
                self._add_choice(acts, words, replace(self._choice, kind=SourceKind.VIRTUAL, act=act))
            else:
                acts.addSeparator()
        menu.addSeparator()
        clip = menu.addAction("Open clip …")
        clip.triggered.connect(self.clip_wanted)

    def _add_choice(self, menu: QMenu, words: str, choice: Choice) -> QAction:
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(source_label(choice) == source_label(self._choice))
        action.triggered.connect(lambda: self.chosen.emit(choice))
        return action
