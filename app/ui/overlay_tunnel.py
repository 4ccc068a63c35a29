"""The tunnel in the overlay: the roof hatched from above, the floor for the head, the head itself, and its rows."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QTransform

from app.coach.geometry import midpoint
from app.coach.report import Activity
from app.coach.types import Landmark
from app.ui.overlay_base import OverlayStyle, burst, faded, flat_pen, pen, row
from app.ui.theme import CAPTION_PX, Theme, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Tunnel
    from app.coach.types import BodyPose
    from app.ui.overlay_base import Transform

#: Rows nearer than this are drawn as one.
SAME_ROW_PX = 2.0
#: Words of the rows: (top, text, colour).
Labels = list[tuple[float, str, QColor]]


def paint_tunnel(
    painter: QPainter, report: CoachReport, tunnel: Tunnel, style: OverlayStyle, transform: Transform
) -> None:
    """Paint roof and floor; for the coach also the goal dashed and standing height dotted, each with its word."""
    rect = transform.image_rect()
    roof_y, floor_y = row(tunnel.roof_y_px, transform), row(tunnel.floor_y_px, transform)
    labels: Labels = []
    if not style.runner:
        _paint_marks(painter, tunnel, style, transform, labels)
    if math.isfinite(floor_y):
        low = tunnel.below_floor
        tone = style.palette.tone(Tone.OFF if low else Tone.GOOD)
        _paint_floor(painter, floor_y, rect, tone, low, style)
        labels.append((floor_y, tr("floor"), tone))
    if math.isfinite(roof_y):
        hit = through_roof(report, tunnel) or tunnel.risen
        tone = style.palette.tone(Tone.HIT if hit else Tone.GOOD)
        _paint_roof(painter, roof_y, transform, tone, hit, style)
        is_goal = abs(roof_y - row(tunnel.goal_y_px, transform)) < SAME_ROW_PX
        labels.append((roof_y, tr("roof = goal") if is_goal else tr("roof"), tone))
    if style.words and not style.runner:
        _paint_labels(painter, labels, rect, style)


def _paint_marks(painter: QPainter, tunnel: Tunnel, style: OverlayStyle, transform: Transform, labels: Labels) -> None:
    rect, roof_y = transform.image_rect(), row(tunnel.roof_y_px, transform)
    standing_y, goal_y = row(tunnel.standing_y_px, transform), row(tunnel.goal_y_px, transform)
    if math.isfinite(standing_y):
        _paint_row(painter, standing_y, rect, 0.3, 3.0, style)
        labels.append((standing_y, tr("standing"), style.ink))
    if math.isfinite(goal_y) and (not math.isfinite(roof_y) or abs(goal_y - roof_y) > SAME_ROW_PX):
        _paint_row(painter, goal_y, rect, 4.0, 3.0, style)
        labels.append((goal_y, tr("goal"), style.ink))


def through_roof(report: CoachReport, tunnel: Tunnel) -> bool:
    """Whether the head is through the roof now; who merely stands is taller than the tunnel, and may be."""
    return tunnel.clearance_bh < 0.0 and report.activity is not Activity.STANDING


def paint_head(
    painter: QPainter, report: CoachReport, tunnel: Tunnel, pose: BodyPose, style: OverlayStyle, transform: Transform
) -> None:
    """Paint the head marker: a ring under the roof, a burst where it goes through."""
    crown_x_px, crown_y_px = pose[Landmark.HEAD_TOP].tolist()
    by_crown = abs(crown_y_px - tunnel.head_y_px) < SAME_ROW_PX
    ears_px = [pose[ear].tolist() for ear in (Landmark.LEFT_EAR, Landmark.RIGHT_EAR)]
    x_px = crown_x_px if by_crown else midpoint(*((x, y) for x, y in ears_px))[0]
    if not (math.isfinite(x_px) and math.isfinite(tunnel.head_y_px)):
        return
    centre = transform.point(x_px, tunnel.head_y_px)
    radius_px = style.stroke_px * (3.2 if style.runner else 2.4)
    if by_crown:
        # The ring hangs from the top of the head, as the head itself does.
        centre += QPointF(0.0, radius_px)
    ratio = painter.device().devicePixelRatioF()
    marker = _head_picture(through_roof(report, tunnel), round(radius_px, 1), style, ratio)
    half = marker.deviceIndependentSize() / 2.0
    x, y = (round(place * ratio) / ratio for place in (centre.x() - half.width(), centre.y() - half.height()))
    painter.drawImage(QPointF(x, y), marker)


@lru_cache(maxsize=8)
def _head_picture(hit: bool, radius_px: float, style: OverlayStyle, ratio: float) -> QImage:
    """Return the marker of the head, its place in the middle."""
    half = math.ceil(2.4 * radius_px)
    image = _empty(math.ceil(2 * half * ratio), math.ceil(2 * half * ratio))
    image.setDevicePixelRatio(ratio)
    painter, centre = QPainter(image), QPointF(half, half)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = style.palette.tone(Tone.HIT if hit else Tone.GOOD)
    bold = 1.4 if style.runner else 1.0
    if hit:
        painter.setPen(pen(style.edge, style.stroke_px * 0.5))
        painter.setBrush(colour)
        painter.drawPolygon(burst(centre, radius_px * 1.9))
    else:
        for stroke, width in ((style.edge, 1.3), (colour, 0.8)):
            painter.setPen(pen(stroke, style.stroke_px * width * bold))
            painter.drawEllipse(centre, radius_px, radius_px)
    painter.end()
    return image


def _paint_row(painter: QPainter, y: float, rect: QRectF, dash: float, gap: float, style: OverlayStyle) -> None:
    """Paint a dashed row over the whole picture; a dash of no length is a dot."""
    width_px, ratio = round(style.stroke_px * 0.45, 1), painter.device().devicePixelRatioF()
    tile = row_tile(style.ink.name(), dash, gap, width_px, style.on_picture, ratio)
    height = tile.textureImage().height() / ratio
    top = round(y - height / 2.0)
    # From the middle on: mirrored, the row is its own mirror image.
    painter.setBrushOrigin(QPointF(round(rect.center().x()), top))
    painter.fillRect(QRectF(rect.left(), top, rect.width(), height), tile)


@lru_cache(maxsize=16)
def row_tile(colour: str, dash: float, gap: float, width_px: float, halo: bool, ratio: float = 1.0) -> QBrush:
    """Return a brush of one dash and one gap (in widths of the row): stroking hundreds of dashes costs milliseconds.

    ``ratio``: device px for each widget px; the tile is as fine as the screen.
    """
    width = width_px * ratio
    length = max(2, round((dash + gap) * width))
    tile = _empty(length, 2 * math.ceil(width * 1.2) + 2)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    y, half = tile.height() / 2.0, length * dash / (dash + gap) / 2.0
    if halo:
        painter.fillRect(QRectF(0.0, y - 1.1 * width, length, 2.2 * width), QColor(0, 0, 0, 70))
    painter.setPen(pen(faded(QColor(colour), 0.8), width))
    for middle in (0.0, float(length)):
        painter.drawLine(QPointF(middle - half, y), QPointF(middle + half, y))
    painter.end()
    return _brush(tile, ratio)


def _paint_roof(
    painter: QPainter, y: float, transform: Transform, tone: QColor, hit: bool, style: OverlayStyle
) -> None:
    rect = transform.image_rect()
    depth_px = style.stroke_px * ((9.0 if hit else 7.0) if style.runner else (6.0 if hit else 4.0))
    band = QRectF(rect.left(), y - depth_px, rect.width(), depth_px)
    ratio = painter.device().devicePixelRatioF()
    looks = (0.75, 0.45) if hit else (0.5, 0.20)
    tile = hatch(tone.name(), looks, round(style.stroke_px * 2.4), transform.mirrored, ratio)
    # The hatch hangs from the roof and ends with the picture: mirrored, it is its own mirror image.
    painter.setBrushOrigin(QPointF(rect.right() if transform.mirrored else rect.left(), y))
    painter.fillRect(band, tile)
    width_px = style.stroke_px * (1.2 if style.runner else 0.75)
    start, end = QPointF(rect.left(), y), QPointF(rect.right(), y)
    painter.setPen(flat_pen(style.edge, width_px * 1.7))
    painter.drawLine(start, end)
    painter.setPen(flat_pen(tone, width_px))
    painter.drawLine(start, end)


def _paint_floor(painter: QPainter, y: float, rect: QRectF, tone: QColor, low: bool, style: OverlayStyle) -> None:
    """Paint how low the head may sink: a thin solid row, thick and dashed while the runner collapses."""
    width_px = style.stroke_px * (1.1 if low else 0.5) * (1.3 if style.runner else 1.0)
    start, end = QPointF(rect.left(), y), QPointF(rect.right(), y)
    painter.setPen(flat_pen(style.edge, width_px * 1.8))
    painter.drawLine(start, end)
    stroke = flat_pen(tone, width_px)
    if low:
        stroke.setDashPattern([3.4, 1.5])
    painter.setPen(stroke)
    painter.drawLine(start, end)


@lru_cache(maxsize=16)
def hatch(colour: str, looks: tuple[float, float], side_px: int, mirrored: bool, ratio: float = 1.0) -> QBrush:
    """Return a brush of slanted stripes, a tile ``side_px`` wide; it leans the other way where mirrored.

    ``looks``: opacity of the stripes and of what is between them. ``ratio``: device px for each widget px; the tile is
    as fine as the screen.
    """
    (opacity, between), side = looks, max(4, round(side_px * ratio))
    tile = _empty(side, side)
    tile.fill(faded(QColor(colour), between))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(faded(QColor(colour), opacity), side * 0.26))
    # Three strokes, so that the tile goes on across its edges.
    for shift in (-side, 0, side):
        upper, lower = (shift, side + shift) if mirrored else (side + shift, shift)
        painter.drawLine(QPointF(upper, 0.0), QPointF(lower, side))
    painter.end()
    return _brush(tile, ratio)


def _empty(width: int, height: int) -> QImage:
    """Return a transparent tile: an image, as it outlives the application in its cache, which a pixmap must not."""
    tile = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    return tile


def _brush(tile: QImage, ratio: float) -> QBrush:
    brush = QBrush(tile)
    brush.setTransform(QTransform.fromScale(1.0 / ratio, 1.0 / ratio))
    return brush


def _paint_labels(painter: QPainter, labels: Labels, rect: QRectF, style: OverlayStyle) -> None:
    """Paint the words of the rows from the right edge inwards, each on its own row: side by side where rows are near.

    What is given last (the roof) is outermost.
    """
    ratio = painter.device().devicePixelRatioF()
    taken: list[QRectF] = []
    for y, word, colour in reversed(labels):
        label = label_picture(word, colour.name(), style.plate.name(), style.theme, ratio)
        size = label.deviceIndependentSize()
        gap = size.height() * 0.3
        box = QRectF(QPointF(rect.right() - size.width() - size.height() * 0.86, y - size.height() / 2), size)
        for other in sorted(taken, key=lambda there: -there.left()):
            if box.adjusted(-gap, 0, gap, 0).intersects(other):
                box.moveRight(other.left() - gap)
        taken.append(box)
        painter.drawImage(QPointF(round(box.left() * ratio) / ratio, round(box.top() * ratio) / ratio), label)


@lru_cache(maxsize=32)
def label_picture(words: str, colour: str, plate: str, theme: Theme, ratio: float) -> QImage:
    """Return small words on their plate: they hardly ever change, and laying them out costs more than the tunnel."""
    font = theme.font(CAPTION_PX + 1, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(words) + 0.7 * metrics.height(), 1.3 * metrics.height()
    image = _empty(math.ceil(width * ratio), math.ceil(height * ratio))
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(0.0, 0.0, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(plate))
    painter.drawRoundedRect(box, height * 0.3, height * 0.3)
    painter.setPen(QColor(colour))
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return image
