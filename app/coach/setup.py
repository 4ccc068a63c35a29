"""The set-up guide: live checks, one thing to put right at a time, and, once all is well, hands-free calibration.

`SetupGuide.update` takes one frame's pose and what was measured of its picture; it knows no clock, file or image.
What it wants said is data (`setup.toml`), given out as cues; what it wants done is a flag: `SetupReport.calibrate`.

Phases: CHECKING until every blocking check has passed for READY_S; COUNTDOWN ("all set, stand tall", three, two, one);
CALIBRATING until the coach has taken the standing; DONE. A check that fails on the way leads back to CHECKING.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from app.coach.geometry import NAN
from app.coach.report import Cue, StandingStatus
from app.coach.setup_checks import CHECKS, UNKNOWN, CheckState, Finding, Picture, Scene
from app.coach.setup_look import GAP_S, Watch
from app.coach.setup_words import CheckId, SetupWords, Words, setup_words
from app.coach.types import BodyPose, Facing, RunnerProfile

#: Checks look at medians over a second: ten times a second is enough.
CHECK_EVERY_S = 0.1
#: A check's state must hold so long before it counts; all must pass so long before the guide goes on.
HOLD_S, READY_S = 0.7, 1.5
#: The next thing is said no sooner than this after the last, the same thing again so late.
GAP_BETWEEN_S, REPEAT_S = 2.5, 7.0
#: A cue not played within this is stale (coaching.md).
CUE_LIFE_S = 2.0
#: From "all set" to "three", and from number to number.
ANNOUNCE_S, COUNT_S = 2.5, 1.0
#: Who is told of the tunnel alone and stays facing the camera for so long means it.
ACCEPT_FRONT_S = 8.0
#: A calibration that has not been taken after so long is announced again.
CALIBRATION_S = 12.0
CUE_PRIORITY = 1
TUNNEL_ONLY = "tunnel only"
_COUNT = ("three", "two", "one", "hold")


class SetupPhase(StrEnum):
    """Where the guide stands."""

    CHECKING = "checking"
    COUNTDOWN = "countdown"
    CALIBRATING = "calibrating"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Check:
    """One check as it stands, debounced.

    Attributes:
        title: what it is called. line: the fix where it failed, else what holds; "" unknown.
        shown: the same in a few large words, "" unless failed. value, unit: what was measured.
        code: of the way to fail. blocking: whether it must pass before calibration.
    """

    id: CheckId
    title: str
    state: CheckState
    value: float
    unit: str
    code: str
    line: str
    shown: str
    blocking: bool


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What the guide says of one frame.

    Attributes:
        checks: in the order in which they are put right.
        problem: the one thing to put right now, None where nothing fails.
        say: what to say now, else None; `Cue` as of the coach's own.
        ready: every blocking check has just passed for `READY_S` (in one report only).
        calibrate: the coach is to take a standing from now on (in one report only).
        countdown: 3, 2, 1 during the countdown, else None.
        offer: what this view is good for without the fix ("tunnel only"), "" nothing. tunnel_only: it was accepted.
        message: one line for the screen: the fix, the coach's word on the standing, or that all is set.
    """

    t_s: float
    phase: SetupPhase
    checks: tuple[Check, ...]
    problem: Check | None
    say: Cue | None = None
    ready: bool = False
    calibrate: bool = False
    countdown: int | None = None
    offer: str = ""
    tunnel_only: bool = False
    message: str = ""

    def __getitem__(self, wanted: CheckId) -> Check:
        """Return one check."""
        return next(check for check in self.checks if check.id is wanted)


@dataclass(slots=True)
class _Held:
    """A finding that counts, and the newer one that may replace it."""

    finding: Finding = UNKNOWN
    pending: Finding = UNKNOWN
    since_s: float = NAN

    def update(self, finding: Finding, t_s: float, forget: bool) -> None:
        """Take this frame's finding; another state (or way to fail) must hold for HOLD_S. ``forget``: after a gap."""
        if _key(finding) == _key(self.finding):
            self.finding, self.since_s = finding, NAN
            return
        if self.since_s != self.since_s or forget or _key(finding) != _key(self.pending):
            self.since_s = t_s
        self.pending = finding
        if t_s - self.since_s >= HOLD_S:
            self.finding, self.since_s = finding, NAN


def _key(finding: Finding) -> tuple[CheckState, str, bool]:
    return finding.state, finding.code, finding.blocking


class SetupGuide:
    """Watches the set-up; see the module docstring.

    Args:
        profile: stature, for distances in cm.
        facing: which way the runner was told to face, UNKNOWN for either.
        tunnel_only: the front view is wanted.
        words: what is said, None for the app's own.
    """

    def __init__(
        self,
        profile: RunnerProfile | None = None,
        facing: Facing = Facing.UNKNOWN,
        tunnel_only: bool = False,
        words: SetupWords | None = None,
    ) -> None:
        self._profile = profile or RunnerProfile()
        self._facing = facing
        self._words = words or setup_words()
        self._wanted_tunnel_only = tunnel_only
        self.restart()

    def restart(self) -> None:
        """Begin anew: another place, another person, another camera."""
        self._watch = Watch(self._facing)
        self._held = {check: _Held() for check in self._words.checks}
        self._tunnel_only = self._wanted_tunnel_only
        self._last: SetupReport | None = None
        self._picture: Picture | None = None
        self._good_since_s = self._front_since_s = NAN
        self._checked_s = -math.inf
        self._said_s, self._said_what, self._times_said = -math.inf, "", 0
        self._phase, self._phase_s, self._counted = SetupPhase.CHECKING, NAN, 0
        self._was_capturing = False

    @property
    def phase(self) -> SetupPhase:
        """Where it stands."""
        return self._phase

    def accept_tunnel_only(self) -> None:
        """The runner wants to stay facing the camera: only the tunnel is watched."""
        self._tunnel_only = True

    def update(
        self,
        pose: BodyPose,
        picture: Picture | None = None,
        others: int | None = None,
        standing: StandingStatus | None = None,
    ) -> SetupReport:
        """Take one frame and return what there is to say.

        Args:
            pose: of this frame; nobody counts too. A frame not later than the one before changes nothing.
            picture: brightness of this or a recent picture; None: the last one still holds.
            others: how many other people are in the picture, None where nobody counts them.
            standing: the coach's word on the standing reference; without it CALIBRATING ends by time.
        """
        last, t_s = self._last, pose.t_s
        if last is not None and t_s <= last.t_s:
            return replace(last, say=None, ready=False, calibrate=False)
        gap = last is not None and t_s - last.t_s > GAP_S
        self._picture = picture or self._picture
        self._watch.add(pose)
        if not t_s - self._checked_s < CHECK_EVERY_S or gap:
            self._checked_s = t_s
            scene = Scene(self._watch, self._picture, others, self._profile, self._tunnel_only)
            for check, held in self._held.items():
                held.update(CHECKS[check](scene), t_s, gap)
        if gap:
            self._good_since_s = self._front_since_s = NAN
        report = self._go_on(t_s, standing)
        self._last = report
        return report

    # ------------------------------------------------------------------ what holds

    def _check(self, check: CheckId) -> Check:
        finding, words = self._held[check].finding, self._words.checks[check]
        line = shown = ""
        if finding.code:
            way = words.ways[finding.code]
            line, shown = way.fix.format(value=finding.value, **finding.detail), way.shown
        elif finding.state is CheckState.PASS:
            line = words.passed.format(value=finding.value)
        return Check(
            check, words.title, finding.state, finding.value, finding.unit, finding.code, line, shown, finding.blocking
        )

    def _problem(self) -> CheckId | None:
        """Return the first check to put right: what blocks, else what only should be better."""
        coded = [check for check, held in self._held.items() if held.finding.code]
        blocking = [check for check in coded if self._held[check].finding.blocking]
        return next(iter(blocking or coded), None)

    def _all_good(self) -> bool:
        findings = [held.finding for held in self._held.values()]
        return all(finding.state is CheckState.PASS or not finding.blocking for finding in findings)

    def _accepting_front(self, t_s: float) -> bool:
        """Whether the runner has just stayed facing the camera for long enough after being told."""
        finding = self._held[CheckId.SIDE].finding
        if finding.code != "front" or self._said_what != "side.front":
            self._front_since_s = NAN
            return False
        if self._front_since_s != self._front_since_s:
            self._front_since_s = t_s
        if t_s - self._front_since_s < ACCEPT_FRONT_S:
            return False
        self._tunnel_only = True
        return True

    # ------------------------------------------------------------------ what follows

    def _go_on(self, t_s: float, standing: StandingStatus | None) -> SetupReport:
        good = self._all_good()
        if not good:
            self._good_since_s = NAN
            # Only a failure leads back: a moment of not knowing (a step, an arm before the hip) does not.
            blocked = any(h.finding.state is CheckState.FAIL and h.finding.blocking for h in self._held.values())
            if blocked and self._phase in (SetupPhase.COUNTDOWN, SetupPhase.CALIBRATING):
                self._enter(SetupPhase.CHECKING, t_s)
        elif self._good_since_s != self._good_since_s:
            self._good_since_s = t_s
        wanted = self._problem()
        report = SetupReport(
            t_s=t_s,
            phase=self._phase,
            checks=tuple(self._check(check) for check in self._held),
            problem=None if wanted is None else self._check(wanted),
        )
        if self._phase is SetupPhase.CHECKING:
            report = self._checking(report, good)
        elif self._phase is SetupPhase.COUNTDOWN:
            report = self._counting(report)
        elif self._phase is SetupPhase.CALIBRATING:
            report = self._calibrating(report, standing)
        offer = TUNNEL_ONLY if self._held[CheckId.SIDE].finding.code == "front" else ""
        return replace(report, phase=self._phase, offer=offer, tunnel_only=self._tunnel_only)

    def _enter(self, phase: SetupPhase, t_s: float) -> None:
        self._phase, self._phase_s, self._counted = phase, t_s, 0
        self._was_capturing = False

    def _checking(self, report: SetupReport, good: bool) -> SetupReport:
        t_s = report.t_s
        if self._accepting_front(t_s):
            return replace(report, say=self._cue("tunnel_only", self._words.said["tunnel_only"], t_s))
        if good and t_s - self._good_since_s >= READY_S:
            words = self._words.said["ready"]
            self._enter(SetupPhase.COUNTDOWN, t_s)
            return replace(report, ready=True, say=self._cue("ready", words, t_s), message=words.shown)
        problem = report.problem
        if problem is None:
            return report
        return replace(report, say=self._tell(problem, t_s), message=problem.line)

    def _tell(self, problem: Check, t_s: float) -> Cue | None:
        """Return the cue of the problem, if it is time for it."""
        what = f"{problem.id}.{problem.code}"
        same = what == self._said_what
        if t_s - self._said_s < (REPEAT_S if same else GAP_BETWEEN_S) or (same and not problem.blocking):
            return None
        self._times_said = self._times_said + 1 if same else 0
        finding = self._held[problem.id].finding
        way = self._words.checks[problem.id].ways[problem.code]
        return self._cue(what, way, t_s, finding, self._times_said)

    def _cue(self, what: str, words: Words, t_s: float, finding: Finding = UNKNOWN, times: int = 0) -> Cue:
        self._said_s, self._said_what = t_s, what
        spoken = words.spoken[min(times, len(words.spoken) - 1)].format(value=finding.value, **finding.detail)
        name = f"setup_{what.replace('.', '_')}"
        return Cue(
            name, spoken, words.shown, t_s, t_s + CUE_LIFE_S, CUE_PRIORITY, value=finding.value, unit=finding.unit
        )

    def _counting(self, report: SetupReport) -> SetupReport:
        t_s = report.t_s
        due = math.floor((t_s - self._phase_s - ANNOUNCE_S) / COUNT_S) + 1
        if due <= 0:
            return replace(report, message=self._words.said["ready"].shown)
        due = min(due, len(_COUNT))
        words = self._words.said[_COUNT[due - 1]]
        cue = self._cue(_COUNT[due - 1], words, t_s) if due > self._counted else None
        self._counted = due
        if due == len(_COUNT):
            self._enter(SetupPhase.CALIBRATING, t_s)
            return replace(report, say=cue, calibrate=True, message=words.shown)
        return replace(report, say=cue, countdown=len(_COUNT) - due, message=words.shown)

    def _calibrating(self, report: SetupReport, standing: StandingStatus | None) -> SetupReport:
        t_s = report.t_s
        if standing is None:
            if t_s - self._phase_s >= CALIBRATION_S:
                self._enter(SetupPhase.DONE, t_s)
            return report
        if standing.capturing:
            self._was_capturing = True
        elif self._was_capturing:
            self._enter(SetupPhase.DONE, t_s)
            return replace(report, message=standing.message)
        if t_s - self._phase_s >= CALIBRATION_S:
            self._enter(SetupPhase.CHECKING, t_s)
            return report
        # Why it is not taken, in the coach's own words; once there is progress they only ask to go on.
        say = None
        if standing.progress <= 0.1 and t_s - max(self._said_s, self._phase_s) >= GAP_BETWEEN_S:
            words = Words(standing.message.upper(), (standing.message,))
            say = self._cue("standing", words, t_s)
        return replace(report, say=say, message=standing.message)
