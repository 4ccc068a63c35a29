"""Several people in a clip: look first, then follow the one who is seen side-on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from app.capture.source import CaptureError
from app.pose.engine import engine_for_many
from app.pose.subject import FIRST_LOOK_PLACES, SKIM_HZ, FollowingEstimator, find_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.capture.source import FrameSource
    from app.cli.build import Estimation
    from app.coach.types import BodyPose, Frame
    from app.pose.estimator import PoseEstimator

#: More than these are a crowd, and each costs time in every frame.
MOST_PEOPLE = 4
FINDS_EVERYBODY = engine_for_many()
#: How long the first look stays at a place: in a single frame the network easily overlooks a small body, while
#: from frame to frame it holds on to those it has.
LOOK_S = 1.0


def following_subject(estimation: Estimation, clip: Clip, count: Callable[[], None] = lambda: None) -> Estimation:
    """Return the estimation that keeps to one person of the clip; as it was, where there is only one.

    Args:
        estimation: by the network; any other is returned as it is.
        clip: to look at.
        count: called for every frame looked at (progress).

    Raises:
        WorldError: the clip cannot be read.
    """
    from app.pose.engine import make_network
    from app.pose.refined import ALL_PARTS, Part, RefinedEstimator

    model_path = estimation.model_path
    if model_path is None:
        return estimation
    network = make_network(FINDS_EVERYBODY, model_path, people=MOST_PEOPLE)

    def find_all(frame: Frame) -> tuple[BodyPose, ...]:
        count()
        return network.find_all(frame)

    try:
        subject = find_subject(clip.first_look(), clip.skim, find_all)
    finally:
        network.close()
    if subject is None:
        return replace(estimation, other_people=0)

    def make() -> PoseEstimator:
        everyone = make_network(FINDS_EVERYBODY, model_path, people=min(subject.others + 1, MOST_PEOPLE))
        following = FollowingEstimator(everyone.find_all, everyone.close, subject)
        # It goes by places in the picture, which a mirrored one would move.
        return RefinedEstimator(following, parts=ALL_PARTS - {Part.LOCK, Part.STILL, Part.MIRROR})

    return replace(
        estimation,
        make=make,
        other_people=subject.others,
        notices=(*estimation.notices, f"tracking: {subject.note}."),
        engine=FINDS_EVERYBODY.value,
    )


class Clip:
    """The wanted part of a video, to be opened again and again.

    Args:
        open_part: makes the source of a time range (s of the clip).
        time_range: the wanted part, None = all.
        slowmo_factor: clip seconds per second of life.
    """

    def __init__(
        self,
        open_part: Callable[[tuple[float, float] | None], FrameSource],
        time_range: tuple[float, float] | None,
        slowmo_factor: float,
    ) -> None:
        self._open_part = open_part
        self._range = time_range
        self._slowmo_factor = slowmo_factor

    def first_look(self) -> Iterator[Frame]:
        """Yield frames from a few places all over the part, at `SKIM_HZ`; fewer where the clip breaks off."""
        source = self._open_part(self._range)
        source.open()
        count, rate = source.frame_count, source.fps / self._slowmo_factor
        source.close()
        if count is None or not math.isfinite(rate):
            return
        start_s, length_s = (self._range or (0.0, math.inf))[0], count / rate
        stay_s = LOOK_S * self._slowmo_factor
        for k in range(FIRST_LOOK_PLACES):
            at_s = start_s + (k + 0.5) / FIRST_LOOK_PLACES * max(length_s - stay_s, 0.0)
            try:
                yield from _thinned(self._open_part((at_s, at_s + stay_s)))
            except CaptureError:
                return  # the header promised more than there is

    def skim(self) -> Iterator[Frame]:
        """Yield about `SKIM_HZ` frames a second of life, in order."""
        return _thinned(self._open_part(self._range))


def _thinned(source: FrameSource) -> Iterator[Frame]:
    """Yield about `SKIM_HZ` frames of a source for each second of life. Raises CaptureError."""
    try:
        source.open()
        due_s = -math.inf
        while (frame := source.read()) is not None:
            if frame.t_s >= due_s - 1e-9:
                due_s = frame.t_s + 1.0 / SKIM_HZ
                yield frame
    finally:
        source.close()
