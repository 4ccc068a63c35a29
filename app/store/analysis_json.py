"""The JSON of ``analyze`` and ``demo``: schema `hingecoach.analysis/1`, keys and units fixed by the contract.

Numbers are plain and rounded to what they can mean; NaN becomes null. The same input and options give the same
bytes, ``timings`` aside.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from app.coach.report import Mode, StanceValues
from app.coach.rules import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.coach.report import Cue, Hold, Step
    from app.coach.summary import CoachSummary, FaultResult
    from app.coach.tunnel import TunnelResult
    from app.coach.types import Measure

SCHEMA = "hingecoach.analysis/1"

#: Name in the summary's ``measures`` -> (key in the JSON, factor to its unit), in the contract's order.
_RUN_MEASURES = {
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
_LEAN_SPLIT = {"lean_from_hip_deg": "hip_deg", "lean_from_ankle_deg": "ankle_deg", "hip_share": "hip_share"}
#: Of a single step: field of `Step` -> (key in the JSON, factor, digits), after what the contract names.
_STEP_VALUES = {
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
_SHARES = ("hip_share", "weight_shift")
_STANCE_VALUES = (
    "theta_l_deg",
    "theta_t_deg",
    "d_h_bh_pct",
    "front_load_deg",
    "front_knee_deg",
    "rear_knee_deg",
    "drop_bh_pct",
    "weight_shift",
)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the coach does not know about a run.

    Attributes:
        source_kind: "video", "trc", "virtual" or "camera".
        frames_per_s, pose_ms_p50, coach_ms_p50, coach_ms_p99: speed of this run (NaN unknown).
        version: of the app. model: "full", "lite", "heavy", "own" or "none" (landmarks came with the input).
        model_sha256: "" without a model. engine: what ran it, "none" without one.
        other_people: how many besides the runner were found in the clip, None = nobody looked.
        leg_swaps_repaired: frames in which the legs' labels were exchanged; subject_switches: how often somebody else
            was followed instead; None where nobody looked.
        notices: lines of the source and the model, to stand among the warnings.

    """

    source_kind: str
    frames_per_s: float
    pose_ms_p50: float
    coach_ms_p50: float
    coach_ms_p99: float
    version: str
    model: str = "none"
    model_sha256: str = ""
    other_people: int | None = None
    notices: tuple[str, ...] = ()
    leg_swaps_repaired: int | None = None
    subject_switches: int | None = None
    engine: str = "none"


def analysis_json(summary: CoachSummary, facts: SessionFacts) -> dict[str, Any]:
    """Return the whole document as plain dicts, lists, strings, numbers and None, keys in the contract's order."""
    stance = summary.mode is Mode.STANCE
    part = {"stance": _stance(summary)} if stance else {"run": _run(summary)}
    return {
        "schema": SCHEMA,
        "source": {
            "kind": facts.source_kind,
            "frames": summary.frames,
            "duration_s": _number(summary.duration_s, 3),
            "fps_measured": _number(summary.fps, 2),
        },
        "mode": "stance" if stance else "run",
        "view": {
            "kind": summary.view.value,
            "facing": summary.facing.value,
            "yaw_deg": _number(summary.yaw_deg, 1),
        },
        "tracking": {
            "coverage": _number(summary.coverage, 4),
            "leg_swaps_repaired": facts.leg_swaps_repaired,
            "subject_switches": facts.subject_switches,
            "other_people": facts.other_people,
        },
        "standing": {
            "source": summary.standing_source,
            "height_cm": _number(summary.height_cm, 1),
            "px_per_cm": _number(summary.px_per_cm, 4),
        },
        **part,
        "cues": [_cue(cue) for cue in summary.cues],
        "timings": {
            "frames_per_s": _number(facts.frames_per_s, 1),
            "pose_ms_p50": _number(facts.pose_ms_p50, 2),
            "coach_ms_p50": _number(facts.coach_ms_p50, 3),
            "coach_ms_p99": _number(facts.coach_ms_p99, 3),
        },
        "warnings": list(
            dict.fromkeys((*facts.notices, *_own_rules(summary), *summary.warnings, *_not_measured(summary, facts)))
        ),
        "app": {
            "version": facts.version,
            "model": facts.model,
            "model_sha256": facts.model_sha256 or None,
            "engine": facts.engine,
            "rules": summary.rules,
        },
    }


def to_text(document: Mapping[str, Any]) -> str:
    """Return a document as indented JSON text, UTF-8 characters as they are, with a final line end."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _run(summary: CoachSummary) -> dict[str, Any]:
    run: dict[str, Any] = {"running_s": _number(summary.running_s, 3)}
    for name, (key, factor) in _RUN_MEASURES.items():
        run[key] = _measure(summary.measures.get(name), factor, 3 if name in _SHARES else 2)
    run["lean_split"] = _lean_split(summary.measures)
    if run["trunk_lean_deg"] is not None:
        run["trunk_lean_deg"]["relative_to_standing"] = summary.angles_relative
    run["tunnel"] = _tunnel(summary.tunnel, summary.measures)
    run["contacts"] = [
        {
            "side": contact.side,
            "initial_contact_s": _number(contact.initial_contact_s, 4),
            "toe_off_s": _number(contact.toe_off_s, 4),
        }
        for contact in summary.contacts
    ]
    run["steps"] = [_step(step, summary.height_cm) for step in summary.steps]
    run["faults"] = [_fault(fault) for fault in summary.faults]
    run["unsaid"] = [
        {"fault": fault.value, "because": reason, "steps": n} for (fault, reason), n in summary.unsaid.items()
    ]
    run["verdict"] = summary.verdict
    run["not_judged_because"] = summary.not_judged_because or None
    return run


def _lean_split(measures: Mapping[str, Measure | None]) -> dict[str, Any] | None:
    split = {key: _measure(measures.get(name), 1.0, 3 if name in _SHARES else 2) for name, key in _LEAN_SPLIT.items()}
    return None if None in split.values() else split


def _tunnel(tunnel: TunnelResult | None, measures: Mapping[str, Measure | None]) -> dict[str, Any] | None:
    if tunnel is None:
        return None
    return {
        "roof_below_standing_cm": _number(tunnel.roof_below_standing_cm, 2),
        "peak_below_standing_cm": _measure(measures.get("peak_below_standing_cm"), 1.0),
        "steps": tunnel.steps,
        "hits": tunnel.hits,
        "longest_clean_steps": tunnel.longest_clean_steps,
        "peak_below_standing_bh_pct": _measure(measures.get("peak_below_standing_bh"), 100.0),
        "peak_below_roof_cm": _measure(measures.get("peak_below_roof_cm"), 1.0),
        "peak_below_roof_bh_pct": _measure(measures.get("peak_below_roof_bh"), 100.0),
    }


def _step(step: Step, height_cm: float | None) -> dict[str, Any]:
    to_cm = height_cm if height_cm is not None else math.nan
    return {
        "t_s": _number(step.t_s, 4),
        "peak_below_standing_cm": _number(step.peak_below_standing_bh * to_cm, 2),
        "trunk_lean_deg": _number(step.trunk_lean_deg, 2),
        "side": step.side,
        "hit": step.hit,
        **{key: _number(getattr(step, name) * factor, digits) for name, (key, factor, digits) in _STEP_VALUES.items()},
    }


def _fault(fault: FaultResult) -> dict[str, Any]:
    return {
        "id": fault.id.value,
        "share_of_steps": _number(fault.share_of_steps, 3),
        "n_steps": fault.n_steps,
        "value": _number(fault.value, 2),
        "threshold": _number(fault.threshold, 2),
        "unit": fault.unit,
    }


def _stance(summary: CoachSummary) -> dict[str, Any]:
    return {
        "holds": [_hold(hold) for hold in summary.holds],
        "verdict": summary.stance_verdict,
        "not_judged_because": summary.stance_not_judged_because or None,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "start_s": _number(hold.start_s, 3),
        "end_s": _number(hold.end_s, 3),
        "verdict": hold.verdict,
        "values": _stance_values(hold.values),
    }


def _stance_values(values: StanceValues) -> dict[str, Any]:
    """Return the contract's values in its order, then what else the coach measured."""
    more = [field.name for field in fields(values) if field.name not in _STANCE_VALUES]
    return {name: _number(getattr(values, name), 2) for name in (*_STANCE_VALUES, *more)}


def _cue(cue: Cue) -> dict[str, Any]:
    return {"t_s": _number(cue.t_s, 3), "id": cue.id, "spoken": cue.spoken, "because": _because(cue)}


def _because(cue: Cue) -> dict[str, Any] | None:
    """Return a cue's evidence: the steps, their values, what decided and the threshold; None for praise and set-up."""
    if not cue.because:
        return None
    return {
        "fault": cue.because,
        "steps": list(cue.steps),
        "values": [_number(value, 2) for value in cue.values],
        "value": _number(cue.value, 2),
        "threshold": _number(cue.threshold, 2),
        "unit": cue.unit or None,
    }


def _measure(measure: Measure | None, factor: float, digits: int = 2) -> dict[str, Any] | None:
    """Return {value, ci95, n} in the JSON's unit; None where there is no value."""
    if measure is None or not math.isfinite(measure.value):
        return None
    return {
        "value": _number(measure.value * factor, digits),
        "ci95": [_number(bound * factor, digits) for bound in measure.ci95],
        "n": measure.n,
    }


def _number(value: float | None, digits: int) -> float | int | None:
    """Return a plain rounded number, None for what is missing; never -0.0."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0


def _own_rules(summary: CoachSummary) -> list[str]:
    """Return a line where a coach's own rules judged."""
    if summary.rules == DEFAULT:
        return []
    return [f"app: judged by the rules in {summary.rules}, not by those that come with the app."]


def _not_measured(summary: CoachSummary, facts: SessionFacts) -> list[str]:
    """Return one line for every group of quantities that are null, saying why."""
    lines = []
    if facts.leg_swaps_repaired is None or facts.subject_switches is None:
        lines.append("tracking: leg swaps and subject switches are counted only where the pose network is refined.")
    if facts.other_people is None:
        where = "where nothing could be judged" if facts.source_kind == "video" else "in clips"
        lines.append(f"tracking: other people are looked for only {where}.")
    if not math.isfinite(summary.fps):
        lines.append("source: fps_measured needs at least two frames.")
    if not math.isfinite(summary.yaw_deg):
        lines.append("view: yaw_deg was not measured: it needs both shoulders in view for some time.")
    if summary.height_cm is None:
        names = ["height_cm", "px_per_cm"]
        if summary.mode is not Mode.STANCE:
            names += ["vertical_oscillation_cm"]
            tunnel = ["roof_below_standing_cm", "peak_below_standing_cm", "peak_below_roof_cm"]
            names += tunnel if summary.tunnel is not None else []
        in_cm = ", ".join(names)
        lines.append(f"standing: {in_cm} and everything else in cm need the stature: give it with --height-cm.")
    elif not math.isfinite(summary.px_per_cm):
        lines.append("standing: px_per_cm was not measured: the body was not seen from head to feet.")
    if not facts.model_sha256:
        lines.append("app: no network was used, so there is no model.")
    return lines + (_not_measured_in_stance(summary) if summary.mode is Mode.STANCE else _not_measured_in_run(summary))


def _not_measured_in_run(summary: CoachSummary) -> list[str]:
    lines = []
    if summary.tunnel is None:
        lines.append(
            "run: tunnel and peak_below_standing_cm need a standing reference: stand relaxed before the run, or give "
            "a recording of it with --standing."
        )
    if not summary.steps:
        return [*lines, "run: no running step was seen, so nothing of a step was measured."]
    if summary.tunnel is not None:
        lines += _not_measured_in_tunnel(summary.tunnel, summary.height_cm)
    missing = _missing_measures(summary)
    lines += _not_timed(missing)
    if "lean_split" in missing and not summary.angles_relative:
        missing.remove("lean_split")
        lines.append("run: lean_split needs a standing reference, as it is told from there.")
    if missing:
        lines.append(f"run: not measured, as they were not visible in enough steps: {', '.join(missing)}.")
    if any(math.isnan(c.initial_contact_s) or math.isnan(c.toe_off_s) for c in summary.contacts):
        lines.append("run: an initial_contact_s or toe_off_s that is null lies outside of what was seen.")
    steps = [_step(step, summary.height_cm) for step in summary.steps]
    nulls = [key for key, _, _ in _STEP_VALUES.values() if any(step[key] is None for step in steps)]
    nulls += ["peak_below_standing_cm"] if any(step["peak_below_standing_cm"] is None for step in steps) else []
    if nulls:
        lines.append(f"run: not measured in every one of the steps: {', '.join(nulls)}.")
    return lines


def _missing_measures(summary: CoachSummary) -> list[str]:
    """Return the JSON's keys of what is null over the steps, but for what the missing stature explains."""
    keys = {name: key for name, (key, _) in _RUN_MEASURES.items()} | dict.fromkeys(_LEAN_SPLIT, "lean_split")
    if summary.tunnel is not None:
        keys |= {
            "peak_below_standing_cm": "peak_below_standing_cm",
            "peak_below_standing_bh": "peak_below_standing_bh_pct",
        }
        if summary.tunnel.steps:
            keys |= {"peak_below_roof_cm": "peak_below_roof_cm", "peak_below_roof_bh": "peak_below_roof_bh_pct"}
    if summary.height_cm is None:
        keys = {name: key for name, key in keys.items() if not name.endswith("_cm")}
    missing = (key for name, key in keys.items() if _measure(summary.measures.get(name), 1.0) is None)
    return list(dict.fromkeys(missing))


def _not_timed(missing: list[str]) -> list[str]:
    """Take contact and flight time out of what is missing; return why they are."""
    timing = [key for key in ("contact_time_ms", "flight_time_ms") if key in missing]
    for key in timing:
        missing.remove(key)
    if timing == ["flight_time_ms"]:
        return ["run: flight_time_ms is null: there was no flight (grounded running), or no ten steps in a row."]
    return [f"run: {' and '.join(timing)} need at least 50 frames per second and ten steps."] if timing else []


def _not_measured_in_tunnel(tunnel: TunnelResult, height_cm: float | None) -> list[str]:
    """Return why the tunnel of a run with steps has no roof or no hits."""
    if tunnel.steps == 0:
        lines = ["tunnel: the roof is not known yet (it needs a few steps judged good), so no hit is counted."]
        lines.append("tunnel: peak_below_roof_cm (peak_below_roof_bh_pct) is null until then.")
        if not math.isfinite(tunnel.roof_below_standing_cm) and height_cm is not None:
            lines.append("tunnel: roof_below_standing_cm is null until then.")
        return lines
    if math.isfinite(tunnel.roof_below_standing_cm) or height_cm is None:  # the stature has its own line
        return []
    return ["tunnel: roof_below_standing_cm was not measured: the roof is not known yet."]


def _not_measured_in_stance(summary: CoachSummary) -> list[str]:
    lines = []
    if not summary.angles_relative:
        lines.append(
            "stance: no position can be judged without a standing reference: stand relaxed first, or give a recording "
            "of it with --standing."
        )
    names = [field.name for field in fields(StanceValues)]
    missing = [n for n in names if not all(math.isfinite(getattr(hold.values, n)) for hold in summary.holds)]
    if "weight_shift" in missing:
        missing.remove("weight_shift")
        lines.append("stance: weight_shift needs one foot ahead of the other.")
    if missing:
        lines.append(f"stance: not measured, as both legs must be in view: {', '.join(missing)}.")
    return lines
