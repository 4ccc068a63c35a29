"""What the large card says on each live screen: enough to go by with the sound off.

Every function makes a `CardContent` of one frame's reports; no Qt state, so they are tested as tables.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from app.coach.drill_model import NO_STANDING, NOBODY, NOT_WHOLE, SIDE_ON, TURNED
from app.coach.drill_rules import default_drills
from app.coach.drills import STAND_STILL
from app.coach.exam import AFTER_PASS_S
from app.coach.exam_report import ExamPhase
from app.coach.exam_words import ExamLine
from app.coach.reference import STALE
from app.coach.report import GOOD, Activity
from app.coach.reps import GOOD_REP, DrillId, DrillPhase
from app.coach.rules import default_rules
from app.coach.setup import SetupPhase
from app.coach.setup_checks import CheckState
from app.coach.setup_words import CheckId
from app.coach.types import Facing
from app.ui.cue_card import FAULT_CARDS, CardContent, card_for, fix_words
from app.ui.screens import Screen
from app.ui.theme import Tone
from app.ui.words import mark, tr

if TYPE_CHECKING:
    from app.coach.exam_report import ExamReport
    from app.coach.report import Cue, StandingStatus
    from app.coach.reps import DrillReport, Rep
    from app.coach.rules import Rules
    from app.coach.setup import SetupReport
    from app.session import Analysis

#: How long the verdict of a repetition stays on the card.
REP_SHOWN_S: Final = 2.2
#: The end of a repetition is worked out and may lie a little past the frame it was seen in.
REP_AHEAD_S: Final = 1.0
#: A rest is counted down by the ring in its last seconds; before, the ring is full.
REST_RING_S: Final = 10.0
#: Still seconds of a capture (`app.coach.standing`) that the exam's hold time of standing tall is told in.
STAND_S: Final = 3.0

#: Which picture a check of the set-up gets that has to be put right.
CHECK_SHAPES: Final[dict[CheckId, str]] = {
    CheckId.RATE: "camera",
    CheckId.LIGHT: "camera",
    CheckId.STEADY: "camera",
    CheckId.LEVEL: "camera",
    CheckId.PERSON: "stand",
    CheckId.SIDE: "stand",
}
#: Why a drill pauses, in a few large words, with a shape; others are told in the smaller line.
PAUSES: Final[dict[str, tuple[str, str]]] = {
    STAND_STILL: (mark("Stand still"), "stand"),
    NO_STANDING: (mark("Stand tall"), "stand"),
    NOT_WHOLE: (mark("Step back"), "camera"),
    NOBODY: (mark("Step into view"), "camera"),
    SIDE_ON: (mark("Turn side-on"), "stand"),
    TURNED: (mark("Turn back"), "stand"),
    STALE: (mark("Stand tall"), "stand"),
}
DRILL_SHAPES: Final[dict[DrillId, str]] = {
    DrillId.HINGE: "hips",
    DrillId.START_LINE: "hold",
    DrillId.ATHLETIC: "hips",
    DrillId.TUNNEL_MARCH: "roof",
}
_WITH_A_FRONT: Final = frozenset({"lean", "rise", "hold", "hips"})


def card_of(
    screen: Screen, analysis: Analysis, cue: Cue | None, mirrored: bool = False, rules: Rules | None = None
) -> CardContent:
    """Return the card of a live screen.

    Args:
        screen: which.
        analysis: the newest.
        cue: the newest cue of the coach, old or not.
        mirrored: whether the picture is.
        rules: what is judged by, None for the default: a fault is shown in the words of its cue.

    """
    if screen is Screen.SETUP and analysis.setup is not None:
        return setup_card(analysis, mirrored)
    if screen is Screen.START_LINE and analysis.exam is not None:
        return exam_card(analysis, mirrored)
    if screen is Screen.DRILLS and analysis.report.drill is not None:
        return drill_card(analysis, mirrored)
    return card_for(analysis.report, cue, mirrored, rules)


# ---- set-up --------------------------------------------------------------------------------------------------------


def passed_of(report: SetupReport) -> int:
    """Return how many checks stand in the way no more: passed, or of the kind that may stay as it is."""
    return sum(check.state is CheckState.PASS or not check.blocking for check in report.checks)


def setup_card(analysis: Analysis, mirrored: bool = False) -> CardContent:
    """Return the card of the set-up: the one thing to put right, the countdown, the capture, or that all is well."""
    setup = analysis.setup
    runs = analysis.report.activity is Activity.RUNNING
    if setup is None or (runs and setup.phase is not SetupPhase.CHECKING):
        # Who runs already is coached, not set up.
        return card_for(analysis.report, None, mirrored)
    if setup.phase is SetupPhase.COUNTDOWN:
        if setup.countdown is None:
            return CardContent(tr("All set"), tr("Stand tall, arms down"), Tone.GOOD, "check")
        share = setup.countdown / 3.0
        return CardContent(tr("Stand tall"), "", Tone.INFO, "stand", progress=share, mark=str(setup.countdown))
    if setup.phase is SetupPhase.CALIBRATING:
        return _capture_card(analysis.report.standing, setup.message)
    problem = setup.problem
    if problem is not None and (problem.blocking or setup.phase is not SetupPhase.DONE):
        tone = Tone.OFF if problem.blocking else Tone.INFO
        return CardContent(tr(problem.shown), tr(problem.line), tone, CHECK_SHAPES.get(problem.id, "warn"))
    if setup.phase is SetupPhase.DONE:
        return CardContent(tr("Ready to run"), tr(analysis.report.standing.message), Tone.GOOD, "check")
    share = passed_of(setup) / len(setup.checks) if setup.checks else math.nan
    return CardContent(tr("Hold still"), tr("Looking"), Tone.CALM, "wait", progress=share)


def _capture_card(standing: StandingStatus, message: str = "") -> CardContent:
    """Return the card while a standing is taken: a ring of its still seconds, and why it is not."""
    words = standing.message or message
    return CardContent(tr("Stand tall"), tr(words), Tone.INFO, "stand", progress=standing.progress)


# ---- the starting line ---------------------------------------------------------------------------------------------


def exam_card(analysis: Analysis, mirrored: bool = False) -> CardContent:
    """Return the card of the exam: the line that stands, with the hold as a ring and the seconds left in it."""
    exam = analysis.exam
    if exam is None:
        return card_for(analysis.report, None, mirrored)
    flip = (analysis.report.facing is Facing.LEFT) != mirrored
    said = default_rules().exam.say
    title = tr(exam.instruction.shown)
    if exam.paused_because:
        return CardContent(title, tr(exam.paused_because), Tone.CALM, "pause")
    if _just_passed(exam):
        return CardContent(tr(said[ExamLine.BOTH_PASSED].shown), "", Tone.GOOD, "check")
    if exam.phase is ExamPhase.STAND_TALL:
        return CardContent(title, tr(exam.detail), Tone.INFO, "stand", progress=min(exam.hold_s / STAND_S, 1.0))
    if exam.phase is ExamPhase.DONE:
        tone, shape = (Tone.INFO, "warn") if exam.not_separable else (Tone.GOOD, "check")
        return CardContent(title, "", tone, shape)
    tone, shape = _exam_look(exam)
    content = CardContent(title, "", tone, shape, flip and shape in _WITH_A_FRONT)
    if not exam.hold_goal_s > 0.0 or not exam.hold_s > 0.0:
        return content
    left_s = max(0, math.ceil(exam.hold_goal_s - exam.hold_s - 1e-6))
    share = min(exam.hold_s / exam.hold_goal_s, 1.0)
    return replace(content, progress=share, mark=str(left_s) if left_s else "")


@cache
def _fault_of() -> dict[str, str]:
    """Return the fault that a line is about, by the id of the line."""
    return {spec.id: fault.value for fault, spec in reversed(list(default_rules().cues.items()))}


def _just_passed(exam: ExamReport) -> bool:
    """Whether the second side has just been passed: the voice says so before the next line, but that line stands."""
    if exam.phase is not ExamPhase.DRIFT or not exam.kept:
        return False
    if exam.pass_event is not None or exam.hold_s > 0.0:
        return exam.pass_event is not None
    newest = exam.kept[-1]
    return newest.name == GOOD and 0.0 <= exam.t_s - newest.end_s < AFTER_PASS_S


def _exam_look(exam: ExamReport) -> tuple[Tone, str]:
    """Return tone and shape of the line that stands."""
    fault = exam.verdict if exam.fix else _fault_of().get(exam.instruction.id)
    if fault is not None:
        # Also while the runner is on the way out of it and no verdict is there yet.
        return Tone.OFF, FAULT_CARDS.get(fault, ("", "warn"))[1]
    if exam.phase in (ExamPhase.DRIFT, ExamPhase.SQUEEZE):
        return Tone.INFO, "hips" if exam.phase is ExamPhase.DRIFT else "rise"
    if exam.phase is ExamPhase.FEET_TOGETHER:
        return Tone.GOOD, "check"
    holding = exam.instruction.id == default_rules().exam.say[ExamLine.HOLD].id
    return Tone.GOOD if holding else Tone.INFO, "hold"


# ---- drills --------------------------------------------------------------------------------------------------------


def count_words(drill: DrillReport) -> str:
    """Return "3 of 8", or "3" where there is no target."""
    if not drill.target:
        return str(drill.reps)
    return tr("{n} of {target}").format(n=drill.reps, target=drill.target)


def drill_card(analysis: Analysis, mirrored: bool = False) -> CardContent:
    """Return the card of a drill: the count, the repetition or hold under way, the rest, or why it pauses."""
    drill = analysis.report.drill
    if drill is None:
        return card_for(analysis.report, None, mirrored)
    flip = (analysis.report.facing is Facing.LEFT) != mirrored
    shape = DRILL_SHAPES[drill.drill]
    flip = flip and shape in _WITH_A_FRONT
    if drill.phase is DrillPhase.DONE:
        return CardContent(tr("All done"), count_words(drill), Tone.GOOD, "check")
    if drill.phase is DrillPhase.RESTING:
        return _rest_card(drill)
    if drill.phase is DrillPhase.PAUSED:
        return _pause_card(analysis, drill)
    if drill.phase is DrillPhase.HOLDING:
        return _hold_card(drill, shape, flip)
    if _through_roof(drill):
        return CardContent(tr("Duck"), count_words(drill), Tone.HIT, "roof")
    rep = drill.last_rep
    told = rep is not None and not rep.by_user and -REP_AHEAD_S < analysis.report.t_s - rep.end_s < REP_SHOWN_S
    if rep is not None and told and drill.drill is not DrillId.TUNNEL_MARCH:
        return _rep_card(drill, rep)
    if drill.phase is DrillPhase.ARMED and not drill.reps:
        return CardContent(tr("Go"), tr(default_drills().drills[drill.drill].title), Tone.GOOD, shape, flip)
    moving = drill.phase is DrillPhase.MOVING and drill.drill is not DrillId.TUNNEL_MARCH
    return CardContent(count_words(drill), "", Tone.GOOD, shape, flip, progress=drill.progress if moving else math.nan)


def _set_words(drill: DrillReport) -> str:
    return tr("Set {n} of {sets}").format(n=drill.set_number, sets=drill.sets)


def _through_roof(drill: DrillReport) -> bool:
    return drill.phase is DrillPhase.MOVING and drill.head_below_roof_bh < 0.0


def _rest_card(drill: DrillReport) -> CardContent:
    done = tr("Set {n} of {sets} done").format(n=drill.set_number, sets=drill.sets)
    share = min(drill.rest_left_s / REST_RING_S, 1.0)
    return CardContent(tr("Rest"), done, Tone.CALM, "pause", progress=share, mark=str(math.ceil(drill.rest_left_s)))


def _pause_card(analysis: Analysis, drill: DrillReport) -> CardContent:
    """Return why nothing is counted; while a standing is taken, how far that is."""
    standing = analysis.report.standing
    if standing.capturing and standing.progress > 0.0:
        return _capture_card(standing)
    title, shape = PAUSES.get(drill.paused_because, (mark("Paused"), "pause"))
    counted = count_words(drill) if drill.reps else _set_words(drill) if drill.set_number > 1 else ""
    reason = tr(drill.paused_because)
    detail = counted if drill.paused_because in PAUSES else reason[:1].upper() + reason[1:]
    return CardContent(tr(title), detail, Tone.CALM if drill.reps else Tone.INFO, shape)


def _hold_card(drill: DrillReport, shape: str, flip: bool) -> CardContent:
    """Return the hold under way: the seconds left in the ring; enough of it, and the runner may stand up."""
    if drill.progress >= 1.0:
        return CardContent(tr("Done: stand up"), tr("It counts when you stand"), Tone.GOOD, "check", progress=1.0)
    wanted_s = default_drills().drills[drill.drill].band.get("hold_s", math.nan)
    if drill.progress > 0.0 and drill.hold_s > 0.0:
        wanted_s = drill.hold_s / drill.progress
    left = str(math.ceil(wanted_s - drill.hold_s - 1e-6)) if math.isfinite(wanted_s) else ""
    return CardContent(tr("Hold"), count_words(drill), Tone.GOOD, shape, flip, progress=drill.progress, mark=left)


def _rep_card(drill: DrillReport, rep: Rep) -> CardContent:
    """Return the verdict of the repetition that has just ended: the count, or the one thing to change."""
    if rep.verdict == GOOD_REP:
        return CardContent(count_words(drill), "", Tone.GOOD, "check")
    change = default_drills().drills[drill.drill].change.get(rep.verdict)
    fault = FAULT_CARDS.get(rep.verdict)
    title = tr(change.shown) if change is not None else fix_words(rep.verdict) or tr(rep.change)
    counted = count_words(drill) if rep.counted else tr("not counted")
    return CardContent(title, counted, Tone.OFF, fault[1] if fault is not None else "warn")
