"""Sorting the legs: landmarks of the virtual runner, spoilt on purpose in the ways the network spoils them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.geometry import body_from_pose
from app.coach.types import BodyPose, Doubt, Facing, FloatArray, Frame, Landmark
from app.pose.legs import LegSorter
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.pose.parity import VOTE_STEPS, Ankles, NearVote, StepParity
from app.sim.acts import Act, RunnerParams
from app.sim.landmarks import MIRROR
from app.sim.scene import VirtualScene

STANDING_S, END_S = 1.5, 8.5
LEFT = [int(Landmark[f"LEFT_{name}"]) for name in ("KNEE", "ANKLE", "HEEL", "TOE")]
RIGHT = [row + 1 for row in LEFT]
ANKLES = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
Spoil = Callable[[FloatArray, int], None]


def scene_of(facing: Facing = Facing.RIGHT, act: Act = Act.GOOD) -> VirtualScene:
    return VirtualScene(RunnerParams(act=act, facing=facing, standing_s=STANDING_S))


def poses_of(scene: VirtualScene, fps: float = 60.0, spoil: Spoil | None = None) -> list[BodyPose]:
    """Return the scene's true landmarks as if a network had found them, spoilt."""
    poses = []
    for index in range(round(END_S * fps)):
        pose = scene.landmarks_at(index / fps)
        xy_px = np.array(pose.xy_px)
        if spoil is not None:
            spoil(xy_px, index)
        poses.append(replace(pose, xy_px=xy_px, markers=False))
    return poses


def exchange(xy_px: FloatArray) -> None:
    xy_px[LEFT + RIGHT] = xy_px[RIGHT + LEFT]


def split(pose: BodyPose) -> float:
    """Left ankle right of the right one in the image, trunk lengths."""
    body = body_from_pose(pose, Facing.RIGHT)
    return float(pose.xy_px[ANKLES[0], 0] - pose.xy_px[ANKLES[1], 0]) / body.trunk_px


def refine_all(poses: Iterable[BodyPose], facing: Facing = Facing.RIGHT) -> tuple[LegSorter, list[BodyPose]]:
    sorter = LegSorter()
    return sorter, [sorter.refine(pose, facing) for pose in poses]


def wrong_sides(scene: VirtualScene, refined: list[BodyPose]) -> list[float]:
    """Return the times, once sides are given, at which a leg apart from the other has the other's label."""
    wrong = []
    for pose in refined:
        true = scene.landmarks_at(pose.t_s)
        if pose.sides and abs(split(true)) > 0.45 and split(true) * split(pose) < 0.0:
            wrong.append(pose.t_s)
    return wrong


@pytest.fixture(scope="module")
def right() -> VirtualScene:
    return scene_of()


@pytest.fixture(scope="module")
def clean(right: VirtualScene) -> list[BodyPose]:
    return poses_of(right)


def test_true_labels_stay_and_every_step_is_counted(right: VirtualScene, clean: list[BodyPose]) -> None:
    sorter, refined, counted = LegSorter(), [], []
    for pose in clean:
        before = sorter.steps
        refined.append(sorter.refine(pose, Facing.RIGHT))
        if sorter.steps > before:
            counted.append(pose.t_s)
    passed = [b.t_s for a, b in itertools.pairwise(clean) if split(a) * split(b) < 0.0]
    running = [t_s for t_s in passed if STANDING_S + 1.0 < t_s < END_S - 0.1]
    assert len(running) > 15
    for t_s in running:
        assert sum(0.0 <= c - t_s <= 0.05 for c in counted) == 1
    assert sum(c > STANDING_S + 1.0 for c in counted) <= len(running) + 1
    assert sorter.swaps_repaired == 0
    assert refined[-1].sides
    assert wrong_sides(right, refined) == []
    assert not sorter.near_undecided
    assert sorter.contrast > 0.9


def test_sides_are_given_only_after_the_vote(clean: list[BodyPose]) -> None:
    sorter = LegSorter()
    for pose in clean:
        if sorter.refine(pose, Facing.RIGHT).sides:
            break
    assert VOTE_STEPS <= sorter.steps <= VOTE_STEPS + 1


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_random_swaps_are_repaired(facing: Facing, fps: float) -> None:
    scene = scene_of(facing)
    swapped = np.random.default_rng(7).random(round(END_S * fps)) < 0.2

    def spoil(xy_px: FloatArray, index: int) -> None:
        if swapped[index]:
            exchange(xy_px)

    sorter, refined = refine_all(poses_of(scene, fps, spoil), facing)
    assert refined[-1].sides
    assert wrong_sides(scene, refined) == []
    running = sum(swapped[round((STANDING_S + 2.0) * fps) :])
    assert sorter.swaps_repaired >= 0.9 * running


def test_labels_that_mean_front_and_rear_are_a_tie_and_the_user_is_asked(right: VirtualScene) -> None:
    def spoil(xy_px: FloatArray, index: int) -> None:
        if xy_px[ANKLES[0], 0] > xy_px[ANKLES[1], 0]:
            exchange(xy_px)

    poses = poses_of(right, spoil=spoil)
    sorter, refined = refine_all(poses)
    asked = sorter.near_undecided
    assert asked
    assert not any(pose.sides for pose in refined)
    after = replace(poses[-1], t_s=poses[-1].t_s + 1 / 60)
    correct = split(refined[-1]) * split(right.landmarks_at(refined[-1].t_s)) > 0.0
    sorter.exchange_sides()
    if correct:
        sorter.exchange_sides()
    answered = sorter.refine(after, Facing.RIGHT)
    assert answered.sides
    assert not sorter.near_undecided
    assert split(answered) * split(right.landmarks_at(END_S - 1 / 60)) > 0.0
    sorter.exchange_sides()
    assert split(sorter.refine(replace(after, t_s=after.t_s + 1 / 60), Facing.RIGHT)) * split(answered) < 0.0


def test_mirrored_input_gives_mirrored_output() -> None:
    poses = poses_of(scene_of(Facing.RIGHT), 30.0)
    width = poses[0].image_size_px[0]

    def mirror(pose: BodyPose) -> BodyPose:
        xy_px = np.array(pose.xy_px)[MIRROR]
        xy_px[:, 0] = width - xy_px[:, 0]
        return replace(pose, xy_px=xy_px)

    _, straight = refine_all(poses, Facing.RIGHT)
    _, mirrored = refine_all([mirror(pose) for pose in poses], Facing.LEFT)
    for one, other in zip(straight, mirrored, strict=True):
        np.testing.assert_allclose(mirror(one).xy_px, other.xy_px, atol=1e-6)
        assert (one.sides, one.doubts) == (other.sides, other.doubts)


def test_dropped_frames_change_nothing(right: VirtualScene, clean: list[BodyPose]) -> None:
    whole, _ = refine_all(clean)
    for kept in ([p for i, p in enumerate(clean) if i % 3], clean[::2], clean[::3]):
        sorter, refined = refine_all(kept)
        assert sorter.steps == whole.steps
        assert refined[-1].sides
        assert wrong_sides(right, refined) == []


def test_a_frame_with_both_legs_in_one_is_dropped_and_makes_no_step(right: VirtualScene, clean: list[BodyPose]) -> None:
    spoilt = []
    for index, pose in enumerate(clean):
        xy_px = np.array(pose.xy_px)
        merged = pose.t_s > STANDING_S + 2.0 and abs(split(pose)) > 1.1 and index % 4 == 0
        if merged:
            xy_px[LEFT] = (xy_px[LEFT] + xy_px[RIGHT]) / 2.0
            xy_px[RIGHT] = xy_px[LEFT] + 2.0
        spoilt.append((replace(pose, xy_px=xy_px), merged))
    whole, _ = refine_all(clean)
    sorter, refined = refine_all([pose for pose, _ in spoilt])
    assert sorter.steps == whole.steps
    dropped = [pose for pose, (_, merged) in zip(refined, spoilt, strict=True) if merged]
    assert len(dropped) > 15
    assert all(np.isnan(pose.xy_px[ANKLES]).all() and Doubt.LEGS_CROSSING in pose.doubts for pose in dropped)
    assert wrong_sides(right, refined) == []


def test_a_handle_taken_for_the_front_leg_is_no_leg(clean: list[BodyPose]) -> None:
    sorter = LegSorter()
    for index, pose in enumerate(clean):
        xy_px = np.array(pose.xy_px)
        body = body_from_pose(pose, Facing.RIGHT)
        front = LEFT if split(pose) > 0 else RIGHT
        handle = abs(split(pose)) > 1.1 and index % 3 == 0
        if handle:
            xy_px[front] = np.array((body.hip[0] + 0.9 * body.trunk_px, -body.hip[1] + 0.4 * body.trunk_px))
        refined = sorter.refine(replace(pose, xy_px=xy_px), Facing.RIGHT)
        gone = int(np.isnan(refined.xy_px[ANKLES, 0]).sum())
        assert gone == int(handle), pose.t_s
        assert not handle or Doubt.LEGS_CROSSING in refined.doubts
    assert sorter.steps > 15


def test_crossings_are_doubted_and_legs_apart_are_not(clean: list[BodyPose]) -> None:
    _, refined = refine_all(clean)
    running = [pose for pose in refined if pose.t_s > STANDING_S + 2.0]
    assert all(Doubt.LEGS_CROSSING in pose.doubts for pose in running if abs(split(pose)) < 0.45)
    assert not any(Doubt.LEGS_CROSSING in pose.doubts for pose in running if abs(split(pose)) > 1.1)


def test_standing_is_left_alone(clean: list[BodyPose]) -> None:
    standing = clean[: round(STANDING_S * 60)]
    assert len(standing) == round(STANDING_S * 60)
    _, refined = refine_all(standing)
    for before, after in zip(standing, refined, strict=True):
        np.testing.assert_array_equal(before.xy_px, after.xy_px)
        assert not after.doubts
        assert not after.sides


def test_markers_and_unknown_facing_are_left_alone(right: VirtualScene, clean: list[BodyPose]) -> None:
    sorter = LegSorter()
    markers = right.landmarks_at(5.0)
    assert sorter.refine(markers, Facing.RIGHT) is markers
    assert sorter.refine(clean[300], Facing.UNKNOWN) is clean[300]
    nobody = BodyPose.nobody(5.0, (1280, 720))
    assert sorter.refine(nobody, Facing.RIGHT) is nobody


@pytest.mark.parametrize("act", [Act.GOOD, Act.STANDING_UP])
@pytest.mark.parametrize("spoilt", [False, True])
def test_the_stance_knee_is_right_though_the_knees_are_drawn_together(act: Act, spoilt: bool) -> None:
    """Knees pulled together by 30 % and hips up by 3 % of the trunk as the legs meet: 10 deg too straight."""
    scene = scene_of(Facing.RIGHT, act)

    def spoil(xy_px: FloatArray, _: int) -> None:
        trunk_px = float(np.linalg.norm(xy_px[[5, 6]].mean(axis=0) - xy_px[[11, 12]].mean(axis=0)))
        near = 1.0 - min(abs(float(xy_px[ANKLES[0], 0] - xy_px[ANKLES[1], 0])) / trunk_px, 1.0)
        middle = (xy_px[LEFT[0]] + xy_px[RIGHT[0]]) / 2.0
        xy_px[[LEFT[0], RIGHT[0]]] += 0.3 * min(2.0 * near, 1.0) * (middle - xy_px[[LEFT[0], RIGHT[0]]])
        xy_px[[11, 12], 1] -= 0.03 * min(2.0 * near, 1.0) * trunk_px

    _, refined = refine_all(poses_of(scene, spoil=spoil if spoilt else None))
    errors_deg = []
    for contact in scene.contacts(STANDING_S + 3.0, END_S - 0.4):
        at_s = contact.initial_contact_s + 0.45 * contact.duration_s
        pose = min(refined, key=lambda p, at_s=at_s: abs(p.t_s - at_s))  # type: ignore[misc]  # at_s bound per turn
        body, true = body_from_pose(pose, Facing.RIGHT), body_from_pose(scene.landmarks_at(pose.t_s), Facing.RIGHT)
        leg, true_leg = body.lower_leg, true.lower_leg
        assert leg is not None
        assert true_leg is not None
        errors_deg.append(body.knee_deg(leg) - true.knee_deg(true_leg))
    assert len(errors_deg) >= 8
    assert abs(float(np.mean(errors_deg))) < 3.0


def test_a_gap_loses_the_count_and_sides_are_asked_again(clean: list[BodyPose]) -> None:
    sorter, _ = refine_all([pose for pose in clean if pose.t_s < 6.0])
    later = [pose for pose in clean if pose.t_s > 6.5]
    first = sorter.refine(later[0], Facing.RIGHT)
    assert not first.sides
    assert sorter.steps == 0


def test_turning_round_starts_anew(clean: list[BodyPose]) -> None:
    sorter, _ = refine_all(clean)
    swaps = sorter.swaps_repaired
    sorter.refine(replace(clean[-1], t_s=END_S), Facing.LEFT)
    assert sorter.steps == 0
    assert sorter.swaps_repaired == swaps


def test_the_vote_weighs_both_sides_equally() -> None:
    """Leg 0 in front in ten times as many frames, the front leg always called right: no majority, a tie."""
    vote = NearVote()
    for _ in range(VOTE_STEPS + 2):
        vote.new_step()
        for _ in range(10):
            vote.add(0, front_is_right=True)
        vote.add(1, front_is_right=True)
    assert vote.support() == pytest.approx(0.0)
    assert vote.right is None


def test_a_missed_step_is_noticed_by_the_vote() -> None:
    vote = NearVote()
    for step in range(40):
        vote.new_step()
        front = step % 2 if step < 20 else (step + 1) % 2
        for _ in range(8):
            vote.add(front, front_is_right=step % 2 == 0)
    assert vote.right == 1


def test_the_same_time_again_counts_once() -> None:
    parity = StepParity()
    for t_s, rise in ((0.0, 0.4), (0.1, 0.4), (0.2, -0.3), (0.2, 0.4), (0.2, -0.3)):
        parity.lapse(t_s)
        parity.update(Ankles(t_s, -0.5, 0.8, rise))
    assert parity.steps == 1


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-0.5, 0.5) | st.sampled_from([0.0, 1e300]),
            st.lists(st.tuples(st.integers(0, 21), st.sampled_from([float("nan"), 0.0, 1e9, -50.0])), max_size=4),
        ),
        min_size=5,
        max_size=30,
    ),
    st.sampled_from(list(Facing)),
)
def test_odd_landmarks_and_times_never_raise(
    clean: list[BodyPose], damage: list[tuple[float, list[tuple[int, float]]]], facing: Facing
) -> None:
    sorter = LegSorter()
    for pose in clean[200:240]:
        sorter.refine(pose, facing)
    t_s = clean[240].t_s
    for index, (step_s, changes) in enumerate(damage):
        t_s += step_s
        xy_px = np.array(clean[240 + index].xy_px)
        for row, value in changes:
            xy_px[row] = value
        refined = sorter.refine(replace(clean[240 + index], xy_px=xy_px, t_s=t_s), facing)
        assert refined.xy_px.shape == xy_px.shape


@pytest.mark.model
def test_front_and_rear_of_the_real_network_are_right_where_not_doubted(model_path: Path) -> None:
    scene = VirtualScene(RunnerParams(standing_s=0.0))
    sorter, seen = LegSorter(), 0
    with MediaPipeEstimator(model_path) as estimator:
        for index in range(40):
            t_s = 2.0 + index / 30
            found = estimator.estimate(Frame(index, t_s, scene.image_at(t_s, index))).pose
            pose = sorter.refine(found, Facing.RIGHT)
            true = body_from_pose(scene.landmarks_at(t_s), Facing.RIGHT)
            body = body_from_pose(pose, Facing.RIGHT)
            if sorter.steps < 2 or Doubt.LEGS_CROSSING in pose.doubts or true.split_px < 0.45 * true.trunk_px:
                continue
            assert body.front_leg is not None
            assert true.front_leg is not None
            assert abs(body.front_leg.ankle[0] - true.front_leg.ankle[0]) < 0.25 * true.trunk_px
            seen += 1
    assert seen > 10
