"""Angles as .mot: what OpenSim's two readers insist on is there, and the angles are those of a body of known angles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.coach.standing import StandingReference
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Landmark
from app.store.atomic import OutputError
from app.store.mot_export import COLUMNS, FROM_SPORTS2D, SPORTS2D_NAMES, angles_deg, write_mot
from app.store.trc_export import Track

#: Known angles, deg: trunk lean; thigh and shank of the right leg (ahead), of the left leg (behind).
LEAN, RIGHT, LEFT = 12.0, (30.0, 10.0), (-5.0, 40.0)
STANDING = StandingReference("recorded", -100.0, 480.0, 540.0, 260.0, 259.0, 3.0, 1.0, 0.0, 0.0, 4.0, 3.0)


def opensim_table(text):
    """Read a .mot by the rules of OpenSim 4.6's Storage and DelimFileAdapter; return (header, labels, rows).

    Labels end at any blank, nColumns counts the time, and a row with anything but finite numbers ends the reading.
    """
    head, _, body = text.partition("\nendheader\n")
    header = dict(line.split("=") for line in head.split("\n") if "=" in line)
    lines = body.split("\n")
    assert lines[-1] == ""
    labels = lines[0].split()
    assert labels[0] == "time"
    rows = [[float(cell) for cell in line.split("\t")] for line in lines[1:-1]]
    assert all(len(row) == len(labels) for row in rows)
    assert np.isfinite(rows).all()
    assert int(header["nColumns"]) == len(labels)
    assert int(header["nRows"]) == len(rows)
    assert head.split("\n")[:2] == ["Coordinates", "version=1"]
    assert header["inDegrees"] == "yes"
    return head, labels, np.array(rows)


def down(at, angle_deg, length, ahead):
    """The point below ``at`` at an angle ahead of straight down, image frame."""
    angle = math.radians(angle_deg)
    return (at[0] + ahead * length * math.sin(angle), at[1] + length * math.cos(angle))


def body(t_s=0.0, facing=Facing.RIGHT, sides=True, without=()):
    """A body of the known angles; sides of the trunk in one place."""
    ahead = facing.sign
    xy_px = np.full((LANDMARK_COUNT, 2), np.nan)
    hip = (600.0, 400.0)
    shoulder = down(hip, 180.0 - LEAN, 150.0, ahead)
    for side, (thigh, shank) in (("RIGHT", RIGHT), ("LEFT", LEFT)):
        knee = down(hip, thigh, 130.0, ahead)
        # The shank's angle is + with the knee ahead of the ankle.
        ankle = down(knee, -shank, 120.0, ahead)
        for name, at in (("HIP", hip), ("SHOULDER", shoulder), ("KNEE", knee), ("ANKLE", ankle)):
            xy_px[Landmark[f"{side}_{name}"]] = at
    for name in without:
        xy_px[Landmark[name]] = np.nan
    return BodyPose(t_s, xy_px, np.ones(LANDMARK_COUNT), (1280, 720), sides=sides)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_known_angles_come_out(facing):
    found = {name: deg[0] for name, deg in angles_deg(Track([body(facing=facing)]), facing).items()}
    expected = {
        "trunk_lean": 12.0,
        "hip_flexion_front": 42.0, "knee_flexion_front": 40.0, "shank_front": 10.0,
        "hip_flexion_rear": 7.0, "knee_flexion_rear": 35.0, "shank_rear": 40.0,
        "right_knee": 40.0, "left_knee": 35.0, "right_hip": 42.0, "left_hip": 7.0,
    }  # fmt: skip
    assert tuple(expected) == COLUMNS
    assert found == pytest.approx(expected, abs=1e-9)


def test_standing_is_the_zero_of_our_own_columns_and_not_of_sports2ds():
    found = {name: deg[0] for name, deg in angles_deg(Track([body()]), Facing.RIGHT, standing=STANDING).items()}
    assert found["trunk_lean"] == pytest.approx(12.0 - 3.0)
    assert found["hip_flexion_front"] == pytest.approx(42.0 - 3.0)
    assert found["knee_flexion_rear"] == pytest.approx(35.0 - 4.0)
    assert found["shank_front"] == pytest.approx(10.0), "upright is upright"
    assert (found["right_knee"], found["right_hip"]) == (pytest.approx(40.0), pytest.approx(42.0))


def test_the_same_as_by_sports2ds_own_rule():
    """Its rule: angle of (a - b) less angle of (c - b) in image axes, plus an offset, times a sign."""
    pose = body()
    at = {name: pose.xy_px[Landmark[name]] for name in ("RIGHT_ANKLE", "RIGHT_KNEE", "RIGHT_HIP", "RIGHT_SHOULDER")}

    def direction_deg(vector):
        return math.degrees(math.atan2(vector[1], vector[0]))

    def within(angle_deg):
        return (angle_deg + 180.0) % 360.0 - 180.0

    shank, thigh = at["RIGHT_ANKLE"] - at["RIGHT_KNEE"], at["RIGHT_HIP"] - at["RIGHT_KNEE"]
    trunk = at["RIGHT_SHOULDER"] - at["RIGHT_HIP"]
    knee_deg = within(direction_deg(shank) - direction_deg(thigh) - 180.0)
    hip_deg = within(-(direction_deg(thigh) - direction_deg(trunk)))
    found = angles_deg(Track([pose]), Facing.RIGHT)
    assert found[FROM_SPORTS2D["right knee"]][0] == pytest.approx(knee_deg)
    assert found[FROM_SPORTS2D["right hip"]][0] == pytest.approx(hip_deg)
    assert {FROM_SPORTS2D[theirs]: theirs for theirs in FROM_SPORTS2D} == SPORTS2D_NAMES


def test_yaw_is_undone():
    straight = body()
    xy_px = np.array(straight.xy_px)
    xy_px[:, 0] = 600.0 + (xy_px[:, 0] - 600.0) * math.cos(math.radians(20.0))
    turned = BodyPose(0.0, xy_px, straight.visibility, (1280, 720), sides=True)
    found = angles_deg(Track([turned]), Facing.RIGHT, yaw_deg=20.0)
    assert found["trunk_lean"][0] == pytest.approx(12.0)
    assert found["right_knee"][0] == pytest.approx(40.0)


def test_the_file_is_what_opensim_insists_on(tmp_path):
    poses = [body(0.02 * k) for k in range(10)]
    poses[3] = body(0.06, without=("LEFT_KNEE",))
    poses[7] = BodyPose.nobody(0.14, (1280, 720))
    write_mot(tmp_path / "a.mot", Track(poses), Facing.RIGHT)
    head, labels, rows = opensim_table((tmp_path / "a.mot").read_text(encoding="utf-8"))
    assert labels[1:] == list(COLUMNS)
    assert rows[:, 0] == pytest.approx([0.02 * k for k in range(10) if k not in (3, 7)])
    assert rows[0, 1:] == pytest.approx([12.0, 42.0, 40.0, 10.0, 7.0, 35.0, 40.0, 40.0, 35.0, 42.0, 7.0], abs=1e-4)
    assert "no standing was known" in head
    assert "8 of 10 frames" in head
    write_mot(tmp_path / "b.mot", Track(poses), Facing.RIGHT, standing=STANDING)
    assert "the runner's own standing" in (tmp_path / "b.mot").read_text(encoding="utf-8")


def test_legs_that_nobody_can_tell_apart_have_no_left_and_right(tmp_path):
    poses = [body(0.02 * k, sides=False) for k in range(10)]
    write_mot(tmp_path / "a.mot", Track(poses), Facing.RIGHT)
    _, labels, _ = opensim_table((tmp_path / "a.mot").read_text(encoding="utf-8"))
    assert labels[1:] == [name for name in COLUMNS if name not in SPORTS2D_NAMES]


def test_one_leg_is_neither_front_nor_rear_and_leaves_the_trunk(tmp_path):
    poses = [body(0.02 * k, without=("LEFT_KNEE", "LEFT_ANKLE")) for k in range(10)]
    write_mot(tmp_path / "a.mot", Track(poses), Facing.RIGHT)
    _, labels, rows = opensim_table((tmp_path / "a.mot").read_text(encoding="utf-8"))
    assert labels[1:] == ["trunk_lean", "right_knee", "right_hip"]
    assert len(rows) == 10


def test_nobody_leaves_no_file(tmp_path):
    for track in (Track(), Track([BodyPose.nobody(0.0, (9, 9))])):
        with pytest.raises(OutputError, match="not written"):
            write_mot(tmp_path / "a.mot", track, Facing.RIGHT)
    assert list(tmp_path.iterdir()) == []
