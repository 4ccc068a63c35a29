"""The coach: one `update(pose)` per frame in, one `CoachReport` out. No clocks, no files, no images."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from app.coach.display import Display
from app.coach.dose import Dose
from app.coach.filters import NAN, median
from app.coach.front import FROM_THE_FRONT
from app.coach.geometry import Body, body_from_pose
from app.coach.policy import CuePolicy
from app.coach.reference import NEW_PLACE, STALE, UNSTEADY, ReferenceKeeper
from app.coach.report import (
    GOOD,
    NOT_JUDGED,
    ActiveFault,
    Activity,
    CoachReport,
    Cue,
    FaultId,
    FormSample,
    Hold,
    Mode,
    TrunkLine,
    Tunnel,
)
from app.coach.rules import Rules, default_rules
from app.coach.running import RunnerFindings, RunningCoach
from app.coach.stance import StanceTracker, fault_of
from app.coach.standing import StandingReference, body_height_estimate_px
from app.coach.summary import CoachSummary, SummaryBuilder, with_sides
from app.coach.tunnel import TunnelResult
from app.coach.types import BodyPose, Doubt, Facing, RunnerProfile, ViewKind
from app.coach.view import ViewTracker

#: A body lost for longer than this is gone: the step in progress is broken.
LOST_S = 0.5
#: After so long an absence somebody else may come back.
ANOTHER_S = 5.0
#: Below this rate a step has too few frames: at 14 good running through the network is cued as a fault, at 15 not.
LEAST_FPS = 14.6
#: The running leg is compared with the standing one this often.
SCALE_EVERY_S = 1.0
#: Why nothing is judged while the face is turned: ear and line are not where they seem.
HEAD_TURNED = "the head is turned: look ahead"
COUNTING = "counting the first steps"
#: A trunk shorter than this is no body (all landmarks in one place): nothing can be measured against it.
LEAST_TRUNK_PX = 4.0


class CoachModel:
    """The coaching engine; live, offline and replay feed it the same way.

    Args:
        mode: what to judge.
        profile: stature and chosen tunnel drop.
        standing: a reference taken elsewhere; without one the first relaxed standing seen becomes it.
        facing: fixed facing, or UNKNOWN to vote on it.
        rules: what to judge by and to say, None for the default.
        dose: how much of it to say, None for all.
    """

    def __init__(
        self,
        mode: Mode = Mode.AUTO,
        profile: RunnerProfile | None = None,
        standing: StandingReference | None = None,
        facing: Facing = Facing.UNKNOWN,
        rules: Rules | None = None,
        dose: Dose | None = None,
    ) -> None:
        self.mode, self.given = mode, (standing, facing)
        self.profile = profile or RunnerProfile()
        self._reference = ReferenceKeeper(self.profile, standing)
        self._view = ViewTracker(facing)
        self._dt_s = NAN
        self.rules = rules = rules or default_rules()
        self._running = RunningCoach(self.profile, rules)
        self._stance = StanceTracker(rules)
        self._cues = CuePolicy(rules=rules)
        self.dose = dose or Dose()
        self._summary = SummaryBuilder(rules)
        self._heights_px: deque[float] = deque(maxlen=45)
        self._body_s = self._seen_s = self._scale_s = NAN
        self._last: CoachReport | None = None

    @property
    def standing(self) -> StandingReference | None:
        """The standing reference that holds now."""
        return self._reference.standing

    @property
    def standing_holds(self) -> bool:
        """Whether that reference fits who and what is seen: nothing has moved since, and nobody else has come."""
        return self._reference.judgeable

    def start_calibration(self) -> None:
        """Take a new standing reference from the next still seconds; the old one holds until then."""
        self._reference.ask()

    def set_mode(self, mode: Mode) -> None:
        """Judge something else from now on; what was going on is ended and kept."""
        self.mode = mode
        self._end_hold(self._stance.drop())
        self._running.interrupt()

    def never_cue(self, faults: frozenset[FaultId]) -> None:
        """Do not speak of these faults in the stance any more: they cannot be told apart here (`separation`)."""
        self._cues.never = faults

    def update(self, pose: BodyPose) -> CoachReport:
        """Take one frame's pose and return everything there is to say about it.

        A frame not later than the one before changes nothing and repeats the last report without step and cue.
        """
        last = self._last
        if last is not None and pose.t_s <= last.t_s:
            return last.repeated()
        dt_s = NAN if last is None else pose.t_s - last.t_s
        if dt_s <= LOST_S:
            self._dt_s = dt_s if self._dt_s != self._dt_s else self._dt_s + 0.05 * (dt_s - self._dt_s)
        elif dt_s > LOST_S:  # no picture came: the camera was away
            self._break_off()
        if pose.doubts:
            self._heed(pose.doubts)
        body = self._body_of(pose)
        report = self._nobody(pose) if body is None else self._somebody(body)
        self._summary.add_frame(pose.t_s, body is not None, report.activity, report.not_judged_because)
        if report.cue is not None:
            self._summary.cues.append(report.cue)
        self._last = report
        return report

    def finish(self) -> None:
        """End of the source: count what is still open."""
        if self._body_s == self._body_s:
            judging = self._may_judge_running() == ""
            self._keep(self._running.finish(self._body_height_px(), self.standing, judging), judging)
        self._end_hold(self._stance.finish())

    def _body_of(self, pose: BodyPose) -> Body | None:
        if not pose.seen:
            return None
        body = body_from_pose(pose, self._view.facing, self._view.yaw_deg)
        if not (body.trunk_seen and body.trunk_px >= LEAST_TRUNK_PX):
            return None
        turned = self._view.update(pose, body.shoulder_width_px, body.trunk_px)
        body = self._running.look_from(self._view.kind, body)
        if turned and not self._running.front:
            self._break_off()
            body = body_from_pose(pose, self._view.facing, self._view.yaw_deg)
        self._heights_px.append(body_height_estimate_px(body))
        return body

    def _body_height_px(self) -> float:
        return self.standing.body_height_px if self.standing is not None else median(self._heights_px)

    def _heed(self, doubts: frozenset[Doubt]) -> None:
        """Hold nothing against a runner that was measured before the picture moved, or of somebody else."""
        if Doubt.CAMERA_UNSTEADY in doubts and self._running.steady:
            self._running.steady = False
            self._reference.unsteady()
            self._summary.warn(UNSTEADY)
        for doubt, said in NEW_PLACE.items():
            if doubt in doubts:
                self._running.new_place()
                self._end_hold(self._stance.drop())
                if self._reference.new_place(doubt is Doubt.CAMERA_MOVED):
                    self._summary.warn(said)

    def _nobody(self, pose: BodyPose) -> CoachReport:
        t_s = pose.t_s
        sample = FormSample(t_s, NAN, NAN, NAN, NAN, NAN)
        if t_s - self._body_s <= LOST_S and self._last is not None:
            # One overlooked frame changes nothing of what was said of the last.
            return replace(self._last.repeated(), t_s=t_s, sample=sample, line=None)
        if t_s - self._seen_s > ANOTHER_S:
            self._reference.absent()
        self._break_off()
        why_not = pose.absence or "nobody in view"
        return self._report(sample, Activity.NOBODY, None, None, None, RunnerFindings(), why_not)

    def _break_off(self) -> None:
        """The body was lost or turned round: what was going on is broken off."""
        if self._body_s == self._body_s:
            self._body_s = NAN
            self._running.interrupt()
            self._end_hold(self._stance.drop())
            self._reference.interrupt()

    def _somebody(self, body: Body) -> CoachReport:
        self._body_s = self._seen_s = body.t_s
        self._summary.add_view(self._view.kind, self._view.facing, self._view.yaw_deg)
        taken = self._update_standing(body)
        findings = RunnerFindings()
        if self.mode in (Mode.STANCE, Mode.DRILL):
            self._running.guard.update(body, self._body_height_px())
        else:
            findings = self._run(body)
        stance_on = self.mode in (Mode.STANCE, Mode.AUTO) and not self._running.guard.moving
        hold = self._update_stance(body) if stance_on else None
        activity = self._activity(hold)
        why_not = HEAD_TURNED if body.head_turned else self._why_not_judged(activity, hold)
        cue = taken or self._cue(body.t_s, activity, findings, hold, body.head_turned)
        show = Display(self._view.facing, self.standing, self.profile, self._running, self._body_height_px())
        line, tunnel = show.line(body, activity), show.tunnel(body)
        return self._report(show.sample(body), activity, line, tunnel, cue, findings, why_not, hold)

    def _run(self, body: Body) -> RunnerFindings:
        """Follow the running in this frame, and notice when the reference no longer fits the runner."""
        self._running.observe(body, self._body_height_px())
        if self._running.running and self.standing is not None and not body.t_s - self._scale_s < SCALE_EVERY_S:
            # Before the first step is measured, and now and then after.
            self._scale_s = body.t_s
            warning = self._reference.check_scale(self._running.leg_ratio(self.standing))
            if warning:
                self._summary.warn(warning)
                self._running.follow_from_here()
        judging = self._may_judge_running() == ""
        findings = self._running.complete(self.standing, judging)
        self._keep(findings, judging)
        return findings

    def _update_standing(self, body: Body) -> Cue | None:
        before = self._tunnel_result()
        if not self._reference.update(body, self._view.kind):
            return None
        self._summary.new_reference(before, self._reference.tilt_note)
        self._running.new_reference()
        return self._cues.standing_taken(body.t_s) if self._reference.by_standing else None

    def _update_stance(self, body: Body) -> Hold | None:
        if self.standing is None or not self._reference.judgeable or self._view.kind is not ViewKind.SIDE:
            return None
        # Who has been running here rests between runs; who has not may be leaning from the ankles on purpose.
        tilt_counts = self.mode is Mode.STANCE or not self._summary.steps
        self._end_hold(self._stance.update(body, self.standing, tilt_counts))
        return self._stance.hold

    def _end_hold(self, hold: Hold | None) -> None:
        if hold is not None:
            self._summary.add_hold(hold)

    def _keep(self, findings: RunnerFindings, judging: bool) -> None:
        self._summary.contacts.extend(findings.contacts)
        judge = self._running.judge
        for step in findings.steps:
            judged = judging and judge.judged and not step.head_turned
            silent = self.dose.retention(self._summary.activity_s[Activity.RUNNING])
            self._summary.add_step(step, judged, next(iter(judge.active()), None), silent)

    def _may_judge_running(self) -> str:
        """Return why running cannot be judged, "" where it can."""
        front = self._running.front
        if not front and self._view.why_not_side:
            return self._view.why_not_side
        if self._reference.stale:
            return STALE
        if not (self._reference.has_heights(True) if front else self._reference.judgeable):
            return "no standing reference: stand tall and still for 3 s before running"
        if self._dt_s > 1.0 / LEAST_FPS:
            return f"only {1.0 / self._dt_s:.0f} frames a second: at least {LEAST_FPS:.0f} are needed"
        return FROM_THE_FRONT if front else ""

    def _activity(self, hold: Hold | None) -> Activity:
        doing = self._running.guard.activity
        if hold is not None and doing not in (Activity.RUNNING, Activity.WALKING):
            return Activity.STANCE
        # Seen obliquely the belt carries no foot back under the hip.
        return Activity.UNKNOWN if (doing, self._view.kind) == (Activity.ON_THE_SPOT, ViewKind.OBLIQUE) else doing

    def _why_not_judged(self, activity: Activity, hold: Hold | None) -> str:
        if activity is Activity.RUNNING:
            blocked = self._may_judge_running()
            return blocked or ("" if self._running.judge.judged else COUNTING)
        if hold is not None and hold.verdict != NOT_JUDGED:
            return ""
        if self.standing is None:
            return "no standing reference yet"
        if self._reference.stale and self.mode is Mode.STANCE:
            return STALE
        if self.mode is not Mode.RUN and not activity.going and self._stance.why_not:
            return self._stance.why_not
        return (activity is Activity.UNKNOWN and self._may_judge_running()) or self._running.guard.why_not(activity)

    def _cue(
        self, t_s: float, activity: Activity, findings: RunnerFindings, hold: Hold | None, head_turned: bool
    ) -> Cue | None:
        if activity is Activity.RUNNING and findings.steps:
            turned = any(step.head_turned for step in findings.steps)
            quiet = HEAD_TURNED if turned else self._no_feedback_because()
            cue = self._cues.after_step(t_s, self._running.judge, self._running.tunnel, self._summary.steps, quiet)
            self._summary.add_unsaid(self._cues.about, self._cues.unsaid)
            return cue
        if activity is Activity.STANCE and hold is not None and not head_turned:
            return self._cues.holding(t_s, hold, None if hold.verdict == GOOD else fault_of(hold, self._stance.rules))
        return None

    def _no_feedback_because(self) -> str:
        """Return why running steps are not spoken of now, "" where they are."""
        front = self._running.front
        blocked = self._may_judge_running()
        if blocked != (FROM_THE_FRONT if front else ""):
            return blocked
        if not (front or self._running.judge.judged):
            return COUNTING
        return self.dose.quiet_because(self._summary.activity_s[Activity.RUNNING])

    def _report(
        self,
        sample: FormSample,
        activity: Activity,
        line: TrunkLine | None,
        tunnel: Tunnel | None,
        cue: Cue | None,
        findings: RunnerFindings,
        why_not: str,
        hold: Hold | None = None,
    ) -> CoachReport:
        faults: tuple[ActiveFault, ...] = ()
        verdict = NOT_JUDGED
        if activity is Activity.RUNNING and not why_not:
            faults = self._running.judge.active()
            verdict = faults[0].id.value if faults else GOOD
        elif hold is not None and not why_not:
            verdict = hold.verdict
            faults = () if verdict in (GOOD, NOT_JUDGED) else (fault_of(hold, self._stance.rules),)
        return CoachReport(
            t_s=sample.t_s,
            activity=activity,
            facing=self._view.facing,
            view=self._view.kind,
            yaw_deg=self._view.yaw_deg,
            sample=sample,
            line=line,
            tunnel=tunnel,
            standing=self._reference.status(self._running.running),
            step=findings.steps[-1] if findings.steps else None,
            hold=hold,
            faults=faults,
            cue=cue,
            verdict=verdict,
            not_judged_because=why_not,
            cadence_spm=self._running.cadence_spm,
            roof_hit=findings.roof_hit and not self._no_feedback_because(),
            silent=bool(self.dose.quiet_because(self._summary.activity_s[Activity.RUNNING])),
            unsaid=self._cues.unsaid if activity is Activity.RUNNING and cue is None else "",
        )

    def summary(self) -> CoachSummary:
        """Return what the session came to so far; call `finish` first at the end of a source."""
        s = self._summary
        faults = s.fault_results()
        verdict, why_not = s.run_verdict(faults, self._blocked_running())
        stance_verdict, stance_why_not = s.stance_verdict()
        standing = self.standing
        return CoachSummary(
            mode=s.resolved_mode(self.mode),
            frames=s.frames,
            duration_s=s.duration_s,
            fps=s.fps,
            activity_s=dict(s.activity_s),
            facing=s.usual_facing,
            view=s.usual_view,
            yaw_deg=median(s.yaws_deg),
            coverage=s.seen_frames / s.frames if s.frames else 0.0,
            standing_source=standing.source if standing else "height" if self.profile.height_cm else "none",
            height_cm=self.profile.height_cm,
            px_per_cm=self._body_height_px() / (self.profile.height_cm or NAN),
            angles_relative=standing is not None and standing.has_angles,
            running_s=s.activity_s[Activity.RUNNING],
            measures=s.run_measures(self.profile.height_cm),
            tunnel=s.tunnel_total(self._tunnel_result()),
            contacts=with_sides(s.contacts),
            steps=tuple(s.steps),
            faults=faults,
            verdict=verdict,
            not_judged_because=why_not,
            holds=tuple(s.holds),
            stance_verdict=stance_verdict,
            stance_not_judged_because=stance_why_not,
            cues=tuple(s.cues),
            warnings=s.told(),
            unsaid=dict(s.unsaid),
            retention=s.retention(),
            retention_planned=self.dose.has_retention,
            rules=s.rules.name,
        )

    def _tunnel_result(self) -> TunnelResult | None:
        """Return the tunnel under the present reference, None without one."""
        if self.standing is None or not self.standing.has_heights:
            return None
        return self._running.tunnel.result(self.profile.height_cm)

    def _blocked_running(self) -> str:
        """Return what kept steps that were seen from being judged, "" if nothing did."""
        return self._may_judge_running() if self._summary.steps else ""
