"""Why this was said, or why nothing was: the newest cue with its evidence, or the coach's reason for being silent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.coach import policy
from app.coach.live_values import deciding_condition
from app.coach.model import COUNTING, HEAD_TURNED
from app.coach.report import GOOD, ActiveFault, Activity, FaultId
from app.ui.cue_card import FAULT_CARDS, cue_shape, cue_tone
from app.ui.icons import paint_shape
from app.ui.theme import BODY_PX, CAPTION_PX, Theme, Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Cue
    from app.coach.rules import Rules

#: So long a cue stands with its evidence; then what is on now comes forward and the cue goes into the last line.
CUE_KEPT_S: Final = 8.0

#: Between a number and its unit: no line breaks there.
HARD_SPACE: Final = "\u00a0"

#: The measures of the rules, by field, in the runner's words.
MEASURE_WORDS: Final[dict[str, str]] = {
    "knee_flexion_deg": mark("Knee bend at midstance"),
    "hip_flexion_deg": mark("Hip flexion at midstance"),
    "thigh_deg": mark("Thigh ahead of upright at midstance"),
    "shank_deg": mark("Shank tilt at midstance"),
    "trunk_lean_deg": mark("Trunk lean"),
    "line_offset_bh": mark("Line offset at push-off"),
    "midstance_drop_bh": mark("Midstance drop"),
    "reach_of_travel": mark("Reach"),
}
#: Those of the stance.
STANCE_WORDS: Final[dict[str, str]] = {
    "theta_l_deg": mark("Line tilt"),
    "theta_t_deg": mark("Trunk lean"),
    "d_h_bh_pct": mark("Line offset"),
    "front_load_deg": mark("Bend of front hip and knee"),
    "front_knee_deg": mark("Bend of the front knee"),
    "rear_knee_deg": mark("Bend of the rear knee"),
    "front_shank_deg": mark("Tilt of the front shank"),
    "drop_bh_pct": mark("Ear below standing height"),
    "stagger_bh_pct": mark("Feet apart"),
}
#: Why nothing was said, in the words of the window.
UNSAID_WORDS: Final[dict[str, str]] = {
    policy.ON_TARGET: mark("on target"),
    policy.TOO_NEW: mark("too new: a fault is spoken of when it has been on for eight steps"),
    policy.UNCERTAIN: mark("uncertain: the interval of its measure reaches over the threshold"),
    policy.TOO_SOON: mark("too soon after the last words"),
    policy.GIVEN_UP: mark("said often enough: shown only, for a minute"),
    policy.CORRECTING: mark("the newest steps are better: it is waited for"),
    policy.CHANGING: mark("the newest steps point to another fault: it is waited for"),
    policy.NOT_SEPARABLE: mark("on this body, by this camera, it cannot be told from the good stance: shown only"),
    COUNTING: mark("counting the first steps"),
    HEAD_TURNED: mark("the head is turned: look ahead"),
    policy.ROOF_WAITS: mark("the hits may come from a fault that begins: it is waited for"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """What the card says: a few strong words, the evidence, a quiet last line; tone and shape of its mark."""

    title: str
    evidence: str = ""
    last: str = ""
    tone: Tone = Tone.CALM
    shape: str = "wait"

    @property
    def spoken(self) -> str:
        """All of it in one line, for screen readers and the tooltip."""
        return ". ".join(part for part in (self.title, self.evidence, self.last) if part)


def why_of(report: CoachReport | None, cue: Cue | None, height_cm: float, rules: Rules | None = None) -> Why:
    """Return what to say of a report.

    Args:
        report: the newest; None where nothing runs.
        cue: the newest cue that was decided at all, old or not.
        height_cm: stature, NaN where not told: lengths are then in % of body height.
        rules: what is judged by, None for the default.
    """
    if report is None:
        return Why(tr("Nothing runs"), tr("What is said, and why, stands here"))
    age_s = report.t_s - cue.t_s if cue is not None else math.inf
    if cue is not None and age_s < CUE_KEPT_S:
        evidence = _of_cue(cue, height_cm, rules) if cue.because else ""
        # That it waits after speaking goes without saying.
        silence = _silence(report) if report.unsaid != policy.TOO_SOON else ""
        return Why(tr("Said: {words}").format(words=tr(cue.shown)), evidence, silence, cue_tone(cue), cue_shape(cue))
    before = ""
    # Praise and news of the measuring are over when they are over: only what was to be changed is looked back at.
    if cue is not None and cue.because:
        told = tr("{n} s ago: {words}") if age_s < 90.0 else tr("{n} min ago: {words}")
        before = told.format(n=f"{age_s if age_s < 90.0 else age_s / 60.0:.0f}", words=tr(cue.shown))
    if report.faults:
        fault = report.faults[0]
        name, shape = FAULT_CARDS.get(fault.id, (fault.id.value, "hips"))
        title = tr("{fault}, for {n} steps").format(fault=tr(name), n=fault.steps)
        if report.activity is not Activity.RUNNING:
            title = tr(name)
        return Why(title, _of_fault(fault, height_cm, rules), _silence(report) or before, Tone.OFF, shape)
    if report.not_judged_because:
        return Why(tr("Not judged"), tr(report.not_judged_because), before)
    if report.verdict == GOOD:
        silence = _silence(report)
        return Why(tr("On target"), silence if report.unsaid != policy.ON_TARGET else "", before, Tone.GOOD, "check")
    return Why(tr("Nothing to say"), _silence(report), before)


def quantity(value: float, unit: str, height_cm: float) -> str:
    """Return a value of the rules in words; ``unit`` is "deg", "bh_pct" or "travel_pct"."""
    if unit == "bh_pct":
        if math.isfinite(height_cm):
            return tr("{n} cm").replace(" ", HARD_SPACE).format(n=_words(value * height_cm / 100.0))
        return tr("{n} % BH").replace(" ", HARD_SPACE).format(n=_words(value))
    return f"{_words(value)}°" if unit == "deg" else f"{_words(value)}{HARD_SPACE}%"


def _words(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _of_fault(fault: ActiveFault, height_cm: float, rules: Rules | None) -> str:
    """Return the deciding measure against its threshold; "" where it is not known.

    Faults of the stance have no steps; the hits of the roof, which no rule holds, are told by the head.
    """
    stance = fault.steps == 0
    condition = deciding_condition(fault, rules, stance)
    if fault.value != fault.value or (condition is None and fault.id is not FaultId.STANDING_UP):
        return ""
    words = STANCE_WORDS if stance else MEASURE_WORDS
    name = tr(words[condition.measure]) if condition is not None else tr("Head below standing height")
    value, threshold = (quantity(n, fault.unit, height_cm) for n in (fault.value, fault.threshold))
    told = tr("{measure} {value}, over {threshold}") if fault.value > fault.threshold else None
    return (told or tr("{measure} {value}, under {threshold}")).format(measure=name, value=value, threshold=threshold)


def _of_cue(cue: Cue, height_cm: float, rules: Rules | None) -> str:
    """Return the evidence of a cue: the measure, its threshold and the steps."""
    fault = ActiveFault(FaultId(cue.because), cue.value, cue.threshold, cue.unit, len(cue.steps))
    evidence = _of_fault(fault, height_cm, rules)
    if not cue.steps:
        return evidence
    first, last = cue.steps[0], cue.steps[-1]
    if cue.steps == tuple(range(first, last + 1)) and first != last:
        steps = tr("steps {first} to {last}").format(first=first, last=last)
    else:
        steps = tr("steps {numbers}").format(numbers=", ".join(str(number) for number in cue.steps))
    return f"{evidence} · {steps}" if evidence else steps


def _silence(report: CoachReport) -> str:
    if not report.unsaid:
        return ""
    # What a dose says holds numbers of its own.
    reason = UNSAID_WORDS.get(report.unsaid)
    return tr("Silent: {reason}").format(reason=tr(reason) if reason else tr(report.unsaid))


class WhyCard(QWidget):
    """Paints a `Why` at a fixed height: what stands below never moves."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._lines = 3
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self.why = Why("")
        self.say(why_of(None, None, math.nan))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def set_lines(self, lines: int) -> None:
        """Have so many small lines below the title."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
            self.update()

    def say(self, why: Why) -> None:
        """Say something else."""
        if why != self.why:
            self.why = why
            self.setAccessibleName(why.spoken)
            self.setToolTip(why.spoken)
            self.update()

    def sizeHint(self) -> QSize:
        """Ask for the title and the small lines."""
        return QSize(self._theme.px(260), self._theme.px(42 + 17 * self._lines))

    def minimumSizeHint(self) -> QSize:
        """Make do with little width."""
        return QSize(self._theme.px(180), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint mark, title, evidence on up to two lines, and the last line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        p, px, why = self._theme.palette, self._theme.px, self.why
        icon_px = px(26)
        paint_shape(painter, why.shape, QRectF(px(14), px(12), icon_px, icon_px), p.tone(why.tone), 2.0)
        left = px(14) + icon_px + px(10)
        width = self.width() - left - px(12)
        title, small = self._theme.font(BODY_PX + 1, QFont.Weight.DemiBold), self._theme.font(CAPTION_PX)
        top = float(px(9))
        rows = [(why.title, title, p.text, px(22))]
        rows += [(line, small, colour, px(17)) for line, colour in self._small_lines(QFontMetricsF(small), width)]
        for words, font, colour, height in rows:
            painter.setFont(font)
            painter.setPen(QColor(colour))
            line = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRectF(left, top, width, height), Qt.AlignmentFlag.AlignVCenter, line)
            top += height

    def _small_lines(self, metrics: QFontMetricsF, width: float) -> list[tuple[str, str]]:
        """Return what stands below the title, with colours: evidence goes first, the last line keeps its place."""
        p, why = self._theme.palette, self.why
        last = two_lines(why.last, metrics, width)
        room = self._lines - bool(last)
        told = why.evidence
        if not fits(told, metrics, width, room):
            # Whole or not at all: the steps go before the measure is cut.
            told = told.split(" · ")[0]
        evidence = two_lines(told, metrics, width)
        if len(evidence) > room:
            evidence = [told]
        if len(evidence) + len(last) > self._lines:
            last = [why.last]
        return [(line, p.text) for line in evidence] + [(line, p.muted) for line in last]


def fits(words: str, metrics: QFontMetricsF, width: float, lines: int) -> bool:
    """Return whether words need no more than so many lines (one or two)."""
    needed = two_lines(words, metrics, width)
    return len(needed) <= lines and all(metrics.horizontalAdvance(line) <= width for line in needed)


def two_lines(words: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """Return words on one line or two; what does not fit the second is left for it to be elided."""
    if not words:
        return []
    parts = words.split(" ")
    first = len(parts)
    while first > 1 and metrics.horizontalAdvance(" ".join(parts[:first])) > width:
        first -= 1
    return [" ".join(parts[:first]), " ".join(parts[first:])] if first < len(parts) else [words]
