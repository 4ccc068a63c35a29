"""The adapter's own promises: repair after a failure, no hang, no traceback, no chatter, raw landmarks."""

from __future__ import annotations

import gc
import zipfile
from typing import TYPE_CHECKING

import mediapipe as mp
import numpy as np
import pytest
from mediapipe.tasks.python.vision.pose_landmarker import PoseLandmarker

from app.coach.errors import WorldError
from app.coach.types import Frame, Landmark
from app.pose.mediapipe_estimator import MediaPipeEstimator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from app.pose.estimator import Estimate

pytestmark = pytest.mark.model


def poison(estimator: MediaPipeEstimator) -> None:
    """Make the native graph fail for good, as a grayscale picture does."""
    landmarker = estimator._landmarker
    gray = mp.Image(image_format=mp.ImageFormat.GRAY8, data=np.zeros((64, 64), np.uint8))
    landmarker._frames += 1
    with pytest.raises((RuntimeError, ValueError)):
        landmarker._native.detect_for_video(gray, landmarker._frames * 1_000_000)


def ear_px(estimate: Estimate) -> np.ndarray:
    return (estimate.pose[Landmark.LEFT_EAR] + estimate.pose[Landmark.RIGHT_EAR]) / 2


def test_the_mask_covers_the_runner(model_path: Path, runner_frames: list[Frame]) -> None:
    with MediaPipeEstimator(model_path, with_mask=True) as estimator:
        estimate = [estimator.estimate(frame) for frame in runner_frames[:3]][-1]

    assert estimate.mask is not None
    assert estimate.mask.values.dtype == np.float32
    assert estimate.mask.values.shape == (720, 1280)
    assert 0.0 <= estimate.mask.values.min() <= estimate.mask.values.max() <= 1.0
    hip_x, hip_y = (estimate.pose[Landmark.LEFT_HIP] + estimate.pose[Landmark.RIGHT_HIP]) / 2
    assert estimate.mask.values[round(hip_y), round(hip_x)] > 0.9
    assert estimate.mask.values[10, 10] < 0.1


@pytest.mark.parametrize(("width", "height"), [(1279, 720), (1278, 719), (1277, 720), (1268, 717)])
def test_a_picture_of_any_size_gives_its_mask(
    model_path: Path, runner_frames: list[Frame], width: int, height: int
) -> None:
    """Widths that are no multiple of four abort the process where they reach MediaPipe's mask as they are."""
    whole = runner_frames[0]
    assert whole.image_bgr is not None
    cut = Frame(0, 0.0, np.ascontiguousarray(whole.image_bgr[:height, :width]))

    with MediaPipeEstimator(model_path, with_mask=True) as estimator:
        expected = estimator.estimate(whole)
    with MediaPipeEstimator(model_path, with_mask=True) as estimator:
        estimate = estimator.estimate(cut)

    assert estimate.mask is not None
    assert expected.mask is not None
    assert estimate.mask.values.shape == (height, width)
    assert estimate.pose.image_size_px == (width, height)
    np.testing.assert_allclose(ear_px(estimate), ear_px(expected), atol=3)
    differs = (estimate.mask.values > 0.5) != (expected.mask.values[:height, :width] > 0.5)
    assert differs.sum() < 0.05 * (expected.mask.values > 0.5).sum()


def test_blazepose_knows_no_crown(model_path: Path, runner_frames: list[Frame]) -> None:
    with MediaPipeEstimator(model_path) as estimator:
        pose = estimator.estimate(runner_frames[0]).pose

    assert np.isnan(pose[Landmark.HEAD_TOP]).all()
    assert np.isfinite(np.delete(pose.xy_px, Landmark.HEAD_TOP, axis=0)).all()


def test_a_failed_graph_is_replaced_and_the_frame_is_not_lost(
    model_path: Path, runner_frames: list[Frame], caplog: pytest.LogCaptureFixture
) -> None:
    with MediaPipeEstimator(model_path) as estimator:
        before = estimator.estimate(runner_frames[0])
        poison(estimator)
        after = estimator.estimate(runner_frames[0])

    np.testing.assert_allclose(ear_px(after), ear_px(before), atol=5)
    assert "restarted" in caplog.text


def test_a_second_failure_on_the_same_frame_is_raised_and_the_next_frame_works(
    model_path: Path, runner_frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("graph has errors")

    with MediaPipeEstimator(model_path) as estimator:
        with monkeypatch.context() as broken:
            broken.setattr(PoseLandmarker, "detect_for_video", fail)
            with pytest.raises(RuntimeError, match="failed twice on frame 3: graph has errors"):
                estimator.estimate(runner_frames[3])

        assert estimator.estimate(runner_frames[4]).pose.seen


def test_a_refused_picture_does_no_harm(model_path: Path, runner_frames: list[Frame]) -> None:
    with MediaPipeEstimator(model_path) as estimator:
        with pytest.raises(ValueError, match="expected"):
            estimator.estimate(Frame(0, 0.0, np.zeros((1, 1, 3), np.uint8)))

        assert estimator.estimate(runner_frames[0]).pose.seen


def test_the_filters_clock_never_runs_out(model_path: Path, runner_frames: list[Frame]) -> None:
    with MediaPipeEstimator(model_path, max_frames=3) as estimator:
        natives = []
        for frame in runner_frames[:7]:
            assert estimator.estimate(frame).pose.seen
            natives.append(estimator._landmarker._native)

    assert [natives.index(native) for native in natives] == [0, 0, 0, 3, 3, 3, 6]


def test_one_dropped_in_a_reference_cycle_is_closed_by_the_collector(
    model_path: Path, runner_frames: list[Frame]
) -> None:
    class Window:
        def __init__(self) -> None:
            self.estimator = MediaPipeEstimator(model_path)
            self.myself = self

    window = Window()
    assert window.estimator.estimate(runner_frames[0]).pose.seen
    landmarker = window.estimator._landmarker
    native = landmarker._native
    del window

    gc.collect()

    assert landmarker._native is None
    assert native._handle is None


FORGOTTEN = """
import sys
import numpy as np
from app.coach.types import Frame
from app.pose.mediapipe_estimator import MediaPipeEstimator
estimator = MediaPipeEstimator(sys.argv[1])
frame = Frame(0, 0.0, np.zeros((64, 64, 3), np.uint8))
estimator.estimate(frame)
"""


@pytest.mark.parametrize(
    ("ending", "code"),
    [("", 0), ("estimator.myself = estimator", 0), ("estimator.close()", 0), ("sys.exit(3)", 3)],
    ids=["forgotten", "in a cycle", "closed", "exit"],
)
def test_a_process_ends_at_once_and_silently(
    run_python: Callable[..., CompletedProcess[str]], model_path: Path, ending: str, code: int
) -> None:
    done = run_python(FORGOTTEN + ending, model_path)

    assert (done.returncode, done.stderr) == (code, "")


POISONED = """
import mediapipe as mp
try:
    gray = mp.Image(mp.ImageFormat.GRAY8, np.zeros((64, 64), np.uint8))
    estimator._landmarker._native.detect_for_video(gray, 10**9)
except (RuntimeError, ValueError):
    print("poisoned")
"""


def test_a_process_with_a_failed_graph_ends_without_a_traceback(
    run_python: Callable[..., CompletedProcess[str]], model_path: Path
) -> None:
    done = run_python(FORGOTTEN + POISONED, model_path)

    assert (done.returncode, done.stdout) == (0, "poisoned\n")
    assert "Traceback" not in done.stderr


def test_a_path_of_any_letters_works(model_path: Path, tmp_path: Path, empty_frame: Frame) -> None:
    own = tmp_path / "läufer 走る"
    own.mkdir()
    (own / "модель.task").write_bytes(model_path.read_bytes())

    with MediaPipeEstimator(own / "модель.task") as estimator:
        assert not estimator.estimate(empty_frame).pose.seen


@pytest.mark.parametrize("content", [b"", b"no zip at all", None], ids=["empty", "garbage", "wrong members"])
def test_a_bundle_that_is_none_is_told_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    own = tmp_path / "own.task"
    if content is None:
        with zipfile.ZipFile(own, "w") as archive:
            archive.writestr("readme.txt", "hello")
    else:
        own.write_bytes(content)

    with pytest.raises(WorldError, match="cannot be loaded") as caught:
        MediaPipeEstimator(own)

    assert "\n" not in str(caught.value)
    assert str(own) in str(caught.value)


def test_networks_of_junk_are_told_once_and_with_what_helps(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINGECOACH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    own, cached = tmp_path / "own.task", tmp_path / "cache" / "pose_landmarker_full.task"
    for path, advice in ((own, ": pass a sound one"), (cached, ": run 'hingecoach model fetch' or pass a sound one")):
        with zipfile.ZipFile(path, "w") as archive:
            for member in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
                archive.writestr(member, b"\x1c\0\0\0TFL3" + b"junk" * 1000)
        with pytest.raises(WorldError, match="cannot be loaded") as caught:
            MediaPipeEstimator(path)
        assert str(caught.value).endswith(f"){advice} with --model PATH.")
    assert capfd.readouterr().err == ""
