"""A large ring that fills: a hold, a countdown, a repetition, checks passed; with a number in its middle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.icons import paint_shape
from app.ui.theme import CAPTION_PX, Tone

if TYPE_CHECKING:
    from app.ui.theme import Theme


class Ring(QWidget):
    """A ring of ``size_px`` (at scale 1)."""

    def __init__(self, theme: Theme, size_px: int = 128) -> None:
        super().__init__()
        self._theme, self._size_px = theme, size_px
        self.progress = math.nan
        self.big, self.small = "", ""
        self.tone, self.shape = Tone.CALM, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def beside(self, *words: QWidget) -> QHBoxLayout:
        """Return a row of the ring and, in the middle of its height, words below one another."""
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addStretch(1)
        for widget in words:
            column.addWidget(widget)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        return row

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_progress(
        self, progress: float, big: str, small: str = "", tone: Tone = Tone.INFO, shape: str = ""
    ) -> None:
        """Show a share 0..1 (NaN: only the track), a large number and a small line; ``shape`` takes the number's place.

        Cheap where nothing changed, so it may be called with every frame.
        """
        # To a three-hundredth of the way round nobody sees a difference.
        share = round(min(max(progress, 0.0), 1.0), 3) if math.isfinite(progress) else math.nan
        same = share == self.progress or (math.isnan(share) and math.isnan(self.progress))
        if same and (big, small, tone, shape) == (self.big, self.small, self.tone, self.shape):
            return
        words_same = (big, small) == (self.big, self.small)
        self.progress, self.big, self.small, self.tone, self.shape = share, big, small, tone, shape
        if not words_same:
            self.setAccessibleName(f"{big} {small}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        side = self._theme.px(self._size_px)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, arc and what is in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, side = self._theme.palette, float(min(self.width(), self.height()))
        width = side * 0.085
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        ring = box.adjusted(width / 2 + 1, width / 2 + 1, -width / 2 - 1, -width / 2 - 1)
        painter.setPen(QPen(QColor(p.raised), width))
        painter.drawEllipse(ring)
        if self.progress > 0.0:
            painter.setPen(QPen(p.tone(self.tone), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawArc(ring, 90 * 16, -round(self.progress * 360 * 16))
        if self.shape:
            inset = side * 0.27
            paint_shape(painter, self.shape, box.adjusted(inset, inset, -inset, -inset), p.tone(self.tone), 2.0)
            return
        self._paint_words(painter, box)

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        p, side, room = self._theme.palette, box.height(), box.width() * 0.70
        font = self._theme.font(1, QFont.Weight.Bold)
        font.setPixelSize(100)
        wide = QFontMetricsF(font).horizontalAdvance(self.big) / 100.0
        font.setPixelSize(max(8, int(min(side * (0.36 if self.small else 0.42), room / max(wide, 0.5)))))
        painter.setFont(font)
        painter.setPen(QColor(p.text))
        up = side * 0.07 if self.small else 0.0
        painter.drawText(box.translated(0, -up), Qt.AlignmentFlag.AlignCenter, self.big)
        if self.small:
            small = self._theme.font(CAPTION_PX, QFont.Weight.Medium)
            small.setPixelSize(max(small.pixelSize(), int(side * 0.105)))
            wide = QFontMetricsF(small).horizontalAdvance(self.small) / (room * 0.92)
            small.setPixelSize(max(8, int(small.pixelSize() / max(wide, 1.0))))
            painter.setFont(small)
            painter.setPen(QColor(p.muted))
            under = QRectF(box.x(), box.center().y() + side * 0.13, box.width(), side * 0.16)
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter, self.small)
