"""The body in its own frame, and the angles and offsets taken from it.

Body frame: x forward (the way the runner faces), y up, px of the image the body was found in. Every angle is
in degrees; an inclination is 0 when vertical and + when its upper end is ahead of its lower end.
Plain floats are used on purpose: for a handful of points they are ten times faster than small arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.coach.types import BodyPose, Doubt, Facing, Landmark

Point = tuple[float, float]
NAN = float("nan")
#: Foreshortening is undone between these: below, it is under 0.4 %; above, the view is refused (`view`).
LEAST_YAW_DEG, MOST_YAW_DEG = 5.0, 28.0


def seen(point: Point) -> bool:
    """Whether a point has a position."""
    return point[0] == point[0] and point[1] == point[1]


def midpoint(a: Point, b: Point) -> Point:
    """Return the middle of two points; the other one where one is missing."""
    if not seen(a):
        return b
    if not seen(b):
        return a
    return ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)


def distance(a: Point, b: Point) -> float:
    """Return the distance of two points, px."""
    return math.hypot(b[0] - a[0], b[1] - a[1])


def inclination_deg(lower: Point, upper: Point) -> float:
    """Return how far ``upper`` leans ahead of ``lower``: 0 vertical, + forward (biomechanics D, ``inc``)."""
    return math.degrees(math.atan2(upper[0] - lower[0], upper[1] - lower[1]))


def thigh_deg(hip: Point, knee: Point) -> float:
    """Return the thigh angle alpha: 0 hanging straight down, + with the knee ahead of the hip."""
    return math.degrees(math.atan2(knee[0] - hip[0], hip[1] - knee[1]))


def offset_from_line(foot: Point, ear: Point, point: Point) -> float:
    """Return how far ``point`` lies ahead (+) of the line from foot to ear, px (biomechanics D, ``d_H``).

    With u the unit vector foot->ear and n = (u_y, -u_x), the offset is (point - foot) . n.
    """
    length = distance(foot, ear)
    if not length > 0.0:
        return NAN
    ux, uy = (ear[0] - foot[0]) / length, (ear[1] - foot[1]) / length
    return (point[0] - foot[0]) * uy - (point[1] - foot[1]) * ux


def two_link_deg(hip: Point, ankle: Point, thigh_px: float, shank_px: float) -> tuple[float, float]:
    """Return (thigh, shank) angles of a leg of known segment lengths, knee in front, from hip and ankle alone.

    The knee is where the network errs most (it merges the knees as the legs cross, at midstance), while hip and
    stance ankle are seen well: with the lengths known, the law of cosines gives the knee.
    Signs as `thigh_deg` and `inclination_deg`; a leg that seems longer than its segments is straight.
    """
    reach_px = distance(hip, ankle)
    if not (reach_px > 0.0 and thigh_px > 0.0 and shank_px > 0.0):
        return NAN, NAN
    leg_deg = thigh_deg(hip, ankle)
    at_hip = (thigh_px**2 + reach_px**2 - shank_px**2) / (2.0 * thigh_px * reach_px)
    at_ankle = (shank_px**2 + reach_px**2 - thigh_px**2) / (2.0 * shank_px * reach_px)
    to_thigh_deg = math.degrees(math.acos(min(max(at_hip, -1.0), 1.0)))
    to_shank_deg = math.degrees(math.acos(min(max(at_ankle, -1.0), 1.0)))
    return leg_deg + to_thigh_deg, to_shank_deg - leg_deg


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg as the estimator labelled it; the label itself is never trusted across frames."""

    knee: Point
    ankle: Point
    heel: Point
    toe: Point

    @property
    def lowest_y(self) -> float:
        """Height of the lowest known foot point, px up."""
        known = [p[1] for p in (self.toe, self.heel, self.ankle) if seen(p)]
        return min(known) if known else NAN


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one frame in the body frame; a point is NaN where its landmarks are missing.

    Attributes:
        t_s: time. ear, shoulder, hip: middles of the two sides. legs: (left-labelled, right-labelled).
        crown: top of the head.
        stretch: by how much what is ahead of the hip was stretched, to undo the yaw.
        shoulder_width_px: left minus right shoulder along x as seen, for the view and its yaw.
        markers: the landmarks are what they are named for (`BodyPose`).
        sides: ``legs`` really are left and right.
        head_turned: the face looks to the camera or away from it.
        facing: the way that was taken for forward. image_size_px: of the picture.
    """

    t_s: float
    ear: Point
    shoulder: Point
    hip: Point
    legs: tuple[Leg, Leg]
    shoulder_width_px: float
    markers: bool = False
    sides: bool = False
    head_turned: bool = False
    crown: Point = (NAN, NAN)
    stretch: float = 1.0
    facing: Facing = Facing.UNKNOWN
    image_size_px: tuple[int, int] = (0, 0)

    @property
    def trunk_seen(self) -> bool:
        """Whether ear, shoulder and hip all have positions."""
        return seen(self.ear) and seen(self.shoulder) and seen(self.hip)

    @property
    def trunk_y_px(self) -> float:
        """The trunk signal (2 hip + 2 shoulder + ear) / 5, px up (biomechanics B)."""
        return (2.0 * self.hip[1] + 2.0 * self.shoulder[1] + self.ear[1]) / 5.0

    @property
    def trunk_px(self) -> float:
        """Hip to shoulder length, px."""
        return distance(self.hip, self.shoulder)

    @property
    def known_legs(self) -> tuple[Leg, ...]:
        """The legs whose knee and ankle have positions."""
        return tuple(leg for leg in self.legs if seen(leg.knee) and seen(leg.ankle))

    @property
    def split_px(self) -> float:
        """Fore-aft distance of the ankles, never negative; NaN unless both are known."""
        return abs(self.legs[0].ankle[0] - self.legs[1].ankle[0])

    @property
    def front_leg(self) -> Leg | None:
        """The leg whose ankle is furthest ahead."""
        return max(self.known_legs, key=lambda leg: leg.ankle[0], default=None)

    @property
    def rear_leg(self) -> Leg | None:
        """The leg whose ankle is furthest behind."""
        return min(self.known_legs, key=lambda leg: leg.ankle[0], default=None)

    @property
    def lower_leg(self) -> Leg | None:
        """The leg whose ankle is lowest: in mid stance, the stance leg."""
        return min(self.known_legs, key=lambda leg: leg.ankle[1], default=None)

    @property
    def lowest_y_px(self) -> float:
        """Height of the lowest known foot point of both legs, px up."""
        known = [y for y in (self.legs[0].lowest_y, self.legs[1].lowest_y) if y == y]
        return min(known) if known else NAN

    @property
    def feet_y_px(self) -> float:
        """Mean height of the lowest points of the two feet, px up: standing, the ground under the body's middle.

        Seen from above the floor, the near foot stands lower in the picture than the far one.
        """
        known = [y for y in (self.legs[0].lowest_y, self.legs[1].lowest_y) if y == y]
        return sum(known) / len(known) if known else NAN

    @property
    def trunk_deg(self) -> float:
        """Hip->shoulder inclination, absolute."""
        return inclination_deg(self.hip, self.shoulder)

    def leg_length_px(self) -> float:
        """Mean thigh + shank length of the known legs, px; NaN when no leg is known."""
        lengths = [distance(self.hip, leg.knee) + distance(leg.knee, leg.ankle) for leg in self.known_legs]
        return sum(lengths) / len(lengths) if lengths else NAN

    def knee_deg(self, leg: Leg) -> float:
        """Knee flexion alpha + sigma, absolute; bent +."""
        return thigh_deg(self.hip, leg.knee) + inclination_deg(leg.ankle, leg.knee)


def body_from_pose(pose: BodyPose, facing: Facing, yaw_deg: float = 0.0) -> Body:
    """Return ``pose`` in the body frame of a runner who faces ``facing`` (unknown counts as right).

    Args:
        pose: in the image frame.
        facing: the way forward.
        yaw_deg: by how much the body is turned out of the side view: what lies ahead of the hip is then seen
            foreshortened by its cosine, and is stretched back. At most MOST_YAW_DEG; NaN counts as 0.
    """
    sign = facing.sign
    xy: list[Point] = [(sign * x, -y) for x, y in pose.xy_px.tolist()]
    lm = Landmark
    # As seen: it is what the yaw is told by.
    shoulder_width_px = xy[lm.LEFT_SHOULDER][0] - xy[lm.RIGHT_SHOULDER][0]
    stretch = 1.0
    if abs(yaw_deg) > LEAST_YAW_DEG:
        stretch = 1.0 / math.cos(math.radians(min(abs(yaw_deg), MOST_YAW_DEG)))
        middle = midpoint(xy[lm.LEFT_HIP], xy[lm.RIGHT_HIP])[0]
        xy = [(middle + stretch * (x - middle), y) for x, y in xy]

    def leg(knee: Landmark, ankle: Landmark, heel: Landmark, toe: Landmark) -> Leg:
        return Leg(xy[knee], xy[ankle], xy[heel], xy[toe])

    return Body(
        t_s=pose.t_s,
        ear=midpoint(xy[lm.LEFT_EAR], xy[lm.RIGHT_EAR]),
        shoulder=midpoint(xy[lm.LEFT_SHOULDER], xy[lm.RIGHT_SHOULDER]),
        hip=midpoint(xy[lm.LEFT_HIP], xy[lm.RIGHT_HIP]),
        legs=(
            leg(lm.LEFT_KNEE, lm.LEFT_ANKLE, lm.LEFT_HEEL, lm.LEFT_TOE),
            leg(lm.RIGHT_KNEE, lm.RIGHT_ANKLE, lm.RIGHT_HEEL, lm.RIGHT_TOE),
        ),
        shoulder_width_px=shoulder_width_px,
        markers=pose.markers,
        sides=pose.sides or pose.markers,
        head_turned=Doubt.HEAD_TURNED in pose.doubts,
        crown=xy[lm.HEAD_TOP],
        stretch=stretch,
        facing=facing,
        image_size_px=pose.image_size_px,
    )
