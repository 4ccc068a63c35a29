"""Every act of the virtual runner is named for what it is, by the right cue, in time."""

from __future__ import annotations

import pytest

from app.coach.report import Activity
from app.coach.types import Facing

RUNNING = ["good", "upright", "over_lean", "pelvis_drift", "hip_squeeze", "ankle_lean", "standing_up", "overstride"]
STANCE = [
    ("stance_good", "good"),
    ("stance_upright", "upright"),
    ("stance_over_lean", "over_lean"),
    ("stance_pelvis_drift", "pelvis_drift"),
    ("stance_hip_squeeze", "hip_squeeze"),
    ("stance_ankle_lean", "ankle_lean"),
    ("stance_tall", "tall"),
]
CUE = {
    "upright": "lean",
    "over_lean": "rise",
    "pelvis_drift": "hips_back",
    "hip_squeeze": "push",
    "ankle_lean": "hinge",
    "standing_up": "tunnel",
    "overstride": "land_under",
}


@pytest.mark.parametrize("fps", [30.0, 60.0])
@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
@pytest.mark.parametrize("name", RUNNING)
def test_running_act_gets_its_verdict(act, name, facing, fps):
    ran = act(name, fps=fps, facing=facing)
    assert ran.summary.verdict == name
    assert ran.summary.facing is facing
    assert ran.summary.mode == "run"


@pytest.mark.parametrize("name", RUNNING[1:])
def test_fault_is_spoken_of_within_ten_steps_of_settled_running(act, name):
    ran = act(name)
    first = ran.cues()[0]
    assert first.id == CUE[name]
    assert first.because == name
    assert 6 <= len(first.steps) <= 8, "the cue keeps the steps that caused it"
    known = [s for s in ran.summary.steps if s.t_s <= first.t_s]
    assert len(known) <= 11


def test_good_running_is_met_with_silence(act):
    ran = act("good", seconds=60.0)
    assert ran.cues() == []
    assert ran.summary.faults == ()
    assert ran.summary.tunnel.hits <= 0.05 * ran.summary.tunnel.steps


@pytest.mark.parametrize(("name", "verdict"), STANCE)
@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_stance_act_gets_its_verdict(act, name, verdict, facing):
    ran = act(name, facing=facing, seconds=10.0)
    assert ran.summary.stance_verdict == verdict
    assert ran.summary.mode == "stance"
    assert ran.summary.contacts == ()


def test_good_stance_is_praised_once_and_not_corrected(act):
    assert [c.id for c in act("stance_good", seconds=12.0).cues()] == ["praise"]


def test_mirrored_runner_gets_mirrored_numbers(act):
    right, left = act("pelvis_drift"), act("pelvis_drift", facing=Facing.LEFT)
    assert len(right.summary.steps) == len(left.summary.steps)
    for a, b in zip(right.summary.steps, left.summary.steps, strict=True):
        assert a.trunk_lean_deg == pytest.approx(b.trunk_lean_deg, abs=1e-6)
        assert a.line_offset_bh == pytest.approx(b.line_offset_bh, abs=1e-9)
        assert a.reach_ll == pytest.approx(b.reach_ll, abs=1e-9)
    width = right.scene.landmarks_at(0.0).image_size_px[0]
    ear_right, ear_left = right.reports[200].line.ear_px, left.reports[200].line.ear_px
    assert ear_right[0] == pytest.approx(width - 1 - ear_left[0], abs=1e-6)
    assert ear_right[1] == pytest.approx(ear_left[1], abs=1e-6)


@pytest.mark.parametrize("name", RUNNING)
def test_dropping_every_third_frame_changes_no_verdict(act, name):
    assert act(name, fps=60.0, drop_every=3).summary.verdict == name


@pytest.mark.parametrize("speed_m_s", [2.5, 4.5])
def test_overstride_is_one_at_any_speed_and_good_form_never(act, speed_m_s):
    assert act("overstride", speed_m_s=speed_m_s).summary.verdict == "overstride"
    good = act("good", speed_m_s=speed_m_s)
    assert good.summary.verdict == "good"
    assert good.cues() == []


@pytest.mark.parametrize(("speed_m_s", "height_cm"), [(2.7, 160.0), (4.2, 192.0)])
def test_other_speeds_and_statures_of_good_form_stay_good(act, speed_m_s, height_cm):
    assert act("good", speed_m_s=speed_m_s, height_cm=height_cm).summary.verdict == "good"


def test_measures_are_the_truth(act):
    ran = act("good", fps=60.0)
    measures = ran.summary.measures
    truths = [ran.scene.truth_at(s.t_s) for s in ran.summary.steps]
    lean = sum(t.trunk_lean_deg for t in truths) / len(truths)
    # The step mean is a little less than the lean at midstance, where the trunk is furthest forward.
    assert measures["trunk_lean_deg"].value == pytest.approx(lean, abs=2.0)
    steps_s = [c.initial_contact_s for c in ran.scene.contacts(5.0, 13.0)]
    cadence = 60.0 * (len(steps_s) - 1) / (steps_s[-1] - steps_s[0])
    assert measures["cadence_spm"].value == pytest.approx(cadence, abs=1.0)


def test_every_contact_is_found_and_none_invented(act):
    ran = act("good", fps=60.0)
    true = ran.scene.contacts(5.0, 13.0)
    found = [c for c in ran.summary.contacts if 4.9 <= c.initial_contact_s <= 13.1]
    late_s = [min((f.initial_contact_s - t.initial_contact_s for f in found), key=abs) for t in true]
    assert max(abs(s) for s in late_s) < 0.040
    assert abs(len(found) - len(true)) <= 1  # one may straddle either end of the window


def test_standing_then_running_is_told_apart(act):
    ran = act("good")
    first = [r for r in ran.reports if 1.0 < r.t_s < 2.9]
    assert {r.activity for r in first} == {Activity.STANDING}
    assert ran.reports[-1].activity is Activity.RUNNING
    assert ran.summary.standing_source == "recorded"


@pytest.mark.parametrize(("fps", "latest_s"), [(60.0, 0.15), (30.0, 0.201)])
def test_a_roof_hit_is_known_within_a_fifth_of_a_second_of_the_apex(act, fps, latest_s):
    """The bump must sound within about 0.2 s of the apex; the finished step comes too late for it."""
    ran = act("standing_up", fps=fps)
    hits_s = [r.t_s for r in ran.reports if r.roof_hit]
    assert len(hits_s) >= 12
    heights = {r.t_s: -r.sample.head_below_standing_bh for r in ran.reports}
    late_s = []
    for hit_s in hits_s:
        before = {t: y for t, y in heights.items() if hit_s - 0.25 < t <= hit_s}
        late_s.append(hit_s - max(before, key=before.__getitem__))
    assert max(late_s) <= latest_s
