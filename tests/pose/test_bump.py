"""The camera that was moved: noticed once and soon; a runner, a crossing person and the light are none of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.types import LANDMARK_COUNT, BodyPose, ImageArray, Landmark
from app.pose.bump import CameraWatch

SIZE = (640, 360)
BUMP_S = 2.0
Change = Callable[[ImageArray, float], ImageArray]


@pytest.fixture(scope="module")
def room() -> ImageArray:
    """A room: blurred clutter of boxes, seeded."""
    rng = np.random.default_rng(4)
    picture = np.full((SIZE[1], SIZE[0], 3), 150, np.uint8)
    for _ in range(70):
        x, y = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1])
        w, h = rng.integers(8, 80, 2)
        colour = tuple(int(v) for v in rng.integers(30, 220, 3))
        cv2.rectangle(picture, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)
    return np.asarray(cv2.GaussianBlur(picture, (5, 5), 0), np.uint8)


def runner_at(t_s: float) -> tuple[int, int, BodyPose]:
    """A figure that bounces and swings, and its landmarks."""
    x, y = 320, 190 + round(8 * math.sin(18 * t_s))
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    swing = 45 * math.sin(9 * t_s)
    xy[Landmark.LEFT_EAR], xy[Landmark.LEFT_SHOULDER], xy[Landmark.LEFT_HIP] = (x, y - 100), (x, y - 70), (x, y)
    xy[Landmark.LEFT_ANKLE], xy[Landmark.RIGHT_ANKLE] = (x + swing, y + 100), (x - swing, y + 100)
    return x, y, BodyPose(t_s, xy, np.ones(LANDMARK_COUNT), SIZE)


def frames(room: ImageArray, change: Change, fps: float) -> Iterator[tuple[ImageArray, BodyPose]]:
    """Four seconds of the runner before the room, on a belt with running stripes; changed; with sensor noise."""
    rng = np.random.default_rng(1)
    noise = [rng.integers(0, 9, room.shape, dtype=np.uint8) for _ in range(4)]
    for k in range(round(4.0 * fps)):
        t_s = k / fps
        x, y, pose = runner_at(t_s)
        picture = room.copy()
        for stripe in range(6):
            left = int((stripe * 40 - 470 * t_s) % 240) + 200
            cv2.rectangle(picture, (left, 293), (left + 14, 306), (40, 40, 40), -1)
        cv2.ellipse(picture, (x, y - 40), (26, 73), 0, 0, 360, (60, 60, 200), -1)
        for ankle in (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE):
            cv2.line(picture, (x, y), tuple(int(v) for v in pose[ankle]), (120, 160, 200), 16)
        yield np.asarray(cv2.add(change(picture, t_s), noise[k % 4]), np.uint8), pose


def moved(shift: tuple[float, float] = (0.0, 0.0), scale: float = 1.0, roll_deg: float = 0.0) -> Change:
    """The camera knocked at 2 s: a shift as a share of the width, a scale, a roll."""

    def change(picture: ImageArray, t_s: float) -> ImageArray:
        if t_s < BUMP_S:
            return picture
        matrix = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), roll_deg, scale)
        matrix[:, 2] += np.multiply(shift, SIZE[0])
        return np.asarray(cv2.warpAffine(picture, matrix, SIZE, borderMode=cv2.BORDER_REFLECT), np.uint8)

    return change


def alarms(room: ImageArray, change: Change, fps: float = 8.0) -> list[float]:
    watch = CameraWatch()
    return [pose.t_s for image, pose in frames(room, change, fps) if watch.moved(image, pose.t_s, pose)]


@pytest.mark.parametrize(
    "change",
    [
        moved((0.006, 0.0)),
        moved((0.0, -0.008)),
        moved((-0.04, 0.02)),
        moved(scale=1.01),
        moved(scale=0.99),
        moved(roll_deg=0.6),
        moved((0.08, 0.05), 1.04, 2.0),
        moved((0.35, 0.2), 1.3, 12.0),
    ],
    ids=["right", "up", "further", "nearer", "away", "roll", "all", "quite elsewhere"],
)
def test_a_bump_is_told_once_within_a_second(room: ImageArray, change: Change) -> None:
    told = alarms(room, change)
    assert len(told) == 1
    assert BUMP_S < told[0] <= BUMP_S + 1.0


@pytest.mark.parametrize("fps", [7.0, 30.0])
def test_the_frame_rate_does_not_matter(room: ImageArray, fps: float) -> None:
    told = alarms(room, moved((0.01, 0.0)), fps)
    assert len(told) == 1
    assert BUMP_S < told[0] <= BUMP_S + 1.0


def nothing(picture: ImageArray, t_s: float) -> ImageArray:
    return picture


def dimmed(picture: ImageArray, t_s: float) -> ImageArray:
    """The exposure changes: slowly brighter, at 2 s at once half as bright."""
    gain = 1.0 + 0.1 * t_s if t_s < BUMP_S else 0.5
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain), np.uint8)


def lights_out(picture: ImageArray, t_s: float) -> ImageArray:
    return picture if t_s < BUMP_S else np.asarray(picture // 50, np.uint8)


def crossed(picture: ImageArray, t_s: float) -> ImageArray:
    """A large person walks through the picture from 1 s to 4 s, a third of its width."""
    x = round(-130 + 930 * (t_s - 1.0) / 3.0)
    cv2.rectangle(picture, (x - 100, 40), (x + 100, SIZE[1]), (90, 30, 30), -1)
    cv2.rectangle(picture, (x - 30, 130), (x + 40, 200), (10, 230, 230), -1)
    return picture


def trembling(picture: ImageArray, t_s: float) -> ImageArray:
    """The laptop stands on the treadmill: 0.15 % of the width at 3 Hz."""
    return moved((0.0, 0.0015 * math.sin(19.0 * t_s)))(picture, t_s + BUMP_S)


@pytest.mark.parametrize("change", [nothing, dimmed, lights_out, crossed, trembling])
def test_everything_else_is_no_bump(room: ImageArray, change: Change) -> None:
    assert alarms(room, change) == []


def test_a_creeping_lid_is_told(room: ImageArray) -> None:
    told = alarms(room, lambda picture, t_s: moved((0.0, 0.002 * t_s))(picture, t_s + BUMP_S))
    assert len(told) >= 1


def test_a_blank_wall_says_nothing() -> None:
    blank = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    assert alarms(blank, lambda picture, t_s: blank) == []


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True),
            st.sampled_from([(16, 16), (90, 160), (160, 90), (331, 17)]),
            st.sets(st.integers(0, LANDMARK_COUNT - 1)),
            st.integers(0, 3),
        ),
        max_size=20,
    )
)
def test_odd_landmarks_times_and_pictures_never_raise(
    rows: list[tuple[float, tuple[int, int], set[int], int]],
) -> None:
    watch = CameraWatch()
    for t_s, shape, missing, seed in rows:
        picture = np.random.default_rng(seed).integers(0, 255, (*shape, 3), dtype=np.uint8)
        xy = np.random.default_rng(seed).normal(0.0, 500.0, (LANDMARK_COUNT, 2))
        xy[list(missing)] = np.nan
        assert watch.moved(picture, t_s, BodyPose(0.0, xy, np.ones(LANDMARK_COUNT), SIZE)) in (True, False)
