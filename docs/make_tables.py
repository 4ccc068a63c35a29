"""Writes the table of faults and cues from the code: ``python -m docs.make_tables``. A test checks that it is fresh."""

from __future__ import annotations

from pathlib import Path

from app.coach.cues import FAULT_CUES
from app.coach.faults import FAULTS
from app.coach.report import FaultId
from app.coach.stance import STANCE_DECIDES

TABLE = Path(__file__).with_name("faults-and-cues.md")
WORDS = {
    "knee_flexion_deg": "knee flexion at midstance",
    "line_offset_bh": "hip ahead of the ear-to-rear-toe line at push-off",
    "hip_flexion_deg": "hip flexion at midstance",
    "shank_deg": "shank at midstance",
    "trunk_lean_deg": "trunk lean, mean of the step",
    "reach_of_travel": "front ankle ahead of the hip, of the way the foot goes back",
    "theta_l_deg": "ear-to-rear-ankle line",
    "theta_t_deg": "trunk lean",
    "d_h_bh_pct": "hip ahead of the line",
    "front_load_deg": "front hip + knee flexion",
    "stagger_bh_pct": "ankles apart",
}
UNITS = {"deg": "deg", "bh_pct": "% of body height", "travel_pct": "%"}


def faults_and_cues() -> str:
    """Return the tables as Markdown."""
    lines = [
        "# Faults and cues",
        "",
        "Made by `python -m docs.make_tables` from `app/coach`; do not edit.",
        "",
        "## Running",
        "",
        "Eight-step medians decide; a fault that is on stays on until its value is back past *off*. Rules beyond",
        "the one deciding measure (which fault comes first, what else must hold): `app/coach/faults.py`, `label_of`.",
        "",
        "| fault | in the article's words | deciding measure | on | off | fix |",
        "|---|---|---|---|---|---|",
    ]
    for spec in FAULTS.values():
        sign = ">" if spec.higher else "<"
        unit = UNITS[spec.unit]
        lines.append(
            f"| `{spec.id}` | {spec.article} | {WORDS[spec.measure]} "
            f"| {sign} {spec.on:g} {unit} | {spec.off:g} | {spec.fix} |"
        )
    lines += ["", "## Starting-line stance", "", "| fault | deciding measure | on |", "|---|---|---|"]
    for fault, (measure, threshold, unit) in STANCE_DECIDES.items():
        lines.append(f"| `{fault}` | {WORDS[measure]} | {threshold:g} {UNITS[unit]} |")
    lines += ["", "## What is said", ""]
    lines += ["| fault | on the screen | spoken, then after three repeats |", "|---|---|---|"]
    for fault in sorted(FaultId, key=lambda f: FAULT_CUES[f].priority):
        cue = FAULT_CUES[fault]
        lines.append(f"| `{fault}` | {cue.shown} | {' / '.join(cue.spoken)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(faults_and_cues(), encoding="utf-8")
