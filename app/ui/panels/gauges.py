"""Gauges for whoever coaches: a value with its 95 % interval on a scale, its target band, a marker whose shape tells.

A disc: inside, with its whole interval. A triangle: outside, it points the way back. A half-filled diamond: the
interval reaches over a threshold, so nobody can say. A ring: not judged (yet). A pill: no rule says what is good.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.coach.live_values import Live, Place
from app.ui.panels.gauge_words import GAUGES, LEGEND, PLACE_WORDS, GaugeSpec, Shown, help_words, shown_of
from app.ui.theme import CAPTION_PX, TITLE_PX, Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.coach.live_values import LiveValue

#: Height of a gauge, of its scale, of its marker.
ROW_PX: Final = 38
SCALE_PX: Final = 5
MARK_PX: Final = 6.5
#: A name is not made smaller than this.
LEAST_NAME_PX: Final = 10
#: From this width on the gauges stand in two columns.
TWO_COLUMNS_PX: Final = 620


class Gauge(QWidget):
    """One value: name and number above, scale with band, interval and marker below."""

    def __init__(self, spec: GaugeSpec, theme: Theme) -> None:
        super().__init__()
        self.spec = spec
        self.shown = Shown(low=spec.low, high=spec.high)
        self.setToolTip(help_words(spec))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)
        self._name_it()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._name_font = theme.font(CAPTION_PX, QFont.Weight.DemiBold)
        self._note_font = theme.font(CAPTION_PX)
        self._number_font = theme.font(TITLE_PX, QFont.Weight.DemiBold)
        self.updateGeometry()
        self.update()

    def show_value(self, shown: Shown) -> None:
        """Show something else."""
        if shown != self.shown:
            self.shown = shown
            self._name_it()
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for one row."""
        return QSize(self._theme.px(260), self._theme.px(ROW_PX))

    def minimumSizeHint(self) -> QSize:
        """Make do with little width."""
        return QSize(self._theme.px(180), self._theme.px(ROW_PX))

    def scale(self) -> QRectF:
        """Return where the scale is."""
        px = self._theme.px
        inset = px(MARK_PX) + 1.0
        return QRectF(inset, self.height() - px(12), max(self.width() - 2 * inset, 1.0), px(SCALE_PX))

    def x_of(self, value: float) -> float:
        """Return where a value (in the shown unit) stands, px; what is beyond the scale stands at its end."""
        scale, shown = self.scale(), self.shown
        share = (value - shown.low) / (shown.high - shown.low)
        return scale.left() + scale.width() * min(max(share, 0.0), 1.0)

    def _name_it(self) -> None:
        shown = self.shown
        parts = [tr(self.spec.name), f"{shown.number} {shown.interval}".strip(), shown.note]
        if shown.place is not Place.UNKNOWN:
            parts.append(tr(PLACE_WORDS[shown.place]))
        if shown.decides:
            parts.append(tr("this decides the fault"))
        self.setAccessibleName(", ".join(part for part in parts if part))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint words, scale, band, interval and marker."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_words(painter)
        self._paint_scale(painter)
        if math.isfinite(self.shown.value):
            self._paint_interval(painter)
            centre = QPointF(self.x_of(self.shown.value), self.scale().center().y())
            paint_marker(painter, self._theme, self.shown, centre)

    def _paint_words(self, painter: QPainter) -> None:
        p, px, shown = self._theme.palette, self._theme.px, self.shown
        line = QRectF(0, 0, self.width(), self.scale().top() - px(4))
        right = line.right() - 1.0
        beside = self._beside() if self._leaves_room(self._beside()) else ""
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for words, font, colour, gap in (
            (beside, self._note_font, p.muted, px(6)),
            (shown.number, self._number_font, p.muted if shown.old else p.text, px(10)),
            ("" if shown.number else shown.note, self._note_font, p.muted, px(10)),
        ):
            if words:
                painter.setFont(font)
                painter.setPen(QColor(colour))
                painter.drawText(QRectF(line.left(), line.top(), right - line.left(), line.height()), flags, words)
                right -= QFontMetricsF(font).horizontalAdvance(words) + gap
        font = self.name_font(right)
        painter.setFont(font)
        painter.setPen(QColor(p.off if shown.decides else p.muted))
        name = QFontMetricsF(font).elidedText(tr(self.spec.name), Qt.TextElideMode.ElideRight, right)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def name_font(self, room_px: float) -> QFont:
        """Return the font of the name in that much room: a little smaller where it would be cut."""
        wide = QFontMetricsF(self._name_font).horizontalAdvance(tr(self.spec.name))
        font = QFont(self._name_font)
        if wide > room_px:
            font.setPixelSize(max(self._theme.px(LEAST_NAME_PX), int(font.pixelSize() * room_px / wide)))
        return font

    def _beside(self) -> str:
        """Return what stands beside the number: its interval, or of how many steps it is."""
        return self.shown.interval or (self.shown.note if self.shown.number else "")

    def _leaves_room(self, words: str) -> bool:
        """Whether words beside the number leave the name its room; where not, scale and marker tell it alone."""
        number = QFontMetricsF(self._number_font).horizontalAdvance(self.shown.number)
        room = self.width() - number - QFontMetricsF(self._note_font).horizontalAdvance(words) - self._theme.px(17)
        return room >= QFontMetricsF(self._name_font).horizontalAdvance(tr(self.spec.name))

    def _paint_scale(self, painter: QPainter) -> None:
        p, px, shown, scale = self._theme.palette, self._theme.px, self.shown, self.scale()
        round_px = scale.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(p.raised))
        painter.drawRoundedRect(scale, round_px, round_px)
        if self.spec.unit == "share" and math.isfinite(shown.value):
            # The lean split: hip part up to the marker, ankle part behind it.
            hip = QColor(p.curve_b)
            hip.setAlphaF(0.4 if shown.old else 0.8)
            painter.setBrush(hip)
            part = QRectF(scale.left(), scale.top(), self.x_of(shown.value) - scale.left(), scale.height())
            painter.drawRoundedRect(part, round_px, round_px)
        if shown.band is None:
            return
        left, right = self.x_of(shown.band[0]), self.x_of(shown.band[1])
        band = QColor(p.good)
        band.setAlphaF(0.55 if shown.place is not Place.UNKNOWN else 0.25)
        painter.setBrush(band)
        painter.drawRoundedRect(QRectF(left, scale.top(), right - left, scale.height()), round_px, round_px)
        painter.setPen(QPen(QColor(p.good), max(1.0, 1.5 * self._theme.scale)))
        for end, x in zip(shown.band, (left, right), strict=True):
            if shown.low < end < shown.high:
                painter.drawLine(QPointF(x, scale.top() - px(3)), QPointF(x, scale.bottom() + px(3)))

    def _paint_interval(self, painter: QPainter) -> None:
        shown, y, px = self.shown, self.scale().center().y(), self._theme.px
        if not math.isfinite(shown.half) or shown.note:
            return
        p = self._theme.palette
        pen = QPen(QColor(p.muted if shown.old else p.text), max(1.0, 1.8 * self._theme.scale))
        painter.setPen(pen)
        left, right = self.x_of(shown.value - shown.half), self.x_of(shown.value + shown.half)
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for end, x in ((shown.value - shown.half, left), (shown.value + shown.half, right)):
            # An interval that leaves the scale has no end there.
            if shown.low <= end <= shown.high:
                painter.drawLine(QPointF(x, y - px(4)), QPointF(x, y + px(4)))


def paint_marker(painter: QPainter, theme: Theme, shown: Shown, centre: QPointF) -> None:
    """Paint the marker of a place: its shape tells as much as its colour."""
    p, r, place = theme.palette, theme.px(MARK_PX) * 1.0, shown.place
    edge = QPen(QColor(p.surface), max(1.0, 1.6 * theme.scale))
    edge.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    x, y = centre.x(), centre.y()
    painter.setPen(edge)
    if place is Place.INSIDE:
        painter.setBrush(p.tone(Tone.GOOD))
        painter.drawEllipse(centre, r, r)
    elif place is Place.OUTSIDE:
        # The tip points to the band.
        back = 1.0 if shown.band is not None and shown.value < shown.band[0] else -1.0
        painter.setBrush(p.tone(Tone.OFF))
        corners = ((x + 1.25 * r * back, y), (x - 0.9 * r * back, y - 1.15 * r), (x - 0.9 * r * back, y + 1.15 * r))
        painter.drawPolygon([QPointF(*corner) for corner in corners])
    elif place is Place.UNSURE:
        diamond = [QPointF(x, y - 1.2 * r), QPointF(x + 1.2 * r, y), QPointF(x, y + 1.2 * r), QPointF(x - 1.2 * r, y)]
        painter.setBrush(QColor(p.surface))
        painter.drawPolygon(diamond)
        # Not amber: that is for what is off, and here nobody can say.
        painter.setPen(QPen(p.tone(Tone.INFO), max(1.0, 1.6 * theme.scale)))
        painter.drawPolygon(diamond)
        painter.setBrush(p.tone(Tone.INFO))
        painter.drawPolygon(QPolygonF([diamond[0], diamond[2], diamond[3]]))
    elif place is Place.PLAIN:
        painter.setBrush(p.tone(Tone.CALM) if shown.old else QColor(p.text))
        painter.drawRoundedRect(QRectF(x - 0.55 * r, y - 1.1 * r, 1.1 * r, 2.2 * r), 0.5 * r, 0.5 * r)
    else:
        painter.setBrush(QColor(p.surface))
        painter.setPen(QPen(QColor(p.muted), max(1.0, 1.8 * theme.scale)))
        painter.drawEllipse(centre, 0.85 * r, 0.85 * r)


class GaugeLegend(QWidget):
    """One line: what each marker means. What does not fit is left out whole, the last first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip("\n".join(f"{tr(LEGEND[place])}: {tr(PLACE_WORDS[place])}" for place in LEGEND))
        self.setAccessibleName(", ".join(tr(words) for words in LEGEND.values()))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self._font = theme.font(CAPTION_PX)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one small line."""
        return QSize(self._theme.px(260), self._theme.px(26))

    def fitting(self) -> tuple[Place, ...]:
        """Return the markers that there is room for."""
        metrics, px = QFontMetricsF(self._font), self._theme.px
        found: list[Place] = []
        right = 0.0
        for place, words in LEGEND.items():
            right += px(18) + metrics.horizontalAdvance(tr(words))
            if right > self.width():
                break
            found.append(place)
            right += px(10)
        return tuple(found)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint markers and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, metrics = self._theme.px, QFontMetricsF(self._font)
        left, middle = 0.0, self.height() / 2
        painter.setFont(self._font)
        for place in self.fitting():
            paint_marker(painter, self._theme, Shown(place=place), QPointF(left + px(7), middle))
            words = tr(LEGEND[place])
            painter.setPen(QColor(self._theme.palette.muted))
            box = QRectF(left + px(18), middle - px(10), metrics.horizontalAdvance(words) + px(4), px(20))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            left += px(28) + metrics.horizontalAdvance(words)


class GaugeColumn(QWidget):
    """All gauges, in one column or, where there is room, in two."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("column")
        self.gauges = {spec.live: Gauge(spec, theme) for spec in GAUGES}
        self.legend = GaugeLegend(theme)
        self._columns = 0
        self._grid = QGridLayout(self)
        self._place(1)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        gap = theme.px(14)
        self._grid.setContentsMargins(gap, theme.px(8), gap, theme.px(8))
        self._grid.setVerticalSpacing(theme.px(2))
        self._grid.setHorizontalSpacing(2 * gap)
        for gauge in self.gauges.values():
            gauge.set_theme(theme)
        self.legend.set_theme(theme)

    def fit_width(self, width: int) -> None:
        """Choose one column or two."""
        self._place(2 if width >= self._theme.px(TWO_COLUMNS_PX) else 1)

    def height_of(self, rows: int | None = None) -> int:
        """Return the height of so many rows, px; None: of all, without the legend below them."""
        if rows is None:
            rows = math.ceil(len(self.gauges) / self._columns)
        margins = self._grid.contentsMargins()
        row = self._theme.px(ROW_PX) + self._grid.verticalSpacing()
        return margins.top() + margins.bottom() + rows * row - self._grid.verticalSpacing()

    def height_of_legend(self) -> int:
        """Return what the legend adds to the height of all rows, px."""
        return self.legend.sizeHint().height() + self._grid.verticalSpacing()

    def whole_rows(self, height: int) -> int:
        """Return ``height`` or a little less, so that no sliver of a row is seen: all of it, half of it or nothing."""
        row = self._theme.px(ROW_PX) + self._grid.verticalSpacing()
        top = self._grid.contentsMargins().top()
        rows = 0.5 * math.floor(2.0 * (height - top) / row)
        return min(height, top + round(rows * row) + (self._theme.px(4) if rows % 1.0 == 0.0 else 0))

    def show_values(
        self,
        values: Mapping[Live, LiveValue],
        height_cm: float,
        why_not: Mapping[Live, str],
        old: bool = False,
    ) -> None:
        """Show these values; see `shown_of`."""
        for live, gauge in self.gauges.items():
            gauge.show_value(shown_of(gauge.spec, values.get(live), height_cm, why_not.get(live, ""), old))

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        rows = math.ceil(len(self.gauges) / columns)
        for index, gauge in enumerate(self.gauges.values()):
            self._grid.addWidget(gauge, index % rows, index // rows)
        self._grid.addWidget(self.legend, rows, 0, 1, columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
