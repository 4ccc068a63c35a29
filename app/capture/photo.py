"""A photo as a source: one still picture, shown for as long as a hold takes to be seen as one."""

from __future__ import annotations

import threading
from pathlib import Path

from app.capture.opencv import cv2, fitting, name_for_opencv, safe_bgr
from app.capture.source import CaptureError, one_line, require_file
from app.coach.types import Frame, ImageArray

#: Seconds and frames a second for which the picture stands: the standing reference wants three seconds.
PHOTO_S, PHOTO_FPS = 4.0, 10.0
#: First bytes of still pictures (FFmpeg would play them as a video of one frame), and of those that cannot be read.
_STILL_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\x00", b"MM\x00*")
_HEIC = (b"heic", b"heix", b"mif1", b"heif", b"avif")


def still_picture(path: Path) -> bool:
    """Whether a file that can be read begins as a still picture does; False for one that cannot be read."""
    try:
        if not path.is_file():
            return False  # a pipe would be waited for without end
        with path.open("rb") as file:
            head = file.read(12)
    except (OSError, ValueError):
        return False
    webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    return head.startswith(_STILL_PICTURES) or webp or (head[4:8] == b"ftyp" and head[8:12] in _HEIC)


class PhotoSource:
    """A still picture (PNG, JPEG and what else OpenCV reads); how the camera was held is heeded.

    Every frame is the same picture, 1 / PHOTO_FPS s later; `notice` says that it stands for a hold.

    Args:
        path: the file.
    """

    kind = "photo"
    live = False
    fps = PHOTO_FPS

    def __init__(self, path: str | Path) -> None:
        self.size_px: tuple[int, int] = (0, 0)
        self.frame_count: int | None = int(PHOTO_S * PHOTO_FPS)
        self.notice = ""
        self._path = Path(path)
        self._name = one_line(self._path.name)
        self._lock = threading.Lock()
        self._image: ImageArray | None = None
        self._next = -1

    def open(self) -> None:
        """Read the picture. Raises CaptureError."""
        with self._lock:
            if self._image is not None:
                return
            require_file(self._path, "photo")
            try:
                picture = cv2.imread(name_for_opencv(self._path), cv2.IMREAD_COLOR)
            except cv2.error:
                picture = None
            if picture is None:
                raise CaptureError(f"{self._name} cannot be read as a picture: save it as JPEG or PNG.")
            image = fitting(safe_bgr(picture, self._name))
            self._image, self._next = image, 0
            self.size_px = (image.shape[1], image.shape[0])
            self.notice = f"{self._name} is a photo: it is taken for a stance that is held; whether it was is not seen."

    def read(self) -> Frame | None:
        """Return the picture once more; None after PHOTO_S, or once closed."""
        with self._lock:
            if self._next < 0:
                raise RuntimeError("PhotoSource.read() before open()")
            if self._image is None or self._next >= PHOTO_S * PHOTO_FPS:
                return None
            index, self._next = self._next, self._next + 1
            return Frame(index=index, t_s=index / PHOTO_FPS, image_bgr=self._image.copy())

    def close(self) -> None:
        """Let go of the picture."""
        with self._lock:
            self._image = None
