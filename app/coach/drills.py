"""A drill: armed start, repetitions and holds, sets, target, rest, and what is said, frame by frame.

Nothing is counted but from an armed position: the runner stands still inside the picture, with a standing reference.
Whoever walks in or out, is hidden, turned away or not alone pauses the drill; an attempt under way is then forgotten.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from app.coach.drill_hinge import HingeReps
from app.coach.drill_holds import AthleticHolds, StartLineHolds
from app.coach.drill_march import MarchSteps
from app.coach.drill_rules import DrillRules, DrillSpec, default_drills
from app.coach.drill_signals import ZERO_S, Look, Readiness, signals_of
from app.coach.drill_voice import DrillVoice
from app.coach.filters import NAN
from app.coach.geometry import Body
from app.coach.reps import DrillId, DrillLog, DrillPhase, DrillReport, DrillResult, Rep
from app.coach.rules import Rules, default_rules
from app.coach.standing import StandingReference
from app.coach.types import RunnerProfile

#: Bad data for longer than this pauses; shorter, the frames are only left out.
PAUSE_AFTER_S = 0.35
#: A pause is spoken of when it has lasted so long; not yet standing still explains itself for a while.
PAUSE_SAID_S, STANDING_SAID_S = 1.2, 5.0
#: So many frames are kept of who stands before there is a standing reference.
MOST_KEPT = 100
STAND_STILL = "stand tall and still to begin"


class Performer(Protocol):
    """What finds the attempts of one drill."""

    lost: bool

    @property
    def progress(self) -> float:
        """How far the attempt under way has come, 0..1."""

    @property
    def hold_s(self) -> float:
        """Good seconds of the hold under way."""

    @property
    def cadence_spm(self) -> float:
        """Steps per minute, NaN where there are none."""

    @property
    def head_below_roof_bh(self) -> float:
        """Head below the roof, BH; NaN where there is none."""

    @property
    def moving(self) -> bool:
        """Whether an attempt is under way in motion."""

    @property
    def holding(self) -> bool:
        """Whether a hold is under way."""

    def update(self, look: Look) -> Rep | None:
        """Take one frame; return the attempt that ended in it."""

    def drop(self) -> Rep | None:
        """End what is under way on bad data; return it where it had earned its count already."""

    def finish(self) -> Rep | None:
        """End of the source; return what still counts."""


@dataclass(frozen=True, slots=True)
class DrillPlan:
    """What the runner chose: a drill, and repetitions (0: no end), sets and rest where they differ from its own."""

    drill: DrillId
    target: int | None = None
    sets: int | None = None
    rest_s: float | None = None


class DrillCoach:
    """Runs one drill.

    Args:
        plan: which drill, how much of it.
        profile: stature and the roof's inch.
        rules: of the stance. drills: numbers and words of the drills; None for the default ones.
    """

    def __init__(
        self,
        plan: DrillPlan,
        profile: RunnerProfile | None = None,
        rules: Rules | None = None,
        drills: DrillRules | None = None,
    ) -> None:
        drills = drills or default_drills()
        self.spec = spec = drills.drills[plan.drill]
        self.target = plan.target if plan.target is not None else spec.target
        self.sets = plan.sets if plan.sets is not None else spec.sets
        self.rest_s = plan.rest_s if plan.rest_s is not None else spec.rest_s
        self.log = DrillLog()
        self._performer = _performer(spec, profile or RunnerProfile(), rules or default_rules())
        self._ready = Readiness()
        self._before_standing: deque[Body] = deque(maxlen=MOST_KEPT)
        self._voice = DrillVoice(drills, spec)
        self._armed = self._done = False
        self._blocked_since_s = NAN
        self._rest_until_s = NAN
        self._paused_because = STAND_STILL
        self._pauses: list[tuple[float, float, str]] = []
        self._last_s = NAN
        self._dt_s = NAN

    # ------------------------------------------------------------------ one frame

    def update(self, t_s: float, body: Body | None, standing: StandingReference | None, blocked: str) -> DrillReport:
        """Take one frame.

        Args:
            t_s: its time.
            body: who is in it, None for nobody.
            standing: the reference that holds now.
            blocked: why nothing may be counted by this frame, one line; "" where it is good.
        """
        self._voice.begin(t_s)
        passed_s = t_s - self._last_s
        if passed_s <= 0.5:
            self._dt_s = passed_s if self._dt_s != self._dt_s else self._dt_s + 0.05 * (passed_s - self._dt_s)
        self._last_s = t_s
        rep: Rep | None = None
        if self._resting(t_s):
            self._disarm()
        elif not self._done:
            blocked = blocked or self._too_slow()
            if blocked or body is None or standing is None:
                self._keep(body, standing)
                rep = self._bad_frame(t_s, blocked or STAND_STILL)
            else:
                self._blocked_since_s = NAN
                rep = self._good_frame(body, standing)
            rep = self._take(rep, t_s)
        return self._report(t_s, rep)

    def interrupt(self, why: str) -> None:
        """What was seen before is void: forget the attempt under way and the armed position."""
        if self._armed:
            self._performer.drop()
            self._disarm()
            self._pause(self._last_s, why)

    def finish(self) -> None:
        """End of the source: count a hold that lasted to it."""
        rep = self._performer.finish()
        if rep is not None and not self._done:
            self.log.take(rep)
        if self._pauses and self._pauses[-1][1] != self._pauses[-1][1]:
            start_s, _, why = self._pauses[-1]
            self._pauses[-1] = (start_s, self._last_s, why)

    def result(self) -> DrillResult:
        """Return what it came to so far."""
        return DrillResult(
            drill=self.spec.id,
            target=self.target,
            sets=self.sets,
            rest_s=self.rest_s,
            entries=self.log.entries,
            reps=self.log.reps,
            pauses=tuple(self._pauses),
            done=self._done,
        )

    @property
    def now_s(self) -> float:
        """Time of the newest frame, NaN before the first."""
        return self._last_s

    def skip_rest(self) -> None:
        """Go on at once with the next set."""
        if self._rest_until_s == self._rest_until_s:
            self._rest_until_s = self._last_s

    # ------------------------------------------------------------------ good and bad frames

    def _too_slow(self) -> str:
        if self._dt_s > 1.0 / self.spec.least_fps:
            return f"only {1.0 / self._dt_s:.0f} frames a second: at least {self.spec.least_fps:.0f} are needed"
        return ""

    def _keep(self, body: Body | None, standing: StandingReference | None) -> None:
        """Keep who stands before there is a standing reference: the stillness it is taken from arms the drill too."""
        if body is None or standing is not None:
            self._before_standing.clear()
        else:
            self._before_standing.append(body)

    def _good_frame(self, body: Body, standing: StandingReference) -> Rep | None:
        performer = self._performer
        while self._before_standing:
            earlier = self._before_standing.popleft()
            if body.t_s - earlier.t_s < ZERO_S:
                self._ready.update(signals_of(earlier, standing), keep_zero=False)
        busy = self._armed and (performer.moving or performer.holding or performer.progress > 0.15)
        self._ready.update(signals_of(body, standing), keep_zero=busy)
        if not self._armed:
            if not self._ready.ready or self._ready.zero is None:
                self._pause(body.t_s, STAND_STILL)
                return None
            self._armed = True
            self._end_pause(body.t_s)
            self._voice.armed()
        look = self._ready.look(body, standing, performer.holding)
        if look is None:
            # After a gap in the frames.
            return self._disarm()
        rep = performer.update(look)
        if performer.lost:
            performer.lost = False
            self._disarm()
            self._pause(body.t_s, STAND_STILL)
            self._voice.moved()
        elif performer.holding:
            self._voice.seconds(performer.hold_s, self.spec.band["hold_s"])
        return rep

    def _bad_frame(self, t_s: float, why: str) -> Rep | None:
        """Leave the frame out; where it lasts, pause."""
        if self._blocked_since_s != self._blocked_since_s:
            self._blocked_since_s = t_s
        if t_s - self._blocked_since_s < PAUSE_AFTER_S:
            return None
        rep = self._disarm()
        self._pause(t_s, why)
        return rep

    def _disarm(self) -> Rep | None:
        """Lose the armed position; what was under way is forgotten, or counted where it had been earned."""
        rep = self._performer.drop() if self._armed else None
        self._armed = False
        self._ready.reset()
        return rep

    def _pause(self, t_s: float, why: str) -> None:
        if self._pauses and self._pauses[-1][1] != self._pauses[-1][1]:
            if self._pauses[-1][2] == why:
                return
            self._end_pause(t_s)
        self._paused_because = why
        self._pauses.append((t_s, NAN, why))

    def _end_pause(self, t_s: float) -> None:
        self._paused_because = ""
        if self._pauses and self._pauses[-1][1] != self._pauses[-1][1]:
            start_s, _, why = self._pauses[-1]
            self._pauses[-1] = (start_s, t_s, why)

    # ------------------------------------------------------------------ counting

    def _take(self, rep: Rep | None, t_s: float) -> Rep | None:
        """Keep an attempt, say it, and end the set where it was the last one wanted."""
        if rep is not None:
            rep = self.log.take(rep)
        count = self.log.count(self.log.set_number)
        if count < self.target or not self.target:
            if rep is not None:
                self._voice.rep(rep, count)
            return rep
        # Also where the user has put in the last one.
        self._disarm()
        self._end_pause(t_s)
        if self.log.set_number >= self.sets:
            self._done = True
            self._voice.done(count, self.log.count())
        else:
            self._rest_until_s = t_s + self.rest_s
            self._voice.set_done(count, self.log.set_number, self.rest_s)
        return rep

    def _resting(self, t_s: float) -> bool:
        """Whether it is rest; at its end the next set begins."""
        left_s = self._rest_until_s - t_s
        if not left_s > 0.0:
            if left_s == left_s:
                self._rest_until_s = NAN
                self.log.set_number += 1
                self._voice.next_set(self.log.set_number, self.sets)
            return False
        self._voice.rest(left_s)
        return True

    def _phase(self) -> DrillPhase:
        if self._done:
            return DrillPhase.DONE
        if self._rest_until_s == self._rest_until_s:
            return DrillPhase.RESTING
        if not self._armed:
            return DrillPhase.PAUSED
        if self._performer.holding:
            return DrillPhase.HOLDING
        return DrillPhase.MOVING if self._performer.moving else DrillPhase.ARMED

    def _report(self, t_s: float, rep: Rep | None) -> DrillReport:
        phase = self._phase()
        if phase is DrillPhase.PAUSED and self._pauses:
            start_s, _, why = self._pauses[-1]
            self._voice.paused(why, t_s - start_s, STANDING_SAID_S if why == STAND_STILL else PAUSE_SAID_S)
        performer = self._performer
        return DrillReport(
            drill=self.spec.id,
            phase=phase,
            reps=self.log.count(self.log.set_number),
            progress=performer.progress if self._armed else 0.0,
            hold_s=performer.hold_s if self._armed else 0.0,
            last_rep=self.log.last,
            new_rep=rep is not None,
            set_number=self.log.set_number,
            sets=self.sets,
            target=self.target,
            rest_left_s=max(self._rest_until_s - t_s, 0.0) if phase is DrillPhase.RESTING else 0.0,
            say=self._voice.take(),
            paused_because=self._paused_because if phase is DrillPhase.PAUSED else "",
            cadence_spm=performer.cadence_spm if performer.moving else NAN,
            head_below_roof_bh=performer.head_below_roof_bh,
        )


def _performer(spec: DrillSpec, profile: RunnerProfile, rules: Rules) -> Performer:
    """Return what finds the attempts of a drill."""
    if spec.id is DrillId.HINGE:
        return HingeReps(spec)
    if spec.id is DrillId.ATHLETIC:
        return AthleticHolds(spec)
    if spec.id is DrillId.START_LINE:
        return StartLineHolds(spec, rules)
    roof_bh = spec.band["roof_bh_pct"] / 100.0
    if profile.height_cm:
        roof_bh = profile.tunnel_drop_cm / profile.height_cm
    return MarchSteps(spec, roof_bh)
