"""The rules as data: the default file, a coach's own over it, and every way such a file can be wrong."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.faults import FaultJudge, StepMedians, is_green, label_of
from app.coach.model import CoachModel
from app.coach.report import FaultId, Hold, StanceValues, Step
from app.coach.rules import MOST_NAMED, RulesError, changes, default_rules, default_text, parse_rules
from app.coach.rules_check import DRILLS
from app.coach.stance import fault_of, judge_stance
from app.coach.toml_lines import key_lines
from app.sim.acts import Act

GOOD = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.33)
GOOD_STANCE = StanceValues(12.0, 12.0, -0.4, 40.0, 17.0, 11.0, 4.0, 1.9, 0.64, 15.7)


#: Thresholds that the tests below count on, so that they do not change with the default ones.
KNOWN = """
[fault]
upright.running = {measure = "trunk_lean_deg", unit = "deg", when = "below", on = 6.0, off = 7.5}
standing_up.running = {measure = "midstance_drop_bh", unit = "bh_pct", when = "below", on = 3.7, off = 3.85}
standing_up.cue.priority = 10
hip_squeeze.running = {measure = "thigh_deg", unit = "deg", when = "below", on = 11.5, off = 13.0}
pelvis_drift.running = {measure = "line_offset_bh", unit = "bh_pct", when = "above", on = 2.8, off = 2.0}
pelvis_drift.cue.priority = 20
ankle_lean.running = {measure = "shank_deg", unit = "deg", when = "above", on = 35.0, off = 33.5}
[green]
trunk_lean_deg = [6.0, 18.0]
line_offset_bh_pct = [-3.0, 2.5]
"""
ALSO = """
[fault.standing_up.running.also]
knee_flexion_below_deg = [45.0, 46.5]
[fault.standing_up.running.or]
knee_flexion_below_deg = [37.0, 38.5]
hip_flexion_below_deg = [25.0, 27.0]
shank_below_deg = [31.0, 33.0]
[fault.hip_squeeze.running.or]
line_offset_above_bh_pct = [7.0, 6.0]
trunk_lean_below_deg = [6.8, 7.3]
midstance_drop_below_bh_pct = [3.8, 3.9]
[fault.ankle_lean.running.also]
trunk_lean_above_deg = [8.6, 7.6]
"""


def known():
    return parse_rules(ALSO, "known", parse_rules(KNOWN, "known", default_rules()))


def own(text, base=None):
    return parse_rules(text, "mine.toml", base or known())


def problems(text):
    with pytest.raises(RulesError) as caught:
        own(text)
    return caught.value.problems


def test_the_default_rules_are_whole_and_sound():
    rules = default_rules()
    assert set(rules.cues) == set(rules.texts) == set(FaultId)
    assert set(rules.running) | set(rules.stance) == set(FaultId)
    for specs in (rules.running, rules.stance):
        for spec in specs.values():
            assert spec.higher == (spec.on > spec.off)
            assert spec.measured
            assert spec.told_apart
    assert len({rules.cues[fault].priority for fault in FaultId}) == len(FaultId)
    assert changes(rules) == ()


def test_every_drill_is_one_the_virtual_runner_shows():
    assert set(DRILLS) <= {act.value for act in Act}


def test_evidence_is_cited_and_never_only_on_the_articles_side():
    entries = [entry for text in default_rules().texts.values() for entry in text.evidence]
    assert all(bool(entry.source) == (entry.says != "missing") for entry in entries)
    assert {entry.says for entry in entries} == {"agrees", "in part", "disagrees", "missing"}


def test_the_thresholds_of_the_file_are_those_that_judge():
    before = replace(GOOD, trunk_lean_deg=9.0)
    assert label_of(before, None) is None
    strict = own("fault.upright.running = {on = 9.5, off = 10.5}")
    assert label_of(before, None, strict) is FaultId.UPRIGHT
    assert label_of(replace(GOOD, trunk_lean_deg=10.0), FaultId.UPRIGHT, strict) is FaultId.UPRIGHT
    assert label_of(replace(GOOD, trunk_lean_deg=10.0), None, strict) is None


@pytest.mark.parametrize(
    ("text", "medians", "label"),
    [
        ("[fault.standing_up.running.or]\nhip_flexion_below_deg = [20, 22]", (9.0, 0.0, 23.0, 32.0, 25.0, 0.3), None),
        ("[fault.standing_up.running.or]\nshank_below_deg = [20, 22]", (9.0, 0.0, 23.0, 32.0, 25.0, 0.3), None),
        ("", (9.0, 0.0, 23.0, 42.0, 25.0, 0.3, 0.030), "standing_up"),
        ("", (9.0, 0.0, 23.0, 42.0, 25.0, 0.3, 0.040), None),
        (
            "[fault.standing_up.running.also]\nknee_flexion_below_deg = [40, 41]",
            (9.0, 0.0, 23.0, 42.0, 25.0, 0.3, 0.030),
            None,
        ),
        ("", (9.0, 0.0, 23.0, 32.0, 25.0, 0.3), "standing_up"),
        ("", (9.0, 0.03, 5.0, 32.0, 25.0, 0.3, 0.03), "hip_squeeze"),
        (
            "[fault.hip_squeeze.running.also]\nline_offset_above_bh_pct = [4.0, 3.5]",
            (9.0, 0.03, 5.0, 32.0, 25.0, 0.3, 0.03),
            "standing_up",
        ),
        ("", (6.0, 0.08, 30.0, 48.0, 25.0, 0.3, 0.03), "hip_squeeze"),
        ("", (9.0, 0.05, 20.0, 45.0, 40.0, 0.3), "ankle_lean"),
        (
            "[fault.ankle_lean.running.also]\ntrunk_lean_above_deg = [10, 9]",
            (9.0, 0.05, 20.0, 45.0, 40.0, 0.3),
            None,
        ),
    ],
)
def test_the_further_thresholds_count_too(text, medians, label):
    assert label_of(StepMedians(*medians), None, own(text)) == label


def test_the_stance_is_judged_by_the_file_too():
    assert judge_stance(GOOD_STANCE) == ("good", "")
    strict = own("[fault.no_stagger.stance]\non = 17.0\noff = 18.0")
    assert judge_stance(GOOD_STANCE, "", strict) == ("no_stagger", "")
    found = fault_of(Hold(0.0, 2.0, "no_stagger", GOOD_STANCE), strict)
    assert (found.value, found.threshold, found.unit) == (15.7, 17.0, "bh_pct")


def test_green_is_a_band_of_the_file():
    step = Step(*[math.nan] * 4, "unknown", *[math.nan] * 2, 11.0, *[math.nan] * 3, 0.01, *[math.nan] * 4, hit=False)
    assert is_green(step, default_rules())
    assert not is_green(step, own("[green]\ntrunk_lean_deg = [12, 18]"))
    assert not is_green(step, own("[green]\nline_offset_bh_pct = [-3, 0.5]"))


def test_a_runner_is_coached_by_his_coachs_rules(act):
    """Good running, called upright by a coach who wants 20 deg of lean, and told so in his words."""
    text = '[fault.upright]\nrunning = {on = 17.0, off = 17.5}\ncue.spoken = ["Ski jump"]\ncue.shown = "SKI JUMP"'
    coach = CoachModel(rules=own(text))
    scene = act("good").scene
    cues = [report.cue for k in range(420) if (report := coach.update(scene.landmarks_at(k / 30.0))).cue]
    coach.finish()
    summary = coach.summary()
    assert (summary.verdict, summary.rules) == ("upright", "mine.toml")
    assert summary.faults[0].threshold == 17.0
    told = [cue for cue in cues if cue.because == "upright"]
    assert (told[0].spoken, told[0].shown, told[0].id, told[0].threshold) == ("Ski jump", "SKI JUMP", "lean", 17.0)
    assert act("good").summary.rules == "default"


def test_a_judge_keeps_its_rules_when_it_forgets_its_steps():
    judge = FaultJudge(own("fault.upright.running.on = 7.0"))
    judge.reset()
    assert judge.rules.name == "mine.toml"


def test_what_is_not_given_stays_and_the_default_is_not_touched():
    rules = own('fault.tall.cue.shown = "LOWER"', default_rules())
    assert rules.cues[FaultId.TALL].shown == "LOWER"
    assert rules.cues[FaultId.TALL].spoken == default_rules().cues[FaultId.TALL].spoken
    was = default_rules().cues[FaultId.TALL].shown
    assert changes(rules) == (f"fault.tall.cue.shown: {was} -> LOWER",)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "[fault]\n"])
def test_an_empty_file_changes_nothing(text):
    assert changes(own(text, default_rules())) == ()


def test_the_file_that_is_shown_can_be_given_back_whole():
    assert changes(own(default_text(), default_rules())) == ()
    assert changes(own(default_text().replace("\n", "\r\n"), default_rules())) == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[fault.upright.running]\non = = 3", 2, "this is no TOML (Invalid value, column 6)"),
        ('[fault.upright]\nfix = "open', 2, "this is no TOML"),
        ("[fault.upright]\n[fault.upright]", 2, "this is no TOML (Cannot declare"),
        ("\x00", 1, "this is no TOML"),
        ("a = " + "9" * 5000, 1, "this is no TOML"),
        ("a = " + "[" * 5000, 1, "no rules"),
        ("x" * 300_000, 1, "no file of rules"),
        ("\n[fault.hip_squeze]", 2, "fault.hip_squeze: unknown: did you mean hip_squeeze?"),
        ("[fault.upright.cue]\ncolour = 1", 2, "unknown: use id, priority, shown, spoken, image"),
        ("[faults]", 1, "faults: unknown: did you mean fault?"),
        ("[fault.tall.running]", 1, "fault.tall.running: unknown: use words, fix,"),
        ("fault = 3", 1, "must be a table, [fault]"),
        ("[fault]\nupright = []", 2, "must be a table, [fault.upright]"),
        ('[fault.upright.running]\nmeasure = "lean"', 2, "'lean' is unknown: use one of knee_flexion_deg,"),
        ('[fault.upright.running]\nmeasure = "shank_deg"', 2, "another measure needs its own unit, when, on and off"),
        ('[fault.upright.running]\nunit = "bh_pct"', 2, "the unit of trunk_lean_deg is deg"),
        ('[fault.upright.running]\nunit = "cm"', 2, "use one of deg, bh_pct, travel_pct"),
        ('[fault.upright.running]\nwhen = "above"', 2, "the wrong way round"),
        ("[fault.upright.running]\non = nan", 2, "must be a plain number"),
        ("[fault.upright.running]\non = -inf", 2, "must be a plain number"),
        ("[fault.upright.running]\non = 0x" + "f" * 9000, 2, "must be a plain number"),
        ('[fault.upright.running]\non = "6"', 2, "must be a number, not '6'"),
        ("[fault.upright.running]\non = true", 2, "must be a number, not true or false"),
        ("[fault.upright.running]\non = 1979-05-27", 2, "must be a number, not a date or time"),
        ("[fault.upright.running]\non = 8.0", 2, "on 8 and off 7.5 are the wrong way round"),
        ("[fault.upright.running]\non = 7.5", 2, "on and off are both 7.5: the fault would flicker"),
        ("[fault.upright.running]\noff = 6", 2, "on and off are both 6"),
        ("[fault.upright.running]\non = -80", 2, "out of range: trunk lean, mean of the step takes -20 to 50 deg"),
        ("[fault.standing_up.running.or]\nshank_below_deg = 30", 2, "must be two numbers"),
        ("[fault.standing_up.running.or]\nshank_below_deg = [30, 29]", 2, "the wrong way round"),
        ("[fault.standing_up.running.or]\nshank_below_deg = [30, 210]", 2, "210 is out of range"),
        ("[fault.standing_up.running.or]\nshank_below_deg = [30, nan]", 2, "must be a plain number"),
        ("[fault.standing_up.running.or]\nshank_above_deg = [30, 29]", 2, "did you mean shank_below_deg?"),
        ("[fault.pelvis_drift.stance.also]\nfront_knee_above_deg = [17, 16]", 2, "must be a number"),
        ("[green]\ntrunk_lean_deg = [18, 6]", 2, "[18, 6] is no range"),
        ("[green]\ntrunk_lean_deg = [6]", 2, "must be two numbers"),
        ('[fault.upright.cue]\nspoken = "Chest"', 2, "must be a list of 1 to 6 wordings"),
        ("[fault.upright.cue]\nspoken = []", 2, "must be a list of 1 to 6 wordings"),
        ('[fault.upright.cue]\nspoken = ["Chest", " "]', 2, "must not be empty"),
        ("[fault.upright.cue]\nspoken = [1]", 2, "must be text, not a number"),
        ('[fault.upright.cue]\nspoken = ["Let me tell you what it is all about"]', 2, "has 9 words: at most 8"),
        ('[fault.upright.cue]\nspoken = ["Go", "go"]', 2, "the same wording twice"),
        ('[fault.upright.cue]\nspoken = ["Bend your Knees"]', 2, "'Knees' is joint talk"),
        ('[fault.upright.cue]\nimage = "Feel your pelvis."', 2, "'pelvis' is joint talk"),
        ('[fault.upright.cue]\nshown = "FIVE MORE DEGREES"', 2, "'DEGREES' is joint talk"),
        ('[fault.upright.cue]\nshown = "CHEST AHEAD OF YOU NOW"', 2, "22 characters are too long: at most 20"),
        ('[fault.upright.cue]\nshown = "CHEST\\nAHEAD"', 2, "holds the character '\\n'"),
        ('[fault.upright.cue]\nshown = ""', 2, "must not be empty"),
        ('[fault.upright.cue]\nid = "chest"', 2, "stays 'lean'"),
        ("[fault.upright.cue]\npriority = 20", 2, "20 is the priority of pelvis_drift already"),
        ("[fault.upright.cue]\npriority = 0", 2, "must be a whole number from 1"),
        ("[fault.upright.cue]\npriority = 12.0", 2, "must be a whole number from 1"),
        ('[fault.upright]\ndrill = "squats"', 2, "'squats' is unknown: use one of drill_hinge,"),
        ('[fault.upright]\nfix = "\\u0007"', 2, "which cannot be shown"),
        ('[[fault.upright.evidence]]\nsays = "agrees"\nclaim = "It does."', 1, "each needs its source"),
        ("[fault.upright]\nevidence = [\n3]", 2, "each must hold says, claim and source"),
        ('[fault.upright]\nevidence = [{says = "so", claim = "x", source = "y"}]', 2, "'so' is unknown: use one of"),
        ('"\x1b[31m" = 1'.replace("\x1b", "\\u001b"), 1, "unknown: use fault, said, green"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line_and_what_is_allowed(text, line, says):
    (problem,) = problems(text)
    assert problem.startswith(f"line {line}: "), problem
    assert says in problem
    assert problem.isprintable()


def test_all_wrong_entries_are_named_in_their_order_and_the_message_is_one_line():
    text = '[fault.upright.running]\noff = "x"\n\n[green]\nblue = 1\n\n[fault.tall.cue]\nshown = ""\n'
    assert [p.split(":")[0] for p in problems(text)] == ["line 2", "line 5", "line 8"]
    with pytest.raises(RulesError) as caught:
        own(text)
    assert str(caught.value).startswith(
        "mine.toml, line 2: fault.upright.running.off: must be a number, not 'x'; line 5"
    )
    assert str(caught.value).isprintable()


def test_of_many_wrong_entries_the_first_ten_are_named_and_the_others_counted():
    text = "".join(f"wrong_{k} = 1\n" for k in range(14))
    assert len(problems(text)) == 14
    with pytest.raises(RulesError) as caught:
        own(text)
    assert str(caught.value).count("; line") == MOST_NAMED - 1
    assert str(caught.value).endswith("; and 4 more.")


def test_another_measure_is_taken_with_all_that_belongs_to_it():
    entry = '{measure = "shank_deg", unit = "deg", when = "below", on = 20.0, off = 22.0}'
    rules = own(f"fault.upright.running = {entry}")
    assert label_of(replace(GOOD, shank_deg=19.0), None, rules) is FaultId.UPRIGHT
    assert label_of(replace(GOOD, trunk_lean_deg=2.0), None, rules) is None


def test_a_default_file_with_something_missing_is_refused():
    text = default_text().replace('shown = "CHEST AHEAD"\n', "")
    with pytest.raises(RulesError, match=r"fault\.upright\.cue\.shown: is missing"):
        parse_rules(text, "default", None)


def test_every_key_of_the_file_is_found_on_its_line():
    text = default_text()
    lines = key_lines(text)
    written = text.splitlines()

    def leaves(tree, path):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield (*path, key)
            if isinstance(value, dict | list):
                yield from leaves(value, (*path, key))

    for path in leaves(tomllib.loads(text), ()):
        assert path in lines, path
        if isinstance(path[-1], str):
            assert path[-1] in written[lines[path] - 1]


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.text(max_size=9) | st.integers() | st.floats() | st.booleans(), st.lists, max_leaves=5))
def test_whatever_stands_at_an_entry_it_is_taken_or_named(value):
    """No value at all may end in anything but rules or a RulesError."""
    written = str(value).lower() if isinstance(value, bool) else repr(value).replace("True", "true")
    for path in ("fault.upright.running.on", "fault.upright.cue.spoken", "fault.tall.fix", "green.trunk_lean_deg"):
        try:
            own(f"{path} = {written}")
        except RulesError as error:
            named = str(error)
        else:
            named = "mine.toml, line 1: "
        assert named.startswith("mine.toml, line 1: ")
