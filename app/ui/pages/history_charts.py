"""A quantity over sessions as a small chart, and a difference with its interval; painted by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.pages.history_words import number_words
from app.ui.theme import CAPTION_PX, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.types import Measure
    from app.store.trends import Difference

CHART_PX: Final = 96
_NONE: Final = Qt.PenStyle.NoPen


@dataclass(frozen=True, slots=True)
class Point:
    """One session of a chart: its id, the number, when it was; None where it was not measured."""

    session: str
    measure: Measure | None
    when: str


class TrendChart(QWidget):
    """One quantity over sessions: a dot with its interval each, the chosen one ringed; a click chooses a session."""

    clicked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._points: Sequence[Point] = ()
        self._unit, self._chosen = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.setFixedHeight(theme.px(CHART_PX))
        self.update()

    def show_points(self, points: Sequence[Point], unit: str, chosen: str) -> None:
        """Show other sessions, the oldest first."""
        self._points, self._unit, self._chosen = points, unit, chosen
        self.update()

    def span(self) -> tuple[float, float]:
        """Return the lowest and the highest value that the chart shows."""
        measures = [point.measure for point in self._points if point.measure is not None]
        values = [m.value for m in measures]
        bounds = [bound for m in measures for bound in m.ci95 if math.isfinite(bound)]
        low, high = min((*values, *bounds), default=0.0), max((*values, *bounds), default=1.0)
        if self._unit in ("share", "steps", "min", "reps", "s"):
            low = 0.0
        if self._unit == "share":
            return 0.0, 1.0
        least = {"deg": 2.0, "bh_pct": 1.0, "spm": 6.0}.get(self._unit, 1.0)
        pad = max(0.08 * (high - low), (least - (high - low)) / 2.0, 0.0)
        return (low if low == 0.0 else low - pad), high + pad

    def places(self) -> list[QPointF]:
        """Return where the dots are, widget px; the middle of the chart for those without a number."""
        area, (low, high) = self._area(), self.span()
        n = len(self._points)
        places = []
        for number, point in enumerate(self._points):
            x = area.left() + area.width() * ((number + 0.5) / n if n < 3 else number / (n - 1))
            value = point.measure.value if point.measure is not None else (low + high) / 2.0
            places.append(QPointF(x, self._y(value, area, low, high)))
        return places

    def _area(self) -> QRectF:
        px = self._theme.px
        return QRectF(px(42), px(8), max(self.width() - px(42) - px(10), 1), self.height() - px(8) - px(22))

    def _y(self, value: float, area: QRectF, low: float, high: float) -> float:
        return area.bottom() - area.height() * (min(max(value, low), high) - low) / max(high - low, 1e-9)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px, area = self._theme.palette, self._theme.px, self._area()
        low, high = self.span()
        painter.setFont(self._theme.font(CAPTION_PX - 1))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (low, high):
            y = self._y(value, area, low, high)
            painter.setPen(QPen(QColor(p.hairline), 1))
            painter.drawLine(QPointF(area.left() - px(4), y), QPointF(self.width() - px(2), y))
            painter.setPen(QColor(p.muted))
            painter.drawText(QRectF(0, y - px(9), area.left() - px(9), px(18)), right, number_words(value, self._unit))
        if low < 0.0 < high:
            painter.setPen(QPen(QColor(p.muted), 1, Qt.PenStyle.DotLine))
            y = self._y(0.0, area, low, high)
            painter.drawLine(QPointF(area.left() - px(4), y), QPointF(self.width() - px(2), y))
        self._paint_dates(painter, area)
        self._paint_dots(painter, area, low, high)

    def _paint_dates(self, painter: QPainter, area: QRectF) -> None:
        """Write when the first and the last session were."""
        if not self._points:
            return
        painter.setPen(QColor(self._theme.palette.muted))
        box = QRectF(area.left() - self._theme.px(4), area.bottom() + self._theme.px(5), 0, self._theme.px(17))
        box.setRight(self.width() - self._theme.px(2))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignLeft, self._points[0].when)
        if self._points[-1].when != self._points[0].when:
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, self._points[-1].when)

    def _paint_dots(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        """Paint all dots in few calls: each lets go of the interpreter, and the thread that reads may take it."""
        p, px, places = self._theme.palette, self._theme.px, self.places()
        known = [(at, point) for at, point in zip(places, self._points, strict=True) if point.measure is not None]
        line = QColor(p.curve_a)
        line.setAlphaF(0.45)
        painter.setPen(QPen(line, 1.0))
        painter.drawPolyline(QPolygonF([at for at, _ in known]))
        crowded = len(self._points) > 1 and area.width() / len(self._points) < px(7)
        radius = px(2.5) if crowded else px(4)
        whiskers: list[QLineF] = []
        dots, ring = QPainterPath(), QPainterPath()
        for at, point in known:
            measure = point.measure
            assert measure is not None
            bounds = [self._y(bound, area, low, high) for bound in measure.ci95 if math.isfinite(bound)]
            if len(bounds) == 2:
                whiskers.append(QLineF(at.x(), bounds[0], at.x(), bounds[1]))
            if math.isinf(measure.ci95[1]):  # at least so much: an arrow head upwards
                tip = 1.5 * radius
                corners = (QPointF(0, -tip), QPointF(tip, 0.8 * tip), QPointF(-tip, 0.8 * tip))
                dots.addPolygon(QPolygonF([at + corner for corner in corners]))
                dots.closeSubpath()
            else:
                dots.addEllipse(at, radius, radius)
            if point.session == self._chosen:
                ring.addEllipse(at, radius + px(4), radius + px(4))
        painter.setPen(QPen(line, px(2)))
        painter.drawLines(whiskers)
        dots.setFillRule(Qt.FillRule.WindingFill)
        painter.setPen(_NONE)
        painter.fillPath(dots, QColor(p.curve_a))
        painter.strokePath(ring, QPen(QColor(p.text), px(2)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the session next to the click."""
        known = [(p, at) for p, at in zip(self._points, self.places(), strict=True) if p.measure is not None]
        if known:
            point, _ = min(known, key=lambda one: abs(one[1].x() - event.position().x()))
            self.clicked.emit(point.session)


class IntervalBar(QWidget):
    """A difference as a dot with its interval, about a line at zero."""

    def __init__(self, theme: Theme, difference: Difference) -> None:
        super().__init__()
        self._theme, self._difference = theme, difference
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other sizes."""
        self._theme = theme
        self.setFixedSize(theme.px(120), theme.px(34))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint line, interval and dot; what has no end leaves the picture."""
        d, p, px = self._difference, self._theme.palette, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, y = self.width() / 2.0, self.height() / 2.0
        painter.setPen(QPen(QColor(p.muted), max(1.0, px(1))))
        painter.drawLine(QPointF(middle, px(4)), QPointF(middle, self.height() - px(4)))
        ends = [abs(end) for end in (*d.ci95, d.change) if math.isfinite(end)]
        if d.told == "unknown" or not ends:
            return
        scale = (middle - px(8)) / max(*ends, 1e-9)
        low, high = (min(max(middle + end * scale, 0.0), float(self.width())) for end in d.ci95)
        colour = QColor(p.muted) if d.told == "same" else QColor(p.info)
        painter.setPen(QPen(colour, px(3), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        painter.setPen(QPen(QColor(p.surface), px(2)))
        painter.setBrush(colour)
        painter.setFont(self._theme.font(CAPTION_PX, QFont.Weight.DemiBold))
        painter.drawEllipse(QPointF(middle + d.change * scale, y), px(6), px(6))
