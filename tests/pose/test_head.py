"""The top of the head: synthetic outlines with known tops, what may go wrong with them, and one rendered run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt, Facing, Frame, Landmark
from app.pose.estimator import BodyMask
from app.pose.head import NO_TOP, HeadFinder, find_top
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.sim.acts import RunnerParams
from app.sim.landmarks import MIRROR
from app.sim.scene import VirtualScene

SIZE = (240, 190)
TRUNK_PX = 160.0
#: px to mm: a trunk of .29 BH at 1.78 m.
MM = 516.0 / TRUNK_PX
#: A head like a person's: ellipse about a middle ahead of and above the ear, trunk lengths.
HEAD_AHEAD, HEAD_ABOVE, HALF_WIDTH, HALF_HEIGHT = 0.04, 0.06, 0.17, 0.20
L = Landmark


def ear_at(t_s: float, shift: float = 0.0) -> tuple[float, float]:
    """Where the ear is, px: bouncing 45 mm at 2.8 steps a second."""
    return 120.0 + 2.0 * math.sin(9.0 * t_s), 140.0 + 7.0 * math.cos(2.0 * math.pi * 2.8 * t_s) - shift


def top_at(t_s: float, taller: float = 0.0, shift: float = 0.0) -> float:
    """Row of the outline's true top."""
    return ear_at(t_s, shift)[1] - (HEAD_ABOVE + HALF_HEIGHT + taller) * TRUNK_PX


def pose_at(t_s: float, shift: float = 0.0, ear_error: tuple[float, float] = (0.0, 0.0)) -> BodyPose:
    """A body that faces right, its legs left out."""
    ear = np.array(ear_at(t_s, shift))
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    xy[[L.LEFT_EAR, L.RIGHT_EAR]] = ear + ear_error
    xy[L.NOSE] = ear + np.array((22.0, 5.0))
    xy[[L.LEFT_SHOULDER, L.RIGHT_SHOULDER]] = ear + np.array((-30.0, 55.0))
    xy[[L.LEFT_HIP, L.RIGHT_HIP]] = ear + np.array((-30.0, 55.0 + TRUNK_PX))
    return BodyPose(t_s, xy, np.full(LANDMARK_COUNT, 0.9), SIZE)


def mask_at(t_s: float, cell_px: float = 1.0, raised: float = 0.0, shift: float = 0.0) -> BodyMask:
    """The outline of head and neck: a soft ellipse, seen in cells of any size that start anywhere."""
    origin = (0.0, 0.0) if cell_px == 1.0 else (17.3, -4.6)
    columns = origin[0] + cell_px * np.arange(int((SIZE[0] - origin[0]) / cell_px))
    rows = origin[1] + cell_px * np.arange(int((SIZE[1] - origin[1]) / cell_px))
    x, y = columns[None, :], rows[:, None]
    ear_x, ear_y = ear_at(t_s, shift)
    right = (x - ear_x - HEAD_AHEAD * TRUNK_PX) / (HALF_WIDTH * TRUNK_PX)
    down = (y - ear_y + (HEAD_ABOVE + raised) * TRUNK_PX) / (HALF_HEIGHT * TRUNK_PX)
    inside_px = (1.0 - np.hypot(right, down)) * HALF_HEIGHT * TRUNK_PX
    neck = (np.abs(x - ear_x) < 0.1 * TRUNK_PX) & (y > ear_y)
    soft = np.clip(0.5 + inside_px / 6.0, 0.0, 1.0)
    return BodyMask(np.where(neck, 1.0, soft).astype(np.float32), origin, cell_px)


def times(fps: float, seconds: float, start_s: float = 0.0) -> list[float]:
    return [start_s + i / fps for i in range(int(fps * seconds))]


def follow(
    finder: HeadFinder,
    times_s: Iterable[float],
    mask: Callable[[float], BodyMask | None] = mask_at,
    pose: Callable[[float], BodyPose] = pose_at,
) -> list[BodyPose]:
    return [finder.refine(pose(t_s), mask(t_s)) for t_s in times_s]


def errors_mm(poses: list[BodyPose], taller: float = 0.0) -> np.ndarray:
    """How much too high HEAD_TOP is."""
    return np.array([(top_at(p.t_s, taller) - p[L.HEAD_TOP][1]) * MM for p in poses])


def by_ear(poses: list[BodyPose]) -> list[bool]:
    return [Doubt.HEAD_BY_EAR in p.doubts for p in poses]


@pytest.mark.parametrize("cell_px", [1.0, 2.1, 3.4])
def test_the_top_is_found_to_a_part_of_a_cell(cell_px: float) -> None:
    poses = follow(HeadFinder(), times(30, 4), lambda t_s: mask_at(t_s, cell_px))
    errors = errors_mm(poses)
    # The chord lies 2 mm under the top of such a head; coarse cells blunt it a little more.
    assert abs(errors.mean()) < 4.0
    assert errors.std() < 0.7
    assert not any(by_ear(poses))
    ahead = np.array([p[L.HEAD_TOP][0] - ear_at(p.t_s)[0] for p in poses])
    assert np.allclose(ahead, HEAD_AHEAD * TRUNK_PX, atol=1.0)


def test_a_move_is_seen_whole_and_at_once() -> None:
    finder = HeadFinder()
    before = follow(finder, times(60, 2))[-1]
    t_s, rise_px = before.t_s, 25.0 / MM
    risen = finder.refine(pose_at(t_s, rise_px), mask_at(t_s, shift=rise_px))
    assert before[L.HEAD_TOP][1] - risen[L.HEAD_TOP][1] == pytest.approx(rise_px, abs=0.4)


def smear(mask: BodyMask, t_s: float, width: float, reach: float = math.inf, value: float = 1.0) -> BodyMask:
    """Set what is above the head to ``value``: ``width`` and ``reach`` in trunk lengths, about the head's middle."""
    values = mask.values.copy()
    x = mask.origin_px[0] + mask.cell_px * np.arange(values.shape[1])
    y = mask.origin_px[1] + mask.cell_px * np.arange(values.shape[0])
    middle = ear_at(t_s)[0] + HEAD_AHEAD * TRUNK_PX
    columns = np.abs(x - middle) < 0.5 * width * TRUNK_PX
    rows = (y < top_at(t_s) + 20.0) & (y > top_at(t_s) - reach * TRUNK_PX)
    values[np.ix_(rows, columns)] = value
    return replace(mask, values=values)


@pytest.mark.parametrize("cell_px", [1.0, 3.4])
@pytest.mark.parametrize(("width", "reach"), [(0.3, math.inf), (0.9, math.inf), (0.1, math.inf), (0.5, 0.1)])
def test_a_smear_above_the_head_is_told_by_the_ear(width: float, reach: float, cell_px: float) -> None:
    finder = HeadFinder()
    follow(finder, times(30, 5))
    poses = follow(finder, times(30, 2, 5.0), lambda t_s: smear(mask_at(t_s, cell_px), t_s, width, reach))
    assert all(by_ear(poses))
    assert np.abs(errors_mm(poses)).max() < 10.0
    assert all(0.0 < p.visibility[L.HEAD_TOP] < p.visibility[L.LEFT_EAR] for p in poses)
    after = follow(finder, times(30, 1, 7.0))
    assert not any(by_ear(after))


@pytest.mark.parametrize("cell_px", [1.0, 3.4])
@pytest.mark.parametrize("reach", [0.03, 0.06, 0.12])
def test_a_bump_narrower_than_a_head_is_cut_off(reach: float, cell_px: float) -> None:
    finder = HeadFinder()
    follow(finder, times(30, 2))
    poses = follow(finder, times(20, 1, 2.0), lambda t_s: smear(mask_at(t_s, cell_px), t_s, 0.2, reach))
    assert np.abs(errors_mm(poses)).max() < 10.0


@pytest.mark.parametrize("value", [0.2, 1.0])
def test_what_does_not_touch_the_head_does_not_count(value: float) -> None:
    def littered(t_s: float) -> BodyMask:
        mask = mask_at(t_s)
        values = mask.values.copy()
        values[: int(top_at(t_s)) - 8] = value
        if value < 0.5:
            values = np.maximum(values, value)  # a veil over everything
        return replace(mask, values=values)

    poses = follow(HeadFinder(), times(30, 3), littered)
    assert not any(by_ear(poses))
    assert np.abs(errors_mm(poses)).max() < 6.0


def test_single_hairs_do_not_count() -> None:
    poses = follow(HeadFinder(), times(30, 3), lambda t_s: smear(mask_at(t_s), t_s, 0.04, 0.12))
    assert not any(by_ear(poses))
    assert np.abs(errors_mm(poses)).max() < 6.0


def test_without_a_mask_the_ear_stands_in_once_the_head_is_known() -> None:
    finder = HeadFinder()
    first = finder.refine(pose_at(0.0), None)
    assert np.isnan(first[L.HEAD_TOP]).all()
    assert first.visibility[L.HEAD_TOP] == 0.0
    assert Doubt.HEAD_BY_EAR in first.doubts
    follow(finder, times(30, 3, 0.1))
    poses = follow(finder, times(30, 8, 3.1), lambda _: None)
    assert all(by_ear(poses))
    assert np.abs(errors_mm(poses)).max() < 6.0


def test_an_ear_that_jumps_does_not_move_the_head() -> None:
    finder = HeadFinder()
    follow(finder, times(30, 3))
    jumped = follow(finder, times(30, 0.2, 3.0), pose=lambda t_s: pose_at(t_s, ear_error=(3.0, 20.0 / MM)))
    assert np.abs(errors_mm(jumped)).max() < 6.0


def test_a_cap_put_on_is_believed_after_half_the_window() -> None:
    finder, cap = HeadFinder(), 50.0 / MM / TRUNK_PX
    follow(finder, times(30, 5))
    poses = follow(finder, times(20, 6, 5.0), lambda t_s: mask_at(t_s, raised=cap))
    # Until then it is the height without the cap, which the roof was made for.
    assert all(by_ear(poses[:80]))
    assert np.abs(errors_mm(poses[:80])).max() < 6.0
    late = [p for p in poses if p.t_s > 10.2]
    assert not any(by_ear(late))
    assert np.abs(errors_mm(late, cap)).max() < 6.0


def test_a_head_cut_by_the_frame_is_not_measured_there() -> None:
    finder = HeadFinder()
    follow(finder, times(30, 3))
    up = 115.0
    t_s = 3.0
    cut = finder.refine(pose_at(t_s, shift=up), mask_at(t_s, shift=up))
    assert top_at(t_s, shift=up) < 0.0
    assert Doubt.HEAD_BY_EAR in cut.doubts
    assert (top_at(t_s, shift=up) - cut[L.HEAD_TOP][1]) * MM == pytest.approx(0.0, abs=6.0)


def mirrored(pose: BodyPose) -> BodyPose:
    xy = pose.xy_px[MIRROR].copy()
    xy[:, 0] = SIZE[0] - 1 - xy[:, 0]
    return replace(pose, xy_px=xy, visibility=pose.visibility[MIRROR])


@settings(max_examples=25, deadline=None)
@given(
    cell_px=st.floats(1.0, 4.0),
    shift=st.floats(-20.0, 40.0),
    ear=st.tuples(st.floats(-9.0, 9.0), st.floats(-9.0, 9.0)),
)
def test_mirrored_input_gives_the_mirror_image(cell_px: float, shift: float, ear: tuple[float, float]) -> None:
    one, other = HeadFinder(), HeadFinder()
    for k in range(8):
        t_s = 0.1 * k
        pose, mask = pose_at(t_s, shift, ear), mask_at(t_s, cell_px, shift=shift)
        if k % 3 == 2:
            mask = smear(mask, t_s, 0.4)
        right = mask.origin_px[0] + cell_px * (mask.values.shape[1] - 1)
        flipped = BodyMask(
            np.ascontiguousarray(mask.values[:, ::-1]), (SIZE[0] - 1 - right, mask.origin_px[1]), mask.cell_px
        )
        a, b = one.refine(pose, mask), other.refine(mirrored(pose), flipped)
        assert a.doubts == b.doubts
        assert np.allclose(mirrored(a)[L.HEAD_TOP], b[L.HEAD_TOP], atol=1e-3, equal_nan=True)


@pytest.mark.parametrize("keep", [lambda i: i % 2 == 0, lambda i: i % 3 != 0])
def test_the_frame_rate_does_not_matter(keep: Callable[[int], bool]) -> None:
    def mask(t_s: float) -> BodyMask | None:
        return smear(mask_at(t_s), t_s, 0.4) if 2.0 < t_s < 2.6 else mask_at(t_s)

    def pose(t_s: float) -> BodyPose:
        return pose_at(t_s, ear_error=(0.0, 4.0 * math.sin(2.0 * t_s)))

    times_s = times(60, 4)
    whole = follow(HeadFinder(), times_s, mask, pose)
    thinned = follow(HeadFinder(), [t for i, t in enumerate(times_s) if keep(i)], mask, pose)
    expected = [p for i, p in enumerate(whole) if keep(i)]
    assert by_ear(thinned) == by_ear(expected)
    rows = np.array([[a[L.HEAD_TOP][1], b[L.HEAD_TOP][1]] for a, b in zip(thinned, expected, strict=True)])
    assert np.abs(rows[:, 0] - rows[:, 1]).max() * MM < 3.0


NUMBERS = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 160.0]))
#: A pose has a time, however odd (`tests/coach/test_types.py`).
TIMES_S = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([0.0, 160.0, 1e300, -1e300]))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_odd_input_never_raises(data: st.DataObject) -> None:
    finder = HeadFinder()
    for _ in range(4):
        pose = pose_at(data.draw(st.floats(-10.0, 10.0)))
        xy = pose.xy_px.copy()
        for landmark in data.draw(st.lists(st.sampled_from(list(L)), max_size=6)):
            xy[landmark] = data.draw(NUMBERS), data.draw(NUMBERS)
        mask = data.draw(
            st.sampled_from(
                [
                    None,
                    mask_at(0.0),
                    BodyMask(np.zeros((0, 0), np.float32)),
                    BodyMask(np.ones((3, 200), np.float32)),
                    BodyMask(np.full((256, 256), np.nan, np.float32)),
                    replace(mask_at(0.0), origin_px=(1e7, -1e7)),
                ]
            )
        )
        odd = replace(pose, t_s=data.draw(TIMES_S), xy_px=xy)
        refined = finder.refine(odd, mask)
        unchanged = [i for i in range(LANDMARK_COUNT) if i != L.HEAD_TOP]
        assert np.array_equal(refined.xy_px[unchanged], odd.xy_px[unchanged], equal_nan=True)


def test_markers_and_nobody_come_back_untouched() -> None:
    finder = HeadFinder()
    markers = replace(pose_at(0.0), markers=True)
    nobody = BodyPose.nobody(0.0, SIZE)
    assert finder.refine(markers, mask_at(0.0)) is markers
    assert finder.refine(nobody, mask_at(0.0)) is nobody


def test_time_that_goes_back_starts_afresh() -> None:
    finder = HeadFinder()
    follow(finder, times(30, 3, 100.0))
    assert np.isnan(finder.refine(pose_at(1.0), None)[L.HEAD_TOP]).all()


def test_no_head_no_top() -> None:
    empty = BodyMask(np.zeros((190, 240), np.float32))
    assert find_top(empty, (120.0, 140.0), TRUNK_PX) is NO_TOP
    full = BodyMask(np.ones((190, 240), np.float32))
    assert find_top(full, (120.0, 140.0), TRUNK_PX) is NO_TOP


@pytest.mark.model
@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_head_of_a_rendered_runner(model_path, facing: Facing) -> None:
    """Bounds of landmark refinement: 2.5 mm SD a frame and 5 mm of the drop from standing, here at 20 fps."""
    scene = VirtualScene(RunnerParams(facing=facing, standing_s=0.5))
    px_per_mm = scene.camera.focal / scene.camera.distance_m / 1000.0
    finder, errors = HeadFinder(), {True: [], False: []}
    with MediaPipeEstimator(model_path, with_mask=True) as network:
        for k, t_s in enumerate([*(0.05 * i for i in range(9)), *(3.0 + 0.05 * i for i in range(26))]):
            estimate = network.estimate(Frame(k, t_s, scene.image_at(t_s, k)))
            pose = finder.refine(estimate.pose, estimate.mask)
            truth_y = scene.landmarks_at(t_s)[L.HEAD_TOP][1]
            errors[t_s > 1.0].append((truth_y - pose[L.HEAD_TOP][1]) / px_per_mm)
            assert Doubt.HEAD_BY_EAR not in pose.doubts
    assert np.std(errors[True]) < 2.5
    assert abs(np.median(errors[True]) - np.median(errors[False])) < 5.0


@pytest.mark.parametrize("before", [1.6, 3.0, 0.5])
def test_who_walks_to_the_belt_has_his_head_where_it_is_as_soon_as_he_stands(before: float) -> None:
    """Six seconds at the laptop (or far behind), seen larger (smaller) than later; a second's walk; then standing."""
    finder, worst_mm = HeadFinder(), 0.0
    for t_s in times(30, 12):
        scale = before + (1.0 - before) * min(max(t_s - 6.0, 0.0), 1.0)
        pose, mask = pose_at(t_s), mask_at(t_s)
        pose = replace(pose, xy_px=scale * pose.xy_px)
        found = finder.refine(pose, BodyMask(mask.values, (0.0, 0.0), scale))
        if t_s >= 8.0:
            worst_mm = max(worst_mm, abs(scale * top_at(t_s) - found[L.HEAD_TOP][1]) / scale * MM)
            assert Doubt.HEAD_BY_EAR not in found.doubts
    assert worst_mm < 12.0


def test_after_a_long_absence_another_head_is_believed_at_once() -> None:
    """A gap like the coach's: whoever comes back may have 60 mm less hair."""
    finder, lower = HeadFinder(), -60.0 / MM / TRUNK_PX
    follow(finder, times(30, 8))
    back = follow(finder, times(30, 1, start_s=14.0), lambda t_s: mask_at(t_s, raised=lower))
    assert not any(by_ear(back))
