"""A person is forgotten: sessions, pictures, best stance and the runner's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.store.history import History
from app.store.keepsakes import Keepsakes
from app.store.people import RunnerStore

if TYPE_CHECKING:
    from pathlib import Path

    from app.store.people import RunnerRecord


def sessions_of(data_folder: Path, name: str) -> list[str]:
    """Return the ids of a runner's recorded sessions. Raises HistoryError."""
    with History(data_folder) as history:
        return [row.id for row in history.sessions(person=name)]


def forget(data_folder: Path, name: str) -> RunnerRecord:
    """Delete a runner with everything kept of him; return what he was.

    His own file goes last: whatever goes wrong, it can be done again.

    Raises:
        WorldError: there is no such runner, one of his sessions is being recorded, or something cannot be deleted.

    """
    store = RunnerStore(data_folder)
    store.get(name)
    with History(data_folder) as history:
        for row in history.sessions(person=name):
            history.delete(row.id)
    Keepsakes(data_folder).forget(name)
    return store.delete(name)
