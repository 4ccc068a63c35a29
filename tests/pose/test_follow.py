"""Where the networks look: a region that does not tremble with the body, and a search that finds the right one."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pose.blazepose import Detection, Region
from app.pose.follow import REGION_SIZE_SLACK, REGION_SLACK, RegionFollower, Search, Target, tiles

WISH = Region((600.0, 350.0), 700.0, 0.1)
SIZE_PX = (1280, 720)


def person(x: float, y: float = 400.0, radius_px: float = 200.0, score: float = 0.9) -> Detection:
    return Detection(score, np.zeros(4), np.array([x, y]), np.array([x, y - radius_px]))


def followed(fps: float, seconds: float, keep: int = 1) -> list[Region]:
    """The regions after each frame under a runner who bobs 20 px at 2.7 Hz, every ``keep``-th frame given."""
    follower = RegionFollower(0.3)
    regions = []
    for k in range(round(seconds * fps)):
        if k % keep == 0:
            t_s = k / fps
            bob_px = 20 * math.sin(2 * math.pi * 2.7 * t_s)
            follower.update(Region((600.0, 350.0 + bob_px), 700.0 + bob_px, 0.1), t_s)
        assert follower.region is not None
        regions.append(follower.region)
    return regions


def test_the_region_stands_still_under_a_bobbing_runner() -> None:
    late = followed(60, 4)[120:]

    rows = [region.centre_px[1] for region in late]
    # A low-pass of 0.3 s leaves 1 / (2 pi 2.7 0.3) = 0.19 of 40 px.
    assert max(rows) - min(rows) < 9
    assert np.mean(rows) == pytest.approx(350, abs=1)


def test_the_region_does_not_depend_on_the_frame_rate() -> None:
    # What a step of 33 or 50 ms more or less does to the ripple of 9 px.
    for fps, keep in ((30.0, 1), (60.0, 3)):
        late = np.mean([region.centre_px[1] for region in followed(fps, 4, keep)[int(2 * fps) :]])
        assert late == pytest.approx(350, abs=2)


def test_a_jump_is_followed_at_once_up_to_the_slack() -> None:
    follower = RegionFollower()
    for k in range(120):
        follower.update(WISH, k / 60)
    far = Region((900.0, 350.0), 400.0, 0.1)

    follower.update(far, 2.0)

    assert follower.region is not None
    assert follower.region.centre_px[0] == pytest.approx(900 - REGION_SLACK * 400)
    assert follower.region.side_px == pytest.approx(400 * (1 + REGION_SIZE_SLACK))


def test_what_came_first_is_forgotten_soon() -> None:
    follower = RegionFollower()
    follower.start(Region((560.0, 300.0), 760.0), 0.0)

    follower.update(WISH, 1 / 60)

    assert follower.region == WISH


@pytest.mark.parametrize("t_s", [1.0, 0.5, -100.0])
def test_time_that_stands_or_goes_back_leaves_the_region(t_s: float) -> None:
    follower = RegionFollower()
    for k in range(61):
        follower.update(WISH, k / 60)

    follower.update(Region((620.0, 350.0), 700.0, 0.2), t_s)

    assert follower.region == WISH


def test_the_turn_takes_the_short_way_round() -> None:
    follower = RegionFollower()
    turns_deg = [179.0] * 60 + [-179.0] * 60
    for k, turn_deg in enumerate(turns_deg):
        follower.update(Region((600.0, 350.0), 700.0, math.radians(turn_deg)), k / 60)
        assert follower.region is not None
        assert abs(follower.region.turn_rad) >= math.radians(178.9)


@given(
    st.lists(st.tuples(st.floats(-3000, 3000), st.floats(1, 4000), st.floats(-3.1, 3.1), st.floats(-1, 1)), min_size=1)
)
def test_mirrored_wishes_give_the_mirrored_region(wishes: list[tuple[float, float, float, float]]) -> None:
    straight, mirror, t_s = RegionFollower(), RegionFollower(), 0.0
    for x, side_px, turn_rad, step_s in wishes:
        t_s += step_s
        straight.update(Region((x, 5.0), side_px, turn_rad), t_s)
        mirror.update(Region((-x, 5.0), side_px, -turn_rad), t_s)
        assert straight.region is not None
        assert mirror.region is not None
        assert mirror.region.centre_px == pytest.approx((-straight.region.centre_px[0], straight.region.centre_px[1]))
        assert mirror.region.side_px == pytest.approx(straight.region.side_px)
        assert math.cos(mirror.region.turn_rad + straight.region.turn_rad) == pytest.approx(1.0)


@given(st.integers(16, 4000), st.integers(16, 4000))
def test_the_tiles_cover_the_picture_and_stay_inside(width: int, height: int) -> None:
    if max(width, height) > 20 * min(width, height):
        return
    found = tiles((width, height))
    for share in (1.0, 2 / 3):
        level = [tile for tile in found if tile.side_px == pytest.approx(share * min(width, height))]
        for axis, extent in ((0, width), (1, height)):
            edges = sorted({(tile.centre_px[axis] - tile.side_px / 2, tile.side_px) for tile in level})
            assert edges[0][0] == pytest.approx(-0.5, abs=1e-6)
            assert edges[-1][0] + edges[-1][1] == pytest.approx(extent - 0.5)
            # Neighbours share at least half.
            assert all(b[0] - a[0] <= a[1] / 2 + 1e-6 for a, b in itertools.pairwise(edges))


def test_the_search_sees_the_whole_picture_first_and_every_part_within_26_frames() -> None:
    search = Search()
    regions = [search.next_region(SIZE_PX) for _ in range(26)]

    assert regions[0].side_px == 1280
    assert regions[0].centre_px == (639.5, 359.5)
    assert set(tiles(SIZE_PX)) < set(regions)
    assert sum(region.side_px == 1280 for region in regions) == 13


def test_the_search_looks_around_the_place_of_the_loss() -> None:
    search = Search()
    search.aim(Target((300.0, 500.0), 0.0, 100.0))

    regions = [search.next_region(SIZE_PX) for _ in range(8)]

    assert regions[0].side_px == 1280
    assert regions[1] == Region((300.0, 500.0), 720.0)
    assert regions[5] == Region((300.0, 500.0), 480.0)


def test_without_a_memory_the_largest_is_taken() -> None:
    small, large = person(200, radius_px=100), person(900, radius_px=180)

    assert Search().choose([small, large], 0.0) is large
    assert Search().choose([], 0.0) is None


def test_what_is_too_small_or_uncertain_in_a_tile_is_nobody() -> None:
    search = Search()

    search.next_region(SIZE_PX)
    assert search.choose([person(200, radius_px=44)], 0.0) is None
    assert search.choose([person(200, score=0.5)], 0.0) is not None
    search.next_region(SIZE_PX)
    assert search.choose([person(200, score=0.59)], 0.0) is None
    assert search.choose([person(200, score=0.6)], 0.0) is not None


def test_who_was_lost_is_preferred_to_somebody_larger() -> None:
    search = Search()
    search.aim(Target((250.0, 400.0), 10.0, 100.0))
    lost, larger = person(260, radius_px=100), person(900, radius_px=250)

    assert search.choose([larger, lost], 12.9) is lost
    assert search.choose([larger, lost], 13.1) is larger


def test_somebody_elsewhere_is_taken_only_after_a_while() -> None:
    search = Search()
    search.aim(Target((250.0, 400.0), 10.0, 100.0))
    other = person(900)

    assert search.choose([other], 10.5) is None
    assert search.choose([other], 11.1) is other


def test_who_was_pointed_at_is_waited_for_longer() -> None:
    search = Search()
    search.aim(Target((250.0, 380.0), chosen=True))
    other, meant = person(900), person(240, radius_px=90)

    assert search.choose([other], 10.0) is None
    assert search.choose([other], 12.9) is None
    assert search.choose([other, meant], 12.9) is meant
    assert search.choose([other], 13.1) is other
