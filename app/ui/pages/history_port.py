"""What the page of earlier sessions needs of the store, and the store behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.store.history import History
from app.store.trends import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.store.history import SessionDetails
    from app.store.sessions.derived import FaultSpell, ToldCue
    from app.store.sessions.tables import SessionRow
    from app.store.trends import Digest


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Everything that is shown of one session.

    Attributes:
        details: row, standing, summary. digest: its few numbers. cues, faults: over time.
        first_s: time of its first frame. marks_s: the moments that somebody marked.

    """

    details: SessionDetails
    digest: Digest
    cues: Sequence[ToldCue]
    faults: Sequence[FaultSpell]
    first_s: float = 0.0
    marks_s: Sequence[float] = ()

    @property
    def row(self) -> SessionRow:
        """What the list shows."""
        return self.details.row

    @property
    def summary(self) -> dict[str, Any]:
        """The contract's analysis JSON without steps and contacts, {} while the session is open."""
        return self.details.summary or {}

    @property
    def height_cm(self) -> float:
        """The runner's stature then, NaN unknown."""
        return self.details.profile.height_cm or math.nan


class HistoryPort(Protocol):
    """The kept sessions. Called by one worker thread of the page, never by the window's.

    Every method raises `WorldError` with one line to show.
    """

    def rows(self) -> Sequence[SessionRow]:
        """Return all sessions, newest first."""

    def story(self, session: str) -> Story:
        """Return one session by its id."""

    def digest(self, session: str) -> Digest:
        """Return the few numbers of one session."""

    def row(self, session: str) -> SessionRow:
        """Return what the list shows of one session."""

    def write_note(self, session: str, text: str) -> SessionRow:
        """Write the note of one session; return its row then."""

    def delete(self, session: str) -> Sequence[str]:
        """Delete one for good; return lines that are to be told."""

    def close(self) -> None:
        """Let go of the files; the next call opens them again."""


class StoredHistory:
    """The sessions in a data folder: open only while the page is looked at."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder
        self._history: History | None = None

    def _open(self) -> History:
        if self._history is None:
            self._history = History(self._folder)
        return self._history

    def rows(self) -> Sequence[SessionRow]:
        """Return all sessions, newest first."""
        return self._open().sessions()

    def story(self, session: str) -> Story:
        """Return one session."""
        history = self._open()
        steps, cues, faults = history.short_steps(session), history.cues(session), history.faults(session)
        details = history.get(session, brief=True)
        found = digest(details.row, details.summary or {}, steps)
        return Story(details, found, cues, faults, history.first_s(session), history.moments_s(session))

    def digest(self, session: str) -> Digest:
        """Return the few numbers of one session."""
        history = self._open()
        details = history.get(session, brief=True)
        return digest(details.row, details.summary or {}, history.short_steps(session))

    def row(self, session: str) -> SessionRow:
        """Return what the list shows of one session."""
        return self._open().find(session)

    def write_note(self, session: str, text: str) -> SessionRow:
        """Write the note of one session."""
        return self._open().write_note(session, text)

    def delete(self, session: str) -> Sequence[str]:
        """Delete one for good."""
        history = self._open()
        before = len(history.notices)
        history.delete(session)
        return history.notices[before:]

    def close(self) -> None:
        """Close the database."""
        if self._history is not None:
            self._history.close()
            self._history = None
