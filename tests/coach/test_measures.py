"""Every measure against what is true of the virtual runner, its interval against the true median, and what is null."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.coach.filters import mean_half_width, measure, measure_steps, median
from app.coach.model import CoachModel
from app.coach.report import Step
from app.coach.summary import SummaryBuilder
from app.coach.types import Facing, RunnerProfile
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.sim.truth import Side, Truth

NAN = math.nan
SECONDS = 8.0


def typical(values: object) -> float:
    """The median over means of neighbouring steps."""
    known = list(values)  # type: ignore[call-overload]  # an iterable of floats
    return median((a + b) / 2.0 for a, b in itertools.pairwise(known))


def of_stance(truth: Truth, pair: tuple[float, float]) -> float:
    return pair[0] if truth.stance_side is Side.LEFT else pair[1]


def true_steps(scene: VirtualScene, until_s: float) -> list[dict[str, float]]:
    """What is true of every step: midstance is the lowest trunk of a contact, push-off 80 % of it (biomechanics B)."""
    standing = scene.truth_at(0.5)
    thigh0_deg = of_stance(standing, standing.hip_flexion_deg) - standing.trunk_lean_deg
    shank0_deg = of_stance(standing, standing.shank_deg)
    height_m = scene.params.height_m

    def trunk(t_s: float) -> float:
        figure = scene.runner.at(t_s).figure
        return float(2 * figure.hip[1] + 2 * figure.shoulder[1] + figure.ear[1])

    def behind(t_s: float) -> float:
        figure = scene.runner.at(t_s).figure
        return float(figure.hip[0] - min(figure.toe[:, 0]))

    contacts = scene.contacts(4.0, until_s)
    lowest_s = []
    for c in contacts:
        instants = np.arange(c.initial_contact_s + 0.02, c.toe_off_s - 0.02, 0.006)
        lowest_s.append(float(min(instants, key=trunk)))
    steps = []
    for contact, start_s, end_s in zip(contacts, lowest_s, lowest_s[1:], strict=False):
        inside = [scene.truth_at(t) for t in np.arange(start_s, end_s, 0.015)]
        figures = [scene.runner.at(t).figure for t in np.arange(start_s, end_s, 0.01)]
        middle, push = inside[0], scene.truth_at(contact.initial_contact_s + 0.8 * contact.duration_s)
        hip_deg, shank_deg = of_stance(middle, middle.hip_flexion_deg), of_stance(middle, middle.shank_deg)
        reach = max(float(max(f.ankle[:, 0]) - f.hip[0]) for f in figures)
        behind_toe = behind(contact.toe_off_s)
        peak_m = max(t.head_top_m for t in inside)
        troughs_m = (middle.head_top_m + scene.truth_at(end_s).head_top_m) / 2.0
        steps.append(
            {
                "t_s": start_s,
                "trunk_lean_deg": float(np.mean([t.trunk_lean_deg for t in inside])),
                "hip_flexion_deg": hip_deg,
                "knee_flexion_deg": of_stance(middle, middle.knee_flexion_deg),
                "shank_deg": shank_deg,
                "line_offset_bh": push.line_offset_bh,
                "reach_ll": reach / 0.485,
                "vertical_oscillation_bh": (peak_m - troughs_m) / height_m,
                "peak_below_standing_bh": (standing.head_top_m - peak_m) / height_m,
                "duration_s": end_s - start_s,
                "lean_from_hip_deg": hip_deg - thigh0_deg,
                "lean_from_ankle_deg": shank_deg - shank0_deg,
                "hip_share": (hip_deg - thigh0_deg) / (hip_deg - thigh0_deg + shank_deg - shank0_deg),
                "weight_shift": behind_toe / (behind_toe + reach),
            }
        )
    return steps


#: The largest error of the typical value over good running at 2.5, 3.3 and 4.5 m/s, 160, 178 and 195 cm, 30 and 60 fps,
#: both facings, rounded up. Midstance is found 1 to 14 ms late (worst: 4.5 m/s at 30 fps); a ms moves the shank by
#: +0.3 deg and the hip by -0.3 deg, but the knee, then at its most bent, by less than 0.05.
TOLERANCE = {
    "trunk_lean_deg": 0.2,
    "hip_flexion_deg": 4.5,
    "knee_flexion_deg": 1.0,
    "shank_deg": 4.5,
    "line_offset_bh": 0.024,
    "reach_ll": 0.03,
    "vertical_oscillation_bh": 0.004,
    "peak_below_standing_bh": 0.003,
    "duration_s": 0.006,
    "lean_from_hip_deg": 4.5,
    "lean_from_ankle_deg": 4.5,
    "hip_share": 0.07,
    "weight_shift": 0.06,
}


@pytest.mark.parametrize(
    ("speed_m_s", "height_cm", "fps", "facing"),
    [
        (2.5, 160.0, 60.0, Facing.LEFT),
        (3.3, 178.0, 30.0, Facing.RIGHT),
        (3.3, 195.0, 60.0, Facing.RIGHT),
        (4.5, 178.0, 30.0, Facing.LEFT),
    ],
)
def test_every_measure_is_what_is_true_of_the_runner(act, speed_m_s, height_cm, fps, facing):
    ran = act("good", fps=fps, seconds=SECONDS, facing=facing, speed_m_s=speed_m_s, height_cm=height_cm)
    true = true_steps(ran.scene, SECONDS)
    pairs = [(s, min(true, key=lambda t: abs(t["t_s"] - s.t_s))) for s in ran.summary.steps]
    pairs = [(step, t) for step, t in pairs if abs(step.t_s - t["t_s"]) < 0.05]
    assert len(pairs) >= 7
    for name, tolerance in TOLERANCE.items():
        told, truly = typical(getattr(s, name) for s, _ in pairs), typical(t[name] for _, t in pairs)
        assert told == pytest.approx(truly, abs=tolerance), name


# ------------------------------------------------------------------ the lean split, the weight shift


@pytest.mark.parametrize("speed_m_s", [2.5, 4.5])
def test_the_split_tells_a_hinge_from_a_lean_at_the_ankle_and_the_weight_goes_with_it(act, speed_m_s):
    share, shift = {}, {}
    for name in ("good", "ankle_lean", "pelvis_drift"):
        steps = act(name, seconds=SECONDS, speed_m_s=speed_m_s).summary.steps
        share[name] = typical(s.hip_share for s in steps)
        shift[name] = typical(s.weight_shift for s in steps)
    assert 0.48 < share["good"] < 0.60
    assert max(share["ankle_lean"], share["pelvis_drift"]) < 0.36
    assert 0.50 < shift["good"] < 0.68
    assert min(shift["ankle_lean"], shift["pelvis_drift"]) > 0.70


def test_hip_and_ankle_less_the_knee_are_the_lean(act):
    ran = act("good", seconds=SECONDS)
    assert len(ran.summary.steps) == 10
    for step in ran.summary.steps:
        lean_deg = step.lean_from_hip_deg + step.lean_from_ankle_deg - step.knee_flexion_deg
        assert lean_deg == pytest.approx(ran.scene.truth_at(step.t_s).trunk_lean_deg, abs=0.5)


def test_a_camera_that_is_not_level_does_not_move_the_split(act):
    level = act("good", seconds=SECONDS).summary.measures
    scene = VirtualScene(RunnerParams(), replace(Camera.framing(), roll_deg=3.0))
    coach = CoachModel(profile=RunnerProfile(178.0))
    for k in range(int(SECONDS * 30)):
        coach.update(scene.landmarks_at(k / 30))
    coach.finish()
    rolled = coach.summary().measures
    assert rolled["hip_share"].value == pytest.approx(level["hip_share"].value, abs=0.01)
    # What is not told from standing does move: it is the camera that leans.
    assert abs(rolled["shank_midstance_deg"].value - level["shank_midstance_deg"].value) > 2.0


def test_without_a_standing_reference_there_is_no_split(act):
    scene = act("good", seconds=SECONDS).scene
    coach = CoachModel(profile=RunnerProfile(178.0))
    for k in range(int(4.5 * 30), int(SECONDS * 30)):
        coach.update(scene.landmarks_at(k / 30))
    coach.finish()
    measures = coach.summary().measures
    assert measures["knee_flexion_midstance_deg"] is not None
    assert measures["hip_share"] is measures["lean_from_hip_deg"] is None
    assert measures["peak_below_roof_cm"] is None


def test_a_peak_through_the_roof_is_a_hit(act):
    steps = [s for s in act("good", seconds=SECONDS).summary.steps if s.peak_below_roof_bh == s.peak_below_roof_bh]
    steps += [s for s in act("standing_up", seconds=14.0).summary.steps if s.peak_below_roof_bh == s.peak_below_roof_bh]
    assert any(s.hit for s in steps)
    assert [s.hit for s in steps] == [s.peak_below_roof_bh < 0.0 for s in steps]


# ------------------------------------------------------------------ contact and flight time


def step_at(number: int, contact_s: float, fps: float, step_s: float = 0.36) -> Step:
    start_s = number * step_s
    step = Step(
        start_s, start_s + 0.1, start_s - 0.12, start_s - 0.12 + contact_s, "near", *[0.0] * 10, step_s, hit=False
    )
    return replace(step, frames_per_s=fps)


def times_of(*steps: Step) -> tuple[float | None, float | None]:
    measures = SummaryBuilder(steps=list(steps)).run_measures(178.0)
    contact, flight = measures["contact_time_ms"], measures["flight_time_ms"]
    return (None if contact is None else contact.value), (None if flight is None else flight.value)


@pytest.mark.parametrize(("fps", "measured"), [(30.0, False), (49.0, False), (49.9, True), (50.0, True), (60.0, True)])
def test_contact_and_flight_need_fifty_frames_a_second_and_ten_steps(fps, measured):
    steps = [step_at(i, 0.24, fps) for i in range(10)]
    assert times_of(*steps) == (pytest.approx((240.0, 120.0)) if measured else (None, None))
    assert times_of(*steps[:9]) == (None, None)


def test_steps_seen_at_a_lower_rate_do_not_count_however_fast_the_rest_was():
    fast, slow = [step_at(i, 0.24, 60.0) for i in range(10)], [step_at(i, 0.30, 31.0) for i in range(10, 30)]
    assert times_of(*fast, *slow) == pytest.approx((240.0, 120.0))
    assert times_of(*fast[:9], *slow) == (None, None)


def test_running_without_flight_has_a_contact_time_and_no_negative_flight():
    assert times_of(*(step_at(i, 0.37, 60.0) for i in range(12))) == (pytest.approx(370.0), None)
    hardly = [step_at(i, 0.355 + (0.006 if i % 4 > 1 else -0.004), 60.0) for i in range(24)]
    flight = SummaryBuilder(steps=hardly).run_measures(None)["flight_time_ms"]
    assert flight is not None
    assert 0.0 <= flight.ci95[0] <= flight.value


@pytest.mark.parametrize(("fps", "drop_every", "measured"), [(49.0, 0, False), (50.0, 0, True), (80.0, 4, True)])
def test_the_rate_is_that_of_the_frames_times(act, fps, drop_every, measured):
    """One frame in four missing at 80 a second are 60, unevenly spaced."""
    ran = act("good", fps=fps, seconds=SECONDS, drop_every=drop_every)
    assert (ran.summary.measures["contact_time_ms"] is not None) == measured
    assert (ran.summary.measures["flight_time_ms"] is not None) == measured
    rate = fps * (1.0 - 1.0 / drop_every) if drop_every else fps
    assert typical(s.frames_per_s for s in ran.summary.steps) == pytest.approx(rate, rel=0.04)


# ------------------------------------------------------------------ intervals


def series(kind: str, n: int, rng: np.random.Generator) -> list[float]:
    noise = rng.standard_normal(n)
    if kind == "wandering":
        for i in range(1, n):
            noise[i] = 0.5 * noise[i - 1] + math.sqrt(0.75) * noise[i]
    if kind == "left and right":
        noise += 2.0 * (-1.0) ** np.arange(n)
    return [float(v) for v in noise]


@pytest.mark.parametrize("kind", ["independent", "wandering", "left and right"])
@pytest.mark.parametrize("n", [8, 17, 40])
def test_the_interval_holds_the_true_median_in_nine_of_ten_runs(kind, n):
    rng = np.random.default_rng(11)
    found = [measure_steps(series(kind, n, rng)) for _ in range(400)]
    assert np.mean([m.ci95[0] <= 0.0 <= m.ci95[1] for m in found]) >= 0.90
    # And it is not won by width: at most 2.2 times what independent normal steps give at best, wandering 3.5 times.
    best = 1.96 * 1.2533 / math.sqrt(n)
    assert np.median([m.ci95[1] - m.value for m in found]) < (3.5 if kind == "wandering" else 2.2) * best


def test_an_odd_number_of_left_and_right_steps_falls_to_neither_side():
    limping = [10.0, 30.0] * 8 + [10.0]
    assert measure(limping).value == 10.0
    assert measure_steps(limping).value == 20.0
    assert measure_steps(limping).ci95 == (20.0, 20.0)


def test_few_steps_and_missing_ones():
    assert measure_steps([]) is measure_steps([NAN, NAN]) is None
    assert measure_steps([3.0, NAN]) == replace(measure_steps([3.0]), n=1)
    assert measure_steps([3.0]).ci95 == (3.0, 3.0)
    gaps = measure_steps([1.0, NAN, 3.0, NAN, 2.0, NAN])
    assert (gaps.value, gaps.n) == (2.0, 3)
    assert gaps.ci95[0] < 1.0
    assert gaps.ci95[1] > 3.0
    assert mean_half_width([5.0]) == 0.0
    # t(1) = 12.7 times SD / sqrt(2): two values say little.
    assert mean_half_width([0.0, 1.0]) == pytest.approx(12.706 * 0.5, rel=1e-3)


def test_the_cadence_of_a_limp_is_known_as_well_as_that_of_even_steps():
    def cadence(durations_s: Callable[[int], float]) -> tuple[float, float]:
        at_s, steps = 0.0, []
        for i in range(20):
            steps.append(replace(step_at(0, 0.24, 60.0), t_s=at_s, duration_s=durations_s(i)))
            at_s += durations_s(i)
        found = SummaryBuilder(steps=steps).run_measures(None)["cadence_spm"]
        return found.value, found.ci95[1] - found.value

    value, half = cadence(lambda i: 0.33 if i % 2 else 0.37)
    assert value == pytest.approx(60.0 / 0.35)
    assert half == pytest.approx(0.0, abs=1e-6)
