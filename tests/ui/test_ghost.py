"""The ghost fits whoever made it, at any distance and facing either way, and shows where the body is not in it."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.coach.report import Activity
from app.coach.types import BodyPose, Facing, Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.ui.ghost import NEAR_BH, Ghost, Joint, deviations_bh, ghost_from, paint_ghost, part_tones
from app.ui.ghost_outline import Part, outline_of
from app.ui.overlay import OverlayStyle
from app.ui.overlay_base import body_height_px, estimated_height_px
from app.ui.steady import SteadyPose
from app.ui.theme import DARK, Theme, Tone
from app.ui.video_view import ViewTransform

pytestmark = pytest.mark.usefixtures("qapp")
SIZE_PX = (640, 360)
HEIGHT_PX = 270.0


def moved(
    pose: BodyPose, matrix: tuple[float, float] = (1.0, 1.0), by_px: tuple[float, float] = (0.0, 0.0)
) -> BodyPose:
    return dataclasses.replace(pose, xy_px=np.asarray(pose.xy_px) * matrix + by_px)


def one_moved(pose: BodyPose, by_px: tuple[float, float], *marks: Landmark) -> BodyPose:
    xy_px = np.array(pose.xy_px)
    xy_px[list(marks)] += by_px
    return dataclasses.replace(pose, xy_px=xy_px)


def stance(act: Act, facing: Facing, height_cm: float, distance: float = 1.0) -> tuple[BodyPose, Facing, float]:
    """Return the true landmarks of a posed stance, and the body height as the ghost would estimate it."""
    params = RunnerParams(act=act, height_cm=height_cm, facing=facing, standing_s=0.0, variation=0.0)
    camera = Camera.framing((1280, 720), stature_m=params.height_m * distance)
    pose = VirtualScene(params, camera).landmarks_at(4.0)
    return pose, facing, estimated_height_px(pose, facing)


# ---- what it is -----------------------------------------------------------------------------------------------


def test_points_are_body_heights_from_the_front_ankle_and_the_ground(builders) -> None:
    places = ghost_from(builders.pose(), Facing.RIGHT, HEIGHT_PX).places()
    # Front ankle (325, 315), both feet down to 330, hip (300, 190), rear knee (275, 255).
    assert places[Joint.FRONT_ANKLE] == pytest.approx((0.0, 15 / 270))
    assert places[Joint.HIP] == pytest.approx((-25 / 270, 140 / 270))
    assert places[Joint.REAR_KNEE] == pytest.approx((-50 / 270, 75 / 270))
    assert places[Joint.EAR] == pytest.approx((5 / 270, 250 / 270))
    assert Joint.ELBOW not in places  # no arms in this pose


def test_it_does_not_depend_on_distance_place_or_facing(builders) -> None:
    pose = builders.pose()
    ghost = np.array([point[1:] for point in ghost_from(pose, Facing.RIGHT, HEIGHT_PX).points])
    for other, facing, height_px in (
        (moved(pose, (2.0, 2.0), (-70.0, 40.0)), Facing.RIGHT, 2 * HEIGHT_PX),
        (moved(pose, (-1.0, 1.0), (640.0, 0.0)), Facing.LEFT, HEIGHT_PX),
    ):
        assert np.array([p[1:] for p in ghost_from(other, facing, height_px).points]) == pytest.approx(ghost)


def test_the_side_of_the_feet_does_not_matter(builders) -> None:
    pose, xy_px = builders.pose(), np.array(builders.pose().xy_px)
    left = [m for m in Landmark if m.name.startswith("LEFT")]
    right = [Landmark[m.name.replace("LEFT", "RIGHT")] for m in left]
    xy_px[left + right] = xy_px[right + left]
    exchanged = dataclasses.replace(pose, xy_px=xy_px)
    assert ghost_from(exchanged, Facing.RIGHT, HEIGHT_PX) == ghost_from(pose, Facing.RIGHT, HEIGHT_PX)


def test_json_there_and_back(builders) -> None:
    ghost = ghost_from(builders.pose(), Facing.RIGHT, HEIGHT_PX)
    back = Ghost.from_json(ghost.to_json())
    assert [p[0] for p in back.points] == [p[0] for p in ghost.points]
    assert [p[1:] for p in back.points] == [pytest.approx(p[1:], abs=1e-4) for p in ghost.points]
    assert Ghost.from_json(back.to_json()) == back


def nonsense() -> list[str]:
    """Return texts that are no ghost, each wrong in one thing."""
    points = {j.value: [0.0, 0.1] for j in Joint if "knee" in j or "ankle" in j}
    points |= {"hip": [-0.1, 0.5], "shoulder": [0.0, 0.8], "ear": [0.0, 0.9]}
    whole = {"kind": "ghost", "version": 1, "points_bh": points}
    Ghost.from_json(json.dumps(whole))  # this one is right
    changed: list[object] = [
        {**whole, "kind": "spectre"},
        {**whole, "version": 2},
        {**whole, "points_bh": [1, 2]},
        {**whole, "points_bh": {k: v for k, v in points.items() if k != "hip"}},
        *({**whole, "points_bh": {**points, "hip": bad}} for bad in ([0.1], "hip", [True, 0.5], [None, 0.5], [0, 9.0])),
        {**whole, "points_bh": {**points, "tail": [0.0, 0.5]}},
        {**whole, "points_bh": {**points, "front_ankle": [0.2, 0.1]}},
        {**whole, "points_bh": {**points, "ear": [0.0, 0.3]}},  # head under the hips
        [],
        None,
    ]
    texts = [json.dumps(tree) for tree in changed]
    return [*texts, "", "{", json.dumps(whole).replace("0.5", "NaN"), json.dumps(whole).replace("0.5", "Infinity")]


@pytest.mark.parametrize("text", nonsense())
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ghost"):
        Ghost.from_json(text)


def test_no_ghost_without_facing_height_or_legs(builders) -> None:
    pose = builders.pose()
    with pytest.raises(ValueError, match="faces"):
        ghost_from(pose, Facing.UNKNOWN, HEIGHT_PX)
    for height_px in (math.nan, 0.0, -1.0):
        with pytest.raises(ValueError, match="height"):
            ghost_from(pose, Facing.RIGHT, height_px)
    with pytest.raises(ValueError, match="legs"):
        ghost_from(one_moved(pose, (math.nan, 0.0), Landmark.LEFT_ANKLE), Facing.RIGHT, HEIGHT_PX)
    with pytest.raises(ValueError, match="ear"):
        ghost_from(one_moved(pose, (math.nan, 0.0), Landmark.LEFT_EAR, Landmark.RIGHT_EAR), Facing.RIGHT, HEIGHT_PX)


def test_body_height_comes_from_the_tunnel_else_from_the_limbs(builders) -> None:
    pose, tunnel = builders.pose(), builders.tunnel()
    scaled = dataclasses.replace(tunnel, standing_y_px=50.0, roof_y_px=58.1, roof_below_standing_bh=0.03)
    assert body_height_px(builders.report(tunnel=scaled), pose) == pytest.approx(270.0)
    # Trunk 77.62 px, the longer leg 69.64 + 72.11 px: together .775 of the height.
    assert body_height_px(builders.report(tunnel=None), pose) == pytest.approx((77.62 + 141.75) / 0.775, rel=2e-3)
    nobody = BodyPose.nobody(1.0, SIZE_PX)
    assert math.isnan(body_height_px(builders.report(tunnel=None), nobody))


# ---- who is in it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facing", [Facing.LEFT, Facing.RIGHT])
@pytest.mark.parametrize(("height_cm", "distance"), [(165.0, 1.0), (190.0, 1.3)])
def test_a_good_stance_fits_the_ghost_of_another_one(facing: Facing, height_cm: float, distance: float) -> None:
    ghost = ghost_from(*stance(Act.STANCE_GOOD, Facing.RIGHT, 178.0))
    good = deviations_bh(ghost, *stance(Act.STANCE_GOOD, facing, height_cm, distance))
    assert max(good.values()) < 0.4 * NEAR_BH
    drift = deviations_bh(ghost, *stance(Act.STANCE_PELVIS_DRIFT, facing, height_cm, distance))
    assert drift[Part.HIPS] > 1.3 * NEAR_BH
    lean = deviations_bh(ghost, *stance(Act.STANCE_OVER_LEAN, facing, height_cm, distance))
    assert lean[Part.HEAD] > 3 * NEAR_BH


def test_each_part_says_for_itself_whether_the_body_is_in_it(builders) -> None:
    pose = builders.pose()
    ghost = ghost_from(pose, Facing.RIGHT, HEIGHT_PX)
    report = builders.report(activity=Activity.STANCE, verdict="pelvis_drift")
    assert set(part_tones(ghost, pose, report, HEIGHT_PX).values()) == {Tone.GOOD}
    hips = one_moved(pose, (0.05 * HEIGHT_PX, 0.0), Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
    tones = part_tones(ghost, hips, report, HEIGHT_PX)
    assert [part for part, tone in tones.items() if tone is Tone.OFF] == [Part.HIPS]
    unseen = one_moved(pose, (math.nan, 0.0), Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
    assert part_tones(ghost, unseen, report, HEIGHT_PX)[Part.HEAD] is Tone.INFO
    standing = builders.report(activity=Activity.STANDING)
    assert set(part_tones(ghost, hips, standing, HEIGHT_PX).values()) == {Tone.INFO}


def test_a_stance_that_is_good_is_nowhere_off_the_ghost(builders) -> None:
    pose = builders.pose()
    ghost = ghost_from(pose, Facing.RIGHT, HEIGHT_PX)
    other = one_moved(pose, (0.08 * HEIGHT_PX, 0.0), Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE)
    good, off = (builders.report(activity=Activity.STANCE, verdict=verdict) for verdict in ("good", "pelvis_drift"))
    assert part_tones(ghost, other, off, HEIGHT_PX)[Part.REAR_LEG] is Tone.OFF
    assert part_tones(ghost, other, good, HEIGHT_PX)[Part.REAR_LEG] is Tone.INFO
    assert part_tones(ghost, other, good, HEIGHT_PX)[Part.HIPS] is Tone.GOOD


def test_with_the_other_foot_behind_no_leg_is_held_against_the_ghost(builders) -> None:
    pose = builders.pose()
    ghost = ghost_from(pose, Facing.RIGHT, HEIGHT_PX)
    other = one_moved(pose, (0.08 * HEIGHT_PX, 0.0), Landmark.LEFT_HIP, Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE)
    report = builders.report(activity=Activity.STANCE, verdict="pelvis_drift")
    tones = part_tones(ghost, other, report, HEIGHT_PX, legs=False)
    assert (tones[Part.FRONT_LEG], tones[Part.REAR_LEG], tones[Part.HIPS]) == (Tone.INFO, Tone.INFO, Tone.OFF)


# ---- how it is drawn ------------------------------------------------------------------------------------------


def painted(builders, pose: BodyPose, ghost: Ghost, mirrored: bool = False, **changes: object) -> np.ndarray:
    """Paint a ghost alone over grey; int16 RGB (360, 640, 3)."""
    image = QImage(*SIZE_PX, QImage.Format.Format_RGB888)
    image.fill(QColor(90, 90, 90))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    transform = ViewTransform.fit(SIZE_PX, QRectF(0, 0, *SIZE_PX), mirrored)
    report = builders.report(**{"activity": Activity.STANCE, "verdict": "pelvis_drift", **changes})
    paint_ghost(painter, ghost, pose, report, OverlayStyle(Theme(DARK), 4.0), transform, HEIGHT_PX)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(360, image.bytesPerLine())
    return rows[:, : 3 * 640].reshape(360, 640, 3).astype(np.int16)


def covered(rgb: np.ndarray) -> np.ndarray:
    return np.abs(rgb - 90).max(axis=2) > 8


def test_it_covers_the_body_and_little_else(builders) -> None:
    pose = builders.pose()
    shown = covered(painted(builders, pose, ghost_from(pose, Facing.RIGHT, HEIGHT_PX)))
    for mark in (Landmark.LEFT_EAR, Landmark.LEFT_HIP, Landmark.LEFT_KNEE, Landmark.RIGHT_ANKLE, Landmark.LEFT_TOE):
        x, y = (round(v) for v in pose[mark].tolist())
        assert shown[y - 3 : y + 4, x - 3 : x + 4].all(), mark
    assert not shown[300, 285]  # between the legs
    ys, xs = np.nonzero(shown)
    assert 45 < ys.min() < 75 < 320 < ys.max() < 345
    assert 205 < xs.min() < 235 < 345 < xs.max() < 365


def test_it_stands_at_the_front_foot_and_is_the_mirror_image_where_mirrored(builders) -> None:
    pose = builders.pose()
    ghost = ghost_from(pose, Facing.RIGHT, HEIGHT_PX)
    plain = painted(builders, pose, ghost)
    there = painted(builders, moved(pose, by_px=(100.0, -10.0)), ghost)
    assert np.array_equal(there[:-10, 100:], plain[10:, :-100])
    mirrored = painted(builders, pose, ghost, mirrored=True)
    left = painted(builders, moved(pose, (-1.0, 1.0), (640.0, 0.0)), ghost, facing=Facing.LEFT)
    assert np.array_equal(mirrored, left)
    # The edge is antialiased and stands at whole px.
    assert (np.abs(plain[:, ::-1] - mirrored).max(axis=2) > 90).mean() < 0.006


def test_off_is_another_colour_and_dashed(builders) -> None:
    pose = builders.pose()
    ghost = ghost_from(pose, Facing.RIGHT, HEIGHT_PX)
    back = one_moved(pose, (-0.10 * HEIGHT_PX, 0.0), Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
    good, off = painted(builders, pose, ghost), painted(builders, back, ghost)
    green, orange = np.array([63, 214, 166]), np.array([255, 174, 74])
    is_green, is_orange = (lambda rgb, c=colour: np.abs(rgb - c).max(axis=2) < 40 for colour in (green, orange))
    assert not is_orange(good).any()
    assert is_green(good)[50:110].sum() > 150  # around the head
    assert is_green(off)[50:95].sum() < 20
    assert 40 < is_orange(off)[50:110].sum() < is_green(good)[50:110].sum()
    assert not is_orange(off)[150:].any()


def test_no_ghost_while_the_feet_go_or_without_legs(builders) -> None:
    pose = builders.pose()
    ghost = ghost_from(pose, Facing.RIGHT, HEIGHT_PX)
    for activity in (Activity.RUNNING, Activity.WALKING, Activity.ON_THE_SPOT):
        assert not covered(painted(builders, pose, ghost, activity=activity)).any()
    legless = one_moved(pose, (math.nan, 0.0), Landmark.LEFT_ANKLE)
    assert not covered(painted(builders, legless, ghost)).any()


def test_the_outline_is_made_once(builders) -> None:
    ghost = ghost_from(builders.pose(), Facing.RIGHT, HEIGHT_PX)
    same = ghost_from(builders.pose(), Facing.RIGHT, HEIGHT_PX)
    outline = outline_of(ghost.points)
    assert outline is outline_of(same.points)
    assert {part for part, _ in outline.edges} == set(Part)


# ---- the pose it stands on ------------------------------------------------------------------------------------


def test_jitter_is_taken_out_and_a_step_is_followed(builders) -> None:
    rng, steady = np.random.default_rng(5), SteadyPose()
    raw, smooth = [], []
    for k in range(120):
        noise = rng.normal(0.0, 2.0, np.asarray(builders.pose().xy_px).shape)
        pose = dataclasses.replace(builders.pose(k / 30.0), xy_px=np.asarray(builders.pose().xy_px) + noise)
        raw.append(pose[Landmark.LEFT_ANKLE])
        smooth.append(steady.follow(pose)[Landmark.LEFT_ANKLE])
    assert np.std(smooth[20:], axis=0) == pytest.approx(np.std(raw[20:], axis=0) / 3, rel=0.4)
    there = moved(builders.pose(4.0), by_px=(60.0, 0.0))
    assert steady.follow(there)[Landmark.LEFT_ANKLE] == pytest.approx((385.0, 315.0))


def test_the_steady_pose_begins_anew_after_a_gap_and_without_anybody(builders) -> None:
    near = moved(builders.pose(), by_px=(6.0, 0.0))
    for between in (dataclasses.replace(near, t_s=2.0), dataclasses.replace(near, t_s=0.5)):
        steady = SteadyPose()
        steady.follow(builders.pose(1.0))
        assert np.array_equal(steady.follow(between).xy_px, near.xy_px, equal_nan=True)
    steady = SteadyPose()
    steady.follow(builders.pose(1.0))
    assert not steady.follow(BodyPose.nobody(1.03, SIZE_PX)).seen
    late = dataclasses.replace(near, t_s=1.06)
    assert np.array_equal(steady.follow(late).xy_px, near.xy_px, equal_nan=True)
    # The same frame again is the same; one that was missing is taken as it comes.
    again = steady.follow(late)
    assert np.array_equal(again.xy_px, near.xy_px, equal_nan=True)
    steady.follow(dataclasses.replace(one_moved(near, (math.nan, 0.0), Landmark.NOSE, Landmark.LEFT_EAR), t_s=1.1))
    back = steady.follow(dataclasses.replace(near, t_s=1.13))
    assert back[Landmark.LEFT_EAR] == pytest.approx(near[Landmark.LEFT_EAR])
