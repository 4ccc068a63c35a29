"""The bar at the top: what to look at, what to judge, and the few things one does with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from app.ui.choice import ACT_WORDS, Choice, SourceKind, source_label
from app.ui.icons import icon
from app.ui.theme import GAP_PX, Theme
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.ui.host import Cameras
    from app.ui.keys import KeyMap

_ICON_PX = 20
#: Words, wish of the key and what it does, of each button.
_TIPS: Final = {
    "calibrate": (mark("Measure"), "calibrate", mark("Measure your standing height again: stand tall")),
    "mute": (mark("Mute"), "mute", mark("Sound off and on")),
    "mirror": (mark("Mirror"), "mirror", mark("Mirror the picture, not the words")),
    "look": (mark("Theme"), "theme", mark("Dark, light or as the system")),
    "full": (mark("Full screen"), "full_screen", mark("Full screen")),
    "layout": (mark("Layout"), "layout", mark("For the runner three metres away, or for the coach beside")),
    "delay": (mark("Delayed mirror"), "delay", mark("Show the picture of some seconds ago")),
}


class Toolbar(QWidget):
    """Emits what the user wants; holds no state of its own beyond what it shows."""

    chosen = Signal(object)  # Choice: another source
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
        self.source.setToolTip(tr("Choose a camera, a clip or the virtual runner"))
        self.source.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._open_menu)
        self.source.setMenu(self.menu)
        self.calibrate = self._button(beside=True)
        self.start = self._button(beside=True)
        self.start.setObjectName("start")
        self.layout_button = self._button()
        self.delay = self._button(checkable=True)
        self.mute = self._button(checkable=True)
        self.mirror = self._button(checkable=True)
        self.look = self._button()
        self.full = self._button()
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.source)
        self._box.addStretch(1)
        for widget in (self.calibrate, self.start, self.layout_button, self.delay):
            self._box.addWidget(widget)
        for widget in (self.mute, self.mirror, self.look, self.full):
            self._box.addWidget(widget)
        self._running = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)
        self.show_choice(choice)

    def _button(self, checkable: bool = False, beside: bool = False) -> QToolButton:
        button = QToolButton()
        button.setCheckable(checkable)
        button.toggled.connect(lambda: self.set_theme(self._theme))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if beside:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        else:
            button.setProperty("icon_only", True)
        return button

    def write_tips(self, keymap: KeyMap) -> None:
        """Write names and tooltips, each with its key."""
        buttons = {"layout": self.layout_button}
        for name, (word, wish, tip) in _TIPS.items():
            button: QToolButton = buttons.get(name) or getattr(self, name)
            # Fusion leaves hardly any room between icon and words.
            button.setText(f" {tr(word)}")
            button.setAccessibleName(tr(word))
            button.setToolTip(_with_key(tr(tip), keymap.hint(wish)))
        self.start.setToolTip(_with_key(tr("Start or stop"), keymap.hint("start_or_stop")))
        self.show_running(self._running)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        px, p = theme.px, theme.palette
        self._box.setSpacing(px(GAP_PX * 0.6))
        size = QSize(px(_ICON_PX), px(_ICON_PX))
        icons = {
            self.source: "camera",
            self.calibrate: "stand",
            self.mute: "muted" if self.mute.isChecked() else "speaker",
            self.mirror: "mirror",
            self.layout_button: "layout",
            self.delay: "delay",
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
        """Show which source is chosen."""
        self._choice = choice
        self._show_source()

    def show_running(self, running: bool) -> None:
        """Turn Start into Stop and back."""
        self._running = running
        p, px = self._theme.palette, self._theme.px(_ICON_PX)
        word = tr("Stop") if running else tr("Start")
        self.start.setText(f" {word}")
        self.start.setAccessibleName(word)
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
        label = tr(source_label(self._choice, self._cameras or ()))
        metrics = QFontMetrics(self.source.font())
        words = metrics.elidedText(label, Qt.TextElideMode.ElideRight, self._room_for_source())
        self.source.setText(f" {words}")
        self.source.setAccessibleName(tr("Source: {name}").format(name=label))

    def _room_for_source(self) -> int:
        """Return how wide the words on the source button may be, px."""
        others = [self.calibrate, self.start, self.layout_button, self.delay]
        others += [self.mute, self.mirror, self.look, self.full]
        taken = sum(button.sizeHint().width() + self._box.spacing() for button in others)
        return max(self._theme.px(120), min(self._theme.px(420), self.width() - taken - self._theme.px(80)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the source's name as there is room for."""
        super().resizeEvent(event)
        self._show_source()

    def _open_menu(self) -> None:
        self.cameras_wanted.emit()
        self._fill_menu()

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.clear()
        if self._cameras is None:
            menu.addAction(tr("Looking for cameras …")).setEnabled(False)
        elif not self._cameras:
            menu.addAction(tr("No camera found")).setEnabled(False)
        for camera, name in self._cameras or ():
            self._add_choice(menu, name, replace(self._choice, kind=SourceKind.CAMERA, camera=camera))
        menu.addSeparator()
        acts = menu.addMenu(tr("Virtual runner"))
        for act, words in ACT_WORDS:
            if act:
                self._add_choice(acts, tr(words), replace(self._choice, kind=SourceKind.VIRTUAL, act=act))
            else:
                acts.addSeparator()
        menu.addSeparator()
        clip = menu.addAction(tr("Open clip …"))
        clip.triggered.connect(self.clip_wanted)

    def _add_choice(self, menu: QMenu, words: str, choice: Choice) -> QAction:
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(source_label(choice) == source_label(self._choice))
        action.triggered.connect(lambda: self.chosen.emit(choice))
        return action


def _with_key(words: str, key: str) -> str:
    return f"{words} ({key})" if key else words
