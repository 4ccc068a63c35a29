"""What every estimator owes its callers, asked of each in the same words."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.coach.errors import WorldError
from app.coach.types import LANDMARK_COUNT, BodyPose, Frame, Landmark
from app.pose.estimator import BodyMask, Estimate, OracleEstimator, PoseEstimator, validate_image
from app.pose.litert_estimator import LiteRtEstimator, available
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.pose.refined import RefinedEstimator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Network = MediaPipeEstimator | LiteRtEstimator
WITH_LITERT = pytest.mark.skipif(not available(), reason="no LiteRT here")
#: Mirroring a picture exchanges the sides.
MIRRORED = [
    Landmark[name.replace("LEFT", "*").replace("RIGHT", "LEFT").replace("*", "RIGHT")] for name in Landmark.__members__
]


@pytest.fixture(
    params=[
        "oracle",
        pytest.param("mediapipe", marks=pytest.mark.model),
        pytest.param("refined", marks=pytest.mark.model),
        pytest.param("litert", marks=[pytest.mark.model, WITH_LITERT]),
    ]
)
def estimator(request: pytest.FixtureRequest) -> Iterator[PoseEstimator]:
    """Each estimator there is."""
    made: PoseEstimator
    if request.param == "oracle":
        made = OracleEstimator()
    elif request.param == "mediapipe":
        made = MediaPipeEstimator(request.getfixturevalue("model_path"))
    elif request.param == "refined":
        made = RefinedEstimator(MediaPipeEstimator(request.getfixturevalue("model_path")))
    else:
        made = LiteRtEstimator(request.getfixturevalue("model_path"))
    yield made
    made.close()


def mirrored(frame: Frame) -> Frame:
    """The frame as seen in a mirror, true landmarks included."""
    assert frame.image_bgr is not None
    assert frame.landmarks is not None
    width = frame.image_bgr.shape[1]
    xy = frame.landmarks.xy_px[MIRRORED] * (-1, 1) + (width - 1, 0)
    pose = BodyPose(frame.t_s, xy, frame.landmarks.visibility[MIRRORED], frame.landmarks.image_size_px)
    return Frame(frame.index, frame.t_s, np.ascontiguousarray(frame.image_bgr[:, ::-1]), pose)


def middle(pose: BodyPose, name: str) -> np.ndarray:
    """The middle between a left and a right landmark."""
    return (pose[Landmark[f"LEFT_{name}"]] + pose[Landmark[f"RIGHT_{name}"]]) / 2


def test_the_runner_is_found_where_it_is(estimator: PoseEstimator, runner_frames: list[Frame]) -> None:
    for frame in runner_frames:
        estimate = estimator.estimate(frame)

        assert isinstance(estimate, Estimate)
        assert estimate.mask is None
        assert estimate.pose.t_s == frame.t_s
        assert estimate.pose.image_size_px == (1280, 720)
        assert estimate.pose.xy_px.shape == (LANDMARK_COUNT, 2)
        assert not estimate.pose.xy_px.flags.writeable
        assert np.all((estimate.pose.visibility >= 0) & (estimate.pose.visibility <= 1))
        assert frame.landmarks is not None
        for name in ("EAR", "SHOULDER", "HIP"):
            # 40 px is a quarter of the trunk: the network's own bias on a drawn figure is about half of it.
            off_px = np.linalg.norm(middle(estimate.pose, name) - middle(frame.landmarks, name))
            assert off_px < 40, name


def test_nobody_is_found_in_an_empty_picture(estimator: PoseEstimator, empty_frame: Frame) -> None:
    estimate = estimator.estimate(empty_frame)

    assert not estimate.pose.seen
    assert estimate.mask is None
    assert estimate.pose.image_size_px == (320, 240)


def test_a_mirrored_picture_gives_mirrored_landmarks(estimator: PoseEstimator, runner_frames: list[Frame]) -> None:
    straight = [estimator.estimate(frame).pose for frame in runner_frames[:4]]
    turned = [estimator.estimate(mirrored(frame)).pose for frame in runner_frames[:4]]

    for pose, mirror in zip(straight, turned, strict=True):
        for name in ("EAR", "SHOULDER", "HIP"):
            np.testing.assert_allclose(middle(pose, name) * (-1, 1) + (1279, 0), middle(mirror, name), atol=30)


def test_closing_twice_is_fine_and_a_closed_estimator_says_so(estimator: PoseEstimator, empty_frame: Frame) -> None:
    estimator.estimate(empty_frame)
    estimator.close()
    estimator.close()

    with pytest.raises(RuntimeError, match="closed"):
        estimator.estimate(empty_frame)


def test_the_oracle_needs_no_picture() -> None:
    pose = BodyPose(1.5, np.ones((LANDMARK_COUNT, 2)), np.ones(LANDMARK_COUNT), (640, 480))

    with OracleEstimator() as oracle:
        assert oracle.estimate(Frame(0, 1.5, None, pose)).pose is pose
        assert not oracle.estimate(Frame(1, 1.6)).pose.seen


def test_a_mask_cannot_be_written() -> None:
    mask = np.zeros((4, 4), np.float32)

    estimate = Estimate(BodyPose.nobody(0.0, (4, 4)), BodyMask(mask))

    assert estimate.mask is not None
    assert not estimate.mask.values.flags.writeable


@pytest.fixture(
    params=[
        pytest.param(MediaPipeEstimator, marks=pytest.mark.model),
        pytest.param(LiteRtEstimator, marks=[pytest.mark.model, WITH_LITERT]),
    ],
    ids=["mediapipe", "litert"],
)
def network(request: pytest.FixtureRequest) -> type[Network]:
    """Each network there is, not made yet."""
    kind: type[Network] = request.param
    return kind


def test_every_thread_may_create_use_and_close(
    network: type[Network], model_path: Path, runner_frames: list[Frame]
) -> None:
    made: list[Network] = []
    seen: list[bool] = []

    def in_thread(work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()

    in_thread(lambda: made.append(network(model_path)))
    in_thread(lambda: seen.append(made[0].estimate(runner_frames[0]).pose.seen))
    in_thread(made[0].close)

    assert seen == [True]


def test_nothing_is_said_on_stderr(
    network: type[Network],
    model_path: Path,
    runner_frames: list[Frame],
    capfd: pytest.CaptureFixture[str],
) -> None:
    with network(model_path, with_mask=True) as estimator:
        for frame in runner_frames[:3]:
            estimator.estimate(frame)

    assert capfd.readouterr().err == ""


def test_a_missing_model_is_told(network: type[Network], tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be read"):
        network(tmp_path / "nothing.task")


GOOD = np.zeros((32, 48, 3), np.uint8)


@pytest.mark.parametrize(
    ("image", "got"),
    [
        (None, "without an image"),
        (np.zeros((32, 48), np.uint8), r"uint8 \(32, 48\)"),
        (np.zeros((32, 48, 4), np.uint8), r"uint8 \(32, 48, 4\)"),
        (np.zeros((32, 48, 3), np.float64), r"float64 \(32, 48, 3\)"),
        (np.zeros((1, 1, 3), np.uint8), "1x1 px"),
        (np.zeros((0, 0, 3), np.uint8), "0x0 px"),
        (np.zeros((15, 100, 3), np.uint8), "100x15 px"),
        (GOOD[:, ::-1], "strides"),
        (GOOD[:, :20], "strides"),
        (GOOD[:, :, ::-1], "strides"),
    ],
    ids=["none", "gray", "bgra", "float", "1x1", "empty", "low", "mirrored view", "crop", "swapped view"],
)
def test_a_picture_that_would_poison_the_network_is_refused(image: np.ndarray | None, got: str) -> None:
    with pytest.raises(ValueError, match=rf"expected a C-contiguous uint8 BGR image.*{got}"):
        validate_image(image)


def test_a_good_picture_passes_as_it_is() -> None:
    assert validate_image(GOOD) is GOOD
    assert validate_image(GOOD[:16, :, :]) is not None
