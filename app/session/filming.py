"""Keeps the video of a session while it runs, in a thread of its own that may be late or fail and holds up nobody."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING

from app.store.sessions.errors import HistoryError
from app.store.sessions.video_track import VideoWriter, require_room

if TYPE_CHECKING:
    from pathlib import Path

    from app.coach.types import Frame

logger = logging.getLogger(__name__)

#: Pictures that wait to be encoded: 66 MB at 1280x720. It takes 4 ms each; more than these wait where the processor
#: or the disk is busy with something else, and then some are left out. Of a 4K camera, whose pictures take longer to
#: encode than to come, six wait.
MOST_WAITING, MOST_BYTES = 24, 150_000_000
#: How long closing waits for what is left: `MOST_WAITING` pictures and the index.
CLOSE_WAIT_S = 10.0
#: The coach goes first where the system lets a thread be told so.
_NICE = 5


class Filming:
    """Encodes and writes the pictures of one recording; pictures only, there is no sound.

    Args:
        folder: of the recording.
        there: False: the folder comes later, and `begin` tells that it is there.

    Attributes:
        dropped: pictures left out as the encoder or the disk was too slow. frames: pictures in the file.

    """

    def __init__(self, folder: Path, there: bool = True) -> None:
        self._folder = folder
        self._writer = VideoWriter(folder)
        self._queue: deque[Frame] = deque()
        self._wake, self._there = threading.Event(), threading.Event()
        self._began = False
        if there:
            self.begin()
        self._over = self._failed = False
        self._notice = ""
        self.dropped = 0
        self._thread = threading.Thread(target=self._write_all, name="video", daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Write from now on: the folder is there."""
        self._began = True
        self._there.set()

    @property
    def notice(self) -> str:
        """One line on why there is no video any more, "" while all is well."""
        return self._notice

    @property
    def frames(self) -> int:
        """How many pictures are in the file."""
        return self._writer.frames

    def add(self, frame: Frame) -> None:
        """Keep the picture of a frame, as the camera gave it; in the thread of the coach, which never waits here."""
        if self._over or self._failed or frame.image_bgr is None:
            return
        waiting = len(self._queue)
        if waiting >= MOST_WAITING or (waiting and (waiting + 1) * frame.image_bgr.nbytes > MOST_BYTES):
            self.dropped += 1
            return
        self._queue.append(frame)
        self._wake.set()

    def close(self) -> bool:
        """Write what waits and end the file; False: it did not end in time. Idempotent."""
        self._over = True
        self._wake.set()
        self._there.set()
        self._thread.join(CLOSE_WAIT_S)
        if self._thread.is_alive():
            self._notice = "The disk does not answer: the end of the video may be missing."
        return not self._thread.is_alive()

    def _write_all(self) -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        self._there.wait()
        if not self._began:
            self._queue.clear()  # some 70 MB, as long as anybody knows the recording
            return
        try:
            require_room(self._folder)
            ends = False
            while not ends:
                self._wake.wait()
                self._wake.clear()
                ends = self._over
                while self._queue:
                    frame = self._queue.popleft()
                    assert frame.image_bgr is not None
                    self._writer.add(frame.t_s, frame.image_bgr)
            self._writer.close()
            if self.dropped:
                logger.info("video: %d pictures left out, %d kept", self.dropped, self.frames)
        except HistoryError as error:
            self._fail(str(error))
        except Exception:  # whatever it is, the session goes on
            logger.exception("video")
            self._fail("a fault of the program; the log says which.")

    def _fail(self, why: str) -> None:
        """Let the session go on without a video; what there is of it is ended as well as can be."""
        logger.warning("video: %s", why)
        self._failed = True
        self._queue.clear()
        self._notice = f"No more video is kept ({why.rstrip('.')}); the session itself is."
        try:
            self._writer.close(rest=False)
        except HistoryError as error:  # it can be played as it is
            logger.warning("the index of the video could not be written: %s", error)
