"""What every part of the overlay shares: the transform, the style, pens, points and the size of the body."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.coach.geometry import body_from_pose, distance
from app.coach.standing import LEG_LENGTH_BH, TRUNK_BH
from app.ui.screens import SceneDetail
from app.ui.theme import DARK, Palette, Theme

if TYPE_CHECKING:
    from app.coach.report import CoachReport
    from app.coach.types import BodyPose, Facing, FloatArray

#: Below this a landmark is left out: it is more guess than sight.
LEAST_VISIBILITY = 0.25
#: A roof this close to standing gives no scale, fraction of body height.
LEAST_ROOF_BH = 1e-3
#: Edge around a mark over a picture.
EDGE = "#14191d"


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
        detail: for the runner or for the coach.
        words: False leaves every word out (a picture that is equal on all machines).

    """

    theme: Theme
    stroke_px: float
    on_picture: bool = True
    detail: SceneDetail = SceneDetail.COACH
    words: bool = True

    @property
    def palette(self) -> Palette:
        """The colours: over a picture the bright ones of the dark palette, whatever the theme around it."""
        return DARK if self.on_picture else self.theme.palette

    @property
    def runner(self) -> bool:
        """Whether it is drawn for the runner."""
        return self.detail is SceneDetail.RUNNER

    @property
    def edge(self) -> QColor:
        """What goes around a mark so that it stands out: dark over a picture, the window's ground on the canvas."""
        return QColor(EDGE if self.on_picture else self.palette.ground)

    @property
    def plate(self) -> QColor:
        """What lies under a bar or a word."""
        return QColor(EDGE if self.on_picture else self.palette.surface)

    @property
    def ink(self) -> QColor:
        """The neutral mark."""
        return QColor("#ffffff" if self.on_picture else self.palette.text)


def pen(colour: QColor, width_px: float) -> QPen:
    """Return a solid pen with round ends."""
    return QPen(colour, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def flat_pen(colour: QColor, width_px: float) -> QPen:
    """Return a pen for straight lines with flat ends. Of an opaque colour such a line costs a tenth of a round one.

    A translucent one costs more than twice as much, and without bounds while the processor is busy: Qt shares the
    blending of a tall shape among threads and waits for them.
    """
    return QPen(colour, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


def mixed(colour: QColor, under: QColor, share: float) -> QColor:
    """Return what ``colour`` at an opacity of ``share`` looks like on ``under``: opaque."""
    pairs = ((colour.red(), under.red()), (colour.green(), under.green()), (colour.blue(), under.blue()))
    return QColor(*(round(share * a + (1.0 - share) * b) for a, b in pairs))


def faded(colour: QColor, opacity: float) -> QColor:
    """Return the colour at an opacity of 0..1."""
    other = QColor(colour)
    other.setAlphaF(opacity)
    return other


def opacities(pose: BodyPose) -> list[float]:
    """Return how opaque each landmark is drawn, in tenths, 0 where it is missing or a mere guess."""
    sure = np.where(pose.visibility >= LEAST_VISIBILITY, np.minimum(pose.visibility, 1.0).round(1), 0.0)
    opaque: list[float] = np.where(np.isfinite(pose.xy_px).all(axis=1), sure, 0.0).tolist()
    return opaque


def at(xy_px: FloatArray, transform: Transform) -> QPointF:
    """Return where an image point (2,) lies in the widget."""
    return transform.point(float(xy_px[0]), float(xy_px[1]))


def row(y_px: float, transform: Transform) -> float:
    """Return where an image row lies in the widget; NaN for NaN."""
    return transform.point(0.0, y_px).y() if math.isfinite(y_px) else math.nan


def shown_sign(facing: Facing, transform: Transform) -> float:
    """Return +1 where the runner is shown facing right in the widget, -1 where left."""
    return facing.sign * (-1.0 if transform.mirrored else 1.0)


def burst(centre: QPointF, radius_px: float, points: int = 9) -> QPolygonF:
    """Return a star with ``points`` tips: the shape of a hit."""
    corners = []
    for index in range(2 * points):
        r = radius_px if index % 2 == 0 else radius_px * 0.58
        angle = math.pi * index / points - math.pi / 2
        corners.append(QPointF(centre.x() + r * math.cos(angle), centre.y() + r * math.sin(angle)))
    return QPolygonF(corners)


def paint_arrow(painter: QPainter, start: QPointF, direction: float, style: OverlayStyle, colour: QColor) -> None:
    """Paint a fat arrow that begins at ``start`` and points in widget direction ``direction`` (+1 right, -1 left)."""
    unit = style.stroke_px * (1.25 if style.runner else 1.0)
    shaft, head = unit * 9.0, unit * 4.4
    x, y = start.x() + direction * unit * 2.6, start.y()
    corners = [
        (0.0, -1.0), (shaft, -1.0), (shaft, -2.6), (shaft + head, 0.0), (shaft, 2.6), (shaft, 1.0), (0.0, 1.0)
    ]  # fmt: skip
    arrow = QPolygonF([QPointF(x + direction * dx, y + dy * unit) for dx, dy in corners])
    painter.setPen(pen(style.edge, unit * 0.7))
    painter.setBrush(colour)
    painter.drawPolygon(arrow)


def body_height_px(report: CoachReport, pose: BodyPose) -> float:
    """Return the runner's body height in image px, NaN where nothing tells it.

    The tunnel holds it (its roof lies ``roof_below_standing_bh`` body heights under the standing head); without one
    it is estimated from trunk and legs as fractions of body height (biomechanics D1).
    """
    tunnel = report.tunnel
    if tunnel is not None and tunnel.roof_below_standing_bh > LEAST_ROOF_BH:
        height_px = (tunnel.roof_y_px - tunnel.standing_y_px) / tunnel.roof_below_standing_bh
        if height_px > 0.0:
            return height_px
    return estimated_height_px(pose, report.facing)


def estimated_height_px(pose: BodyPose, facing: Facing) -> float:
    """Return body height by the lengths of trunk and longer leg, image px; NaN where they are not seen."""
    body = body_from_pose(pose, facing)
    legs_px = [distance(body.hip, leg.knee) + distance(leg.knee, leg.ankle) for leg in body.known_legs]
    if not legs_px or not body.trunk_seen:
        return math.nan
    return (max(legs_px) + body.trunk_px) / (LEG_LENGTH_BH + TRUNK_BH)
