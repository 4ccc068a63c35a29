"""Extras: pictures, landmarks and truth agree on every one of them, and none of them means no change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.coach.errors import WorldError
from app.coach.types import Facing, FloatArray, Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.body import EYE_BH, NOSE_BH
from app.sim.camera import Camera
from app.sim.extras import Bump, Bystander, BystanderKind, Extras, HeadTurn, RailStyle
from app.sim.landmarks import LATERAL_BH, MIRROR
from app.sim.scene import VirtualScene

SIZE = (480, 270)
CAMERA = Camera.framing(SIZE)
RUN = RunnerParams(standing_s=1.0, variation=0.0)


def scene(extras: Extras | None = None, params: RunnerParams = RUN, camera: Camera = CAMERA) -> VirtualScene:
    return VirtualScene(params, camera, extras=extras)


def top_row(mask: np.ndarray) -> float:
    """The row at which the outline begins, to a fraction of a pixel (its mask is smooth at the edge)."""
    rows = mask.max(axis=1) / 255.0
    first = int(np.argmax(rows > 0.0))
    return first + 0.5 - float(rows[first : first + 2].clip(0.0, 1.0).min())


def changed(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels that differ clearly."""
    return np.nonzero(np.abs(a.astype(int) - b.astype(int)).max(axis=2) > 12)


def similar(points: FloatArray, bump: Bump) -> FloatArray:
    """What a bump says happens to image points, computed the plain way."""
    middle = 0.5 * (np.array(SIZE) - 1.0)
    a = np.radians(bump.roll_deg)
    turned = (points - middle) @ np.array(((np.cos(a), -np.sin(a)), (np.sin(a), np.cos(a))))
    return middle + bump.scale * turned + np.array(bump.shift_px)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_no_extras_change_nothing(facing: Facing) -> None:
    plain, none = (VirtualScene(replace(RUN, facing=facing), CAMERA, extras=e) for e in (None, Extras.none()))
    for t in (0.5, 3.3):
        np.testing.assert_array_equal(plain.image_at(t), none.image_at(t))
        np.testing.assert_array_equal(plain.landmarks_at(t).xy_px, none.landmarks_at(t).xy_px)
        assert plain.truth_at(t) == none.truth_at(t)


def test_the_rail_argument_is_the_rail_style() -> None:
    old, new = VirtualScene(RUN, CAMERA, rail=True), scene(Extras(rail_style="rail"))
    np.testing.assert_array_equal(old.image_at(3.0), new.image_at(3.0))
    assert (old.image_at(3.0) != scene().image_at(3.0)).any()


def test_drift_moves_truth_landmarks_and_picture_as_the_pinhole_says() -> None:
    still, drifting = scene(), scene(Extras(drift_m=0.2, drift_period_s=8.0))
    start_s = 2.0  # the run is under way
    assert drifting.truth_at(start_s).depth_m == 0.0
    assert drifting.truth_at(start_s + 2.0).depth_m == pytest.approx(0.2)
    assert drifting.truth_at(start_s + 6.0).depth_m == pytest.approx(-0.2)
    np.testing.assert_array_equal(drifting.image_at(0.7), still.image_at(0.7))
    for t in (start_s + 2.0, start_s + 6.0):
        depth, truth = drifting.truth_at(t).depth_m, drifting.truth_at(t)
        over_lens_m = truth.head_top_m - CAMERA.height_m
        expected = -CAMERA.focal * over_lens_m * (1.0 / (3.0 - depth) - 1.0 / 3.0)
        moved = (drifting.landmarks_at(t)[Landmark.HEAD_TOP] - still.landmarks_at(t)[Landmark.HEAD_TOP])[1]
        assert moved == pytest.approx(expected, abs=1e-6)
        assert abs(expected) > 4.0
        seen = top_row(drifting.mask_at(t)) - top_row(still.mask_at(t))
        assert seen == pytest.approx(expected, abs=0.8)


def test_a_glance_turns_the_face_about_the_axis_of_the_head() -> None:
    glancing = scene(Extras(head_turn=((3.0, 4.0, 60.0),)), camera=replace(CAMERA, distance_m=300.0, focal_px=12e3))
    straight = VirtualScene(RUN, glancing.camera)
    turned, before = glancing.landmarks_at(3.5), straight.landmarks_at(3.5)
    pitch = np.radians(glancing.runner.at(3.5).figure.head_pitch_deg)
    px_per_bh = 40.0 * 1.78
    for landmark, place in ((Landmark.NOSE, NOSE_BH), (Landmark.RIGHT_EYE, EYE_BH)):
        side = LATERAL_BH["eye"] if landmark is Landmark.RIGHT_EYE else 0.0
        shorter = place[0] * (1.0 - np.cos(np.radians(60.0))) + side * np.sin(np.radians(60.0))
        moved = turned[landmark] - before[landmark]
        np.testing.assert_allclose(moved, np.array((-np.cos(pitch), -np.sin(pitch))) * shorter * px_per_bh, atol=0.05)
    # The ear next to the camera goes back as the face comes round.
    assert turned[Landmark.RIGHT_EAR][0] < before[Landmark.RIGHT_EAR][0] - 2.0
    assert turned[Landmark.LEFT_EAR][0] > before[Landmark.LEFT_EAR][0] + 2.0
    body = [x for x in Landmark if x > Landmark.RIGHT_EAR]
    np.testing.assert_array_equal(turned.xy_px[body], before.xy_px[body])


def test_a_glance_is_drawn_where_the_landmarks_are_and_nowhere_else() -> None:
    camera = Camera.framing((960, 540))
    straight = scene(camera=camera)
    for angle in (60.0, 40.0, -70.0):
        glancing = scene(Extras(head_turn=[HeadTurn(3.0, 4.0, angle)]), camera=camera)
        rows, columns = changed(glancing.image_at(3.5), straight.image_at(3.5))
        pose = straight.landmarks_at(3.5)
        assert len(rows) > 50
        reach = 0.13 * 1.78 * camera.focal / 3.0
        assert np.abs(np.stack((columns, rows), axis=1) - pose[Landmark.LEFT_EAR]).max() < reach
        # The front of the head ends at the nose before, and further back now.
        row = round(float(glancing.landmarks_at(3.5)[Landmark.NOSE][1]))
        front = [float(np.nonzero(s.mask_at(3.5)[row])[0].max()) for s in (straight, glancing)]
        nose = [float(s.landmarks_at(3.5)[Landmark.NOSE][0]) for s in (straight, glancing)]
        assert front[1] - front[0] < -1.0
        assert nose[1] - nose[0] < -2.0


def test_a_glance_ramps_smoothly_and_is_in_the_truth() -> None:
    extras = Extras(head_turn=((3.0, 4.0, -80.0),))
    angle = np.array([extras.head_turn_deg(t) for t in np.arange(2.8, 4.2, 0.01)])
    assert scene(extras).truth_at(3.5).head_turn_deg == pytest.approx(-80.0)
    assert angle.min() == pytest.approx(-80.0)
    assert angle[0] == angle[-1] == 0.0
    assert np.abs(np.diff(angle)).max() < 80.0 * 1.5 * 0.01 / 0.2 + 0.5
    assert extras.head_turn_deg(3.1) == pytest.approx(-40.0)
    assert extras.head_turn_deg(3.9) == pytest.approx(-40.0)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_a_bump_moves_everything_by_what_it_says(facing: Facing) -> None:
    bump = Bump(3.0, (21.0, -8.0), 1.06, 3.0)
    tilted = replace(CAMERA, roll_deg=2.0, yaw_deg=10.0)
    params = replace(RUN, facing=facing)
    still, bumped = scene(params=params, camera=tilted), scene(Extras(bump=tuple(bump)), params, tilted)
    np.testing.assert_array_equal(bumped.landmarks_at(2.99).xy_px, still.landmarks_at(2.99).xy_px)
    after = bumped.landmarks_at(3.0).xy_px
    np.testing.assert_allclose(after, similar(still.landmarks_at(3.0).xy_px, bump), atol=1e-9)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_the_picture_is_bumped_with_its_landmarks(facing: Facing) -> None:
    bump = Bump(3.0, (30.0, 12.0), 1.0, 0.0)
    params = replace(RUN, facing=facing)
    still, bumped = scene(params=params), scene(Extras(bump=bump), params)
    np.testing.assert_array_equal(bumped.image_at(2.9), still.image_at(2.9))
    a, b = still.mask_at(3.2), bumped.mask_at(3.2)
    np.testing.assert_allclose(b[12:, 30:].astype(int), a[:-12, :-30].astype(int), atol=2)
    # The room moves with the runner: compare the treadmill, where the light is the same everywhere.
    c, d = still.image_at(3.2)[:-12, :-30], bumped.image_at(3.2)[12:, 30:]
    treadmill = np.s_[-50:, 120:300]
    assert (np.abs(c[treadmill].astype(int) - d[treadmill]).max(axis=2) <= 12).mean() > 0.98
    assert (np.abs(c[treadmill].astype(int) - bumped.image_at(3.2)[treadmill]).max(axis=2) <= 12).mean() < 0.8


@pytest.mark.parametrize("kind", list(BystanderKind))
def test_a_bystander_is_drawn_at_its_landmarks_and_leaves_the_runner_alone(kind: BystanderKind) -> None:
    someone = Bystander(kind, 3.0, 6.0)
    alone, company = scene(), scene(Extras(others=(someone,)))
    np.testing.assert_array_equal(company.landmarks_at(4.2).xy_px, alone.landmarks_at(4.2).xy_px)
    np.testing.assert_array_equal(company.mask_at(4.2), alone.mask_at(4.2))
    assert company.truth_at(4.2) == alone.truth_at(4.2)
    (pose,) = company.others_at(4.2)
    assert company.others_at(2.99) == company.others_at(6.0) == ()
    # The same scene, second treadmill included, without the person.
    without = scene(Extras(others=(replace(someone, start_s=99.0, end_s=102.0),)))
    rows, columns = changed(company.image_at(4.2), without.image_at(4.2))
    assert len(rows) > 300
    xy = pose.xy_px
    room_px = 0.06 * (np.nanmax(xy[:, 1]) - np.nanmin(xy[:, 1]))
    assert rows.min() >= xy[:, 1].min() - room_px
    assert columns.min() >= xy[:, 0].min() - 3.0 * room_px
    assert columns.max() <= xy[:, 0].max() + 3.0 * room_px
    trunk = [float(p[Landmark.RIGHT_HIP][1] - p[Landmark.RIGHT_SHOULDER][1]) for p in (pose, alone.landmarks_at(0.5))]
    assert (trunk[0] > trunk[1]) is (kind is BystanderKind.CROSS_FRONT)


@pytest.mark.parametrize("backward", [False, True])
def test_who_crosses_enters_at_one_edge_and_leaves_at_the_other(backward: bool) -> None:
    walker = Bystander("cross_front", 3.0, 6.0, backward=backward)
    company = scene(Extras(others=(walker,)))
    alone = scene()
    hips = np.array([company.others_at(t)[0][Landmark.LEFT_HIP][0] for t in (3.001, 3.6, 4.5, 5.4, 5.999)])
    ordered = hips[::-1] if backward else hips
    assert (np.diff(ordered) > 0.0).all()
    assert ordered[0] < 0.0
    assert ordered[-1] > SIZE[0]
    for t in (3.001, 5.999):
        assert len(changed(company.image_at(t), alone.image_at(t))[0]) == 0
    pose = company.others_at(4.0)[0]
    toward = float(pose[Landmark.NOSE][0] - pose[Landmark.LEFT_EAR][0])
    assert (toward < 0.0) is backward


def test_everything_is_mirrored_for_a_runner_who_faces_left() -> None:
    extras = Extras(
        drift_m=0.1,
        drift_period_s=6.0,
        head_turn=((3.0, 4.0, 50.0),),
        others=(Bystander("beside"), Bystander("cross_behind", 2.0, 5.0, backward=True)),
        clutter=3,
        rail_style="handle",
    )
    right, left = (scene(extras, replace(RUN, facing=f)) for f in (Facing.RIGHT, Facing.LEFT))
    np.testing.assert_array_equal(left.image_at(3.4), right.image_at(3.4)[:, ::-1])
    pairs = [(left.landmarks_at(3.4), right.landmarks_at(3.4))]
    pairs += zip(left.others_at(3.4), right.others_at(3.4), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a.xy_px[MIRROR][:, 0], SIZE[0] - 1 - b.xy_px[:, 0], atol=1e-9)
        np.testing.assert_allclose(a.xy_px[MIRROR][:, 1], b.xy_px[:, 1], atol=1e-9)


def test_clutter_is_fixed_by_its_seed_and_stays_behind_the_runner() -> None:
    one, same, other = (scene(Extras(clutter=seed)).image_at(3.0) for seed in (1, 1, 2))
    bare, mask = scene().image_at(3.0), scene().mask_at(3.0)
    np.testing.assert_array_equal(one, same)
    assert (np.abs(one.astype(int) - other) > 30).any(axis=2).mean() > 0.05
    assert (np.abs(one.astype(int) - bare) > 30).any(axis=2).mean() > 0.15
    np.testing.assert_array_equal(one[mask == 255], bare[mask == 255])


@pytest.mark.parametrize("style", [RailStyle.HIPS, RailStyle.HANDLE])
def test_a_rail_is_still_and_at_the_height_of_the_hips(style: RailStyle) -> None:
    fenced, free = scene(Extras(rail_style=style)), scene()
    rows, columns = changed(fenced.image_at(3.0), free.image_at(3.0))
    hip = free.landmarks_at(0.5)[Landmark.RIGHT_HIP]
    ahead = (columns > hip[0]) & (columns < hip[0] + 0.5 * CAMERA.focal / 3.0)
    px_per_m = CAMERA.focal / 3.0
    assert np.abs(rows[ahead] - hip[1]).min() < 0.05 * px_per_m
    again, other = fenced.image_at(3.31), free.image_at(3.31)
    patch = np.s_[int(hip[1]) - 2 : int(hip[1]) + 3, int(hip[0] + 0.55 * px_per_m)]
    np.testing.assert_array_equal(again[patch], fenced.image_at(3.0)[patch])
    assert (again[patch] != other[patch]).any()


def test_a_dim_room_is_darker_by_its_factor() -> None:
    dim, full = (scene(Extras(brightness=b)).image_at(3.0).astype(float) for b in (0.3, 1.0))
    np.testing.assert_allclose(dim, 0.3 * full, atol=0.51)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rail_style": "fence"},
        {"drift_period_s": 0.0},
        {"brightness": 0.0},
        {"bump": (1.0, (0.0, 0.0), 0.0, 0.0)},
    ],
)
def test_impossible_extras_are_refused_in_one_line(wrong: dict[str, object]) -> None:
    with pytest.raises(WorldError):
        Extras(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_impossible_bystanders_are_refused_in_one_line() -> None:
    for arguments in ({"kind": "above"}, {"start_s": 3.0, "end_s": 2.0}):
        with pytest.raises(WorldError):
            Bystander(**arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_stances_may_have_extras_too() -> None:
    held = scene(Extras(drift_m=0.1, clutter=1), replace(RUN, act=Act.STANCE_GOOD))
    assert held.image_at(3.0).shape == (270, 480, 3)
    assert held.truth_at(17.0).depth_m == pytest.approx(0.1)
