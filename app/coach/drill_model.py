"""The coach of a drill: sees, calibrates and reports as `CoachModel`, but runs a drill instead of judging running."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from app.coach.dose import Dose
from app.coach.drill_rules import DrillRules, default_drills
from app.coach.drills import DrillCoach, DrillPlan
from app.coach.filters import NAN
from app.coach.geometry import Body
from app.coach.model import CoachModel
from app.coach.reference import STALE
from app.coach.report import CoachReport, Cue, Mode
from app.coach.reps import DrillReport, Saying
from app.coach.rules import Rules, default_rules
from app.coach.standing import StandingReference
from app.coach.summary import CoachSummary
from app.coach.types import BodyPose, Doubt, Facing, Landmark, RunnerProfile

NO_STANDING = "stand tall and still for 3 seconds, side-on"
NOT_WHOLE = "step back until the camera sees you from head to feet"
NOBODY = "nobody in view"
SIDE_ON = "turn side-on to the camera, facing the way you did"
TURNED = "you turned round: stand side-on and still"
#: What must be inside the picture. A network goes on guessing feet that are not.
_WHOLE = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE, Landmark.LEFT_TOE, Landmark.RIGHT_TOE)
_HEAD = (Landmark.LEFT_EAR, Landmark.RIGHT_EAR, Landmark.NOSE)
#: A landmark so far over the edge is outside, fraction of the picture.
EDGE = 0.005
#: Cues that wait for their turn: the voice takes one a frame.
MOST_WAITING = 4


class DrillModel(CoachModel):
    """`CoachModel` in the mode DRILL; in another mode it is the plain one.

    Args:
        plan: which drill, how much of it.
        profile, standing, facing, rules, dose: as `CoachModel`.
        drills: numbers and words of the drills, None for the default ones.
    """

    def __init__(
        self,
        plan: DrillPlan,
        profile: RunnerProfile | None = None,
        standing: StandingReference | None = None,
        facing: Facing = Facing.UNKNOWN,
        rules: Rules | None = None,
        drills: DrillRules | None = None,
        dose: Dose | None = None,
    ) -> None:
        super().__init__(Mode.DRILL, profile, standing, facing, rules, dose)
        self.plan = plan
        self.drills = drills or default_drills()
        self.drill = DrillCoach(plan, self.profile, rules or default_rules(), self.drills)
        self._drill_body: Body | None = None
        self._drill_facing = Facing.UNKNOWN
        self._drill_report: DrillReport | None = None
        self._to_say: deque[Saying] = deque(maxlen=MOST_WAITING)
        self._drill_s = NAN

    @property
    def begun(self) -> bool:
        """Whether it has seen a frame."""
        return self._drill_s == self._drill_s

    def _somebody(self, body: Body) -> CoachReport:
        self._drill_body = body
        return super()._somebody(body)

    def update(self, pose: BodyPose) -> CoachReport:
        """Take one frame's pose; the report carries the drill, and one thing that is to be said as its cue."""
        self._drill_body = None
        report = super().update(pose)
        if self.mode is not Mode.DRILL:
            return report
        if pose.t_s <= self._drill_s:
            before = self._drill_report
            return replace(report, drill=replace(before, new_rep=False, say=()) if before is not None else None)
        self._drill_s = pose.t_s
        drill = self.drill.update(pose.t_s, self._drill_body, self._angles, self._blocked(pose, report))
        self._drill_report = drill
        self._to_say.extend(drill.say)
        cue = report.cue or self._next_cue(pose.t_s)
        if cue is not None and report.cue is None:
            self._summary.cues.append(cue)
        return replace(report, drill=drill, cue=cue, not_judged_because=drill.paused_because)

    def finish(self) -> None:
        """End of the source: count a hold that lasted to it."""
        super().finish()
        self.drill.finish()

    def summary(self) -> CoachSummary:
        """Return the summary with the drill in it."""
        summary = super().summary()
        return replace(summary, drill=self.drill.result()) if self.mode is Mode.DRILL else summary

    @property
    def _angles(self) -> StandingReference | None:
        standing = self.standing
        return standing if standing is not None and standing.has_angles else None

    def _blocked(self, pose: BodyPose, report: CoachReport) -> str:
        """Return why nothing may be counted by this frame, "" where it is good."""
        if self._drill_body is None:
            return pose.absence or NOBODY
        if self._view.why_not_side:
            return SIDE_ON
        turned = self._drill_facing is not Facing.UNKNOWN and report.facing is not self._drill_facing
        self._drill_facing = report.facing
        if turned or Doubt.SOMEBODY_ELSE in pose.doubts or Doubt.CAMERA_MOVED in pose.doubts:
            # At once, not after a while: what was measured before is void.
            self.drill.interrupt(TURNED if turned else STALE)
        if self._reference.stale:
            return STALE
        if self._angles is None:
            return NO_STANDING
        return "" if is_whole(pose) else NOT_WHOLE

    def _next_cue(self, t_s: float) -> Cue | None:
        """Return what is to be said next and is not too late."""
        while self._to_say:
            say = self._to_say.popleft()
            if t_s <= say.expires_s:
                return Cue(say.id, say.spoken, say.shown, t_s, say.expires_s, say.priority)
        return None


def is_whole(pose: BodyPose) -> bool:
    """Whether head and feet are inside the picture; a single missing landmark of a pair does not matter."""
    width, height = pose.image_size_px

    def inside(landmark: Landmark) -> bool:
        x, y = pose.xy_px[landmark].tolist()
        wide = -EDGE * width <= x <= (1 + EDGE) * width
        return bool(wide and -EDGE * height <= y <= (1 + EDGE) * height)

    def known(landmark: Landmark) -> bool:
        return bool(pose.xy_px[landmark, 0] == pose.xy_px[landmark, 0])

    feet = [inside(landmark) for landmark in _WHOLE if known(landmark)]
    head = [inside(landmark) for landmark in _HEAD if known(landmark)]
    return len(feet) >= 2 and all(feet) and bool(head) and all(head)
