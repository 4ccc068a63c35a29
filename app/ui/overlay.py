"""Draw what the coach sees: skeleton, ear-to-foot line with its bow, the tunnel, the ghost and the bars.

`paint_overlay` keeps no state: everything comes from one `Analysis` (a pose and the image it was found in), a
style and the transform from image px to widget px. Colour is always doubled by shape: a line that is right is
solid with round ends, one that is off is dashed with an arrow; a head under the roof is a ring, one that hit it
a burst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from app.coach.reps import DrillId
from app.coach.setup import SetupPhase
from app.ui.ghost import paint_ghost
from app.ui.overlay_base import OverlayStyle, SceneDetail, body_height_px, burst, pen
from app.ui.overlay_body import hips_should_go, line_tone, paint_skeleton, paint_trunk_line
from app.ui.overlay_tunnel import paint_head, paint_tunnel
from app.ui.scene_bars_paint import paint_bars

if TYPE_CHECKING:
    from app.coach.report import TrunkLine, Tunnel
    from app.coach.types import BodyPose
    from app.pose.estimator import Box
    from app.session import Analysis
    from app.ui.ghost import Ghost
    from app.ui.overlay_base import Transform
    from app.ui.scene_bars import BarValues

__all__ = ["OverlayStyle", "SceneDetail", "burst", "hips_should_go", "line_tone", "paint_overlay"]


def paint_overlay(
    painter: QPainter,
    analysis: Analysis,
    style: OverlayStyle,
    transform: Transform,
    ghost: Ghost | None = None,
    bars: BarValues | None = None,
    steady: BodyPose | None = None,
) -> None:
    """Paint everything that is known about one frame over its image.

    Args:
        painter: of the widget.
        analysis: the frame.
        style: looks.
        transform: image px to widget px.
        ghost: the stance to step into, None = none.
        bars: what the bars in the picture show, None = no bars.
        steady: the pose without its jitter, on which the ghost stands; None = the pose itself.

    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(transform.image_rect())
    report, pose = analysis.report, analysis.pose
    paint_hidden(painter, analysis.tracking.hidden, style, transform)
    tunnel, line = _concerns(analysis)
    if tunnel is not None:
        paint_tunnel(painter, report, tunnel, style, transform)
    if pose.seen:
        height_px = body_height_px(report, pose)
        if ghost is not None:
            paint_ghost(painter, ghost, steady or pose, report, style, transform, height_px)
        paint_skeleton(painter, pose, style, transform)
        if line is not None:
            paint_trunk_line(painter, report, line, style, transform)
        if tunnel is not None:
            paint_head(painter, report, tunnel, pose, style, transform)
        if bars is not None:
            paint_bars(painter, bars, report.facing, style, transform)
    painter.restore()


def _concerns(analysis: Analysis) -> tuple[Tunnel | None, TrunkLine | None]:
    """Return tunnel and line where they belong to what is done: whoever stands or hinges has none to keep to."""
    report = analysis.report
    if analysis.setup is not None and analysis.setup.phase is not SetupPhase.DONE:
        return None, None
    if analysis.exam is not None:
        return None, report.line
    if report.drill is not None:
        marching, holding = report.drill.drill is DrillId.TUNNEL_MARCH, report.drill.drill is DrillId.START_LINE
        return report.tunnel if marching else None, report.line if holding else None
    return report.tunnel, report.line


def paint_hidden(painter: QPainter, boxes: tuple[Box, ...], style: OverlayStyle, transform: Transform) -> None:
    """Hatch what the network does not see, so that nobody wonders why it is not judged."""
    painter.setPen(pen(QColor(255, 255, 255, 120), style.stroke_px * 0.4))
    painter.setBrush(QBrush(QColor(255, 255, 255, 60), Qt.BrushStyle.BDiagPattern))
    for x, y, width, height in boxes:
        corners = (transform.point(x, y), transform.point(x + width, y + height))
        painter.drawRect(QRectF(*corners).normalized())
