"""One opened camera and the thread that reads it, which a driver may hold for ever.

`Webcam` waits at the thread's slot; when nothing comes it leaves the thread to its fate and begins another one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.capture.cameras import CameraInfo, VideoCaptureLike, named_cameras, open_device, why_not_opened
from app.capture.opencv import cv2, safe_bgr
from app.capture.source import CaptureError, wait_at
from app.coach.types import Frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from app.coach.types import ImageArray

logger = logging.getLogger(__name__)

RATE_WINDOW_S = 2.0
WARM_UP_FRAMES = 3  # the first pictures after opening are often corrupt or dark
BAD_READS = 5  # so many failed reads in a row, once pictures came: the device is gone
BAD_READ_PAUSE_S = 0.02  # a device that is not ready fails at once: ask it again without keeping a core busy
MOST_HANGING = 4  # so many readers may hang in a driver that does not answer; then no more are sent after them
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


class Reader:
    """One opened device and the daemon thread that reads it.

    Attributes, all guarded by ``condition``:
        slot: the newest frame not yet taken. next_index: number of the frame to come. device: its number.
        size_px: of the frames; (0, 0) until the first came, whose size is then kept to.
        error: one line once the device failed. crash: an unforeseen exception, for the consumer to raise.
        complaint: what is wrong with the pictures that come, one line; "" while none comes, or good ones.
        finished: the thread is done and the device released. abandoned: nobody wants its frames any more.
        awake: a first frame came. last_sign_s: newest picture (or the start). arrivals_s: of the frames in
            the last RATE_WINDOW_S.
    """

    def __init__(
        self,
        port: CameraPort,
        condition: threading.Condition,
        device: int,
        asked: tuple[tuple[int, int], float],
        size_px: tuple[int, int] = (0, 0),
        next_index: int = 0,
    ) -> None:
        self.slot: Frame | None = None
        self.next_index, self.device, self.size_px = next_index, device, size_px
        self.error = self.complaint = ""
        self.crash: Exception | None = None
        self.finished = self.abandoned = self.awake = False
        self.started_s = self.last_sign_s = port.clock()
        self.arrivals_s: deque[float] = deque()
        self._port, self._condition, self._asked = port, condition, asked
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
            capture = self._port.opener(self.device)
            if capture.isOpened():
                self._configure(capture)
                self._pump(capture)
            else:
                self._fail(self._port.explain(self.device))
        except CaptureError as error:
            self._fail(str(error))
        except cv2.error:
            self._fail(f"Camera {self.device} failed in its driver: unplug it, plug it in again and restart.")
        except Exception as error:  # noqa: BLE001 -- our bug; read() raises it in the consumer's thread
            with self._condition:
                self.crash = error
        finally:
            try:
                if capture is not None:
                    capture.release()
            except cv2.error as error:
                logger.warning("camera %d could not be released: %s", self.device, error)
            finally:
                with self._condition:
                    self.finished = True
                    self._condition.notify_all()

    def _fail(self, error: str) -> None:
        with self._condition:
            self.error = error

    def _configure(self, capture: VideoCaptureLike) -> None:
        """Ask for MJPG first: uncompressed pictures of this size do not fit through USB 2 at 60 a second."""
        (width_px, height_px), fps = self._asked
        capture.set(cv2.CAP_PROP_FOURCC, _MJPG)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height_px)
        capture.set(cv2.CAP_PROP_FPS, fps)

    def _pump(self, capture: VideoCaptureLike) -> None:
        """Put the newest picture into the slot until nobody wants it or the device fails.

        Until the first picture any number of reads may fail, as those of slow drivers do: there the consumer's
        deadline decides. Later a picture of an unknown form counts as a failed read, and one of another size as
        none: what was measured in px holds in one size only, and mostly the camera finds back to it.
        """
        bad_reads = good_reads = 0
        while not self.abandoned:
            fine, picture = capture.read()
            now_s = self._port.clock()
            image = self._usable(fine, picture, first=not good_reads)
            if image is None:
                bad_reads += 1
                if good_reads and bad_reads >= BAD_READS:
                    raise CaptureError(f"Camera {self.device} gives no more pictures: plug it in again.")
                with self._condition:
                    if not self.abandoned:
                        self._port.wait(self._condition, BAD_READ_PAUSE_S)
                continue
            bad_reads = 0
            good_reads += 1
            with self._condition:
                if self._of_another_size(image):
                    continue
                self.last_sign_s = now_s
                if good_reads > WARM_UP_FRAMES and not self.abandoned:
                    self._hand_over(Frame(self.next_index, now_s, image))

    def _usable(self, fine: bool, picture: NDArray[Any] | None, first: bool) -> ImageArray | None:
        """Return the picture in its safe form, None where the read failed, or gave nothing or an unknown form.

        Raises CaptureError for the first picture: a camera of such a form is of no use.
        """
        if not fine or picture is None or picture.size == 0:
            return None
        try:
            return safe_bgr(picture, f"Camera {self.device}")
        except CaptureError:
            if first and not any(self.size_px):
                raise
            with self._condition:
                self.complaint = f"Camera {self.device} came back with pictures of an unknown form: start again."
            return None

    def _of_another_size(self, image: ImageArray) -> bool:
        """Whether the session cannot use a picture as it is not of the size it began with; condition held."""
        height_px, width_px = image.shape[:2]
        if any(self.size_px) and (width_px, height_px) != self.size_px:
            self.complaint = f"Camera {self.device} came back with another picture size: start again."
            return True
        self.complaint = ""
        return False

    def _hand_over(self, frame: Frame) -> None:
        """Put the frame into the slot (over one not taken) and wake the consumer; condition held."""
        assert frame.image_bgr is not None
        height_px, width_px = frame.image_bgr.shape[:2]
        self.size_px = (width_px, height_px)
        self.slot = frame
        self.next_index += 1
        self.awake = True
        self.arrivals_s.append(frame.t_s)
        while self.arrivals_s[0] < frame.t_s - RATE_WINDOW_S:
            self.arrivals_s.popleft()
        self._condition.notify_all()


class Hanging:
    """The readers that nobody waits for any more and that a driver has not let go yet, of the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: list[Reader] = []

    def add(self, reader: Reader) -> None:
        """Count one that was abandoned."""
        with self._lock:
            self._readers = [one for one in self._readers if not one.finished]
            if not reader.finished and reader not in self._readers:
                self._readers.append(reader)

    def of(self, device: int) -> int:
        """Return how many hang in one camera's driver."""
        with self._lock:
            self._readers = [one for one in self._readers if not one.finished]
            return sum(one.device == device for one in self._readers)


#: A thread in a driver cannot be ended: it can only be counted.
hanging = Hanging()
