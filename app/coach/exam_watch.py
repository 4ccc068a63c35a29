"""What keeps the starting-line exam from judging: the reasons to pause, one frame at a time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from app.coach.exam_words import ExamLine
from app.coach.filters import NAN, median
from app.coach.geometry import Body, seen
from app.coach.report import CoachReport
from app.coach.standing import StandingReference
from app.coach.types import BodyPose, Doubt, Facing, Landmark, ViewKind

#: Shorter than this it was a slip of the network: nothing is scored, but the hold goes on after it.
SLIP_S = 0.4
#: The legs' length is compared with the standing one as a median over so long.
SCALE_S = 1.5
#: Legs so much longer or shorter than those that stood are somebody else's, or at another distance: those of one body
#: measure 0.95 to 1.03 of the standing ones (rendered stances through the network).
MISFIT = 0.10
#: The rear foot stands lower or higher in the picture than the front one by more than this: the near or the far foot is
#: behind. Rendered stances through the network, lens 0.9 to 1.3 m high: 0.018 to 0.042 with the good stance, the sign
#: right in all of 53; a camera rolled by 3 deg makes 0.008.
NEAR_FOOT_BH = 0.010
UNKNOWN_SIDE = "unknown"
#: These void what was measured before, so the runner has to stand tall again.
VOIDING = (ExamLine.SOMEBODY_ELSE, ExamLine.CAMERA_MOVED, ExamLine.NO_REFERENCE)

_FEET = (
    Landmark.LEFT_KNEE,
    Landmark.RIGHT_KNEE,
    Landmark.LEFT_ANKLE,
    Landmark.RIGHT_ANKLE,
    Landmark.LEFT_TOE,
    Landmark.RIGHT_TOE,
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a frame may not be judged: the line to say, and more exactly what, "" where the line says it all."""

    line: ExamLine
    detail: str = ""


class ExamWatch:
    """Looks whether a frame may be judged."""

    def __init__(self) -> None:
        self.facing = Facing.UNKNOWN
        self._leg_ratios: deque[tuple[float, float]] = deque()

    def new_reference(self, facing: Facing) -> None:
        """Stood tall anew, facing this way."""
        self.facing = facing
        self._leg_ratios.clear()

    def obstacle(
        self, pose: BodyPose, report: CoachReport, body: Body | None, standing: StandingReference | None
    ) -> Obstacle | None:
        """Return why nothing may be judged in this frame, None where it may.

        Args:
            pose: of the frame.
            report: the coach's.
            body: in the body frame, None where no trunk was seen.
            standing: the reference that holds, None while it is being taken: then only who is there matters.
        """
        if Doubt.SOMEBODY_ELSE in pose.doubts:
            return Obstacle(ExamLine.SOMEBODY_ELSE)
        if Doubt.CAMERA_MOVED in pose.doubts:
            return Obstacle(ExamLine.CAMERA_MOVED)
        if not pose.seen or body is None:
            return Obstacle(ExamLine.SOMEBODY, pose.absence) if pose.absence else Obstacle(ExamLine.NOBODY)
        if Doubt.CAMERA_UNSTEADY in pose.doubts:
            return Obstacle(ExamLine.CAMERA_UNSTEADY)
        if report.view in (ViewKind.FRONT, ViewKind.OBLIQUE):
            return Obstacle(ExamLine.NOT_SIDE_ON)
        if standing is None:
            return None
        if report.facing is not self.facing:
            return Obstacle(ExamLine.OTHER_WAY)
        if Doubt.HEAD_TURNED in pose.doubts:
            return Obstacle(ExamLine.HEAD_TURNED)
        if not feet_in_picture(pose):
            return Obstacle(ExamLine.FEET_HIDDEN)
        return Obstacle(ExamLine.NO_REFERENCE) if self._misfit(body, standing) else None

    def _misfit(self, body: Body, standing: StandingReference) -> bool:
        """Whether the legs are not as long as those that stood: somebody else, or another distance."""
        ratio = body.leg_length_px() / standing.leg_length_px
        if ratio == ratio:
            self._leg_ratios.append((body.t_s, ratio))
        while self._leg_ratios and body.t_s - self._leg_ratios[0][0] > SCALE_S:
            self._leg_ratios.popleft()
        if not self._leg_ratios or body.t_s - self._leg_ratios[0][0] < 0.8 * SCALE_S:
            return False
        return abs(median(r for _, r in self._leg_ratios) - 1.0) > MISFIT


def feet_in_picture(pose: BodyPose) -> bool:
    """Whether both legs are known down to the toes, within the picture."""
    width, height = pose.image_size_px
    return all(
        seen((x, y)) and 0.0 <= x < width and 0.0 <= y < height for x, y in (pose.xy_px[p].tolist() for p in _FEET)
    )


def rear_side(pose: BodyPose, facing: Facing, lower_bh: float) -> str:
    """Return which foot is behind, "left" or "right"; "unknown" where neither labels nor rows tell.

    Args:
        pose: its labels are trusted where the estimator vouches for them.
        facing: the way forward.
        lower_bh: median of `rear_lower_bh`. Seen from above the floor, the near foot stands lower in the picture.
    """
    near, far = ("left", "right") if facing is Facing.LEFT else ("right", "left")
    if pose.sides or pose.markers:
        ahead_px = facing.sign * float(pose.xy_px[Landmark.LEFT_ANKLE, 0] - pose.xy_px[Landmark.RIGHT_ANKLE, 0])
        if ahead_px == ahead_px:
            return "right" if ahead_px > 0.0 else "left"
    if not abs(lower_bh) >= NEAR_FOOT_BH:
        return UNKNOWN_SIDE
    return near if lower_bh > 0.0 else far


def rear_lower_bh(body: Body, body_height_px: float) -> float:
    """Return by how much the rear foot stands lower in the picture than the front one, fraction of body height.

    From above the floor, the camera sees the near foot lower than the far one: the sign tells whether it is the near
    foot that is behind. NaN where a foot is not known.
    """
    front, rear = body.front_leg, body.rear_leg
    if front is None or rear is None or front is rear:
        return NAN
    return (front.lowest_y - rear.lowest_y) / body_height_px
