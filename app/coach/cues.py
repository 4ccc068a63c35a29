"""What is said, and when: one cue at a time, the most important first, never stale, silence as praise.

Wording is external and image-rich (coaching.md, "Cues and their dose"): what the runner should do to the
world, not to a joint. The policy decides; it never plays anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.coach.report import ActiveFault, Cue, FaultId
from app.coach.rules import CueSpec, Rules, default_rules

#: Spoken at most this often, dead after this long (coaching.md: 12-15 s; 2 s).
REFRACTORY_S = 13.0
EXPIRES_S = 2.0
#: After a set-up announcement the coach waits this long only.
SETUP_GAP_S = 3.0
#: A running fault is spoken of after eight steps: the median turns at the fifth, so four more on top.
HOLD_STEPS = 4
#: A stance fault is spoken of after the hold has stood this long.
STANCE_HOLD_S = 1.5
#: After so many repetitions unheard: other words; when all words were tried, silence for a minute.
REPEATS_PER_WORDING = 3
GIVE_UP_SILENCE_S = 60.0
#: Praise comes once per return to good, and not sooner than this after the last words.
PRAISE_GAP_S = 4.0


#: Views of the default rules, where the words are written (``rules.toml``).
FAULT_CUES = default_rules().cues
PRAISE_RUN, PRAISE_STANCE = default_rules().praise_run, default_rules().praise_stance
STANDING_TAKEN = default_rules().standing_taken
#: Every cue there is, for the tables and the sounds.
ALL_CUES = default_rules().all_cues


@dataclass(slots=True)
class _History:
    """How often a cue was given since its fault was last clear."""

    given: int = 0
    silent_until_s: float = float("-inf")


@dataclass(slots=True)
class CuePolicy:
    """Turns what is on into at most one cue per call."""

    refractory_s: float = REFRACTORY_S
    rules: Rules = field(default_factory=default_rules)
    _last_s: float = float("-inf")
    _history: dict[str, _History] = field(default_factory=dict)
    _owed_praise: bool = False
    _clear_steps: int = 0

    def running(self, t_s: float, fault: ActiveFault | None, too_many_hits: bool, steps: tuple[int, ...]) -> Cue | None:
        """Return the cue for running after a step, or None.

        Args:
            t_s: now.
            fault: the one that is on and certain, or None.
            too_many_hits: the roof's own state.
            steps: numbers of the steps of the judging window.
        """
        self._clear_steps = self._clear_steps + 1 if fault is None and not too_many_hits else 0
        if fault is not None and fault.steps >= HOLD_STEPS:
            return self._fault_cue(t_s, self.rules.cues[fault.id], fault, steps)
        if too_many_hits and fault is None:
            roof = ActiveFault(FaultId.STANDING_UP, float("nan"), float("nan"), "", len(steps))
            return self._fault_cue(t_s, self.rules.cues[FaultId.STANDING_UP], roof, steps)
        if self._clear_steps >= HOLD_STEPS:
            return self._all_clear(t_s, self.rules.praise_run)
        return None

    def stance(self, t_s: float, fault: ActiveFault | None, held_s: float) -> Cue | None:
        """Return the cue for a still hold of ``held_s`` seconds; ``fault`` None means good."""
        if fault is None:
            return self._all_clear(t_s, self.rules.praise_stance) if held_s >= STANCE_HOLD_S else None
        return self._fault_cue(t_s, self.rules.cues[fault.id], fault, ()) if held_s >= STANCE_HOLD_S else None

    def standing_taken(self, t_s: float) -> Cue:
        """Return the set-up cue that the standing reference was taken; set-up goes before everything."""
        taken = self.rules.standing_taken
        cue = self._make(t_s, taken, taken.spoken[0])
        self._last_s = t_s - self.refractory_s + SETUP_GAP_S
        return cue

    def expect_good_stance(self) -> None:
        """A good hold is praised even if no fault came before it."""
        self._owed_praise = True

    def _fault_cue(self, t_s: float, spec: CueSpec, fault: ActiveFault, steps: tuple[int, ...]) -> Cue | None:
        history = self._history.setdefault(spec.id, _History())
        if t_s - self._last_s < self.refractory_s or t_s < history.silent_until_s:
            return None
        wording = history.given // REPEATS_PER_WORDING
        if wording >= len(spec.spoken):
            history.given, history.silent_until_s = 0, t_s + GIVE_UP_SILENCE_S
            return None
        history.given += 1
        self._owed_praise = True
        return self._make(t_s, spec, spec.spoken[wording], fault, steps)

    def _all_clear(self, t_s: float, praise: CueSpec) -> Cue | None:
        self._history.clear()
        if not self._owed_praise or t_s - self._last_s < PRAISE_GAP_S:
            return None
        self._owed_praise = False
        return self._make(t_s, praise, praise.spoken[0])

    def _make(
        self,
        t_s: float,
        spec: CueSpec,
        spoken: str,
        fault: ActiveFault | None = None,
        steps: tuple[int, ...] = (),
    ) -> Cue:
        self._last_s = t_s
        nan = float("nan")
        return Cue(
            id=spec.id,
            spoken=spoken,
            shown=spec.shown,
            t_s=t_s,
            expires_s=t_s + EXPIRES_S,
            priority=spec.priority,
            because="" if fault is None else fault.id.value,
            steps=steps,
            value=nan if fault is None else fault.value,
            threshold=nan if fault is None else fault.threshold,
            unit="" if fault is None else fault.unit,
        )
