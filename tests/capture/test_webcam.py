"""The live camera against a scripted device and a scripted clock: no hardware, no sleeps."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.capture import webcam
from app.capture.camera_reader import BAD_READS, MOST_HANGING, hanging
from app.capture.cameras import CameraInfo
from app.capture.opencv import cv2
from app.capture.source import CaptureError
from app.capture.webcam import LONGEST_BACK_OFF_S, CameraPort, Webcam

if TYPE_CHECKING:
    from types import SimpleNamespace

World = Any  # CameraWorld of conftest, which tests cannot import

WARM_UP = webcam.WARM_UP_FRAMES


def make(world: World, **settings: Any) -> Webcam:
    return Webcam(**{"size_px": (160, 120), "fps": 30.0, "port": world.port()} | settings)


def test_frames_are_stamped_when_they_were_read(
    world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace
) -> None:
    world.openings = [camera_steps.Opening(camera_steps.frames(fps=25.0), takes_s=6.0)]
    camera = make(world)
    camera.open()
    frames = [camera.read() for _ in range(10)]
    # opening took 6 s from 100 s; then one picture every 40 ms, the first ones dropped
    expected_s = [106.0 + 0.04 * (WARM_UP + 1 + index) for index in range(10)]
    np.testing.assert_allclose([frame.t_s for frame in frames if frame], expected_s)
    assert [frame.index for frame in frames if frame] == list(range(10))
    assert [clips.number(frame.image_bgr) for frame in frames if frame] == list(range(WARM_UP, WARM_UP + 10))
    assert camera.size_px == (160, 120)
    camera.close()
    assert camera.read() is None
    assert world.released == 1


def test_mjpg_is_asked_for_before_size_and_rate(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening(camera_steps.frames())]
    camera = make(world, size_px=(1280, 720), fps=60.0)
    camera.open()
    assert world.devices[0].asked == [
        (cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG"))),
        (cv2.CAP_PROP_FRAME_WIDTH, 1280),
        (cv2.CAP_PROP_FRAME_HEIGHT, 720),
        (cv2.CAP_PROP_FPS, 60.0),
    ]
    assert camera.size_px == (160, 120)
    assert camera.notice == "The camera gives 160x120 px, not the size asked for."
    camera.close()


def test_the_rate_is_what_arrives_whatever_the_driver_claims(world: World, camera_steps: SimpleNamespace) -> None:
    steps = [*camera_steps.frames(60, fps=15.0), *camera_steps.frames(400, fps=60.0)]
    world.openings = [camera_steps.Opening(steps)]
    camera = make(world, fps=60.0)  # the scripted driver always claims 60
    camera.open()
    assert np.isnan(camera.fps)
    assert camera.notice == ""
    for _ in range(50):
        camera.read()
    assert camera.fps == pytest.approx(15.0)
    assert "only 15 frames per second (24 are needed): add light" in camera.notice
    for _ in range(300):
        camera.read()
    assert camera.fps == pytest.approx(60.0)
    assert camera.notice == ""
    camera.close()


def test_bursts_do_not_fool_the_rate(world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace) -> None:
    image = clips.image(0)
    world.openings = [camera_steps.Opening([(0.001, image), (0.065, image)] * 60)]
    camera = make(world)
    camera.open()
    for _ in range(100):
        camera.read()
    assert camera.fps == pytest.approx(2 / 0.066, rel=0.02)
    camera.close()


def test_corrupt_first_pictures_and_lone_failures_are_passed_over(
    world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace
) -> None:
    garbage = np.full((120, 160, 3), 255, np.uint8)
    nothing = np.zeros((0, 0, 3), np.uint8)
    steps = [(0.1, None), (0.1, nothing), *[(0.1, garbage)] * 3, *camera_steps.frames(3)]
    many = BAD_READS + 3
    for k in range(3, many):  # never two in a row
        steps += [(0.1, None), *camera_steps.frames(1, first=k)]
    world.openings = [camera_steps.Opening(steps)]
    camera = make(world)
    camera.open()
    frames = [camera.read() for _ in range(many)]
    assert [clips.number(frame.image_bgr) for frame in frames if frame] == list(range(many))
    assert world.opened == [0]
    camera.close()


def test_a_camera_whose_first_reads_fail_is_given_time(world: World, camera_steps: SimpleNamespace) -> None:
    slow = [*[(0.0, None)] * 20, *[(1.0, None)] * 8, *camera_steps.frames(WARM_UP + 2)]
    world.openings = [camera_steps.Opening(slow)]
    camera = make(world)
    camera.open()
    frame = camera.read()
    assert frame is not None
    assert frame.t_s == pytest.approx(108.0 + (WARM_UP + 1) / 30.0)
    assert world.opened == [0]
    camera.close()


def test_gray_pictures_become_bgr(world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening([(0.03, clips.image(5)[:, :, 0])] * 10)]
    camera = make(world)
    camera.open()
    frame = camera.read()
    assert frame is not None
    np.testing.assert_array_equal(frame.image_bgr, clips.image(5))
    camera.close()


def test_the_newest_frame_wins(world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace) -> None:
    """A consumer that comes late finds the newest frame; the gap in the index shows what it missed."""
    world.openings = [camera_steps.Opening(camera_steps.frames(40))]
    camera = make(world)
    camera.open()
    first = camera.read()
    arrived = threading.Event()

    def watch() -> None:
        reader = camera._reader
        assert reader is not None
        if reader.next_index >= 4:
            arrived.set()

    while not arrived.is_set():  # let the device go on while nobody reads
        with camera._condition:
            camera._port.wait(camera._condition, 1.0)
            watch()
    second = camera.read()
    assert first is not None
    assert second is not None
    assert (first.index, second.index) == (0, 3)
    assert clips.number(second.image_bgr) == WARM_UP + 3
    camera.close()


@pytest.mark.parametrize("trouble", ["stall", "unplug"])
def test_a_camera_that_goes_away_comes_back_on_the_same_time_axis(
    world: World, camera_steps: SimpleNamespace, trouble: str
) -> None:
    end = [camera_steps.STALL] if trouble == "stall" else [(0.0, None)] * 10
    world.openings = [
        camera_steps.Opening([*camera_steps.frames(WARM_UP + 3), *end]),
        camera_steps.Opening(opens=False),
        camera_steps.Opening(camera_steps.frames()),
    ]
    camera = make(world)
    camera.open()
    before = [camera.read() for _ in range(3)]
    notices = set()
    world.on_wait = lambda: notices.add(camera.notice)
    after = camera.read()
    assert after is not None
    last = before[-1]
    assert last is not None
    assert after.index == last.index + 1
    # stalled: 2 s until noticed; then pauses of 0.5 and 1 s
    away_s = 1.5 + (webcam.STALL_S if trouble == "stall" else 0.0) + (WARM_UP + 1) / 30.0
    assert after.t_s - last.t_s == pytest.approx(away_s, abs=0.01)
    assert "No picture from camera 0: trying again. Check its cable." in notices
    assert camera.notice == ""
    assert world.opened == [0, 0, 0]
    camera.close()


def test_a_camera_that_stays_away_ends_with_one_line(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), camera_steps.STALL])]
    camera = make(world)
    camera.open()
    frame = camera.read()
    assert frame is not None
    with pytest.raises(CaptureError, match="gave no picture for 120 s: plug it in") as caught:
        camera.read()
    assert "\n" not in str(caught.value)
    assert 118.0 < world.now_s - frame.t_s <= 121.0
    assert len(world.opened) > 100  # it tried every second
    with pytest.raises(CaptureError, match="gave no picture"):
        camera.read()
    camera.close()
    assert camera.read() is None


def test_a_reopened_device_that_hangs_in_opening_is_given_up_too(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), camera_steps.STALL])]
    world.openings += [camera_steps.Opening([camera_steps.STALL]) for _ in range(9)]
    camera = make(world)
    camera.open()
    camera.read()
    start_s = world.now_s
    with pytest.raises(CaptureError, match=r"does not open: its driver does not answer\. Unplug it"):
        camera.read()
    assert world.now_s - start_s <= 121.0
    assert len(world.opened) == hanging.of(0) == MOST_HANGING
    camera.close()
    with pytest.raises(CaptureError, match="its driver does not answer"):  # nor is another session let in there
        make(world).open()
    assert len(world.opened) == MOST_HANGING
    world.openings = [camera_steps.Opening(camera_steps.frames())]
    other = make(world, index_or_name=1)  # whose driver is another one
    other.open()
    assert other.read() is not None
    other.close()


def test_a_camera_back_under_another_number_is_found_by_name(world: World, camera_steps: SimpleNamespace) -> None:
    other = CameraInfo(1, "Built-in")
    world.cameras = [(CameraInfo(0, "Good Cam"), other), (other, CameraInfo(2, "Good Cam"))]
    world.openings = [
        camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), *[(0.0, None)] * 10]),
        camera_steps.Opening(camera_steps.frames()),
    ]
    camera = make(world, index_or_name="good")
    camera.open()
    assert camera.read() is not None
    assert camera.read() is not None
    assert world.opened == [0, 2]
    camera.close()


@pytest.mark.parametrize("odd", ["another size", "another form"])
def test_odd_pictures_are_passed_over_until_the_right_ones_are_back(
    world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace, odd: str
) -> None:
    picture = clips.image(0, (320, 240)) if odd == "another size" else np.zeros((120, 160, 3), np.float32)
    few, many = [(0.03, picture)] * 4, [(0.03, picture)] * 100
    world.openings = [
        camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), *few, *camera_steps.frames(1, first=77), *many]),
        camera_steps.Opening([*many, *camera_steps.frames(WARM_UP + 2, first=99)]),
        camera_steps.Opening([*camera_steps.frames(WARM_UP + 2, first=99)]),
    ]
    camera = make(world)
    camera.open()
    notices = set()
    world.on_wait = lambda: notices.add(camera.notice)
    numbers = [clips.number(frame.image_bgr) for _ in range(3) if (frame := camera.read()) is not None]
    assert numbers[:2] == [WARM_UP, 77]
    assert numbers[2] >= 99
    # Pictures of no known form end a device as failed reads do, before anything could be told of them.
    assert "Camera 0 gives pictures of another size or form: trying again." in notices
    assert camera.notice == ""
    camera.close()


def test_who_unplugs_a_camera_is_not_told_of_odd_pictures_that_were_over(
    world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace
) -> None:
    few = [(0.03, clips.image(0, (320, 240)))] * 4
    good = camera_steps.frames(WARM_UP + 2)
    again = camera_steps.frames(1, first=77)
    world.openings = [camera_steps.Opening([*good, *few, *again, camera_steps.STALL])]
    camera = make(world)
    camera.open()
    frame = camera.read()
    while frame is not None and clips.number(frame.image_bgr) != 77:
        frame = camera.read()
    with pytest.raises(CaptureError, match="gave no picture for 120 s"):
        camera.read()
    camera.close()


def test_another_picture_size_after_coming_back_is_refused(
    world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace
) -> None:
    world.openings = [
        camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), *[(0.0, None)] * 10]),
        *(camera_steps.Opening([(0.9, clips.image(0, (320, 240)))] * 200) for _ in range(99)),
    ]
    camera = make(world)
    camera.open()
    camera.read()
    with pytest.raises(CaptureError, match="another picture size"):
        camera.read()
    camera.close()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("refuses", "Camera 0 is busy."),
        ("hangs", "opens but gives no picture"),
        ("only failures", "opens but gives no picture"),
        ("tiny", "too small"),
        ("unknown name", "No camera is named 'Nikon': there are 0 (Scripted Cam)"),
    ],
)
def test_open_refuses_in_one_line(
    world: World, camera_steps: SimpleNamespace, clips: SimpleNamespace, script: str, expected: str
) -> None:
    world.openings = {
        "refuses": [camera_steps.Opening(opens=False)],
        "hangs": [camera_steps.Opening([camera_steps.STALL])],
        "only failures": [camera_steps.Opening([(1.0, None)] * 60)],
        "tiny": [camera_steps.Opening([(0.03, np.zeros((1, 1, 3), np.uint8))] * 5)],
        "unknown name": [],
    }[script]
    camera = make(world, index_or_name="Nikon" if script == "unknown name" else 0)
    with pytest.raises(CaptureError) as caught:
        camera.open()
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert world.now_s <= 100.0 + webcam.OPEN_LIMIT_S
    camera.close()


def test_a_bug_in_the_reader_comes_to_light_in_the_consumer(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), "nonsense"])]
    camera = make(world)
    camera.open()
    camera.read()
    with pytest.raises(ValueError, match="unpack"):
        camera.read()
    camera.close()


def test_a_closed_camera_can_be_opened_again(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening(camera_steps.frames()) for _ in range(2)]
    camera = make(world)
    for _ in range(2):
        camera.open()
        frame = camera.read()
        assert frame is not None
        assert frame.index == 0
        camera.close()
    assert world.released == 2


class Hanging:
    """A device that opens (or not even that) and then waits for ever, in real time."""

    def __init__(self, in_open: bool) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()
        self.in_open = in_open

    def opener(self, _index: int) -> Hanging:
        if self.in_open:
            self.hang()
        return self

    def hang(self) -> None:
        self.entered.set()
        self.leave.wait(20.0)

    def isOpened(self) -> bool:
        return True

    def set(self, _prop: int, _value: float, /) -> bool:
        return False

    def get(self, _prop: int, /) -> float:
        return 0.0

    def read(self) -> tuple[bool, None]:
        self.hang()
        return False, None

    def release(self) -> None:
        pass


@pytest.mark.parametrize("in_open", [True, False])
def test_close_unblocks_open_while_the_driver_hangs(in_open: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In real time: closing must not wait for a driver that never answers."""
    monkeypatch.setattr(webcam, "CLOSE_WAIT_S", 0.05)
    device = Hanging(in_open)
    camera = Webcam(port=CameraPort(opener=device.opener, lister=lambda: ()))
    opener = threading.Thread(target=camera.open)
    opener.start()
    assert device.entered.wait(10.0)
    start_s = time.monotonic()
    camera.close()
    opener.join(10.0)
    assert not opener.is_alive()
    assert time.monotonic() - start_s < 5.0
    assert camera.read() is None
    device.leave.set()
    for thread in threading.enumerate():
        if thread.name.startswith("camera-"):
            thread.join(10.0)
            assert not thread.is_alive()


def test_a_device_that_cannot_be_released_is_over_all_the_same(
    world: World, camera_steps: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    world.openings = [camera_steps.Opening(camera_steps.frames(WARM_UP + 1))]

    def release() -> None:
        raise cv2.error("no such device")

    camera = make(world)
    camera.open()
    world.devices[0].release = release
    assert camera.read() is not None
    reader = camera._reader
    assert reader is not None
    camera.close()
    assert reader.finished
    assert "could not be released: no such device" in caplog.text
    assert hanging.of(0) == 0


def test_a_camera_that_was_closed_holds_no_picture(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening(camera_steps.frames(WARM_UP + 1))]
    camera = make(world)
    camera.open()
    reader = camera._reader
    assert reader is not None
    assert reader.slot is not None  # came, and was not taken
    camera.close()
    assert reader.slot is None


def test_close_unblocks_a_waiting_read(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening(camera_steps.frames(WARM_UP + 1))]
    camera = make(world)
    camera.open()
    camera.read()
    waiting = threading.Event()

    def wait(condition: threading.Condition, timeout_s: float) -> None:
        waiting.set()
        condition.wait(20.0)

    object.__setattr__(camera._port, "wait", wait)  # from here on nothing comes: only close() can wake
    answers: list[object] = []
    reader = threading.Thread(target=lambda: answers.append(camera.read()))
    reader.start()
    assert waiting.wait(10.0)
    object.__setattr__(camera._port, "wait", world._wait)
    camera.close()
    reader.join(10.0)
    assert answers == [None]


def test_a_hundred_unpluggings_are_one_session(world: World, camera_steps: SimpleNamespace) -> None:
    gone = [(0.0, None)] * BAD_READS
    for _ in range(100):
        world.openings.append(camera_steps.Opening([*camera_steps.frames(WARM_UP + 2), *gone]))
        world.openings.append(camera_steps.Opening(opens=False))  # away for a second or two
    world.openings.append(camera_steps.Opening(camera_steps.frames()))
    camera, seen, away_s = make(world), [], []
    camera.open()
    while len(seen) < 202:
        began_s = world.now_s
        frame = camera.read()
        assert frame is not None
        seen.append(frame.index)
        away_s.append(world.now_s - began_s)
    assert seen == list(range(202))
    assert len(world.opened) == 201
    # Pauses of 0.5, then 1 s each, up to the one after which it is there; then the first pictures.
    assert max(away_s) == pytest.approx(0.5 + LONGEST_BACK_OFF_S + (WARM_UP + 1) / 30.0, abs=0.2)
    assert sum(thread.name.startswith("camera-") for thread in threading.enumerate()) <= 1
    camera.close()


def test_reads_that_never_return_leave_few_threads_behind(world: World, camera_steps: SimpleNamespace) -> None:
    world.openings = [camera_steps.Opening([*camera_steps.frames(WARM_UP + 1), camera_steps.STALL]) for _ in range(20)]
    camera = make(world)
    camera.open()
    for _ in range(MOST_HANGING):
        assert camera.read() is not None
    with pytest.raises(CaptureError, match="does not answer"):
        camera.read()
    assert len(world.opened) == hanging.of(0) == MOST_HANGING
    camera.close()
