"""How the strip of a set is laid out and painted: blocks of steps, cues, hits, the axis and the mark."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from app.coach.report import NOT_JUDGED, Cue, FaultId
from app.session.set_record import SetKind, SetRecord
from app.store.clock import clock
from app.ui.icons import paint_shape
from app.ui.overlay import burst
from app.ui.pages.review_words import about_tone, about_words
from app.ui.theme import CAPTION_PX, RADIUS_PX, Theme, Tone
from app.ui.words import tr

#: Patterns of the blocks: what the colour tells is told by the shape as well.
PATTERNS: Final[dict[str, Qt.BrushStyle]] = {
    FaultId.PELVIS_DRIFT: Qt.BrushStyle.BDiagPattern,
    FaultId.HIP_SQUEEZE: Qt.BrushStyle.DiagCrossPattern,
    FaultId.ANKLE_LEAN: Qt.BrushStyle.FDiagPattern,
    FaultId.UPRIGHT: Qt.BrushStyle.VerPattern,
    FaultId.OVER_LEAN: Qt.BrushStyle.HorPattern,
    FaultId.STANDING_UP: Qt.BrushStyle.Dense6Pattern,
    FaultId.OVERSTRIDE: Qt.BrushStyle.CrossPattern,
    FaultId.TALL: Qt.BrushStyle.Dense6Pattern,
    FaultId.NO_STAGGER: Qt.BrushStyle.VerPattern,
}
#: A gap between steps that is longer ends a block.
GAP_S: Final = 0.6
#: Height of the line that says what the marks are, and of a strip that has room for it, px at scale 1.
LEGEND_PX, LEGEND_FROM_PX = 18, 118
#: Distances between the labels of the time axis, s.
TICKS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring steps (or one stance, one repetition) with the same verdict."""

    start_s: float
    end_s: float
    about: str
    words: str
    shape: str
    tone: Tone


def blocks_of(record: SetRecord) -> tuple[Block, ...]:
    """Return what the strip is made of, in order of time; what was not judged is left out."""
    spans: list[tuple[float, float, str]] = []
    if record.kind is SetKind.RUN:
        for mark in record.steps:
            start_s, end_s = mark.step.t_s, mark.end_s
            if spans and spans[-1][2] == mark.verdict and start_s - spans[-1][1] <= GAP_S:
                start_s = spans.pop()[0]
            spans.append((start_s, end_s, mark.verdict))
    elif record.kind is SetKind.DRILL:
        spans = [(rep.start_s, rep.end_s, rep.verdict) for rep in record.reps]
    else:
        spans = [(mark.hold.start_s, mark.hold.end_s, mark.hold.verdict) for mark in record.holds]
    drill = record.drill if record.kind is SetKind.DRILL else None
    return tuple(
        Block(start_s, end_s, about, *about_words(about, drill), about_tone(about))
        for start_s, end_s, about in spans
        if about != NOT_JUDGED
    )


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """What is painted, and where.

    Attributes:
        record: the set. blocks: what it is made of. theme: colours and sizes. width, height: of the widget, px.
        shown_s: begin and end of what is shown. t_s: of the mark, NaN for none. cue: the chosen one, -1 for none.

    """

    record: SetRecord
    blocks: tuple[Block, ...]
    theme: Theme
    width: int
    height: int
    shown_s: tuple[float, float]
    t_s: float
    cue: int

    def x_of(self, t_s: float) -> float:
        """Return where an instant lies, widget px."""
        pad, (start_s, end_s) = self.theme.px(16), self.shown_s
        return pad + (self.width - 2 * pad) * (t_s - start_s) / (end_s - start_s)

    def time_at(self, x: float) -> float:
        """Return the instant of a place, within the set."""
        pad, (start_s, end_s) = self.theme.px(16), self.shown_s
        t_s = start_s + (x - pad) / max(self.width - 2 * pad, 1) * (end_s - start_s)
        return min(max(t_s, self.record.first_s), self.record.last_s)

    def lanes(self) -> tuple[QRectF, QRectF, QRectF]:
        """Return where cues, steps and the time axis go."""
        px, width, height = self.theme.px, self.width, self.height
        cues, axis = px(30), px(24) + (px(LEGEND_PX) if self.has_legend else 0)
        steps = QRectF(px(16), cues + px(4), width - 2 * px(16), height - cues - axis - px(8))
        return QRectF(0, px(4), width, cues - px(4)), steps, QRectF(0, height - axis, width, px(24))

    @property
    def has_legend(self) -> bool:
        """Whether there is room for a line that says what the marks are."""
        return self.height >= self.theme.px(LEGEND_FROM_PX)


def paint_strip(painter: QPainter, strip: Strip) -> None:
    """Paint all of it but the mark."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(strip.theme.palette.surface))
    radius = strip.theme.px(RADIUS_PX)
    painter.drawRoundedRect(QRectF(0, 0, strip.width, strip.height), radius, radius)
    _, lane, _ = strip.lanes()
    _paint_ground(painter, strip, lane)
    painter.save()
    painter.setClipRect(lane.adjusted(-2, -strip.height, 2, 0))
    for block in strip.blocks:
        _paint_block(painter, strip, block, lane)
    _paint_steps(painter, strip, lane)
    for block in strip.blocks:
        _paint_label(painter, strip, block, lane)
    _paint_hits(painter, strip, lane)
    _paint_gaps(painter, strip, lane)
    painter.restore()
    _paint_axis(painter, strip)
    _paint_marked(painter, strip)
    _paint_cues(painter, strip)
    if strip.has_legend:
        _paint_legend(painter, strip)


def legend_of(kind: SetKind, marked: bool = False) -> str:
    """Return what the marks of the strip are."""
    flags = tr("Flags: what was marked") if marked else ""
    return "  ·  ".join(part for part in (_bubbles(kind), flags) if part)


def _bubbles(kind: SetKind) -> str:
    if kind is SetKind.RUN:
        return tr("Each line is a step: the longer, the further off. Bubbles: what was said")
    if kind is SetKind.DRILL:
        return tr("Each block is a repetition. Bubbles: what was said")
    return tr("Each block is a stance. Bubbles: what was said")


def _paint_legend(painter: QPainter, strip: Strip) -> None:
    p, px = strip.theme.palette, strip.theme.px
    font = strip.theme.font(CAPTION_PX)
    box = QRectF(px(16), strip.height - px(LEGEND_PX + 4), strip.width - 2 * px(16), px(LEGEND_PX))
    legend = legend_of(strip.record.kind, bool(strip.record.marks_s))
    words = QFontMetricsF(font).elidedText(legend, Qt.TextElideMode.ElideRight, box.width())
    painter.setFont(font)
    painter.setPen(QColor(p.muted))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


def _paint_ground(painter: QPainter, strip: Strip, lane: QRectF) -> None:
    """Paint the lane; below it a line where there are pictures."""
    p, px = strip.theme.palette, strip.theme.px
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(p.ground))
    painter.drawRoundedRect(lane, px(6), px(6))
    from_x = max(strip.x_of(strip.record.pictured_from_s), lane.left()) if strip.record.shots else math.inf
    if from_x < lane.right():
        painter.setBrush(QColor(p.muted))
        line = QRectF(from_x, lane.bottom() + px(2), lane.right() - from_x, max(2.0, px(2)))
        painter.drawRoundedRect(line, 1, 1)


def _paint_block(painter: QPainter, strip: Strip, block: Block, lane: QRectF) -> None:
    p, px = strip.theme.palette, strip.theme.px
    box = QRectF(strip.x_of(block.start_s), lane.top(), 0.0, lane.height())
    box.setRight(max(strip.x_of(block.end_s), box.left() + 1.0))
    if box.right() < lane.left() or box.left() > lane.right():
        return
    colour = p.tone(block.tone)
    fill = QColor(colour)
    fill.setAlphaF(0.20)
    pattern = PATTERNS.get(block.about)
    if box.width() < px(5):
        # Of an hour there are thousands: no corners and no pattern would be seen. What is wrong stands out by height.
        box.setTop(lane.top() if pattern is not None else lane.top() + 0.5 * lane.height())
        painter.fillRect(box, fill)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, px(4), px(4))
    if pattern is not None:
        hatch = QColor(colour)
        hatch.setAlphaF(0.26)
        painter.setBrush(QBrush(hatch, pattern))
        painter.drawRoundedRect(box, px(4), px(4))


def _paint_label(painter: QPainter, strip: Strip, block: Block, lane: QRectF) -> None:
    """Paint shape and words of a block, as far as there is room."""
    p, px = strip.theme.palette, strip.theme.px
    box = QRectF(QPointF(strip.x_of(block.start_s), lane.top()), QPointF(strip.x_of(block.end_s), lane.bottom()))
    colour = p.tone(block.tone)
    painter.setPen(Qt.PenStyle.NoPen)
    side = px(18)
    inner = box.intersected(lane)
    if inner.width() < side + px(6):
        return
    font = strip.theme.font(CAPTION_PX, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    room = inner.width() - side - px(16)
    words = block.words if metrics.horizontalAdvance(block.words) <= room else ""
    chip = QRectF(inner.left() + px(4), inner.top() + px(4), side + px(4), side + px(4))
    if words:
        chip.setWidth(side + px(12) + metrics.horizontalAdvance(words))
    ground = QColor(p.surface)
    ground.setAlphaF(0.92)
    painter.setBrush(ground)
    painter.drawRoundedRect(chip, px(5), px(5))
    paint_shape(painter, block.shape, QRectF(chip.left() + px(2), chip.top() + px(2), side, side), colour, 2.2)
    painter.setFont(font)
    painter.setPen(QColor(p.text))
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(chip.adjusted(side + px(6), 0, 0, 0), left, words)


def _paint_steps(painter: QPainter, strip: Strip, lane: QRectF) -> None:
    """Paint a line for each step, the longer the worse, and a burst over each hit; where there is room."""
    if strip.record.kind is not SetKind.RUN or len(strip.record.steps) < 2:
        return
    px, palette = strip.theme.px, strip.theme.palette
    start_s, end_s = strip.shown_s
    seconds = end_s - start_s
    shown = [m for m in strip.record.steps if m.end_s >= start_s and m.step.t_s <= end_s]
    apart = lane.width() / max(seconds, 1e-6) * 0.35
    worst = max((m.excess for m in shown if m.excess == m.excess), default=0.0)
    for mark in shown if apart >= 2.5 else ():
        share = 0.22
        if mark.excess > 0.0 and worst > 0.0:
            share = 0.30 + 0.32 * mark.excess / worst
        colour = palette.tone(about_tone(mark.verdict))
        x = strip.x_of((mark.step.t_s + mark.end_s) / 2.0)
        painter.setPen(_round_pen(colour, min(max(apart * 0.3, 1.2), px(4))))
        painter.drawLine(QPointF(x, lane.bottom() - px(4)), QPointF(x, lane.bottom() - px(4) - share * lane.height()))


def _paint_gaps(painter: QPainter, strip: Strip, lane: QRectF) -> None:
    """Hatch where there was no picture to judge, and say so where there is room."""
    p, font = strip.theme.palette, strip.theme.font(CAPTION_PX)
    words = tr("No picture")
    for start_s, end_s in strip.record.gaps_s:
        left, right = (min(max(strip.x_of(t_s), lane.left()), lane.right()) for t_s in (start_s, end_s))
        if right <= lane.left() or left >= lane.right():
            continue
        box = QRectF(left, lane.top(), max(right - left, 1.0), lane.height())
        hatch = QColor(p.muted)
        hatch.setAlphaF(0.6)
        painter.fillRect(box, QColor(p.ground))
        painter.fillRect(box, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        if QFontMetricsF(font).horizontalAdvance(words) + strip.theme.px(8) <= box.width():
            painter.setFont(font)
            painter.setPen(QColor(p.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _paint_hits(painter: QPainter, strip: Strip, lane: QRectF) -> None:
    """Paint a burst over each step that went through the roof, as far as there is room."""
    if strip.record.kind is not SetKind.RUN:
        return
    px, palette = strip.theme.px, strip.theme.palette
    start_s, end_s = strip.shown_s
    shown = [m for m in strip.record.steps if m.end_s >= start_s and m.step.t_s <= end_s]
    painter.setPen(QPen(QColor(palette.surface), 1.0))
    painter.setBrush(palette.tone(Tone.HIT))
    last_x = -math.inf
    for mark in (m for m in shown if m.step.hit):
        x = strip.x_of(mark.step.push_off_s)
        if x - last_x >= px(9):
            painter.drawPolygon(burst(QPointF(x, lane.top()), px(6), 7))
            last_x = x


def _paint_axis(painter: QPainter, strip: Strip) -> None:
    p, px = strip.theme.palette, strip.theme.px
    _, lane, axis = strip.lanes()
    start_s, end_s = (t_s - strip.record.first_s for t_s in strip.shown_s)
    font = strip.theme.font(CAPTION_PX)
    painter.setFont(font)
    painter.setPen(QColor(p.muted))
    room = QFontMetricsF(font).horizontalAdvance("00:00") * 1.9
    fits = (t for t in TICKS_S if lane.width() * t / (end_s - start_s) >= room)
    every_s = next(fits, TICKS_S[-1])
    for k in itertools.count(math.ceil(start_s / every_s - 1e-6)):
        if k * every_s > end_s + 1e-6:
            break
        x = strip.x_of(strip.record.first_s + k * every_s)
        box = QRectF(x - room / 2, axis.top() + px(3), room, axis.height() - px(5))
        box.moveLeft(min(max(box.left(), px(4)), strip.width - px(4) - room))
        align = Qt.AlignmentFlag.AlignHCenter
        if box.left() <= px(4):
            align, box = Qt.AlignmentFlag.AlignLeft, box.adjusted(px(12), 0, px(12), 0)
        elif box.right() >= strip.width - px(4):
            align, box = Qt.AlignmentFlag.AlignRight, box.adjusted(-px(12), 0, -px(12), 0)
        painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, clock(k * every_s))


def _paint_marked(painter: QPainter, strip: Strip) -> None:
    """Paint a flag for each moment that somebody marked; its pole goes down through the steps."""
    p, px = strip.theme.palette, strip.theme.px
    lane, steps, _ = strip.lanes()
    for t_s in strip.record.marks_s:
        x = strip.x_of(t_s)
        if not steps.left() - 1 <= x <= steps.right() + 1:
            continue
        painter.setPen(QPen(QColor(p.surface), px(4)))
        painter.drawLine(QPointF(x, lane.top() + px(2)), QPointF(x, steps.bottom()))
        painter.setPen(QPen(QColor(p.text), px(1.6)))
        painter.drawLine(QPointF(x, lane.top() + px(2)), QPointF(x, steps.bottom()))
        paint_flag(painter, QPointF(x, lane.top() + px(2)), px(12), QColor(p.text))


def paint_flag(painter: QPainter, top: QPointF, side_px: float, colour: QColor) -> None:
    """Paint the cloth of a flag at the top of its pole."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([top, top + QPointF(side_px, 0.36 * side_px), top + QPointF(0, 0.72 * side_px)]))


def _paint_cues(painter: QPainter, strip: Strip) -> None:
    """Paint a speech bubble for each cue; its tail points at its instant."""
    p, px = strip.theme.palette, strip.theme.px
    lane, steps, _ = strip.lanes()
    for number, mark in enumerate(strip.record.cues):
        x = strip.x_of(mark.cue.t_s)
        if not steps.left() - 1 <= x <= steps.right() + 1:
            continue
        chosen = number == strip.cue
        tone = cue_tone(mark.cue)
        body = QRectF(x - px(9), lane.top() + px(1), px(18), px(16))
        tail = QPolygonF([QPointF(x - px(4), body.bottom() - 1), QPointF(x + px(4), body.bottom() - 1),
                          QPointF(x, body.bottom() + px(6))])  # fmt: skip
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(p.fill(tone) if tone is not Tone.CALM else QColor(p.muted))
        painter.drawRoundedRect(body, px(5), px(5))
        painter.drawPolygon(tail)
        painter.setPen(_round_pen(QColor(p.on_fill), px(2)))
        middle = body.center()
        if tone is Tone.GOOD:
            points = [(-4.0, 0.0), (-1.0, 3.0), (4.0, -3.0)]
            painter.drawPolyline([QPointF(middle.x() + px(dx), middle.y() + px(dy)) for dx, dy in points])
        elif tone is Tone.INFO:
            painter.drawPoint(QPointF(middle.x(), middle.y() - px(4)))
            painter.drawLine(QPointF(middle.x(), middle.y() - px(0.5)), QPointF(middle.x(), middle.y() + px(4)))
        else:
            painter.drawLine(QPointF(middle.x(), middle.y() - px(4)), QPointF(middle.x(), middle.y() + px(1)))
            painter.drawPoint(QPointF(middle.x(), middle.y() + px(4)))
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(p.info), px(2)))
            painter.drawRoundedRect(body.adjusted(-px(3), -px(3), px(3), px(3)), px(7), px(7))


def paint_mark(painter: QPainter, strip: Strip) -> None:
    """Paint where we are."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not math.isfinite(strip.t_s):
        return
    p, px = strip.theme.palette, strip.theme.px
    _, lane, _ = strip.lanes()
    x = strip.x_of(strip.t_s)
    painter.setPen(QPen(QColor(p.surface), px(5)))
    painter.drawLine(QPointF(x, lane.top() - px(4)), QPointF(x, lane.bottom() + px(4)))
    painter.setPen(QPen(QColor(p.text), max(2.0, px(2))))
    painter.drawLine(QPointF(x, lane.top() - px(4)), QPointF(x, lane.bottom() + px(4)))
    painter.setPen(QPen(QColor(p.surface), px(2)))
    painter.setBrush(QColor(p.text))
    painter.drawEllipse(QPointF(x, lane.bottom() + px(3)), px(6), px(6))


def _round_pen(colour: QColor, width_px: float) -> QPen:
    return QPen(colour, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def cue_tone(cue: Cue) -> Tone:
    """Return the tone of a cue's mark."""
    if cue.because:
        return Tone.HIT if cue.because == FaultId.STANDING_UP else Tone.OFF
    if cue.id in ("drill_half", "drill_count_change"):
        return Tone.OFF
    return Tone.GOOD if cue.id.startswith("praise") else Tone.INFO
