"""The contract's document: its keys, units and nulls."""

import json
import math
import re
from dataclasses import replace

import pytest

from app.coach.report import Mode
from app.coach.tunnel import TunnelResult
from app.coach.types import Measure
from app.store.analysis_json import analysis_json, to_text
from app.store.session_facts import SessionFacts

FACTS = SessionFacts("video", 78.04, 12.414, 0.2, 0.6, "0.1.0", "full", "4eaa", 1, ("The clip breaks off.",))


@pytest.fixture
def document(known):
    return analysis_json(known.summary, FACTS)


def test_the_whole_document(document):
    assert document["schema"] == "hingecoach.analysis/1"
    assert document["source"] == {"kind": "video", "frames": 388, "duration_s": 6.467, "fps_measured": 60.0}
    assert document["view"] == {"kind": "side", "facing": "right", "yaw_deg": 4.0}
    assert document["tracking"]["coverage"] == 0.9877
    assert document["tracking"]["other_people"] == 1
    assert document["standing"] == {"source": "file", "height_cm": 178.0, "px_per_cm": 3.1}
    assert document["timings"] == {
        "frames_per_s": 78.0,
        "pose_ms_p50": 12.41,
        "coach_ms_p50": 0.2,
        "coach_ms_p99": 0.6,
    }
    assert document["app"] == {
        "version": "0.1.0",
        "model": "full",
        "model_sha256": "4eaa",
        "engine": "none",
        "rules": "default",
    }
    assert document["cues"] == [
        {
            "t_s": 1.0,
            "id": "tunnel",
            "spoken": "Duck under the roof",
            "because": {
                "fault": "standing_up",
                "steps": [3, 4, 6],
                "values": [],
                "value": 24.5,
                "threshold": 37.5,
                "unit": "deg",
            },
        }
    ]


def test_fractions_become_percent_and_lengths_cm(document):
    run = document["run"]
    assert run["line_offset_bh_pct"] == {"value": -0.32, "ci95": [-1.0, 0.0], "n": 17}
    assert run["reach_ll_pct"]["value"] == 30.6
    assert run["vertical_oscillation_bh_pct"]["value"] == 4.31
    assert run["cadence_spm"] == {"value": 174.12, "ci95": [173.0, 175.2], "n": 17}
    assert run["trunk_lean_deg"]["relative_to_standing"] is True
    assert run["tunnel"]["peak_below_standing_cm"] == {"value": 5.1, "ci95": [4.0, 6.0], "n": 17}
    assert run["steps"][0]["peak_below_standing_cm"] == pytest.approx(0.03 * 178.0)
    assert run["faults"] == [
        {"id": "ankle_lean", "share_of_steps": 0.8, "n_steps": 17, "value": 37.0, "threshold": 33.0, "unit": "deg"}
    ]


def test_the_lean_is_split_and_the_peak_held_against_the_roof_all_with_intervals(document):
    run = document["run"]
    assert run["lean_split"] == {
        "hip_deg": {"value": 30.5, "ci95": [29.0, 32.0], "n": 17},
        "ankle_deg": {"value": 26.0, "ci95": [25.0, 27.0], "n": 17},
        "hip_share": {"value": 0.54, "ci95": [0.52, 0.56], "n": 17},
    }
    assert run["weight_shift"] == {"value": 0.585, "ci95": [0.56, 0.61], "n": 17}
    assert run["tunnel"]["peak_below_roof_cm"] == {"value": 2.6, "ci95": [1.5, 3.5], "n": 12}
    assert run["tunnel"]["peak_below_roof_bh_pct"] == {"value": 1.46, "ci95": [0.84, 1.97], "n": 12}


def test_a_step_tells_more_than_the_contract_asks(known):
    step = replace(known.summary.steps[0], hip_share=0.5432, weight_shift=0.6)
    told = analysis_json(replace(known.summary, steps=(step,)), FACTS)["run"]["steps"][0]
    assert list(told)[:5] == ["t_s", "peak_below_standing_cm", "trunk_lean_deg", "side", "hit"]
    assert (told["hip_flexion_midstance_deg"], told["knee_flexion_midstance_deg"]) == (30.0, 45.0)
    assert (told["line_offset_bh_pct"], told["reach_ll_pct"]) == (-1.0, 30.0)
    assert (told["hip_share"], told["weight_shift"]) == (0.543, 0.6)


def test_running_without_flight_is_told_as_such(known):
    contact = {**known.summary.measures, "contact_time_ms": Measure(370.0, (360.0, 380.0), 12)}
    warnings = " ".join(analysis_json(replace(known.summary, measures=contact), FACTS)["warnings"])
    assert "flight_time_ms is null: there was no flight (grounded running)" in warnings
    assert "50 frames per second" not in warnings


def test_without_a_standing_reference_the_lean_is_not_split_and_says_so(known):
    measures = {**known.summary.measures, "hip_share": None, "lean_from_hip_deg": None}
    changed = replace(known.summary, measures=measures, angles_relative=False)
    document = analysis_json(changed, FACTS)
    assert document["run"]["lean_split"] is None
    assert [line for line in document["warnings"] if "lean_split needs a standing reference" in line]


def test_what_was_not_measured_is_null_and_a_warning_says_why(document):
    run = document["run"]
    assert run["contact_time_ms"] is None
    assert run["flight_time_ms"] is None
    assert run["vertical_oscillation_cm"] is None
    assert run["contacts"][1] == {"side": "far", "initial_contact_s": 0.75, "toe_off_s": None}
    warnings = " ".join(document["warnings"])
    assert "50 frames per second" in warnings
    assert "vertical_oscillation_cm" in warnings
    assert document["warnings"][:2] == ["The clip breaks off.", "the sun was low"]


SILENT = {"not_judged_because", "because", "leg_swaps_repaired", "subject_switches", "other_people"}


def nulls_of(content, key=""):
    """Return the names of everything that is null in a document."""
    if content is None:
        return {key} - SILENT
    if isinstance(content, dict):
        return set().union(*(nulls_of(value, name) for name, value in content.items()))
    return set().union(*(nulls_of(value, key) for value in content)) if isinstance(content, list) else set()


NOTHING = dict.fromkeys(
    ("trunk_lean_deg", "line_offset_bh", "reach_ll", "vertical_oscillation_cm", "peak_below_standing_cm")
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"height_cm": None, "px_per_cm": math.nan, "tunnel": TunnelResult(math.nan, 17, 1, 16)},
        {"tunnel": TunnelResult(math.nan, 0, 0, 0)},
        {"tunnel": TunnelResult(math.nan, 4, 0, 4)},
        {"mode": Mode.STANCE, "px_per_cm": math.nan, "yaw_deg": math.nan},
        {"mode": Mode.STANCE, "height_cm": None, "px_per_cm": math.nan},
        {"px_per_cm": math.nan, "yaw_deg": math.nan, "fps": math.nan},
        {"tunnel": None},
        {"tunnel": None, "measures": NOTHING},
        {"measures": NOTHING},
    ],
)
def test_every_null_is_named_in_a_warning(known, change):
    document = analysis_json(replace(known.summary, **change), FACTS)
    words = set(re.findall(r"\w+", " ".join(document["warnings"])))
    nulls = nulls_of(document)
    if change.get("height_cm", 0) is None:
        assert "give it with --height-cm" in " ".join(document["warnings"])
    assert nulls - words == set()
    assert nulls


def test_a_missing_standing_reference_is_told_with_what_to_do(known):
    nothing_known = replace(known.summary, tunnel=None, height_cm=None, px_per_cm=math.nan, angles_relative=False)
    for mode, missing in ((Mode.RUN, "run: tunnel"), (Mode.STANCE, "stance: no position")):
        warnings = analysis_json(replace(nothing_known, mode=mode, steps=(), holds=()), FACTS)["warnings"]
        assert [line for line in warnings if line.startswith(missing) and "--standing" in line]
        assert [line for line in warnings if "px_per_cm" in line and "--height-cm" in line]


def test_values_of_a_hold_that_are_null_are_named(known):
    hold = known.summary.holds[0]

    def told(**values):
        changed = replace(hold, values=replace(hold.values, **values))
        return analysis_json(replace(known.summary, mode=Mode.STANCE, holds=(hold, changed)), FACTS)["warnings"][-1]

    assert told(weight_shift=math.nan) == "stance: weight_shift needs one foot ahead of the other."
    assert told(stagger_bh_pct=math.nan) == "stance: not measured, as both legs must be in view: stagger_bh_pct."
    both = analysis_json(
        replace(
            known.summary,
            mode=Mode.STANCE,
            holds=(replace(hold, values=replace(hold.values, weight_shift=math.nan, drop_bh_pct=math.nan)),),
        ),
        FACTS,
    )["warnings"]
    assert "stance: weight_shift needs one foot ahead of the other." in both
    assert "stance: not measured, as both legs must be in view: drop_bh_pct." in both
    assert told(theta_l_deg=math.nan, d_h_bh_pct=math.nan).endswith("in view: theta_l_deg, d_h_bh_pct.")


def test_only_the_part_that_was_judged_is_there(known, document):
    assert "stance" not in document
    stance = analysis_json(replace(known.summary, mode=Mode.STANCE), FACTS)
    assert "run" not in stance
    assert stance["mode"] == "stance"
    assert stance["stance"]["verdict"] == "good"
    hold = stance["stance"]["holds"][0]
    assert (hold["start_s"], hold["end_s"], hold["verdict"]) == (2.0, 6.1, "good")
    assert hold["values"]["theta_l_deg"] == 12.1
    assert hold["values"]["weight_shift"] == 0.64


def test_the_text_is_plain_json(known):
    hostile = replace(
        known.summary, fps=math.inf, yaw_deg=math.nan, measures={"cadence_spm": Measure(math.nan, (0, 1), 1)}
    )
    text = to_text(analysis_json(hostile, FACTS))
    assert text.endswith("}\n")

    def no_constant(name):
        raise AssertionError(name)

    back = json.loads(text, parse_constant=no_constant)
    assert back["source"]["fps_measured"] is None
    assert back["run"]["cadence_spm"] is None


def test_a_tunnel_without_a_roof_says_why_nothing_was_hit(known):
    line = "tunnel: the roof is not known yet (it needs a few steps judged good), so no hit is counted."
    for steps, told in ((0, True), (17, False)):
        tunnel = TunnelResult(2.5, steps, 0, steps)
        warnings = analysis_json(replace(known.summary, tunnel=tunnel), FACTS)["warnings"]
        assert (line in warnings) == told
    none = replace(known.summary, tunnel=TunnelResult(math.nan, 0, 0, 0), steps=())
    assert line not in analysis_json(none, FACTS)["warnings"]  # no step at all has its own line


def test_a_new_reference_without_a_roof_yet_is_the_reason_and_not_the_view(known):
    roofless = {**known.summary.measures, "peak_below_roof_cm": None, "peak_below_roof_bh": None}
    warnings = analysis_json(replace(known.summary, measures=roofless), FACTS)["warnings"]
    told = [line for line in warnings if "peak_below_roof" in line]
    assert len(told) == 1
    assert "peak_below_roof_cm and peak_below_roof_bh_pct" in told[0]
    assert "no roof yet" in told[0]


def test_no_network_is_told(known):
    line = "app: no network was used, so there is no model."
    for sha256 in ("", "4eaa"):
        document = analysis_json(known.summary, replace(FACTS, model_sha256=sha256))
        assert document["app"]["model_sha256"] == (sha256 or None)
        assert (line in document["warnings"]) == (not sha256)


def test_no_stature_is_told_once(known):
    document = analysis_json(replace(known.summary, height_cm=None, px_per_cm=math.nan), FACTS)
    assert document["standing"]["height_cm"] is None
    assert document["standing"]["px_per_cm"] is None
    assert document["run"]["steps"][0]["peak_below_standing_cm"] is None
    assert sum("--height-cm" in line for line in document["warnings"]) == 1


def test_negative_zero_is_zero(known):
    document = analysis_json(replace(known.summary, yaw_deg=-0.01), FACTS)
    assert "-0.0" not in to_text(document)
