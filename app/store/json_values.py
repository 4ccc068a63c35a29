"""The numbers of the analysis JSON: which measure has which key, unit and digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.coach.report import Step
    from app.coach.types import Measure

#: Name in the summary's ``measures`` -> (key in the JSON, factor to its unit), in the contract's order.
RUN_MEASURES = {
    "cadence_spm": ("cadence_spm", 1.0),
    "trunk_lean_deg": ("trunk_lean_deg", 1.0),
    "line_offset_bh": ("line_offset_bh_pct", 100.0),
    "hip_flexion_midstance_deg": ("hip_flexion_midstance_deg", 1.0),
    "knee_flexion_midstance_deg": ("knee_flexion_midstance_deg", 1.0),
    "shank_midstance_deg": ("shank_midstance_deg", 1.0),
    "reach_ll": ("reach_ll_pct", 100.0),
    "vertical_oscillation_cm": ("vertical_oscillation_cm", 1.0),
    "vertical_oscillation_bh": ("vertical_oscillation_bh_pct", 100.0),
    "contact_time_ms": ("contact_time_ms", 1.0),
    "flight_time_ms": ("flight_time_ms", 1.0),
    "weight_shift": ("weight_shift", 1.0),
}
#: The same of the parts of the lean, in the JSON's "lean_split".
LEAN_SPLIT = {"lean_from_hip_deg": "hip_deg", "lean_from_ankle_deg": "ankle_deg", "hip_share": "hip_share"}
#: Of a single step: field of `Step` -> (key in the JSON, factor, digits), after what the contract names.
STEP_VALUES = {
    "push_off_s": ("push_off_s", 1.0, 4),
    "duration_s": ("duration_s", 1.0, 4),
    "hip_flexion_deg": ("hip_flexion_midstance_deg", 1.0, 2),
    "knee_flexion_deg": ("knee_flexion_midstance_deg", 1.0, 2),
    "shank_deg": ("shank_midstance_deg", 1.0, 2),
    "line_offset_bh": ("line_offset_bh_pct", 100.0, 2),
    "reach_ll": ("reach_ll_pct", 100.0, 2),
    "vertical_oscillation_bh": ("vertical_oscillation_bh_pct", 100.0, 2),
    "hip_share": ("hip_share", 1.0, 3),
    "weight_shift": ("weight_shift", 1.0, 3),
}
#: Shares of one are given to this many digits, all else to two.
SHARES = ("hip_share", "weight_shift")


def measured(measure: Measure | None, factor: float, digits: int = 2) -> dict[str, Any] | None:
    """Return {value, ci95, n} in the JSON's unit; None where there is no value."""
    if measure is None or not math.isfinite(measure.value):
        return None
    return {
        "value": number(measure.value * factor, digits),
        "ci95": [number(bound * factor, digits) for bound in measure.ci95],
        "n": measure.n,
    }


def number(value: float | None, digits: int) -> float | int | None:
    """Return a plain rounded number, None for what is missing; never -0.0."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0


def step_values(step: Step, height_cm: float | None) -> dict[str, Any]:
    """Return the values of one step, by their keys."""
    to_cm = height_cm if height_cm is not None else math.nan
    return {
        "t_s": number(step.t_s, 4),
        "peak_below_standing_cm": number(step.peak_below_standing_bh * to_cm, 2),
        "trunk_lean_deg": number(step.trunk_lean_deg, 2),
        "side": step.side,
        "hit": step.hit,
        **{key: number(getattr(step, name) * factor, digits) for name, (key, factor, digits) in STEP_VALUES.items()},
    }
