"""The scenes put together: every figure of the target table beside raw MediaPipe's, and what each part buys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Facing
from app.validation import metrics
from app.validation.rise import STATISTICS, noticing
from app.validation.scenes import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.validation.run import SceneResult
    from app.validation.scenes import Scene
    from app.validation.score import Outcome

NAN = float("nan")
#: The statistic of `rise` that the target is held to.
RISE_STATISTIC = "mean of three peaks"
#: Two equal numbers, for limits of 0 and 1.
_TINY = 1e-9


class Pool(StrEnum):
    """How the scenes' values become one."""

    MEAN_ABS = "mean of |scene|"
    RMS = "root mean square over scenes"
    SHARE = "share of all"
    MAX = "largest"


class Scope(StrEnum):
    """Which scenes a figure is about."""

    CORE = "720p, body >= 60 % of the frame"
    TREADMILL = "handle or rail in the picture"
    LEAN = "six leans"
    PEOPLE = "other people"
    PLAIN = "plain"
    EVENT = "head turns, camera bumps"
    EVERYWHERE = "all scenes"

    def holds(self, scene: Scene) -> bool:
        """Return whether a scene belongs to it."""
        if self is Scope.EVERYWHERE:
            return True
        return scene.core if self is Scope.CORE else scene.group.value == self.name.lower()


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and the band it has to lie in."""

    quantity: str
    metric: str
    unit: str
    pool: Pool
    scope: Scope = Scope.CORE
    low: float = -math.inf
    high: float = math.inf

    @property
    def limit(self) -> str:
        """The band in words, shares in %."""
        if not self.judged:
            return "-"
        factor = 100.0 if self.unit == "%" else 1.0
        low, high = f"{self.low * factor:g}", f"{self.high * factor:g}"
        if self.low == -math.inf:
            return f"<= {high}"
        return f">= {low}" if self.high == math.inf else f"{low} to {high}"

    @property
    def judged(self) -> bool:
        """Whether there is a band at all; without one the figure is there to be known."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    def met_by(self, value: float) -> bool:
        """Return whether a value lies in the band; NaN does not."""
        return self.low - _TINY <= value <= self.high + _TINY


#: What is aimed at: the table of docs/landmarks.md, in its order. Shares are fractions; "%" is how they are shown.
TARGETS: tuple[Target, ...] = (
    Target("lag of the head", "head_lag_ms", "ms", Pool.MEAN_ABS, high=4.0),
    Target("lag of the trunk", "trunk_lag_ms", "ms", Pool.MEAN_ABS, high=4.0),
    Target("head height, SD per frame", "head_sd_mm", "mm", Pool.RMS, high=2.5),
    Target("head height, SD of step peaks", "head_peak_sd_mm", "mm", Pool.RMS, high=2.0),
    Target("head drop from standing, error", "head_drop_error_mm", "mm", Pool.MEAN_ABS, high=5.0),
    Target("front/rear leg wrong, legs apart", "front_rear_wrong_share", "%", Pool.SHARE, high=0.005),
    Target("left/right wrong live, legs apart", "left_right_wrong_share", "%", Pool.SHARE, high=0.04),
    # What the two above leave out: a chain that doubts every frame is never wrong.
    Target("legs apart, but doubted", "legs_apart_unmeasured_share", "%", Pool.SHARE),
    Target("legs apart, left and right not named yet", "sides_unnamed_share", "%", Pool.SHARE),
    Target("steps found", "steps_found_share", "%", Pool.SHARE, Scope.TREADMILL, low=1.0),
    Target("steps invented", "steps_invented_share", "%", Pool.SHARE, Scope.TREADMILL, high=0.0),
    Target("trunk lean, bias", "lean_bias_deg", "deg", Pool.MEAN_ABS, high=1.5),
    Target("trunk lean, SD of 8-step means", "lean_8_steps_sd_deg", "deg", Pool.RMS, high=0.3),
    Target("knee at midstance, bias", "knee_bias_deg", "deg", Pool.MEAN_ABS, high=3.0),
    Target("hip at midstance, bias", "hip_bias_deg", "deg", Pool.MEAN_ABS, high=3.0),
    Target("frames ruined by a handle", "handle_ruined_share", "%", Pool.SHARE, Scope.TREADMILL, high=0.01),
    Target("wrong person judged", "wrong_person_share", "%", Pool.SHARE, Scope.PEOPLE, high=0.0),
    Target("nobody given", "nobody_share", "%", Pool.SHARE, Scope.PEOPLE),
    Target("runner back after a crossing in front", "back_after_s", "s", Pool.MAX, Scope.PEOPLE, high=1.0),
)
SLOPE = Target("trunk lean, slope against truth", "lean_slope", "", Pool.MAX, Scope.LEAN, low=0.95, high=1.05)
RISE_CAUGHT = Target("25 mm rise noticed within 3 steps", "rise_caught_share", "%", Pool.SHARE, low=0.98)
RISE_FALSE = Target("rises called in 5 min without one", "rise_false_per_5_min", "", Pool.SHARE, high=1.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the target table.

    Attributes:
        target: what it has to meet. raw, refined: the pooled values, NaN where not measured.
        worst: the refined chain's value furthest out. worst_scene: where.
        scenes: how many it rests on.
    """

    target: Target
    raw: float
    refined: float
    worst: float
    worst_scene: str
    scenes: int

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where it was not measured, or there is none."""
        return self.target.met_by(self.refined) if self.target.judged and self.refined == self.refined else None


def pooled(outcomes: Sequence[Outcome], metric: str, pool: Pool) -> float:
    """Return the scenes' values of a metric as one; NaN where none has it."""
    scores = [
        o.scores[metric] for o in outcomes if metric in o.scores and o.scores[metric].value == o.scores[metric].value
    ]
    if not scores:
        return NAN
    values = np.array([s.value for s in scores])
    if pool is Pool.SHARE:
        return float(np.average(values, weights=[s.n for s in scores]))
    if pool is Pool.RMS:
        return float(np.sqrt(np.mean(values**2)))
    return float(np.abs(values).mean() if pool is Pool.MEAN_ABS else values.max())


def figures(results: Sequence[SceneResult]) -> list[Figure]:
    """Return the target table over the scenes that were run."""
    table = [_figure(target, results) for target in TARGETS]
    places = [figure.target.metric for figure in table]
    table[places.index("lean_bias_deg") : places.index("lean_bias_deg")] = [_slope(results)]
    table[5:5] = _rise(results)
    return table


def _figure(target: Target, results: Sequence[SceneResult]) -> Figure:
    inside = [r for r in results if target.scope.holds(r.scene)]
    measured = [
        (r.refined.scores[target.metric].value, r.scene.name) for r in inside if target.metric in r.refined.scores
    ]
    known = [(value, name) for value, name in measured if value == value]
    lower_is_worse = target.judged and target.high == math.inf
    worst, name = max(known, key=lambda row: -row[0] if lower_is_worse else abs(row[0]), default=(NAN, ""))
    raw = pooled([r.raw for r in inside], target.metric, target.pool)
    refined = pooled([r.refined for r in inside], target.metric, target.pool)
    return Figure(target, raw, refined, worst, name, len(known))


def _slope(results: Sequence[SceneResult]) -> Figure:
    """Return the slope of the lean the coach finds against the true one; of both facings, that further from 1."""
    inside = [r for r in results if Scope.LEAN.holds(r.scene)]

    def of(chain: Callable[[SceneResult], Outcome]) -> list[tuple[float, str]]:
        slopes = []
        for facing in (Facing.RIGHT, Facing.LEFT):
            scores = [chain(r).scores for r in inside if r.scene.facing is facing]
            pairs = [(s["lean_true_deg"].value, s["lean_found_deg"].value) for s in scores if "lean_found_deg" in s]
            slopes.append((metrics.slope([t for t, _ in pairs], [f for _, f in pairs]), f"facing {facing}"))
        return [row for row in slopes if row[0] == row[0]]

    def furthest(slopes: list[tuple[float, str]]) -> tuple[float, str]:
        return max(slopes, key=lambda row: abs(row[0] - 1.0), default=(NAN, ""))

    refined, where = furthest(of(lambda r: r.refined))
    return Figure(SLOPE, furthest(of(lambda r: r.raw))[0], refined, refined, where, len(inside))


def _rise(results: Sequence[SceneResult]) -> list[Figure]:
    """Return how soon a rise is noticed with the peak errors of both chains (`rise.noticing`)."""
    inside = [r for r in results if r.scene.core]
    raw = noticing(_errors_mm([r.raw for r in inside]), RISE_STATISTIC)
    refined = noticing(_errors_mm([r.refined for r in inside]), RISE_STATISTIC)
    where, n = f"by the {RISE_STATISTIC}", len(inside)
    return [
        Figure(RISE_CAUGHT, raw.caught_share, refined.caught_share, refined.caught_share, where, n),
        Figure(RISE_FALSE, raw.false_per_5_min, refined.false_per_5_min, refined.false_per_5_min, where, n),
    ]


def _errors_mm(outcomes: Sequence[Outcome]) -> np.ndarray:
    return np.array([error for o in outcomes for error in o.peak_errors_mm])


def rise_by_statistic(results: Sequence[SceneResult]) -> dict[str, dict[str, float]]:
    """Return, for every statistic, how the refined chain's peaks do, and how perfect ones would."""
    errors = _errors_mm([r.refined for r in results if r.scene.core])
    table = {}
    for name in STATISTICS:
        found, perfect = noticing(errors, name), noticing(np.zeros(100), name)
        rendered = [r.refined.scores for r in results if r.scene.group is Group.RISE]
        key = f"rise_caught_by_{name.replace(' ', '_')}_share"
        caught = [scores[key].value for scores in rendered if key in scores]
        table[name] = {
            "caught_share": found.caught_share,
            "false_per_5_min": found.false_per_5_min,
            "caught_share_without_error": perfect.caught_share,
            "false_per_5_min_without_error": perfect.false_per_5_min,
            "rendered_caught": float(sum(caught)),
            "rendered": float(len(caught)),
        }
    return table


@dataclass(frozen=True, slots=True)
class Bought:
    """What a part is there for: a figure with it and without it, on the same scenes."""

    part: str
    quantity: str
    unit: str
    with_part: float
    without_part: float
    scenes: int


#: What each part is there for: words, metric, unit, how pooled, where.
_PURPOSES: tuple[tuple[str, str, str, str, Pool, Scope], ...] = (
    ("mirror", "trunk lean, bias", "lean_bias_deg", "deg", Pool.MEAN_ABS, Scope.LEAN),
    ("still", "frames ruined by a handle", "handle_ruined_share", "%", Pool.SHARE, Scope.TREADMILL),
    ("still", "steps found beside a handle", "steps_found_share", "%", Pool.SHARE, Scope.TREADMILL),
    ("still", "knee at midstance beside a handle, bias", "knee_bias_deg", "deg", Pool.MEAN_ABS, Scope.TREADMILL),
    ("lock", "wrong person judged", "wrong_person_share", "%", Pool.SHARE, Scope.PEOPLE),
    ("lock", "runner back after a crossing", "back_after_s", "s", Pool.MAX, Scope.PEOPLE),
    ("head", "head height, SD per frame", "head_sd_mm", "mm", Pool.RMS, Scope.PLAIN),
    ("head", "head height, SD of step peaks", "head_peak_sd_mm", "mm", Pool.RMS, Scope.PLAIN),
    ("head", "head drop, error", "head_drop_error_mm", "mm", Pool.MEAN_ABS, Scope.PLAIN),
    ("turn", "turned heads noticed", "turn_found_share", "%", Pool.SHARE, Scope.EVENT),
    ("legs", "front/rear leg wrong", "front_rear_wrong_share", "%", Pool.SHARE, Scope.PLAIN),
    ("legs", "left/right wrong", "left_right_wrong_share", "%", Pool.SHARE, Scope.PLAIN),
    ("legs", "knee at midstance, bias", "knee_bias_deg", "deg", Pool.MEAN_ABS, Scope.PLAIN),
    ("bump", "knocked cameras noticed", "bump_found_share", "%", Pool.SHARE, Scope.EVENT),
)


def bought(results: Sequence[SceneResult]) -> list[Bought]:
    """Return what each part buys, as far as it was left out in the scenes that were run."""
    rows = []
    for part, quantity, metric, unit, pool, scope in _PURPOSES:
        both = [r for r in results if scope.holds(r.scene) and part in r.without]
        if both:
            having = pooled([r.refined for r in both], metric, pool)
            lacking = pooled([r.without[part] for r in both], metric, pool)
            rows.append(Bought(part, quantity, unit, having, lacking, len(both)))
    return rows
