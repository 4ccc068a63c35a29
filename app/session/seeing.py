"""What stands between a live picture and the network: pictures that show nothing, and a network that fails at one.

A camera that is covered or stuck still gives pictures, and a stuck one shows a runner who stands perfectly still. Such
a picture is not judged: the coach gets nobody, with the reason. The same holds for a picture that the network fails at;
one that fails again and again is made anew, and only then ends the session.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import numpy as np

from app.coach.types import BodyPose
from app.pose.estimator import NO_TRACKING, Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from app.capture.source import FrameSource
    from app.coach.types import Frame, ImageArray
    from app.pose.estimator import PoseEstimator

logger = logging.getLogger(__name__)

#: Why a picture is not judged.
BLACK: Final = "the picture is black"
FROZEN: Final = "the camera shows the same picture"
FAILED: Final = "the pose network failed at this picture"
#: What is to be done about it.
TOLD: Final = {
    BLACK: "The picture is black: take the cover off the lens, or switch on a light.",
    FROZEN: "The camera shows the same picture again and again: unplug it and plug it in again.",
    FAILED: "The pose network fails at some pictures: they are left out. The log says why.",
}
#: A picture in which hardly a sampled value is as high is black: a covered lens gives noise of 5 to 15 and a few hot
#: pixels, a room at night with one lamp more than 60.
BLACK_BELOW, HARDLY = 24, 1 / 500
#: Every so many pixels, both ways, are looked at: 14,000 of 1280x720, 60 µs.
EVERY_PX: Final = 8
#: The very same picture for so long is a stuck camera: noise makes any two pictures of a live one differ. No standing
#: can be taken in less (`standing.STILL_WINDOW_S` and then `STILL_LEAST_S`).
FROZEN_S: Final = 1.0
#: After so many failures in a row the network is made anew; when it still fails, after so many it is given up.
ANEW_AFTER, GIVE_UP_AFTER = 5, 30
#: Of so many failures one is logged, and the first.
LOGGED_EVERY: Final = 100


class PictureWatch:
    """Tells pictures that show nothing of what is before the camera."""

    def __init__(self) -> None:
        self._sample: NDArray[np.uint8] | None = None
        self._since_s = 0.0

    def why_not(self, image_bgr: ImageArray, t_s: float) -> str:
        """Return why the picture (H, W, 3) of time ``t_s`` cannot be judged, "" where it can."""
        sample = image_bgr[::EVERY_PX, ::EVERY_PX]
        same = self._sample is not None and np.array_equal(sample, self._sample)
        if not same:
            self._sample, self._since_s = sample.copy(), t_s
        if np.count_nonzero(sample >= BLACK_BELOW) < HARDLY * sample.size:
            return BLACK
        return FROZEN if same and t_s - self._since_s >= FROZEN_S else ""


class Seeing:
    """The estimator of one session, which it makes and closes. Of the analysing thread only, `notice` apart.

    Where the source is not live every picture is given to the network, and its failure ends the session.

    Attributes:
        inner: the estimator itself. notice: one line on what is wrong, "" while all is well.
        failures: how many pictures the network failed at.

    Args:
        make: makes the estimator.
        source: of the frames; only a camera's pictures are looked at.

    """

    def __init__(self, make: Callable[[], PoseEstimator], source: FrameSource) -> None:
        self._make, self._live = make, source.live
        self._watch = PictureWatch() if source.live and source.kind == "camera" else None
        self._in_a_row = self.failures = 0
        self._tracking = NO_TRACKING
        self.notice = ""
        self.inner = make()

    def estimate(self, frame: Frame) -> Estimate:
        """Return the body in a frame. Raises what the network raises, where it is given up."""
        if self._watch is not None and frame.image_bgr is not None:
            why_not = self._watch.why_not(frame.image_bgr, frame.t_s)
            if why_not:
                return self._nobody(frame, why_not)
        if not self._live:
            return self.inner.estimate(frame)
        try:
            estimate = self.inner.estimate(frame)
        except Exception as error:  # noqa: BLE001 - of whatever kind: one picture is not worth the session
            self._failed(error)
            return self._nobody(frame, FAILED)
        self._in_a_row = 0
        self._tracking = estimate.tracking
        self.notice = TOLD[FAILED] if self.failures else ""
        return estimate

    def close(self) -> None:
        """Close the estimator."""
        self.inner.close()

    def _nobody(self, frame: Frame, why: str) -> Estimate:
        self.notice = TOLD[why]
        height_px, width_px = (0, 0) if frame.image_bgr is None else frame.image_bgr.shape[:2]
        return Estimate(BodyPose.nobody(frame.t_s, (width_px, height_px), why), tracking=self._tracking)

    def _failed(self, error: Exception) -> None:
        """Count a failure; raise it again where there have been too many in a row."""
        self.failures += 1
        self._in_a_row += 1
        if self.failures == 1 or self.failures % LOGGED_EVERY == 0:
            logger.warning("the pose network failed at %d pictures: %s", self.failures, error, exc_info=error)
        if self._in_a_row >= GIVE_UP_AFTER:
            raise error
        if self._in_a_row == ANEW_AFTER:
            # A graph of MediaPipe that failed once fails for ever.
            self.inner.close()
            self.inner = self._make()
