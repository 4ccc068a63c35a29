"""The live camera: newest picture first, true arrival times, and patience with a cable that comes loose.

``cv2.VideoCapture.read()`` can block for ever and must not be disturbed from another thread, so each opened
device belongs to one daemon thread (`Reader`) that puts the newest frame into a slot. ``Webcam.read()`` waits
at that slot; when nothing comes it leaves the thread to its fate and tries the camera again with a new one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.capture.camera_reader import MOST_HANGING, WARM_UP_FRAMES, CameraPort, Reader, hanging
from app.capture.cameras import CameraInfo, find_camera
from app.capture.source import CaptureError

if TYPE_CHECKING:
    from app.coach.types import Frame

__all__ = ["WARM_UP_FRAMES", "CameraPort", "Webcam"]

OPEN_LIMIT_S = 30.0  # some Windows drivers take 4-12 s to give the first picture (opencv issue 26495)
REOPEN_LIMIT_S = 10.0
STALL_S = 2.0  # no picture for so long: the camera hangs or was unplugged
SILENT_S = 1.0  # no picture for so long: the user is told
GIVE_UP_S = 120.0  # so long without a picture ends the session: time to walk up to it and find the cable
FIRST_BACK_OFF_S = 0.5
LONGEST_BACK_OFF_S = 1.0  # who plugs the camera in again waits for this, the opening and the first pictures: under 3 s
CLOSE_WAIT_S = 2.0
DIM_FPS = 24.0  # auto-exposure in a dim room drops webcams to 15; below 24 the steps blur


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
        self._reader: Reader | None = None
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
            if self._silent:
                if self._reader is not None and self._reader.complaint:
                    return f"Camera {self._camera.index} gives pictures of another size or form: trying again."
                return f"No picture from camera {self._camera.index}: trying again. Check its cable."
            fps = self.fps
            if fps < DIM_FPS:
                return (
                    f"The camera gives only {fps:.0f} frames per second ({DIM_FPS:.0f} are needed): add light, "
                    "or choose a smaller picture."
                )
            if any(self.size_px) and self.size_px != self._asked_size_px:
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
            if hanging.of(self._camera.index) >= MOST_HANGING:
                self._state = "closed"
                raise CaptureError(self._no_answer())
            reader = self._reader = self._new_reader(0, (0, 0))
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
            self.size_px = reader.size_px

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
                    self._lost_s, self._back_off_s = None, FIRST_BACK_OFF_S
                    return frame
                remaining_s = self._deadline_s(reader) - self._port.clock()
                if reader.finished or remaining_s <= 0.0:
                    self._try_again(reader)
                else:
                    self._port.wait(self._condition, remaining_s)
            return None

    @property
    def _silent(self) -> bool:
        """Whether no picture has come for so long that it is to be told."""
        reader = self._reader
        if self._lost_s is not None or reader is None or not reader.awake:
            return self._lost_s is not None
        return self._port.clock() - reader.last_sign_s > SILENT_S

    def _no_answer(self) -> str:
        return (
            f"Camera {self._camera.index} does not open: its driver does not answer. Unplug it and plug it in again, "
            "or restart the computer."
        )

    def _deadline_s(self, reader: Reader) -> float:
        """Return until when a sign of life is expected from the reader."""
        if reader.awake:
            return reader.last_sign_s + STALL_S
        limit_s = OPEN_LIMIT_S if self._lost_s is None else REOPEN_LIMIT_S
        deadline_s = reader.started_s + limit_s
        return deadline_s if self._lost_s is None else min(deadline_s, self._lost_s + GIVE_UP_S)

    def _try_again(self, reader: Reader) -> None:
        """Leave the silent reader, wait a little and open the camera anew; raise when it is gone for good."""
        if self._lost_s is None:
            self._lost_s = reader.last_sign_s
        self._abandon()
        resume_s = self._port.clock() + self._back_off_s
        stuck = hanging.of(self._camera.index) >= MOST_HANGING
        if resume_s > self._lost_s + GIVE_UP_S:
            if stuck:
                self._fail(self._no_answer())
            gone = f"Camera {self._camera.index} gave no picture for {GIVE_UP_S:.0f} s: plug it in and start again."
            self._fail(reader.complaint or gone)
        while self._state == "open" and self._port.clock() < resume_s:
            self._port.wait(self._condition, resume_s - self._port.clock())
        if self._state != "open":
            return
        self._back_off_s = min(2.0 * self._back_off_s, LONGEST_BACK_OFF_S)
        self._find_again()
        if hanging.of(self._camera.index) < MOST_HANGING:
            self._reader = self._new_reader(reader.next_index, self.size_px, reader.complaint)

    def _fail(self, message: str) -> None:
        """Let go of the camera and raise ``message``, now and at every further read."""
        self._abandon()
        self._failure = CaptureError(message)
        raise self._failure

    def _new_reader(self, next_index: int, size_px: tuple[int, int], complaint: str = "") -> Reader:
        """Start a thread on the camera; ``size_px``: of the pictures before."""
        asked = self._asked_size_px, self._asked_fps
        reader = Reader(self._port, self._condition, self._camera.index, asked, size_px, next_index)
        reader.complaint = complaint  # the newest thing known, until it is opened and says otherwise
        return reader

    def _find_again(self) -> None:
        """Look up a camera that may have come back under another number, by its name."""
        same_name = [camera for camera in self._port.lister() if camera.name == self._camera.name]
        if self._camera.name and same_name and self._camera not in same_name:
            self._camera = same_name[0]

    def _abandon(self) -> None:
        """Tell the reader to stop. It releases the device itself, as soon as its read returns."""
        if self._reader is not None:
            self._reader.abandoned = True
            self._reader.slot = None  # a picture of some MB, as long as the thread hangs
            hanging.add(self._reader)

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
