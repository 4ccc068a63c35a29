"""What is said and when, and why nothing is: the cue policy, stepped by hand and behind the judge."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from app.coach.dose import Dose
from app.coach.faults import FaultJudge
from app.coach.model import CoachModel
from app.coach.policy import (
    CHANGING,
    CLEAR_STEPS,
    CORRECTING,
    EXPIRES_S,
    GIVE_UP_SILENCE_S,
    GIVEN_UP,
    HOLD_STEPS,
    ON_TARGET,
    REFRACTORY_S,
    ROOF_WAITS,
    TOO_NEW,
    TOO_SOON,
    UNCERTAIN,
    CuePolicy,
    Finding,
)
from app.coach.report import ActiveFault, Cue, FaultId, Hold, Mode, StanceValues, Step
from app.coach.rules import default_rules
from app.coach.tunnel import TunnelTracker
from app.coach.types import RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

NAN = float("nan")
GOOD_STEP = Step(
    t_s=0.0,
    push_off_s=0.1,
    initial_contact_s=-0.1,
    toe_off_s=0.15,
    side="unknown",
    peak_below_standing_bh=0.012,
    trough_below_standing_bh=0.055,
    trunk_lean_deg=11.5,
    hip_flexion_deg=30.0,
    knee_flexion_deg=45.0,
    shank_deg=28.0,
    line_offset_bh=-0.004,
    line_angle_deg=11.0,
    reach_ll=0.28,
    vertical_oscillation_bh=0.043,
    duration_s=0.35,
    hit=False,
    reach_of_travel=0.31,
)
WOBBLE = (0.6, -0.4, 0.1, -0.6, 0.4, -0.1)


def upright_step(lean_deg: float = 2.0) -> Step:
    return replace(GOOD_STEP, trunk_lean_deg=lean_deg, hip_flexion_deg=lean_deg + 19.0, trough_below_standing_bh=0.044)


def finding(steps: int = HOLD_STEPS, certain: bool = True, fault: FaultId = FaultId.UPRIGHT) -> Finding:
    return Finding(ActiveFault(fault, 2.0, 6.0, "deg", steps), (1, 2, 3), (2.1, 1.9, 2.0), certain)


def roof() -> Finding:
    return Finding(ActiveFault(FaultId.STANDING_UP, 0.4, 1.4, "bh_pct", 3), (2, 4, 5), (0.5, 0.4, 0.1))


class Running:
    """A judge, a roof and a policy, fed with steps of a third of a second."""

    def __init__(self, roof_hits: bool = False) -> None:
        self.judge, self.tunnel, self.policy = FaultJudge(), TunnelTracker(0.014), CuePolicy()
        self.tunnel.too_many_hits = roof_hits
        self.steps: list[Step] = []
        self.cues: list[tuple[int, Cue]] = []

    def run(self, steps: list[Step], quiet_because: str = "") -> Running:
        for step in steps:
            lean = step.trunk_lean_deg + WOBBLE[len(self.steps) % len(WOBBLE)]
            step = replace(step, trunk_lean_deg=lean, t_s=0.35 * len(self.steps))
            self.steps.append(step)
            self.judge.add_step(step)
            cue = self.policy.after_step(step.t_s, self.judge, self.tunnel, self.steps, quiet_because)
            if cue is not None:
                self.cues.append((len(self.steps), cue))
        return self


# ------------------------------------------------------------------ when


def test_a_fault_that_comes_in_after_good_running_is_cued_at_its_eighth_step():
    run = Running().run([GOOD_STEP] * 30).run([upright_step()] * 8)
    assert [(number, cue.because) for number, cue in run.cues] == [(38, "upright")]


def test_a_fault_that_is_there_from_the_start_is_cued_at_the_eighth_step():
    assert [number for number, _ in Running().run([upright_step()] * 9).cues] == [8]


def test_it_is_said_why_a_fault_is_not_spoken_of_yet():
    assert Running().run([upright_step()] * 7).policy.unsaid == TOO_NEW
    near = Running().run([upright_step(5.97)] * 12)
    assert near.judge.label is FaultId.UPRIGHT
    assert near.cues == []
    assert near.policy.unsaid == UNCERTAIN
    assert Running().run([GOOD_STEP] * 12).policy.unsaid == ON_TARGET


def test_every_cue_keeps_its_evidence():
    _, cue = Running().run([upright_step()] * 8).cues[0]
    assert cue.steps == tuple(range(1, 9))
    assert cue.values == pytest.approx([2.0 + WOBBLE[k % 6] for k in range(8)])
    assert (cue.threshold, cue.unit) == (6.0, "deg")
    assert cue.value == pytest.approx(2.0, abs=0.2)
    assert cue.expires_s == cue.t_s + EXPIRES_S


def test_cues_keep_their_distance_in_time():
    policy = CuePolicy()
    assert policy.running(10.0, finding(), None, FaultId.UPRIGHT) is not None
    assert policy.running(10.0 + REFRACTORY_S - 0.1, finding(), None, FaultId.UPRIGHT) is None
    assert policy.unsaid == TOO_SOON
    assert policy.running(10.0 + REFRACTORY_S, finding(), None, FaultId.UPRIGHT) is not None
    assert policy.unsaid == ""


def test_unheard_cue_changes_its_words_then_gives_up_for_a_minute():
    policy = CuePolicy()
    said = [
        (t, cue.spoken)
        for t in (0.5 * k for k in range(480))
        if (cue := policy.running(t, finding(), None, FaultId.UPRIGHT)) is not None
    ]
    spoken = default_rules().cues[FaultId.UPRIGHT].spoken
    assert [words for _, words in said[:6]] == [spoken[0]] * 3 + [spoken[1]] * 3
    assert said[6][0] - said[5][0] >= GIVE_UP_SILENCE_S
    policy.running(said[5][0] + 30.0, finding(), None, FaultId.UPRIGHT)
    assert policy.unsaid == GIVEN_UP


def test_praise_on_return_comes_once():
    policy = CuePolicy()
    assert policy.running(0.0, None) is None
    assert policy.running(1.0, finding(), None, FaultId.UPRIGHT) is not None
    times_s = [5.1 + 0.3 * k for k in range(CLEAR_STEPS)]
    assert [policy.running(t_s, None) for t_s in times_s[:-1]] == [None] * (CLEAR_STEPS - 1)
    praise = policy.running(times_s[-1], None)
    assert praise is not None
    assert praise.id == "praise"
    assert policy.running(60.0, None) is None


def test_a_single_clear_step_neither_praises_nor_starts_the_nagging_anew():
    policy = CuePolicy()
    said = []
    for k in range(600):
        cue = policy.running(k / 3.0, None if k % 12 == 0 else finding(), None, FaultId.UPRIGHT)
        if cue is not None:
            said.append(cue)
    assert "praise" not in [cue.id for cue in said]
    assert said[6].t_s - said[5].t_s >= GIVE_UP_SILENCE_S, "six times in two wordings, then a minute of silence"


# ------------------------------------------------------------------ the roof


def test_roof_hits_alone_are_cued_as_the_tunnel_with_the_steps_that_hit():
    hit = replace(GOOD_STEP, peak_below_standing_bh=0.004, hit=True)
    run = Running(roof_hits=True)
    run.policy.refractory_s = 0.0
    run.run([GOOD_STEP, hit, GOOD_STEP, hit, hit, GOOD_STEP])
    assert [number for number, _ in run.cues] == [4, 5, 6], "a roof that too few of the steps hit is not spoken of"
    _, cue = run.cues[-1]
    assert cue.id == "tunnel"
    assert cue.steps == (2, 4, 5)
    assert cue.values == pytest.approx((0.4, 0.4, 0.4))
    assert (cue.threshold, cue.unit) == (pytest.approx(1.4), "bh_pct")


def test_the_fault_that_is_on_explains_the_hits():
    cue = Running(roof_hits=True).run([upright_step()] * 8).cues[0][1]
    assert cue.because == "upright"


def test_hits_wait_while_a_fault_is_about_to_come():
    run = Running().run([GOOD_STEP] * 20)
    risen = replace(upright_step(), hit=True)
    run.run([risen] * 2)
    run.tunnel.too_many_hits = True
    run.run([risen])
    assert run.cues == []
    assert run.policy.unsaid == ROOF_WAITS
    assert [cue.because for _, cue in run.run([upright_step()] * 5).cues] == ["upright"]


def test_one_fault_waits_while_it_turns_into_another():
    policy = CuePolicy()
    assert policy.running(1.0, finding(), None, FaultId.PELVIS_DRIFT) is None
    assert policy.unsaid == CHANGING
    assert policy.running(1.3, finding(), None, FaultId.UPRIGHT) is not None


@pytest.mark.parametrize("better", [2, 3])
def test_who_has_just_corrected_himself_is_not_told_any_more(better):
    run = Running()
    run.policy._last_s = 0.35 * (14 + better - 1) - REFRACTORY_S  # the voice is free again only now
    run.run([upright_step()] * 14).run([GOOD_STEP] * better)
    assert run.judge.label is FaultId.UPRIGHT, "the medians still have it"
    assert run.cues == []
    assert run.policy.unsaid == CORRECTING


def test_evidence_is_of_the_steps_that_decided():
    turned = replace(GOOD_STEP, head_turned=True, trunk_lean_deg=NAN)
    run = Running().run([upright_step()] * 4)
    for k in range(3):
        run.steps.append(replace(turned, t_s=0.35 * (4 + k)))
    _, cue = run.run([upright_step()] * 4).cues[0]
    assert cue.steps == (1, 2, 3, 4, 8, 9, 10, 11)
    assert all(value < 3.0 for value in cue.values)


def test_another_run_owes_nothing_to_the_one_before():
    policy = CuePolicy()
    assert policy.running(1.0, finding(), None, FaultId.UPRIGHT) is not None
    assert [policy.running(30.0 + 0.35 * k, None) for k in range(10)] == [None] * 10
    quiet = CuePolicy()
    for t_s in (0.0, 20.0, 40.0):
        quiet._step_s = t_s
        assert quiet.running(t_s, finding(), None, FaultId.UPRIGHT) is not None
    for k in range(CLEAR_STEPS):
        quiet.running(41.0 + 0.35 * k, None, quiet_because="a minute without feedback")
    again = quiet.running(60.0, finding(), None, FaultId.UPRIGHT)
    assert again is not None
    assert again.spoken == default_rules().cues[FaultId.UPRIGHT].spoken[0]


def test_hits_in_good_form_do_not_wait():
    policy = CuePolicy()
    cue = policy.running(1.0, None, roof(), None)
    assert cue is not None
    assert policy.running(30.0, None, roof(), FaultId.UPRIGHT) is None


# ------------------------------------------------------------------ the dose


def test_a_quiet_minute_says_nothing_and_why():
    run = Running().run([upright_step()] * 30, quiet_because="a minute without feedback")
    assert run.cues == []
    assert run.policy.unsaid == "a minute without feedback"
    assert run.policy.about is FaultId.UPRIGHT


@pytest.mark.parametrize(("dose", "said"), [(Dose(), True), (Dose(session=1, planned_s=None), True), (Dose(8), False)])
def test_the_model_heeds_the_dose(dose, said):
    params = RunnerParams(act=Act.UPRIGHT, seed=3)
    scene = VirtualScene(params, Camera.framing())
    coach = CoachModel(mode=Mode.RUN, profile=RunnerProfile(178.0), dose=dose)
    # Session 8 speaks in its first minute: the seconds of running are moved into the second.
    coach._summary.activity_s[next(a for a in coach._summary.activity_s if a == "running")] = 61.0
    reports = [coach.update(scene.landmarks_at(k / 30.0)) for k in range(13 * 30)]
    faults = [report.cue for report in reports if report.cue is not None and report.cue.because]
    assert bool(faults) is said
    assert any(report.faults for report in reports), "judged and shown all the same"
    reasons = {reason for _, reason in coach.summary().unsaid}
    assert any("without feedback" in reason for reason in reasons) is not said


# ------------------------------------------------------------------ stance, words


def test_a_good_hold_is_praised_once_after_three_seconds():
    policy = CuePolicy()
    values = StanceValues(*[NAN] * 10)
    said = []
    for k in range(100):
        cue = policy.holding(10.0 + 0.1 * k, Hold(10.0, 10.0 + 0.1 * k, "good", values), None)
        if cue is not None:
            said.append((cue.t_s - 10.0, cue.id))
    assert said == [(pytest.approx(3.0, abs=0.11), "praise")]
    again = [policy.holding(40.0 + 0.1 * k, Hold(40.0, 40.0 + 0.1 * k, "good", values), None) for k in range(60)]
    assert sum(cue is not None for cue in again) == 1, "the next hold is praised anew"


def test_catalogue_is_whole_and_speaks_of_the_world_not_of_joints():
    rules = default_rules()
    assert set(rules.cues) == set(FaultId)
    assert set(rules.running) == set(FaultId) - {FaultId.TALL, FaultId.NO_STAGGER}
    joint_talk = ("knee", "ankle", "pelvis", "flex", "extend", "joint", "femur", "glute", "degree", "angle")
    for cue in rules.all_cues:
        for words in (*cue.spoken, cue.shown, cue.image):
            assert not any(word in words.lower() for word in joint_talk), words
        assert all(len(words.split()) <= 8 for words in cue.spoken)


def test_priorities_are_those_of_the_coaching_page():
    order = ["standing_up", "pelvis_drift", "hip_squeeze", "ankle_lean", "upright", "over_lean", "overstride"]
    cues = default_rules().cues
    priorities = [cues[FaultId(name)].priority for name in order]
    assert all(a < b for a, b in itertools.pairwise(priorities))


def test_the_silent_minute_is_scored_and_nothing_is_said_in_it():
    params = RunnerParams(act=Act.UPRIGHT, seed=4)
    scene = VirtualScene(params, Camera.framing())
    coach = CoachModel(mode=Mode.RUN, profile=RunnerProfile(178.0), dose=Dose(planned_s=180.0))
    running = next(a for a in coach._summary.activity_s if a == "running")
    coach._summary.activity_s[running] = 119.0
    reports = [coach.update(scene.landmarks_at(k / 30.0)) for k in range(14 * 30)]
    assert not [report.cue for report in reports if report.cue is not None and report.cue.because]
    kept = coach.summary().retention
    assert kept is not None
    assert kept.steps > 10
    assert kept.good_share == 0.0
