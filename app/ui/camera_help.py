"""No camera, or none that may be used: what is wrong, what to do on this system, and what can be done without one.

`camera_help` has the words, `CameraHelpCard` shows them in place of the picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.icons import icon, paint_shape
from app.ui.theme import BODY_PX, TITLE_PX, Theme
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable


class CameraProblem(StrEnum):
    """What may be wrong with a camera."""

    REFUSED = "refused"  # it may not be used
    BLOCKED = "blocked"  # macOS, Windows: it does not open, mostly because it may not be used
    NONE = "none"  # there is none
    BUSY = "busy"  # another program has it
    LOST = "lost"  # it was there


@dataclass(frozen=True, slots=True)
class CameraHelp:
    """What to tell, in the user's language.

    Attributes:
        problem: what is wrong. title: in a few words.
        lines: what it means; why the camera is needed.
        steps: what to do, one after the other; the first is the likeliest to help.
        settings_url: opens the place where it is allowed, "" where there is none.
        offers_demo: whether to offer the virtual runner and a clip instead.

    """

    problem: CameraProblem
    title: str
    lines: tuple[str, ...]
    steps: tuple[str, ...]
    settings_url: str = ""
    offers_demo: bool = True


#: How the lines that the camera's errors are made of (`capture.cameras`, `capture.webcam`) tell the problem.
_SIGNS: Final = (
    (r"^No permission to use .*video\d", CameraProblem.REFUSED),
    (r"^Camera \d+ does not open: .*allow this one to use it", CameraProblem.BLOCKED),
    (r"^There is no camera \d", CameraProblem.NONE),
    (r"^No camera is named ", CameraProblem.NONE),
    (r"^Camera \d+ (does not open|opens but gives no picture)", CameraProblem.BUSY),
    (r"^Camera \d+ (gives no more pictures|gave no picture|came back|failed in its driver)", CameraProblem.LOST),
)

WHY: Final = mark("Hinge Coach watches how you run or stand, and tells you the one thing to change.")
PRIVATE: Final = mark("The picture never leaves this computer.")
UNASKED: Final = mark("Nothing is recorded unasked.")

_TITLES: Final = {
    CameraProblem.REFUSED: mark("The camera may not be used yet"),
    CameraProblem.BLOCKED: mark("The camera does not open"),
    CameraProblem.NONE: mark("No camera found"),
    CameraProblem.BUSY: mark("The camera is busy"),
    CameraProblem.LOST: mark("The camera is gone"),
}
_MEANINGS: Final = {
    CameraProblem.REFUSED: mark("This computer does not let Hinge Coach use the camera."),
    CameraProblem.BLOCKED: mark("Most likely it must be allowed first, or another program has it."),
    CameraProblem.NONE: mark("No camera is plugged in, or it goes by another name or number."),
    CameraProblem.BUSY: mark("Another program seems to have it, or it needs a fresh start."),
    CameraProblem.LOST: mark("It gave pictures, and then no more. A loose cable is the usual reason."),
}

_PLUG_IN: Final = mark("Plug a camera in, or open the cover of the built-in one.")
_CHOOSE: Final = mark("Choose the camera at the top of this window.")
_CLOSE_OTHERS: Final = mark("Close other programs that use it: video calls, browser tabs, recorders.")
_REPLUG: Final = mark("Unplug it and plug it in again, in another socket if there is one.")
_ALLOW: Final = {
    "darwin": (
        mark("Open System Settings, Privacy & Security, Camera."),
        mark("Switch on the app that you started Hinge Coach from, for example Terminal, and start it anew."),
    ),
    "win32": (
        mark("Open Settings, Privacy & security, Camera."),
        mark("Switch on “Camera access” and, further down, “Let desktop apps access your camera”."),
    ),
    "linux": (
        mark("Give your user the right to it, in a terminal: sudo usermod -aG video $USER"),
        mark("Log out of the desktop and in again: only then does it count."),
    ),
}
_SETTINGS_URL: Final = {
    "darwin": "x-apple.systempreferences:com.apple.preference.security?Privacy_Camera",
    "win32": "ms-settings:privacy-webcam",
}
_UNKNOWN_SYSTEM: Final = (mark("Allow the camera in the privacy settings of this computer."),)


def camera_problem(error: str) -> CameraProblem | None:
    """Return what is wrong with the camera by the line of a source's error, None where it is no matter of a camera."""
    return next((problem for sign, problem in _SIGNS if re.search(sign, error)), None)


def camera_help(problem: CameraProblem | str, platform: str) -> CameraHelp | None:
    """Return what to tell.

    Args:
        problem: what is wrong, or the line of a source's error; for a line that is not of a camera None is returned.
        platform: as `sys.platform` tells it.

    """
    found = problem if isinstance(problem, CameraProblem) else camera_problem(problem)
    if found is None:
        return None
    system = "linux" if platform.startswith("linux") else platform
    allow = _ALLOW.get(system, _UNKNOWN_SYSTEM)
    steps = {
        CameraProblem.REFUSED: allow,
        CameraProblem.BLOCKED: (*allow, _CLOSE_OTHERS),
        CameraProblem.NONE: (_PLUG_IN, _CHOOSE),
        CameraProblem.BUSY: (_CLOSE_OTHERS, _REPLUG),
        CameraProblem.LOST: (_REPLUG, _CLOSE_OTHERS),
    }[found]
    asks = found in (CameraProblem.REFUSED, CameraProblem.BLOCKED)
    return CameraHelp(
        found,
        tr(_TITLES[found]),
        (tr(_MEANINGS[found]), tr(WHY)),
        tuple(tr(step) for step in steps),
        _SETTINGS_URL.get(system, "") if asks else "",
    )


class _Shape(QWidget):
    """One of the drawn icons, on a disc."""

    def __init__(self, name: str, size_px: float, disc: bool = False) -> None:
        super().__init__()
        self._name, self._size_px, self._disc = name, size_px, disc
        self._colour, self._ground = QColor(), QColor()

    def set_theme(self, theme: Theme, colour: str) -> None:
        self._colour, self._ground = QColor(colour), QColor(theme.palette.raised)
        self.setFixedSize(theme.px(self._size_px), theme.px(self._size_px))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self._disc:
            painter.setBrush(self._ground)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(box)
            inset = 0.24 * box.width()
            box = box.adjusted(inset, inset, -inset, -inset)
        paint_shape(painter, self._name, box, self._colour)


_STEP_ROWS: Final = 3
_WIDEST_PX: Final = 640
_BUTTON_PX: Final = 46
#: A lower card leaves out what is not needed to get on.
_COMPACT_BELOW_PX: Final = 540
_COMPACT_BUTTON_PX: Final = 38
#: Narrower, and the buttons stand one below the other.
_ONE_COLUMN_BELOW_PX: Final = 430


class CameraHelpCard(QWidget):
    """The card in place of the picture.

    Signals:
        retry: try the camera again. demo: show the virtual runner. clip: open a video instead.

    Args:
        theme: colours and sizes.
        open_url: opens the system's settings.

    """

    retry = Signal()
    demo = Signal()
    clip = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, open_url: Callable[[QUrl], object] = QDesktopServices.openUrl
    ) -> None:
        super().__init__(parent)
        self._open_url = open_url
        self._compact = False
        self._placed: tuple[object, ...] = ()
        self.help: CameraHelp | None = None
        self.title, self.text, self.private = QLabel(), QLabel(), QLabel()
        self.steps = [QLabel() for _ in range(_STEP_ROWS)]
        self._numbers = [QLabel(str(number)) for number in range(1, _STEP_ROWS + 1)]
        self._mark, self._check = _Shape("camera", 56.0, disc=True), _Shape("check", 18.0)
        self.buttons = {
            "retry": QPushButton(tr("Try again")),
            "settings": QPushButton(tr("Camera settings")),
            "demo": QPushButton(tr("Show the demo")),
            "clip": QPushButton(tr("Open a video")),
        }
        self.buttons["demo"].setToolTip(tr("A virtual runner shows what Hinge Coach sees and says"))
        self.buttons["settings"].setToolTip(tr("Opens the settings of this computer"))
        self.buttons["retry"].setObjectName("primary")
        self.buttons["retry"].clicked.connect(self.retry)
        self.buttons["demo"].clicked.connect(self.demo)
        self.buttons["clip"].clicked.connect(self.clip)
        self.buttons["settings"].clicked.connect(self._open_settings)
        self._build()
        self.set_theme(theme)

    def _build(self) -> None:
        for label in (self.title, self.text, self.private, *self.steps):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._card = QFrame()
        self._card.setObjectName("surface")
        self._card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._head = QHBoxLayout()
        self._head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self._words = QVBoxLayout()
        self._words.addWidget(self.title)
        self._words.addWidget(self.text)
        self._head.addLayout(self._words, 1)
        self._list = QGridLayout()
        self._list.setColumnStretch(1, 1)
        for row, (number, step) in enumerate(zip(self._numbers, self.steps, strict=True)):
            number.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._list.addWidget(number, row, 0, Qt.AlignmentFlag.AlignTop)
            self._list.addWidget(step, row, 1)
        self._promise = QHBoxLayout()
        self._promise.addWidget(self._check, 0, Qt.AlignmentFlag.AlignTop)
        self._promise.addWidget(self.private, 1)
        self._row = QGridLayout()
        for button in self.buttons.values():
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._row.addWidget(button)
        self._box = QVBoxLayout(self._card)
        for layout in (self._head, self._list, self._promise, self._row):
            self._box.addLayout(layout)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self._middle = QGridLayout(inner)
        self._middle.addWidget(self._card, 1, 1)
        for side in (0, 2):
            self._middle.setColumnStretch(side, 1)
            self._middle.setRowStretch(side, 1)
        self._middle.setColumnStretch(1, 1000)
        self._scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours and sizes."""
        p, px = theme.palette, theme.px
        self._theme = theme
        button_px = px(_COMPACT_BUTTON_PX if self._compact else _BUTTON_PX)
        self.setStyleSheet(
            f"QPushButton {{ min-height: {button_px}px; font-size: {px(BODY_PX)}px; }}"
            f"QPushButton#primary {{ background: {p.good_fill}; color: {p.on_fill}; font-weight: 600; }}"
            f"QPushButton#primary:focus {{ border: 2px solid {p.text}; }}"
            "QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }"
            f"QFrame#surface {{ background: {p.surface}; border-radius: {px(16)}px; }}"
        )
        title_px, text_px = TITLE_PX + 8, BODY_PX + 1
        self.title.setFont(theme.font(title_px, QFont.Weight.DemiBold))
        for label, colour, size in (
            (self.title, p.text, title_px),
            (self.text, p.muted, text_px),
            (self.private, p.muted, text_px),
        ):
            label.setStyleSheet(f"color: {colour}; font-size: {px(size)}px;")
        for number, step in zip(self._numbers, self.steps, strict=True):
            number.setFixedSize(px(28), px(28))
            number.setStyleSheet(
                f"background: {p.raised}; color: {p.text}; border-radius: {px(28) // 2}px; font-weight: 600;"
            )
            step.setStyleSheet(f"color: {p.text}; font-size: {px(text_px)}px; padding-top: {px(3)}px;")
        self._mark.set_theme(theme, p.off)
        self._check.set_theme(theme, p.good)
        for name, shape in (("retry", "camera"), ("demo", "play")):
            self.buttons[name].setIcon(icon(shape, p.on_fill if name == "retry" else p.text, px(20)))
            self.buttons[name].setIconSize(QSize(px(20), px(20)))
        self._space()

    def _space(self) -> None:
        px, compact = self._theme.px, self._compact
        around, edge = (px(18), px(10)) if compact else (px(28), px(16))
        self._box.setContentsMargins(around, around, around, around)
        self._box.setSpacing(px(12 if compact else 20))
        self._head.setSpacing(px(18))
        self._words.setSpacing(px(6))
        for layout in (self._list, self._row):
            layout.setSpacing(px(6 if compact else 10))
        self._list.setHorizontalSpacing(px(12))
        self._promise.setSpacing(px(10))
        self._middle.setContentsMargins(edge, edge, edge, edge)
        self._card.setMaximumWidth(px(_WIDEST_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what does not fit."""
        super().resizeEvent(event)
        compact = self.height() < self._theme.px(_COMPACT_BELOW_PX)
        if compact != self._compact:
            self._compact = compact
            self.set_theme(self._theme)
            self._write()
        self._place_buttons()

    def show_help(self, told: CameraHelp) -> None:
        """Show these words."""
        self.help = told
        self._write()
        for place, (number, step) in enumerate(zip(self._numbers, self.steps, strict=True)):
            there = place < len(told.steps)
            step.setText(told.steps[place] if there else "")
            number.setVisible(there)
            step.setVisible(there)
        self.buttons["settings"].setVisible(bool(told.settings_url))
        for name in ("demo", "clip"):
            self.buttons[name].setVisible(told.offers_demo)
        self._place_buttons()
        self.setAccessibleName(told.title)
        self.setAccessibleDescription(" ".join((*told.lines, *told.steps, tr(PRIVATE))))

    def _write(self) -> None:
        """Write the words that depend on the space."""
        if self.help is None:
            return
        told, few = self.help, self._compact
        self._mark.setVisible(not few)
        self.title.setText(told.title)
        self.text.setText(told.lines[0] if few else " ".join(told.lines))
        self.private.setText(tr(PRIVATE) if few else f"{tr(PRIVATE)} {tr(UNASKED)}")

    def _place_buttons(self) -> None:
        """Put the buttons that are there two in a row, the first alone where they are odd in number."""
        columns = 1 if self.width() < self._theme.px(_ONE_COLUMN_BELOW_PX) else 2
        there = [button for button in self.buttons.values() if not button.isHidden()]
        if (columns, *there) == self._placed:
            return
        self._placed = (columns, *there)
        for button in self.buttons.values():
            self._row.removeWidget(button)
        alone = len(there) % columns
        for place, button in enumerate(there):
            if place < alone:
                self._row.addWidget(button, 0, 0, 1, columns)
            else:
                self._row.addWidget(button, (place + alone) // columns, (place + alone) % columns)
        for before, after in pairwise(there):
            QWidget.setTabOrder(before, after)

    def _open_settings(self) -> None:
        if self.help is not None and self.help.settings_url:
            self._open_url(QUrl(self.help.settings_url))
