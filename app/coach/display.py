"""What one frame shows: the plot sample, the ear-to-rear-foot line and the tunnel in image rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.coach.filters import NAN
from app.coach.geometry import Body, Leg, inclination_deg, offset_from_line, seen, thigh_deg
from app.coach.report import Activity, FaultId, FormSample, TrunkLine, Tunnel
from app.coach.running import RunningCoach
from app.coach.standing import StandingReference
from app.coach.types import Facing, FloatArray, RunnerProfile

#: A rear foot higher than this above the ground pushes no more: the running line is not drawn to it.
LIFTED_BH = 0.06


@dataclass(frozen=True, slots=True)
class Display:
    """Turns the coach's state and one body into what is drawn and plotted."""

    facing: Facing
    standing: StandingReference | None
    profile: RunnerProfile
    running: RunningCoach
    body_height_px: float

    def sample(self, body: Body) -> FormSample:
        """Return the instantaneous numbers of a frame; from the front no angles."""
        standing = self.standing
        angles = standing is not None and standing.has_angles
        trunk_deg = body.trunk_deg - (standing.trunk_deg if standing is not None and angles else 0.0)
        front = self.running.front
        leg = None if front else body.lower_leg
        knee0_deg = standing.knee_deg if standing is not None and angles else 0.0
        heights = self.running.heights(standing)
        below_bh = heights.below_standing_bh(heights.head_y_px(body)) if heights is not None else NAN
        height_cm = self.profile.height_cm or NAN
        return FormSample(
            t_s=body.t_s,
            trunk_lean_deg=NAN if front else trunk_deg,
            hip_flexion_deg=trunk_deg + thigh_deg(body.hip, leg.knee) if leg is not None else NAN,
            knee_flexion_deg=body.knee_deg(leg) - knee0_deg if leg is not None else NAN,
            head_below_standing_bh=below_bh,
            head_below_standing_cm=below_bh * height_cm,
        )

    def line(self, body: Body, activity: Activity) -> TrunkLine | None:
        """Return the ear-to-rear-foot line; None where no leg is known or, in running, none pushes."""
        rear = body.rear_leg
        if rear is None or self.running.front:
            return None
        running = activity is Activity.RUNNING
        if running and not self._pushing(body, rear):
            return None
        foot = rear.toe if running and seen(rear.toe) else rear.ankle
        sign = self.facing.sign
        standing = self.standing
        bh_px = self.body_height_px
        hip_bh = offset_from_line(foot, body.ear, body.hip) / bh_px
        shoulder_bh = offset_from_line(foot, body.ear, body.shoulder) / bh_px
        angle_deg = inclination_deg(foot, body.ear)
        if standing is not None and standing.has_angles:
            angle_deg -= standing.line_deg
            if not running:
                hip_bh -= standing.hip_offset_px / bh_px
                shoulder_bh -= standing.shoulder_offset_px / bh_px
        rules = self.running.judge.rules
        # Good is, in the stance, a hip no further off than pelvis drift begins; in running, the green band.
        judged, good = activity is Activity.STANCE, abs(hip_bh) <= rules.stance[FaultId.PELVIS_DRIFT].on / 100.0
        medians = self.running.judge.medians
        if running and medians is not None:
            # Nobody is straight at any other instant, and no single step decides: the newest push-offs' median.
            hip_bh = medians.line_offset_bh
            judged = self.running.judge.judged
            least_bh, most_bh = rules.green_line_bh
            good = least_bh <= hip_bh <= most_bh

        def image(point: tuple[float, float]) -> FloatArray:
            # As seen: the body's own x is stretched about the hip where the runner is turned out of the side view.
            x_px = body.hip[0] + (point[0] - body.hip[0]) / body.stretch
            return np.array([sign * x_px, -point[1]])

        return TrunkLine(
            image(body.ear),
            image(foot),
            image(body.hip),
            hip_bh,
            shoulder_bh,
            angle_deg,
            judged,
            judged and good,
        )

    def _pushing(self, body: Body, rear: Leg) -> bool:
        """Whether the rear foot is behind the hip and still near the ground: else it is no base of a line."""
        lifted_px = rear.lowest_y - self.running.ground_y_px()
        return rear.ankle[0] < body.hip[0] and not lifted_px > LIFTED_BH * self.body_height_px

    def tunnel(self, body: Body) -> Tunnel | None:
        """Return the tunnel in image rows; None without a standing head."""
        heights = self.running.heights(self.standing)
        if heights is None:
            return None
        tunnel = self.running.tunnel
        standing_y = -heights.standing_y_px
        bh_px = heights.body_height_px
        return Tunnel(
            standing_y_px=standing_y,
            # From the front a leaning head is seen too high against standing: there only the runner's own roof holds.
            goal_y_px=NAN if self.running.front else standing_y + tunnel.goal_bh * bh_px,
            roof_y_px=standing_y + tunnel.roof_bh * bh_px,
            head_y_px=-heights.head_y_px(body),
            roof_below_standing_bh=tunnel.roof_bh,
            roof_below_standing_cm=tunnel.roof_bh * (self.profile.height_cm or NAN),
            clearance_bh=heights.below_standing_bh(heights.head_y_px(body)) - tunnel.roof_bh,
            steps=tunnel.steps,
            hits=tunnel.hits,
            hits_of_last_8=tunnel.hits_of_last_8,
            clean_run=tunnel.clean_run,
            longest_clean_run=tunnel.longest_clean_run,
            personal=tunnel.personal,
            risen=tunnel.risen,
            floor_y_px=standing_y + tunnel.floor_bh * bh_px,
            floor_below_standing_bh=tunnel.floor_bh,
            below_floor=tunnel.collapsed,
            below_floor_steps=tunnel.below_floor,
            share_inside=tunnel.share_inside,
        )
