"""The best and the worst moments of a set, chosen as it goes: three of each fault, each with its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.coach.faults import is_green
from app.coach.report import GOOD, FaultId
from app.coach.reps import GOOD_REP
from app.coach.types import Landmark
from app.session.delay import nearest
from app.session.set_record import ROOF, Best, Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.coach.report import ActiveFault, Hold, Step
    from app.coach.reps import Rep
    from app.coach.rules import Condition, FaultSpec, Rules
    from app.session.delay import Shot, Shots

NAN = float("nan")
#: So many are kept of each sort, and shown of both sorts; neighbours nearer than this show the same.
MOST, APART_S = 3, 1.0
#: A picture further from the instant is not of it.
PICTURE_S = 0.15
PASSED = "passed"
_ANKLES = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
_HIPS = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
#: Measures that are read at push-off; the others are midstance's.
_AT_PUSH_OFF = frozenset(("line_offset_bh", "trunk_lean_deg"))


@dataclass(slots=True)
class Podium:
    """The few moments of one sort that go furthest, `APART_S` apart."""

    moments: list[Moment] = field(default_factory=list)

    def wants(self, t_s: float, excess: float) -> bool:
        """Whether such a moment would be kept."""
        near = [m for m in self.moments if abs(m.t_s - t_s) < APART_S]
        if near:
            return all(excess > m.excess for m in near)
        return len(self.moments) < MOST or excess > self.moments[-1].excess

    def take(self, moment: Moment) -> None:
        """Keep a moment that is wanted; its neighbours and the least go for it."""
        apart = [m for m in self.moments if abs(m.t_s - moment.t_s) >= APART_S]
        self.moments = sorted([*apart, moment], key=lambda m: -m.excess)[:MOST]


class Moments:
    """Chooses among steps, holds and repetitions; of the analysing thread only."""

    def __init__(self, rules: Rules, shots: Shots) -> None:
        self._rules, self._shots = rules, shots
        self._podiums: dict[tuple[Best, str], Podium] = {}

    def chosen(self, order: Sequence[str], hold: Hold | None = None) -> tuple[Moment, ...]:
        """Return the three worst moments, then the three best.

        Args:
            order: what was wrong often, the most frequent first: the worst of each comes first, then the second of
                each; what was wrong but seldom comes last.
            hold: a still stance that goes on: one of them too, as it is now.

        """
        going_on = self._of_hold(hold, False) if hold is not None else None
        podiums = {key: list(podium.moments) for key, podium in self._podiums.items()}
        if going_on is not None:
            going_on = _pictured(going_on, self._picture_of(going_on))
            kept = podiums.get((going_on.best, going_on.about), [])
            podiums[going_on.best, going_on.about] = sorted([*kept, going_on], key=lambda m: -m.excess)
        worst = [podiums[key] for about in order if (key := (Best.WORST, about)) in podiums]
        seldom = [some for (sort, about), some in podiums.items() if sort is Best.WORST and about not in order]
        best = [some for (sort, _), some in podiums.items() if sort is Best.BEST]
        all_best = sorted((m for moments in best for m in moments), key=lambda m: -m.excess)
        in_turn = [m[k] for some in (worst, seldom) for k in range(MOST) for m in some if k < len(m)]
        return (*_apart(in_turn), *_apart(all_best))

    # ---- running ------------------------------------------------------------------------------------------------

    def add_step(self, step: Step, before: Step | None, fault: ActiveFault | None, judged: bool, inside: bool) -> float:
        """Take a step; return how far it and the one before lie past the threshold of the fault that is on.

        NaN without a fault, or without a step right before.

        Args:
            step: the step.
            before: the one right before it, None without.
            fault: what is on.
            judged: whether anything is judged.
            inside: whether it was neither a hit nor collapsed.

        """
        excess = NAN
        condition = self.condition(fault) if fault is not None else None
        if fault is not None and condition is not None and before is not None:
            # A left and a right step belong together: the near leg alone looks bent otherwise (`StepMedians.of`).
            value = condition.scale * (getattr(before, condition.measure) + getattr(step, condition.measure)) / 2.0
            on = condition.band.on * condition.scale
            excess = value - on if condition.higher else on - value
            if excess > 0.0:
                t_s, shot = self._instant(step, condition.measure)
                end_s = step.t_s + step.duration_s
                measured = (value, on, condition.unit, condition.measure, condition.higher)
                self._offer(Moment(Best.WORST, t_s, step.t_s, end_s, fault.id.value, excess, *measured), shot)
        if step.hit:
            self._offer_hit(step)
        elif judged and fault is None and inside and is_green(step, self._rules):
            good = self._goodness(step)
            end_s = step.t_s + step.duration_s
            self._offer(Moment(Best.BEST, step.push_off_s, step.t_s, end_s, GOOD, good))
        return excess

    def _instant(self, step: Step, measure: str) -> tuple[float, Shot | None]:
        """Return when a measure of a step is to be seen, and its picture where that tells the instant."""
        if measure == "reach_of_travel":
            swing = self._shots.between(step.push_off_s, step.t_s + step.duration_s)
            furthest = max((s for s in swing if math.isfinite(_reach_px(s))), key=_reach_px, default=None)
            if furthest is not None:
                return furthest.t_s, furthest
        return (step.push_off_s if measure in _AT_PUSH_OFF else step.t_s), None

    def condition(self, fault: ActiveFault) -> Condition | None:
        """Return the condition that decides a running fault, by its unit and threshold."""
        spec = self._rules.running.get(fault.id)
        for way in spec.ways if spec is not None else ():
            if way[0].unit == fault.unit and abs(way[0].band.on * way[0].scale - fault.threshold) < 1e-9:
                return way[0]
        return None

    def _goodness(self, step: Step) -> float:
        """Return how far inside the green bands a step lies: 1 in the middle of both, 0 at an edge."""
        (low_deg, high_deg), (low_bh, high_bh) = self._rules.green_lean_deg, self._rules.green_line_bh
        lean, line = step.trunk_lean_deg, step.line_offset_bh
        return min(
            2.0 * min(lean - low_deg, high_deg - lean) / (high_deg - low_deg),
            2.0 * min(line - low_bh, high_bh - line) / (high_bh - low_bh),
        )

    def _offer_hit(self, step: Step) -> None:
        """Offer a hit of the roof at its highest head."""
        through_pct = -100.0 * step.peak_below_roof_bh
        end_s = step.t_s + step.duration_s
        flight = [shot for shot in self._shots.between(step.push_off_s, end_s) if math.isfinite(_head(shot))]
        top = min(flight, key=_head, default=None)
        t_s = top.t_s if top is not None else step.push_off_s
        self._offer(
            Moment(
                Best.WORST, t_s, step.t_s, end_s, ROOF, through_pct, through_pct, 0.0, "bh_pct", "peak_below_roof_bh"
            ),
            top,
        )

    # ---- stances, repetitions, the exam -------------------------------------------------------------------------

    def add_hold(self, hold: Hold, on_purpose: bool) -> None:
        """Take a still stance that has ended."""
        moment = self._of_hold(hold, on_purpose)
        if moment is not None:
            self._offer(moment)

    def _of_hold(self, hold: Hold, on_purpose: bool) -> Moment | None:
        """Return what a still stance is worth, None where nothing was judged."""
        t_s = (hold.start_s + hold.end_s) / 2.0
        if hold.verdict == GOOD:
            return Moment(Best.BEST, t_s, hold.start_s, hold.end_s, GOOD, hold.end_s - hold.start_s)
        spec = _stance_spec(hold, self._rules.stance)
        if spec is None:
            return None
        value = float(getattr(hold.values, spec.measure)) * spec.scale
        excess = value - spec.on if spec.higher else spec.on - value
        # Found in another way than by its own measure, it may lie inside of that.
        excess = max(excess, 0.0) if excess == excess else 0.0
        measured = (value, spec.on, spec.unit, spec.measure, spec.higher)
        moment = Moment(Best.WORST, t_s, hold.start_s, hold.end_s, hold.verdict, excess, *measured)
        return replace(moment, on_purpose=on_purpose)

    def add_rep(self, rep: Rep) -> None:
        """Take a repetition: the best have most that was good, the worst do not count at all."""
        t_s = (rep.start_s + rep.end_s) / 2.0
        if rep.tempo is not None:
            t_s = min(rep.start_s + rep.tempo.down_s + rep.tempo.pause_s / 2.0, rep.end_s)
        if rep.verdict == GOOD_REP:
            # Of equally good ones the deepest, or the longest hold.
            score = len(rep.good) + min(max(rep.depth, 0.0), 900.0) / 1000.0 if rep.depth == rep.depth else 0.0
            best, words = Best.BEST, ""
        else:
            score, best, words = (1.0 if rep.counted else 2.0), Best.WORST, rep.change
        self._offer(
            Moment(
                best, t_s, rep.start_s, rep.end_s, rep.verdict, score, rep.depth, unit=rep.unit, number=rep.number,
                words=words,
            )
        )  # fmt: skip

    def add_pass(self, t_s: float, held_s: float, side: str) -> None:
        """Take a passed side of the exam: better than any other hold."""
        self._offer(Moment(Best.BEST, t_s, t_s - held_s, t_s, PASSED, 1000.0 + held_s, words=side))

    # ---- both ---------------------------------------------------------------------------------------------------

    def _offer(self, moment: Moment, shot: Shot | None = None) -> None:
        podium = self._podiums.setdefault((moment.best, moment.about), Podium())
        if podium.wants(moment.t_s, moment.excess):
            podium.take(_pictured(moment, shot or self._picture_of(moment)))

    def _picture_of(self, moment: Moment) -> Shot | None:
        """Return the picture nearest to the instant, of its own step rather than of the one before."""
        own = nearest(self._shots.between(moment.start_s, moment.end_s), moment.t_s)
        shot = own or self._shots.near(moment.t_s)
        return shot if shot is not None and abs(shot.t_s - moment.t_s) <= PICTURE_S else None


def _pictured(moment: Moment, shot: Shot | None) -> Moment:
    """Return the moment at the instant of its picture."""
    return moment if shot is None else replace(moment, t_s=shot.t_s, shot=shot)


def _apart(moments: Iterable[Moment]) -> list[Moment]:
    """Return the first few that do not show the same."""
    kept: list[Moment] = []
    for moment in moments:
        if all(abs(moment.t_s - m.t_s) >= APART_S for m in kept):
            kept.append(moment)
    return kept[:MOST]


def _head(shot: Shot) -> float:
    return shot.analysis.report.sample.head_below_standing_bh


def _stance_spec(hold: Hold, stance: Mapping[FaultId, FaultSpec]) -> FaultSpec | None:
    return next((spec for fault, spec in stance.items() if fault.value == hold.verdict), None)


def _reach_px(shot: Shot) -> float:
    """Return how far the front ankle is ahead of the hip."""
    xy_px, sign = shot.analysis.pose.xy_px, shot.analysis.report.facing.sign
    ahead_px = sign * (xy_px[_ANKLES, 0] - xy_px[_HIPS, 0].mean())
    return float(ahead_px.max())
