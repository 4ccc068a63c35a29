"""Draw what the coach sees: skeleton, ear-to-foot line with its bow, and the tunnel.

`paint_overlay` keeps no state: everything comes from one `Analysis` (a pose and the image it was found in), a
style and the transform from image px to widget px. Colour is always doubled by shape: a line that is right is
solid with round ends, one that is off is dashed with an arrow; a head under the roof is a ring, one that hit it
a burst.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from app.coach.report import GOOD, Activity, FaultId
from app.coach.types import SKELETON, Landmark
from app.ui.theme import CAPTION_PX, DARK, Palette, Theme, Tone

if TYPE_CHECKING:
    from app.coach.report import CoachReport, TrunkLine, Tunnel
    from app.coach.types import BodyPose, FloatArray
    from app.pose.estimator import Box
    from app.session import Analysis

#: Rows nearer than this are drawn as one.
SAME_ROW_PX = 2.0
#: Below this a landmark is left out: it is more guess than sight.
LEAST_VISIBILITY = 0.25
#: Bones of the face would hide the ear, so only these landmarks get a dot.
_DOTS = tuple(mark for mark in Landmark if Landmark.LEFT_SHOULDER <= mark <= Landmark.RIGHT_TOE)
#: Faults in which the hips are too far forward / the whole trunk too far back: where the arrow points.
_HIPS_BACK = frozenset({FaultId.PELVIS_DRIFT, FaultId.HIP_SQUEEZE})


class Transform(Protocol):
    """From image px to widget px."""

    @property
    def scale(self) -> float:
        """Widget px per image px."""

    @property
    def mirrored(self) -> bool:
        """Whether left and right are exchanged."""

    def point(self, x_px: float, y_px: float) -> QPointF:
        """Return where an image point lies in the widget."""

    def image_rect(self) -> QRectF:
        """Return where the whole image lies in the widget."""


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How the overlay looks.

    Attributes:
        theme: colours and sizes.
        stroke_px: width of the main line in widget px; everything else follows from it.
        on_picture: True over a camera picture (light bones with a dark halo), False on the neutral canvas.

    """

    theme: Theme
    stroke_px: float
    on_picture: bool = True

    @property
    def palette(self) -> Palette:
        """The colours: over a picture the bright ones of the dark palette, whatever the theme around it."""
        return DARK if self.on_picture else self.theme.palette


def paint_overlay(painter: QPainter, analysis: Analysis, style: OverlayStyle, transform: Transform) -> None:
    """Paint everything that is known about one frame over its image."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(transform.image_rect())
    report = analysis.report
    paint_hidden(painter, analysis.tracking.hidden, style, transform)
    if report.tunnel is not None:
        paint_tunnel(painter, report.tunnel, analysis.pose, style, transform)
    if analysis.pose.seen:
        paint_skeleton(painter, analysis.pose, style, transform)
        if report.line is not None:
            paint_trunk_line(painter, report, report.line, style, transform)
        if report.tunnel is not None:
            paint_head(painter, report.tunnel, analysis.pose, style, transform)
    painter.restore()


def paint_skeleton(painter: QPainter, pose: BodyPose, style: OverlayStyle, transform: Transform) -> None:
    """Paint bones and joints; the surer the network, the more opaque."""
    bone = QColor("#ffffff" if style.on_picture else style.palette.text)
    halo = QColor(0, 0, 0, 110)
    width_px = style.stroke_px * 0.55
    bones = [
        (_at(pose[a], transform), _at(pose[b], transform), min(_seen(pose, a), _seen(pose, b)))
        for a, b in SKELETON
        if min(_seen(pose, a), _seen(pose, b)) > 0.0
    ]
    if style.on_picture:
        for start, end, sure in bones:
            halo.setAlphaF(0.42 * sure)
            painter.setPen(_pen(halo, width_px * 2.0))
            painter.drawLine(start, end)
    for start, end, sure in bones:
        bone.setAlphaF(0.78 * sure)
        painter.setPen(_pen(bone, width_px))
        painter.drawLine(start, end)
    painter.setPen(Qt.PenStyle.NoPen)
    for mark in _DOTS:
        sure = _seen(pose, mark)
        if sure > 0.0:
            bone.setAlphaF(0.95 * sure)
            painter.setBrush(bone)
            painter.drawEllipse(_at(pose[mark], transform), width_px * 1.15, width_px * 1.15)


def paint_trunk_line(
    painter: QPainter, report: CoachReport, line: TrunkLine, style: OverlayStyle, transform: Transform
) -> None:
    """Paint the straight line from ear to rear foot, the body's bow against it, and where the hips should go."""
    if not (np.isfinite(line.ear_px).all() and np.isfinite(line.foot_px).all()):
        return
    ear, foot = _at(line.ear_px, transform), _at(line.foot_px, transform)
    tone = line_tone(report, line)
    colour = style.palette.tone(tone)
    # Between the judged instants the line only shows where it will be: the rear leg is swinging.
    width_px = style.stroke_px if line.judged else style.stroke_px * 0.55
    colour.setAlphaF(1.0 if line.judged else 0.75)
    if style.on_picture:
        painter.setPen(_pen(QColor(0, 0, 0, 110), width_px * 1.9))
        painter.drawLine(ear, foot)
    pen = _pen(colour, width_px)
    if tone is Tone.OFF:
        pen.setDashPattern([2.6, 2.0])
    elif tone is Tone.CALM:
        pen.setDashPattern([0.2, 2.2])
    painter.setPen(pen)
    painter.drawLine(ear, foot)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for end in (ear, foot):
        painter.drawEllipse(end, width_px * 1.2, width_px * 1.2)
    if np.isfinite(line.hip_px).all():
        hip = _at(line.hip_px, transform)
        # Running, a good line holds for its push-off; the bow of any other instant would only look wrong.
        if line.judged and (not line.good or report.activity is Activity.STANCE):
            _paint_bow(painter, ear, hip, foot, colour, style)
            painter.setBrush(colour)
            painter.drawEllipse(hip, style.stroke_px * 1.3, style.stroke_px * 1.3)
        back = hips_should_go(report, line)
        if back != 0.0:
            sign = report.facing.sign * (-1.0 if transform.mirrored else 1.0)
            _paint_arrow(painter, hip, -back * sign, style)


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


def paint_tunnel(painter: QPainter, tunnel: Tunnel, pose: BodyPose, style: OverlayStyle, transform: Transform) -> None:
    """Paint the roof as a hatched ceiling, the goal dashed, standing height dotted, each with its word."""
    p = style.palette
    rect = transform.image_rect()
    hit = tunnel.clearance_bh < 0.0 or tunnel.risen
    roof_y, goal_y = _row(tunnel.roof_y_px, transform), _row(tunnel.goal_y_px, transform)
    labels: list[tuple[float, str, QColor]] = []
    for row_px, word, dashes in (
        (tunnel.standing_y_px, "standing", [0.3, 3.0]),
        (tunnel.goal_y_px, "goal", [4.0, 3.0]),
    ):
        y = _row(row_px, transform)
        if math.isfinite(y) and (word != "goal" or not math.isfinite(roof_y) or abs(y - roof_y) > SAME_ROW_PX):
            colour = QColor("#ffffff" if style.on_picture else p.text)
            _paint_row(painter, y, rect, colour, dashes, style)
            labels.append((y, word, colour))
    if math.isfinite(roof_y):
        tone = p.tone(Tone.HIT if hit else Tone.GOOD)
        _paint_ceiling(painter, roof_y, rect, tone, hit, style)
        labels.append((roof_y, "roof = goal" if abs(roof_y - goal_y) < SAME_ROW_PX else "roof", tone))
    _paint_labels(painter, labels, rect, style)


def paint_head(painter: QPainter, tunnel: Tunnel, pose: BodyPose, style: OverlayStyle, transform: Transform) -> None:
    """Paint the head marker: a ring under the roof, a burst where it goes through."""
    crown_x_px, crown_y_px = pose[Landmark.HEAD_TOP].tolist()
    by_crown = abs(crown_y_px - tunnel.head_y_px) < SAME_ROW_PX
    ear_x_px = float(np.nanmean(pose.xy_px[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR], 0])) if _has_ear(pose) else math.nan
    x_px = crown_x_px if by_crown else ear_x_px
    if not (math.isfinite(x_px) and math.isfinite(tunnel.head_y_px)):
        return
    centre = transform.point(x_px, tunnel.head_y_px)
    radius_px = style.stroke_px * 2.4
    if by_crown:
        # The ring hangs from the top of the head, as the head itself does.
        centre += QPointF(0.0, radius_px)
    hit = tunnel.clearance_bh < 0.0
    colour = style.palette.tone(Tone.HIT if hit else Tone.GOOD)
    if hit:
        painter.setPen(_pen(QColor(0, 0, 0, 130), style.stroke_px * 0.5))
        painter.setBrush(colour)
        painter.drawPolygon(burst(centre, radius_px * 1.9))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_pen(QColor(0, 0, 0, 130), style.stroke_px * 1.3))
        painter.drawEllipse(centre, radius_px, radius_px)
        painter.setPen(_pen(colour, style.stroke_px * 0.8))
        painter.drawEllipse(centre, radius_px, radius_px)


def paint_hidden(painter: QPainter, boxes: tuple[Box, ...], style: OverlayStyle, transform: Transform) -> None:
    """Hatch what the network does not see, so that nobody wonders why it is not judged."""
    painter.setPen(_pen(QColor(255, 255, 255, 120), style.stroke_px * 0.4))
    painter.setBrush(QBrush(QColor(255, 255, 255, 60), Qt.BrushStyle.BDiagPattern))
    for x, y, width, height in boxes:
        corners = (transform.point(x, y), transform.point(x + width, y + height))
        painter.drawRect(QRectF(*corners).normalized())


def burst(centre: QPointF, radius_px: float, points: int = 9) -> QPolygonF:
    """Return a star with ``points`` tips: the shape of a hit."""
    corners = []
    for index in range(2 * points):
        r = radius_px if index % 2 == 0 else radius_px * 0.58
        angle = math.pi * index / points - math.pi / 2
        corners.append(QPointF(centre.x() + r * math.cos(angle), centre.y() + r * math.sin(angle)))
    return QPolygonF(corners)


def _paint_bow(
    painter: QPainter, ear: QPointF, hip: QPointF, foot: QPointF, colour: QColor, style: OverlayStyle
) -> None:
    """Paint the area between the straight line and the curve ear -> hip -> foot."""
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
    fill = QColor(colour)
    fill.setAlphaF(0.28 * colour.alphaF())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawPath(path)


def _paint_arrow(painter: QPainter, start: QPointF, direction: float, style: OverlayStyle) -> None:
    """Paint a fat arrow in widget direction ``direction`` (+1 right, -1 left)."""
    unit = style.stroke_px
    shaft, head = unit * 9.0, unit * 4.4
    x, y = start.x() + direction * unit * 2.6, start.y()
    corners = [
        (0.0, -1.0), (shaft, -1.0), (shaft, -2.6), (shaft + head, 0.0), (shaft, 2.6), (shaft, 1.0), (0.0, 1.0)
    ]  # fmt: skip
    arrow = QPolygonF([QPointF(x + direction * dx, y + dy * unit) for dx, dy in corners])
    painter.setPen(_pen(QColor(0, 0, 0, 160), unit * 0.7))
    painter.setBrush(style.palette.tone(Tone.OFF))
    painter.drawPolygon(arrow)


def _paint_row(
    painter: QPainter, y: float, rect: QRectF, colour: QColor, dashes: list[float], style: OverlayStyle
) -> None:
    width_px = style.stroke_px * 0.45
    if style.on_picture:
        halo = QColor(0, 0, 0, 70)
        painter.setPen(_pen(halo, width_px * 2.2))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
    colour = QColor(colour)
    colour.setAlphaF(0.8)
    pen = _pen(colour, width_px)
    pen.setDashPattern(dashes)
    painter.setPen(pen)
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))


def _paint_ceiling(painter: QPainter, y: float, rect: QRectF, tone: QColor, hit: bool, style: OverlayStyle) -> None:
    depth_px = style.stroke_px * (6.0 if hit else 4.0)
    band = QRectF(rect.left(), y - depth_px, rect.width(), depth_px)
    fill = QColor(tone)
    fill.setAlphaF(0.45 if hit else 0.20)
    painter.fillRect(band, fill)
    hatch = QColor(tone)
    hatch.setAlphaF(0.75 if hit else 0.45)
    painter.fillRect(band, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
    painter.setPen(_pen(QColor(0, 0, 0, 110 if style.on_picture else 0), style.stroke_px * 1.3))
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
    painter.setPen(_pen(tone, style.stroke_px * 0.75))
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))


def _paint_labels(
    painter: QPainter, labels: list[tuple[float, str, QColor]], rect: QRectF, style: OverlayStyle
) -> None:
    """Paint the words of the rows at the right edge, top to bottom, each moved down where it would overlap."""
    painter.setFont(style.theme.font(CAPTION_PX + 1, QFont.Weight.DemiBold))
    metrics = QFontMetricsF(painter.font())
    pad, height = metrics.height() * 0.35, metrics.height() * 1.3
    below = -math.inf
    for y, word, colour in sorted(labels, key=lambda label: label[0]):
        top = max(y - height / 2, below)
        width = metrics.horizontalAdvance(word) + 2 * pad
        box = QRectF(rect.right() - width - pad * 3.2, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(8, 12, 15, 205) if style.on_picture else QColor(style.palette.surface))
        painter.drawRoundedRect(box, height * 0.3, height * 0.3)
        painter.setPen(colour)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        below = top + height + 2


def _pen(colour: QColor, width_px: float) -> QPen:
    return QPen(colour, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _seen(pose: BodyPose, mark: Landmark) -> float:
    """Return how opaque a landmark is drawn, 0 where it is missing or a mere guess."""
    if not np.isfinite(pose.xy_px[mark]).all():
        return 0.0
    sure = float(pose.visibility[mark])
    return min(1.0, sure) if sure >= LEAST_VISIBILITY else 0.0


def _at(xy_px: FloatArray, transform: Transform) -> QPointF:
    return transform.point(float(xy_px[0]), float(xy_px[1]))


def _row(y_px: float, transform: Transform) -> float:
    return transform.point(0.0, y_px).y() if math.isfinite(y_px) else math.nan


def _has_ear(pose: BodyPose) -> bool:
    return bool(np.isfinite(pose.xy_px[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR], 0]).any())
