"""The best and the worst moments of a session that was kept without pictures: chosen from its steps and stances."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from app.coach.faults import is_green
from app.coach.report import GOOD, NOT_JUDGED, FaultId
from app.coach.reps import GOOD_REP
from app.store.report.material import ROOF, Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.coach.report import Step
    from app.coach.rules import Condition, Rules
    from app.store.report.material import Material
    from app.store.sessions.derived import FaultSpell
    from app.store.sessions.tables import JudgedStep

#: So many of each, and none nearer to another than this.
MOST, APART_S = 3, 1.0
#: A step follows another if it begins at the other's end to within this.
SAME_INSTANT_S = 0.05
#: Measures that are read at push-off; the others are midstance's.
_AT_PUSH_OFF = frozenset(("line_offset_bh", "trunk_lean_deg"))


def chosen(material: Material, main: str, spells: Sequence[FaultSpell] = ()) -> tuple[Moment, ...]:
    """Return the worst moments of what is to be worked on (``main``: its verdict, "" nothing), then the best ones."""
    if material.kind == "drill":
        return _of_reps(material, main)
    if material.kind == "stance":
        return _of_holds(material, main)
    worst = _of_roof(material.steps) if main == ROOF else _of_fault(material, main, spells) if main else []
    best = [
        (_goodness(judged.step, material.rules), Moment(True, judged.step.push_off_s, GOOD, number=judged.number))
        for judged in material.steps
        if judged.verdict == GOOD and not judged.step.hit and is_green(judged.step, material.rules)
    ]
    return (*_furthest(worst), *_furthest(best))


def at_marks(material: Material, marks_s: Sequence[float]) -> tuple[Moment, ...]:
    """Return the moments that somebody marked, each with what was judged then."""
    return tuple(_at_mark(material, t_s) for t_s in marks_s)


def _at_mark(material: Material, t_s: float) -> Moment:
    if material.kind == "run":
        steps = ((j.step.t_s, j.step.t_s + j.step.duration_s, j.verdict, j.number) for j in material.steps)
    elif material.kind == "drill":
        steps = ((rep["start_s"], rep["end_s"], rep["verdict"], rep["number"]) for rep in material.reps)
    else:
        steps = ((hold["start_s"], hold["end_s"], hold["verdict"], 0) for hold in material.holds)
    about, number = next(((a, n) for start_s, end_s, a, n in steps if start_s <= t_s <= end_s), (NOT_JUDGED, 0))
    return Moment(about in (GOOD, GOOD_REP), t_s, about, number=number, at_push_off=False)


def _furthest(found: Iterable[tuple[float, Moment]]) -> list[Moment]:
    """Return the few that go furthest, apart from one another."""
    kept: list[Moment] = []
    for _, moment in sorted(found, key=lambda pair: -pair[0]):
        if math.isfinite(moment.t_s) and all(abs(moment.t_s - other.t_s) >= APART_S for other in kept):
            kept.append(moment)
            if len(kept) == MOST:
                break
    return kept


def _of_fault(material: Material, main: str, spells: Sequence[FaultSpell]) -> list[tuple[float, Moment]]:
    """Return the steps of a fault by how far they and the one before lie past its threshold."""
    condition = _condition(main, material.rules, spells)
    if condition is None:
        return []
    found = []
    for before, judged in itertools.pairwise(material.steps):
        a, b = before.step, judged.step
        if judged.verdict != main or abs(b.t_s - a.t_s - a.duration_s) > SAME_INSTANT_S:
            continue
        # A left and a right step belong together: the near leg alone looks bent otherwise.
        value = condition.scale * (getattr(a, condition.measure) + getattr(b, condition.measure)) / 2.0
        on = condition.band.on * condition.scale
        excess = value - on if condition.higher else on - value
        t_s = b.push_off_s if condition.measure in _AT_PUSH_OFF else b.t_s
        if excess > 0.0:
            moment = Moment(
                False, t_s, main, value, on, condition.unit, number=judged.number,
                at_push_off=condition.measure in _AT_PUSH_OFF,
            )  # fmt: skip
            found.append((excess, moment))
    return found


def _condition(main: str, rules: Rules, spells: Sequence[FaultSpell]) -> Condition | None:
    """Return what decided a fault: of its ways the one with the threshold that was kept."""
    spec = next((spec for fault, spec in rules.running.items() if fault.value == main), None)
    if spec is None:
        return None
    first = [way[0] for way in spec.ways]
    kept = [(s.unit, s.threshold) for s in spells if s.fault == main]
    return max(first, key=lambda c: sum(c.unit == u and abs(c.band.on * c.scale - on) < 1e-6 for u, on in kept))


def _of_roof(steps: Sequence[JudgedStep]) -> list[tuple[float, Moment]]:
    return [
        (
            -judged.step.peak_below_roof_bh,
            Moment(
                False, judged.step.push_off_s, ROOF, -100.0 * judged.step.peak_below_roof_bh, 0.0, "bh_pct",
                number=judged.number,
            ),
        )
        for judged in steps
        if judged.step.hit and math.isfinite(judged.step.peak_below_roof_bh)
    ]  # fmt: skip


def _goodness(step: Step, rules: Rules) -> float:
    """Return how far inside the green bands a step lies: 1 in the middle of both, 0 at an edge."""
    (low_deg, high_deg), (low_bh, high_bh) = rules.green_lean_deg, rules.green_line_bh
    lean, line = step.trunk_lean_deg, step.line_offset_bh
    inside_lean = 2.0 * min(lean - low_deg, high_deg - lean) / (high_deg - low_deg)
    return min(inside_lean, 2.0 * min(line - low_bh, high_bh - line) / (high_bh - low_bh))


def _of_holds(material: Material, main: str) -> tuple[Moment, ...]:
    worst, best = [], []
    for number, hold in enumerate(material.meant, start=1):
        held_s = hold["end_s"] - hold["start_s"]
        t_s = (hold["start_s"] + hold["end_s"]) / 2.0
        if hold["verdict"] == GOOD:
            best.append((held_s, Moment(True, t_s, GOOD, held_s=held_s, number=number, at_push_off=False)))
        elif hold["verdict"] == main != NOT_JUDGED:
            value, on, unit, excess = _of_hold(hold, material.rules)
            moment = Moment(
                False, t_s, main, value, on, unit, held_s=held_s, number=number, at_push_off=False
            )  # fmt: skip
            worst.append((excess, moment))
    return (*_furthest(worst), *_furthest(best))


def _of_hold(hold: dict[str, dict[str, float | None]], rules: Rules) -> tuple[float, float, str, float]:
    """Return value, threshold and unit of what a stance was named by, and how far it lies past it."""
    spec = rules.stance.get(FaultId(str(hold["verdict"])))
    value = hold["values"].get(spec.measure) if spec is not None else None
    if spec is None or value is None:
        return math.nan, math.nan, "", 0.0
    scaled = value * spec.scale
    excess = scaled - spec.on if spec.higher else spec.on - scaled
    # Found in another way than by its own measure, it may lie inside of that: then its number tells nothing.
    return (scaled, spec.on, spec.unit, excess) if excess > 0.0 else (math.nan, math.nan, "", 0.0)


def _of_reps(material: Material, main: str) -> tuple[Moment, ...]:
    worst, best = [], []
    for rep in material.reps:
        depth = math.nan if rep["depth"] is None else float(rep["depth"])
        tempo = rep["tempo"]
        t_s = (rep["start_s"] + rep["end_s"]) / 2.0
        if tempo is not None and tempo["down_s"] is not None:
            t_s = min(rep["start_s"] + tempo["down_s"] + (tempo["pause_s"] or 0.0) / 2.0, rep["end_s"])
        good = rep["verdict"] == GOOD_REP
        number, unit = rep["number"], rep["unit"]
        moment = Moment(good, t_s, rep["verdict"], depth, math.nan, unit, number=number, at_push_off=False)
        if good:
            best.append((len(rep["good"]) + min(max(depth, 0.0), 900.0) / 1000.0 if depth == depth else 0.0, moment))
        elif rep["verdict"] == main:
            worst.append((1.0 if rep["counted"] else 2.0, moment))
    return (*_furthest(worst), *_furthest(best))
