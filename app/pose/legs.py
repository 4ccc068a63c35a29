"""Sorts the legs of a network's pose: which is whose, which are doubtful, and where the stance knee is.

The network's labels of the legs are unreliable in side view, and as the legs pass each other it may put both into one
(landmarks.md, section 3). What it sees well is a leg in front and a leg behind. `parity` makes two legs of that and
votes on which is the right one, `stance_knee` mends the knee of the stance leg at midstance; this module decides frame
by frame, without looking ahead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from app.coach.geometry import Leg, Point, body_from_pose, distance, seen
from app.coach.types import BodyPose, Doubt, Facing, FloatArray, Landmark
from app.pose.parity import VOTE_STEPS, Ankles, NearVote, StepParity
from app.pose.stance_knee import StanceKnee

#: Ankles nearer to each other than this are crossing (on rendered runners every frame in which front and rear were
#: mixed up with the true ankles > 0.45 apart lay below it), and so are frames this soon after the legs have passed.
CROSSING_SPLIT = 0.50
CROSSING_AFTER_S = 0.08
#: Labels are asked only where the ankles are further apart than this.
VOTE_SPLIT = 0.60
#: With the ankles this near, the lower one is the stance leg if it is lower by the second.
NEAR_SPLIT, LOWER_BY = 0.30, 0.15
#: An ankle in front of the hip and less than this below it, or further ahead than the second, is no leg (a treadmill's
#: handle; landmarks.md, section 3: no false alarm on running). So is a segment longer than the third, and an ankle
#: further ahead than the fourth times its depth below the hip: the leg points 33 deg forward (running: 25 at most).
BELOW_LEAST, AHEAD_MOST, SEGMENT_MOST, SLOPE_MOST = 0.50, 1.30, 1.30, 0.65
SLOPE_FROM = 0.30
#: Stance ahead of swing leg by this: lengths are learnt.
LEARN_FROM, LEARN_TO = 0.90, 1.60
#: Stance ahead of swing leg: the knee is mended fully between the middle two, not at all outside the outer two.
MEND = (-0.50, -0.30, 0.80, 1.00)
#: The knee is moved no further than this, trunk lengths: 15 deg of knee flexion. More is asked for only where the
#: ankle is wrong as well, the two legs being in one.
MEND_MOST = 0.10
#: Time constant of the trunk's length, s.
TRUNK_TAU_S = 1.0

_LEFT_ROWS = [Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_TOE]
_RIGHT_ROWS = [Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE, Landmark.RIGHT_HEEL, Landmark.RIGHT_TOE]
_ROWS = ([int(row) for row in _LEFT_ROWS], [int(row) for row in _RIGHT_ROWS])
_EXCHANGED = np.array([*_ROWS[0], *_ROWS[1]]), np.array([*_ROWS[1], *_ROWS[0]])
_NOWHERE: Point = (math.nan, math.nan)


@dataclass(slots=True)
class _Legs:
    """One frame in the body frame, in trunk lengths; ``legs`` as labelled (left, right)."""

    t_s: float
    shoulder: Point
    hip: Point
    legs: tuple[Leg, Leg]

    @property
    def split(self) -> float:
        """Distance of the ankles along x; NaN unless both are known."""
        return abs(self.legs[0].ankle[0] - self.legs[1].ankle[0])

    @property
    def front_row(self) -> int:
        """0 where the leg labelled left is in front, else 1."""
        return 0 if self.legs[0].ankle[0] > self.legs[1].ankle[0] else 1

    @property
    def lower_row(self) -> int:
        """0 where the leg labelled left has the lower ankle, else 1."""
        return 0 if self.legs[0].ankle[1] < self.legs[1].ankle[1] else 1

    def ankles(self) -> Ankles:
        """Return what parity counts; both ankles must be known."""
        front, rear = self.legs[self.front_row].ankle, self.legs[1 - self.front_row].ankle
        return Ankles(self.t_s, rear[0] - self.hip[0], front[0] - rear[0], rear[1] - front[1])


class LegSorter:
    """Sorts the legs frame by frame. `refine` never raises on odd landmarks: it leaves them as they are."""

    def __init__(self) -> None:
        #: Frames in which the rows of the legs were exchanged; `reset` keeps it.
        self.swaps_repaired = 0
        self.reset()

    def reset(self) -> None:
        """Forget the runner: the next frame starts anew."""
        self._parity = StepParity()
        self._vote = NearVote()
        self._knees = StanceKnee()
        self._facing = Facing.UNKNOWN
        self._trunk_px = math.nan
        self._t_s = math.nan
        self._exchange = False

    @property
    def near_undecided(self) -> bool:
        """Whether enough steps were seen, and the labels still do not tell which leg is the near one: ask the user."""
        return self._parity.striding and self._vote.right is None and self._vote.steps >= VOTE_STEPS

    @property
    def contrast(self) -> float:
        """How clearly the labels tell the two legs apart, 0..1; NaN before the first steps."""
        return abs(self._vote.support())

    def exchange_sides(self) -> None:
        """The user says that left and right are the wrong way round: hold to that as long as the runner runs on."""
        self._vote.tell(1 - self._vote.likely_right)

    @property
    def steps(self) -> int:
        """Passings of the legs in a row so far; 0 while standing."""
        return self._parity.steps

    def refine(self, pose: BodyPose, facing: Facing) -> BodyPose:
        """Return ``pose`` with the legs sorted.

        LEFT and RIGHT follow the steps while striding (``sides`` once the vote is decided), legs that cannot be are
        NaN, and `Doubt.LEGS_CROSSING` is set where front and rear may be mixed up. Standing, labels stay as they are.
        """
        if pose.markers or not pose.seen or facing is Facing.UNKNOWN or not math.isfinite(pose.t_s):
            return pose
        if facing is not self._facing:
            self.reset()
            self._facing = facing
        xy_px = np.array(pose.xy_px)
        legs = self._read(pose, facing)
        if legs is None:
            return pose
        doubtful = _drop_impossible(legs, xy_px)
        striding_before = self._parity.steps > 0
        self._parity.lapse(pose.t_s)
        if striding_before and self._parity.steps == 0:
            self._vote.reset()
            self._knees.reset()
        if legs.split == legs.split:
            doubtful = self._follow(legs, xy_px) or doubtful
        striding = self._parity.striding
        if striding:
            self._mend(legs, xy_px, facing)
            doubtful = doubtful or not legs.split >= CROSSING_SPLIT
            doubtful = doubtful or pose.t_s - self._parity.passed_s < CROSSING_AFTER_S
            if self._exchange:
                xy_px[_EXCHANGED[0]] = xy_px[_EXCHANGED[1]]
                self.swaps_repaired += 1
        return replace(
            pose,
            xy_px=xy_px,
            visibility=_exchanged(pose.visibility) if striding and self._exchange else pose.visibility,
            sides=striding and self._vote.right is not None,
            doubts=pose.doubts | {Doubt.LEGS_CROSSING} if doubtful else pose.doubts,
        )

    def _read(self, pose: BodyPose, facing: Facing) -> _Legs | None:
        """Return the frame in trunk lengths; None where there is no trunk."""
        body = body_from_pose(pose, facing)
        trunk_px = distance(body.hip, body.shoulder)
        if not (math.isfinite(trunk_px) and trunk_px > 1.0):
            return None
        since_s = pose.t_s - self._t_s
        if self._trunk_px == self._trunk_px:
            share = 1.0 - math.exp(-min(max(since_s, 0.0), 1.0) / TRUNK_TAU_S)
            self._trunk_px += share * (trunk_px - self._trunk_px)
        else:
            self._trunk_px = trunk_px
        self._t_s = pose.t_s
        unit = 1.0 / self._trunk_px

        def scaled(point: Point) -> Point:
            return point[0] * unit, point[1] * unit

        left, right = (Leg(scaled(g.knee), scaled(g.ankle), scaled(g.heel), scaled(g.toe)) for g in body.legs)
        return _Legs(pose.t_s, scaled(body.shoulder), scaled(body.hip), (left, right))

    def _follow(self, legs: _Legs, xy_px: FloatArray) -> bool:
        """Count steps, vote, and settle whether the rows are to be exchanged; return whether the legs are merged."""
        parity = self._parity
        ankles = legs.ankles()
        if parity.merged(ankles):
            for row in (0, 1):
                xy_px[_ROWS[row]] = math.nan
            legs.legs = (_no_leg(), _no_leg())
            return True
        parity.update(ankles)
        if parity.passed_now:
            self._vote.new_step()
            self._knees.new_step()
        if ankles.split < NEAR_SPLIT and abs(ankles.rise) > LOWER_BY:
            stance = parity.front if parity.before_passing else 1 - parity.front
            row_of_zero = legs.lower_row if stance == 0 else 1 - legs.lower_row
        else:
            row_of_zero = legs.front_row if parity.front == 0 else 1 - legs.front_row
        if parity.steps and ankles.split > VOTE_SPLIT:
            self._vote.add(parity.front, legs.front_row == 1)
        right_row = row_of_zero if self._vote.likely_right == 0 else 1 - row_of_zero
        self._exchange = right_row == 0
        return False

    def _mend(self, legs: _Legs, xy_px: FloatArray, facing: Facing) -> None:
        """Learn the stance leg's lengths with the legs apart; where they pass, put its knee right."""
        parity = self._parity
        if legs.split != legs.split:
            return
        stance_row = legs.lower_row
        stance, swing = legs.legs[stance_row], legs.legs[1 - stance_row]
        ahead = stance.ankle[0] - swing.ankle[0]
        if swing.ankle[1] - stance.ankle[1] < LOWER_BY:
            return
        leg = self._leg_of(stance_row)
        if LEARN_FROM < ahead < LEARN_TO and parity.swinging:
            self._knees.learn(leg, legs.hip, stance.knee, stance.ankle)
        weight = _trapezium(ahead, MEND)
        if weight == 0.0:
            return
        knee = self._knees.knee(leg, legs.shoulder, legs.hip, stance.ankle)
        if not seen(knee):
            return
        was_px = xy_px[_ROWS[stance_row][0]]
        new_px = np.array((facing.sign * knee[0] * self._trunk_px, -knee[1] * self._trunk_px))
        if np.isfinite(was_px).all():
            shift = distance(knee, stance.knee)
            new_px = was_px + weight * min(1.0, MEND_MOST / max(shift, MEND_MOST)) * (new_px - was_px)
        xy_px[_ROWS[stance_row][0]] = new_px

    def _leg_of(self, row: int) -> int:
        """Return which of parity's legs (0 or 1) a row as the network labelled it is, by the newest settlement."""
        right_row = 0 if self._exchange else 1
        return self._vote.likely_right if row == right_row else 1 - self._vote.likely_right


def _drop_impossible(legs: _Legs, xy_px: FloatArray) -> bool:
    """Set NaN the legs that cannot be legs, in ``xy_px`` and in ``legs``; return whether there was one."""
    kept = list(legs.legs)
    for row, leg in enumerate(legs.legs):
        if _impossible(leg, legs.hip):
            xy_px[_ROWS[row]] = math.nan
            kept[row] = _no_leg()
    found = kept[0] is not legs.legs[0] or kept[1] is not legs.legs[1]
    legs.legs = (kept[0], kept[1])
    return found


def _impossible(leg: Leg, hip: Point) -> bool:
    ahead, below = leg.ankle[0] - hip[0], hip[1] - leg.ankle[1]
    if ahead > AHEAD_MOST or (ahead > 0.0 and below < BELOW_LEAST):
        return True
    if ahead > SLOPE_FROM and ahead > SLOPE_MOST * below:
        return True
    return distance(hip, leg.knee) > SEGMENT_MOST or distance(leg.knee, leg.ankle) > SEGMENT_MOST


def _no_leg() -> Leg:
    return Leg(_NOWHERE, _NOWHERE, _NOWHERE, _NOWHERE)


def _exchanged(values: FloatArray) -> FloatArray:
    swapped = np.array(values)
    swapped[_EXCHANGED[0]] = swapped[_EXCHANGED[1]]
    return swapped


def _trapezium(x: float, corners: tuple[float, float, float, float]) -> float:
    """Return 0 outside the outer corners, 1 between the inner ones, straight lines between."""
    low, low_full, high_full, high = corners
    if x <= low or x >= high:
        return 0.0
    return min((x - low) / (low_full - low), (high - x) / (high - high_full), 1.0)
