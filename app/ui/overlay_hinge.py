"""The hinge drill in the overlay: how far the hip is bent, as a goniometer at it, and from where on it counts."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from app.coach.drill_rules import default_drills
from app.coach.geometry import body_from_pose, seen
from app.coach.reps import DrillId
from app.ui.overlay_base import faded, flat_pen, pen, shown_sign
from app.ui.overlay_tunnel import label_picture
from app.ui.scene_bars_paint import paint_mark
from app.ui.steady import bend_deg
from app.ui.theme import Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.types import BodyPose, Facing
    from app.ui.overlay_base import OverlayStyle, Transform

#: The arc ends here: nobody bends further than the chest facing the ground.
MOST_DEG: Final = 100.0
#: Its radius, of the trunk, and how much further its place is drawn than the body's own trunk.
RADIUS: Final = 1.25
#: Less than this is standing: nothing is measured, only the band is there.
LEAST_DEG: Final = 3.0


@cache
def least_deg() -> float:
    """Return from which bend on a repetition counts, deg."""
    return default_drills().drills[DrillId.HINGE].band["least_depth_deg"]


def depth_deg(pose: BodyPose, facing: Facing, zero_deg: float) -> float:
    """Return how far the hip is bent more than standing (``zero_deg``, NaN: 0), deg; NaN where it is not seen."""
    return bend_deg(pose, facing) - (zero_deg if math.isfinite(zero_deg) else 0.0)


def paint_hinge(
    painter: QPainter, pose: BodyPose, facing: Facing, zero_deg: float, style: OverlayStyle, transform: Transform
) -> None:
    """Paint the arc around the hip: dashed where it begins, green where it counts, and the trunk with its mark on it.

    The mark is a disc where it counts and a hollow square before; for the coach it has the degrees beside it.
    """
    bent_deg = depth_deg(pose, facing, zero_deg)
    body = body_from_pose(pose, facing)
    if not (math.isfinite(bent_deg) and seen(body.hip) and body.trunk_px > 0.0):
        return
    ahead = shown_sign(facing, transform)
    hip = transform.point(facing.sign * body.hip[0], -body.hip[1])
    radius_px = RADIUS * body.trunk_px * transform.scale
    axis_deg = body.trunk_deg - bent_deg

    def place(angle_deg: float, share: float = 1.0) -> QPointF:
        angle = math.radians(axis_deg + angle_deg)
        return hip + QPointF(ahead * math.sin(angle), -math.cos(angle)) * radius_px * share

    counts = bent_deg >= least_deg()
    bold = 1.35 if style.runner else 1.0
    width_px = 0.8 * bold * style.stroke_px
    good = style.palette.tone(Tone.GOOD)
    if bent_deg > LEAST_DEG:
        _paint_sector(painter, hip, radius_px, (axis_deg, axis_deg + bent_deg), ahead, style, counts)
    dashes = flat_pen(style.ink, 0.5 * width_px)
    dashes.setDashPattern([4.0, 3.0])
    painter.setPen(dashes)
    painter.drawLine(QLineF(hip, place(0.0)))
    band = _arc(hip, radius_px, axis_deg + least_deg(), axis_deg + MOST_DEG, ahead)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke, wide in ((style.edge, 2.4), (good, 1.6)):
        painter.setPen(flat_pen(stroke, wide * width_px))
        painter.drawPath(band)
    start = QLineF(place(least_deg(), 0.9), place(least_deg(), 1.1))
    for stroke, wide in ((style.edge, 1.8), (good, 1.0)):
        painter.setPen(flat_pen(stroke, wide * width_px))
        painter.drawLine(start)
    tone = Tone.GOOD if counts else Tone.CALM
    trunk = style.palette.tone(Tone.GOOD) if counts else style.ink
    for stroke, wide in ((style.edge, 1.7), (trunk, 1.0)):
        painter.setPen(pen(stroke, wide * width_px))
        painter.drawLine(QLineF(hip, place(bent_deg)))
    paint_mark(painter, place(bent_deg), 2.4 * width_px, tone, QPointF(), style)
    if style.words and not style.runner:
        _paint_degrees(painter, place(bent_deg, 1.36), bent_deg, style)


def _arc(hip: QPointF, radius_px: float, from_deg: float, to_deg: float, ahead: float) -> QPainterPath:
    """Return an arc around the hip between two inclinations (0 up, + forward)."""
    box = QRectF(hip.x() - radius_px, hip.y() - radius_px, 2 * radius_px, 2 * radius_px)
    path = QPainterPath()
    # Qt counts from three o'clock against the clock.
    path.arcMoveTo(box, 90.0 - ahead * from_deg)
    path.arcTo(box, 90.0 - ahead * from_deg, -ahead * (to_deg - from_deg))
    return path


def _paint_sector(
    painter: QPainter,
    hip: QPointF,
    radius_px: float,
    span_deg: tuple[float, float],
    ahead: float,
    style: OverlayStyle,
    counts: bool,
) -> None:
    path = _arc(hip, 0.45 * radius_px, *span_deg, ahead)
    path.lineTo(hip)
    path.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(style.palette.tone(Tone.GOOD) if counts else style.ink, 0.35))
    painter.drawPath(path)


def _paint_degrees(painter: QPainter, at: QPointF, bent_deg: float, style: OverlayStyle) -> None:
    ratio = painter.device().devicePixelRatioF()
    words = tr("{n}°").format(n=max(0, round(bent_deg)))
    label = label_picture(words, style.ink.name(), style.plate.name(), style.theme, ratio)
    size = label.deviceIndependentSize()
    painter.drawImage(QPointF(round(at.x() - size.width() / 2), round(at.y() - size.height() / 2)), label)
