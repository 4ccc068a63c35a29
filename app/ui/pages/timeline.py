"""The set as a strip: steps by colour and shape, cues, hits of the roof, and the mark that is dragged to scrub."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.store.clock import clock
from app.ui.pages.review_words import fine_clock, here_words
from app.ui.pages.timeline_paint import Block, Strip, blocks_of, paint_mark, paint_strip
from app.ui.theme import RADIUS_PX, Theme
from app.ui.words import tr

if TYPE_CHECKING:
    from app.session.set_record import SetRecord

#: The least stretch of time that the strip can be zoomed to.
LEAST_SHOWN_S: Final = 4.0
#: A click this near to a cue is meant for it, px at scale 1.
NEAR_PX: Final = 11.0


class Timeline(QWidget):
    """Paints a `SetRecord`; emits where the user drags, and the cue that he clicks."""

    scrubbed = Signal(float)
    cue_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._record: SetRecord | None = None
        self._blocks: tuple[Block, ...] = ()
        self._t_s = math.nan
        self._cue = -1
        self._shown_s = (0.0, 1.0)
        self._kept: tuple[object, QPixmap] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Timeline of the set"))
        self.set_theme(theme)

    # ---- what it shows ------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.update()

    def show_record(self, record: SetRecord | None) -> None:
        """Show another set, all of it."""
        self._record, self._cue, self._kept = record, -1, None  # it holds the set before, with its pictures
        self._blocks = blocks_of(record) if record is not None else ()
        self.show_all()

    def show_all(self) -> None:
        """Show the whole set."""
        record = self._record
        if record is not None:
            self._shown_s = (record.first_s, max(record.last_s, record.first_s + 0.1))
        self.update()

    def show_time(self, t_s: float) -> None:
        """Move the mark; what is shown follows it."""
        self._t_s = t_s
        start_s, end_s = self._shown_s
        if not start_s <= t_s <= end_s:
            self._show(t_s - (end_s - start_s) / 2.0, end_s - start_s)
        if self._record is not None:
            at = fine_clock(t_s - self._record.first_s)
            self.setAccessibleDescription(f"{at}. {here_words(self._record, t_s)}")
        self.update()

    def show_cue(self, number: int) -> None:
        """Mark the cue that is looked at, -1 for none."""
        self._cue = number
        self.update()

    @property
    def shown_s(self) -> tuple[float, float]:
        """Begin and end of what is shown."""
        return self._shown_s

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What the strip is made of."""
        return self._blocks

    def zoom(self, factor: float, around_s: float | None = None) -> None:
        """Show so many times as much, around an instant (None: the mark)."""
        centre_s = around_s if around_s is not None else self._t_s
        start_s, end_s = self._shown_s
        if not math.isfinite(centre_s):
            centre_s = (start_s + end_s) / 2.0
        long_s = max((end_s - start_s) * factor, LEAST_SHOWN_S)
        part = (centre_s - start_s) / (end_s - start_s)
        self._show(centre_s - part * long_s, long_s)

    def _show(self, start_s: float, long_s: float) -> None:
        record = self._record
        if record is None:
            return
        if long_s >= record.duration_s:
            self.show_all()
            return
        start_s = min(max(start_s, record.first_s), record.last_s - long_s)
        self._shown_s = (start_s, start_s + long_s)
        self.update()

    # ---- places -------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for cues, steps and the axis."""
        return QSize(600, self._theme.px(112))

    def strip(self) -> Strip | None:
        """Return what is painted and where, None without a set."""
        if self._record is None:
            return None
        size = self.size()
        return Strip(
            self._record, self._blocks, self._theme, size.width(), size.height(), self._shown_s, self._t_s, self._cue
        )

    def x_of(self, t_s: float) -> float:
        """Return where an instant lies, widget px; NaN without a set."""
        strip = self.strip()
        return strip.x_of(t_s) if strip is not None else math.nan

    def time_at(self, x: float) -> float:
        """Return the instant of a place, within the set; NaN without one."""
        strip = self.strip()
        return strip.time_at(x) if strip is not None else math.nan

    def cue_at(self, where: QPointF) -> int:
        """Return the number of the cue at a place, -1 where there is none."""
        strip = self.strip()
        if strip is None or where.y() > strip.lanes()[0].bottom() + 2:
            return -1
        near = [(abs(strip.x_of(m.cue.t_s) - where.x()), k) for k, m in enumerate(strip.record.cues)]
        off, number = min(near, default=(math.inf, -1))
        return number if off <= self._theme.px(NEAR_PX) else -1

    def mark_at(self, where: QPointF) -> float:
        """Return the time of the marked moment whose flag is at a place, NaN where there is none."""
        strip = self.strip()
        if strip is None or where.y() > strip.lanes()[0].bottom() + 2:
            return math.nan
        near = [(abs(strip.x_of(t_s) + 0.4 * NEAR_PX - where.x()), t_s) for t_s in strip.record.marks_s]
        off, t_s = min(near, default=(math.inf, math.nan))
        return t_s if off <= self._theme.px(NEAR_PX) else math.nan

    # ---- the user -----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag, or choose a cue."""
        if event.button() is not Qt.MouseButton.LeftButton or self._record is None:
            return
        number, marked_s = self.cue_at(event.position()), self.mark_at(event.position())
        if number >= 0:
            self.cue_chosen.emit(number)
        elif math.isfinite(marked_s):
            self.scrubbed.emit(marked_s)
        else:
            self.scrubbed.emit(self.time_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag on."""
        if self._record is None:
            return
        over = self.cue_at(event.position()) >= 0 or math.isfinite(self.mark_at(event.position()))
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.scrubbed.emit(self.time_at(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole set again."""
        self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        notches = event.angleDelta().y() / 120.0
        if notches:
            self.zoom(0.8**notches, self.time_at(event.position().x()))
            event.accept()

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._record is not None:
            QToolTip.showText(event.globalPos(), self._words_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _words_at(self, where: QPointF) -> str:
        record = self._record
        assert record is not None
        number = self.cue_at(where)
        if number >= 0:
            return tr(record.cues[number].cue.spoken)
        marked_s = self.mark_at(where)
        if math.isfinite(marked_s):
            return tr("Marked {time}").format(time=clock(marked_s - record.first_s))
        t_s = self.time_at(where.x())
        here = here_words(record, t_s)
        return f"{clock(t_s - record.first_s)}  ·  {here}" if here else clock(t_s - record.first_s)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the strip, and a ring where the keys go."""
        strip = self.strip()
        if strip is None:
            return
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._painted(strip))
        paint_mark(painter, strip)
        if self.hasFocus():
            radius = self._theme.px(RADIUS_PX)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.palette.info), 2.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def _painted(self, strip: Strip) -> QPixmap:
        """Return the strip without the mark; painted once, as an hour has ten thousand steps."""
        ratio = self.devicePixelRatioF()
        key = (strip.record, strip.theme, self.size(), strip.shown_s, strip.cue, ratio)
        if self._kept is None or self._kept[0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            paint_strip(painter, strip)
            painter.end()
            self._kept = key, pixmap
        return self._kept[1]
