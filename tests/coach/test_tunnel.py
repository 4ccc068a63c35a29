"""The tunnel on long runs of peaks, on a runner who drifts, and seen from the front."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from app.coach.front import FROM_THE_FRONT, FrontGuard
from app.coach.gait import TrunkClock
from app.coach.geometry import body_from_pose
from app.coach.model import CoachModel
from app.coach.report import Activity, CoachReport
from app.coach.standing import StandingReference, reference_from_recording
from app.coach.tunnel import (
    FLOOR_BELOW_USUAL_BH,
    FLOOR_KNEE_DEG,
    LOWER_EVERY_STEPS,
    SETTLE_MOST_BH,
    TunnelTracker,
    goal_below_standing_bh,
)
from app.coach.types import BodyPose, Doubt, Facing, Landmark, RunnerProfile
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Extras
from app.sim.programme import Doing, Part, Programme
from app.sim.scene import VirtualScene

MM_PER_BH = 1780.0
#: Steps of five minutes.
FIVE_MINUTES = 860
SEEDS = range(100, 106)


def peaks_mm(seed: int, sd_mm: float, steps: int = FIVE_MINUTES) -> np.ndarray:
    """Head peaks below standing of a good runner: natural scatter, one step like the next."""
    return np.random.default_rng(seed).normal(20.0, sd_mm, steps)


#: Head peaks of the runner of the motion capture, one step after the other, mm below standing.
REAL_MM = [
    *(95, 87, 58, 65, 80, 61, 61, 62, 61, 54, 48, 73, 63, 64),
    *(55, 64, 51, 52, 52, 76, 63, 64, 65, 73, 65, 75, 71, 71),
]


def run_peaks(tunnel: TunnelTracker, peaks: np.ndarray, green: bool = True) -> tuple[list[bool], list[bool]]:
    """Return (hit, spoken of) step by step."""
    hits, spoken = [], []
    for peak in peaks:
        hits.append(tunnel.add_step(peak / MM_PER_BH, green))
        spoken.append(tunnel.too_many_hits)
    return hits, spoken


def tunnel_of(height_cm: float = 178.0) -> TunnelTracker:
    return TunnelTracker(goal_below_standing_bh(2.54, height_cm))


@pytest.mark.parametrize("sd_mm", [8.0, 10.0])
def test_five_good_minutes_are_never_spoken_of_and_seldom_hit(sd_mm):
    for seed in SEEDS:
        hits, spoken = run_peaks(tunnel_of(), peaks_mm(seed, sd_mm))
        assert not any(spoken)
        assert sum(hits) <= 25


@pytest.mark.parametrize("higher_mm", [0.0, 60.0])
def test_a_real_runners_own_steps_again_and_again_are_seldom_hits(higher_mm):
    rng = np.random.default_rng(7)
    for order in (np.tile(REAL_MM, 31), rng.choice(REAL_MM, FIVE_MINUTES), rng.choice(REAL_MM, FIVE_MINUTES)):
        hits, spoken = run_peaks(tunnel_of(181.0), order - higher_mm)
        assert not any(spoken)
        assert sum(hits) <= 8


@pytest.mark.parametrize(("rise_mm", "hit_within", "told_within"), [(25.0, 4, 8), (50.0, 1, 4)])
def test_who_comes_up_is_told(rise_mm, hit_within, told_within):
    late = []
    for seed, start in itertools.product(SEEDS, (60, 200, 500)):
        peaks = peaks_mm(seed, 9.0, start + 12)
        peaks[start:] -= rise_mm
        hits, spoken = run_peaks(tunnel_of(), peaks)
        assert hits.index(True, start) - start < hit_within
        late.append(spoken.index(True, start) - start >= told_within)
    # 25 mm are told within eight steps in 98 of 100 runs, in the others within twelve.
    assert sum(late) <= 1


def test_a_first_luckless_roof_settles_but_follows_nobody_far():
    lucky, rising = tunnel_of(), tunnel_of()
    run_peaks(lucky, np.concatenate((np.full(24, 25.0), np.full(200, 22.0))))
    run_peaks(rising, np.concatenate((np.full(24, 25.0), np.full(200, 15.0))))

    # In the middle of what it settled over; who has come up by half an inch has not taken the roof along.
    assert lucky.roof_bh * MM_PER_BH == pytest.approx(22.0 - lucky.margin_bh * MM_PER_BH)
    assert rising.roof_bh >= 25.0 / MM_PER_BH - SETTLE_MOST_BH - rising.margin_bh - 1e-9


def test_a_few_green_steps_do_not_make_the_goal_the_roof():
    tunnel = tunnel_of()
    for k in range(20):
        tunnel.add_step(0.0, green=k % 6 == 0)
    assert not tunnel.judging
    assert tunnel.steps == 0


def collapse_after(steps: int, **how: float) -> TunnelTracker:
    tunnel = tunnel_of()
    for _ in range(steps):
        tunnel.add_step(0.0, True, 0.050, 45.0)
    for _ in range(5):
        tunnel.add_step(0.005, False, how.get("trough_bh", 0.050), how.get("knee_deg", 45.0))
    return tunnel


def test_whoever_sinks_through_the_floor_is_not_clean():
    tunnel = collapse_after(60, trough_bh=0.050 + FLOOR_BELOW_USUAL_BH + 0.001)

    assert tunnel.floor_bh == pytest.approx(0.050 + FLOOR_BELOW_USUAL_BH)
    assert tunnel.collapsed
    assert (tunnel.hits, tunnel.below_floor, tunnel.clean_run) == (0, 5, 0)
    assert tunnel.result(178.0).share_inside == pytest.approx(1.0 - 5 / tunnel.steps)
    assert not collapse_after(60, trough_bh=0.050 + FLOOR_BELOW_USUAL_BH - 0.001).collapsed


def test_whoever_bends_the_knees_too_far_has_collapsed_from_the_first_step_on():
    tunnel = tunnel_of()
    for _ in range(30):
        tunnel.add_step(0.02, True, 0.05, FLOOR_KNEE_DEG + 1.0)
    # The first step has no other to be taken with: near and far leg differ.
    assert not tunnel.personal
    assert tunnel.below_floor == tunnel.steps
    assert tunnel.clean_run == 0


def test_collapsing_does_not_lower_the_roof_and_the_floor_comes_down_with_it():
    tunnel = tunnel_of()
    for _ in range(24 + 3 * LOWER_EVERY_STEPS):
        tunnel.add_step(-0.005, True, 0.045)
    roof_bh, floor_bh = tunnel.roof_bh, tunnel.floor_bh
    for _ in range(2 * LOWER_EVERY_STEPS):
        tunnel.add_step(0.02, False, 0.08)
    assert tunnel.roof_bh == roof_bh

    for _ in range(LOWER_EVERY_STEPS):
        tunnel.add_step(0.01, False, 0.055)
    assert tunnel.roof_bh == pytest.approx(roof_bh + 0.0015)
    assert tunnel.floor_bh == pytest.approx(floor_bh + 0.0015)


def test_drifting_on_the_belt_is_no_hit():
    """8 cm to and fro before a low camera move the head by up to 36 mm."""
    camera = Camera.framing(height_m=0.7, distance_m=2.5)
    reports, coaches = {}, {}
    for drift_m in (0.0, 0.08):
        scene = VirtualScene(RunnerParams(seed=108), camera, extras=Extras(drift_m=drift_m, drift_period_s=60.0))
        coach = coaches[drift_m] = CoachModel(profile=RunnerProfile(178.0))
        reports[drift_m] = [coach.update(scene.landmarks_at(k / 25.0)) for k in range(50 * 25)]
        coach.finish()
    hits = {d: {round(s.t_s, 1) for s in coach.summary().steps if s.hit} for d, coach in coaches.items()}
    assert hits[0.08] <= hits[0.0]
    assert not [r.cue for r in reports[0.08] if r.cue is not None and r.cue.id == "tunnel"]
    peaks = [[s.peak_below_standing_bh for s in c.summary().steps] for c in coaches.values()]
    off_mm = MM_PER_BH * (np.array(peaks[1]) - np.array(peaks[0]))[30:]
    assert off_mm.std() < 3.0


def reference_from_file(scene: VirtualScene) -> StandingReference:
    standing = [body_from_pose(scene.landmarks_at(k / 30.0), Facing.RIGHT) for k in range(20, 100)]
    return reference_from_recording(standing, RunnerProfile(178.0))[0]


def run_with_file(scene: VirtualScene, start_s: float, end_s: float) -> tuple[CoachModel, list[CoachReport]]:
    coach = CoachModel(profile=RunnerProfile(178.0), standing=reference_from_file(scene), facing=Facing.RIGHT)
    reports = [coach.update(scene.landmarks_at(k / 30.0)) for k in range(round(30 * start_s), round(30 * end_s))]
    coach.finish()
    return coach, reports


def test_a_drift_against_a_recorded_standing_is_undone_once_and_not_twice():
    """10 cm to and fro make the legs 4 % longer, more than a recording from another distance is scaled for."""
    camera = Camera.framing(height_m=1.1, distance_m=2.5)
    peaks_mm = {}
    for drift_m in (0.0, 0.10):
        drifting = Extras(drift_m=drift_m, drift_period_s=60.0)
        scene = VirtualScene(RunnerParams(seed=108, standing_s=4.0), camera, extras=drifting)
        coach, reports = run_with_file(scene, 4.0, 70.0)
        peaks_mm[drift_m] = MM_PER_BH * np.array([s.peak_below_standing_bh for s in coach.summary().steps])
        assert coach.summary().warnings == ()
        assert "tunnel" not in {r.cue.id for r in reports if r.cue is not None}
    off_mm = (peaks_mm[0.10] - peaks_mm[0.0])[25:]
    assert np.abs(off_mm).max() < 15.0


def test_against_a_recorded_standing_the_ground_is_that_of_both_feet_from_the_start():
    scene = VirtualScene(RunnerParams(seed=108, standing_s=4.0), Camera.framing(height_m=1.1, distance_m=2.5))
    _, reports = run_with_file(scene, 8.0, 18.0)
    peaks_mm = MM_PER_BH * np.array([r.step.peak_below_standing_bh for r in reports if r.step is not None])
    assert len(peaks_mm) > 20
    # One foot's ground is 33 mm off: the first eight steps were as high as that.
    assert peaks_mm[:8].mean() == pytest.approx(peaks_mm[8:].mean(), abs=8.0)


@pytest.mark.parametrize("turned", [False, True])
def test_no_bump_is_sounded_while_the_face_is_turned(turned):
    scene, coach = VirtualScene(RunnerParams(seed=2)), CoachModel(profile=RunnerProfile(178.0))
    head = [Landmark.LEFT_EAR, Landmark.RIGHT_EAR, Landmark.NOSE, Landmark.HEAD_TOP]
    bumps = 0
    for k in range(24 * 30):
        pose = scene.landmarks_at(k / 30.0)
        if pose.t_s > 20.0:
            # The head 3 % BH higher from here on: looked at with a turned face, or truly.
            xy_px = pose.xy_px.copy()
            xy_px[head, 1] -= 0.03 * 540.0
            doubts = frozenset({Doubt.HEAD_TURNED} if turned else ())
            pose = BodyPose(pose.t_s, xy_px, pose.visibility, pose.image_size_px, doubts=doubts)
        bumps += coach.update(pose).roof_hit and pose.t_s > 20.5
    assert (bumps == 0) == turned


# ---------------------------------------------------------------------- seen from the front

CONSOLE = Camera.framing(height_m=1.2, distance_m=2.0, yaw_deg=90.0)


def doing_seen_from_the_front(doing: Doing, speed_m_s: float = 0.0, seconds: float = 5.0) -> FrontGuard:
    programme = Programme([Part(doing, seconds, speed_m_s)], seed=101, noise_mm=8.0)
    programme.camera = CONSOLE
    guard, clock, bh_px = FrontGuard(), TrunkClock(), 540.0
    for k in range(round(30 * seconds)):
        body = body_from_pose(programme.landmarks_at(k / 30.0), Facing.RIGHT)
        for event in clock.update(body.t_s, body.trunk_y_px, bh_px):
            if event.kind == "midstance":
                guard.midstance(event.t_s)
        guard.update(body, bh_px)
    return guard


@pytest.mark.parametrize(
    ("doing", "speed_m_s"), [(Doing.RUN, 2.2), (Doing.RUN, 4.5), (Doing.JOG, 1.9)], ids=["slow", "fast", "no flight"]
)
def test_running_is_known_from_the_front(doing, speed_m_s):
    assert doing_seen_from_the_front(doing, speed_m_s).running


@pytest.mark.parametrize(
    ("doing", "speed_m_s"),
    [(Doing.WALK, 1.4), (Doing.WALK, 2.0), (Doing.MARCH, 0.0), (Doing.SPOT_RUN, 0.0), (Doing.JACKS, 0.0),
     (Doing.SQUATS, 0.0), (Doing.STEP_ON_OFF, 0.0), (Doing.STAND, 0.0)],
)  # fmt: skip
def test_nothing_else_is_running_from_the_front(doing, speed_m_s):
    assert not doing_seen_from_the_front(doing, speed_m_s).running


def test_from_the_front_tunnel_bounce_and_cadence_work_and_nothing_else():
    scene, coach = VirtualScene(RunnerParams(seed=120), CONSOLE), CoachModel(profile=RunnerProfile(178.0))
    reports = [coach.update(scene.landmarks_at(k / 30.0)) for k in range(20 * 30)]
    coach.finish()
    summary, last = coach.summary(), reports[-1]

    assert coach.standing is not None
    assert coach.standing.from_front
    assert not coach.standing.has_angles
    assert coach.standing.body_height_px == pytest.approx(540.0, rel=0.03)
    assert last.activity is Activity.RUNNING
    assert last.verdict == "not_judged"
    assert last.not_judged_because == summary.not_judged_because == FROM_THE_FRONT
    contacts = scene.contacts(5.0, 20.0)
    true_spm = 60.0 * (len(contacts) - 1) / (contacts[-1].initial_contact_s - contacts[0].initial_contact_s)
    cadence, bounce = summary.measures["cadence_spm"], summary.measures["vertical_oscillation_cm"]
    assert cadence is not None
    assert cadence.value == pytest.approx(true_spm, abs=1.0)
    assert bounce is not None
    assert bounce.value == pytest.approx(8.0, abs=1.0)
    assert last.tunnel is not None
    assert last.tunnel.personal
    assert last.tunnel.hits <= 2
    assert math.isnan(last.tunnel.goal_y_px)
    assert last.line is None
    for name in ("trunk_lean_deg", "line_offset_bh", "knee_flexion_midstance_deg", "reach_ll"):
        assert summary.measures[name] is None
    assert summary.contacts


def test_turned_to_the_side_the_standing_is_taken_anew():
    coach = CoachModel(profile=RunnerProfile(178.0))
    front, side = VirtualScene(RunnerParams(standing_s=5.0), CONSOLE), VirtualScene(RunnerParams(standing_s=10.0))
    for k in range(4 * 30):
        coach.update(front.landmarks_at(k / 30.0))
    assert coach.standing is not None
    assert coach.standing.from_front
    for k in range(4 * 30, 10 * 30):
        coach.update(side.landmarks_at(k / 30.0))
    assert not coach.standing.from_front
    assert coach.standing.has_angles


def test_steps_under_the_roof_seen_from_the_front_are_kept_when_turned_to_the_side():
    coach = CoachModel(profile=RunnerProfile(178.0))
    front, side = VirtualScene(RunnerParams(standing_s=4.0), CONSOLE), VirtualScene(RunnerParams(standing_s=5.0))
    for k in range(14 * 30):
        coach.update(front.landmarks_at(k / 30.0))
    before = coach.summary().tunnel
    assert before is not None
    assert before.steps > 10
    for k in range(16 * 30):
        coach.update(replace(side.landmarks_at(k / 30.0), t_s=14.0 + k / 30.0))
    after = coach.summary().tunnel
    assert coach.standing is not None
    assert not coach.standing.from_front
    assert after is not None
    assert after.steps > before.steps + 10


def test_facing_the_camera_takes_no_side_reference_away():
    coach = CoachModel(profile=RunnerProfile(178.0))
    side, front = VirtualScene(RunnerParams(standing_s=5.0)), VirtualScene(RunnerParams(standing_s=10.0), CONSOLE)
    for k in range(4 * 30):
        coach.update(side.landmarks_at(k / 30.0))
    before = coach.standing
    assert before is not None
    for k in range(4 * 30, 9 * 30):
        coach.update(front.landmarks_at(k / 30.0))
    assert coach.standing is before
