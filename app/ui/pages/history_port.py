"""What the page of earlier sessions needs of the store, and the store behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.store.history import History

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.store.history import SessionDetails
    from app.store.sessions.derived import FaultSpell, ToldCue
    from app.store.sessions.tables import JudgedStep, SessionRow


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Everything that is shown of one session.

    Attributes:
        details: row, standing, summary. steps: in order. cues, faults: over time.

    """

    details: SessionDetails
    steps: Sequence[JudgedStep]
    cues: Sequence[ToldCue]
    faults: Sequence[FaultSpell]

    @property
    def row(self) -> SessionRow:
        """What the list shows."""
        return self.details.row

    @property
    def summary(self) -> dict[str, Any]:
        """The contract's analysis JSON, {} while the session is open."""
        return self.details.summary or {}


class HistoryPort(Protocol):
    """The kept sessions. Called by one worker thread of the page, never by the window's.

    Every method raises `WorldError` with one line to show.
    """

    def rows(self) -> Sequence[SessionRow]:
        """Return all sessions, newest first."""

    def story(self, session: str) -> Story:
        """Return one session by its id."""

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
        return Story(history.get(session), history.steps(session), history.cues(session), history.faults(session))

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
