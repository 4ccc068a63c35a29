"""When the standing reference is taken, replaced and refused; rests, absences, other people, changes of mode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import pytest

from app.coach.model import CoachModel
from app.coach.report import Activity, CoachReport, Mode
from app.coach.types import BodyPose, Doubt, Facing, Landmark, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene

FPS = 30.0
SIZE = (1280, 720)


@cache
def scene_of(params: RunnerParams, noise: Noise | None) -> VirtualScene:
    return VirtualScene(params, Camera.framing(), noise=noise)


@lru_cache(maxsize=1 << 12)
def pose_of(params: RunnerParams, noise: Noise | None, t_s: float) -> BodyPose:
    return scene_of(params, noise).landmarks_at(t_s)


def poses(
    act: str,
    start_s: float,
    seconds: float,
    *,
    scale: float = 1.0,
    from_s: float = 0.0,
    noise: Noise | None = None,
    **kw,
) -> list[BodyPose]:
    """The act's poses, shown from ``start_s`` on; ``scale`` shrinks the picture about its middle."""
    params = RunnerParams(act=Act(act), **kw)
    out = []
    for k in range(int(seconds * FPS)):
        pose = pose_of(params, noise, from_s + k / FPS)
        xy = (pose.xy_px - (640.0, 360.0)) * scale + (640.0, 360.0)
        out.append(BodyPose(start_s + k / FPS, xy, pose.visibility, SIZE, markers=True))
    return out


def nobody(start_s: float, seconds: float) -> list[BodyPose]:
    return [BodyPose.nobody(start_s + k / FPS, SIZE) for k in range(int(seconds * FPS))]


def feed(coach: CoachModel, frames: Iterable[BodyPose]) -> list[CoachReport]:
    return [coach.update(pose) for pose in frames]


def spoken(reports: Iterable[CoachReport]) -> list[str]:
    return [r.cue.id for r in reports if r.cue is not None and r.cue.id not in ("standing", "praise")]


def test_a_short_pause_elsewhere_gives_way_to_a_full_standing_on_the_spot():
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, poses("good", 0.0, 1.2, scale=0.85, standing_s=9.0))
    feed(coach, poses("good", 1.3, 0.5, scale=0.85, from_s=12.0))  # walks up
    reports = feed(coach, poses("good", 1.9, 18.0, standing_s=4.0))
    coach.finish()
    assert coach.standing is not None
    assert not coach.standing.provisional
    assert coach.standing.body_height_px == pytest.approx(0.75 * 720, rel=0.04)
    assert coach.summary().verdict == "good"
    assert spoken(reports) == []


def test_a_reference_that_does_not_fit_the_running_legs_is_not_used():
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, poses("good", 0.0, 4.0, scale=0.8, standing_s=9.0))
    reports = feed(coach, poses("good", 4.1, 15.0, from_s=6.0))
    coach.finish()
    summary = coach.summary()
    assert reports[-1].verdict == "not_judged"
    assert "no longer fits" in reports[-1].not_judged_because
    assert any("no longer fitted" in line for line in summary.warnings)
    assert spoken(reports) == []


def test_the_next_runner_gets_a_reference_of_his_own():
    coach = CoachModel()
    feed(coach, poses("good", 0.0, 15.0, height_cm=165.0))
    first = coach.standing
    feed(coach, nobody(15.0, 10.0))
    reports = feed(coach, poses("good", 25.0, 20.0, height_cm=190.0, standing_s=4.0))
    coach.finish()
    assert coach.standing is not first
    assert spoken(reports) == []
    assert reports[-1].tunnel is not None
    assert reports[-1].tunnel.hits <= 3


def test_a_rest_between_runs_is_no_starting_line():
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, poses("good", 0.0, 15.0))
    # Rests leaning, feet together; then runs again.
    rest = feed(coach, poses("stance_ankle_lean", 15.0, 20.0, from_s=6.0))
    feed(coach, poses("good", 35.0, 5.0, from_s=6.0))
    coach.finish()
    assert spoken(rest) == []
    assert coach.summary().mode is Mode.RUN
    assert coach.summary().verdict == "good"


def test_the_standing_before_a_run_is_no_hold_of_a_stance():
    coach = CoachModel(profile=RunnerProfile(178.0))
    reports = feed(coach, poses("pelvis_drift", 0.0, 18.0, standing_s=10.0))
    coach.finish()
    assert coach.summary().holds == ()
    assert spoken(reports)[0] == "hips_back"


def test_the_first_steps_after_standing_are_left_out_however_long_the_standing_was():
    for standing_s in (1.5, 3.0, 5.0):
        coach = CoachModel(profile=RunnerProfile(178.0))
        feed(coach, poses("good", 0.0, standing_s + 8.0, standing_s=standing_s))
        coach.finish()
        assert min(step.knee_flexion_deg for step in coach.summary().steps) > 38.0, standing_s


@pytest.mark.parametrize("before", ["good", "stance_good"])
def test_stance_mode_works_from_the_middle_of_whatever_goes_on(before):
    coach = CoachModel(mode=Mode.RUN, profile=RunnerProfile(178.0))
    feed(coach, poses(before, 0.0, 12.0))
    coach.set_mode(Mode.STANCE)
    reports = feed(coach, poses("stance_good", 12.0, 8.0, from_s=6.0))
    assert reports[-1].activity is Activity.STANCE
    assert reports[-1].verdict == "good"


def test_a_hold_is_kept_when_the_mode_changes():
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, poses("stance_good", 0.0, 10.0))
    coach.set_mode(Mode.RUN)
    coach.finish()
    assert [hold.verdict for hold in coach.summary().holds] == ["good"]


def test_an_overlooked_frame_leaves_the_verdict():
    coach = CoachModel(profile=RunnerProfile(178.0))
    frames = poses("good", 0.0, 14.0)
    frames = [BodyPose.nobody(p.t_s, SIZE) if k % 10 == 9 else p for k, p in enumerate(frames)]
    reports = feed(coach, frames)
    assert {r.verdict for r in reports if r.t_s > 8.0} == {"good"}


def test_steps_out_of_the_side_view_count_as_not_judged():
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, poses("upright", 0.0, 12.0))
    camera = Camera.framing(yaw_deg=45.0)
    scene = VirtualScene(RunnerParams(act=Act.UPRIGHT), camera)
    feed(coach, [scene.landmarks_at(12.0 + k / FPS) for k in range(1, 600)])
    coach.finish()
    judged = sum(1 for was_judged, _ in coach._summary.labels if was_judged)
    assert judged < 0.5 * len(coach.summary().steps)


def test_standing_is_taken_through_noise_and_for_a_small_body():
    for scale, noise_px in ((1.0, 6.0), (0.5, 3.0)):
        taken = 0
        for seed in range(4):
            coach = CoachModel()
            noise = Noise(landmark_sd_px=noise_px / scale, seed=seed)
            feed(coach, poses("good", 0.0, 8.0, scale=scale, standing_s=9.0, noise=noise))
            taken += coach.standing is not None
        assert taken == 4, (scale, noise_px)


def test_a_wrong_first_guess_of_the_facing_takes_no_mirrored_reference():
    coach = CoachModel(profile=RunnerProfile(178.0))
    frames = poses("good", 0.0, 14.0, standing_s=5.0)
    # The network sees the face on the wrong side for a second and a half.
    for k in range(45):
        p = frames[k]
        xy = np.array(p.xy_px)
        xy[:, 0] = 2 * np.nanmean(xy[:, 0]) - xy[:, 0]
        frames[k] = BodyPose(p.t_s, xy, p.visibility, SIZE, markers=True)
    feed(coach, frames)
    coach.finish()
    assert coach.standing is not None
    assert coach.standing.trunk_deg == pytest.approx(-2.0, abs=0.5)
    assert coach.summary().facing is Facing.RIGHT
    assert coach.summary().verdict == "good"


def test_a_gap_in_time_is_nobodys_running_and_leaves_the_rate():
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, poses("good", 0.0, 14.0))
    feed(
        coach,
        [
            BodyPose(p.t_s + 3600.0, p.xy_px, p.visibility, SIZE, markers=True)
            for p in poses("good", 14.0, 5.0, from_s=14.0)
        ],
    )
    coach.finish()
    assert coach.summary().running_s < 20.0
    assert coach.summary().fps == pytest.approx(FPS, rel=0.01)


def test_too_low_a_rate_is_said_and_not_judged():
    coach = CoachModel(profile=RunnerProfile(178.0))
    scene = VirtualScene(RunnerParams(), Camera.framing())
    reports = feed(coach, [scene.landmarks_at(k / 10.0) for k in range(200)])
    assert all(r.verdict == "not_judged" for r in reports)
    assert spoken(reports) == []


# The crown found in the mask scatters by 0.3 px a frame.
@pytest.mark.parametrize("noise_px", [0.0, 1.0])
def test_silence_holds_for_minutes_of_good_running(noise_px):
    noise = Noise(landmark_sd_px=noise_px, seed=3) if noise_px else None
    coach = CoachModel(profile=RunnerProfile(178.0))
    reports = feed(coach, poses("good", 0.0, 150.0, noise=noise, seed=5))
    assert spoken(reports) == []


def test_a_standing_recording_at_another_scale_is_scaled_to_the_runner():
    from app.coach.geometry import body_from_pose
    from app.coach.standing import reference_from_recording

    standing = [body_from_pose(p, Facing.RIGHT) for p in poses("good", 0.0, 3.0, scale=0.5, standing_s=9.0)]
    reference, _ = reference_from_recording(standing, RunnerProfile(178.0))
    coach = CoachModel(profile=RunnerProfile(178.0), standing=reference)
    feed(coach, poses("good", 0.0, 10.0, from_s=5.0))
    coach.finish()
    summary = coach.summary()
    assert summary.verdict == "good"
    assert summary.measures["reach_ll"].value == pytest.approx(0.28, abs=0.02)
    assert summary.measures["peak_below_standing_cm"].value == pytest.approx(2.1, abs=1.5)
    assert any("another distance" in line for line in summary.warnings)


def test_a_standing_recording_is_scaled_anew_only_in_another_place():
    from app.coach.geometry import body_from_pose
    from app.coach.standing import reference_from_recording

    standing = [body_from_pose(p, Facing.RIGHT) for p in poses("good", 0.0, 3.0, standing_s=9.0)]
    reference, _ = reference_from_recording(standing, RunnerProfile(178.0))
    for scale, times in ((1.0, 0), (0.95, 0), (0.8, 1)):
        coach = CoachModel(profile=RunnerProfile(178.0), standing=reference)
        feed(coach, poses("good", 0.0, 8.0, from_s=5.0))
        feed(coach, nobody(8.0, 1.0))
        reports = feed(coach, poses("good", 9.0, 14.0, from_s=5.0, scale=scale))
        coach.finish()
        assert len([line for line in coach.summary().warnings if "another distance" in line]) == times
        peaks_bh = [r.step.peak_below_standing_bh for r in reports if r.step is not None][-12:]
        assert sum(peaks_bh) / len(peaks_bh) == pytest.approx(0.012, abs=0.008), scale


def test_a_told_facing_that_is_wrong_is_noticed():
    coach = CoachModel(profile=RunnerProfile(178.0), facing=Facing.LEFT)
    reports = feed(coach, poses("good", 0.0, 12.0))
    assert reports[-1].verdict == "not_judged"
    assert "does not face left" in reports[-1].not_judged_because


def without(pose: BodyPose, *landmarks: Landmark) -> BodyPose:
    xy_px = pose.xy_px.copy()
    xy_px[list(landmarks)] = np.nan
    return replace(pose, xy_px=xy_px)


def test_without_a_crown_in_the_run_heads_are_compared_by_the_ear():
    """The standing recording has the top of the head; somebody found among several people comes without."""
    frames = poses("good", 0.0, 14.0)
    by_ear = [without(pose, Landmark.HEAD_TOP) for pose in frames]

    def coached(standing: list[BodyPose]) -> list[float]:
        first = CoachModel(Mode.RUN, RunnerProfile(178.0))
        feed(first, standing)
        assert first.standing is not None
        coach = CoachModel(Mode.RUN, RunnerProfile(178.0), standing=first.standing)
        return [r.step.peak_below_standing_bh for r in feed(coach, by_ear) if r.step is not None]

    peaks_bh = coached(frames[:100])
    assert len(peaks_bh) > 20
    assert peaks_bh == pytest.approx(coached(by_ear[:100]), abs=1e-6)


def test_no_stance_cue_while_the_face_is_turned_to_the_screen():
    def cues(turned_from_s: float) -> list[str]:
        frames = [
            replace(pose, doubts=frozenset({Doubt.HEAD_TURNED})) if pose.t_s > turned_from_s else pose
            for pose in poses("stance_upright", 0.0, 12.0)
        ]
        return spoken(feed(CoachModel(Mode.STANCE, RunnerProfile(178.0)), frames))

    assert cues(99.0) == ["lean"]
    assert cues(3.5) == []


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_the_line_is_drawn_where_the_runner_is_seen_although_turned_out_of_the_side_view(facing: Facing):
    scene = VirtualScene(RunnerParams(act=Act.STANCE_GOOD, facing=facing), Camera.framing(yaw_deg=18.0))
    frames = [scene.landmarks_at(k / FPS) for k in range(int(8 * FPS))]
    report = feed(CoachModel(Mode.STANCE, RunnerProfile(178.0)), frames)[-1]

    assert report.yaw_deg > 5.0
    assert report.line is not None
    ears_px = frames[-1].xy_px[[Landmark.LEFT_EAR, Landmark.RIGHT_EAR]]
    np.testing.assert_allclose(report.line.ear_px, ears_px.mean(axis=0), atol=0.1)


@pytest.mark.parametrize(("roll_deg", "told"), [(0.0, False), (1.5, False), (6.0, True), (-6.0, True)])
@pytest.mark.parametrize("facing", [Facing.LEFT, Facing.RIGHT])
def test_a_camera_that_is_not_level_is_told(facing, roll_deg, told):
    scene = VirtualScene(RunnerParams(facing=facing, standing_s=5.0), Camera.framing(roll_deg=roll_deg))
    coach = CoachModel(profile=RunnerProfile(178.0))
    feed(coach, [scene.landmarks_at(k / 10.0) for k in range(45)])
    assert coach.standing is not None
    assert any("tilted" in line for line in coach.summary().warnings) is told
