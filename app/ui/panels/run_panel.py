"""Beside the runner: gauges, the reason of what is said, live plots and the tunnel's counters, for whoever coaches."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.coach.live_values import Live, StepWindow, live_values
from app.coach.report import NOT_JUDGED, Activity
from app.coach.types import ViewKind
from app.ui.panels.gauges import GaugeColumn
from app.ui.panels.panel import Panel
from app.ui.panels.why import WhyCard, why_of
from app.ui.plots import StripColumn
from app.ui.theme import GAP_PX
from app.ui.widgets import Counters
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Cue, Step
    from app.coach.rules import Rules
    from app.session import Analysis
    from app.ui.choice import Choice
    from app.ui.theme import Theme

LEAST_WIDTH_PX: Final = 280
#: The gauges that are seen at least; and beside two strips, instead of one.
LEAST_GAUGES, SEEN_GAUGES = 3, 6
#: From this height on the reason gets another line.
TALL_PX: Final = 640
#: What is measured from the front too.
FROM_FRONT: Final = frozenset({Live.CLEARANCE, Live.OSCILLATION, Live.CADENCE})
#: What needs no standing reference; and where there is none, though the stature may be known.
WITHOUT_STANDING: Final = frozenset({Live.REACH, Live.OSCILLATION, Live.CADENCE, Live.LINE_OFFSET})
NO_STANDING: Final = ("none", "height")


class RunPanel(Panel):
    """The coach's layout of the run screen.

    The window calls `draw_plots` at 15 Hz and `write_numbers` at 4 Hz.
    """

    def __init__(self, theme: Theme, choice: Choice, rules: Rules | None = None) -> None:
        super().__init__(theme, choice)
        self._rules = rules
        self._window = StepWindow()
        self._report: CoachReport | None = None
        self._cue: Cue | None = None
        self._deciding: Live | None = None
        self._height_cm = math.nan
        self.why = WhyCard(theme)
        self.gauges = GaugeColumn(theme)
        self.strips = StripColumn(theme, drop=True)
        self.counters = Counters(theme, ("inside", "hits", "longest", "floor"))
        self.scroller = QScrollArea()
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(self.gauges)
        self.dials = QWidget()
        self.dials.setObjectName("surface")
        self.dials.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inner = QVBoxLayout(self.dials)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.scroller)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        # The gauges' height is shared out anew with every size: the size before must not stand in the way.
        self._box.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self._box.addWidget(self.why)
        self._box.addWidget(self.dials)
        self._box.addWidget(self.counters)
        self._box.addWidget(self.strips, 1)
        self.setMinimumWidth(LEAST_WIDTH_PX)
        if rules is not None:
            self.strips.set_rules(rules)
        self.set_theme(theme)
        self._show_gauges()

    def set_rules(self, rules: Rules) -> None:
        """Show the bands of these rules: a coach's own file."""
        self._rules = rules
        self.strips.set_rules(rules)
        self._show_gauges()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        super().set_theme(theme)
        px = theme.px
        self._box.setSpacing(px(GAP_PX))
        for part in (self.why, self.gauges, self.strips, self.counters):
            part.set_theme(theme)
        self._share_height()

    def add_step(self, step: Step) -> None:
        """Take a finished step."""
        self._window.add(step)
        self.strips.series.add_step(step)

    def show_analysis(self, analysis: Analysis) -> None:
        """Keep the newest frame's numbers; they are drawn by `draw_plots`."""
        report = self._report = analysis.report
        self.strips.series.add(report.sample)
        if report.cue is not None:
            self.show_cue(report.cue)
        sample = report.sample
        if math.isfinite(sample.head_below_standing_cm) and abs(sample.head_below_standing_bh) > 1e-4:
            self._height_cm = sample.head_below_standing_cm / sample.head_below_standing_bh

    def show_cue(self, cue: Cue) -> None:
        """Take the newest cue: the frame that brought it may have been replaced by a newer one before it was seen."""
        self._cue = cue

    def draw_plots(self) -> None:
        """Redraw the curves; call it at 15 Hz."""
        if self.isVisible():
            self.strips.draw(self._report.tunnel if self._report is not None else None)

    def write_numbers(self, analysis: Analysis | None) -> None:
        """Write every number, and why something was said or not; call it at 4 Hz."""
        if analysis is None:
            return
        self.strips.draw_numbers()
        self.counters.show_report(analysis.report)
        self._show_gauges()
        self.why.say(why_of(analysis.report, self._cue, self._height_cm, self._rules))

    def clear(self) -> None:
        """A new session begins."""
        self._window.clear()
        self._report, self._cue, self._height_cm = None, None, math.nan
        self.strips.clear()
        self.counters.clear()
        self._show_gauges()
        self.why.say(why_of(None, None, math.nan))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the height anew."""
        super().resizeEvent(event)
        self._share_height()

    def minimumSizeHint(self) -> QSize:
        """Ask for the reason, a few gauges, the counters and one strip."""
        parts = self.why.sizeHint().height() + self.counters.sizeHint().height() + 3 * self._box.spacing()
        return QSize(LEAST_WIDTH_PX, parts + self.gauges.height_of(LEAST_GAUGES) + self.strips.height_of(1))

    def _show_gauges(self) -> None:
        report, steps = self._report, self._window.steps
        fault = None
        if report is not None and report.activity is Activity.RUNNING:
            fault = next(iter(report.faults), None)
        old = report is not None and self._window.over(report.t_s)
        shown = measurable(report)
        values = live_values(steps, self._rules, fault, judged_now(report))
        values = {live: value if live in shown else replace(value, measure=None) for live, value in values.items()}
        deciding = next((live for live, value in values.items() if value.decides), None)
        if deciding is not None and deciding is not self._deciding:
            # Only when it changes: who scrolls away from it is not pulled back.
            self.scroller.ensureWidgetVisible(self.gauges.gauges[deciding], 0, 0)
        self._deciding = deciding
        self.gauges.show_values(values, self._height_cm, why_not(report, bool(steps)), old and bool(steps))
        self.strips.show_bands(report is None or Live.TRUNK_LEAN in shown)

    def _strips_in(self, height: int) -> int:
        return sum(height >= self.strips.height_of(n) for n in range(1, len(self.strips.strips) + 1))

    def _share_height(self) -> None:
        """Give the gauges what they need, as long as the strips keep their least; the strips get the rest."""
        gap = self._box.spacing()
        self.gauges.fit_width(self.width())
        self.counters.fit_width(self.width())
        self.why.set_lines(3 if self.height() >= self._theme.px(TALL_PX) else 2)
        free = self.height() - self.why.sizeHint().height() - self.counters.sizeHint().height() - 3 * gap
        high, least = self.gauges.height_of(), self.strips.height_of(1)
        key = self.gauges.height_of_legend()
        if self._strips_in(free - high - key) >= max(2, self._strips_in(free - high)):
            # The legend is seen where that costs no curve; elsewhere it is reached by scrolling.
            high += key
        if free - high < self.strips.height_of(2) <= free - self.gauges.height_of(SEEN_GAUGES):
            # Where something must be scrolled anyway, two curves tell more than the last gauges.
            least = self.strips.height_of(2)
        fitting = min(high, free - least)
        if fitting < high:
            fitting = self.gauges.whole_rows(fitting)
        self.dials.setFixedHeight(max(fitting, self.gauges.height_of(LEAST_GAUGES)))


def measurable(report: CoachReport | None) -> frozenset[Live]:
    """Return what can be measured at all: from the front no angles, and without a standing nothing against it."""
    if report is None:
        return frozenset()
    found = frozenset(Live)
    if report.view is ViewKind.FRONT:
        found &= FROM_FRONT
    if report.standing.source in NO_STANDING:
        found &= WITHOUT_STANDING
    return found


def judged_now(report: CoachReport | None) -> frozenset[Live]:
    """Return what is judged now: all of it or nothing; from the front only the roof."""
    if report is None:
        return frozenset()
    if report.verdict != NOT_JUDGED:
        return frozenset(Live)
    return frozenset({Live.CLEARANCE}) if report.view is ViewKind.FRONT else frozenset()


def why_not(report: CoachReport | None, stepped: bool) -> dict[Live, str]:
    """Return why each value that is not measured is not.

    Args:
        report: the newest; None where nothing runs.
        stepped: whether there are steps of this run.
    """
    if report is None:
        return dict.fromkeys(Live, "–")
    reasons = dict.fromkeys(Live, tr("not measured") if stepped else tr("no running steps yet"))
    if stepped:
        reasons[Live.CLEARANCE] = tr("finding your roof")
    if report.standing.source in NO_STANDING:
        reasons |= {live: tr("needs you to stand tall first") for live in Live if live not in WITHOUT_STANDING}
    if report.view is ViewKind.FRONT:
        reasons |= {live: tr("not seen from the front") for live in Live if live not in FROM_FRONT}
    return reasons
