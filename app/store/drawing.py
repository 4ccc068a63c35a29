"""Drawing on a BGR canvas with OpenCV: one palette, text, panels, solid and dashed lines. All lengths in px."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from app.coach.types import FloatArray, ImageArray

Colour = tuple[int, int, int]
Point = tuple[int, int]


def _bgr(hex_rgb: str) -> Colour:
    red, green, blue = (int(hex_rgb[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red


#: The window's dark palette: "good" (blue-green) and "off" (orange) stay apart for colour-blind eyes.
GOOD: Final = _bgr("#3fd6a6")
OFF: Final = _bgr("#ffae4a")
INFO: Final = _bgr("#6cb6ff")
TEXT: Final = _bgr("#eef3f6")
MUTED: Final = _bgr("#9aabb8")
DARK: Final = _bgr("#0e1317")
CANVAS: Final = _bgr("#1a232a")

REGULAR, BOLD = 400, 600
#: Sub-pixel bits of OpenCV's drawing functions: lines move smoothly instead of in whole px.
_SHIFT = 4


def point(xy_px: FloatArray) -> Point:
    """Return (x, y) in the fixed-point px that the drawing functions below take."""
    x, y = np.rint(np.asarray(xy_px, dtype=np.float64) * (1 << _SHIFT)).astype(int).tolist()
    return x, y


def line(canvas: ImageArray, a_px: FloatArray, b_px: FloatArray, colour: Colour, width: int) -> None:
    """Draw a line from ``a_px`` to ``b_px``, (2,) each."""
    cv2.line(canvas, point(a_px), point(b_px), colour, width, cv2.LINE_AA, _SHIFT)


def dashed(canvas: ImageArray, a_px: FloatArray, b_px: FloatArray, colour: Colour, width: int, dash_px: float) -> None:
    """Draw a dashed line; dashes of ``dash_px`` with gaps of three fifths of it."""
    a_px, b_px = np.asarray(a_px, dtype=np.float64), np.asarray(b_px, dtype=np.float64)
    length_px = float(np.hypot(*(b_px - a_px)))
    if length_px < 1.0:
        return
    along = (b_px - a_px) / length_px
    for start_px in np.arange(0.0, length_px, 1.6 * dash_px).tolist():
        end_px = min(start_px + dash_px, length_px)
        line(canvas, a_px + start_px * along, a_px + end_px * along, colour, width)


def disc(canvas: ImageArray, centre_px: FloatArray, radius_px: float, colour: Colour) -> None:
    """Draw a filled circle: the shape of "good"."""
    cv2.circle(canvas, point(centre_px), round(radius_px * (1 << _SHIFT)), colour, -1, cv2.LINE_AA, _SHIFT)


def diamond(canvas: ImageArray, centre_px: FloatArray, radius_px: float, colour: Colour) -> None:
    """Draw a filled square on its corner: the shape of "off"."""
    corners = np.array([(radius_px, 0), (0, radius_px), (-radius_px, 0), (0, -radius_px)])
    polygon(canvas, np.asarray(centre_px) + corners, colour)


def polygon(canvas: ImageArray, corners_px: FloatArray, colour: Colour) -> None:
    """Draw a filled convex polygon, corners (n, 2)."""
    fixed = np.rint(corners_px * (1 << _SHIFT)).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, colour, cv2.LINE_AA, _SHIFT)


def panel(canvas: ImageArray, left: int, top: int, width: int, height: int, opacity: float = 0.72) -> None:
    """Darken a rectangle so that words on it can be read on any picture; clipped to the canvas."""
    rows = slice(max(top, 0), min(top + height, canvas.shape[0]))
    columns = slice(max(left, 0), min(left + width, canvas.shape[1]))
    inside = canvas[rows, columns]
    if inside.size:
        dark = np.full_like(inside, DARK)
        cv2.addWeighted(inside, 1.0 - opacity, dark, opacity, 0.0, dst=inside)


def words(
    canvas: ImageArray,
    text: str,
    left: int,
    bottom: int,
    size_px: int,
    colour: Colour = TEXT,
    weight: int = REGULAR,
) -> None:
    """Write one line of text, its lower left at (left, bottom)."""
    if hasattr(cv2, "FontFace"):  # OpenCV 5 has outline fonts
        cv2.putText(canvas, text, (left, bottom), colour, cv2.FontFace("sans"), size_px, weight)
        return
    scale, width = _stroke_font(size_px, weight)
    cv2.putText(canvas, _plain(text), (left, bottom), cv2.FONT_HERSHEY_DUPLEX, scale, colour, width, cv2.LINE_AA)


def words_width(text: str, size_px: int, weight: int = REGULAR) -> int:
    """Return how wide `words` writes a text, px."""
    if hasattr(cv2, "FontFace"):
        _, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), size_px, weight)
        return int(width)
    scale, stroke = _stroke_font(size_px, weight)
    (width, _), _ = cv2.getTextSize(_plain(text), cv2.FONT_HERSHEY_DUPLEX, scale, stroke)
    return int(width)


def fitting_size(text: str, size_px: int, most_width_px: int, weight: int = BOLD) -> int:
    """Return ``size_px`` or the largest smaller size (10 at least) at which the text fits."""
    width = words_width(text, size_px, weight)
    return size_px if width <= most_width_px else max(10, size_px * most_width_px // width)


def _stroke_font(size_px: int, weight: int) -> tuple[float, int]:
    """Return (scale, stroke width) of OpenCV 4's stroke font, whose capitals are 22 px high at scale 1."""
    return size_px / 30.0, 2 if weight >= BOLD else 1


def _plain(text: str) -> str:
    """Return a text with what the stroke font has; it knows ASCII only."""
    return text.replace("°", " deg").replace("−", "-").replace("–", "-").encode("ascii", "replace").decode()
