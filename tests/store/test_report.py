"""The report of a session: what it says, in which order, with which numbers; and that it asks for nothing."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from app.coach.report import Mode
from app.coach.types import Facing, Landmark, Measure, RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.analysis_json import analysis_json
from app.store.history import History
from app.store.report import charts, figures, findings, moments, numbers, pictures, svg, words
from app.store.report.material import Material
from app.store.report.page import page, session_page
from app.store.report.sessions import material_of
from app.store.session_facts import SessionFacts
from app.store.sessions.derived import ToldCue
from app.store.sessions.errors import HistoryError
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from app.store.sessions.tables import JudgedStep
from app.store.trends import Digest

FPS = 30.0
HOSTILE = "<script>alert(1)</script>\"'><img src=https://evil.example/x onerror=alert(1)>{{ 7*7 }}"
VOID = {"meta", "link", "img", "br"}
NAN = math.nan


class Read(HTMLParser):
    """What a page holds: tags in balance, their attributes, headings and words."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.attributes, self.headings, self.text = [], [], [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.text.append(data)
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def requires_nothing(html):
    """Nothing on the page makes a browser ask for anything, or run anything."""
    read = Read(html)
    assert not {"script", "iframe", "object", "embed", "form", "base", "audio", "video"} & set(read.tags)
    for tag, name, value in read.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            assert value.startswith("data:"), (tag, name, value)
    style = "".join(re.findall(r"<style>(.*?)</style>", html, re.S))
    assert style
    assert not re.search(r"url\(|@import|@font-face|expression\(", style)
    assert "default-src 'none'" in html
    return read


def record(folder, acts, person="", recipe=None, started=None, finish=True):
    """Record acts of the virtual runner, (act, seconds) each, the first after two seconds of standing."""
    recipe = recipe or Recipe(Mode.RUN, RunnerProfile(178.0))
    coach = recipe.make()
    recorder = SessionRecorder(coach, SessionStart(recipe, person=person, source_kind="virtual", source="acts"), folder)
    begun_s = 0.0
    for act, seconds in acts:
        scene = VirtualScene(RunnerParams(act=Act(act), standing_s=2.0), Camera.framing((1280, 720)))
        for k in range(round(2.0 * FPS) if begun_s else 0, round((2.0 + seconds) * FPS)):
            pose = scene.landmarks_at(k / FPS)
            coach.update(replace(pose, t_s=pose.t_s + begun_s))
        begun_s += seconds
    if not finish:
        recorder._stop()
        recorder._recording.close()
        return recorder.id
    coach.finish()
    recorder.close()
    return recorder.id


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A data folder with a good run of Anna, then one with a drifted pelvis; and a run of somebody hostile."""
    folder = tmp_path_factory.mktemp("history")
    good = record(folder, [("good", 7.0)], "Anna Ríos")
    drift = record(folder, [("good", 8.0), ("pelvis_drift", 8.0)], "anna ríos")
    hostile = record(folder, [("good", 0.5)], HOSTILE)
    return folder, good, drift, hostile


@pytest.fixture
def history(kept):
    with History(kept[0]) as opened:
        yield opened


@pytest.fixture
def material(known):
    """The material of a run with one judged step, all of its numbers known."""
    facts = SessionFacts("video", 70.0, 12.0, 0.2, 0.5, "0.1.0", "full", "ab" * 32, engine="litert")
    step = known.summary.steps[0]
    steps = [
        JudgedStep(k + 1, "ankle_lean" if k >= 4 else "good", replace(step, t_s=t_s, push_off_s=t_s + 0.1))
        for k, t_s in ((k, 1.0 + 0.35 * k) for k in range(16))
    ]  # fmt: skip
    return Material(analysis_json(known.summary, facts), "Run", "Bo", steps=steps, source="run.mp4", first_s=0.5)


def stance(material, *holds, **more):
    """The material of a starting line; a hold is (start, end, verdict, hip ahead of the line)."""
    tree = [
        {"start_s": a, "end_s": b, "verdict": verdict, "values": {"d_h_bh_pct": d_h, "theta_l_deg": 11.0}}
        for a, b, verdict, d_h in holds
    ]
    document = {k: v for k, v in material.document.items() if k != "run"} | {"mode": "stance", "warnings": []}
    document["stance"] = {"holds": tree, "verdict": "good", "not_judged_because": None, **more}
    return replace(material, document=document, steps=(), cues=())


def drill(material, *reps):
    """The material of a hinge drill; a repetition is (end, verdict, counted, depth)."""
    tree = [
        {"number": k, "start_s": end - 2.0, "end_s": end, "depth": depth, "unit": "deg", "counted": counted,
         "verdict": verdict, "good": ["depth"] if verdict == "good" else [], "tempo": None}
        for k, (end, verdict, counted, depth) in enumerate(reps, start=1)
    ]  # fmt: skip
    counted = [rep for rep in tree if rep["counted"]]
    part = {
        "name": "hinge", "target": 8, "sets": 2, "done": True, "counted": len(counted), "reps": tree,
        "good": sum(rep["verdict"] == "good" for rep in counted),
        "pauses": [{"start_s": 3.0, "end_s": 5.5, "because": "step back into the picture"}],
    }  # fmt: skip
    return replace(stance(material), document=stance(material).document | {"drill": part})


# ---------------------------------------------------------------------- the page of a kept session


def test_a_report_tells_everything_in_its_order(history, kept):
    _, good, drift, _ = kept
    read = requires_nothing(session_page(history, drift))
    assert read.headings == [
        "Run of anna ríos", "What went well", "Hips too far forward", "The numbers", "Over time",
        "What was not judged, and why", "Beside the last time", "How it was measured",
    ]  # fmt: skip
    steps = history.steps(drift)
    judged = [step for step in steps if step.verdict != "not_judged"]
    off = sum(step.verdict == "pelvis_drift" for step in judged)
    assert off > 10
    for said in (
        "Take the hips back and let the chest go ahead of them.",
        f"In {off} of {len(judged)} judged steps ({100 * off / len(judged):.0f} %).",
        "where at most 4.3 cm is good form",  # 2.4 % of 178 cm
        "Hips back to the wall behind you A wall stands",
        "The drill to do Starting line Stand tall.",
        "1 set of 4 repetitions",
        "Teng and Powers 2015",
        f"{len(steps) - len(judged)} of {len(steps)} steps were not judged",
        "training aid, not a medical device",
        "promises nothing about running economy or injury",
        drift,
    ):
        assert said in read.words, said
    lean = history.get(drift).summary["run"]["trunk_lean_deg"]
    value, low, high = (f"{v:.1f}".replace("-", "−") for v in (lean["value"], *lean["ci95"]))
    assert f"Trunk lean {value}° {low} to {high}" in read.words
    before = history.get(good).summary["run"]["cadence_spm"]["value"]
    assert f"Cadence {before:.0f} steps/min" in read.words
    assert read.tags.count("figure") == 6 + 3, "three worst, three best, three plots"
    assert "no difference that can be told" in read.words, "few steps"
    assert "other rules judged" not in read.words


def test_the_worst_moments_are_the_furthest_and_the_best_the_greenest(history, kept):
    material = material_of(history, kept[2])
    worst = [moment for moment in material.moments if not moment.best]
    best = [moment for moment in material.moments if moment.best]
    assert [len(worst), len(best)] == [3, 3]
    assert [m.value for m in worst] == sorted((m.value for m in worst), reverse=True)
    assert all(m.about == "pelvis_drift" and m.unit == "bh_pct" and m.value > m.threshold == 2.4 for m in worst)
    assert all(10.0 < m.t_s < 18.1 for m in worst), "the drift began at 10 s"
    assert all(m.t_s < 10.5 for m in best)
    times = sorted(m.t_s for m in material.moments)
    assert min(b - a for a, b in itertools.pairwise(times)) >= moments.APART_S - 0.3
    assert all(abs(m.pose.t_s - m.t_s) <= 0.5 / FPS + 1e-9 for m in material.moments)


def test_a_good_run_has_nothing_to_change(history, kept):
    read = requires_nothing(session_page(history, kept[1]))
    assert "Nothing to change" in read.headings
    n = sum(step.verdict == "good" for step in history.steps(kept[1]))
    assert f"{n} of {n} judged steps were good (100 %)." in read.words
    assert "Your best moments" in read.words
    assert "There is no earlier run of this person to compare with." in read.words


def test_what_is_hostile_is_words_only(history, kept):
    html = session_page(history, kept[3])
    read = requires_nothing(html)
    assert HOSTILE in read.words, "escaped, and told as it is"
    assert "<img" not in html
    assert "49" not in read.headings[0]
    assert "Nothing was judged" in read.words


def test_no_control_character_is_in_a_page_whoever_has_one_in_his_name(material):
    html = page(replace(material, person="Bo\0\x1b[2J\x9f", source="a\x07b.mp4", note="one\ntwo\x08"))
    assert not [sign for sign in html if unicodedata.category(sign) == "Cc" and sign != "\n"]
    told = requires_nothing(html).words
    assert "Bo\ufffd\ufffd[2J\ufffd" in told
    assert "a\ufffdb.mp4" in told


def test_a_session_that_is_not_closed_has_no_report(tmp_path):
    session = record(tmp_path, [("good", 0.2)], finish=False)
    with History(tmp_path) as history, pytest.raises(HistoryError, match=f"{session} is not closed yet"):
        session_page(history, session)


def test_a_report_needs_no_landmarks(tmp_path):
    session = record(tmp_path, [("good", 5.0)])
    with History(tmp_path) as history:
        (history.folder(session) / "poses.hcp").unlink()
        html = session_page(history, session)
    read = requires_nothing(html)
    assert "The rules of then cannot be read" in read.words
    assert ">0:00</text>" in html
    assert "0:10" not in read.words, "times from the first step on, though the rows alone are left"
    assert read.tags.count("figure") == 3, "plots only"


# ---------------------------------------------------------------------- what is said


def test_the_one_thing_is_what_was_wrong_most_often(material):
    assert findings.main_fault(material) == "ankle_lean"
    told = findings.focus(material, "ankle_lean")
    assert told.title == "Leaning from the ankles"
    assert told.why == (
        "In 12 of 16 judged steps (75 %). Shank tilt at midstance: 37.0° typically, where at most 33.0° is good form."
    )
    assert told.drill.title == "Hinge"
    assert told.drill.dose == "2 sets of 8 repetitions · 30 s of rest between"
    assert [e.says for e in told.evidence] == ["disagrees", "missing"]


def test_a_transition_is_not_the_thing_to_work_on_but_hits_are(material):
    rare = [replace(s, verdict="good") for s in material.steps] * 3
    rare[5] = replace(rare[5], verdict="upright")
    good = replace(material, steps=rare)
    assert findings.main_fault(good) == "roof", "all of these steps hit the roof"
    assert findings.focus(good, "roof").why == "In 48 of 48 steps the head went through the roof."
    clear = replace(good, steps=[replace(s, step=replace(s.step, hit=False)) for s in rare])
    assert findings.main_fault(clear) == ""


def test_what_went_well_is_told_only_where_it_is_so(material):
    cues = (
        ToldCue(1, 1.2, "coach", "hinge", "Bow", "BOW", {"fault": "ankle_lean"}),
        ToldCue(2, 5.0, "coach", "hinge", "Bow", "BOW", {"fault": "ankle_lean"}),
        ToldCue(3, 5.5, "coach", "praise", "That's it", "", None),
    )
    well = findings.went_well(replace(material, cues=cues))
    assert well == (
        "Your trunk leaned 11.2°: good form is 6 to 18°.",
        "Ear, hip and rear toe were in one line at push-off, to 0.6 cm.",
        "After 1 of 2 cues you came back to good form within 24 steps.",
    )
    bent = [replace(s, step=replace(s.step, trunk_lean_deg=3.0)) for s in material.steps[:4]]
    assert not any(
        "trunk" in line for line in findings.went_well(replace(material, steps=[*bent, *material.steps[4:]]))
    )


def test_a_starting_line(material):
    exam = {"passed": [{"foot_behind": "left", "t_s": 4.0}, {"foot_behind": "right", "t_s": 14.5}],
            "separations": [{"fault": "hip_squeeze", "separable": False}]}  # fmt: skip
    holds = [(2.0, 6.1, "good", 0.4), (8.0, 9.5, "pelvis_drift", 4.0), (11.0, 13.0, "pelvis_drift", 5.0)]
    told = stance(material, *holds, (14.0, 15.0, "not_judged", None), exam=exam)
    assert findings.main_fault(told) == "pelvis_drift"
    assert findings.went_well(told) == (
        "1 of 3 stances were on the line.",
        "You held it for up to 4.1 s.",
        "The exam was passed with the left and right foot behind.",
    )
    assert findings.not_judged(told) == (
        "1 stance could not be judged.",
        "“Hips squeezed” could not be told apart on this body and camera.",
    )
    chosen = moments.chosen(told, "pelvis_drift")
    assert [(m.best, m.t_s, m.value, m.threshold) for m in chosen if not m.best] == [
        (False, 12.0, 5.0, 1.7), (False, 8.75, 4.0, 1.7),
    ]  # fmt: skip
    assert [(m.t_s, m.held_s) for m in chosen if m.best] == [(4.05, pytest.approx(4.1))]
    read = requires_nothing(page(told))
    assert "1 of 3 stances on the line" in read.words
    assert read.tags.count("figure") == 1, "when"


def test_a_photo_does_not_last(material):
    clip = stance(material, (0.0, 3.9, "good", 0.0))
    photo = replace(clip, document=clip.document | {"source": clip.document["source"] | {"kind": "photo"}})
    assert findings.went_well(clip) == ("1 of 1 stance was on the line.", "You held it for up to 3.9 s.")
    assert findings.went_well(photo) == ("1 of 1 stance was on the line.",)
    body = VirtualScene(RunnerParams(Act.STANCE_GOOD), Camera()).landmarks_at(6.0)
    for told, said in ((clip, True), (photo, False)):
        shown = page(replace(told, moments=[replace(moments.chosen(told, None)[0], pose=body)]))
        assert "<figure" in shown
        assert ("held 3.9 s" in shown) is said


def test_who_is_in_a_photo_is_not_asked_to_stand_still_first(material):
    clip = stance(material, verdict="not_judged", not_judged_because="no standing reference")
    photo = replace(clip, document=clip.document | {"source": clip.document["source"] | {"kind": "photo"}})
    assert "stand tall and still" in " ".join(requires_nothing(page(clip)).words.split())
    told = " ".join(requires_nothing(page(photo)).words.split())
    assert "stand tall and still" not in told
    assert "give it with --standing" in told


def test_what_is_wrong_on_purpose_is_not_to_be_worked_on(material):
    holds = [(2.0, 6.0, "good", 0.0), (8.0, 12.0, "good", 0.0), (20.0, 22.0, "pelvis_drift", 5.0)]
    holds += [(30.0, 32.0, "hip_squeeze", 4.0)] * 2
    exam = {"passed": [{"foot_behind": "left", "t_s": 5.0}, {"foot_behind": "right", "t_s": 11.0}], "separations": []}
    in_clip = stance(material, *holds, exam=exam)
    both = ToldCue(300, 11.0, "exam", "exam_both", "Both sides passed. Well done", "BOTH SIDES PASSED")
    in_session = replace(stance(material, *holds), cues=(both,))
    for told in (in_clip, in_session):
        assert findings.main_fault(told) == ""
        assert "2 of 2 stances were on the line." in findings.went_well(told)
        assert "Shown wrong on purpose, and seen so: Hips too far forward, Hips squeezed." in findings.went_well(told)
    assert findings.main_fault(stance(material, *holds)) == "hip_squeeze", "without an exam they are faults"
    over = replace(both, t_s=21.0, id="exam_apart")
    assert findings.main_fault(replace(in_session, cues=(both, over))) == "hip_squeeze", "after it, too"


def test_a_drill(material):
    reps = (4.0, "good", True, 40.0), (8.0, "sit", True, 35.0), (12.0, "half", False, 12.0), (16.0, "sit", True, 36.0)
    told = drill(material, *reps)
    assert findings.main_fault(told) == "sit"
    assert findings.focus(told, "sit").what == "Hips back, don't sit down."
    assert findings.went_well(told)[:2] == (
        "1 of 3 counted repetitions was good.",
        "You finished all 2 sets.",
    )
    assert "Nothing was counted for 2.5 s: step back into the picture." in findings.not_judged(told)
    read = requires_nothing(page(told))
    assert "Back, not down" in read.headings
    assert "How far each repetition went" in read.words


def test_warnings_are_told_as_people_read_them():
    warnings = [
        "run: not measured, as they were not visible in enough steps: reach_ll_pct, hip_share.",
        "odd my_file.mp4",
        "stance.jpg is a photo",
    ]
    assert words.readable(warnings, "video") == [
        "Not measured, as they were not visible in enough steps: reach, the hip's share of the lean.",
        "Odd my_file.mp4.",
        "stance.jpg is a photo.",
    ]
    obvious = ["app: no network was used, so there is no model."]
    assert words.readable(obvious, "trc") == []
    assert words.readable(obvious, "video") == ["No network was used, so there is no model."]


def test_numbers_and_times_in_words():
    assert words.amount(2.4, "bh_pct", 178.0) == "4.3 cm"
    assert words.amount(-2.4, "bh_pct") == "−2.4 % of your height"
    assert words.amount(0.456, "share") == "46 %"
    assert words.amount(NAN, "deg") == "–"
    assert words.amount(-0.01, "deg") == "0.0°", "never minus nought"
    assert words.interval(Measure(11.2, (10.6, 11.8), 17, "deg")) == "10.6 to 11.8"
    assert words.interval(Measure(12.0, (12.0, math.inf), 9, "min")) == "or more"
    assert words.interval(Measure(3.0, (NAN, NAN), 1, "steps")) == ""
    assert words.between(-3.0, 2.5, "bh_pct", 200.0) == "−6.0 to 5.0 cm"
    assert words.between(6.0, 18.0, "deg") == "6 to 18°"
    assert [words.length(s) for s in (6.47, 59.0, 64.0, 3600.0 * 1.5)] == ["6.5 s", "59 s", "1 min 04 s", "1 h 30 min"]
    assert words.when("2026-11-02T09:05:00+01:00") == "2 November 2026, 09:05"


@pytest.mark.parametrize(
    ("interval", "where", "said"),
    [
        ((10.6, 11.8), "in", "in the band of good form, 6 to 18°"),
        ((5.0, 7.0), "edge", "at the edge of the band of good form, 6 to 18°"),
        ((1.0, 5.9), "out", "below the band of good form, 6 to 18°"),
        ((18.1, 22.0), "out", "above the band of good form, 6 to 18°"),
    ],
)
def test_a_number_is_in_the_band_only_with_its_whole_interval(material, interval, where, said):
    lean = {"value": sum(interval) / 2.0, "ci95": list(interval), "n": 17, "relative_to_standing": True}
    told = replace(material, document=material.document | {"run": material.document["run"] | {"trunk_lean_deg": lean}})
    row = next(row for row in numbers.rows(told) if row.name == "Trunk lean")
    assert (row.where, row.band) == (where, said)


def test_beside_the_last_time(material):
    def at(lean, half, good):
        values = {"trunk_lean_deg": Measure(lean, (lean - half, lean + half), 40, "deg"), "good_share": good}
        return Digest("x", "Bo", "run", "", "2026-11-02T09:05:00+01:00", values)

    few, many = Measure(0.2, (0.1, 0.3), 200, "share"), Measure(0.8, (0.7, 0.9), 200, "share")
    told = numbers.compared(replace(material, before=at(9.0, 0.1, few), now=at(9.5, 0.1, many)))
    assert told.when == "2 November 2026, 09:05"
    lean, good = told.changes
    # 1.96 * sqrt(2) * 0.55 deg of the network, and 0.1 of each: half a degree cannot be told.
    assert (lean.before, lean.after, lean.told) == ("9.0°", "9.5°", "same")
    assert lean.change == "+0.5° · 95 %: −1.0 to +2.0"
    assert (good.change, good.verdict) == ("+60 of 100 · 95 %: +46 to +74", "more than before")
    assert told.cautions == ()
    alone = numbers.compared(replace(material, now=at(9.0, 0.1, few)))
    assert alone.why_not == "There is no earlier run of this person to compare with."
    nobody = numbers.compared(
        replace(material, person="", session="y", before=at(9.0, 0.1, few), now=at(9.5, 0.1, many))
    )
    assert nobody.cautions[0].startswith("nobody was named")


def test_what_was_put_in_by_hand_is_not_to_be_worked_on(material):
    told = drill(material, (4.0, "good", True, 40.0), (8.0, "by_hand", True, None), (9.0, "by_hand", True, None))
    assert findings.main_fault(told) == ""
    requires_nothing(page(told))


# ---------------------------------------------------------------------- what is drawn


def contrast(one, other):
    """The contrast of two colours, #rrggbb each (WCAG 2.2)."""

    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_words_can_be_read_in_both_lights(material):
    style = page(material).split("<style>")[1]
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style.split("@media")[0]))
    dark = light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", style.split("@media")[1]))
    assert light["paper"] != dark["paper"]
    for colours in (light, dark):
        for words_in in ("text", "muted", "good", "off"):
            for ground in ("paper", "card"):
                assert contrast(colours[words_in], colours[ground]) >= 4.5, (words_in, ground)
        assert contrast(colours["text"], colours["good-soft"]) >= 4.5
        assert contrast(colours["muted"], colours["good-soft"]) >= 4.5
        assert contrast(colours["good"], colours["good-soft"]) >= 4.5
        assert contrast(colours["info"], colours["tunnel"]) >= 4.5
        for marks in ("good", "off", "info", "calm", "curve-a", "curve-b"):
            assert contrast(colours[marks], colours["paper"]) >= 3.0, marks


def test_a_plot_puts_things_where_they_are():
    plot = svg.Plot("wide", 10.0, 20.0, -2.0, 2.0)
    assert (plot.x(10.0), plot.x(20.0)) == (svg.LEFT, 720.0 - svg.RIGHT)
    assert plot.x(15.0) == pytest.approx((svg.LEFT + 720.0 - svg.RIGHT) / 2.0)
    assert (plot.y(2.0), plot.y(-2.0), plot.y(99.0)) == (svg.TOP, plot.bottom, svg.TOP)
    assert svg.nice(-2.0, 2.0, 5) == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert svg.nice(0.0, 23.0, 5) == [0.0, 5.0, 10.0, 15.0, 20.0]
    assert [svg.time_step_s(length_s, 8.0) for length_s in (6.0, 60.0, 3600.0)] == [1, 10, 600]
    assert str(svg.tag("text", '<b>"&', x=1.0, aria_label='"<')) == (
        '<text x="1" aria-label="&#34;&lt;">&lt;b&gt;&#34;&amp;</text>'
    )


def test_every_step_has_its_mark_and_a_pause_breaks_the_curve(material):
    lean, head, when = charts.charts(material)
    for size in ("narrow", "wide"):
        drawing = re.search(rf'<svg[^>]*class="plot {size}".*?</svg>', str(lean.drawing), re.S)[0]
        assert drawing.count('class="m-good"') == 4
        assert drawing.count('class="m-off"') == 12
        assert drawing.count('class="curve curve-a"') == 1
    paused = [replace(s, step=replace(s.step, t_s=s.step.t_s + 5.0 * (s.number > 8))) for s in material.steps]
    broken = str(charts.charts(replace(material, steps=paused))[0].drawing)
    assert broken.count('class="curve curve-a"') == 4, "two in each drawing"
    assert "16 steps through the roof" in str(head.drawing)
    assert "Over time: Good form 1.4 s, Leaning from the ankles 4.2 s." in str(when.drawing)


def test_an_hour_stays_small(material):
    steps = [
        JudgedStep(k, "good", replace(s.step, t_s=0.35 * k, hit=False, peak_below_roof_bh=0.01))
        for k, s in enumerate(material.steps * 640)
    ]
    html = page(replace(material, steps=steps))
    assert len(html) < 120_000
    assert "8 of 10 steps" in html
    bars = re.findall(r'd="([^"]*)" class="spread curve-a"', html)
    each = [math.ceil(len(steps) / most) for most in (60, 140)]
    assert [path.count("M") for path in bars] == [math.ceil(len(steps) / n) for n in each], "narrow and wide"


def test_a_body_is_drawn_with_its_line(known):
    pose = known.body()
    drawn = str(figures.body(pose, Facing.RIGHT, "toe", False, "hips <forward>"))
    assert 'class="trunk-off"' in drawn
    assert "&lt;forward&gt;" in drawn
    assert 'class="m-off"' in drawn
    # Ear and rear toe of the pose, 440 px apart in height, fill the drawing but for its margins.
    ear, toe = re.search(r'd="M([\d.]+ [\d.]+)L([\d.]+ [\d.]+)" class="trunk-off"', drawn).groups()
    (x0, y0), (x1, y1) = (map(float, point.split()) for point in (ear, toe))
    assert (x0 - x1) / (y1 - y0) == pytest.approx((668 - 540) / 440.0, abs=0.01)
    assert y1 == pytest.approx(figures.HEIGHT - 18.0, abs=0.1)
    assert 'class="trunk-good"' in str(figures.body(pose, Facing.RIGHT, "ankle", True, ""))
    assert "trunk-" not in str(figures.body(pose, Facing.RIGHT, "", True, ""))
    nobody = replace(pose, xy_px=np.full_like(pose.xy_px, np.nan))
    assert str(figures.body(nobody, Facing.RIGHT, "toe", True, "")) == ""


@pytest.mark.parametrize("shrunk", [1.0, 0.5])
def test_an_evidence_picture_shows_the_runner_and_the_line(known, shrunk):
    image = np.full((round(720 * shrunk), round(1280 * shrunk), 3), 90, np.uint8)
    pose = known.body()
    data, (width, height) = pictures.evidence(image, pose, known.report(judged=False), "toe", good=True)
    shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (height, width, 3)
    assert height <= 640
    assert 0.6 < width / height < 1.1, "cut out around the body"
    assert len(data) < 80_000
    # The middle of the line from ear (668, 190) to toe (540, 630), in the cut-out.
    known_px = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)]
    corner, size = pictures._cut(known_px, pose.image_size_px)
    x, y = (np.array([604.0, 410.0]) - corner) / size * [width, height]
    around = shown[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4].reshape(-1, 3).astype(int)
    _, green, red = around[around[:, 1].argmax()]
    assert green > 150, "the line is there"
    assert green > red
    assert abs(shown[height // 2, 5].astype(int) - 90).max() < 25, "no panel of numbers at the left"


def test_nobody_has_no_evidence_picture(known):
    pose = known.body()
    nobody = replace(pose, xy_px=np.full_like(pose.xy_px, np.nan))
    assert pictures.evidence(np.zeros((72, 128, 3), np.uint8), nobody, known.report()) == (b"", (0, 0))


def test_a_line_ends_at_the_rear_foot(known):
    ear, foot, hip = figures.line_px(known.body(), Facing.RIGHT, "toe")
    assert (tuple(ear), tuple(foot), tuple(hip)) == ((668.0, 190.0), (540.0, 630.0), (615.0, 399.0))
    assert tuple(figures.line_px(known.body(), Facing.RIGHT, "ankle")[1]) == (505.0, 600.0)
    legless = known.body().xy_px.copy()
    legless[Landmark.LEFT_ANKLE] = np.nan
    assert figures.line_px(replace(known.body(), xy_px=legless), Facing.RIGHT, "toe") is None
