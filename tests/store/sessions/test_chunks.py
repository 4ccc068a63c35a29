"""Poses as bytes: nothing of what a coach sees is lost, and nothing is invented from torn bytes."""

import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt
from app.store.sessions.chunks import Chunk, KeptEvent, pack, unpack
from app.store.sessions.errors import DamagedError
from app.store.sessions.grid import GRID_PX, MOST_PX, on_grid

NAN = float("nan")
ODD = [0.0, -0.0, 0.001, -1e-9, 1279.9999, -5000.25, NAN, np.inf, -np.inf, 1e300, MOST_PX, GRID_PX / 2]


def pose(t_s, xy_px, visibility=0.5, **more):
    xy_px = np.broadcast_to(np.asarray(xy_px, dtype=float), (LANDMARK_COUNT, 2))
    return BodyPose(t_s, xy_px, np.full(LANDMARK_COUNT, visibility), more.pop("size", (1280, 720)), **more)


def assert_same(a, b):
    assert (a.t_s, a.image_size_px, a.markers, a.sides) == (b.t_s, b.image_size_px, b.markers, b.sides)
    assert (a.doubts, a.absence) == (b.doubts, b.absence)
    assert a.xy_px.tobytes() == b.xy_px.tobytes()
    assert a.visibility.tobytes() == b.visibility.tobytes()


def test_a_pose_is_moved_by_less_than_a_five_hundredth_of_a_pixel():
    rng = np.random.default_rng(1)
    before = pose(0.1, rng.uniform(-100, 4000, (LANDMARK_COUNT, 2)), 0.7311)
    after = on_grid(before)
    assert np.abs(after.xy_px - before.xy_px).max() <= GRID_PX / 2 < 0.002
    assert np.abs(after.visibility - before.visibility).max() <= 0.5 / 255
    assert_same(on_grid(after), after)
    assert (after.t_s, after.image_size_px, after.markers) == (0.1, (1280, 720), False)


def test_what_is_no_position_is_missing():
    on = on_grid(pose(0.0, [NAN, np.inf], NAN))
    assert np.isnan(on.xy_px).all()
    assert (on.visibility == 0.0).all()
    assert (on_grid(pose(0.0, [9e6, -9e6])).xy_px == [MOST_PX, -MOST_PX]).all()
    assert np.isnan(on_grid(pose(0.0, [1e300, -1e300])).xy_px).all()


coordinates = st.one_of(st.sampled_from(ODD), st.floats(-1e4, 1e4))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-1e6, 1e6),
            st.lists(coordinates, min_size=2, max_size=2),
            st.floats(0, 1),
            st.sets(st.sampled_from(Doubt)),
            st.sampled_from(["", "two people", "a \"quote\"\nand ü"]),
            st.sampled_from([(1280, 720), (64, 48)]),
            st.booleans(),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_poses_come_back_as_they_were(rows):
    poses = [
        on_grid(pose(t_s, xy, vis, doubts=frozenset(doubts), absence=absence, size=size, markers=flag, sides=not flag))
        for t_s, xy, vis, doubts, absence, size, flag in rows
    ]
    back = unpack(pack(Chunk(poses)))
    assert len(back.poses) == len(poses)
    for one, other in zip(poses, back.poses, strict=True):
        assert_same(one, other)


def test_every_landmark_keeps_its_own_place():
    xy_px = np.arange(2.0 * LANDMARK_COUNT).reshape(LANDMARK_COUNT, 2) * 3.25
    frames = [on_grid(pose(k / 60, np.where(xy_px == 6.5 * k, np.nan, xy_px + k))) for k in range(9)]
    for one, other in zip(frames, unpack(pack(Chunk(frames))).poses, strict=True):
        assert_same(one, other)


def test_events_and_tracking_come_back():
    events = [KeptEvent(3, 0.25, "request", "set_mode", ["run"]), KeptEvent(0, NAN, "mark", "hänger", {"a": None})]
    events.append(KeptEvent(np.int64(4), 0.5, "request", "add", [np.float64(0.25), np.int64(2), NAN]))
    back = unpack(pack(Chunk([], events, {"subject_switches": 2})))
    assert back.events[2].frame == 4
    assert back.events[2].value[:2] == [0.25, 2]
    assert list(back.poses) == []
    assert back.events[0] == events[0]
    assert back.events[1].t_s != back.events[1].t_s
    assert back.events[1].value == {"a": None}
    assert back.tracking == {"subject_switches": 2}


def repacked(change):
    whole = bytearray(zlib.decompress(pack(Chunk([pose(0.0, 1.0)]))))
    return zlib.compress(bytes(change(whole)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no zlib",
        pack(Chunk([pose(0.0, 1.0)]))[:-5],
        repacked(lambda whole: whole[:-1]),
        repacked(lambda whole: whole + b"x"),
        repacked(lambda whole: b"\xff\xff\xff\xff" + whole[4:]),
        repacked(lambda whole: whole.replace(b'"frames":1', b'"frames":9')),
        repacked(lambda whole: whole.replace(b'"contexts":[[1280', b'"contexts":[["80')),
        zlib.compress(json.dumps({}).encode()),
    ],
)
def test_broken_bytes_are_told_of(data):
    with pytest.raises(DamagedError, match="part of the poses"):
        unpack(data)
