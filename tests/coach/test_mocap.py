"""A real treadmill runner with force plates (see `shared/README.md`); skipped where that folder is not given."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from app.coach.geometry import body_from_pose
from app.coach.model import CoachModel
from app.coach.standing import reference_from_recording
from app.coach.types import Facing, RunnerProfile

PROFILE = RunnerProfile(height_cm=181.0)


@pytest.fixture(scope="module")
def summary(mocap):
    standing = [body_from_pose(p, Facing.RIGHT) for p in mocap("runner_a_standing.trc")]
    reference, warning = reference_from_recording(standing, PROFILE)
    assert "leans" in warning  # the arms-out pose of that lab leans back 9.6 deg
    coach = CoachModel(profile=PROFILE, standing=reference)
    for pose in mocap("runner_a_run.trc"):
        coach.update(pose)
    coach.finish()
    return coach.summary()


@pytest.fixture(scope="module")
def true_contacts(mocap_folder) -> list[tuple[float, float]]:
    with (mocap_folder / "runner_a_contacts.csv").open(newline="") as file:
        return [(float(row["initial_contact_s"]), float(row["toe_off_s"])) for row in csv.DictReader(file)]


def test_the_real_runner_is_good(summary):
    assert summary.verdict == "good"
    assert summary.faults == ()
    assert summary.cues == ()
    assert summary.facing is Facing.RIGHT
    assert summary.view == "side"


def test_cadence(summary):
    assert summary.measures["cadence_spm"].value == pytest.approx(174.5, abs=0.5)


def test_all_29_contacts_against_the_force_plates(summary, true_contacts):
    assert len(summary.contacts) == len(true_contacts) == 29
    found = np.array([(c.initial_contact_s, c.toe_off_s) for c in summary.contacts])
    error_ms = 1e3 * (found - np.array(true_contacts))
    initial_contact_ms, toe_off_ms = np.abs(error_ms).mean(axis=0)
    assert initial_contact_ms <= 11.0
    assert toe_off_ms <= 8.0
    assert np.abs(error_ms).max() < 30.0


@pytest.mark.parametrize(
    ("name", "true", "tolerance"),
    [  # biomechanics.md, tables A and D2
        ("trunk_lean_deg", 11.0, 0.7),
        ("hip_flexion_midstance_deg", 29.4, 1.0),
        ("knee_flexion_midstance_deg", 46.0, 1.5),
        ("shank_midstance_deg", 28.0, 1.0),
        ("reach_ll", 0.306, 0.010),
        ("line_offset_bh", -0.002, 0.006),
        ("vertical_oscillation_cm", 7.6, 0.5),
        ("contact_time_ms", 246.0, 8.0),
        ("flight_time_ms", 98.0, 8.0),
        ("peak_below_standing_cm", 6.8, 1.0),
    ],
)
def test_measures_of_the_real_runner(summary, name, true, tolerance):
    assert summary.measures[name].value == pytest.approx(true, abs=tolerance)


def test_without_a_standing_reference_nothing_is_judged_but_much_is_measured(mocap):
    coach = CoachModel(profile=PROFILE)
    for pose in mocap("runner_a_run.trc"):
        coach.update(pose)
    coach.finish()
    summary = coach.summary()
    assert summary.verdict == "not_judged"
    assert "standing" in summary.not_judged_because
    assert summary.measures["cadence_spm"].value == pytest.approx(174.5, abs=1.0)
    assert summary.tunnel is None
