"""A camera that fails on command, at the level of ``cv2.VideoCapture``, and a source that fails by a script.

`UsbCamera` stands where OpenCV stands: `capture.webcam.Webcam` opens it, reads it, loses it and opens it again with its
own code. Its pictures carry the number of their instant in their corner, by which `PictureOracle` knows the runner in
them: the whole chain behind runs with known truth and without a network. `FaultySource` wraps any other source.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from app.capture.around import Around
from app.capture.camera_reader import CameraPort
from app.capture.cameras import CameraInfo
from app.capture.source import wait_at
from app.coach.types import BodyPose
from app.pose.estimator import Estimate
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from app.capture.source import FrameSource
    from app.coach.types import Frame, ImageArray

NAME = "Faulty Cam"
SIZE_PX = (320, 180)
STANDING_S, HEIGHT_CM = 4.5, 178.0
#: The number in the corner: so many bits, each a block of so many px, black or white.
BITS, BLOCK_PX = 20, 12
_GREY, _BLACK, _WHITE = 90, 10, 240
#: How long a read waits for its picture at a time; nothing else than a fault lasts longer.
LOOK_S = 10.0


class Trouble(Enum):
    """What may be wrong with a camera that is plugged in."""

    NONE = "none"
    STALL = "read() does not return until the trouble is over"
    HANG = "read() never returns, not even when the trouble is over"
    OTHER_SIZE = "pictures of another size"
    GREY = "grey pictures, (H, W)"
    BGRA = "pictures with an alpha channel"
    FLOAT = "pictures of floating point numbers"
    STRIDED = "pictures that do not lie in one piece"
    FROZEN = "the same picture again and again"
    BLACK = "black pictures, with a sensor's noise"
    CORRUPT = "pictures of chance"


def scene_of(act: Act = Act.GOOD, size_px: tuple[int, int] = SIZE_PX, standing_s: float = STANDING_S) -> VirtualScene:
    """Return a runner who stands and then runs, with landmarks jittered as a network's are (it leaves none out)."""
    params = RunnerParams(act=act, height_cm=HEIGHT_CM, standing_s=standing_s)
    noise = Noise(0.6 * size_px[0] / 1280, seed=5)
    return VirtualScene(params, Camera.framing(size_px, stature_m=params.height_m), noise=noise)


def numbered(number: int, size_px: tuple[int, int] = SIZE_PX) -> ImageArray:
    """Return a picture that tells a number, with noise of its own as every picture of a real camera has."""
    width_px, height_px = size_px
    image = np.full((height_px, width_px, 3), _GREY, np.uint8)
    image[BLOCK_PX:] += np.random.default_rng(number).integers(0, 12, (height_px - BLOCK_PX, 1, 3), np.uint8)
    bits = np.array([number >> bit & 1 for bit in range(BITS)], dtype=bool)
    image[:BLOCK_PX, : BITS * BLOCK_PX] = np.repeat(np.where(bits, _WHITE, _BLACK), BLOCK_PX)[None, :, None]
    return image


def number_in(image: NDArray[Any]) -> int | None:
    """Return the number that a picture tells, None where it tells none."""
    row = image[BLOCK_PX // 2, BLOCK_PX // 2 : BITS * BLOCK_PX : BLOCK_PX].mean(axis=-1)
    high, low = np.abs(row - _WHITE) < 10, np.abs(row - _BLACK) < 10
    if row.size < BITS or not np.all(high | low) or not np.any(high):
        return None
    return int(sum(1 << bit for bit in range(BITS) if high[bit]))


class UsbCamera:
    """One camera on one machine, to be plugged and unplugged, with whatever trouble; from any thread.

    Attributes:
        plugged: whether it is there. trouble: what is wrong with it. fps: of its pictures, to be changed at will.
        opened: how often it was opened. hanging: reads that wait for ever.

    Args:
        fps: pictures per second. clock: monotonic seconds. wait: waits at a held condition for at most so many s.
    """

    def __init__(
        self,
        fps: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Condition, float], None] = wait_at,
    ) -> None:
        self.clock, self.wait, self.fps = clock, wait, fps
        self.plugged, self.trouble = True, Trouble.NONE
        self.opened = self.hanging = 0
        self.began_s = clock()
        self.changed = threading.Condition()
        self._over = False

    def port(self) -> CameraPort:
        """Return the world of a `Webcam` in which this camera is number 0."""
        return CameraPort(
            opener=self._open,
            lister=lambda: (CameraInfo(0, NAME),) if self.plugged else (),
            explain=lambda index: f"There is no camera {index} (/dev/video{index}): plug one in.",
            clock=self.clock,
            wait=self.wait,
        )

    def plug(self, plugged: bool) -> None:
        """Plug it in, or out: whoever reads it then fails at once, as with a real one."""
        with self.changed:
            self.plugged = plugged
            self.changed.notify_all()

    def have(self, trouble: Trouble) -> None:
        """Give it another trouble, or none."""
        with self.changed:
            self.trouble = trouble
            self.changed.notify_all()

    def end(self) -> None:
        """Let go of every read that hangs: the machine is switched off."""
        with self.changed:
            self._over = True
            self.changed.notify_all()

    def _open(self, _index: int) -> Device:
        self.opened += 1
        return Device(self)

    def number(self) -> int:
        """Return the number of this instant: thousandths of a second since the camera was made."""
        return round((self.clock() - self.began_s) * 1000.0)

    def next_picture(self, due_s: float, frozen: NDArray[Any] | None) -> NDArray[Any] | None:
        """Wait until a picture is due and return it; None where the camera is not there."""
        with self.changed:
            while self.plugged and not self._over:
                if self.trouble in (Trouble.STALL, Trouble.HANG):
                    self._hang(for_ever=self.trouble is Trouble.HANG)
                    continue
                early_s = due_s - self.clock()
                if early_s <= 0.0:
                    return self._picture(frozen)
                self.wait(self.changed, min(early_s, LOOK_S))
            return None

    def _hang(self, for_ever: bool) -> None:
        self.hanging += 1
        while not self._over and (for_ever or self.trouble is Trouble.STALL):
            self.changed.wait(LOOK_S)
        self.hanging -= 1

    def _picture(self, frozen: NDArray[Any] | None) -> NDArray[Any]:
        number, trouble = self.number(), self.trouble
        image: NDArray[Any] = numbered(number)
        if trouble is Trouble.OTHER_SIZE:
            return np.ascontiguousarray(image[:120, :160])
        if trouble is Trouble.GREY:
            return np.ascontiguousarray(image[:, :, 0])
        if trouble is Trouble.BGRA:
            return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
        if trouble is Trouble.FLOAT:
            return image.astype(np.float32) / 255.0
        if trouble is Trouble.STRIDED:
            return np.repeat(image, 2, axis=1)[:, ::2]
        if trouble is Trouble.FROZEN and frozen is not None:
            return frozen.copy()
        if trouble is Trouble.BLACK:
            return np.random.default_rng(number).integers(0, 14, image.shape, np.uint8)
        if trouble is Trouble.CORRUPT:
            return np.random.default_rng(number).integers(0, 256, image.shape, np.uint8)
        return image


class Device:
    """The camera as it was opened once: what is needed of ``cv2.VideoCapture``."""

    def __init__(self, camera: UsbCamera) -> None:
        self._camera = camera
        self._opened = camera.plugged
        self._due_s = camera.clock()
        self._last: NDArray[Any] | None = None

    def isOpened(self) -> bool:  # noqa: N802 -- OpenCV's name
        """Whether the camera was there."""
        return self._opened

    def read(self) -> tuple[bool, NDArray[Any] | None]:
        """Return the next picture when it is due."""
        self._due_s = max(self._due_s + 1.0 / self._camera.fps, self._camera.clock())
        picture = self._camera.next_picture(self._due_s, self._last)
        self._last = picture
        return picture is not None, picture

    def set(self, _prop: int, _value: float, /) -> bool:
        """Grant nothing."""
        return False

    def get(self, _prop: int, /) -> float:
        """Claim nothing."""
        return 0.0

    def release(self) -> None:
        """Let go."""


class PictureOracle:
    """Knows the runner in the pictures of a `UsbCamera`, at the time of their stamps; nobody in one without a number.

    Attributes:
        before: called with the number of the picture's turn (from 0) before each; it may raise or wait.
    """

    def __init__(self, scene: VirtualScene, began_s: float, before: Callable[[int], None] = lambda _turn: None) -> None:
        self._scene, self._began_s, self.before = scene, began_s, before
        self._turn = 0

    def estimate(self, frame: Frame) -> Estimate:
        """Return the runner of the picture; nobody where it tells no number."""
        turn, self._turn = self._turn, self._turn + 1
        self.before(turn)
        assert frame.image_bgr is not None
        height_px, width_px = frame.image_bgr.shape[:2]
        if number_in(frame.image_bgr) is None:
            return Estimate(BodyPose.nobody(frame.t_s, (width_px, height_px)))
        return Estimate(replace(self._scene.landmarks_at(frame.t_s - self._began_s), t_s=frame.t_s))

    def restart(self) -> None:
        """Nothing is followed."""

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Spell:
    """From when until when, s since the first frame, what is done to every frame; it may raise, or wait."""

    start_s: float
    end_s: float
    does: Callable[[Frame], Frame]


class FaultySource(Around):
    """Another source with a script of faults; their times are those of the frames as they are without."""

    def __init__(self, source: FrameSource, spells: Sequence[Spell]) -> None:
        super().__init__(source)
        self.live = source.live
        self._spells = tuple(spells)
        self._first_s: float | None = None

    def read(self) -> Frame | None:
        """Return the next frame, as the script has it."""
        frame = self.inner.read()
        if frame is None:
            return None
        self._first_s = frame.t_s if self._first_s is None else self._first_s
        at_s = frame.t_s - self._first_s
        for spell in self._spells:
            if spell.start_s <= at_s < spell.end_s:
                frame = spell.does(frame)
        return frame


def later(seconds: float) -> Callable[[Frame], Frame]:
    """Return what stamps a frame by so much later (negative: earlier)."""
    return lambda frame: replace(frame, t_s=frame.t_s + seconds)
