"""What a page of settings is put together from: rows on a card, switches, pickers, steppers, segments.

All of them are large enough for a finger, say to a screen reader what their row says, can be worked by keyboard alone,
and are not changed by a wheel that only scrolls past. `app.ui.theme.control_style` is how they look.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.theme import BUTTON_PX, GAP_PX, Theme
from app.ui.wheel import not_by_the_way
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QPaintEvent

_SWITCH_PX: Final = (46, 26)
#: A page is not wider than this: long lines are hard to read.
PAGE_PX: Final = 780


def label(words: str, role: str) -> QLabel:
    """Return words in one of the roles of `control_style`; they wrap and are never taken for mark-up."""
    made = QLabel(words)
    made.setProperty("role", role)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


class Switch(QCheckBox):
    """A check box drawn as a switch: on is right, coloured, and has a tick."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the switch and a margin for the finger."""
        px = self._theme.px
        return QSize(px(_SWITCH_PX[0]) + px(8), px(BUTTON_PX))

    def hitButton(self, pos: object) -> bool:
        """Let the whole rectangle be clicked."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, knob, tick and the ring of the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px, on = self._theme.palette, self._theme.px, self.isChecked()
        width, height = px(_SWITCH_PX[0]), px(_SWITCH_PX[1])
        track = QRectF(px(4), (self.height() - height) / 2, width, height)
        if self.hasFocus():
            painter.setPen(QPen(QColor(p.info), px(2)))
            ring = track.adjusted(-px(3), -px(3), px(3), px(3))
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.setPen(QPen(QColor(p.good if on else p.muted), px(1.5)))
        painter.setBrush(QColor(p.good_fill if on else p.ground))
        painter.drawRoundedRect(track, height / 2, height / 2)
        radius = height / 2 - px(4)
        centre = QPointF(track.right() - height / 2 if on else track.left() + height / 2, track.center().y())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(p.on_fill if on else p.muted))
        painter.drawEllipse(centre, radius, radius)
        if on:
            tick = QPointF(track.left() + height * 0.52, track.center().y())
            unit = height / 26
            painter.setPen(QPen(QColor(p.on_fill), 2.2 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            points = ((-5, 0), (-1.5, 3.5), (5, -4))
            painter.drawPolyline(QPolygonF([tick + QPointF(x * unit, y * unit) for x, y in points]))


class Picker(QComboBox):
    """A list to pick one of; every entry has a value beside its words."""

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(14)
        self.activated.connect(lambda index: self.picked.emit(self.itemData(index)))
        not_by_the_way(self)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.setMinimumWidth(theme.px(240))
        self.update()

    def fill(self, entries: Iterable[tuple[object, str]], current: object) -> None:
        """Offer other (value, words); ``current`` is marked, the first where it is not among them."""
        self.clear()
        for value, words in entries:
            self.addItem(words, value)
        self.show_value(current)

    def show_value(self, value: object) -> None:
        """Mark a value."""
        values = [self.itemData(index) for index in range(self.count())]
        self.setCurrentIndex(values.index(value) if value in values else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, and the arrow that style sheets take away."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        x, y, unit = self.width() - px(19), self.height() / 2, px(5)
        painter.setPen(QPen(QColor(p.text if self.isEnabled() else p.muted), px(1.8)))
        painter.drawPolyline(
            QPolygonF([QPointF(x - unit, y - unit / 2), QPointF(x, y + unit / 2), QPointF(x + unit, y - unit / 2)])
        )


class Stepper(QWidget):
    """A number with a large minus and plus; it can be typed, too."""

    changed = Signal(float)

    def __init__(self, theme: Theme, least: float, most: float, step: float, decimals: int, unit: str) -> None:
        super().__init__()
        self.box = not_by_the_way(QDoubleSpinBox())
        # Its own buttons are hidden by the style sheet; asked for no buttons, Qt 6.11 leaves no room for the number.
        self.box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.box.setKeyboardTracking(False)
        self.less, self.more = QToolButton(), QToolButton()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.less, self.box, self.more):
            self._row.addWidget(widget)
        for button, sign, way in ((self.less, "−", self.box.stepDown), (self.more, "+", self.box.stepUp)):
            button.setText(sign)
            button.setProperty("icon_only", True)
            button.setAutoRepeat(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys in the number do the same
            button.clicked.connect(way)
        self.set_range(least, most, step, decimals, unit)
        self.box.valueChanged.connect(self.changed)
        self.setFocusProxy(self.box)
        self.set_theme(theme)

    def set_range(self, least: float, most: float, step: float, decimals: int, unit: str) -> None:
        """Take another range; nothing is emitted."""
        with QSignalBlocker(self.box):
            self.box.setDecimals(decimals)
            self.box.setRange(least, most)
            self.box.setSingleStep(step)
            self.box.setSuffix(f" {unit}")

    def show_value(self, value: float) -> None:
        """Show another number; nothing is emitted."""
        with QSignalBlocker(self.box):
            self.box.setValue(value)

    def setAccessibleName(self, name: str) -> None:
        """Name the number and its two buttons."""
        super().setAccessibleName(name)
        self.box.setAccessibleName(name)
        self.less.setAccessibleName(tr("{what}: less").format(what=name))
        self.more.setAccessibleName(tr("{what}: more").format(what=name))

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        self.box.setFixedWidth(theme.px(120))
        self._row.setSpacing(theme.px(6))


class Segments(QWidget):
    """A few choices side by side, one of which holds."""

    picked = Signal(object)

    def __init__(self, theme: Theme, entries: Sequence[tuple[object, str]]) -> None:
        super().__init__()
        self.setObjectName("segments")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._group = QButtonGroup(self)
        self.buttons: dict[object, QToolButton] = {}
        for value, words in entries:
            button = QToolButton()
            button.setText(words)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _checked=False, value=value: self.picked.emit(value))
            self._group.addButton(button)
            self._row.addWidget(button)
            self.buttons[value] = button
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def show_value(self, value: object) -> None:
        """Mark a value."""
        self.buttons[value].setChecked(True)

    def setAccessibleName(self, name: str) -> None:
        """Name the group, and each choice within it."""
        super().setAccessibleName(name)
        for button in self.buttons.values():
            button.setAccessibleName(f"{name}: {button.text()}")

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        px = theme.px
        self._row.setContentsMargins(px(3), px(3), px(3), px(3))
        self._row.setSpacing(px(2))


class Card(QWidget):
    """Rows on a surface, with hairlines between them: words at the left, what is done about them at the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._box = QVBoxLayout(self)
        self._rows: list[QHBoxLayout] = []
        self._texts: dict[QWidget, QVBoxLayout] = {}
        self._told: dict[QWidget, QLabel] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.set_theme(theme)

    def add_row(self, words: str, *controls: QWidget, help_words: str = "") -> QWidget:
        """Add a row; the first of ``controls`` is named by ``words`` for a screen reader. Returns the row."""
        row, texts = QWidget(), QVBoxLayout()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        texts.setSpacing(2)
        texts.addWidget(label(words, "label"))
        if help_words:
            texts.addWidget(label(help_words, "help"))
        line.addLayout(texts, 1)
        for control in controls:
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        if controls:
            controls[0].setAccessibleName(words)
            controls[0].setAccessibleDescription(help_words)
        self._rows.append(line)
        self._texts[row] = texts
        return self.add_widget(row)

    def add_control(self, row: QWidget, control: QWidget) -> None:
        """Add something to a row, before its other controls."""
        line = row.layout()
        if isinstance(line, QHBoxLayout):
            line.insertWidget(1, control, 0, Qt.AlignmentFlag.AlignVCenter)

    def told(self, row: QWidget) -> str:
        """Return what was told in a row, "" for nothing."""
        return self._told[row].text() if row in self._told else ""

    def tell(self, row: QWidget, words: str) -> None:
        """Write below the words of a row what is wrong there, "" for nothing."""
        if row not in self._told:
            self._told[row] = label("", "problem")
            self._texts[row].addWidget(self._told[row])
        self._told[row].setText(words)
        self._told[row].setVisible(bool(words))

    def add_widget(self, widget: QWidget) -> QWidget:
        """Add something that fills a row, and return it."""
        self._box.addWidget(widget)
        return widget

    def hairlines(self) -> list[float]:
        """Return the heights at which a hairline lies, px: half way between any two rows that are shown."""
        items = [self._box.itemAt(index) for index in range(self._box.count())]
        widgets = [item.widget() for item in items if item is not None]
        rows = [widget.geometry() for widget in widgets if widget is not None and not widget.isHidden()]
        return [(above.bottom() + 1 + below.top()) / 2 for above, below in itertools.pairwise(rows)]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hairlines: as widgets of their own they would double what a style sheet has to look at."""
        painter = QPainter(self)
        margins = self._box.contentsMargins()
        for y in self.hairlines():
            line = QRectF(margins.left(), int(y), self.width() - margins.left() - margins.right(), 1.0)
            painter.fillRect(line, QColor(self._theme.palette.hairline))

    def show_row(self, row: QWidget, shown: bool) -> None:
        """Show or hide a row, and the hairline above it."""
        row.setVisible(shown)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        px = theme.px
        self._theme = theme
        self._box.setContentsMargins(px(18), px(12), px(18), px(12))
        self._box.setSpacing(2 * px(10) + 1)
        for row in self._rows:
            row.setSpacing(px(GAP_PX))


class Column(QScrollArea):
    """A page that scrolls: a heading, then cards, not wider than can be read."""

    def __init__(self, theme: Theme, heading: str) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._inside = QWidget()
        self._inside.setObjectName("column")
        self._box = QVBoxLayout(self._inside)
        self._box.addWidget(label(heading, "heading"))
        self._box.addStretch(1)
        self.setWidget(self._inside)
        Column.set_theme(self, theme)  # that of a subclass needs what is not there yet

    def add(self, widget: QWidget) -> QWidget:
        """Add something below the rest, and return it."""
        self._box.insertWidget(self._box.count() - 1, widget)
        return widget

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        px = theme.px
        self._inside.setMaximumWidth(px(PAGE_PX))
        self._box.setContentsMargins(px(4), 0, px(14), px(GAP_PX))
        self._box.setSpacing(px(GAP_PX))


def themed(parent: QWidget, theme: Theme) -> None:
    """Hand a theme to ``parent``, if it is a page that scrolls, and all the controls below it."""
    if isinstance(parent, Column):
        parent.set_theme(theme)
    for control in parent.findChildren(QWidget):
        if isinstance(control, Switch | Picker | Stepper | Segments | Card | Column):
            control.set_theme(theme)
