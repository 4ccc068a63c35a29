"""The set-up guide beside the coach: what it is fed with every frame, and what it has the coach do."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from app.coach.report import Activity
from app.session.light import picture_of

if TYPE_CHECKING:
    from app.coach.model import CoachModel
    from app.coach.report import CoachReport
    from app.coach.setup import SetupGuide, SetupReport
    from app.coach.types import BodyPose, Frame

#: Brightness changes slowly; it is measured this often.
PICTURE_EVERY_S = 0.5


class Guiding:
    """Feeds a `SetupGuide`; of the analysing thread only."""

    def __init__(self, guide: SetupGuide) -> None:
        self.guide = guide
        self._looked_s = -math.inf

    def update(
        self, frame: Frame, pose: BodyPose, report: CoachReport, coach: CoachModel, camera_fps: float
    ) -> SetupReport:
        """Take one analysed frame; have the coach take a standing where the guide says so.

        ``camera_fps``: frames read per second, of which fewer may have been analysed; 0 or NaN unknown.
        """
        picture = None
        if frame.image_bgr is not None and not abs(frame.t_s - self._looked_s) < PICTURE_EVERY_S:
            self._looked_s = frame.t_s
            picture = picture_of(frame.image_bgr, pose, camera_fps if camera_fps > 0.0 else math.nan)
        setup = self.guide.update(pose, picture, standing=report.standing)
        if setup.calibrate:
            coach.start_calibration()
        # Who runs already is coached, not set up.
        return replace(setup, say=None) if report.activity is Activity.RUNNING else setup
