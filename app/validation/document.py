"""The validation as a JSON document, schema ``hingecoach.validation/1``.

Numbers are rounded to 5 digits. Everything but ``timings`` is the same for the same options and code.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, Any

from app.validation import totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.validation.run import SceneResult
    from app.validation.score import Outcome

SCHEMA = "hingecoach.validation/1"
_DIGITS = 5


def document(
    results: Sequence[SceneResult],
    options: Mapping[str, Any],
    app: Mapping[str, str],
    mocap: Mapping[str, Any] | None,
    acts: Mapping[str, Any] | None = None,
    stances: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the document of the scenes that were run, in their order.

    ``acts`` and ``stances`` as `acts_report` and `stances_report` make them.
    """
    return {
        "schema": SCHEMA,
        "app": dict(app),
        "options": dict(options),
        "targets": [_target(figure) for figure in totals.figures(results)] if results else [],
        "rise": {name: _numbers(row) for name, row in totals.rise_by_statistic(results).items()} if results else {},
        "parts": [_part(row) for row in totals.bought(results)],
        "scenes": [_scene(result) for result in results],
        "mocap": None if mocap is None else dict(mocap),
        "acts": None if acts is None else dict(acts),
        "stances": None if stances is None else dict(stances),
        "timings": _timings(results),
    }


def number(value: float) -> float | None:
    """Return a number for JSON: None for NaN and infinity."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def _numbers(row: Mapping[str, float]) -> dict[str, float | None]:
    return {name: number(value) for name, value in row.items()}


def _target(figure: totals.Figure) -> dict[str, Any]:
    target = figure.target
    return {
        "quantity": target.quantity,
        "metric": target.metric,
        "unit": target.unit,
        "limit": target.limit,
        "raw": number(figure.raw),
        "refined": number(figure.refined),
        "met": figure.met,
        "pooled_by": target.pool.value,
        "over": target.scope.value,
        "scenes": figure.scenes,
        "worst": number(figure.worst),
        "worst_scene": figure.worst_scene,
    }


def _part(row: totals.Bought) -> dict[str, Any]:
    return {
        "part": row.part,
        "quantity": row.quantity,
        "unit": row.unit,
        "with": number(row.with_part),
        "without": number(row.without_part),
        "scenes": row.scenes,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    scores = {name: {"value": number(s.value), "n": s.n} for name, s in sorted(outcome.scores.items())}
    return {"verdict": outcome.verdict, "scores": scores}


def _scene(result: SceneResult) -> dict[str, Any]:
    scene = result.scene
    return {
        "name": scene.name,
        "group": scene.group.value,
        "core": scene.core,
        "act": scene.act.value,
        "magnitude": scene.magnitude,
        "facing": scene.facing.value,
        "fps": scene.fps,
        "size_px": list(scene.size_px),
        "body_px": round(scene.body * scene.size_px[1]),
        "look": scene.look,
        "yaw_deg": scene.yaw_deg,
        "seconds": scene.seconds,
        "raw": _outcome(result.raw),
        "refined": _outcome(result.refined),
        "without": {part: _outcome(outcome) for part, outcome in result.without.items()},
    }


def _timings(results: Sequence[SceneResult]) -> dict[str, Any]:
    """Return medians over the 720p scenes, ms a frame; shares are of bare MediaPipe's time on the same frames."""
    usual = [r.costs for r in results if r.scene.size_px[1] == 720] or [r.costs for r in results]
    bare_ms = median([c.bare_ms for c in usual]) if usual else math.nan
    around_ms = median([c.refinement_ms for c in usual]) if usual else math.nan
    network_ms = median([c.network_ms for c in usual]) if usual else math.nan
    parts = sorted({name for c in usual for name in c.parts_ms})
    parts_ms = {name: median([c.parts_ms[name] for c in usual if name in c.parts_ms]) for name in parts}
    return {
        "bare_ms": number(bare_ms),
        "network_with_mask_ms": number(network_ms),
        "refinement_ms": number(around_ms),
        "share_of_bare": number((network_ms + around_ms) / bare_ms - 1.0),
        "parts_ms": _numbers(parts_ms),
        "parts_share_of_bare": _numbers({name: ms / bare_ms for name, ms in parts_ms.items()}),
        "scenes_s": {r.scene.name: round(r.elapsed_s, 1) for r in results},
    }
