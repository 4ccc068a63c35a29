"""Small line icons, drawn: they follow the theme's colour and any screen density without files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

if TYPE_CHECKING:
    from collections.abc import Callable

#: Icons are drawn on a 24 x 24 grid.
GRID = 24.0


def icon(name: str, colour: str, size_px: int) -> QIcon:
    """Return the icon ``name`` (a key of `SHAPES`) in ``colour``; sharp up to twice ``size_px``."""
    pixmap = QPixmap(2 * size_px, 2 * size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_shape(painter, name, QRectF(0, 0, 2 * size_px, 2 * size_px), QColor(colour))
    painter.end()
    pixmap.setDevicePixelRatio(2.0)
    return QIcon(pixmap)


def paint_shape(
    painter: QPainter, name: str, box: QRectF, colour: QColor, width: float = 2.0, flip: bool = False
) -> None:
    """Paint the shape ``name`` into ``box``; ``width`` is the stroke on the 24 px grid, ``flip`` mirrors it."""
    painter.save()
    painter.translate(box.x(), box.y())
    painter.scale(box.width() / GRID, box.height() / GRID)
    if flip:
        painter.translate(GRID, 0)
        painter.scale(-1, 1)
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    SHAPES[name](painter)
    painter.restore()


def _lines(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _solid(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.setBrush(painter.pen().color())
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _play(painter: QPainter) -> None:
    _solid(painter, (8, 5.5), (18, 12), (8, 18.5))


def _stop(painter: QPainter) -> None:
    _solid(painter, (7, 7), (17, 7), (17, 17), (7, 17))


def _pause(painter: QPainter) -> None:
    _lines(painter, (9, 7), (9, 17))
    _lines(painter, (15, 7), (15, 17))


def _speaker(painter: QPainter) -> None:
    _solid(painter, (4, 9.5), (7.5, 9.5), (12, 5.5), (12, 18.5), (7.5, 14.5), (4, 14.5))
    painter.drawArc(QRectF(9.5, 8.5, 7, 7), -50 * 16, 100 * 16)
    painter.drawArc(QRectF(7, 5.5, 13, 13), -48 * 16, 96 * 16)


def _muted(painter: QPainter) -> None:
    _solid(painter, (4, 9.5), (7.5, 9.5), (12, 5.5), (12, 18.5), (7.5, 14.5), (4, 14.5))
    _lines(painter, (15.5, 9.5), (20.5, 14.5))
    _lines(painter, (20.5, 9.5), (15.5, 14.5))


def _mirror(painter: QPainter) -> None:
    _lines(painter, (12, 4), (12, 20))
    _lines(painter, (8.5, 7.5), (3.5, 12), (8.5, 16.5), (8.5, 7.5))
    _solid(painter, (15.5, 7.5), (20.5, 12), (15.5, 16.5))


def _expand(painter: QPainter) -> None:
    for x, y, dx, dy in ((5, 5, 1, 1), (19, 5, -1, 1), (19, 19, -1, -1), (5, 19, 1, -1)):
        _lines(painter, (x, y + 4.5 * dy), (x, y), (x + 4.5 * dx, y))


def _theme(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 7.5, 7.5)
    path = QPainterPath(QPointF(12, 4.5))
    path.arcTo(QRectF(4.5, 4.5, 15, 15), 90, -180)
    path.closeSubpath()
    painter.fillPath(path, painter.pen().color())


def _stand(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 5), 2.2, 2.2)
    _lines(painter, (12, 9), (12, 15))
    _lines(painter, (10.2, 21), (12, 15), (13.8, 21))
    _lines(painter, (8.5, 13), (12, 9.2), (15.5, 13))


def _camera(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(3, 7, 12.5, 10), 2, 2)
    _lines(painter, (15.5, 11), (21, 8), (21, 16), (15.5, 13))


def _check(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 9.5, 9.5)
    _lines(painter, (7.5, 12.4), (10.8, 15.6), (16.6, 8.8))


def _wait(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 9.5, 9.5)
    for x in (7.5, 12, 16.5):
        painter.drawPoint(QPointF(x, 12))


def _warn(painter: QPainter) -> None:
    _lines(painter, (12, 3.5), (21.5, 20), (2.5, 20), (12, 3.5))
    _lines(painter, (12, 9.5), (12, 14))
    painter.drawPoint(QPointF(12, 17))


def _roof(painter: QPainter) -> None:
    """A roof and an arrow under it, pointing down: duck."""
    _lines(painter, (3, 4), (21, 4))
    for x in (5.5, 11, 16.5):
        _lines(painter, (x, 4), (x + 2.0, 1.6))
    _lines(painter, (12, 8), (12, 20.5))
    _lines(painter, (7, 15.5), (12, 20.5), (17, 15.5))


def _hips(painter: QPainter) -> None:
    """A body hinged at the hip with an arrow from the hip backwards (facing right)."""
    painter.drawEllipse(QPointF(19.3, 4.2), 2.0, 2.0)
    _lines(painter, (17.6, 6.2), (12.6, 13.2), (16.4, 17), (14.2, 22))
    _lines(painter, (9.6, 13.2), (2.4, 13.2))
    _lines(painter, (5.6, 10), (2.4, 13.2), (5.6, 16.4))


def _lean(painter: QPainter) -> None:
    """An upright dotted line and a leaning one with an arc between (facing right)."""
    for y in (4, 8.5, 13, 17.5):
        _lines(painter, (7, y), (7, y + 1))
    _lines(painter, (7, 21), (17, 5.5))
    painter.drawArc(QRectF(-4, 4.5, 22, 22), 62 * 16, 26 * 16)
    _lines(painter, (11, 2.5), (14, 5.2), (10.6, 7.4))


def _rise(painter: QPainter) -> None:
    """A leaning dotted line and a straighter one with an arc back to it (facing right)."""
    for part in (0.0, 0.24, 0.48, 0.72):
        x, y = 7 + 14 * part, 21 - 15 * part
        _lines(painter, (x, y), (x + 0.9, y - 1.0))
    _lines(painter, (7, 21), (10, 3.5))
    painter.drawArc(QRectF(-9, 5, 32, 32), 44 * 16, 20 * 16)
    _lines(painter, (17.2, 4.6), (13.4, 6.0), (15.4, 9.6))


def _feet(painter: QPainter) -> None:
    """A foot landing under the body: a short arrow straight down to the ground (facing right)."""
    _lines(painter, (3, 21), (21, 21))
    _lines(painter, (12, 3), (12, 17))
    _lines(painter, (8, 13), (12, 17), (16, 13))


def _hold(painter: QPainter) -> None:
    """A starting-line position: one straight line from rear foot to head, front leg bent (facing right)."""
    painter.drawEllipse(QPointF(17.6, 4), 2.0, 2.0)
    _lines(painter, (16.4, 6.4), (5, 21.5))
    _lines(painter, (12, 13), (17, 15.5), (15.2, 21.5), (18.5, 21.5))


def _reps(painter: QPainter) -> None:
    """Two arrows round and round: again and again."""
    painter.drawArc(QRectF(4.5, 4.5, 15, 15), 20 * 16, 140 * 16)
    painter.drawArc(QRectF(4.5, 4.5, 15, 15), 200 * 16, 140 * 16)
    _lines(painter, (20.6, 5.2), (19.2, 9.6), (14.9, 8.4))
    _lines(painter, (3.4, 18.8), (4.8, 14.4), (9.1, 15.6))


def _review(painter: QPainter) -> None:
    """A strip of steps with a mark to scrub it."""
    _lines(painter, (3, 17.5), (21, 17.5))
    for x, y in ((5, 12.5), (9, 9.5), (13, 12.5), (17, 6.5)):
        _lines(painter, (x, y), (x, 17.5))
    painter.drawEllipse(QPointF(11, 17.5), 2.2, 2.2)


def _history(painter: QPainter) -> None:
    painter.drawArc(QRectF(4, 4, 16, 16), -150 * 16, 300 * 16)
    _lines(painter, (12, 8), (12, 12.4), (15, 14.2))
    _lines(painter, (2.6, 13.2), (5, 16.2), (8.2, 14))


def _settings(painter: QPainter) -> None:
    """Three sliders."""
    for y, knob in ((6, 15), (12, 8), (18, 13)):
        _lines(painter, (4, y), (20, y))
        painter.setBrush(painter.pen().color())
        painter.drawEllipse(QPointF(knob, y), 2.0, 2.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _layout(painter: QPainter) -> None:
    """A picture with a panel of lines beside it."""
    painter.drawRoundedRect(QRectF(3, 5, 18, 14), 2, 2)
    _lines(painter, (14, 5), (14, 19))
    for y in (9, 12, 15):
        _lines(painter, (16.5, y), (18.8, y))


def _delay(painter: QPainter) -> None:
    """A clock whose hand goes back."""
    painter.drawArc(QRectF(4, 4, 16, 16), 120 * 16, -300 * 16)
    _lines(painter, (8.2, 1.8), (7.8, 5.2), (11.2, 6.4))
    _lines(painter, (12, 7.5), (12, 12), (8.6, 13.8))


def _about(painter: QPainter) -> None:
    painter.drawEllipse(QPointF(12, 12), 9, 9)
    _lines(painter, (12, 11), (12, 16.5))
    painter.drawPoint(QPointF(12, 7.6))


def _flag(painter: QPainter) -> None:
    """A flag on its pole."""
    _lines(painter, (6.5, 21), (6.5, 3.5))
    _solid(painter, (6.5, 4), (18.5, 7.8), (6.5, 12))


def burst_points(tips: int = 9) -> tuple[tuple[float, float], ...]:
    """Return a star on the 24 px grid."""
    points = []
    for index in range(2 * tips):
        radius = 10.0 if index % 2 == 0 else 6.2
        angle = math.pi * index / tips - math.pi / 2
        points.append((12 + radius * math.cos(angle), 12 + radius * math.sin(angle)))
    return tuple(points)


def _hit(painter: QPainter) -> None:
    _lines(painter, *burst_points(), burst_points()[0])
    _lines(painter, (12, 8), (12, 13))
    painter.drawPoint(QPointF(12, 16))


def _film(painter: QPainter) -> None:
    painter.drawRect(QRectF(3, 5, 18, 14))
    for x in (7.5, 16.5):
        _lines(painter, (x, 5), (x, 19))
    for y in (9.5, 14.5):
        _lines(painter, (3, y), (7.5, y))
        _lines(painter, (16.5, y), (21, y))


SHAPES: dict[str, Callable[[QPainter], None]] = {
    "play": _play,
    "stop": _stop,
    "pause": _pause,
    "speaker": _speaker,
    "muted": _muted,
    "mirror": _mirror,
    "expand": _expand,
    "theme": _theme,
    "stand": _stand,
    "camera": _camera,
    "check": _check,
    "wait": _wait,
    "warn": _warn,
    "roof": _roof,
    "hips": _hips,
    "lean": _lean,
    "rise": _rise,
    "feet": _feet,
    "hold": _hold,
    "hit": _hit,
    "reps": _reps,
    "review": _review,
    "history": _history,
    "settings": _settings,
    "about": _about,
    "layout": _layout,
    "delay": _delay,
    "flag": _flag,
    "film": _film,
}
