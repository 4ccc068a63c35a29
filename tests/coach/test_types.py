"""What every room relies on: a pose with its shapes and its time, and an error that is one line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.coach.errors import MOST_CHARACTERS, WorldError
from app.coach.types import LANDMARK_COUNT, MOST_PX, BodyPose, Landmark

SIZE = (1280, 720)
EAR, HIP = Landmark.LEFT_EAR, Landmark.LEFT_HIP


def pose(xy_px: np.ndarray, t_s: float = 0.0) -> BodyPose:
    return BodyPose(t_s, xy_px, np.ones(LANDMARK_COUNT), SIZE)


def test_a_pose_cannot_be_written_through_and_does_not_lock_what_it_was_made_of() -> None:
    xy = np.ones((LANDMARK_COUNT, 2))
    made = pose(xy)

    with pytest.raises(ValueError, match="read-only"):
        made.xy_px[EAR] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        made.visibility[EAR] = 0.0
    xy[EAR] = 5.0


@pytest.mark.parametrize("beyond", [math.inf, -math.inf, 1.001 * MOST_PX, -1.001 * MOST_PX])
def test_a_landmark_that_is_in_no_picture_is_missing_as_a_whole_and_the_others_stay(beyond: float) -> None:
    xy = np.full((LANDMARK_COUNT, 2), 100.0)
    xy[EAR, 0] = beyond
    xy[HIP] = (MOST_PX, -MOST_PX)

    made = pose(xy)

    assert np.isnan(made[EAR]).all()
    assert made[HIP].tolist() == [MOST_PX, -MOST_PX]
    assert np.isnan(made.xy_px).sum() == 2
    assert xy[EAR, 0] == beyond, "the array that was given is the caller's"


def test_nobody_is_a_pose_without_landmarks_and_one_landmark_is_somebody() -> None:
    nobody = BodyPose.nobody(1.5, SIZE, "somebody else is in front")
    one = np.full((LANDMARK_COUNT, 2), math.nan)
    one[HIP] = (3.0, 4.0)

    assert (nobody.seen, nobody.t_s, nobody.absence) == (False, 1.5, "somebody else is in front")
    assert nobody.visibility.sum() == 0.0
    assert pose(one).seen


@pytest.mark.parametrize("t_s", [math.nan, math.inf, -math.inf])
def test_a_pose_has_a_time(t_s: float) -> None:
    with pytest.raises(ValueError, match="t_s must be a time"):
        pose(np.ones((LANDMARK_COUNT, 2)), t_s)


def test_a_pose_of_other_landmarks_is_refused() -> None:
    with pytest.raises(ValueError, match="xy_px must have shape"):
        pose(np.ones((LANDMARK_COUNT - 1, 2)))
    with pytest.raises(ValueError, match="visibility must have shape"):
        BodyPose(0.0, np.ones((LANDMARK_COUNT, 2)), np.ones(LANDMARK_COUNT + 1), SIZE)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("No camera 0: plug one in.", "No camera 0: plug one in."),
        ("file 'a\nb\tc\x1b[31m' is läufer 走る", "file 'a b c?[31m' is läufer 走る"),
        ("", ""),
        ("x" * MOST_CHARACTERS, "x" * MOST_CHARACTERS),
        ("x" * (MOST_CHARACTERS + 1), "x" * (MOST_CHARACTERS - 3) + "..."),
    ],
)
def test_a_message_of_the_worlds_fault_is_one_printable_line(message: str, line: str) -> None:
    assert str(WorldError(message)) == line
