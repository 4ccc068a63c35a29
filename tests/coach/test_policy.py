"""The tunnel's roof and the cue policy, stepped by hand."""

from __future__ import annotations

import itertools

import pytest

from app.coach.cues import ALL_CUES, EXPIRES_S, FAULT_CUES, GIVE_UP_SILENCE_S, REFRACTORY_S, CuePolicy
from app.coach.faults import FAULTS, StepMedians, label_of
from app.coach.report import ActiveFault, FaultId
from app.coach.tunnel import LOWER_EVERY_STEPS, MARGIN_SDS, SETTLE_MOST_BH, TunnelTracker, goal_below_standing_bh

GOOD = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.33)


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
    assert tunnel.roof_bh == pytest.approx(start + SETTLE_MOST_BH + 0.0015)
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


@pytest.mark.parametrize("scatter_bh", [0.0, 0.004])
def test_an_inch_of_rise_is_noticed_within_three_steps_and_over_when_it_is_over(scatter_bh):
    tunnel, inch_bh = TunnelTracker(0.014), 0.014
    scatter = itertools.cycle((scatter_bh, -scatter_bh, 0.3 * scatter_bh, -0.5 * scatter_bh))
    for _ in range(80):
        tunnel.add_step(0.030 + next(scatter), green=True)
        assert not tunnel.risen
    for _ in range(3):
        tunnel.add_step(0.030 - inch_bh + next(scatter), green=False)
    assert tunnel.risen
    for _ in range(3):
        tunnel.add_step(0.030 + next(scatter), green=True)
    assert not tunnel.risen


def test_one_step_however_high_is_no_rise():
    tunnel = TunnelTracker(0.014)
    for _ in range(30):
        tunnel.add_step(0.030, green=True)
    for peak in (-0.05, 0.030, 0.030, 0.030, -0.05):
        tunnel.add_step(peak, green=False)
        assert not tunnel.risen


def test_hits_switch_on_with_the_usual_step_and_one_of_eight_switches_off():
    tunnel = TunnelTracker(0.014)
    for _ in range(24):
        tunnel.add_step(0.020, green=True)
    for peak in (-0.02, 0.02, -0.02, 0.02, -0.02):
        tunnel.add_step(peak, green=False)
    assert tunnel.hits_of_last_8 == 3
    assert not tunnel.too_many_hits, "three odd steps do not make a habit"
    for _ in range(2):
        tunnel.add_step(-0.02, green=False)
    assert tunnel.too_many_hits
    for _ in range(6):
        tunnel.add_step(0.02, green=True)
    assert tunnel.too_many_hits
    for _ in range(2):
        tunnel.add_step(0.02, green=True)
    assert not tunnel.too_many_hits
    assert tunnel.hits == 5
    assert tunnel.clean_run == 8
    assert tunnel.longest_clean_run >= 12


def test_the_roof_leaves_room_for_the_runners_own_scatter():
    steady, wild = TunnelTracker(0.014), TunnelTracker(0.014)
    for k in range(24):
        steady.add_step(0.030 + 0.0005 * (-1) ** k, green=True)
        wild.add_step(0.030 + 0.005 * (-1) ** k, green=True)
    assert steady.margin_bh == pytest.approx(0.009)
    assert wild.margin_bh == pytest.approx(MARGIN_SDS * 0.005)
    assert wild.roof_bh == pytest.approx(0.030 - MARGIN_SDS * 0.005)


def test_labels_follow_the_table_and_hold_by_their_off_thresholds():
    assert label_of(GOOD, None) is None
    leaning = StepMedians(6.8, -0.004, 25.9, 45.0, 28.0, 0.33)
    assert label_of(leaning, None) is None
    assert label_of(leaning, FaultId.UPRIGHT) is FaultId.UPRIGHT
    long = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.375)
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
    for t_s in (5.1, 5.4, 5.7):
        assert policy.running(t_s, None, False, ()) is None, "one clear step is not yet a return"
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


def test_a_single_clear_step_neither_praises_nor_starts_the_nagging_anew():
    policy = CuePolicy()
    ids, times_s = [], []
    for k in range(600):
        clear = k % 12 == 0
        cue = policy.running(k / 3.0, None if clear else fault(), False, ())
        if cue is not None:
            ids.append(cue.id)
            times_s.append(cue.t_s)
    assert "praise" not in ids
    assert times_s[6] - times_s[5] >= GIVE_UP_SILENCE_S, "six times in two wordings, then a minute of silence"
