"""What of the analysis JSON is null, and why: one line for every group of quantities."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING

from app.coach.report import NOT_JUDGED, Mode, StanceValues
from app.coach.reps import DrillId
from app.store.json_values import LEAN_SPLIT, RUN_MEASURES, STEP_VALUES, measured, step_values

if TYPE_CHECKING:
    from app.coach.summary import CoachSummary
    from app.coach.tunnel import TunnelResult
    from app.store.session_facts import SessionFacts


def not_measured(summary: CoachSummary, facts: SessionFacts) -> list[str]:
    """Return one line for every group of quantities that are null, saying why."""
    lines = []
    if facts.leg_swaps_repaired is None or facts.subject_switches is None:
        lines.append("tracking: leg swaps and subject switches are counted only where the pose network is refined.")
    if facts.other_people is None:
        unjudged = summary.drill is None and summary.verdict == summary.stance_verdict == NOT_JUDGED
        # Of an unjudged clip that was not looked through: it was interrupted, or its speed is doubted.
        of_a_clip = "in whole clips at their true speed" if unjudged else "where nothing could be judged"
        where = of_a_clip if facts.source_kind == "video" else "in clips"
        lines.append(f"tracking: other people are looked for only {where}.")
    if not math.isfinite(summary.fps):
        lines.append("source: fps_measured needs at least two frames.")
    if not math.isfinite(summary.yaw_deg):
        lines.append("view: yaw_deg was not measured: it needs both shoulders in view for some time.")
    if summary.height_cm is None:
        names = ["height_cm", "px_per_cm"]
        if summary.mode not in (Mode.STANCE, Mode.DRILL):
            names += ["vertical_oscillation_cm"]
            tunnel = ["roof_below_standing_cm", "peak_below_standing_cm", "peak_below_roof_cm"]
            names += tunnel if summary.tunnel is not None else []
        in_cm = ", ".join(names)
        lines.append(f"standing: {in_cm} and everything else in cm need the runner's height: give it with --height-cm.")
    elif not math.isfinite(summary.px_per_cm):
        lines.append("standing: px_per_cm was not measured: the body was not seen from head to feet.")
    if not facts.model_sha256:
        lines.append("app: no network was used, so there is no model.")
    if summary.drill is not None:
        return lines  # of a drill nothing else is meant to be measured
    return lines + (_not_measured_in_stance(summary) if shown_as_stance(summary) else _not_measured_in_run(summary))


def shown_as_stance(summary: CoachSummary) -> bool:
    """Whether the JSON has the part "stance", else "run": a drill stands beside that one which is nearest to it."""
    if summary.drill is not None:
        return summary.drill.drill is not DrillId.TUNNEL_MARCH
    return summary.mode is Mode.STANCE


def _not_measured_in_run(summary: CoachSummary) -> list[str]:
    lines = []
    if summary.tunnel is None:
        lines.append(
            "run: tunnel and peak_below_standing_cm need a standing reference: stand relaxed before the run, or give "
            "a recording of it with --standing."
        )
    if not summary.steps:
        return [*lines, "run: no running step was seen, so nothing of a step was measured."]
    if summary.retention_planned and summary.retention is None:
        lines.append("run: retention is null: no step of the silent minute at the end of the plan was judged.")
    if summary.tunnel is not None:
        lines += _not_measured_in_tunnel(summary.tunnel, summary.height_cm)
    missing = _missing_measures(summary)
    lines += _not_timed(missing) + _not_under_the_roof(missing)
    if "lean_split" in missing and not summary.angles_relative:
        missing.remove("lean_split")
        lines.append("run: lean_split needs a standing reference, as it is told from there.")
    if missing:
        lines.append(f"run: not measured, as they were not visible in enough steps: {', '.join(missing)}.")
    if any(math.isnan(c.initial_contact_s) or math.isnan(c.toe_off_s) for c in summary.contacts):
        lines.append("run: an initial_contact_s or toe_off_s that is null lies outside of what was seen.")
    steps = [step_values(step, summary.height_cm) for step in summary.steps]
    nulls = [key for key, _, _ in STEP_VALUES.values() if any(step[key] is None for step in steps)]
    nulls += ["peak_below_standing_cm"] if any(step["peak_below_standing_cm"] is None for step in steps) else []
    if nulls:
        lines.append(f"run: not measured in every one of the steps: {', '.join(nulls)}.")
    return lines


def _missing_measures(summary: CoachSummary) -> list[str]:
    """Return the JSON's keys of what is null over the steps, but for what the missing stature explains."""
    keys = {name: key for name, (key, _) in RUN_MEASURES.items()} | dict.fromkeys(LEAN_SPLIT, "lean_split")
    if summary.tunnel is not None:
        keys |= {
            "peak_below_standing_cm": "peak_below_standing_cm",
            "peak_below_standing_bh": "peak_below_standing_bh_pct",
        }
        if summary.tunnel.steps:
            keys |= {"peak_below_roof_cm": "peak_below_roof_cm", "peak_below_roof_bh": "peak_below_roof_bh_pct"}
    if summary.height_cm is None:
        keys = {name: key for name, key in keys.items() if not name.endswith("_cm")}
    missing = (key for name, key in keys.items() if measured(summary.measures.get(name), 1.0) is None)
    return list(dict.fromkeys(missing))


def _not_timed(missing: list[str]) -> list[str]:
    """Take contact and flight time out of what is missing; return why they are."""
    timing = [key for key in ("contact_time_ms", "flight_time_ms") if key in missing]
    for key in timing:
        missing.remove(key)
    if timing == ["flight_time_ms"]:
        return ["run: flight_time_ms is null: there was no flight (grounded running), or no ten steps in a row."]
    return [f"run: {' and '.join(timing)} need at least 50 frames per second and ten steps."] if timing else []


def _not_under_the_roof(missing: list[str]) -> list[str]:
    """Take the peak below the roof out of what is missing, where the peak itself is not; return why it is."""
    keys = [key for key in ("peak_below_roof_cm", "peak_below_roof_bh_pct") if key in missing]
    if not keys or "peak_below_standing_bh_pct" in missing:
        return []
    for key in keys:
        missing.remove(key)
    return [f"tunnel: {' and '.join(keys)} need more steps: the newest standing reference has no roof yet."]


def _not_measured_in_tunnel(tunnel: TunnelResult, height_cm: float | None) -> list[str]:
    """Return why the tunnel of a run with steps has no roof or no hits."""
    if tunnel.steps == 0:
        lines = ["tunnel: the roof is not known yet (it needs a few steps judged good), so no hit is counted."]
        lines.append("tunnel: peak_below_roof_cm is null until then, in % too.")
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
