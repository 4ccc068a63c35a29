"""Hides from the network what the runner never reaches: console, hand rail's far end, people and clutter beside.

The network likes to see a leg in a treadmill's handle, stretched out along the rail to the console: in 13.9 % of the
frames of a real clip (238 frames at 60 fps), 19 % of a rendered one, with LiteRT 10.9 % and 34 %. It needs the
console for that: with everything further than 1.0 (or 0.8, or 0.6) trunk lengths ahead of the hip painted grey, no
frame of the clip was ruined, and painting the rail itself, or all that stood still, bought nothing more. So the
picture is painted grey left and right of the columns that the runner sweeps, with room to spare: 0 of 238 (at other
phases of the clip 0 to 2, all but one before the painting begins); on clean scenes the noise of ear, hip and ankles
stays what it was. Where the body goes, the columns follow at once; while it moves about, or is lost, nothing is
painted.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.coach.geometry import distance, midpoint, seen
from app.coach.types import Landmark
from app.coach.view import facing_evidence

if TYPE_CHECKING:
    from app.coach.geometry import Point
    from app.coach.types import BodyPose, ImageArray

#: x, y, width, height, px of the picture.
Box = tuple[int, int, int, int]

#: What is painted.
GREY = 128
#: Beyond the furthest reach of the last seconds so much is left open, trunk lengths (hand or foot at 6 trunk lengths
#: a second: a frame and a half at 30 fps). At 0.2, 0.25 and 0.35 the real clip had 0 or 1 ruined frames, at 0.45 to
#: 0.5 again 1 to 4 %. And at least so much from the hip, before the reach is known.
MARGIN = 0.3
#: Behind the runner there is no handle: room for the shoe of a fast swing (30 fps: at least 0.3 beyond the landmarks).
MARGIN_BEHIND = 0.5
LEAST_REACH = 0.6
#: The reach is this share of the frames of so many seconds (or the newest frame's, if that is more): a foot is
#: furthest ahead for a tenth of the time, a phantom leg should not open the picture for seconds.
REACH_S = 3.0
REACH_SHARE = 0.9
#: The body keeps its place: the hip within so many trunk lengths for so long.
STEADY_S = 0.12
STEADY_RANGE = 0.2
#: A leg whose ankle is ahead of the hip and less than 0.5 trunk lengths below it, or more than 1.3 ahead, is a
#: handle (the rule by which ruined frames are counted; no false alarm on two clean scenes).
PHANTOM_BELOW = 0.5
PHANTOM_AHEAD = 1.3
#: Frames closer together than this are not remembered (slow motion at 240 fps).
SPACING_S = 1.0 / 70.0
#: Time constant of the vote on the facing, s, and the vote needed.
FACING_TAU_S = 0.3
FACING_VOTE = 0.3
#: A strip narrower than this share of the picture is not worth painting.
LEAST_STRIP = 0.02

_L = Landmark
_TRUNK_AND_ARMS = tuple(range(_L.NOSE, _L.LEFT_HIP))
_LEGS = (
    (_L.LEFT_KNEE, _L.LEFT_ANKLE, _L.LEFT_HEEL, _L.LEFT_TOE),
    (_L.RIGHT_KNEE, _L.RIGHT_ANKLE, _L.RIGHT_HEEL, _L.RIGHT_TOE),
)


class _Reach(NamedTuple):
    """One frame: hip px, trunk length px, and how far the body goes ahead of and behind the hip, px."""

    t_s: float
    hip_x_px: float
    trunk_px: float
    ahead_px: float
    behind_px: float


class StillScene:
    """Paints what the runner does not reach, frame after frame."""

    def __init__(self) -> None:
        self._box: Box | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the runner's place; the user's box stays."""
        self._trail: deque[_Reach] = deque()
        self._last_s = -math.inf
        self._vote = 0.0
        self._open: tuple[float, float] | None = None
        self._painted: list[Box] = []

    @property
    def painted(self) -> list[Box]:
        """The boxes painted in the last picture, clipped to it; for the overlay."""
        return list(self._painted)

    @property
    def box(self) -> Box | None:
        """The user's own box."""
        return self._box

    def set_box(self, box: Box | None) -> None:
        """Paint this box of the picture, whatever the body does; None = none."""
        self._box = box

    def clean(self, image: ImageArray, pose: BodyPose | None, hold: bool = False) -> ImageArray:
        """Return the picture for the network: ``image`` itself where nothing is painted, else a painted copy.

        Args:
            image: uint8 (H, W, 3).
            pose: the body of the frame before; None, or nobody, where there was none.
            hold: the pose is not the runner's (the lock has paused): keep the open columns as they were.
        """
        if not hold:
            self._open = self._columns(pose)
        self._painted = self._boxes(image.shape[1], image.shape[0])
        if not self._painted:
            return image
        return _with_grey(image, self._painted)

    def _boxes(self, width: int, height: int) -> list[Box]:
        """Return what to paint, clipped to the picture: strips beside the open columns, and the user's box."""
        boxes: list[Box] = []
        if self._open is not None:
            left, right = (min(max(round(x), 0), width) for x in self._open)
            least = LEAST_STRIP * width
            if left > least:
                boxes.append((0, 0, left, height))
            if width - right > least:
                boxes.append((right, 0, width - right, height))
        if self._box is not None:
            x, y, w, h = self._box
            x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
            if x1 > x0 and y1 > y0:
                boxes.append((x0, y0, x1 - x0, y1 - y0))
        return boxes

    def _columns(self, pose: BodyPose | None) -> tuple[float, float] | None:
        """Return the columns (left, right) px to leave open; None = all of them."""
        reach = None if pose is None else self._measured(pose)
        if pose is None or reach is None:
            self.reset()
            return None
        if reach.t_s < self._last_s or reach.t_s - self._last_s > STEADY_S:
            self.reset()
        self._vote_on(pose)
        self._last_s = reach.t_s
        if not self._trail or reach.t_s - self._trail[-1].t_s >= SPACING_S:
            self._trail.append(reach)
            while self._trail[0].t_s < reach.t_s - REACH_S:
                self._trail.popleft()
        if not self._steady(reach) or abs(self._vote) < FACING_VOTE:
            return None
        return self._around(reach)

    def _around(self, now: _Reach) -> tuple[float, float]:
        """Return the columns that the body swept lately, about the hip of now, with room to spare."""
        least_px = LEAST_REACH * now.trunk_px
        k = int(REACH_SHARE * (len(self._trail) - 1))
        ahead_px = max(sorted(r.ahead_px for r in self._trail)[k], now.ahead_px, least_px) + MARGIN * now.trunk_px
        behind_px = max(sorted(r.behind_px for r in self._trail)[k], now.behind_px, least_px)
        behind_px += MARGIN_BEHIND * now.trunk_px
        if self._vote > 0.0:
            return max(now.hip_x_px - behind_px, 0.0), now.hip_x_px + ahead_px
        return now.hip_x_px - ahead_px, now.hip_x_px + behind_px

    def _steady(self, now: _Reach) -> bool:
        """Return whether the body keeps its place."""
        if now.t_s - self._trail[0].t_s < STEADY_S:
            return False
        recent = [r.hip_x_px for r in self._trail if r.t_s >= now.t_s - STEADY_S]
        return max(recent) - min(recent) <= STEADY_RANGE * now.trunk_px

    def _vote_on(self, pose: BodyPose) -> None:
        gap_s = pose.t_s - self._last_s
        weight = 1.0 if not math.isfinite(gap_s) else 1.0 - math.exp(-max(gap_s, 0.0) / FACING_TAU_S)
        self._vote += weight * (facing_evidence(pose) - self._vote)

    def _measured(self, pose: BodyPose) -> _Reach | None:
        """Return how far the body goes ahead and behind; None where the trunk is not seen."""
        xy: list[Point] = [(x, y) for x, y in pose.xy_px.tolist()]
        hip = midpoint(xy[_L.LEFT_HIP], xy[_L.RIGHT_HIP])
        shoulder = midpoint(xy[_L.LEFT_SHOULDER], xy[_L.RIGHT_SHOULDER])
        if not (math.isfinite(pose.t_s) and seen(hip) and seen(shoulder)):
            return None
        trunk_px = distance(hip, shoulder)
        sign = 1.0 if self._vote >= 0.0 else -1.0
        points = [xy[i] for i in _TRUNK_AND_ARMS]
        for leg in _LEGS:
            if not _phantom(xy[leg[1]], hip, trunk_px, sign):
                points += [xy[i] for i in leg]
        ahead = [sign * (x - hip[0]) for x, _ in points if x == x]
        return _Reach(pose.t_s, hip[0], trunk_px, max(ahead), -min(ahead)) if trunk_px > 0.0 else None


def _phantom(ankle: Point, hip: Point, trunk_px: float, sign: float) -> bool:
    """Return whether a leg is none but a handle."""
    ahead_px, below_px = sign * (ankle[0] - hip[0]), ankle[1] - hip[1]
    return ahead_px > PHANTOM_AHEAD * trunk_px or (ahead_px > 0.0 and below_px < PHANTOM_BELOW * trunk_px)


def _with_grey(image: ImageArray, boxes: list[Box]) -> ImageArray:
    """Return a copy of a picture with grey boxes."""
    painted = np.array(image)
    for x, y, w, h in boxes:
        painted[y : y + h, x : x + w] = GREY
    return painted
