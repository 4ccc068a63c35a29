"""One session over time, painted by hand: good steps in each minute, a lane for each fault, what was said."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.store.clock import clock
from app.ui.icons import paint_shape
from app.ui.pages.history_words import number_words
from app.ui.pages.review_words import about_tone, about_words
from app.ui.pages.timeline_paint import PATTERNS, TICKS_S, paint_flag
from app.ui.theme import CAPTION_PX, Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.store.half_life import Minute

LANE_PX: Final = 26
_NONE: Final = Qt.PenStyle.NoPen


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault from its beginning to its end, s since the session began."""

    about: str
    start_s: float
    end_s: float


class FaultLanes(QWidget):
    """The minutes of a session with their share of good steps, and below a lane for each fault."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._spells: Sequence[Spell] = ()
        self._cues_s: Sequence[float] = ()
        self._marks_s: Sequence[float] = ()
        self._duration_s = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def lanes(self) -> list[str]:
        """Which faults have a lane: the longest on first."""
        total: dict[str, float] = {}
        for spell in self._spells:
            total[spell.about] = total.get(spell.about, 0.0) + spell.end_s - spell.start_s
        return sorted(total, key=lambda about: -total[about])

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._fit()

    def show_spells(
        self, spells: Sequence[Spell], cues_s: Sequence[float], duration_s: float, marks_s: Sequence[float] = ()
    ) -> None:
        """Show another session; times in s since it began."""
        self._spells, self._cues_s, self._duration_s = spells, cues_s, max(duration_s, 1.0)
        self._marks_s = marks_s
        words = [f"{about_words(s.about)[0]} {clock(s.start_s)}–{clock(s.end_s)}" for s in spells]
        words += [tr("Marked {time}").format(time=clock(t_s)) for t_s in marks_s]
        self.setAccessibleName(", ".join(words))
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(LANE_PX * (len(self.lanes) + 1) + 24))
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the lanes and the axis."""
        return QSize(self._theme.px(300), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lanes with their names, the cues above and the time below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        font = self._theme.font(CAPTION_PX)
        painter.setFont(font)
        names = [about_words(about)[0] for about in self.lanes]
        metrics = QFontMetricsF(font)
        left = px(26) + max((metrics.horizontalAdvance(name) for name in names), default=0.0) + px(8)
        left = min(max(left, px(64)), self.width() * 0.45)
        area = QRectF(left, 0, max(self.width() - left - px(4), 1), self.height())
        self._paint_cues(painter, area)
        for number, (about, name) in enumerate(zip(self.lanes, names, strict=True), start=1):
            lane = QRectF(area.left(), px(LANE_PX) * number + px(3), area.width(), px(LANE_PX) - px(6))
            painter.setPen(_NONE)
            painter.setBrush(QColor(p.ground))
            painter.drawRoundedRect(lane, px(4), px(4))
            self._paint_lane(painter, lane, about)
            paint_shape(painter, about_words(about)[1], QRectF(0, lane.top(), px(20), px(20)), QColor(p.muted), 2.0)
            painter.setPen(QColor(p.text))
            box = QRectF(px(26), lane.top(), left - px(32), lane.height())
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        self._paint_marks(painter, area)
        self._paint_axis(painter, area)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        """Paint a flag at each marked moment, its pole through all lanes."""
        colour = QColor(self._theme.palette.text)
        px, bottom = self._theme.px, self._theme.px(LANE_PX * (len(self.lanes) + 1))
        for t_s in self._marks_s:
            x = self._x(t_s, area)
            painter.setPen(QPen(colour, max(1.0, px(1.4))))
            painter.drawLine(QPointF(x, px(4)), QPointF(x, bottom))
            paint_flag(painter, QPointF(x, px(4)), px(11), colour)

    def _x(self, t_s: float, area: QRectF) -> float:
        return area.left() + area.width() * min(max(t_s / self._duration_s, 0.0), 1.0)

    def _paint_cues(self, painter: QPainter, area: QRectF) -> None:
        """Paint a bubble wherever something was said."""
        p, px = self._theme.palette, self._theme.px
        painter.setPen(QColor(p.muted))
        box = QRectF(px(26), 0, area.left() - px(32), px(LANE_PX))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, tr("Said"))
        painter.setPen(_NONE)
        painter.setBrush(QColor(p.info))
        last_x = -math.inf
        for t_s in self._cues_s:
            x = self._x(t_s, area)
            if x - last_x < px(10):  # of an hour there are hundreds
                continue
            last_x = x
            body = QRectF(x - px(4), px(5), px(8), px(9))
            painter.drawRoundedRect(body, px(3), px(3))
            tail = (QPointF(x - px(2), px(13)), QPointF(x + px(2), px(13)), QPointF(x, px(19)))
            painter.drawPolygon(QPolygonF(list(tail)))

    def _paint_lane(self, painter: QPainter, lane: QRectF, about: str) -> None:
        colour = self._theme.palette.tone(about_tone(about))
        fill, hatch = QColor(colour), QColor(colour)
        fill.setAlphaF(0.45)
        painter.setPen(_NONE)
        for spell in self._spells:
            if spell.about != about:
                continue
            box = QRectF(self._x(spell.start_s, lane), lane.top(), 0, lane.height())
            box.setRight(max(self._x(spell.end_s, lane), box.left() + self._theme.px(2)))
            painter.setBrush(fill)
            painter.drawRoundedRect(box, 2, 2)
            painter.setBrush(QBrush(hatch, PATTERNS.get(about, Qt.BrushStyle.BDiagPattern)))
            painter.drawRoundedRect(box, 2, 2)

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        p, px = self._theme.palette, self._theme.px
        painter.setPen(QColor(p.muted))
        room = QFontMetricsF(self._theme.font(CAPTION_PX)).horizontalAdvance("00:00") * 1.7
        fits = (t for t in TICKS_S if area.width() * t / self._duration_s >= room)
        every_s = next(fits, max(TICKS_S[-1], self._duration_s))
        for number in itertools.count():
            t_s = number * every_s
            if t_s > self._duration_s + 1e-6:
                break
            x = self._x(t_s, area)
            box = QRectF(min(max(x - room / 2, area.left()), self.width() - room), self.height() - px(20), room, px(18))
            align = Qt.AlignmentFlag.AlignHCenter
            if box.left() > x - room / 2 + 1:
                align = Qt.AlignmentFlag.AlignLeft
            elif box.left() < x - room / 2 - 1:
                align = Qt.AlignmentFlag.AlignRight
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, clock(t_s))


class MinuteBars(QWidget):
    """The share of good steps in each minute of running, as bars; a minute with too few judged steps is a dash."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._minutes: Sequence[Minute] = ()
        self._half_life = math.nan
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.setFixedHeight(theme.px(84))
        self.update()

    def show_minutes(self, minutes: Sequence[Minute], half_life_min: float) -> None:
        """Show another session; ``half_life_min``: a line there, NaN for none."""
        self._minutes, self._half_life = minutes, half_life_min
        self.setAccessibleName(", ".join(number_words(m.good_share, "share") for m in minutes))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars and the scale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px = self._theme.palette, self._theme.px
        painter.setFont(self._theme.font(CAPTION_PX - 1))
        area = QRectF(px(42), px(8), max(self.width() - px(46), 1), self.height() - px(30))
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.setPen(QPen(QColor(p.hairline), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(p.muted))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - px(9), area.left() - px(6), px(18)), right, number_words(share, "share"))
        slot = area.width() / max(len(self._minutes), 1)
        wide = min(slot * 0.7, px(26))
        for number, minute in enumerate(self._minutes):
            x = area.left() + (number + 0.5) * slot
            painter.setPen(_NONE)
            if not math.isfinite(minute.good_share):
                painter.setBrush(QColor(p.muted))
                painter.drawRect(QRectF(x - wide / 2, area.bottom() - px(2), wide, px(2)))
                continue
            painter.setBrush(p.tone(Tone.GOOD if minute.good_share >= 0.5 else Tone.OFF))
            high = max(minute.good_share * area.height(), 2.0)
            painter.drawRoundedRect(QRectF(x - wide / 2, area.bottom() - high, wide, high), 2, 2)
        self._paint_axis(painter, area, slot)

    def _paint_axis(self, painter: QPainter, area: QRectF, slot: float) -> None:
        p, px = self._theme.palette, self._theme.px
        if math.isfinite(self._half_life):
            painter.setPen(QPen(QColor(p.text), px(2), Qt.PenStyle.DashLine))
            x = area.left() + self._half_life * slot
            painter.drawLine(QPointF(x, area.top() - px(6)), QPointF(x, area.bottom()))
        painter.setPen(QColor(p.muted))
        every = next((n for n in (1, 2, 5, 10, 15, 30) if n * slot >= px(26)), 60)
        for number in range(0, len(self._minutes), every):
            box = QRectF(area.left() + (number + 0.5) * slot - px(20), area.bottom() + px(3), px(40), px(17))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))
