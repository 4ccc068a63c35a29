"""The app's icon, drawn anew: ``python -m assets.make_icon [FOLDER]`` (needs Qt, no display).

What the coaching is about in one mark: a straight line from the head to the rear foot, hinged at the hip, under a roof.
Each size is drawn by itself: the small ones have fewer and thicker parts. Beside the PNGs an SVG is written, for menus
that scale it. Coordinates are those of a 256 x 256 grid, y down.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QLinearGradient, QPainter, QPen, QPolygonF

FOLDER: Final = Path(__file__).parent / "icons"
NAME: Final = "hingecoach"
#: Sizes that window systems ask for, px; 1024 is for macOS alone.
SIZES_PX: Final = (16, 24, 32, 48, 64, 128, 256, 512, 1024)
GRID: Final = 256.0
#: Up to this size the mark has no hatching, and every stroke is thicker.
SMALL_PX: Final = 32

TOP, BOTTOM, MINT, WHITE = "#1d2931", "#0b1013", "#3fd6a6", "#f2f6f8"
RIM, RIM_WIDTH = "#2e3d47", 6.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line with round ends through ``points`` (x, y), ``width`` wide, all on the grid."""

    colour: str
    width: float
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """All that is drawn on the rounded square; ``head`` is (x, y, radius), on the grid."""

    corner: float
    strokes: tuple[Stroke, ...]
    head: tuple[float, float, float]


#: Roof with its hatching, line from the head to the rear foot, front leg bent at hip and knee.
LARGE: Final = Mark(
    corner=58,
    strokes=(
        *(Stroke(MINT, 8, ((x, 58), (x + 15, 38))) for x in (48, 87, 126, 165, 204)),
        Stroke(MINT, 13, ((34, 62), (222, 62))),
        Stroke(WHITE, 19, ((131, 160), (171, 170), (155, 219), (179, 219))),
        Stroke(MINT, 19, ((159, 108), (84, 219))),
    ),
    head=(173, 96, 22),
)
SMALL: Final = Mark(
    corner=52,
    strokes=(
        Stroke(MINT, 24, ((32, 44), (224, 44))),
        Stroke(WHITE, 30, ((126, 158), (174, 168), (162, 218))),
        Stroke(MINT, 30, ((150, 116), (76, 220))),
    ),
    head=(174, 96, 30),
)


def mark_for(size_px: int) -> Mark:
    """Return what is drawn at a size."""
    return SMALL if size_px <= SMALL_PX else LARGE


def draw(size_px: int) -> QImage:
    """Return the icon, square, with transparent corners."""
    image = QImage(size_px, size_px, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size_px / GRID, size_px / GRID)
    mark = mark_for(size_px)
    ground = QLinearGradient(0, 0, 0, GRID)
    ground.setColorAt(0, QColor(TOP))
    ground.setColorAt(1, QColor(BOTTOM))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(0, 0, GRID, GRID), mark.corner, mark.corner)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(RIM), RIM_WIDTH))  # keeps it apart from a dark desktop
    inset = RIM_WIDTH / 2
    painter.drawRoundedRect(QRectF(0, 0, GRID, GRID).adjusted(inset, inset, -inset, -inset), mark.corner, mark.corner)
    for stroke in mark.strokes:
        _draw_stroke(painter, stroke)
    x, y, radius = mark.head
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(WHITE))
    painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.end()
    return image


def _draw_stroke(painter: QPainter, stroke: Stroke) -> None:
    round_pen = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(QColor(stroke.colour), stroke.width, Qt.PenStyle.SolidLine, *round_pen))
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in stroke.points]))


def svg() -> str:
    """Return the large mark as SVG."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID:.0f} {GRID:.0f}">',
        f'  <linearGradient id="g" x2="0" y2="1"><stop stop-color="{TOP}"/><stop offset="1" stop-color="{BOTTOM}"/>'
        "</linearGradient>",
        f'  <rect width="{GRID:.0f}" height="{GRID:.0f}" rx="{LARGE.corner}" fill="url(#g)"/>',
        f'  <rect x="3" y="3" width="250" height="250" rx="55" fill="none" stroke="{RIM}" stroke-width="{RIM_WIDTH}"/>',
        '  <g fill="none" stroke-linecap="round" stroke-linejoin="round">',
    ]
    for stroke in LARGE.strokes:
        points = " ".join(f"{x},{y}" for x, y in stroke.points)
        lines.append(f'    <polyline points="{points}" stroke="{stroke.colour}" stroke-width="{stroke.width}"/>')
    x, y, radius = LARGE.head
    return "\n".join([*lines, "  </g>", f'  <circle cx="{x}" cy="{y}" r="{radius}" fill="{WHITE}"/>', "</svg>", ""])


def main(folder: Path) -> None:
    """Write every size, and the SVG."""
    folder.mkdir(parents=True, exist_ok=True)
    for size_px in SIZES_PX:
        if not draw(size_px).save(str(folder / f"{NAME}_{size_px}.png")):
            raise OSError(f"{folder} cannot be written")
    (folder / f"{NAME}.svg").write_text(svg(), encoding="utf-8")


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication(sys.argv[:1])
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
