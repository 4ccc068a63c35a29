"""LiteRT's own promises: MediaPipe's landmarks, a mask for nothing, the right one of two, repair, silence."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.coach.errors import WorldError
from app.coach.types import Facing, Frame, Landmark
from app.pose import litert_net
from app.pose.litert_estimator import LiteRtEstimator
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from app.coach.types import BodyPose
    from app.pose.estimator import BodyMask

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not litert_net.available(), reason="there is no LiteRT for this platform"),
]


def hip_px(pose: BodyPose) -> np.ndarray:
    return (pose[Landmark.LEFT_HIP] + pose[Landmark.RIGHT_HIP]) / 2


def still(size_px: tuple[int, int], body: float, facing: Facing = Facing.RIGHT) -> np.ndarray:
    """A picture of somebody running."""
    camera = Camera.framing(size_px, body_fraction=body)
    return VirtualScene(RunnerParams(standing_s=0.0, facing=facing), camera).image_at(2.0)


@pytest.fixture(scope="module")
def two_people() -> np.ndarray:
    """Somebody small in the left half (hip about x = 320), somebody large in the right one (960); 1280 x 720."""
    return np.ascontiguousarray(np.hstack((still((640, 720), 0.5), still((640, 720), 0.75, Facing.LEFT))))


def on_picture(mask: BodyMask, size_px: tuple[int, int]) -> np.ndarray:
    """The mask's 0.5 decided for every pixel, False beyond the region: each pixel's nearest cell."""
    x, y = ((np.arange(size) - origin) / mask.cell_px for size, origin in zip(size_px, mask.origin_px, strict=True))
    columns, rows = np.round(x).astype(int), np.round(y).astype(int)
    height, width = mask.values.shape
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    return inside & (mask.values[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)] > 0.5)


def test_landmarks_and_mask_are_mediapipes(model_path: Path, runner_frames: list[Frame]) -> None:
    with (
        MediaPipeEstimator(model_path, with_mask=True) as expected,
        LiteRtEstimator(model_path, with_mask=True) as asked,
    ):
        for frame in runner_frames[:6]:
            there, here = expected.estimate(frame), asked.estimate(frame)

    off_px = np.hypot(*(there.pose.xy_px - here.pose.xy_px).T)
    # Half a percent of the body; the hidden arm is guessed differently in another region.
    assert np.nanmedian(off_px) < 3
    assert np.isnan(here.pose[Landmark.HEAD_TOP]).all()
    assert there.mask is not None
    assert here.mask is not None
    mine, theirs = on_picture(here.mask, (1280, 720)), there.mask.values > 0.5
    assert (mine & theirs).sum() / (mine | theirs).sum() > 0.93


def test_a_mask_is_a_probability_on_a_grid(model_path: Path, runner_frames: list[Frame]) -> None:
    with LiteRtEstimator(model_path, with_mask=True) as estimator:
        estimate = estimator.estimate(runner_frames[0])

    mask = estimate.mask
    assert mask is not None
    assert (mask.values.shape, mask.values.dtype) == ((256, 256), np.float32)
    assert 0.0 <= mask.values.min() <= mask.values.max() <= 1.0
    column, row = np.round((hip_px(estimate.pose) - mask.origin_px) / mask.cell_px).astype(int)
    assert mask.values[row, column] > 0.9
    assert mask.values[2, 2] < 0.1
    # The square is a quarter wider than the circle around the body, 540 px high.
    assert 1.1 * 540 < 256 * mask.cell_px < 1.5 * 540


def test_the_same_frames_give_the_same_numbers(model_path: Path, runner_frames: list[Frame]) -> None:
    runs = []
    for threads in (1, 2, 2):
        with LiteRtEstimator(model_path, with_mask=True, threads=threads) as estimator:
            runs.append([estimator.estimate(frame) for frame in runner_frames[:4]])

    for first, *others in zip(*runs, strict=True):
        for other in others:
            np.testing.assert_array_equal(first.pose.xy_px, other.pose.xy_px)
            assert first.mask is not None
            assert other.mask is not None
            np.testing.assert_array_equal(first.mask.values, other.mask.values)


@pytest.mark.parametrize(("body_px", "shift_px", "within"), [(220, 0, 2), (150, -400, 14), (110, 300, 26)])
def test_a_small_body_is_found_soon(model_path: Path, body_px: int, shift_px: int, within: int) -> None:
    image = np.roll(still((1280, 720), body_px / 720), shift_px, axis=1)

    with LiteRtEstimator(model_path) as estimator:
        estimates = [estimator.estimate(Frame(k, k / 30, image)) for k in range(within)]

    assert estimates[-1].pose.seen
    assert abs(hip_px(estimates[-1].pose)[0] - (640 + shift_px)) < 0.15 * body_px


def test_who_leaves_is_lost_and_found_again(model_path: Path, runner_frames: list[Frame]) -> None:
    image = runner_frames[0].image_bgr
    assert image is not None
    empty = np.full_like(image, 90)

    with LiteRtEstimator(model_path, with_mask=True) as estimator:
        seen = []
        for k, picture in enumerate((image, empty, empty, image)):
            seen.append(estimator.estimate(Frame(k, k / 30, picture)))

    assert [estimate.pose.seen for estimate in seen] == [True, False, False, True]
    assert [estimate.mask is None for estimate in seen] == [False, True, True, False]


def test_the_largest_is_followed_unless_somebody_else_is_pointed_at(model_path: Path, two_people: np.ndarray) -> None:
    with LiteRtEstimator(model_path) as estimator:
        number = 0

        def where() -> float:
            nonlocal number
            number += 1
            estimates = [estimator.estimate(Frame(number, number / 30, two_people)) for _ in range(3)]
            return float(hip_px(estimates[-1].pose)[0])

        assert where() == pytest.approx(960, abs=60)
        estimator.look_at((320.0, 360.0))
        assert where() == pytest.approx(320, abs=60)
        estimator.look_at((330.0, 330.0))
        assert where() == pytest.approx(320, abs=60)
        estimator.restart()
        assert where() == pytest.approx(960, abs=60)


def test_everybody_is_found_largest_first(model_path: Path, two_people: np.ndarray) -> None:
    with LiteRtEstimator(model_path, people=3) as estimator:
        found = estimator.find_all(Frame(0, 0.0, two_people))

    assert [round(float(hip_px(pose)[0]) / 320) for pose in found] == [3, 1]


def failing(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the networks fail the next so many times."""
    run, left = litert_net._Network.run, [times]

    def fail(self: Any, tensor: np.ndarray) -> dict[str, Any]:
        if left[0]:
            left[0] -= 1
            raise RuntimeError("delegate failed")
        return run(self, tensor)

    monkeypatch.setattr(litert_net._Network, "run", fail)


def test_a_failure_is_repaired_and_the_frame_is_not_lost(
    model_path: Path, runner_frames: list[Frame], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with LiteRtEstimator(model_path) as estimator:
        before = estimator.estimate(runner_frames[0])
        failing(monkeypatch, 1)
        after = estimator.estimate(runner_frames[0])

    # The second look is at the region of the first look's landmarks, no more at the detector's.
    np.testing.assert_allclose(hip_px(after.pose), hip_px(before.pose), atol=15)
    assert "restarted" in caplog.text


def test_a_second_failure_on_the_same_frame_is_raised_and_the_next_frame_works(
    model_path: Path, runner_frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    with LiteRtEstimator(model_path) as estimator:
        failing(monkeypatch, 2)
        with pytest.raises(RuntimeError, match="failed twice on frame 3: delegate failed"):
            estimator.estimate(runner_frames[3])

        assert estimator.estimate(runner_frames[4]).pose.seen


def test_numbers_that_are_none_are_a_loss(
    model_path: Path, runner_frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = litert_net._Network.run

    def broken(self: Any, tensor: np.ndarray) -> dict[str, Any]:
        return {name: values * np.float32(np.nan) for name, values in run(self, tensor).items()}

    with LiteRtEstimator(model_path) as estimator:
        assert estimator.estimate(runner_frames[0]).pose.seen
        with monkeypatch.context() as patch:
            patch.setattr(litert_net._Network, "run", broken)
            assert not estimator.estimate(runner_frames[1]).pose.seen
            assert not estimator.estimate(runner_frames[2]).pose.seen
        assert estimator.estimate(runner_frames[3]).pose.seen


@pytest.mark.parametrize(("width", "height"), [(1277, 719), (720, 1280), (16, 16), (17, 400)])
def test_a_picture_of_any_size_is_read(model_path: Path, width: int, height: int) -> None:
    image = np.full((height, width, 3), 90, np.uint8)

    with LiteRtEstimator(model_path, with_mask=True) as estimator:
        for k in range(4):
            assert not estimator.estimate(Frame(k, k / 30, image)).pose.seen


FORGOTTEN = """
import sys
import numpy as np
from app.coach.types import Frame
from app.pose.litert_estimator import LiteRtEstimator
estimator = LiteRtEstimator(sys.argv[1])
estimator.estimate(Frame(0, 0.0, np.zeros((64, 64, 3), np.uint8)))
estimator.myself = estimator
sys.exit(3)
"""


def test_a_process_that_forgets_to_close_ends_silently(
    run_python: Callable[..., CompletedProcess[str]], model_path: Path
) -> None:
    done = run_python(FORGOTTEN, model_path)

    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize(
    "members",
    [None, {"readme.txt": b"hello"}, {}, {"pose_landmarks_detector.tflite": b"\x1c\0\0\0TFL3" + b"junk" * 1000}],
    ids=["garbage", "wrong members", "no network twice", "junk"],
)
def test_a_bundle_that_is_none_is_told_in_one_line(
    tmp_path: Path, model_path: Path, members: dict[str, bytes] | None, capfd: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.task"
    if members is None:
        own.write_bytes(b"no zip at all")
    else:
        with zipfile.ZipFile(model_path) as sound, zipfile.ZipFile(own, "w") as archive:
            detector = sound.read("pose_detector.tflite")
            # Without others: a sound network, but the wrong one for the landmarks.
            if "readme.txt" not in members:
                members = {"pose_detector.tflite": detector, "pose_landmarks_detector.tflite": detector} | members
            for name, content in members.items():
                archive.writestr(name, content)

    with pytest.raises(WorldError, match=r"cannot be loaded \(.+\): pass a sound one with --model PATH\.$") as caught:
        LiteRtEstimator(own)

    assert "\n" not in str(caught.value)
    assert str(own) in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_platform_without_litert_is_told(model_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litert_net, "available", lambda: False)

    with pytest.raises(WorldError, match="LiteRT is not installed"):
        LiteRtEstimator(model_path)
