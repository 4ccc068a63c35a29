"""The tunnel's roof and the cue policy, stepped by hand."""

from __future__ import annotations

import pytest

from app.coach.cues import ALL_CUES, EXPIRES_S, FAULT_CUES, GIVE_UP_SILENCE_S, REFRACTORY_S, CuePolicy
from app.coach.faults import FAULTS, StepMedians, label_of
from app.coach.report import ActiveFault, FaultId
from app.coach.tunnel import LOWER_EVERY_STEPS, TunnelTracker, goal_below_standing_bh

GOOD = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.30)


def fault(fault_id: FaultId = FaultId.UPRIGHT, steps: int = 8) -> ActiveFault:
    return ActiveFault(fault_id, 2.0, 6.0, "deg", steps)


def test_goal_is_an_inch_of_the_runners_own_height():
    assert goal_below_standing_bh(2.54, 182.9) == pytest.approx(0.0139, abs=1e-4)


def test_runner_already_below_the_goal_keeps_his_own_roof():
    tunnel = TunnelTracker(0.014)
    for _ in range(30):
        assert not tunnel.add_step(0.037, green=True)
    assert tunnel.personal
    assert tunnel.roof_bh == pytest.approx(0.037 - 0.009)
    assert tunnel.add_step(0.020, green=True), "under the goal, yet through his own roof"


def test_tall_runner_starts_under_his_own_roof_and_is_lowered_to_the_goal_and_no_further():
    tunnel = TunnelTracker(0.014)
    for _ in range(24):
        tunnel.add_step(0.002, green=True)
    start = tunnel.roof_bh
    assert start == pytest.approx(0.002 - 0.009)
    for _ in range(LOWER_EVERY_STEPS):
        tunnel.add_step(0.030, green=True)
    assert tunnel.roof_bh == pytest.approx(start + 0.0015)
    for _ in range(100 * LOWER_EVERY_STEPS):
        tunnel.add_step(0.030, green=True)
    assert tunnel.roof_bh == pytest.approx(0.014)


def test_faulty_steps_make_no_roof():
    tunnel = TunnelTracker(0.014)
    hits = [tunnel.add_step(0.0, green=False) for _ in range(40)]
    assert not tunnel.personal
    assert tunnel.roof_bh == 0.014
    assert sum(hits) == 40 - 11
    assert tunnel.too_many_hits


def test_three_hits_of_eight_switch_on_and_one_switches_off():
    tunnel = TunnelTracker(0.014)
    for _ in range(24):
        tunnel.add_step(0.020, green=True)
    for _ in range(2):
        tunnel.add_step(-0.02, green=False)
    assert not tunnel.too_many_hits
    tunnel.add_step(-0.02, green=False)
    assert tunnel.too_many_hits
    for _ in range(5):
        tunnel.add_step(0.02, green=True)
    assert tunnel.too_many_hits
    for _ in range(2):
        tunnel.add_step(0.02, green=True)
    assert not tunnel.too_many_hits
    assert tunnel.hits == 3
    assert tunnel.clean_run == 7
    assert tunnel.longest_clean_run >= 12


def test_labels_follow_the_table_and_hold_by_their_off_thresholds():
    assert label_of(GOOD, None) is None
    leaning = StepMedians(6.8, -0.004, 25.9, 45.0, 28.0, 0.30)
    assert label_of(leaning, None) is None
    assert label_of(leaning, FaultId.UPRIGHT) is FaultId.UPRIGHT
    long = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.34)
    assert label_of(long, None) is None
    assert label_of(long, FaultId.OVERSTRIDE) is FaultId.OVERSTRIDE


def test_a_missing_measure_accuses_nobody():
    nan = float("nan")
    assert label_of(StepMedians(nan, nan, nan, nan, nan, nan), None) is None


def test_cue_waits_for_its_steps_then_for_its_time():
    policy = CuePolicy()
    assert policy.running(10.0, fault(steps=3), False, (1, 2, 3)) is None
    first = policy.running(10.0, fault(steps=4), False, (1, 2, 3, 4))
    assert first is not None
    assert (first.because, first.steps, first.expires_s) == ("upright", (1, 2, 3, 4), 10.0 + EXPIRES_S)
    assert policy.running(10.0 + REFRACTORY_S - 0.1, fault(), False, ()) is None
    assert policy.running(10.0 + REFRACTORY_S, fault(), False, ()) is not None


def test_unheard_cue_changes_its_words_then_gives_up_for_a_minute():
    policy = CuePolicy()
    times, words = [], []
    t_s = 0.0
    while t_s < 240.0:
        cue = policy.running(t_s, fault(), False, ())
        if cue is not None:
            times.append(t_s)
            words.append(cue.spoken)
        t_s += 0.5
    spoken = FAULT_CUES[FaultId.UPRIGHT].spoken
    assert words[:6] == [spoken[0]] * 3 + [spoken[1]] * 3
    assert times[6] - times[5] >= GIVE_UP_SILENCE_S


def test_praise_on_return_comes_once():
    policy = CuePolicy()
    assert policy.running(0.0, None, False, ()) is None
    assert policy.running(1.0, fault(), False, ()) is not None
    assert policy.running(2.0, None, False, ()) is None, "not into the words before"
    praise = policy.running(6.0, None, False, ())
    assert praise is not None
    assert praise.id == "praise"
    assert policy.running(60.0, None, False, ()) is None


def test_roof_hits_alone_are_cued_as_the_tunnel():
    cue = CuePolicy().running(5.0, None, True, (1, 2, 3))
    assert cue is not None
    assert cue.id == "tunnel"


def test_catalogue_is_whole():
    assert set(FAULT_CUES) == set(FaultId)
    assert set(FAULTS) == set(FaultId) - {FaultId.TALL, FaultId.NO_STAGGER}
    joint_talk = ("knee", "ankle", "pelvis", "flex", "extend", "joint", "femur", "glute")
    for cue in ALL_CUES:
        for words in (*cue.spoken, cue.shown):
            assert not any(word in words.lower() for word in joint_talk), words
            assert len(words.split()) <= 9
