"""What ``hingecoach sessions export`` writes and ``import`` reads."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.clip_exports import ClipExports
from app.cli.outcome import check_json_place, write_json
from app.cli.places import check_places, kept_in, tables_in
from app.coach.errors import WorldError
from app.store.atomic import require_writable
from app.store.video_file import require_mp4

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.store.history import History, SessionDetails
    from app.store.sessions.tables import SessionRow

STDOUT = "-"
#: Larger zips take a while, and it is said that they do: ten minutes of poses, ten seconds.
LONG_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """What is wanted of a session, as it was written on the command line; None not.

    Attributes:
        csv: a folder of tables. json: a file, or - for stdout. zip: all of the session, for another machine.
        trc, mot: landmarks and angles. height_cm: of the runner, for a session that does not know it.
        video: the kept video with what the coach saw. with_video: the kept video goes into the zip.
    """

    csv: str | None = None
    json: str | None = None
    zip: str | None = None
    trc: str | None = None
    mot: str | None = None
    height_cm: float | None = None
    video: str | None = None
    with_video: bool = False

    def check(self, folder: Path) -> None:
        """Raise WorldError for what cannot be written, before any work; ``folder``: of the app's data."""
        named = {"--json": self.json, "--zip": self.zip, "--trc": self.trc, "--mot": self.mot, "--video": self.video}
        if self.csv is None and not any(name is not None for name in named.values()):
            raise WorldError("Nothing to write: give --csv DIR, --json, --zip, --trc, --mot FILE or --video FILE.mp4.")
        if self.with_video and self.zip is None:
            raise WorldError("--with-video goes with --zip FILE; --video FILE.mp4 writes the video alone.")
        check_places(kept_in(folder), {**tables_in(self.csv), **named})
        check_json_place(self.json)
        for option in ("--zip", "--trc", "--mot", "--video"):
            name = named[option]
            if name == STDOUT:
                raise WorldError(f"{option} needs a file: only --json can go to stdout.")
            if name is not None:
                require_writable(Path(name).expanduser())
        if self.video is not None:
            require_mp4(Path(self.video))

    def write(self, history: History, session: str) -> list[str]:
        """Write what is wanted of the session of an id; return the names of what was written. Raises WorldError."""
        from app.cli.session_video import require_video, write_annotated
        from app.store.session_zip import export_session

        if self.video is not None or self.with_video:
            require_video(history, session)  # before any work
        if any(name is not None for name in (self.csv, self.json, self.trc, self.mot)):
            details = history.get(session)
            require_judged(details)
            ClipExports(_path(self.trc), _path(self.mot)).write_session(history, session, self.height_cm)
            if self.csv is not None:
                _write_tables(history, session, Path(self.csv).expanduser())
            if self.json is not None and details.summary is not None:
                write_json(self.json, {**details.summary, "session": _session_json(history, details.row)})
        if self.zip is not None:
            export_session(history, session, Path(self.zip).expanduser(), self.with_video)
        if self.video is not None:
            write_annotated(history, session, Path(self.video).expanduser())
        wanted = (self.csv, self.json, self.zip, self.trc, self.mot, self.video)
        return [name for name in wanted if name is not None and name != STDOUT]


def require_judged(details: SessionDetails) -> None:
    """Raise WorldError unless a session was closed and came to something."""
    row = details.row
    if details.summary is None and row.state == "open":
        raise WorldError(f"The session {row.id} is not closed yet: it is being recorded, or was cut off.")
    if details.summary is None:
        raise WorldError(f"The session {row.id} could not be judged: {row.notice or 'its landmarks are damaged.'}")


def take_in(folder: Path, file: str, tell: Callable[[str], None]) -> str:
    """Take in the session of a zip; return the id it has here. ``tell``: is told what else is to be said.

    Raises WorldError.
    """
    from app.store.session_zip import import_session

    path, notices = Path(file).expanduser(), list[str]()
    if path.is_dir():
        raise WorldError(f"{file} is a folder: give the .zip that 'hingecoach sessions export --zip' wrote.")
    if path.is_file() and path.stat().st_size > LONG_BYTES:
        tell("Its landmarks are judged again: an hour of them takes about a minute.")
    session = import_session(folder, path, notices)
    for notice in notices:
        tell(f"Note: {notice}")
    return session


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name).expanduser()


def _session_json(history: History, row: SessionRow) -> dict[str, Any]:
    """Return what is known of a session besides its judgement. Raises HistoryError."""
    return {
        "id": row.id,
        "started_at": row.started_at,
        "person": row.person,
        "note": row.note,
        "marks_s": list(history.moments_s(row.id)),
    }


def _write_tables(history: History, session: str, folder: Path) -> None:
    """Write the tables of ``analyze --csv``, the poses judged again by the rules of then; marks and the session itself.

    Raises WorldError.
    """
    from app.store.csv_export import frames_csv, write_session, write_tables
    from app.store.sessions import pose_file, requests
    from app.store.sessions.replay import Replay

    again = Replay.of(history.recipe(session))
    numbers = itertools.count()
    with frames_csv(folder) as add:
        requests.listen(again.coach, lambda _, report: add(next(numbers), report), lambda *_: None)
        for chunk in pose_file.read_chunks(history.folder(session)):
            again.feed(chunk)
        again.end()
    write_tables(folder, again.coach.summary())
    write_session(folder, history.find(session), again.derived.moments_s)
