"""The live camera: newest picture first, true arrival times, and patience with a cable that comes loose.

``cv2.VideoCapture.read()`` can block for ever and must not be disturbed from another thread, so each opened
device belongs to one daemon thread (`_Reader`) that puts the newest frame into a slot. ``Webcam.read()`` waits
at that slot; when nothing comes it leaves the thread to its fate and tries the camera again with a new one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.capture.cameras import (
    CameraInfo,
    VideoCaptureLike,
    find_camera,
    named_cameras,
    open_device,
    why_not_opened,
)
from app.capture.opencv import cv2, safe_bgr
from app.capture.source import CaptureError, wait_at
from app.coach.types import Frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from app.coach.types import ImageArray

OPEN_LIMIT_S = 30.0  # some Windows drivers take 4-12 s to give the first picture (opencv issue 26495)
REOPEN_LIMIT_S = 10.0
STALL_S = 2.0  # no picture for so long: the camera hangs or was unplugged
GIVE_UP_S = 30.0  # so long without a picture ends the session
FIRST_BACK_OFF_S = 0.5
LONGEST_BACK_OFF_S = 4.0
CLOSE_WAIT_S = 2.0
RATE_WINDOW_S = 2.0
DIM_FPS = 24.0  # auto-exposure in a dim room drops webcams to 15; below 24 the steps blur
WARM_UP_FRAMES = 3  # the first pictures after opening are often corrupt or dark
BAD_READS = 5  # so many failed reads in a row, once pictures came: the device is gone
BAD_READ_PAUSE_S = 0.02  # a device that is not ready fails at once: ask it again without keeping a core busy
_MJPG = float(cv2.VideoWriter.fourcc(*"MJPG"))


@dataclass(frozen=True, slots=True)
class CameraPort:
    """The world around a webcam; tests put a scripted one in its place.

    Attributes:
        opener: opens a device by index. lister: cameras with known names, without opening any.
        explain: why a device did not open, one line. clock: monotonic seconds.
        wait: waits at a held condition for at most so many seconds.
    """

    opener: Callable[[int], VideoCaptureLike] = open_device
    lister: Callable[[], tuple[CameraInfo, ...]] = named_cameras
    explain: Callable[[int], str] = why_not_opened
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Condition, float], None] = wait_at


class _Reader:
    """One opened device and the daemon thread that reads it.

    Attributes, all guarded by ``condition``:
        slot: the newest frame not yet taken. next_index: number of the frame to come.
        error: one line once the device failed. crash: an unforeseen exception, for the consumer to raise.
        finished: the thread is done and the device released. abandoned: nobody wants its frames any more.
        awake: a first frame came. last_sign_s: newest picture (or the start). arrivals_s: of the frames in
            the last RATE_WINDOW_S.
    """

    def __init__(
        self,
        port: CameraPort,
        condition: threading.Condition,
        device: int,
        size_px: tuple[int, int],
        fps: float,
        next_index: int,
    ) -> None:
        self.slot: Frame | None = None
        self.next_index = next_index
        self.error = ""
        self.crash: Exception | None = None
        self.finished = self.abandoned = self.awake = False
        self.started_s = self.last_sign_s = port.clock()
        self.arrivals_s: deque[float] = deque()
        self._port, self._condition, self._device = port, condition, device
        self._size_px, self._fps = size_px, fps
        threading.Thread(target=self._run, name=f"camera-{device}", daemon=True).start()

    @property
    def fps(self) -> float:
        """Frames per second from the arrivals of the last RATE_WINDOW_S, NaN before half of it has passed.

        Count over span: a camera that delivers in bursts would fool a median interval.
        """
        if len(self.arrivals_s) < 2:
            return float("nan")
        span_s = self.arrivals_s[-1] - self.arrivals_s[0]
        return (len(self.arrivals_s) - 1) / span_s if span_s >= RATE_WINDOW_S / 2.0 else float("nan")

    def _run(self) -> None:
        capture: VideoCaptureLike | None = None
        try:
            capture = self._port.opener(self._device)
            if capture.isOpened():
                self._configure(capture)
                self._pump(capture)
            else:
                self._fail(self._port.explain(self._device))
        except CaptureError as error:
            self._fail(str(error))
        except cv2.error:
            self._fail(f"Camera {self._device} failed in its driver: unplug it, plug it in again and restart.")
        except Exception as error:  # noqa: BLE001 -- our bug; read() raises it in the consumer's thread
            with self._condition:
                self.crash = error
        finally:
            if capture is not None:
                capture.release()
            with self._condition:
                self.finished = True
                self._condition.notify_all()

    def _fail(self, error: str) -> None:
        with self._condition:
            self.error = error

    def _configure(self, capture: VideoCaptureLike) -> None:
        """Ask for MJPG first: uncompressed pictures of this size do not fit through USB 2 at 60 a second."""
        width_px, height_px = self._size_px
        capture.set(cv2.CAP_PROP_FOURCC, _MJPG)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height_px)
        capture.set(cv2.CAP_PROP_FPS, self._fps)

    def _pump(self, capture: VideoCaptureLike) -> None:
        """Put the newest picture into the slot until nobody wants it or the device fails.

        Until the first picture any number of reads may fail, as those of slow drivers do: there the consumer's
        deadline decides.
        """
        bad_reads = good_reads = 0
        while not self.abandoned:
            fine, picture = capture.read()
            now_s = self._port.clock()
            image = _usable(fine, picture, self._device)
            if image is None:
                bad_reads += 1
                if good_reads and bad_reads >= BAD_READS:
                    raise CaptureError(f"Camera {self._device} gives no more pictures: plug it in again.")
                with self._condition:
                    if not self.abandoned:
                        self._port.wait(self._condition, BAD_READ_PAUSE_S)
                continue
            bad_reads = 0
            good_reads += 1
            with self._condition:
                self.last_sign_s = now_s
                if good_reads > WARM_UP_FRAMES and not self.abandoned:
                    self._hand_over(Frame(self.next_index, now_s, image))

    def _hand_over(self, frame: Frame) -> None:
        """Put the frame into the slot (over one not taken) and wake the consumer; condition held."""
        self.slot = frame
        self.next_index += 1
        self.awake = True
        self.arrivals_s.append(frame.t_s)
        while self.arrivals_s[0] < frame.t_s - RATE_WINDOW_S:
            self.arrivals_s.popleft()
        self._condition.notify_all()


def _usable(fine: bool, picture: NDArray[Any] | None, device: int) -> ImageArray | None:
    """Return the picture in its safe form, None where the read failed or gave nothing."""
    if not fine or picture is None or picture.size == 0:
        return None
    return safe_bgr(picture, f"Camera {device}")


class Webcam:
    """A live camera as a source; ``read()`` gives the newest frame and skips those nobody waited for.

    ``Frame.t_s`` is ``time.monotonic()`` just after the picture was read; ``Frame.index`` counts every picture
    of the camera, so gaps are frames skipped. ``fps`` is what truly arrives. A camera that stalls or is
    unplugged is tried again, with the same time axis, while ``notice`` says so; after GIVE_UP_S ``read()``
    raises.

    ``open()`` waits for the first picture and may take seconds: call it off the UI thread.

    Args:
        index_or_name: camera number, or a part of its name.
        size_px: (width, height) to ask for; ``size_px`` tells what came.
        fps: frames per second to ask for.
        port: the world around (for tests).
    """

    kind = "camera"
    live = True
    frame_count: int | None = None

    def __init__(
        self,
        index_or_name: int | str = 0,
        size_px: tuple[int, int] = (1280, 720),
        fps: float = 60.0,
        port: CameraPort | None = None,
    ) -> None:
        self.size_px: tuple[int, int] = (0, 0)
        self._wanted = index_or_name
        self._asked_size_px, self._asked_fps = size_px, fps
        self._port = CameraPort() if port is None else port
        self._condition = threading.Condition()
        self._state = "new"  # new, open, closed
        self._camera = CameraInfo(0, "")
        self._reader: _Reader | None = None
        self._failure: CaptureError | None = None
        self._lost_s: float | None = None  # time of the last picture, while the camera is away
        self._back_off_s = FIRST_BACK_OFF_S
        self._fps = float("nan")

    @property
    def fps(self) -> float:
        """Measured frames per second of the last two seconds; NaN in the first."""
        with self._condition:
            if self._reader is not None and self._reader.fps == self._reader.fps:
                self._fps = self._reader.fps
            return self._fps

    @property
    def notice(self) -> str:
        """One line for the status bar, "" when all is well."""
        with self._condition:
            if self._state != "open":
                return ""
            if self._lost_s is not None:
                return f"No picture from camera {self._camera.index}: trying again. Check its cable."
            fps = self.fps
            if fps < DIM_FPS:
                return (
                    f"The camera gives only {fps:.0f} frames per second ({DIM_FPS:.0f} are needed): add light, "
                    "or choose a smaller picture."
                )
            if self.size_px != self._asked_size_px:
                width_px, height_px = self.size_px
                return f"The camera gives {width_px}x{height_px} px, not the size asked for."
            return ""

    def open(self) -> None:
        """Open the camera and wait for its first picture. Raises CaptureError.

        Returns early, as a closed source, where ``close()`` comes meanwhile.
        """
        with self._condition:
            if self._state == "open":
                return
            self._camera = find_camera(self._wanted, self._port.lister())
            self._state, self._failure, self._lost_s = "open", None, None
            self._fps = float("nan")
            reader = self._reader = self._new_reader(0)
            while self._state == "open" and reader.slot is None:
                remaining_s = self._deadline_s(reader) - self._port.clock()
                if reader.finished or remaining_s <= 0.0:
                    self._abandon()
                    self._state = "closed"
                    if reader.crash is not None:
                        raise reader.crash
                    raise CaptureError(
                        reader.error
                        or f"Camera {self._camera.index} opens but gives no picture: close other programs that "
                        "use it, or plug it in again."
                    )
                self._port.wait(self._condition, remaining_s)
            if reader.slot is not None and reader.slot.image_bgr is not None:
                height_px, width_px = reader.slot.image_bgr.shape[:2]
                self.size_px = (width_px, height_px)

    def read(self) -> Frame | None:
        """Return the newest frame (waits for one), None once closed. Raises CaptureError."""
        with self._condition:
            if self._state == "new":
                raise RuntimeError("Webcam.read() before open()")
            while self._state == "open":
                if self._failure is not None:
                    raise self._failure
                reader = self._reader
                assert reader is not None
                if reader.crash is not None:
                    raise reader.crash
                if reader.slot is not None:
                    frame, reader.slot = reader.slot, None
                    self._welcome(frame)
                    return frame
                remaining_s = self._deadline_s(reader) - self._port.clock()
                if reader.finished or remaining_s <= 0.0:
                    self._try_again(reader)
                else:
                    self._port.wait(self._condition, remaining_s)
            return None

    def _welcome(self, frame: Frame) -> None:
        """Note that the camera is there (again); a changed picture size would spoil every px reference."""
        self._lost_s = None
        self._back_off_s = FIRST_BACK_OFF_S
        assert frame.image_bgr is not None
        height_px, width_px = frame.image_bgr.shape[:2]
        if (width_px, height_px) != self.size_px:
            self._fail(f"Camera {self._camera.index} came back with another picture size: start again.")

    def _deadline_s(self, reader: _Reader) -> float:
        """Return until when a sign of life is expected from the reader."""
        if reader.awake:
            return reader.last_sign_s + STALL_S
        limit_s = OPEN_LIMIT_S if self._lost_s is None else REOPEN_LIMIT_S
        deadline_s = reader.started_s + limit_s
        return deadline_s if self._lost_s is None else min(deadline_s, self._lost_s + GIVE_UP_S)

    def _try_again(self, reader: _Reader) -> None:
        """Leave the silent reader, wait a little and open the camera anew; raise when it is gone for good."""
        if self._lost_s is None:
            self._lost_s = reader.last_sign_s
        self._abandon()
        resume_s = self._port.clock() + self._back_off_s
        if resume_s > self._lost_s + GIVE_UP_S:
            self._fail(
                f"Camera {self._camera.index} gave no picture for {GIVE_UP_S:.0f} s: plug it in and start again."
            )
        while self._state == "open" and self._port.clock() < resume_s:
            self._port.wait(self._condition, resume_s - self._port.clock())
        if self._state != "open":
            return
        self._back_off_s = min(2.0 * self._back_off_s, LONGEST_BACK_OFF_S)
        self._find_again()
        self._reader = self._new_reader(reader.next_index)

    def _fail(self, message: str) -> None:
        """Let go of the camera and raise ``message``, now and at every further read."""
        self._abandon()
        self._failure = CaptureError(message)
        raise self._failure

    def _new_reader(self, next_index: int) -> _Reader:
        """Start a thread on the camera."""
        index, size_px = self._camera.index, self._asked_size_px
        return _Reader(self._port, self._condition, index, size_px, self._asked_fps, next_index)

    def _find_again(self) -> None:
        """Look up a camera that may have come back under another number, by its name."""
        same_name = [camera for camera in self._port.lister() if camera.name == self._camera.name]
        if self._camera.name and same_name and self._camera not in same_name:
            self._camera = same_name[0]

    def _abandon(self) -> None:
        """Tell the reader to stop. It releases the device itself, as soon as its read returns."""
        if self._reader is not None:
            self._reader.abandoned = True

    def close(self) -> None:
        """Let go of the camera; waits up to CLOSE_WAIT_S for the device to be free."""
        with self._condition:
            if self._state == "new":
                return
            self._state = "closed"
            self._abandon()
            self._condition.notify_all()
            deadline_s = self._port.clock() + CLOSE_WAIT_S
            while self._reader is not None and not self._reader.finished:
                remaining_s = deadline_s - self._port.clock()
                if remaining_s <= 0.0:
                    break
                self._port.wait(self._condition, remaining_s)
            self._reader = None
