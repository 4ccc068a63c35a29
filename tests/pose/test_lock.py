"""The lock on one person: the virtual runner, and what a network makes of somebody who walks in front."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, Landmark
from app.pose.lock import BEHIND, IN_FRONT, SOMEBODY_ELSE, WAITING, SubjectLock, Verdict, place_of
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Bystander, Extras
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene

FPS = 30.0
SIZE = (1280, 720)
#: px; of the default camera.
TRUNK = 158.0
HIP = np.array((640.0, 400.0))


def person(t_s: float, x_trunks: float = 0.0, size: float = 1.0, up_trunks: float = 0.0) -> BodyPose:
    """A standing body: so many trunk lengths right of the middle and up, so many times as large as the runner."""
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    heights = {"EAR": 1.45, "SHOULDER": 1.0, "HIP": 0.0, "KNEE": -0.85, "ANKLE": -1.65, "TOE": -1.8}
    for name, height in heights.items():
        for side in ("LEFT", "RIGHT"):
            ahead = 0.3 if name == "TOE" else 0.0
            xy[Landmark[f"{side}_{name}"]] = HIP + TRUNK * np.array(
                (x_trunks + size * ahead, -up_trunks - size * height)
            )
    return BodyPose(t_s, xy, np.ones(LANDMARK_COUNT), SIZE)


def nobody(t_s: float) -> BodyPose:
    return BodyPose.nobody(t_s, SIZE)


def times(start_s: float, end_s: float, fps: float = FPS) -> list[float]:
    return [start_s + k / fps for k in range(round((end_s - start_s) * fps))]


def judged(poses: Iterable[BodyPose], lock: SubjectLock | None = None) -> list[tuple[float, Verdict]]:
    lock = lock if lock is not None else SubjectLock()
    return [(pose.t_s, lock.judge(pose)) for pose in poses]


def refused(verdicts: list[tuple[float, Verdict]]) -> list[float]:
    return [t_s for t_s, verdict in verdicts if not verdict.keep]


def mirrored(pose: BodyPose) -> BodyPose:
    xy = pose.xy_px.copy()
    xy[:, 0] = SIZE[0] - 1 - xy[:, 0]
    order = list(range(LANDMARK_COUNT))
    for k in range(1, Landmark.HEAD_TOP, 2):
        order[k], order[k + 1] = k + 1, k
    return replace(pose, xy_px=xy[order])


def dragged(t_s: float, x_trunks: float) -> BodyPose:
    """What the network gives as a walker, larger and 2.5 trunk lengths a second fast, takes the track over at 3 s.

    First towards the walker within 0.1 s, then along (measured on rendered scenes).
    """
    taken = min(max((t_s - 3.0) / 0.1, 0.0), 1.0)
    walker = -0.6 + 2.5 * (t_s - 3.0)
    return person(t_s, x_trunks * taken * walker, 1.0 + 0.35 * taken)


@pytest.fixture(scope="module")
def runs() -> dict[str, list[BodyPose]]:
    """Five seconds of the virtual runner, with a network's noise, for some acts and either direction."""
    found = {}
    for act in (Act.GOOD, Act.DRILL_TUNNEL_MARCH, Act.DRILL_HINGE):
        for facing in (Facing.RIGHT, Facing.LEFT):
            noise = Noise(landmark_sd_px=2.5)
            scene = VirtualScene(RunnerParams(act=act, facing=facing, standing_s=2.0, speed_m_s=4.5), noise=noise)
            found[f"{act.value} {facing.value}"] = [scene.landmarks_at(t_s) for t_s in times(0.0, 5.0, 60.0)]
    return found


@pytest.mark.parametrize("thinned", ["60 fps", "30 fps", "every third dropped"])
def test_a_runner_alone_is_never_refused(runs: dict[str, list[BodyPose]], thinned: str) -> None:
    keep: dict[str, Callable[[int], bool]] = {
        "60 fps": lambda k: True,
        "30 fps": lambda k: k % 2 == 0,
        "every third dropped": lambda k: k % 3 != 2,
    }
    for name, poses in runs.items():
        verdicts = judged(pose for k, pose in enumerate(poses) if keep[thinned](k))
        assert refused(verdicts) == [], name
        assert not any(verdict.restart for _, verdict in verdicts)


def jump(t_s: float) -> BodyPose:
    """0.5 m of a jump (one trunk length): 3.1 m/s upwards out of a crouch of 0.3 s."""
    s = t_s - 3.0
    crouch = -0.8 * math.sin(math.pi * min(max(s / 0.3, 0.0), 1.0)) ** 2
    flight = max(0.0, 6.3 * (s - 0.3) - 0.5 * 19.6 * (s - 0.3) ** 2) if s > 0.3 else 0.0
    return person(t_s, up_trunks=crouch + flight)


def sit_down(t_s: float) -> BodyPose:
    """The hip goes down and back by a thigh's length within 0.8 s."""
    s = min(max((t_s - 3.0) / 0.8, 0.0), 1.0)
    return person(t_s, -0.8 * s, up_trunks=-0.8 * s)


def walked(s: float) -> float:
    """Trunk lengths walked s seconds after setting off: 1.5 m/s, reached within 0.4 s."""
    return 0.0 if s < 0.0 else 3.0 * (s * s / 0.8 if s < 0.4 else s - 0.2)


def walk_in_and_stop(t_s: float) -> BodyPose:
    """In from the edge to the place at 1.5 m/s, and off again."""
    return person(t_s, walked(t_s - 6.0) - walked(2.0 - t_s))


def turn_round(t_s: float) -> BodyPose:
    """Half a turn within a second: the face points the other way, the trunk looks wider."""
    pose = person(t_s)
    s = min(max(t_s - 3.0, 0.0), 1.0)
    xy = pose.xy_px.copy()
    half_px = 0.35 * TRUNK * math.sin(math.pi * s)
    for k in range(Landmark.LEFT_SHOULDER, Landmark.HEAD_TOP):
        xy[k, 0] += half_px if k % 2 else -half_px
    return replace(pose, xy_px=xy)


@pytest.mark.parametrize("motion", [jump, sit_down, walk_in_and_stop, turn_round])
@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_what_a_person_does_is_no_other_person(motion: Callable[[float], BodyPose], fps: float) -> None:
    lock = SubjectLock()
    assert refused(judged((motion(t_s) for t_s in times(0.0, 8.0, fps)), lock)) == []
    assert lock.switches == 0


@pytest.mark.parametrize("towards", [1.0, -1.0])
@pytest.mark.parametrize("fps", [20.0, 30.0, 60.0])
def test_a_walker_in_front_is_refused_and_the_runner_kept_again(towards: float, fps: float) -> None:
    lock = SubjectLock()
    verdicts = judged((person(t_s) for t_s in times(0.0, 3.0, fps)), lock)
    assert refused(verdicts) == []
    verdicts = judged((dragged(t_s, towards) for t_s in times(3.0, 5.0, fps)), lock)
    missed = [t_s for t_s, verdict in verdicts if verdict.keep]
    assert max(missed) <= 3.0 + max(0.07, 1.01 / fps)
    assert {verdict.why for _, verdict in verdicts if not verdict.keep} == {IN_FRONT}
    assert any(verdict.restart for _, verdict in verdicts)
    back = refused(judged((person(t_s) for t_s in times(5.0, 7.0, fps)), lock))
    assert max(back) <= 5.3
    assert lock.switches == 0


def test_the_walker_passing_the_runners_place_is_not_the_runner() -> None:
    lock = SubjectLock()
    judged((person(t_s) for t_s in times(0.0, 3.0)), lock)
    judged([person(3.0 + 1 / FPS, -0.6)], lock)
    walker = [person(t_s, -0.6 + 2.5 * (t_s - 3.0)) for t_s in times(3.0 + 2 / FPS, 3.6)]
    assert len(refused(judged(walker, lock))) == len(walker)


def test_a_head_behind_is_not_the_runners() -> None:
    """The ear hops over to a head beside for two frames in ten; those frames are refused, and no more."""
    poses = [person(t_s) for t_s in times(0.0, 4.0)]
    hops = [k for k in range(30, 120) if k % 10 < 2]
    for k in hops:
        xy = poses[k].xy_px.copy()
        xy[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]] += (-0.5 * TRUNK, 0.4 * TRUNK)
        xy[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]] += (-0.3 * TRUNK, 0.3 * TRUNK)
        poses[k] = replace(poses[k], xy_px=xy)
    verdicts = judged(poses)
    assert [k for k, (_, verdict) in enumerate(verdicts) if not verdict.keep] == hops
    assert {verdict.why for _, verdict in verdicts} == {"", BEHIND}


def test_a_restart_is_asked_for_now_and_then_not_in_every_frame() -> None:
    lock = SubjectLock()
    judged((person(t_s) for t_s in times(0.0, 3.0)), lock)
    restarts = [t_s for t_s, verdict in judged((dragged(t_s, 1.0) for t_s in times(3.0, 5.0)), lock) if verdict.restart]
    assert 1 <= len(restarts) <= 4
    assert min(np.diff(restarts)) >= 0.5
    assert lock.place_px == pytest.approx((HIP[0], HIP[1] - TRUNK / 2))


def test_who_stays_instead_becomes_the_runner_and_counts_as_a_switch() -> None:
    lock = SubjectLock()
    judged((person(t_s) for t_s in times(0.0, 3.0)), lock)
    verdicts = judged((person(t_s, 2.0, 1.2) for t_s in times(3.0, 8.0)), lock)
    assert max(refused(verdicts)) == pytest.approx(6.0, abs=0.2)
    assert lock.switches == 1


@pytest.mark.parametrize(("x_trunks", "size", "switches"), [(0.3, 1.05, 0), (3.0, 1.0, 1), (0.0, 1.4, 1)])
def test_after_an_empty_place_the_next_person_is_compared(x_trunks: float, size: float, switches: int) -> None:
    lock = SubjectLock()
    poses = [person(t_s) for t_s in times(0.0, 3.0)] + [nobody(t_s) for t_s in times(3.0, 6.0)]
    poses += [person(t_s, x_trunks, size) for t_s in times(6.0, 9.0)]
    assert refused(judged(poses, lock)) == []
    assert lock.switches == switches


def test_the_runner_who_walks_off_and_comes_back_is_no_switch() -> None:
    lock = SubjectLock()
    poses = [person(t_s, walked(t_s - 3.0)) for t_s in times(0.0, 5.0)]
    poses += [nobody(t_s) for t_s in times(5.0, 9.0)]
    poses += [person(t_s, walked(11.0 - t_s)) for t_s in times(9.0, 14.0)]
    assert refused(judged(poses, lock)) == []
    assert lock.switches == 0


def test_another_body_right_after_a_gap_is_refused() -> None:
    lock = SubjectLock()
    judged([person(t_s) for t_s in times(0.0, 3.0)] + [nobody(t_s) for t_s in times(3.0, 3.8)], lock)
    verdict = lock.judge(person(3.8, 2.5))
    assert (verdict.keep, verdict.why, verdict.restart) == (False, SOMEBODY_ELSE, True)


def test_the_chosen_person_is_waited_for() -> None:
    lock = SubjectLock()
    judged((person(t_s) for t_s in times(0.0, 3.0)), lock)
    lock.choose((HIP[0] + 3.0 * TRUNK, HIP[1] - 0.5 * TRUNK))
    first = lock.judge(person(3.0))
    assert (first.keep, first.why, first.restart) == (False, WAITING, True)
    assert lock.judge(person(3.0 + 1 / FPS, 3.0)).keep
    assert refused(judged((person(t_s, 3.0) for t_s in times(3.1, 5.0)), lock)) == []


def test_a_choice_of_nobody_lapses() -> None:
    lock = SubjectLock()
    lock.choose((5.0, 5.0))
    assert max(refused(judged((person(t_s) for t_s in times(0.0, 6.0)), lock))) == pytest.approx(3.0, abs=0.1)


def test_mirrored_poses_get_the_same_verdicts() -> None:
    poses = [person(t_s) for t_s in times(0.0, 3.0)] + [dragged(t_s, 1.0) for t_s in times(3.0, 5.0)]
    poses += [person(t_s) for t_s in times(5.0, 6.0)]
    assert judged(poses) == judged(map(mirrored, poses))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),  # a pose has a time
            st.floats(-5.0, 5.0),
            st.floats(0.0, 3.0),
            st.sets(st.integers(0, LANDMARK_COUNT - 1)),
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_odd_landmarks_and_times_never_raise(rows: list[tuple[float, float, float, set[int]]], choose: bool) -> None:
    lock = SubjectLock()
    for k, (t_s, x, size, missing) in enumerate(rows):
        if choose and k == 5:
            lock.choose((x, size))
        pose = person(t_s, x, size)
        xy = pose.xy_px.copy()
        xy[list(missing)] = np.nan
        verdict = lock.judge(replace(pose, xy_px=xy))
        assert verdict.keep or verdict.why


def test_a_repeated_frame_and_a_step_back_in_time() -> None:
    lock = SubjectLock()
    judged((person(t_s) for t_s in times(0.0, 3.0)), lock)
    assert not lock.judge(person(3.0, 2.0)).keep
    again = lock.judge(person(3.0, 2.0))
    assert (again.keep, again.restart) == (False, False)
    assert lock.judge(person(0.5, 2.0)).keep
    assert lock.switches == 0


def test_size_is_trunk_and_neck_and_place_is_the_trunks_middle() -> None:
    place = place_of(person(1.0, 1.0))
    assert place is not None
    assert place.x_px == pytest.approx(HIP[0] + TRUNK)
    assert place.y_px == pytest.approx(HIP[1] - TRUNK / 2)
    assert (place.trunk_px, place.size_px) == pytest.approx((TRUNK, 1.45 * TRUNK))
    assert place_of(nobody(0.0)) is None


@pytest.mark.model
def test_the_real_network_never_gives_the_walker_in_front(model_path: Path) -> None:
    """A rendered walker crosses 0.7 m in front at 1.3 m/s: what is kept is the runner, and soon again."""
    crossing = Extras(others=(Bystander("cross_front", start_s=3.5),))
    scene = VirtualScene(RunnerParams(standing_s=1.0), Camera.framing((640, 360)), extras=crossing)
    lock, kept = SubjectLock(), []
    with MediaPipeEstimator(model_path) as network:
        for k, t_s in enumerate(times(4.0, 6.2, 20.0)):
            pose = network.estimate(Frame(k, t_s, scene.image_at(t_s, k))).pose
            verdict = lock.judge(pose)
            if verdict.restart:
                network.restart()
            body, truth = place_of(pose), place_of(scene.landmarks_at(t_s))
            assert truth is not None
            if verdict.keep and body is not None:
                kept.append(t_s)
                assert abs(body.x_px - truth.x_px) < 0.35 * truth.trunk_px
                assert body.size_px < 1.25 * truth.size_px
    paused_s = np.diff(kept)
    assert 0.2 < max(paused_s) < 1.5
    assert lock.switches == 0
