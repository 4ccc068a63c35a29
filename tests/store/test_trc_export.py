"""Landmarks as .trc: what OpenSim insists on is there, and our own reader finds every landmark where it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.capture.trc import TrcSource
from app.coach.types import LANDMARK_COUNT, BodyPose, Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene
from app.store.atomic import OutputError
from app.store.trc_export import HEADER_KEYS, MARKERS, NoScaleError, Scale, Track, scale_by_height, write_trc

PX_PER_M = 250.0


def opensim_rows(text):
    """Read a .trc by the rules of OpenSim 4.6's TRCFileAdapter, as they were found out; return (names, rows).

    Cells are separated by tabs, an empty one at the end of a line does not count, blank ones in the header neither.
    """
    lines = text.split("\n")
    assert lines[0].split()[0] == "PathFileType"
    keys, values = lines[1].split("\t"), lines[2].split("\t")
    expected = (
        "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames".split()  # noqa: SIM905
    )
    assert keys == expected
    assert len(values) == 8
    header = dict(zip(keys, values, strict=True))
    labels = [label for label in lines[3].split("\t") if label]
    assert labels[:2] == ["Frame#", "Time"]
    names = labels[2:]
    assert int(header["NumMarkers"]) == len(names)
    axes = [label for label in lines[4].split("\t") if label]
    assert axes == [f"{axis}{n}" for n in range(1, len(names) + 1) for axis in "XYZ"]
    rows = [line.rstrip("\t").split("\t") for line in lines[5:] if line]
    assert all(len(row) == 2 + 3 * len(names) for row in rows), "a row is short: OpenSim refuses the file"
    assert all(cell for row in rows for cell in row)
    assert int(header["NumFrames"]) == int(header["OrigNumFrames"]) == len(rows)
    return header, names, np.array([[float(cell) for cell in row] for row in rows])


def scene_poses(seconds=1.0, fps=50.0, jitter_s=0.0):
    scene = VirtualScene(RunnerParams(act=Act.GOOD, standing_s=0.0), Camera.framing())
    times_s = [k / fps + jitter_s * (k % 3) for k in range(round(seconds * fps))]
    return [scene.landmarks_at(t_s) for t_s in times_s]


def test_the_header_is_what_opensim_insists_on(tmp_path):
    poses = scene_poses()
    write_trc(tmp_path / "my run.trc", Track(poses), Scale(PX_PER_M))
    text = (tmp_path / "my run.trc").read_text(encoding="utf-8")
    header, names, rows = opensim_rows(text)
    assert text.startswith("PathFileType\t4\t(X/Y/Z)\tmy_run.trc\n")
    assert (header["Units"], header["DataRate"], header["CameraRate"], header["OrigDataStartFrame"]) == (
        "m", "50", "50", "1",
    )  # fmt: skip
    assert len(HEADER_KEYS) == 8
    assert rows[:, 0].tolist() == list(range(1, 51)), "frames count from 1"
    assert {"REar", "LEar", "RBigToe", "Neck", "Hip"} <= set(names)
    assert not any(set(name) & set("*+/ ") for name in names)


def test_metres_y_up_from_a_floor_that_the_feet_touch(tmp_path):
    pose = scene_poses(0.02)[0]
    xy_px = np.array(pose.xy_px)
    scale = Scale(PX_PER_M, (100.0, 700.0))
    write_trc(tmp_path / "a.trc", Track([pose]), scale)
    _, names, rows = opensim_rows((tmp_path / "a.trc").read_text(encoding="utf-8"))
    at = 2 + 3 * names.index("RKnee")
    x_px, y_px = xy_px[Landmark.RIGHT_KNEE]
    assert rows[0, at : at + 3] == pytest.approx([(x_px - 100.0) / 250.0, (700.0 - y_px) / 250.0, 0.0], abs=1e-6)
    hip = 2 + 3 * names.index("Hip")
    middle_px = (xy_px[Landmark.LEFT_HIP] + xy_px[Landmark.RIGHT_HIP]) / 2.0
    assert rows[0, hip] == pytest.approx((middle_px[0] - 100.0) / 250.0, abs=1e-6)


def test_our_reader_finds_every_landmark_to_a_tenth_of_a_millimetre(tmp_path):
    poses = scene_poses(2.0)
    write_trc(tmp_path / "a.trc", Track(poses), Scale(PX_PER_M, (640.0, 690.0)))
    source = TrcSource(tmp_path / "a.trc")
    source.open()
    assert source.frame_count == len(poses)
    for pose in poses:
        frame = source.read()
        assert frame is not None
        assert frame.t_s == pytest.approx(pose.t_s, abs=1e-6)
        read_m = frame.landmarks.xy_px / source.px_per_m + np.array([source.origin_m[0], -source.origin_m[1]])
        meant_m = (pose.xy_px - np.array([640.0, 690.0])) / PX_PER_M
        np.testing.assert_array_equal(np.isnan(read_m), np.isnan(meant_m))
        assert np.nanmax(np.abs(read_m - meant_m)) < 1e-4
    source.close()


def test_a_missing_marker_is_nan_and_one_never_seen_has_no_column(tmp_path):
    first, second = scene_poses(0.04)
    xy_px = np.array(second.xy_px)
    xy_px[Landmark.RIGHT_TOE] = np.nan
    xy_px[Landmark.LEFT_HIP] = np.nan
    blind = np.array(first.xy_px)
    blind[Landmark.NOSE] = xy_px[Landmark.NOSE] = np.nan
    seen = np.ones(LANDMARK_COUNT)
    poses = [BodyPose(first.t_s, blind, seen, (9, 9)), BodyPose(second.t_s, xy_px, seen, (9, 9))]
    write_trc(tmp_path / "a.trc", Track(poses), Scale(PX_PER_M))
    text = (tmp_path / "a.trc").read_text(encoding="utf-8")
    _, names, rows = opensim_rows(text)
    assert "Nose" not in names
    missing = {names[k] for k in range(len(names)) if np.isnan(rows[1, 2 + 3 * k : 5 + 3 * k]).all()}
    assert missing == {"RBigToe", "LHip", "Hip"}
    assert np.isfinite(rows[0]).all()
    source = TrcSource(tmp_path / "a.trc")
    source.open()
    source.read()
    frame = source.read()
    assert np.isnan(frame.landmarks[Landmark.LEFT_HIP]).all(), "Hip is no stand-in where the sides are known"
    assert np.isfinite(frame.landmarks[Landmark.RIGHT_HIP]).all()
    source.close()


def test_a_variable_rate_keeps_its_true_times(tmp_path):
    poses = scene_poses(1.0, 50.0, jitter_s=0.004)
    write_trc(tmp_path / "a.trc", Track([*poses, poses[-1]]), Scale(PX_PER_M))
    header, _, rows = opensim_rows((tmp_path / "a.trc").read_text(encoding="utf-8"))
    assert rows[:, 1] == pytest.approx([pose.t_s for pose in poses], abs=1e-6)
    assert len(rows) == 50, "the frame that came twice is written once"
    assert float(header["DataRate"]) == pytest.approx(1.0 / 0.024, rel=1e-3)


def test_every_landmark_has_a_marker_of_its_own():
    assert set(MARKERS) == set(Landmark)
    assert len(set(MARKERS.values())) == LANDMARK_COUNT


def test_without_a_height_it_is_refused_with_what_to_give(tmp_path):
    track = Track(scene_poses(0.1))
    with pytest.raises(NoScaleError, match=r"^[^\n]*--height-cm[^\n]*$"):
        scale_by_height(track, math.nan, None)
    with pytest.raises(NoScaleError, match="head to feet"):
        scale_by_height(track, math.nan, 178.0)
    scale = scale_by_height(track, 2.5, 178.0)
    lowest_px = max(pose.xy_px[list(range(15, 21)), 1].max() for pose in scene_poses(0.1))
    assert scale.px_per_m == 250.0
    assert scale.origin_px[1] == pytest.approx(lowest_px, abs=1.0)


def test_nobody_leaves_no_file(tmp_path):
    nobody = [BodyPose.nobody(0.1 * k, (640, 480)) for k in range(3)]
    for track in (Track(), Track(nobody)):
        with pytest.raises(OutputError, match="nobody was seen"):
            write_trc(tmp_path / "a.trc", track, Scale(PX_PER_M))
    assert list(tmp_path.iterdir()) == []
