"""A chain's scores where its poses are the truth, and the truth spoilt in one known way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.coach.types import BodyPose, Doubt, Landmark
from app.validation.scenes import SCENES, Group, Scene
from app.validation.score import Truths, outcome

SCENE = Scene("plain", Group.PLAIN, fps=30.0, seconds=11.0)
LEGS = [Landmark[f"{side}_{name}"] for name in ("KNEE", "ANKLE", "HEEL", "TOE") for side in ("LEFT", "RIGHT")]
SWAPPED = [LEGS[i ^ 1] for i in range(len(LEGS))]


@pytest.fixture(scope="module")
def truths() -> Truths:
    return Truths.of(SCENE)


@pytest.fixture(scope="module")
def true_poses() -> list[BodyPose]:
    virtual = SCENE.virtual()
    return [virtual.landmarks_at(float(t)) for t in SCENE.times_s()]


def spoilt(poses, change):
    out = []
    for k, pose in enumerate(poses):
        xy = pose.xy_px.copy()
        change(k, pose.t_s, xy)
        out.append(replace(pose, xy_px=xy))
    return out


def values(truths, poses, scene=SCENE):
    return {name: score.value for name, score in outcome(scene, truths, poses).scores.items()}


def test_the_truth_scores_perfectly(truths, true_poses):
    found = outcome(SCENE, truths, true_poses)
    assert found.verdict == "good"
    scores = {name: score.value for name, score in found.scores.items()}
    for name in ("head_lag_ms", "trunk_lag_ms", "head_sd_mm", "head_peak_sd_mm", "head_drop_error_mm"):
        assert scores[name] == pytest.approx(0.0, abs=1e-6), name
    for name, value in scores.items():
        if "wrong" in name or "false" in name or "ruined" in name or "unmeasured" in name:
            assert value == 0.0, name
    assert scores["steps_found_share"] == 1.0
    assert scores["steps_invented_share"] == 0.0
    assert scores["lean_bias_deg"] == pytest.approx(0.0, abs=0.6)
    assert scores["lean_in_image_bias_deg"] == pytest.approx(0.0, abs=1e-6)
    assert scores["lean_true_deg"] == pytest.approx(11.6, abs=0.8)
    assert scores["knee_bias_deg"] == pytest.approx(0.0, abs=2.0)
    assert scores["midstance_late_ms"] == pytest.approx(0.0, abs=20.0)
    assert scores["knee_bias_at_its_instant_deg"] == pytest.approx(0.0, abs=1.0)
    assert scores["hip_bias_at_its_instant_deg"] == pytest.approx(0.0, abs=1.0)
    assert scores["hip_bias_deg"] == pytest.approx(0.0, abs=5.0)  # the coach's clock is late, and the hip opens


def test_a_shrunken_fall_and_noise_of_the_head(truths, true_poses):
    rng = np.random.default_rng(1)

    def change(k, t_s, xy):
        xy[Landmark.HEAD_TOP, 1] += rng.normal(0.0, 2.0) - (5.0 if t_s > 3.5 else 0.0)

    found = values(truths, spoilt(true_poses, change))
    assert found["head_sd_mm"] == pytest.approx(2.0 * truths.mm_per_px, rel=0.1)
    assert found["head_drop_error_mm"] == pytest.approx(-5.0 * truths.mm_per_px, abs=1.5)
    assert 0.3 * found["head_sd_mm"] < found["head_peak_sd_mm"] < found["head_sd_mm"]


def test_without_a_head_top_the_ears_are_taken(truths, true_poses):
    def change(k, t_s, xy):
        xy[Landmark.HEAD_TOP] = np.nan
        xy[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR], 1] += 3.0 * (-1) ** k

    found = values(truths, spoilt(true_poses, change))
    assert found["head_sd_mm"] == pytest.approx(3.0 * truths.mm_per_px, rel=0.01)


def test_every_fifth_frame_swapped(truths, true_poses):
    def change(k, t_s, xy):
        if k % 5 == 0:
            xy[LEGS] = xy[SWAPPED]

    found = values(truths, spoilt(true_poses, change))
    assert found["left_right_wrong_share"] == pytest.approx(0.2, abs=0.04)
    assert found["front_rear_wrong_share"] == 0.0


def test_what_the_chain_doubts_is_unmeasured_and_not_wrong(truths, true_poses):
    def change(k, t_s, xy):
        if k % 5 == 0:
            xy[LEGS] = xy[SWAPPED]

    poses = [
        replace(pose, doubts=frozenset({Doubt.LEGS_CROSSING})) if k % 5 == 0 else pose
        for k, pose in enumerate(spoilt(true_poses, change))
    ]
    found = values(truths, poses)
    assert found["left_right_wrong_share"] == 0.0
    assert found["legs_unmeasured_share"] == pytest.approx(0.2, abs=0.02)


def test_turned_trunk(truths, true_poses):
    """Shoulders moved forward by a tenth of the trunk, in running only: 5.7 deg less the cosine of the lean."""

    def change(k, t_s, xy):
        if t_s > 3.5:
            xy[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER], 0] += 0.1 * trunk_px

    trunk_px = float(np.median(truths.series.trunk_px()))
    found = values(truths, spoilt(true_poses, change))
    assert found["lean_bias_deg"] == pytest.approx(5.6, abs=0.7)
    assert found["lean_in_image_bias_deg"] == pytest.approx(5.6, abs=0.3)


def test_somebody_elses_body(truths, true_poses):
    def change(k, t_s, xy):
        if 4.5 <= t_s < 6.5:
            xy[:, 0] += 200.0

    found = values(truths, spoilt(true_poses, change))
    assert found["wrong_person_share"] == pytest.approx(2.0 / SCENE.seconds, abs=0.01)


def test_nobody_is_not_somebody_else(truths, true_poses):
    poses = [BodyPose.nobody(pose.t_s, pose.image_size_px) if 4.5 <= pose.t_s < 6.5 else pose for pose in true_poses]
    found = values(truths, poses)
    assert found["wrong_person_share"] == 0.0
    assert found["nobody_share"] == pytest.approx(2.0 / SCENE.seconds, abs=0.01)
    assert found["steps_found_share"] < 0.9


def test_events_are_counted_where_they_are():
    scene = replace(next(s for s in SCENES if s.name == "head-turn-right"), seconds=8.0)
    truths = Truths.of(scene)
    virtual = scene.virtual()
    poses = []
    for t in scene.times_s():
        flagged = frozenset({Doubt.HEAD_TURNED}) if 5.55 <= t < 6.25 else frozenset()
        poses.append(replace(virtual.landmarks_at(float(t)), doubts=flagged))
    found = values(truths, poses, scene)
    assert found["turn_found_share"] == pytest.approx(0.5, abs=0.06)
    assert found["turn_false_share"] == 0.0
    assert found["bump_false_share"] == 0.0


def test_a_perfectly_measured_rise_is_noticed():
    scene = next(s for s in SCENES if s.name == "rise-left-30")
    virtual = scene.virtual()
    found = values(Truths.of(scene), [virtual.landmarks_at(float(t)) for t in scene.times_s()], scene)
    assert found["rise_caught_by_mean_of_three_peaks_share"] == 1.0
    assert found["rise_false_calls_by_mean_of_three_peaks"] == 0.0
