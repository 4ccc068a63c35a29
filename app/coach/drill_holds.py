"""Holds: the athletic position and the starting line. The good seconds of an attempt are counted, not the others.

An attempt begins when the armed standing is left for the position and ends when the runner stands again; pauses in
being good only stop the seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import fields, replace

from app.coach.drill_rules import DrillSpec
from app.coach.drill_signals import Look, Signals
from app.coach.filters import NAN, median
from app.coach.report import GOOD, NOT_JUDGED, FaultId, StanceValues
from app.coach.reps import GOOD_REP, HALF_REP, Rep
from app.coach.rules import Rules
from app.coach.stance import VALUES_S, judge_stance, stance_values

#: Walked away from where the armed standing was, fraction of body height.
AWAY_BH, AWAY_STANCE_BH = 0.13, 0.35
#: Longer than this between two frames is no time held.
MOST_GAP_S = 0.3


class _Holds:
    """What the two drills of holds share: an attempt with its seconds by verdict."""

    moving = False
    cadence_spm = head_below_roof_bh = NAN

    def __init__(self, spec: DrillSpec) -> None:
        self._spec = spec
        self._band = spec.band
        self._start_s = self._last_s = NAN
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.lost = False

    @property
    def holding(self) -> bool:
        """Whether an attempt is under way."""
        return self._start_s == self._start_s

    @property
    def hold_s(self) -> float:
        """Good seconds of the attempt under way."""
        return self._seconds[GOOD_REP]

    @property
    def progress(self) -> float:
        """Share of the wanted good seconds, 0..1."""
        return min(self.hold_s / self._band["hold_s"], 1.0)

    def _change(self, verdict: str) -> str:
        return self._spec.change[verdict].spoken

    def _end(self, values: tuple[tuple[str, float], ...], side: str, praise: tuple[str, ...]) -> Rep | None:
        """Return the attempt that is over; None where it was none."""
        start_s, good_s, held_s = self._start_s, self._seconds[GOOD_REP], sum(self._seconds.values())
        faults = {name: seconds for name, seconds in self._seconds.items() if name != GOOD_REP}
        self._start_s, self._seconds = NAN, defaultdict(float)
        enough = good_s >= self._band["hold_s"]
        if not enough and held_s < self._band["attempt_s"]:
            return None
        worst = max(faults, key=lambda name: faults[name], default="")
        verdict = GOOD_REP if enough else worst if faults.get(worst, 0.0) > good_s else HALF_REP
        return Rep(
            number=0,
            start_s=start_s,
            end_s=self._last_s,
            depth=good_s,
            tempo=None,
            counted=enough,
            verdict=verdict,
            good=("hold", *praise) if enough else (),
            change="" if enough else self._change(verdict),
            unit="s",
            values=values,
            side=side,
        )


class AthleticHolds(_Holds):
    """The athletic position: hips back, legs soft, chest ahead, still."""

    def __init__(self, spec: DrillSpec) -> None:
        super().__init__(spec)
        self._kept: list[Signals] = []

    def drop(self) -> Rep | None:
        """End what is under way on bad data: only what had been held long enough counts."""
        rep = self._finish(NAN) if self.hold_s >= self._band["hold_s"] else None
        self.__init__(self._spec)  # type: ignore[misc]  # the start state is defined in one place
        return rep

    def finish(self) -> Rep | None:
        """End of the source: an attempt under way ends with it."""
        return self._finish(NAN) if self.holding else None

    def update(self, look: Look) -> Rep | None:
        """Take one frame; return the attempt that ended in it, else None."""
        band, now, zero = self._band, look.now, look.zero
        bent_deg = now.lean_deg + now.knee_deg - zero.lean_deg - zero.knee_deg
        gap_s, self._last_s = look.raw.t_s - self._last_s, look.raw.t_s
        if now.apart_bh - zero.apart_bh > AWAY_BH or abs(now.feet_bh - zero.feet_bh) > AWAY_BH:
            rep = self.drop()
            self.lost = True
            return rep
        if not self.holding:
            if bent_deg > band["start_deg"]:
                self._start_s = look.raw.t_s
            return None
        if bent_deg < band["end_deg"]:
            return self._finish(zero.hip_bh)
        if look.still and gap_s <= MOST_GAP_S:
            self._seconds[self._judged(look.settled, zero)] += gap_s
            if len(self._kept) < 600:
                self._kept.append(look.raw)
        return None

    def _judged(self, s: Signals, zero: Signals) -> str:
        """Return "good" or what to change first, of settled medians."""
        band = self._band
        lean_deg, knee_deg = s.lean_deg - zero.lean_deg, s.knee_deg - zero.knee_deg
        wrong = {
            "chest": lean_deg < band["least_lean_deg"],
            "fold": lean_deg > band["most_lean_deg"],
            "tall": knee_deg < band["least_knee_deg"],
            "low": knee_deg > band["most_knee_deg"],
            "hips": 100.0 * (zero.hip_bh - s.hip_bh) < band["least_back_bh_pct"],
        }
        return next((name for name, is_so in wrong.items() if is_so), GOOD_REP)

    def _finish(self, hip_bh: float) -> Rep | None:
        kept, self._kept = self._kept, []
        values = (
            ("trunk_lean_deg", median(s.lean_deg for s in kept)),
            ("knee_flexion_deg", median(s.knee_deg for s in kept)),
            ("hips_back_bh_pct", 100.0 * (hip_bh - median(s.hip_bh for s in kept))),
        )
        return self._end(values, "unknown", ("chest", "hips", "tall"))


class StartLineHolds(_Holds):
    """The starting line, one foot behind the other; judged as the stance is (`app.coach.stance`)."""

    def __init__(self, spec: DrillSpec, rules: Rules) -> None:
        super().__init__(spec)
        self._rules = rules
        self._recent: deque[tuple[float, StanceValues]] = deque()
        self._values: StanceValues | None = None
        self._verdict = ""
        self._sides: Counter[str] = Counter()
        self._side_before = ""

    def drop(self) -> Rep | None:
        """End what is under way on bad data: only what had been held long enough counts."""
        rep = self.finish() if self.hold_s >= self._band["hold_s"] else None
        before = self._side_before
        self.__init__(self._spec, self._rules)  # type: ignore[misc]  # the start state is defined in one place
        self._side_before = before
        return rep

    def finish(self) -> Rep | None:
        """End of the source: an attempt under way ends with it."""
        return self._over() if self.holding else None

    def update(self, look: Look) -> Rep | None:
        """Take one frame; return the attempt that ended in it, else None."""
        band, now, zero = self._band, look.now, look.zero
        gap_s, self._last_s = look.raw.t_s - self._last_s, look.raw.t_s
        if abs(now.place_bh - zero.place_bh) > AWAY_STANCE_BH:
            rep = self.drop()
            self.lost = True
            return rep
        self._recent.append((look.raw.t_s, stance_values(look.body, look.standing)))
        while look.raw.t_s - self._recent[0][0] > VALUES_S:
            self._recent.popleft()
        apart_pct = 100.0 * now.apart_bh
        if not self.holding:
            if apart_pct > band["apart_bh_pct"]:
                self._start_s = look.raw.t_s
            return None
        if apart_pct < band["together_bh_pct"]:
            return self._over()
        if look.still and gap_s <= MOST_GAP_S:
            self._judge(gap_s, look)
        return None

    def _judge(self, gap_s: float, look: Look) -> None:
        """Count the time since the last frame for what the newest half second is."""
        samples = [values for _, values in self._recent]
        values = StanceValues(**{f.name: median(getattr(v, f.name) for v in samples) for f in fields(StanceValues)})
        verdict, _ = judge_stance(values, self._verdict, self._rules)
        if verdict == NOT_JUDGED:
            return
        self._verdict = verdict
        if verdict == GOOD or self._values is None:
            self._values = values
        self._seconds[GOOD_REP if verdict == GOOD else verdict] += gap_s
        if look.body.sides:
            # Only where the labels of the legs are known to be right.
            behind = 0 if look.body.legs[0].ankle[0] < look.body.legs[1].ankle[0] else 1
            self._sides[("left", "right")[behind]] += 1

    def _over(self) -> Rep | None:
        """Return the attempt that is over, with its side; the same side again does not count."""
        v, self._values = self._values, None
        self._recent.clear()
        self._verdict = ""
        side = self._sides.most_common(1)[0][0] if self._sides else "unknown"
        self._sides = Counter()
        values: tuple[tuple[str, float], ...] = ()
        if v is not None:
            values = (
                ("theta_l_deg", v.theta_l_deg),
                ("theta_t_deg", v.theta_t_deg),
                ("d_h_bh_pct", v.d_h_bh_pct),
                ("front_load_deg", v.front_load_deg),
                ("front_knee_deg", v.front_knee_deg),
                ("rear_knee_deg", v.rear_knee_deg),
                ("weight_shift", v.weight_shift),
            )
        rep = self._end(values, side, ("line",))
        if rep is None or not rep.counted:
            return rep
        same = side != "unknown" and side == self._side_before
        self._side_before = side
        if not same:
            return rep
        change = self._change("same_side")
        return replace(rep, counted=False, verdict="same_side", change=change)

    def _change(self, verdict: str) -> str:
        """Return what to say; a fault of the stance has its own cue in the rules."""
        if verdict in self._spec.change:
            return self._spec.change[verdict].spoken
        return self._rules.cues[FaultId(verdict)].spoken[0]
