"""What the starting-line stances come to together: confusion, what good ones are blamed for, measures."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING, Any

from app.coach.report import GOOD, NOT_JUDGED, StanceValues
from app.validation.acts_report import f1_scores, wilson
from app.validation.document import number
from app.validation.stances import STANCE_VERDICTS, STANCES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.validation.stances import StanceRun

#: Targets: share of runs with the right label at least; share of judged frames of good stances called a fault at most.
LEAST_RIGHT, MOST_BLAMED = 0.95, 0.02


def stances_document(runs: Sequence[StanceRun]) -> dict[str, Any] | None:
    """Return the part ``stances`` of the document, None without any run; the same for the same code."""
    if not runs:
        return None
    labels = [act.value.removeprefix("stance_") for act in STANCES]
    confusion = {label: Counter(run.verdict for run in runs if run.wanted == label) for label in labels}
    right = sum(run.right for run in runs)
    scores = f1_scores({label: dict(row) for label, row in confusion.items()})
    good = _good([run for run in runs if run.wanted == GOOD])
    return {
        "extent": _extent(runs),
        "targets": _targets(right, len(runs), good),
        "verdicts": list(STANCE_VERDICTS),
        "runs_right": right,
        "runs_right_ci95": [number(value) for value in wilson(right, len(runs))],
        "confusion": {
            label: {verdict: row[verdict] for verdict in STANCE_VERDICTS if row[verdict]}
            for label, row in confusion.items()
        },
        "labels": {label: {name: number(value) for name, value in scores[label].items()} for label in labels},
        "good": good,
        "settings": _settings(runs),
        "measures": {label: _measures([run for run in runs if run.wanted == label]) for label in labels},
        "runs": [_run(run) for run in runs],
    }


def _extent(runs: Sequence[StanceRun]) -> dict[str, Any]:
    scenes = [run.scene for run in runs]
    return {
        "runs": len(runs),
        "frames": sum(scene.frames for scene in scenes),
        "fps": sorted({scene.fps for scene in scenes}),
        "statures_cm": sorted({scene.height_cm for scene in scenes}),
        "body_shares": sorted({scene.body for scene in scenes}),
        "looks": sorted({scene.look for scene in scenes}),
        "seeds": [min(scene.seed for scene in scenes), max(scene.seed for scene in scenes)],
    }


def _good(runs: Sequence[StanceRun]) -> dict[str, Any]:
    frames = [label for run in runs for label in run.labels if label != NOT_JUDGED]
    blamed = sum(label != GOOD for label in frames)
    return {
        "runs": len(runs),
        "runs_blamed": sum(run.verdict not in (GOOD, NOT_JUDGED) for run in runs),
        "frames": len(frames),
        "frames_blamed": blamed,
        "frames_blamed_share": number(blamed / len(frames)) if frames else None,
        "cues": sum(len(run.cues) for run in runs),
    }


def _targets(right: int, n: int, good: dict[str, Any]) -> list[dict[str, Any]]:
    blamed = good["frames_blamed_share"]
    named_right = right / n
    return [
        {
            "quantity": "stances named right, share of runs",
            "value": number(named_right),
            "limit": f">= {LEAST_RIGHT}",
            "met": named_right >= LEAST_RIGHT,
        },
        {
            "quantity": "good stances called a fault, share of judged frames",
            "value": blamed,
            "limit": f"<= {MOST_BLAMED}",
            "met": None if blamed is None else blamed <= MOST_BLAMED,
        },
    ]


def _settings(runs: Sequence[StanceRun]) -> list[dict[str, Any]]:
    """Return the runs named right by facing, foot behind, stature, size in the picture, clothes and camera."""
    ways: dict[str, Callable[[StanceRun], str]] = {
        "facing": lambda r: r.scene.facing.value,
        "foot behind": lambda r: ("near", "far")[r.scene.rear],
        "stature, cm": lambda r: f"{r.scene.height_cm:.0f}",
        "body, share of the picture": lambda r: f"{r.scene.body:g}",
        "look": lambda r: r.scene.look,
        "lens, m": lambda r: f"{r.scene.lens_m:g}",
        "yaw, deg": lambda r: f"{r.scene.yaw_deg:g}",
    }
    rows = []
    for name, key in ways.items():
        for value in sorted({key(run) for run in runs}):
            inside = [run for run in runs if key(run) == value]
            rows.append({"setting": name, "value": value, "runs": len(inside), "right": sum(r.right for r in inside)})
    return rows


def _measures(runs: Sequence[StanceRun]) -> dict[str, Any]:
    """Return median, SD and range of every measure over the runs' deciding holds."""
    table: dict[str, Any] = {}
    holds = [run.hold for run in runs if run.hold is not None]
    for name in (f.name for f in fields(StanceValues)):
        values = [v for v in (getattr(hold.values, name) for hold in holds) if v == v]
        if values:
            table[name] = {
                "median": number(median(values)),
                "mean": number(fmean(values)),
                "sd": number(pstdev(values)),
                "least": number(min(values)),
                "most": number(max(values)),
            }
    return table


def _run(run: StanceRun) -> dict[str, Any]:
    scene = run.scene
    judged = Counter(run.labels)
    return {
        "name": scene.name,
        "wanted": run.wanted,
        "verdict": run.verdict,
        "not_judged_because": run.why_not,
        "frames": {verdict: judged[verdict] for verdict in STANCE_VERDICTS if judged[verdict]},
        "cues": list(run.cues),
        "facing": scene.facing.value,
        "foot_behind": ("near", "far")[scene.rear],
        "height_cm": scene.height_cm,
        "body_share": scene.body,
        "look": scene.look,
        "seed": scene.seed,
    }
