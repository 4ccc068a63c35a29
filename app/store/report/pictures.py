"""A frame as evidence: cut out around the runner, with body, line and tunnel drawn on it, as a small JPEG."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.coach.report import TrunkLine
from app.coach.types import BodyPose, Frame
from app.store.annotate import Overlay
from app.store.report.figures import line_px

if TYPE_CHECKING:
    from app.coach.report import CoachReport
    from app.coach.types import FloatArray, ImageArray

#: JPEG quality, and how high and wide a picture is at most, px: 30 to 60 kB each.
QUALITY, MOST_HEIGHT_PX, MOST_WIDTH_PX = 82, 640, 640
#: Room around the body, as a share of its height; and width over height of the cut-out.
ROOM, ASPECT = 0.16, 0.8
#: Height at which things are drawn: lines and words then have one size in all pictures.
DRAWN_HEIGHT_PX = 720.0


def evidence(
    image: ImageArray, pose: BodyPose, report: CoachReport, line: str = "", good: bool = True
) -> tuple[bytes, tuple[int, int]]:
    """Return the picture of a moment as (JPEG, (width, height)).

    Args:
        image: BGR, of any size: it may have been shrunk since the pose was found in it.
        pose: in px of the image as it was.
        report: of the frame.
        line: "toe" or "ankle": a line from the ear to there at the rear foot is drawn; "": the report's own, if any.
        good: whether that line is drawn as held.

    Returns (b"", (0, 0)) where nobody is seen or it cannot be packed.
    """
    known = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)]
    if not len(known):
        return b"", (0, 0)
    report = _with_line(report, pose, line, good) if line else report
    corner, size = _cut(known, pose.image_size_px)
    scale = DRAWN_HEIGHT_PX / size[1]
    shrunk = image.shape[1] / max(pose.image_size_px[0], 1)
    left, top, right, bottom = (round(v * shrunk) for v in (*corner, *(corner + size)))
    drawn_px = (max(2, round(size[0] * scale / 2.0) * 2), round(DRAWN_HEIGHT_PX))
    part = cv2.resize(image[top:bottom, left:right], drawn_px, interpolation=cv2.INTER_AREA)
    # The overlay's panels of numbers stand at the left: they get a margin of their own, which is cut off again.
    beside = max(2, round((1280 - drawn_px[0]) / 2) * 2) if drawn_px[0] < 1280 else 0
    canvas = cv2.copyMakeBorder(part, 0, 0, beside, 0, cv2.BORDER_REPLICATE)
    moved_pose, moved_report = _moved(pose, report, corner, scale, float(beside), (canvas.shape[1], canvas.shape[0]))
    frame = Frame(0, pose.t_s, np.asarray(canvas, dtype=np.uint8))
    drawn = Overlay().draw(frame, moved_pose, moved_report)
    shown = drawn[:, round(beside * drawn.shape[1] / canvas.shape[1]) :]
    factor = min(MOST_HEIGHT_PX / shown.shape[0], MOST_WIDTH_PX / shown.shape[1], 1.0)
    size_px = (max(1, round(shown.shape[1] * factor)), max(1, round(shown.shape[0] * factor)))
    done, data = cv2.imencode(
        ".jpg", cv2.resize(shown, size_px, interpolation=cv2.INTER_AREA), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    return (data.tobytes(), size_px) if done else (b"", (0, 0))


def _with_line(report: CoachReport, pose: BodyPose, line: str, good: bool) -> CoachReport:
    """Return the report with the line of this very instant; where it cannot be seen, as it was."""
    ends = line_px(pose, report.facing, line)
    if ends is None:
        return report
    ear_px, foot_px, hip_px = ends
    nan = float("nan")
    return replace(report, line=TrunkLine(ear_px, foot_px, hip_px, nan, nan, nan, judged=True, good=good))


def _cut(known_px: FloatArray, image_size_px: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Return corner and size of the cut-out in px of the image, inside of it."""
    whole = np.array(image_size_px, dtype=np.float64)
    low, high = known_px.min(axis=0), known_px.max(axis=0)
    room = ROOM * (high[1] - low[1])
    height = max(high[1] - low[1] + 2.0 * room, 16.0)
    width = max(high[0] - low[0] + 2.0 * room, ASPECT * height)
    size = np.minimum(np.array([width, max(height, width)]), whole)
    corner = np.clip((low + high) / 2.0 - size / 2.0, 0.0, whole - size)
    return corner, size


def _moved(
    pose: BodyPose, report: CoachReport, corner: FloatArray, scale: float, beside: float, size_px: tuple[int, int]
) -> tuple[BodyPose, CoachReport]:
    """Return pose and report in px of the cut-out; nothing is said in it."""

    def xy(points_px: FloatArray) -> FloatArray:
        moved: FloatArray = (points_px - corner) * scale + np.array([beside, 0.0])
        return moved

    line, tunnel = report.line, report.tunnel
    if line is not None:
        line = replace(line, ear_px=xy(line.ear_px), foot_px=xy(line.foot_px), hip_px=xy(line.hip_px))
    if tunnel is not None:
        rows = ("standing_y_px", "goal_y_px", "roof_y_px", "head_y_px", "floor_y_px")
        tunnel = replace(tunnel, **{row: (getattr(tunnel, row) - corner[1]) * scale for row in rows})
    moved = replace(pose, xy_px=xy(pose.xy_px), image_size_px=size_px)
    return moved, replace(report.repeated(), line=line, tunnel=tunnel)
