"""What is kept of the starting line for each runner: the pictures of what was passed, and the best stance's outline.

Pictures are JPEGs under ``pictures/RUNNER/``, the outline is one JSON file under ``stances/``. What is kept of
whoever runs without a name lies under "=" (which no name is written with).
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from app.store.annotate import Overlay
from app.store.atomic import OWNER_FOLDER, OutputError, write_bytes, write_text
from app.store.people import file_word

if TYPE_CHECKING:
    from datetime import datetime

    from app.coach.report import CoachReport
    from app.coach.types import BodyPose, Frame

NOBODY = "="
QUALITY = 88


class Keepsakes:
    """Files below one data folder; made where it is missing.

    Args:
        data_folder: of the app.

    """

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder

    def keep_picture(
        self, runner: str, name: str, at: datetime, frame: Frame, pose: BodyPose, report: CoachReport
    ) -> Path:
        """Write the frame with line and body drawn on it; return where.

        Args:
            runner: whose, "" nobody known.
            name: what it shows, a word for the file's name, e.g. "good_left".
            at: wall-clock time.
            frame: the picture.
            pose: of the frame.
            report: of the frame.

        Raises:
            OutputError: it cannot be written.

        """
        done, data = cv2.imencode(".jpg", Overlay().draw(frame, pose, report), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not done:
            raise OutputError("The picture could not be made: nothing was kept.")
        folder = self._made("pictures", _word(runner))
        path = folder / f"{at:%Y-%m-%d_%H%M%S}_{name}.jpg"
        write_bytes(path, data.tobytes())
        _owner_only(path)
        return path

    def pictures(self, runner: str) -> list[Path]:
        """Return the kept pictures of a runner, oldest first."""
        return sorted((self._folder / "pictures" / _word(runner)).glob("*.jpg"))

    def keep_stance(self, runner: str, text: str) -> Path:
        """Keep the outline of a runner's best stance, as the text that `stance` gives back. Raises OutputError."""
        path = self._made("stances") / f"{_word(runner)}.json"
        write_text(path, text)
        _owner_only(path)
        return path

    def stance(self, runner: str) -> str:
        """Return the kept outline, "" where there is none or it cannot be read."""
        try:
            return (self._folder / "stances" / f"{_word(runner)}.json").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def rename(self, runner: str, to: str) -> None:
        """Give everything kept of a runner to another name. Raises OutputError."""
        try:
            for kind in ("pictures", "stances"):
                suffix = ".json" if kind == "stances" else ""
                path = self._folder / kind / f"{_word(runner)}{suffix}"
                if path.exists():
                    path.rename(path.with_name(f"{_word(to)}{suffix}"))
        except OSError as error:
            raise OutputError(f"{error.filename} cannot be renamed ({error.strerror}).") from error

    def forget(self, runner: str) -> None:
        """Delete everything kept of a runner. Raises OutputError."""
        try:
            for path in (*self.pictures(runner), self._folder / "stances" / f"{_word(runner)}.json"):
                path.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                (self._folder / "pictures" / _word(runner)).rmdir()
        except OSError as error:
            raise OutputError(f"{error.filename} cannot be deleted ({error.strerror}).") from error

    def _made(self, *parts: str) -> Path:
        folder = self._folder.joinpath(*parts)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=OWNER_FOLDER)
        except OSError as error:
            raise OutputError(f"{folder} cannot be made ({error.strerror}): use another --data-dir.") from error
        return folder


def _word(runner: str) -> str:
    return file_word(runner) if runner else NOBODY


def _owner_only(path: Path) -> None:
    with suppress(OSError):  # a file system without owners
        path.chmod(0o600)
