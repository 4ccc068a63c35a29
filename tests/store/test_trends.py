"""Digests of sessions, half-lives, comparisons: on made sessions whose answers are known."""

from __future__ import annotations

import math
import random

import pytest

from app.coach.report import Step
from app.coach.types import Measure
from app.store.half_life import Minute, half_life, minutes_of
from app.store.sessions.tables import JudgedStep, SessionRow
from app.store.trends import Caution, Digest, compare, digest, direction, independent_steps, share

NAN, INF = math.nan, math.inf


def row(**changes):
    values = dict.fromkeys(SessionRow.__slots__, "") | {
        "id": "a", "started_at": "2026-11-22T18:30:00+01:00", "mode": "run", "state": "closed", "frames": 600,
        "duration_s": 600.0, "running_s": 600.0, "steps": 0, "cues": 0, "rules_hash": "1", "source_kind": "camera",
    }  # fmt: skip
    return SessionRow(**(values | changes))


def step(t_s, verdict="good", hit=False, roof_bh=0.01):
    made = Step(t_s, t_s, NAN, NAN, "near", 0.03, 0.06, 11.0, 35.0, 30.0, 8.0, 0.0, 20.0, 0.2, 0.03, 0.45, hit,
                peak_below_roof_bh=roof_bh)  # fmt: skip
    return JudgedStep(1, verdict, made)


def minutes(*shares):
    return [Minute(170, one) for one in shares]


def with_value(key, value, ci95, mode="run", n=100, **conditions):
    return Digest("a", "Anna", mode, "", "", {key: Measure(value, ci95, n, "deg")}, conditions=conditions)


# ---- minutes and half-life


def test_minutes_are_of_running_and_pauses_are_left_out():
    """Two minutes good, ten minutes' pause, one minute bad: three minutes, not thirteen."""
    good = [step(0.4 * k) for k in range(300)]
    bad = [step(720.0 + 0.4 * k, "ankle_lean") for k in range(150)]
    found = minutes_of([*good, *bad])
    assert [minute.steps for minute in found] == [150, 150, 150]
    assert [minute.good_share for minute in found] == [1.0, 1.0, 0.0]


def test_a_minute_of_few_judged_steps_has_no_share_and_what_is_not_judged_takes_its_time():
    steps = [step(0.4 * k, "not_judged" if 150 <= k < 280 else "good") for k in range(450)]
    found = minutes_of(steps)
    assert [minute.steps for minute in found] == [150, 20, 150]
    assert math.isnan(found[1].good_share)
    assert minutes_of([]) == ()
    assert minutes_of([step(1.0, "not_judged")]) == ()


@pytest.mark.parametrize(
    ("shares", "minutes_until", "reached"),
    [
        ((0.9, 0.9, 0.9, 0.9, 0.3, 0.3, 0.3), 4.0, True),
        ((0.9,) * 7, 7.0, False),
        ((0.9, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9), 7.0, False),  # one bad minute is a lapse
        ((0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5), 7.0, False),  # not below half of the start
        ((0.6, 0.6, 0.6, 0.25, 0.25, 0.25, 0.6), 3.0, True),  # what comes back later does not count
        ((0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1), 7.0, False),  # the last minute alone is not two in a row
        ((0.9, 0.9, 0.9, NAN, 0.2, 0.2, 0.2), 4.0, True),  # an unknown minute is passed over, its time is not
    ],
)
def test_the_half_life_is_the_minute_from_which_form_stays_below_half(shares, minutes_until, reached):
    found = half_life(minutes(*shares))
    assert found.reached is reached
    assert found.minutes == pytest.approx(minutes_until, abs=1.0 if any(map(math.isnan, shares)) else 0.0)


@pytest.mark.parametrize(("shares", "because"), [((0.9,) * 4, "short"), ((0.4,) * 8, "start"), ((), "short")])
def test_no_half_life_and_why(shares, because):
    found = half_life(minutes(*shares))
    assert math.isnan(found.minutes)
    assert (found.reached, found.because) == (False, because)


# ---- shares


def test_shares_have_wilsons_interval():
    """Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 15 of 148: 0.0624 to 0.1605; 0 of 20: 0 to 0.1611."""
    for hits, n, bounds in ((81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611))):
        assert share(hits, n, n).ci95 == pytest.approx(bounds, abs=5e-5)
    assert share(20, 20, 20).ci95 == pytest.approx((1 - 0.1611, 1.0), abs=5e-5)


def test_steps_that_follow_one_another_count_for_less():
    source = random.Random(1)
    independent = [source.random() < 0.5 for _ in range(400)]
    in_rows = [independent[k // 20] for k in range(400)]
    assert 250 < independent_steps(independent) <= 400
    assert 10 < independent_steps(in_rows) < 80
    assert independent_steps([True] * 400) == 50.0
    assert independent_steps([]) == 1.0


# ---- digests


def test_the_digest_of_a_run_has_what_the_document_says():
    steps = [step(0.4 * k, "good" if k % 4 else "ankle_lean", hit=k % 10 == 0) for k in range(200)]
    run = {
        "trunk_lean_deg": {"value": 11.2, "ci95": [10.6, 11.8], "n": 200},
        "line_offset_bh_pct": None,
        "cadence_spm": {"value": 171.0, "ci95": [171.0, 171.0], "n": 1},
        "tunnel": {"roof_below_standing_cm": 2.5, "steps": 200, "hits": 20, "longest_clean_steps": 9,
                   "clean_steps": 170},
        "retention": {"steps": 80, "good_share": 0.75, "hits": 2},
    }  # fmt: skip
    found = digest(row(person="Anna"), {"run": run, "view": {"kind": "side", "facing": "left"}}, steps)
    assert list(found.values) == [
        "trunk_lean_deg", "inside_share", "longest_clean_steps", "retention_share", "good_share", "cadence_spm",
    ]  # fmt: skip
    assert found.values["trunk_lean_deg"] == Measure(11.2, (10.6, 11.8), 200, "deg")
    assert math.isnan(found.values["cadence_spm"].ci95[0])  # of one step there is no interval
    inside, kept = found.values["inside_share"], found.values["retention_share"]
    assert inside.value == 0.85
    assert inside.ci95[0] < 0.85 < inside.ci95[1]
    assert found.values["good_share"].value == 0.75
    assert (kept.value, kept.n) == (0.75, 80)
    assert kept.ci95 == share(60, 80, 10).ci95
    assert found.values["longest_clean_steps"].value == 9
    assert (found.half_life.because, found.conditions[Caution.FACING]) == ("short", "left")


def test_the_half_life_of_a_session_is_a_lower_bound_where_it_was_not_reached():
    held = digest(row(), {"run": {}}, [step(0.4 * k) for k in range(6 * 150)]).values["half_life_min"]
    assert (held.value, held.ci95) == (6.0, (6.0, INF))
    fell = [step(0.4 * k, "good" if k < 4 * 150 else "upright") for k in range(8 * 150)]
    assert digest(row(), {"run": {}}, fell).values["half_life_min"] == Measure(4.0, (2.5, 5.5), 8, "min")


def test_stances_and_drills_have_their_own_numbers():
    holds = [
        {"start_s": 0.0, "end_s": 4.0, "verdict": "good", "values": {"theta_l_deg": 12.0, "d_h_bh_pct": -0.5}},
        {"start_s": 5.0, "end_s": 11.0, "verdict": "good", "values": {"theta_l_deg": 13.0, "d_h_bh_pct": None}},
        {"start_s": 12.0, "end_s": 30.0, "verdict": "upright", "values": {"theta_l_deg": 3.0, "d_h_bh_pct": 4.0}},
    ]
    stance = digest(row(mode="stance"), {"stance": {"holds": holds}})
    assert {key: measure.value for key, measure in stance.values.items()} == {
        "line_lean_deg": 12.5, "hip_off_line_bh_pct": -0.5, "longest_hold_s": 6.0,
    }  # fmt: skip
    drill = digest(row(mode="drill", drill="hinge"), {"run": {}, "drill": {"counted": 10, "good": 8}})
    assert drill.mode == "drill"
    assert drill.values["good_reps_share"].ci95 == share(8, 10, 10).ci95
    assert drill.values["reps"].value == 10
    assert digest(row(mode="drill"), {"drill": {"counted": 0, "good": 0}}).values == {}
    assert digest(row(mode="auto", state="open"), {}).values == {}


# ---- comparisons


def test_a_difference_is_told_only_beyond_the_intervals_and_what_the_network_adds():
    """Lean: network SD 0.55 deg each time: +-1.52; with +-0.3 each time +-1.58 in all."""
    before = with_value("trunk_lean_deg", 10.0, (9.7, 10.3))
    for value, told in ((11.5, "same"), (11.7, "more"), (8.3, "less"), (10.0, "same")):
        found = compare(before, with_value("trunk_lean_deg", value, (value - 0.3, value + 0.3))).differences
        assert [d.told for d in found] == [told]
        assert found[0].change == pytest.approx(value - 10.0)
        half = math.sqrt(2 * 0.3**2 + 2 * (1.959964 * 0.55) ** 2)
        assert found[0].ci95 == pytest.approx((value - 10.0 - half, value - 10.0 + half))


def test_shares_are_compared_by_their_own_bounds():
    """Newcombe 1998 II, method 10: 56 of 70 against 48 of 80 differ by 0.0524 to 0.3339."""
    before = Digest("a", "", "run", "", "", {"good_share": share(48, 80, 80)})
    after = Digest("b", "", "run", "", "", {"good_share": share(56, 70, 70)})
    assert compare(before, after).differences[0].ci95 == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert compare(before, after).differences[0].told == "more"
    assert compare(after, before).differences[0].told == "less"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((8.0, (6.5, 9.5)), (20.0, (20.0, INF)), "more"),
        ((20.0, (20.0, INF)), (8.0, (6.5, 9.5)), "less"),
        ((20.0, (20.0, INF)), (30.0, (30.0, INF)), "same"),
        ((8.0, (6.5, 9.5)), (9.0, (9.0, INF)), "same"),
        ((5.0, (3.5, 6.5)), (7.0, (5.5, 8.5)), "same"),
        ((131.0, (NAN, NAN)), (260.0, (NAN, NAN)), "unknown"),
    ],
)
def test_lower_bounds_and_single_figures_are_compared_as_what_they_are(before, after, told):
    found = compare(with_value("half_life_min", *before), with_value("half_life_min", *after))
    assert found.differences[0].told == told


def test_what_was_measured_once_only_or_in_another_kind_is_not_compared():
    one, other = with_value("trunk_lean_deg", 10.0, (9.0, 11.0)), with_value("cadence_spm", 170.0, (169.0, 171.0))
    found = compare(one, other).differences
    assert [(d.key, d.told) for d in found] == [("trunk_lean_deg", "unknown"), ("cadence_spm", "unknown")]
    assert compare(one, with_value("line_lean_deg", 10.0, (9.0, 11.0), "stance")).differences == ()


def test_cautions_name_what_was_not_alike():
    def of(person="Anna", **conditions):
        return Digest("a", person, "run", "", "", {}, conditions={Caution.RULES: "1"} | conditions)

    assert compare(of(), of()).cautions == ()
    assert compare(of(), of("Bo")).cautions == (Caution.PERSON,)
    assert compare(of(roof="2.5"), of(roof="2.9")).cautions == ()
    assert compare(of(roof="2.5"), of(roof="4.0", view="front")).cautions == (Caution.ROOF,)
    assert compare(of(view="side"), of(rules="2", view="oblique")).cautions == (Caution.VIEW, Caution.RULES)


def test_a_trend_is_told_where_mann_and_kendalls_test_tells_one():
    assert direction([1.0, 2.0, 3.0, 4.0, 5.0]) == "rising"
    assert direction([9.0, 7.0, NAN, 6.0, 5.0, 3.0]) == "falling"
    assert direction([1.0, 2.0, 3.0, 4.0]) == ""  # too few
    assert direction([1.0, 3.0, 2.0, 5.0, 1.5, 2.5]) == ""
    assert direction([4.0] * 12) == ""
    source = random.Random(2)
    found = [direction([source.random() for _ in range(20)]) for _ in range(400)]
    assert 0.02 < sum(bool(way) for way in found) / 400 < 0.08  # one in twenty, as it should be
