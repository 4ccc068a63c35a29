"""The JSON of ``analyze`` and ``demo``: schema `hingecoach.analysis/1`, keys and units fixed by the contract.

Numbers are plain and rounded to what they can mean; NaN becomes null. The same input and options give the same
bytes, ``timings`` aside.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from app.coach.report import StanceValues
from app.coach.rules import DEFAULT
from app.store.drill_json import drill_values
from app.store.json_values import (
    LEAN_SPLIT,
    RUN_MEASURES,
    SHARES,
    measured,
    number,
    step_values,
)
from app.store.not_measured import not_measured, shown_as_stance
from app.store.session_facts import SessionFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.coach.report import Cue, Hold
    from app.coach.summary import CoachSummary, FaultResult
    from app.coach.tunnel import TunnelResult
    from app.coach.types import Measure

SCHEMA = "hingecoach.analysis/1"
#: What is left of a reason that asks for standing still first.
NO_STANDING = "no standing reference"

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


def analysis_json(summary: CoachSummary, facts: SessionFacts) -> dict[str, Any]:
    """Return the whole document as plain dicts, lists, strings, numbers and None, keys in the contract's order."""
    stance = shown_as_stance(summary)
    part = {"stance": _stance(summary, facts.source_kind)} if stance else {"run": _run(summary)}
    mode = next(iter(part))
    if summary.drill is not None:
        part["drill"] = drill_values(summary.drill)
    return {
        "schema": SCHEMA,
        "source": {
            "kind": facts.source_kind,
            "frames": summary.frames,
            "duration_s": number(summary.duration_s, 3),
            "fps_measured": number(summary.fps, 2),
        },
        "mode": mode,
        "view": {
            "kind": summary.view.value,
            "facing": summary.facing.value,
            "yaw_deg": number(summary.yaw_deg, 1),
        },
        "tracking": {
            "coverage": number(summary.coverage, 4),
            "leg_swaps_repaired": facts.leg_swaps_repaired,
            "subject_switches": facts.subject_switches,
            "other_people": facts.other_people,
        },
        "standing": {
            "source": summary.standing_source,
            "height_cm": number(summary.height_cm, 1),
            "px_per_cm": number(summary.px_per_cm, 4),
        },
        **part,
        "cues": [_cue(cue) for cue in summary.cues],
        "timings": {
            "frames_per_s": number(facts.frames_per_s, 1),
            "pose_ms_p50": number(facts.pose_ms_p50, 2),
            "coach_ms_p50": number(facts.coach_ms_p50, 3),
            "coach_ms_p99": number(facts.coach_ms_p99, 3),
        },
        "warnings": list(
            dict.fromkeys((*facts.notices, *_own_rules(summary), *summary.warnings, *not_measured(summary, facts)))
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
    run: dict[str, Any] = {"running_s": number(summary.running_s, 3)}
    for name, (key, factor) in RUN_MEASURES.items():
        run[key] = measured(summary.measures.get(name), factor, 3 if name in SHARES else 2)
    run["lean_split"] = _lean_split(summary.measures)
    if run["trunk_lean_deg"] is not None:
        run["trunk_lean_deg"]["relative_to_standing"] = summary.angles_relative
    run["tunnel"] = _tunnel(summary.tunnel, summary.measures)
    run["contacts"] = [
        {
            "side": contact.side,
            "initial_contact_s": number(contact.initial_contact_s, 4),
            "toe_off_s": number(contact.toe_off_s, 4),
        }
        for contact in summary.contacts
    ]
    run["steps"] = [step_values(step, summary.height_cm) for step in summary.steps]
    run["faults"] = [_fault(fault) for fault in summary.faults]
    run["unsaid"] = [
        {"fault": fault.value, "because": reason, "steps": n} for (fault, reason), n in summary.unsaid.items()
    ]
    kept = summary.retention
    if summary.retention_planned:
        good = (
            None if kept is None else {"steps": kept.steps, "good_share": number(kept.good_share, 3), "hits": kept.hits}
        )
        run["retention"] = good
    run["verdict"] = summary.verdict
    run["not_judged_because"] = summary.not_judged_because or None
    return run


def _lean_split(measures: Mapping[str, Measure | None]) -> dict[str, Any] | None:
    split = {key: measured(measures.get(name), 1.0, 3 if name in SHARES else 2) for name, key in LEAN_SPLIT.items()}
    return None if None in split.values() else split


def _tunnel(tunnel: TunnelResult | None, measures: Mapping[str, Measure | None]) -> dict[str, Any] | None:
    if tunnel is None:
        return None
    return {
        "roof_below_standing_cm": number(tunnel.roof_below_standing_cm, 2),
        "peak_below_standing_cm": measured(measures.get("peak_below_standing_cm"), 1.0),
        "steps": tunnel.steps,
        "hits": tunnel.hits,
        "longest_clean_steps": tunnel.longest_clean_steps,
        "clean_steps": tunnel.clean_steps,
        "below_floor_steps": tunnel.below_floor,
        "peak_below_standing_bh_pct": measured(measures.get("peak_below_standing_bh"), 100.0),
        "peak_below_roof_cm": measured(measures.get("peak_below_roof_cm"), 1.0),
        "peak_below_roof_bh_pct": measured(measures.get("peak_below_roof_bh"), 100.0),
    }


def _fault(fault: FaultResult) -> dict[str, Any]:
    return {
        "id": fault.id.value,
        "share_of_steps": number(fault.share_of_steps, 3),
        "n_steps": fault.n_steps,
        "value": number(fault.value, 2),
        "threshold": number(fault.threshold, 2),
        "unit": fault.unit,
    }


def _stance(summary: CoachSummary, source_kind: str) -> dict[str, Any]:
    because = summary.stance_not_judged_because
    if source_kind == "photo" and because.startswith(NO_STANDING):
        because = NO_STANDING  # nobody in a photo can stand still first
    return {
        "holds": [_hold(hold) for hold in summary.holds],
        "verdict": summary.stance_verdict,
        "not_judged_because": because or None,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "start_s": number(hold.start_s, 3),
        "end_s": number(hold.end_s, 3),
        "verdict": hold.verdict,
        "values": _stance_values(hold.values),
    }


def _stance_values(values: StanceValues) -> dict[str, Any]:
    """Return the contract's values in its order, then what else the coach measured."""
    more = [field.name for field in fields(values) if field.name not in _STANCE_VALUES]
    return {name: number(getattr(values, name), 2) for name in (*_STANCE_VALUES, *more)}


def _cue(cue: Cue) -> dict[str, Any]:
    return {"t_s": number(cue.t_s, 3), "id": cue.id, "spoken": cue.spoken, "because": _because(cue)}


def _because(cue: Cue) -> dict[str, Any] | None:
    """Return a cue's evidence: the steps, their values, what decided and the threshold; None for praise and set-up."""
    if not cue.because:
        return None
    return {
        "fault": cue.because,
        "steps": list(cue.steps),
        "values": [number(value, 2) for value in cue.values],
        "value": number(cue.value, 2),
        "threshold": number(cue.threshold, 2),
        "unit": cue.unit or None,
    }


def _own_rules(summary: CoachSummary) -> list[str]:
    """Return a line where a coach's own rules judged."""
    if summary.rules == DEFAULT:
        return []
    return [f"app: judged by the rules in {summary.rules}, not by those that come with the app."]
