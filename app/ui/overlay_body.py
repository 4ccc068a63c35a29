"""The body in the overlay: bones, the line from ear to rear foot with its bow, and which way to move."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from app.coach.report import GOOD, Activity, FaultId
from app.coach.types import SKELETON, Landmark
from app.ui.overlay_base import OverlayStyle, at, faded, flat_pen, mixed, opacities, paint_arrow, pen, shown_sign
from app.ui.theme import Tone

if TYPE_CHECKING:
    from app.coach.report import CoachReport, TrunkLine
    from app.coach.types import BodyPose
    from app.ui.overlay_base import Transform

#: Towards this a doubtful bone fades over a picture.
MIDDLE = QColor("#6b7278")
#: Bones of the face would hide the ear, so only these landmarks get a dot.
_DOTS = tuple(mark for mark in Landmark if Landmark.LEFT_SHOULDER <= mark <= Landmark.RIGHT_TOE)
#: Faults in which the hips are too far forward / the whole trunk too far back: where the arrow points.
_HIPS_BACK = frozenset({FaultId.PELVIS_DRIFT, FaultId.HIP_SQUEEZE})


def paint_skeleton(painter: QPainter, pose: BodyPose, style: OverlayStyle, transform: Transform) -> None:
    """Paint bones and joints, for the runner finer and without joints; the surer the network, the clearer."""
    width_px = style.stroke_px * (0.35 if style.runner else 0.55)
    under = MIDDLE if style.on_picture else QColor(style.palette.canvas)
    opaque = opacities(pose)
    points = [
        transform.point(x, y) if sure else QPointF() for (x, y), sure in zip(pose.xy_px.tolist(), opaque, strict=True)
    ]
    shades = {sure: mixed(style.ink, under, (0.7 if style.runner else 0.9) * sure) for sure in set(opaque) if sure}
    bones: dict[float, list[QLineF]] = {sure: [] for sure in sorted(shades)}
    for a, b in SKELETON:
        sure = min(opaque[a], opaque[b])
        if sure:
            bones[sure].append(QLineF(points[a], points[b]))
    if style.on_picture and not style.runner:
        painter.setPen(flat_pen(style.edge, width_px * 1.7))
        painter.drawLines([line for lines in bones.values() for line in lines])
    for sure, lines in bones.items():
        painter.setPen(flat_pen(shades[sure], width_px))
        painter.drawLines(lines)
    if style.runner:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    for mark in _DOTS:
        if opaque[mark]:
            painter.setBrush(shades[opaque[mark]])
            painter.drawEllipse(points[mark], width_px * 1.15, width_px * 1.15)


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn. ``held``: it is that of the push-off before. ``corrects``: it says what to change."""

    held: bool = False
    corrects: bool = True


def paint_trunk_line(
    painter: QPainter,
    report: CoachReport,
    line: TrunkLine,
    style: OverlayStyle,
    transform: Transform,
    stroke: Stroke = Stroke(),
) -> None:
    """Paint the straight line from ear to rear foot, the body's bow against it, and where the hips should go.

    One that is held until the next push-off is thinner and its bow fainter; its arrow stays as it is.
    """
    if not (np.isfinite(line.ear_px).all() and np.isfinite(line.foot_px).all()):
        return
    ear, foot = at(line.ear_px, transform), at(line.foot_px, transform)
    tone = line_tone(report, line) if stroke.corrects else Tone.CALM
    colour = style.palette.tone(tone)
    # Between the judged instants the line only shows where it will be: the rear leg is swinging.
    bold = 1.35 if style.runner else 1.0
    width_px = bold * style.stroke_px * (1.0 if line.judged and not stroke.held else 0.55)
    if style.on_picture:
        painter.setPen(flat_pen(style.edge, width_px * 1.6))
        painter.drawLine(ear, foot)
    dashes = pen(colour, width_px) if tone is Tone.CALM else flat_pen(colour, width_px)
    if tone is not Tone.GOOD:
        dashes.setDashPattern([3.4, 1.5] if tone is Tone.OFF else [0.2, 2.2])
    painter.setPen(dashes)
    painter.drawLine(ear, foot)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for end in (ear, foot):
        painter.drawEllipse(end, width_px * 1.2, width_px * 1.2)
    if np.isfinite(line.hip_px).all():
        hip = at(line.hip_px, transform)
        # Running, a good line holds for its push-off; the bow of any other instant would only look wrong.
        if line.judged and (not line.good or report.activity is Activity.STANCE):
            _paint_bow(
                painter, (ear, hip, foot), colour, (0.45 if style.runner else 0.28) * (0.5 if stroke.held else 1)
            )
            painter.setBrush(colour)
            painter.drawEllipse(hip, style.stroke_px * 1.3 * bold, style.stroke_px * 1.3 * bold)
        back = hips_should_go(report, line) if stroke.corrects else 0.0
        if back != 0.0:
            paint_arrow(painter, hip, -back * shown_sign(report.facing, transform), style, style.palette.tone(Tone.OFF))


def line_tone(report: CoachReport, line: TrunkLine) -> Tone:
    """Return the tone of the line: judged frames speak for themselves, the others show the verdict so far."""
    if line.judged:
        return Tone.GOOD if line.good else Tone.OFF
    if report.verdict == GOOD:
        return Tone.GOOD
    return Tone.OFF if any(fault.id in _HIPS_BACK for fault in report.faults) else Tone.CALM


def hips_should_go(report: CoachReport, line: TrunkLine) -> float:
    """Return which way the hips should move: +1 back, -1 forward, 0 nowhere."""
    if report.verdict == FaultId.OVER_LEAN:
        return 0.0  # the trunk should come up; hips pushed forward would be the next fault
    if line.judged and not line.good and math.isfinite(line.hip_offset_bh):
        return 1.0 if line.hip_offset_bh > 0.0 else -1.0
    return 1.0 if any(fault.id in _HIPS_BACK for fault in report.faults) else 0.0


def _paint_bow(painter: QPainter, body: tuple[QPointF, QPointF, QPointF], colour: QColor, opacity: float) -> None:
    """Paint the area between the straight line and the curve ear -> hip -> foot."""
    ear, hip, foot = body
    along = QPointF(foot.x() - ear.x(), foot.y() - ear.y())
    length2 = along.x() ** 2 + along.y() ** 2
    if length2 < 1.0:
        return
    part = ((hip.x() - ear.x()) * along.x() + (hip.y() - ear.y()) * along.y()) / length2
    part = min(max(part, 0.2), 0.8)
    # The control point that makes a quadratic curve pass through the hip at ``part`` of its way.
    weight = 2.0 * part * (1.0 - part)
    control = QPointF(
        (hip.x() - (1 - part) ** 2 * ear.x() - part**2 * foot.x()) / weight,
        (hip.y() - (1 - part) ** 2 * ear.y() - part**2 * foot.y()) / weight,
    )
    path = QPainterPath(ear)
    path.quadTo(control, foot)
    path.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(colour, opacity * colour.alphaF()))
    painter.drawPath(path)
