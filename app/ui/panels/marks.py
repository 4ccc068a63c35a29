"""Small marks that double every colour by a shape: passed, failed, waiting, now, to come, taken out."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Tone

if TYPE_CHECKING:
    from app.ui.theme import Palette, Theme

#: Marks are drawn on a 24 x 24 grid.
GRID: Final = 24.0


class Mark(StrEnum):
    """What a mark says."""

    PASSED = "passed"
    FAILED = "failed"
    HINT = "hint"
    WAITING = "waiting"
    NOW = "now"
    TO_COME = "to_come"
    PAUSED = "paused"
    OUT = "out"


MARK_TONES: Final[dict[Mark, Tone]] = {
    Mark.PASSED: Tone.GOOD,
    Mark.FAILED: Tone.OFF,
    Mark.HINT: Tone.INFO,
    Mark.WAITING: Tone.CALM,
    Mark.NOW: Tone.INFO,
    Mark.TO_COME: Tone.CALM,
    Mark.PAUSED: Tone.OFF,
    Mark.OUT: Tone.CALM,
}


def paint_mark(painter: QPainter, mark: Mark, box: QRectF, palette: Palette) -> None:
    """Paint a mark into ``box``: a filled disc or triangle with a cut-out sign, or an outline."""
    colour, ground = palette.tone(MARK_TONES[mark]), QColor(palette.surface)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.x(), box.y())
    painter.scale(box.width() / GRID, box.height() / GRID)
    round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    sign = QPen(ground, 2.6, Qt.PenStyle.SolidLine, round_cap, round_join)
    line = QPen(colour, 2.2, Qt.PenStyle.SolidLine, round_cap, round_join)
    middle = QPointF(12, 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if mark is Mark.FAILED:
        painter.setPen(QPen(colour, 3.0, Qt.PenStyle.SolidLine, round_cap, round_join))
        painter.drawPolygon(_points((12, 3.6), (21.6, 20.2), (2.4, 20.2)))
        painter.setPen(sign)
        painter.drawLine(QPointF(12, 9.6), QPointF(12, 13.6))
        painter.drawPoint(QPointF(12, 17.6))
    elif mark in (Mark.PASSED, Mark.HINT, Mark.PAUSED):
        painter.drawEllipse(middle, 10.5, 10.5)
        painter.setPen(sign)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _sign(painter, mark)
    else:
        painter.setPen(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(middle, 9.4, 9.4)
        painter.setBrush(colour)
        if mark is Mark.NOW:
            painter.drawEllipse(middle, 3.6, 3.6)
        elif mark is Mark.OUT:
            painter.drawLine(QPointF(8, 12), QPointF(16, 12))
        elif mark is Mark.WAITING:
            for x in (7.8, 12.0, 16.2):
                painter.drawPoint(QPointF(x, 12))
    painter.restore()


def _sign(painter: QPainter, mark: Mark) -> None:
    if mark is Mark.PASSED:
        painter.drawPolyline(_points((7.2, 12.5), (10.6, 15.8), (16.8, 8.8)))
    elif mark is Mark.PAUSED:
        for x in (9.3, 14.7):
            painter.drawLine(QPointF(x, 8.4), QPointF(x, 15.6))
    else:
        painter.drawPoint(QPointF(12, 7.4))
        painter.drawLine(QPointF(12, 11.4), QPointF(12, 16.8))


def _points(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def mark_icon(mark: Mark, palette: Palette, size_px: int) -> QIcon:
    """Return a mark as an icon of ``size_px``, sharp up to twice that."""
    pixmap = QPixmap(2 * size_px, 2 * size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_mark(painter, mark, QRectF(0, 0, 2 * size_px, 2 * size_px), palette)
    painter.end()
    pixmap.setDevicePixelRatio(2.0)
    icon = QIcon(pixmap)
    # A chosen row keeps the mark's own colour.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


class MarkView(QWidget):
    """Shows one mark; its row's words say the same, so that a screen reader needs none."""

    def __init__(self, theme: Theme, mark: Mark = Mark.WAITING, size_px: int = 22) -> None:
        super().__init__()
        self._theme, self._mark, self._size_px = theme, mark, size_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def mark(self) -> Mark:
        """Which one is shown."""
        return self._mark

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_mark(self, mark: Mark) -> None:
        """Show another one."""
        if mark is not self._mark:
            self._mark = mark
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for its size."""
        side = self._theme.px(self._size_px)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark."""
        side = float(min(self.width(), self.height()))
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        paint_mark(QPainter(self), self._mark, box, self._theme.palette)
