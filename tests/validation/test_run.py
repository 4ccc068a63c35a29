"""The chain itself on one tiny scene, the command line, and the motion-capture runner."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from app.coach.errors import WorldError
from app.coach.types import LANDMARK_COUNT, BodyPose, Landmark
from app.pose.engine import Engine
from app.validation.mocap import measure_mocap, stressed
from app.validation.pool import run_scenes
from app.validation.run import usual
from app.validation.scenes import Group, Scene

SHARED = os.environ.get("HINGECOACH_SHARED")


@pytest.mark.model
def test_a_tiny_scene_through_network_refinement_and_coach(model_path):
    scene = Scene("tiny", Group.SIZE, fps=30.0, size_px=(480, 360), body=0.85, seconds=5.8)
    told: list[str] = []
    (result,) = run_scenes([scene], model_path, Engine.MEDIAPIPE, 1, told.append)
    raw, refined = result.raw.scores, result.refined.scores
    assert told == ["tiny"]
    assert raw["head_lag_ms"].value > 12.0
    assert abs(refined["head_lag_ms"].value) < 4.0
    assert refined["head_sd_mm"].value < 0.5 * raw["head_sd_mm"].value
    assert refined["wrong_person_share"].value == 0.0
    assert result.costs.network_ms > 0.0
    assert result.without == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--scene", "moonwalk"), "no scene is called 'moonwalk'"),
        (("--json", "/no/such/folder/x.json"), "/no/such/folder"),
        (("--engine", "abacus"), "--engine"),
        (("--mocap", "/no/such/folder"), "--mocap"),
        (("--jobs", "0"), "--jobs"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(cli, arguments, words):
    code, out, err = cli("validate", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_folder_without_the_runner(tmp_path):
    with pytest.raises(WorldError, match=r"runner_a_run\.trc"):
        measure_mocap(str(tmp_path))


@pytest.mark.skipif(not SHARED, reason="HINGECOACH_SHARED is not set: no motion capture here")
def test_the_motion_capture_runner():
    """Every contact and none invented, at both rates, under all of the stress; an unknown lag of a frame stays in."""
    figures = measure_mocap(str(Path(SHARED or "") / "data" / "mocap"))
    stress = ("", ", noise", ", noise, lag", ", noise, lag known")
    assert list(figures) == [f"{fps} fps{name}" for fps in (60, 30) for name in stress]
    for name, row in figures.items():
        assert (row["contacts"], row["found"], row["invented"]) == (29, 29, 0)
        assert abs(row["cadence_error_spm"]) <= 0.5
        assert abs(row["contact_time_bias_ms"]) <= 8.0
        lag_ms = 1000.0 / float(name.split()[0]) if name.endswith(", lag") else 0.0
        assert row["initial_contact_mae_ms"] <= 11.0 + lag_ms
        # At 30 frames a second the filter that makes the lag also blunts the trunk's rise: 8.4 ms instead of 8.
        assert row["toe_off_mae_ms"] <= 8.0 + lag_ms + (1.0 if name == "30 fps, noise, lag known" else 0.0)


def test_the_stress_is_the_same_every_time_and_as_large_as_said():
    visible = np.ones(LANDMARK_COUNT)
    run = [BodyPose(k / 30.0, np.full((LANDMARK_COUNT, 2), 100.0 * k), visible, (10, 10)) for k in range(3000)]
    one, again = (np.array([pose.xy_px for pose in stressed(run, 1, late=False)]) for _ in range(2))
    assert np.array_equal(one, again)
    off_px = one - np.array([pose.xy_px for pose in run])
    assert off_px[:, Landmark.LEFT_HIP].std() == pytest.approx(10.0, rel=0.05)
    left, right = off_px[:, Landmark.LEFT_ANKLE].std(), off_px[:, Landmark.RIGHT_ANKLE].std()
    # A fifth of the time the near leg carries the far one's noise.
    assert (left, right) == (pytest.approx(14.1, rel=0.05), pytest.approx(11.2, rel=0.05))
    late = np.array([pose.xy_px for pose in stressed(run, 1, late=True)])
    assert (one - late)[100:, Landmark.LEFT_HIP].mean() == pytest.approx(100.0, abs=1.0)


def test_usual_times_leave_out_interruptions_and_keep_rare_work():
    assert usual([1.0] * 18 + [500.0, 0.0]) == pytest.approx(1.0)
    assert usual([0.0, 4.0] * 20) == pytest.approx(2.0)
