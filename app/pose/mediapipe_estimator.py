"""The pose network: MediaPipe's PoseLandmarker behind our estimator port; elsewhere only the bare one of the bench.

What is particular here is particular for a measured reason (reference: the project's landmark study):

* VIDEO mode with **stretched timestamps**. MediaPipe smooths landmarks with a One-Euro filter driven by the
  caller's timestamps: 33 ms of lag at 60 fps. Told that frames are 1000 s apart, the filter passes them
  through (1.5 ms) at no cost, while tracking from frame to frame still works.
* A landmarker whose graph failed once fails for ever, and one that is dropped without ``close()`` can hang
  the process or print a traceback at exit: `_Landmarker` discards it safely in every case.
* Arrays that are not contiguous are read wrongly without a word, so every image is checked first; masks of some
  widths abort the process, see `_MASK_WIDTH_PX`.
"""

from __future__ import annotations

import logging
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python.core.base_options import BaseOptions
from mediapipe.tasks.python.vision.core.vision_task_running_mode import VisionTaskRunningMode
from mediapipe.tasks.python.vision.pose_landmarker import PoseLandmarker, PoseLandmarkerOptions

from app.coach.errors import WorldError
from app.coach.types import LANDMARK_COUNT, BodyPose, Frame, ImageArray
from app.pose.estimator import BodyMask, Estimate, validate_image
from app.pose.model import is_own_file
from app.pose.quiet import interruption_later, quiet_stderr

if TYPE_CHECKING:
    import os

#: The pretended time between two frames: far beyond any filter's time constant.
STRETCHED_STEP_MS = 1_000_000
#: Frames after which a new landmarker starts from zero: the filter's clock (signed 64-bit nanoseconds)
#: saturates at 9.2e12 ms = 9.2 million stretched frames, 43 h at 60 fps.
MAX_FRAMES = 8_000_000

#: MediaPipe pads the rows of a mask (4 bytes a pixel) to 16 bytes, and *aborts the process* when a padded one is
#: read. So pictures whose width is no multiple of this are made wider at the right edge first.
_MASK_WIDTH_PX = 4

#: BlazePose's landmark numbers in the order of `Landmark`; HEAD_TOP has none and stays NaN.
_BLAZEPOSE = np.array([0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32])

_log = logging.getLogger(__name__)


class MediaPipeEstimator:
    """BlazePose on one person, frame after frame.

    May be created, used and closed from different threads; calls take turns. Use it as a context manager or
    close it: if it is forgotten, it is closed when collected or at exit.

    Args:
        model_path: a pose landmarker bundle (``.task``).
        with_mask: also return the segmentation mask (19 % more time).
        people: at most so many bodies for `find_all`; more than one costs 1.6 to 2 times as much, as MediaPipe
            then detects afresh in every frame.
        max_frames: frames after which MediaPipe is started anew; for tests.
        smoothed: give MediaPipe the frames' own times, so that it smooths, and lags, as it does out of the box: what
            `hingecoach validate` compares with.

    Raises:
        WorldError: the model file cannot be read or is no pose model.
    """

    def __init__(
        self,
        model_path: str | os.PathLike[str],
        with_mask: bool = False,
        *,
        people: int = 1,
        max_frames: int = MAX_FRAMES,
        smoothed: bool = False,
    ) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._with_mask = with_mask
        self._landmarker = _Landmarker(Path(model_path), with_mask, max_frames, people, smoothed)
        self._discard = weakref.finalize(self, self._landmarker.discard)

    def estimate(self, frame: Frame) -> Estimate:
        """Return the body in ``frame``: float64 image px (outside the picture is possible), and the mask.

        A failure inside MediaPipe is repaired once by starting it anew and asking again.

        Raises:
            ValueError: the frame's image is not what `validate_image` asks for.
            RuntimeError: the estimator is closed, or MediaPipe failed twice on this frame.
        """
        image, rgb, result = self._run(frame)
        return _to_estimate(result, frame.t_s, image.shape[:2], rgb.shape[:2])

    def find_all(self, frame: Frame) -> tuple[BodyPose, ...]:
        """Return every body in ``frame``, at most ``people``, in no order that lasts from frame to frame.

        Raises:
            ValueError, RuntimeError: as `estimate`.
        """
        image, rgb, result = self._run(frame)
        sizes = image.shape[:2], rgb.shape[:2]
        return tuple(_to_pose(found, frame.t_s, *sizes) for found in result.pose_landmarks)

    def _run(self, frame: Frame) -> tuple[ImageArray, ImageArray, Any]:
        """Return the frame's image, what MediaPipe was given of it, and what it answered."""
        image = validate_image(frame.image_bgr)
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        if self._with_mask and rgb.shape[1] % _MASK_WIDTH_PX:
            extra = -rgb.shape[1] % _MASK_WIDTH_PX
            padded = cv2.copyMakeBorder(rgb, 0, 0, 0, extra, cv2.BORDER_REPLICATE)
            rgb = np.asarray(padded, dtype=np.uint8)
        with self._lock:
            if self._closed:
                raise RuntimeError("the estimator is closed")
            try:
                result = self._landmarker.detect(rgb, frame.t_s)
            except Exception as error:  # noqa: BLE001 - any failure is fatal for that landmarker, none for us
                _log.warning("the pose network failed on frame %d and is restarted: %s", frame.index, error)
                result = self._retry(rgb, frame)
        return image, rgb, result

    def _retry(self, rgb: ImageArray, frame: Frame) -> Any:
        """Return the result of a fresh landmarker; if that fails too, leave none behind."""
        self._landmarker.discard()
        try:
            return self._landmarker.detect(rgb, frame.t_s)
        except WorldError:
            raise
        except Exception as error:
            self._landmarker.discard()
            raise RuntimeError(f"the pose network failed twice on frame {frame.index}: {error}") from error

    def restart(self) -> None:
        """Forget the person followed: the next frame is searched by the detector again."""
        with self._lock:
            self._landmarker.forget()

    def close(self) -> None:
        """Stop MediaPipe and free what it holds; harmless when called again."""
        with self._lock:
            self._closed = True
            self._discard()

    def __enter__(self) -> MediaPipeEstimator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Landmarker:
    """One `PoseLandmarker` at a time, with its frame count; made on demand, discarded without a trace.

    It must never refer to its estimator: the estimator's finalizer holds it.
    """

    def __init__(self, model_path: Path, with_mask: bool, max_frames: int, people: int, smoothed: bool) -> None:
        self._model_path = model_path
        self._smoothed = smoothed
        self._last_ms = 0
        self._people = people
        self._with_mask = with_mask
        self._max_frames = max_frames
        self._frames = 0
        self._forget = False
        self._talkative = True
        self._native: Any = self._create()

    def _create(self) -> Any:
        """Return a new landmarker. The model goes in as bytes: no trouble with paths, no file kept open."""
        try:
            model = self._model_path.read_bytes()
        except OSError as error:
            raise WorldError(
                f"The pose model {self._model_path} cannot be read ({error.strerror}): "
                "check the path or run 'hingecoach model fetch'."
            ) from error
        options = PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model),
            running_mode=VisionTaskRunningMode.VIDEO,
            num_poses=self._people,
            output_segmentation_masks=self._with_mask,
        )
        try:
            with quiet_stderr(), interruption_later() as interrupted:
                self._native = PoseLandmarker.create_from_options(options)
                if interrupted():
                    self.discard()
            return self._native
        except (RuntimeError, ValueError, OSError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        # Raised out here: as its context, the error's frames would keep MediaPipe's thread alive.
        # The cached models were checked by their hash; an own file cannot be fetched.
        fetch = "" if is_own_file(self._model_path) else "run 'hingecoach model fetch' or "
        raise WorldError(
            f"The pose model {self._model_path} cannot be loaded ({reason}): {fetch}pass a sound one with --model PATH."
        )

    def detect(self, rgb: ImageArray, t_s: float) -> Any:
        """Return MediaPipe's result for the next frame, uint8 (H, W, 3) RGB, taken at ``t_s``."""
        if self._frames >= self._max_frames:
            self.discard()
        if self._native is None:
            self._native = self._create()
        if self._forget:
            self._forget = False
            # In a black picture the person is lost, much sooner than a new landmarker is made.
            self._shown(np.zeros_like(rgb), t_s)
        return self._shown(rgb, t_s)

    def forget(self) -> None:
        """Lose the person followed before the next frame."""
        self._forget = self._frames > 0

    def _shown(self, rgb: ImageArray, t_s: float) -> Any:
        """Return MediaPipe's result for a picture, at a time that suits its filter."""
        self._frames += 1
        wanted_ms = round(t_s * 1e3) if self._smoothed else self._frames * STRETCHED_STEP_MS
        timestamp_ms = self._last_ms = max(wanted_ms, self._last_ms + 1)
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=rgb)
        if not self._talkative:
            return self._native.detect_for_video(image, timestamp_ms)
        # The graph still has things to say up to the first person it sees.
        with quiet_stderr():
            result = self._native.detect_for_video(image, timestamp_ms)
        self._talkative = not result.pose_landmarks
        return result

    def discard(self) -> None:
        """Close the landmarker and forget it, whatever state it is in, even at interpreter shutdown."""
        native, self._native = self._native, None
        self._frames = self._last_ms = 0
        self._forget = False
        self._talkative = True
        if native is None:
            return
        try:
            with quiet_stderr():
                native.close()
        except Exception as error:  # noqa: BLE001 - a failed graph raises its old error again on close
            _log.debug("closing the pose network: %s", error)
        finally:
            # Its __del__ would close again: on a dead executor that hangs, at exit it prints a traceback.
            native._handle = None  # noqa: SLF001
            # After a failed close its own thread still waits for work.
            native._lib.close()  # noqa: SLF001


def _to_estimate(result: Any, t_s: float, shape_px: tuple[int, int], network_shape_px: tuple[int, int]) -> Estimate:
    """Return MediaPipe's result in our own terms.

    Args:
        result: of the network.
        t_s: time of the frame.
        shape_px: (height, width) of the frame.
        network_shape_px: (height, width) of what the network was given: the frame, perhaps wider on the right.
    """
    height, width = shape_px
    if not result.pose_landmarks:
        return Estimate(BodyPose.nobody(t_s, (width, height)))
    pose = _to_pose(result.pose_landmarks[0], t_s, shape_px, network_shape_px)
    mask: BodyMask | None = None
    if result.segmentation_masks:
        image = result.segmentation_masks[0]
        if not image.is_contiguous():
            # Reading it would abort the whole process; see _MASK_WIDTH_PX.
            raise RuntimeError(f"the network's mask of {network_shape_px} px has padded rows")
        # A copy: the view dies with MediaPipe's image.
        mask = BodyMask(np.array(image.numpy_view()[:, :width, 0], dtype=np.float32))
    return Estimate(pose, mask)


def _to_pose(found: Any, t_s: float, shape_px: tuple[int, int], network_shape_px: tuple[int, int]) -> BodyPose:
    """Return one of MediaPipe's bodies in our landmarks; arguments as `_to_estimate`."""
    points = np.array([(point.x, point.y, point.visibility or 0.0) for point in found], dtype=np.float64)
    xy_px = np.full((LANDMARK_COUNT, 2), np.nan)
    visibility = np.zeros(LANDMARK_COUNT)
    xy_px[: len(_BLAZEPOSE)] = points[_BLAZEPOSE, :2] * (network_shape_px[1], network_shape_px[0])
    visibility[: len(_BLAZEPOSE)] = points[_BLAZEPOSE, 2]
    return BodyPose(t_s, xy_px, visibility, (shape_px[1], shape_px[0]))
