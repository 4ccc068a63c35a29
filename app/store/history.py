"""The history of sessions: what was kept of each, judged again, recovered after a crash, deleted for good.

A folder for each session under ``sessions`` in the data folder holds its poses and all that its coach was made of; that
is the truth. ``history.db`` holds what is made from it: totals, steps, cues, faults. Were the database lost, the
sessions would be read in again from their folders. All files are readable by their owner alone.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.coach.rules import Rules
from app.coach.standing import StandingReference
from app.coach.summary import CoachSummary
from app.coach.types import BodyPose, RunnerProfile
from app.store import paths
from app.store.analysis_json import analysis_json
from app.store.session_facts import SessionFacts
from app.store.sessions import derived, note, pose_file, recipe, recording, schema, start, tables
from app.store.sessions.chunks import KeptEvent
from app.store.sessions.derived import FaultSpell, ToldCue
from app.store.sessions.errors import DamagedError, HistoryError
from app.store.sessions.pose_file import telling
from app.store.sessions.recipe import Recipe
from app.store.sessions.recovery import DELETED, Recovery
from app.store.sessions.replay import Replay, replayed
from app.store.sessions.tables import JudgedStep, SessionRow, ShortStep
from app.store.sessions.video_track import KeptVideo, kept_video, video_bytes

logger = logging.getLogger(__name__)

LAST = "last"


@dataclass(frozen=True, slots=True, eq=False)
class SessionDetails:
    """Everything the database knows of one session but its lists.

    Attributes:
        row: what the list of sessions shows. profile: of the runner then.
        standing: the reference at the end (while it is open: at the beginning), None without one.
        settings: whatever else was kept. summary: the contract's analysis JSON, None while it is open.
        facts: what the summary was written with, None while it is open.
    """

    row: SessionRow
    profile: RunnerProfile
    standing: StandingReference | None
    settings: dict[str, Any]
    summary: dict[str, Any] | None
    facts: SessionFacts | None


class History:
    """The sessions in one data folder; of one thread at a time, whichever. Close it, or use it in ``with``.

    Args:
        data_folder: of the app; None: `paths.data_folder`.

    Raises:
        HistoryError: it cannot be read or written, or is a newer app's.
    """

    def __init__(self, data_folder: Path | None = None) -> None:
        self.data_folder = data_folder if data_folder is not None else paths.data_folder()
        #: Lines on what was found damaged and set aside; whoever opens it shows them.
        self.notices: list[str] = []
        self._database = self.data_folder / recording.DATABASE
        self._connection = recording.open_database(self.data_folder, self.notices, datetime.now())

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------ what there is

    def sessions(
        self, person: str | None = None, mode: str | None = None, noted: str | None = None
    ) -> list[SessionRow]:
        """Return the sessions, newest first.

        Args:
            person: only those of this runner.
            mode: only "run", "stance" or "drill".
            noted: only those whose note holds these words, in capitals or not.
        """
        where, values = ["1"], []
        if person is not None:
            where.append("person_key = ?")
            values.append(tables.person_key(person))
        if mode is not None:
            where.append("mode = ?")
            values.append(mode)
        with schema.reading(self._database):
            found = self._with_videos(tables.rows(self._connection, " AND ".join(where), tuple(values)))
        # SQLite knows the capitals of plain letters only.
        return found if noted is None else [row for row in found if tables.holds(row.note, noted)]

    def people(self) -> list[str]:
        """Return the names of all who have sessions, the one of the newest session first; "" nobody known."""
        names: dict[str, str] = {}
        for row in self.sessions():
            names.setdefault(tables.person_key(row.person), row.person)
        return list(names.values())

    def rename(self, person: str, to: str) -> None:
        """Give a person's sessions another name. Raises HistoryError.

        The head of each pose file keeps the name of its time: it comes back only where the database is made anew.
        """
        with schema.telling(self._database), schema.transaction(self._connection):
            self._connection.execute(
                "UPDATE sessions SET person = ?, person_key = ? WHERE person_key = ?",
                (" ".join(to.split()), tables.person_key(to), tables.person_key(person)),
            )

    def find(self, session: str) -> SessionRow:
        """Return the session of an id, of the beginning of one, or the newest for "last".

        Raises HistoryError: there is none, or there are several.
        """
        if not session:
            raise HistoryError("No session is named: see 'hingecoach sessions list', or write last.")
        if session != LAST:
            with schema.reading(self._database):
                named = self._with_videos(tables.rows(self._connection, "id = ?", (session,)))
            if named:
                return named[0]
        rows = self.sessions()
        found = rows[:1] if session == LAST else [row for row in rows if row.id.startswith(session)]
        if len(found) == 1:
            return found[0]
        if not rows:
            raise HistoryError("There is no session yet: record one with 'hingecoach live'.")
        if not found:
            raise HistoryError(f"There is no session {session}: see 'hingecoach sessions list'.")
        raise HistoryError(f"{len(found)} sessions begin with {session}, {found[-1].id} the oldest: write more of it.")

    def get(self, session: str, brief: bool = False) -> SessionDetails:
        """Return one session (see `find`).

        Args:
            session: its id, the beginning of one, or "last".
            brief: leave steps and contacts out of the summary, which holds up whoever else runs by tens of ms
                after an hour.

        Raises:
            HistoryError: there is none, or it cannot be read.
        """
        row = self.find(session)
        with schema.reading(self._database):
            facts, standing, profile, settings = (
                tables.column(self._connection, row.id, name) for name in ("facts", "standing", "profile", "settings")
            )
            packed = tables.column(self._connection, row.id, "brief") if brief else None
            packed = packed or tables.column(self._connection, row.id, "summary")
            summary = None if packed is None else tables.unpack_document(packed)
            return SessionDetails(
                row=row,
                profile=recipe.profile_of(json.loads(profile)),
                standing=None if standing is None else recipe.standing_of(json.loads(standing)),
                settings=dict(json.loads(settings)),
                summary=tables.brief(summary) if brief and summary is not None else summary,
                facts=None if facts is None else start.facts_of(json.loads(facts)),
            )

    def steps(self, session: str) -> list[JudgedStep]:
        """Return the running steps of a session, in order. Raises HistoryError."""
        key = self._key(session)
        with schema.reading(self._database):
            return list(tables.steps(self._connection, key))

    def short_steps(self, session: str) -> list[ShortStep]:
        """Return what `trends.digest` needs of the steps of a session, in order. Raises HistoryError."""
        key = self._key(session)
        with schema.reading(self._database):
            return tables.short_steps(self._connection, key)

    def cues(self, session: str) -> list[ToldCue]:
        """Return what was said in a session, with its evidence. Raises HistoryError."""
        key = self._key(session)
        with schema.reading(self._database):
            return tables.cues(self._connection, key)

    def faults(self, session: str) -> list[FaultSpell]:
        """Return when which fault was on. Raises HistoryError."""
        key = self._key(session)
        with schema.reading(self._database):
            return tables.faults(self._connection, key)

    def marks(self, session: str) -> list[KeptEvent]:
        """Return what was asked of the coach, and the user's marks. Raises HistoryError."""
        key = self._key(session)
        with schema.reading(self._database):
            return tables.marks(self._connection, key)

    def moments_s(self, session: str) -> tuple[float, ...]:
        """Return the times of the moments that somebody marked in a session, in order. Raises HistoryError."""
        return derived.moments_s(self.marks(session))

    def write_note(self, session: str, text: str) -> SessionRow:
        """Write the note of a session in place of the one it had, "" for none; return the row it has then.

        It may be recorded meanwhile. Raises HistoryError, OutputError; the old note is then still there.
        """
        row, tidy = self.find(session), note.tidy(text)
        with schema.telling(self._database), schema.transaction(self._connection):
            self._connection.execute("UPDATE sessions SET note = ? WHERE id = ?", (tidy, row.id))
            # Last: where the file cannot be written nothing has changed. `recover` mends a file without its copy.
            folder = self.data_folder / recording.FOLDER / row.id
            if folder.is_dir():  # a session that lost its landmarks has its row alone
                note.write(folder, tidy)
        return replace(row, note=tidy)

    def folder(self, session: str) -> Path:
        """Return the folder of a session's files. Raises HistoryError."""
        return self.data_folder / recording.FOLDER / self.find(session).id

    def video(self, session: str) -> KeptVideo | None:
        """Return the video that was kept of a session, None where none was. Raises HistoryError."""
        return kept_video(self.folder(session))

    def _with_videos(self, rows: list[SessionRow]) -> list[SessionRow]:
        """Return rows that know how long their videos are; these are not looked into."""
        sizes = [video_bytes(self.data_folder / recording.FOLDER / row.id) for row in rows]
        return [replace(row, video_bytes=size) if size else row for row, size in zip(rows, sizes, strict=True)]

    def frames(self, session: str) -> Iterator[BodyPose]:
        """Yield the poses of a session exactly as its coach judged them. Raises HistoryError."""
        for chunk in pose_file.read_chunks(self.folder(session)):
            yield from chunk.poses

    def first_s(self, session: str) -> float:
        """Return the time of the first frame of a session; of the first that its rows tell of where it is lost.

        Raises HistoryError.
        """
        try:
            for pose in self.frames(session):
                return pose.t_s
        except HistoryError as error:
            logger.info("no first frame of %s: %s", session, error)
        known_s = [s.t_s for s in self.short_steps(session)[:1]] + [cue.t_s for cue in self.cues(session)[:1]]
        return min((*known_s, *self.moments_s(session)), default=0.0)

    # ------------------------------------------------------------------ judged again

    def recipe(self, session: str, rules: Rules | None = None) -> Recipe:
        """Return what the coach of a session was made of; ``rules`` in place of its own. Raises HistoryError."""
        folder = self.folder(session)
        head = pose_file.read_head(folder)
        if not isinstance(head.get("recipe"), dict):
            raise DamagedError(f"The session {folder.name} does not say what its coach was made of.")
        return recipe.from_json(head["recipe"], rules)

    def replay(self, session: str, rules: Rules | None = None) -> CoachSummary:
        """Return what a session comes to when its poses are judged again, with the same requests at the same frames.

        Args:
            session: see `find`.
            rules: to judge by; None: those of then, which gives what was found then, to the last bit.

        Raises:
            HistoryError: it cannot be read in full. RulesError: its rules cannot be used by this app.
        """
        return self._replay(session, rules).coach.summary()

    def document(self, session: str, rules: Rules | None = None) -> dict[str, Any]:
        """Return the contract's analysis JSON of a session that is judged again (see `replay`)."""
        replay = self._replay(session, rules)
        facts = self.get(session).facts
        if facts is None:
            head = pose_file.read_head(self.folder(session))
            facts = start.start_of(head, self.recipe(session, rules)).facts(replay.tracking)
        return analysis_json(replay.coach.summary(), facts)

    def _replay(self, session: str, rules: Rules | None) -> Replay:
        row = self.find(session)
        replay = replayed(self.recipe(row.id, rules), pose_file.read_chunks(self.folder(row.id)))
        frames = replay.derived.frames
        if frames < row.frames:
            raise DamagedError(f"Of the session {row.id} only {frames} of {row.frames} frames can be read.")
        return replay

    # ------------------------------------------------------------------ recovered, deleted

    def recover(self, progress: Callable[[str], None] = lambda _: None) -> list[str]:
        """Close sessions that were cut off, by judging what was kept of them; return a line for each.

        Those that another instance is recording are left alone. An hour of frames takes about a minute: call it in a
        thread of its own, with a `History` of its own; ``progress`` is told the id of each before it begins.

        Raises HistoryError: the history cannot be read or written.
        """
        said: list[str] = []
        for session in Recovery(self.data_folder, self._connection).steps(said):
            progress(session)
        return said

    def delete(self, session: str) -> SessionRow:
        """Delete a session for good: rows, poses, pictures, all; return what it was.

        Raises HistoryError: there is none, it is being recorded, or it cannot be deleted.
        """
        row = self.find(session)
        folder = self.data_folder / recording.FOLDER / row.id
        gone = folder.with_name(f"{DELETED}{row.id}")
        if folder.exists():
            if row.state == tables.OPEN and pose_file.is_written(folder):
                if pose_file.is_own(folder):
                    raise HistoryError(f"The session {row.id} is being recorded in this very window: stop it first.")
                raise HistoryError(f"The session {row.id} is being recorded by another Hinge Coach: stop it there.")
            with telling(folder):
                folder.rename(gone)  # from here on the deletion goes on by itself, should it be cut off
        with schema.telling(self._database):
            with schema.transaction(self._connection):
                self._connection.execute("DELETE FROM sessions WHERE id = ?", (row.id,))
            # Freed pages are zeros already (secure_delete); the log still holds them as they were.
            busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if gone.exists():
            with telling(gone):
                shutil.rmtree(gone)
        if busy:
            self.notices.append("Another Hinge Coach is open: traces of the session go when it is closed.")
        for aside in sorted(self.data_folder.glob(schema.ASIDE)):
            self.notices.append(
                f"The damaged {aside.name} may still hold traces of the session: delete that file, too."
            )
        return row

    def _key(self, session: str) -> int:
        row = self.find(session)
        with schema.telling(self._database):
            key = tables.key_of(self._connection, row.id)
        if key is None:
            raise HistoryError(f"The session {row.id} was deleted by another Hinge Coach.")
        return key
