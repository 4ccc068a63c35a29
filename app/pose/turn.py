"""Notices a head that is turned to the camera or away from it: then ear and nose are not where a side view has them.

The case: the screen stands 3 m to the side, and the runner looks at it. Two things change, both in trunk lengths and
against what is usual for this runner and camera: eyes and ears come apart (as the sine of the turn), and the nose
comes nearer to the ear (as the cosine). Neither alone tells: toward the camera the first is plain, away from it the
second; small bodies have noisy eyes and ears, and a nose comes nearer as well while its owner wipes his face. Their
sum does.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app.coach.filters import median
from app.coach.geometry import NAN, Point, distance
from app.coach.types import BodyPose, Doubt, Facing, Landmark
from app.pose.head import at_other_distance, middle, trunk_length_px

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Ears plus eyes apart, trunk lengths, and how much nearer the nose is to the ear, that count 1 each, and what the
#: network's own noise is let off. Rendered heads: .04 and .13 at 40 deg toward the camera, .10 to .14 and .2 at 60, .23
#: and .5 at 80; away, .06 to .08 and .4 at 40 deg, .07 to .12 and .5 from 60 on.
FULL_APART, FULL_NEARER, APART_SLACK_PX = 0.18, 0.45, 3.0
#: Nose to ear of a head in profile as the network sees it, trunk lengths, until this runner's own is known: .12 to
#: .16 in two real clips and seven rendered ones.
USUAL_NOSE = 0.145
USUAL_NOSE_RANGE = (0.09, 0.20)
#: The evidence from which the head counts as turned, and below which it no longer does. Single frames of a runner who
#: looks ahead: at most .60 on a real clip with a face wipe, .55 on a rendered one; a body of only 200 px reaches 1.5
#: (99 %: 1.1), but not for long.
ON, OFF = 0.75, 0.5
#: It must stay there so long, either way. That leaves no false flag on the clips and rendered runs above at 15 to 60
#: fps, but for the body of 200 px at 30 fps (5 % of its frames; none at 60).
CONFIRM_S = 0.1
#: What is usual is taken over so long, one sample a slot, and is used from so many samples on. Turned away or to,
#: the nose only ever comes nearer: the upper quantile is right while he looks ahead a third of the time.
USUAL_S, SLOT_S, ENOUGH_SAMPLES = 20.0, 0.2, 5
LOOKS_AHEAD_QUANTILE = 0.7
#: Samples this near the usual nose distance say how far apart eyes and ears usually are, at most so far.
LOOKS_AHEAD = 0.85
MOST_USUAL_APART = 0.12
#: Shoulder width over trunk length from which the body itself is turned (32 deg, `app.coach.view`): nothing is said.
SIDE_ON_WIDTH = 0.37
#: A state this old is no more: the face was not seen meanwhile.
FORGET_S = 1.0


class HeadTurn:
    """Adds `Doubt.HEAD_TURNED` while the head is turned."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget this runner's face."""
        #: Time, trunk length px, and nose distance, eyes and ears apart, shoulder width in trunk lengths.
        self._slots: deque[tuple[float, float, float, float, float]] = deque()
        self._trunk_px = NAN
        self._nose, self._apart = USUAL_NOSE, 0.0
        self._side_on = True
        self._turned = False
        self._since_s: float | None = None
        self._last_s = float("-inf")
        #: How much speaks for a turned head: 0 nothing, about 1 at 60 deg; NaN unknown.
        self.evidence = NAN

    def refine(self, pose: BodyPose, facing: Facing) -> BodyPose:
        """Return ``pose``, with the doubt while the head is turned; the same pose where it is not."""
        if not pose.t_s >= self._last_s:
            self.reset()
        if pose.t_s - self._last_s > FORGET_S:
            self._turned, self._since_s = False, None
        trunk_px = trunk_length_px(pose)
        if not trunk_px > 0.0:
            return self._told(pose)
        nose = _nose_ahead_px(pose, facing)
        apart_px = _apart_px(pose, Landmark.LEFT_EAR) + _apart_px(pose, Landmark.LEFT_EYE)
        self._remember(pose, trunk_px, distance((0.0, 0.0), nose), apart_px)
        apart_px = max(abs(apart_px - self._apart * self._trunk_px) - APART_SLACK_PX, 0.0)
        nearer = 1.0 - math.copysign(distance((0.0, 0.0), nose), nose[0]) / self._trunk_px / self._nose
        self.evidence = apart_px / self._trunk_px / FULL_APART + max(nearer, 0.0) / FULL_NEARER
        if not math.isfinite(self.evidence):
            return self._told(pose)
        self._last_s = pose.t_s
        self._confirm(pose.t_s)
        return self._told(pose)

    def _told(self, pose: BodyPose) -> BodyPose:
        if not (self._turned and self._side_on):
            return pose
        return replace(pose, doubts=pose.doubts | {Doubt.HEAD_TURNED})

    def _confirm(self, t_s: float) -> None:
        """Turn the state round once the evidence has spoken against it long enough."""
        against = self.evidence < OFF if self._turned else self.evidence >= ON
        if not against:
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = t_s
        if t_s - self._since_s >= CONFIRM_S:
            self._turned, self._since_s = not self._turned, None

    def _remember(self, pose: BodyPose, trunk_px: float, nose_px: float, apart_px: float) -> None:
        """Take one sample in each slot of time, and renew what is usual."""
        slots = self._slots
        if slots and pose.t_s - slots[-1][0] < SLOT_S:
            return
        shoulders_px = _apart_px(pose, Landmark.LEFT_SHOULDER)
        slots.append((pose.t_s, trunk_px, nose_px, apart_px, shoulders_px))
        while pose.t_s - slots[0][0] > USUAL_S:
            slots.popleft()
        trunks_px = [trunk for _, trunk, *_ in slots]
        if at_other_distance(trunks_px):
            self.reset()
            return
        self._trunk_px = median(trunks_px)
        if len(slots) < ENOUGH_SAMPLES:
            return
        length_px = self._trunk_px
        self._side_on = not abs(median(width for *_, width in slots)) > SIDE_ON_WIDTH * length_px
        nose = _quantile((nose for _, _, nose, _, _ in slots), LOOKS_AHEAD_QUANTILE) / length_px
        if not math.isfinite(nose):
            return
        self._nose = min(max(nose, USUAL_NOSE_RANGE[0]), USUAL_NOSE_RANGE[1])
        ahead = [apart for _, _, nose, apart, _ in slots if nose >= LOOKS_AHEAD * self._nose * length_px]
        apart = median(ahead) / length_px
        if math.isfinite(apart):
            self._apart = min(max(apart, -MOST_USUAL_APART), MOST_USUAL_APART)


def _nose_ahead_px(pose: BodyPose, facing: Facing) -> Point:
    """Return how far the nose is ahead of the ears and under them, px; never behind where nobody told the facing."""
    ear = middle(pose, Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
    x, y = pose.xy_px[Landmark.NOSE].tolist()
    ahead_px = x - ear[0]
    return (abs(ahead_px) if facing is Facing.UNKNOWN else facing.sign * ahead_px), y - ear[1]


def _apart_px(pose: BodyPose, left: Landmark) -> float:
    """Return how far the left one of a pair lies to the right of its twin, px; the same in a mirror image."""
    return float(pose.xy_px[left, 0] - pose.xy_px[left + 1, 0])


def _quantile(values: Iterable[float], share: float) -> float:
    """Return a quantile of the known values, NaN where there is none."""
    known = [value for value in values if math.isfinite(value)]
    return float(np.quantile(known, share)) if known else NAN
