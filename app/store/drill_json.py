"""The "drill" part of the analysis JSON: repetitions as judged and as corrected, and when nothing was counted."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from app.coach.reps import DrillId, Rep
from app.store.json_values import number

if TYPE_CHECKING:
    from app.coach.reps import DrillResult

#: Longer between two steps of a march is a break, not a step.
LONGEST_STEP_S = 1.6


def drill_values(result: DrillResult) -> dict[str, Any]:
    """Return the part; ``target`` is null where there was none, ``cadence_spm`` but for a march."""
    originals = {e.original.number: e.original for e in result.entries if e.original is not None}
    return {
        "name": result.drill.value,
        "target": result.target or None,
        "sets": result.sets,
        "rest_s": number(result.rest_s, 1),
        "counted": result.counted,
        "good": result.good,
        "done": result.done,
        "cadence_spm": number(_cadence_spm(result), 1),
        "reps": [_rep(rep, originals.get(rep.number)) for rep in result.reps],
        "removed": [_rep(e.original, None) for e in result.entries if e.now is None and e.original is not None],
        "pauses": [
            {"start_s": number(start_s, 3), "end_s": number(end_s, 3), "because": because}
            for start_s, end_s, because in result.pauses
            if math.isfinite(end_s)
        ],
    }


def _cadence_spm(result: DrillResult) -> float:
    if result.drill is not DrillId.TUNNEL_MARCH:
        return math.nan
    times = [rep.end_s for rep in result.reps]
    steps_s = [b - a for a, b in itertools.pairwise(times) if b - a < LONGEST_STEP_S]
    return 60.0 * len(steps_s) / sum(steps_s) if steps_s else math.nan


def _rep(rep: Rep, original: Rep | None) -> dict[str, Any]:
    tempo = rep.tempo
    values: dict[str, Any] = {
        "number": rep.number,
        "set": rep.set_number,
        "start_s": number(rep.start_s, 3),
        "end_s": number(rep.end_s, 3),
        "depth": number(rep.depth, 2),
        "unit": rep.unit,
        "tempo": None
        if tempo is None
        else {
            "down_s": number(tempo.down_s, 2),
            "pause_s": number(tempo.pause_s, 2),
            "up_s": number(tempo.up_s, 2),
        },
        "counted": rep.counted,
        "verdict": rep.verdict,
        "good": list(rep.good),
        "change": rep.change,
        "side": rep.side,
        "values": {name: number(value, 2) for name, value in rep.values},
        "by_user": rep.by_user,
    }
    if original is not None and original != rep:
        values["original"] = {"counted": original.counted, "verdict": original.verdict}
    return values
