"""The kept video of a session: what is told of it, and the one with skeleton, line and cues that is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from pathlib import Path

    from app.capture.video import VideoSource
    from app.coach.report import CoachReport
    from app.coach.types import BodyPose, Frame
    from app.store.history import History
    from app.store.sessions.tables import SessionRow
    from app.store.sessions.video_track import KeptVideo

#: A picture and a pose of times nearer than this are of the same instant: cameras give up to 240 a second.
SAME_S = 0.001
#: What is told with a kept video that is damaged.
UNHARMED = "The session does not need it: its landmarks are a file of their own."


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(size / 1e6, 0.1):.{0 if size >= 1e7 else 1}f} MB"


def video_words(history: History, row: SessionRow) -> str:
    """Return what there is of a session's video, "" where there is none."""
    try:
        video = history.video(row.id)
    except WorldError as error:
        return f"cannot be read: {error} {UNHARMED}"
    if video is None:
        return ""
    words = f"{megabytes(video.size)}, {video.width_px}x{video.height_px}, {len(video.times_s)} pictures"
    if video.damaged:
        return f"{words}; damaged since it was recorded. {UNHARMED}"
    missing = row.frames - len(video.times_s)
    return f"{words} ({missing} left out)" if missing > 0 and row.state != "open" else words


def require_video(history: History, session: str) -> KeptVideo:
    """Return the video of a session. Raises WorldError: none was kept."""
    try:
        video = history.video(session)
    except WorldError as error:
        raise WorldError(f"{error} {UNHARMED}") from error
    if video is None or not video.times_s:
        raise WorldError(
            f"The session {session} has no video: none was asked for then. Settings or 'live --keep-video' keep it."
        )
    return video


def write_annotated(history: History, session: str, path: Path) -> None:
    """Write the kept video of a session with what its coach saw, judged again by the rules of then.

    Poses without a picture are left out: the picture before them stays.

    Raises:
        WorldError: there is no video, one of the two cannot be read, or the file cannot be written.
    """
    from app.capture.video import VideoSource
    from app.cli.terminal import counting, notice
    from app.store.annotate import Overlay
    from app.store.own_video import annotated_file
    from app.store.sessions import pose_file, requests
    from app.store.sessions.replay import Replay

    video = require_video(history, session)
    again, overlay = Replay.of(history.recipe(session)), Overlay()
    source = VideoSource(video.path)
    source.open()
    if video.damaged:
        notice(f"The video of the session {session} is damaged since it was recorded: pictures are missing. {UNHARMED}")
    try:
        frames = history.find(session).frames
        with counting("Drawing", frames) as count, annotated_file(path, lambda: source.fps) as film:
            pictures = _Pictures(source, video.times_s[0])

            def draw(pose: BodyPose, report: CoachReport) -> None:
                count()
                frame = pictures.at(pose.t_s)
                if frame is not None:
                    film.add(pose.t_s, overlay.draw(frame, pose, report))

            requests.listen(again.coach, draw, lambda *_: None)
            for chunk in pose_file.read_chunks(history.folder(session)):
                again.feed(chunk)
            again.end()
    finally:
        source.close()


class _Pictures:
    """The pictures of a kept video by the session's time, in the order in which they are asked for."""

    def __init__(self, source: VideoSource, start_s: float) -> None:
        self._source, self._start_s = source, start_s
        self._next = source.read()

    def at(self, t_s: float) -> Frame | None:
        """Return the frame of time ``t_s``, None where none was kept. Raises WorldError."""
        wanted_s = t_s - self._start_s
        while self._next is not None and self._next.t_s < wanted_s - SAME_S:
            self._next = self._source.read()
        return self._next if self._next is not None and self._next.t_s <= wanted_s + SAME_S else None
