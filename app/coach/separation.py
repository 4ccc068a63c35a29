"""Whether the good stance and the two wrong ones can be told apart on this body, by this camera.

Each was held on purpose, so it is known what it is. A fault is separable where its pose lies past every
threshold that makes it, the good stance short of them, and its pose short of those that make the other fault, each by
several SD of its own scatter while it was held still.
Scatter within a hold is what noise and sway do; what the camera sees wrongly for as long as a pose lasts is in the
distance itself, as both poses were seen by it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields

from app.coach.filters import median
from app.coach.report import GOOD, FaultId, StanceValues
from app.coach.rules import Condition, FaultSpec, Rules

#: What is shown on purpose, in this order.
ON_PURPOSE = (FaultId.PELVIS_DRIFT, FaultId.HIP_SQUEEZE)
#: No scatter is taken for less: values are shown to about so much (deg, % of body height).
LEAST_SD_DEG, LEAST_SD_PCT = 0.3, 0.1
#: Frames that a scatter needs.
LEAST_FRAMES = 5


@dataclass(frozen=True, slots=True)
class HeldPose:
    """One pose of the exam as it was held.

    Attributes:
        name: "good" or the fault that was shown on purpose. side: the foot behind, "left", "right" or "unknown".
        start_s, end_s: of the frames it was taken from. frames: how many.
        verdict: what the coach called it. values: medians. scatter: SD of the frames, never under LEAST_SD.
    """

    name: str
    side: str
    start_s: float
    end_s: float
    frames: int
    verdict: str
    values: StanceValues
    scatter: StanceValues


@dataclass(frozen=True, slots=True)
class Separation:
    """Whether a fault can be told apart here.

    Attributes:
        fault: which. separable: whether it may be cued.
        distance_sd: how far the nearest pose is on its side of the nearest threshold, SD of that pose's scatter;
            negative: on the wrong side.
        from_what: what it comes nearest to: "good", or the other fault.
        measure: the measure of that threshold.
    """

    fault: FaultId
    separable: bool
    distance_sd: float
    from_what: str
    measure: str


def held_pose(name: str, side: str, verdict: str, samples: Sequence[tuple[float, StanceValues]]) -> HeldPose:
    """Return the pose of the (time, values) ``samples`` of one hold; at least one."""
    names = [f.name for f in fields(StanceValues)]
    columns = {key: [getattr(v, key) for _, v in samples] for key in names}
    return HeldPose(
        name,
        side,
        samples[0][0],
        samples[-1][0],
        len(samples),
        verdict,
        StanceValues(**{key: median(column) for key, column in columns.items()}),
        StanceValues(**{key: _scatter(key, column) for key, column in columns.items()}),
    )


def _scatter(name: str, column: Sequence[float]) -> float:
    known = [value for value in column if value == value]
    least = LEAST_SD_DEG if name.endswith("_deg") else LEAST_SD_PCT
    if name == "weight_shift":
        least /= 100.0
    return max(least, statistics.stdev(known)) if len(known) >= LEAST_FRAMES else float("nan")


def separations(good: HeldPose, wrong: Sequence[HeldPose], rules: Rules) -> tuple[Separation, ...]:
    """Return for each pose that was ``wrong`` on purpose whether its fault can be told apart.

    A fault whose scatter is not known is not separable (distance NaN).
    """
    return tuple(_separation(FaultId(pose.name), good, pose, rules) for pose in wrong)


def _separation(fault: FaultId, good: HeldPose, wrong: HeldPose, rules: Rules) -> Separation:
    spec = rules.stance[fault]
    others = [other for other in ON_PURPOSE if other is not fault]
    inside_sd, measure = _inside(wrong, spec)
    outside_sd, by = _inside(good, spec)
    bounds = [(inside_sd, GOOD, measure), (-outside_sd, GOOD, by)]
    for other in others:
        # Told from the other fault by what that one asks and this pose does not have.
        into_sd, by = _inside(wrong, rules.stance[other])
        bounds.append((-into_sd, other.value, by))
    unknown = next((bound for bound in bounds if bound[0] != bound[0]), None)
    distance_sd, from_what, measure = unknown or min(bounds, key=lambda bound: bound[0])
    # Another rule may come first (leaning back, folding): then it is not this fault that would be named.
    separable = distance_sd >= rules.exam.separable_sd and wrong.verdict == fault.value
    if distance_sd >= rules.exam.separable_sd and not separable:
        from_what = wrong.verdict
    return Separation(fault, separable, distance_sd, from_what, measure)


def _inside(pose: HeldPose, spec: FaultSpec) -> tuple[float, str]:
    """Return how deep a pose lies in what makes a fault, in SD of its scatter, and the measure that bounds it.

    Negative outside. All conditions of a way must hold, so the least decides; of the ways, the best.
    """
    return max((min((_past(pose, c), c.measure) for c in way) for way in spec.ways), key=lambda depth: depth[0])


def _past(pose: HeldPose, condition: Condition) -> float:
    """Return how far a pose is past one threshold, in SD of its scatter; negative short of it, NaN unknown."""
    distance = float(getattr(pose.values, condition.measure)) - condition.band.on
    sd = float(getattr(pose.scatter, condition.measure))
    return (distance if condition.higher else -distance) / sd
