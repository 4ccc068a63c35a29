"""Why a cue was given: its steps against the threshold, the article's view, and what was published, apart."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.coach.quantities import RUNNING_MEASURES, STANCE_MEASURES
from app.coach.report import FaultId
from app.store.clock import clock
from app.ui.pages.review_words import about_words, amount, sentence
from app.ui.panels.parts import Words
from app.ui.theme import CAPTION_PX, Theme, Tone
from app.ui.words import mark as marked
from app.ui.words import tr

if TYPE_CHECKING:
    from app.session.set_record import CueMark, SetRecord

#: What published work says of the article's view.
SAYS: Final = {
    "agrees": marked("Published work agrees:"),
    "in part": marked("Published work agrees in part:"),
    "disagrees": marked("Published work disagrees:"),
    "missing": marked("Published work:"),
}


#: What is said this soon after a repetition is about it, s.
AFTER_REP_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class CueEvidence:
    """Why a cue was given.

    Attributes:
        said: when and in which words. because: what was on. measure: what the values are. values: of each step.
        threshold, unit, higher: as in the rule; NaN for none. article, published: the two views, apart.

    """

    said: str
    because: str
    measure: str = ""
    values: tuple[float, ...] = ()
    threshold: float = math.nan
    unit: str = ""
    higher: bool = True
    article: str = ""
    published: tuple[str, ...] = ()


def cue_evidence(mark: CueMark, record: SetRecord) -> CueEvidence:
    """Return why a cue was given, in words and numbers."""
    cue = mark.cue
    said = tr("{time}, said: “{words}”").format(
        time=clock(cue.t_s - record.first_s), words=sentence(tr(cue.spoken), end="")
    )
    if not any(cue.because == fault.value for fault in FaultId):
        return CueEvidence(said, _without_fault(mark, record))
    fault = FaultId(cue.because)
    text = record.rules.texts[fault]
    measure, higher = _deciding(mark, record)
    name = about_words(fault.value)[0]
    because = tr("{fault}: {value}, where the limit is {threshold}.").format(
        fault=name,
        value=amount(cue.value, cue.unit, record.height_cm),
        threshold=amount(cue.threshold, cue.unit, record.height_cm),
    )
    published = tuple(
        f"{tr(SAYS.get(e.says, SAYS['missing']))} {tr(e.claim)}" + (f" ({e.source})" if e.source else "")
        for e in text.evidence
    )
    values = cue.values
    return CueEvidence(
        said, because, measure, values, cue.threshold, cue.unit, higher, tr(text.article_view), published
    )


def _without_fault(mark: CueMark, record: SetRecord) -> str:
    """Return why something was said that no fault was behind."""
    cue = mark.cue
    if cue.id.startswith("praise"):
        return tr("You came back to good form: this is said once.")
    if cue.id == record.rules.standing_taken.id:
        return tr("Everything is measured against how you stand.")
    rep = next((rep for rep in record.reps if abs(rep.end_s - cue.t_s) < AFTER_REP_S), None)
    if rep is not None and cue.id.startswith("drill_"):
        words = about_words(rep.verdict, record.drill)[0]
        return tr("Repetition {n}: {words}").format(n=rep.number, words=words)
    return tr("No fault was behind it.")


def _deciding(mark: CueMark, record: SetRecord) -> tuple[str, bool]:
    """Return the words of the measure that decided, and whether too high is the fault."""
    cue = mark.cue
    fault = FaultId(cue.because)
    spec = record.rules.running.get(fault)
    for way in spec.ways if spec is not None else ():
        if way[0].unit == cue.unit and abs(way[0].band.on * way[0].scale - cue.threshold) < 1e-9:
            return tr(RUNNING_MEASURES[way[0].measure].words), way[0].higher
    stance = record.rules.stance.get(fault)
    if stance is not None and stance.unit == cue.unit and abs(stance.on - cue.threshold) < 1e-9:
        return tr(STANCE_MEASURES[stance.measure].words), stance.higher
    return tr("highest head below standing"), False


def silence_lines(record: SetRecord, most: int = 4) -> tuple[str, ...]:
    """Return why nothing was said after the other steps with a fault, the most frequent reason first."""
    why = Counter(m.unsaid for m in record.steps if m.unsaid and (m.fault is not None or m.step.hit))
    return tuple(tr("{n} steps: {why}").format(n=n, why=tr(reason)) for reason, n in why.most_common(most))


class EvidenceChart(QWidget):
    """The value of each step behind a cue, as bars against the threshold."""

    def __init__(self, theme: Theme, evidence: CueEvidence, height_cm: float) -> None:
        super().__init__()
        self._theme, self._evidence, self._height_cm = theme, evidence, height_cm
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        values = ", ".join(amount(v, evidence.unit, height_cm) for v in evidence.values)
        self.setAccessibleName(f"{evidence.measure}: {values}")
        self.setFixedHeight(theme.px(84))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._theme = theme
        self.setFixedHeight(theme.px(84))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars, each with its value, and the threshold as a dashed line."""
        evidence, palette, px = self._evidence, self._theme.palette, self._theme.px
        values = [v for v in evidence.values if math.isfinite(v)]
        if not values or not math.isfinite(evidence.threshold):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = min(0.0, *values, evidence.threshold), max(0.0, *values, evidence.threshold)
        top, bottom = px(16), self.height() - px(4)

        def y_of(value: float) -> float:
            return bottom - (bottom - top) * (value - low) / max(high - low, 1e-6)

        font = self._theme.font(CAPTION_PX)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        words = amount(evidence.threshold, evidence.unit, self._height_cm)
        right = self.width() - metrics.horizontalAdvance(words) - px(8)
        slot = right / len(values)
        for k, value in enumerate(values):
            past = value > evidence.threshold if evidence.higher else value < evidence.threshold
            box = QRectF(k * slot + slot * 0.18, y_of(max(value, 0.0)), slot * 0.64, abs(y_of(value) - y_of(0.0)))
            box.setHeight(max(box.height(), 2.0))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.tone(Tone.OFF if past else Tone.GOOD))
            painter.drawRoundedRect(box, px(3), px(3))
        line = QPen(QColor(palette.text), max(1.5, px(1.5)))
        line.setDashPattern([3.0, 2.5])
        painter.setPen(line)
        y = y_of(evidence.threshold)
        painter.drawLine(QPointF(0, y), QPointF(right, y))
        for k, value in enumerate(values):
            number = amount(value, evidence.unit, self._height_cm).split(" ")[0]
            width = metrics.horizontalAdvance(number)
            if width >= slot:
                continue
            # On its own ground: the line of the threshold may pass behind it.
            over = QRectF(k * slot + (slot - width) / 2 - 2, y_of(max(value, 0.0)) - px(16), width + 4, px(15))
            painter.fillRect(over, QColor(palette.surface))
            painter.setPen(QColor(palette.muted))
            painter.drawText(over, Qt.AlignmentFlag.AlignCenter, number)
        painter.setPen(QColor(palette.text))
        painter.setFont(self._theme.font(CAPTION_PX, QFont.Weight.DemiBold))
        box = QRectF(right + px(4), min(max(y - px(9), 0.0), self.height() - px(18)), self.width() - right, px(18))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


class EvidenceBox(QWidget):
    """Why a cue was given: the steps and their values, the article's view, and what was published, apart."""

    def __init__(self, theme: Theme, evidence: CueEvidence, height_cm: float) -> None:
        super().__init__()
        self.setAccessibleName(evidence.because)
        self._box = QVBoxLayout(self)
        self.chart: EvidenceChart | None = None
        self._box.addWidget(Words(evidence.said, "strong"))
        self._box.addWidget(Words(evidence.because, "body"))
        if evidence.values:
            self.chart = EvidenceChart(theme, evidence, height_cm)
            self._box.addWidget(self.chart)
        if evidence.measure:
            steps = tr("The {n} steps behind it: {measure}").format(n=len(evidence.values), measure=evidence.measure)
            steps = steps if evidence.values else tr("Measured: {measure}").format(measure=evidence.measure)
            self._box.addWidget(Words(steps, "caption"))
        if evidence.article:
            self._box.addWidget(Words(tr("The article"), "name"))
            self._box.addWidget(Words(evidence.article, "body"))
        for line in evidence.published:
            self._box.addWidget(Words(line, "caption"))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours or sizes."""
        self._box.setContentsMargins(theme.px(6), theme.px(2), theme.px(6), theme.px(10))
        self._box.setSpacing(theme.px(6))
        if self.chart is not None:
            self.chart.set_theme(theme)
