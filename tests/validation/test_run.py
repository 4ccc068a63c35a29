"""The chain itself on one tiny scene, the command line, and the motion-capture runner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.coach.errors import WorldError
from app.pose.engine import Engine
from app.validation.mocap import measure_mocap
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
    figures = measure_mocap(str(Path(SHARED or "") / "data" / "mocap"))
    assert set(figures) == {"60 fps", "30 fps"}
    for row in figures.values():
        assert (row["contacts"], row["found"], row["invented"]) == (29, 29, 0)
        assert row["cadence_error_spm"] == pytest.approx(0.0, abs=1.0)
        assert row["initial_contact_mae_ms"] < 15.0


def test_usual_times_leave_out_interruptions_and_keep_rare_work():
    assert usual([1.0] * 18 + [500.0, 0.0]) == pytest.approx(1.0)
    assert usual([0.0, 4.0] * 20) == pytest.approx(2.0)
