"""What one frame does not hold: the pose without its jitter, the newest judged line, a drill's own roof and zero.

The overlay is painted frame by frame; whatever must stand still while the body does, or must not come and go three
times a second before eyes that are 3 m away, is kept here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.coach.geometry import body_from_pose, thigh_deg
from app.coach.report import Activity
from app.coach.reps import DrillId, DrillPhase
from app.coach.types import Landmark
from app.ui.overlay_base import body_height_px

if TYPE_CHECKING:
    from app.coach.report import CoachReport, TrunkLine
    from app.coach.types import BodyPose, Facing, FloatArray
    from app.session import Analysis

#: Time constant of the smoothing: at 30 frames per second it leaves a third of the jitter.
SMOOTH_S = 0.15
#: Frames further apart than this have nothing to do with one another.
GAP_S = 0.5
#: A landmark that is further from its smoothed place than this (of the body's extent) has moved: follow it at once.
MOVED = 0.06
#: A judged line is shown until the next one, and no longer than this: at 150 steps a minute one comes every 0.4 s.
HELD_S = 1.0
#: Time constant of a drill's roof and of the bend that is zero: neither moves, only their measures do.
STILL_S = 1.5


@dataclass(frozen=True, slots=True)
class Steady:
    """What was kept, as of one frame.

    Attributes:
        pose: the frame's pose without its jitter.
        line: the newest judged line of a run, at the hip of now; None where this frame has its own, or there is none.
        roof_y_px: image row of the roof of the tunnel march; NaN outside of it.
        zero_bend_deg: bend of the hip that a hinge begins from; NaN before it was seen.

    """

    pose: BodyPose | None = None
    line: TrunkLine | None = None
    roof_y_px: float = math.nan
    zero_bend_deg: float = math.nan


class SteadyScene:
    """Follows the frames of a session, or of a review, in whatever order they are shown."""

    def __init__(self) -> None:
        self._pose, self._line = SteadyPose(), SteadyLine()
        self._roof, self._zero = SteadyValue(), SteadyValue()

    def clear(self) -> None:
        """Forget what was seen."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def follow(self, analysis: Analysis) -> Steady:
        """Take a frame and return what is kept as of it."""
        report, pose = analysis.report, analysis.pose
        drill = report.drill
        if drill is None:
            self._zero.clear()
        elif drill.drill is DrillId.HINGE and drill.phase is DrillPhase.ARMED:
            self._zero.follow(report.t_s, bend_deg(pose, report.facing))
        return Steady(
            self._pose.follow(pose),
            self._line.follow(report, pose),
            self._roof.follow(report.t_s, drill_roof_px(report, pose)),
            self._zero.value if drill is not None else math.nan,
        )


class SteadyPose:
    """Smooths the landmarks of successive frames exponentially, each for itself; a step is followed at once."""

    def __init__(self) -> None:
        self._t_s = math.nan
        self._xy_px: FloatArray | None = None

    def clear(self) -> None:
        """Forget what was seen."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def follow(self, pose: BodyPose) -> BodyPose:
        """Take a frame's pose and return it smoothed; unchanged after a gap, and where nobody is."""
        if not pose.seen:
            self.clear()
            return pose
        now, before, since_s = np.asarray(pose.xy_px), self._xy_px, pose.t_s - self._t_s
        if since_s == 0.0 and before is not None:
            return replace(pose, xy_px=before)
        if before is not None and 0.0 < since_s <= GAP_S:
            way = now - before
            extent_px = float(np.nanmax(now[:, 1]) - np.nanmin(now[:, 1]))
            still = np.hypot(way[:, :1], way[:, 1:]) <= MOVED * extent_px  # False where either is missing
            now = np.where(still, before + (1.0 - math.exp(-since_s / SMOOTH_S)) * way, now)
        self._t_s, self._xy_px = pose.t_s, now
        return replace(pose, xy_px=now)


class SteadyLine:
    """Keeps the newest judged line of a run and lets it go with the hip until the next one."""

    def __init__(self) -> None:
        self._t_s = math.nan
        self._line: TrunkLine | None = None

    def follow(self, report: CoachReport, pose: BodyPose) -> TrunkLine | None:
        """Take a frame; return the line of the newest push-off where this frame has none that is judged."""
        line, now_s = report.line, report.t_s
        if report.activity is not Activity.RUNNING or not pose.seen:
            self._line = None
            return None
        if line is not None and line.judged and np.isfinite(line.hip_px).all():
            self._t_s, self._line = now_s, line
            return None
        kept = self._line
        if kept is None or not 0.0 <= now_s - self._t_s <= HELD_S:
            return None
        hip_px = pose.xy_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
        if not np.isfinite(hip_px).all():
            return None
        way_px = hip_px - kept.hip_px
        return replace(kept, ear_px=kept.ear_px + way_px, foot_px=kept.foot_px + way_px, hip_px=hip_px)


class SteadyValue:
    """A number that does not change, but its measure does: smoothed exponentially, kept over gaps; NaN = none yet."""

    def __init__(self) -> None:
        self._t_s = self.value = math.nan

    def clear(self) -> None:
        """Forget what was measured."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def follow(self, t_s: float, measured: float) -> float:
        """Take a measure and return the number; NaN (and forgotten) where nothing was measured."""
        if not math.isfinite(measured):
            self.clear()
            return math.nan
        since_s = t_s - self._t_s
        share = 1.0 - math.exp(-since_s / STILL_S) if 0.0 <= since_s <= STILL_S else 1.0
        self.value = measured if share == 1.0 else self.value + share * (measured - self.value)
        self._t_s = t_s
        return self.value


def drill_roof_px(report: CoachReport, pose: BodyPose) -> float:
    """Return the image row of the tunnel march's own roof; NaN where it is not marched, or not measured.

    The drill tells how far the head is below its roof: the roof lies so far over the head. (The tunnel of the run has a
    roof of its own, the runner's habit; a march is judged by the inch.)
    """
    drill, tunnel = report.drill, report.tunnel
    if drill is None or drill.drill is not DrillId.TUNNEL_MARCH or tunnel is None:
        return math.nan
    return tunnel.head_y_px - drill.head_below_roof_bh * body_height_px(report, pose)


def bend_deg(pose: BodyPose, facing: Facing) -> float:
    """Return how far the hip is bent, deg: trunk and mean thigh against the vertical; NaN where not seen.

    As `app.coach.drill_signals` measures it, before what standing has of it is taken off.
    """
    if not pose.seen:
        return math.nan
    body = body_from_pose(pose, facing)
    thighs_deg = [thigh_deg(body.hip, leg.knee) for leg in body.legs]
    known = [angle for angle in thighs_deg if math.isfinite(angle)]
    return body.trunk_deg + sum(known) / len(known) if known else math.nan
