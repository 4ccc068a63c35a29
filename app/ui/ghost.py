"""The ghost: the runner's own best stance as a translucent outline to step into.

A `Ghost` is the stance in body heights, x ahead of the front ankle (+ the way the runner faces), y up from the ground
under the body (mean of the lowest points of the two feet). So it fits at any distance, facing either way, and
whichever foot is nearer to the camera. Its outline is a union of tapered limbs, made once for each ghost.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from app.coach.geometry import body_from_pose, distance, seen
from app.coach.report import GOOD, Activity
from app.coach.types import Facing, Landmark
from app.ui.ghost_outline import Part, outline_of
from app.ui.overlay_base import OverlayStyle, faded, pen, shown_sign
from app.ui.theme import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.coach.geometry import Body, Point
    from app.coach.report import CoachReport
    from app.coach.types import BodyPose
    from app.ui.ghost_outline import Outline
    from app.ui.overlay_base import Transform

#: Kind and version of the JSON form.
KIND, VERSION = "ghost", 1
#: No joint of a standing body lies further than this from its front ankle, body heights.
FURTHEST_BH = 1.3
#: The hips of whoever stands, sits or hinges lie at least so high over the feet, body heights.
LEAST_HIP_BH = 0.2
#: A joint is where the ghost has it within this, body heights. Rendered stances through the network: good ones are off
#: by .002 at most, the hips by .040 in pelvis drift and .023 when squeezed, the head by .037 and .030.
NEAR_BH = 0.02


class Joint(StrEnum):
    """The points that a ghost is made of; legs by their place, never left and right."""

    EAR = "ear"
    SHOULDER = "shoulder"
    HIP = "hip"
    FRONT_KNEE = "front_knee"
    FRONT_ANKLE = "front_ankle"
    FRONT_HEEL = "front_heel"
    FRONT_TOE = "front_toe"
    REAR_KNEE = "rear_knee"
    REAR_ANKLE = "rear_ankle"
    REAR_HEEL = "rear_heel"
    REAR_TOE = "rear_toe"
    ELBOW = "elbow"
    WRIST = "wrist"


#: What may be missing: a foot is then drawn by its ankle, an arm not at all.
OPTIONAL = frozenset(
    {Joint.FRONT_HEEL, Joint.FRONT_TOE, Joint.REAR_HEEL, Joint.REAR_TOE, Joint.ELBOW, Joint.WRIST}
)  # fmt: skip
#: The joints by which each part of the body is held against the ghost.
PART_JOINTS: dict[Part, tuple[Joint, ...]] = {
    Part.HEAD: (Joint.EAR,),
    Part.TRUNK: (Joint.SHOULDER,),
    Part.HIPS: (Joint.HIP,),
    Part.FRONT_LEG: (Joint.FRONT_KNEE,),
    Part.REAR_LEG: (Joint.REAR_KNEE, Joint.REAR_ANKLE),
}


@dataclass(frozen=True, slots=True)
class Ghost:
    """A stance in body heights.

    Attributes:
        points: (joint, x_bh, y_bh), in the order of `Joint`; x ahead of the front ankle, y up from the ground.

    Raises:
        ValueError: a joint is missing, given twice, or where no joint of a standing body can be.

    """

    points: tuple[tuple[Joint, float, float], ...]

    def __post_init__(self) -> None:
        places = {joint: (x, y) for joint, x, y in self.points}
        if len(places) != len(self.points):
            raise ValueError("a joint of the ghost is given twice")
        missing = [joint.value for joint in Joint if joint not in places and joint not in OPTIONAL]
        if missing:
            raise ValueError(f"the ghost lacks {', '.join(missing)}")
        for joint, (x, y) in places.items():
            if not (math.isfinite(x) and math.isfinite(y)) or math.hypot(x, y) > FURTHEST_BH:
                raise ValueError(f"{joint.value} of the ghost cannot be at ({x:g}, {y:g}) body heights")
        if abs(places[Joint.FRONT_ANKLE][0]) > 1e-6:
            raise ValueError("the front ankle of the ghost must be at x = 0")
        feet = max(places[Joint.FRONT_ANKLE][1], places[Joint.REAR_ANKLE][1])
        if not places[Joint.EAR][1] > places[Joint.HIP][1] > feet + LEAST_HIP_BH:
            raise ValueError("the ghost does not stand: its head must be over its hips, and they over its feet")
        object.__setattr__(self, "points", tuple((j, *places[j]) for j in Joint if j in places))

    def places(self) -> dict[Joint, tuple[float, float]]:
        """Return (x_bh, y_bh) by joint."""
        return {joint: (x, y) for joint, x, y in self.points}

    def to_json(self) -> str:
        """Return it as JSON text; `from_json` reads it back to 0.0001 body heights."""
        points = {joint.value: [round(x, 4), round(y, 4)] for joint, x, y in self.points}
        return json.dumps({"kind": KIND, "version": VERSION, "points_bh": points})

    @classmethod
    def from_json(cls, text: str) -> Ghost:
        """Return the ghost of a JSON text.

        Raises:
            ValueError: it is no ghost.

        """
        try:
            tree: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"not a ghost: {error}") from None
        if not isinstance(tree, dict) or tree.get("kind") != KIND or tree.get("version") != VERSION:
            raise ValueError(f"not a ghost of version {VERSION}")
        points = tree.get("points_bh")
        if not isinstance(points, dict):
            raise ValueError("the ghost has no points")
        return cls(tuple(_point(name, place) for name, place in points.items()))


def _point(name: str, place: object) -> tuple[Joint, float, float]:
    """Return one entry of the JSON form; ValueError where it is none."""
    if name not in list(Joint):
        raise ValueError(f"{name!r} is no joint of a ghost")
    if not isinstance(place, list) or len(place) != 2:
        raise ValueError(f"{name} of the ghost must be two numbers")
    numbers = [float(number) for number in place if isinstance(number, int | float) and not isinstance(number, bool)]
    if len(numbers) != 2:
        raise ValueError(f"{name} of the ghost must be two numbers")
    return Joint(name), numbers[0], numbers[1]


def ghost_from(pose: BodyPose, facing: Facing, body_height_px: float) -> Ghost:
    """Return the ghost of a stance seen from the side.

    Args:
        pose: in the image frame.
        facing: the way the runner faces.
        body_height_px: body height in image px.

    Raises:
        ValueError: the way he faces or his height is not known, a leg or the trunk is not seen, or he does not stand.

    """
    if facing is Facing.UNKNOWN:
        raise ValueError("a ghost needs the way the runner faces")
    if not (math.isfinite(body_height_px) and body_height_px > 0.0):
        raise ValueError(f"a ghost needs the body height, got {body_height_px:g} px")
    points_px = joints_px(pose, facing)
    anchor = anchor_px(points_px)
    if anchor is None:
        raise ValueError("a ghost needs both legs")
    return Ghost(
        tuple(
            (joint, (point[0] - anchor[0]) / body_height_px, (point[1] - anchor[1]) / body_height_px)
            for joint, point in points_px.items()
            if seen(point)
        )
    )


def joints_px(pose: BodyPose, facing: Facing) -> dict[Joint, Point]:
    """Return the joints in the body frame (x forward, y up, px), NaN where not seen."""
    body = body_from_pose(pose, facing)
    nowhere = (math.nan, math.nan)
    points: dict[Joint, Point] = {Joint.EAR: body.ear, Joint.SHOULDER: body.shoulder, Joint.HIP: body.hip}
    front, rear = body.front_leg, body.rear_leg
    if front is rear:
        front = rear = None
    for leg, knee, ankle, heel, toe in (
        (front, Joint.FRONT_KNEE, Joint.FRONT_ANKLE, Joint.FRONT_HEEL, Joint.FRONT_TOE),
        (rear, Joint.REAR_KNEE, Joint.REAR_ANKLE, Joint.REAR_HEEL, Joint.REAR_TOE),
    ):
        known = (leg.knee, leg.ankle, leg.heel, leg.toe) if leg is not None else (nowhere,) * 4
        points.update(zip((knee, ankle, heel, toe), known, strict=True))
    points[Joint.ELBOW], points[Joint.WRIST] = _near_arm(pose, facing, body)
    return points


def _near_arm(pose: BodyPose, facing: Facing, body: Body) -> tuple[Point, Point]:
    """Return (elbow, wrist) of the arm nearer to the camera: the right one of a runner who faces image right."""
    right = facing is Facing.RIGHT
    marks = (Landmark.RIGHT_ELBOW, Landmark.RIGHT_WRIST) if right else (Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST)
    elbow, wrist = ((facing.sign * float(x), -float(y)) for x, y in (pose[mark] for mark in marks))
    # An arm as long as the trunk and more is a guess of the network.
    too_far = not distance(body.shoulder, elbow) + distance(elbow, wrist) < 1.6 * body.trunk_px
    return ((math.nan, math.nan),) * 2 if too_far else (elbow, wrist)


def anchor_px(points_px: Mapping[Joint, Point]) -> Point | None:
    """Return where a ghost stands in the body frame, px: under the front ankle, on the ground; None without legs."""
    if not (seen(points_px[Joint.FRONT_ANKLE]) and seen(points_px[Joint.REAR_ANKLE])):
        return None
    feet = (
        (Joint.FRONT_ANKLE, Joint.FRONT_HEEL, Joint.FRONT_TOE),
        (Joint.REAR_ANKLE, Joint.REAR_HEEL, Joint.REAR_TOE),
    )
    # Seen from above the floor the near foot stands lower in the picture: only the mean is the same for either side.
    lowest = [min(points_px[joint][1] for joint in foot if seen(points_px[joint])) for foot in feet]
    return points_px[Joint.FRONT_ANKLE][0], sum(lowest) / 2.0


def deviations_bh(ghost: Ghost, pose: BodyPose, facing: Facing, body_height_px: float) -> dict[Part, float]:
    """Return how far each part of the body is from the ghost, body heights; NaN where it is not seen."""
    points_px, places = joints_px(pose, facing), ghost.places()
    anchor = anchor_px(points_px)
    if anchor is None:
        return dict.fromkeys(PART_JOINTS, math.nan)
    off: dict[Part, float] = {}
    for part, joints in PART_JOINTS.items():
        ways = []
        for joint in joints:
            x, y = ((points_px[joint][axis] - anchor[axis]) / body_height_px for axis in (0, 1))
            ways.append(math.hypot(x - places[joint][0], y - places[joint][1]))
        off[part] = max(ways) if all(map(math.isfinite, ways)) else math.nan
    return off


def paint_ghost(
    painter: QPainter,
    ghost: Ghost,
    pose: BodyPose,
    report: CoachReport,
    style: OverlayStyle,
    transform: Transform,
    body_height_px: float,
    legs: bool = True,
) -> None:
    """Paint the ghost at the runner's front foot; nothing while the feet go or the legs are not seen.

    While he stands otherwise the outline is calm and solid. In the stance each part says for itself whether the body is
    in it: solid and green where it is, dashed and orange where it is not; see `part_tones`.
    """
    if report.activity.going or not body_height_px > 0.0:
        return
    anchor = anchor_px(joints_px(pose, report.facing))
    if anchor is None:
        return
    foot = transform.point(report.facing.sign * anchor[0], -anchor[1])
    tones = part_tones(ghost, pose, report, body_height_px, legs)
    ahead = round(shown_sign(report.facing, transform))
    ratio = painter.device().devicePixelRatioF()
    picture = _ghost_picture(
        ghost.points, round(body_height_px * transform.scale), ahead, tuple(tones.items()), style, ratio
    )
    # Whole px: a picture at a fractional place would be resampled.
    x, y = (round(place * ratio) / ratio for place in (foot.x() - picture.foot_x, foot.y() - picture.foot_y))
    painter.drawImage(QPointF(x, y), picture.image)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A ghost as it is painted, and where its anchor lies in that, widget px."""

    image: QImage
    foot_x: float
    foot_y: float


@lru_cache(maxsize=8)
def _ghost_picture(
    points: tuple[tuple[Joint, float, float], ...],
    height_px: int,
    ahead: int,
    tones: tuple[tuple[Part, Tone], ...],
    style: OverlayStyle,
    ratio: float,
) -> _Picture:
    """Return the picture of a ghost: its broad translucent edges are dear to paint, and seldom change."""
    outline, margin = outline_of(points), 2.0 * style.stroke_px
    place = QTransform.fromScale(ahead * height_px, height_px)
    box = place.mapRect(outline.silhouette.boundingRect()).adjusted(-margin, -margin, margin, margin)
    image = QImage(
        math.ceil(box.width() * ratio), math.ceil(box.height() * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-box.left(), -box.top())
    _paint_outline(painter, outline, place, dict(tones), style)
    painter.end()
    return _Picture(image, -box.left(), -box.top())


def part_tones(
    ghost: Ghost, pose: BodyPose, report: CoachReport, body_height_px: float, legs: bool = True
) -> dict[Part, Tone]:
    """Return the tone of each part: in place, off, or (outside of the stance, or not seen) merely there.

    A stance that the coach calls good is nowhere off, however it differs from the ghost. ``legs``: whether they are
    compared; with the other foot behind, near and far leg are seen from another angle.
    """
    if report.activity is not Activity.STANCE:
        return dict.fromkeys(PART_JOINTS, Tone.INFO)
    off_bh = deviations_bh(ghost, pose, report.facing, body_height_px)
    off = Tone.INFO if report.verdict == GOOD else Tone.OFF
    tones = {
        part: Tone.INFO if math.isnan(far) else Tone.GOOD if far <= NEAR_BH else off for part, far in off_bh.items()
    }
    if not legs:
        tones |= dict.fromkeys(_LEGS, Tone.INFO)
    return tones


_LEGS = (Part.FRONT_LEG, Part.REAR_LEG)


def _paint_outline(
    painter: QPainter, outline: Outline, place: QTransform, tones: Mapping[Part, Tone], style: OverlayStyle
) -> None:
    """Paint the filled silhouette and its edge, part by part."""
    whole = Tone.GOOD if all(tone is Tone.GOOD for tone in tones.values()) else Tone.INFO
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(style.palette.tone(whole), 0.22 if style.on_picture else 0.16))
    painter.drawPath(place.map(outline.silhouette))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width_px = style.stroke_px * (0.85 if style.runner else 0.65)
    edges = [(tones[part], place.map(edge)) for part, edge in outline.edges]
    if style.on_picture:
        painter.setPen(pen(QColor(0, 0, 0, 100), width_px * 2.0))
        for _, edge in edges:
            painter.drawPolyline(edge)
    for tone, edge in edges:
        painter.setPen(_edge_pen(tone, width_px, style))
        painter.drawPolyline(edge)


def _edge_pen(tone: Tone, width_px: float, style: OverlayStyle) -> QPen:
    off = tone is Tone.OFF
    edge = pen(style.palette.tone(tone), width_px * (1.35 if off else 1.0))
    if off:
        edge.setDashPattern([1.6, 2.0])
    return edge
