"""The column of live strips: trunk lean, hip flexion, knee flexion, head height, over the last ten seconds.

One moving time axis for all. The curves are redrawn at 15 Hz and the numbers beside the names at 4 Hz: words that
change faster cannot be read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.ui.overlay import burst
from app.ui.series import HEAD, HIP_FLEXION, KNEE_FLEXION, TRUNK_LEAN, WINDOW_S, Series
from app.ui.theme import CAPTION_PX, Theme, Tone

if TYPE_CHECKING:
    from app.coach.report import Tunnel

#: Good trunk lean (coaching: the green band of `biomechanics.md`, part D), deg.
LEAN_BAND_DEG = (6.0, 18.0)
#: Numbers beside the names are medians over this time.
NUMBER_S = 0.5
AXIS_PX = 30


@dataclass(frozen=True, slots=True)
class StripSpec:
    """One strip: its row in `Series.values`, name, unit, fixed value range and axis ticks."""

    row: int
    name: str
    unit: str
    low: float
    high: float
    ticks: tuple[float, ...]


STRIPS = (
    StripSpec(TRUNK_LEAN, "Trunk lean", "°", -8.0, 30.0, (0, 10, 20)),
    StripSpec(HIP_FLEXION, "Hip flexion", "°", -20.0, 80.0, (0, 30, 60)),
    StripSpec(KNEE_FLEXION, "Knee flexion", "°", -5.0, 120.0, (0, 50, 100)),
    StripSpec(HEAD, "Head height", "cm", -20.0, 5.0, (-15, -10, -5, 0)),
)


class Strip(QWidget):
    """Name, number and curve of one quantity."""

    def __init__(self, spec: StripSpec, with_time: bool) -> None:
        super().__init__()
        self.spec = spec
        self._with_time = with_time
        self.name = QLabel(spec.name)
        self.name.setProperty("role", "name")
        self.value = QLabel("–")
        self.value.setProperty("role", "value")
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.addWidget(self.name)
        header.addStretch(1)
        header.addWidget(self.value)
        self.plot = pg.PlotWidget(enableMenu=False)
        self._set_up_plot()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(header)
        box.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _set_up_plot(self) -> None:
        spec, plot = self.spec, self.plot
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        plot.setMinimumHeight(34)
        item = plot.getPlotItem()
        item.setContentsMargins(0, 0, 0, 0)
        item.layout.setVerticalSpacing(0)
        left, bottom = item.getAxis("left"), item.getAxis("bottom")
        left.setTicks([[(tick, f"{tick:g}".replace("-", "−")) for tick in spec.ticks]])
        bottom.setTickSpacing(2.0, 2.0)
        bottom.tickStrings = _seconds
        bottom.setStyle(showValues=self._with_time)
        plot.setYRange(spec.low, spec.high, padding=0)
        self.band = pg.LinearRegionItem(LEAN_BAND_DEG, orientation="horizontal", movable=False)
        self.band.setVisible(spec.row == TRUNK_LEAN)
        self.ceiling = pg.LinearRegionItem((0, 100), orientation="horizontal", movable=False)
        self.ceiling.setVisible(False)
        self.rows = {name: pg.InfiniteLine(angle=0) for name in ("standing", "goal", "roof")}
        self.curve = pg.PlotCurveItem(connect="finite", antialias=True)
        self.ticks = pg.PlotCurveItem(connect="pairs")
        self.hits = pg.ScatterPlotItem(pxMode=True)
        for one in (self.band, self.ceiling, *self.rows.values(), self.ticks, self.curve, self.hits):
            plot.addItem(one)
        for row in self.rows.values():
            row.setVisible(False)

    def set_theme(self, theme: Theme) -> None:
        """Colour everything; curves are 2 px, axes and ticks quiet."""
        p = theme.palette
        colours = (p.curve_a, p.curve_b, p.curve_c, p.curve_d)
        self.plot.setBackground(p.surface)
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(p.hairline))
            axis.setTextPen(pg.mkPen(p.muted))
            axis.setStyle(tickFont=theme.font(CAPTION_PX - 1), tickLength=0, tickTextOffset=theme.px(4))
        self.plot.getPlotItem().getAxis("left").setWidth(theme.px(AXIS_PX))
        self.plot.getPlotItem().getAxis("bottom").setHeight(theme.px(18) if self._with_time else 1)
        self.plot.getPlotItem().getAxis("left").setPen(pg.mkPen(None))
        self.curve.setPen(pg.mkPen(colours[self.spec.row], width=max(1, round(1.6 * theme.scale))))
        self.ticks.setPen(pg.mkPen(p.muted, width=max(1, round(theme.scale))))
        good = p.tone(Tone.GOOD)
        _style_region(self.band, good, 0.16)
        _style_region(self.ceiling, p.tone(Tone.HIT), 0.14)
        dash, dot = Qt.PenStyle.DashLine, Qt.PenStyle.DotLine
        self.rows["standing"].setPen(pg.mkPen(p.muted, width=1, style=dot))
        self.rows["goal"].setPen(pg.mkPen(p.muted, width=1, style=dash))
        self.rows["roof"].setPen(pg.mkPen(p.tone(Tone.HIT), width=max(1, round(1.6 * theme.scale))))
        self.hits.setPen(None)
        self.hits.setBrush(pg.mkBrush(p.tone(Tone.HIT)))
        self.hits.setSymbol(_BURST)
        self.hits.setSize(theme.px(12))

    def draw(self, series: Series) -> None:
        """Redraw curve and step marks and move the time axis."""
        spec, now_s = self.spec, series.now_s
        if not math.isfinite(now_s):
            self.curve.setData([], [])
            self.ticks.setData([], [])
            self.hits.setData([], [])
            return
        start_s = series.start_s
        self.curve.setData(series.times_s - start_s, series.values[spec.row])
        clear_s, hit_s = series.steps(hit=False), series.steps(hit=True)
        foot = spec.low + 0.07 * (spec.high - spec.low)
        both = np.sort(np.concatenate((clear_s, hit_s))) - start_s
        self.ticks.setData(np.repeat(both, 2), np.tile((spec.low, foot), both.size))
        if spec.row == HEAD:
            high = spec.high - 0.12 * (spec.high - spec.low)
            self.hits.setData(hit_s - start_s, np.full(hit_s.size, high))
        end_s = max(now_s - start_s, WINDOW_S)
        self.plot.setXRange(end_s - WINDOW_S, end_s, padding=0)

    def draw_number(self, series: Series) -> None:
        """Write the newest value, a dash where it was not measured."""
        number = series.recent(self.spec.row, NUMBER_S)
        unit = "% height" if self.spec.row == HEAD and not series.head_in_cm else self.spec.unit
        space = "" if unit == "°" else " "
        text = f"{number:.1f}" if self.spec.row == HEAD else f"{number:.0f}"
        self.value.setText(f"{text.replace('-', '−')}{space}{unit}" if math.isfinite(number) else "–")

    def draw_tunnel(self, tunnel: Tunnel | None, in_cm: bool) -> None:
        """Place standing height, goal and roof (head strip only)."""
        if self.spec.row != HEAD:
            return
        known = tunnel is not None and math.isfinite(tunnel.roof_below_standing_bh)
        for item in (self.ceiling, *self.rows.values()):
            item.setVisible(known)
        if tunnel is None or not known:
            return
        roof_bh = tunnel.roof_below_standing_bh
        per_bh = tunnel.roof_below_standing_cm / roof_bh if in_cm and roof_bh else 100.0
        per_bh = per_bh if math.isfinite(per_bh) else 100.0
        rows_px = (tunnel.standing_y_px, tunnel.goal_y_px, tunnel.roof_y_px)
        # The goal comes as an image row only; rows are proportional to heights.
        down_px, roof_down_px = rows_px[1] - rows_px[0], rows_px[2] - rows_px[0]
        goal_bh = roof_bh * down_px / roof_down_px if roof_down_px else math.nan
        self.rows["standing"].setValue(0.0)
        self.rows["roof"].setValue(-roof_bh * per_bh)
        self.rows["goal"].setVisible(math.isfinite(goal_bh))
        if math.isfinite(goal_bh):
            self.rows["goal"].setValue(-goal_bh * per_bh)
        self.ceiling.setRegion((-roof_bh * per_bh, self.spec.high + 50.0))


class StripColumn(QWidget):
    """The four strips under one another, sharing the time axis."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.series = Series()
        self.strips = [Strip(spec, with_time=spec is STRIPS[-1]) for spec in STRIPS]
        self._box = QVBoxLayout(self)
        for strip in self.strips:
            # The last strip also carries the time axis: a little more room keeps the curves equally tall.
            self._box.addWidget(strip, 115 if strip is self.strips[-1] else 100)
            if strip is not self.strips[0]:
                strip.plot.setXLink(self.strips[0].plot)
        self._drawn_s = math.nan
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        gap = theme.px(14)
        self._box.setContentsMargins(gap, theme.px(10), gap, theme.px(8))
        self._box.setSpacing(theme.px(6))
        for strip in self.strips:
            strip.set_theme(theme)

    def draw(self, tunnel: Tunnel | None) -> None:
        """Redraw the curves, unless nothing was added since."""
        if self.series.now_s == self._drawn_s:
            return
        self._drawn_s = self.series.now_s
        for strip in self.strips:
            strip.draw(self.series)
            strip.draw_tunnel(tunnel, self.series.head_in_cm)

    def draw_numbers(self) -> None:
        """Write the numbers."""
        for strip in self.strips:
            strip.draw_number(self.series)

    def clear(self) -> None:
        """Forget all curves (a new source)."""
        self.series.clear()
        self._drawn_s = math.nan
        for strip in self.strips:
            strip.draw(self.series)
            strip.draw_tunnel(None, in_cm=False)
        self.draw_numbers()


def _seconds(values: list[float], _scale: float, _spacing: float) -> list[str]:
    """Return the words of the time axis: seconds since the start, nothing before it."""
    return [f"{value:.0f} s" if value >= 0.0 else "" for value in values]


def _style_region(region: pg.LinearRegionItem, colour: QColor, alpha: float) -> None:
    colour = QColor(colour)
    colour.setAlphaF(alpha)
    region.setBrush(pg.mkBrush(colour))
    for line in region.lines:
        line.setPen(pg.mkPen(None))


def _burst_path() -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(burst(QPointF(0.0, 0.0), 0.5))
    path.closeSubpath()
    return path


_BURST = _burst_path()
