"""What the card says on the set-up, exam and drill screens: enough to go by with the sound off."""

from __future__ import annotations

import dataclasses
import math
from functools import cache

import pytest

from app.cli.build import virtual_source
from app.coach.drill_model import NO_STANDING, NOBODY, NOT_WHOLE, SIDE_ON, TURNED, DrillModel
from app.coach.drills import STAND_STILL, DrillPlan
from app.coach.exam_report import ExamPhase, ExamReport
from app.coach.exam_words import ExamLine
from app.coach.reference import STALE
from app.coach.report import Activity, FaultId, StanceValues, StandingStatus
from app.coach.reps import DrillId, DrillPhase, DrillReport, Rep
from app.coach.rules import default_rules
from app.coach.separation import HeldPose, Separation
from app.coach.setup import Check, SetupPhase, SetupReport
from app.coach.setup_checks import CheckState
from app.coach.setup_words import CheckId
from app.coach.types import Facing
from app.pose.estimator import OracleEstimator
from app.session import Session
from app.ui.cards import PAUSES, card_of, drill_card, exam_card, setup_card
from app.ui.icons import SHAPES
from app.ui.screens import Screen
from app.ui.theme import Tone

NAN = math.nan
NONE = StandingStatus("none", False, 0.0, "No standing reference")
RULES = default_rules()
SAY = RULES.exam.say


@pytest.fixture
def analysis(builders):
    """Build an analysis with a set-up, an exam or a drill in it."""

    def make(setup=None, exam=None, t_s=50.0, **changes):
        return dataclasses.replace(builders.analysis(t_s, **changes), setup=setup, exam=exam)

    return make


# ---- set-up ---------------------------------------------------------------------------------------------------------


def check(name=CheckId.SIZE, state=CheckState.PASS, blocking=True, shown="") -> Check:
    code = "far" if state is CheckState.FAIL else ""
    return Check(name, "Distance", state, 41.0, "", code, "The fix" if code else "", shown, blocking)


FAILED = check(state=CheckState.FAIL, shown="CLOSER")
HINT = check(CheckId.LIGHT, CheckState.FAIL, blocking=False, shown="MORE LIGHT")
GOOD = check(CheckId.FRAME)
UNKNOWN = check(CheckId.LEVEL, CheckState.UNKNOWN)


@pytest.mark.parametrize(
    ("setup", "title", "tone", "shape", "progress", "inside"),
    [
        (SetupReport(1.0, SetupPhase.CHECKING, (GOOD, FAILED, HINT), FAILED), "CLOSER", Tone.OFF, "warn", NAN, ""),
        (SetupReport(1.0, SetupPhase.CHECKING, (GOOD, HINT), HINT), "MORE LIGHT", Tone.INFO, "camera", NAN, ""),
        (SetupReport(1.0, SetupPhase.CHECKING, (GOOD, UNKNOWN), None), "Hold still", Tone.CALM, "wait", 0.5, ""),
        (SetupReport(1.0, SetupPhase.COUNTDOWN, (GOOD,), None), "All set", Tone.GOOD, "check", NAN, ""),
        (
            SetupReport(1.0, SetupPhase.COUNTDOWN, (GOOD,), None, countdown=3),
            "Stand tall",
            Tone.INFO,
            "stand",
            1.0,
            "3",
        ),
        (
            SetupReport(1.0, SetupPhase.COUNTDOWN, (GOOD,), None, countdown=1),
            "Stand tall",
            Tone.INFO,
            "stand",
            1 / 3,
            "1",
        ),
        (SetupReport(1.0, SetupPhase.DONE, (GOOD, HINT), HINT), "Ready to run", Tone.GOOD, "check", NAN, ""),
        (SetupReport(1.0, SetupPhase.DONE, (GOOD, FAILED), FAILED), "CLOSER", Tone.OFF, "warn", NAN, ""),
    ],
)
def test_the_set_up_shows_the_one_thing_to_do(analysis, setup, title, tone, shape, progress, inside) -> None:
    card = setup_card(analysis(setup=setup, standing=NONE, activity=Activity.STANDING))
    assert (card.title, card.tone, card.shape, card.mark) == (title, tone, shape, inside)
    assert card.progress == pytest.approx(progress, nan_ok=True)


def test_a_standing_that_is_taken_fills_a_ring_and_says_why_it_is_refused(analysis) -> None:
    setup = SetupReport(1.0, SetupPhase.CALIBRATING, (GOOD,), None)
    standing = StandingStatus("none", True, 0.6, "Feet together, side by side")
    card = setup_card(analysis(setup=setup, standing=standing, activity=Activity.STANDING))
    assert (card.title, card.detail, card.progress) == ("Stand tall", "Feet together, side by side", 0.6)


def test_who_runs_already_is_coached(analysis) -> None:
    setup = SetupReport(1.0, SetupPhase.CALIBRATING, (GOOD,), None)
    taken = StandingStatus("recorded", False, 1.0, "Standing reference taken")
    assert setup_card(analysis(setup=setup, standing=taken)).title == "In the tunnel"


# ---- exam -----------------------------------------------------------------------------------------------------------


def exam(phase, line, **more) -> ExamReport:
    return ExamReport(1.0, phase, SAY[line] if isinstance(line, ExamLine) else RULES.cues[line], **more)


DRIFT_APART = Separation(FaultId.PELVIS_DRIFT, True, 4.2, "good", "d_h_bh_pct")
SQUEEZE_ALIKE = Separation(FaultId.HIP_SQUEEZE, False, 1.1, "good", "front_load_deg")


@pytest.mark.parametrize(
    ("report", "title", "tone", "shape", "progress", "inside"),
    [
        (exam(ExamPhase.STAND_TALL, ExamLine.STAND_TALL, hold_s=1.5), "STAND TALL", Tone.INFO, "stand", 0.5, ""),
        (
            exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK, hold_goal_s=3.0),
            "ONE FOOT BACK",
            Tone.INFO,
            "hold",
            NAN,
            "",
        ),
        (
            exam(ExamPhase.FIRST_SIDE, ExamLine.HOLD, hold_s=0.9, hold_goal_s=3.0, verdict="good"),
            "GOOD - HOLD",
            Tone.GOOD,
            "hold",
            0.3,
            "3",
        ),
        (
            exam(ExamPhase.OTHER_SIDE, ExamLine.HOLD, hold_s=2.4, hold_goal_s=3.0, verdict="good"),
            "GOOD - HOLD",
            Tone.GOOD,
            "hold",
            0.8,
            "1",
        ),
        (
            exam(ExamPhase.FIRST_SIDE, FaultId.PELVIS_DRIFT, fix="Hips back", verdict="pelvis_drift", hold_goal_s=3.0),
            "HIPS BACK",
            Tone.OFF,
            "hips",
            NAN,
            "",
        ),
        (
            exam(ExamPhase.OTHER_SIDE, ExamLine.FEET_HIDDEN, paused_because="Both legs must be seen"),
            "SHOW YOUR FEET",
            Tone.CALM,
            "pause",
            NAN,
            "",
        ),
        (
            exam(ExamPhase.DRIFT, ExamLine.DRIFT, hold_s=0.75, hold_goal_s=1.5),
            "WRONG: HIPS FORWARD",
            Tone.INFO,
            "hips",
            0.5,
            "1",
        ),
        (
            exam(ExamPhase.DONE, ExamLine.TOLD_APART, separations=(DRIFT_APART,)),
            SAY[ExamLine.TOLD_APART].shown,
            Tone.GOOD,
            "check",
            NAN,
            "",
        ),
        (
            exam(ExamPhase.DONE, ExamLine.NOT_TOLD_APART, separations=(DRIFT_APART, SQUEEZE_ALIKE)),
            SAY[ExamLine.NOT_TOLD_APART].shown,
            Tone.INFO,
            "warn",
            NAN,
            "",
        ),
    ],
)
def test_the_exam_shows_its_line_and_the_hold(analysis, report, title, tone, shape, progress, inside) -> None:
    card = exam_card(analysis(exam=report))
    assert (card.title, card.tone, card.shape, card.mark) == (title, tone, shape, inside)
    assert card.progress == pytest.approx(progress, nan_ok=True)


def test_both_sides_passed_stays_on_the_card_while_it_is_said(analysis) -> None:
    good = HeldPose("good", "left", 46.0, 49.0, 90, "good", StanceValues(*(0.0,) * 10), StanceValues(*(0.1,) * 10))
    drifting = dataclasses.replace(exam(ExamPhase.DRIFT, ExamLine.DRIFT, hold_goal_s=1.5, kept=(good, good)), t_s=51.0)
    card = exam_card(analysis(exam=drifting))
    assert (card.title, card.tone, card.shape) == ("BOTH SIDES PASSED", Tone.GOOD, "check")
    assert exam_card(analysis(exam=dataclasses.replace(drifting, t_s=51.6))).title == "WRONG: HIPS FORWARD"
    assert exam_card(analysis(exam=dataclasses.replace(drifting, hold_s=0.2))).title == "WRONG: HIPS FORWARD"


def test_what_was_to_change_stays_until_the_exam_says_something_else(analysis) -> None:
    on_the_way = exam(ExamPhase.FIRST_SIDE, FaultId.PELVIS_DRIFT, hold_goal_s=3.0)
    card = exam_card(analysis(exam=on_the_way))
    assert (card.title, card.tone, card.shape) == ("HIPS BACK", Tone.OFF, "hips")


@pytest.mark.parametrize(("mirrored", "flip"), [(False, True), (True, False)])
def test_the_shape_of_the_exam_points_as_the_runner_is_seen(analysis, mirrored, flip) -> None:
    report = exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK)
    assert exam_card(analysis(exam=report, facing=Facing.LEFT), mirrored).flip is flip


# ---- drills ---------------------------------------------------------------------------------------------------------


def rep(verdict="good", counted=True, end_s=49.0, change="") -> Rep:
    return Rep(3, end_s - 2.0, end_s, 34.0, None, counted, verdict, (), change)


def drill(phase, reps=3, progress=0.0, hold_s=0.0, last=None, rest_s=0.0, paused="", name=DrillId.HINGE, **more):
    return DrillReport(name, phase, reps, progress, hold_s, last, False, 1, 2, 8, rest_s, (), paused, **more)


MARCH = DrillId.TUNNEL_MARCH


@pytest.mark.parametrize(
    ("report", "title", "tone", "shape", "progress", "inside"),
    [
        (drill(DrillPhase.ARMED, 0), "Go", Tone.GOOD, "hips", NAN, ""),
        (drill(DrillPhase.MOVING, progress=0.6), "3 of 8", Tone.GOOD, "hips", 0.6, ""),
        (drill(DrillPhase.ARMED, last=rep()), "3 of 8", Tone.GOOD, "check", NAN, ""),
        (drill(DrillPhase.ARMED, last=rep(end_s=50.3)), "3 of 8", Tone.GOOD, "check", NAN, ""),
        (
            drill(DrillPhase.ARMED, last=rep("half", False, change="Hips further back")),
            "FURTHER BACK",
            Tone.OFF,
            "warn",
            NAN,
            "",
        ),
        (drill(DrillPhase.ARMED, last=rep("half", False, end_s=40.0)), "3 of 8", Tone.GOOD, "hips", NAN, ""),
        (
            drill(DrillPhase.ARMED, last=rep("hip_squeeze", False), name=DrillId.START_LINE),
            "PUSH BEHIND YOU",
            Tone.OFF,
            "hips",
            NAN,
            "",
        ),
        (
            drill(DrillPhase.HOLDING, progress=0.4, hold_s=2.0, name=DrillId.ATHLETIC),
            "Hold",
            Tone.GOOD,
            "hips",
            0.4,
            "3",
        ),
        (
            drill(DrillPhase.HOLDING, progress=1.0, hold_s=5.2, name=DrillId.ATHLETIC),
            "Done: stand up",
            Tone.GOOD,
            "check",
            1.0,
            "",
        ),
        (drill(DrillPhase.RESTING, rest_s=22.4), "Rest", Tone.CALM, "pause", 1.0, "23"),
        (drill(DrillPhase.RESTING, rest_s=4.0), "Rest", Tone.CALM, "pause", 0.4, "4"),
        (drill(DrillPhase.DONE, 8), "All done", Tone.GOOD, "check", NAN, ""),
        (drill(DrillPhase.MOVING, 12, name=MARCH, head_below_roof_bh=0.01), "12 of 8", Tone.GOOD, "roof", NAN, ""),
        (drill(DrillPhase.MOVING, 12, name=MARCH, head_below_roof_bh=-0.01), "Duck", Tone.HIT, "roof", NAN, ""),
    ],
)
def test_a_drill_shows_the_count_or_what_to_do(analysis, report, title, tone, shape, progress, inside) -> None:
    card = drill_card(analysis(drill=report, standing=StandingStatus("recorded", False, 1.0, "")))
    assert (card.title, card.tone, card.shape, card.mark) == (title, tone, shape, inside)
    assert card.progress == pytest.approx(progress, nan_ok=True)


@pytest.mark.parametrize(
    ("why", "title"),
    [
        (STAND_STILL, "Stand still"),
        (NO_STANDING, "Stand tall"),
        (NOT_WHOLE, "Step back"),
        (NOBODY, "Step into view"),
        (SIDE_ON, "Turn side-on"),
        (TURNED, "Turn back"),
        (STALE, "Stand tall"),
    ],
)
def test_a_paused_drill_says_large_what_to_do(analysis, why, title) -> None:
    report = drill(DrillPhase.PAUSED, 3, paused=why)
    card = drill_card(analysis(drill=report, standing=StandingStatus("recorded", False, 1.0, "")))
    assert (card.title, card.detail, card.tone) == (title, "3 of 8", Tone.CALM)
    assert PAUSES[why][1] in SHAPES


def test_the_next_set_is_named_before_it_begins(analysis) -> None:
    report = dataclasses.replace(drill(DrillPhase.PAUSED, 0, paused=STAND_STILL), set_number=2)
    card = drill_card(analysis(drill=report, standing=StandingStatus("recorded", False, 1.0, "")))
    assert (card.title, card.detail) == ("Stand still", "Set 2 of 2")


def test_another_reason_to_pause_is_told_in_full(analysis) -> None:
    report = drill(DrillPhase.PAUSED, 3, paused="only 7 frames a second: at least 10 are needed")
    card = drill_card(analysis(drill=report, standing=StandingStatus("recorded", False, 1.0, "")))
    assert (card.title, card.detail) == ("Paused", "Only 7 frames a second: at least 10 are needed")


# ---- which one ------------------------------------------------------------------------------------------------------


def test_each_screen_shows_its_own_card_and_the_run_the_coachs(analysis, builders) -> None:
    setup = SetupReport(1.0, SetupPhase.CHECKING, (FAILED,), FAILED)
    all_three = analysis(
        setup=setup, exam=exam(ExamPhase.FIRST_SIDE, ExamLine.ONE_FOOT_BACK), drill=drill(DrillPhase.MOVING)
    )
    titles = {screen: card_of(screen, all_three, None).title for screen in Screen if screen.live}
    assert titles == {
        Screen.SETUP: "CLOSER",
        Screen.RUN: "In the tunnel",
        Screen.START_LINE: "ONE FOOT BACK",
        Screen.DRILLS: "3 of 8",
    }
    cue = builders.cue(t_s=50.0)
    assert card_of(Screen.RUN, all_three, cue).title == "DUCK UNDER THE ROOF"
    # Until the task has been turned to there is nothing of it yet.
    assert {card_of(screen, analysis(), None).title for screen in titles} == {"In the tunnel"}


@cache
def drilled(act: str, name: DrillId, seconds: float) -> tuple[tuple[float, str, float], ...]:
    """(time, title, progress) of every card while the virtual runner does a drill before the real coach."""
    source = virtual_source(act, fps=15.0, seconds=seconds, render=False)
    with Session(source, OracleEstimator, DrillModel(DrillPlan(name, target=3, sets=1))) as session:
        cards = []
        while (newest := session.step()) is not None:
            card = card_of(Screen.DRILLS, newest, None)
            cards.append((newest.report.t_s, card.title, card.progress))
    return tuple(cards)


def test_a_drill_before_the_real_coach_goes_from_standing_to_done() -> None:
    titles = list(dict.fromkeys(title for _, title, _ in drilled("drill_hinge", DrillId.HINGE, 32.0)))
    counted = [title for title in titles if title.endswith("of 3")]
    assert titles[0] in ("Stand tall", "Stand still", "Turn side-on")
    assert titles.index("Go") < titles.index("1 of 3")
    assert [title for title in counted if title != "0 of 3"] == ["1 of 3", "2 of 3"]
    assert titles[-1] == "All done"
    depths = [progress for _, title, progress in drilled("drill_hinge", DrillId.HINGE, 32.0) if title == "2 of 3"]
    assert max(depth for depth in depths if depth == depth) == 1.0
