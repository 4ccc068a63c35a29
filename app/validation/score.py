"""What one chain came to in one scene: every metric, against the truth."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.coach.geometry import body_from_pose
from app.coach.model import CoachModel
from app.coach.types import Doubt, Facing, RunnerProfile
from app.sim.extras import BystanderKind
from app.validation import metrics
from app.validation.metrics import NAN
from app.validation.rise import STATISTICS, rendered_rise
from app.validation.scenes import (
    HEIGHT_CM,
    RUNNING_FROM_S,
    STANDING_FROM_S,
    STANDING_UNTIL_S,
    Scene,
)
from app.validation.series import HIPS, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.summary import CoachSummary
    from app.coach.types import BodyPose, FloatArray
    from app.sim.scene import VirtualScene
    from app.sim.truth import Side
    from app.validation.series import BoolArray

#: A contact that begins later than this before the end of the scene is not asked for: its toe-off is cut off.
LAST_CONTACT_S = 0.6
#: A bump is noticed when it is said within this time of it.
BUMP_NOTICED_S = 0.5
#: The head counts as turned beyond this, as straight within that, deg.
TURNED_DEG, STRAIGHT_DEG = 35.0, 5.0
#: Hips nearer than this along x hide one another: two half widths of a walking body, trunk lengths.
HIDDEN_TRUNKS = 0.8
#: The coach's midstance is that of the true one within this; the true ones are found on this grid.
MIDSTANCE_WITHIN_S, MIDSTANCE_GRID_HZ = 0.12, 240.0
#: The scatter of the lean is that of means over so many neighbouring steps.
MEAN_STEPS = 8


class Score(NamedTuple):
    """A metric of one scene and what it rests on: frames, steps or contacts."""

    value: float
    n: int = 1


Scores = dict[str, Score]


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """What is true of a scene, frame by frame (n rows).

    Attributes:
        series: the exact landmarks. mm_per_px: scale in the runner's plane, without bump and drift.
        lean_deg: trunk lean relative to standing. head_turn_deg: + toward the camera.
        standing, running: frames of quiet standing, of running at full stride.
        contacts_s: initial contacts, from full stride on. midstances_s: lowest trunks between them.
        others_px: (n, k, 2) mid-hips of the others, NaN absent.
    """

    scene: VirtualScene
    series: Series
    mm_per_px: float
    lean_deg: FloatArray
    head_turn_deg: FloatArray
    standing: BoolArray
    running: BoolArray
    contacts_s: tuple[float, ...]
    midstances_s: tuple[float, ...]
    others_px: FloatArray

    @classmethod
    def of(cls, scene: Scene) -> Truths:
        """Return the truth of a scene."""
        virtual = scene.virtual()
        t_s = scene.times_s()
        truths = [virtual.truth_at(float(t)) for t in t_s]
        count = len(scene.extras.others)
        others_px = np.full((len(t_s), count, 2), np.nan)
        for k, t in enumerate(t_s):
            for i, other in enumerate(virtual.others_at(float(t))):
                others_px[k, i] = (other[HIPS[0]] + other[HIPS[1]]) / 2.0
        contacts_s = tuple(contact.initial_contact_s for contact in virtual.contacts(0.0, float(t_s[-1])))
        return cls(
            virtual,
            Series.of([virtual.landmarks_at(float(t)) for t in t_s]),
            1e3 * virtual.camera.distance_m / virtual.camera.focal,
            np.array([truth.trunk_lean_deg for truth in truths]),
            np.array([truth.head_turn_deg for truth in truths]),
            np.asarray((t_s >= STANDING_FROM_S) & (t_s <= STANDING_UNTIL_S)),
            np.asarray(t_s >= RUNNING_FROM_S),
            contacts_s,
            _midstances_s(virtual, contacts_s),
            others_px,
        )


def _midstances_s(virtual: VirtualScene, contacts_s: tuple[float, ...]) -> tuple[float, ...]:
    """Return when the true trunk is lowest in each step, s; the trunk as the coach's clock takes it (`gait`)."""
    found = []
    for start_s, end_s in itertools.pairwise(contacts_s):
        t_s = np.arange(start_s, end_s, 1.0 / MIDSTANCE_GRID_HZ)
        bodies = [body_from_pose(virtual.landmarks_at(float(t)), Facing.RIGHT) for t in t_s]
        found.append(float(t_s[np.argmin([body.trunk_y_px for body in bodies])]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One chain's scores in one scene.

    Attributes:
        scores: by metric. verdict: the coach's. peak_errors_mm: of each step's head peak, their mean removed.
    """

    scores: Scores
    verdict: str
    peak_errors_mm: tuple[float, ...]


def outcome(scene: Scene, truths: Truths, poses: Sequence[BodyPose]) -> Outcome:
    """Return what the poses of one chain, one a frame, came to, and what the coach made of them."""
    coach = CoachModel(profile=RunnerProfile(HEIGHT_CM))
    for pose in poses:
        coach.update(pose)
    coach.finish()
    summary = coach.summary()
    series = Series.of(poses)
    peaks_mm, true_peaks_mm = _peaks_mm(series, truths), _peaks_mm(truths.series, truths)
    errors_mm = peaks_mm - true_peaks_mm
    known = errors_mm[np.isfinite(errors_mm)]
    errors = tuple(float(e) for e in known - known.mean()) if len(known) else ()
    scores = {
        **_head(series, truths),
        "head_peak_sd_mm": Score(metrics.scatter(errors_mm), len(known)),
        **_legs(series, truths, scene),
        **_steps(summary, truths, float(scene.times_s()[-1])),
        **_lean(summary, series, truths, scene),
        **_person(series, truths, scene),
        **_events(series, truths, scene),
    }
    if scene.rise_s is not None:
        scores |= _rise(peaks_mm, truths, scene.rise_s)
    kept = {name: score for name, score in scores.items() if score.n}
    return Outcome(kept, str(summary.verdict), errors)


def _peaks_mm(series: Series, truths: Truths) -> FloatArray:
    peaks_px = metrics.step_peaks(truths.series.t_s, series.head_up_px(), truths.contacts_s)
    return np.asarray(truths.mm_per_px * peaks_px)


def _head(series: Series, truths: Truths) -> Scores:
    """Lag, scatter and fall of the head, and lag of the trunk; the truth of the head is the top of the skull."""
    running, t_s = truths.running, truths.series.t_s[truths.running]
    head, true_head = series.head_up_px(), truths.series.head_up_px()
    trunk, true_trunk = series.trunk_up_px(), truths.series.trunk_up_px()
    n = int(np.isfinite(head[running]).sum())
    seen = series.seen
    by_ear, frames = metrics.share(series.doubted(Doubt.HEAD_BY_EAR), seen)
    fall_px = metrics.drop_error(head, true_head, truths.standing, running)
    return {
        "head_lag_ms": Score(metrics.lag_ms(t_s, head[running], true_head[running]), n),
        "trunk_lag_ms": Score(metrics.lag_ms(t_s, trunk[running], true_trunk[running]), n),
        "head_sd_mm": Score(truths.mm_per_px * metrics.error_sd(head[running], true_head[running]), n),
        "head_drop_error_mm": Score(truths.mm_per_px * fall_px, n),
        "head_by_ear_share": Score(by_ear, frames),
    }


def _legs(series: Series, truths: Truths, scene: Scene) -> Scores:
    """Legs mistaken for one another, or for a handle; only frames that the chain itself holds for measured."""
    ankles, true_ankles = series.ankles_px(), truths.series.ankles_px()
    trunk_px = truths.series.trunk_px()
    given = series.seen & truths.running
    measured = given & np.isfinite(ankles).all(axis=(1, 2)) & ~series.doubted(Doubt.LEGS_CROSSING)
    apart = metrics.legs_apart(true_ankles, trunk_px)
    named = measured & apart & (series.sides if series.sides.any() else True)
    away = ankles - series.middle(HIPS)[:, None]
    handle = metrics.ruined_by_handle(scene.facing.sign * away[:, :, 0], away[:, :, 1], series.trunk_px())
    return {
        "front_rear_wrong_share": Score(
            *metrics.share(metrics.front_rear_wrong(ankles, true_ankles), measured & apart)
        ),
        "left_right_wrong_share": Score(*metrics.share(metrics.sides_wrong(ankles, true_ankles), named)),
        "legs_apart_unmeasured_share": Score(*metrics.share(~measured, given & apart)),
        "legs_unmeasured_share": Score(*metrics.share(~measured, given)),
        "sides_unnamed_share": Score(*metrics.share(~series.sides, measured & apart)),
        "handle_ruined_share": Score(*metrics.share(handle, measured)),
    }


def _steps(summary: CoachSummary, truths: Truths, end_s: float) -> Scores:
    """Contacts found and invented; those before full stride and those that the end cuts off do not count."""
    true_s = truths.contacts_s
    if not true_s:
        return {}
    last_s = end_s - LAST_CONTACT_S
    found_s = [c.initial_contact_s for c in summary.contacts if c.initial_contact_s == c.initial_contact_s]
    must_s = [t for t in true_s if t <= last_s]
    found, _ = metrics.match_contacts(must_s, found_s)
    _, invented = metrics.match_contacts(true_s, [t for t in found_s if t > true_s[0] - metrics.MATCH_S])
    return {
        "steps_found_share": Score(found / len(must_s), len(must_s)) if must_s else Score(NAN, 0),
        "steps_invented_share": Score(invented / len(must_s), len(must_s)) if must_s else Score(NAN, 0),
    }


def _lean(summary: CoachSummary, series: Series, truths: Truths, scene: Scene) -> Scores:
    """Trunk lean as the coach judges it, relative to standing; and the angles of the stance leg at midstance.

    They are held against the truth at the true midstance, the lowest trunk: a chain that is right about another
    instant is not right about midstance. What the truth was at the chain's own instant tells the landmarks' part.
    """
    t_s = truths.series.t_s
    found, true, late_s = [], [], []
    stance_leg: dict[str, list[float]] = {}
    for step in summary.steps:
        inside = (t_s >= step.t_s) & (t_s <= step.t_s + step.duration_s)
        if step.t_s < RUNNING_FROM_S or not inside.any() or not summary.angles_relative:
            continue
        found.append(step.trunk_lean_deg)
        true.append(float(truths.lean_deg[inside].mean()))
        midstance_s = min(truths.midstances_s, key=lambda t: abs(t - step.t_s), default=NAN)
        if not abs(midstance_s - step.t_s) <= MIDSTANCE_WITHIN_S:
            continue
        late_s.append(step.t_s - midstance_s)
        for when, at_s in (("", midstance_s), ("_at_its_instant", step.t_s)):
            now = truths.scene.truth_at(at_s)
            if now.stance_side is not None:
                i = _index(now.stance_side)
                knee, hip = now.knee_flexion_deg[i], now.hip_flexion_deg[i]
                stance_leg.setdefault(f"knee_bias{when}_deg", []).append(step.knee_flexion_deg - knee)
                stance_leg.setdefault(f"hip_bias{when}_deg", []).append(step.hip_flexion_deg - hip)
    errors = np.array(found) - np.array(true)
    image_error = (series.lean_deg(scene.facing) - truths.series.lean_deg(scene.facing))[truths.running]
    return {
        "lean_true_deg": _mean(true),
        "lean_found_deg": _mean(found),
        "lean_bias_deg": _mean(errors),
        "lean_8_steps_sd_deg": Score(metrics.scatter(errors, MEAN_STEPS), len(errors)),
        "lean_in_image_bias_deg": _mean(image_error),
        "midstance_late_ms": _mean(1e3 * np.array(late_s)),
        **{name: _median(errors_deg) for name, errors_deg in stance_leg.items()},
    }


def _median(values: Sequence[float]) -> Score:
    """Return the median of the known values, as the coach judges by medians, and how many they are."""
    known = np.array(values)[np.isfinite(values)] if len(values) else np.zeros(0)
    return Score(float(np.median(known)), len(known)) if len(known) else Score(NAN, 0)


def _mean(values: Sequence[float] | FloatArray) -> Score:
    """Return the mean of the known values and how many they are."""
    known = np.array(values)[np.isfinite(values)] if len(values) else np.zeros(0)
    return Score(float(known.mean()), len(known)) if len(known) else Score(NAN, 0)


def _index(side: Side) -> int:
    """Return where a side stands in the truth's pairs."""
    return 0 if side.value == "left" else 1


def _person(series: Series, truths: Truths, scene: Scene) -> Scores:
    """Whether the one who is given is the runner; where someone crosses in front, when the runner is back."""
    hip, true_hip = series.middle(HIPS), truths.series.middle(HIPS)
    trunk_px = truths.series.trunk_px()
    given = series.seen
    wrong = metrics.wrong_person(hip, true_hip, truths.others_px, trunk_px) & given
    value, n = metrics.share(wrong, given)
    scores = {
        "wrong_person_share": Score(value, n),
        "nobody_share": Score(float(1.0 - given.mean()), len(given)),
    }
    front = [k for k, other in enumerate(scene.extras.others) if other.kind is BystanderKind.CROSS_FRONT]
    if front:
        others = truths.others_px[:, front]
        near = np.abs(others[:, :, 0] - true_hip[:, None, 0]) < HIDDEN_TRUNKS * trunk_px[:, None]
        hidden = np.asarray(near.any(axis=1))
        back_s = metrics.back_after_s(truths.series.t_s, given & ~wrong, hidden & truths.running)
        scores["back_after_s"] = Score(back_s, int(back_s == back_s))
    return scores


def _events(series: Series, truths: Truths, scene: Scene) -> Scores:
    """Turned heads and knocked cameras: noticed where they are, and where they are not."""
    turn_deg = np.abs(truths.head_turn_deg)
    flagged, moved, seen = series.doubted(Doubt.HEAD_TURNED), series.doubted(Doubt.CAMERA_MOVED), series.seen
    t_s = truths.series.t_s
    bump_s = np.inf if scene.extras.bump is None else scene.extras.bump[0]
    at_bump = (t_s >= bump_s) & (t_s <= bump_s + BUMP_NOTICED_S)
    scores = {
        "turn_found_share": Score(*metrics.share(flagged, seen & (turn_deg >= TURNED_DEG))),
        "turn_false_share": Score(*metrics.share(flagged, seen & (turn_deg <= STRAIGHT_DEG))),
        "bump_false_share": Score(*metrics.share(moved, ~at_bump)),
    }
    if at_bump.any():
        scores["bump_found_share"] = Score(float(moved[at_bump].any()), 1)
    return scores


def _rise(peaks_mm: FloatArray, truths: Truths, rise_s: float) -> Scores:
    """Whether the rendered rise is noticed, by each statistic; unnoticed where no roof could be made before."""
    scores: Scores = {}
    ends_s = np.array(truths.contacts_s[1:])
    for name in STATISTICS:
        caught, calls = rendered_rise(peaks_mm, ends_s, rise_s, name) or (False, 0)
        key = name.replace(" ", "_")
        scores[f"rise_caught_by_{key}_share"] = Score(float(caught), 1)
        scores[f"rise_false_calls_by_{key}"] = Score(float(calls), 1)
    return scores
