"""The column of live strips: trunk lean, hip flexion, knee flexion, head height, over the last ten seconds.

One moving time axis for all. The curves are redrawn at 15 Hz and the numbers beside the names at 4 Hz: words that
change faster cannot be read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.coach.live_values import Live, limits_of
from app.coach.rules import default_rules
from app.ui.series import HEAD, HIP_FLEXION, KNEE_FLEXION, TRUNK_LEAN, Series
from app.ui.strip_plot import Marks, StripPlot, StripSpec
from app.ui.theme import Theme
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.report import Tunnel
    from app.coach.rules import Rules

#: Numbers beside the names are medians over this time.
NUMBER_S = 0.5
#: A strip is dropped where it would be lower than this.
LEAST_STRIP_PX: Final = 78
#: In this order strips are dropped where there is little room.
DROPPED: Final = (KNEE_FLEXION, HIP_FLEXION, TRUNK_LEAN)


STRIPS = (
    StripSpec(TRUNK_LEAN, mark("Trunk lean"), "°", -8.0, 30.0, (0, 10, 20)),
    StripSpec(HIP_FLEXION, mark("Hip flexion"), "°", -20.0, 80.0, (0, 30, 60)),
    StripSpec(KNEE_FLEXION, mark("Knee flexion"), "°", -5.0, 120.0, (0, 50, 100)),
    StripSpec(HEAD, mark("Head height"), "cm", -20.0, 5.0, (-15, -10, -5, 0)),
)


class Strip(QWidget):
    """Name, number and curve of one quantity."""

    def __init__(self, spec: StripSpec, with_time: bool) -> None:
        super().__init__()
        self.spec = spec
        self.name = QLabel(tr(spec.name))
        self.name.setProperty("role", "name")
        self.value = QLabel("–")
        self.value.setProperty("role", "value")
        header = QHBoxLayout()
        header.setContentsMargins(0, 0, 0, 0)
        header.addWidget(self.name)
        header.addStretch(1)
        header.addWidget(self.value)
        self.plot = StripPlot(spec, with_time)
        self.plot.setAccessibleName(tr(spec.name))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(header)
        box.addWidget(self.plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._band: tuple[float, float] | None = None
        self.set_rules(default_rules())

    def set_theme(self, theme: Theme) -> None:
        """Colour everything; curves are 2 px, axes and ticks quiet."""
        self.plot.set_theme(theme)

    def set_rules(self, rules: Rules) -> None:
        """Show the target band of these rules: of the lean, and of the hip at midstance (where its dots are)."""
        low = limits_of(Live.HIP_FLEXION, rules).low
        bands = {TRUNK_LEAN: rules.green_lean_deg}
        if low is not None:
            bands[HIP_FLEXION] = (low.inside, self.spec.high)
        self._band = bands.get(self.spec.row)
        self.show_band(True)

    def show_band(self, shown: bool) -> None:
        """Show the target band or leave it out: without a standing reference it says nothing."""
        if self.spec.row != HEAD:
            self.plot.set_marks(Marks(band=self._band if shown else None))

    def draw(self, series: Series) -> None:
        """Redraw curve and step marks and move the time axis."""
        self.plot.show_series(series)

    def draw_number(self, series: Series) -> None:
        """Write the newest value, a dash where it was not measured."""
        number = series.recent(self.spec.row, NUMBER_S)
        unit = tr("% height") if self.spec.row == HEAD and not series.head_in_cm else self.spec.unit
        space = "" if unit == "°" else " "
        text = f"{number:.1f}" if self.spec.row == HEAD else f"{number:.0f}"
        self.value.setText(f"{text.replace('-', '−')}{space}{unit}" if math.isfinite(number) else "–")

    def draw_tunnel(self, tunnel: Tunnel | None, in_cm: bool) -> None:
        """Place standing height, goal, roof and floor (head strip only)."""
        if self.spec.row != HEAD:
            return
        if tunnel is None or not math.isfinite(tunnel.roof_below_standing_bh):
            self.plot.set_marks(Marks())
            return
        roof_bh = tunnel.roof_below_standing_bh
        per_bh = tunnel.roof_below_standing_cm / roof_bh if in_cm and roof_bh else 100.0
        per_bh = per_bh if math.isfinite(per_bh) else 100.0
        rows_px = (tunnel.standing_y_px, tunnel.goal_y_px, tunnel.roof_y_px)
        # The goal comes as an image row only; rows are proportional to heights. The rows move with the runner's
        # drifting, their proportion does not: rounded, so that the background is not painted anew for nothing.
        down_px, roof_down_px = rows_px[1] - rows_px[0], rows_px[2] - rows_px[0]
        goal_bh = roof_bh * down_px / roof_down_px if roof_down_px else math.nan
        goal, floor = (
            round(-bh * per_bh, 3) if math.isfinite(bh) else None for bh in (goal_bh, tunnel.floor_below_standing_bh)
        )
        self.plot.set_marks(Marks(standing=0.0, goal=goal, roof=round(-roof_bh * per_bh, 3), floor=floor))


class StripColumn(QWidget):
    """The four strips under one another, sharing the time axis.

    Args:
        theme: colours and sizes.
        drop: leave strips out where there is little height, the knee first and the head never.

    """

    def __init__(self, theme: Theme, drop: bool = False) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.series = Series()
        self.strips = [Strip(spec, with_time=spec is STRIPS[-1]) for spec in STRIPS]
        self._box = QVBoxLayout(self)
        for strip in self.strips:
            # The last strip also carries the time axis: a little more room keeps the curves equally tall.
            self._box.addWidget(strip, 115 if strip is self.strips[-1] else 100)
        self._drop = drop
        self._least_px = LEAST_STRIP_PX
        self._drawn_s = math.nan
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        gap = theme.px(14)
        self._box.setContentsMargins(gap, theme.px(10), gap, theme.px(8))
        self._box.setSpacing(theme.px(6))
        self._least_px = theme.px(LEAST_STRIP_PX)
        for strip in self.strips:
            strip.set_theme(theme)
        self._fit()

    def set_rules(self, rules: Rules) -> None:
        """Show the target bands of these rules."""
        for strip in self.strips:
            strip.set_rules(rules)

    def show_bands(self, shown: bool) -> None:
        """Show the target bands or leave them out: without a standing reference they say nothing."""
        for strip in self.strips:
            strip.show_band(shown)

    def minimumSizeHint(self) -> QSize:
        """Ask for all strips, or for one where they may be left out."""
        hint = super().minimumSizeHint()
        return QSize(hint.width(), self.height_of(1)) if self._drop else hint

    def height_of(self, strips: int) -> int:
        """Return the height that so many strips need, px."""
        margins = self._box.contentsMargins()
        air = margins.top() + margins.bottom() + (strips - 1) * self._box.spacing()
        return air + round((strips + 0.15) * self._least_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what does not fit."""
        super().resizeEvent(event)
        self._fit()

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

    def _fit(self) -> None:
        fitting = sum(self.height() >= self.height_of(n) for n in range(2, len(self.strips) + 1)) + 1
        dropped = DROPPED[: len(self.strips) - fitting] if self._drop else ()
        for strip in self.strips:
            strip.setVisible(strip.spec.row not in dropped)
