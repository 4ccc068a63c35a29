"""What sessions come to beside one another: a digest of each, how it goes from time to time, and two compared.

Intervals are of 95 %. Of a median over steps it is the coach's own (`app.coach.filters.measure_steps`); of a share it
is Wilson's, over as many steps as are left when neighbours tell the same. None of them knows how far the network is off
in one session and not in the next: `Quantity.spread` adds that where two sessions are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from app.coach.faults import WINDOW_STEPS
from app.coach.filters import mean_half_width, measure_steps
from app.coach.report import GOOD, NOT_JUDGED
from app.coach.types import Measure
from app.store.half_life import NO_HALF_LIFE, HalfLife, Minute, half_life, minutes_of

if TYPE_CHECKING:
    from app.store.sessions.tables import JudgedStep, SessionRow, ShortStep

#: Normal quantile of a 95 % interval.
Z = 1.959964
#: Half the interval of a half-life that was reached: a whole minute, and the neighbours that its median looks at.
HALF_LIFE_HALF_MIN = 1.5
#: A trend is looked for in this many sessions and more: Mann and Kendall's test cannot tell one in fewer.
LEAST_TREND_SESSIONS = 5
#: Roofs further apart than this are different tasks, cm.
SAME_ROOF_CM = 0.5


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is followed over sessions.

    Attributes:
        unit: "deg", "bh_pct" (% of body height), "share" (0..1), "steps", "min", "spm", "s", "reps".
        spread: SD from session to session of what the network adds, in the unit; 0: nothing is known or added.
            Measured on the virtual runner (docs/validation.md, "Measures"): trunk lean 0.55 deg, line 0.99 % of height.
    """

    unit: str
    spread: float = 0.0


#: By the mode they belong to, the most telling first.
QUANTITIES: Final[Mapping[str, Mapping[str, Quantity]]] = {
    "run": {
        "trunk_lean_deg": Quantity("deg", 0.55),
        "line_offset_bh_pct": Quantity("bh_pct", 0.99),
        "inside_share": Quantity("share"),
        "longest_clean_steps": Quantity("steps"),
        "half_life_min": Quantity("min"),
        "retention_share": Quantity("share"),
        "good_share": Quantity("share"),
        "cadence_spm": Quantity("spm", 0.5),
    },
    "stance": {
        "line_lean_deg": Quantity("deg", 0.55),
        "hip_off_line_bh_pct": Quantity("bh_pct", 0.99),
        "longest_hold_s": Quantity("s"),
    },
    "drill": {
        "good_reps_share": Quantity("share"),
        "reps": Quantity("reps"),
    },
}


@dataclass(frozen=True, slots=True)
class Digest:
    """One session in the few numbers that are followed.

    Attributes:
        session: its id. person, mode: whose, and "run", "stance" or "drill". drill: which, "" outside of one.
        started_at: local time, ISO 8601.
        values: by the keys of `QUANTITIES`; what was not measured is not there. An upper bound of infinity: at least
            so much. Bounds of NaN: a single figure, of which no interval is known.
        half_life: for why it is not among the values. minutes: of running, one after the other.
        conditions: what must be alike for a comparison, by `Caution`; "" unknown.
    """

    session: str
    person: str
    mode: str
    drill: str
    started_at: str
    values: Mapping[str, Measure] = field(default_factory=dict)
    half_life: HalfLife = NO_HALF_LIFE
    minutes: tuple[Minute, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)


class Caution(StrEnum):
    """Why two sessions are not quite the same task."""

    PERSON = "person"
    DRILL = "drill"
    SOURCE = "source"
    VIEW = "view"
    FACING = "facing"
    STANDING = "standing"
    ROOF = "roof"
    RULES = "rules"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Difference:
    """One quantity in two sessions.

    Attributes:
        key, unit: as of `QUANTITIES`. before, after: None where not measured.
        change: after minus before, in the unit; ci95: its interval; NaN where not known.
        told: "more" or "less": the interval leaves zero out; "same": no difference that can be told; "unknown".
    """

    key: str
    unit: str
    before: Measure | None
    after: Measure | None
    change: float = math.nan
    ci95: tuple[float, float] = (math.nan, math.nan)
    told: str = "unknown"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sessions of one mode; ``differences`` is empty where the modes differ."""

    differences: tuple[Difference, ...]
    cautions: tuple[Caution, ...]


def mode_of(row: SessionRow, summary: Mapping[str, Any]) -> str:
    """Return "run", "stance" or "drill": what a session was judged as."""
    if "drill" in summary or row.mode == "drill":
        return "drill"
    return "stance" if "stance" in summary or row.mode == "stance" else "run"


def digest(row: SessionRow, summary: Mapping[str, Any], steps: Sequence[JudgedStep | ShortStep] = ()) -> Digest:
    """Return the digest of a session; ``summary``: its analysis JSON, {} while it is open."""
    mode = mode_of(row, summary)
    minutes = minutes_of(steps)
    decay = half_life(minutes)
    if mode == "drill":
        values = _drill_values(summary.get("drill") or {})
    elif mode == "stance":
        values = _stance_values(summary.get("stance") or {})
    else:
        values = _run_values(summary.get("run") or {}, steps)
        if math.isfinite(decay.minutes):
            low, high = decay.minutes - HALF_LIFE_HALF_MIN, decay.minutes + HALF_LIFE_HALF_MIN
            bounds = (max(low, 0.0), high) if decay.reached else (decay.minutes, math.inf)
            values["half_life_min"] = Measure(decay.minutes, bounds, len(minutes), "min")
    ordered = {key: values[key] for key in QUANTITIES[mode] if key in values}
    conditions = _conditions(row, summary)
    return Digest(row.id, row.person, mode, row.drill, row.started_at, ordered, decay, minutes, conditions)


# ---------------------------------------------------------------------- the numbers of a session


def _run_values(run: Mapping[str, Any], steps: Sequence[JudgedStep | ShortStep]) -> dict[str, Measure]:
    values: dict[str, Measure] = {}
    for key in ("trunk_lean_deg", "line_offset_bh_pct", "cadence_spm"):
        found = _measured(run.get(key), QUANTITIES["run"][key].unit)
        if found is not None:
            values[key] = found
    tunnel = run.get("tunnel")
    if tunnel and tunnel["steps"]:
        hits = [bool(step.hit) for step in steps if step.measured]
        counted = int(tunnel["steps"])
        independent = independent_steps(hits) / len(hits) * counted if hits else counted / WINDOW_STEPS
        values["inside_share"] = share(int(tunnel["clean_steps"]), counted, independent)
        longest = int(tunnel["longest_clean_steps"])
        values["longest_clean_steps"] = _single(longest, counted, "steps")
    good = [step.verdict == GOOD for step in steps if step.verdict != NOT_JUDGED]
    if good:
        values["good_share"] = share(sum(good), len(good), independent_steps(good))
    kept = run.get("retention")
    if kept and kept["steps"]:
        n = int(kept["steps"])
        values["retention_share"] = share(round(kept["good_share"] * n), n, n / WINDOW_STEPS)
    return values


def _stance_values(stance: Mapping[str, Any]) -> dict[str, Measure]:
    holds = [hold for hold in stance.get("holds", ()) if hold["verdict"] != NOT_JUDGED]
    good = [hold for hold in holds if hold["verdict"] == GOOD]
    values: dict[str, Measure] = {}
    for key, name, unit in (("line_lean_deg", "theta_l_deg", "deg"), ("hip_off_line_bh_pct", "d_h_bh_pct", "bh_pct")):
        found = [hold["values"][name] for hold in good or holds if hold["values"].get(name) is not None]
        measure = measure_steps(found, unit)
        if measure is not None:
            values[key] = measure if len(found) > 2 else _single(measure.value, len(found), unit)
    if good:
        longest_s = max(hold["end_s"] - hold["start_s"] for hold in good)
        values["longest_hold_s"] = _single(longest_s, len(good), "s")
    return values


def _drill_values(drill: Mapping[str, Any]) -> dict[str, Measure]:
    counted = int(drill.get("counted") or 0)
    if not counted:
        return {}
    return {
        "good_reps_share": share(int(drill["good"]), counted, counted),
        "reps": _single(counted, counted, "reps"),
    }


def _measured(tree: Mapping[str, Any] | None, unit: str) -> Measure | None:
    """Return a measure of the analysis JSON; of one step there is no interval."""
    if not tree or tree.get("value") is None:
        return None
    low, high = (math.nan if bound is None else float(bound) for bound in tree["ci95"])
    if int(tree["n"]) < 2:
        low = high = math.nan
    return Measure(float(tree["value"]), (low, high), int(tree["n"]), unit)


def _single(value: float, n: int, unit: str) -> Measure:
    return Measure(float(value), (math.nan, math.nan), n, unit)


def independent_steps(flags: Sequence[bool]) -> float:
    """Return how many of the steps count as independent, at least one; neighbours in time tell much the same.

    It is what makes the interval of `mean_half_width` that of a plain share. Where all are alike nothing can be
    learned of it, and the coach's window of WINDOW_STEPS counts as one.
    """
    n = len(flags)
    p = sum(flags) / n if n else 0.0
    half = mean_half_width([float(flag) for flag in flags])
    if not 0.0 < p < 1.0 or half <= 0.0:
        return max(n / WINDOW_STEPS, 1.0)
    return min(max(Z * Z * p * (1.0 - p) / (half * half), 1.0), float(n))


def share(hits: int, n: int, independent: float) -> Measure:
    """Return ``hits`` of ``n`` as a share with Wilson's interval (1927) over so many ``independent`` ones."""
    p, m = hits / n, max(independent, 1.0)
    middle = (p + Z * Z / (2.0 * m)) / (1.0 + Z * Z / m)
    half = Z / (1.0 + Z * Z / m) * math.sqrt(p * (1.0 - p) / m + Z * Z / (4.0 * m * m))
    return Measure(p, (min(max(middle - half, 0.0), p), max(min(middle + half, 1.0), p)), n, "share")


def _conditions(row: SessionRow, summary: Mapping[str, Any]) -> dict[str, str]:
    view, standing = summary.get("view") or {}, summary.get("standing") or {}
    tunnel = (summary.get("run") or {}).get("tunnel") or {}
    roof_cm = tunnel.get("roof_below_standing_cm")
    return {
        Caution.SOURCE: row.source_kind,
        Caution.VIEW: view.get("kind") or "",
        Caution.FACING: view.get("facing") or "",
        # What was taken of the runner is one kind, whenever that was.
        Caution.STANDING: {"stored": "recorded", "file": "recorded"}.get(standing.get("source", ""))
        or standing.get("source", ""),
        Caution.ROOF: "" if roof_cm is None else str(roof_cm),
        Caution.RULES: row.rules_hash,
        Caution.MODEL: row.model_sha256,
    }


# ---------------------------------------------------------------------- two sessions, and many


def compare(before: Digest, after: Digest) -> Comparison:
    """Return what changed from one session to another.

    The interval of a difference is that of MOVER (Zou & Donner 2008: the distances of the estimates to their own
    bounds, added as squares), widened by what the network adds from session to session.
    """
    cautions = tuple(caution for caution in Caution if _unlike(caution, before, after))
    if before.mode != after.mode:
        return Comparison((), cautions)
    return Comparison(
        tuple(
            _difference(key, quantity, before.values.get(key), after.values.get(key))
            for key, quantity in QUANTITIES[after.mode].items()
            if key in before.values or key in after.values
        ),
        cautions,
    )


def _difference(key: str, quantity: Quantity, before: Measure | None, after: Measure | None) -> Difference:
    if before is None or after is None:
        return Difference(key, quantity.unit, before, after)
    change = after.value - before.value
    network = 2.0 * (Z * quantity.spread) ** 2
    low = change - math.sqrt((after.value - after.ci95[0]) ** 2 + (before.ci95[1] - before.value) ** 2 + network)
    high = change + math.sqrt((after.ci95[1] - after.value) ** 2 + (before.value - before.ci95[0]) ** 2 + network)
    told = "more" if low > 0.0 else "less" if high < 0.0 else "same"
    if math.isnan(low) or math.isnan(high):
        told = "unknown"
    return Difference(key, quantity.unit, before, after, change, (low, high), told)


def _unlike(caution: Caution, before: Digest, after: Digest) -> bool:
    if caution is Caution.PERSON:
        return before.person != after.person
    if caution is Caution.DRILL:
        return before.drill != after.drill
    one, other = before.conditions.get(caution, ""), after.conditions.get(caution, "")
    if not one or not other:
        return False
    return abs(float(one) - float(other)) > SAME_ROOF_CM if caution is Caution.ROOF else one != other


def direction(values: Sequence[float]) -> str:
    """Return "rising", "falling" or "" (none that can be told, of 19 in 20) of values in the order of their sessions.

    By Mann and Kendall's test, two-sided, normal with correction for continuity and ties; NaN is left out.
    """
    known = [value for value in values if math.isfinite(value)]
    n = len(known)
    if n < LEAST_TREND_SESSIONS:
        return ""
    score = sum((b > a) - (b < a) for k, a in enumerate(known) for b in known[k + 1 :])
    ties = sum(t * (t - 1) * (2 * t + 5) for t in (known.count(value) for value in set(known)))
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18.0
    if variance <= 0.0 or (abs(score) - 1) / math.sqrt(variance) < Z:
        return ""
    return "rising" if score > 0 else "falling"
