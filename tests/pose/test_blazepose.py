"""BlazePose's numbers decoded, on numbers made up so that the answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pose import blazepose
from app.pose.blazepose import Region

coordinates = st.floats(-5000, 5000)


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:side, 0:side].astype(float)
    return x, y


def test_the_anchors_are_the_middles_of_three_grids() -> None:
    anchors = blazepose.anchors()

    assert anchors.shape == (2254, 2)
    np.testing.assert_allclose(anchors[:3] * 28, [(0.5, 0.5), (0.5, 0.5), (1.5, 0.5)])
    np.testing.assert_allclose(anchors[1568] * 14, (0.5, 0.5))
    np.testing.assert_allclose(anchors[1568 + 392 + 6] * 7, (1.5, 0.5))
    np.testing.assert_allclose(anchors[-1] * 7, (6.5, 6.5))


def candidates(*people: tuple[int, float, tuple[float, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """The detector's answer with people at anchors: (anchor, logit, its twelve numbers)."""
    numbers = np.zeros((2254, 12), np.float32)
    logits = np.full(2254, -1e6, np.float32)
    for anchor, logit, values in people:
        numbers[anchor], logits[anchor] = values, logit
    return numbers, logits


#: Box middle 11.2 right of the anchor, 44.8 by 22.4 px; hip 22.4 below, rim 44.8 above the anchor.
PERSON = (11.2, 0, 44.8, 22.4, 0, 22.4, 0, -44.8, 0, 0, 0, 0)


def test_a_candidate_is_placed_by_its_anchor() -> None:
    anchor = 1568 + 2 * (14 * 7 + 7)  # the middle one of 14 by 14: at 7.5 / 14

    (found,) = blazepose.decode_detections(*candidates((anchor, 2.0, PERSON)))

    middle = 7.5 / 14
    assert found.score == pytest.approx(1 / (1 + math.exp(-2)))
    np.testing.assert_allclose(found.box, (middle - 0.05, middle - 0.05, middle + 0.15, middle + 0.05), atol=1e-6)
    np.testing.assert_allclose(found.hip, (middle, middle + 0.1), atol=1e-6)
    np.testing.assert_allclose(found.rim, (middle, middle - 0.2), atol=1e-6)

    placed = found.placed(Region((640.0, 360.0), 1280.0))
    np.testing.assert_allclose(placed.hip, (middle * 1280, (middle + 0.1) * 1280 - 280), atol=1e-3)
    assert placed.radius == pytest.approx(0.3 * 1280, rel=1e-5)
    assert placed.region.side_px == pytest.approx(2 * 1.25 * 0.3 * 1280, rel=1e-5)
    assert placed.region.turn_rad == pytest.approx(0.0, abs=1e-6)


def test_candidates_that_overlap_are_one_person_and_others_are_not() -> None:
    same, aside, weak = 1568 + 2 * 105, 1568 + 2 * 105 + 1, 1568 + 2 * 20
    moved = (PERSON[0] + 4.48, *PERSON[1:])
    far = 1568 + 2 * 190

    people = blazepose.decode_detections(
        *candidates((same, 0.0, PERSON), (aside, 100.0, moved), (far, 1.0, PERSON), (weak, -0.1, PERSON))
    )

    assert [round(person.score, 3) for person in people] == [1.0, 0.731]
    # Weighted by 1 and 0.5: two thirds of the 0.02 that the surer one lies further right.
    assert people[0].box[0] == pytest.approx(7.5 / 14 - 0.05 + 0.02 * 2 / 3, abs=1e-5)


def test_nobody_among_unlikely_candidates() -> None:
    assert blazepose.decode_detections(*candidates()) == []


@pytest.mark.parametrize(
    ("rim", "turn_deg"), [((100, 100), 0), ((200, 200), 90), ((100, 300), 180), ((0, 200), -90), ((171, 129), 45)]
)
def test_a_region_holds_the_body_and_is_turned_with_it(rim: tuple[float, float], turn_deg: float) -> None:
    hip, rim_px = np.array([100.0, 200.0]), np.array(rim, float)
    region = Region.of_body(hip, rim_px)

    assert region.side_px == pytest.approx(2.5 * np.hypot(*(rim_px - hip)))
    assert math.degrees(region.turn_rad) == pytest.approx(turn_deg)
    np.testing.assert_allclose(region.place(np.array([0.5, 0.5])), hip)
    # 0.4 of the side above the middle, inside, is the rim.
    np.testing.assert_allclose(region.place(np.array([0.5, 0.1])), rim_px, atol=1e-9)


def test_a_body_of_one_point_still_gives_a_region() -> None:
    assert Region.of_body(np.zeros(2), np.zeros(2)).side_px == 2.5


@given(coordinates, coordinates, st.floats(1, 4000), st.floats(-math.pi, math.pi))
def test_the_matrix_and_the_placing_agree(x: float, y: float, side_px: float, turn_rad: float) -> None:
    region = Region((x, y), side_px, turn_rad)
    cells = np.array([[0.0, 0.0], [128.0, 128.0], [200.0, 17.0]])

    matrix = region.matrix(256)

    np.testing.assert_allclose(cells @ matrix[:, :2].T + matrix[:, 2], region.place(cells / 256), atol=1e-6)


@given(coordinates, coordinates, coordinates, coordinates)
def test_a_mirrored_body_gives_the_mirrored_region(x: float, y: float, rim_x: float, rim_y: float) -> None:
    straight = Region.of_body(np.array([x, y]), np.array([rim_x, rim_y]))
    mirror = Region.of_body(np.array([-x, y]), np.array([-rim_x, rim_y]))

    np.testing.assert_allclose(
        mirror.place(np.array([0.3, 0.8])) * (-1, 1), straight.place(np.array([0.7, 0.8])), atol=1e-6
    )


@pytest.mark.parametrize("at", [(20.0, 30.0), (20.3, 30.4), (20.49, 29.6)])
def test_a_point_is_moved_to_the_peak_of_its_heat_map(at: tuple[float, float]) -> None:
    x, y = grid(64)
    likelihood = 0.98 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 2)
    heatmap = np.log(likelihood + 1e-9) - np.log1p(-likelihood)

    refined = blazepose.refine(np.array([[20.6, 30.2]]) / 64, heatmap[:, :, None].astype(np.float32))

    # The 7 by 7 window is cut a little off the peak's middle.
    np.testing.assert_allclose(refined[0] * 64, at, atol=0.05)


def test_a_point_stays_where_its_heat_map_is_flat_or_elsewhere() -> None:
    flat = np.full((64, 64, 4), -1.0, np.float32)  # sigmoid 0.27: below the least peak
    flat[10, 10, 1] = 8.0  # a clear peak, but far from the point
    points = np.array([[0.5, 0.5], [0.9, 0.9], [1.2, 0.5], [-0.1, 0.5]])

    np.testing.assert_array_equal(blazepose.refine(points, flat), points)


def test_a_point_that_is_no_number_stays_so_and_harms_no_other() -> None:
    heatmaps = np.full((64, 64, 2), -9.0, np.float32)
    heatmaps[32, 32] = 9.0
    points = np.array([[np.nan, np.nan], [0.51, 0.51]])

    refined = blazepose.refine(points, heatmaps)

    assert np.isnan(refined[0]).all()
    np.testing.assert_allclose(refined[1], (0.5, 0.5), atol=1e-3)


def test_a_heat_map_at_the_edge_is_cut_there() -> None:
    heatmaps = np.full((64, 64, 1), -9.0, np.float32)
    heatmaps[0, 63] = 9.0

    np.testing.assert_allclose(blazepose.refine(np.array([[0.99, 0.001]]), heatmaps), [[63 / 64, 0.0]], atol=2e-4)


def test_points_are_read_in_their_order() -> None:
    numbers = np.zeros((39, 5), np.float32)
    numbers[:, 0], numbers[:, 1] = np.arange(39), 128
    numbers[:, 3] = np.linspace(-1000, 1000, 39)

    xy, visibility = blazepose.decode_points(numbers.reshape(-1), np.full((64, 64, 39), -9.0, np.float32))

    np.testing.assert_allclose(xy[:, 0] * 256, np.arange(39))
    np.testing.assert_allclose(xy[:, 1], 0.5)
    assert visibility[[0, 19, 38]] == pytest.approx((0.0, 0.5, 1.0))


def test_an_upright_mask_is_the_probability() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (1, 256, 256, 1)).astype(np.float32)

    mask = blazepose.upright_mask(logits, 0.0)

    assert mask.dtype == np.float32
    np.testing.assert_allclose(mask, 1 / (1 + np.exp(-logits[0, :, :, 0])), atol=1e-6)


@pytest.mark.parametrize("turn_deg", [-30.0, 12.0, 90.0])
def test_a_turned_mask_lies_where_its_region_saw_it(turn_deg: float) -> None:
    region = Region((128.0, 128.0), 256.0, math.radians(turn_deg))
    x, y = grid(256)
    logits = np.clip(8.0 - np.hypot(x - 128, y - 60), -10, 10)  # a head of 8 cells 68 above the middle

    mask = blazepose.upright_mask(logits.astype(np.float32), region.turn_rad)

    head_x, head_y = region.place(np.array([0.5, 60 / 256]))
    found = mask > 0.5
    assert (x[found].mean(), y[found].mean()) == pytest.approx((head_x, head_y), abs=0.1)
    assert found.sum() == pytest.approx(math.pi * 64, rel=0.05)
    assert mask.min() >= 0.0
    assert mask.max() <= 1.0


def test_a_turned_mask_is_empty_beyond_its_region() -> None:
    mask = blazepose.upright_mask(np.full((256, 256), 9.0, np.float32), math.radians(45))

    assert mask[0, 0] < 1e-6
    assert mask[128, 128] > 0.999
