"""Pictures of the newest minute as small JPEGs: what the delayed mirror and the review show.

The analysing thread only hands a picture over; a thread of its own shrinks and packs it. Where that one is busy the
picture is left out: it is never waited for.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.coach.types import Frame, read_only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.coach.types import ImageArray
    from app.session.status import Analysis

logger = logging.getLogger(__name__)

#: Width of the kept pictures, px, and their JPEG quality: 15 to 40 kB each.
WIDTH_PX, QUALITY = 640, 80
#: Pictures nearer together than this are left out: 20 a second of a camera at 60 fps, 25 at 25, 15 at 30.
LEAST_APART_S = 0.039
#: So much is kept, by time and by size.
KEPT_S, MOST_BYTES = 60.0, 64_000_000
#: So many pictures may wait to be packed: at 720p each holds 2.8 MB.
MOST_WAITING = 4


class Shot:
    """One remembered frame: its analysis without the picture, and the picture packed.

    Attributes:
        t_s: its time. analysis: without the image. pictured: whether there is an image at all.
        jpeg: the packed image, b"" until it is packed (and always where there is none).

    """

    __slots__ = ("analysis", "jpeg", "pictured", "t_s")

    def __init__(self, analysis: Analysis) -> None:
        frame = analysis.frame
        self.t_s = frame.t_s
        self.pictured = frame.image_bgr is not None
        self.analysis = replace(analysis, frame=Frame(frame.index, frame.t_s))
        self.jpeg = b""

    @property
    def ready(self) -> bool:
        """Whether it can be shown: there is no image, or it is packed."""
        return not self.pictured or bool(self.jpeg)

    def shown(self) -> Analysis:
        """Return the analysis with its picture unpacked (2 ms); on no picture where there is none."""
        if not self.jpeg:
            return self.analysis
        image = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        if image is None:  # a truncated JPEG cannot come from `pack`
            return self.analysis
        frame = self.analysis.frame
        unpacked = read_only(np.asarray(image, dtype=np.uint8))
        return replace(self.analysis, frame=Frame(frame.index, frame.t_s, unpacked))


def pack(image_bgr: ImageArray, width_px: int = WIDTH_PX) -> bytes:
    """Return an image (H, W, 3) as a JPEG of at most ``width_px``; b"" where it cannot be packed."""
    height, width = image_bgr.shape[:2]
    small = image_bgr
    if width > width_px:
        size = (width_px, max(1, round(height * width_px / width)))
        small = np.asarray(cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(data) if done else b""


class Shots:
    """The newest shots, bounded by time and bytes. `add` from one thread, reading from any.

    Args:
        width_px: of the kept pictures.
        kept_s: how long back.
        most_bytes: of all packed pictures together.
        in_thread: False packs at once in the caller's thread (where nothing may be left out).

    """

    def __init__(
        self, width_px: int = WIDTH_PX, kept_s: float = KEPT_S, most_bytes: int = MOST_BYTES, in_thread: bool = True
    ) -> None:
        self._width_px, self._kept_s, self._most_bytes, self._in_thread = width_px, kept_s, most_bytes, in_thread
        self._changed = threading.Condition()
        self._shots: deque[Shot] = deque()
        self._waiting: deque[tuple[Shot, ImageArray]] = deque()
        self._thread: threading.Thread | None = None
        self._packing = self._closed = False
        self._newest_s = -math.inf
        self.bytes = 0
        #: Pictures left out because packing was behind.
        self.left_out = 0

    def add(self, analysis: Analysis) -> None:
        """Take one analysed frame; most are passed over."""
        t_s, image = analysis.frame.t_s, analysis.frame.image_bgr
        if self._closed or t_s - self._newest_s < LEAST_APART_S:
            return
        with self._changed:
            if image is not None and len(self._waiting) >= MOST_WAITING:
                self.left_out += 1
                return
            self._newest_s = t_s
            shot = Shot(analysis)
            self._shots.append(shot)
            if image is not None and self._in_thread:
                self._waiting.append((shot, image))
                self._changed.notify_all()
                self._start()
            self._forget()
        if image is not None and not self._in_thread:
            self._keep(shot, pack(image, self._width_px))

    def newest(self) -> list[Shot]:
        """Return the shots that can be shown, oldest first."""
        with self._changed:
            return [shot for shot in self._shots if shot.ready]

    def near(self, t_s: float) -> Shot | None:
        """Return the shot nearest to an instant, packed or still on its way; None without any."""
        with self._changed:
            return nearest(self._shots, t_s)

    def between(self, start_s: float, end_s: float) -> list[Shot]:
        """Return the shots of a stretch, oldest first."""
        with self._changed:
            found = []
            for shot in reversed(self._shots):
                if shot.t_s < start_s:
                    break
                if shot.t_s <= end_s:
                    found.append(shot)
            return found[::-1]

    def at(self, t_s: float) -> Shot | None:
        """Return the shot nearest to an instant that can be shown; None where that long ago nothing is kept."""
        with self._changed:
            oldest = next((shot for shot in self._shots if shot.ready), None)
            if oldest is None or t_s < oldest.t_s - LEAST_APART_S:
                return None
            return nearest((shot for shot in self._shots if shot.ready), t_s)

    def settle(self, timeout_s: float = 2.0) -> bool:
        """Wait until everything handed over is packed; False on timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._packing, timeout_s)

    def clear(self) -> None:
        """Forget everything."""
        with self._changed:
            self._shots.clear()
            self._waiting.clear()
            self._newest_s, self.bytes = -math.inf, 0

    def close(self, timeout_s: float = 2.0) -> None:
        """Pack what waits and end the thread; what is kept stays readable. Idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout_s)

    # ---- the packing thread -------------------------------------------------------------------------------------

    def _start(self) -> None:
        """Begin packing; with the first picture, as many sessions never have one."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._pack_all, name="recall", daemon=True)
            self._thread.start()

    def _pack_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
                if not self._waiting:
                    return
                shot, image = self._waiting.popleft()
                self._packing = True
            jpeg = b""
            try:
                jpeg = pack(image, self._width_px)
            except cv2.error as error:
                logger.warning("a picture could not be packed: %s", error)
            finally:
                self._keep(shot, jpeg)

    def _keep(self, shot: Shot, jpeg: bytes) -> None:
        with self._changed:
            shot.jpeg, shot.pictured = jpeg, bool(jpeg)
            self._packing = False
            if self._shots and shot.t_s >= self._shots[0].t_s:
                self.bytes += len(jpeg)
                self._forget()
            self._changed.notify_all()

    def _forget(self) -> None:
        """Let the oldest go; called with the lock held."""
        while self._shots and (self._shots[0].t_s < self._newest_s - self._kept_s or (self.bytes > self._most_bytes)):
            self.bytes -= len(self._shots.popleft().jpeg)


def nearest(shots: Iterable[Shot], t_s: float) -> Shot | None:
    """Return the shot nearest to an instant, None without any; they may be in any order."""
    return min(shots, key=lambda shot: abs(shot.t_s - t_s), default=None)
