"""The overlay that goes into an annotated video: body, line, tunnel, cue and a few live numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.coach.types import SKELETON, Landmark
from app.store import drawing
from app.store.drawing import DARK, GOOD, INFO, MUTED, OFF, TEXT
from app.store.panels import Panels

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Cue, TrunkLine, Tunnel
    from app.coach.types import BodyPose, FloatArray, Frame, ImageArray

#: Longer and wider pictures are shrunk: text in px then has one size for the eye, and files stay small.
MOST_SIDE_PX = 1280
#: A skeleton without a picture is drawn in the middle of a canvas of this size, so that words fit beside it.
BARE_SIZE_PX = (1280, 720)
BARE_SHARE = 0.86
#: How long a cue stays on the picture.
CUE_SHOWN_S = 3.0
#: Words are at least so large for 720 px: numbers of 13 px.
LEAST_TEXT_UNIT = 0.6


@dataclass(frozen=True, slots=True)
class _Place:
    """Where image px go on the canvas: canvas = image * scale + (left, top). ``unit``: 1 px where 720 is shorter."""

    scale: float
    left_px: float
    top_px: float
    unit: float

    @property
    def text_unit(self) -> float:
        """The unit of words: small pictures have larger words for their size, or nobody could read them."""
        return max(self.unit, min(LEAST_TEXT_UNIT, 1.8 * self.unit))

    def xy(self, image_px: FloatArray) -> FloatArray:
        """Return canvas px of image px, (..., 2)."""
        canvas_px: FloatArray = image_px * self.scale + np.array([self.left_px, self.top_px])
        return canvas_px

    def y(self, image_y_px: float) -> float:
        """Return the canvas row of an image row."""
        return image_y_px * self.scale + self.top_px


class Overlay:
    """Draws what the coach saw into copies of the frames, which must come in the order of their times."""

    def __init__(self) -> None:
        self._cue: Cue | None = None
        self._cue_below = False  # once a cue went below it stays: it must not jump as the head bobs
        self._panels = Panels()

    def draw(self, frame: Frame, pose: BodyPose, report: CoachReport) -> ImageArray:
        """Return a new BGR picture (even sides, at most `MOST_SIDE_PX`); a dark canvas where there is no image."""
        canvas, place = _canvas(frame.image_bgr, pose.image_size_px)
        if report.tunnel is not None:
            _draw_tunnel(canvas, report.tunnel, place)
        _draw_body(canvas, pose, place)
        if report.line is not None:
            _draw_line(canvas, report.line, place)
        if report.tunnel is not None:
            _draw_head(canvas, report.tunnel, pose, place)
        self._panels.draw(canvas, report, bool(np.isfinite(pose.xy_px).any()), place.text_unit)
        self._draw_cue(canvas, report, pose, place)
        return canvas

    def _draw_cue(self, canvas: ImageArray, report: CoachReport, pose: BodyPose, place: _Place) -> None:
        """Draw the newest cue large, above the head or, where there is no room, below: never on the numbers."""
        if report.cue is not None:
            self._cue, self._cue_below = report.cue, False
        if self._cue is None or not 0.0 <= report.t_s - self._cue.t_s < CUE_SHOWN_S:
            return
        unit, text = place.text_unit, self._cue.shown or self._cue.spoken
        pad, edge = round(28 * unit), round(20 * unit)
        size = drawing.fitting_size(text, round(64 * unit), canvas.shape[1] - 2 * edge - 3 * pad)
        high = round(size * 1.75)
        rows_px = place.xy(pose.xy_px)[:, 1]
        free_left, top = edge, edge
        if float(np.nanmin(rows_px, initial=np.inf)) < edge + high + 30 * place.unit:
            self._cue_below = True
        if self._cue_below:
            free_left, top = self._panels.room_for_cue(canvas.shape[1], canvas.shape[0], high, edge)
        free = canvas.shape[1] - edge - free_left
        size = drawing.fitting_size(text, size, free - 3 * pad)
        width = drawing.words_width(text, size, drawing.BOLD) + 3 * pad
        left = free_left + (free - width) // 2
        drawing.panel(canvas, left, top, width, high, 0.82)
        centre = np.array([left + pad, top + high / 2.0])
        if self._cue.because:
            drawing.diamond(canvas, centre, size * 0.22, OFF)
        else:
            drawing.disc(canvas, centre, size * 0.18, GOOD)
        drawing.words(canvas, text, left + 2 * pad, top + (high + round(0.7 * size)) // 2, size, TEXT, drawing.BOLD)


def _canvas(image: ImageArray | None, size_px: tuple[int, int]) -> tuple[ImageArray, _Place]:
    """Return (a picture of our own to draw on, where image px go on it)."""
    if image is None:
        width, height = BARE_SIZE_PX
        scale = BARE_SHARE * min(width / max(size_px[0], 1), height / max(size_px[1], 1))
        left_px, top_px = (width - size_px[0] * scale) / 2, (height - size_px[1] * scale) / 2
        canvas = np.full((height, width, 3), drawing.CANVAS, dtype=np.uint8)
        return canvas, _Place(scale, left_px, top_px, height / 720.0)
    width, height = image.shape[1], image.shape[0]
    # A kept video of a large camera is read smaller than the pictures that were judged. (A last odd row was cut off.)
    shrunk = width / size_px[0] if size_px[0] > width + 1 else 1.0
    scale = min(1.0, MOST_SIDE_PX / max(width, height))
    # Video encoders halve the colour resolution: both sides must be even.
    width, height = (max(2, round(side_px * scale) // 2 * 2) for side_px in (width, height))
    place = _Place(scale * shrunk, 0.0, 0.0, min(height, width) / 720.0)
    if (height, width) == image.shape[:2]:
        return image.copy(), place
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8), place


def _draw_body(canvas: ImageArray, pose: BodyPose, place: _Place) -> None:
    """Draw the skeleton: light on a dark seam, so that it shows on any picture."""
    xy_px, unit = place.xy(pose.xy_px), place.unit
    bones = [(xy_px[a], xy_px[b]) for a, b in SKELETON if np.isfinite(xy_px[[a, b]]).all()]
    for colour, width in ((DARK, round(6 * unit)), (TEXT, round(3 * unit))):
        for a_px, b_px in bones:
            drawing.line(canvas, a_px, b_px, colour, max(1, width))
    for joint in Landmark:
        if joint >= Landmark.LEFT_SHOULDER and np.isfinite(xy_px[joint]).all():
            drawing.disc(canvas, xy_px[joint], 4.5 * unit, DARK)
            drawing.disc(canvas, xy_px[joint], 3.0 * unit, TEXT)


def _draw_line(canvas: ImageArray, line: TrunkLine, place: _Place) -> None:
    """Draw the ear-to-rear-foot line and how the hip sits on it.

    Judged and good: solid, disc. Judged and off: dashed, diamond, and an arrow towards the line: where to move.
    Not judged in this frame: thin and grey.
    """
    ear_px, foot_px, hip_px = place.xy(line.ear_px), place.xy(line.foot_px), place.xy(line.hip_px)
    unit = place.unit
    if not np.isfinite((ear_px, foot_px, hip_px)).all():
        return
    if not line.judged:
        drawing.line(canvas, ear_px, foot_px, MUTED, max(1, round(1.5 * unit)))
        return
    if line.good:
        drawing.line(canvas, ear_px, foot_px, DARK, max(3, round(8 * unit)))
        drawing.line(canvas, ear_px, foot_px, GOOD, max(2, round(5 * unit)))
        drawing.disc(canvas, hip_px, 9 * unit, DARK)
        drawing.disc(canvas, hip_px, 7 * unit, GOOD)
        return
    drawing.line(canvas, ear_px, foot_px, DARK, max(3, round(8 * unit)))
    drawing.dashed(canvas, ear_px, foot_px, OFF, max(2, round(5 * unit)), 22 * unit)
    drawing.diamond(canvas, hip_px, 13 * unit, DARK)
    drawing.diamond(canvas, hip_px, 10 * unit, OFF)
    _draw_arrow(canvas, hip_px, _nearest_on(ear_px, foot_px, hip_px), unit)


def _nearest_on(a_px: FloatArray, b_px: FloatArray, p_px: FloatArray) -> FloatArray:
    """Return the point of the line through a and b that is nearest to p."""
    along = b_px - a_px
    share = float(np.dot(p_px - a_px, along) / max(float(np.dot(along, along)), 1e-9))
    nearest: FloatArray = a_px + share * along
    return nearest


def _draw_arrow(canvas: ImageArray, from_px: FloatArray, towards_px: FloatArray, unit: float) -> None:
    """Draw an arrow of readable length: its direction tells, not its size (the bow itself is a few px)."""
    way = towards_px - from_px
    distance_px = float(np.hypot(*way))
    if distance_px < 0.5:
        return
    way = way / distance_px
    across = np.array([-way[1], way[0]])
    start, neck, tip = from_px + way * 18 * unit, from_px + way * 46 * unit, from_px + way * 64 * unit
    for colour, more in ((DARK, 3.0 * unit), (OFF, 0.0)):
        drawing.line(canvas, start, neck, colour, max(1, round(6 * unit + 2 * more)))
        wing = across * (13 * unit + more)
        drawing.polygon(
            canvas, np.array([neck + wing - way * more, tip + way * more, neck - wing - way * more]), colour
        )


def _draw_tunnel(canvas: ImageArray, tunnel: Tunnel, place: _Place) -> None:
    """Draw standing height, goal and roof across the picture; each has its own kind of line and its name."""
    unit = place.unit
    right, thin = canvas.shape[1] - 1.0, max(1, round(1.5 * unit))
    rows = {"standing": tunnel.standing_y_px, "goal": tunnel.goal_y_px, "roof": tunnel.roof_y_px}
    if not tunnel.personal:
        del rows["goal"]  # until there is a personal roof, the roof is the goal
    known = {name: place.y(y_px) for name, y_px in rows.items() if np.isfinite(y_px)}
    for name, y in known.items():
        ends = np.array([0.0, y]), np.array([right, y])
        if name == "roof":
            drawing.line(canvas, *ends, DARK, max(2, round(5 * unit)))
            drawing.line(canvas, *ends, INFO, max(1, round(3 * unit)))
        else:
            drawing.dashed(canvas, *ends, MUTED, thin, (14 if name == "goal" else 4) * unit)
    text_unit = place.text_unit
    # The roof's name hangs under it; the others stand above their rows, pushed up where they would meet.
    bottom = np.inf
    for name, y in reversed(known.items()):
        below = name == "roof"
        bottom = y + 24 * text_unit if below else min(bottom - 26 * text_unit, y - 8 * text_unit)
        _name_row(canvas, name, bottom, INFO if below else MUTED, text_unit)
        bottom = np.inf if below else bottom


def _name_row(canvas: ImageArray, name: str, bottom: float, colour: drawing.Colour, unit: float) -> None:
    """Write a row's name at the right edge."""
    size = round(18 * unit)
    width, pad = drawing.words_width(name, size), round(6 * unit)
    left = canvas.shape[1] - width - round(16 * unit)
    drawing.panel(canvas, left - pad, round(bottom - size), width + 2 * pad, round(1.3 * size))
    drawing.words(canvas, name, left, round(bottom), size, colour)


def _draw_head(canvas: ImageArray, tunnel: Tunnel, pose: BodyPose, place: _Place) -> None:
    """Mark the head on its row: a disc under the roof, a diamond with an arrow down when through it."""
    unit = place.unit
    places = place.xy(pose.xy_px)
    ears_px, crown = places[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR], 0], places[Landmark.HEAD_TOP]
    y = place.y(tunnel.head_y_px)
    if not np.isfinite(y) or not np.isfinite(ears_px).any():
        return
    centre = np.array([float(np.nanmean(ears_px)), y])
    if abs(crown[1] - y) < 1.0:
        # The disc hangs from the top of the head, as the head itself does.
        centre = crown + np.array([0.0, 10 * unit])
    if tunnel.clearance_bh < 0.0:
        drawing.diamond(canvas, centre, 14 * unit, DARK)
        drawing.diamond(canvas, centre, 11 * unit, OFF)
        _draw_arrow(canvas, centre, centre + np.array([0.0, 1.0]), unit)
    else:
        drawing.disc(canvas, centre, 10 * unit, DARK)
        drawing.disc(canvas, centre, 7.5 * unit, GOOD)
