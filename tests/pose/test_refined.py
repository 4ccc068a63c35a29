"""The whole refinement on a scripted network: true landmarks, spoilt as networks spoil them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest

from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.summary import CoachSummary
from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt, Facing, Frame, ImageArray, Landmark, RunnerProfile
from app.pose.estimator import Estimate
from app.pose.refined import ALL_PARTS, Part, RefinedEstimator
from app.sim.acts import Act, RunnerParams
from app.sim.landmarks import MIRROR
from app.sim.scene import VirtualScene

FPS = 30
LEGS = [Landmark[f"{side}_{name}"] for name in ("KNEE", "ANKLE", "HEEL", "TOE") for side in ("LEFT", "RIGHT")]
EXCHANGED = [LEGS[i ^ 1] for i in range(len(LEGS))]

Spoil = Callable[[int, BodyPose], BodyPose]


class Scripted:
    """A network whose answers are known."""

    def __init__(self, poses: Iterable[BodyPose]) -> None:
        self._poses = iter(poses)
        self.restarts = 0
        self.looked_at: list[tuple[float, float]] = []
        self.closed = False
        self.images: list[ImageArray] = []

    def estimate(self, frame: Frame) -> Estimate:
        if frame.image_bgr is not None:
            self.images.append(frame.image_bgr)
        return Estimate(next(self._poses))

    def restart(self) -> None:
        self.restarts += 1

    def look_at(self, point_px: tuple[float, float]) -> None:
        self.looked_at.append(point_px)

    def close(self) -> None:
        self.closed = True


def seen(pose: BodyPose) -> BodyPose:
    """The pose as a network gives it: no crown, and no promise that labels hold."""
    xy_px = pose.xy_px.copy()
    xy_px[Landmark.HEAD_TOP] = np.nan
    return replace(pose, xy_px=xy_px, markers=False, sides=False)


def exchanged(pose: BodyPose) -> BodyPose:
    """The pose with the labels of its legs exchanged."""
    xy_px = pose.xy_px.copy()
    xy_px[LEGS] = xy_px[EXCHANGED]
    return replace(pose, xy_px=xy_px)


def mirrored(pose: BodyPose) -> BodyPose:
    xy_px = pose.xy_px[MIRROR].copy()
    xy_px[:, 0] = pose.image_size_px[0] - 1 - xy_px[:, 0]
    return replace(pose, xy_px=xy_px, visibility=pose.visibility[MIRROR])


def run_of(act: Act = Act.GOOD, seconds: float = 13.0, facing: Facing = Facing.RIGHT, seed: int = 3) -> list[BodyPose]:
    scene = VirtualScene(RunnerParams(act=act, facing=facing, seed=seed))
    return [seen(scene.landmarks_at(k / FPS)) for k in range(round(seconds * FPS))]


def refined(poses: list[BodyPose], parts: frozenset[Part] = ALL_PARTS) -> list[BodyPose]:
    with RefinedEstimator(Scripted(poses), parts=parts) as estimator:
        return [estimator.estimate(Frame(k, pose.t_s)).pose for k, pose in enumerate(poses)]


def coached(poses: list[BodyPose]) -> CoachSummary:
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    for pose in refined(poses):
        coach.update(pose)
    coach.finish()
    return coach.summary()


def random_swaps(poses: list[BodyPose], share: float = 0.2) -> list[BodyPose]:
    rng = np.random.default_rng(5)
    return [exchanged(pose) if rng.random() < share else pose for pose in poses]


@pytest.mark.parametrize("facing", [Facing.LEFT, Facing.RIGHT])
def test_labels_exchanged_in_a_fifth_of_the_frames_are_put_right(facing: Facing) -> None:
    truth = run_of(facing=facing)
    found = refined(random_swaps(truth))

    sorted_out = [k for k, pose in enumerate(found) if pose.sides and Doubt.LEGS_CROSSING not in pose.doubts]
    wrong = [k for k in sorted_out if np.hypot(*(found[k][Landmark.LEFT_ANKLE] - truth[k][Landmark.LEFT_ANKLE])) > 1.0]
    assert len(sorted_out) > 3 * FPS
    assert len(wrong) <= 0.005 * len(sorted_out)


@pytest.mark.parametrize("act", [Act.GOOD, Act.UPRIGHT, Act.PELVIS_DRIFT, Act.STANDING_UP])
def test_dropping_every_third_frame_changes_no_verdict(act: Act) -> None:
    poses = random_swaps(run_of(act))

    assert coached(poses).verdict == coached([pose for k, pose in enumerate(poses) if k % 3]).verdict == act.value


def test_the_mirror_image_gives_the_mirror_image() -> None:
    poses = random_swaps(run_of(seconds=9.0))

    for right, left in zip(refined(poses), refined([mirrored(pose) for pose in poses]), strict=True):
        assert right.doubts == left.doubts
        assert right.sides == left.sides
        np.testing.assert_allclose(mirrored(right).xy_px, left.xy_px, atol=1e-6)


def test_mirrored_running_is_judged_alike() -> None:
    poses = run_of(Act.ANKLE_LEAN)
    right, left = coached(poses), coached([mirrored(pose) for pose in poses])

    assert right.verdict == left.verdict == "ankle_lean"
    assert {"left": "right", "right": "left"}[right.contacts[-1].side] == left.contacts[-1].side


def test_nobody_for_five_seconds_and_then_somebody_of_another_size_is_a_new_subject() -> None:
    poses = run_of(seconds=8.0)
    last_s = poses[-1].t_s
    gone = [BodyPose.nobody(last_s + (k + 1) / FPS, (1280, 720)) for k in range(5 * FPS)]
    smaller = [
        replace(pose, t_s=gone[-1].t_s + (k + 1) / FPS, xy_px=0.7 * pose.xy_px + (700.0, 80.0))
        for k, pose in enumerate(poses[: 3 * FPS])
    ]
    script = [*poses, *gone, *smaller]
    with RefinedEstimator(Scripted(script)) as estimator:
        estimates = [estimator.estimate(Frame(k, pose.t_s)) for k, pose in enumerate(script)]

    assert estimates[len(poses) - 1].tracking.subject_switches == 0
    assert not any(estimate.pose.seen for estimate in estimates[len(poses) : len(poses) + len(gone)])
    assert estimates[-1].pose.seen
    assert estimates[-1].tracking.subject_switches == 1


def test_somebody_in_front_pauses_and_the_network_is_sent_back_to_the_runner() -> None:
    poses = run_of(seconds=9.0)
    jumped = 6 * FPS
    script = [
        replace(pose, xy_px=1.4 * pose.xy_px + (-420.0, -150.0)) if jumped <= k < jumped + FPS // 2 else pose
        for k, pose in enumerate(poses)
    ]
    network = Scripted(script)
    with RefinedEstimator(network) as estimator:
        found = [estimator.estimate(Frame(k, pose.t_s)).pose for k, pose in enumerate(script)]

    during, after = found[jumped : jumped + FPS // 2], found[jumped + FPS // 2 :]
    assert not any(pose.seen for pose in during)
    assert all("runner" in pose.absence or "somebody" in pose.absence for pose in during)
    assert network.restarts >= 1
    hip_px = (poses[jumped - 1][Landmark.LEFT_HIP] + poses[jumped - 1][Landmark.RIGHT_HIP]) / 2.0
    assert np.hypot(*(np.array(network.looked_at[0]) - hip_px)) < 150.0, "sent to where the runner was"
    first = next(k for k, pose in enumerate(after) if pose.seen)
    assert first / FPS <= 1.0
    assert all(pose.seen for pose in after[first:])


def test_a_click_sends_the_network_to_the_point() -> None:
    network = Scripted([])
    RefinedEstimator(network).choose((500.0, 300.0))

    assert network.restarts == 1
    assert network.looked_at == [(500.0, 300.0)]


def test_a_runner_who_leaps_with_the_whole_picture_is_the_runner_still() -> None:
    scene = VirtualScene(RunnerParams(standing_s=30.0), noise=None)
    image, shift_px = scene.image_at(1.0), 250
    moved = np.roll(image, shift_px, axis=1)
    truth = [seen(scene.landmarks_at(k / FPS)) for k in range(7 * FPS)]
    knocked = 4 * FPS
    poses = [p if k < knocked else replace(p, xy_px=p.xy_px + np.array((shift_px, 0.0))) for k, p in enumerate(truth)]
    with RefinedEstimator(Scripted(poses)) as estimator:
        found = [
            estimator.estimate(Frame(k, pose.t_s, image if k < knocked else moved)) for k, pose in enumerate(poses)
        ]

    assert sum(Doubt.CAMERA_MOVED in estimate.pose.doubts for estimate in found) == 1
    assert not found[knocked].pose.seen, "it looks like somebody else at first"
    assert all(estimate.pose.seen for estimate in found[knocked + FPS :])
    assert found[-1].tracking.subject_switches == 0


def test_a_click_opens_the_picture_to_who_stood_where_it_was_painted() -> None:
    poses = run_of(seconds=5.0)
    image = np.full((720, 1280, 3), 77, np.uint8)
    network = Scripted(poses)
    estimator = RefinedEstimator(network)
    frames = [Frame(k, pose.t_s, image) for k, pose in enumerate(poses)]
    for frame in frames[:-5]:
        estimator.estimate(frame)
    assert network.images[-1][300, 40, 0] != 77, "the picture's edge is painted out"

    estimator.choose((40.0, 300.0))
    waiting = [estimator.estimate(frame) for frame in frames[-5:]]

    assert all(shown[300, 40, 0] == 77 for shown in network.images[-5:])
    assert not any(estimate.pose.seen or estimate.tracking.hidden for estimate in waiting)


def spoilt_by(name: str) -> Spoil:
    rng = np.random.default_rng(8)

    def holes(_: int, pose: BodyPose) -> BodyPose:
        xy_px = pose.xy_px.copy()
        xy_px[rng.random(LANDMARK_COUNT) < 0.3] = np.nan
        return replace(pose, xy_px=xy_px)

    return {
        "holes": holes,
        "time standing still": lambda k, pose: replace(pose, t_s=pose.t_s - (k % 7 == 0) / FPS),
        "time going back": lambda k, pose: replace(pose, t_s=pose.t_s - 3.0 * (k == 100)),
        "all in one place": lambda k, pose: (
            replace(pose, xy_px=np.full((LANDMARK_COUNT, 2), 5.0)) if k % 9 == 0 else pose
        ),
        "far outside": lambda k, pose: replace(pose, xy_px=pose.xy_px * (1e6 if k % 11 == 0 else 1.0)),
    }[name]


@pytest.mark.parametrize("name", ["holes", "time standing still", "time going back", "all in one place", "far outside"])
def test_no_input_is_bad_enough_to_raise(name: str) -> None:
    spoil = spoilt_by(name)
    poses = [spoil(k, pose) for k, pose in enumerate(run_of(seconds=6.0))]

    assert len(refined(poses)) == len(poses)


def test_a_knocked_camera_is_told_once_and_makes_the_standing_reference_stale() -> None:
    scene = VirtualScene(RunnerParams(standing_s=3.0), noise=None)
    still = scene.image_at(1.0)
    moved = np.roll(still, (9, 30), axis=(0, 1))
    frames = [Frame(k, k / 10, still if k < 40 else moved) for k in range(60)]
    poses = [seen(scene.landmarks_at(min(frame.t_s, 2.9))) for frame in frames]
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    told = []
    with RefinedEstimator(Scripted([replace(p, t_s=f.t_s) for p, f in zip(poses, frames, strict=True)])) as estimator:
        for frame in frames:
            pose = estimator.estimate(frame).pose
            report = coach.update(pose)
            if Doubt.CAMERA_MOVED in pose.doubts:
                told.append(frame.t_s)
                assert report.standing.capturing, "a new one is asked for at once"

    assert len(told) == 1
    assert 4.0 <= told[0] <= 5.0
    assert any("camera was moved" in line for line in coach.summary().warnings)


def test_each_part_can_be_left_out() -> None:
    poses = run_of(seconds=4.5)

    bare = refined(poses, parts=frozenset())
    no_legs = refined(poses, parts=ALL_PARTS - {Part.LEGS})

    assert all(np.array_equal(a.xy_px, b.xy_px, equal_nan=True) for a, b in zip(bare, poses, strict=True))
    assert not any(Doubt.LEGS_CROSSING in pose.doubts for pose in no_legs)
    assert all(Doubt.HEAD_BY_EAR in pose.doubts for pose in no_legs), "there is no mask here"


def test_closing_closes_the_network() -> None:
    network = Scripted([])
    RefinedEstimator(network).close()

    assert network.closed


def still_and_knocked(times_knocked: int) -> tuple[list[Frame], VirtualScene]:
    """Pictures of a standing runner, 10 a second, from a camera that is knocked every 4 s."""
    scene = VirtualScene(RunnerParams(standing_s=60.0))
    still = scene.image_at(1.0)
    frames = []
    for k in range(40 * (times_knocked + 1)):
        knock = min(k // 40, times_knocked)
        frames.append(Frame(k, k / 10, np.roll(still, (9 * knock, 30 * knock), axis=(0, 1))))
    return frames, scene


def test_a_camera_held_in_the_hand_is_told_once_and_takes_only_the_heights() -> None:
    frames, scene = still_and_knocked(4)
    poses = [replace(seen(scene.landmarks_at(1.0)), t_s=frame.t_s) for frame in frames]
    coach, told = CoachModel(Mode.RUN, RunnerProfile(178.0)), []
    with RefinedEstimator(Scripted(poses)) as estimator:
        for frame in frames:
            pose = estimator.estimate(frame).pose
            told.append(pose.doubts & {Doubt.CAMERA_MOVED, Doubt.CAMERA_UNSTEADY})
            report = coach.update(pose)

    assert sum(Doubt.CAMERA_MOVED in doubts for doubts in told) == 2
    assert Doubt.CAMERA_UNSTEADY in told[-1]
    assert report.tunnel is None
    assert "no longer fits" not in report.not_judged_because
    assert [line for line in coach.summary().warnings if "not still" in line]


def test_the_chosen_person_is_somebody_else_to_the_coach_and_is_told_once() -> None:
    poses = run_of(seconds=9.0)
    half = len(poses) // 2
    coach, told = CoachModel(Mode.RUN, RunnerProfile(178.0)), 0
    with RefinedEstimator(Scripted(poses)) as estimator:
        for k, pose in enumerate(poses):
            if k == half:
                hip = pose[Landmark.LEFT_HIP]
                estimator.choose((float(hip[0]), float(hip[1])))
            found = estimator.estimate(Frame(k, pose.t_s)).pose
            told += Doubt.SOMEBODY_ELSE in found.doubts
            coach.update(found)

    assert told == 1
    assert any("somebody else" in line for line in coach.summary().warnings)


def test_sides_can_be_exchanged_by_the_user() -> None:
    poses = run_of(seconds=9.0)
    with RefinedEstimator(Scripted(poses)) as estimator:
        found = []
        for k, pose in enumerate(poses):
            if k == len(poses) - 30:
                estimator.exchange_sides()
            found.append(estimator.estimate(Frame(k, pose.t_s)).pose)

    before, after = found[len(poses) - 31], found[-1]
    truth = poses[len(poses) - 31], poses[-1]
    assert np.hypot(*(before[Landmark.LEFT_TOE] - truth[0][Landmark.LEFT_TOE])) < 1.0
    assert np.hypot(*(after[Landmark.LEFT_TOE] - truth[1][Landmark.RIGHT_TOE])) < 1.0
