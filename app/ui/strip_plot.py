"""The picture of one live strip: curve, step marks and bands of one quantity.

Painted by hand: four strips of ten seconds at 60 fps take 3 ms, where pyqtgraph took 19 (`tests/ui/test_plots.py` holds
it to that). Qt strokes a long line wider than 1 px in time that grows with the square of its length, so it is drawn in
short pieces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.overlay_base import burst
from app.ui.series import HEAD, WINDOW_S, Series
from app.ui.theme import CAPTION_PX, Theme, Tone

if TYPE_CHECKING:
    from app.coach.types import FloatArray

AXIS_PX: Final = 30
LEAST_PLOT_PX: Final = 34
#: Lines of the time axis, s.
GRID_S: Final = 2.0
#: A line is stroked in pieces of so many points.
PIECE: Final = 16


@dataclass(frozen=True, slots=True)
class StripSpec:
    """One strip: its row in `Series.values`, name, unit, fixed value range and axis ticks."""

    row: int
    name: str
    unit: str
    low: float
    high: float
    ticks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """What lies behind a curve, in its unit: the target band, and for the head standing, goal, roof and floor.

    None: not shown.
    """

    band: tuple[float, float] | None = None
    standing: float | None = None
    goal: float | None = None
    roof: float | None = None
    floor: float | None = None


@dataclass(slots=True)
class _Drawn:
    """What the plot shows: times are seconds since the first sample."""

    end_s: float = WINDOW_S
    #: Of the first sample, counted so that it stays the same while the window moves.
    first: int = 0
    t_s: FloatArray = field(default_factory=lambda: np.empty(0))
    values: FloatArray = field(default_factory=lambda: np.empty(0))
    steps_s: FloatArray = field(default_factory=lambda: np.empty(0))
    hits_s: FloatArray = field(default_factory=lambda: np.empty(0))
    dots: tuple[FloatArray, FloatArray] = field(default_factory=lambda: (np.empty(0), np.empty(0)))


class StripPlot(QWidget):
    """Curve, step marks and bands of one quantity; what stands still is painted once, into a pixmap."""

    def __init__(self, spec: StripSpec, with_time: bool) -> None:
        super().__init__()
        self.spec = spec
        self.marks = Marks()
        self.drawn = _Drawn()
        self._with_time = with_time
        self._theme: Theme | None = None
        self._font = QFont()
        self._behind = QPixmap()
        self._dots: dict[int, QPixmap] = {}
        self.setMinimumHeight(LEAST_PLOT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._font = theme.font(CAPTION_PX - 1)
        self._forget_behind()

    def set_marks(self, marks: Marks) -> None:
        """Show other bands and lines behind the curve."""
        if marks != self.marks:
            self.marks = marks
            self._forget_behind()

    def show_series(self, series: Series) -> None:
        """Show the newest seconds."""
        start_s, now_s = series.start_s, series.now_s
        if not math.isfinite(now_s):
            self.drawn = _Drawn()
        else:
            clear_s, hits_s = series.steps(hit=False), series.steps(hit=True)
            dots_s, dots = series.step_values(self.spec.row)
            self.drawn = _Drawn(
                end_s=max(now_s - start_s, WINDOW_S),
                first=series.first,
                t_s=series.times_s - start_s,
                values=series.values[self.spec.row].copy(),
                steps_s=np.sort(np.concatenate((clear_s, hits_s))) - start_s,
                hits_s=hits_s - start_s if self.spec.row == HEAD else np.empty(0),
                dots=(dots_s - start_s, dots),
            )
        self.update()

    def area(self) -> QRectF:
        """Return where the curve is, without the axes."""
        px = self._theme.px if self._theme is not None else round
        foot = px(18) if self._with_time else 1
        return QRectF(px(AXIS_PX), 2.0, max(self.width() - px(AXIS_PX) - 1, 1), max(self.height() - foot - 4, 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint the background anew."""
        super().resizeEvent(event)
        self._forget_behind()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        theme = self._theme
        if theme is None:
            return
        if self._behind.isNull():
            self._behind, self._dots = self._paint_behind(theme), self._paint_dots(theme)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._behind)
        painter.setFont(self._font)
        area = self.area()
        self._paint_time(painter, theme, area)
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_curve(painter, theme, area)
        self._paint_steps(painter, theme, area)

    def _forget_behind(self) -> None:
        self._behind = QPixmap()
        self.update()

    def _x(self, t_s: FloatArray, area: QRectF) -> list[float]:
        across: list[float] = (area.left() + area.width() * (t_s - (self.drawn.end_s - WINDOW_S)) / WINDOW_S).tolist()
        return across

    def _y(self, value: float, area: QRectF) -> float:
        spec = self.spec
        return area.bottom() - area.height() * (value - spec.low) / (spec.high - spec.low)

    def _paint_behind(self, theme: Theme) -> QPixmap:
        """Paint ticks, target band, roof, goal and standing height."""
        p, px, area, marks = theme.palette, theme.px, self.area(), self.marks
        ratio = self.devicePixelRatioF()
        behind = QPixmap(QSize(max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)))
        behind.setDevicePixelRatio(ratio)
        behind.fill(QColor(p.surface))
        painter = QPainter(behind)
        painter.setFont(self._font)
        written: list[float] = []
        for tick in sorted(self.spec.ticks, key=abs):
            y = self._y(tick, area)
            if any(abs(y - other) < px(13) for other in written):
                continue
            written.append(y)
            painter.setPen(QPen(QColor(p.hairline), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(p.muted))
            box = QRectF(0, y - px(9), area.left() - px(5), px(18))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
            painter.drawText(box, flags, f"{tick:g}".replace("-", "−"))
        painter.setClipRect(area)
        if marks.band is not None:
            self._fill(painter, area, marks.band, p.tone(Tone.GOOD), 0.16)
        if marks.roof is not None:
            self._fill(painter, area, (marks.roof, self.spec.high), p.tone(Tone.HIT), 0.14)
        heavy = max(1, px(1.6))
        for value, colour, width, style in (
            (marks.standing, p.muted, 1, Qt.PenStyle.DotLine),
            (marks.goal, p.muted, 1, Qt.PenStyle.DashLine),
            (marks.floor, p.off, 1, Qt.PenStyle.DashDotLine),
            (marks.roof, p.hit, heavy, Qt.PenStyle.SolidLine),
        ):
            if value is not None:
                painter.setPen(QPen(QColor(colour), width, style))
                y = self._y(value, area)
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.end()
        return behind

    def _fill(self, painter: QPainter, area: QRectF, span: tuple[float, float], colour: QColor, opacity: float) -> None:
        colour.setAlphaF(opacity)
        top, bottom = (min(max(self._y(end, area), area.top()), area.bottom()) for end in (max(span), min(span)))
        painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top), colour)

    def _paint_time(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        """Paint the moving lines of the time axis, and below the last strip its words: nothing before the start."""
        end_s = self.drawn.end_s
        lines_s = np.arange(max(0.0, math.ceil((end_s - WINDOW_S) / GRID_S) * GRID_S), end_s + 1e-9, GRID_S)
        for t_s, x in zip(lines_s.tolist(), self._x(lines_s, area), strict=True):
            painter.setPen(QColor(theme.palette.hairline))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if self._with_time:
                painter.setPen(QColor(theme.palette.muted))
                wide = theme.px(44)
                left = min(x - wide / 2, self.width() - wide)
                box = QRectF(left, area.bottom() + 1, wide, self.height() - area.bottom() - 1)
                edge = Qt.AlignmentFlag.AlignRight if left < x - wide / 2 - 1 else Qt.AlignmentFlag.AlignHCenter
                painter.drawText(box, edge | Qt.AlignmentFlag.AlignVCenter, tick_words(t_s))

    def _paint_curve(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        p, spec, drawn = theme.palette, self.spec, self.drawn
        colour = (p.curve_a, p.curve_b, p.curve_c, p.curve_d)[spec.row]
        pen = QPen(QColor(colour), max(1.0, 1.6 * theme.scale))
        # Round ends would cost twice the time.
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        # A point every 1.5 px is enough, and always the same ones: a curve must not shiver while it moves.
        every = max(1, math.ceil(1.5 * drawn.t_s.size / max(area.width(), 1.0)))
        kept = slice(-drawn.first % every, None, every)
        t_s, values = drawn.t_s[kept], drawn.values[kept]
        rows: list[float] = (area.bottom() - area.height() * (values - spec.low) / (spec.high - spec.low)).tolist()
        points = [QPointF(x, y) for x, y in zip(self._x(t_s, area), rows, strict=True)]
        known = np.flatnonzero(np.isfinite(values))
        if not known.size:
            return
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            first, last = int(run[0]), int(run[-1])
            for start in range(first, max(last, first + 1), PIECE):
                painter.drawPolyline(points[start : min(start + PIECE, last) + 1])

    def _paint_steps(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        """Paint a tick at each midstance, the step's own value as it is judged, and a burst for each hit."""
        p, px, drawn = theme.palette, theme.px, self.drawn
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(p.muted), max(1, px(1))))
        tick = area.bottom() - 0.08 * area.height()
        painter.drawLines([QLineF(x, area.bottom(), x, tick) for x in self._x(drawn.steps_s, area)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        times_s, values = drawn.dots
        low, high = self.marks.band or (-math.inf, math.inf)
        room, half = px(4), px(5)
        for x, value in zip(self._x(times_s, area), values.tolist(), strict=True):
            y = min(max(self._y(value, area), area.top() + room), area.bottom() - room)
            dot = self._dots[int(value > high) - int(value < low)]
            painter.drawPixmap(QPointF(x - half, y - half), dot)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(p.tone(Tone.HIT))
        for x in self._x(drawn.hits_s, area):
            painter.drawPolygon(burst(QPointF(x, area.top() + px(6)), px(5)))

    def _paint_dots(self, theme: Theme) -> dict[int, QPixmap]:
        """Paint the marks of a step: a disc in the band; below (-1) and above (1) it triangles that point to it."""
        p, size, ratio = theme.palette, 2.0 * theme.px(5), self.devicePixelRatioF()
        dots = {}
        for where in (-1, 0, 1):
            dot = dots[where] = QPixmap(round(size * ratio), round(size * ratio))
            dot.setDevicePixelRatio(ratio)
            dot.fill(Qt.GlobalColor.transparent)
            painter = QPainter(dot)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(p.surface), max(1.0, theme.scale)))
            good = p.tone(Tone.GOOD) if self.marks.band else QColor(p.text)
            painter.setBrush(p.tone(Tone.OFF) if where else good)
            middle, r = QPointF(size / 2, size / 2), theme.px(3) * 1.0
            if where:
                tip = 1.4 * r * where
                corners = (QPointF(0.0, tip), QPointF(1.3 * r, -tip * 0.7), QPointF(-1.3 * r, -tip * 0.7))
                painter.drawPolygon([middle + corner for corner in corners])
            else:
                painter.drawEllipse(middle, r, r)
            painter.end()
        return dots


def tick_words(t_s: float) -> str:
    """Return a time in words: seconds in the first minute, then minutes and seconds."""
    whole_s = round(t_s)
    return f"{whole_s} s" if whole_s < 60 else f"{whole_s // 60}:{whole_s % 60:02d}"
