"""When something is said: one cue at a time, the most important first, never stale, silence as praise.

The policy decides and gives its reasons, for a cue (`Cue.steps`, `values`, `threshold`) as for saying nothing
(`CuePolicy.unsaid`); it never plays anything. Times and counts: coaching.md, "Cues and their dose".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.coach.faults import WINDOW_STEPS, FaultJudge
from app.coach.filters import median
from app.coach.report import ActiveFault, Cue, FaultId, Hold, Step
from app.coach.rules import CueSpec, Rules, default_rules
from app.coach.stance import PASS_S
from app.coach.step_log import StepLog
from app.coach.tunnel import TunnelTracker

#: Spoken at most this often, dead after this long (coaching.md: 12-15 s; 2 s).
REFRACTORY_S = 13.0
EXPIRES_S = 2.0
#: After a set-up announcement the coach waits this long only.
SETUP_GAP_S = 3.0
#: A running fault is spoken of when it has been there for eight steps (`FaultJudge.label_steps`), a return to good is
#: praised after four clear ones.
HOLD_STEPS, CLEAR_STEPS = 8, 4
#: A stance fault is spoken of after the hold has stood this long.
STANCE_HOLD_S = 1.5
#: After so many repetitions unheard: other words; when all words were tried, silence for a minute.
REPEATS_PER_WORDING = 3
GIVE_UP_SILENCE_S = 60.0
#: Praise comes once per return to good, and not sooner than this after the last words.
PRAISE_GAP_S = 4.0
#: A longer time without a step, and another run begins.
NEW_RUN_S = 5.0
#: The roof is spoken of while so many of the newest eight steps hit it.
LEAST_HITS = 2

#: Why nothing was said.
ON_TARGET = "on target"
TOO_NEW = "too new: a fault is spoken of when it has been on for eight steps"
UNCERTAIN = "uncertain: the interval of its measure reaches over the threshold"
TOO_SOON = f"too soon after the last words (at least {REFRACTORY_S:.0f} s)"
GIVEN_UP = "said often enough: shown only, for a minute"
CORRECTING = "the newest steps are better: it is waited for"
CHANGING = "the newest steps point to another fault: it is waited for"
NOT_SEPARABLE = "on this body, by this camera, it cannot be told from the good stance: shown only"
ROOF_WAITS = "the hits may come from a fault that begins: it is waited for"


@dataclass(frozen=True, slots=True)
class Finding:
    """What might be spoken of after a step, with its evidence.

    Attributes:
        fault: what is on, with its deciding value and threshold.
        steps: numbers of the steps behind it, from 1. values: its measure in each, in the fault's unit.
        certain: whether its interval lies wholly past the threshold.
    """

    fault: ActiveFault
    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    certain: bool = True


@dataclass(slots=True)
class _History:
    """How often a cue was given since its fault was last clear."""

    given: int = 0
    silent_until_s: float = float("-inf")


@dataclass(slots=True)
class CuePolicy:
    """Turns what is on into at most one cue per call.

    Attributes:
        rules: hold the words of every cue.
        never: faults that are not spoken of in the stance (`separation`).
        unsaid: why the last call gave no cue, one line; "" where it gave one.
        about: the fault that was on in the last call, or that the roof's hits are put down to; None for none.
    """

    refractory_s: float = REFRACTORY_S
    rules: Rules = field(default_factory=default_rules)
    never: frozenset[FaultId] = frozenset()
    unsaid: str = ""
    about: FaultId | None = None
    _last_s: float = float("-inf")
    _history: dict[str, _History] = field(default_factory=dict)
    _owed_praise: bool = False
    _praised_s: float = float("-inf")
    _clear_steps: int = 0
    _step_s: float = float("-inf")

    def after_step(
        self,
        t_s: float,
        judge: FaultJudge,
        tunnel: TunnelTracker,
        steps: StepLog | Sequence[Step],
        quiet_because: str = "",
    ) -> Cue | None:
        """Return the cue after a judged running step, or None; the reason is then in ``unsaid``.

        Args:
            t_s: now.
            judge: of the faults.
            tunnel: of the roof.
            steps: all steps of the session; the newest is the one just finished.
            quiet_because: why this is no time for feedback (`dose`), "" where it is.
        """
        fault = next(iter(judge.active()), None)
        finding = roof = None
        if fault is not None:
            finding = Finding(fault, _numbers(steps, judge.steps), judge.values(), judge.certain)
        elif tunnel.too_many_hits:
            roof = _hits(steps, 100.0 * tunnel.roof_bh)
        return self.running(t_s, finding, roof, judge.newest_label, quiet_because)

    def running(
        self,
        t_s: float,
        finding: Finding | None,
        roof: Finding | None = None,
        newest: FaultId | None = None,
        quiet_because: str = "",
    ) -> Cue | None:
        """Return the cue for running after a step, or None.

        A fault that is on explains the hits, and its cue brings the head down as well: the roof is cued alone, and
        not while the newest steps already point to a fault that the eight-step medians do not show yet.

        Args:
            t_s: now.
            finding: the fault that is on, if any.
            roof: too many hits of the roof, and no fault.
            newest: the fault that the newest steps show, taken alone; None for good form.
            quiet_because: why this is no time for feedback, "" where it is.
        """
        if t_s - self._step_s > NEW_RUN_S:
            # What is owed from an earlier run, praise or the next wording, is forgotten with it.
            self._owed_praise, self._clear_steps = False, 0
            self._history.clear()
        self._step_s = t_s
        clear = finding is None and roof is None
        self._clear_steps = self._clear_steps + 1 if clear else 0
        what = finding or roof
        self.about = None if what is None else what.fault.id
        if quiet_because and self._clear_steps >= CLEAR_STEPS:
            self._owed_praise = False
            self._history.clear()
        self.unsaid = quiet_because or self._why_not(finding, roof, newest)
        if self.unsaid:
            return None
        if finding is not None:
            return self._fault_cue(t_s, self.rules.cues[finding.fault.id], finding)
        if roof is not None:
            return self._fault_cue(t_s, self.rules.cues[FaultId.STANDING_UP], roof)
        return self._all_clear(t_s, self.rules.praise_run)

    def _why_not(self, finding: Finding | None, roof: Finding | None, newest: FaultId | None) -> str:
        if finding is not None:
            if finding.fault.steps < HOLD_STEPS:
                return TOO_NEW
            if newest is not finding.fault.id:
                return CORRECTING if newest is None else CHANGING
            return "" if finding.certain else UNCERTAIN
        if roof is not None:
            if len(roof.steps) < LEAST_HITS:
                return CORRECTING
            return "" if newest is None else ROOF_WAITS
        return "" if self._clear_steps >= CLEAR_STEPS else ON_TARGET

    def holding(self, t_s: float, hold: Hold, fault: ActiveFault | None) -> Cue | None:
        """Return the cue for a still hold that goes on; ``fault`` None: it is good, and is praised once."""
        held_s = hold.end_s - hold.start_s
        if fault is not None and fault.id in self.never:
            self.unsaid = NOT_SEPARABLE
            return None
        if fault is not None:
            return self._fault_cue(t_s, self.rules.cues[fault.id], Finding(fault)) if held_s >= STANCE_HOLD_S else None
        if held_s < PASS_S or self._praised_s >= hold.start_s:
            return None
        # A good hold is praised even if no fault came before it.
        self._owed_praise = True
        praise = self._all_clear(t_s, self.rules.praise_stance)
        self._praised_s = self._praised_s if praise is None else t_s
        return praise

    def standing_taken(self, t_s: float) -> Cue:
        """Return the set-up cue that the standing reference was taken; set-up goes before everything."""
        taken = self.rules.standing_taken
        cue = self._make(t_s, taken, taken.spoken[0])
        self._last_s = t_s - self.refractory_s + SETUP_GAP_S
        return cue

    def _fault_cue(self, t_s: float, spec: CueSpec, finding: Finding) -> Cue | None:
        history = self._history.setdefault(spec.id, _History())
        if t_s < history.silent_until_s:
            self.unsaid = GIVEN_UP
            return None
        if t_s - self._last_s < self.refractory_s:
            self.unsaid = TOO_SOON
            return None
        wording = history.given // REPEATS_PER_WORDING
        if wording >= len(spec.spoken):
            history.given, history.silent_until_s = 0, t_s + GIVE_UP_SILENCE_S
            self.unsaid = GIVEN_UP
            return None
        history.given += 1
        self._owed_praise = True
        return self._make(t_s, spec, spec.spoken[wording], finding)

    def _all_clear(self, t_s: float, praise: CueSpec) -> Cue | None:
        self._history.clear()
        if not self._owed_praise or t_s - self._last_s < PRAISE_GAP_S:
            self.unsaid = ON_TARGET
            return None
        self._owed_praise = False
        return self._make(t_s, praise, praise.spoken[0])

    def _make(self, t_s: float, spec: CueSpec, spoken: str, finding: Finding | None = None) -> Cue:
        self._last_s = t_s
        self.unsaid = ""
        cue = Cue(spec.id, spoken, spec.shown, t_s, t_s + EXPIRES_S, spec.priority)
        if finding is None:
            return cue
        fault = finding.fault
        return replace(
            cue,
            because=fault.id.value,
            steps=finding.steps,
            values=finding.values,
            value=fault.value,
            threshold=fault.threshold,
            unit=fault.unit,
        )


def _numbers(steps: StepLog | Sequence[Step], window: Sequence[Step]) -> tuple[int, ...]:
    """Return the numbers, from 1, of the steps of a judging window: those with a turned head are not in it."""
    times_s = {step.t_s for step in window}
    newest = steps[-4 * WINDOW_STEPS :]
    first = len(steps) - len(newest) + 1
    return tuple(first + k for k, step in enumerate(newest) if step.t_s in times_s)


def _hits(steps: StepLog | Sequence[Step], roof_pct: float) -> Finding:
    """Return the newest eight steps' hits of the roof, which lies ``roof_pct`` % BH below standing."""
    newest = steps[-WINDOW_STEPS:]
    first = len(steps) - len(newest) + 1
    hits = [(first + k, 100.0 * step.peak_below_standing_bh) for k, step in enumerate(newest) if step.hit]
    peaks = tuple(peak for _, peak in hits)
    active = ActiveFault(FaultId.STANDING_UP, median(peaks), roof_pct, "bh_pct", len(hits))
    return Finding(active, tuple(number for number, _ in hits), peaks)
