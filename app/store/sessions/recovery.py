"""Sessions that nobody closed: taken up again at the next start, and closed by judging what was kept."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.coach.errors import WorldError
from app.coach.rules import RulesError, default_rules
from app.store.sessions import note, pose_file, recipe, recording, schema, start, tables, video_track
from app.store.sessions.chunks import Chunk, KeptEvent
from app.store.sessions.errors import DamagedError, HistoryError
from app.store.sessions.pose_file import PoseWriter
from app.store.sessions.replay import Replay, replayed

logger = logging.getLogger(__name__)

#: A folder without a row that is younger may be of somebody who is just beginning.
SETTLED_S = 2.0
DELETED = ".deleted-"
#: What an import unpacks into; one of this age was left by somebody who was killed.
STAGING, LEFT_BEHIND_S = ".import-", 3600.0


class Recovery:
    """Brings the history and the sessions' folders together.

    Args:
        data_folder: of the app. connection: of its history.
    """

    def __init__(self, data_folder: Path, connection: sqlite3.Connection) -> None:
        self._folder = data_folder / recording.FOLDER
        self._database = data_folder / recording.DATABASE
        self._connection = connection

    def steps(self, said: list[str]) -> Iterator[str]:
        """Recover one session after the other; yield the id of each before it is judged, which may take a while.

        ``said`` gets a line for each that was recovered, or that could not be.
        """
        self._finish_deletions()
        forget_imports(self._folder)
        self._take_up_folders(said)
        self._take_up_notes()
        with schema.telling(self._database):
            waiting = tables.rows(self._connection, "state = ?", (tables.OPEN,))
        for row in reversed(waiting):
            yield row.id
            try:
                line = self._recover(row)
            except DamagedError as error:
                line = f"The session of {_when(row.started_at)} could not be recovered: {error}"
                self._give_up(row, str(error))
            except WorldError as error:
                line = f"The session of {_when(row.started_at)} could not be recovered: {error}"
            except Exception:  # one session that cannot be judged must not keep the app from starting
                logger.exception("recovering %s", row.id)
                line = f"The session of {_when(row.started_at)} could not be recovered; the log says why."
            if line:
                said.append(line)

    def _finish_deletions(self) -> None:
        """End what a deletion that was cut off has begun."""
        for left in self._folder.glob(f"{DELETED}*"):
            with schema.telling(self._database), schema.transaction(self._connection):
                self._connection.execute("DELETE FROM sessions WHERE id = ?", (left.name.removeprefix(DELETED),))
            shutil.rmtree(left, ignore_errors=True)

    def _take_up_folders(self, said: list[str]) -> None:
        """Give every session that has a folder and no row its row: the database may be a new one."""
        for folder in sorted(self._folder.glob("[!.]*")):
            with schema.telling(self._database):
                known = tables.key_of(self._connection, folder.name) is not None
            try:
                if known or not _settled(folder) or pose_file.is_written(folder):
                    continue
                values = start.row_values(pose_file.read_head(folder)) | {"id": folder.name}
            except HistoryError as error:
                if _is_empty(folder):
                    shutil.rmtree(folder, ignore_errors=True)  # killed before its first byte
                else:
                    said.append(f"The session {folder.name} cannot be read: {error}")
                continue
            with schema.telling(self._database), schema.transaction(self._connection):
                tables.insert(self._connection, values)

    def _take_up_notes(self) -> None:
        """Mend notes of which the folder and the database hold different words: the folder's were written last."""
        with schema.telling(self._database):
            kept = dict(self._connection.execute("SELECT id, note FROM sessions"))
        for session, known in kept.items():
            folder = self._folder / session
            try:
                if note.read(folder) != known and folder.is_dir():
                    self._take_up_note(session, folder)
            except WorldError as error:
                logger.warning("a note: %s", error)

    def _take_up_note(self, session: str, folder: Path) -> None:
        """Mend one note. Raises WorldError."""
        with schema.telling(self._database), schema.transaction(self._connection):
            # Both anew: somebody may be writing just this note, and does it in a transaction, too.
            known, text = tables.column(self._connection, session, "note"), note.read(folder)
            if text and text != known:
                self._connection.execute("UPDATE sessions SET note = ? WHERE id = ?", (text, session))
            elif known and not text:
                note.write(folder, known)

    def _recover(self, row: tables.SessionRow) -> str:
        """Close one session; return a line that says so, "" where it is none of ours. Raises WorldError."""
        folder = self._folder / row.id
        if not folder.exists():
            raise DamagedError("its landmarks were moved or deleted.")
        writer = PoseWriter.reopen(folder)
        if writer is None:
            return ""
        try:
            with schema.telling(self._database):
                state = tables.column(self._connection, row.id, "state")
            # Not open any more: another instance was quicker.
            return self._close(row, folder, writer) if state == tables.OPEN else ""
        except DamagedError as error:
            if writer.aside is None:
                raise
            raise DamagedError(f"{error} They are kept as {writer.aside.name}.") from error
        finally:
            writer.close()

    def _close(self, row: tables.SessionRow, folder: Path, writer: PoseWriter) -> str:
        """Judge what was kept of a session and write what it came to. Raises WorldError."""
        _finish_video(folder)
        head = pose_file.read_head(folder)
        replay, notice = _rejudge(head, folder)
        if not replay.derived.frames:
            if writer.aside is not None:
                raise DamagedError("its landmarks are damaged.")
            self._remove(row.id, folder)
            return ""
        if not replay.finished:
            # As the live coach would have been told; later replays then are of the same.
            end = Chunk([], [KeptEvent(replay.derived.frames, replay.derived.last_s, "request", "finish", [])])
            writer.append(end)
            replay.feed(end)
            replay.end()
        if writer.aside is not None:
            notice = f"its landmarks are damaged after this; all of them are kept as {writer.aside.name}"
        key = tables.key_of(self._connection, row.id)
        assert key is not None
        begin = start.start_of(head, recipe.from_json(head["recipe"], default_rules()))
        recording.write_end(
            self._connection,
            self._database,
            key,
            replay.derived,
            replay.coach.summary(),
            begin.facts(replay.tracking),
            replay.coach.standing,
            tables.RECOVERED,
            notice,
        )
        minutes, seconds = divmod(round(replay.derived.duration_s), 60)
        kept = f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
        if writer.aside is not None:
            return (
                f"The session of {_when(row.started_at)} had been cut off and damaged; {kept} of it were recovered, "
                f"and its landmarks are kept as {writer.aside.name}."
            )
        return f"The session of {_when(row.started_at)} had been cut off; {kept} of it were recovered."

    def _give_up(self, row: tables.SessionRow, why: str) -> None:
        """Close a session with what the database has of it; it is not tried again."""
        with schema.telling(self._database), schema.transaction(self._connection):
            self._connection.execute(
                "UPDATE sessions SET state = ?, notice = ? WHERE id = ?", (tables.RECOVERED, why, row.id)
            )

    def _remove(self, session: str, folder: Path) -> None:
        """Forget a session in which nothing had happened yet."""
        with schema.telling(self._database), schema.transaction(self._connection):
            self._connection.execute("DELETE FROM sessions WHERE id = ?", (session,))
        shutil.rmtree(folder, ignore_errors=True)


def forget_imports(folder: Path) -> None:
    """Remove from the folder of sessions what an import that was killed has left."""
    for left in folder.glob(f"{STAGING}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND_S:
                shutil.rmtree(left, ignore_errors=True)


def _rejudge(head: dict[str, object], folder: Path) -> tuple[Replay, str]:
    """Return the session judged by its own rules, or by the app's where this app cannot use them; and a notice."""
    kept = head["recipe"]
    assert isinstance(kept, dict)
    notice = ""
    try:
        made = recipe.from_json(kept)
    except RulesError:
        made = replace(recipe.from_json(kept, default_rules()), rules=None)
        notice = "judged by the app's rules of now: those it was begun with cannot be used any more"
    return replayed(made, pose_file.read_chunks(folder)), notice


def _finish_video(folder: Path) -> None:
    """Give a video that was cut off its index; where that cannot be, it stays as it is."""
    try:
        video_track.finish(folder)
    except HistoryError as error:
        logger.warning("the video of %s: %s", folder.name, error)


def _is_empty(folder: Path) -> bool:
    """Return whether there is nothing in a session's folder but perhaps a pose file without a byte."""
    found = list(folder.iterdir()) if folder.is_dir() else [folder]  # a file that somebody put there stays
    return all(file.name == pose_file.NAME and not file.stat().st_size for file in found)


def _settled(folder: Path) -> bool:
    path = folder / pose_file.NAME
    changed_s = (path if path.exists() else folder).stat().st_mtime
    return time.time() - changed_s > SETTLED_S


def _when(started_at: str) -> str:
    return started_at[:16].replace("T", " ")
