"""The set-up guide beside the coach: what it is fed with every frame, and what it has the coach do."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from app.coach.report import Activity
from app.coach.setup import SetupPhase
from app.session.light import picture_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.model import CoachModel
    from app.coach.report import CoachReport
    from app.coach.setup import SetupGuide, SetupReport
    from app.coach.types import BodyPose, Frame

#: Brightness changes slowly; it is measured this often.
PICTURE_EVERY_S = 0.5
#: Other people are looked for this often, and only while things are put right: a look costs several frames' time.
OTHERS_EVERY_S = 1.5


class Guiding:
    """Feeds a `SetupGuide`; of the analysing thread only.

    Args:
        guide: to feed.
        count_others: how many other people are in a frame beside the pose; None: nobody counts them.

    """

    def __init__(self, guide: SetupGuide, count_others: Callable[[Frame, BodyPose], int] | None = None) -> None:
        self.guide = guide
        self._count_others = count_others
        self._looked_s = self._counted_s = -math.inf
        self._others: int | None = None

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
        setup = self.guide.update(pose, picture, self._others_in(frame, pose), report.standing)
        if setup.calibrate:
            coach.start_calibration()
        # Who runs already is coached, not set up.
        return replace(setup, say=None) if report.activity is Activity.RUNNING else setup

    def _others_in(self, frame: Frame, pose: BodyPose) -> int | None:
        """Return how many others there were when they were last looked for."""
        if self._count_others is None or self.guide.phase is not SetupPhase.CHECKING:
            return self._others
        if frame.image_bgr is not None and not abs(frame.t_s - self._counted_s) < OTHERS_EVERY_S:
            self._counted_s = frame.t_s
            self._others = self._count_others(frame, pose)
        return self._others
