"""The starting-line exam: hands-free, one thing at a time, nothing scored on bad data.

Stand tall, one foot back, hold; feet together, the other foot back, hold; then "now do it wrong", drifting and
squeezing on purpose, and whether the three can be told apart. A state machine over frames: it knows no clock but the
frames' times, plays nothing and shows nothing; `ExamReport` is all that a window or a headless run needs. What the
coach itself would say (`CoachReport.cue`) is not for the runner's ears while an exam is on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from app.coach.exam_report import ExamPhase, ExamReport, PassEvent, Voice
from app.coach.exam_watch import SLIP_S, UNKNOWN_SIDE, VOIDING, ExamWatch, Obstacle, rear_lower_bh, rear_side
from app.coach.exam_words import ExamLine
from app.coach.filters import NAN, median
from app.coach.geometry import Body, body_from_pose
from app.coach.model import CoachModel
from app.coach.report import GOOD, NOT_JUDGED, CoachReport, FaultId, Hold, StanceValues
from app.coach.rules import CueSpec, Rules, default_rules
from app.coach.separation import HeldPose, Separation, held_pose, separations
from app.coach.stance import ASKED_STAGGER_PCT, STANCE_STAGGER_PCT, stance_values
from app.coach.standing import StandingReference
from app.coach.types import BodyPose

#: What to change is told once a fault has lasted so long, and another thing not sooner than this after the last words.
FAULT_AFTER_S, WORDS_S = 1.5, 4.0
#: A stance without a hold for so long is restless: a hold takes a second to be seen as one.
RESTLESS_S = 2.5
#: After "passed" the next line waits so long.
AFTER_PASS_S = 2.5
#: Otherwise words come no closer together than this, however the picture flickers.
LEAST_GAP_S = 1.2
#: A pause is told after this long, not every flicker of the picture.
PAUSE_TOLD_S = 0.7
#: Feet together for so long: the runner has stood up between the two sides.
TOGETHER_S = 0.5
#: Values are kept over the last so many seconds of a hold.
KEPT_S = 2.0
#: Coming back to the good line between the two wrong ways is not insisted on for longer.
GOOD_AGAIN_S, GOOD_AGAIN_WAIT_S = 1.0, 12.0
#: Time to get into a wrong pose, before which nothing is taken; who does not change is taken as seen after so long.
LEAD_S, WRONG_WAIT_S = 3.0, 25.0
#: Out of the good stance: the trunk or the front knee by so much, or the hip off the line.
MOVED_DEG, MOVED_PCT = 4.0, 1.2

_LINE = {
    ExamPhase.STAND_TALL: ExamLine.STAND_TALL,
    ExamPhase.FIRST_SIDE: ExamLine.ONE_FOOT_BACK,
    ExamPhase.FEET_TOGETHER: ExamLine.SIDE_PASSED,
    ExamPhase.OTHER_SIDE: ExamLine.OTHER_FOOT_BACK,
    ExamPhase.DRIFT: ExamLine.DRIFT,
    ExamPhase.GOOD_AGAIN: ExamLine.GOOD_AGAIN,
    ExamPhase.SQUEEZE: ExamLine.SQUEEZE,
}
_WRONG = {ExamPhase.DRIFT: FaultId.PELVIS_DRIFT, ExamPhase.SQUEEZE: FaultId.HIP_SQUEEZE}
_AFTER_BOTH = (ExamPhase.DRIFT, ExamPhase.GOOD_AGAIN, ExamPhase.SQUEEZE)


class Exam:
    """The exam; feed it every frame in order of time.

    Args:
        rules: thresholds and words, None for the default ones.
        fresh: whether standing tall is a part of it; False: a reference that is there already is good.
    """

    def __init__(self, rules: Rules | None = None, fresh: bool = True) -> None:
        self._rules = rules or default_rules()
        self._watch, self._voice = ExamWatch(), Voice()
        self.phase = ExamPhase.STAND_TALL
        self._resume = ExamPhase.FIRST_SIDE
        self._asking = fresh
        #: The reference that is not to be used any more, and the one in use.
        self._old: StandingReference | None = None
        self._standing: StandingReference | None = None
        #: When the phase began, from when a hold counts, when the data turned bad, since when the feet are together.
        self._since_s = self._from_s = self._bad_since_s = self._together_since_s = NAN
        self._samples: deque[tuple[float, StanceValues, float]] = deque()
        self._passes: list[PassEvent] = []
        self._wrong: list[HeldPose] = []
        self._moved_s = self._restless_since_s = NAN
        self._separations: tuple[Separation, ...] = ()
        self._last_s = float("-inf")
        self._shown = self._rules.exam.say[ExamLine.STAND_TALL]

    @property
    def passed(self) -> tuple[str, ...]:
        """The feet that were behind in the sides passed so far: "left", "right" or "unknown"."""
        return tuple(event.side for event in self._passes)

    def update(self, pose: BodyPose, report: CoachReport, standing: StandingReference | None) -> ExamReport:
        """Take one frame and return how the exam stands.

        Args:
            pose: of the frame.
            report: what the coach, in stance mode, said of it.
            standing: its reference now.
        """
        t_s = pose.t_s
        asking, self._asking = self._asking, False
        if asking:
            self._old = standing
        if self._since_s != self._since_s:
            self._since_s = self._from_s = t_s
        if self.phase is ExamPhase.DONE or t_s <= self._last_s:
            return self._report(t_s, self._closing())
        self._last_s = t_s
        body = body_from_pose(pose, report.facing, report.yaw_deg) if pose.seen else None
        body = body if body is not None and body.trunk_seen else None
        reference = None if self.phase is ExamPhase.STAND_TALL else self._standing
        obstacle = self._watch.obstacle(pose, report, body, reference)
        if obstacle is not None:
            told = self._paused(t_s, obstacle, standing)
        else:
            self._resumed(t_s)
            assert body is not None
            told = self._go_on(pose, body, report, standing)
        return replace(told, wants_calibration=told.wants_calibration or asking)

    def sit(self, coach: CoachModel, pose: BodyPose, report: CoachReport) -> ExamReport:
        """Take one frame as `update`, and have the coach do what comes of it: a new standing, nothing said unsurely."""
        told = self.update(pose, report, coach.standing)
        if told.wants_calibration:
            coach.start_calibration()
        if told.finished:
            coach.never_cue(told.not_separable)
        return told

    # ------------------------------------------------------------------ bad data

    def _paused(self, t_s: float, obstacle: Obstacle, standing: StandingReference | None) -> ExamReport:
        """Score nothing; void what no longer holds; say why once it lasts."""
        spec = self._rules.exam.say[obstacle.line]
        voided = obstacle.line in VOIDING
        if voided:
            self._void(t_s, obstacle.line, standing)
        if self._bad_since_s != self._bad_since_s:
            self._bad_since_s = t_s
        if t_s - self._bad_since_s >= SLIP_S:
            self._samples.clear()
            self._together_since_s = NAN
        told = voided or t_s - self._bad_since_s >= PAUSE_TOLD_S
        say = self._voice.say(t_s, obstacle.line, spec, 0.0 if voided else LEAST_GAP_S) if told else None
        why = obstacle.detail or spec.image
        return replace(self._report(t_s, spec), say=say, paused_because=why, wants_calibration=voided)

    def _void(self, t_s: float, line: ExamLine, standing: StandingReference | None) -> None:
        """Go back to standing tall; sides passed stay, unless it is somebody else."""
        if line is ExamLine.SOMEBODY_ELSE:
            self._passes.clear()
        if self.phase in _AFTER_BOTH:
            # The three poses must be seen by one camera from one place.
            del self._passes[1:]
        self._wrong.clear()
        if self.phase is not ExamPhase.STAND_TALL:
            self._resume = ExamPhase.OTHER_SIDE if self.phase in _AFTER_BOTH else self.phase
        if not self._passes:
            self._resume = ExamPhase.FIRST_SIDE
        self._old = standing
        self._standing = None
        self._enter(ExamPhase.STAND_TALL, t_s)

    def _resumed(self, t_s: float) -> None:
        """The data are good: after more than a slip, the hold starts from zero."""
        if t_s - self._bad_since_s >= SLIP_S:
            self._from_s = t_s
        if self._bad_since_s == self._bad_since_s:
            # Until a hold is seen neither why it paused stands, nor what was asked for before and may be done.
            self._shown = self._rules.exam.say[ExamLine.HOLD_STILL]
        self._bad_since_s = NAN

    # ------------------------------------------------------------------ good data

    def _go_on(self, pose: BodyPose, body: Body, report: CoachReport, standing: StandingReference | None) -> ExamReport:
        t_s = pose.t_s
        if self.phase is ExamPhase.STAND_TALL:
            self._stand_tall(t_s, report, standing)
        elif standing is not None and standing is not self._standing and standing.has_angles:
            # The coach took a better one by itself.
            self._use(standing, report)
        if self.phase is ExamPhase.STAND_TALL or self._standing is None:
            spec = self._rules.exam.say[ExamLine.STAND_TALL]
            say = self._voice.say(t_s, ExamLine.STAND_TALL, spec, 0.0 if self._first_words else WORDS_S)
            progress_s = report.standing.progress * 3.0
            return replace(self._report(t_s, spec), say=say, detail=report.standing.message, hold_s=progress_s)
        self._sample(body)
        rear = rear_side(pose, report.facing, self._lower_bh())
        if self.phase is ExamPhase.FEET_TOGETHER:
            told = self._feet_together(body)
        elif self.phase in _WRONG:
            told = self._wrong_on_purpose(t_s, report.hold, rear)
        elif self.phase is ExamPhase.GOOD_AGAIN:
            told = self._good_again(t_s, report.hold)
        else:
            told = self._side(t_s, report.hold, rear)
        verdict = NOT_JUDGED if report.hold is None else report.hold.verdict
        return replace(told, verdict=verdict, weight_shift=self._recent("weight_shift"), rear=rear)

    def _stand_tall(self, t_s: float, report: CoachReport, standing: StandingReference | None) -> None:
        """Go on once a new, full reference with angles was taken."""
        ready = standing is not None and standing.has_angles and not standing.provisional
        if not ready or standing is None or standing is self._old or report.standing.capturing:
            return
        self._use(standing, report)
        self._enter(self._resume, t_s)

    def _use(self, standing: StandingReference, report: CoachReport) -> None:
        self._standing = standing
        self._watch.new_reference(report.facing)
        self._samples.clear()

    def _side(self, t_s: float, hold: Hold | None, rear: str) -> ExamReport:
        """One foot back, and held: the timer, or the one thing to change."""
        goal_s = self._rules.exam.hold_s
        if hold is None:
            return self._before_hold(t_s, goal_s)
        self._restless_since_s = NAN
        if self._same_foot(rear):
            return self._told(t_s, ExamLine.SAME_FOOT, hold_goal_s=goal_s)
        if hold.verdict == GOOD:
            hold_s = self._held_s(hold)
            if hold_s < goal_s:
                return self._told(t_s, ExamLine.HOLD, hold_s=hold_s, hold_goal_s=goal_s)
            return self._pass(t_s, hold, rear)
        if hold.verdict == NOT_JUDGED or self._held_s(hold) < FAULT_AFTER_S:
            return replace(self._report(t_s, self._shown), hold_goal_s=goal_s)
        fault = FaultId(hold.verdict)
        spec = self._rules.cues[fault]
        say = self._voice.say(t_s, f"fault {fault}", spec, WORDS_S)
        return replace(
            self._report(t_s, spec),
            say=None if say is None else replace(say, because=fault.value),
            fix=self._rules.texts[fault].fix,
            hold_goal_s=goal_s,
        )

    def _before_hold(self, t_s: float, goal_s: float) -> ExamReport:
        """Nothing is held: a foot back; staggered, what stood there stays, and after a while it is to hold still."""
        if not self._recent("stagger_bh_pct") >= ASKED_STAGGER_PCT:
            self._restless_since_s = NAN
            return self._told(t_s, _LINE[self.phase], hold_goal_s=goal_s)
        if self._restless_since_s != self._restless_since_s:
            self._restless_since_s = t_s
        if t_s - self._restless_since_s >= RESTLESS_S:
            return self._told(t_s, ExamLine.HOLD_STILL, hold_goal_s=goal_s)
        return replace(self._report(t_s, self._shown), hold_goal_s=goal_s)

    def _pass(self, t_s: float, hold: Hold, rear: str) -> ExamReport:
        number, goal_s = len(self._passes) + 1, self._rules.exam.hold_s
        held = self._held_pose(GOOD, rear, hold)
        event = PassEvent(t_s, number, rear, held)
        self._passes.append(event)
        self._enter(ExamPhase.FEET_TOGETHER if number == 1 else ExamPhase.DRIFT, t_s)
        line = ExamLine.SIDE_PASSED if number == 1 else ExamLine.BOTH_PASSED
        return replace(self._told(t_s, line, 0.0, hold_s=goal_s, hold_goal_s=goal_s), pass_event=event)

    def _same_foot(self, rear: str) -> bool:
        """Whether the foot behind is the one that has passed already, as far as that is seen."""
        if self.phase is not ExamPhase.OTHER_SIDE or not self._passes:
            return False
        # Where it is not seen which foot it is, a new stagger after standing up is taken for the other one.
        return rear != UNKNOWN_SIDE and rear == self._passes[0].side

    def _feet_together(self, body: Body) -> ExamReport:
        """Standing up between the sides; whoever then staggers anew has changed feet, unless it is seen otherwise."""
        assert self._standing is not None
        together = 100.0 * body.split_px / self._standing.body_height_px < STANCE_STAGGER_PCT
        if not together:
            self._together_since_s = NAN
        elif self._together_since_s != self._together_since_s:
            self._together_since_s = body.t_s
        if body.t_s - self._together_since_s >= TOGETHER_S:
            self._enter(ExamPhase.OTHER_SIDE, body.t_s)
        return self._told(body.t_s, _LINE[self.phase])

    def _wrong_on_purpose(self, t_s: float, hold: Hold | None, rear: str) -> ExamReport:
        """Take what is held after the good stance was left, whatever it is called."""
        goal_s = self._rules.exam.wrong_hold_s
        waited = t_s - self._since_s >= WRONG_WAIT_S
        if not (waited or (self._on_the_line(rear) and self._has_moved())):
            self._moved_s = NAN
        elif self._moved_s != self._moved_s and t_s - self._since_s >= LEAD_S:
            self._moved_s = t_s
        if hold is None or self._moved_s != self._moved_s:
            return self._told(t_s, _LINE[self.phase], AFTER_PASS_S, hold_goal_s=goal_s)
        held_s = min(self._held_s(hold), t_s - self._moved_s)
        if held_s < goal_s:
            return self._told(t_s, _LINE[self.phase], AFTER_PASS_S, hold_s=held_s, hold_goal_s=goal_s)
        self._from_s = max(self._from_s, self._moved_s)
        self._wrong.append(self._held_pose(_WRONG[self.phase].value, rear, hold))
        if self.phase is ExamPhase.DRIFT:
            self._enter(ExamPhase.GOOD_AGAIN, t_s)
            return self._told(t_s, ExamLine.GOOD_AGAIN)
        self._separations = separations(self._passes[-1].pose, self._wrong, self._rules)
        self._enter(ExamPhase.DONE, t_s)
        return self._told(t_s, self._result, 0.0)

    def _on_the_line(self, rear: str) -> bool:
        """Whether the feet are still where the good stance had them, as far as that is seen."""
        changed = UNKNOWN_SIDE not in (rear, self.passed[-1]) and rear != self.passed[-1]
        return not changed and self._recent("stagger_bh_pct") >= ASKED_STAGGER_PCT

    def _has_moved(self) -> bool:
        good = self._passes[-1].pose.values
        turned_deg = max(abs(self._recent(m) - getattr(good, m)) for m in ("theta_t_deg", "front_knee_deg"))
        return turned_deg > MOVED_DEG or abs(self._recent("d_h_bh_pct") - good.d_h_bh_pct) > MOVED_PCT

    def _good_again(self, t_s: float, hold: Hold | None) -> ExamReport:
        found = hold is not None and hold.verdict == GOOD and self._held_s(hold) >= GOOD_AGAIN_S
        if found or t_s - self._since_s >= GOOD_AGAIN_WAIT_S:
            self._enter(ExamPhase.SQUEEZE, t_s)
        return self._told(t_s, _LINE[self.phase])

    # ------------------------------------------------------------------ help

    def _enter(self, phase: ExamPhase, t_s: float) -> None:
        self.phase = phase
        self._since_s = self._from_s = t_s
        self._together_since_s = self._moved_s = self._restless_since_s = NAN
        self._samples.clear()

    def _sample(self, body: Body) -> None:
        assert self._standing is not None
        values = stance_values(body, self._standing)
        self._samples.append((body.t_s, values, rear_lower_bh(body, self._standing.body_height_px)))
        while body.t_s - self._samples[0][0] > KEPT_S:
            self._samples.popleft()

    def _recent(self, measure: str) -> float:
        """Return the median of a measure over the last half second."""
        last_s = self._samples[-1][0] if self._samples else NAN
        return median(getattr(v, measure) for t_s, v, _ in self._samples if last_s - t_s <= 0.5)

    def _lower_bh(self) -> float:
        return median(lower for _, _, lower in self._samples)

    def _held_s(self, hold: Hold) -> float:
        return max(0.0, hold.end_s - max(hold.start_s, self._from_s))

    def _held_pose(self, name: str, rear: str, hold: Hold) -> HeldPose:
        start_s = max(hold.start_s, self._from_s)
        samples = [(t_s, values) for t_s, values, _ in self._samples if t_s >= start_s]
        return held_pose(name, rear, hold.verdict, samples)

    @property
    def _result(self) -> ExamLine:
        return ExamLine.TOLD_APART if all(s.separable for s in self._separations) else ExamLine.NOT_TOLD_APART

    @property
    def _first_words(self) -> bool:
        return not self._voice.spoke

    def _closing(self) -> CueSpec:
        line = self._result if self.phase is ExamPhase.DONE else _LINE[self.phase]
        return self._rules.exam.say[line]

    def _told(
        self, t_s: float, line: ExamLine, gap_s: float = LEAST_GAP_S, hold_s: float = 0.0, hold_goal_s: float = 0.0
    ) -> ExamReport:
        """Return the report with a line to show, and to say where it is new."""
        spec = self._rules.exam.say[line]
        say = self._voice.say(t_s, line, spec, gap_s)
        return replace(self._report(t_s, spec), say=say, hold_s=hold_s, hold_goal_s=hold_goal_s)

    def _report(self, t_s: float, instruction: CueSpec) -> ExamReport:
        self._shown = instruction
        kept = (*(event.pose for event in self._passes), *self._wrong)
        return ExamReport(t_s, self.phase, instruction, passed=self.passed, kept=kept, separations=self._separations)
