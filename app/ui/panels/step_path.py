"""The steps of the exam as a vertical path: done, now, still to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.panels.marks import Mark, paint_mark
from app.ui.theme import BODY_PX, CAPTION_PX
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.theme import Theme

ROW_PX, MARK_PX = 32, 22


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step: what it is called, how it stands, and a few words on what came of it."""

    title: str
    mark: Mark
    note: str = ""


class StepPath(QWidget):
    """Paints the steps below one another, joined by a line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: tuple[PathStep, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def steps(self) -> tuple[PathStep, ...]:
        """What is shown."""
        return self._steps

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_steps(self, steps: tuple[PathStep, ...]) -> None:
        """Show other steps."""
        if steps == self._steps:
            return
        self._steps = steps
        said = {
            Mark.PASSED: tr("done"),
            Mark.NOW: tr("now"),
            Mark.PAUSED: tr("paused"),
            Mark.FAILED: tr("not told apart"),
        }
        words = (f"{step.title}: {said.get(step.mark, tr('to come'))} {step.note}".strip() for step in steps)
        self.setAccessibleName("; ".join(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a row for each step."""
        return QSize(200, self._theme.px(ROW_PX) * max(1, len(self._steps)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint line, marks and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        row, side = px(ROW_PX), px(MARK_PX)
        for index, step in enumerate(self._steps):
            top = index * row
            middle = QPointF(side / 2, top + row / 2)
            if index:
                done = self._steps[index - 1].mark is Mark.PASSED
                painter.setPen(QPen(QColor(p.good if done else p.hairline), px(2)))
                gap = side / 2 + px(2)
                painter.drawLine(middle - QPointF(0, row - gap), middle - QPointF(0, gap))
            paint_mark(painter, step.mark, QRectF(0, top + (row - side) / 2, side, side), p)
            self._paint_words(painter, step, QRectF(side + px(10), top, self.width() - side - px(10), row))

    def _paint_words(self, painter: QPainter, step: PathStep, box: QRectF) -> None:
        p = self._theme.palette
        now = step.mark in (Mark.NOW, Mark.PAUSED)
        title = self._theme.font(BODY_PX, QFont.Weight.Bold if now else QFont.Weight.Medium)
        note = self._theme.font(CAPTION_PX)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(title)
        painter.setPen(QColor(p.muted if step.mark is Mark.TO_COME else p.text))
        metrics = QFontMetricsF(title)
        name = metrics.elidedText(step.title, Qt.TextElideMode.ElideRight, box.width())
        wide = metrics.horizontalAdvance(name)
        painter.drawText(box, middle, name)
        room = box.width() - wide - self._theme.px(10)
        if step.note and room > 0:
            painter.setFont(note)
            painter.setPen(QColor(p.muted))
            words = QFontMetricsF(note).elidedText(step.note, Qt.TextElideMode.ElideRight, room)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, words)
