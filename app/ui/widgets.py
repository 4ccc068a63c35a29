"""Small building blocks: elided line, tunnel counters, bar of the weight shift, error banner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.ui.theme import CAPTION_PX, Theme, Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Hold, Tunnel


class ElidedLine(QWidget):
    """One line of text that ends in … where it does not fit; the whole is in the tooltip."""

    def __init__(self, theme: Theme, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
        super().__init__()
        self._theme, self._align = theme, align
        self._text = ""
        self._tone: Tone | None = None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_text(self, text: str, tone: Tone | None = None) -> None:
        """Show another text; a ``tone`` puts a dot in its colour before it."""
        if (text, tone) != (self._text, self._tone):
            self._text, self._tone = text, tone
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(self._theme.font(CAPTION_PX + 1))

    def sizeHint(self) -> QSize:
        """Ask for the whole text."""
        metrics = self._metrics()
        return QSize(metrics.horizontalAdvance(self._text) + self._dot_px() + 4, round(metrics.height() * 1.2))

    def minimumSizeHint(self) -> QSize:
        """Make do with a few letters."""
        return QSize(min(self.sizeHint().width(), 60), self.sizeHint().height())

    def _dot_px(self) -> int:
        return round(self._metrics().height() * 0.95) if self._tone is not None else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dot and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, metrics = self._theme.palette, self._metrics()
        painter.setFont(self._theme.font(CAPTION_PX + 1))
        if self._tone is not None:
            painter.setBrush(p.tone(self._tone))
            painter.setPen(Qt.PenStyle.NoPen)
            radius = metrics.height() * 0.26
            painter.drawEllipse(QPointF(radius + 1, self.height() / 2), radius, radius)
        box = self.rect().adjusted(self._dot_px(), 0, 0, 0)
        painter.setPen(QColor(p.muted))
        text = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | self._align, text)


class ShiftBar(QWidget):
    """Where the weight is between the rear (0) and the front foot (1) of the starting-line stance.

    Args:
        theme: looks. band: where it is good; None shows none.

    """

    def __init__(self, theme: Theme, band: tuple[float, float] | None = None) -> None:
        super().__init__()
        self._theme, self.band = theme, band
        self._shift = math.nan
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()

    def set_shift(self, shift: float) -> None:
        """Show another weight shift (NaN = not measured)."""
        self._shift = shift
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a line of words and the bar."""
        return QSize(160, self._theme.px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bar, knob and the two words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        bar = QRectF(px(8), px(6), self.width() - 2 * px(8), px(6))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(p.raised))
        painter.drawRoundedRect(bar, px(3), px(3))
        if self.band is not None:
            left, right = (bar.left() + bar.width() * end for end in self.band)
            good = QColor(p.good)
            painter.setPen(QPen(good, px(2)))
            for x in (left, right):
                painter.drawLine(QPointF(x, bar.top() - px(3)), QPointF(x, bar.bottom() + px(3)))
            good.setAlphaF(0.55)
            painter.fillRect(QRectF(left, bar.top(), right - left, bar.height()), good)
        if math.isfinite(self._shift):
            x = bar.left() + bar.width() * min(max(self._shift, 0.0), 1.0)
            painter.setBrush(p.tone(Tone.INFO))
            painter.setPen(QPen(QColor(p.surface), px(2)))
            painter.drawEllipse(QPointF(x, bar.center().y()), px(8), px(8))
        painter.setFont(self._theme.font(CAPTION_PX))
        painter.setPen(QColor(p.muted))
        words = QRectF(0, px(17), self.width(), self.height() - px(17))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, tr("rear foot"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tr("front foot"))


#: What may be counted while running, with its caption and help.
COUNTED: Final = {
    "inside": (mark("in tunnel"), mark("Share of the counted steps under the roof and over the floor")),
    "hits": (mark("roof hits"), mark("Steps whose highest head went through the roof")),
    "longest": (mark("in a row"), mark("Most steps in a row inside the tunnel")),
    "floor": (
        mark("too low"),
        mark("Steps that sank through the floor, or with the knees bent too far; a dash: not known yet"),
    ),
    "cadence": (mark("steps/min"), mark("Steps per minute, both feet")),
}


class Counters(QWidget):
    """Tunnel counters while running, the hold while standing on the starting line.

    Args:
        theme: colours and sizes.
        counted: which numbers (keys of `COUNTED`), from left to right.

    """

    def __init__(self, theme: Theme, counted: tuple[str, ...] = ("inside", "hits", "longest", "cadence")) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.numbers = {name: _number_label() for name in counted}
        self.hold_numbers = {name: _number_label() for name in ("held", "lean")}
        self._captions: dict[str, QLabel] = {}
        self.shift = ShiftBar(theme)
        run = QWidget()
        grid = QGridLayout(run)
        grid.setContentsMargins(0, 0, 0, 0)
        for column, (name, label) in enumerate(self.numbers.items()):
            caption = self._captions[name] = _caption(tr(COUNTED[name][0]))
            for part in (label, caption):
                part.setToolTip(tr(COUNTED[name][1]))
            grid.addWidget(label, 0, column)
            grid.addWidget(caption, 1, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
        stance = QWidget()
        row = QHBoxLayout(stance)
        row.setContentsMargins(0, 0, 0, 0)
        for name, word in (("held", tr("held")), ("lean", tr("line lean"))):
            column_box = QVBoxLayout()
            column_box.setSpacing(0)
            column_box.addWidget(self.hold_numbers[name])
            column_box.addWidget(_caption(word))
            row.addLayout(column_box, 2)
        row.addWidget(self.shift, 4)
        self._grid, self._row = grid, row
        # The layout gets its parent first: it shows its first page, and what has none becomes a window.
        self._pages = QStackedLayout()
        self._box = QVBoxLayout(self)
        self._box.addLayout(self._pages)
        self._pages.addWidget(run)
        self._pages.addWidget(stance)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)
        self.clear()

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        gap = theme.px(14)
        self._caption_font = theme.font(CAPTION_PX)
        self._box.setContentsMargins(gap, theme.px(10), gap, theme.px(10))
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(0)
        self._row.setSpacing(theme.px(12))
        self.shift.set_theme(theme)

    def fit_width(self, width: int) -> None:
        """Break the captions into two lines where one of them needs more than its share of ``width`` px."""
        margins, columns = self._box.contentsMargins(), len(self._captions)
        free = width - margins.left() - margins.right() - (columns - 1) * self._grid.horizontalSpacing()
        words = {name: tr(COUNTED[name][0]) for name in self._captions}
        metrics = QFontMetrics(self._caption_font)
        broken = any(metrics.horizontalAdvance(caption) > free // columns for caption in words.values())
        for name, label in self._captions.items():
            label.setText(in_two(words[name]) if broken else words[name])

    def clear(self) -> None:
        """Show that nothing was counted."""
        for label in (*self.numbers.values(), *self.hold_numbers.values()):
            label.setText("–")
        self.shift.set_shift(math.nan)
        self._pages.setCurrentIndex(0)

    def show_report(self, report: CoachReport) -> None:
        """Show the counters of a report; call it at 4 Hz."""
        self._pages.setCurrentIndex(1 if report.hold is not None else 0)
        if report.hold is not None:
            self._show_hold(report.hold)
            return
        self._show_tunnel(report.tunnel)
        cadence = report.cadence_spm
        self._write("cadence", f"{cadence:.0f}" if math.isfinite(cadence) else "–")

    def _show_tunnel(self, tunnel: Tunnel | None) -> None:
        if tunnel is None or tunnel.steps == 0:
            for name in ("inside", "hits", "longest", "floor"):
                self._write(name, "–")
            return
        inside = tunnel.share_inside if math.isfinite(tunnel.share_inside) else 1.0 - tunnel.hits / tunnel.steps
        self._write("inside", f"{100.0 * inside:.0f}%")
        self._write("hits", str(tunnel.hits))
        self._write("longest", str(tunnel.longest_clean_run))
        self._write("floor", str(tunnel.below_floor_steps) if math.isfinite(tunnel.floor_below_standing_bh) else "–")

    def _write(self, name: str, words: str) -> None:
        if name in self.numbers:
            self.numbers[name].setText(words)

    def _show_hold(self, hold: Hold) -> None:
        self.hold_numbers["held"].setText(f"{max(0.0, hold.end_s - hold.start_s):.0f} s")
        lean = hold.values.theta_l_deg
        self.hold_numbers["lean"].setText(f"{lean:.0f}°" if math.isfinite(lean) else "–")
        self.shift.set_shift(hold.values.weight_shift)


class Banner(QWidget):
    """The error line over the last good picture, with a button that tries again."""

    retry = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.label = QLabel()
        self.label.setProperty("role", "error")
        self.label.setWordWrap(True)
        self.button = QPushButton(tr("Retry"))
        self.button.setToolTip(tr("Try the same source again (Space)"))
        self.button.clicked.connect(self.retry)
        self._box = QHBoxLayout(self)
        self._box.addWidget(self.label, 1)
        self._box.addWidget(self.button, 0)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        gap = theme.px(16)
        self._box.setContentsMargins(gap, theme.px(12), gap, theme.px(12))
        self._box.setSpacing(gap)

    def show_error(self, line: str) -> None:
        """Show a line, "" hides the banner."""
        self.label.setText(line)
        self.setVisible(bool(line))
        self.place()

    def place(self) -> None:
        """Lie along the top edge of the parent, as tall as the words need."""
        parent = self._over
        margin = self._box.spacing()
        width = parent.width() - 2 * margin
        height = max(self._box.heightForWidth(width), self._box.minimumSize().height())
        self.setGeometry(margin, margin, width, min(height, parent.height() - 2 * margin))


def _number_label() -> QLabel:
    label = QLabel("–")
    label.setProperty("role", "number")
    return label


def _caption(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", "caption")
    label.setMinimumWidth(1)
    return label


def in_two(words: str) -> str:
    """Return words on two lines, broken where the longer line is shortest; one word stays as it is."""
    parts = words.split(" ")
    ways = [f"{' '.join(parts[:k])}\n{' '.join(parts[k:])}" for k in range(1, len(parts))]
    return min(ways, key=lambda way: max(map(len, way.split("\n"))), default=words)
