"""What the set-up guide sees in the newest second: one short record per frame, and what is usual over them.

Image px, y down, unless a name says otherwise. Nothing here trusts a single frame, and nothing needs the runner to face
a known way: left and right of the legs are always taken together.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from app.coach.filters import median
from app.coach.geometry import NAN, Body, Point, body_from_pose, distance, inclination_deg, midpoint, seen
from app.coach.standing import BH_PER_EAR_HEIGHT, LEG_LENGTH_BH, MAX_KNEE_DEG, TRUNK_BH
from app.coach.types import BodyPose, Doubt, Facing, Landmark, ViewKind
from app.coach.view import ViewTracker

#: Everything is told from so much time; a gap longer than the second ends what was seen before it.
WINDOW_S = 1.0
GAP_S = 0.5
#: Frames in the window before anything is told of them.
LEAST_FRAMES = 4
#: Ear to crown of an adult, BH (biomechanics D: body height over ear height 1.077).
EAR_TO_CROWN_BH = 1.0 - 1.0 / BH_PER_EAR_HEIGHT
#: A trunk shorter than this is no body.
LEAST_TRUNK_PX = 4.0
#: A point leaps when it leaves the line through its neighbours in time by this much, BH, at 24 frames a second or more
#: (slower: with the square of the time between frames). A stepping ankle (20 m/s2) does so by 2 % BH at 24 Hz.
LEAP_BH, LEAP_DT_S = 0.05, 1.0 / 24.0
#: The trunk and the line from the feet to the ear are one in a straight stance, whatever the camera's roll.
STRAIGHT_DEG = 8.0
#: Feet side by side: ankles so near, BH.
FEET_APART_BH = 0.10

_L = Landmark
_HIPS, _ANKLES = (_L.LEFT_HIP, _L.RIGHT_HIP), (_L.LEFT_ANKLE, _L.RIGHT_ANKLE)
_FEET = (*_ANKLES, _L.LEFT_HEEL, _L.RIGHT_HEEL, _L.LEFT_TOE, _L.RIGHT_TOE)


@dataclass(frozen=True, slots=True)
class Look:
    """One frame. Points and rows are NaN where missing.

    Attributes:
        t_s: time. hip, ankle, ear: middles of the two sides, px. foot_y, head_y: lowest foot point, top of the head.
        body_px: body height by the legs and the trunk. trunk_body_px: by the trunk alone.
        hip_visibility, foot_visibility: the better side's.
        line_deg: lean of the line mid-ankle -> ear, forward +. upright: straight, knees straight, feet together.
    """

    t_s: float
    hip: Point
    ankle: Point
    ear: Point
    foot_y: float
    head_y: float
    body_px: float
    trunk_body_px: float
    hip_visibility: float
    foot_visibility: float
    line_deg: float
    upright: bool


def _middle(pose: BodyPose, pair: tuple[Landmark, Landmark]) -> Point:
    (ax, ay), (bx, by) = pose.xy_px[list(pair)].tolist()
    return midpoint((ax, ay), (bx, by))


def _upright(body: Body, line_deg: float, body_px: float) -> bool:
    """Whether a body stands straight, the camera's roll apart."""
    if not body.known_legs or not abs(body.trunk_deg - line_deg) <= STRAIGHT_DEG:
        return False
    knees = max(abs(body.knee_deg(leg)) for leg in body.known_legs)
    apart = distance(body.legs[0].ankle, body.legs[1].ankle)
    return knees <= MAX_KNEE_DEG and not apart > FEET_APART_BH * body_px


def look_at(pose: BodyPose, facing: Facing) -> Look | None:
    """Return the record of one pose, None where it shows no body; one whose hips are hidden is one."""
    body = body_from_pose(pose, facing)
    if not seen(body.ear) and not seen(body.shoulder):
        return None
    if body.trunk_px < LEAST_TRUNK_PX:
        return None
    trunk_body_px = body.trunk_px / TRUNK_BH  # NaN where something hides the hips
    leg_px = body.leg_length_px()
    # Through the network a rendered body of 75 % of the picture is 71.5 by its legs and 79.5 by its trunk.
    body_px = median((leg_px / LEG_LENGTH_BH, trunk_body_px)) if leg_px > 0.0 else trunk_body_px
    line_deg = inclination_deg(midpoint(body.legs[0].ankle, body.legs[1].ankle), body.ear)
    top_y = float(pose.xy_px[Landmark.HEAD_TOP, 1])
    ear = _middle(pose, (_L.LEFT_EAR, _L.RIGHT_EAR))
    # The crown may be put on the ear (Doubt.HEAD_BY_EAR): the head is higher than that.
    by_ear = ear[1] - EAR_TO_CROWN_BH * body_px
    rows = [float(y) for y in pose.xy_px[list(_FEET), 1] if y == y]
    return Look(
        t_s=pose.t_s,
        hip=_middle(pose, _HIPS),
        ankle=_middle(pose, _ANKLES),
        ear=ear,
        foot_y=max(rows, default=NAN),
        head_y=min(top_y, by_ear) if top_y == top_y else by_ear,
        body_px=body_px,
        trunk_body_px=trunk_body_px,
        hip_visibility=float(pose.visibility[list(_HIPS)].max()),
        foot_visibility=float(pose.visibility[list(_ANKLES)].max()),
        line_deg=line_deg,
        upright=_upright(body, line_deg, body_px),
    )


class Watch:
    """Collects looks; answers with what is usual over the newest second."""

    def __init__(self, facing: Facing = Facing.UNKNOWN) -> None:
        self._facing = facing
        self.view = ViewTracker()
        self.image_size_px = (0, 0)
        self.markers = False
        self.absence = ""
        self._looks: deque[Look] = deque()
        self._times_s: deque[float] = deque()
        #: Newest time of each doubt, s.
        self._doubted_s: dict[Doubt, float] = {}

    def add(self, pose: BodyPose) -> None:
        """Take one frame; times must increase."""
        t_s = pose.t_s
        if self._times_s and t_s - self._times_s[-1] > GAP_S:
            self._times_s.clear()
            self._looks.clear()
        self._times_s.append(t_s)
        self.image_size_px, self.markers, self.absence = pose.image_size_px, pose.markers, pose.absence
        for doubt in pose.doubts:
            self._doubted_s[doubt] = t_s
        look = look_at(pose, self.view.facing) if pose.seen else None
        if look is not None:
            body = body_from_pose(pose, self.view.facing)
            if self._looks and t_s - self._looks[-1].t_s > GAP_S:
                self.view = ViewTracker()  # who comes back may stand another way
            if body.trunk_seen:
                self.view.update(pose, body.shoulder_width_px, body.trunk_px)
            self._looks.append(look)
        while self._looks and t_s - self._looks[0].t_s > WINDOW_S:
            self._looks.popleft()
        while t_s - self._times_s[0] > 2.0 * WINDOW_S:
            self._times_s.popleft()

    @property
    def now_s(self) -> float:
        """Time of the newest frame."""
        return self._times_s[-1]

    @property
    def span_s(self) -> float:
        """How much time the newest frames cover, somebody in them or not, up to two windows."""
        return self._times_s[-1] - self._times_s[0] if self._times_s else 0.0

    @property
    def frames_per_s(self) -> float:
        """True rate of the frames given here, NaN before half a second of them."""
        return (len(self._times_s) - 1) / self.span_s if self.span_s >= GAP_S else NAN

    @property
    def somebody(self) -> bool:
        """Whether there are enough looks at a body, a fresh one among them."""
        looks = self._looks
        return len(looks) >= LEAST_FRAMES and self.now_s - looks[-1].t_s <= 0.5 * GAP_S

    def usual(self, name: str) -> float:
        """Return the median of a number of the looks, NaN without any."""
        return median(getattr(look, name) for look in self._looks)

    def usual_x(self, name: str) -> float:
        """Return the median column of a point."""
        return median(getattr(look, name)[0] for look in self._looks)

    def usual_y(self, name: str) -> float:
        """Return the median row of a point."""
        return median(getattr(look, name)[1] for look in self._looks)

    def doubted_within(self, doubt: Doubt, seconds: float) -> bool:
        """Whether an estimator had this doubt in the newest ``seconds``."""
        return self.now_s - self._doubted_s.get(doubt, -math.inf) <= seconds

    def missing_share(self, name: str) -> float:
        """Return the share of looks in which a point is missing."""
        return sum(not seen(getattr(look, name)) for look in self._looks) / max(len(self._looks), 1)

    def upright_line_deg(self) -> float:
        """Return the median lean of the ankle-ear line while standing straight; NaN unless that is usual."""
        lines = [look.line_deg for look in self._looks if look.upright]
        enough = len(lines) >= max(LEAST_FRAMES, 0.6 * len(self._looks))
        return median(lines) if enough else NAN

    def leaping_share(self) -> float:
        """Return the share of frames in which hip or ankle leaps while the ear stays; NaN with too few."""
        looks = list(self._looks)
        counted = leaps = 0
        for before, now, after in zip(looks, looks[1:], looks[2:], strict=False):
            dt_s = max((after.t_s - before.t_s) / 2.0, LEAP_DT_S)
            limit = LEAP_BH * now.trunk_body_px * (dt_s / LEAP_DT_S) ** 2
            if not _bend(before.ear, now.ear, after.ear) <= 0.5 * limit:
                continue
            counted += 1
            pairs = ((before.hip, now.hip, after.hip), (before.ankle, now.ankle, after.ankle))
            leaps += any(_bend(*points) > limit for points in pairs)
        return leaps / counted if counted >= LEAST_FRAMES else NAN

    @property
    def wrong_way(self) -> bool:
        """Whether the runner is seen from the side and faces another way than was told."""
        view = self.view
        known = Facing.UNKNOWN not in (self._facing, view.facing)
        return known and view.kind is ViewKind.SIDE and view.facing is not self._facing

    @property
    def wanted_facing(self) -> Facing:
        """The way the runner was told to face."""
        return self._facing


def _bend(before: Point, now: Point, after: Point) -> float:
    """Return how far ``now`` lies from the middle of its neighbours, px; NaN where one is missing."""
    return distance(midpoint(before, after), now) if seen(before) and seen(after) else NAN
