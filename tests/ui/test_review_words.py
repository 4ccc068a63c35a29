"""The words of the review: by the rules and the coach's own numbers, for sets whose faults are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.coach.report import FaultId, Hold, StanceValues
from app.coach.reps import DrillId, DrillPhase, DrillReport, Rep
from app.session.delay import Shot
from app.session.set_record import ROOF, Best, HoldMark, SetKind
from app.ui.pages.evidence import cue_evidence, silence_lines
from app.ui.pages.review_words import about_words, amount, here_words, moment_lines, next_time, numbers, step_words
from app.ui.pages.timeline_paint import PATTERNS, blocks_of
from app.ui.theme import Tone

# ---- why it was said ---


def test_the_evidence_is_the_coachs(drifting):
    record, summary = drifting
    mark = next(mark for mark in record.cues if mark.cue.because == "pelvis_drift")
    evidence = cue_evidence(mark, record)
    assert evidence.values == next(cue for cue in summary.cues if cue.because).values
    assert (evidence.threshold, evidence.unit, evidence.higher) == (2.4, "bh_pct", True)
    assert evidence.measure == "hip ahead of the line from ear to rear toe, at push-off"
    assert f"{mark.cue.value * 1.78:.1f} cm, where the limit is 4.3 cm" in evidence.because
    text = record.rules.texts[FaultId.PELVIS_DRIFT]
    assert evidence.article == text.article_view
    assert len(evidence.published) == len(text.evidence)
    assert all(line.startswith("Published work") for line in evidence.published)
    setup = next(mark for mark in record.cues if mark.cue.id == "standing")
    assert cue_evidence(setup, record).values == ()


def test_silence_is_explained(drifting):
    record, summary = drifting
    lines = silence_lines(record)
    most, n = max(((why, n) for (_, why), n in summary.unsaid.items()), key=lambda item: item[1])
    assert lines[0] == f"{n} steps: {most}"


# ---- what it comes to -------------------------------------------------------------------------------------------


def test_the_one_thing_is_the_most_frequent_faults_fix_and_drill(drifting):
    record, summary = drifting
    told = next_time(record, summary)
    text = record.rules.texts[FaultId.PELVIS_DRIFT]
    assert (told.title, told.what, told.drill) == ("Hips back", text.fix, DrillId.START_LINE)
    judged = sum(mark.verdict != "not_judged" for mark in record.steps)
    assert told.why == f"Hips too far forward: in {summary.faults[0].n_steps} of {judged} judged steps"


@pytest.mark.parametrize("fault", list(FaultId))
def test_next_time_never_has_the_fault_itself_for_its_heading(drifting, fault):
    """ "Next time: hips forward" would be read as what to do."""
    record, summary = drifting
    marks = tuple(replace(mark, verdict=fault.value) for mark in record.steps)
    told = next_time(replace(record, steps=marks), summary)
    assert told.title.upper() == record.rules.cues[fault].shown.upper()
    assert told.why.startswith(f"{about_words(fault)[0]}: in ")
    # A stance of the starting line drill that was off: the same.
    rep = Rep(1, 4.0, 6.0, 2.0, None, False, fault.value, unit="s")
    drill = replace(record, kind=SetKind.DRILL, drill=DrillId.START_LINE, reps=(rep,), steps=(), moments=())
    assert next_time(drill, None).title == told.title


def test_a_moment_says_what_is_off_and_from_what(drifting):
    record = drifting[0]
    worst = record.moments_of(Best.WORST)[0]
    assert worst.measure == "line_offset_bh"
    title, detail = moment_lines(worst, record)
    assert title == "Hips too far forward"
    assert detail == f"hip {amount(worst.value, worst.unit, record.height_cm)} ahead of the line"
    hit = replace(worst, about=ROOF, value=1.2, excess=1.2, measure="peak_below_roof_bh")
    assert moment_lines(hit, record)[1] == f"head {amount(1.2, 'bh_pct', record.height_cm)} over the roof"
    bent = replace(worst, about="upright", value=2.0, excess=4.0, unit="deg", measure="trunk_lean_deg")
    assert moment_lines(bent, record)[1] == "4° past the limit"


@pytest.mark.parametrize(
    ("phase", "sets", "what"),
    [
        (DrillPhase.ARMED, 2, "go on to 2 × 8."),
        (DrillPhase.RESTING, 1, "go on to 8."),
        (DrillPhase.DONE, 2, "do the same again, just as calmly."),
    ],
)
def test_a_drill_that_was_broken_off_is_to_be_ended_the_next_time(good, phase, sets, what):
    report = DrillReport(DrillId.HINGE, phase, 6, 0.0, 0.0, None, False, 1, sets, 8, 0.0, (), "")
    frame = good[0].frame_at(5.0)
    shot = Shot(replace(frame, report=replace(frame.report, drill=report)))
    reps = tuple(Rep(k, 4.0 * k, 4.0 * k + 2, 40.0, None, True, "good") for k in range(1, 7))
    drill = replace(good[0], kind=SetKind.DRILL, drill=DrillId.HINGE, steps=(), moments=(), reps=reps, shots=(shot,))
    assert next_time(drill, None).what == f"All 6 repetitions were good. Next time, {what}"


def test_why_nothing_was_said_is_told_in_short(drifting):
    record = drifting[0]
    silent = next(mark for mark in record.steps if mark.unsaid.startswith("too soon") and mark.fault is not None)
    assert step_words(silent, record).endswith("nothing said: too soon after the last words")


def test_the_steps_inside_the_tunnel_are_of_those_with_a_roof(good):
    tunnel = good[1].tunnel
    assert numbers(*good)[2].detail == f"{tunnel.clean_steps} of the {tunnel.steps} steps with a roof"


def test_where_nothing_was_wrong_it_says_what_went_well(good):
    told = next_time(*good)
    assert (told.title, told.tone, told.drill) == ("Nothing to change", Tone.GOOD, None)
    assert told.why == f"{good[1].tunnel.longest_clean_steps} steps in a row inside the tunnel"


def test_hits_alone_send_under_the_roof(good):
    record, summary = good
    steps = [replace(m, step=replace(m.step, hit=k % 3 == 0)) for k, m in enumerate(record.steps)]
    told = next_time(replace(record, steps=tuple(steps)), summary)
    assert told.title == "Duck under the roof"
    assert told.what == record.rules.texts[FaultId.STANDING_UP].fix
    assert told.drill is DrillId.TUNNEL_MARCH


def test_where_nothing_was_judged_it_says_why(good):
    record = replace(good[0], steps=(), kind=SetKind.NOTHING, moments=(), unjudged=(("seen from the front", 9.0),))
    told = next_time(record, None)
    assert (told.title, told.what) == ("Nothing was judged", "Seen from the front.")


def test_the_headline_numbers_are_the_summarys_with_their_intervals(good):
    record, summary = good
    cadence, lean, inside, longest = numbers(record, summary)
    measure = summary.measures["cadence_spm"]
    assert cadence.value == f"{measure.value:.0f} steps/min"
    assert cadence.detail == f"95 %: {measure.ci95[0]:.0f} to {measure.ci95[1]:.0f}"
    assert lean.value == f"{summary.measures['trunk_lean_deg'].value:.1f}°"
    assert inside.value == f"{100 * summary.tunnel.share_inside:.0f}%"
    assert longest.value == f"{summary.tunnel.longest_clean_steps} steps"


def test_what_was_not_measured_says_why(good):
    record, summary = good
    for number in numbers(replace(record, steps=()), None):
        assert number.value == "–"
        assert number.detail == "not measured: no running step was seen"
    without = replace(summary, tunnel=None, angles_relative=False, measures={})
    assert [n.detail for n in numbers(record, without)] == [
        "not measured: not seen in enough steps",
        "not measured: needs a standing reference",
        "not measured: needs a standing reference",
        "not measured: needs a standing reference",
    ]


def test_body_heights_become_cm_where_the_stature_is_known():
    assert amount(2.0, "bh_pct", 180.0) == "3.6 cm"
    assert amount(2.0, "bh_pct") == "2.0 % of your height"
    assert amount(12.34, "deg") == "12°"
    assert amount(0.5, "deg") == "0.5°"


def test_stances_and_repetitions_have_their_own_words(good):
    record = good[0]
    rep = Rep(3, 4.0, 6.0, 12.0, None, False, "half", (), "Hips further back")
    drill = replace(record, kind=SetKind.DRILL, drill=DrillId.HINGE, reps=(rep,), steps=(), moments=())
    assert here_words(drill, 5.0) == "Repetition 3: Hips further back"
    assert next_time(drill, None).title == "Hips further back"
    assert [n.value for n in numbers(drill, None)[:3]] == ["0", "0", "1"]
    assert [(b.start_s, b.end_s, b.tone) for b in blocks_of(drill)] == [(4.0, 6.0, Tone.OFF)]
    stance = replace(record, kind=SetKind.STANCE, steps=(), moments=(), holds=(HoldMark(_hold(), False),))
    assert here_words(stance, 2.0) == "Stance: Good form, 3.0 s"
    assert [n.value for n in numbers(stance, None)] == ["1", "3 s", "11°", "0.9 cm"]
    assert next_time(stance, None).title == "Nothing to change"


def _hold():
    return Hold(1.0, 4.0, "good", StanceValues(11.0, 12.0, 0.5, 40.0, 20.0, 5.0, 10.0, 3.0, 0.5, 25.0))


def test_every_fault_has_its_own_pattern_or_shape():
    running = [fault for fault in FaultId if fault not in (FaultId.TALL, FaultId.NO_STAGGER)]
    assert len({PATTERNS[fault] for fault in running}) == len(running)
