"""Paint the bars of `scene_bars`: the lean split at the picture's edge, weight shift and landing on the ground."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from app.ui.overlay_base import OverlayStyle, flat_pen, mixed, pen, shown_sign
from app.ui.overlay_tunnel import hatch, label_picture
from app.ui.scene_bars import ANKLE_SHARE, HINGE_SHARE
from app.ui.theme import CAPTION_PX, Tone
from app.ui.words import tr

if TYPE_CHECKING:
    from app.coach.types import Facing
    from app.ui.overlay_base import Transform
    from app.ui.scene_bars import BarValues, GroundBar, LeanSplit

#: Height of the lean split bar, of the picture, and how far its middle is from the edge behind the runner.
SPLIT_HEIGHT, SPLIT_INSET = 0.44, 0.075
#: The bar of the weight shift is at least so wide, body heights: the feet of a stance are too near for eyes at 3 m.
SHIFT_BH = 0.40
#: How far under the ground the bar lies, body heights.
BELOW_GROUND_BH = 0.055


def paint_bars(painter: QPainter, values: BarValues, facing: Facing, style: OverlayStyle, transform: Transform) -> None:
    """Paint the bars that have something to show."""
    if values.ground is not None:
        _paint_ground(painter, values.ground, style, transform)
    if values.split is not None:
        _paint_split(painter, values.split, facing, style, transform)


def paint_mark(
    painter: QPainter, centre: QPointF, radius_px: float, tone: Tone, towards: QPointF, style: OverlayStyle
) -> None:
    """Paint a marker: a disc (good), a triangle (off) pointing ``towards`` (a unit vector), a hollow square (else)."""
    painter.setPen(pen(style.edge, radius_px * 0.34))
    painter.setBrush(style.palette.tone(tone))
    if tone is Tone.GOOD:
        painter.drawEllipse(centre, radius_px, radius_px)
    elif tone is Tone.CALM or towards.isNull():
        side = 1.5 * radius_px
        painter.setBrush(QColor(style.palette.ground))
        painter.setPen(pen(style.ink, radius_px * 0.34))
        painter.drawRect(QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side))
    else:
        across = QPointF(-towards.y(), towards.x())
        tip, back = centre + towards * radius_px * 1.5, centre - towards * radius_px * 0.9
        painter.drawPolygon(QPolygonF([tip, back + across * radius_px * 1.25, back - across * radius_px * 1.25]))


def _unit(style: OverlayStyle) -> float:
    return style.stroke_px * (1.5 if style.runner else 1.0)


def _plate(painter: QPainter, box: QRectF, radius_px: float, style: OverlayStyle) -> None:
    """Paint what lies under a bar."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.plate)
    painter.drawRoundedRect(box, radius_px, radius_px)


# ---- the ground ---------------------------------------------------------------------------------------------------


def _paint_ground(painter: QPainter, bar: GroundBar, style: OverlayStyle, transform: Transform) -> None:
    """Paint the two feet as ends of a bar, the good stretch in it, hip and landing foot."""
    unit, rect = _unit(style), transform.image_rect()
    thick = 3.0 * unit
    y = transform.point(0.0, bar.row_px + BELOW_GROUND_BH * bar.body_height_px).y()
    y = min(y, rect.bottom() - 1.6 * thick)
    stretch = _stretch(bar)
    middle = (bar.rear_px + bar.front_px) / 2.0

    def x(place_px: float) -> float:
        return transform.point(middle + stretch * (place_px - middle), 0.0).x()

    rear, front, hip = x(bar.rear_px), x(bar.front_px), x(bar.hip_px)
    ends = sorted((rear, front, hip, *(x(place) for place in bar.good_px)))
    room = 1.5 * thick
    _plate(painter, QRectF(ends[0] - room, y - thick, ends[-1] - ends[0] + 2 * room, 2 * thick), thick, style)
    painter.setPen(flat_pen(mixed(style.ink, style.plate, 0.65), 0.8 * unit))
    painter.drawLine(QPointF(rear, y), QPointF(front, y))
    least, most = sorted(x(place) for place in bar.good_px)
    good = QRectF(least, y - 0.62 * thick, most - least, 1.24 * thick)
    tone = style.palette.tone(Tone.GOOD)
    painter.fillRect(good, mixed(tone, style.plate, 0.4))
    painter.setPen(flat_pen(tone, 0.7 * unit))
    for edge in (good.left(), good.right()):
        painter.drawLine(QPointF(edge, good.top()), QPointF(edge, good.bottom()))
    towards = QPointF(bar.correction * (-1.0 if transform.mirrored else 1.0), 0.0)
    painter.setPen(flat_pen(style.ink, 1.3 * unit))
    for end in (rear,) if bar.landing else (rear, front):
        painter.drawLine(QPointF(end, y - 0.55 * thick), QPointF(end, y + 0.55 * thick))
    if bar.landing:
        _paint_plumb(painter, QPointF(hip, y), thick, style)
    paint_mark(painter, QPointF(front if bar.landing else hip, y), 0.85 * thick, bar.tone, towards, style)


def _stretch(bar: GroundBar) -> float:
    """Return by how much a bar is drawn wider than it is: only one whose feet are near each other, and no landing."""
    span_px = abs(bar.front_px - bar.rear_px)
    if bar.landing or not span_px > 0.0:
        return 1.0
    return max(1.0, SHIFT_BH * bar.body_height_px / span_px)


def _paint_plumb(painter: QPainter, at: QPointF, thick: float, style: OverlayStyle) -> None:
    """Paint the place under the hip: a plumb bob, its point on the ground."""
    x, y = at.x(), at.y()
    painter.setPen(pen(style.edge, thick * 0.2))
    painter.setBrush(style.ink)
    corners = [(0.0, 0.55), (-0.6, -0.45), (-0.6, -1.0), (0.6, -1.0), (0.6, -0.45)]
    painter.drawPolygon(QPolygonF([QPointF(x + dx * thick, y + dy * thick) for dx, dy in corners]))


# ---- the lean split -----------------------------------------------------------------------------------------------


def split_box(facing: Facing, style: OverlayStyle, transform: Transform) -> QRectF:
    """Return where the lean split bar goes: behind the runner, upright."""
    rect, width = transform.image_rect(), 6.5 * _unit(style)
    inset = SPLIT_INSET * rect.width()
    x = rect.left() + inset if shown_sign(facing, transform) > 0.0 else rect.right() - inset
    height = SPLIT_HEIGHT * rect.height()
    return QRectF(x - width / 2, rect.top() + 0.32 * rect.height(), width, height)


def _paint_split(
    painter: QPainter, split: LeanSplit, facing: Facing, style: OverlayStyle, transform: Transform
) -> None:
    """Paint the bar; it changes once a step, and is kept as a picture until then."""
    box, ratio = split_box(facing, style, transform), painter.device().devicePixelRatioF()
    shown = replace(split, hip_share=round(split.hip_share, 3))
    size = (round(box.width(), 1), round(box.height(), 1))
    image, left, top = _split_picture(shown, size, shown_sign(facing, transform), style, ratio)
    # Whole px: a picture at a fractional place would be resampled.
    x, y = (round(place * ratio) / ratio for place in (box.left() - left, box.top() - top))
    painter.drawImage(QPointF(x, y), image)


@lru_cache(maxsize=4)
def _split_picture(
    split: LeanSplit, size: tuple[float, float], ahead: float, style: OverlayStyle, ratio: float
) -> tuple[QImage, float, float]:
    """Return the bar as a picture, and where its box lies in that: (left, top) in widget px."""
    unit = _unit(style)
    glyph, room = size[0] * 1.1, 3.6 * unit
    words = 12.0 * style.theme.px(CAPTION_PX) if style.words and not style.runner else 0.0
    box = QRectF(room + words, room + glyph, *size)
    wide, high = box.right() + room + words, box.bottom() + glyph + room
    image = QImage(math.ceil(wide * ratio), math.ceil(high * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_split(painter, split, box, ahead, style)
    painter.end()
    return image, box.left(), box.top()


def _draw_split(painter: QPainter, split: LeanSplit, box: QRectF, ahead: float, style: OverlayStyle) -> None:
    """Draw the bar: what the hip gives hangs from above, what the ankle gives stands below, with the place to be."""
    unit = _unit(style)
    room, glyph = 2.2 * unit, box.width() * 1.1
    _plate(painter, box.adjusted(-room, -room - glyph, room, room + glyph), room, style)
    cut = box.top() + split.hip_share * box.height()
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), cut - box.top()), style.palette.tone(split.tone))
    below = QRectF(box.left(), cut, box.width(), box.bottom() - cut)
    ratio = painter.device().devicePixelRatioF()
    stripes = hatch(style.ink.name(), (0.8, 0.0), round(style.stroke_px * 2.4), ahead < 0.0, ratio)
    painter.setBrushOrigin(QPointF(box.right() if ahead < 0.0 else box.left(), box.top()))
    painter.fillRect(below, stripes)
    _paint_place(painter, box, ahead, style)
    mark = QPointF(box.left() if ahead < 0.0 else box.right(), cut)
    painter.setPen(pen(style.ink, 0.8 * unit))
    painter.drawLine(QPointF(box.left(), cut), QPointF(box.right(), cut))
    # More from the hip: its part grows downwards.
    paint_mark(painter, mark, 2.2 * unit, split.tone, QPointF(0.0, 1.0), style)
    left = box.center().x() - glyph / 2
    _paint_glyph(painter, QRectF(left, box.top() - glyph - 0.6 * unit, glyph, glyph), ahead, style, hinged=True)
    _paint_glyph(painter, QRectF(left, box.bottom() + 0.6 * unit, glyph, glyph), ahead, style, hinged=False)
    if style.words and not style.runner:
        _paint_shares(painter, split, box, ahead, style)


def _paint_place(painter: QPainter, box: QRectF, ahead: float, style: OverlayStyle) -> None:
    """Paint the bracket of the shares that are a hinge, on the side where the marker runs."""
    unit = _unit(style)
    x = (box.left() - 0.9 * unit) if ahead < 0.0 else (box.right() + 0.9 * unit)
    top = box.top() + (HINGE_SHARE + ANKLE_SHARE) / 2.0 * box.height()
    painter.setPen(pen(style.palette.tone(Tone.GOOD), 1.1 * unit))
    painter.drawLine(QPointF(x, top), QPointF(x, box.bottom() - 0.28 * box.height()))


def _paint_glyph(painter: QPainter, box: QRectF, ahead: float, style: OverlayStyle, hinged: bool) -> None:
    """Paint a body of three strokes: bent at the hip, or straight and tilted over its ankle."""
    points = [(0.38, 0.98), (0.30, 0.52), (0.66, 0.08)] if hinged else [(0.30, 0.98), (0.70, 0.08)]
    joint = (0.30, 0.52) if hinged else (0.30, 0.98)

    def place(x: float, y: float) -> QPointF:
        return QPointF(box.left() + (x if ahead > 0.0 else 1.0 - x) * box.width(), box.top() + y * box.height())

    painter.setPen(pen(style.ink, 0.85 * _unit(style)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([place(*point) for point in points]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.ink)
    painter.drawEllipse(place(*joint), 1.1 * _unit(style), 1.1 * _unit(style))


def _paint_shares(painter: QPainter, split: LeanSplit, box: QRectF, ahead: float, style: OverlayStyle) -> None:
    """Write the two shares beside their parts: angles would be added up, and are no sum of the trunk's."""
    cut, gap = box.top() + split.hip_share * box.height(), 3.4 * _unit(style)
    hip_pct = min(max(round(100.0 * split.hip_share), 0), 100)
    for words, y in (
        (tr("hip {n} %").format(n=hip_pct), (box.top() + cut) / 2),
        (tr("ankle {n} %").format(n=100 - hip_pct), (box.bottom() + cut) / 2),
    ):
        label = label_picture(
            words, style.ink.name(), style.plate.name(), style.theme, painter.device().devicePixelRatioF()
        )
        size = label.deviceIndependentSize()
        left = box.left() - gap - size.width() if ahead < 0.0 else box.right() + gap
        painter.drawImage(QPointF(round(left), round(y - size.height() / 2)), label)
