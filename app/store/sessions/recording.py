"""One session on its way to the disk: its pose file, which is the truth, and its rows, which are made from it."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from app.coach.report import GOOD
from app.coach.standing import StandingReference
from app.coach.summary import CoachSummary
from app.store.analysis_json import analysis_json
from app.store.atomic import OWNER_FOLDER
from app.store.session_facts import SessionFacts
from app.store.sessions import note, schema, start, tables
from app.store.sessions.chunks import Chunk
from app.store.sessions.derived import Derived, judged_steps
from app.store.sessions.errors import DamagedError
from app.store.sessions.pose_file import PoseWriter, telling
from app.store.sessions.recipe import standing_json
from app.store.sessions.start import SessionStart

DATABASE, FOLDER = "history.db", "sessions"
#: While a session runs nobody waits for another instance's write: poses come first, the rows follow a little later.
LIVE_BUSY_MS = 100


def open_database(data_folder: Path, notices: list[str], now: datetime) -> sqlite3.Connection:
    """Return a connection to the history; a damaged one is set aside and a new one begun, with a notice.

    Raises NewerError, HistoryError.
    """
    path = data_folder / DATABASE
    try:
        return schema.connect(path)
    except DamagedError as error:
        aside = schema.set_aside(path, now)
        notices.append(f"{error} It is kept as {aside.name}; its sessions are read in again from their own files.")
    return schema.connect(path)


class Recording:
    """A session that is being written; of one thread at a time, whichever.

    Attributes:
        id: of the session. notices: lines on what was found when it began. opened: whether there is anything of it yet.

    Args:
        data_folder: of the app. begin: what is known of the session. now: when it begins.
        at_once: False: nothing is on the disk before `open`, which may take seconds.
    """

    def __init__(self, data_folder: Path, begin: SessionStart, now: datetime, at_once: bool = True) -> None:
        self.notices: list[str] = []
        self._data_folder, self._begin, self._now = data_folder, begin, now
        self._database = data_folder / DATABASE
        self.id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        self.folder = data_folder / FOLDER / self.id
        self._written = _Written()
        self.opened = False
        if at_once:
            self.open()

    def open(self) -> None:
        """Begin the file and the row. Raises HistoryError; then there is nothing of the session."""
        now = self._now
        self._connection = open_database(self._data_folder, self.notices, now)
        head = self._begin.head(self.id, now.astimezone().isoformat(timespec="seconds"))
        try:
            with telling(self.folder):
                self.folder.parent.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
            self._poses = PoseWriter.create(self.folder, head)
        except BaseException:
            self._connection.close()
            raise
        self.opened = True
        try:
            with schema.telling(self._database), schema.transaction(self._connection):
                self._key = tables.insert(self._connection, start.row_values(head))
            self._connection.execute(f"PRAGMA busy_timeout = {LIVE_BUSY_MS}")
        except BaseException:
            self.discard()
            raise

    def note(self) -> str:
        """Return what somebody has written about it so far. Raises HistoryError."""
        return note.read(self.folder)

    def append(self, chunk: Chunk) -> None:
        """Write a chunk of poses. Raises HistoryError; the file then is as it was before."""
        self._poses.append(chunk)

    def sync(self) -> None:
        """Have the disk keep what was written. Raises HistoryError."""
        self._poses.sync()

    def write_rows(self, derived: Derived) -> None:
        """Write what is new in ``derived``. Raises HistoryError; nothing of it is written then, call again later."""
        with schema.telling(self._database), schema.transaction(self._connection):
            written = self._written.after(self._connection, self._key, derived)
        self._written = written

    def finish(
        self,
        derived: Derived,
        summary: CoachSummary,
        facts: SessionFacts,
        standing: StandingReference | None,
        state: str = tables.CLOSED,
        notice: str = "",
    ) -> dict[str, Any]:
        """Write what the session came to, and close everything; return the contract's document. Raises HistoryError."""
        try:
            self.sync()
            self._connection.execute(f"PRAGMA busy_timeout = {schema.BUSY_MS}")
            return write_end(
                self._connection, self._database, self._key, derived, summary, facts, standing, state, notice
            )
        finally:
            self.close()

    def close(self) -> None:
        """Close everything; what was not finished is recovered at the next start. Idempotent."""
        if not self.opened:
            return
        self._poses.close()
        with suppress(sqlite3.Error):
            self._connection.close()

    def discard(self) -> None:
        """Leave nothing of the session, unless it was closed. Raises HistoryError."""
        if not self.opened:
            return
        self._poses.close()
        with schema.telling(self._database), schema.transaction(self._connection):
            self._connection.execute("DELETE FROM sessions WHERE id = ?", (self.id,))
        self.close()
        with telling(self.folder):
            shutil.rmtree(self.folder)


class _Written:
    """How much of what is derived has its rows."""

    def __init__(self, steps: int = 0, cues: int = 0, faults: int = 0, marks: int = 0) -> None:
        self.steps, self.cues, self.faults, self.marks = steps, cues, faults, marks

    def after(self, connection: sqlite3.Connection, key: int, derived: Derived) -> _Written:
        """Write what is new; return how much there is then."""
        steps, cues, faults, marks = (derived.steps, derived.cues, derived.faults, derived.marks)
        tables.add_steps(connection, key, self.steps + 1, steps[self.steps :])
        tables.add_cues(connection, key, self.cues + 1, cues[self.cues :])
        tables.add_faults(connection, key, self.faults + 1, faults[self.faults :])
        tables.add_marks(connection, key, self.marks + 1, marks[self.marks :])
        tables.update(connection, key, _totals(derived))
        return _Written(len(steps), len(cues), len(faults), len(marks))


def write_end(
    connection: sqlite3.Connection,
    database: Path,
    key: int,
    derived: Derived,
    summary: CoachSummary,
    facts: SessionFacts,
    standing: StandingReference | None,
    state: str,
    notice: str = "",
) -> dict[str, Any]:
    """Write all rows of a session that is over, in one transaction; return the contract's document."""
    document = analysis_json(summary, facts)
    steps = judged_steps(summary, derived.verdicts)
    verdict = summary.stance_verdict if document["mode"] == "stance" else summary.verdict
    if document["mode"] == "stance" and derived.passed_exam:
        verdict = GOOD  # the coach has judged what the exam had shown wrong on purpose, too
    ended: Mapping[str, Any] = {
        **_totals(derived),
        "mode": summary.mode.value,
        "duration_s": summary.duration_s,
        "running_s": summary.running_s,
        "steps": len(steps),
        "verdict": verdict,
        "state": state,
        "notice": notice,
        "facts": tables.to_text(start.facts_json(facts)),
        "summary": tables.pack_document(document),
        "brief": tables.pack_document(tables.brief(document)),
        "standing": None if standing is None else tables.to_text(standing_json(standing)),
    }
    with schema.telling(database), schema.transaction(connection):
        tables.forget_derived(connection, key)
        _Written().after(connection, key, derived)
        # Of two steps that end in one frame only one is told of; the summary has both.
        tables.forget_steps(connection, key)
        tables.add_steps(connection, key, 1, steps)
        tables.update(connection, key, ended)
    return document


def _totals(derived: Derived) -> dict[str, Any]:
    return {
        "frames": derived.frames,
        "duration_s": derived.duration_s,
        "running_s": derived.running_s,
        "steps": len(derived.steps),
        "cues": len(derived.cues),
    }
