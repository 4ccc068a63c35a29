"""Only running is judged as running: treadmill sessions in parts, each known to be running or not."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest

from app.coach.geometry import body_from_pose
from app.coach.guard import RunGuard
from app.coach.model import CoachModel
from app.coach.report import Activity, CoachReport
from app.coach.summary import CoachSummary
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Landmark, RunnerProfile
from app.sim.landmarks import MIRROR
from app.sim.programme import BLEND_S, Doing, Part, Programme

LEG = [(Landmark[f"LEFT_{n}"].value, Landmark[f"RIGHT_{n}"].value) for n in ("KNEE", "ANKLE", "HEEL", "TOE")]
STAND = Part(Doing.STAND, 3.5)
#: (fps, stature, facing, seed): both ways, short and tall, the rates of cameras.
SET_UPS = [(30.0, 150.0, Facing.LEFT, 100), (60.0, 200.0, Facing.RIGHT, 102)]


@dataclass(frozen=True)
class Session:
    programme: Programme
    poses: tuple[BodyPose, ...]
    reports: tuple[CoachReport, ...]
    summary: CoachSummary

    def part(self, number: int, skip_s: float = 0.0) -> list[CoachReport]:
        start_s, end_s = self.programme.span_s(number)
        return [r for r in self.reports if start_s + skip_s <= r.t_s < end_s]


def noisy(programme: Programme, fps: float, swap: float = 0.2) -> Iterator[BodyPose]:
    """The landmarks of a programme, some legs' labels swapped."""
    rng = np.random.default_rng(programme.params.seed)
    for k in range(int(programme.seconds * fps)):
        pose = programme.landmarks_at(k / fps)
        pose = BodyPose(pose.t_s, pose.xy_px, pose.visibility, pose.image_size_px)
        yield with_legs_swapped(pose) if rng.random() < swap else pose


def with_legs_swapped(pose: BodyPose) -> BodyPose:
    xy = np.array(pose.xy_px)
    for a, b in LEG:
        xy[[a, b]] = xy[[b, a]]
    return BodyPose(pose.t_s, xy, pose.visibility, pose.image_size_px)


def coached(programme: Programme, poses: Iterable[BodyPose]) -> Session:
    coach, kept = CoachModel(profile=RunnerProfile(programme.params.height_cm)), tuple(poses)
    reports = tuple(coach.update(pose) for pose in kept)
    coach.finish()
    return Session(programme, kept, reports, coach.summary())


@lru_cache(maxsize=8)
def session(
    parts: tuple[Part, ...], fps: float = 30.0, height_cm: float = 178.0, facing: Facing = Facing.RIGHT,
    seed: int = 101,
) -> Session:  # fmt: skip
    programme = Programme(parts, height_cm, facing, seed, noise_mm=10.0, drift_m=0.05)
    return coached(programme, noisy(programme, fps))


# ------------------------------------------------------------------ what is not running

ON_THE_SPOT = {Activity.ON_THE_SPOT}
NO_RUNNING = (
    (Part(Doing.MARCH, 4.0), ON_THE_SPOT),
    (Part(Doing.SPOT_RUN, 4.0), ON_THE_SPOT),
    (Part(Doing.JACKS, 4.0), ON_THE_SPOT),
    (Part(Doing.SQUATS, 4.0), {Activity.UNKNOWN}),
    (Part(Doing.HINGES, 4.0), {Activity.UNKNOWN, Activity.STANDING}),
    (Part(Doing.FIDGET, 4.0), {Activity.STANDING, Activity.UNKNOWN, Activity.ON_THE_SPOT}),
    (Part(Doing.STEP_ON_OFF, 5.0), {Activity.UNKNOWN, Activity.STANDING, Activity.ON_THE_SPOT}),
    (Part(Doing.WALK, 3.5, 1.0), {Activity.WALKING}),
    (Part(Doing.WALK, 3.5, 1.5, lean_deg=5.0), {Activity.WALKING}),
    (Part(Doing.WALK, 3.5, 2.0, lean_deg=5.0), {Activity.WALKING}),
)


@pytest.mark.parametrize(("fps", "height_cm", "facing", "seed"), SET_UPS)
def test_what_is_no_running_is_never_judged(fps, height_cm, facing, seed):
    ran = session((STAND, *(part for part, _ in NO_RUNNING)), fps, height_cm, facing, seed)
    assert ran.summary.steps == ()
    assert ran.summary.contacts == ()
    assert ran.summary.verdict == "not_judged"
    assert {r.verdict for r in ran.reports} == {"not_judged"}
    assert Activity.RUNNING not in {r.activity for r in ran.reports}
    for number, (part, expected) in enumerate(NO_RUNNING, 1):
        doing = {r.activity for r in ran.part(number, skip_s=1.6)}
        assert doing <= expected, part
        if len(expected) == 1:
            assert doing == expected, part


def test_the_runner_is_told_why():
    ran = session((STAND, *(part for part, _ in NO_RUNNING)), *SET_UPS[0])
    why = {part.doing: ran.part(n, skip_s=1.6)[-1].not_judged_because for n, (part, _) in enumerate(NO_RUNNING, 1)}
    assert why[Doing.SPOT_RUN] == why[Doing.MARCH] == "on the spot: running is judged on a moving belt only"
    assert why[Doing.SQUATS] == "moving, but not running"
    assert why[Doing.WALK] == "walking"


# ------------------------------------------------------------------ running, and the ways into it and out of it

SLOW_TO_FAST = (
    STAND, Part(Doing.RUN, 6.0, 2.0), STAND, Part(Doing.RUN, 6.0, 5.0), Part(Doing.WALK, 3.5, 1.2),
    Part(Doing.JOG, 7.0, 2.1), Part(Doing.WALK, 3.5, 1.5), Part(Doing.JOG, 6.0, 2.2, steps_per_min=165.0), STAND,
)  # fmt: skip


def test_running_is_judged_within_eight_steps_and_not_when_it_is_over():
    """Also slow jogging without any flight; who passes over into something else is counted as under way after that."""
    ran = session(SLOW_TO_FAST, *SET_UPS[0])
    for number, part in enumerate(SLOW_TO_FAST):
        if not part.doing.is_running:
            continue
        start_s, end_s = ran.programme.span_s(number)
        judged_s = [r.t_s for r in ran.part(number) if r.verdict != "not_judged"]
        eight_steps_s = 8.0 * 60.0 / (part.steps_per_min or 158.0)
        assert judged_s[0] < start_s + BLEND_S + max(3.0, eight_steps_s + 0.3), part
        assert all(r.verdict != "not_judged" for r in ran.part(number) if r.t_s >= judged_s[0]), part
        after_s = [r.t_s for r in ran.reports if end_s < r.t_s < end_s + 3.0 and r.verdict != "not_judged"]
        assert after_s[-1] < end_s + BLEND_S + 1.5, part


INTERVALS = (
    STAND, Part(Doing.WALK, 3.0, 1.4), Part(Doing.RUN, 5.0, 2.5, 3.5), Part(Doing.RUN, 4.0, 3.5, 4.5),
    Part(Doing.RUN, 4.0, 4.5, 2.4), Part(Doing.WALK, 3.0, 1.4), Part(Doing.RUN, 3.0, 3.0), Part(Doing.WALK, 2.5, 1.4),
)  # fmt: skip


@pytest.mark.parametrize(("fps", "height_cm", "facing", "seed"), SET_UPS)
def test_a_changing_belt_costs_no_running_step_and_brings_no_walking_one(fps, height_cm, facing, seed):
    ran = session(INTERVALS, fps, height_cm, facing, seed)
    programme, steps_s = ran.programme, np.array([step.t_s for step in ran.summary.steps])
    for number, part in enumerate(INTERVALS):
        start_s, end_s = programme.span_s(number)
        if not part.doing.is_running:
            # What passes over from running may still be a step of it.
            assert not ((steps_s > start_s + BLEND_S) & (steps_s < end_s)).any(), part
            continue
        true_s = np.array(programme.midstances(number))
        if not INTERVALS[number - 1].doing.is_running:
            true_s = true_s[2:]
        true_s = true_s[true_s < end_s - 0.3]
        missed_s = [t for t in true_s if np.abs(steps_s - t).min() > 0.12]
        assert missed_s == [], part
    assert np.diff(steps_s).min() > 0.2
    assert [cue for cue in ran.summary.cues if cue.because] == []


def test_no_swapped_label_matters():
    """Whatever the network calls the legs: the same numbers to the last bit."""
    programme = Programme((STAND, Part(Doing.RUN, 4.0, 3.0), Part(Doing.SPOT_RUN, 3.0)), noise_mm=10.0)
    states = []
    for swap in (0.0, 0.5):
        guard, seen = RunGuard(), []
        for pose in noisy(programme, 30.0, swap):
            guard.update(body_from_pose(pose, Facing.RIGHT), 540.0)
            seen.append((guard.activity, guard.correlation, guard.foot_travel_bh, guard.lift_travel_bh))
        states.append(seen)
    assert str(states[0]) == str(states[1])


# ------------------------------------------------------------------ properties of the states

CHANGES = (STAND, Part(Doing.WALK, 4.0, 1.3), Part(Doing.RUN, 5.0, 3.0), Part(Doing.WALK, 4.0, 1.3),
           Part(Doing.MARCH, 4.0))  # fmt: skip


def states_of(reports: tuple[CoachReport, ...]) -> list[tuple[Activity, float]]:
    """The row of states that lasted, each with the time it began; what could not be told is left out."""
    found: list[tuple[Activity, float]] = []
    for activity, group in itertools.groupby(reports, key=lambda r: r.activity):
        times_s = [r.t_s for r in group]
        lasted = times_s[-1] - times_s[0] > 0.8 and activity is not Activity.UNKNOWN
        if lasted and (not found or found[-1][0] is not activity):
            found.append((activity, times_s[0]))
    return found


def mirrored(pose: BodyPose) -> BodyPose:
    xy = np.array(pose.xy_px)[MIRROR]
    xy[:, 0] = (pose.image_size_px[0] - 1) - xy[:, 0]
    return BodyPose(pose.t_s, xy, pose.visibility[MIRROR], pose.image_size_px)


def test_states_do_not_depend_on_the_way_faced_nor_on_the_frames():
    usual = session(CHANGES, 60.0)
    states = states_of(usual.reports)
    assert [s for s, _ in states] == [
        Activity.STANDING, Activity.WALKING, Activity.RUNNING, Activity.WALKING, Activity.ON_THE_SPOT,
    ]  # fmt: skip
    other_way = coached(usual.programme, map(mirrored, usual.poses))
    assert states_of(other_way.reports) == states
    assert [s.t_s for s in other_way.summary.steps] == pytest.approx([s.t_s for s in usual.summary.steps])
    rng = np.random.default_rng(7)
    dropping = coached(usual.programme, (pose for pose in usual.poses if rng.random() > 0.1))
    for fewer in (dropping, session(CHANGES, 25.0)):
        found = states_of(fewer.reports)
        assert [s for s, _ in found] == [s for s, _ in states]
        assert [t for _, t in found] == pytest.approx([t for _, t in states], abs=0.45)


def test_a_step_nothing_was_seen_of_is_no_running_step():
    guard = RunGuard()
    assert not guard.ran(1.0, 1.4)
    assert guard.activity is Activity.UNKNOWN
    nothing, unseen = np.full((LANDMARK_COUNT, 2), np.nan), np.zeros(LANDMARK_COUNT)
    for k in range(60):
        pose = BodyPose(k / 30.0, nothing, unseen, (1280, 720))
        guard.update(body_from_pose(pose, Facing.RIGHT), 540.0)
    assert not guard.decided
    assert not guard.ran(0.5, 0.9)


def test_the_real_runner_runs_throughout(mocap):
    """The motion capture begins in full run: it is known as such within a second and never doubted again."""
    rng = np.random.default_rng(100)
    coach, px_per_mm = CoachModel(profile=RunnerProfile(181.0)), 0.3
    seen = []
    for pose in mocap("runner_a_run.trc")[::4]:
        xy = pose.xy_px + 10.0 * px_per_mm * rng.standard_normal(pose.xy_px.shape)
        noisy_pose = BodyPose(pose.t_s, xy, pose.visibility, pose.image_size_px)
        seen.append(coach.update(with_legs_swapped(noisy_pose) if rng.random() < 0.2 else noisy_pose))
    start_s = seen[0].t_s
    assert {r.activity for r in seen if r.t_s > start_s + 1.3} == {Activity.RUNNING}
