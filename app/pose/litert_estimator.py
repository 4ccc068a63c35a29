"""The pose network without MediaPipe: BlazePose by LiteRT behind our estimator port.

Against `MediaPipeEstimator` with the same weights: the same landmarks to a pixel or two, the body's mask for
nothing, less time, no filter to defeat, no C++ graph that can hang or poison itself, and a region of interest of
our own: bodies too small for the detector are searched for in parts of the picture, and whoever is pointed at is
followed. See `benchmarks.engines`.

Per frame: one look of the landmark network while a body is followed; one look of the detector while none is, and
both in the frame in which it is found.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from app.coach.errors import WorldError
from app.coach.types import LANDMARK_COUNT, BodyPose, Frame, ImageArray
from app.pose import blazepose
from app.pose.blazepose import Region
from app.pose.estimator import BodyMask, Estimate, validate_image
from app.pose.follow import REGION_TAU_S, RegionFollower, Search, Target
from app.pose.litert_net import Body, Networks, available

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

__all__ = ["LiteRtEstimator", "available"]

#: Workers per call. With mask, two take 0.49 of bare MediaPipe's time (`benchmarks.engines time`, two cores); beside
#: other work 0.73 to 0.92, when one takes 0.9.
THREADS = 2

T = TypeVar("T")

_log = logging.getLogger(__name__)


class LiteRtEstimator:
    """BlazePose on one person, frame after frame; the same frames give the same numbers.

    May be created, used and closed from different threads; calls take turns.

    Args:
        model_path: a pose landmarker bundle (``.task``).
        with_mask: also return the segmentation mask, as `BodyMask` over the region looked at.
        threads: workers per call of a network.
        people: at most so many bodies for `find_all`.
        region_tau_s: time constant of the region's motion; for benchmarks.

    Raises:
        WorldError: the model file cannot be read or is no pose model; LiteRT is not installed.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        with_mask: bool = False,
        *,
        threads: int = THREADS,
        people: int = 1,
        region_tau_s: float = REGION_TAU_S,
    ) -> None:
        self._model_path = Path(model_path)
        self._with_mask = with_mask
        self._threads = threads
        self._people = people
        self._lock = threading.Lock()
        self._closed = False
        self._follower = RegionFollower(region_tau_s)
        self._search = Search()
        self._last: tuple[Body, float] | None = None
        self._networks: Networks | None = Networks(self._model_path, threads)

    def estimate(self, frame: Frame) -> Estimate:
        """Return the body in ``frame``: float64 image px (outside the picture is possible), and the mask.

        A failure of the engine is repaired once by loading it anew and asking again.

        Raises:
            ValueError: the frame's image is not what `validate_image` asks for.
            RuntimeError: the estimator is closed, or the engine failed twice on this frame.
        """
        image = validate_image(frame.image_bgr)
        with self._lock:
            found = self._asked(frame, lambda networks: self._find(networks, image, frame.t_s))
        size_px = image.shape[1], image.shape[0]
        if found is None:
            return Estimate(BodyPose.nobody(frame.t_s, size_px))
        body, region = found
        return Estimate(_pose(body, frame.t_s, size_px), _mask(body, region) if self._with_mask else None)

    def find_all(self, frame: Frame) -> tuple[BodyPose, ...]:
        """Return every body in ``frame``, at most ``people``, largest first; who is followed does not change.

        Raises:
            ValueError, RuntimeError: as `estimate`.
        """
        image = validate_image(frame.image_bgr)
        with self._lock:
            bodies = self._asked(frame, lambda networks: self._find_all(networks, image))
        return tuple(_pose(body, frame.t_s, (image.shape[1], image.shape[0])) for body in bodies)

    def restart(self) -> None:
        """Follow nobody any more: the next frame looks for anybody. Costs nothing by itself."""
        with self._lock:
            self._drop()
            self._search.reset()

    def look_at(self, point_px: tuple[float, float]) -> None:
        """Follow the person at a point of the picture from the next frame on.

        Whoever is followed now stays so if the point is on them; `restart` first if it is somebody else in front of
        them. If nobody is found there within `follow.REMEMBER_S`, anybody will do.
        """
        with self._lock:
            if self._last is not None and _holds(self._last[0], point_px):
                return
            self._drop()
            self._search.aim(Target(point_px, chosen=True))

    def close(self) -> None:
        """Free the networks; harmless when called again."""
        with self._lock:
            self._closed = True
            self._networks = None
            self._drop()

    def __enter__(self) -> LiteRtEstimator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, frame: Frame, ask: Callable[[Networks], T]) -> T:
        """Return what the networks answer, after loading them anew if need be."""
        if self._closed:
            raise RuntimeError("the estimator is closed")
        for attempt in (1, 2):
            try:
                if self._networks is None:
                    self._networks = Networks(self._model_path, self._threads)
                return ask(self._networks)
            except WorldError:
                raise
            except Exception as error:
                self._networks = None
                if attempt == 2:
                    raise RuntimeError(f"the pose network failed twice on frame {frame.index}: {error}") from error
                _log.warning("the pose network failed on frame %d and is restarted: %s", frame.index, error)
        raise AssertionError("unreachable")

    def _find(self, networks: Networks, image: ImageArray, t_s: float) -> tuple[Body, Region] | None:
        """Return the body followed and the region it was seen in; None: nobody in this frame."""
        region = self._follower.region
        if region is None:
            size_px = image.shape[1], image.shape[0]
            person = self._search.choose(networks.detect(image, self._search.next_region(size_px)), t_s)
            if person is None:
                return None
            region = person.region
            self._follower.start(region, t_s)
        body = networks.look(image, region)
        if not (body.presence >= blazepose.PRESENCE_SCORE and np.isfinite(body.xy_px).all()):
            self._lose()
            return None
        self._last = body, t_s
        self._follower.update(_wish(body), t_s)
        return body, region

    def _lose(self) -> None:
        """Nobody is where somebody was: look for them around there first."""
        if self._last is not None:
            body, t_s = self._last
            hip, radius_px = body.xy_px[blazepose.HIP_POINT], _wish(body).side_px / 2 / blazepose.REGION_MARGIN
            self._search.aim(Target((float(hip[0]), float(hip[1])), t_s, radius_px))
        self._drop()

    def _drop(self) -> None:
        self._last = None
        self._follower.reset()

    def _find_all(self, networks: Networks, image: ImageArray) -> list[Body]:
        """Return the bodies in the whole picture."""
        height, width = image.shape[:2]
        whole = Region(((width - 1) / 2, (height - 1) / 2), float(max(width, height)))
        people = sorted(networks.detect(image, whole), key=lambda person: -person.radius)[: self._people]
        bodies = [networks.look(image, person.region) for person in people]
        return [body for body in bodies if body.presence >= blazepose.PRESENCE_SCORE]


def _wish(body: Body) -> Region:
    """Return where a body wants to be looked at."""
    return Region.of_body(body.xy_px[blazepose.HIP_POINT], body.xy_px[blazepose.RIM_POINT])


def _holds(body: Body, point_px: tuple[float, float]) -> bool:
    """Whether a point is within the box of a body's landmarks."""
    points = body.xy_px[blazepose.IN_OUR_ORDER]
    return bool(np.all(points.min(axis=0) <= point_px) and np.all(points.max(axis=0) >= point_px))


def _pose(body: Body, t_s: float, size_px: tuple[int, int]) -> BodyPose:
    """Return a body in our landmarks."""
    xy_px = np.full((LANDMARK_COUNT, 2), np.nan)
    visibility = np.zeros(LANDMARK_COUNT)
    ours = blazepose.IN_OUR_ORDER
    xy_px[: len(ours)] = body.xy_px[ours]
    visibility[: len(ours)] = body.visibility[ours]
    return BodyPose(t_s, xy_px, visibility, size_px)


def _mask(body: Body, region: Region) -> BodyMask:
    """Return the mask of a body seen in a region."""
    matrix = Region(region.centre_px, region.side_px).matrix(blazepose.LANDMARKER_PX)
    values = blazepose.upright_mask(body.mask_logits, region.turn_rad)
    return BodyMask(values, (float(matrix[0, 2]), float(matrix[1, 2])), float(matrix[0, 0]))
