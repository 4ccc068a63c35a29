"""Pictures in a report: photographs as data, and bodies drawn from their landmarks."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from app.coach.geometry import body_from_pose, seen
from app.coach.types import SKELETON, Facing, Landmark
from app.store.report.svg import mark, number, polyline, tag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import BodyPose, FloatArray

    Known = NDArray[np.bool_]

#: A drawn body fills a picture of this size but for the margin.
WIDTH, HEIGHT, MARGIN = 240.0, 300.0, 26.0
#: A foot whose heel is not seen is drawn from ankle to toe.
_HEELS = (
    (Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_TOE),
    (Landmark.RIGHT_ANKLE, Landmark.RIGHT_HEEL, Landmark.RIGHT_TOE),
)
#: Radius of a head by the way from ear to shoulders, and that way where it is not seen.
HEAD_SHARE, USUAL_NECK = 0.52, 60.0
_EARS = [Landmark.LEFT_EAR, Landmark.RIGHT_EAR]


def photograph(jpeg: bytes, size_px: tuple[int, int], words: str) -> Markup:
    """Return an image element that holds its JPEG; ``words``: what it shows."""
    source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return tag("img", src=source, alt=words, width=size_px[0], height=size_px[1])


def body(
    pose: BodyPose, facing: Facing, line: str, good: bool, words: str, under_roof_px: float = math.nan, roof: str = ""
) -> Markup:
    """Return a body as a drawing; nothing where nobody was seen.

    Args:
        pose: where it was.
        facing: the way it faced.
        line: "toe" or "ankle": where the line from the ear ends, at the rear foot; "" for no line.
        good: whether the line is drawn as held: solid with a disc on the hip, else dashed with a diamond.
        words: what it shows.
        under_roof_px: a roof is drawn so far above the head, px of the image, through it -; NaN: none.
        roof: its name.
    """
    known: Known = np.asarray(np.isfinite(pose.xy_px).all(axis=1))
    if not known.any():
        return Markup("")
    xy = _fitted(pose.xy_px, known)
    parts = [tag("line", x1=14, x2=WIDTH - 14.0, y1=HEIGHT - 14.0, y2=HEIGHT - 14.0, class_="ground")]
    bones = [(a, b) for a, b in SKELETON if known[a] and known[b]]
    bones += [(ankle, toe) for ankle, heel, toe in _HEELS if known[ankle] and known[toe] and not known[heel]]
    parts += [polyline((tuple(xy[a]), tuple(xy[b])), "bone") for a, b in bones]
    parts += _head(xy, known)
    parts += _roof(xy, known, under_roof_px * _scale(pose.xy_px, known)[0], roof)
    ends = line_px(pose, facing, line) if line else None
    if ends is not None:
        scale, corner = _scale(pose.xy_px, known)
        ear, foot, hip = ((point - corner) * scale for point in ends)
        parts.append(polyline((tuple(ear), tuple(foot)), "trunk-good" if good else "trunk-off"))
        parts.append(mark(float(hip[0]), float(hip[1]), "good" if good else "off", 5.5))
    return tag(
        "svg",
        Markup("").join(parts),
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        class_="body",
        role="img",
        aria_label=words,
    )


def _scale(xy_px: FloatArray, known: Known) -> tuple[float, FloatArray]:
    low, high = xy_px[known].min(axis=0), xy_px[known].max(axis=0)
    room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN + 6.0])
    scale = float(np.min(room / np.maximum(high - low, 1e-6)))
    # Feet on the ground, the body in the middle.
    corner = np.array([(low[0] + high[0]) / 2.0 - WIDTH / 2.0 / scale, high[1] - (HEIGHT - 18.0) / scale])
    return scale, corner


def _fitted(xy_px: FloatArray, known: Known) -> FloatArray:
    scale, corner = _scale(xy_px, known)
    fitted: FloatArray = (xy_px - corner) * scale
    return fitted


def _roof(xy: FloatArray, known: Known, above: float, name: str) -> list[Markup]:
    """Return a roof so far above the drawn head, and its name; nothing where there is none or no head."""
    if not math.isfinite(above) or not known[_EARS].any():
        return []
    ear = np.nanmean(xy[_EARS], axis=0)
    y = float(ear[1]) - _head_radius(xy, known, ear) - above
    line = polyline(((14.0, y), (WIDTH - 14.0, y)), "roof")
    return [line, tag("text", name, x=16.0, y=y - 5.0, class_="t")] if 12.0 < y < HEIGHT else []


def _head_radius(xy: FloatArray, known: Known, ear: FloatArray) -> float:
    shoulders = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
    if not known[shoulders].all():
        return HEAD_SHARE * USUAL_NECK
    return HEAD_SHARE * float(np.hypot(*(xy[shoulders].mean(axis=0) - ear)))


def _head(xy: FloatArray, known: Known) -> list[Markup]:
    """Return a head around the ears, as large as the way to its top."""
    if not known[_EARS].any():
        return []
    ear = np.nanmean(xy[_EARS], axis=0)
    shoulders = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
    neck = []
    if known[shoulders].all():
        middle = xy[shoulders].mean(axis=0)
        neck = [polyline((tuple(middle), tuple(ear)), "bone")]
    return [*neck, tag("circle", cx=float(ear[0]), cy=float(ear[1]), r=_head_radius(xy, known, ear), class_="head")]


def line_px(pose: BodyPose, facing: Facing, line: str) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Return ear, rear foot and hip in px of the image, (2,) each; None where one is not seen.

    Args:
        pose: where the body is.
        facing: the way it faces.
        line: "toe" or "ankle" of the rear foot.
    """
    there = body_from_pose(pose, facing)
    leg = there.rear_leg
    if leg is None:
        return None
    foot = leg.toe if line == "toe" else leg.ankle
    if not (seen(there.ear) and seen(foot) and seen(there.hip)):
        return None
    ear, end, hip = (np.array([facing.sign * x, -y]) for x, y in (there.ear, foot, there.hip))
    return ear, end, hip
