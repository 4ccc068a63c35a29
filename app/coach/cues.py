"""What is said, and when: one cue at a time, the most important first, never stale, silence as praise.

Wording is external and image-rich (coaching.md, "Cues and their dose"): what the runner should do to the
world, not to a joint. The policy decides; it never plays anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.coach.report import ActiveFault, Cue, FaultId

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


@dataclass(frozen=True, slots=True)
class CueSpec:
    """One cue: id, priority (lower = more urgent), the words for the screen and the wordings for the voice."""

    id: str
    priority: int
    shown: str
    spoken: tuple[str, ...]


def _cue(cue_id: str, priority: int, shown: str, *spoken: str) -> CueSpec:
    return CueSpec(cue_id, priority, shown, spoken)


#: The cue of each fault. The order of priorities is that of coaching.md.
FAULT_CUES: Mapping[FaultId, CueSpec] = MappingProxyType(
    {
        FaultId.STANDING_UP: _cue(
            "tunnel", 10, "DUCK UNDER THE ROOF", "Duck under the roof", "Run through a lower tunnel"
        ),
        FaultId.TALL: _cue("tunnel", 11, "AN INCH LOWER", "Sink an inch", "Duck under the roof"),
        FaultId.PELVIS_DRIFT: _cue(
            "hips_back",
            20,
            "HIPS BACK",
            "Hips back to the wall behind you",
            "Show your belt buckle the ground",
        ),
        FaultId.HIP_SQUEEZE: _cue(
            "push", 30, "PUSH BEHIND YOU", "Push the ground away behind you", "Sit back, then push"
        ),
        FaultId.ANKLE_LEAN: _cue(
            "hinge", 40, "FOLD, DON'T TIP", "Close the door behind you with your hips", "Bow, don't tip"
        ),
        FaultId.UPRIGHT: _cue(
            "lean", 50, "CHEST AHEAD", "Let your chest lead the way", "Tip your chest towards the finish line"
        ),
        FaultId.OVER_LEAN: _cue("rise", 60, "COME UP A LITTLE", "One straight line, ear to heel", "Come up a little"),
        FaultId.OVERSTRIDE: _cue(
            "land_under",
            70,
            "LAND UNDER YOU",
            "Quick feet, right under you",
            "Set your feet down softly below you",
        ),
        FaultId.NO_STAGGER: _cue("stagger", 5, "ONE FOOT BACK", "Put one foot back, as on a starting line"),
    }
)
ROOF_CUE = FAULT_CUES[FaultId.STANDING_UP]
PRAISE_RUN = _cue("praise", 90, "THAT'S IT", "That's it", "Good, hold that")
PRAISE_STANCE = _cue("praise", 90, "HOLD THAT LINE", "That's the line. Hold it")
STANDING_TAKEN = _cue("standing", 1, "GOT YOUR STANDING", "Got it. That is your standing height")
#: Every cue there is, for the tables and the sounds.
ALL_CUES: tuple[CueSpec, ...] = (*FAULT_CUES.values(), PRAISE_RUN, PRAISE_STANCE, STANDING_TAKEN)


@dataclass(slots=True)
class _History:
    """How often a cue was given since its fault was last clear."""

    given: int = 0
    silent_until_s: float = float("-inf")


@dataclass(slots=True)
class CuePolicy:
    """Turns what is on into at most one cue per call."""

    refractory_s: float = REFRACTORY_S
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
            return self._fault_cue(t_s, FAULT_CUES[fault.id], fault, steps)
        if too_many_hits and fault is None:
            roof = ActiveFault(FaultId.STANDING_UP, float("nan"), float("nan"), "", len(steps))
            return self._fault_cue(t_s, ROOF_CUE, roof, steps)
        if self._clear_steps >= HOLD_STEPS:
            return self._all_clear(t_s, PRAISE_RUN)
        return None

    def stance(self, t_s: float, fault: ActiveFault | None, held_s: float) -> Cue | None:
        """Return the cue for a still hold of ``held_s`` seconds; ``fault`` None means good."""
        if fault is None:
            return self._all_clear(t_s, PRAISE_STANCE) if held_s >= STANCE_HOLD_S else None
        return self._fault_cue(t_s, FAULT_CUES[fault.id], fault, ()) if held_s >= STANCE_HOLD_S else None

    def standing_taken(self, t_s: float) -> Cue:
        """Return the set-up cue that the standing reference was taken; set-up goes before everything."""
        cue = self._make(t_s, STANDING_TAKEN, STANDING_TAKEN.spoken[0])
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
