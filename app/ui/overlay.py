"""Draw what the coach sees: skeleton, ear-to-foot line with its bow, the tunnel, the ghost and the bars.

`paint_overlay` keeps no state: everything comes from one `Analysis` (a pose and the image it was found in), a
style and the transform from image px to widget px. Colour is always doubled by shape: a line that is right is
solid with round ends, one that is off is dashed with an arrow; a head under the roof is a ring, one that hit it
a burst.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from app.ui.ghost import paint_ghost
from app.ui.overlay_base import OverlayStyle, body_height_px, burst, pen
from app.ui.overlay_body import Stroke, hips_should_go, line_tone, paint_skeleton, paint_trunk_line
from app.ui.overlay_hinge import paint_hinge
from app.ui.overlay_scene import scene_of
from app.ui.overlay_tunnel import paint_head, paint_tunnel
from app.ui.scene_bars_paint import paint_bars
from app.ui.screens import SceneDetail

if TYPE_CHECKING:
    from app.pose.estimator import Box
    from app.session import Analysis
    from app.ui.ghost import Ghost
    from app.ui.overlay_base import Transform
    from app.ui.scene_bars import BarValues
    from app.ui.steady import Steady

__all__ = ["OverlayStyle", "SceneDetail", "burst", "hips_should_go", "line_tone", "paint_overlay"]


def paint_overlay(
    painter: QPainter,
    analysis: Analysis,
    style: OverlayStyle,
    transform: Transform,
    ghost: Ghost | None = None,
    bars: BarValues | None = None,
    steady: Steady | None = None,
) -> None:
    """Paint everything that is known about one frame over its image.

    Args:
        painter: of the widget.
        analysis: the frame.
        style: looks.
        transform: image px to widget px.
        ghost: the stance to step into, None = none.
        bars: what the bars in the picture show, None = no bars.
        steady: what was kept of the frames before; None = nothing: the frame alone.

    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(transform.image_rect())
    report, pose = analysis.report, analysis.pose
    paint_hidden(painter, analysis.tracking.hidden, style, transform)
    scene = scene_of(analysis, steady, style.runner)
    tunnel, line = scene.tunnel, scene.line
    if tunnel is not None:
        paint_tunnel(painter, report, tunnel, style, transform)
    if pose.seen:
        if ghost is not None and scene.ghost:
            calm = steady.pose if steady is not None and steady.pose is not None else pose
            height_px = body_height_px(report, pose)
            paint_ghost(painter, ghost, calm, report, style, transform, height_px, scene.ghost_legs)
        paint_skeleton(painter, pose, style, transform)
        if line is not None:
            paint_trunk_line(painter, report, line, style, transform, Stroke(scene.held, scene.corrects))
        if scene.hinge is not None:
            zero_deg = steady.zero_bend_deg if steady is not None else math.nan
            paint_hinge(painter, pose, report.facing, zero_deg, style, transform)
        if tunnel is not None:
            paint_head(painter, report, tunnel, pose, style, transform)
        if bars is not None and scene.bars:
            paint_bars(painter, bars, report.facing, style, transform)
    painter.restore()


def paint_hidden(painter: QPainter, boxes: tuple[Box, ...], style: OverlayStyle, transform: Transform) -> None:
    """Hatch what the network does not see, so that nobody wonders why it is not judged."""
    painter.setPen(pen(QColor(255, 255, 255, 120), style.stroke_px * 0.4))
    painter.setBrush(QBrush(QColor(255, 255, 255, 60), Qt.BrushStyle.BDiagPattern))
    for x, y, width, height in boxes:
        corners = (transform.point(x, y), transform.point(x + width, y + height))
        painter.drawRect(QRectF(*corners).normalized())
