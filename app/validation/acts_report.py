"""What the acts' runs come to together: confusion, F1, half-size faults, false faults, cues, flicker, measures."""

from __future__ import annotations

import math
from collections import Counter
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING, Any

from app.coach.report import GOOD, NOT_JUDGED
from app.sim.acts import Act
from app.validation.acts import ACTS, VERDICTS, ActRun, Purpose
from app.validation.document import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Targets: macro F1 of the runs' verdicts; steps from the fault's start to the first cue for it, at most.
LEAST_MACRO_F1, CUE_WITHIN_STEPS = 0.95, 10
#: Of faults of half the size; aimed at, as silence is right where the measures are still in their bands.
LEAST_HALF = 0.7


def acts_document(runs: Sequence[ActRun]) -> dict[str, Any] | None:
    """Return the part ``acts`` of the document, None without any run. Everything in it is the same for the same code.

    Rates are shares 0..1; what rests on nothing is None.
    """
    if not runs:
        return None
    full = [run for run in runs if run.scene.purpose is Purpose.FULL]
    half = [run for run in runs if run.scene.purpose is Purpose.HALF]
    good = [run for run in runs if run.scene.act is Act.GOOD]
    faulty = [run for run in full if run.scene.act is not Act.GOOD]
    changing = [run for run in runs if run.scene.purpose is Purpose.CHANGE]
    named, cues, changes, in_peace = _named(full), _cues(faulty), _cues(changing), _good(good)
    return {
        "extent": _extent(runs),
        "targets": _targets(named, _half(half)["all"], cues, changes, in_peace),
        "verdicts": list(VERDICTS),
        "full": named,
        "settings": _settings(full),
        "half": _half(half),
        "good": in_peace,
        "cues": cues,
        "changes": changes,
        "flicker": _flicker(full),
        "measures": _measures([run for run in runs if run.scene.purpose is not Purpose.CHANGE]),
        "runs": [_run(run) for run in runs],
    }


def f1_scores(confusion: dict[str, dict[str, int]]) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of every act of a confusion matrix true act -> verdict -> runs.

    A run that was not judged is missed by its act and blamed on none. F1 of an act that was neither acted nor named is
    NaN; of one that was, but never rightly, 0.
    """
    scores = {}
    for act, row in confusion.items():
        right, acted = row.get(act, 0), sum(row.values())
        said = sum(other.get(act, 0) for other in confusion.values())
        scores[act] = {
            "precision": right / said if said else math.nan,
            "recall": right / acted if acted else math.nan,
            "f1": 2.0 * right / (acted + said) if acted + said else math.nan,
        }
    return scores


def wilson(right: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's formula (1927), which holds for few trials and shares near 1."""
    if not n:
        return math.nan, math.nan
    z, share = 1.96, right / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1.0 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def _right(run: ActRun) -> bool:
    return run.verdict == run.scene.act.value


def _extent(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return what the runs were and what was varied."""
    scenes = [run.scene for run in runs]
    seeds = [scene.seed for scene in scenes]
    purposes = [scene.purpose for scene in scenes]
    return {
        "runs": len(scenes),
        "runs_full": purposes.count(Purpose.FULL),
        "runs_half": purposes.count(Purpose.HALF),
        "runs_long": purposes.count(Purpose.LONG),
        "runs_change": purposes.count(Purpose.CHANGE),
        "simulated_min": number(sum(scene.seconds for scene in scenes) / 60.0),
        "frames": sum(scene.frames for scene in scenes),
        "fps": sorted({scene.fps for scene in scenes}),
        "facings": sorted({scene.facing.value for scene in scenes}),
        "speeds_m_s": sorted({scene.speed_m_s for scene in scenes}),
        "statures_cm": sorted({scene.height_cm for scene in scenes}),
        "body_shares": sorted({scene.body for scene in scenes}),
        "looks": sorted({scene.look for scene in scenes}),
        "seeds": [min(seeds), max(seeds)],
    }


def _share(part: float, whole: float) -> float | None:
    return number(part / whole) if whole else None


def _counts(labels: Iterable[str]) -> dict[str, int]:
    counted = Counter(labels)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def _of(runs: Sequence[ActRun], act: Act) -> list[ActRun]:
    return [run for run in runs if run.scene.act is act]


def _named(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return what whole runs and single steps were named."""
    confusion = {act.value: _counts(run.verdict for run in _of(runs, act)) for act in ACTS}
    steps = {act.value: _counts(label for run in _of(runs, act) for label in run.judged) for act in ACTS}
    scores = f1_scores(confusion)
    known = [row["f1"] for row in scores.values() if row["f1"] == row["f1"]]
    right, judged = sum(map(_right, runs)), sum(len(run.judged) for run in runs)
    return {
        "runs": len(runs),
        "right": right,
        "right_ci95": [number(value) for value in wilson(right, len(runs))],
        "macro_f1": number(fmean(known)) if known else None,
        "confusion": confusion,
        "acts": {
            act.value: {
                "runs": len(_of(runs, act)),
                **{name: number(value) for name, value in scores[act.value].items()},
                "recall_ci95": [number(v) for v in wilson(sum(map(_right, _of(runs, act))), len(_of(runs, act)))],
                "steps": sum(steps[act.value].values()),
                "steps_right_share": _share(steps[act.value].get(act.value, 0), sum(steps[act.value].values())),
            }
            for act in ACTS
        },
        "steps": judged,
        "steps_right_share": _share(sum(run.right_steps for run in runs), judged),
        "steps_confusion": steps,
    }


def _settings(runs: Sequence[ActRun]) -> list[dict[str, Any]]:
    """Return the runs named right by rate, facing, speed, stature, size in the picture and clothes."""
    ways: dict[str, Callable[[ActRun], str]] = {
        "frames a second": lambda r: f"{r.scene.fps:.0f}",
        "facing": lambda r: r.scene.facing.value,
        "speed, m/s": lambda r: f"{r.scene.speed_m_s:g}",
        "stature, cm": lambda r: f"{r.scene.height_cm:.0f}",
        "body, share of the picture": lambda r: f"{r.scene.body:g}",
        "look": lambda r: r.scene.look,
    }
    rows = []
    for name, key in ways.items():
        for value in sorted({key(run) for run in runs}):
            inside = [run for run in runs if key(run) == value]
            steps = sum(len(run.judged) for run in inside)
            rows.append(
                {
                    "setting": name,
                    "value": value,
                    "runs": len(inside),
                    "right": sum(map(_right, inside)),
                    "steps_right_share": _share(sum(run.right_steps for run in inside), steps),
                }
            )
    return rows


def _half(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return what became of faults of half the size: by the verdict, and by what was said."""

    def row(own: Sequence[ActRun]) -> dict[str, int]:
        return {
            "runs": len(own),
            "right": sum(map(_right, own)),
            "other_fault": sum(run.verdict not in (GOOD, NOT_JUDGED) and not _right(run) for run in own),
            "good": sum(run.verdict == GOOD for run in own),
            "not_judged": sum(run.verdict == NOT_JUDGED for run in own),
            "said": sum(bool(run.cues) for run in own),
            "said_right": sum(run.first_right_cue is not None for run in own),
            "said_wrong": sum(bool(run.wrong_cues) for run in own),
        }

    return {"all": row(runs), **{act.value: row(_of(runs, act)) for act in ACTS[1:]}}


def _good(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return what good form was blamed for."""
    minutes = sum(run.running_s for run in runs) / 60.0
    labels = [label for run in runs for label in run.judged]
    episodes = [fault for run in runs for fault in run.episodes]
    cues = [cue for run in runs for cue in run.cues]
    return {
        "runs": len(runs),
        "runs_named_good": sum(map(_right, runs)),
        "running_min": number(minutes),
        "steps": len(labels),
        "fault_steps": sum(label != GOOD for label in labels),
        "fault_steps_share": _share(sum(label != GOOD for label in labels), len(labels)),
        "episodes": len(episodes),
        "episodes_per_10_min": _share(10.0 * len(episodes), minutes),
        "episodes_of": _counts(episodes),
        "cues": len(cues),
        "cues_of": _counts(cue.because for cue in cues),
        "cues_of_the_roof": sum(cue.roof for cue in cues),
        "cues_per_10_min": _share(10.0 * len(cues), minutes),
    }


def _cues(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return how soon after its start a fault is spoken of, and what else is said."""

    def row(own: Sequence[ActRun]) -> dict[str, Any]:
        first = [cue for run in own if (cue := run.first_right_cue) is not None]
        counted, true = [cue.counted_steps for cue in first], [cue.true_steps for cue in first]
        return {
            "runs": len(own),
            "cued": len(first),
            "within": sum(steps <= CUE_WITHIN_STEPS for steps in counted),
            "counted_steps": _spread_of(counted),
            "true_steps": _spread_of(true),
            "since_s": _spread_of([cue.since_s for cue in first]),
            "wrong_cues": sum(len(run.wrong_cues) for run in own),
            "wrong_cues_of": _counts(cue.because for run in own for cue in run.wrong_cues),
            "wrong_cues_of_the_roof": sum(cue.roof for run in own for cue in run.wrong_cues),
            "runs_with_wrong_cues": sum(bool(run.wrong_cues) for run in own),
        }

    return {"all": row(runs), **{act.value: row(_of(runs, act)) for act in ACTS[1:]}}


def _spread_of(steps: Sequence[float]) -> dict[str, float | None]:
    if not steps:
        return {"median": None, "most": None}
    return {"median": number(median(steps)), "most": number(max(steps))}


def _flicker(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return how often the label changes, per minute of running."""

    def row(own: Sequence[ActRun]) -> dict[str, Any]:
        minutes, changes = sum(run.running_s for run in own) / 60.0, sum(run.label_changes for run in own)
        return {"changes": changes, "running_min": number(minutes), "changes_per_min": _share(changes, minutes)}

    return {"all": row(runs), **{act.value: row(_of(runs, act)) for act in ACTS}}


def _measures(runs: Sequence[ActRun]) -> dict[str, Any]:
    """Return for every measure its bias, scatter and mean interval over the runs, in its own unit."""
    table = {}
    for name in dict.fromkeys(name for run in runs for name in run.measures):
        found = [run.measures[name] for run in runs if name in run.measures]
        found = [f for f in found if math.isfinite(f.value) and math.isfinite(f.true)]
        if not found:
            continue
        errors = [f.value - f.true for f in found]
        table[name] = {
            "runs": len(found),
            "bias": number(fmean(errors)),
            "sd": number(pstdev(errors)) if len(errors) > 1 else None,
            "worst": number(max(errors, key=abs)),
            "half_interval": number(fmean((f.high - f.low) / 2.0 for f in found)),
            "interval_holds_true_share": _share(sum(f.low <= f.true <= f.high for f in found), len(found)),
        }
    return table


def _targets(
    named: dict[str, Any], half: dict[str, int], cues: dict[str, Any], changes: dict[str, Any], good: dict[str, Any]
) -> list[dict[str, Any]]:
    def row(quantity: str, value: float | None, limit: str, met: bool) -> dict[str, Any]:
        return {"quantity": quantity, "value": value, "limit": limit, "met": None if value is None else met}

    f1 = named["macro_f1"]
    within, later = (_share(part["all"]["within"], part["all"]["runs"]) for part in (cues, changes))
    said, blamed = good["cues"] if good["runs"] else None, good["fault_steps"] if good["runs"] else None
    return [
        row("macro F1 of eight forms at full size", f1, f">= {LEAST_MACRO_F1}", (f1 or 0.0) >= LEAST_MACRO_F1),
        row("steps of good form called a fault", blamed, "0", blamed == 0),
        row("cues for a fault in good running", said, "0", said == 0),
        row(
            "faults of half the size named right, share of runs",
            named_half := _share(half["right"], half["runs"]),
            f">= {LEAST_HALF}",
            (named_half or 0.0) >= LEAST_HALF,
        ),
        row(f"faults cued within {CUE_WITHIN_STEPS} counted steps, share of runs", within, "1", within == 1.0),
        row("the same, of faults that come in after good running, share of runs", later, "1", later == 1.0),
    ]


def _run(run: ActRun) -> dict[str, Any]:
    scene, first = run.scene, run.first_right_cue
    return {
        "name": scene.name,
        "purpose": scene.purpose.value,
        "act": scene.act.value,
        "magnitude": scene.magnitude,
        "facing": scene.facing.value,
        "fps": scene.fps,
        "height_cm": scene.height_cm,
        "speed_m_s": scene.speed_m_s,
        "look": scene.look,
        "body_share": scene.body,
        "seed": scene.seed,
        "seconds": scene.seconds,
        "verdict": run.verdict,
        "not_judged_because": run.why_not,
        "steps": _counts(run.labels),
        "label_changes": run.label_changes,
        "running_s": number(run.running_s),
        "first_cue": None if first is None else {"counted_steps": first.counted_steps, "true_steps": first.true_steps},
        "wrong_cues": [cue.because for cue in run.wrong_cues],
    }
